//! Events that Lambda delivers, through the whole edge of a function to the report.

use std::time::{Duration, SystemTime};

use aws_stub::{Answer, Endpoint};
use catalog::RULES;
use config_lambda::{Function, Payload, Settings};
use serde_json::Value;

/// A rule that decides by the item alone, so that whatever is asked is the edge's own question.
const RULE: &str = "lambda-small-single-purpose";

/// The words that alarms match on.
///
/// Source: the documentation of `config_lambda`.
const ERROR_TYPES: [&str; 4] =
    ["InvalidParameters", "UnexpectedConfigurationItem", "EvidenceUnavailable", "ReportRejected"];

/// An event is answered, or refused with one of the documented words; whatever is reported is a batch that AWS takes.
pub fn run(input: &[u8]) {
    let Ok(payload) = serde_json::from_slice::<Payload>(input) else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("this machine has what a runtime needs").block_on(answer(payload));
}

async fn answer(payload: Payload) {
    // The only question that the edge asks before a rule's own: for the item that was too large for the event.
    let not_found = Answer::Always("ResourceNotDiscoveredException");
    let endpoint = Endpoint::start([("GetResourceConfigHistory", not_found)]).await;
    let settings =
        Settings::from_variables(|name| endpoint.variable(name)).expect("the settings are complete");
    let entry = RULES.iter().find(|entry| entry.meta.name == RULE).expect("the rule is in the catalogue");
    // What is asked in vain is asked again until shortly before the deadline.
    let deadline = SystemTime::now() + Duration::from_secs(3);
    if let Err(diagnostic) = Function::new(entry, settings).answer(payload, deadline).await {
        assert!(ERROR_TYPES.contains(&diagnostic.error_type.as_str()), "{diagnostic:?}");
    }
    for request in endpoint.requests("PutEvaluations") {
        // No evaluation at all is a report, too.
        let count = request.get("Evaluations").and_then(Value::as_array).map_or(0, Vec::len);
        assert!(count <= 100, "{count} evaluations");
    }
}

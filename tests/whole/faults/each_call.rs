//! Every call that any of the nine functions makes, and every way in which it can fail.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use aws_stub::{Answer, Call};
use local_aws_config::LocalAwsConfig;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::case::{CUT, EXPIRED, GARBLED, QUERY, REPORT, RESET, THROTTLED, errors, failing, forever};
use super::stage::{Stage, sample_account};
use crate::events;

/// A rule and an event about which it asks everything that it can ask.
#[derive(Clone, Debug)]
struct Asking {
    rule: &'static str,
    event: Value,
    /// What is not as in the sample account.
    otherwise: Vec<(&'static str, Answer)>,
    /// Whether calls come after the report.
    is_scheduled: bool,
}

/// One case for each way in which a rule gets its evidence.
fn all() -> Vec<Asking> {
    let function = |id: &str| events::change("AWS::Lambda::Function", id);
    let rest_api = "arn:aws:apigateway:eu-west-1::/restapis/c4tb00k5a1";
    let on_change = |rule, event| Asking { rule, event, otherwise: Vec::new(), is_scheduled: false };
    let cases = vec![
        on_change("lambda-small-single-purpose", function("orders-intake")),
        on_change(
            "lambda-small-single-purpose",
            events::oversized("AWS::Lambda::Function", "catalogue-thumbnail"),
        ),
        on_change("stack-per-resource-type", function("orders-intake")),
        on_change("api-type-appropriate", events::change("AWS::ApiGateway::RestApi", rest_api)),
        on_change("lambda-dependencies-audited", function("orders-intake")),
        on_change("lambda-deployed-by-pipeline", function("orders-intake")),
        on_change("lambda-grouped-in-microservice", function("orders-intake")),
        on_change("lambda-monitored", function("orders-intake")),
        on_change("lambda-role-least-privilege", function("orders-intake")),
        Asking {
            otherwise: without_recorded_roles(),
            ..on_change("lambda-role-least-privilege", function("orders-intake"))
        },
        Asking { is_scheduled: true, ..on_change("account-audited", events::scheduled()) },
        Asking { is_scheduled: true, ..on_change("lambda-monitored", events::scheduled()) },
    ];
    let rules: BTreeSet<_> = cases.iter().map(|case| case.rule).collect();
    let catalogue: BTreeSet<_> = catalog::RULES.iter().map(|entry| entry.meta.name).collect();
    assert_eq!(rules, catalogue, "each rule has a case");
    cases
}

/// AWS Config records no IAM here, so that IAM itself is asked.
fn without_recorded_roles() -> Vec<(&'static str, Answer)> {
    let recorders = json!({"ConfigurationRecorders": [{
        "name": "default", "recordingGroup": {"allSupported": true, "includeGlobalResourceTypes": false},
    }]});
    vec![
        ("DescribeConfigurationRecorders", forever(Answer::Ok(recorders))),
        (QUERY, forever(Answer::Ok(json!({"Results": []})))),
    ]
}

/// Every single call is quick enough. All of them together are not, and that must be said before Lambda ends it.
#[tokio::test]
async fn slow_answers_that_together_take_too_long_fail_before_the_deadline() {
    let mut otherwise = without_recorded_roles();
    for operation in ["GetRole", "ListRolePolicies", "GetRolePolicy", "ListAttachedRolePolicies"] {
        otherwise.push((operation, Answer::Late(Duration::from_millis(900))));
    }
    let event = events::change("AWS::Lambda::Function", "orders-intake");
    let timeout = Duration::from_millis(2200);
    let mut stage =
        Stage::set("lambda-role-least-privilege", sample_account().await, timeout, otherwise).await;
    let error = stage.invoke(&event).await.error.unwrap();
    assert_eq!(error.error_type, "EvidenceUnavailable", "{error}");
    assert_eq!(stage.reported(), Vec::<Value>::new());
}

#[tokio::test]
async fn the_cases_ask_everything_that_the_rules_may_ask() {
    let (account, mut asked) = (sample_account().await, BTreeSet::new());
    for case in all() {
        asked.extend(case.run(&account, Vec::new()).await.operations);
    }
    let allowed: BTreeSet<_> = catalog::RULES
        .iter()
        .flat_map(|entry| entry.meta.actions)
        .map(|action| match *action {
            "inspector2:BatchGetAccountStatus" => "/status/batch/get",
            "inspector2:ListCoverage" => "/coverage/list",
            "inspector2:ListFindings" => "/findings/list",
            action => action.split_once(':').map_or(action, |(_, operation)| operation),
        })
        .map(ToOwned::to_owned)
        .collect();
    let not_asked: Vec<_> = allowed.difference(&asked).collect();
    assert!(not_asked.is_empty(), "no case asks for {not_asked:?}");
}

#[tokio::test]
async fn every_call_is_repeated_when_it_is_throttled() {
    every_call_is_repeated_after(&THROTTLED).await;
}

#[tokio::test]
async fn every_call_is_repeated_when_the_service_is_unavailable() {
    every_call_is_repeated_after(&failing(503)).await;
}

#[tokio::test]
async fn every_call_is_repeated_when_the_connection_is_reset() {
    every_call_is_repeated_after(&RESET).await;
}

#[tokio::test]
async fn every_call_is_repeated_when_the_answer_breaks_off() {
    every_call_is_repeated_after(&CUT).await;
}

/// Lets the first call of each operation fail: then everything must come out as if nothing had.
async fn every_call_is_repeated_after(fault: &Answer) {
    let (account, mut cases) = (sample_account().await, JoinSet::new());
    for case in all() {
        let account = Arc::clone(&account);
        let fault = fault.clone();
        cases.spawn(async move {
            let undisturbed = case.run(&account, Vec::new()).await;
            let operations: BTreeSet<_> = undisturbed.operations.iter().cloned().collect();
            let scripted = |operation: &String| !case.otherwise.iter().any(|(other, _)| other == operation);
            let script = operations.iter().filter(|operation| scripted(operation));
            let script: Vec<_> = script.map(|operation| (operation.clone(), fault.clone())).collect();
            let faults = script.len();
            let disturbed = case.run(&account, script).await;
            assert_eq!(disturbed.error, None, "{}: {:?}", case.rule, disturbed.errors);
            assert_eq!(disturbed.errors, Vec::<Value>::new(), "{}", case.rule);
            assert_eq!(disturbed.reported, undisturbed.reported, "{}", case.rule);
            assert_eq!(disturbed.operations.len(), undisturbed.operations.len() + faults, "{}", case.rule);
        });
    }
    cases.join_all().await;
}

#[tokio::test]
async fn no_question_that_the_role_does_not_allow_becomes_a_verdict_or_is_repeated() {
    // IAM has a code of its own.
    no_verdict_without_an_answer("was refused with AccessDenied", true, |operation| {
        let is_iam = operation.starts_with("Get") && operation != "GetResourceConfigHistory"
            || operation.starts_with("ListRole")
            || operation.starts_with("ListAttached");
        Answer::Error(if is_iam { "AccessDenied" } else { "AccessDeniedException" })
    })
    .await;
}

#[tokio::test]
async fn no_question_with_expired_credentials_becomes_a_verdict_or_is_repeated() {
    no_verdict_without_an_answer("was refused with ExpiredToken", true, |_| EXPIRED).await;
}

#[tokio::test]
async fn no_answer_that_cannot_be_read_becomes_a_verdict() {
    no_verdict_without_an_answer("was not answered", false, |_| GARBLED).await;
}

/// Lets one operation fail for good: then nothing may be said of what was asked, and Lambda must be told.
async fn no_verdict_without_an_answer(text: &'static str, is_asked_once: bool, fault: fn(&str) -> Answer) {
    let (account, mut cases) = (sample_account().await, JoinSet::new());
    for case in all() {
        let account = Arc::clone(&account);
        cases.spawn(async move {
            let undisturbed = case.run(&account, Vec::new()).await;
            let operations: BTreeSet<_> = undisturbed.operations.iter().map(String::as_str).collect();
            for operation in operations {
                let is_scripted = case.otherwise.iter().any(|(other, _)| *other == operation);
                if operation == REPORT || is_scripted {
                    continue;
                }
                let disturbed =
                    case.run(&account, vec![(operation.to_owned(), forever(fault(operation)))]).await;
                let what = format!("{} without {operation}: {:?}", case.rule, disturbed);
                let error = disturbed.error.as_ref().unwrap_or_else(|| panic!("{what}"));
                assert!(error.starts_with("EvidenceUnavailable") && error.contains(text), "{what}");
                assert_eq!(disturbed.errors.len(), 1, "{what}");
                if case.is_scheduled && operation == "GetComplianceDetailsByConfigRule" {
                    assert_eq!(disturbed.reported, undisturbed.reported, "{what}");
                } else {
                    assert_eq!(disturbed.reported, Vec::<Value>::new(), "{what}");
                }
                // Several questions may be under way at once; none of them is put twice.
                let mut asked = disturbed.inputs_of(operation);
                let all = asked.len();
                asked.dedup();
                assert!(0 < all && (!is_asked_once || asked.len() == all), "{what}");
            }
        });
    }
    cases.join_all().await;
}

/// What came of a run.
#[derive(Debug)]
struct Run {
    /// What Lambda was told.
    error: Option<String>,
    operations: Vec<String>,
    calls: Vec<Call>,
    reported: Vec<Value>,
    /// What was logged as an error.
    errors: Vec<Value>,
}

impl Run {
    /// What an operation was asked, sorted.
    fn inputs_of(&self, operation: &str) -> Vec<String> {
        let calls = self.calls.iter().filter(|call| call.operation == operation);
        let mut inputs: Vec<_> = calls.map(|call| call.input.to_string()).collect();
        inputs.sort_unstable();
        inputs
    }
}

impl Asking {
    async fn run(&self, account: &Arc<LocalAwsConfig>, script: Vec<(String, Answer)>) -> Run {
        let script = script.iter().map(|(operation, answer)| (operation.as_str(), answer.clone()));
        let script: Vec<_> = script.chain(self.otherwise.iter().cloned()).collect();
        let mut stage = Stage::set(self.rule, Arc::clone(account), Duration::from_mins(1), script).await;
        let error = stage.invoke(&self.event).await.error.map(|error| error.to_string());
        let calls = stage.calls();
        let operations = calls.iter().map(|call| call.operation.clone()).collect();
        let reported = stage.reported();
        let log = stage.log().await;
        let errors = errors(&log.iter().map(|line| (line.stream, line.text.as_str())).collect::<Vec<_>>());
        Run { error, operations, calls, reported, errors }
    }
}

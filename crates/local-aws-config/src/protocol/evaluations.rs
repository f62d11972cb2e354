//! `PutEvaluations` and `StartConfigRulesEvaluation`.

use config_rule::{ACCOUNT_TYPE, Compliance, MAX_ANNOTATION_CHARACTERS, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::ApiError;
use super::validation::{Violations, is_resource_type};
use super::{Call, input};
use crate::results::StoredResult;

/// The most evaluations in one call.
///
/// Source: AWS Config API Reference, `PutEvaluations`.
const MAX_EVALUATIONS: usize = 100;

/// What the service model calls a compliance type; `PutEvaluations` takes all but the last.
const COMPLIANCE_TYPES: [&str; 4] = ["COMPLIANT", "NON_COMPLIANT", "NOT_APPLICABLE", "INSUFFICIENT_DATA"];

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutEvaluations {
    evaluations: Option<Vec<Evaluation>>,
    result_token: Option<String>,
    #[serde(default)]
    test_mode: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Evaluation {
    compliance_resource_type: Option<String>,
    compliance_resource_id: Option<String>,
    compliance_type: Option<String>,
    annotation: Option<String>,
    #[serde(default, deserialize_with = "input::timestamp")]
    ordering_timestamp: Option<Timestamp>,
}

/// An evaluation that keeps every constraint.
struct Accepted {
    resource: (String, String),
    compliance: Compliance,
    annotation: Option<String>,
    ordering_timestamp: Timestamp,
}

/// Stores what a function reports. One bad evaluation fails the whole call, as in AWS.
pub(super) fn put(call: &Call<'_>) -> Result<Value, ApiError> {
    let input: PutEvaluations = input::read(call)?;
    let mut violations = Violations::default();
    if input.result_token.is_none() {
        violations.required("resultToken");
    }
    let evaluations = input.evaluations.as_deref();
    violations.count("evaluations", evaluations.unwrap_or_default().len(), 0, MAX_EVALUATIONS);
    for (index, evaluation) in evaluations.unwrap_or_default().iter().enumerate() {
        check(&mut violations, &format!("evaluations.{}.member", index + 1), evaluation);
    }
    violations.finish()?;
    // The model does not require the list, the service does: an empty one closes an invocation, none is a mistake.
    let Some(evaluations) = input.evaluations else {
        return Err(ApiError::invalid_parameter("The evaluations parameter must not be null."));
    };
    let accepted = evaluations.into_iter().map(accept).collect::<Result<Vec<_>, _>>()?;
    if input.test_mode == Some(true) {
        return Ok(json!({"FailedEvaluations": []}));
    }

    let token_text = input.result_token.unwrap_or_default();
    let mut results = call.state.results();
    let token = results.token(&token_text).cloned();
    // A token is only good in the account and Region of its rule.
    let Some(token) = token.filter(|token| token.key.scope == *call.scope) else {
        return Err(ApiError::new("InvalidResultTokenException", "The specified ResultToken is not valid."));
    };
    if call.rule(&token.key.rule).is_none() {
        return Err(ApiError::no_such_rule(&token.key.rule));
    }
    let recorded_at = Timestamp::now();
    results.activity_mut(&token.key).last_successful_evaluation = Some(recorded_at);
    for evaluation in accepted {
        let result = StoredResult {
            compliance: evaluation.compliance,
            annotation: evaluation.annotation,
            ordering_timestamp: evaluation.ordering_timestamp,
            recorded_at,
            invoked_at: token.invoked_at,
            token: token_text.clone(),
        };
        results.put(&token.key, evaluation.resource, result);
    }
    Ok(json!({"FailedEvaluations": []}))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct StartConfigRulesEvaluation {
    config_rule_names: Option<Vec<String>>,
}

/// Invokes rules again, in the background; a rule that is still at it is in use.
pub(super) fn start(call: &Call<'_>) -> Result<Value, ApiError> {
    let input: StartConfigRulesEvaluation = input::read(call)?;
    let names = input.config_rule_names.unwrap_or_default();
    if names.is_empty() {
        return Err(ApiError::invalid_parameter("Specify 1 to 25 ConfigRuleNames."));
    }
    let mut violations = Violations::default();
    violations.count("configRuleNames", names.len(), 1, 25);
    violations.finish()?;
    let mut keys = Vec::new();
    for name in &names {
        let rule = call.rule(name).ok_or_else(|| call.no_rule_of_ours(name))?;
        let key = call.key(&rule.name);
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    if let Err(rule) = call.runner.claim(&keys) {
        let message =
            format!("The ConfigRule '{rule}' is currently being evaluated. Please wait and try again.");
        return Err(ApiError::new("ResourceInUseException", message));
    }
    call.runner.evaluate_on_demand(keys);
    Ok(json!({}))
}

fn check(violations: &mut Violations, path: &str, evaluation: &Evaluation) {
    let Evaluation { compliance_resource_type, compliance_resource_id, compliance_type, annotation, .. } =
        evaluation;
    let at = |member: &str| format!("{path}.{member}");
    violations.required_text(at("complianceResourceType"), compliance_resource_type.as_deref(), 1, 256);
    violations.required_text(at("complianceResourceId"), compliance_resource_id.as_deref(), 1, 768);
    violations.text(at("annotation"), annotation.as_deref(), 1, MAX_ANNOTATION_CHARACTERS);
    match compliance_type.as_deref() {
        None => violations.required(at("complianceType")),
        word => violations.one_of(at("complianceType"), word, &COMPLIANCE_TYPES),
    }
    if evaluation.ordering_timestamp.is_none() {
        violations.required(at("orderingTimestamp"));
    }
}

/// What the service refuses although the model allows it.
fn accept(evaluation: Evaluation) -> Result<Accepted, ApiError> {
    let resource_type = evaluation.compliance_resource_type.unwrap_or_default();
    if resource_type != ACCOUNT_TYPE && !is_resource_type(&resource_type) {
        return Err(ApiError::invalid_parameter(format!(
            "The resource type {resource_type} is invalid. Only the following values are permitted: \
             [{ACCOUNT_TYPE}, AWS::<service>::<type>]."
        )));
    }
    let compliance = match evaluation.compliance_type.as_deref() {
        Some("COMPLIANT") => Compliance::Compliant,
        Some("NON_COMPLIANT") => Compliance::NonCompliant,
        Some("NOT_APPLICABLE") => Compliance::NotApplicable,
        other => {
            let other = other.unwrap_or_default();
            let message = format!("The compliance type {other} is not accepted from a custom rule.");
            return Err(ApiError::invalid_parameter(message));
        }
    };
    Ok(Accepted {
        resource: (resource_type, evaluation.compliance_resource_id.unwrap_or_default()),
        compliance,
        annotation: evaluation.annotation,
        ordering_timestamp: evaluation
            .ordering_timestamp
            .ok_or_else(|| ApiError::invalid_parameter("The ordering timestamp must not be null."))?,
    })
}

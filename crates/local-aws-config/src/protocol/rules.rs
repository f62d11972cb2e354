//! `DescribeConfigRules` and `DescribeConfigRuleEvaluationStatus`.

use serde_json::{Value, json};

use super::error::ApiError;
use super::input::{self, RuleSelection};
use super::paging::{self, Paging};
use super::validation::Violations;
use super::{Call, seconds};
use crate::deployment::DeployedRule;
use crate::pack::MessageType;

/// How many rules a page holds.
pub(super) const RULES_PER_PAGE: usize = 25;

pub(super) fn describe(call: &Call<'_>) -> Result<Value, ApiError> {
    let input: RuleSelection = input::read(call)?;
    let rules = selected(call, &input.config_rule_names)?;
    let paging = Paging { limit: None, default_limit: RULES_PER_PAGE, token: input.next_token.as_deref() };
    let (page, next_token) = paging::page(call, rules, &paging)?;
    let rules: Vec<_> = page.into_iter().map(|rule| described(call, rule)).collect();
    Ok(with_token(json!({"ConfigRules": rules}), next_token))
}

pub(super) fn evaluation_status(call: &Call<'_>) -> Result<Value, ApiError> {
    let input: RuleSelection = input::read(call)?;
    let mut violations = Violations::default();
    violations.limit("limit", input.limit, 50);
    violations.finish()?;
    let rules = selected(call, &input.config_rule_names)?;
    let paging =
        Paging { limit: input.limit, default_limit: RULES_PER_PAGE, token: input.next_token.as_deref() };
    let (page, next_token) = paging::page(call, rules, &paging)?;
    let statuses: Vec<_> = page.into_iter().map(|rule| status(call, rule)).collect();
    Ok(with_token(json!({"ConfigRulesEvaluationStatus": statuses}), next_token))
}

/// The rules of these names, in their order; all rules if there are none.
pub(super) fn selected<'a>(call: &'a Call<'_>, names: &[String]) -> Result<Vec<&'a DeployedRule>, ApiError> {
    let mut violations = Violations::default();
    violations.count("configRuleSelection", names.len(), 0, 25);
    for (index, name) in names.iter().enumerate() {
        violations.text(format!("configRuleSelection.{}.member", index + 1), Some(name), 1, 128);
    }
    violations.finish()?;
    if names.is_empty() {
        return Ok(call.deployment.rules.iter().collect());
    }
    names.iter().map(|name| call.deployment.rule(name).ok_or_else(|| ApiError::no_such_rule(name))).collect()
}

/// The output with the token of the next page, if there is one.
pub(super) fn with_token(mut output: Value, next_token: Option<String>) -> Value {
    if let Some(token) = next_token {
        output["NextToken"] = json!(token);
    }
    output
}

fn described(call: &Call<'_>, deployed: &DeployedRule) -> Value {
    let rule = &deployed.rule;
    let details: Vec<_> = rule
        .message_types
        .iter()
        .map(|message_type| {
            let mut detail = json!({"EventSource": "aws.config", "MessageType": message_type.as_str()});
            if *message_type == MessageType::ScheduledNotification {
                detail["MaximumExecutionFrequency"] = json!(rule.frequency.as_str());
            }
            detail
        })
        .collect();
    let is_running = 0 < call.state.results().activity(&call.key(&deployed.name)).running;
    let mut described = json!({
        "ConfigRuleName": deployed.name,
        "ConfigRuleArn": deployed.arn,
        "ConfigRuleId": deployed.id,
        "Description": rule.description,
        "Source": {
            "Owner": "CUSTOM_LAMBDA",
            "SourceIdentifier": rule.function_arn,
            "SourceDetails": details,
        },
        "InputParameters": json!(rule.parameters).to_string(),
        "ConfigRuleState": if is_running { "EVALUATING" } else { "ACTIVE" },
        "CreatedBy": "config-conforms.amazonaws.com",
        "EvaluationModes": [{"Mode": "DETECTIVE"}],
    });
    let mut scope = serde_json::Map::new();
    if !rule.resource_types.is_empty() {
        scope.insert("ComplianceResourceTypes".to_owned(), json!(rule.resource_types));
    }
    if let Some(id) = &rule.resource_id {
        scope.insert("ComplianceResourceId".to_owned(), json!(id));
    }
    if let Some((key, value)) = &rule.tag {
        scope.insert("TagKey".to_owned(), json!(key));
        if let Some(value) = value {
            scope.insert("TagValue".to_owned(), json!(value));
        }
    }
    if !scope.is_empty() {
        described["Scope"] = Value::Object(scope);
    }
    described
}

fn status(call: &Call<'_>, deployed: &DeployedRule) -> Value {
    let activity = call.state.results().activity(&call.key(&deployed.name));
    let mut status = json!({
        "ConfigRuleName": deployed.name,
        "ConfigRuleArn": deployed.arn,
        "ConfigRuleId": deployed.id,
        "FirstEvaluationStarted": activity.first_activated.is_some(),
    });
    let times = [
        ("FirstActivatedTime", activity.first_activated),
        ("LastSuccessfulInvocationTime", activity.last_successful_invocation),
        ("LastFailedInvocationTime", activity.last_failed_invocation),
        ("LastSuccessfulEvaluationTime", activity.last_successful_evaluation),
    ];
    for (name, time) in times {
        if let Some(time) = time {
            status[name] = seconds(time);
        }
    }
    if let Some((code, message)) = activity.last_error {
        status["LastErrorCode"] = json!(code);
        status["LastErrorMessage"] = json!(message);
    }
    status
}

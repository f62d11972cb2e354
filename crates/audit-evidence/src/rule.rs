//! Rules, with when they were last evaluated.

use std::collections::HashMap;

use aws_sdk_config::types::{ConfigRule, ConfigRuleEvaluationStatus, Scope, Source};
use config_lambda::{CallError, Session, iso_8601};
use serde_json::{Value, json};

use crate::{CONFIG_RULE, Part};

/// The most statuses per page.
///
/// Source: AWS Config API Reference, `DescribeConfigRuleEvaluationStatus`, `Limit`.
const STATUS_PAGE: i32 = 50;

const OPERATION: &str = "DescribeConfigRules";

pub(crate) async fn all(session: Session<'_>) -> Result<Vec<Part>, CallError> {
    let rules = rules(session).await?;
    let statuses = statuses(session).await?;
    let statuses: HashMap<_, _> = statuses.iter().map(|status| (status.config_rule_name(), status)).collect();
    let part = |rule: ConfigRule| {
        let configuration = configuration(&rule, statuses.get(&rule.config_rule_name()).copied());
        Part {
            resource_type: CONFIG_RULE,
            operation: OPERATION,
            id: rule.config_rule_id,
            name: rule.config_rule_name,
            arn: rule.config_rule_arn,
            configuration,
        }
    };
    Ok(rules.into_iter().map(part).collect())
}

async fn rules(session: Session<'_>) -> Result<Vec<ConfigRule>, CallError> {
    let mut rules = Vec::new();
    let mut next_token = None;
    loop {
        let answer = session
            .config()
            .describe_config_rules()
            .set_next_token(next_token)
            .customize()
            .config_override(session.within_the_deadline())
            .send()
            .await;
        let answer = answer.map_err(|error| CallError::new(OPERATION, &error))?;
        rules.extend(answer.config_rules.unwrap_or_default());
        next_token = answer.next_token;
        if next_token.is_none() {
            return Ok(rules);
        }
    }
}

async fn statuses(session: Session<'_>) -> Result<Vec<ConfigRuleEvaluationStatus>, CallError> {
    let mut statuses = Vec::new();
    let mut next_token = None;
    loop {
        let answer = session
            .config()
            .describe_config_rule_evaluation_status()
            .limit(STATUS_PAGE)
            .set_next_token(next_token)
            .customize()
            .config_override(session.within_the_deadline())
            .send()
            .await
            .map_err(|error| CallError::new("DescribeConfigRuleEvaluationStatus", &error))?;
        statuses.extend(answer.config_rules_evaluation_status.unwrap_or_default());
        next_token = answer.next_token;
        if next_token.is_none() {
            return Ok(statuses);
        }
    }
}

fn configuration(rule: &ConfigRule, status: Option<&ConfigRuleEvaluationStatus>) -> Value {
    let modes = rule.evaluation_modes().iter().filter_map(|configured| configured.mode());
    json!({
        "ConfigRuleName": rule.config_rule_name,
        "ConfigRuleArn": rule.config_rule_arn,
        "ConfigRuleId": rule.config_rule_id,
        "Description": rule.description,
        "Scope": rule.scope().map(scope),
        "Source": rule.source().map(source),
        "InputParameters": rule.input_parameters,
        "MaximumExecutionFrequency": rule.maximum_execution_frequency.as_ref().map(AsRef::<str>::as_ref),
        "ConfigRuleState": rule.config_rule_state.as_ref().map(AsRef::<str>::as_ref),
        "CreatedBy": rule.created_by,
        "EvaluationModes": modes.map(|mode| json!({"Mode": mode.as_str()})).collect::<Vec<_>>(),
        "Status": status.map(|status| json!({
            "LastSuccessfulInvocationTime": status.last_successful_invocation_time().and_then(iso_8601),
            "LastFailedInvocationTime": status.last_failed_invocation_time().and_then(iso_8601),
            "LastSuccessfulEvaluationTime": status.last_successful_evaluation_time().and_then(iso_8601),
            "LastFailedEvaluationTime": status.last_failed_evaluation_time().and_then(iso_8601),
            "FirstActivatedTime": status.first_activated_time().and_then(iso_8601),
            "LastDeactivatedTime": status.last_deactivated_time().and_then(iso_8601),
            "LastErrorCode": status.last_error_code,
            "LastErrorMessage": status.last_error_message,
            "FirstEvaluationStarted": status.first_evaluation_started,
        })),
    })
}

fn scope(scope: &Scope) -> Value {
    json!({
        "ComplianceResourceTypes": scope.compliance_resource_types,
        "ComplianceResourceId": scope.compliance_resource_id,
        "TagKey": scope.tag_key,
        "TagValue": scope.tag_value,
    })
}

/// Without the text of a custom policy: which rule it is, its name says.
fn source(source: &Source) -> Value {
    let details = source.source_details().iter().map(|detail| {
        json!({
            "EventSource": detail.event_source.as_ref().map(AsRef::<str>::as_ref),
            "MessageType": detail.message_type.as_ref().map(AsRef::<str>::as_ref),
            "MaximumExecutionFrequency": detail.maximum_execution_frequency.as_ref().map(AsRef::<str>::as_ref),
        })
    });
    json!({
        "Owner": source.owner.as_str(),
        "SourceIdentifier": source.source_identifier,
        "SourceDetails": details.collect::<Vec<_>>(),
    })
}

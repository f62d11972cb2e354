//! The packs that run here, and their rules, as AWS Config's API describes them.

use serde_json::{Value, json};

use crate::deployment::{Delivery, DeployedByAws, DeployedRule, Deployment, Stage};
use crate::pack::MessageType;
use crate::results::Activity;
use crate::wire::seconds;

/// A rule of a pack that runs here, as `DescribeConfigRules` describes it.
pub(crate) fn rule(deployed: &DeployedRule, is_running: bool) -> Value {
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

/// A rule of a pack that is deployed here and that only AWS runs, as `DescribeConfigRules` describes it.
pub(crate) fn rule_by_aws(deployed: &DeployedByAws) -> Value {
    let mut described = deployed.properties.clone();
    described["ConfigRuleName"] = json!(deployed.name);
    described["ConfigRuleArn"] = json!(deployed.arn);
    described["ConfigRuleId"] = json!(deployed.id);
    described["ConfigRuleState"] = json!("ACTIVE");
    described["CreatedBy"] = json!("config-conforms.amazonaws.com");
    described["EvaluationModes"] = json!([{"Mode": "DETECTIVE"}]);
    described
}

/// A rule of a pack that runs here, as `DescribeConfigRuleEvaluationStatus` describes it.
pub(crate) fn rule_status(deployed: &DeployedRule, activity: &Activity) -> Value {
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
    if let Some((code, message)) = &activity.last_error {
        status["LastErrorCode"] = json!(code);
        status["LastErrorMessage"] = json!(message);
    }
    status
}

/// A pack that runs here, as `DescribeConformancePacks` describes it.
pub(crate) fn pack(deployment: &Deployment) -> Value {
    let parameters: Vec<_> = deployment
        .pack
        .parameters()
        .into_iter()
        .map(|(name, value)| json!({"ParameterName": name, "ParameterValue": value}))
        .collect();
    let mut described = json!({
        "ConformancePackName": deployment.pack.name,
        "ConformancePackArn": deployment.pack_arn,
        "ConformancePackId": deployment.pack_id,
        "ConformancePackInputParameters": parameters,
        "Type": "CUSTOM",
    });
    if let Some(at) = deployment.requested_at {
        described["LastUpdateRequestedTime"] = seconds(at);
    }
    let Delivery { bucket, key_prefix } = &deployment.delivery;
    let texts = [
        ("CreatedBy", deployment.created_by),
        ("DeliveryS3Bucket", bucket.as_deref()),
        ("DeliveryS3KeyPrefix", key_prefix.as_deref()),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            described[name] = json!(text);
        }
    }
    described
}

/// The same pack, as `DescribeConformancePackStatus` does.
pub(crate) fn pack_status(deployment: &Deployment) -> Value {
    // The stack with which AWS Config deploys a pack is in the pack's account and Region.
    let stack = deployment.pack_arn.replacen(":config:", ":cloudformation:", 1);
    let stack = stack.replacen(":conformance-pack/", ":stack/awsconfigconforms-", 1);
    let mut status = json!({
        "ConformancePackName": deployment.pack.name,
        "ConformancePackArn": deployment.pack_arn,
        "ConformancePackId": deployment.pack_id,
        "ConformancePackState": match deployment.stage {
            Stage::InProgress => "CREATE_IN_PROGRESS",
            Stage::Complete => "CREATE_COMPLETE",
            Stage::Failed(_) => "CREATE_FAILED",
            Stage::Deleting => "DELETE_IN_PROGRESS",
        },
        "StackArn": stack,
        "Type": "CUSTOM",
    });
    let times = [
        ("LastUpdateRequestedTime", deployment.requested_at),
        ("LastUpdateCompletedTime", deployment.completed_at),
    ];
    for (name, time) in times {
        if let Some(time) = time {
            status[name] = seconds(time);
        }
    }
    if let Stage::Failed(failure) = &deployment.stage {
        status["ConformancePackStatusReason"] = json!(failure.reason);
    }
    status
}

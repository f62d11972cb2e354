//! The events of AWS Config that the functions are invoked with.

use serde_json::{Value, json};

use crate::sample_account;

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const REGION: &str = "eu-west-1";

/// A resource of the sample account has changed.
pub(crate) fn change(resource_type: &str, resource_id: &str) -> Value {
    change_of(&item(resource_type, resource_id))
}

/// This is how a resource is now.
pub(crate) fn change_of(item: &Value) -> Value {
    event(&json!({
        "configurationItemDiff": null,
        "configurationItem": item,
        "notificationCreationTime": "2026-11-15T06:00:05.000Z",
        "messageType": "ConfigurationItemChangeNotification",
        "recordVersion": "1.3",
    }))
}

/// A resource of the sample account has changed, and its item is too large for a notification.
pub(crate) fn oversized(resource_type: &str, resource_id: &str) -> Value {
    let item = item(resource_type, resource_id);
    let mut summary = json!({"changeType": "UPDATE", "configurationStateId": 0});
    for key in [
        "configurationItemVersion",
        "configurationItemCaptureTime",
        "awsAccountId",
        "configurationItemStatus",
        "resourceType",
        "resourceId",
        "resourceName",
        "ARN",
        "awsRegion",
    ] {
        summary[key] = item[key].clone();
    }
    event(&json!({
        "configurationItemSummary": summary,
        "notificationCreationTime": "2026-11-15T06:00:05.000Z",
        "messageType": "OversizedConfigurationItemChangeNotification",
        "recordVersion": "1.0",
    }))
}

/// It is time.
pub(crate) fn scheduled() -> Value {
    event(&json!({
        "awsAccountId": ACCOUNT,
        "notificationCreationTime": "2026-11-15T06:00:05.000Z",
        "messageType": "ScheduledNotification",
        "recordVersion": "1.0",
    }))
}

/// The envelope around a notification.
fn event(notification: &Value) -> Value {
    json!({
        "version": "1.0", "invokingEvent": notification.to_string(), "ruleParameters": "{}", "resultToken": "a-token",
        "eventLeftScope": false, "accountId": ACCOUNT, "configRuleId": "config-rule-0123456",
        "executionRoleArn": format!("arn:aws:iam::{ACCOUNT}:role/config-role"),
        "configRuleArn": format!("arn:aws:config:{REGION}:{ACCOUNT}:config-rule/config-rule-0123456"),
        "configRuleName": "a-rule-conformance-pack-abcdefghi",
    })
}

fn item(resource_type: &str, resource_id: &str) -> Value {
    let is_it = |item: &Value| item["resourceType"] == resource_type && item["resourceId"] == resource_id;
    let found = sample_account::items().into_iter().find(is_it);
    found.unwrap_or_else(|| panic!("the sample account has no {resource_type} `{resource_id}`"))
}

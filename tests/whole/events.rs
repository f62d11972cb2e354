//! The events with which AWS Config invokes a rule's function, about resources of the sample account.

use serde_json::{Value, json};

use crate::sample_account;

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const REGION: &str = "eu-west-1";
pub(crate) const TOKEN: &str = "a-token";

/// Nothing is stored of what is reported with this token.
///
/// Source: AWS Config API Reference, `PutEvaluations`, `TestMode`.
pub(crate) const TEST_TOKEN: &str = "TESTMODE";

const CREATED: &str = "2026-11-15T06:00:05.000Z";

/// A resource has changed.
pub(crate) fn change(resource_type: &str, resource_id: &str) -> Value {
    change_of(&item(resource_type, resource_id))
}

/// This is how a resource is now.
pub(crate) fn change_of(item: &Value) -> Value {
    event(ACCOUNT, TOKEN, &changed(item), "{}")
}

/// A resource has changed, and its item is too large for a notification.
pub(crate) fn oversized(resource_type: &str, resource_id: &str) -> Value {
    event(ACCOUNT, TOKEN, &summarized(&item(resource_type, resource_id)), "{}")
}

/// It is time.
pub(crate) fn scheduled() -> Value {
    event(ACCOUNT, TOKEN, &due(), "{}")
}

/// One notification of each message type, in the documented shape.
pub(crate) fn documented_notifications() -> Vec<(&'static str, Value)> {
    let function = item("AWS::Lambda::Function", "catalogue-thumbnail");
    let mut deleted = function.clone();
    deleted["configurationItemStatus"] = json!("ResourceDeleted");
    deleted["configuration"] = Value::Null;
    vec![
        ("change", changed(&function)),
        ("delete", changed(&deleted)),
        ("oversized", summarized(&function)),
        ("scheduled", due()),
        (
            "snapshot delivered",
            json!({
                "messageType": "ConfigurationSnapshotDeliveryCompleted", "configSnapshotId": "a-b-c",
                "s3ObjectKey": "k", "s3Bucket": "b", "notificationCreationTime": CREATED, "recordVersion": "1.1",
            }),
        ),
        ("unknown", json!({"messageType": "SomethingNew"})),
    ]
}

/// The envelope around a notification.
pub(crate) fn event(account: &str, token: &str, notification: &Value, rule_parameters: &str) -> Value {
    json!({
        "version": "1.0", "invokingEvent": notification.to_string(), "ruleParameters": rule_parameters,
        "resultToken": token, "eventLeftScope": false, "accountId": account,
        "executionRoleArn": format!("arn:aws:iam::{ACCOUNT}:role/config-role"),
        "configRuleId": "config-rule-0123456",
        "configRuleArn": format!("arn:aws:config:{REGION}:{ACCOUNT}:config-rule/config-rule-0123456"),
        "configRuleName": "a-rule-conformance-pack-abcdefghi",
    })
}

fn changed(item: &Value) -> Value {
    json!({
        "configurationItemDiff": null,
        "configurationItem": item,
        "notificationCreationTime": CREATED,
        "messageType": "ConfigurationItemChangeNotification",
        "recordVersion": "1.3",
    })
}

fn summarized(item: &Value) -> Value {
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
    json!({
        "configurationItemSummary": summary,
        "notificationCreationTime": CREATED,
        "messageType": "OversizedConfigurationItemChangeNotification",
        "recordVersion": "1.0",
    })
}

fn due() -> Value {
    json!({
        "awsAccountId": ACCOUNT,
        "notificationCreationTime": CREATED,
        "messageType": "ScheduledNotification",
        "recordVersion": "1.0",
    })
}

fn item(resource_type: &str, resource_id: &str) -> Value {
    let is_it = |item: &Value| item["resourceType"] == resource_type && item["resourceId"] == resource_id;
    let found = sample_account::items().into_iter().find(is_it);
    found.unwrap_or_else(|| panic!("the sample account has no {resource_type} `{resource_id}`"))
}

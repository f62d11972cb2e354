//! The events with which AWS Config invokes rules.

use config_rule::{Document, ItemStatus, Timestamp};
use serde_json::{Value, json};

use crate::deployment::DeployedRule;
use crate::items::Scope;
use crate::pack::{MessageType, partition};
use crate::shapes::{self, Shape};

/// The largest notification: what Amazon SNS takes as one message.
///
/// Source: AWS Config API Reference, `SourceDetail`, `MessageType`; Amazon SNS quotas, message size.
pub const MAX_NOTIFICATION_BYTES: usize = 262_144;

/// What happened: the text of an envelope's `invokingEvent`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Occurrence {
    pub(crate) message_type: MessageType,
    pub(crate) text: String,
}

impl Occurrence {
    /// A resource changed. An item that is too large for a notification is announced by a summary.
    pub(crate) fn change(document: &Document, at: Timestamp) -> Self {
        let text = json!({
            "configurationItemDiff": null,
            "configurationItem": shapes::render(document, Shape::Notification),
            "notificationCreationTime": written(at),
            "messageType": MessageType::ConfigurationItemChangeNotification.as_str(),
            "recordVersion": "1.3",
        })
        .to_string();
        if text.len() <= MAX_NOTIFICATION_BYTES {
            return Self { message_type: MessageType::ConfigurationItemChangeNotification, text };
        }
        let message_type = MessageType::OversizedConfigurationItemChangeNotification;
        let text = json!({
            "configurationItemSummary": summary(document),
            "s3DeliverySummary": {"s3BucketLocation": null, "errorCode": null, "errorMessage": null},
            "notificationCreationTime": written(at),
            "messageType": message_type.as_str(),
            "recordVersion": "1.0",
        })
        .to_string();
        Self { message_type, text }
    }

    /// It is time.
    pub(crate) fn schedule(scope: &Scope, at: Timestamp) -> Self {
        let message_type = MessageType::ScheduledNotification;
        let text = json!({
            "awsAccountId": scope.account_id,
            "notificationCreationTime": written(at),
            "messageType": message_type.as_str(),
            "recordVersion": "1.0",
        })
        .to_string();
        Self { message_type, text }
    }
}

/// The payload with which a rule's function is invoked.
pub(crate) fn envelope(occurrence: &Occurrence, rule: &DeployedRule, scope: &Scope, token: &str) -> Vec<u8> {
    let Scope { account_id, region } = scope;
    let partition = partition(region);
    let parameters = json!(rule.rule.parameters).to_string();
    json!({
        "version": "1.0",
        "invokingEvent": occurrence.text,
        "ruleParameters": parameters,
        "resultToken": token,
        "eventLeftScope": false,
        "executionRoleArn": format!(
            "arn:{partition}:iam::{account_id}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
        ),
        "configRuleArn": rule.arn,
        "configRuleName": rule.name,
        "configRuleId": rule.id,
        "accountId": account_id,
    })
    .to_string()
    .into_bytes()
}

/// What is said of an item that is too large to be sent.
fn summary(document: &Document) -> Value {
    let item = shapes::render(document, Shape::Notification);
    let of_item = |key: &str| item.get(key).cloned().unwrap_or_default();
    let change_type = match document.status {
        ItemStatus::ResourceDiscovered => "CREATE",
        ItemStatus::ResourceDeleted | ItemStatus::ResourceDeletedNotRecorded => "DELETE",
        ItemStatus::Ok | ItemStatus::ResourceNotRecorded | ItemStatus::Other(_) => "UPDATE",
    };
    let mut summary = json!({"changeType": change_type, "configurationStateId": 0});
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
        "availabilityZone",
        "configurationStateMd5Hash",
        "resourceCreationTime",
    ] {
        summary[key] = of_item(key);
    }
    summary
}

/// ISO 8601 with milliseconds, as AWS Config writes times.
pub(crate) fn written(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

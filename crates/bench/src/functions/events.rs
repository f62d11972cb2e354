//! The events that a rule's function is invoked with: what AWS Config sends for the sample account, in several sizes.

use std::path::Path;

use anyhow::{Context, ensure};
use catalog::RULES;
use config_rule::{ACCOUNT_TYPE, Document, Timestamp, Trigger};
use local_aws_config::MAX_NOTIFICATION_BYTES;
use local_aws_config::items::{ConfigurationItems, Scope};
use local_aws_config::pack::{MessageType, Pack, PackRule};
use local_aws_config::shapes::{Shape, render};
use serde_json::{Value, json};

/// Of twenty events, twelve hold the item as it was recorded; the others are grown to so many bytes by naming more
/// related resources, up to the largest notification that AWS Config sends.
const GROWN_TO: [usize; 8] = [16_384, 16_384, 16_384, 16_384, 16_384, 65_536, 65_536, 250_000];
const CYCLE: usize = 20;

/// When the events were sent, unless they are [sent anew](Events::sent).
const LONG_AGO: &str = "2026-11-15T06:00:00.000Z";

/// Events for one rule, in turn.
#[derive(Debug)]
pub(crate) struct Events {
    /// Each as recorded, and then larger ones.
    payloads: Vec<String>,
}

impl Events {
    pub(crate) fn new(rule: &PackRule, items: &ConfigurationItems, scope: &Scope) -> anyhow::Result<Self> {
        let entry = RULES.iter().find(|entry| entry.meta.name == rule.function);
        let meta = entry.with_context(|| format!("the catalogue has no rule `{}`", rule.function))?.meta;
        let payloads: Vec<_> = if meta.subjects == [ACCOUNT_TYPE] && meta.is_triggered_by(Trigger::Periodic) {
            let notification = json!({
                "awsAccountId": scope.account_id,
                "notificationCreationTime": LONG_AGO,
                "messageType": MessageType::ScheduledNotification.as_str(),
                "recordVersion": "1.0",
            });
            vec![envelope(rule, scope, &notification.to_string())]
        } else {
            let is_judged = |document: &&Document| {
                meta.subjects.contains(&document.resource_type.as_str())
                    && document.status.reason_not_to_judge().is_none()
            };
            let items: Vec<_> = items
                .subjects(scope)
                .map(AsRef::as_ref)
                .filter(is_judged)
                .map(|document| render(document, Shape::Notification))
                .filter(|item| item.to_string().len() < MAX_NOTIFICATION_BYTES / 2)
                .collect();
            ensure!(!items.is_empty(), "the sample account has nothing that `{}` judges", rule.name);
            (0..items.len().next_multiple_of(CYCLE))
                .zip(items.iter().cycle())
                .map(|(index, item)| {
                    let place = (index % CYCLE).checked_sub(CYCLE - GROWN_TO.len());
                    let bytes = place.and_then(|place| GROWN_TO.get(place)).copied();
                    change(rule, scope, &grown(item.clone(), bytes.unwrap_or_default()))
                })
                .collect()
        };
        Ok(Self { payloads })
    }

    /// How many there are before they repeat.
    pub(crate) fn len(&self) -> usize {
        self.payloads.len()
    }

    /// An event that has waited for long.
    pub(crate) fn payload(&self, index: usize) -> &str {
        self.payloads.get(index % self.payloads.len()).map_or("", String::as_str)
    }

    /// The same, sent at another time.
    pub(crate) fn sent(&self, index: usize, at: Timestamp) -> String {
        self.payload(index).replacen(LONG_AGO, &format!("{at:.3}"), 1)
    }
}

/// The same item with so many relationships that it is about so many bytes long.
fn grown(mut item: Value, bytes: usize) -> Value {
    let mut length = item.to_string().len();
    let Some(relationships) = item.get_mut("relationships").and_then(Value::as_array_mut) else {
        return item;
    };
    for number in 0.. {
        let name = format!("eni-{number:017x}");
        let relationship = json!({
            "resourceId": name, "resourceName": null, "resourceType": "AWS::EC2::NetworkInterface",
            "name": "Is associated with NetworkInterface",
        });
        length += relationship.to_string().len() + 1;
        if bytes < length {
            return item;
        }
        relationships.push(relationship);
    }
    item
}

fn change(rule: &PackRule, scope: &Scope, item: &Value) -> String {
    let notification = json!({
        "configurationItemDiff": null,
        "configurationItem": item,
        "notificationCreationTime": LONG_AGO,
        "messageType": MessageType::ConfigurationItemChangeNotification.as_str(),
        "recordVersion": "1.3",
    });
    envelope(rule, scope, &notification.to_string())
}

/// What Lambda hands to the function.
fn envelope(rule: &PackRule, scope: &Scope, invoking_event: &str) -> String {
    let Scope { account_id, region } = scope;
    json!({
        "version": "1.0",
        "invokingEvent": invoking_event,
        "ruleParameters": json!(rule.parameters).to_string(),
        // Of the length that AWS's have.
        "resultToken": "t".repeat(200),
        "eventLeftScope": false,
        "executionRoleArn": format!(
            "arn:aws:iam::{account_id}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
        ),
        "configRuleArn": format!("arn:aws:config:{region}:{account_id}:config-rule/config-rule-bench0"),
        "configRuleName": format!("{}-conformance-pack-bench0000", rule.name),
        "configRuleId": "config-rule-bench0",
        "accountId": account_id,
    })
    .to_string()
}

/// The rules of a pack, for the sample's account and Region.
pub(crate) fn rules(pack: &Path, scope: &Scope) -> anyhow::Result<Pack> {
    Pack::read_file(pack, &std::collections::BTreeMap::new(), scope)
        .with_context(|| format!("conformance pack `{}`", pack.display()))
}

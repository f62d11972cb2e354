//! What AWS Config tells: the text inside the envelope's `invokingEvent`.

use std::time::SystemTime;

use config_rule::{Date, Document, Timestamp};
use jiff::tz::Offset;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::InvocationError;
use crate::item::Item;

/// A notification, by what has to be done about it.
#[derive(Debug)]
pub(crate) enum Notification {
    /// A resource changed.
    Change(Box<Change>),
    /// It is time to judge all resources.
    Scheduled(Timestamp),
    /// A message of this type, for others or of tomorrow.
    Other(String),
}

/// One change of one resource.
#[derive(Debug)]
pub(crate) struct Change {
    /// The item, or its summary if the item was too large for the notification.
    pub(crate) document: Document,
    pub(crate) is_summary: bool,
    /// When AWS Config recorded the change.
    pub(crate) captured: Timestamp,
    /// When AWS Config sent the notification; it can be days later, after [`Change::captured`].
    created: Option<Timestamp>,
}

/// The notification's fields that are needed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fields<'a> {
    message_type: String,
    notification_creation_time: Option<String>,
    #[serde(borrow)]
    configuration_item: Option<&'a RawValue>,
    #[serde(borrow)]
    configuration_item_summary: Option<&'a RawValue>,
}

impl Notification {
    /// When AWS Config sent it.
    pub(crate) fn sent(&self) -> Option<SystemTime> {
        let sent = match self {
            Self::Change(change) => change.created,
            Self::Scheduled(time) => Some(*time),
            Self::Other(_) => None,
        };
        sent.and_then(|sent| SystemTime::try_from(sent).ok())
    }

    pub(crate) fn read(invoking_event: &str) -> Result<Self, InvocationError> {
        let fields: Fields<'_> = serde_json::from_str(invoking_event).map_err(|error| {
            InvocationError::unexpected("expected a notification in `invokingEvent`", error)
        })?;
        let created = fields.notification_creation_time.as_deref().map(time).transpose()?;
        match fields.message_type.as_str() {
            "ConfigurationItemChangeNotification" => {
                let item = fields.configuration_item;
                Ok(Self::Change(Box::new(Change::read("configurationItem", item, created)?)))
            }
            "OversizedConfigurationItemChangeNotification" => {
                let summary = fields.configuration_item_summary;
                let change = Change::read("configurationItemSummary", summary, created)?;
                Ok(Self::Change(Box::new(Change { is_summary: true, ..change })))
            }
            "ScheduledNotification" => created.map(Self::Scheduled).ok_or_else(|| {
                InvocationError::unexpected("notificationCreationTime", "expected a time, found none")
            }),
            _ => Ok(Self::Other(fields.message_type)),
        }
    }
}

impl Change {
    fn read(
        key: &'static str,
        item: Option<&RawValue>,
        created: Option<Timestamp>,
    ) -> Result<Self, InvocationError> {
        let unexpected = |problem: &str| InvocationError::unexpected(key, problem);
        let text = item.ok_or_else(|| unexpected("expected a configuration item, found none"))?;
        let mut item = Item::default();
        item.read(text.get()).map_err(|error| InvocationError::unexpected(key, error))?;
        let document = item.document().map_err(|error| InvocationError::unexpected(key, error))?;
        let captured = document
            .capture_time
            .or(created)
            .ok_or_else(|| unexpected("expected `configurationItemCaptureTime` in ISO 8601, found none"))?;
        Ok(Self { document, is_summary: false, captured, created })
    }

    /// The day of the event, in UTC.
    pub(crate) fn day(&self) -> Date {
        day(self.created.unwrap_or(self.captured))
    }
}

/// The day on which something happened, in UTC.
pub(crate) fn day(time: Timestamp) -> Date {
    Offset::UTC.to_datetime(time).date()
}

fn time(text: &str) -> Result<Timestamp, InvocationError> {
    text.parse().map_err(|_| {
        let problem = format!("expected a time like 2027-01-31T12:00:00.000Z, found `{text}`");
        InvocationError::unexpected("notificationCreationTime", problem)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::error::with_causes;

    #[test]
    fn the_day_is_the_notification_s_and_not_the_item_s() {
        let mut event = json!({
            "messageType": "ConfigurationItemChangeNotification",
            "notificationCreationTime": "2027-02-01T00:00:05.000Z",
            "configurationItem": {
                "resourceType": "AWS::SQS::Queue", "resourceId": "q",
                "configurationItemCaptureTime": "2027-01-31T23:59:59.000Z",
            },
        });
        assert_eq!(change(&event).day().to_string(), "2027-02-01");
        event.as_object_mut().unwrap().remove("notificationCreationTime");
        assert_eq!(change(&event).day().to_string(), "2027-01-31");
    }

    #[test]
    fn a_change_without_any_time_is_refused_because_the_clock_is_no_substitute() {
        let event = json!({
            "messageType": "ConfigurationItemChangeNotification",
            "configurationItem": {"resourceType": "AWS::SQS::Queue", "resourceId": "q"},
        });
        assert_eq!(
            refusal(&event),
            "configurationItem: expected `configurationItemCaptureTime` in ISO 8601, found none"
        );
    }

    #[test]
    fn a_schedule_without_its_time_is_refused() {
        let event = json!({"messageType": "ScheduledNotification"});
        assert_eq!(refusal(&event), "notificationCreationTime: expected a time, found none");
    }

    #[test]
    fn an_item_without_a_resource_id_is_refused_by_name() {
        let event = json!({
            "messageType": "ConfigurationItemChangeNotification",
            "configurationItem": {"resourceType": "AWS::SQS::Queue"},
        });
        assert_eq!(
            refusal(&event),
            "configurationItem: expected a configuration item with `resourceId`, found none"
        );
    }

    #[test]
    fn an_oversized_notification_has_no_item() {
        let event = json!({
            "messageType": "OversizedConfigurationItemChangeNotification",
            "configurationItemSummary": {
                "changeType": "UPDATE", "resourceType": "AWS::SQS::Queue", "resourceId": "q",
                "configurationItemCaptureTime": "2027-01-31T23:59:59.123Z",
            },
        });
        assert!(change(&event).is_summary);
    }

    fn change(event: &Value) -> Change {
        match Notification::read(&event.to_string()) {
            Ok(Notification::Change(change)) => *change,
            other => panic!("expected a change, found {other:?}"),
        }
    }

    fn refusal(event: &Value) -> String {
        with_causes(&Notification::read(&event.to_string()).unwrap_err())
    }
}

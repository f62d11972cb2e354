//! What Lambda delivers: AWS Config's envelope around the notification.

use serde::Deserialize;
use serde_json::Value;

use crate::error::InvocationError;

/// The envelope's fields that are needed. Attributes come and go with its `version`; what is not named here is ignored.
/// It has no debug form, because a token must not get into a log.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Envelope {
    /// Where the JSON text stood that has become the [`Notification`](crate::notification::Notification).
    #[serde(rename = "invokingEvent")]
    _invoking_event: String,
    /// JSON text; absent, empty, `null` and `{}` all mean none.
    pub(crate) rule_parameters: Option<String>,
    /// Stands for the rule and the event; opaque.
    pub(crate) result_token: String,
    /// Whether the resource left the rule's scope, for example by losing a tag.
    pub(crate) event_left_scope: Option<bool>,
    /// Name of the rule as deployed, with the suffix of its conformance pack.
    pub(crate) config_rule_name: String,
    /// The account that owns the rule. What the notification says about accounts is not relied on.
    pub(crate) account_id: String,
}

impl Envelope {
    /// The name of the field that holds the notification, as JSON text.
    pub(crate) const INVOKING_EVENT: &str = "invokingEvent";

    /// The names of the other fields, as AWS Config spells them.
    pub(crate) const MEMBERS: [&str; 5] =
        ["ruleParameters", "resultToken", "eventLeftScope", "configRuleName", "accountId"];

    pub(crate) fn read(members: Value) -> Result<Self, InvocationError> {
        serde_json::from_value(members)
            .map_err(|error| InvocationError::unexpected("expected an event of AWS Config", error))
    }

    pub(crate) fn left_scope(&self) -> bool {
        self.event_left_scope.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::error::with_causes;

    #[test]
    fn the_envelope_of_the_first_version_lacks_most_attributes() {
        let envelope = Envelope::read(json!({
            "invokingEvent": "{}", "resultToken": "token", "configRuleName": "rule", "accountId": "111122223333",
            "anAttributeOfTomorrow": {"a": 1}, "ruleParameters": null,
        }))
        .ok()
        .unwrap();
        assert!(!envelope.left_scope());
        assert_eq!(envelope.rule_parameters, None);
    }

    #[test]
    fn the_members_are_all_that_is_read() {
        let members = Envelope::MEMBERS.into_iter().chain([Envelope::INVOKING_EVENT]);
        let texts = members.map(|name| (name.to_owned(), Value::from("a text")));
        let mut event: serde_json::Map<_, _> = texts.collect();
        event.insert("eventLeftScope".to_owned(), true.into());
        let envelope = Envelope::read(event.into()).ok().unwrap();
        assert_eq!(envelope.rule_parameters.as_deref(), Some("a text"));
        assert!(envelope.left_scope());
    }

    #[test]
    fn an_event_of_another_service_is_refused_by_what_it_lacks() {
        let error = Envelope::read(json!({"Records": []})).err().unwrap();
        assert_eq!(error.error_type(), "UnexpectedConfigurationItem");
        assert_eq!(with_causes(&error), "expected an event of AWS Config: missing field `invokingEvent`");
    }
}

//! An event, as far as it is read.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::{Map, Value};

use crate::envelope::Envelope;
use crate::error::InvocationError;
use crate::notification::Notification;

/// The members of an event that AWS Config's envelope has; of what is no object, everything. It is never refused here: what
/// the runtime cannot read, it reports in its own words.
#[derive(Debug)]
pub struct Payload {
    /// The notification's text is an empty one here.
    pub(crate) members: Value,
    /// What the text says. It can be 256 KB, and is read where the JSON reader holds it.
    pub(crate) notification: Option<Result<Notification, InvocationError>>,
}

impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        Part::Event.deserialize(json)
    }
}

impl Payload {
    fn without_notification(members: impl Into<Value>) -> Self {
        Self { members: members.into(), notification: None }
    }
}

/// What is being read.
#[derive(Clone, Copy)]
enum Part {
    Event,
    InvokingEvent,
}

impl<'de> DeserializeSeed<'de> for Part {
    type Value = Payload;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Payload, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Part {
    type Value = Payload;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any valid JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Payload, A::Error> {
        if let Self::InvokingEvent = self {
            return Value::deserialize(MapAccessDeserializer::new(members))
                .map(Payload::without_notification);
        }
        let mut known = Map::new();
        let mut notification = None;
        while let Some(key) = members.next_key::<Cow<'_, str>>()? {
            if key == Envelope::INVOKING_EVENT {
                let read = members.next_value_seed(Self::InvokingEvent)?;
                known.insert(key.into_owned(), read.members);
                notification = read.notification;
            } else if Envelope::MEMBERS.contains(&key.as_ref()) {
                known.insert(key.into_owned(), members.next_value()?);
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Payload { members: Value::Object(known), notification })
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Payload, E> {
        Ok(match self {
            Self::Event => Payload::without_notification(text),
            Self::InvokingEvent => {
                Payload { members: Value::from(""), notification: Some(Notification::read(text)) }
            }
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<Payload, A::Error> {
        Value::deserialize(SeqAccessDeserializer::new(elements)).map(Payload::without_notification)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Payload, E> {
        Ok(Payload::without_notification(value))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Payload, E> {
        Ok(Payload::without_notification(number))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Payload, E> {
        Ok(Payload::without_notification(number))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Payload, E> {
        Ok(Payload::without_notification(number))
    }

    fn visit_unit<E: Error>(self) -> Result<Payload, E> {
        Ok(Payload::without_notification(Value::Null))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_no_envelope_has_is_left_out() {
        let event = json!({"accountId": "1", "configRuleArn": {"a": [1]}, "resultToken": "token"});
        assert_eq!(read(&event).members, json!({"accountId": "1", "resultToken": "token"}));
    }

    #[test]
    fn a_notification_is_read_where_its_text_stands() {
        let text = json!({"messageType": "SomethingNew"}).to_string();
        let payload = read(&json!({"invokingEvent": text, "accountId": "1"}));
        assert_eq!(payload.members, json!({"invokingEvent": "", "accountId": "1"}));
        assert!(
            matches!(payload.notification, Some(Ok(Notification::Other(kind))) if kind == "SomethingNew")
        );

        let payload = read(&json!({"invokingEvent": "no JSON"}));
        assert!(matches!(payload.notification, Some(Err(_))));
    }

    #[test]
    fn a_member_of_another_kind_is_kept_so_that_it_can_be_refused() {
        for event in [
            json!({"accountId": {"a": 1}, "resultToken": 7}),
            json!({"invokingEvent": {"messageType": "a"}}),
            json!({"invokingEvent": [1, "a"]}),
            json!({"invokingEvent": null}),
        ] {
            let payload = read(&event);
            assert_eq!(payload.members, event);
            assert!(payload.notification.is_none());
        }
    }

    #[test]
    fn what_is_no_object_is_kept_whole() {
        for event in [json!([{"a": 1}, null]), json!("text"), json!(true), json!(-1), json!(1.5), Value::Null]
        {
            assert_eq!(read(&event).members, event);
        }
    }

    fn read(event: &Value) -> Payload {
        serde_json::from_str(&event.to_string()).unwrap()
    }
}

//! An event, as far as it is read.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::SeqAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::envelope::Envelope;

/// The members of an event that an [`Envelope`] has; of what is no object, everything. It is never refused here: what
/// the runtime cannot read, it reports in its own words.
#[derive(Debug, PartialEq)]
pub(crate) struct Payload(Value);

impl From<Payload> for Value {
    fn from(payload: Payload) -> Self {
        payload.0
    }
}

impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_any(Members).map(Self)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any valid JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut known = Map::new();
        while let Some(key) = members.next_key::<Cow<'_, str>>()? {
            if Envelope::MEMBERS.contains(&key.as_ref()) {
                known.insert(key.into_owned(), members.next_value()?);
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Value::Object(known))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<Value, A::Error> {
        Value::deserialize(SeqAccessDeserializer::new(elements))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_no_envelope_has_is_left_out() {
        let event = json!({"accountId": "1", "configRuleArn": {"a": [1]}, "invokingEvent": "{\"a\": 1}"});
        assert_eq!(read(&event), json!({"accountId": "1", "invokingEvent": "{\"a\": 1}"}));
    }

    #[test]
    fn a_member_of_another_kind_is_kept_so_that_it_can_be_refused() {
        let event = json!({"accountId": {"a": 1}, "resultToken": 7});
        assert_eq!(read(&event), event);
    }

    #[test]
    fn what_is_no_object_is_kept_whole() {
        for event in [json!([{"a": 1}, null]), json!("text"), json!(true), json!(-1), json!(1.5), Value::Null]
        {
            assert_eq!(read(&event), event);
        }
    }

    fn read(event: &Value) -> Value {
        serde_json::from_str::<Payload>(&event.to_string()).unwrap().into()
    }
}

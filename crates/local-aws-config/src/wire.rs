//! Times, as services write them on the wire and as configuration items hold them.

use config_rule::{Node, Timestamp, Tree};
use serde_json::{Map, Value, json};

/// Members whose keys are somebody's own words.
const FREE_MAPS: [&str; 3] = ["functionTags", "resourceTags", "tags"];

/// The value with every time in seconds of the Unix epoch, however a client has printed it. Times are the members whose
/// names end in `ending`.
pub(crate) fn with_seconds(value: Value, ending: &str) -> Value {
    with_times(value, ending, &|time| timestamp(time).map_or_else(|| time.clone(), seconds))
}

/// The value with every time in ISO 8601, as the rules' functions read it from an answer.
pub(crate) fn with_texts(value: Value, ending: &str) -> Value {
    with_times(value, ending, &|time| {
        timestamp(time).map_or_else(|| time.clone(), |time| json!(time.to_string()))
    })
}

/// Seconds of the Unix epoch, with milliseconds as a fraction.
pub(crate) fn seconds(at: Timestamp) -> Value {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of any year that AWS has are exact")]
    let seconds = at.as_millisecond() as f64 / 1000.0;
    json!(seconds)
}

/// The time that a value stands for, in any spelling of AWS.
pub(crate) fn timestamp(value: &Value) -> Option<Timestamp> {
    let holder = serde_json::from_value::<Tree>(json!({"time": value})).ok()?;
    Node::root(&holder).timestamp("time").get().ok().copied()
}

fn with_times(value: Value, ending: &str, changed: &dyn Fn(&Value) -> Value) -> Value {
    match value {
        Value::Object(members) => {
            let member = |(key, value): (String, Value)| {
                // What an answer does not hold, AWS leaves out; some clients write `null`.
                let value = match value {
                    Value::Null => return None,
                    value if FREE_MAPS.contains(&key.as_str()) => value,
                    value if key.ends_with(ending) && !value.is_object() && !value.is_array() => {
                        changed(&value)
                    }
                    value => with_times(value, ending, changed),
                };
                Some((key, value))
            };
            Value::Object(members.into_iter().filter_map(member).collect::<Map<_, _>>())
        }
        Value::Array(elements) => {
            elements.into_iter().map(|element| with_times(element, ending, changed)).collect()
        }
        scalar => scalar,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_the_aws_cli_become_seconds() {
        let printed =
            json!({"a": [{"updatedAt": "2026-10-01T10:00:00+02:00"}, {"updatedAt": 1_790_841_600.5}]});
        let wire = json!({"a": [{"updatedAt": 1_790_841_600.0}, {"updatedAt": 1_790_841_600.5}]});
        assert_eq!(with_seconds(printed, "At"), wire);
        let texts =
            json!({"a": [{"updatedAt": "2026-10-01T08:00:00Z"}, {"updatedAt": "2026-10-01T08:00:00.5Z"}]});
        assert_eq!(with_texts(wire, "At"), texts);
    }

    #[test]
    fn somebody_s_own_tags_are_left_alone_and_nulls_left_out() {
        let printed = json!({"functionTags": {"deployedAt": "2026-10-01T08:00:00Z"}, "scanMode": null});
        let wire = json!({"functionTags": {"deployedAt": "2026-10-01T08:00:00Z"}});
        assert_eq!(with_seconds(printed, "At"), wire);
    }
}

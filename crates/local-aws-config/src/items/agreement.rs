//! Whether two items of one resource and one capture time say the same.

use config_rule::{Document, Known};
use serde_json::{Map, Value};

/// Whether neither item contradicts the other. The same item comes in several shapes, which leave out tags,
/// relationships or properties, and write 60 as `60.0`; what one of the two leaves out is no contradiction.
pub(super) fn agree(one: &Document, other: &Document) -> bool {
    if one == other {
        return true;
    }
    let tags_agree = match (&one.tags, &other.tags) {
        (Known::Value(one), Known::Value(other)) => one == other,
        _ => true,
    };
    let sections = (members(one.properties().value()), members(other.properties().value()));
    let properties_agree = match sections {
        (Some(one), Some(other)) => common(one, other).all(|(section, one, other)| {
            match (section, one, other) {
                // A supplementary value may be missing from a shape, a part of one may not.
                ("supplementaryConfiguration", Value::Object(one), Value::Object(other)) => {
                    common(one, other).all(|(_, one, other)| same(one, other))
                }
                (_, one, other) => same(one, other),
            }
        }),
        _ => true,
    };
    one.status == other.status && tags_agree && properties_agree
}

/// Whether `one` holds what `other` leaves out.
pub(super) fn says_more(one: &Document, other: &Document) -> bool {
    fn weight(document: &Document) -> (usize, bool, usize) {
        let sections = members(document.properties().value());
        let sections =
            sections.map_or(0, |members| members.values().filter(|value| !value.is_null()).count());
        (sections, matches!(document.tags, Known::Value(_)), document.relationships.len())
    }
    weight(other) < weight(one)
}

fn members(value: &Value) -> Option<&Map<String, Value>> {
    value.as_object()
}

fn common<'a>(
    one: &'a Map<String, Value>,
    other: &'a Map<String, Value>,
) -> impl Iterator<Item = (&'a str, &'a Value, &'a Value)> {
    one.iter().filter_map(|(key, value)| Some((key.as_str(), value, other.get(key)?)))
}

/// Equality that does not tell 60 from 60.0.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one == other || one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, value)| other.get(key).is_some_and(|other| same(value, other)))
        }
        (one, other) => one == other,
    }
}

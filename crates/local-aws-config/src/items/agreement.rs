//! Whether two items of one resource and one capture time say the same.

use config_rule::{Document, Json, Known, Object};

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
    let sections = (one.properties().value().as_object(), other.properties().value().as_object());
    let properties_agree = match sections {
        (Some(one), Some(other)) => common(one, other).all(|(section, one, other)| {
            match (section, one, other) {
                // A supplementary value may be missing from a shape, a part of one may not.
                ("supplementaryConfiguration", Json::Object(one), Json::Object(other)) => {
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
        let sections = document.properties().value().as_object();
        let sections =
            sections.map_or(0, |members| members.values().filter(|value| *value != Json::Null).count());
        (sections, matches!(document.tags, Known::Value(_)), document.relationships.iter().count())
    }
    weight(other) < weight(one)
}

fn common<'a>(one: Object<'a>, other: Object<'a>) -> impl Iterator<Item = (&'a str, Json<'a>, Json<'a>)> {
    one.iter().filter_map(move |(key, value)| Some((key, value, other.get(key)?)))
}

/// Equality that does not tell 60 from 60.0.
fn same(one: Json<'_>, other: Json<'_>) -> bool {
    match (one, other) {
        (Json::Number(_), Json::Number(_)) => one == other || one.as_f64() == other.as_f64(),
        (Json::List(one), Json::List(other)) => {
            let (mut one, mut other) = (one.iter(), other.iter());
            loop {
                match (one.next(), other.next()) {
                    (None, None) => return true,
                    (Some(one), Some(other)) if same(one, other) => {}
                    _ => return false,
                }
            }
        }
        (Json::Object(one), Json::Object(other)) => {
            let (mut one, mut other) = (one.iter(), other.iter());
            loop {
                match (one.next(), other.next()) {
                    (None, None) => return true,
                    (Some((key, one)), Some((other_key, other))) if key == other_key && same(one, other) => {}
                    _ => return false,
                }
            }
        }
        (one, other) => one == other,
    }
}

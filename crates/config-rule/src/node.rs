use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::item;
use crate::known::{Known, Missing};

/// The parts of an item that a row or an API may leave out altogether.
const SECTIONS: [&str; 2] = ["configuration", "supplementaryConfiguration"];

/// A place in a configuration item, with the path that led there.
///
/// Every read takes a dotted path of keys below this place and keeps apart what a sloppy reader confuses: absent,
/// `null`, of another type, and not recorded at all.
#[derive(Clone, Debug, PartialEq)]
pub struct Node<'a> {
    value: &'a Value,
    path: String,
}

impl<'a> Node<'a> {
    /// The root of a tree of properties.
    #[must_use]
    pub const fn root(value: &'a Value) -> Self {
        Self { value, path: String::new() }
    }

    /// The JSON value at this place.
    #[must_use]
    pub const fn value(&self) -> &'a Value {
        self.value
    }

    /// Dotted path from the item's root, with `[n]` for the elements of lists.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The place below this one, if it holds anything but `null`.
    #[must_use]
    pub fn at(&self, path: &str) -> Known<Node<'a>> {
        let mut node = self.clone();
        for key in path.split('.') {
            let Value::Object(object) = node.value else { return node.wrong_type("an object") };
            let path = join(&node.path, key);
            match object.get(key) {
                Some(Value::Null) | None if node.path.is_empty() && SECTIONS.contains(&key) => {
                    return Known::Unknown(Missing::NotRecorded { what: format!("`{path}`") });
                }
                None => return Known::Unknown(Missing::Absent { path }),
                Some(Value::Null) => return Known::Unknown(Missing::Null { path }),
                Some(value) => node = Node { value, path },
            }
        }
        Known::Value(node)
    }

    /// The text at `path`.
    #[must_use]
    pub fn text(&self, path: &str) -> Known<&'a str> {
        self.at(path).and_then(|node| node.as_text())
    }

    /// The text at this place.
    #[must_use]
    pub fn as_text(&self) -> Known<&'a str> {
        match self.value {
            Value::String(text) => Known::Value(text),
            _ => self.wrong_type("text"),
        }
    }

    /// The number at `path`, which must not be negative; rows of `SelectResourceConfig` hold `60.0` for 60.
    #[must_use]
    pub fn whole_number(&self, path: &str) -> Known<u64> {
        const EXPECTED: &str = "a whole number of 0 or more";
        self.at(path).and_then(|node| match node.value {
            Value::Number(number) => match number.as_u64().or_else(|| number.as_f64().and_then(exact)) {
                Some(whole) => Known::Value(whole),
                None => node.wrong_type(EXPECTED),
            },
            _ => node.wrong_type(EXPECTED),
        })
    }

    /// The number at `path`, whole or not, for what is measured and not counted: a threshold, a score.
    #[must_use]
    pub fn number(&self, path: &str) -> Known<f64> {
        self.at(path).and_then(|node| match node.value.as_f64() {
            Some(number) => Known::Value(number),
            None => node.wrong_type("a number"),
        })
    }

    /// The time at `path`, in whichever spelling AWS chose for the property: ISO 8601 with `Z`, `+0000` or `+00:00`,
    /// epoch seconds as services write them on the wire, epoch milliseconds, or `Aug 13, 2019 8:39:10 AM`.
    #[must_use]
    pub fn timestamp(&self, path: &str) -> Known<Timestamp> {
        self.at(path).and_then(|node| match item::timestamp(node.value) {
            Some(time) => Known::Value(time),
            None => node.wrong_type("a time"),
        })
    }

    /// The switch at `path`; some types record it as the text `"true"` or `"false"`.
    #[must_use]
    pub fn boolean(&self, path: &str) -> Known<bool> {
        self.at(path).and_then(|node| match node.value {
            Value::Bool(boolean) => Known::Value(*boolean),
            Value::String(text) if text == "true" => Known::Value(true),
            Value::String(text) if text == "false" => Known::Value(false),
            _ => node.wrong_type("true or false"),
        })
    }

    /// The elements of the list at `path`.
    #[must_use]
    pub fn list(&self, path: &str) -> Known<Vec<Node<'a>>> {
        self.at(path).and_then(|node| match node.value {
            Value::Array(elements) => Known::Value(
                elements
                    .iter()
                    .enumerate()
                    .map(|(index, value)| Node { value, path: format!("{}[{index}]", node.path) })
                    .collect(),
            ),
            _ => node.wrong_type("a list"),
        })
    }

    /// The members of the object at `path`, whatever their keys.
    #[must_use]
    pub fn object(&self, path: &str) -> Known<&'a Map<String, Value>> {
        self.at(path).and_then(|node| match node.value {
            Value::Object(members) => Known::Value(members),
            _ => node.wrong_type("an object"),
        })
    }

    fn wrong_type<T>(&self, expected: &'static str) -> Known<T> {
        let path = if self.path.is_empty() { "the item".to_owned() } else { self.path.clone() };
        Known::Unknown(Missing::WrongType { path, expected, found: described(self.value) })
    }
}

/// The type of a JSON value in the words of error messages.
pub(crate) fn described(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(boolean) => format!("{boolean}"),
        Value::Number(number) => format!("the number {number}"),
        Value::String(_) => "text".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// The whole number that a float stands for, as long as floats of its size still tell neighbours apart.
fn exact(float: f64) -> Option<u64> {
    const FIRST_INEXACT: f64 = 9_007_199_254_740_992.0;
    let is_whole = (0.0..FIRST_INEXACT).contains(&float) && float.fract() == 0.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "both were just ruled out")]
    is_whole.then_some(float as u64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn floats_of_query_rows_are_whole_numbers() {
        let item = json!({"configuration": {"timeout": 60.0}});
        assert_eq!(Node::root(&item).whole_number("configuration.timeout"), Known::Value(60));
    }

    #[test]
    fn a_measured_number_may_be_half_or_negative() {
        let item = json!({"a": 60.5, "b": -1, "c": "60"});
        assert_eq!(["a", "b"].map(|key| Node::root(&item).number(key)), [60.5, -1.0].map(Known::Value));
        let wrong = Node::root(&item).number("c").get().unwrap_err().to_string();
        assert_eq!(wrong, "`c`: expected a number, found text");
    }

    #[test]
    fn a_time_is_read_as_functions_and_services_write_it() {
        let item = json!({"a": "2026-09-30T14:03:05.510+0000", "b": 1_790_776_985.51, "c": "yesterday"});
        let expected: Timestamp = "2026-09-30T14:03:05.510Z".parse().unwrap();
        assert_eq!(
            ["a", "b"].map(|key| Node::root(&item).timestamp(key)),
            [expected, expected].map(Known::Value)
        );
        let wrong = Node::root(&item).timestamp("c").get().unwrap_err().to_string();
        assert_eq!(wrong, "`c`: expected a time, found text");
    }

    #[test]
    fn half_and_negative_numbers_are_not_whole() {
        let item = json!({"a": 60.5, "b": -1, "c": 1e300});
        for key in ["a", "b", "c"] {
            assert!(matches!(
                Node::root(&item).whole_number(key),
                Known::Unknown(Missing::WrongType { expected: "a whole number of 0 or more", .. })
            ));
        }
    }

    #[test]
    fn absent_null_and_wrong_type_are_told_apart() {
        let item = json!({"configuration": {"role": null, "handler": 3}});
        let root = Node::root(&item);
        let path = "configuration.runtime".to_owned();
        assert_eq!(root.text("configuration.runtime"), Known::Unknown(Missing::Absent { path }));
        let path = "configuration.role".to_owned();
        assert_eq!(root.text("configuration.role"), Known::Unknown(Missing::Null { path }));
        let wrong = root.text("configuration.handler");
        let message = wrong.get().unwrap_err().to_string();
        assert_eq!(message, "`configuration.handler`: expected text, found the number 3");
    }

    #[test]
    fn a_section_that_is_not_there_is_not_recorded() {
        let item = json!({"configuration": null});
        for path in ["configuration.timeout", "supplementaryConfiguration.Policy"] {
            assert!(matches!(Node::root(&item).at(path), Known::Unknown(Missing::NotRecorded { .. })));
        }
    }

    #[test]
    fn elements_know_where_they_stand() {
        let item = json!({"layers": [{"arn": 1}]});
        let layers = Node::root(&item).list("layers");
        let arn = layers.get().unwrap()[0].text("arn");
        let (path, found) = ("layers[0].arn".to_owned(), "the number 1".to_owned());
        assert_eq!(arn, Known::Unknown(Missing::WrongType { path, expected: "text", found }));
    }
}

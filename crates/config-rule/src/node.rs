use std::sync::Arc;

use jiff::Timestamp;

use crate::json::{Json, Object};
use crate::kept::Kept;
use crate::known::{Known, Missing};
use crate::time;
use crate::tree::Tree;

/// The parts of an item that a row or an API may leave out altogether.
pub(crate) const SECTIONS: [&str; 2] = ["configuration", "supplementaryConfiguration"];

/// A place in a configuration item, with the path that led there.
///
/// Every read takes a dotted path of keys below this place and keeps apart what a sloppy reader confuses: absent,
/// `null`, of another type, and not recorded at all.
#[derive(Clone, Debug, PartialEq)]
pub struct Node<'a> {
    value: Json<'a>,
    path: Path,
    /// What of the value was read.
    kept: &'a Kept,
}

/// Most paths are never shown: that of an element is put together when it is.
#[derive(Clone, Debug, PartialEq)]
enum Path {
    Place(String),
    Element { list: Arc<str>, index: usize },
}

impl<'a> Node<'a> {
    /// The root of a tree of properties.
    #[must_use]
    pub fn root(tree: &'a Tree) -> Self {
        Self::of_kept(tree, &Kept::Whole)
    }

    /// The same of properties of which no more than `kept` was read.
    pub(crate) fn of_kept(tree: &'a Tree, kept: &'a Kept) -> Self {
        Self { value: tree.root(), path: Path::Place(String::new()), kept }
    }

    /// The JSON value at this place.
    #[must_use]
    pub const fn value(&self) -> Json<'a> {
        self.value
    }

    /// Dotted path from the item's root, with `[n]` for the elements of lists.
    #[must_use]
    pub fn path(&self) -> String {
        match &self.path {
            Path::Place(path) => path.clone(),
            Path::Element { list, index } => format!("{list}[{index}]"),
        }
    }

    /// The place below this one, if it holds anything but `null`.
    #[must_use]
    pub fn at(&self, path: &str) -> Known<Node<'a>> {
        match self.find(path) {
            Ok((value, kept)) => Known::Value(Self { kept, ..self.below(path, value) }),
            Err(missing) => Known::Unknown(missing),
        }
    }

    /// The text at `path`.
    #[must_use]
    pub fn text(&self, path: &str) -> Known<&'a str> {
        self.read(path, "text", Json::as_text)
    }

    /// The text at this place.
    #[must_use]
    pub fn as_text(&self) -> Known<&'a str> {
        match self.value {
            Json::Text(text) => Known::Value(text),
            _ => Known::Unknown(self.mistaken_for("text")),
        }
    }

    /// The number at `path`, which must not be negative; rows of `SelectResourceConfig` hold `60.0` for 60.
    #[must_use]
    pub fn whole_number(&self, path: &str) -> Known<u64> {
        let whole = |value: Json<'a>| value.as_u64().or_else(|| value.as_f64().and_then(exact));
        self.read(path, "a whole number of 0 or more", whole)
    }

    /// The number at `path`, whole or not, for what is measured and not counted: a threshold, a score.
    #[must_use]
    pub fn number(&self, path: &str) -> Known<f64> {
        self.read(path, "a number", Json::as_f64)
    }

    /// The time at `path`, in whichever spelling AWS chose for the property: ISO 8601 with `Z`, `+0000` or `+00:00`,
    /// epoch seconds as services write them on the wire, epoch milliseconds, or `Aug 13, 2019 8:39:10 AM`.
    #[must_use]
    pub fn timestamp(&self, path: &str) -> Known<Timestamp> {
        self.read(path, "a time", time::read)
    }

    /// The switch at `path`; some types record it as the text `"true"` or `"false"`.
    #[must_use]
    pub fn boolean(&self, path: &str) -> Known<bool> {
        self.read(path, "true or false", |value| match value {
            Json::Bool(boolean) => Some(boolean),
            Json::Text("true") => Some(true),
            Json::Text("false") => Some(false),
            _ => None,
        })
    }

    /// The elements of the list at `path`.
    #[must_use]
    pub fn list(&self, path: &str) -> Known<Vec<Node<'a>>> {
        let elements = self.read_kept(path, "a list", Json::as_list);
        elements.map(|(elements, kept)| {
            let list: Arc<str> = join(&self.path(), path).into();
            let place =
                |(index, value)| Node { value, path: Path::Element { list: Arc::clone(&list), index }, kept };
            elements.iter().enumerate().map(place).collect()
        })
    }

    /// The members of the object at `path`, whatever their keys.
    #[must_use]
    pub fn object(&self, path: &str) -> Known<Object<'a>> {
        let object = self.read_kept(path, "an object", Json::as_object);
        object.and_then(|(object, kept)| match kept {
            Kept::Whole => Known::Value(object),
            Kept::Members(_) => Known::Unknown(left_out(&join(&self.path(), path))),
        })
    }

    /// What `read` makes of the value at `path`. The path from the root is put together only to say what is wrong there:
    /// most reads succeed, and a rule makes hundreds of them.
    fn read<T>(
        &self,
        path: &str,
        expected: &'static str,
        read: impl FnOnce(Json<'a>) -> Option<T>,
    ) -> Known<T> {
        self.read_kept(path, expected, read).map(|(read, _)| read)
    }

    /// The same, with what of the value was read.
    fn read_kept<T>(
        &self,
        path: &str,
        expected: &'static str,
        read: impl FnOnce(Json<'a>) -> Option<T>,
    ) -> Known<(T, &'a Kept)> {
        match self.find(path) {
            Ok((value, kept)) => match read(value) {
                Some(read) => Known::Value((read, kept)),
                None => Known::Unknown(self.below(path, value).mistaken_for(expected)),
            },
            Err(missing) => Known::Unknown(missing),
        }
    }

    /// The value at `path`, if there is any but `null`.
    fn find(&self, path: &str) -> Result<(Json<'a>, &'a Kept), Missing> {
        let (mut value, mut kept) = (self.value, self.kept);
        let mut found = "";
        for key in path.split('.') {
            let Json::Object(object) = value else {
                return Err(self.below(found, value).mistaken_for("an object"));
            };
            let length = if found.is_empty() { key.len() } else { found.len() + 1 + key.len() };
            let wanted = path.get(..length).unwrap_or(path);
            let from_root = || join(&self.path(), wanted);
            let is_section = self.is_root() && found.is_empty() && SECTIONS.contains(&key);
            kept = if is_section {
                kept.of_section(key)
            } else {
                kept.of_member(key).ok_or_else(|| left_out(&from_root()))?
            };
            match object.get(key) {
                Some(Json::Null) | None if is_section => {
                    return Err(Missing::NotRecorded { what: format!("`{key}`") });
                }
                None => return Err(Missing::Absent { path: from_root() }),
                Some(Json::Null) => return Err(Missing::Null { path: from_root() }),
                Some(below) => value = below,
            }
            found = wanted;
        }
        Ok((value, kept))
    }

    fn is_root(&self) -> bool {
        matches!(&self.path, Path::Place(path) if path.is_empty())
    }

    fn below(&self, path: &str, value: Json<'a>) -> Self {
        Self { value, path: Path::Place(join(&self.path(), path)), kept: self.kept }
    }

    fn mistaken_for(&self, expected: &'static str) -> Missing {
        let path = if self.is_root() { "the item".to_owned() } else { self.path() };
        Missing::WrongType { path, expected, found: described(self.value) }
    }
}

/// Whoever read the item said that nobody asks for this.
fn left_out(path: &str) -> Missing {
    Missing::NotRecorded { what: format!("`{path}`, which was left out when the item was read,") }
}

/// The type of a JSON value in the words of error messages.
pub(crate) fn described(value: Json<'_>) -> String {
    match value {
        Json::Null => "null".to_owned(),
        Json::Bool(boolean) => format!("{boolean}"),
        Json::Number(number) => format!("the number {number}"),
        Json::Text(_) => "text".to_owned(),
        Json::List(_) => "a list".to_owned(),
        Json::Object(_) => "an object".to_owned(),
    }
}

fn join(path: &str, key: &str) -> String {
    match (path, key) {
        ("", key) => key.to_owned(),
        (path, "") => path.to_owned(),
        (path, key) => format!("{path}.{key}"),
    }
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
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn floats_of_query_rows_are_whole_numbers() {
        let item = tree(json!({"configuration": {"timeout": 60.0}}));
        assert_eq!(Node::root(&item).whole_number("configuration.timeout"), Known::Value(60));
    }

    #[test]
    fn a_measured_number_may_be_half_or_negative() {
        let item = tree(json!({"a": 60.5, "b": -1, "c": "60"}));
        assert_eq!(["a", "b"].map(|key| Node::root(&item).number(key)), [60.5, -1.0].map(Known::Value));
        let wrong = Node::root(&item).number("c").get().unwrap_err().to_string();
        assert_eq!(wrong, "`c`: expected a number, found text");
    }

    #[test]
    fn a_time_is_read_as_functions_and_services_write_it() {
        let item =
            tree(json!({"a": "2026-09-30T14:03:05.510+0000", "b": 1_790_776_985.51, "c": "yesterday"}));
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
        let item = tree(json!({"a": 60.5, "b": -1, "c": 1e300}));
        for key in ["a", "b", "c"] {
            assert!(matches!(
                Node::root(&item).whole_number(key),
                Known::Unknown(Missing::WrongType { expected: "a whole number of 0 or more", .. })
            ));
        }
    }

    #[test]
    fn absent_null_and_wrong_type_are_told_apart() {
        let item = tree(json!({"configuration": {"role": null, "handler": 3}}));
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
        let item = tree(json!({"configuration": null}));
        for path in ["configuration.timeout", "supplementaryConfiguration.Policy"] {
            assert!(matches!(Node::root(&item).at(path), Known::Unknown(Missing::NotRecorded { .. })));
        }
    }

    #[test]
    fn elements_know_where_they_stand() {
        let item = tree(json!({"layers": [{"arn": 1}]}));
        let layers = Node::root(&item).list("layers");
        let arn = layers.get().unwrap()[0].text("arn");
        let (path, found) = ("layers[0].arn".to_owned(), "the number 1".to_owned());
        assert_eq!(arn, Known::Unknown(Missing::WrongType { path, expected: "text", found }));
    }

    fn tree(value: Value) -> Tree {
        serde_json::from_value(value).unwrap()
    }
}

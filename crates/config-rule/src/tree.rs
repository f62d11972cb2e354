mod growth;
mod words;
mod written;

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed as _, Deserializer};

pub(crate) use growth::TAGS;
pub(crate) use written::{Key, Part, Values};

use crate::json::{Json, Number};
use crate::kept::Kept;
use growth::{Filter, Growth};
use written::{LENGTH_BYTES, LONGEST_SHORT_TEXT, mark};

/// JSON that is read and not changed, in one piece of memory however much it holds.
///
/// `serde_json::Value` keeps each object in nodes of more than 600 bytes and each text in an allocation of its own. A
/// large account has millions of those, and most of them are never looked at.
///
#[derive(Clone, Default)]
pub struct Tree {
    bytes: Vec<u8>,
}

/// A list or an object would be longer than can be written with 32 bits.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected at most 4 GiB of JSON, found more")]
pub struct TooLarge;

impl Tree {
    /// The members of the object that `json` holds whose keys are among `keys`; of anything else, everything. What is left out is skipped, which
    /// takes a tenth of the time of reading it.
    ///
    /// # Errors
    ///
    /// Those of `json`, or [`TooLarge`] in its words.
    pub fn with_members<'de, D: Deserializer<'de>>(json: D, keys: &[&str]) -> Result<Self, D::Error> {
        let mut tree = Self::default();
        tree.read_members(json, keys, &Kept::Whole)?;
        Ok(tree)
    }

    /// Reads [these members](Self::with_members), and what is `kept` of an item's properties, in the place of what it holds
    /// and into the same memory.
    ///
    /// # Errors
    ///
    /// As for a new tree; what it holds then is not all that was there.
    pub fn read_members<'de, D: Deserializer<'de>>(
        &mut self,
        json: D,
        keys: &[&str],
        kept: &Kept,
    ) -> Result<(), D::Error> {
        self.bytes.clear();
        json.deserialize_any(Growth { tree: self, filter: Filter::Item(keys, kept) })
    }

    /// An object without members.
    pub(crate) fn empty_object() -> Self {
        let mut bytes = vec![mark::OBJECT];
        bytes.extend_from_slice(&0_u32.to_le_bytes());
        Self { bytes }
    }

    /// What it holds.
    #[must_use]
    pub fn root(&self) -> Json<'_> {
        Part::of(&self.bytes).json()
    }

    /// With as much room as another one needs.
    pub(crate) fn sized_like(other: &Self) -> Self {
        Self { bytes: Vec::with_capacity(other.bytes.len()) }
    }

    /// What was pushed, value by value.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    pub(crate) fn push_null(&mut self) {
        self.bytes.push(mark::NULL);
    }

    fn push_bool(&mut self, boolean: bool) {
        self.bytes.push(if boolean { mark::TRUE } else { mark::FALSE });
    }

    pub(crate) fn push_text(&mut self, text: &str) {
        match u8::try_from(text.len()) {
            Ok(length) if text.len() <= LONGEST_SHORT_TEXT => self.bytes.push(mark::SHORT_TEXT + length),
            _ => {
                self.bytes.push(mark::TEXT);
                self.bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
            }
        }
        self.bytes.extend_from_slice(text.as_bytes());
    }

    pub(crate) fn push_key(&mut self, key: &str) {
        match words::place(key) {
            Some(place) => self.bytes.extend_from_slice(&[mark::WORD, place]),
            None => self.push_text(key),
        }
    }

    /// The text, or `null`.
    pub(crate) fn push_optional_text(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.push_text(text),
            None => self.push_null(),
        }
    }

    fn push_number(&mut self, number: Number) {
        let (mark, bytes) = match number {
            Number::Unsigned(number) => match u8::try_from(number) {
                Ok(small) => return self.bytes.extend_from_slice(&[mark::SMALL, small]),
                Err(_) => (mark::UNSIGNED, number.to_le_bytes()),
            },
            Number::Negative(number) => (mark::NEGATIVE, number.to_le_bytes()),
            Number::Fraction(number) => (mark::FRACTION, number.to_le_bytes()),
        };
        self.bytes.push(mark);
        self.bytes.extend_from_slice(&bytes);
    }

    /// Begins an object, to which everything belongs that is pushed until it is [closed](Self::close).
    pub(crate) fn open_object(&mut self) -> Open {
        self.open(mark::OBJECT)
    }

    fn open_list(&mut self) -> Open {
        self.open(mark::LIST)
    }

    fn open(&mut self, mark: u8) -> Open {
        self.bytes.push(mark);
        self.bytes.extend_from_slice(&[0; LENGTH_BYTES]);
        Open { start: self.bytes.len() }
    }

    pub(crate) fn close(&mut self, open: &Open) -> Result<(), TooLarge> {
        let length = length(self.bytes.len() - open.start)?;
        if let Some(written) = self.bytes.get_mut(open.start - LENGTH_BYTES..open.start) {
            written.copy_from_slice(&length);
        }
        Ok(())
    }

    /// Copies a value of a tree.
    pub(crate) fn push_part(&mut self, part: Part<'_>) {
        self.bytes.extend_from_slice(part.bytes());
    }

    /// Adds what is kept of the value that a text holds as JSON.
    ///
    /// # Errors
    ///
    /// What is wrong with the text; nothing of it stays.
    pub(crate) fn push_json(&mut self, text: &str, kept: &Kept) -> Result<(), serde_json::Error> {
        let before = self.mark();
        let mut json = serde_json::Deserializer::from_str(text);
        let read = Growth::of(self, kept).deserialize(&mut json).and_then(|()| json.end());
        if read.is_err() {
            self.cut_back(&before);
        }
        read
    }

    /// How much there is now.
    pub(crate) fn mark(&self) -> Mark {
        Mark { length: self.bytes.len() }
    }

    /// Takes away whatever came after the mark.
    pub(crate) fn cut_back(&mut self, mark: &Mark) {
        self.bytes.truncate(mark.length);
    }

    /// What was pushed first after the mark.
    pub(crate) fn json_after(&self, mark: &Mark) -> Json<'_> {
        Part::of(self.bytes.get(mark.length..).unwrap_or_default()).json()
    }

    /// Gives back what it took in advance.
    pub(crate) fn shrunk(self) -> Self {
        let Self { bytes } = self;
        // Copies: an allocator that is asked for less in the same place keeps up to half of it.
        Self { bytes: if bytes.len() == bytes.capacity() { bytes } else { bytes.as_slice().to_vec() } }
    }
}

/// An object or a list to which more may be added.
#[derive(Debug)]
pub(crate) struct Open {
    /// Where what belongs to it begins.
    start: usize,
}

/// How far a tree had grown.
#[derive(Debug)]
pub(crate) struct Mark {
    length: usize,
}

fn length(bytes: usize) -> Result<[u8; LENGTH_BYTES], TooLarge> {
    u32::try_from(bytes).map(u32::to_le_bytes).map_err(|_| TooLarge)
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        let mut tree = Self::default();
        Growth::of(&mut tree, &Kept::Whole).deserialize(json)?;
        Ok(tree)
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root().to_value().fmt(formatter)
    }
}

impl PartialEq for Tree {
    fn eq(&self, other: &Self) -> bool {
        self.root() == other.root()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::json::Object;

    proptest! {
        #[test]
        fn a_tree_holds_what_a_value_holds_even_where_keys_repeat(text in documents()) {
            let (tree, value): (Tree, Value) = (read(&text), serde_json::from_str(&text).unwrap());
            prop_assert_eq!(tree.root().to_value(), value.clone());
            prop_assert_eq!(serde_json::from_value::<Tree>(value).unwrap(), tree);
        }

        #[test]
        fn a_member_is_found_as_in_a_value(text in documents(), key in "[ab]{1,2}") {
            let (tree, value): (Tree, Value) = (read(&text), serde_json::from_str(&text).unwrap());
            prop_assert_eq!(tree.root().get(&key).map(Json::to_value), value.get(&key).cloned());
            prop_assert_eq!(tree.root().get(&key), tree.root().as_object().and_then(|members| members.get_each([&key])[0]));
        }

        #[test]
        fn a_part_is_copied_as_it_is_wherever_it_stands(text in documents()) {
            let tree = read(&text);
            let mut copy = Tree::default();
            let list = copy.open_list();
            copy.push_text("before");
            let mut expected = vec![json!("before")];
            for (_, part) in tree.root().as_object().into_iter().flat_map(Object::parts) {
                expected.push(part.json().to_value());
                copy.push_part(part);
            }
            copy.close(&list).unwrap();
            prop_assert_eq!(copy.shrunk().root().to_value(), Value::Array(expected));
        }
    }

    #[test]
    fn a_key_that_everybody_uses_is_like_any_other() {
        let text =
            r#"{"configuration": {"role": "role", "roles": ["name"]}, "name": {"key": null, "k": "value"}}"#;
        let (tree, value): (Tree, Value) = (read(text), serde_json::from_str(text).unwrap());
        assert_eq!(tree.root().to_value(), value);
        let configuration = tree.root().get("configuration").unwrap();
        assert_eq!(configuration.get("role").and_then(Json::as_text), Some("role"));
        assert_eq!(configuration.get("rol"), None);
    }

    #[test]
    fn text_that_is_no_json_leaves_nothing_behind() {
        let mut tree = Tree::default();
        let list = tree.open_list();
        for (text, is_json) in
            [("{\"a\": [1, \"b\", ", false), ("[1.5]", true), ("1 2", false), ("\"c\"", true)]
        {
            assert_eq!(tree.push_json(text, &Kept::Whole).is_ok(), is_json, "{text}");
        }
        tree.close(&list).unwrap();
        assert_eq!(tree.root().to_value(), json!([[1.5], "c"]));
    }

    #[test]
    fn members_that_nobody_asks_for_are_left_out_but_must_be_json() {
        let kept = |text: &str| {
            let mut json = serde_json::Deserializer::from_str(text);
            Tree::with_members(&mut json, &["a", "c"]).map(|tree| tree.root().to_value())
        };
        assert_eq!(
            kept(r#"{"a": {"b": 1}, "b": [{}], "c": null}"#).unwrap(),
            json!({"a": {"b": 1}, "c": null})
        );
        assert_eq!(kept("[{\"b\": 1}]").unwrap(), json!([{"b": 1}]));
        assert!(kept(r#"{"b": [}, "a": 1}"#).is_err());
    }

    #[test]
    fn numbers_are_as_exact_as_those_of_values() {
        for text in
            ["18446744073709551615", "-9223372036854775808", "18446744073709551616", "60.0", "-0.0", "1e300"]
        {
            let (tree, value): (Tree, Value) = (read(text), serde_json::from_str(text).unwrap());
            assert_eq!(
                (tree.root().as_u64(), tree.root().as_i64()),
                (value.as_u64(), value.as_i64()),
                "{text}"
            );
            assert_eq!(tree.root().to_value().to_string(), value.to_string());
        }
    }

    fn read(text: &str) -> Tree {
        serde_json::from_str(text).unwrap()
    }

    /// Texts of JSON with few keys, so that they repeat.
    fn documents() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("null".to_owned()),
            any::<bool>().prop_map(|boolean| boolean.to_string()),
            any::<i64>().prop_map(|number| number.to_string()),
            any::<f64>().prop_map(|number| json!(number).to_string()),
            ".{0,6}".prop_map(|text| json!(text).to_string()),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            let member = ("[ab]{1,2}", inner.clone()).prop_map(|(key, value)| format!("\"{key}\": {value}"));
            prop_oneof![
                prop::collection::vec(inner, 0..6).prop_map(|elements| format!("[{}]", elements.join(", "))),
                prop::collection::vec(member, 0..6).prop_map(|members| format!("{{{}}}", members.join(", "))),
            ]
        })
    }
}

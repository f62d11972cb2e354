mod growth;

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed as _, Deserializer};
use serde_json::Number;

pub(crate) use growth::TAGS;

use crate::json::{Json, List, Object};
use crate::kept::Kept;
use growth::{Filter, Growth};

/// JSON that is read and not changed, in three pieces of memory however much it holds.
///
/// `serde_json::Value` keeps each object in nodes of more than 600 bytes and each text in an allocation of its own. A
/// large account has millions of those, and most of them are never looked at.
#[derive(Clone, Default)]
pub struct Tree {
    /// All values in the order of the text; the members of an object as keys, each with its value behind it.
    cells: Vec<Cell>,
    /// All keys and texts, one after the other.
    texts: String,
    numbers: Vec<Number>,
}

/// A value, or the key of a member. Places are in 32 bits, so that a cell has twelve bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cell {
    Null,
    Bool(bool),
    /// The place among the numbers.
    Number(u32),
    /// The place among the texts.
    Text {
        start: u32,
        length: u32,
    },
    /// How many of the cells behind this one belong to it.
    List(u32),
    /// The same.
    Object(u32),
}

/// A tree would have more cells, or more bytes of text, than can be numbered with 32 bits.
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
        self.cut_back(&Mark::default());
        json.deserialize_any(Growth { tree: self, filter: Filter::Item(keys, kept) })
    }

    /// An object without members.
    pub(crate) fn empty_object() -> Self {
        Self { cells: vec![Cell::Object(0)], ..Self::default() }
    }

    /// What it holds.
    #[must_use]
    pub fn root(&self) -> Json<'_> {
        self.json(0)
    }

    /// With as much room as another one needs.
    pub(crate) fn sized_like(other: &Self) -> Self {
        Self {
            cells: Vec::with_capacity(other.cells.len()),
            texts: String::with_capacity(other.texts.len()),
            numbers: Vec::with_capacity(other.numbers.len()),
        }
    }

    /// Where the value of a member of the root is.
    pub(crate) fn member(&self, key: &str) -> Option<usize> {
        let members = self.root().as_object()?.places();
        members.filter(|(found, _)| *found == key).map(|(_, at)| at).last()
    }

    pub(crate) fn json(&self, at: usize) -> Json<'_> {
        match self.cells.get(at) {
            None | Some(Cell::Null) => Json::Null,
            Some(Cell::Bool(boolean)) => Json::Bool(*boolean),
            Some(Cell::Number(place)) => self.numbers.get(*place as usize).map_or(Json::Null, Json::Number),
            Some(Cell::Text { .. }) => Json::Text(self.text(at)),
            Some(Cell::List(_)) => Json::List(List::of(self, at + 1, self.after(at))),
            Some(Cell::Object(_)) => Json::Object(Object::of(self, at)),
        }
    }

    /// The text of a cell; empty where it is none.
    pub(crate) fn text(&self, at: usize) -> &str {
        match self.cells.get(at) {
            Some(Cell::Text { start, length }) => {
                let start = *start as usize;
                self.texts.get(start..start + *length as usize).unwrap_or_default()
            }
            _ => "",
        }
    }

    /// Whether a cell holds this text.
    pub(crate) fn is_text(&self, at: usize, text: &str) -> bool {
        match self.cells.get(at) {
            Some(Cell::Text { start, length }) if *length as usize == text.len() => {
                let start = *start as usize;
                self.texts.as_bytes().get(start..start + text.len()) == Some(text.as_bytes())
            }
            _ => false,
        }
    }

    /// Where the value at `at` ends.
    pub(crate) fn after(&self, at: usize) -> usize {
        match self.cells.get(at) {
            Some(Cell::List(below) | Cell::Object(below)) => at + 1 + *below as usize,
            _ => at + 1,
        }
    }

    /// Everything that stands in a value, in its order.
    pub(crate) fn cells(&self, from: usize, to: usize) -> &[Cell] {
        self.cells.get(from..to).unwrap_or_default()
    }

    pub(crate) fn push_null(&mut self) {
        self.cells.push(Cell::Null);
    }

    pub(crate) fn push_text(&mut self, text: &str) -> Result<(), TooLarge> {
        let start = place(self.texts.len())?;
        let length = place(text.len())?;
        place(self.texts.len() + text.len())?;
        self.texts.push_str(text);
        self.cells.push(Cell::Text { start, length });
        Ok(())
    }

    fn push_number(&mut self, number: Number) -> Result<(), TooLarge> {
        self.cells.push(Cell::Number(place(self.numbers.len())?));
        self.numbers.push(number);
        Ok(())
    }

    /// Begins an object, to which everything belongs that is pushed until it is [closed](Self::close).
    pub(crate) fn open_object(&mut self) -> usize {
        self.cells.push(Cell::Object(0));
        self.cells.len() - 1
    }

    fn open_list(&mut self) -> usize {
        self.cells.push(Cell::List(0));
        self.cells.len() - 1
    }

    pub(crate) fn close(&mut self, at: usize) -> Result<(), TooLarge> {
        let below = place(self.cells.len() - at - 1)?;
        if let Some(Cell::List(count) | Cell::Object(count)) = self.cells.get_mut(at) {
            *count = below;
        }
        Ok(())
    }

    /// Copies the value at `at` of `other`.
    pub(crate) fn push_part(&mut self, other: &Self, at: usize) -> Result<(), TooLarge> {
        let cells = other.cells(at, other.after(at));
        let spans = || {
            cells.iter().filter_map(|cell| match cell {
                Cell::Text { start, length } => Some((*start as usize, (*start + *length) as usize)),
                _ => None,
            })
        };
        // The texts of a value stand one after the other, as they were read.
        let texts = spans().next().zip(spans().next_back()).map(|((start, _), (_, end))| start..end);
        let texts_of_other = texts.clone().map_or(0, |texts| texts.start);
        let texts_of_self = self.texts.len();
        self.texts.push_str(texts.and_then(|texts| other.texts.get(texts)).unwrap_or_default());
        place(self.texts.len())?;
        for cell in cells {
            let moved = match cell {
                Cell::Text { start, length } => {
                    let start = place(*start as usize - texts_of_other + texts_of_self)?;
                    Cell::Text { start, length: *length }
                }
                Cell::Number(place) => match other.numbers.get(*place as usize) {
                    Some(number) => {
                        self.push_number(number.clone())?;
                        continue;
                    }
                    None => Cell::Null,
                },
                cell => *cell,
            };
            self.cells.push(moved);
        }
        Ok(())
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
        Mark { cells: self.cells.len(), texts: self.texts.len(), numbers: self.numbers.len() }
    }

    /// Takes away whatever came after the mark.
    pub(crate) fn cut_back(&mut self, mark: &Mark) {
        self.cells.truncate(mark.cells);
        self.texts.truncate(mark.texts);
        self.numbers.truncate(mark.numbers);
    }

    /// What was pushed first after the mark.
    pub(crate) fn json_after(&self, mark: &Mark) -> Json<'_> {
        self.json(mark.cells)
    }

    /// Gives back what it took in advance.
    pub(crate) fn shrunk(self) -> Self {
        let Self { cells, texts, numbers } = self;
        // Copies: an allocator that is asked for less in the same place keeps up to half of it.
        let exact =
            |texts: String| if texts.len() == texts.capacity() { texts } else { texts.as_str().to_owned() };
        let cells = if cells.len() == cells.capacity() { cells } else { cells.as_slice().to_vec() };
        let numbers = if numbers.len() == numbers.capacity() { numbers } else { numbers.as_slice().to_vec() };
        Self { cells, texts: exact(texts), numbers }
    }
}

/// How far a tree had grown.
#[derive(Debug, Default)]
pub(crate) struct Mark {
    cells: usize,
    texts: usize,
    numbers: usize,
}

fn place(number: usize) -> Result<u32, TooLarge> {
    u32::try_from(number).map_err(|_| TooLarge)
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
            prop_assert_eq!(tree.root().get(&key).is_some(), tree.member(&key).is_some());
        }

        #[test]
        fn a_part_is_copied_as_it_is_wherever_it_stands(text in documents()) {
            let tree = read(&text);
            let mut copy = Tree::default();
            let list = copy.open_list();
            copy.push_text("before").unwrap();
            let whole = Json::as_object(tree.root()).map(|members| members.places().map(|(_, at)| at).collect::<Vec<_>>());
            let mut expected = vec![json!("before")];
            for at in whole.unwrap_or_default() {
                expected.push(tree.json(at).to_value());
                copy.push_part(&tree, at).unwrap();
            }
            copy.close(list).unwrap();
            prop_assert_eq!(copy.shrunk().root().to_value(), Value::Array(expected));
        }
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
        tree.close(list).unwrap();
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

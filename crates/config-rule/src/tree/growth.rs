//! Reads JSON into a tree, as far as it is kept.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Tree;
use crate::json::Number;
use crate::kept::Kept;
use crate::node::SECTIONS;

/// Adds one value to a tree.
pub(super) struct Growth<'t, 'k> {
    pub(super) tree: &'t mut Tree,
    pub(super) filter: Filter<'k>,
}

/// Which members are read.
#[derive(Clone, Copy)]
pub(super) enum Filter<'k> {
    /// Of an item, and what of its properties.
    Item(&'k [&'k str], &'k Kept),
    /// Of properties. Tags may stand among them, wherever the section has them.
    Section(&'k Kept),
    /// Of anything below.
    Kept(&'k Kept),
}

impl Filter<'_> {
    /// What is read of a member; `None` if nothing is.
    fn of_member(self, key: &str) -> Option<Self> {
        match self {
            Self::Item(keys, _) if !keys.contains(&key) => None,
            Self::Item(_, kept) if SECTIONS.contains(&key) => Some(Self::Section(kept.of_section(key))),
            Self::Item(..) => Some(Self::Kept(&Kept::Whole)),
            Self::Section(_) if TAGS.contains(&key) => Some(Self::Kept(&Kept::Whole)),
            Self::Section(kept) | Self::Kept(kept) => kept.of_member(key).map(Self::Kept),
        }
    }

    /// What is read of the elements of a list.
    fn of_elements(self) -> Self {
        match self {
            // A list is no item, and whoever says so is told all of it.
            Self::Item(..) => Self::Kept(&Kept::Whole),
            Self::Section(kept) | Self::Kept(kept) => Self::Kept(kept),
        }
    }
}

/// The members of a section that hold tags.
pub(crate) const TAGS: [&str; 2] = ["tags", "Tags"];

impl<'t, 'k> Growth<'t, 'k> {
    pub(super) fn of(tree: &'t mut Tree, kept: &'k Kept) -> Self {
        Self { tree, filter: Filter::Section(kept) }
    }
}

impl<'de> DeserializeSeed<'de> for Growth<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Growth<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.tree.push_null();
        Ok(())
    }

    fn visit_bool<E: Error>(self, boolean: bool) -> Result<(), E> {
        self.tree.push_bool(boolean);
        Ok(())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        self.tree.push_number(Number::Unsigned(number));
        Ok(())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        self.tree.push_number(number.into());
        Ok(())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<(), E> {
        // As for `serde_json`, which cannot write what is no number either.
        if number.is_finite() {
            self.tree.push_number(Number::Fraction(number));
        } else {
            self.tree.push_null();
        }
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.tree.push_text(text);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        let list = self.tree.open_list();
        let filter = self.filter.of_elements();
        while elements.next_element_seed(Growth { tree: self.tree, filter })?.is_some() {}
        self.tree.close(&list).map_err(A::Error::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let object = self.tree.open_object();
        while let Some(filter) = members.next_key_seed(Key { tree: self.tree, filter: self.filter })? {
            match filter {
                Some(filter) => members.next_value_seed(Growth { tree: self.tree, filter })?,
                None => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        self.tree.close(&object).map_err(A::Error::custom)
    }
}

/// Adds a key, if it is one of those that are read.
struct Key<'t, 'k> {
    tree: &'t mut Tree,
    filter: Filter<'k>,
}

impl<'de, 'k> DeserializeSeed<'de> for Key<'_, 'k> {
    type Value = Option<Filter<'k>>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_str(self)
    }
}

impl<'k> Visitor<'_> for Key<'_, 'k> {
    type Value = Option<Filter<'k>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Self::Value, E> {
        let filter = self.filter.of_member(key);
        if filter.is_some() {
            self.tree.push_key(key);
        }
        Ok(filter)
    }
}

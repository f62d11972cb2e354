use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::tree::{Tree, Values};

/// The tags of a resource. Clones share them: most items of a large account have some, and whatever rules read of an item
/// holds them as well.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Tags {
    /// Keys in their order, each with its value behind it, as a tree has them.
    written: Arc<[u8]>,
}

impl Tags {
    /// The value of the tag with this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        let found = Values::of(&self.written).pairs().find(|(other, _)| other.is(key));
        found.and_then(|(_, value)| value.text())
    }

    /// The tags in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        Values::of(&self.written).pairs().map(|(key, value)| (key.text(), value.text().unwrap_or_default()))
    }
}

/// Of tags with the same key, the last one counts.
impl<'a> FromIterator<(&'a str, &'a str)> for Tags {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(tags: I) -> Self {
        let mut tags: Vec<_> = tags.into_iter().collect();
        // Stable, so that of equal keys the last one still stands last.
        tags.sort_by_key(|(key, _)| *key);
        let mut written = Tree::default();
        for of_key in tags.chunk_by(|(one, _), (next, _)| one == next) {
            if let Some((key, value)) = of_key.last() {
                written.push_key(key);
                written.push_text(value);
            }
        }
        Self { written: written.into_bytes().into() }
    }
}

impl fmt::Debug for Tags {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_map().entries(self.iter()).finish()
    }
}

impl Serialize for Tags {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tags_are_in_the_order_of_their_keys_and_the_last_of_a_key_counts() {
        let tags = Tags::from_iter([("team", "a"), ("service", "orders"), ("team", "b"), ("empty", "")]);
        let expected = [("empty", ""), ("service", "orders"), ("team", "b")];
        assert_eq!(tags.iter().collect::<Vec<_>>(), expected);
        assert_eq!(tags, Tags::from_iter(expected));
        assert_eq!(json!(tags), json!({"empty": "", "service": "orders", "team": "b"}));
    }

    #[test]
    fn a_tag_is_found_by_its_whole_key() {
        let long = "x".repeat(300);
        let tags = Tags::from_iter([("service", long.as_str()), (long.as_str(), "orders")]);
        assert_eq!((tags.get("service"), tags.get(&long)), (Some(long.as_str()), Some("orders")));
        assert_eq!((tags.get("Service"), tags.get("orders")), (None, None));
        assert_eq!(Tags::default().get("service"), None);
    }
}

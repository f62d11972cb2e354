//! An item as it stands in a text of AWS Config: a notification, or a row.

use config_rule::{Document, DocumentError, Kept, Tree};
use serde::{Deserialize, Deserializer};

/// What of an item is read; the rest of the text is skipped.
#[derive(Debug, Default)]
pub(crate) struct Item(Tree);

impl Item {
    /// Reads the next item into the same memory.
    pub(crate) fn read(&mut self, text: &str) -> Result<(), serde_json::Error> {
        let mut json = serde_json::Deserializer::from_str(text);
        self.0.read_members(&mut json, &Document::MEMBERS, &Kept::Whole)?;
        json.end()
    }

    pub(crate) fn document(&self) -> Result<Document, DocumentError> {
        Document::from_tree(&self.0, &Kept::Whole)
    }
}

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        Tree::with_members(json, &Document::MEMBERS).map(Self)
    }
}

//! An item as it stands in a text of AWS Config: a notification, or a row.

use std::borrow::Cow;

use aws_resources::kept_properties;
use config_rule::{Document, DocumentError, Kept, Tree};
use serde::Deserialize;

/// What of an item is read. Members that nobody reads are skipped, and so are those properties that no rule reads: to skip
/// takes a tenth of the time of reading, and nothing of the memory.
#[derive(Debug)]
pub(crate) struct Item {
    tree: Tree,
    kept: &'static Kept,
}

impl Default for Item {
    fn default() -> Self {
        Self { tree: Tree::default(), kept: &Kept::Whole }
    }
}

impl Item {
    /// Reads the next item into the same memory.
    pub(crate) fn read(&mut self, text: &str) -> Result<(), serde_json::Error> {
        // The type can stand behind the properties, of which it says what is read.
        let own = serde_json::from_str::<Type<'_>>(text).ok().and_then(|own| own.resource_type);
        self.kept = own.map_or(&Kept::Whole, |resource_type| kept_properties(&resource_type));
        let mut json = serde_json::Deserializer::from_str(text);
        self.tree.read_members(&mut json, &Document::MEMBERS, self.kept)?;
        json.end()
    }

    pub(crate) fn document(&self) -> Result<Document, DocumentError> {
        Document::from_tree(&self.tree, self.kept)
    }
}

#[derive(Deserialize)]
struct Type<'a> {
    #[serde(rename = "resourceType", borrow)]
    resource_type: Option<Cow<'a, str>>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_no_rule_reads_is_left_out_wherever_the_type_stands() {
        let mut item = Item::default();
        for (resource_type, is_kept) in [("AWS::DynamoDB::Table", false), ("AWS::SQS::Queue", true)] {
            let configuration = json!({"name": "orders"});
            for text in [
                format!(
                    r#"{{"configuration": {configuration}, "resourceType": "{resource_type}", "resourceId": "a"}}"#
                ),
                format!(
                    r#"{{"resourceId": "a", "resourceType": "{resource_type}", "configuration": {configuration}}}"#
                ),
            ] {
                item.read(&text).unwrap();
                let document = item.document().unwrap();
                let properties = document.properties();
                let name = properties.text("configuration.name");
                assert_eq!(name.get().is_ok(), is_kept, "{text}");
            }
        }
    }

    #[test]
    fn what_is_no_item_is_told_in_its_own_words() {
        let mut item = Item::default();
        item.read("[1]").unwrap();
        assert!(item.document().unwrap_err().to_string().contains("found a list"));
        item.read(r#"{"resourceType": 7, "resourceId": "a"}"#).unwrap();
        assert!(item.document().unwrap_err().to_string().contains("with `resourceType`, found"));
        assert!(item.read("{\"resourceType\": ").is_err());
    }
}

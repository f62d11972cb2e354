//! Configuration items, as every rule reads them: a list of items, which are an account of their own.

use std::collections::BTreeMap;

use catalog::RULES;
use config_rule::Document;
use local_aws_config::inventory::ItemsInventory;
use local_aws_config::items::ConfigurationItems;
use serde_json::Value;

use super::sound_verdict;

/// Every rule judges every item that it is for, among the others, and says something that AWS Config takes.
pub fn run(input: &[u8]) {
    let Ok(Value::Array(items)) = serde_json::from_slice(input) else { return };
    let documents: Vec<_> = items.into_iter().filter_map(|item| Document::from_item(item).ok()).collect();
    let items = ConfigurationItems::from_documents(documents);
    for scope in items.scopes() {
        let inventory = ItemsInventory::new(&items, scope.clone());
        for entry in RULES {
            let rule = entry.prepare(&BTreeMap::new()).expect("a rule takes its defaults");
            for document in items.subjects(&scope) {
                if entry.meta.subjects.contains(&document.resource_type.as_str()) {
                    sound_verdict(rule.as_ref(), document, &inventory);
                }
                let _ = entry.concerned(document);
            }
        }
    }
}

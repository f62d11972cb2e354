//! Expressions of `SelectResourceConfig`.

use std::sync::LazyLock;

use config_rule::Document;
use local_aws_config::query;

use crate::seeds;

static ITEMS: LazyLock<Vec<Document>> = LazyLock::new(|| {
    let items = seeds::items().into_iter().filter_map(|item| Document::from_item(item).ok());
    items.take(40).collect()
});

/// An expression is answered with rows of JSON, or refused in words.
pub fn run(input: &[u8]) {
    let Ok(expression) = std::str::from_utf8(input) else { return };
    match query::select(expression, ITEMS.iter()) {
        Ok(answer) => {
            for row in answer.results {
                assert!(serde_json::from_str::<serde_json::Value>(&row).is_ok(), "{row}");
            }
        }
        Err(error) => assert_ne!(error.to_string(), ""),
    }
}

//! What an output says of itself that it lacks.

use std::collections::BTreeSet;

use serde_json::Value;

/// The members that stand beside a list which may lack something: the token of the next page, as AWS's services and the
/// AWS CLI spell it, and what `batch-get-resource-config` was asked for and does not hold.
pub(super) const KEYS: [&str; 3] = ["NextToken", "nextToken", UNPROCESSED];

/// The resources that AWS Config leaves out of an answer when it is busy.
///
/// Source: AWS Config API Reference, `BatchGetResourceConfig`, `unprocessedResourceKeys`.
pub(super) const UNPROCESSED: &str = "unprocessedResourceKeys";

/// Resources that were asked for and are not in the answer.
#[derive(Debug)]
pub(super) struct Unprocessed {
    count: usize,
    pub(super) types: BTreeSet<String>,
}

impl Unprocessed {
    /// Those of a list; `None` if it is empty, as it is where all was answered.
    pub(super) fn of(list: &Value) -> Option<Self> {
        let keys = list.as_array().filter(|keys| !keys.is_empty())?;
        let types = keys.iter().filter_map(|key| key.get("resourceType")?.as_str().map(ToOwned::to_owned));
        Some(Self { count: keys.len(), types: types.collect() })
    }

    /// What the reader is told.
    pub(super) fn problem(&self) -> String {
        let were_left = match self.count {
            1 => "1 resource was left".to_owned(),
            count => format!("{count} resources were left"),
        };
        format!("{were_left} unprocessed: ask for what is missing, too; it does not count as absent")
    }
}

/// What the reader is told of a page that another follows.
pub(super) const MORE_PAGES: &str =
    "there are more pages: ask again without `--max-items`; what is missing here does not count as absent";

/// Whether a member leads on to more: an empty text leads nowhere.
pub(super) fn leads_on(token: &Value) -> bool {
    match token {
        Value::Null => false,
        Value::Bool(is_truncated) => *is_truncated,
        Value::String(token) => !token.is_empty(),
        _ => true,
    }
}

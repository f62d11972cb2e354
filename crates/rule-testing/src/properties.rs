//! Which keys a configuration item can have, by what AWS publishes.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use config_rule::Document;
use serde_json::{Map, Value};

/// Keys that items have in every shape.
///
/// Source: the items that AWS Config sends; AWS Config API Reference, `ConfigurationItem`.
const SHARED_KEYS: [&str; 14] = [
    "availabilityZone",
    "awsRegion",
    "configuration",
    "configurationItemCaptureTime",
    "configurationItemStatus",
    "configurationStateId",
    "relatedEvents",
    "relationships",
    "resourceCreationTime",
    "resourceId",
    "resourceName",
    "resourceType",
    "supplementaryConfiguration",
    "tags",
];

/// The three shapes, with what tells them apart.
const SHAPES: [Shape; 3] = [
    Shape {
        keys: &["ARN", "awsAccountId", "configurationItemVersion", "configurationStateMd5Hash"],
        encodes_configuration: false,
        lists_tags: false,
    },
    Shape {
        keys: &[
            "accountId",
            "arn",
            "configurationItemDeliveryTime",
            "configurationItemMD5Hash",
            "recordingFrequency",
            "version",
        ],
        encodes_configuration: true,
        lists_tags: false,
    },
    Shape {
        keys: &["accountId", "arn", "configurationItemDeliveryTime", "recordingFrequency", "version"],
        encodes_configuration: false,
        lists_tags: true,
    },
];

struct Shape {
    keys: &'static [&'static str],
    encodes_configuration: bool,
    lists_tags: bool,
}

impl Shape {
    fn can_be(&self, item: &Map<String, Value>) -> bool {
        let is_absent_or = |key: &str, is: bool, kind: fn(&Value) -> bool| {
            item.get(key).is_none_or(|value| value.is_null() || kind(value) == is)
        };
        item.keys().all(|key| SHARED_KEYS.contains(&key.as_str()) || self.keys.contains(&key.as_str()))
            && is_absent_or("configuration", self.encodes_configuration, Value::is_string)
            && is_absent_or("tags", self.lists_tags, Value::is_array)
    }
}

/// Per type, the paths that AWS publishes and those that are recorded or documented elsewhere.
type Paths = BTreeMap<String, Vec<String>>;

static PATHS: LazyLock<Paths> = LazyLock::new(|| {
    const PUBLISHED: &str = include_str!("../data/published-properties.json");
    const DOCUMENTED: &str = include_str!("../data/documented-properties.json");
    let mut paths: Paths = serde_json::from_str(PUBLISHED).expect("the data of this crate is JSON");
    let documented: BTreeMap<String, BTreeMap<String, String>> =
        serde_json::from_str(DOCUMENTED).expect("the data of this crate is JSON");
    for (resource_type, sourced) in documented {
        paths.entry(resource_type).or_default().extend(sourced.into_keys());
    }
    paths
});

/// What a configuration item holds that AWS Config's items of its type do not, one sentence each.
///
/// A value that is no item at all is left to [`Document::from_item`] to complain about.
#[must_use]
pub fn undocumented_properties(item: &Value) -> Vec<String> {
    let (Some(members), Ok(document)) = (item.as_object(), Document::from_item(item.clone())) else {
        return Vec::new();
    };
    let mut problems = Vec::new();
    if !SHAPES.iter().any(|shape| shape.can_be(members)) {
        let keys: Vec<_> = members.keys().map(String::as_str).collect();
        problems.push(format!(
            "the item has none of the three recorded shapes: see which belong together of its keys {}, and of text \
             or object in `configuration`, map or list in `tags`",
            keys.join(", ")
        ));
    }
    match PATHS.get(&document.resource_type) {
        Some(paths) => {
            for key in ["configuration", "supplementaryConfiguration"] {
                if let Some(section) = document.properties().value().get(key) {
                    collect_unknown(&section.to_value(), key, paths, &mut problems);
                }
            }
        }
        None => problems.push(format!(
            "`{}` is not in crates/rule-testing/data/: add what its items hold, with the source",
            document.resource_type
        )),
    }
    problems
}

fn collect_unknown(value: &Value, path: &str, paths: &[String], problems: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (key, below) in members {
                let path = format!("{path}.{key}");
                if is_open(&path, paths) {
                    continue;
                }
                if leads_on(&path, paths) {
                    collect_unknown(below, &path, paths, problems);
                } else {
                    problems.push(format!(
                        "`{path}` is not in AWS's published item schema; if items do hold it, add it to \
                         crates/rule-testing/data/documented-properties.json with the source"
                    ));
                }
            }
        }
        Value::Array(elements) => {
            for element in elements {
                collect_unknown(element, path, paths, problems);
            }
        }
        _ => {}
    }
}

/// Whether `path` is known, or the beginning of a known one.
fn leads_on(path: &str, paths: &[String]) -> bool {
    paths
        .iter()
        .any(|known| known.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
}

/// Whether anything may stand below `path`.
fn is_open(path: &str, paths: &[String]) -> bool {
    paths.iter().any(|known| known.strip_suffix(".*") == Some(path))
}

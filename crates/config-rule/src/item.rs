//! Reads a configuration item in any of its recorded shapes into a [`Document`].

use std::collections::BTreeMap;

use crate::document::{Document, ItemStatus, Relationship};
use crate::json::{Json, Object};
use crate::kept::Kept;
use crate::known::{Known, Missing};
use crate::node::{SECTIONS, described};
use crate::time;
use crate::tree::{TAGS, TooLarge, Tree};

/// Why a JSON value is not a configuration item.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The value is a list, a text, a number, …
    #[error("expected a configuration item, found {found}")]
    NotAnObject {
        /// What was there, in JSON's words.
        found: String,
    },
    /// Without these keys nothing can be reported about the resource.
    #[error("expected a configuration item with `{key}`, found {found}")]
    Key {
        /// The key that every item needs.
        key: &'static str,
        /// What was there, in JSON's words.
        found: String,
    },
    /// The API's shape holds the configuration as JSON text, and this text is not JSON.
    #[error("`configuration` of {resource_type} `{resource_id}` is text, but not JSON")]
    Configuration {
        /// Type of the item's resource.
        resource_type: String,
        /// Id of the item's resource.
        resource_id: String,
        /// Where the JSON ends.
        source: serde_json::Error,
    },
    /// No item of AWS is nearly as large.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
}

pub(crate) fn read(item: &Tree, kept: &'static Kept) -> Result<Document, DocumentError> {
    let Json::Object(members) = item.root() else {
        return Err(DocumentError::NotAnObject { found: described(item.root()) });
    };
    let resource_type = required(members, "resourceType")?;
    let resource_id = required(members, "resourceId")?;
    let properties = properties(item, kept).map_err(|error| match error {
        PropertiesError::Configuration(source) => DocumentError::Configuration {
            resource_type: resource_type.clone(),
            resource_id: resource_id.clone(),
            source,
        },
        PropertiesError::TooLarge(source) => source.into(),
    })?;
    let text = |keys: &[&str]| {
        let texts = keys.iter().filter_map(|key| members.get(key)?.as_text());
        texts.into_iter().find(|text| !text.is_empty()).map(ToOwned::to_owned)
    };

    Ok(Document {
        resource_name: text(&["resourceName"]),
        arn: text(&["ARN", "arn"]),
        account_id: text(&["awsAccountId", "accountId"]),
        region: text(&["awsRegion"]),
        status: text(&["configurationItemStatus"])
            .map_or_else(ItemStatus::default, |status| ItemStatus::from_text(&status)),
        capture_time: members.get("configurationItemCaptureTime").and_then(time::read),
        tags: tags(members.get("tags"), properties.root()),
        relationships: relationships(members.get("relationships")),
        resource_type,
        resource_id,
        properties,
        kept,
    })
}

fn required(item: Object<'_>, key: &'static str) -> Result<String, DocumentError> {
    match item.get(key) {
        Some(Json::Text("")) => Err(DocumentError::Key { key, found: "an empty one".to_owned() }),
        Some(Json::Text(text)) => Ok(text.to_owned()),
        Some(other) => Err(DocumentError::Key { key, found: described(other) }),
        None => Err(DocumentError::Key { key, found: "none".to_owned() }),
    }
}

/// `configuration` and `supplementaryConfiguration`, which the API holds as JSON texts.
fn properties(item: &Tree, kept: &Kept) -> Result<Tree, PropertiesError> {
    let mut properties = Tree::sized_like(item);
    let root = properties.open_object();
    if let Some(at) = item.member(SECTIONS[0]) {
        properties.push_text(SECTIONS[0])?;
        match item.json(at) {
            Json::Text(text) => properties
                .push_json(text, kept.of_section(SECTIONS[0]))
                .map_err(PropertiesError::Configuration)?,
            _ => properties.push_part(item, at)?,
        }
    }
    if let Some(at) = item.member(SECTIONS[1]) {
        properties.push_text(SECTIONS[1])?;
        match item.json(at) {
            Json::Object(members) => {
                push_decoded_members(&mut properties, item, members, kept.of_section(SECTIONS[1]))?;
            }
            _ => properties.push_part(item, at)?,
        }
    }
    properties.close(root)?;
    Ok(properties.shrunk())
}

enum PropertiesError {
    Configuration(serde_json::Error),
    TooLarge(TooLarge),
}

impl From<TooLarge> for PropertiesError {
    fn from(error: TooLarge) -> Self {
        Self::TooLarge(error)
    }
}

/// The API holds every supplementary value as JSON text, and a few of those texts hold JSON text again (a function's
/// resource policy). Text that is not JSON stays what it is.
fn push_decoded_members(
    properties: &mut Tree,
    item: &Tree,
    members: Object<'_>,
    kept: &Kept,
) -> Result<(), TooLarge> {
    let object = properties.open_object();
    for (key, at) in members.places() {
        properties.push_text(key)?;
        match item.json(at) {
            Json::Text(text) => push_decoded(properties, text, kept.of_member(key).unwrap_or(&Kept::Whole))?,
            _ => properties.push_part(item, at)?,
        }
    }
    properties.close(object)
}

fn push_decoded(properties: &mut Tree, text: &str, kept: &Kept) -> Result<(), TooLarge> {
    let before = properties.mark();
    if properties.push_json(text, kept).is_err() {
        return properties.push_text(text);
    }
    let Json::Text(inner) = properties.json_after(&before) else { return Ok(()) };
    let inner = inner.to_owned();
    properties.cut_back(&before);
    if properties.push_json(&inner, kept).is_ok() {
        if matches!(properties.json_after(&before), Json::List(_) | Json::Object(_)) {
            return Ok(());
        }
        properties.cut_back(&before);
    }
    properties.push_text(&inner)
}

/// Tags stand at the top level, but some types repeat them inside, and in some old items only there.
fn tags(top: Option<Json<'_>>, properties: Json<'_>) -> Known<BTreeMap<String, String>> {
    const INSIDE: [(&str, &str); 4] =
        [(SECTIONS[0], TAGS[0]), (SECTIONS[0], TAGS[1]), (SECTIONS[1], TAGS[1]), (SECTIONS[1], TAGS[0])];
    let inside = INSIDE.iter().filter_map(|(section, key)| properties.get(section)?.get(key));
    let mut tags = None;
    for source in inside.chain(top) {
        if let Some(read) = tag_map(source) {
            tags.get_or_insert_with(BTreeMap::new).extend(read);
        }
    }
    tags.map_or_else(|| Known::Unknown(Missing::NotRecorded { what: "`tags`".to_owned() }), Known::Value)
}

/// A map, or a list of pairs in one of four spellings.
fn tag_map(source: Json<'_>) -> Option<BTreeMap<String, String>> {
    const SPELLINGS: [(&str, &str); 3] = [("key", "value"), ("tagKey", "tagValue"), ("Key", "Value")];
    let owned = |value: Json<'_>| value.as_text().map(ToOwned::to_owned);
    match source {
        Json::Object(members) => {
            Some(members.iter().filter_map(|(key, value)| Some((key.to_owned(), owned(value)?))).collect())
        }
        Json::List(pairs) => Some(
            pairs
                .iter()
                .filter_map(|pair| {
                    SPELLINGS.iter().find_map(|(key, value)| {
                        let value = pair.get(value).and_then(owned).unwrap_or_default();
                        Some((pair.get(key).and_then(owned)?, value))
                    })
                })
                .collect(),
        ),
        _ => None,
    }
}

fn relationships(source: Option<Json<'_>>) -> Vec<Relationship> {
    let Some(Json::List(relationships)) = source else { return Vec::new() };
    relationships
        .iter()
        .filter_map(|relationship| {
            let text = |key: &str| relationship.get(key)?.as_text();
            Some(Relationship {
                resource_type: text("resourceType")?.to_owned(),
                resource_id: text("resourceId").map(ToOwned::to_owned),
                resource_name: text("resourceName").map(ToOwned::to_owned),
                label: text("relationshipName")
                    .or_else(|| text("name"))
                    .unwrap_or_default()
                    .trim()
                    .to_owned(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn the_three_recorded_shapes_read_alike() -> Result<(), DocumentError> {
        let policy = json!({"Version": "2012-10-17", "Statement": []}).to_string();
        let notification = read(json!({
            "resourceType": "AWS::Lambda::Function", "resourceId": "orders", "resourceName": "orders",
            "ARN": "arn:aws:lambda:eu-west-1:111122223333:function:orders", "awsAccountId": "111122223333",
            "awsRegion": "eu-west-1", "configurationItemStatus": "OK",
            "configurationItemCaptureTime": "2026-10-01T08:00:00.000Z", "tags": {"service": "orders"},
            "relationships": [{"resourceType": "AWS::IAM::Role", "resourceName": "r", "name": "Is associated with "}],
            "configuration": {"timeout": 60}, "supplementaryConfiguration": {"Policy": policy},
        }))?;
        let api = read(json!({
            "resourceType": "AWS::Lambda::Function", "resourceId": "orders", "resourceName": "orders",
            "arn": "arn:aws:lambda:eu-west-1:111122223333:function:orders", "accountId": "111122223333",
            "awsRegion": "eu-west-1", "configurationItemStatus": "OK",
            "configurationItemCaptureTime": 1_790_841_600.0, "tags": {"service": "orders"},
            "relationships": [{"resourceType": "AWS::IAM::Role", "resourceName": "r", "relationshipName": "Is associated with "}],
            "configuration": "{\"timeout\":60}",
            "supplementaryConfiguration": {"Policy": Value::String(policy.clone()).to_string()},
        }))?;
        let row = read(json!({
            "resourceType": "AWS::Lambda::Function", "resourceId": "orders", "resourceName": "orders",
            "arn": "arn:aws:lambda:eu-west-1:111122223333:function:orders", "accountId": "111122223333",
            "awsRegion": "eu-west-1", "configurationItemStatus": "OK",
            "configurationItemCaptureTime": "2026-10-01T08:00:00.000Z",
            "tags": [{"tag": "service=orders", "key": "service", "value": "orders"}],
            "relationships": [{"resourceType": "AWS::IAM::Role", "resourceName": "r", "relationshipName": "Is associated with "}],
            "configuration": {"timeout": 60.0}, "supplementaryConfiguration": {"Policy": policy},
        }))?;
        assert_eq!(notification, api);
        assert_eq!(notification.properties().whole_number("configuration.timeout"), Known::Value(60));
        assert_eq!(row.properties().whole_number("configuration.timeout"), Known::Value(60));
        let statements = |item: &Document| {
            item.properties().list("supplementaryConfiguration.Policy.Statement").map(|list| list.len())
        };
        assert_eq!(statements(&notification), Known::Value(0));
        assert_eq!(statements(&api), Known::Value(0));
        assert_eq!(statements(&row), Known::Value(0));
        assert_eq!((row.tags, row.relationships), (notification.tags, notification.relationships));
        Ok(())
    }

    #[test]
    fn a_deleted_item_of_the_history_reads_without_configuration() -> Result<(), DocumentError> {
        let deleted = read(json!({
            "resourceType": "AWS::S3::Bucket", "resourceId": "b", "configuration": "null",
            "configurationItemStatus": "ResourceDeleted", "supplementaryConfiguration": {}, "tags": {},
        }))?;
        assert_eq!(deleted.status.reason_not_to_judge(), Some("the resource was deleted"));
        assert!(matches!(
            deleted.properties().text("configuration.name"),
            Known::Unknown(Missing::NotRecorded { .. })
        ));
        Ok(())
    }

    #[test]
    fn tags_are_read_from_the_configuration_where_the_top_level_has_none() -> Result<(), DocumentError> {
        let role = read(json!({
            "resourceType": "AWS::IAM::Role", "resourceId": "AROA", "tags": {},
            "configuration": {"tags": [{"key": "service", "value": "orders"}]},
        }))?;
        assert_eq!(role.tag("service"), Ok(Some("orders")));
        Ok(())
    }

    #[test]
    fn tags_that_the_shape_leaves_out_are_unknown() -> Result<(), DocumentError> {
        let batch =
            read(json!({"resourceType": "AWS::S3::Bucket", "resourceId": "b", "configuration": "{}"}))?;
        assert!(batch.tag("service").is_err());
        Ok(())
    }

    #[test]
    fn what_is_left_out_is_not_recorded_and_what_is_kept_is_as_before() {
        const KEPT: Kept = Kept::Members(&[
            (
                "configuration",
                Kept::Members(&[
                    ("timeout", Kept::Whole),
                    ("memorySize", Kept::Whole),
                    ("layers", Kept::Members(&[("arn", Kept::Whole)])),
                ]),
            ),
            (
                "supplementaryConfiguration",
                Kept::Members(&[("Policy", Kept::Members(&[("Statement", Kept::Whole)]))]),
            ),
        ]);
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Sid": "a"}]}).to_string();
        let configuration = json!({
            "timeout": 60, "handler": "a", "tags": {"service": "orders"}, "layers": [{"arn": "x", "codeSize": 1}, {"arn": "y"}],
        });
        for (configuration, policy) in [
            (configuration.clone(), json!(policy)),
            (json!(configuration.to_string()), json!(json!(policy).to_string())),
        ] {
            let item = json!({
                "resourceType": "AWS::Lambda::Function", "resourceId": "orders", "configuration": configuration,
                "supplementaryConfiguration": {"Policy": policy, "Concurrency": "{}"},
            });
            let mut tree = Tree::default();
            tree.read_members(item, &Document::MEMBERS, &KEPT).unwrap();
            let document = Document::from_tree(&tree, &KEPT).unwrap();
            let root = document.properties();
            assert_eq!(root.whole_number("configuration.timeout"), Known::Value(60));
            assert_eq!(
                root.list("supplementaryConfiguration.Policy.Statement").map(|list| list.len()),
                Known::Value(1)
            );
            assert_eq!(root.whole_number("configuration.memorySize").optional(), Known::Value(None));
            assert_eq!(document.tag("service"), Ok(Some("orders")));
            for path in [
                "configuration.handler",
                "supplementaryConfiguration.Policy.Version",
                "supplementaryConfiguration.Concurrency",
            ] {
                let message = format!("`{path}`, which was left out when the item was read, is not recorded");
                assert_eq!(root.text(path).optional().get().unwrap_err().to_string(), message);
            }
            let layers = root.list("configuration.layers");
            let sizes = layers.get().unwrap().iter().map(|layer| layer.whole_number("codeSize"));
            assert!(matches!(
                sizes.collect::<Vec<_>>()[..],
                [Known::Unknown(Missing::NotRecorded { .. }), Known::Unknown(Missing::NotRecorded { .. })]
            ));
            assert!(matches!(root.object("configuration"), Known::Unknown(Missing::NotRecorded { .. })));
        }
    }

    #[test]
    fn what_is_not_an_item_is_named() {
        let errors = [
            (json!([]), "expected a configuration item, found a list"),
            (json!({"configuration": {}}), "expected a configuration item with `resourceType`, found none"),
            (
                json!({"resourceType": "AWS::S3::Bucket", "resourceId": 7}),
                "expected a configuration item with `resourceId`, found the number 7",
            ),
            (
                json!({"resourceType": "AWS::S3::Bucket", "resourceId": "b", "configuration": "{"}),
                "`configuration` of AWS::S3::Bucket `b` is text, but not JSON",
            ),
        ];
        for (item, message) in errors {
            assert_eq!(read(item).map_err(|error| error.to_string()), Err(message.to_owned()));
        }
    }

    fn read(item: Value) -> Result<Document, DocumentError> {
        Document::from_item(item)
    }
}

//! Reads a configuration item in any of its recorded shapes into a [`Document`].

use crate::document::{Document, ItemStatus};
use crate::json::{Json, Object};
use crate::kept::Kept;
use crate::known::{Known, Missing};
use crate::node::{SECTIONS, described};
use crate::relationships::Relationships;
use crate::tags::Tags;
use crate::time;
use crate::tree::{Part, TAGS, TooLarge, Tree};

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
    // In one pass: an item has more members than these, and the largest of them are not among these.
    let [
        upper_arn,
        account_id,
        lower_arn,
        aws_account_id,
        region,
        configuration,
        capture_time,
        status,
        relationships,
        resource_id,
        resource_name,
        resource_type,
        supplementary_configuration,
        tags,
    ] = members.parts_of(Document::MEMBERS);
    let resource_type = required(resource_type, "resourceType")?;
    let resource_id = required(resource_id, "resourceId")?;
    let properties = properties([configuration, supplementary_configuration], item, kept).map_err(
        |error| match error {
            PropertiesError::Configuration(source) => DocumentError::Configuration {
                resource_type: resource_type.to_owned(),
                resource_id: resource_id.to_owned(),
                source,
            },
            PropertiesError::TooLarge(source) => source.into(),
        },
    )?;
    let text = |part: Option<Part<'_>>| part?.text().filter(|text| !text.is_empty()).map(ToOwned::to_owned);

    Ok(Document {
        resource_type: resource_type.to_owned(),
        resource_id: resource_id.to_owned(),
        resource_name: text(resource_name),
        arn: text(upper_arn).or_else(|| text(lower_arn)),
        account_id: text(aws_account_id).or_else(|| text(account_id)),
        region: text(region),
        status: text(status).map_or_else(ItemStatus::default, |status| ItemStatus::from_text(&status)),
        capture_time: capture_time.and_then(|part| time::read(part.json())),
        tags: self::tags(tags.map(Part::json), properties.root()),
        relationships: relationships
            .and_then(|part| part.json().as_list())
            .map_or_else(Relationships::default, Relationships::read),
        properties: without_unkept_tags(properties, kept)?,
        kept,
    })
}

fn required<'a>(part: Option<Part<'a>>, key: &'static str) -> Result<&'a str, DocumentError> {
    match part.map(Part::json) {
        Some(Json::Text("")) => Err(DocumentError::Key { key, found: "an empty one".to_owned() }),
        Some(Json::Text(text)) => Ok(text),
        Some(other) => Err(DocumentError::Key { key, found: described(other) }),
        None => Err(DocumentError::Key { key, found: "none".to_owned() }),
    }
}

/// `configuration` and `supplementaryConfiguration`, which the API holds as JSON texts.
fn properties(
    [configuration, supplementary]: [Option<Part<'_>>; 2],
    item: &Tree,
    kept: &Kept,
) -> Result<Tree, PropertiesError> {
    let mut properties = Tree::sized_like(item);
    let root = properties.open_object();
    if let Some(part) = configuration {
        properties.push_key(SECTIONS[0]);
        match part.json() {
            Json::Text(text) => properties
                .push_json(text, kept.of_section(SECTIONS[0]))
                .map_err(PropertiesError::Configuration)?,
            _ => properties.push_part(part),
        }
    }
    if let Some(part) = supplementary {
        properties.push_key(SECTIONS[1]);
        match part.json() {
            Json::Object(members) => {
                push_decoded_members(&mut properties, members, kept.of_section(SECTIONS[1]))?;
            }
            _ => properties.push_part(part),
        }
    }
    properties.close(&root)?;
    Ok(properties)
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
fn push_decoded_members(properties: &mut Tree, members: Object<'_>, kept: &Kept) -> Result<(), TooLarge> {
    let object = properties.open_object();
    for (key, part) in members.parts() {
        properties.push_key(key);
        match part.json() {
            Json::Text(text) => push_decoded(properties, text, kept.of_member(key).unwrap_or(&Kept::Whole)),
            _ => properties.push_part(part),
        }
    }
    properties.close(&object)
}

fn push_decoded(properties: &mut Tree, text: &str, kept: &Kept) {
    let before = properties.mark();
    if properties.push_json(text, kept).is_err() {
        return properties.push_text(text);
    }
    let Json::Text(inner) = properties.json_after(&before) else { return };
    let inner = inner.to_owned();
    properties.cut_back(&before);
    if properties.push_json(&inner, kept).is_ok() {
        if matches!(properties.json_after(&before), Json::List(_) | Json::Object(_)) {
            return;
        }
        properties.cut_back(&before);
    }
    properties.push_text(&inner);
}

/// The properties to be held. The tags among them were read whatever is kept, and have been taken from there.
fn without_unkept_tags(properties: Tree, kept: &Kept) -> Result<Tree, TooLarge> {
    let (Kept::Members(_), Json::Object(sections)) = (kept, properties.root()) else {
        return Ok(properties.shrunk());
    };
    let mut rest = Tree::sized_like(&properties);
    let root = rest.open_object();
    for (section, part) in sections.written() {
        rest.push_part(section.part());
        let Json::Object(members) = part.json() else {
            rest.push_part(part);
            continue;
        };
        let kept = kept.of_section(section.text());
        let object = rest.open_object();
        for (key, part) in members.written() {
            if !TAGS.iter().any(|tags| key.is(tags) && kept.of_member(tags).is_none()) {
                rest.push_part(key.part());
                rest.push_part(part);
            }
        }
        rest.close(&object)?;
    }
    rest.close(&root)?;
    Ok(rest.shrunk())
}

/// Tags stand at the top level, but some types repeat them inside, and in some old items only there.
fn tags(top: Option<Json<'_>>, properties: Json<'_>) -> Known<Tags> {
    let [configuration, supplementary] = members_of(Some(properties), SECTIONS);
    let ([lower, upper], [other_lower, other_upper]) =
        (members_of(configuration, TAGS), members_of(supplementary, TAGS));
    let mut found: Option<Vec<_>> = None;
    for source in [lower, upper, other_upper, other_lower, top].into_iter().flatten() {
        add_tags(source, &mut found);
    }
    found.map_or_else(
        || Known::Unknown(Missing::NotRecorded { what: "`tags`".to_owned() }),
        |found: Vec<_>| Known::Value(found.into_iter().collect()),
    )
}

fn members_of<'a>(json: Option<Json<'a>>, keys: [&str; 2]) -> [Option<Json<'a>>; 2] {
    json.and_then(Json::as_object).map_or([None; 2], |members| members.get_each(keys))
}

/// Adds those of a map, or of a list of pairs in one of three spellings.
fn add_tags<'a>(source: Json<'a>, found: &mut Option<Vec<(&'a str, &'a str)>>) {
    const SPELLINGS: [(&str, &str); 3] = [("key", "value"), ("tagKey", "tagValue"), ("Key", "Value")];
    match source {
        Json::Object(members) => {
            let texts = members.parts().filter_map(|(key, part)| Some((key, part.text()?)));
            found.get_or_insert_default().extend(texts);
        }
        Json::List(pairs) => {
            let tag = |pair: Json<'a>| {
                let text = |key: &str| pair.get(key)?.as_text();
                SPELLINGS.iter().find_map(|(key, value)| Some((text(key)?, text(value).unwrap_or_default())))
            };
            found.get_or_insert_default().extend(pairs.iter().filter_map(tag));
        }
        _ => {}
    }
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
            assert_eq!(root.value().get("configuration").unwrap().get("tags"), None, "held once");
            for path in [
                "configuration.handler",
                "configuration.tags",
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

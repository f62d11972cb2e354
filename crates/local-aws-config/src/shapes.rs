//! Writes an item in the shapes in which AWS Config hands items out.

use config_rule::{Document, Known, Relationships, Timestamp};
use serde::de::IgnoredAny;
use serde_json::{Map, Number, Value, json};

/// One of the shapes in which AWS Config writes the same item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `configurationItem` of a change notification; also the items of a snapshot.
    Notification,
    /// `configurationItems` of `GetResourceConfigHistory`.
    Api,
    /// `baseConfigurationItems` of `BatchGetResourceConfig`: the same without tags, relationships and hash.
    BatchApi,
    /// A row of `SelectResourceConfig`, with every property selected.
    Row,
}

/// The version of the item format that AWS writes since 2017.
const ITEM_VERSION: &str = "1.3";

/// Supplementary values that AWS holds as JSON text where it holds the others as JSON.
const TEXTS: [(&str, &str); 3] = [
    ("AWS::KMS::Key", "Policy"),
    ("AWS::Lambda::Function", "Policy"),
    ("AWS::S3::Bucket", "AccessControlList"),
];

/// The item of `document` as AWS writes it in `shape`.
///
/// What a document does not hold (Availability Zone, creation time, related events) is left out or empty.
#[must_use]
pub fn render(document: &Document, shape: Shape) -> Value {
    let (account, arn, version, label) = match shape {
        Shape::Notification => ("awsAccountId", "ARN", "configurationItemVersion", "name"),
        Shape::Api | Shape::BatchApi | Shape::Row => ("accountId", "arn", "version", "relationshipName"),
    };
    let mut item = Map::new();
    let mut put = |key: &str, value: Value| item.insert(key.to_owned(), value);

    put(version, json!(ITEM_VERSION));
    put("resourceType", json!(document.resource_type));
    put("resourceId", json!(document.resource_id));
    put("configurationItemStatus", json!(document.status.as_str()));
    let texts = [
        (account, &document.account_id),
        ("awsRegion", &document.region),
        (arn, &document.arn),
        ("resourceName", &document.resource_name),
    ];
    for (key, text) in texts {
        if let Some(text) = text {
            put(key, json!(text));
        }
    }
    if let Some(time) = document.capture_time {
        put("configurationItemCaptureTime", capture_time(time, shape));
        put("configurationStateId", state_id(time, shape));
    }
    match shape {
        Shape::Notification => {
            put("configurationStateMd5Hash", json!(""));
            put("relatedEvents", json!([]));
        }
        Shape::Api => {
            put("configurationItemMD5Hash", json!(""));
            put("relatedEvents", json!([]));
        }
        Shape::BatchApi | Shape::Row => {}
    }
    if shape != Shape::BatchApi {
        put("relationships", relationships(&document.relationships, label));
        if let Known::Value(tags) = &document.tags {
            let tags = match shape {
                Shape::Row => tags
                    .iter()
                    .map(|(key, value)| json!({"tag": format!("{key}={value}"), "key": key, "value": value}))
                    .collect(),
                _ => json!(tags),
            };
            put("tags", tags);
        }
    }

    let sections = document.properties().value();
    if let Some(configuration) = sections.get("configuration") {
        put("configuration", rendered_configuration(configuration.to_value(), shape));
    }
    if let Some(supplementary) = sections.get("supplementaryConfiguration") {
        put("supplementaryConfiguration", rendered_supplementary(supplementary.to_value(), document, shape));
    }
    Value::Object(item)
}

fn capture_time(time: Timestamp, shape: Shape) -> Value {
    match shape {
        Shape::Notification | Shape::Row => json!(time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()),
        #[expect(
            clippy::cast_precision_loss,
            reason = "a year has to pass 280,000 before milliseconds are lost"
        )]
        Shape::Api | Shape::BatchApi => json!(time.as_millisecond() as f64 / 1000.0),
    }
}

fn state_id(time: Timestamp, shape: Shape) -> Value {
    match shape {
        Shape::Notification => json!(time.as_millisecond()),
        Shape::Api | Shape::BatchApi | Shape::Row => json!(time.as_millisecond().to_string()),
    }
}

fn relationships(relationships: &Relationships, label: &str) -> Value {
    relationships
        .iter()
        .map(|relationship| {
            let mut rendered = Map::new();
            rendered.insert("resourceType".to_owned(), json!(relationship.resource_type));
            if let Some(id) = relationship.resource_id {
                rendered.insert("resourceId".to_owned(), json!(id));
            }
            if let Some(name) = relationship.resource_name {
                rendered.insert("resourceName".to_owned(), json!(name));
            }
            rendered.insert(label.to_owned(), json!(with_space(relationship.label)));
            Value::Object(rendered)
        })
        .collect()
}

/// AWS writes `Is associated with ` where it leaves out the noun of `Is attached to Instance`; whoever compares labels
/// must be used to the space.
fn with_space(label: &str) -> String {
    let ends_in_preposition = [" with", " in", " to", " by"].iter().any(|end| label.ends_with(end));
    if ends_in_preposition { format!("{label} ") } else { label.to_owned() }
}

fn rendered_configuration(configuration: Value, shape: Shape) -> Value {
    match (shape, &configuration) {
        // Text in this place is JSON in every shape.
        (Shape::Api | Shape::BatchApi, _) | (_, Value::String(_)) => Value::String(configuration.to_string()),
        (Shape::Row, _) => with_floats(&configuration),
        (Shape::Notification, _) => configuration,
    }
}

fn rendered_supplementary(supplementary: Value, document: &Document, shape: Shape) -> Value {
    let Value::Object(members) = supplementary else { return supplementary };
    let is_text = |key: &str| TEXTS.contains(&(document.resource_type.as_str(), key));
    members
        .into_iter()
        // AWS removes from the batch what repeats the tags.
        .filter(|(key, _)| shape != Shape::BatchApi || !key.eq_ignore_ascii_case("tags"))
        .map(|(key, value)| {
            let is_structure = value.is_object() || value.is_array();
            let text = is_structure && is_text(&key);
            let value = if text { Value::String(value.to_string()) } else { value };
            let rendered = match (shape, &value) {
                (Shape::Api | Shape::BatchApi, _) => Value::String(value.to_string()),
                // Without a second pair of quotes, this text would be read as what it spells.
                (_, Value::String(spelling)) if !text && is_json(spelling) => {
                    Value::String(value.to_string())
                }
                (Shape::Row, _) => with_floats(&value),
                (Shape::Notification, _) => value,
            };
            (key, rendered)
        })
        .collect()
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// Rows hold every number as a float.
fn with_floats(value: &Value) -> Value {
    match value {
        Value::Number(number) => {
            number.as_f64().and_then(Number::from_f64).map_or_else(|| value.clone(), Value::Number)
        }
        Value::Array(elements) => elements.iter().map(with_floats).collect(),
        Value::Object(members) => {
            members.iter().map(|(key, value)| (key.clone(), with_floats(value))).collect()
        }
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use config_rule::DocumentError;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_notification_is_written_as_aws_writes_it() -> Result<(), DocumentError> {
        let rendered = render(&function()?, Shape::Notification);
        assert_eq!(rendered, notification());
        Ok(())
    }

    #[test]
    fn the_api_holds_json_as_text_and_times_in_seconds() -> Result<(), DocumentError> {
        let rendered = render(&function()?, Shape::Api);
        assert_eq!(rendered["accountId"], "111122223333");
        assert_eq!(rendered["arn"], "arn:aws:lambda:eu-west-1:111122223333:function:orders");
        assert_eq!(rendered["version"], "1.3");
        assert_eq!(rendered["configurationItemCaptureTime"], 1_790_841_600.123);
        assert_eq!(rendered["configurationStateId"], "1790841600123");
        assert_eq!(rendered["configuration"], r#"{"timeout":60}"#);
        assert_eq!(
            rendered["supplementaryConfiguration"]["Concurrency"],
            r#"{"reservedConcurrentExecutions":5}"#
        );
        assert_eq!(
            rendered["supplementaryConfiguration"]["Policy"],
            r#""{\"Statement\":[],\"Version\":\"2012-10-17\"}""#
        );
        assert_eq!(rendered["relationships"][0]["relationshipName"], "Is associated with ");
        assert_eq!(rendered["tags"], json!({"service": "orders"}));
        Ok(())
    }

    #[test]
    fn a_batch_leaves_out_tags_relationships_and_hash() -> Result<(), DocumentError> {
        let mut item = notification();
        item["supplementaryConfiguration"]["Tags"] = json!({"service": "orders"});
        let rendered = render(&Document::from_item(item)?, Shape::BatchApi);
        for key in ["tags", "relationships", "relatedEvents", "configurationItemMD5Hash"] {
            assert_eq!(rendered.get(key), None, "{key}");
        }
        assert_eq!(rendered["supplementaryConfiguration"].get("Tags"), None);
        Ok(())
    }

    #[test]
    fn a_row_holds_floats_a_policy_as_text_and_a_list_of_tags() -> Result<(), DocumentError> {
        let rendered = render(&function()?, Shape::Row);
        assert_eq!(rendered["configuration"].to_string(), r#"{"timeout":60.0}"#);
        assert_eq!(rendered["configurationItemCaptureTime"], "2026-10-01T08:00:00.123Z");
        assert_eq!(
            rendered["supplementaryConfiguration"]["Policy"],
            r#"{"Statement":[],"Version":"2012-10-17"}"#
        );
        assert_eq!(rendered["tags"], json!([{"tag": "service=orders", "key": "service", "value": "orders"}]));
        Ok(())
    }

    #[test]
    fn a_deleted_item_has_no_configuration_in_any_shape() -> Result<(), DocumentError> {
        let deleted = Document::from_item(json!({
            "resourceType": "AWS::S3::Bucket", "resourceId": "b", "configurationItemStatus": "ResourceDeleted",
            "configuration": null, "supplementaryConfiguration": {}, "tags": {},
        }))?;
        assert_eq!(render(&deleted, Shape::Notification)["configuration"], Value::Null);
        assert_eq!(render(&deleted, Shape::Api)["configuration"], "null");
        Ok(())
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(document in documents(), shape in shapes()) {
            let read = Document::from_item(render(&document, shape)).map_err(|error| error.to_string());
            prop_assert_eq!(read, Ok(as_far_as_written(document, shape)));
        }
    }

    fn notification() -> Value {
        json!({
            "configurationItemVersion": "1.3", "awsAccountId": "111122223333", "awsRegion": "eu-west-1",
            "resourceType": "AWS::Lambda::Function", "resourceId": "orders", "resourceName": "orders",
            "ARN": "arn:aws:lambda:eu-west-1:111122223333:function:orders", "configurationItemStatus": "OK",
            "configurationItemCaptureTime": "2026-10-01T08:00:00.123Z", "configurationStateId": 1_790_841_600_123_u64,
            "configurationStateMd5Hash": "", "relatedEvents": [], "tags": {"service": "orders"},
            "relationships": [
                {"resourceType": "AWS::IAM::Role", "resourceName": "orders-role", "name": "Is associated with "},
                {"resourceType": "AWS::EC2::Instance", "resourceId": "i-1", "name": "Is attached to Instance"},
            ],
            "configuration": {"timeout": 60},
            "supplementaryConfiguration": {
                "Concurrency": {"reservedConcurrentExecutions": 5},
                "Policy": r#"{"Statement":[],"Version":"2012-10-17"}"#,
            },
        })
    }

    fn function() -> Result<Document, DocumentError> {
        Document::from_item(notification())
    }

    /// Any item, in the shape from which nothing is left out.
    fn documents() -> impl Strategy<Value = Document> {
        let text =
            || prop_oneof![".*", Just(r#""[1]""#.to_owned()), Just("true".to_owned()), Just("{}".to_owned())];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            text().prop_map(Value::from),
        ];
        let json = leaf.prop_recursive(3, 12, 4, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-zA-Z]{1,8}", inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        });
        let supplementary = prop::collection::btree_map(
            prop_oneof![Just("Policy".to_owned()), Just("Tags".to_owned()), "[a-zA-Z]{1,8}"],
            json.clone(),
            0..4,
        );
        let tags = prop::collection::btree_map(".{1,5}", ".{0,5}", 0..3);
        let (types, names) = (
            prop_oneof![Just("AWS::Lambda::Function"), Just("AWS::S3::Bucket"), Just("AWS::SQS::Queue")],
            prop::option::of(".{1,9}"),
        );
        (types, ".{1,9}", names, json, supplementary, tags, 0..4_000_000_000_000_i64).prop_filter_map(
            "no item",
            |(resource_type, id, name, configuration, supplementary, tags, milliseconds)| {
                let supplementary: Map<_, _> = supplementary
                    .into_iter()
                    .map(|(key, value)| (key, Value::String(value.to_string())))
                    .collect();
                Document::from_item(json!({
                    "resourceType": resource_type, "resourceId": id, "resourceName": name,
                    "awsAccountId": "111122223333", "awsRegion": "eu-west-1", "tags": tags,
                    "configurationItemCaptureTime": Timestamp::from_millisecond(milliseconds).ok()?.to_string(),
                    "configuration": configuration.to_string(), "supplementaryConfiguration": supplementary,
                    "relationships": [{"resourceType": "AWS::IAM::Role", "resourceName": name, "name": "Is in "}],
                }))
                .ok()
            },
        )
    }

    fn shapes() -> impl Strategy<Value = Shape> {
        prop_oneof![Just(Shape::Notification), Just(Shape::Api), Just(Shape::BatchApi), Just(Shape::Row)]
    }

    /// The document without what `shape` leaves out: read from an item that lacks it.
    fn as_far_as_written(document: Document, shape: Shape) -> Document {
        let mut item = render(&document, Shape::Notification);
        match shape {
            Shape::Notification | Shape::Api => return document,
            Shape::BatchApi => {
                let members = item.as_object_mut().unwrap();
                members.remove("tags");
                members.remove("relationships");
                if let Some(supplementary) = item["supplementaryConfiguration"].as_object_mut() {
                    supplementary.retain(|key, _| !key.eq_ignore_ascii_case("tags"));
                }
            }
            Shape::Row => {
                item["configuration"] = with_floats(&item["configuration"]);
                // Numbers inside of text stay what they are.
                let sections = document.properties().value().to_value();
                if let Value::Object(supplementary) = &sections["supplementaryConfiguration"] {
                    for (key, value) in supplementary {
                        let is_text = TEXTS.contains(&(document.resource_type.as_str(), key.as_str()));
                        let value =
                            if is_text && !value.is_number() { value.clone() } else { with_floats(value) };
                        item["supplementaryConfiguration"][key] = Value::String(value.to_string());
                    }
                }
            }
        }
        Document::from_item(item).unwrap()
    }
}

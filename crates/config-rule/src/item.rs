//! Reads a configuration item in any of its recorded shapes into a [`Document`].

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::document::{Document, ItemStatus, Relationship};
use crate::json::{Json, Object};
use crate::kept::Kept;
use crate::known::{Known, Missing};
use crate::node::{SECTIONS, described};
use crate::tree::{TAGS, TooLarge, Tree};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

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
        capture_time: members.get("configurationItemCaptureTime").and_then(timestamp),
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

/// Notifications and the API write ISO 8601, the API's wire format epoch seconds, recorders of test data a map; inside a
/// configuration a time may as well be in epoch milliseconds or as Java prints it for Americans.
pub(crate) fn timestamp(value: Json<'_>) -> Option<Timestamp> {
    match value {
        // Only one spelling begins with a word; trying the others first would take longer than reading it.
        Json::Text(text) if text.trim_start().starts_with(|first: char| first.is_ascii_alphabetic()) => {
            american_time(text)
        }
        Json::Text(text) => text
            .parse()
            .ok()
            .or_else(|| Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", text).ok())
            .or_else(|| Timestamp::strptime("%Y-%m-%d %H:%M:%S%.f%:z", text).ok()),
        Json::Number(number) => {
            // In seconds this would be beyond the year 5000.
            const FIRST_MILLISECONDS: f64 = 100_000_000_000.0;
            let number = number.as_f64()?;
            let milliseconds = if number < FIRST_MILLISECONDS { number * 1000.0 } else { number };
            #[expect(clippy::cast_possible_truncation, reason = "`as` saturates, and jiff checks the range")]
            Timestamp::from_millisecond(milliseconds.round() as i64).ok()
        }
        Json::Object(parts) => recorded_datetime(parts),
        _ => None,
    }
}

/// `Aug 13, 2019 8:39:10 AM`, in UTC. Newer Java versions put a comma after the year and a narrow no-break space before AM
/// and PM.
///
/// Read by hand: a large account has a million of these, and `strptime` was much of the time of reading it.
fn american_time(text: &str) -> Option<Timestamp> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let separator = |character: char| character == ',' || character.is_whitespace();
    let mut words = text.split(separator).filter(|word| !word.is_empty());
    let (month, day, year) = (words.next()?, words.next()?, words.next()?);
    let (time, half, None) = (words.next()?, words.next()?, words.next()) else { return None };

    let month = (1..).zip(MONTHS).find(|(_, name)| name.eq_ignore_ascii_case(month))?.0;
    let mut time = time.split(':').map(number::<i8>);
    let (hour, minute, second, None) = (time.next()??, time.next()??, time.next()??, time.next()) else {
        return None;
    };
    let (1..=12) = hour else { return None };
    let noon = match half {
        half if half.eq_ignore_ascii_case("AM") => 0,
        half if half.eq_ignore_ascii_case("PM") => 12,
        _ => return None,
    };
    let datetime = DateTime::new(number(year)?, month, number(day)?, hour % 12 + noon, minute, second, 0);
    Offset::UTC.to_timestamp(datetime.ok()?).ok()
}

/// What digits alone spell.
fn number<T: FromStr>(digits: &str) -> Option<T> {
    digits.bytes().all(|digit| digit.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// Python's `datetime`, as recorders of AWS traffic for tests write it. They drop the time zone; UTC is meant.
fn recorded_datetime(parts: Object<'_>) -> Option<Timestamp> {
    fn part<T: TryFrom<i64>>(parts: Object<'_>, name: &str) -> Option<T> {
        T::try_from(parts.get(name)?.as_i64()?).ok()
    }
    let nanosecond = part::<i32>(parts, "microsecond").unwrap_or_default().checked_mul(1000)?;
    let datetime = DateTime::new(
        part(parts, "year")?,
        part(parts, "month")?,
        part(parts, "day")?,
        part(parts, "hour")?,
        part(parts, "minute")?,
        part(parts, "second")?,
        nanosecond,
    );
    Offset::UTC.to_timestamp(datetime.ok()?).ok()
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

    #[test]
    fn times_are_read_in_every_recorded_spelling() {
        let expected: Result<Timestamp, _> = "2022-07-21T12:54:37.664Z".parse();
        for text in
            ["2022-07-21T08:54:37.664000-04:00", "2022-07-21T12:54:37.664Z", "2022-07-21T12:54:37.664+0000"]
        {
            assert_eq!(time(json!(text)), expected.clone().ok(), "{text}");
        }
        assert_eq!(time(json!(1_658_408_077.664)), expected.clone().ok());
        assert_eq!(time(json!(1_658_408_077_664_u64)), expected.clone().ok());
        let mut recorded = json!({"__class__": "datetime", "year": 2022, "month": 7, "day": 21, "hour": 12,
            "minute": 54, "second": 37, "microsecond": 664_000});
        assert_eq!(time(recorded.clone()), expected.ok());
        recorded["month"] = json!(13);
        assert_eq!(time(recorded.clone()), None);
        assert_eq!(time(json!("yesterday")), None);
        assert_eq!(time(json!(1e300)), None);
    }

    #[test]
    fn american_times_are_read_before_and_after_noon() {
        for (text, expected) in [
            ("Aug 13, 2019 8:39:10 AM", "2019-08-13T08:39:10Z"),
            ("Aug 3, 2019, 8:39:10\u{202f}PM", "2019-08-03T20:39:10Z"),
            ("Jan 31, 2026 12:05:00 PM", "2026-01-31T12:05:00Z"),
            ("Jan 31, 2026 12:05:00 AM", "2026-01-31T00:05:00Z"),
        ] {
            assert_eq!(time(json!(text)), expected.parse().ok(), "{text}");
        }
        for text in [
            "Aug 13, 2019",
            "13 Aug 2019 8:39:10 AM",
            "Feb 30, 2026 8:39:10 AM",
            "Aug 13, 2019 8:39:10",
            "Aug 13, 2019 0:39:10 AM",
            "Aug 13, 2019 13:39:10 PM",
            "Aug 13, 2019 8:39:60 AM",
            "Aug 13, 2019 8:39:+1 AM",
            "Aug 13, 2019 8:39:10:00 AM",
            "Aug 13, 2019 8:39:10 AM UTC",
            "Augustus 13, 2019 8:39:10 AM",
        ] {
            assert_eq!(time(json!(text)), None, "{text}");
        }
    }

    fn read(item: Value) -> Result<Document, DocumentError> {
        Document::from_item(item)
    }

    fn time(value: Value) -> Option<Timestamp> {
        timestamp(serde_json::from_value::<Tree>(value).unwrap().root())
    }
}

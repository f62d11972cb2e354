//! What a value of a text holds: one item, or a document with any number of them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::sync::Arc;

use config_rule::Document;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::answers::AnswerKind;
use super::authorization_details::{self, AuthorizationDetails};
use super::scope;

/// Whether items of a type are kept; asked on every core.
pub type IsWanted<'a> = &'a (dyn Fn(&str) -> bool + Sync);

/// How a value was found, which says what it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// In a list of items.
    Item,
    /// On its own, or in a list of anything.
    Value,
    /// On this line of JSON Lines.
    Line(usize),
}

/// Something that a text holds.
#[derive(Debug)]
pub(super) enum Piece {
    Item(Arc<Document>),
    /// An item of a type that nobody wants, without its configuration.
    Counted(Box<Document>),
    /// What should be an item; without a `place` where it has no name of its own.
    Broken {
        place: Option<String>,
        reason: String,
    },
    /// An element of a list that is no list of items; `None` for a list without elements.
    Answer(AnswerKind, Option<Value>),
    AuthorizationDetails {
        details: AuthorizationDetails,
        complete: BTreeSet<(String, String)>,
    },
    /// `place` is empty where the whole text is meant.
    Problem {
        place: String,
        reason: String,
    },
}

/// Everything in a value, in its order.
pub(super) fn read(cut: Cut, text: &[u8], is_wanted: IsWanted<'_>, pieces: &mut Vec<Piece>) {
    let mut reading = Reading { is_wanted, pieces };
    let text = match std::str::from_utf8(text) {
        Ok(text) => text,
        Err(error) => {
            let at = error.valid_up_to() + 1;
            let reason = format!("expected text in UTF-8, found something else at byte {at}");
            return reading.pieces.push(match cut {
                Cut::Line(number) => Piece::Problem { place: format!("line {number}"), reason },
                Cut::Item | Cut::Value => Piece::Broken { place: None, reason },
            });
        }
    };
    match cut {
        Cut::Item => reading.item(text),
        Cut::Value => reading.value(text),
        Cut::Line(number) => match serde_json::from_str::<&RawValue>(text.trim_ascii_end()) {
            Ok(raw) => reading.value(raw.get()),
            Err(error) => {
                let (found, column) = (not_json(&error), error.column());
                let (place, reason) = (format!("line {number}"), format!("{found} at column {column}"));
                reading.pieces.push(Piece::Problem { place, reason });
            }
        },
    }
}

struct Reading<'a> {
    is_wanted: IsWanted<'a>,
    pieces: &'a mut Vec<Piece>,
}

/// The members of a document, not yet read.
type Members<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;

impl Reading<'_> {
    /// A value that is, or holds, one or more items.
    fn value(&mut self, json: &str) {
        match serde_json::from_str::<Members<'_>>(json) {
            Ok(members) => self.members(&members, json),
            Err(_) => self.item(json),
        }
    }

    fn members(&mut self, members: &Members<'_>, json: &str) {
        let member = |key: &str| members.get(key).map(|raw| raw.get());
        let text = |key: &str| serde_json::from_str::<String>(member(key)?).ok();

        if let Some(list) = LISTS.into_iter().find_map(member) {
            match serde_json::from_str::<Vec<&RawValue>>(list) {
                Ok(items) => items.into_iter().for_each(|item| self.item(item.get())),
                Err(_) => {
                    self.problem(format!("expected a list of configuration items, found {}", kind(list)));
                }
            }
        } else if let Some(event) = member("invokingEvent") {
            match text("invokingEvent").map(|event| serde_json::from_str::<Box<RawValue>>(&event)) {
                Some(Ok(event)) => self.value(event.get()),
                Some(Err(error)) => self.problem(format!("`invokingEvent`: {}", not_json(&error))),
                None => self.problem(format!("`invokingEvent`: expected JSON text, found {}", kind(event))),
            }
        } else if let Some(item) = member("configurationItem") {
            self.item(item);
        } else if let Some(summary) = member("configurationItemSummary") {
            let place = name(&serde_json::from_str(summary).unwrap_or_default());
            let reason = "an oversized notification holds no configuration: expected the item itself, as \
                          `aws configservice get-resource-config-history` prints it";
            self.pieces.push(Piece::Broken { place, reason: reason.to_owned() });
        } else if members.contains_key("resourceType") || members.contains_key("resourceId") {
            self.item(json);
        } else if authorization_details::KEYS.iter().any(|key| members.contains_key(*key)) {
            self.authorization_details(members);
        } else if let Some((kind, list)) =
            members.iter().find_map(|(key, raw)| Some((AnswerKind::at(key)?, raw.get())))
        {
            self.answers(kind, list);
        } else if let Some(message_type) = text("messageType") {
            self.problem(format!("expected configuration items, found a `{message_type}`, which holds none"));
        } else {
            let keys: Vec<_> = members.keys().take(3).map(|key| format!("`{key}`")).collect();
            let found = if keys.is_empty() { "no keys".to_owned() } else { keys.join(", ") };
            self.problem(format!("expected configuration items, found an object with {found}"));
        }
    }

    fn authorization_details(&mut self, members: &Members<'_>) {
        let details = members.iter().map(|(key, raw)| {
            serde_json::from_str(raw.get()).map(|value: Value| (key.clone().into_owned(), value))
        });
        match details.collect::<Result<Map<_, _>, _>>() {
            Ok(details) => {
                let value = Value::Object(details);
                let details = authorization_details::read(&value);
                let complete = authorization_details::complete_types(&value, &details.documents);
                self.pieces.push(Piece::AuthorizationDetails { details, complete });
            }
            Err(error) => self.problem(not_json(&error)),
        }
    }

    fn answers(&mut self, kind: AnswerKind, list: &str) {
        let Ok(elements) = serde_json::from_str::<Vec<&RawValue>>(list) else {
            return self.problem(format!("`{}`: expected a list, found {}", kind.key(), self::kind(list)));
        };
        if elements.is_empty() {
            self.pieces.push(Piece::Answer(kind, None));
        }
        for (index, element) in elements.into_iter().enumerate() {
            self.pieces.push(match serde_json::from_str::<Value>(element.get()) {
                Ok(element) => Piece::Answer(kind, Some(element)),
                Err(error) => {
                    let place = format!("`{}`, element {}", kind.key(), index + 1);
                    Piece::Problem { place, reason: not_json(&error) }
                }
            });
        }
    }

    /// A row of a query is JSON in a text; an item is JSON.
    fn item(&mut self, json: &str) {
        let piece = match serde_json::from_str::<Cow<'_, str>>(json) {
            Ok(row) => self.piece(&row),
            Err(_) => self.piece(json),
        };
        self.pieces.push(piece);
    }

    fn piece(&self, json: &str) -> Piece {
        if let Some(piece) = self.usual(json) {
            return piece;
        }
        match serde_json::from_str(json) {
            Ok(item) => {
                let place = name(&item);
                match document(item) {
                    Ok(document) => Piece::Item(Arc::new(document)),
                    Err(reason) => Piece::Broken { place, reason },
                }
            }
            Err(error) => Piece::Broken { place: None, reason: not_json(&error) },
        }
    }

    /// The item as AWS writes it, of which only what is needed is read: skipping the rest takes a tenth of the time of
    /// reading it, and of an item that nobody wants almost everything is the rest. What is odd in any way is `None`, and
    /// told where it is read as a whole.
    fn usual(&self, json: &str) -> Option<Piece> {
        let item: UsualItem<'_> = serde_json::from_str(json).ok()?;
        if (self.is_wanted)(item.resource_type.as_deref()?) {
            return document(item.value()?).ok().map(|document| Piece::Item(Arc::new(document)));
        }
        let mut document = document(item.without_content().value()?).ok()?;
        scope::fill_in_own(&mut document);
        let is_placed = document.account_id.is_some() && document.region.is_some();
        is_placed.then(|| Piece::Counted(Box::new(document)))
    }

    fn problem(&mut self, reason: String) {
        self.pieces.push(Piece::Problem { place: String::new(), reason });
    }
}

/// The members that hold a list of items.
pub(super) const LISTS: [&str; 3] = ["configurationItems", "baseConfigurationItems", "Results"];

/// The members of an item that are read. An item with one of them twice is none of these.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UsualItem<'a> {
    #[serde(borrow)]
    resource_type: Option<Cow<'a, str>>,
    #[serde(borrow)]
    resource_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    resource_name: Option<Cow<'a, str>>,
    #[serde(borrow, alias = "arn", rename = "ARN")]
    arn: Option<Cow<'a, str>>,
    #[serde(borrow, alias = "accountId")]
    aws_account_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    aws_region: Option<Cow<'a, str>>,
    #[serde(borrow)]
    configuration_item_status: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "even_null")]
    configuration_item_capture_time: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "even_null")]
    configuration: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "even_null")]
    supplementary_configuration: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "even_null")]
    tags: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "even_null")]
    relationships: Option<&'a RawValue>,
}

/// A member that is there and null is not one that is absent.
fn even_null<'de, D: Deserializer<'de>>(json: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(json).map(Some)
}

impl UsualItem<'_> {
    fn without_content(self) -> Self {
        Self {
            resource_name: None,
            configuration: None,
            supplementary_configuration: None,
            tags: None,
            relationships: None,
            ..self
        }
    }

    fn value(self) -> Option<Value> {
        let mut members = Map::new();
        let texts = [
            ("resourceType", self.resource_type),
            ("resourceId", self.resource_id),
            ("resourceName", self.resource_name),
            ("ARN", self.arn),
            ("awsAccountId", self.aws_account_id),
            ("awsRegion", self.aws_region),
            ("configurationItemStatus", self.configuration_item_status),
        ];
        for (key, text) in texts {
            if let Some(text) = text {
                members.insert(key.to_owned(), Value::String(text.into_owned()));
            }
        }
        let values = [
            ("configurationItemCaptureTime", self.configuration_item_capture_time),
            ("configuration", self.configuration),
            ("supplementaryConfiguration", self.supplementary_configuration),
            ("tags", self.tags),
            ("relationships", self.relationships),
        ];
        for (key, raw) in values {
            if let Some(raw) = raw {
                members.insert(key.to_owned(), serde_json::from_str(raw.get()).ok()?);
            }
        }
        Some(Value::Object(members))
    }
}

/// What the reader can find the item by.
fn name(item: &Value) -> Option<String> {
    let text = |key| item.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    Some(format!("{} `{}`", text("resourceType")?, text("resourceId")?))
}

/// The item, unless its account, its Region, its status or its time is there and cannot be what AWS writes: a default in
/// place of those would judge the resource where, or as what, it is not.
fn document(item: Value) -> Result<Document, String> {
    const TEXTS: [&str; 4] = ["awsAccountId", "accountId", "awsRegion", "configurationItemStatus"];
    const TIME: &str = "configurationItemCaptureTime";

    let is_null_or_text = |value: &Value| value.is_null() || value.is_string();
    for key in TEXTS {
        if let Some(value) = item.get(key).filter(|value| !is_null_or_text(value)) {
            return Err(format!("`{key}`: expected text, found {}", kind_of(value)));
        }
    }
    let time = item.get(TIME).filter(|time| !time.is_null()).map(kind_of);
    let document = Document::from_item(item).map_err(|error| match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    })?;
    match time {
        Some(found) if document.capture_time.is_none() => {
            Err(format!("`{TIME}`: expected a time in ISO 8601 or in seconds since 1970, found {found}"))
        }
        _ => Ok(document),
    }
}

/// How deep JSON may be nested within an item: as deep as the parser goes, which is far deeper than AWS's items are.
const MOST_LEVELS: usize = 127;

/// What is wrong with a text that is no JSON.
pub(super) fn not_json(error: &serde_json::Error) -> String {
    if error.is_eof() {
        return "expected the rest of the JSON, found its end".to_owned();
    }
    let text = error.to_string();
    // The place is told in the reader's terms, not twice.
    let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
    if what == "recursion limit exceeded" {
        return format!("expected JSON of at most {MOST_LEVELS} levels, found deeper nesting");
    }
    format!("expected JSON, found text that is not ({what})")
}

/// The type of a JSON value in the words of error messages.
fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Object(_) => "an object",
        Value::Array(_) => "a list",
        Value::String(_) => "text",
        Value::Bool(_) => "true or false",
        Value::Null => "null",
        Value::Number(_) => "a number",
    }
}

/// The same of a JSON text.
fn kind(json: &str) -> &'static str {
    match json.trim_start().as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "a list",
        Some(b'"') => "text",
        Some(b't' | b'f') => "true or false",
        Some(b'n') => "null",
        _ => "a number",
    }
}

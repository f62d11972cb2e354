//! What a value of a text holds: one item, or a document with any number of them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::sync::Arc;

use config_rule::{Document, Json, Kept, Tree};
use memchr::memmem;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::answers::AnswerKind;
use super::authorization_details::{self, AuthorizationDetails};
use super::pages::{self, Unprocessed};
use super::scope;
use super::state_id::StateId;

/// What of the items of a type is kept; `None` if nothing is, and they are only counted. Asked on every core.
pub type KeptOf<'a> = &'a (dyn Fn(&str) -> Option<&'static Kept> + Sync);

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
    Item(Arc<Document>, Option<StateId>),
    /// An item of a type that nobody wants, without its configuration.
    Counted(Box<Document>),
    /// What should be an item; without a `place` where it has no name of its own.
    Broken {
        place: Option<String>,
        reason: String,
    },
    /// An element of a list that is no list of items; `None` for a list without elements.
    Answer(AnswerKind, Option<Value>),
    /// The list before it goes on elsewhere: answers of a kind, or items.
    MorePages(Option<AnswerKind>),
    /// The list of items before it is without these.
    Unprocessed(Unprocessed),
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

/// Everything in a value, in its order. What stands in `scratch` is of no account; that its memory is used again is.
pub(super) fn read(cut: Cut, text: &[u8], kept_of: KeptOf<'_>, pieces: &mut Vec<Piece>, scratch: &mut Tree) {
    let mut reading = Reading { kept_of, pieces, scratch };
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
    kept_of: KeptOf<'a>,
    pieces: &'a mut Vec<Piece>,
    /// Memory for the item that is read.
    scratch: &'a mut Tree,
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

        if let Some((key, list)) = LISTS.into_iter().find_map(|key| Some((key, member(key)?))) {
            match serde_json::from_str::<Vec<&RawValue>>(list) {
                Ok(items) => items.into_iter().for_each(|item| self.item(item.get())),
                Err(_) => {
                    self.problem(format!("expected a list of configuration items, found {}", kind(list)));
                }
            }
            // What follows a page of a resource's history are older items of the same resource, which is there.
            if key != HISTORY {
                self.lacks(None, members);
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
            let place = serde_json::from_str::<Tree>(summary).ok().and_then(|summary| name(summary.root()));
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
            self.lacks(Some(kind), members);
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

    /// Tells what a document says of itself that it lacks.
    fn lacks(&mut self, kind: Option<AnswerKind>, members: &Members<'_>) {
        let mut leads_on = false;
        for key in pages::KEYS {
            let value = members.get(key).and_then(|raw| serde_json::from_str::<Value>(raw.get()).ok());
            match value {
                Some(list) if key == pages::UNPROCESSED => {
                    self.pieces.extend(Unprocessed::of(&list).map(Piece::Unprocessed));
                }
                Some(token) => leads_on |= pages::leads_on(&token),
                None => {}
            }
        }
        if leads_on {
            self.pieces.push(Piece::MorePages(kind));
        }
    }

    /// A row of a query is JSON in a text; an item is JSON.
    fn item(&mut self, json: &str) {
        let row = if json.trim_start().starts_with('"') {
            serde_json::from_str::<Cow<'_, str>>(json).ok()
        } else {
            None
        };
        let piece = self.piece(row.as_deref().unwrap_or(json));
        self.pieces.push(piece);
    }

    fn piece(&mut self, json: &str) -> Piece {
        // A wrong guess costs time and nothing else.
        let guess = guessed_type(json);
        let kept = guess.map(self.kept_of);
        if let Some(None) = kept
            && let Some(piece) = self.counted(json)
        {
            return piece;
        }
        match self.document(json, kept.flatten().unwrap_or(&Kept::Whole)) {
            Ok(document) if guess == Some(document.resource_type.as_str()) => self.known(document),
            Ok(document) => {
                let Some(kept) = (self.kept_of)(&document.resource_type) else {
                    let item = self.known(document);
                    return self.counted(json).unwrap_or(item);
                };
                self.document(json, kept).map_or_else(|broken| broken, |document| self.known(document))
            }
            Err(broken) => broken,
        }
    }

    /// The item that was read last.
    fn known(&self, document: Document) -> Piece {
        Piece::Item(Arc::new(document), StateId::of(self.scratch.root()))
    }

    /// The item with as much of it as is kept, or what is broken.
    fn document(&mut self, json: &str, kept: &'static Kept) -> Result<Document, Piece> {
        let no_json = |error| Piece::Broken { place: None, reason: not_json(&error) };
        self.read(json, &ITEM_MEMBERS, kept).map_err(no_json)?;
        document(self.scratch, kept).map_err(|reason| match serde_json::from_str::<Tree>(json) {
            Ok(_) => Piece::Broken { place: name(self.scratch.root()), reason },
            // In a part that is not read.
            Err(error) => no_json(error),
        })
    }

    /// An item that nobody wants, of which only what counts is read: skipping the rest takes a fraction of the time of
    /// reading it. What is odd in any way is `None`, and told where it is read as a whole.
    fn counted(&mut self, json: &str) -> Option<Piece> {
        self.read(json, &COUNTED_MEMBERS, &Kept::Whole).ok()?;
        let mut document = document(self.scratch, &Kept::Whole).ok()?;
        scope::fill_in_own(&mut document);
        let is_placed = document.account_id.is_some() && document.region.is_some();
        let is_counted = is_placed && (self.kept_of)(&document.resource_type).is_none();
        is_counted.then(|| Piece::Counted(Box::new(document)))
    }

    /// Reads these members of an item.
    fn read(&mut self, json: &str, members: &[&str], kept: &Kept) -> Result<(), serde_json::Error> {
        let mut json = serde_json::Deserializer::from_str(json);
        self.scratch.read_members(&mut json, members, kept)?;
        json.end()
    }

    fn problem(&mut self, reason: String) {
        self.pieces.push(Piece::Problem { place: String::new(), reason });
    }
}

/// The members that hold a list of items.
pub(super) const LISTS: [&str; 3] = [HISTORY, "baseConfigurationItems", "Results"];

/// The list of a snapshot, which has no pages, and of `get-resource-config-history`.
const HISTORY: &str = "configurationItems";

/// The members of an item that matter.
const ITEM_MEMBERS: [&str; Document::MEMBERS.len() + 1] = {
    let mut members = [StateId::KEY; Document::MEMBERS.len() + 1];
    let (of_document, _) = members.split_at_mut(Document::MEMBERS.len());
    of_document.copy_from_slice(&Document::MEMBERS);
    members
};

/// The members by which an item is counted.
const COUNTED_MEMBERS: [&str; 9] = [
    "ARN",
    "accountId",
    "arn",
    "awsAccountId",
    "awsRegion",
    "configurationItemCaptureTime",
    "configurationItemStatus",
    "resourceId",
    "resourceType",
];

/// What is probably the item's type: after the last such key, because AWS writes it after everything that has one of its own.
fn guessed_type(json: &str) -> Option<&str> {
    const KEY: &str = "\"resourceType\"";
    let after = json.get(memmem::rfind(json.as_bytes(), KEY.as_bytes())? + KEY.len()..)?;
    let text = after.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
    text.split_once('"').map(|(resource_type, _)| resource_type)
}

/// What the reader can find the item by.
fn name(item: Json<'_>) -> Option<String> {
    let text = |key| item.get(key)?.as_text().filter(|text| !text.is_empty());
    Some(format!("{} `{}`", text("resourceType")?, text("resourceId")?))
}

/// The item, unless its account, its Region, its status or its time is there and cannot be what AWS writes: a default in
/// place of those would judge the resource where, or as what, it is not.
fn document(item: &Tree, kept: &'static Kept) -> Result<Document, String> {
    const TIME: &str = "configurationItemCaptureTime";
    const KEYS: [&str; 5] = ["awsAccountId", "accountId", "awsRegion", "configurationItemStatus", TIME];

    let members = item.root().as_object().map_or([None; 5], |members| members.get_each(KEYS));
    let [texts @ .., time] = members;
    for (key, value) in KEYS.into_iter().zip(texts) {
        match value {
            None | Some(Json::Null | Json::Text(_)) => {}
            Some(value) => return Err(format!("`{key}`: expected text, found {}", kind_of(value))),
        }
    }
    let document = Document::from_tree(item, kept).map_err(|error| match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    })?;
    match time {
        Some(time) if time != Json::Null && document.capture_time.is_none() => {
            let found = kind_of(time);
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
fn kind_of(value: Json<'_>) -> &'static str {
    match value {
        Json::Object(_) => "an object",
        Json::List(_) => "a list",
        Json::Text(_) => "text",
        Json::Bool(_) => "true or false",
        Json::Null => "null",
        Json::Number(_) => "a number",
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

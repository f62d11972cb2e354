//! Finds the configuration items in a text, whichever of the known documents it is.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, BufRead, BufReader, Cursor, Read};

use config_rule::Document;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::answers::AnswerKind;
use super::{authorization_details, file};

/// The longest line of JSON Lines: 64 MiB. AWS Config's own items are far below it.
const MAX_LINE_BYTES: u64 = 64 * 1024 * 1024;

/// How far the end of the first line is looked for: 1 MiB. A text without it is read as whole documents.
const FIRST_LINE_BYTES: u64 = 1024 * 1024;

/// What is read ahead of the parser: 64 KiB.
const BUFFER_BYTES: usize = 64 * 1024;

/// Who is told what a text holds.
pub(super) trait Found {
    fn item(&mut self, document: Document);
    /// An element of a list that is no list of items; `None` for a list without elements.
    fn answer(&mut self, kind: AnswerKind, element: Option<Value>);
    fn authorization_details(&mut self, details: &Value);
    /// `place` is empty where the whole text is meant.
    fn problem(&mut self, place: String, reason: String);
}

/// Tells `found` of every item in `text` and of everything in it that is none.
pub(super) fn read(text: &mut dyn BufRead, found: &mut dyn Found) {
    let mut contents = Contents { found, position: 0, items: 0 };
    if let Err(error) = contents.text(text) {
        let reason = contents.interrupted(&unreadable(&error));
        contents.found.problem(String::new(), reason);
    }
}

struct Contents<'a> {
    found: &'a mut dyn Found,
    /// How many items or would-be items there were so far.
    position: usize,
    items: usize,
}

impl Contents<'_> {
    fn text(&mut self, text: &mut dyn BufRead) -> io::Result<()> {
        file::skip_mark(text)?;
        if skip_blank(text)? {
            self.problem("expected configuration items, found an empty file".to_owned());
            return Ok(());
        }
        let mut first_line = Vec::new();
        if let Err(error) = text.take(FIRST_LINE_BYTES).read_until(b'\n', &mut first_line) {
            self.values(&mut Cursor::new(first_line).chain(Broken(Some(error))));
        } else if is_one_document(&first_line) && !skip_blank(text)? {
            self.line(1, &first_line);
            self.lines(text)?;
        } else {
            self.values(&mut Cursor::new(first_line).chain(text));
        }
        Ok(())
    }

    /// JSON Lines: a line that is broken costs itself and no other.
    fn lines(&mut self, text: &mut dyn BufRead) -> io::Result<()> {
        let mut line = Vec::new();
        for number in 2.. {
            line.clear();
            text.take(MAX_LINE_BYTES).read_until(b'\n', &mut line)?;
            if line.is_empty() {
                break;
            }
            if line.len() as u64 == MAX_LINE_BYTES && !line.ends_with(b"\n") {
                return Err(io::Error::other(format!(
                    "line {number}: expected at most {MAX_LINE_BYTES} bytes, found more"
                )));
            }
            if !line.trim_ascii().is_empty() {
                self.line(number, &line);
            }
        }
        Ok(())
    }

    fn line(&mut self, number: usize, line: &[u8]) {
        match serde_json::from_slice::<&RawValue>(line.trim_ascii_end()) {
            Ok(raw) => self.value(raw),
            Err(error) => {
                let (found, column) = (not_json(&error), error.column());
                self.found.problem(format!("line {number}"), format!("{found} at column {column}"));
            }
        }
    }

    /// Whole documents, usually one. Items are taken as they come, so that neither the text nor the JSON of a large
    /// snapshot is ever held as a whole, and what stands before a broken end is kept.
    fn values(&mut self, text: &mut dyn Read) {
        // The parser takes bytes one by one, and only from this very type without a call for each.
        let mut json = serde_json::Deserializer::from_reader(BufReader::with_capacity(BUFFER_BYTES, text));
        loop {
            let read = match json.end() {
                Ok(()) => break,
                Err(error) if error.is_io() => Err(error),
                Err(_) => TopLevel(self).deserialize(&mut json),
            };
            if let Err(error) = read {
                let what = if error.is_io() {
                    unreadable(&io::Error::from(error))
                } else if error.is_data() {
                    error.to_string()
                } else {
                    format!("{} at line {} column {}", not_json(&error), error.line(), error.column())
                };
                let reason = self.interrupted(&what);
                self.problem(reason);
                break;
            }
        }
    }

    /// A value that is, or holds, one or more items.
    fn value(&mut self, raw: &RawValue) {
        match serde_json::from_str::<BTreeMap<String, &RawValue>>(raw.get()) {
            Ok(members) => self.members(&members),
            Err(_) => self.item(raw.get()),
        }
    }

    fn members(&mut self, members: &BTreeMap<String, &RawValue>) {
        let member = |key: &str| members.get(key).map(|raw| raw.get());
        let text = |key: &str| serde_json::from_str::<String>(member(key)?).ok();
        let is_item = members.contains_key("resourceType") || members.contains_key("resourceId");

        let list = ["configurationItems", "baseConfigurationItems", "Results"];
        if let Some(list) = list.into_iter().find_map(member) {
            let read = Items(self).deserialize(&mut serde_json::Deserializer::from_str(list));
            if let Err(error) = read {
                self.problem(error.to_string());
            }
        } else if let Some(event) = member("invokingEvent") {
            match text("invokingEvent").map(|event| serde_json::from_str::<Box<RawValue>>(&event)) {
                Some(Ok(event)) => self.value(&event),
                Some(Err(error)) => self.problem(format!("`invokingEvent`: {}", not_json(&error))),
                None => self.problem(format!("`invokingEvent`: expected JSON text, found {}", kind(event))),
            }
        } else if let Some(item) = member("configurationItem") {
            self.item(item);
        } else if let Some(summary) = member("configurationItemSummary") {
            self.position += 1;
            let summary = serde_json::from_str(summary).unwrap_or_default();
            let place = self.place(&summary);
            let reason = "an oversized notification holds no configuration: expected the item itself, as \
                          `aws configservice get-resource-config-history` prints it";
            self.found.problem(place, reason.to_owned());
        } else if is_item {
            let item = members
                .iter()
                .map(|(key, raw)| serde_json::from_str(raw.get()).map(|value: Value| (key.clone(), value)));
            let item = item.collect::<Result<Map<_, _>, _>>().map(Value::Object);
            self.parsed_item(item);
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

    fn authorization_details(&mut self, members: &BTreeMap<String, &RawValue>) {
        let details = members
            .iter()
            .map(|(key, raw)| serde_json::from_str(raw.get()).map(|value: Value| (key.clone(), value)));
        match details.collect::<Result<Map<_, _>, _>>() {
            Ok(details) => self.found.authorization_details(&Value::Object(details)),
            Err(error) => self.problem(not_json(&error)),
        }
    }

    fn answers(&mut self, kind: AnswerKind, list: &str) {
        let Ok(elements) = serde_json::from_str::<Vec<&RawValue>>(list) else {
            return self.problem(format!("`{}`: expected a list, found {}", kind.key(), self::kind(list)));
        };
        if elements.is_empty() {
            self.found.answer(kind, None);
        }
        for (index, element) in elements.into_iter().enumerate() {
            match serde_json::from_str::<Value>(element.get()) {
                Ok(element) => self.found.answer(kind, Some(element)),
                Err(error) => {
                    let place = format!("`{}`, element {}", kind.key(), index + 1);
                    self.found.problem(place, not_json(&error));
                }
            }
        }
    }

    /// A row of a query is JSON in a text; an item is JSON.
    fn item(&mut self, json: &str) {
        let item = match serde_json::from_str(json) {
            Ok(Value::String(row)) => serde_json::from_str(&row),
            item => item,
        };
        self.parsed_item(item);
    }

    fn parsed_item(&mut self, item: Result<Value, serde_json::Error>) {
        self.position += 1;
        let item = match item {
            Ok(item) => item,
            Err(error) => {
                let place = self.place(&Value::Null);
                return self.found.problem(place, not_json(&error));
            }
        };
        let place = self.place(&item);
        match document(item) {
            Ok(document) => {
                self.items += 1;
                self.found.item(document);
            }
            Err(reason) => self.found.problem(place, reason),
        }
    }

    /// What the reader can find the item by.
    fn place(&self, item: &Value) -> String {
        let text = |key| item.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        match (text("resourceType"), text("resourceId")) {
            (Some(resource_type), Some(resource_id)) => format!("{resource_type} `{resource_id}`"),
            _ => format!("item {}", self.position),
        }
    }

    fn problem(&mut self, reason: String) {
        self.found.problem(String::new(), reason);
    }

    fn interrupted(&self, reason: &str) -> String {
        match self.items {
            0 => reason.to_owned(),
            1 => format!("{reason}; the item before is kept"),
            items => format!("{reason}; the {items} items before are kept"),
        }
    }
}

/// A text that could not be read on.
struct Broken(Option<io::Error>);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// A document or a list of them, item by item.
struct TopLevel<'a, 'b>(&'a mut Contents<'b>);

impl<'de> DeserializeSeed<'de> for TopLevel<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for TopLevel<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("configuration items")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(element) = list.next_element::<Box<RawValue>>()? {
            self.0.value(&element);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let mut holds_list = false;
        let mut members = BTreeMap::<String, Box<RawValue>>::new();
        while let Some(key) = object.next_key::<String>()? {
            match key.as_str() {
                "configurationItems" | "baseConfigurationItems" | "Results" => {
                    holds_list = true;
                    object.next_value_seed(Items(&mut *self.0))?;
                }
                _ => {
                    members.insert(key, object.next_value()?);
                }
            }
        }
        if !holds_list {
            let members = members.iter().map(|(key, raw)| (key.clone(), &**raw)).collect();
            self.0.members(&members);
        }
        Ok(())
    }
}

/// A list of items, one by one.
struct Items<'a, 'b>(&'a mut Contents<'b>);

impl<'de> DeserializeSeed<'de> for Items<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Items<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a list of configuration items")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        // Raw first: JSON that is too deep, or a number that is too large, then costs one item and not the list.
        while let Some(item) = list.next_element::<Box<RawValue>>()? {
            self.0.item(item.get());
        }
        Ok(())
    }
}

/// The item, unless its account, its Region, its status or its time is there and cannot be what AWS writes: a default in
/// place of those would judge the resource where, or as what, it is not.
fn document(item: Value) -> Result<Document, String> {
    const TEXTS: [&str; 4] = ["awsAccountId", "accountId", "awsRegion", "configurationItemStatus"];
    const TIME: &str = "configurationItemCaptureTime";

    let is_null_or_text = |value: &Value| value.is_null() || value.is_string();
    for key in TEXTS {
        if let Some(value) = item.get(key).filter(|value| !is_null_or_text(value)) {
            return Err(format!("`{key}`: expected text, found {}", kind(&value.to_string())));
        }
    }
    let time = item.get(TIME).filter(|time| !time.is_null()).map(|time| kind(&time.to_string()));
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

/// Whether the first line alone is a document, as it is in JSON Lines and in no document of several lines.
fn is_one_document(line: &[u8]) -> bool {
    let trimmed = line.trim_ascii();
    let looks_so = trimmed.starts_with(b"{") && trimmed.ends_with(b"}");
    line.ends_with(b"\n") && (looks_so || serde_json::from_slice::<IgnoredAny>(trimmed).is_ok())
}

/// Skips blanks; whether the text ends there.
fn skip_blank(text: &mut dyn BufRead) -> io::Result<bool> {
    loop {
        let buffer = text.fill_buf()?;
        if buffer.is_empty() {
            return Ok(true);
        }
        let blanks = buffer.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let is_blank = blanks == buffer.len();
        text.consume(blanks);
        if !is_blank {
            return Ok(false);
        }
    }
}

fn unreadable(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            "expected the rest of the packed text, found the end of the file".to_owned()
        }
        _ => error.to_string(),
    }
}

fn not_json(error: &serde_json::Error) -> String {
    if error.is_eof() {
        return "expected the rest of the JSON, found its end".to_owned();
    }
    let text = error.to_string();
    // The place is told in the reader's terms, not twice.
    let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
    format!("expected JSON, found text that is not ({what})")
}

/// The type of a JSON text in the words of error messages.
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

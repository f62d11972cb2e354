//! Cuts the values out of a text that are, or hold, configuration items, whichever of the known documents it is.

use std::io::{self, BufRead, Cursor, Read};

use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::pieces::{Cut, LISTS, not_json};
use super::scan::{ScanError, Scanner};
use super::{file, pages};

/// The longest item, and the longest line of JSON Lines: 64 MiB. AWS Config's own items are far below it.
pub const MAX_ITEM_BYTES: usize = 64 * 1024 * 1024;

/// The longest document that is no list of items, such as an output of `aws iam get-account-authorization-details`: 512 MiB.
pub const MAX_DOCUMENT_BYTES: usize = 512 * 1024 * 1024;

/// How far the end of the first line is looked for: 1 MiB. A text without it is read as whole documents.
const FIRST_LINE_BYTES: u64 = 1024 * 1024;

/// Who is given what a text is cut into.
pub(super) trait Cuts {
    fn cut(&mut self, cut: Cut, text: &[u8]);
    /// The whole text is not what it should be.
    fn problem(&mut self, reason: String);
    /// Nothing that follows can be read.
    fn interrupted(&mut self, reason: String);
}

/// Gives everything in `text` that may be, or hold, an item to `cuts`.
pub(super) fn cut(text: &mut dyn BufRead, cuts: &mut dyn Cuts) {
    if let Err(error) = (Contents { cuts, max_document: MAX_DOCUMENT_BYTES }).text(text) {
        cuts.interrupted(match error {
            ScanError::Unreadable(error) => unreadable(&error),
            error => error.to_string(),
        });
    }
}

struct Contents<'a> {
    cuts: &'a mut dyn Cuts,
    /// The longest document that is no list.
    max_document: usize,
}

impl Contents<'_> {
    fn text(&mut self, text: &mut dyn BufRead) -> Result<(), ScanError> {
        file::skip_mark(text)?;
        if skip_blank(text)? {
            self.cuts.problem("expected configuration items, found an empty file".to_owned());
            return Ok(());
        }
        let mut first_line = Vec::new();
        if let Err(error) = text.take(FIRST_LINE_BYTES).read_until(b'\n', &mut first_line) {
            self.documents(&mut Scanner::new(Cursor::new(first_line).chain(Broken(Some(error)))))
        } else if is_one_document(&first_line) && !skip_blank(text)? {
            self.cuts.cut(Cut::Line(1), &first_line);
            self.lines(text)
        } else {
            self.documents(&mut Scanner::new(Cursor::new(first_line).chain(text)))
        }
    }

    /// JSON Lines: a line that is broken costs itself and no other.
    fn lines(&mut self, text: &mut dyn BufRead) -> Result<(), ScanError> {
        let mut line = Vec::new();
        for number in 2.. {
            line.clear();
            text.take(MAX_ITEM_BYTES as u64).read_until(b'\n', &mut line)?;
            if line.is_empty() {
                break;
            }
            if line.len() == MAX_ITEM_BYTES && !line.ends_with(b"\n") {
                let message = format!("line {number}: expected at most {MAX_ITEM_BYTES} bytes, found more");
                return Err(io::Error::other(message).into());
            }
            if !line.trim_ascii().is_empty() {
                self.cuts.cut(Cut::Line(number), &line);
            }
        }
        Ok(())
    }

    /// Whole documents, usually one.
    fn documents<R: Read>(&mut self, json: &mut Scanner<R>) -> Result<(), ScanError> {
        while let Some(first) = json.peek()? {
            match first {
                b'{' => self.object(json)?,
                b'[' => self.list(json, Cut::Value)?,
                _ => return Err(json.unexpected("configuration items")),
            }
        }
        Ok(())
    }

    fn list<R: Read>(&mut self, json: &mut Scanner<R>, cut: Cut) -> Result<(), ScanError> {
        json.take(b"[", "a list of configuration items")?;
        if json.peek()? == Some(b']') {
            json.take(b"]", "`]`")?;
            return Ok(());
        }
        loop {
            self.cuts.cut(cut, json.value(MAX_ITEM_BYTES)?);
            if json.take(b",]", "`,` or `]`")? == b']' {
                return Ok(());
            }
        }
    }

    /// A document with a list of items, or one that is, or holds, something else and is cut out as a whole.
    fn object<R: Read>(&mut self, json: &mut Scanner<R>) -> Result<(), ScanError> {
        let (mut holds_list, mut may_lack) = (false, false);
        let mut whole = Vec::new();
        json.take(b"{", "an object")?;
        whole.push(b'{');
        while json.peek()? != Some(b'}') {
            if 1 < whole.len() {
                whole.push(json.take(b",", "`,` or `}`")?);
            }
            if json.peek()? != Some(b'"') {
                return Err(json.unexpected("a key"));
            }
            let key = json.value(MAX_ITEM_BYTES)?;
            whole.extend_from_slice(key);
            let key = serde_json::from_slice::<String>(key).unwrap_or_default();
            let is_list = LISTS.contains(&key.as_str());
            may_lack |= pages::KEYS.contains(&key.as_str());
            whole.push(json.take(b":", "`:`")?);
            if is_list {
                holds_list = true;
                self.list(json, Cut::Item)?;
                whole.extend_from_slice(b"[]");
            } else {
                let value = json.value(self.max_document.saturating_sub(whole.len()))?;
                whole.extend_from_slice(value);
                if let Err(error) = serde_json::from_slice::<&RawValue>(value) {
                    return Err(json.broken(not_json(&error)));
                }
            }
        }
        whole.push(json.take(b"}", "`}`")?);
        // What stands beside the list comes after it, whatever the order in the text.
        if !holds_list || may_lack {
            self.cuts.cut(Cut::Value, &whole);
        }
        Ok(())
    }
}

/// A text that could not be read on.
struct Broken(Option<io::Error>);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Collected(Vec<String>);

    impl Cuts for Collected {
        fn cut(&mut self, _: Cut, text: &[u8]) {
            self.0.push(String::from_utf8_lossy(text).into_owned());
        }

        fn problem(&mut self, reason: String) {
            self.0.push(reason);
        }

        fn interrupted(&mut self, reason: String) {
            self.0.push(reason);
        }
    }

    #[test]
    fn a_document_that_is_no_list_may_be_long_and_a_longer_one_is_refused() {
        let text = |length: usize| format!(r#"{{"a":1,"b":"{}"}}"#, "x".repeat(length));
        // Eleven bytes stand before the text, and its quotes are part of it.
        let read = |length: usize| {
            let mut cuts = Collected::default();
            let mut contents = Contents { cuts: &mut cuts, max_document: 100 };
            contents.text(&mut text(length).as_bytes()).map(|()| cuts.0).map_err(|error| error.to_string())
        };
        assert_eq!(read(87), Ok(vec![text(87)]));
        let error = "expected at most 89 bytes for one value, found more from line 1 column 12";
        assert_eq!(read(88), Err(error.to_owned()));
    }

    #[test]
    fn a_list_may_be_longer_than_any_other_document() {
        let item = format!(r#"{{"b":"{}"}}"#, "x".repeat(50));
        let text = format!(r#"{{"configurationItems":[{item},{item},{item}]}}"#);
        let mut cuts = Collected::default();
        Contents { cuts: &mut cuts, max_document: 100 }.text(&mut text.as_bytes()).unwrap();
        assert_eq!(cuts.0, [item.as_str(); 3]);
    }
}

//! Cuts a text into the JSON values that stand in it, without building any of them.
//!
//! A value is cut out by its brackets and quotes alone; whether it is JSON inside shows when it is parsed. So a value that
//! is broken costs itself and not the text, and the whole of a text is never held.

use std::io::{self, Read};

use memchr::{memchr_iter, memchr2};

/// How much is read at a time: 256 KiB.
const STEP_BYTES: usize = 256 * 1024;

/// Why a text cannot be cut any further.
#[derive(Debug, thiserror::Error)]
pub(super) enum ScanError {
    /// Within a value, or between two.
    #[error("expected the rest of the JSON, found its end at {0}")]
    End(Place),
    /// Something that cannot stand there.
    #[error("expected {expected}, found {found} at {place}")]
    Unexpected {
        /// What can.
        expected: &'static str,
        found: String,
        place: Place,
    },
    /// A value that is no JSON inside.
    #[error("{what} before {place}")]
    Broken { what: String, place: Place },
    /// A value that is too long to be held.
    #[error("expected at most {most} bytes for one value, found more from {from}")]
    TooLong { most: usize, from: Place },
    #[error(transparent)]
    Unreadable(#[from] io::Error),
}

/// Where in the text; both count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    line: usize,
    column: usize,
}

impl std::fmt::Display for Place {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "line {} column {}", self.line, self.column)
    }
}

/// A text, and how far it has been cut.
#[derive(Debug)]
pub(super) struct Scanner<R> {
    text: R,
    /// Whatever was read and not yet cut off is at `start..end`.
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Of `start`.
    place: Place,
}

impl<R: Read> Scanner<R> {
    pub(super) fn new(text: R) -> Self {
        let buffer = vec![0; STEP_BYTES];
        Self { text, buffer, start: 0, end: 0, place: Place { line: 1, column: 1 } }
    }

    /// The next byte that is not blank; `None` at the end.
    pub(super) fn peek(&mut self) -> Result<Option<u8>, ScanError> {
        loop {
            let blanks = self.ahead().iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            self.cut(blanks);
            if let Some(byte) = self.ahead().first() {
                return Ok(Some(*byte));
            }
            if self.fill()? == 0 {
                return Ok(None);
            }
        }
    }

    /// Cuts off one of the bytes `wanted`, and tells which.
    pub(super) fn take(&mut self, wanted: &[u8], expected: &'static str) -> Result<u8, ScanError> {
        match self.peek()? {
            Some(byte) if wanted.contains(&byte) => {
                self.cut(1);
                Ok(byte)
            }
            Some(_) => Err(self.unexpected(expected)),
            None => Err(ScanError::End(self.last_place())),
        }
    }

    /// Cuts off the next value, of at most `most` bytes.
    pub(super) fn value(&mut self, most: usize) -> Result<&[u8], ScanError> {
        let first = self.peek()?.ok_or_else(|| ScanError::End(self.last_place()))?;
        if matches!(first, b',' | b':' | b'}' | b']') {
            return Err(self.unexpected("JSON"));
        }
        let mut outline = Outline::of(first);
        let mut looked_at = 0;
        let length = loop {
            let ahead = self.buffer.get(self.start + looked_at..self.end).unwrap_or_default();
            if let Some(length) = outline.length(ahead) {
                break looked_at + length;
            }
            looked_at = self.end - self.start;
            if most < looked_at {
                return Err(ScanError::TooLong { most, from: self.place });
            }
            if self.fill()? == 0 {
                // Only a number or a word can end where the text does.
                if outline.is_open() {
                    return Err(ScanError::End(self.last_place()));
                }
                break looked_at;
            }
        };
        if most < length {
            return Err(ScanError::TooLong { most, from: self.place });
        }
        let start = self.start;
        self.cut(length);
        Ok(self.buffer.get(start..start + length).unwrap_or_default())
    }

    /// The error that something else was expected than what comes next.
    pub(super) fn unexpected(&self, expected: &'static str) -> ScanError {
        let found = match self.ahead().first() {
            Some(byte) if byte.is_ascii_graphic() => format!("`{}`", char::from(*byte)),
            Some(byte) => format!("the byte {byte:#04x}"),
            None => "its end".to_owned(),
        };
        ScanError::Unexpected { expected, found, place: self.place }
    }

    /// The error that the last value is no JSON.
    pub(super) fn broken(&self, what: String) -> ScanError {
        ScanError::Broken { what, place: self.place }
    }

    fn ahead(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    fn cut(&mut self, count: usize) {
        let cut = self.buffer.get(self.start..self.start + count).unwrap_or_default();
        self.place = self.place.after(cut);
        self.start += count;
    }

    /// Where the text ends, once all of it was read.
    fn last_place(&self) -> Place {
        let Place { line, column } = self.place.after(self.ahead());
        Place { line, column: column.saturating_sub(1) }
    }

    /// Reads on; how many bytes, 0 at the end.
    fn fill(&mut self) -> Result<usize, ScanError> {
        if 0 < self.start {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.buffer.len() - self.end < STEP_BYTES / 2 {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        loop {
            match self.text.read(self.buffer.get_mut(self.end..).unwrap_or_default()) {
                Ok(count) => {
                    self.end += count;
                    return Ok(count);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl Place {
    fn after(self, text: &[u8]) -> Self {
        let (breaks, last) = memchr_iter(b'\n', text).fold((0, None), |(count, _), at| (count + 1, Some(at)));
        match last {
            Some(last) => Self { line: self.line + breaks, column: text.len() - last },
            None => Self { line: self.line, column: self.column + text.len() },
        }
    }
}

/// How far into a value the scanner is.
#[derive(Debug)]
enum Outline {
    /// Within this many brackets, and there perhaps within quotes.
    Structure {
        depth: usize,
        quotes: Quotes,
    },
    Text(Quotes),
    /// A number or a word.
    Scalar,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quotes {
    None,
    Inside,
    /// The last byte was a backslash.
    Escape,
}

impl Outline {
    /// The outline of a value of which nothing but the first byte is known. That byte is still to be looked at.
    fn of(first: u8) -> Self {
        match first {
            b'{' | b'[' => Self::Structure { depth: 0, quotes: Quotes::None },
            b'"' => Self::Text(Quotes::None),
            _ => Self::Scalar,
        }
    }

    /// How many of the next bytes belong to the value, if it ends within them.
    fn length(&mut self, bytes: &[u8]) -> Option<usize> {
        match self {
            Self::Structure { depth, quotes } => structure_length(depth, quotes, bytes),
            Self::Text(quotes) => {
                let opening = usize::from(*quotes == Quotes::None);
                if *quotes == Quotes::None {
                    *quotes = Quotes::Inside;
                }
                let rest = bytes.get(opening..).unwrap_or_default();
                after_quotes(quotes, rest).map(|length| opening + length)
            }
            Self::Scalar => bytes
                .iter()
                .position(|byte| matches!(byte, b',' | b':' | b'}' | b']') || byte.is_ascii_whitespace()),
        }
    }

    fn is_open(&self) -> bool {
        !matches!(self, Self::Scalar)
    }
}

fn structure_length(depth: &mut usize, quotes: &mut Quotes, bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if *quotes != Quotes::None {
            at += after_quotes(quotes, bytes.get(at..).unwrap_or_default())?;
            *quotes = Quotes::None;
            continue;
        }
        at += 1;
        match byte {
            b'"' => *quotes = Quotes::Inside,
            b'{' | b'[' => *depth += 1,
            b'}' | b']' => {
                *depth -= 1;
                if *depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// How many bytes there are up to the closing quote, that included, if it is among them.
fn after_quotes(quotes: &mut Quotes, bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    if *quotes == Quotes::Escape && !bytes.is_empty() {
        *quotes = Quotes::Inside;
        at = 1;
    }
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let found = memchr2(b'"', b'\\', rest)?;
        if rest.get(found) == Some(&b'"') {
            return Some(at + found + 1);
        }
        // The byte after a backslash never ends the text, whatever it is.
        at += found + 2;
        if bytes.len() < at {
            *quotes = Quotes::Escape;
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// As large as a test wants; no test has a longer value.
    const MOST: usize = 1024 * 1024;

    #[test]
    fn values_are_cut_where_they_end_however_the_text_arrives() {
        let text = r#" {"a": "}\"]", "b": [1, {"c": "\\"}]} , "x,\"y" [] -1.5e3:true,null"#;
        let expected =
            [r#"{"a": "}\"]", "b": [1, {"c": "\\"}]}"#, r#""x,\"y""#, "[]", "-1.5e3", "true", "null"];
        for step in 1..=text.len() {
            let mut scanner = Scanner::new(Stepwise { text: text.as_bytes(), step });
            let mut values = Vec::new();
            while let Some(next) = scanner.peek().unwrap() {
                if matches!(next, b',' | b':') {
                    scanner.take(b",:", "a separator").unwrap();
                } else {
                    values.push(String::from_utf8(scanner.value(MOST).unwrap().to_vec()).unwrap());
                }
            }
            assert_eq!(values, expected, "read {step} bytes at a time");
        }
    }

    #[test]
    fn places_are_counted_over_the_whole_text() {
        let mut scanner = Scanner::new(&b"[1,\n 22,\n\n  ?]"[..]);
        scanner.take(b"[", "a list").unwrap();
        for separator in [b",", b","] {
            scanner.value(MOST).unwrap();
            scanner.take(separator, "`,`").unwrap();
        }
        let error = scanner.take(b"0", "a digit").unwrap_err().to_string();
        assert_eq!(error, "expected a digit, found `?` at line 4 column 3");
    }

    #[test]
    fn a_value_that_does_not_end_is_told_where_the_text_does() {
        for text in ["{\"a\": [1, 2}", "\"abc", "{\n\"a\": \"b\\"] {
            let error = Scanner::new(text.as_bytes()).value(MOST).unwrap_err().to_string();
            assert!(error.starts_with("expected the rest of the JSON, found its end at line"), "{error}");
        }
    }

    #[test]
    fn a_value_may_be_as_long_as_the_limit_and_no_longer() {
        let most = 2 * STEP_BYTES;
        let text = |length: usize| format!("\"{}\"", "x".repeat(length - 2));
        assert_eq!(Scanner::new(text(most).as_bytes()).value(most).unwrap().len(), most);
        for length in [most + 1, 8 * STEP_BYTES] {
            let error = Scanner::new(text(length).as_bytes()).value(most).unwrap_err().to_string();
            assert_eq!(
                error,
                format!("expected at most {most} bytes for one value, found more from line 1 column 1")
            );
        }
    }

    #[test]
    fn nesting_costs_no_stack() {
        let text = "[".repeat(MOST / 2) + &"]".repeat(MOST / 2);
        assert_eq!(Scanner::new(text.as_bytes()).value(2 * MOST).unwrap().len(), MOST);
    }

    proptest::proptest! {
        #[test]
        fn what_is_cut_out_is_what_was_put_in(texts in proptest::collection::vec(".*", 1..8), step in 1usize..64) {
            let values: Vec<Value> = texts.iter().map(|text| serde_json::json!([text, {text: 1}])).collect();
            let text = values.iter().map(Value::to_string).collect::<String>();
            let mut scanner = Scanner::new(Stepwise { text: text.as_bytes(), step });
            for value in values {
                let cut: Value = serde_json::from_slice(scanner.value(MOST).unwrap()).unwrap();
                proptest::prop_assert_eq!(cut, value);
            }
            proptest::prop_assert_eq!(scanner.peek().unwrap(), None);
        }
    }

    /// Arrives in pieces.
    struct Stepwise<'a> {
        text: &'a [u8],
        step: usize,
    }

    impl Read for Stepwise<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.step.min(self.text.len()).min(buffer.len());
            let (now, later) = self.text.split_at(count);
            buffer[..count].copy_from_slice(now);
            self.text = later;
            Ok(count)
        }
    }
}

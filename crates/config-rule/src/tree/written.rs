//! How values are written in a tree, and how they are read again.
//!
//! Each value is a byte that says what it is, and what belongs to it. Nothing in it says where it stands, so that a part of a
//! tree is copied as it is.

use super::words;
use crate::json::{Json, List, Number, Object};

/// What the first byte of a value says.
pub(super) mod mark {
    pub(in super::super) const NULL: u8 = 0;
    pub(in super::super) const FALSE: u8 = 1;
    pub(in super::super) const TRUE: u8 = 2;
    /// A whole number from 0 to 255, which follows.
    pub(in super::super) const SMALL: u8 = 3;
    /// Eight bytes follow, as for the two after it.
    pub(in super::super) const UNSIGNED: u8 = 4;
    pub(in super::super) const NEGATIVE: u8 = 5;
    pub(in super::super) const FRACTION: u8 = 6;
    /// The length in eight bytes, and the text.
    pub(in super::super) const TEXT: u8 = 7;
    /// The length in four bytes, and as many bytes with the elements one after the other.
    pub(in super::super) const LIST: u8 = 8;
    /// The same with keys, which are texts, each with its value behind it.
    pub(in super::super) const OBJECT: u8 = 9;
    /// A key that is one of the [words](super::super::words); its place among them follows.
    pub(in super::super) const WORD: u8 = 10;
    /// A text that is as long as its mark is greater than this one: most keys and texts are.
    pub(in super::super) const SHORT_TEXT: u8 = 11;
}

/// In how many bytes the length of a list or an object is.
pub(super) const LENGTH_BYTES: usize = size_of::<u32>();

/// The longest text whose length is in its mark.
pub(super) const LONGEST_SHORT_TEXT: usize = (u8::MAX - mark::SHORT_TEXT) as usize;

/// A value as it is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part<'a>(&'a [u8]);

/// A text before a value. Most are only compared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key<'a>(Part<'a>);

/// Values that stand one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Values<'a>(&'a [u8]);

impl<'a> Part<'a> {
    /// What begins with these bytes; `null` where there are none.
    pub(super) const fn of(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) const fn bytes(self) -> &'a [u8] {
        self.0
    }

    pub(crate) fn json(self) -> Json<'a> {
        let Some((mark, rest)) = self.0.split_first() else { return Json::Null };
        match *mark {
            mark::SHORT_TEXT.. | mark::TEXT | mark::WORD => Json::Text(self.text().unwrap_or_default()),
            mark::NULL => Json::Null,
            mark::FALSE => Json::Bool(false),
            mark::TRUE => Json::Bool(true),
            mark::SMALL => Json::Number(Number::Unsigned(u8::from_le_bytes(first(rest)).into())),
            mark::UNSIGNED => Json::Number(Number::Unsigned(u64::from_le_bytes(first(rest)))),
            mark::NEGATIVE => Json::Number(Number::Negative(i64::from_le_bytes(first(rest)))),
            mark::FRACTION => Json::Number(Number::Fraction(f64::from_le_bytes(first(rest)))),
            mark::LIST => Json::List(List::of(Values(content(rest)))),
            mark::OBJECT => Json::Object(Object::of(Values(content(rest)))),
        }
    }

    /// The text, if it is one.
    pub(crate) fn text(self) -> Option<&'a str> {
        // Nothing but texts was written as one, so this never fails. To trust in that would take `unsafe`.
        self.text_bytes().and_then(|text| std::str::from_utf8(text).ok())
    }

    fn text_bytes(self) -> Option<&'a [u8]> {
        match self.0.split_first()? {
            (mark::SHORT_TEXT.., text) => Some(text),
            (&mark::TEXT, rest) => rest.get(size_of::<u64>()..),
            (&mark::WORD, rest) => Some(words::at(u8::from_le_bytes(first(rest))).as_bytes()),
            _ => None,
        }
    }
}

impl<'a> Values<'a> {
    pub(crate) const fn of(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// One after the other.
    pub(crate) fn iter(mut self) -> impl Iterator<Item = Part<'a>> {
        std::iter::from_fn(move || self.take_first())
    }

    /// Each second value, which is a text, with the one behind it.
    pub(crate) fn pairs(mut self) -> impl Iterator<Item = (Key<'a>, Part<'a>)> {
        std::iter::from_fn(move || Some((Key(self.take_first()?), self.take_first()?)))
    }

    fn take_first(&mut self) -> Option<Part<'a>> {
        let (mark, rest) = self.0.split_first()?;
        let length = match *mark {
            mark @ mark::SHORT_TEXT.. => usize::from(mark - mark::SHORT_TEXT),
            mark::NULL | mark::FALSE | mark::TRUE => 0,
            mark::SMALL | mark::WORD => 1,
            mark::UNSIGNED | mark::NEGATIVE | mark::FRACTION => size_of::<u64>(),
            mark::TEXT => {
                size_of::<u64>() + usize::try_from(u64::from_le_bytes(first(rest))).unwrap_or_default()
            }
            mark::LIST | mark::OBJECT => LENGTH_BYTES + u32::from_le_bytes(first(rest)) as usize,
        };
        // What ends too early was not written here.
        let (part, others) = self.0.split_at_checked(1 + length).unwrap_or((self.0, &[]));
        self.0 = others;
        Some(Part(part))
    }
}

impl<'a> Key<'a> {
    pub(crate) fn text(self) -> &'a str {
        self.0.text().unwrap_or_default()
    }

    pub(crate) const fn part(self) -> Part<'a> {
        self.0
    }

    pub(crate) fn is(self, text: &str) -> bool {
        self.0.text_bytes() == Some(text.as_bytes())
    }
}

/// What follows the length of a list or an object.
fn content(bytes: &[u8]) -> &[u8] {
    let length = u32::from_le_bytes(first(bytes)) as usize;
    bytes.get(LENGTH_BYTES..LENGTH_BYTES + length).unwrap_or_default()
}

fn first<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.first_chunk().copied().unwrap_or([0; N])
}

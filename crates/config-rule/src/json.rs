use std::fmt;

use serde_json::{Map, Value};

use crate::tree::{Key, Part, Values};

/// A value in a [`Tree`](crate::Tree). It is as cheap to hand on as a reference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Json<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, with or without a fraction.
    Number(Number),
    /// A text, unescaped.
    Text(&'a str),
    /// A list.
    List(List<'a>),
    /// An object.
    Object(Object<'a>),
}

/// A number as exact as JSON's reader takes it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// A whole one of 0 or more.
    Unsigned(u64),
    /// A whole one below 0.
    Negative(i64),
    /// One with a fraction, or too large to be exact.
    Fraction(f64),
}

/// A list in a [`Tree`](crate::Tree).
#[derive(Clone, Copy)]
pub struct List<'a>(Values<'a>);

/// An object in a [`Tree`](crate::Tree). Of members with the same key, the last one counts, as it does for `serde_json`.
#[derive(Clone, Copy)]
pub struct Object<'a>(Values<'a>);

impl<'a> Json<'a> {
    /// The text, if it is one.
    #[must_use]
    pub const fn as_text(self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if it is one that fits.
    #[must_use]
    pub fn as_f64(self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(number.as_f64()),
            _ => None,
        }
    }

    /// The whole number, if it is one without a fraction and not negative.
    #[must_use]
    pub fn as_u64(self) -> Option<u64> {
        match self {
            Self::Number(number) => number.as_u64(),
            _ => None,
        }
    }

    /// The whole number, if it is one without a fraction.
    #[must_use]
    pub fn as_i64(self) -> Option<i64> {
        match self {
            Self::Number(number) => number.as_i64(),
            _ => None,
        }
    }

    /// The list, if it is one.
    #[must_use]
    pub const fn as_list(self) -> Option<List<'a>> {
        match self {
            Self::List(list) => Some(list),
            _ => None,
        }
    }

    /// The object, if it is one.
    #[must_use]
    pub const fn as_object(self) -> Option<Object<'a>> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The value of a member, where there are members and one with this key.
    #[must_use]
    pub fn get(self, key: &str) -> Option<Self> {
        self.as_object()?.get(key)
    }

    /// A copy that can be changed.
    #[must_use]
    pub fn to_value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(boolean) => Value::Bool(boolean),
            Self::Number(number) => number.to_value(),
            Self::Text(text) => Value::String(text.to_owned()),
            Self::List(list) => Value::Array(list.iter().map(Self::to_value).collect()),
            Self::Object(object) => Value::Object(object.to_map()),
        }
    }
}

impl Number {
    /// As near as a float comes.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "what is asked for")]
    pub const fn as_f64(self) -> f64 {
        match self {
            Self::Unsigned(number) => number as f64,
            Self::Negative(number) => number as f64,
            Self::Fraction(number) => number,
        }
    }

    /// The number, if it is whole and not negative.
    #[must_use]
    pub const fn as_u64(self) -> Option<u64> {
        match self {
            Self::Unsigned(number) => Some(number),
            Self::Negative(_) | Self::Fraction(_) => None,
        }
    }

    /// The number, if it is whole and fits.
    #[must_use]
    pub fn as_i64(self) -> Option<i64> {
        match self {
            Self::Unsigned(number) => i64::try_from(number).ok(),
            Self::Negative(number) => Some(number),
            Self::Fraction(_) => None,
        }
    }

    fn to_value(self) -> Value {
        match self {
            Self::Unsigned(number) => number.into(),
            Self::Negative(number) => number.into(),
            Self::Fraction(number) => number.into(),
        }
    }
}

impl From<i64> for Number {
    fn from(number: i64) -> Self {
        u64::try_from(number).map_or(Self::Negative(number), Self::Unsigned)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_value().fmt(formatter)
    }
}

impl<'a> List<'a> {
    pub(crate) const fn of(elements: Values<'a>) -> Self {
        Self(elements)
    }

    /// The elements.
    pub fn iter(self) -> impl Iterator<Item = Json<'a>> {
        self.0.iter().map(Part::json)
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> Object<'a> {
    pub(crate) const fn of(members: Values<'a>) -> Self {
        Self(members)
    }

    /// The value of the member with this key.
    #[must_use]
    pub fn get(self, key: &str) -> Option<Json<'a>> {
        self.0.pairs().filter(|(other, _)| other.is(key)).last().map(|(_, part)| part.json())
    }

    /// The values of the members with these keys, in one pass over all of them.
    #[must_use]
    pub fn get_each<const N: usize>(self, keys: [&str; N]) -> [Option<Json<'a>>; N] {
        self.parts_of(keys).map(|part| part.map(Part::json))
    }

    /// Whether there are no members.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The members in the order of their keys, whatever the order of the text.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, Json<'a>)> {
        let mut members: Vec<_> = self.parts().collect();
        // Stable, so that of equal keys the last one still stands last; it is the one that stays.
        members.sort_by_key(|(key, _)| *key);
        members.dedup_by(|(later_key, later), (key, value)| {
            let is_same = later_key == key;
            if is_same {
                *value = *later;
            }
            is_same
        });
        members.into_iter().map(|(key, part)| (key, part.json()))
    }

    /// The keys in their order.
    pub fn keys(self) -> impl Iterator<Item = &'a str> {
        self.iter().map(|(key, _)| key)
    }

    /// The values in the order of their keys.
    pub fn values(self) -> impl Iterator<Item = Json<'a>> {
        self.iter().map(|(_, value)| value)
    }

    /// A copy that can be changed.
    #[must_use]
    pub fn to_map(self) -> Map<String, Value> {
        self.iter().map(|(key, value)| (key.to_owned(), value.to_value())).collect()
    }

    /// The members in the order of the text, with their values as they are written.
    pub(crate) fn parts(self) -> impl Iterator<Item = (&'a str, Part<'a>)> {
        self.0.pairs().map(|(key, part)| (key.text(), part))
    }

    /// The same with the keys as they are written.
    pub(crate) fn written(self) -> impl Iterator<Item = (Key<'a>, Part<'a>)> {
        self.0.pairs()
    }

    /// What [`get_each`](Self::get_each) finds, as it is written.
    pub(crate) fn parts_of<const N: usize>(self, keys: [&str; N]) -> [Option<Part<'a>>; N] {
        let mut found = [None; N];
        for (key, part) in self.0.pairs() {
            if let Some((_, place)) = keys.iter().zip(&mut found).find(|(wanted, _)| key.is(wanted)) {
                *place = Some(part);
            }
        }
        found
    }
}

impl PartialEq for List<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl PartialEq for Object<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl fmt::Debug for List<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.iter()).finish()
    }
}

impl fmt::Debug for Object<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_map().entries(self.iter()).finish()
    }
}

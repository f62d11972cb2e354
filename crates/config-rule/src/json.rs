use serde_json::{Map, Number, Value};

use crate::tree::Tree;

/// A value in a [`Tree`]. It is as cheap to hand on as a reference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Json<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, with or without a fraction.
    Number(&'a Number),
    /// A text, unescaped.
    Text(&'a str),
    /// A list.
    List(List<'a>),
    /// An object.
    Object(Object<'a>),
}

/// A list in a [`Tree`].
#[derive(Clone, Copy)]
pub struct List<'a>(Cells<'a>);

/// An object in a [`Tree`]. Of members with the same key, the last one counts, as it does for `serde_json`.
#[derive(Clone, Copy)]
pub struct Object<'a>(Cells<'a>);

#[derive(Clone, Copy)]
struct Cells<'a> {
    tree: &'a Tree,
    from: usize,
    to: usize,
}

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
            Self::Number(number) => number.as_f64(),
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
            Self::Number(number) => Value::Number(number.clone()),
            Self::Text(text) => Value::String(text.to_owned()),
            Self::List(list) => Value::Array(list.iter().map(Self::to_value).collect()),
            Self::Object(object) => Value::Object(object.to_map()),
        }
    }
}

impl<'a> List<'a> {
    pub(crate) const fn of(tree: &'a Tree, from: usize, to: usize) -> Self {
        Self(Cells { tree, from, to })
    }

    /// The elements.
    pub fn iter(self) -> impl Iterator<Item = Json<'a>> {
        let Self(Cells { tree, from, to }) = self;
        let mut at = from;
        std::iter::from_fn(move || {
            (at < to).then(|| {
                let element = tree.json(at);
                at = tree.after(at);
                element
            })
        })
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0.from == self.0.to
    }
}

impl<'a> Object<'a> {
    pub(crate) fn of(tree: &'a Tree, at: usize) -> Self {
        Self(Cells { tree, from: at + 1, to: tree.after(at) })
    }

    /// The value of the member with this key.
    #[must_use]
    pub fn get(self, key: &str) -> Option<Json<'a>> {
        let Self(Cells { tree, from, to }) = self;
        let (mut at, mut found) = (from, None);
        while at < to {
            let value = at + 1;
            if tree.is_text(at, key) {
                found = Some(value);
            }
            at = tree.after(value);
        }
        found.map(|at| tree.json(at))
    }

    /// Whether there are no members.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0.from == self.0.to
    }

    /// The members in the order of their keys, whatever the order of the text.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, Json<'a>)> {
        let mut places: Vec<_> = self.places().collect();
        // Of equal keys, the last stands first, and stays.
        places.sort_by(|(one, place), (other, later)| one.cmp(other).then(later.cmp(place)));
        places.dedup_by(|(later, _), (earlier, _)| later == earlier);
        places.into_iter().map(move |(key, at)| (key, self.0.tree.json(at)))
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

    /// Where the value of each member is.
    pub(crate) fn places(self) -> impl Iterator<Item = (&'a str, usize)> {
        let Self(Cells { tree, from, to }) = self;
        let mut at = from;
        std::iter::from_fn(move || {
            (at < to).then(|| {
                let (key, value) = (tree.text(at), at + 1);
                at = tree.after(value);
                (key, value)
            })
        })
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

impl std::fmt::Debug for List<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_list().entries(self.iter()).finish()
    }
}

impl std::fmt::Debug for Object<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_map().entries(self.iter()).finish()
    }
}

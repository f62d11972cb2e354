use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value, json};

use super::Members;

/// A dotted path of keys, which are told apart by case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Property(Vec<String>);

impl Property {
    pub(super) fn new(keys: Vec<String>) -> Self {
        Self(keys)
    }

    pub(crate) fn at(path: &str) -> Self {
        Self(path.split('.').map(str::to_owned).collect())
    }

    pub(super) fn named(key: &str) -> Self {
        Self(vec![key.to_owned()])
    }

    /// The key, if the path has only one.
    pub(super) fn top_level(&self) -> Option<&str> {
        match self.0.as_slice() {
            [key] => Some(key),
            _ => None,
        }
    }

    /// Everything that is not null at this path; lists on the way, and at its end, stand for all their elements.
    pub(crate) fn values<'a>(&self, row: &'a Value) -> Vec<&'a Value> {
        fn collect<'a>(value: &'a Value, keys: &[String], values: &mut Vec<&'a Value>) {
            match (value, keys) {
                (Value::Array(elements), _) => {
                    for element in elements {
                        collect(element, keys, values);
                    }
                }
                (Value::Null, _) => {}
                (_, []) => values.push(value),
                (_, [key, below @ ..]) => {
                    if let Some(value) = value.get(key) {
                        collect(value, below, values);
                    }
                }
            }
        }
        let mut values = Vec::new();
        collect(row, &self.0, &mut values);
        values
    }

    /// `row` with `value` at this path.
    pub(super) fn put(&self, row: Value, value: Value) -> Value {
        fn put(row: Value, keys: &[String], value: Value) -> Value {
            let [key, below @ ..] = keys else { return value };
            let mut members = match row {
                Value::Object(members) => members,
                _ => Members::new(),
            };
            let under = members.remove(key).unwrap_or_else(|| json!({}));
            members.insert(key.clone(), put(under, below, value));
            Value::Object(members)
        }
        put(row, &self.0, value)
    }
}

impl fmt::Display for Property {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.join("."))
    }
}

/// The properties that an answer shows, as a tree.
#[derive(Debug, Default)]
pub(super) struct Selection {
    is_whole: bool,
    below: BTreeMap<String, Selection>,
}

impl Selection {
    pub(super) fn add(&mut self, property: &Property) {
        let mut selection = self;
        for key in &property.0 {
            selection = selection.below.entry(key.clone()).or_default();
        }
        selection.is_whole = true;
    }

    /// The selected part of `value`, which keeps its structure: `configuration.dimensions.name` is found in
    /// `{"configuration": {"dimensions": [{"name": …}, …]}}`. Nothing where nothing of it is there.
    pub(super) fn of(&self, value: &Value) -> Option<Value> {
        if self.is_whole {
            return Some(value.clone());
        }
        match value {
            Value::Object(members) => {
                let selected: Members = self
                    .below
                    .iter()
                    .filter_map(|(key, below)| Some((key.clone(), below.of(members.get(key)?)?)))
                    .collect();
                if selected.is_empty() { None } else { Some(Value::Object(selected)) }
            }
            Value::Array(elements) => {
                let selected: Vec<_> = elements.iter().filter_map(|element| self.of(element)).collect();
                if selected.is_empty() && !elements.is_empty() { None } else { Some(Value::Array(selected)) }
            }
            _ => None,
        }
    }
}

//! A template's text as a tree, with the short forms of intrinsic functions written out.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use serde_saphyr::Tagged;

use super::{MAX_PACK_PARAMETERS, PackError};

/// How deep a template may be nested; CloudFormation's own syntax needs some ten levels.
const MAX_LEVELS: usize = 32;

/// How many values a template may have, those counted each time that an alias stands for again. A template of AWS's
/// largest size has fewer.
const MAX_VALUES: usize = 50_000;

/// A template whose sections are objects, nothing in it evaluated yet.
#[derive(Clone, Debug)]
pub(super) struct Template {
    pub(super) conditions: Map<String, Value>,
    pub(super) resources: Map<String, Value>,
    parameters: Map<String, Value>,
}

impl Template {
    pub(super) fn read(text: &str, max_bytes: usize) -> Result<Self, PackError> {
        check_limit("conformance pack", text.len(), max_bytes, "bytes")?;
        let tree = if text.trim_start().starts_with('{') {
            serde_json::from_str(text).map_err(|error| PackError::Syntax { message: error.to_string() })?
        } else {
            let tree: Tree = serde_saphyr::from_str_with_options(text, limits())
                .map_err(|error| PackError::Syntax { message: error.to_string() })?;
            tree.0
        };
        let Value::Object(mut sections) = tree else {
            return Err(unexpected("conformance pack", "an object with `Resources`", &tree));
        };
        let mut section = |name: &str| match sections.remove(name) {
            None => Ok(Map::new()),
            Some(Value::Object(members)) => Ok(members),
            Some(other) => Err(unexpected(name, "an object", &other)),
        };
        let template = Self {
            conditions: section("Conditions")?,
            resources: section("Resources")?,
            parameters: section("Parameters")?,
        };
        check_limit("Parameters", template.parameters.len(), MAX_PACK_PARAMETERS, "parameters")?;
        if template.resources.is_empty() {
            return Err(unexpected("Resources", "at least one resource", &Value::Object(Map::new())));
        }
        Ok(template)
    }

    /// Values of all parameters that have one: given ones, else defaults.
    pub(super) fn parameters(
        &self,
        given: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>, PackError> {
        if let Some(unknown) = given.keys().find(|name| !self.parameters.contains_key(*name)) {
            let names: Vec<_> = self.parameters.keys().map(String::as_str).collect();
            return Err(PackError::Unexpected {
                place: format!("parameter `{unknown}`"),
                expected: format!("one of the pack's parameters `{}`", names.join("`, `")),
                found: "an unknown name".to_owned(),
            });
        }
        let mut values = BTreeMap::new();
        for (name, declaration) in &self.parameters {
            let default = declaration.get("Default").and_then(as_text);
            if let Some(value) = given.get(name).cloned().or(default) {
                let allowed = declaration.get("AllowedValues").and_then(Value::as_array);
                if let Some(allowed) = allowed {
                    let allowed: Vec<_> = allowed.iter().filter_map(as_text).collect();
                    if !allowed.contains(&value) {
                        return Err(PackError::Unexpected {
                            place: format!("parameter `{name}`"),
                            expected: format!("one of `{}`", allowed.join("`, `")),
                            found: format!("`{value}`"),
                        });
                    }
                }
                check_limit(&format!("parameter `{name}`"), value.chars().count(), 4_096, "characters")?;
                values.insert(name.clone(), value);
            }
        }
        Ok(values)
    }

    /// Forgets the resources that are not among `kept`.
    pub(super) fn keep_rules(&mut self, kept: &[String]) {
        self.resources.retain(|logical_id, _| kept.contains(logical_id));
    }
}

/// Few lines of YAML can stand for a tree that fills the memory or the stack.
fn limits() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_depth: MAX_LEVELS, max_nodes: MAX_VALUES },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: MAX_VALUES },
    }
}

pub(super) fn check_limit(
    place: &str,
    found: usize,
    limit: usize,
    unit: &'static str,
) -> Result<(), PackError> {
    if found <= limit {
        return Ok(());
    }
    Err(PackError::Limit { place: place.to_owned(), limit, unit, found })
}

pub(super) fn unexpected(place: &str, expected: &str, found: &Value) -> PackError {
    PackError::Unexpected { place: place.to_owned(), expected: expected.to_owned(), found: described(found) }
}

/// A scalar as the text that a parameter or a rule is given.
pub(super) fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn described(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(members) => match members.keys().next() {
            Some(key) if members.len() == 1 => format!("an object with `{key}`"),
            Some(_) => "an object".to_owned(),
            None => "an empty object".to_owned(),
        },
        scalar => format!("`{}`", as_text(scalar).unwrap_or_default()),
    }
}

/// YAML with CloudFormation's short forms: `!Ref x` becomes `{"Ref": x}`, `!If […]` becomes `{"Fn::If": […]}`.
struct Tree(Value);

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Tagged(Untagged(value), tag) = Tagged::deserialize(deserializer)?;
        let function = tag.as_deref().and_then(|tag| tag.strip_prefix('!')).map(|name| match name {
            "Ref" | "Condition" => name.to_owned(),
            name => format!("Fn::{name}"),
        });
        Ok(Self(match function {
            Some(function) => Value::Object(Map::from_iter([(function, value)])),
            None => value,
        }))
    }
}

struct Untagged(Value);

impl<'de> Deserialize<'de> for Untagged {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue).map(Self)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a scalar, a list or a map")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Tree::deserialize(deserializer).map(|tree| tree.0)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Tree(element)) = elements.next_element()? {
            list.push(element);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some((key, Tree(value))) = entries.next_entry::<String, Tree>()? {
            if members.contains_key(&key) {
                return Err(A::Error::custom(format!("the key `{key}` stands twice in one map")));
            }
            members.insert(key, value);
        }
        Ok(Value::Object(members))
    }
}

use std::cmp::Ordering;

use config_rule::Document;
use serde_json::Value;

use super::property::Property;

/// What a row must fulfil.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Condition {
    Both(Box<Condition>, Box<Condition>),
    Either(Box<Condition>, Box<Condition>),
    Not(Box<Condition>),
    /// Each test asks on its own whether any of the property's values passes it: `dimensions.name = 'a' AND
    /// dimensions.value = 'b'` holds although the `b` is another dimension's.
    Any(Property, Test),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Test {
    Is(Ordering, Literal),
    IsOneOf(Vec<Literal>),
    IsBetween(Literal, Literal),
    IsLike(Pattern),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Literal {
    Text(String),
    Number(f64),
    Boolean(bool),
}

impl Condition {
    pub(super) fn holds(&self, row: &Value) -> bool {
        match self {
            Self::Both(one, other) => one.holds(row) && other.holds(row),
            Self::Either(one, other) => one.holds(row) || other.holds(row),
            Self::Not(condition) => !condition.holds(row),
            Self::Any(property, test) => property.values(row).into_iter().any(|value| test.passes(value)),
        }
    }

    /// Whether the item cannot fulfil the condition, as far as that shows without making its row. Making the rows of
    /// all items to pick those of one type is what a query would otherwise spend its time on.
    pub(super) fn rules_out(&self, item: &Document) -> bool {
        match self {
            Self::Both(one, other) => one.rules_out(item) || other.rules_out(item),
            Self::Either(one, other) => one.rules_out(item) && other.rules_out(item),
            Self::Any(property, Test::Is(Ordering::Equal, Literal::Text(wanted))) => {
                match property.top_level() {
                    Some("resourceType") => item.resource_type != *wanted,
                    Some("resourceId") => item.resource_id != *wanted,
                    _ => false,
                }
            }
            Self::Not(_) | Self::Any(..) => false,
        }
    }
}

impl Test {
    fn passes(&self, value: &Value) -> bool {
        match self {
            Self::Is(ordering, literal) => literal.compare(value) == Some(*ordering),
            Self::IsOneOf(literals) => {
                literals.iter().any(|literal| literal.compare(value) == Some(Ordering::Equal))
            }
            Self::IsBetween(low, high) => {
                low.compare(value).is_some_and(Ordering::is_ge)
                    && high.compare(value).is_some_and(Ordering::is_le)
            }
            Self::IsLike(pattern) => value.as_str().is_some_and(|text| pattern.matches(text)),
        }
    }
}

impl Literal {
    /// How `value` compares to this literal. Numbers and switches are recorded as text by some types, and people quote
    /// them in queries; what reads as one is compared as one.
    fn compare(&self, value: &Value) -> Option<Ordering> {
        let number = |text: &str| text.trim().parse::<f64>().ok();
        match (value, self) {
            (Value::String(value), Self::Text(text)) => Some(value.as_str().cmp(text)),
            (Value::String(value), Self::Number(literal)) => number(value)?.partial_cmp(literal),
            (Value::Number(value), Self::Number(literal)) => value.as_f64()?.partial_cmp(literal),
            (Value::Number(value), Self::Text(text)) => value.as_f64()?.partial_cmp(&number(text)?),
            (Value::Bool(value), Self::Boolean(literal)) => Some(value.cmp(literal)),
            (Value::Bool(value), Self::Text(text)) => Some(value.cmp(&text.parse().ok()?)),
            (Value::String(value), Self::Boolean(literal)) => Some(value.parse::<bool>().ok()?.cmp(literal)),
            _ => None,
        }
    }
}

/// The order of `ORDER BY`, `MIN` and `MAX`: switches, numbers, texts.
pub(super) fn order(one: &Value, other: &Value) -> Ordering {
    fn rank(value: &Value) -> u8 {
        match value {
            Value::Bool(_) => 0,
            Value::Number(_) => 1,
            Value::String(_) => 2,
            Value::Array(_) | Value::Object(_) => 3,
            Value::Null => 4,
        }
    }
    match (one, other) {
        (Value::Bool(one), Value::Bool(other)) => one.cmp(other),
        (Value::Number(one), Value::Number(other)) => {
            one.as_f64().partial_cmp(&other.as_f64()).unwrap_or(Ordering::Equal)
        }
        (Value::String(one), Value::String(other)) => one.cmp(other),
        _ => rank(one).cmp(&rank(other)),
    }
}

/// The pattern of `LIKE`: `%` stands for any text at the end, `_` for one character.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pattern {
    characters: Vec<char>,
    is_prefix: bool,
}

impl Pattern {
    /// What must stand in front of a wildcard.
    const LEAST_CHARACTERS: usize = 3;

    /// Reads a pattern, or says what it should have been.
    ///
    /// Source: AWS Config Developer Guide, wildcard limitations of advanced queries.
    pub(super) fn read(text: &str) -> Result<Self, &'static str> {
        let before = text.chars().take_while(|character| !matches!(character, '%' | '_')).count();
        let body = text.strip_suffix('%').unwrap_or(text);
        if text.contains(['%', '_']) && before < Self::LEAST_CHARACTERS {
            return Err("at least three characters in front of the first wildcard, `%` or `_`");
        }
        if body.contains('%') {
            return Err("`%` only at the end");
        }
        Ok(Self { characters: body.chars().collect(), is_prefix: body.len() < text.len() })
    }

    fn matches(&self, text: &str) -> bool {
        let mut rest = text.chars();
        let is_like = self
            .characters
            .iter()
            .all(|wanted| rest.next().is_some_and(|character| *wanted == '_' || *wanted == character));
        is_like && (self.is_prefix || rest.next().is_none())
    }
}

use serde_json::Value;

use crate::narrowing::{self, Narrowing};
use crate::pattern::{Pattern, Variables};
use crate::presence::{PASSED_TO, Presence, VIA_SERVICE};
use crate::table::Action;

/// `Condition` of a statement: all of these must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions(Vec<Condition>);

/// One operator, one key, its values.
///
/// Source: IAM User Guide, `reference_policies_elements_condition_operators` and `…_condition-single-vs-multi-valued-context-keys`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// `StringEquals` and the like, without quantifier and `IfExists`.
    pub operator: String,
    /// `ForAllValues:` or `ForAnyValue:`.
    pub quantifier: Option<Quantifier>,
    /// Whether the operator ends in `IfExists`: a request without the key passes.
    pub if_exists: bool,
    /// The condition key as written; IAM takes it without regard to case.
    pub key: String,
    /// The values as text; one of them must fit.
    pub values: Vec<String>,
    /// What the key leaves of a grant.
    of_key: Narrowing,
    variables: Variables,
}

/// What the principals of nearly all services end in.
///
/// Source: IAM User Guide, `reference_policies_elements_principal`, "AWS service principals".
const EVERY_SERVICE: &str = "*.amazonaws.com";

/// How an operator treats keys of several values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantifier {
    /// Every value in the request must fit; a request without the key passes.
    ForAllValues,
    /// At least one value in the request must fit.
    ForAnyValue,
}

impl Conditions {
    /// The expectation that was not met and the value that does not meet it, if one does not.
    pub(crate) fn read(value: &Value, variables: Variables) -> Result<Self, (&'static str, &Value)> {
        let operators = value.as_object().ok_or(("an object of operators", value))?;
        let mut conditions = Vec::new();
        for (operator, keys) in operators {
            let keys = keys.as_object().ok_or(("an object of condition keys below each operator", keys))?;
            for (key, values) in keys {
                let values =
                    texts(values).ok_or(("a value or a list of values for each condition key", values))?;
                conditions.push(Condition::new(operator, key, values, variables));
            }
        }
        Ok(Self(conditions))
    }

    /// Whether there is no condition.
    #[must_use]
    pub fn are_none(&self) -> bool {
        self.0.is_empty()
    }

    /// The conditions.
    pub fn iter(&self) -> impl Iterator<Item = &Condition> {
        self.0.iter()
    }

    /// What the conditions leave of `action`, as far as they narrow it. The narrowest of them decides, since all must
    /// hold.
    #[must_use]
    pub fn narrowing(&self, action: Action) -> Narrowing {
        self.0.iter().map(|condition| condition.narrowing(action)).max().unwrap_or(Narrowing::Nothing)
    }

    /// The condition that really restricts a request to certain values of `key`, if there is one.
    #[must_use]
    pub fn restriction(&self, key: &str) -> Option<&Condition> {
        self.0.iter().find(|condition| condition.key.eq_ignore_ascii_case(key) && condition.restricts())
    }
}

impl Condition {
    fn new(written: &str, key: &str, values: Vec<String>, variables: Variables) -> Self {
        let (quantifier, operator) = match written.split_once(':') {
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case("ForAllValues") => {
                (Some(Quantifier::ForAllValues), rest)
            }
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case("ForAnyValue") => {
                (Some(Quantifier::ForAnyValue), rest)
            }
            _ => (None, written),
        };
        let (operator, if_exists) = match strip_suffix(operator, "IfExists") {
            Some(operator) => (operator, true),
            None => (operator, false),
        };
        let is_about_own_requests = key.eq_ignore_ascii_case(VIA_SERVICE)
            && operator.eq_ignore_ascii_case("Bool")
            && values.iter().any(|value| value.eq_ignore_ascii_case("false"));
        let of_key = if is_about_own_requests { Narrowing::Nothing } else { narrowing::of_key(key) };
        Self {
            operator: operator.to_owned(),
            quantifier,
            if_exists,
            key: key.to_owned(),
            values,
            of_key,
            variables,
        }
    }

    /// Whether it is about when, from where, how or by whom, and not about what for or on which resources.
    #[must_use]
    pub fn is_about_circumstances(&self) -> bool {
        self.of_key == Narrowing::Nothing
    }

    /// Whether the operator lets through only requests that carry certain values of the key: not a negated or
    /// ordering operator, not `IfExists`, and no value that lets everything through.
    ///
    /// `ForAllValues:` lets requests without the key through, and `Null` all that carry it, so whether these restrict
    /// depends on the action: see [`Condition::narrowing`].
    #[must_use]
    pub fn restricts(&self) -> bool {
        const EQUALITIES: [&str; 9] = [
            "StringEquals",
            "StringEqualsIgnoreCase",
            "StringLike",
            "ArnEquals",
            "ArnLike",
            "NumericEquals",
            "Bool",
            "BinaryEquals",
            "IpAddress",
        ];
        let may_be_absent = self.if_exists && !self.key.eq_ignore_ascii_case(PASSED_TO);
        if may_be_absent || self.values.is_empty() {
            return false;
        }
        // The key must be there: only tagged resources, say.
        if self.is_about_presence() {
            return self.values.iter().all(|value| value.eq_ignore_ascii_case("false"));
        }
        let is_equality = EQUALITIES.iter().any(|equality| self.operator.eq_ignore_ascii_case(equality));
        // Whatever its value may be, the tag must be there.
        is_equality && (!self.values.iter().any(|value| self.is_open(value)) || narrowing::is_tag(&self.key))
    }

    /// Whether it restricts, and every request that it lets through carries one of the values: neither `Null`, which
    /// asks only that there is one, nor `ForAllValues:`.
    #[must_use]
    pub fn restricts_to_values(&self) -> bool {
        !self.is_about_presence() && self.quantifier != Some(Quantifier::ForAllValues) && self.restricts()
    }

    /// Whether it asks only whether the request carries the key.
    #[must_use]
    pub fn is_about_presence(&self) -> bool {
        self.operator.eq_ignore_ascii_case("Null")
    }

    /// Whether the operator takes `*` and `?` in its values for wildcards.
    #[must_use]
    pub fn takes_patterns(&self) -> bool {
        const MATCHES: [&str; 3] = ["StringLike", "ArnLike", "ArnEquals"];
        MATCHES.iter().any(|operator| self.operator.eq_ignore_ascii_case(operator))
    }

    /// Whether a request whose key is `value` passes for certain. Values with variables pass nothing for certain.
    #[must_use]
    pub fn admits(&self, value: &str) -> bool {
        let takes_patterns = self.takes_patterns();
        self.values.iter().any(|allowed| {
            if takes_patterns {
                Pattern::new(allowed, self.variables).matches(value)
            } else {
                allowed == value
            }
        })
    }

    /// Whether a request whose key is whatever a policy variable stands for passes, such as the caller's own account.
    #[must_use]
    pub fn admits_variable(&self, name: &str) -> bool {
        let is_named = |value: &String| {
            let inner = value.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
            inner.is_some_and(|inner| inner.eq_ignore_ascii_case(name))
        };
        self.variables == Variables::Resolved && self.values.iter().any(is_named)
    }

    /// Whether it narrows a grant of everything: one that also lets through what has nothing to do with the key does not.
    #[must_use]
    pub fn narrows_everything(&self) -> bool {
        self.narrows(|| Presence::in_all_requests(&self.key))
    }

    /// What this condition leaves of an action.
    #[must_use]
    pub fn narrowing(&self, action: Action) -> Narrowing {
        if self.narrows(|| Presence::of(&self.key, action)) { self.of_key } else { Narrowing::Nothing }
    }

    /// Few conditions are about presence, so it is asked for last.
    fn narrows(&self, presence: impl FnOnce() -> Presence) -> bool {
        if self.is_about_circumstances() || !self.restricts() {
            return false;
        }
        if self.is_about_presence() {
            return presence() != Presence::Always;
        }
        self.quantifier != Some(Quantifier::ForAllValues) || presence() != Presence::NotAlways
    }

    /// Wildcards are wildcards only to the operators that know them.
    fn is_open(&self, value: &str) -> bool {
        if !value.contains('*') || !self.takes_patterns() {
            return false;
        }
        let pattern = Pattern::new(value, self.variables);
        let is_every_service = || pattern.covers(&Pattern::new(EVERY_SERVICE, self.variables));
        pattern.is_everything() || (self.key.eq_ignore_ascii_case(PASSED_TO) && is_every_service())
    }
}

fn strip_suffix<'a>(text: &'a str, suffix: &str) -> Option<&'a str> {
    let start = text.len().checked_sub(suffix.len())?;
    let (head, tail) = (text.get(..start)?, text.get(start..)?);
    tail.eq_ignore_ascii_case(suffix).then_some(head)
}

/// Values are texts, but numbers and switches are accepted as they are.
fn texts(value: &Value) -> Option<Vec<String>> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(boolean) => Some(boolean.to_string()),
        _ => None,
    };
    match value {
        Value::Array(values) => values.iter().map(text).collect(),
        value => text(value).map(|text| vec![text]),
    }
}

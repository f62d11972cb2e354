use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::condition::Conditions;
use crate::element::{Actions, Resources};
use crate::pattern::Variables;

/// An IAM policy, identity-based or resource-based.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyDocument {
    /// The statements in the document's order.
    pub statements: Vec<Statement>,
}

/// One statement of a policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// The author's name for it.
    pub sid: Option<String>,
    /// Its place in the document, from 0.
    pub index: usize,
    /// Whether it allows or denies.
    pub effect: Effect,
    /// `Action` or `NotAction`.
    pub actions: Actions,
    /// `Resource` or `NotResource`. A trust policy has neither and is about the role that it belongs to: everything.
    pub resources: Resources,
    /// `Principal` or `NotPrincipal`; identity-based policies have neither.
    pub principals: Option<Principals>,
    /// `Condition`; without one, there are none.
    pub conditions: Conditions,
}

/// What a statement does to the requests that it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Permits them.
    Allow,
    /// Forbids them, whatever else permits them.
    Deny,
}

/// Who a resource-based policy is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principals {
    /// `Principal`.
    Only(Vec<Principal>),
    /// `NotPrincipal`.
    AllBut(Vec<Principal>),
}

/// One principal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// `"*"` or `{"AWS": "*"}`: everybody, signed in or not.
    Everybody,
    /// `AWS`: an account's number or an ARN.
    Aws(String),
    /// `Service`: `lambda.amazonaws.com`.
    Service(String),
    /// `Federated`: an identity provider.
    Federated(String),
    /// `CanonicalUser`, or a kind that IAM added later, with its key.
    Other(String, String),
}

/// Why a text or value is not a policy.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// Neither JSON nor URL-encoded JSON.
    #[error("expected a policy as JSON or as URL-encoded JSON, found something else")]
    NotJson(#[source] serde_json::Error),
    /// URL-encoded bytes that are no text.
    #[error("expected a policy as URL-encoded UTF-8, found other bytes")]
    NotUtf8(#[source] std::str::Utf8Error),
    /// The document is not an object with `Statement`.
    #[error("policy: expected {expected}, found {found}")]
    Document {
        /// What IAM's grammar asks for.
        expected: &'static str,
        /// What was there, in JSON's words.
        found: &'static str,
    },
    /// A statement breaks IAM's grammar.
    #[error("policy statement {statement}, `{element}`: expected {expected}, found {found}")]
    Statement {
        /// `Sid` in backticks, or the place from 1.
        statement: String,
        /// The element in question.
        element: &'static str,
        /// What IAM's grammar asks for.
        expected: &'static str,
        /// What was there, in JSON's words.
        found: &'static str,
    },
}

impl PolicyDocument {
    /// Reads a policy as AWS Config records it: URL-encoded text, plain JSON text, or a decoded object.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] says what is not a policy; IAM itself accepts no such document, so the evidence is broken.
    pub fn read(value: &Value) -> Result<Self, PolicyError> {
        match value {
            Value::String(text) => Self::read_text(text),
            value => Self::read_object(value),
        }
    }

    /// Reads a policy from text, URL-encoded or not.
    ///
    /// # Errors
    ///
    /// See [`PolicyDocument::read`].
    pub fn read_text(text: &str) -> Result<Self, PolicyError> {
        // No JSON begins like this.
        let plain =
            if text.trim_start().starts_with('%') { Cow::Owned(decoded(text)?) } else { Cow::Borrowed(text) };
        let value: Value = serde_json::from_str(&plain).map_err(PolicyError::NotJson)?;
        Self::read_object(&value)
    }

    fn read_object(value: &Value) -> Result<Self, PolicyError> {
        let document = value.as_object().ok_or_else(|| wrong("an object", Some(value)))?;
        // The version decides whether `${…}` is a variable; without one, IAM assumes the older.
        let variables = match document.get("Version").and_then(Value::as_str) {
            Some("2012-10-17") => Variables::Resolved,
            _ => Variables::Literal,
        };
        let statements = match document.get("Statement") {
            Some(Value::Array(statements)) => statements.iter().collect(),
            Some(statement @ Value::Object(_)) => vec![statement],
            other => return Err(wrong("`Statement`, an object or a list of objects", other)),
        };
        let read = |(index, value): (usize, &Value)| match value.as_object() {
            Some(statement) => StatementReader { statement, index, variables }.read(),
            None => Err(wrong("a statement, an object", Some(value))),
        };
        Ok(Self { statements: statements.into_iter().enumerate().map(read).collect::<Result<_, _>>()? })
    }

    /// The statements that permit something.
    pub fn allows(&self) -> impl Iterator<Item = &Statement> {
        self.statements.iter().filter(|statement| statement.effect == Effect::Allow)
    }

    /// The statements that forbid something.
    pub fn denies(&self) -> impl Iterator<Item = &Statement> {
        self.statements.iter().filter(|statement| statement.effect == Effect::Deny)
    }
}

impl Statement {
    /// How people find it: its `Sid` in backticks, or its place in the document from 1.
    #[must_use]
    pub fn label(&self) -> String {
        label(self.sid.as_deref(), self.index)
    }

    /// Whether it is about `principal` being anybody: `Principal` of `*`, or a `NotPrincipal`.
    #[must_use]
    pub fn is_for_everybody(&self) -> bool {
        match &self.principals {
            Some(Principals::Only(principals)) => principals.contains(&Principal::Everybody),
            Some(Principals::AllBut(_)) => true,
            None => false,
        }
    }
}

pub(crate) fn label(sid: Option<&str>, index: usize) -> String {
    match sid {
        Some(sid) if !sid.is_empty() => format!("`{sid}`"),
        _ => format!("{}", index + 1),
    }
}

/// Reads one statement; elements that IAM does not know are left to IAM.
struct StatementReader<'a> {
    statement: &'a Map<String, Value>,
    index: usize,
    variables: Variables,
}

impl StatementReader<'_> {
    fn read(&self) -> Result<Statement, PolicyError> {
        Ok(Statement {
            sid: self.statement.get("Sid").and_then(Value::as_str).map(str::to_owned),
            index: self.index,
            effect: self.effect()?,
            actions: self.actions()?,
            resources: self.resources()?,
            principals: self.principals()?,
            conditions: self.conditions()?,
        })
    }

    fn effect(&self) -> Result<Effect, PolicyError> {
        match self.statement.get("Effect") {
            Some(Value::String(effect)) if effect == "Allow" => Ok(Effect::Allow),
            Some(Value::String(effect)) if effect == "Deny" => Ok(Effect::Deny),
            other => Err(self.wrong("Effect", "`Allow` or `Deny`", other)),
        }
    }

    fn actions(&self) -> Result<Actions, PolicyError> {
        match (self.texts("Action")?, self.texts("NotAction")?) {
            (Some(actions), None) => Ok(Actions::only(&actions)),
            (None, Some(actions)) => Ok(Actions::all_but(&actions)),
            (Some(_), Some(_)) => {
                Err(self.wrong("NotAction", "nothing beside `Action`", self.statement.get("NotAction")))
            }
            (None, None) => Err(self.wrong("Action", "a text or a list of texts", None)),
        }
    }

    fn resources(&self) -> Result<Resources, PolicyError> {
        match (self.texts("Resource")?, self.texts("NotResource")?) {
            (Some(resources), None) => Ok(Resources::only(&resources, self.variables)),
            (None, Some(resources)) => Ok(Resources::all_but(&resources, self.variables)),
            (Some(_), Some(_)) => {
                Err(self.wrong("NotResource", "nothing beside `Resource`", self.statement.get("NotResource")))
            }
            (None, None) => Ok(Resources::only(&["*"], self.variables)),
        }
    }

    fn principals(&self) -> Result<Option<Principals>, PolicyError> {
        match (self.statement.get("Principal"), self.statement.get("NotPrincipal")) {
            (Some(value), _) => self.principal_list("Principal", value).map(Principals::Only).map(Some),
            (None, Some(value)) => {
                self.principal_list("NotPrincipal", value).map(Principals::AllBut).map(Some)
            }
            (None, None) => Ok(None),
        }
    }

    fn principal_list(&self, element: &'static str, value: &Value) -> Result<Vec<Principal>, PolicyError> {
        const EXPECTED: &str = "`*` or an object of texts or lists of texts";
        match value {
            Value::String(text) if text == "*" => Ok(vec![Principal::Everybody]),
            Value::Object(kinds) => {
                let mut principals = Vec::new();
                for (kind, value) in kinds {
                    let names = texts(value).ok_or_else(|| self.wrong(element, EXPECTED, Some(value)))?;
                    principals.extend(names.into_iter().map(|name| principal(kind, name)));
                }
                Ok(principals)
            }
            other => Err(self.wrong(element, EXPECTED, Some(other))),
        }
    }

    fn conditions(&self) -> Result<Conditions, PolicyError> {
        let Some(value) = self.statement.get("Condition") else { return Ok(Conditions::default()) };
        Conditions::read(value, self.variables)
            .map_err(|(expected, value)| self.wrong("Condition", expected, Some(value)))
    }

    fn texts(&self, element: &'static str) -> Result<Option<Vec<&str>>, PolicyError> {
        match self.statement.get(element) {
            None => Ok(None),
            Some(value) => match texts(value) {
                Some(texts) => Ok(Some(texts)),
                None => Err(self.wrong(element, "a text or a list of texts", Some(value))),
            },
        }
    }

    fn wrong(&self, element: &'static str, expected: &'static str, value: Option<&Value>) -> PolicyError {
        let sid = self.statement.get("Sid").and_then(Value::as_str);
        PolicyError::Statement {
            statement: label(sid, self.index),
            element,
            expected,
            found: described(value),
        }
    }
}

fn wrong(expected: &'static str, value: Option<&Value>) -> PolicyError {
    PolicyError::Document { expected, found: described(value) }
}

fn principal(kind: &str, name: &str) -> Principal {
    match kind {
        "AWS" if name == "*" => Principal::Everybody,
        "AWS" => Principal::Aws(name.to_owned()),
        "Service" => Principal::Service(name.to_owned()),
        "Federated" => Principal::Federated(name.to_owned()),
        kind => Principal::Other(kind.to_owned(), name.to_owned()),
    }
}

/// URL-encoded text as it was before. A percent sign that encodes nothing stands for itself.
///
/// Source: RFC 3986, section 2.1.
fn decoded(text: &str) -> Result<String, PolicyError> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let encoded = match after {
            [high, low, after @ ..] if *byte == b'%' => digit(*high).zip(digit(*low)).map(|two| (two, after)),
            _ => None,
        };
        let (byte, after) = encoded.map_or((*byte, after), |((high, low), after)| (high << 4 | low, after));
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8(bytes).map_err(|error| PolicyError::NotUtf8(error.utf8_error()))
}

/// IAM takes a single value wherever it takes a list.
fn texts(value: &Value) -> Option<Vec<&str>> {
    match value {
        Value::String(text) => Some(vec![text]),
        Value::Array(values) => values.iter().map(Value::as_str).collect(),
        _ => None,
    }
}

fn described(value: Option<&Value>) -> &'static str {
    match value {
        None => "nothing",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "true or false",
        Some(Value::Number(_)) => "a number",
        Some(Value::String(_)) => "another text",
        Some(Value::Array(_)) => "a list",
        Some(Value::Object(_)) => "an object",
    }
}

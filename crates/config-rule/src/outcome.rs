use std::fmt;

use serde::Serialize;

use crate::check::{Check, Severity};
use crate::known::Missing;

/// What a rule decided about one resource, before the framework looks at thresholds and waivers.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The resource is not of the rule's concern, for this reason.
    NotApplicable(&'static str),
    /// The resource was judged.
    Judged {
        /// What is wrong with it.
        findings: Vec<Finding>,
        /// The checks that lacked evidence.
        undecided: Vec<Undecided>,
    },
}

impl Outcome {
    /// A judged resource without findings; add the checks with [`Outcome::and`].
    #[must_use]
    pub const fn judged() -> Self {
        Self::Judged { findings: Vec::new(), undecided: Vec::new() }
    }

    /// The same with what one check decided: its findings, or what it lacked.
    #[must_use]
    pub fn and<F>(mut self, check: &'static Check, decided: Result<F, Missing>) -> Self
    where
        F: IntoIterator<Item = Finding>,
    {
        if let Self::Judged { findings, undecided } = &mut self {
            match decided {
                Ok(found) => findings.extend(found),
                Err(missing) => undecided.push(Undecided { check, missing }),
            }
        }
        self
    }
}

/// One reason why a resource is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The check that found it; carries id, title and remedy.
    pub check: &'static Check,
    /// The check's severity, unless the finding is a lesser or a worse case of it.
    pub severity: Severity,
    /// The observed value, for the owner of the resource: `times out after 60 s`.
    pub seen: String,
    /// The required value: `the API waits 29 s`.
    pub wanted: String,
    /// Where it was seen.
    pub place: Place,
}

impl Finding {
    /// A finding of the check's own severity.
    #[must_use]
    pub fn new(
        check: &'static Check,
        seen: impl Into<String>,
        wanted: impl Into<String>,
        place: impl Into<Place>,
    ) -> Self {
        Self {
            check,
            severity: check.severity,
            seen: seen.into(),
            wanted: wanted.into(),
            place: place.into(),
        }
    }
}

/// Where something was seen: a property path, a policy and its statement, an alarm's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Place(String);

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl<T: Into<String>> From<T> for Place {
    fn from(place: T) -> Self {
        Self(place.into())
    }
}

/// A check that stayed silent, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undecided {
    /// The check.
    pub check: &'static Check,
    /// The evidence that it lacked.
    pub missing: Missing,
}

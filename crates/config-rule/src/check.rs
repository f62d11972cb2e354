use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// How much a finding matters; ordered from [`Severity::Low`] to [`Severity::Critical`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Low,
    /// Worth changing; the default threshold of `failOn`.
    Medium,
    /// Data or availability is at risk.
    High,
    /// The account is at risk.
    Critical,
}

impl Severity {
    /// Every severity, least first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The word that parameters, logs and reports use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl FromStr for Severity {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|severity| severity.as_str() == text).ok_or(())
    }
}

/// One thing that a rule looks at, with everything that a report says about it.
#[derive(Debug, PartialEq, Eq)]
pub struct Check {
    /// Kebab-case, unique over all rules, never reused: people name it in waivers and in `disabledChecks`.
    pub id: &'static str,
    /// The severity of its findings, unless a finding says otherwise.
    pub severity: Severity,
    /// What is wrong when it finds something, in one line.
    pub title: &'static str,
    /// What the owner of the resource can do about it.
    pub remedy: &'static str,
}

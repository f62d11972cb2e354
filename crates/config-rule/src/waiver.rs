//! A tag on a resource that waives findings until a date.

use jiff::civil::Date;

use crate::known_names::{CHECK_IDS, RULE_NAMES};
use crate::rule::RuleMeta;

/// `<rule or check id>[ <id>…] until <YYYY-MM-DD> <reason>`, read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Waiver<'a> {
    names: Vec<&'a str>,
    pub(crate) until: Date,
    pub(crate) reason: &'a str,
}

/// Why a waiver has no effect, for the owner of the resource.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WaiverError<'a> {
    #[error("waiver has no effect: expected `<check> until <YYYY-MM-DD> <reason>`, got no {lacking}")]
    Lacking { lacking: &'static str },
    #[error("waiver has no effect: expected a date like 2027-01-31 after `until`, got `{got}`")]
    Date { got: &'a str },
    #[error("waiver has no effect: `{name}` is neither a rule nor a check")]
    Name { name: &'a str },
}

impl<'a> Waiver<'a> {
    /// The waiver in a tag's value, if it concerns the rule; one that names other rules does not. A value that names
    /// nothing known concerns every rule, or nobody would hear of the mistake.
    pub(crate) fn read(value: &'a str, meta: &RuleMeta) -> Option<Result<Self, WaiverError<'a>>> {
        let names = names(value);
        let concerns_rule =
            |name: &str| name == meta.name || meta.checks.iter().any(|check| check.id == name);
        if names.iter().any(|name| concerns_rule(name)) {
            return Some(Self::parse(value, names));
        }
        if names.iter().any(|name| RULE_NAMES.contains(name) || CHECK_IDS.contains(name)) {
            return None;
        }
        match names.first() {
            Some(name) => Some(Err(WaiverError::Name { name })),
            None => Some(Self::parse(value, names)),
        }
    }

    /// Whether it waives the findings of `check`.
    pub(crate) fn covers(&self, meta: &RuleMeta, check: &str) -> bool {
        self.names.iter().any(|name| *name == meta.name || *name == check)
    }

    fn parse(value: &'a str, names: Vec<&'a str>) -> Result<Self, WaiverError<'a>> {
        let lacking = |lacking| WaiverError::Lacking { lacking };
        if names.is_empty() {
            return Err(lacking("rule or check"));
        }
        let date = value.split_whitespace().nth(names.len() + 1).ok_or(lacking("date"))?;
        let until = written_date(date).ok_or(WaiverError::Date { got: date })?;
        let reason = value.split_once(date).map_or("", |(_, reason)| reason.trim());
        if reason.is_empty() {
            return Err(lacking("reason"));
        }
        Ok(Self { names, until, reason })
    }
}

/// The words before `until`.
fn names(value: &str) -> Vec<&str> {
    value.split_whitespace().take_while(|word| *word != "until").collect()
}

/// Only `YYYY-MM-DD`; the parser also takes other ISO 8601 spellings, which nobody means here.
fn written_date(text: &str) -> Option<Date> {
    if text.len() == "YYYY-MM-DD".len() { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Check, Severity};
    use crate::rule::Trigger;

    const META: RuleMeta = RuleMeta {
        name: "lambda-small-single-purpose",
        practice: 1,
        title: "keep functions small",
        checks_that: "functions are small",
        subjects: &["AWS::Lambda::Function"],
        triggers: &[Trigger::Change],
        checks: &[
            &Check { id: "timeout-too-long", severity: Severity::Medium, title: "", remedy: "" },
            &Check { id: "code-too-large", severity: Severity::Medium, title: "", remedy: "" },
        ],
        actions: &[],
    };

    #[test]
    fn names_date_and_reason_are_read() {
        let waiver = read("timeout-too-long code-too-large until 2027-01-31 migration to Step Functions")
            .unwrap()
            .unwrap();
        assert_eq!(waiver.until.to_string(), "2027-01-31");
        assert_eq!(waiver.reason, "migration to Step Functions");
        assert!(waiver.covers(&META, "timeout-too-long"));
        assert!(waiver.covers(&META, "code-too-large"));
        assert!(!waiver.covers(&META, "many-routes"));
    }

    #[test]
    fn the_name_of_the_rule_covers_all_its_checks() {
        let waiver = read("lambda-small-single-purpose until 2027-01-31 legacy").unwrap().unwrap();
        assert!(waiver.covers(&META, "many-routes"));
    }

    #[test]
    fn a_waiver_for_another_rule_does_not_concern_this_one() {
        assert_eq!(read("mixed-stack until 2027-01-31 legacy"), None);
        assert_eq!(read("mixed-stack until someday"), None);
        assert_eq!(read("mixed-stack because it is old"), None);
    }

    #[test]
    fn what_is_lacking_is_named() {
        for (value, message) in [
            ("timeout-too-long", "expected `<check> until <YYYY-MM-DD> <reason>`, got no date"),
            ("timeout-too-long until", "expected `<check> until <YYYY-MM-DD> <reason>`, got no date"),
            (
                "timeout-too-long until 2027-01-31",
                "expected `<check> until <YYYY-MM-DD> <reason>`, got no reason",
            ),
            (
                "until 2027-01-31 because",
                "expected `<check> until <YYYY-MM-DD> <reason>`, got no rule or check",
            ),
            ("", "expected `<check> until <YYYY-MM-DD> <reason>`, got no rule or check"),
            (
                "timeout-too-long until 31.1.2027 x",
                "expected a date like 2027-01-31 after `until`, got `31.1.2027`",
            ),
            (
                "timeout-too-long until 20270131 x",
                "expected a date like 2027-01-31 after `until`, got `20270131`",
            ),
            (
                "timeout-too-long until 2027-02-30 x",
                "expected a date like 2027-01-31 after `until`, got `2027-02-30`",
            ),
            ("timeout-to-long until 2027-01-31 x", "`timeout-to-long` is neither a rule nor a check"),
        ] {
            let error = read(value).unwrap().unwrap_err().to_string();
            assert_eq!(error, format!("waiver has no effect: {message}"), "{value}");
        }
    }

    fn read(value: &str) -> Option<Result<Waiver<'_>, WaiverError<'_>>> {
        Waiver::read(value, &META)
    }
}

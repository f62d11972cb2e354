use std::cmp::Reverse;

use jiff::civil::Date;
use serde::Serialize;

use crate::annotation::{self, MAX_ANNOTATION_CHARACTERS};
use crate::common::CommonParameters;
use crate::document::Document;
use crate::outcome::{Finding, Outcome, Undecided};
use crate::rule::RuleMeta;
use crate::waiver::Waiver;

/// What AWS Config is told about a resource.
///
/// Source: AWS Config API Reference, `Evaluation`, `ComplianceType`; `INSUFFICIENT_DATA` is refused there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Compliance {
    /// No finding reaches the threshold.
    Compliant,
    /// At least one finding does.
    NonCompliant,
    /// The resource is not of the rule's concern, or is gone; AWS Config then drops its result.
    NotApplicable,
}

impl Compliance {
    /// As AWS spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Compliant => "COMPLIANT",
            Self::NonCompliant => "NON_COMPLIANT",
            Self::NotApplicable => "NOT_APPLICABLE",
        }
    }
}

/// What a rule says of one resource, ready to be reported.
#[derive(Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What AWS Config is told.
    pub compliance: Compliance,
    /// The line that it shows, of 1 to 256 characters; none where there is nothing to say.
    pub annotation: Option<String>,
    /// Findings that count, worst first.
    pub findings: Vec<Finding>,
    /// Checks that lacked evidence.
    pub undecided: Vec<Undecided>,
    /// Findings that a running waiver covers.
    pub waived: Vec<Waived>,
}

/// A finding that does not count until a date.
#[derive(Debug, PartialEq, Eq)]
pub struct Waived {
    /// The finding.
    pub finding: Finding,
    /// The last day on which the waiver holds.
    pub until: Date,
    /// Why it was waived.
    pub reason: String,
}

impl Verdict {
    /// The resource is not of the rule's concern.
    #[must_use]
    pub fn not_applicable(reason: &str) -> Self {
        Self {
            compliance: Compliance::NotApplicable,
            annotation: annotation(reason),
            findings: Vec::new(),
            undecided: Vec::new(),
            waived: Vec::new(),
        }
    }

    /// A finding-free result with a message for whoever runs the rule, such as a wrong parameter.
    #[must_use]
    pub fn non_compliant(message: &str) -> Self {
        Self {
            compliance: Compliance::NonCompliant,
            annotation: annotation(message),
            ..Self::not_applicable("")
        }
    }

    /// Applies disabled checks, the resource's waiver and the threshold to what the rule decided.
    pub(crate) fn of(
        outcome: Outcome,
        meta: &RuleMeta,
        common: &CommonParameters,
        document: &Document,
        today: Date,
    ) -> Self {
        let (mut findings, mut undecided) = match outcome {
            Outcome::NotApplicable(reason) => return Self::not_applicable(reason),
            Outcome::Judged { findings, undecided } => (findings, undecided),
        };
        findings.retain(|finding| !common.disabled_checks.contains(finding.check.id));
        undecided.retain(|undecided| !common.disabled_checks.contains(undecided.check.id));
        findings.sort_by_key(|finding| Reverse(finding.severity));

        let tag = document.tag(&common.waiver_tag_key).ok().flatten();
        let mut lead = String::new();
        let mut waived = Vec::new();
        match tag.and_then(|value| Waiver::read(value, meta)) {
            Some(Ok(waiver)) => {
                let covers = |finding: &Finding| waiver.covers(meta, finding.check.id);
                if today <= waiver.until {
                    let reason = waiver.reason;
                    waived = findings
                        .extract_if(.., |finding| covers(finding))
                        .map(|finding| Waived { finding, until: waiver.until, reason: reason.to_owned() })
                        .collect();
                } else if findings.iter().any(covers) {
                    lead = format!("waiver expired {}", waiver.until);
                }
            }
            Some(Err(error)) => lead = error.to_string(),
            None => {}
        }

        let fails = |finding: &Finding| common.fail_on <= finding.severity;
        let is_saved_by_waiver = waived.iter().any(|waived| fails(&waived.finding));
        let compliance =
            if findings.iter().any(fails) { Compliance::NonCompliant } else { Compliance::Compliant };
        let line = if compliance == Compliance::Compliant && is_saved_by_waiver {
            of_waived(&waived)
        } else {
            if !lead.is_empty() && !findings.is_empty() {
                lead.push_str("; ");
            }
            annotation::of_findings(&lead, &findings.iter().collect::<Vec<_>>())
        };
        Self { compliance, annotation: annotation(&line), findings, undecided, waived }
    }
}

/// `waived until 2027-01-31: <reason> (<check ids>)`; where room is short, the reason gives way.
fn of_waived(waived: &[Waived]) -> String {
    let Some(first) = waived.first() else { return String::new() };
    let ids: Vec<_> = waived.iter().map(|waived| waived.finding.check.id).collect();
    let (head, tail) = (format!("waived until {}: ", first.until), format!(" ({})", ids.join(", ")));
    let room = MAX_ANNOTATION_CHARACTERS.saturating_sub(head.chars().count() + tail.chars().count());
    format!("{head}{}{tail}", annotation::cut(&first.reason, room))
}

/// AWS Config refuses an empty annotation.
fn annotation(text: &str) -> Option<String> {
    let text = annotation::cut(text.trim(), MAX_ANNOTATION_CHARACTERS);
    if text.is_empty() { None } else { Some(text) }
}

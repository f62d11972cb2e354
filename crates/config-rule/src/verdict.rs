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

        let (waived, mut lead) = take_waived(&mut findings, meta, common, document, today);
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

/// Moves the findings that a running waiver covers out of `findings`. The text says what the owner must hear of a
/// waiver that has no effect, or no longer any.
fn take_waived(
    findings: &mut Vec<Finding>,
    meta: &RuleMeta,
    common: &CommonParameters,
    document: &Document,
    today: Date,
) -> (Vec<Waived>, String) {
    let tag = document.tag(&common.waiver_tag_key).ok().flatten();
    let waiver = match tag.and_then(|value| Waiver::read(value, meta)) {
        Some(Ok(waiver)) => waiver,
        Some(Err(error)) => return (Vec::new(), error.to_string()),
        None => return (Vec::new(), String::new()),
    };
    let covers = |finding: &Finding| waiver.covers(meta, finding.check.id);
    if today <= waiver.until {
        let waive = |finding| Waived { finding, until: waiver.until, reason: waiver.reason.to_owned() };
        (findings.extract_if(.., |finding| covers(finding)).map(waive).collect(), String::new())
    } else if findings.iter().any(covers) {
        (Vec::new(), format!("waiver expired {}", waiver.until))
    } else {
        (Vec::new(), String::new())
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::check::{Check, Severity};
    use crate::known::Missing;
    use crate::rule::Trigger;

    const LOW: &Check = &Check { id: "catch-all-route", severity: Severity::Low, title: "", remedy: "" };
    const MEDIUM: &Check =
        &Check { id: "timeout-too-long", severity: Severity::Medium, title: "", remedy: "" };
    const META: RuleMeta = RuleMeta {
        name: "lambda-small-single-purpose",
        practice: 1,
        title: "keep functions small",
        checks_that: "functions are small",
        subjects: &["AWS::Lambda::Function"],
        triggers: &[Trigger::Change],
        checks: &[LOW, MEDIUM],
        actions: &[],
    };

    #[test]
    fn a_finding_at_the_threshold_fails_and_the_worst_comes_first() {
        let verdict = of(&[LOW, MEDIUM], "medium", "", "");
        assert_eq!(verdict.compliance, Compliance::NonCompliant);
        assert_eq!(
            verdict.annotation.as_deref(),
            Some("timeout-too-long: seen, wanted; catch-all-route: seen, wanted")
        );
    }

    #[test]
    fn a_finding_below_the_threshold_is_a_note() {
        let verdict = of(&[LOW], "medium", "", "");
        assert_eq!(verdict.compliance, Compliance::Compliant);
        assert_eq!(verdict.annotation.as_deref(), Some("catch-all-route: seen, wanted"));
    }

    #[test]
    fn the_threshold_moves_with_fail_on() {
        assert_eq!(of(&[LOW], "low", "", "").compliance, Compliance::NonCompliant);
        assert_eq!(of(&[MEDIUM], "high", "", "").compliance, Compliance::Compliant);
    }

    #[test]
    fn nothing_to_say_means_no_annotation() {
        assert_eq!(of(&[], "medium", "", "").annotation, None);
    }

    #[test]
    fn a_disabled_check_neither_finds_nor_lacks_anything() {
        let missing = Missing::NotRecorded { what: "AWS::ApiGateway::UsagePlan".to_owned() };
        let outcome = Outcome::judged()
            .and(MEDIUM, Ok([Finding::new(MEDIUM, "seen", "wanted", "place")]))
            .and(LOW, Err::<Option<Finding>, _>(missing));
        let verdict = judge(outcome, "medium", "timeout-too-long,catch-all-route", "");
        assert_eq!(
            (verdict.compliance, verdict.findings, verdict.undecided),
            (Compliance::Compliant, vec![], vec![])
        );
    }

    #[test]
    fn unknown_evidence_alone_does_not_fail() {
        let missing = Missing::NotRecorded { what: "AWS::ApiGateway::UsagePlan".to_owned() };
        let outcome = Outcome::judged().and(MEDIUM, Err::<Option<Finding>, _>(missing.clone()));
        let verdict = judge(outcome, "low", "", "");
        assert_eq!(verdict.compliance, Compliance::Compliant);
        assert_eq!(verdict.undecided, vec![Undecided { check: MEDIUM, missing }]);
    }

    #[test]
    fn a_running_waiver_makes_it_compliant_on_its_last_day() {
        let verdict = of(&[MEDIUM], "medium", "", "timeout-too-long until 2026-10-01 legacy import");
        assert_eq!(verdict.compliance, Compliance::Compliant);
        assert_eq!(
            verdict.annotation.as_deref(),
            Some("waived until 2026-10-01: legacy import (timeout-too-long)")
        );
        assert_eq!((verdict.findings.len(), verdict.waived.len()), (0, 1));
    }

    #[test]
    fn the_day_after_the_findings_return() {
        let verdict = of(&[MEDIUM], "medium", "", "timeout-too-long until 2026-09-30 legacy import");
        assert_eq!(verdict.compliance, Compliance::NonCompliant);
        assert_eq!(
            verdict.annotation.as_deref(),
            Some("waiver expired 2026-09-30; timeout-too-long: seen, wanted")
        );
    }

    #[test]
    fn what_the_waiver_does_not_name_still_fails() {
        let verdict = of(&[LOW, MEDIUM], "medium", "", "catch-all-route until 2027-01-31 on purpose");
        assert_eq!(verdict.compliance, Compliance::NonCompliant);
        assert_eq!(verdict.annotation.as_deref(), Some("timeout-too-long: seen, wanted"));
    }

    #[test]
    fn a_waiver_without_effect_is_reported_even_where_nothing_was_found() {
        let verdict = of(&[], "medium", "", "timeout-too-long until 2027-01-31");
        assert_eq!(verdict.compliance, Compliance::Compliant);
        assert_eq!(
            verdict.annotation.as_deref(),
            Some("waiver has no effect: expected `<check> until <YYYY-MM-DD> <reason>`, got no reason")
        );
    }

    #[test]
    fn a_long_reason_gives_way_to_the_check_ids() {
        let verdict =
            of(&[MEDIUM], "medium", "", &format!("timeout-too-long until 2027-01-31 {}", "r".repeat(300)));
        let annotation = verdict.annotation.unwrap();
        assert_eq!(annotation.chars().count(), MAX_ANNOTATION_CHARACTERS);
        assert!(annotation.ends_with("r… (timeout-too-long)"));
    }

    fn of(checks: &[&'static Check], fail_on: &str, disabled: &str, waiver: &str) -> Verdict {
        let findings = checks.iter().map(|check| Finding::new(check, "seen", "wanted", "place")).collect();
        judge(Outcome::Judged { findings, undecided: Vec::new() }, fail_on, disabled, waiver)
    }

    fn judge(outcome: Outcome, fail_on: &str, disabled: &str, waiver: &str) -> Verdict {
        let tags = if waiver.is_empty() { json!({}) } else { json!({"conformance-waiver": waiver}) };
        let document = Document::from_item(json!({
            "resourceType": "AWS::Lambda::Function", "resourceId": "orders", "tags": tags, "configuration": {},
        }))
        .unwrap();
        let common = CommonParameters {
            fail_on: fail_on.parse().unwrap(),
            disabled_checks: disabled.split(',').map(ToOwned::to_owned).collect(),
            waiver_tag_key: "conformance-waiver".to_owned(),
        };
        Verdict::of(outcome, &META, &common, &document, jiff::civil::date(2026, 10, 1))
    }
}

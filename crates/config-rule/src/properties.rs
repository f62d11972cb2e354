//! What holds of every verdict and of all parameters, whatever rules find and people set.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

use crate::annotation::MAX_ANNOTATION_CHARACTERS;
use crate::check::{Check, Severity};
use crate::common::CommonParameters;
use crate::document::Document;
use crate::outcome::{Finding, Outcome};
use crate::parameters::{self, Accepts, ParameterSpec, ParameterValues, Parameters};
use crate::rule::{RuleMeta, Trigger};
use crate::verdict::{Compliance, Verdict};

const CHECKS: [&Check; 4] = [
    &Check { id: "catch-all-route", severity: Severity::Low, title: "", remedy: "" },
    &Check { id: "timeout-too-long", severity: Severity::Medium, title: "", remedy: "" },
    &Check { id: "code-too-large", severity: Severity::High, title: "", remedy: "" },
    &Check { id: "admin-access", severity: Severity::Critical, title: "", remedy: "" },
];

const META: RuleMeta = RuleMeta {
    name: "lambda-small-single-purpose",
    practice: 1,
    title: "keep functions small",
    checks_that: "functions are small",
    subjects: &["AWS::Lambda::Function"],
    triggers: &[Trigger::Change],
    checks: &CHECKS,
    actions: &[],
};

const LIMIT: ParameterSpec = ParameterSpec {
    name: "limit",
    default: "5",
    accepts: Accepts::WholeNumber { min: 1, max: 100 },
    description: "how many",
};

#[derive(Debug, PartialEq)]
struct Limit(u64);

impl Parameters for Limit {
    const SPECS: &'static [&'static ParameterSpec] = &[&LIMIT];

    fn read(values: &mut ParameterValues<'_>) -> Self {
        Self(values.whole_number(&LIMIT))
    }
}

proptest! {
    #[test]
    fn an_annotation_is_what_fits_of_all_findings_and_says_how_many_do_not(findings in vec(finding(), 1..9)) {
        let total = findings.len();
        let verdict = verdict(findings, None);
        let annotation = verdict.annotation.unwrap();
        let pieces: Vec<String> = verdict
            .findings
            .iter()
            .map(|finding| on_one_line(&format!("{}: {}, {}", finding.check.id, finding.seen, finding.wanted)))
            .collect();
        prop_assert!(annotation.chars().count() <= MAX_ANNOTATION_CHARACTERS);
        prop_assert!(!annotation.contains(char::is_control));

        let (shown, left_out) = match annotation.strip_suffix(" more)").and_then(|rest| rest.rsplit_once(" (+")) {
            Some((shown, count)) => (shown, count.parse().unwrap()),
            None => (annotation.as_str(), 0),
        };
        let all = pieces.join("; ");
        // A character that was cut in two would be no beginning of the whole.
        prop_assert!(all.trim_end().starts_with(shown.strip_suffix('…').unwrap_or(shown)), "{annotation:?}");
        let told = pieces.iter().take(total - left_out).map(String::as_str).collect::<Vec<_>>().join("; ");
        let is_cut = shown.ends_with('…');
        prop_assert!(is_cut && left_out + 1 == total || shown.trim_end() == told.trim_end(), "{annotation:?}");
    }

    #[test]
    fn the_worst_comes_first_and_decides(findings in vec(finding(), 0..9)) {
        let worst = findings.iter().map(|finding| finding.check.severity).max();
        let verdict = verdict(findings, None);
        prop_assert!(verdict.findings.is_sorted_by(|one, other| other.check.severity <= one.check.severity));
        prop_assert_eq!(verdict.compliance == Compliance::NonCompliant, Some(Severity::Medium) <= worst);
        let first = verdict.findings.first().map(|finding| finding.check.id);
        let named = verdict.annotation.as_deref().and_then(|annotation| Some(annotation.split_once(':')?.0));
        prop_assert_eq!(named, first);
    }

    #[test]
    fn whatever_the_waiver_says_the_annotation_fits(findings in vec(finding(), 0..5), waiver in waiver()) {
        let count = findings.len();
        let verdict = verdict(findings, Some(&waiver));
        let length = verdict.annotation.as_ref().map_or(1, |annotation| annotation.chars().count());
        prop_assert!((1..=MAX_ANNOTATION_CHARACTERS).contains(&length), "{:?}", verdict.annotation);
        // Nothing that was found gets lost: it counts, or it is waived.
        prop_assert_eq!(verdict.findings.len() + verdict.waived.len(), count);
    }

    #[test]
    fn a_whole_number_is_accepted_exactly_within_its_range(number in prop_oneof![any::<i64>(), -3_i64..120]) {
        let given = BTreeMap::from([("limit".to_owned(), number.to_string())]);
        let read = parameters::parse::<Limit>(&given).map(|(_, own)| own);
        let expected = u64::try_from(number).ok().filter(|number| (1..=100).contains(number));
        let refusal = format!("rule parameter `limit`: expected a whole number from 1 to 100, got `{number}`");
        prop_assert_eq!(read.map_err(|errors| errors.to_string()), expected.map(Limit).ok_or(refusal));
    }

    #[test]
    fn parameters_are_taken_or_refused_by_name(json in ".*", name in "[a-zA-Z]{1,12}", value in ".{0,40}") {
        let _ = parameters::parameter_values(Some(&json));
        let given = BTreeMap::from([(name.clone(), value)]);
        let is_known = CommonParameters::SPECS.iter().chain(Limit::SPECS).any(|spec| spec.name == name);
        match parameters::parse::<Limit>(&given) {
            Ok(_) => prop_assert!(is_known),
            Err(errors) => {
                let quoted = format!("`{name}`");
                prop_assert!(errors.to_string().contains(&quoted));
            }
        }
    }
}

/// Without what tells how many findings follow, which is looked for in the end.
fn finding() -> impl Strategy<Value = Finding> {
    let text = |most| proptest::string::string_regex(&format!("[^(+…]{{0,{most}}}")).unwrap();
    (0..CHECKS.len(), text(300), text(60))
        .prop_map(|(check, seen, wanted)| Finding::new(CHECKS[check], seen, wanted, "place"))
}

fn waiver() -> impl Strategy<Value = String> {
    let names = prop_oneof![
        Just("timeout-too-long"),
        Just("lambda-small-single-purpose"),
        Just("mixed-stack"),
        Just("x")
    ];
    let dates = prop_oneof![Just("2026-10-01"), Just("2026-09-30"), Just("2026-02-30"), Just("soon")];
    prop_oneof![
        (names, dates, ".{0,300}").prop_map(|(name, date, reason)| format!("{name} until {date} {reason}")),
        ".{0,300}",
    ]
}

fn verdict(findings: Vec<Finding>, waiver: Option<&str>) -> Verdict {
    let tags = waiver.map_or_else(|| json!({}), |waiver| json!({"conformance-waiver": waiver}));
    let document = Document::from_item(json!({
        "resourceType": "AWS::Lambda::Function", "resourceId": "orders", "tags": tags, "configuration": {},
    }))
    .unwrap();
    let (common, ()) = parameters::parse::<()>(&BTreeMap::new()).unwrap();
    let outcome = Outcome::Judged { findings, undecided: Vec::new() };
    Verdict::of(outcome, &META, &common, &document, jiff::civil::date(2026, 10, 1))
}

fn on_one_line(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

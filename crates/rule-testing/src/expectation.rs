//! Compares what a rule says with what a case expects.

use config_rule::Report;
use serde_json::Value;

use crate::case::{Expectation, ExpectedFinding};

/// What is not as expected, with both sides of it; `None` if nothing is.
pub(crate) fn difference(expected: &Expectation, report: &Report) -> Option<String> {
    let or_none = |annotation: &Option<String>| annotation.as_deref().unwrap_or("none").to_owned();
    let ids = |list: &[Value]| checks(list).join(", ");
    let mut sides = vec![
        ("compliance", expected.compliance.clone(), report.compliance.as_str().to_owned()),
        ("annotation", or_none(&expected.annotation), or_none(&report.annotation)),
        ("undecided", expected.undecided.join(", "), ids(&report.undecided)),
        ("waived", expected.waived.join(", "), ids(&report.waived)),
    ];
    sides.retain(|(_, expected, got)| expected != got);

    let are_met = expected.findings.len() == report.findings.len()
        && expected.findings.iter().zip(&report.findings).all(|(expected, got)| expected.is_met_by(got));
    if !are_met {
        let wanted: Vec<_> = expected.findings.iter().map(ExpectedFinding::line).collect();
        let got: Vec<_> = report.findings.iter().map(line).collect();
        sides.push(("findings", listed(&wanted), listed(&got)));
    }
    if sides.is_empty() {
        return None;
    }
    let shown = |(what, expected, got)| format!("  {what}\n    expected: {expected}\n    got:      {got}");
    Some(sides.into_iter().map(shown).collect::<Vec<_>>().join("\n"))
}

/// The ids of the checks of a list in a report.
pub(crate) fn checks(list: &[Value]) -> Vec<&str> {
    list.iter().map(|entry| entry.get("check").and_then(Value::as_str).unwrap_or_default()).collect()
}

impl ExpectedFinding {
    fn parts(&self) -> [(&'static str, Option<&str>); 5] {
        [
            ("check", Some(&self.check)),
            ("severity", self.severity.as_deref()),
            ("seen", self.seen.as_deref()),
            ("wanted", self.wanted.as_deref()),
            ("place", self.place.as_deref()),
        ]
    }

    fn is_met_by(&self, got: &Value) -> bool {
        self.parts().into_iter().all(|(key, expected)| {
            expected.is_none_or(|expected| got.get(key).and_then(Value::as_str) == Some(expected))
        })
    }

    fn line(&self) -> String {
        let parts = self.parts().into_iter().filter_map(|(key, value)| Some(format!("{key}: {}", value?)));
        parts.collect::<Vec<_>>().join(" | ")
    }
}

fn line(finding: &Value) -> String {
    ["check", "severity", "seen", "wanted", "place"]
        .map(|key| format!("{key}: {}", finding.get(key).and_then(Value::as_str).unwrap_or_default()))
        .join(" | ")
}

fn listed(lines: &[String]) -> String {
    if lines.is_empty() { "none".to_owned() } else { format!("\n      {}", lines.join("\n      ")) }
}

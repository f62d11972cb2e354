//! Results, on their way to the reader.

pub(crate) mod text;

use std::collections::BTreeSet;
use std::io::{self, Write};

use config_rule::{Compliance, Report};

/// What a run found out.
#[derive(Debug, Default)]
pub(crate) struct Results {
    pub(crate) reports: Vec<Report>,
    /// What could not be judged, in a line each: then the run could not be done.
    pub(crate) failures: Vec<String>,
}

impl Results {
    pub(crate) fn extend(&mut self, other: Self) {
        self.reports.extend(other.reports);
        self.failures.extend(other.failures);
    }

    /// By rule, account, Region, type and id: the same results are written the same, whichever way they came about.
    pub(crate) fn sort(&mut self) {
        self.reports.sort_by(|one, other| key(one).cmp(&key(other)));
        self.failures.sort_unstable();
    }

    /// Whether any resource is `NON_COMPLIANT`.
    pub(crate) fn has_non_compliant(&self) -> bool {
        self.reports.iter().any(|report| report.compliance == Compliance::NonCompliant)
    }

    /// Writes the reports as a JSON array, for programs. The text of a large account is long, and never held as a whole.
    pub(crate) fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, &self.reports)?;
        writeln!(out)
    }

    pub(crate) fn rules(&self) -> BTreeSet<&str> {
        self.reports.iter().map(|report| report.rule.as_str()).collect()
    }

    fn of_rule(&self, rule: &str) -> impl Iterator<Item = &Report> {
        self.reports.iter().filter(move |report| report.rule == rule)
    }
}

fn key(report: &Report) -> impl Ord + '_ {
    (&report.rule, &report.account_id, &report.region, &report.resource_type, &report.resource_id)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn results_are_in_one_order_whichever_way_they_came_about() {
        let reports = || vec![report("b", "2"), report("a", "9"), report("b", "1")];
        let sorted = |reports: Vec<Report>| {
            let mut results = Results { reports, failures: Vec::new() };
            results.sort();
            json(&results)
        };
        assert_eq!(sorted(reports()), sorted(reports().into_iter().rev().collect()));
        let array: Vec<Value> = serde_json::from_str(&sorted(reports())).unwrap();
        let order: Vec<_> = array.iter().map(|report| (&report["rule"], &report["resourceId"])).collect();
        assert_eq!(
            order,
            [(&json!("a"), &json!("9")), (&json!("b"), &json!("1")), (&json!("b"), &json!("2"))]
        );
    }

    #[test]
    fn nothing_is_an_empty_array() {
        assert_eq!(json(&Results::default()), "[]\n");
    }

    fn json(results: &Results) -> String {
        let mut written = Vec::new();
        results.write_json(&mut written).unwrap();
        String::from_utf8(written).unwrap()
    }

    fn report(rule: &str, id: &str) -> Report {
        Report {
            rule: rule.to_owned(),
            resource_type: "AWS::Lambda::Function".to_owned(),
            resource_id: id.to_owned(),
            account_id: None,
            region: None,
            compliance: Compliance::Compliant,
            annotation: None,
            findings: Vec::new(),
            undecided: Vec::new(),
            waived: Vec::new(),
        }
    }
}

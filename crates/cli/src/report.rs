//! Results, on their way to the reader.

pub(crate) mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::sync::Arc;

use config_rule::{Compliance, Document, Report, Verdict};
use serde::Serializer;
use serde_json::{Value, json};

/// What a run found out.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Results {
    rows: Vec<Row>,
    /// How often each check found something.
    pub(crate) found: BTreeMap<String, usize>,
    /// How often each check lacked evidence, by what was missing.
    pub(crate) open: BTreeMap<(String, String), usize>,
    /// What could not be judged, in a line each: then the run could not be done.
    pub(crate) failures: Vec<String>,
}

/// One report. A large account has a million: the texts of its head are those of the item, and its lists are kept as text,
/// because as values each finding is a map of its own.
#[derive(Debug, PartialEq)]
pub(crate) struct Row {
    rule: Arc<str>,
    resource: Arc<Document>,
    compliance: Compliance,
    annotation: Option<Box<str>>,
    /// The lists as JSON; empty where all of them are.
    details: Box<str>,
}

/// The lists of a report.
type Details = [Vec<Value>; 3];

impl Results {
    /// Adds what a rule says of a resource.
    pub(crate) fn add(&mut self, rule: &Arc<str>, resource: &Arc<Document>, verdict: &Verdict) {
        self.add_report(rule, resource, Report::new(rule, resource, verdict));
    }

    fn add_report(&mut self, rule: &Arc<str>, resource: &Arc<Document>, report: Report) {
        for finding in &report.findings {
            *self.found.entry(member(finding, "check")).or_default() += 1;
        }
        for undecided in &report.undecided {
            *self.open.entry((member(undecided, "check"), member(undecided, "missing"))).or_default() += 1;
        }
        let details: Details = [report.findings, report.undecided, report.waived];
        let is_empty = details.iter().all(Vec::is_empty);
        self.rows.push(Row {
            rule: Arc::clone(rule),
            resource: Arc::clone(resource),
            compliance: report.compliance,
            annotation: report.annotation.map(String::into_boxed_str),
            details: if is_empty { String::new() } else { json!(details).to_string() }.into_boxed_str(),
        });
    }

    pub(crate) fn extend(&mut self, other: Self) {
        self.rows.extend(other.rows);
        self.failures.extend(other.failures);
        for (check, count) in other.found {
            *self.found.entry(check).or_default() += count;
        }
        for (open, count) in other.open {
            *self.open.entry(open).or_default() += count;
        }
    }

    /// By rule, account, Region, type and id: the same results are written the same, whichever way they came about.
    pub(crate) fn sort(&mut self) {
        self.rows.sort_by(|one, other| one.key().cmp(&other.key()));
        self.failures.sort_unstable();
    }

    /// Whether any resource is `NON_COMPLIANT`.
    pub(crate) fn has_non_compliant(&self) -> bool {
        self.rows.iter().any(|row| row.compliance == Compliance::NonCompliant)
    }

    /// Writes the reports as a JSON array, for programs. The text of a large account is long, and never held as a whole.
    pub(crate) fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut serializer = serde_json::Serializer::pretty(&mut *out);
        serializer.collect_seq(self.rows.iter().map(Row::report))?;
        writeln!(out)
    }

    pub(crate) fn rules(&self) -> BTreeSet<&str> {
        self.rows.iter().map(Row::rule).collect()
    }

    /// In their order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter()
    }

    fn of_rule(&self, rule: &str) -> impl Iterator<Item = &Row> {
        self.rows().filter(move |row| row.rule() == rule)
    }
}

impl FromIterator<Report> for Results {
    fn from_iter<I: IntoIterator<Item = Report>>(reports: I) -> Self {
        let mut results = Self::default();
        for report in reports {
            let mut resource =
                Document::without_configuration(&report.resource_type, &report.resource_id, "", "");
            (resource.account_id, resource.region) = (report.account_id.clone(), report.region.clone());
            results.add_report(&report.rule.as_str().into(), &Arc::new(resource), report);
        }
        results
    }
}

impl Row {
    pub(crate) fn rule(&self) -> &str {
        &self.rule
    }

    pub(crate) fn resource(&self) -> &Document {
        &self.resource
    }

    pub(crate) fn compliance(&self) -> Compliance {
        self.compliance
    }

    pub(crate) fn annotation(&self) -> Option<&str> {
        self.annotation.as_deref()
    }

    fn key(&self) -> impl Ord + '_ {
        let Document { account_id, region, resource_type, resource_id, .. } = &*self.resource;
        (self.rule(), account_id, region, resource_type, resource_id)
    }

    fn report(&self) -> Report {
        let [findings, undecided, waived] =
            serde_json::from_str::<Details>(&self.details).unwrap_or_default();
        let Document { account_id, region, resource_type, resource_id, .. } = &*self.resource;
        Report {
            rule: self.rule().to_owned(),
            resource_type: resource_type.clone(),
            resource_id: resource_id.clone(),
            account_id: account_id.clone(),
            region: region.clone(),
            compliance: self.compliance,
            annotation: self.annotation().map(ToOwned::to_owned),
            findings,
            undecided,
            waived,
        }
    }
}

fn member(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_one_order_whichever_way_they_came_about() {
        let reports = || vec![report("b", "2"), report("a", "9"), report("b", "1")];
        let sorted = |reports: Vec<Report>| {
            let mut results: Results = reports.into_iter().collect();
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
    fn a_report_is_written_with_everything_that_it_had() {
        let full = Report {
            annotation: Some("timeout-too-long: slow".to_owned()),
            findings: vec![json!({"check": "timeout-too-long", "place": "configuration.timeout"})],
            undecided: vec![json!({"check": "many-routes", "missing": "x is absent"})],
            waived: vec![json!({"check": "code-too-large", "until": "2027-01-31"})],
            ..report("a", "1")
        };
        let reports = vec![full, report("b", "2")];
        let results: Results = reports.clone().into_iter().collect();
        assert_eq!(json(&results), serde_json::to_string_pretty(&reports).unwrap() + "\n");
    }

    #[test]
    fn findings_and_open_checks_of_all_parts_are_counted() {
        let found = Report {
            findings: vec![json!({"check": "timeout-too-long"})],
            undecided: vec![json!({"check": "many-routes", "missing": "x is absent"})],
            ..report("a", "1")
        };
        let mut results: Results = [found.clone(), report("a", "2")].into_iter().collect();
        results.extend([found].into_iter().collect());
        assert_eq!(results.found, BTreeMap::from([("timeout-too-long".to_owned(), 2)]));
        let open = ("many-routes".to_owned(), "x is absent".to_owned());
        assert_eq!(results.open, BTreeMap::from([(open, 2)]));
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

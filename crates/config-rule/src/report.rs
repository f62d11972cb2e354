use serde::Serialize;
use serde_json::{Value, json};

use crate::document::Document;
use crate::outcome::Finding;
use crate::verdict::{Compliance, Verdict};

/// One verdict with the resource that it is about: what a function logs and what the local report prints.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Name of the rule.
    pub rule: String,
    /// CloudFormation type name of the resource.
    pub resource_type: String,
    /// AWS Config's id of the resource.
    pub resource_id: String,
    /// The account that owns it.
    pub account_id: Option<String>,
    /// Region code, or `global`.
    pub region: Option<String>,
    /// What AWS Config is told.
    pub compliance: Compliance,
    /// The line that AWS Config shows.
    pub annotation: Option<String>,
    /// `{check, severity, seen, wanted, place}` for each finding that counts.
    pub findings: Vec<Value>,
    /// `{check, missing}` for each check that lacked evidence.
    pub undecided: Vec<Value>,
    /// `{check, severity, seen, wanted, place, until, reason}` for each waived finding.
    pub waived: Vec<Value>,
}

impl Report {
    /// The report of `verdict` on the resource of `document`.
    #[must_use]
    pub fn new(rule: &str, document: &Document, verdict: &Verdict) -> Self {
        Self {
            rule: rule.to_owned(),
            resource_type: document.resource_type.clone(),
            resource_id: document.resource_id.clone(),
            account_id: document.account_id.clone(),
            region: document.region.clone(),
            compliance: verdict.compliance,
            annotation: verdict.annotation.clone(),
            findings: verdict.findings.iter().map(of_finding).collect(),
            undecided: verdict
                .undecided
                .iter()
                .map(|undecided| json!({"check": undecided.check.id, "missing": undecided.missing.to_string()}))
                .collect(),
            waived: verdict
                .waived
                .iter()
                .map(|waived| {
                    let mut value = of_finding(&waived.finding);
                    value["until"] = json!(waived.until.to_string());
                    value["reason"] = json!(waived.reason);
                    value
                })
                .collect(),
        }
    }
}

fn of_finding(finding: &Finding) -> Value {
    json!({
        "check": finding.check.id,
        "severity": finding.severity,
        "seen": finding.seen,
        "wanted": finding.wanted,
        "place": finding.place,
    })
}

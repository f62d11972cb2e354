//! Runs the cases of a rule: scenarios in YAML, given → expect, beside the rule's code.
//!
//! ```yaml
//! # Shape: notification; values made up.
//! name: a function that may run for sixteen minutes
//! given:                          # one configuration item, in any of the recorded shapes
//!   resourceType: AWS::Lambda::Function
//!   resourceId: orders
//!   configuration: {timeout: 960}
//!   supplementaryConfiguration: {}
//! inventory: []                   # further items that the account holds
//! recorder: []                    # types that are recorded although the account holds none
//! parameters: {maxTimeoutSeconds: 900}
//! on: 2026-10-01                  # the day of the event
//! expect:
//!   compliance: NON_COMPLIANT
//!   annotation: "timeout-too-long: times out after 960 s, at most 900 s"
//!   findings: [{check: timeout-too-long, seen: times out after 960 s}]
//!   undecided: [code-too-large]
//!   waived: []
//! ```
//!
//! A file holds one case or a list of them; its first line says where the shape of its items comes from. Only `name`,
//! `given` and `expect.compliance` are required. What is not expected must not happen: `annotation` left out means
//! that there is none, a list left out that it is empty. A finding names its check and as many of `severity`, `seen`,
//! `wanted` and `place` as matter.

mod case;
mod coverage;
mod expectation;
mod inventory;
mod properties;

use std::path::Path;

use aws_resources::kept_properties;
use config_rule::{Date, Document, Entry, Kept, Report, parameter_values};
use serde_json::{Value, json};

pub use inventory::{ItemsInventory, block_on};
pub use properties::undocumented_properties;

use crate::case::{Case, CaseFile};
use crate::coverage::Coverage;

/// Runs every case in the `.yaml` files of `folder` against the rule.
///
/// # Panics
///
/// With everything that is wrong at once: a case whose verdict is not the expected one, a case or an item that cannot
/// be read or has keys that it cannot have, two cases of one name, a folder without cases, and cases that leave a
/// verdict or a check of the rule unexercised.
pub fn run_cases(entry: &Entry, folder: &Path) {
    let failures = failures(entry, folder);
    assert!(
        failures.is_empty(),
        "{} of the cases of `{}` in {}:\n\n{}\n",
        if failures.len() == 1 { "one failure".to_owned() } else { format!("{} failures", failures.len()) },
        entry.meta.name,
        folder.display(),
        failures.join("\n\n"),
    );
}

/// Everything that is wrong with the cases of `folder`, one text each.
fn failures(entry: &Entry, folder: &Path) -> Vec<String> {
    let mut failures = Vec::new();
    let files = match case::files_in(folder) {
        Ok(files) if files.is_empty() => {
            return vec!["expected at least one `.yaml` file, found none".to_owned()];
        }
        Ok(files) => files,
        Err(error) => return vec![format!("the folder cannot be read: {error}")],
    };
    let mut coverage = Coverage::of(entry.meta);
    let mut names: Vec<String> = Vec::new();
    for path in files {
        let CaseFile { cases, problems } = case::read(&path);
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        failures.extend(problems.into_iter().map(|problem| format!("{file}: {problem}")));
        for case in cases {
            let failed = |problem: String| format!("{file}, \"{}\":\n{problem}", case.name);
            if names.contains(&case.name) {
                failures.push(failed("  another case has the same name".to_owned()));
            }
            match run(entry, &case) {
                Ok(report) => {
                    coverage.note(&report);
                    failures.extend(expectation::difference(&case.expect, &report).map(failed));
                }
                Err(problem) => failures.push(failed(format!("  {problem}"))),
            }
            names.push(case.name);
        }
    }
    failures.extend(coverage.gaps());
    failures
}

/// The report on the given item, or why there is none.
fn run(entry: &Entry, case: &Case) -> Result<Report, String> {
    for item in items(case) {
        let problems = undocumented_properties(item);
        if !problems.is_empty() {
            return Err(problems.join("\n  "));
        }
    }
    let report = report_of(entry, case, |_| &Kept::Whole)?;
    // Where large accounts are judged, only this is held in memory.
    let of_kept = report_of(entry, case, kept_properties)?;
    if of_kept == report {
        Ok(report)
    } else {
        let (found, open) = (json!(of_kept.findings), json!(of_kept.undecided));
        Err(format!(
            "a property is read that crates/aws-resources/src/kept_properties.rs leaves out: add it there. Without it \
             the findings are {found} and {open} is left open"
        ))
    }
}

fn items(case: &Case) -> impl Iterator<Item = &Value> {
    std::iter::once(&case.given).chain(&case.inventory)
}

/// The same where only what is kept of each type can be read.
fn report_of(entry: &Entry, case: &Case, kept_of: fn(&str) -> &'static Kept) -> Result<Report, String> {
    let mut documents = Vec::new();
    for item in items(case) {
        let resource_type = item.get("resourceType").and_then(Value::as_str).unwrap_or_default();
        let document = Document::from_item_with(item.clone(), kept_of(resource_type));
        documents.push(document.map_err(|error| error.to_string())?);
    }
    let given = documents.first().ok_or("no item is given")?.clone();
    let inventory = ItemsInventory::new(documents, case.recorder.iter().cloned());

    let parameters =
        parameter_values(Some(&case.parameters.to_string())).map_err(|error| error.to_string())?;
    let rule = entry.prepare(&parameters).map_err(|error| error.to_string())?;
    let day: Date =
        case.on.parse().map_err(|_| format!("`on`: expected a date like 2026-10-01, got `{}`", case.on))?;
    match block_on(rule.evaluate(&given, &inventory, day)) {
        Ok(verdict) => Ok(Report::new(entry.meta.name, &given, &verdict)),
        Err(error) => Err(format!("the inventory failed: {error}")),
    }
}

#[cfg(test)]
mod tests;

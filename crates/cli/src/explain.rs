//! What the rules are about.

use std::fmt::Write;

use anyhow::bail;
use catalog::RULES;
use config_rule::{Check, Entry, Trigger};

use crate::nearest::suggestion;
use crate::page::Page;

/// All rules, in a table.
pub(crate) fn list(page: Page) -> String {
    let mut table = page.table(&["rule", "best practice", "checks that"], 1);
    for entry in RULES {
        table.add_row([entry.meta.name, entry.meta.title, entry.meta.checks_that]);
    }
    format!("{}\n\n`serverless-conformance rules <rule or check>` says more.\n", table.trim_fmt())
}

/// A rule or a check, by its name.
pub(crate) fn explain(name: &str, page: Page) -> anyhow::Result<String> {
    if let Some(entry) = RULES.iter().find(|entry| entry.meta.name == name) {
        return Ok(rule(entry, page));
    }
    let checks = || RULES.iter().flat_map(|entry| entry.meta.checks.iter().map(move |check| (entry, *check)));
    if let Some((entry, found)) = checks().find(|(_, check)| check.id == name) {
        return Ok(check(entry, found));
    }
    let names: Vec<_> =
        RULES.iter().map(|entry| entry.meta.name).chain(checks().map(|(_, check)| check.id)).collect();
    bail!("there is no rule and no check `{name}`: {}", suggestion(name, &names))
}

fn rule(entry: &Entry, page: Page) -> String {
    let meta = entry.meta;
    let mut text = format!(
        "{}\n\nBest practice {}: {}.\nChecks that {}.\n\nJudges: {}\nRuns: {}\n",
        meta.name,
        meta.practice,
        meta.title,
        meta.checks_that,
        meta.subjects.join(", "),
        meta.triggers.iter().map(|trigger| when(*trigger)).collect::<Vec<_>>().join(", ")
    );

    text += "\nChecks\n";
    for check in meta.checks {
        let Check { id, severity, title, remedy } = check;
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "  {id} ({severity}): {title}\n    {remedy}");
    }

    text += "\nParameters\n";
    let mut table = page.table(&["parameter", "default", "accepts", "meaning"], 1);
    for spec in entry.all_parameters() {
        let default = if spec.default.is_empty() { "(empty)" } else { spec.default };
        table.add_row([spec.name, default, &spec.accepts.to_string(), spec.description]);
    }
    text + &table.trim_fmt() + "\n"
}

fn check(entry: &Entry, check: &Check) -> String {
    let Check { id, severity, title, remedy } = check;
    let name = entry.meta.name;
    format!(
        "{id}\n\n{title}.\n\nSeverity: {severity}\nRule: {name} ({})\nRemedy: {remedy}\n\n\
         To waive it for one resource, tag that with\n  conformance-waiver = {id} until <YYYY-MM-DD> <reason>\n\
         To turn it off, add it to the parameter `disabledChecks`.\n",
        entry.meta.title
    )
}

fn when(trigger: Trigger) -> String {
    match trigger {
        Trigger::Change => "when one of these resources changes".to_owned(),
        Trigger::Related(resource_type) => format!("when a related {resource_type} changes"),
        Trigger::Periodic => "every 24 hours".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_listed_and_explained_with_its_checks_and_parameters() {
        for entry in RULES {
            let name = entry.meta.name;
            assert!(list(Page::default()).contains(name));
            let text = explain(name, Page::default()).unwrap();
            for check in entry.meta.checks {
                assert!(text.contains(&format!("{} ({})", check.id, check.severity)), "{text}");
                assert!(text.contains(check.remedy), "{text}");
            }
            for spec in entry.all_parameters() {
                assert!(text.contains(spec.name) && text.contains(spec.description), "{text}");
            }
        }
    }

    #[test]
    fn a_check_is_explained_with_its_rule() {
        let text = explain("mixed-stack", Page::default()).unwrap();
        assert!(text.contains("Rule: stack-per-resource-type"), "{text}");
        assert!(text.contains("conformance-waiver = mixed-stack until"), "{text}");
    }

    #[test]
    fn a_misspelt_name_is_answered_with_the_right_one() {
        let message = explain("mixed-stck", Page::default()).unwrap_err().to_string();
        assert_eq!(message, "there is no rule and no check `mixed-stck`: did you mean `mixed-stack`?");
    }
}

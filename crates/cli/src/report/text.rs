//! Results for people.

use std::collections::BTreeMap;
use std::fmt::Write;

use catalog::RULES;
use comfy_table::{CellAlignment, Color};
use config_rule::{Check, Compliance, Document};

use super::{Results, Row};
use crate::page::Page;

/// A table for each rule, then what to do, what was left open, and the counts.
pub(crate) fn text(results: &Results, problems: usize, page: Page) -> String {
    let mut text = String::new();
    for rule in results.rules() {
        text += &heading(rule);
        text += &table(results, rule, page);
        text.push('\n');
    }
    text += &remedies(results);
    text += &open_checks(results);
    text += &summary(results, problems, page);
    text
}

/// The rule and its best practice, if it is one of ours.
fn heading(rule: &str) -> String {
    let entry = RULES.iter().find(|entry| entry.meta.name == rule);
    entry.map_or_else(|| format!("{rule}\n"), |entry| format!("{rule}: {}\n", entry.meta.title))
}

/// One row for each resource, worst first. Columns that would say the same in each row are left out.
fn table(results: &Results, rule: &str, page: Page) -> String {
    let resources = || results.of_rule(rule).map(Row::resource);
    let has_several_types = differ(resources().map(|resource| &resource.resource_type));
    // Resources of IAM are of no Region, and so of no other one.
    let regions = resources().map(|resource| &resource.region);
    let has_several_places = differ(resources().map(|resource| &resource.account_id))
        || differ(regions.filter(|region| region.as_deref() != Some("global")));
    let mut header = vec!["verdict", "resource"];
    if has_several_types {
        header.push("type");
    }
    if has_several_places {
        header.push("account and Region");
    }
    header.push("reason");

    let mut table = page.table(&header, 1);
    for compliance in WORST_FIRST {
        for row in results.of_rule(rule).filter(|row| row.compliance() == compliance) {
            let resource = row.resource();
            let verdict = page.cell(compliance.as_str(), colour(compliance));
            let mut cells = vec![verdict, page.cell(short_id(resource), None)];
            if has_several_types {
                cells.push(page.cell(&resource.resource_type, None));
            }
            if has_several_places {
                cells.push(page.cell(&place(resource), None));
            }
            cells.push(page.cell(row.annotation().unwrap_or_default(), None));
            table.add_row(cells);
        }
    }
    table.trim_fmt() + "\n"
}

const WORST_FIRST: [Compliance; 3] =
    [Compliance::NonCompliant, Compliance::Compliant, Compliance::NotApplicable];

fn colour(compliance: Compliance) -> Option<Color> {
    match compliance {
        Compliance::NonCompliant => Some(Color::Red),
        Compliance::Compliant => Some(Color::Green),
        Compliance::NotApplicable => None,
    }
}

/// What tells the resource from others beside its type and place: of an ARN the end, of a stack's the name.
fn short_id(resource: &Document) -> &str {
    let id = resource.resource_id.as_str();
    let own = if id.starts_with("arn:") { id.splitn(6, ':').last().unwrap_or(id) } else { id };
    match own.strip_prefix("stack/") {
        Some(stack) if resource.resource_type == "AWS::CloudFormation::Stack" => {
            stack.split_once('/').map_or(stack, |(name, _)| name)
        }
        _ => own,
    }
}

fn place(resource: &Document) -> String {
    let part = |part: &Option<String>| part.clone().unwrap_or_else(|| "?".to_owned());
    format!("{} {}", part(&resource.account_id), part(&resource.region))
}

fn differ<T: PartialEq>(mut values: impl Iterator<Item = T>) -> bool {
    let first = values.next();
    values.any(|value| Some(value) != first)
}

/// Each check that found something, once, in the order of the catalogue.
fn remedies(results: &Results) -> String {
    let mut text = String::new();
    for (check, count) in checks().filter_map(|check| Some((check, results.found.get(check.id)?))) {
        let times = times(*count);
        let _ = writeln!(
            text,
            "  {} ({}, {times}): {}\n    {}",
            check.id, check.severity, check.title, check.remedy
        );
    }
    section("What to do", &text)
}

fn times(count: usize) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

/// Each check that lacked evidence, with what was missing and how often. A large account lacks the same of
/// thousands of things: of what differs in names only, one is shown.
fn open_checks(results: &Results) -> String {
    let mut kinds: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for ((check, missing), count) in &results.open {
        kinds.entry((check, without_names(missing))).or_default().push((missing, count));
    }
    let mut text = String::new();
    for ((check, _), alike) in &kinds {
        let Some(((first, _), others)) = alike.split_first() else { continue };
        let times = times(alike.iter().map(|(_, count)| **count).sum());
        let _ = write!(text, "  {check} ({times}): {first}");
        let _ = match others.len() {
            0 => writeln!(text),
            more => writeln!(text, " (and {more} more like it)"),
        };
    }
    section("Not decided", &text)
}

/// The text without what stands between backticks.
fn without_names(text: &str) -> String {
    text.split('`').step_by(2).collect::<Vec<_>>().join("`")
}

fn summary(results: &Results, problems: usize, page: Page) -> String {
    let mut header = vec!["rule"];
    header.extend(WORST_FIRST.map(Compliance::as_str));
    let mut table = page.table(&header, 1);
    for rule in results.rules() {
        table.add_row([rule.to_owned()].into_iter().chain(counts(results.of_rule(rule))));
    }
    table.add_row(["total".to_owned()].into_iter().chain(counts(results.rows())));
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }

    let mut text = table.trim_fmt() + "\n";
    match problems {
        0 => {}
        1 => text += "1 part of the input was left out: see the warnings\n",
        _ => {
            let _ = writeln!(text, "{problems} parts of the input were left out: see the warnings");
        }
    }
    text
}

/// How many resources have each verdict, worst first.
fn counts<'a>(rows: impl Iterator<Item = &'a Row>) -> [String; 3] {
    let mut counts = [0_usize; 3];
    for row in rows {
        for (count, verdict) in counts.iter_mut().zip(WORST_FIRST) {
            *count += usize::from(row.compliance() == verdict);
        }
    }
    counts.map(|count| count.to_string())
}

fn section(title: &str, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{title}\n{text}\n") }
}

fn checks() -> impl Iterator<Item = &'static Check> {
    RULES.iter().flat_map(|entry| entry.meta.checks.iter().copied())
}

#[cfg(test)]
mod tests {
    use config_rule::Report;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_worst_comes_first_with_its_annotation() {
        let text = piped(vec![
            report("a", Compliance::NotApplicable),
            report("b", Compliance::Compliant),
            Report {
                annotation: Some("timeout-too-long: slow".to_owned()),
                ..report("c", Compliance::NonCompliant)
            },
        ]);
        let verdicts = text.lines().skip(2).take(3).map(str::trim);
        let firsts: Vec<_> =
            verdicts.filter_map(|line| line.split_once(' ')).map(|(verdict, _)| verdict).collect();
        assert_eq!(firsts, ["NON_COMPLIANT", "COMPLIANT", "NOT_APPLICABLE"], "{text}");
        assert!(text.contains("timeout-too-long: slow"), "{text}");
    }

    #[test]
    fn the_remedy_of_a_check_stands_once_however_often_it_found_something() {
        let finding =
            json!({"check": "timeout-too-long", "severity": "medium", "seen": "", "wanted": "", "place": ""});
        let failed = |id| Report { findings: vec![finding.clone()], ..report(id, Compliance::NonCompliant) };
        let text = piped(vec![failed("a"), failed("b")]);
        let check = checks().find(|check| check.id == "timeout-too-long").unwrap();
        assert_eq!(text.matches(check.remedy).count(), 1, "{text}");
        assert!(text.contains("timeout-too-long (medium, 2 times)"), "{text}");
    }

    #[test]
    fn open_checks_are_grouped_by_what_was_missing() {
        let open = |missing: &str| json!({"check": "many-routes", "missing": missing});
        let text = piped(vec![
            Report { undecided: vec![open("x is absent")], ..report("a", Compliance::Compliant) },
            Report { undecided: vec![open("x is absent")], ..report("b", Compliance::Compliant) },
            Report { undecided: vec![open("x is null")], ..report("c", Compliance::Compliant) },
        ]);
        assert!(text.contains("Not decided\n  many-routes (2 times): x is absent\n"), "{text}");
        assert!(text.contains("  many-routes (once): x is null\n"), "{text}");
    }

    #[test]
    fn open_checks_that_differ_in_names_only_are_shown_once() {
        let open = |missing: &str| json!({"check": "stack-drifted", "missing": missing});
        let text = piped(vec![
            Report {
                undecided: vec![open("stack `a` is not recorded"), open("stack `b` is not recorded")],
                ..report("a", Compliance::Compliant)
            },
            Report {
                undecided: vec![open("stack `c` is not recorded")],
                ..report("b", Compliance::Compliant)
            },
            Report { undecided: vec![open("stack `c` is broken")], ..report("c", Compliance::Compliant) },
        ]);
        let lines = "Not decided\n  stack-drifted (once): stack `c` is broken\n  \
                     stack-drifted (3 times): stack `a` is not recorded (and 2 more like it)\n";
        assert!(text.contains(lines), "{text}");
    }

    #[test]
    fn nothing_to_do_and_nothing_open_are_not_mentioned() {
        let text = piped(vec![report("a", Compliance::Compliant)]);
        assert!(!text.contains("What to do") && !text.contains("Not decided"), "{text}");
    }

    #[test]
    fn each_rule_and_all_of_them_are_counted() {
        let text = piped(vec![
            report("a", Compliance::NonCompliant),
            report("b", Compliance::Compliant),
            Report { rule: "stack-per-resource-type".to_owned(), ..report("c", Compliance::NonCompliant) },
        ]);
        let counts = |name: &str| {
            let line = text.lines().rfind(|line| line.trim_start().starts_with(name)).unwrap();
            line.split_whitespace().skip(1).map(ToOwned::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(counts("lambda-small-single-purpose"), ["1", "1", "0"]);
        assert_eq!(counts("stack-per-resource-type"), ["1", "0", "0"]);
        assert_eq!(counts("total"), ["2", "1", "0"]);
    }

    #[test]
    fn problems_of_the_input_are_counted() {
        let results = Results::default();
        assert!(
            text(&results, 1, Page::default())
                .ends_with("1 part of the input was left out: see the warnings\n")
        );
        assert!(
            text(&results, 2, Page::default())
                .ends_with("2 parts of the input were left out: see the warnings\n")
        );
        assert!(!text(&results, 0, Page::default()).contains("left out"));
    }

    #[test]
    fn the_place_is_shown_only_if_there_are_several() {
        let one = report("a", Compliance::Compliant);
        let other = Report { region: Some("us-east-1".to_owned()), ..report("b", Compliance::Compliant) };
        assert!(!piped(vec![one.clone()]).contains("eu-west-1"));
        assert!(piped(vec![one, other]).contains("111122223333 us-east-1"));
    }

    #[test]
    fn what_is_of_no_region_is_not_elsewhere() {
        let global = Report { region: Some("global".to_owned()), ..report("role", Compliance::Compliant) };
        assert!(!piped(vec![report("a", Compliance::Compliant), global]).contains("eu-west-1"));
    }

    #[test]
    fn the_type_is_shown_only_if_there_are_several() {
        let one = report("a", Compliance::Compliant);
        let other =
            Report { resource_type: "AWS::IAM::Role".to_owned(), ..report("b", Compliance::Compliant) };
        assert!(!piped(vec![one.clone()]).contains("AWS::Lambda::Function"));
        assert!(piped(vec![one, other]).contains("AWS::Lambda::Function"));
    }

    #[test]
    fn a_stack_is_called_by_its_name_and_other_arns_by_their_end() {
        let id = |resource_type: &str, id: &str| {
            short_id(&Document::without_configuration(resource_type, id, "", "")).to_owned()
        };
        let stack = "arn:aws:cloudformation:eu-west-1:111122223333:stack/orders/5f9c0a10-0000";
        assert_eq!(id("AWS::CloudFormation::Stack", stack), "orders");
        let topic = "arn:aws:sns:eu-west-1:111122223333:orders";
        assert_eq!(id("AWS::SNS::Topic", topic), "orders");
        assert_eq!(id("AWS::Lambda::Function", "orders"), "orders");
    }

    #[test]
    fn a_pipe_gets_one_line_for_each_resource_and_no_colours() {
        let long = Report { annotation: Some("word ".repeat(50)), ..report("a", Compliance::NonCompliant) };
        let text = piped(vec![long]);
        let line = text.lines().find(|line| line.trim_start().starts_with("NON_COMPLIANT")).unwrap();
        assert!(line.trim_end().ends_with("word"), "{text}");
        assert!(!text.contains('\u{1b}'), "{text}");
    }

    #[test]
    fn an_id_cannot_move_the_readers_cursor() {
        let text = piped(vec![report("a\u{1b}[2Jb\nc", Compliance::Compliant)]);
        assert!(text.contains("a [2Jb c"), "{text}");
    }

    fn piped(reports: Vec<Report>) -> String {
        let mut results: Results = reports.into_iter().collect();
        results.sort();
        text(&results, 0, Page::default())
    }

    fn report(id: &str, compliance: Compliance) -> Report {
        Report {
            rule: "lambda-small-single-purpose".to_owned(),
            resource_type: "AWS::Lambda::Function".to_owned(),
            resource_id: id.to_owned(),
            account_id: Some("111122223333".to_owned()),
            region: Some("eu-west-1".to_owned()),
            compliance,
            annotation: None,
            findings: Vec::new(),
            undecided: Vec::new(),
            waived: Vec::new(),
        }
    }
}

//! What documents and workflows tell people and machines to do exists.

use std::collections::BTreeSet;
use std::fs;

use account_audited::TYPES_OF_THE_RULES;
use catalog::RULES;
use serde_json::Value;

use crate::workspace::{root, text};

const DOCUMENTS: [&str; 4] = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"];

#[test]
fn every_make_target_that_a_document_names_exists() {
    let targets = targets();
    for (path, page) in documents() {
        for named in code(&page).into_iter().flat_map(|code| make_targets(&code)) {
            assert!(targets.contains(&named), "{path} names `make {named}`, the Makefile has {targets:?}");
        }
    }
}

#[test]
fn every_file_that_a_document_links_to_exists() {
    for (path, page) in documents() {
        let folder = root().join(&path).parent().unwrap().to_owned();
        let links = page.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.starts_with("http") && !link.starts_with('#')) {
            let file = link.split('#').next().unwrap();
            assert!(folder.join(file).exists(), "{path} links to `{link}`, which does not exist");
        }
    }
}

#[test]
fn the_guide_names_the_types_that_the_recorder_has_to_record() {
    let guide = text("docs/deploying.md");
    let (_, list) = guide.split_once("```text\n").unwrap();
    let (list, _) = list.split_once("\n```").unwrap();
    let named: Vec<_> = list.lines().collect();
    assert_eq!(
        named, TYPES_OF_THE_RULES,
        "the list in docs/deploying.md (left), `TYPES_OF_THE_RULES` (right)"
    );
    for entry in RULES {
        for resource_type in entry.meta.change_types() {
            assert!(TYPES_OF_THE_RULES.contains(&resource_type), "{}: {resource_type}", entry.meta.name);
        }
    }
}

#[test]
fn workflows_call_only_make_targets_that_exist() {
    let targets = targets();
    let mut called = BTreeSet::new();
    for (path, workflow) in workflows() {
        for named in commands(&workflow).flat_map(make_targets) {
            assert!(targets.contains(&named), "{path} calls `make {named}`, the Makefile has {targets:?}");
            called.insert(named);
        }
    }
    assert!(called.contains("check"), "no workflow calls `make check`: {called:?}");
}

#[test]
fn an_action_is_pinned_by_its_commit_with_its_version_beside_it() {
    for (path, _) in workflows() {
        for line in text(&path).lines().filter(|line| line.contains("uses: ")) {
            let (_, action) = line.split_once('@').unwrap_or_else(|| panic!("{path}: {line}"));
            let (commit, version) = action.split_once(" # v").unwrap_or_else(|| panic!("{path}: {line}"));
            assert!(
                commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()),
                "{path}: {line}"
            );
            assert!(version.starts_with(|first: char| first.is_ascii_digit()), "{path}: {line}");
        }
    }
}

#[test]
fn a_job_has_an_end_and_no_more_permissions_than_it_names() {
    for (path, workflow) in workflows() {
        assert_eq!(workflow["permissions"], serde_json::json!({}), "{path}: jobs start with no permission");
        for (name, job) in workflow["jobs"].as_object().unwrap() {
            assert!(job["permissions"].is_object(), "{path}: `{name}` names no permissions");
            assert!(job["timeout-minutes"].is_u64(), "{path}: `{name}` may run for ever");
        }
    }
}

/// The documents for people, by path.
fn documents() -> Vec<(String, String)> {
    let names = DOCUMENTS.map(ToOwned::to_owned).into_iter().chain(files("docs", "md"));
    names.map(|path| (path.clone(), text(&path))).collect()
}

fn workflows() -> Vec<(String, Value)> {
    let workflows: Vec<_> = files(".github/workflows", "yml")
        .map(|path| {
            let workflow =
                serde_saphyr::from_str(&text(&path)).unwrap_or_else(|error| panic!("{path}: {error}"));
            (path, workflow)
        })
        .collect();
    assert!(!workflows.is_empty());
    workflows
}

fn commands(workflow: &Value) -> impl Iterator<Item = &str> {
    let jobs = workflow["jobs"].as_object().unwrap().values();
    jobs.flat_map(|job| job["steps"].as_array().unwrap()).filter_map(|step| step["run"].as_str())
}

fn files(folder: &'static str, extension: &'static str) -> impl Iterator<Item = String> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    entries.map(|entry| entry.unwrap().path()).filter_map(move |path| {
        let name = path.file_name()?.to_str()?;
        (path.extension()? == extension).then(|| format!("{folder}/{name}"))
    })
}

/// The targets of the Makefile that stand for a deed.
fn targets() -> BTreeSet<String> {
    let makefile = text("Makefile");
    let deeds = makefile.lines().filter_map(|line| line.strip_prefix(".PHONY:"));
    deeds.flat_map(str::split_whitespace).map(ToOwned::to_owned).collect()
}

/// What stands between backticks, and the lines of code blocks.
fn code(page: &str) -> Vec<String> {
    let mut code = Vec::new();
    let mut in_block = false;
    for line in page.lines() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        } else if in_block {
            code.push(line.to_owned());
        } else {
            code.extend(line.split('`').skip(1).step_by(2).map(ToOwned::to_owned));
        }
    }
    code
}

/// The first target of each call of `make` in a shell command.
fn make_targets(command: &str) -> Vec<String> {
    let words: Vec<_> = command.split_whitespace().collect();
    let calls = words.windows(2).filter(|pair| pair[0] == "make");
    let targets = calls.map(|pair| pair[1].trim_matches(|edge: char| !edge.is_ascii_alphanumeric()));
    targets
        .filter(|target| target.chars().all(|c| c.is_ascii_lowercase() || c == '-'))
        .map(ToOwned::to_owned)
        .collect()
}

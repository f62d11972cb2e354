//! Reads case files.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

/// One scenario.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) given: Value,
    #[serde(default)]
    pub(crate) inventory: Vec<Value>,
    #[serde(default)]
    pub(crate) recorder: Vec<String>,
    #[serde(default)]
    pub(crate) parameters: Value,
    #[serde(default = "any_day")]
    pub(crate) on: String,
    pub(crate) expect: Expectation,
}

/// What the rule must say.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expectation {
    pub(crate) compliance: String,
    pub(crate) annotation: Option<String>,
    #[serde(default)]
    pub(crate) findings: Vec<ExpectedFinding>,
    #[serde(default)]
    pub(crate) undecided: Vec<String>,
    #[serde(default)]
    pub(crate) waived: Vec<String>,
}

/// One finding; what is left out may be anything.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExpectedFinding {
    pub(crate) check: String,
    pub(crate) severity: Option<String>,
    pub(crate) seen: Option<String>,
    pub(crate) wanted: Option<String>,
    pub(crate) place: Option<String>,
}

/// The cases of one file, and what is wrong with it.
pub(crate) struct CaseFile {
    pub(crate) cases: Vec<Case>,
    pub(crate) problems: Vec<String>,
}

/// The day of cases whose verdict does not depend on it.
fn any_day() -> String {
    "2026-10-01".to_owned()
}

/// The case files of `folder`, sorted by name.
pub(crate) fn files_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

pub(crate) fn read(path: &Path) -> CaseFile {
    let mut file = CaseFile { cases: Vec::new(), problems: Vec::new() };
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            file.problems.push(format!("it cannot be read: {error}"));
            return file;
        }
    };
    let origin = text.lines().next().and_then(|line| line.strip_prefix('#'));
    if origin.is_none_or(|origin| origin.trim().is_empty()) {
        file.problems
            .push("expected a comment in the first line that says where the shape comes from".to_owned());
    }
    // By way of a value: the error of an untagged enum would not say which key of which case is wrong.
    let cases = match serde_saphyr::from_str(&text) {
        Ok(Value::Array(cases)) => cases,
        Ok(case) => vec![case],
        Err(error) => {
            file.problems.push(format!("it is no YAML: {error}"));
            return file;
        }
    };
    if cases.is_empty() {
        file.problems.push("expected at least one case, found none".to_owned());
    }
    for (index, case) in cases.into_iter().enumerate() {
        let name = case.get("name").and_then(Value::as_str).unwrap_or("without a name").to_owned();
        match serde_json::from_value(case) {
            Ok(case) => file.cases.push(case),
            Err(error) => file.problems.push(format!("case {} (\"{name}\"): {error}", index + 1)),
        }
    }
    file
}

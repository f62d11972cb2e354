//! The items of a run.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use config_rule::Timestamp;
use indicatif::{ProgressBar, ProgressStyle};
use local_aws_config::items::{self, ConfigurationItems, FILE_ENDINGS, ItemProblem, KeptOf};

use crate::arguments::InputArguments;
use crate::page::note;

/// What a run judges.
#[derive(Debug)]
pub(crate) struct Input {
    pub(crate) items: ConfigurationItems,
    /// How many problems the input had.
    pub(crate) problems: usize,
    /// When the run takes place.
    pub(crate) at: Timestamp,
}

/// More lines than this are for a file, not for a reader.
const SHOWN_PROBLEMS: usize = 20;

/// Reads the items of the types that are wanted, and lists what could not be read on standard error.
pub(crate) fn read(arguments: &InputArguments, kept_of: KeptOf<'_>) -> anyhow::Result<Input> {
    let progress = spinner();
    let paths = [arguments.paths.as_slice(), arguments.authorization_details.as_slice()].concat();
    let loaded = load(&paths, kept_of, &progress);
    progress.finish_and_clear();
    let loaded = loaded?;
    ensure!(0 < loaded.files, no_files(loaded.skipped_files));

    let problems = loaded.problems.len() + loaded.unlisted_problems;
    for line in problem_lines(&loaded.problems, problems) {
        note(&line);
    }
    let is_read = |path: &&PathBuf| loaded.authorization_details.contains(path);
    if let Some(other) = arguments.authorization_details.iter().find(|path| !is_read(path)) {
        bail!(
            "expected the output of `aws iam get-account-authorization-details` in `{}`, found something else",
            other.display()
        );
    }
    if loaded.items.is_empty() {
        let files = counted_files(loaded.files);
        ensure!(!is_nothing(&loaded), "nothing to judge: no configuration item could be read from {files}");
        note(&format!("warning: there are no configuration items in {files}"));
    }
    let at = arguments.at.or_else(|| loaded.items.recorded_at()).unwrap_or_else(Timestamp::now);
    Ok(Input { items: loaded.items, problems, at })
}

/// A folder that holds nothing to read is most likely not the one that was meant: a green run would say otherwise.
fn no_files(skipped: usize) -> String {
    let endings = FILE_ENDINGS.map(|ending| format!("`{ending}`"));
    let [others @ .., last] = &endings;
    let names = format!("{} or {last}", others.join(", "));
    let skipped = match skipped {
        0 => String::new(),
        1 => "; 1 file has another name".to_owned(),
        _ => format!("; {} have other names", counted_files(skipped)),
    };
    format!(
        "nothing to judge: expected files whose names end in {names} and do not start with a dot, found none{skipped}"
    )
}

fn counted_files(count: usize) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}

/// Whether nothing could be read. An empty snapshot is judged at once, and so is what AWS Config says of its own set-up.
fn is_nothing(loaded: &items::Loaded) -> bool {
    !loaded.problems.is_empty() && loaded.items.scopes().is_empty()
}

/// Something that turns while work goes on, on a terminal.
pub(crate) fn spinner() -> ProgressBar {
    let spinner = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
        spinner.set_style(style);
    }
    spinner.enable_steady_tick(Duration::from_millis(100));
    spinner
}

fn load(paths: &[PathBuf], kept_of: KeptOf<'_>, progress: &ProgressBar) -> anyhow::Result<items::Loaded> {
    let mut report = |path: &Path, count: usize| {
        progress.set_message(format!("{count} items, reading {}", path.display()));
    };
    items::load_wanted(paths, kept_of, &mut report).context("cannot read the configuration items")
}

/// The first of `count` problems, of which the others need not be listed.
fn problem_lines(problems: &[ItemProblem], count: usize) -> Vec<String> {
    let shown = problems.iter().take(SHOWN_PROBLEMS).map(|problem| format!("warning: {problem}"));
    let more = count.saturating_sub(SHOWN_PROBLEMS);
    let rest = (0 < more).then(|| format!("warning: {more} more problems in the input"));
    shown.chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use clap::Parser as _;
    use serde_json::json;

    use super::*;
    use crate::arguments::{Arguments, Command};

    #[test]
    fn twenty_problems_are_listed_and_the_others_counted() {
        assert_eq!(problem_lines(&problems(20), 20).len(), 20);
        let lines = problem_lines(&problems(21), 22);
        assert_eq!(lines.len(), 21);
        assert_eq!(lines[0], "warning: a.json: item 0: expected an object, found text");
        assert_eq!(lines[20], "warning: 2 more problems in the input");
    }

    #[test]
    fn an_answer_that_cannot_be_placed_leaves_the_others_to_be_judged() {
        let rule = |region: &str| {
            let arn = format!("arn:aws:config:{region}:111122223333:config-rule/x");
            json!({"ConfigRules": [{"ConfigRuleName": "x", "ConfigRuleArn": arn}]})
        };
        let channels = || json!({"DeliveryChannels": [{"name": "default"}]});
        for (files, is_judged) in [
            (vec![rule("eu-west-1"), rule("us-east-1"), channels()], true),
            (vec![channels()], false),
            (vec![json!({"ConfigRules": {}})], false),
            (vec![json!({"configurationItems": []})], true),
        ] {
            let folder = tempfile::tempdir().unwrap();
            for (number, file) in files.iter().enumerate() {
                fs::write(folder.path().join(format!("{number}.json")), file.to_string()).unwrap();
            }
            let loaded = items::load(&[folder.path().to_owned()], &mut |_, _| {}).unwrap();
            assert_eq!(!is_nothing(&loaded), is_judged, "{files:?}: {:?}", loaded.problems);
        }
    }

    #[test]
    fn a_folder_without_files_to_read_is_an_error_and_an_empty_snapshot_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let none = "nothing to judge: expected files whose names end in `.json`, `.gz`, `.jsonl` or `.ndjson` and do not \
                    start with a dot, found none";
        let read = || read(&arguments(folder.path()), &|_| None).map(|input| input.problems);
        let error = || read().map_err(|error| error.to_string());
        assert_eq!(error(), Err(none.to_owned()));
        fs::write(folder.path().join("snapshot.txt"), "{}").unwrap();
        assert_eq!(error(), Err(format!("{none}; 1 file has another name")));
        fs::write(folder.path().join(".items.json"), "{}").unwrap();
        assert_eq!(error(), Err(format!("{none}; 2 files have other names")));
        fs::write(folder.path().join("snapshot.json"), r#"{"configurationItems": []}"#).unwrap();
        assert_eq!(error(), Ok(0));
    }

    fn arguments(path: &Path) -> InputArguments {
        let arguments = ["serverless-conformance".as_ref(), "check".as_ref(), path.as_os_str()];
        match Arguments::parse_from(arguments).command {
            Command::Check(check) => check.input,
            other => panic!("{other:?}"),
        }
    }

    fn problems(count: usize) -> Vec<ItemProblem> {
        let problem = |index| ItemProblem {
            path: "a.json".into(),
            place: format!("item {index}"),
            reason: "expected an object, found text".to_owned(),
        };
        (0..count).map(problem).collect()
    }
}

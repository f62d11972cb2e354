//! Runs `serverless-conformance` as its user does.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::workspace::{binaries, root};

/// The command with its working folder at the root, where it finds the pack.
pub(crate) fn serverless_conformance<I: AsRef<std::ffi::OsStr>>(
    arguments: impl IntoIterator<Item = I>,
) -> Command {
    let mut command = Command::new(binaries().join("serverless-conformance"));
    command.args(arguments).current_dir(root()).env("NO_COLOR", "1");
    command
}

/// What `check` or `run` reports as JSON, and its exit status.
pub(crate) fn reports(verb: &str, items: &Path, more: &[&str]) -> (Vec<Value>, i32) {
    let items = items.to_str().expect("tests use plain paths");
    let arguments = [&[verb, "--format", "json", items], more].concat();
    let output = serverless_conformance(arguments).output().expect("the binary was just built");
    let reports = serde_json::from_slice(&output.stdout);
    let reports = reports.unwrap_or_else(|error| panic!("{verb}: {error}\n{}", told(&output)));
    (reports, output.status.code().expect("no signal ended it"))
}

/// Everything that a program said.
pub(crate) fn told(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

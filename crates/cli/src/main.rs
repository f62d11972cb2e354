//! Judges AWS resources by the serverless best practices, without an AWS account.

mod arguments;
mod check;
mod cost;
mod explain;
mod input;
mod nearest;
mod page;
mod plan;
mod report;
mod run;
mod serve;
mod signals;

use std::mem::ManuallyDrop;
use std::process::ExitCode;

use anyhow::bail;
use clap::Parser;
use config_rule::Kept;
use local_aws_config::pack::Pack;
use mimalloc::MiMalloc;

use crate::arguments::{Arguments, CheckArguments, Command, Format, OutputArguments, RunArguments};
use crate::input::Input;
use crate::page::{Page, note, print};
use crate::report::Results;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Something is `NON_COMPLIANT`.
const NON_COMPLIANT: u8 = 1;
/// The run could not be done; also what a wrong command line exits with.
const NOT_DONE: u8 = 2;

fn main() -> ExitCode {
    match obeyed(&Arguments::parse().command) {
        Ok(status) => status,
        Err(error) => {
            note(&format!("error: {error:#}"));
            ExitCode::from(NOT_DONE)
        }
    }
}

fn obeyed(command: &Command) -> anyhow::Result<ExitCode> {
    let page = Page::of_standard_output();
    match command {
        Command::Check(CheckArguments { input, output }) => {
            let pack = plan::pack(input)?;
            note_skipped(&pack);
            note_foreign(&pack);
            let input = input::read(input, &|resource_type| check::kept(&pack, resource_type))?;
            // The program ends with this. The system takes its memory back at once; giving it back item by item takes as
            // long as judging.
            let input = ManuallyDrop::new(input);
            shown(check::results(&pack, &input)?, &input, output, page)
        }
        Command::Run(RunArguments { input, functions, output }) => {
            let pack = plan::pack(input)?;
            note_skipped(&pack);
            let mut input = input::read(input, &|_| Some(&Kept::Whole))?;
            let results = run::results(pack, &mut input, functions)?;
            shown(results, &input, output, page)
        }
        Command::Serve(arguments) => {
            serve::serve(arguments, page)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Cost(arguments) => {
            print(&cost::written(arguments, page)?)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Rules { name: None } => {
            print(&explain::list(page))?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Rules { name: Some(name) } => {
            print(&explain::explain(name, page)?)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Writes the results; the exit status says what they are.
fn shown(results: Results, input: &Input, output: &OutputArguments, page: Page) -> anyhow::Result<ExitCode> {
    // As for the input.
    let mut results = ManuallyDrop::new(results);
    results.sort();
    match output.format {
        Format::Text => print(&report::text::text(&results, input.problems, page))?,
        Format::Json => page::write(|out| results.write_json(out))?,
    }
    if !results.failures.is_empty() {
        bail!("not everything could be judged:\n  {}", first_of(&results.failures).join("\n  "));
    }
    let judges = !output.exit_zero;
    Ok(if judges && results.has_non_compliant() { ExitCode::from(NON_COMPLIANT) } else { ExitCode::SUCCESS })
}

/// As many as a reader wants to see: what fails for one resource often fails for all.
fn first_of(failures: &[String]) -> Vec<String> {
    const SHOWN: usize = 8;
    let mut first: Vec<_> = failures.iter().take(SHOWN).cloned().collect();
    if SHOWN < failures.len() {
        first.push(format!("… and {} more", failures.len() - SHOWN));
    }
    first
}

/// Resources of the pack that nobody can run without AWS.
fn note_skipped(pack: &Pack) {
    for (logical_id, reason) in &pack.skipped {
        note(&format!("note: `{logical_id}` of the pack does not run here: {reason}"));
    }
}

/// Rules whose functions are somebody else's: `run` can invoke them, `check` does not know what they decide.
fn note_foreign(pack: &Pack) {
    for rule in pack.rules.iter().filter(|rule| plan::entry(rule).is_none()) {
        let (name, function) = (&rule.name, &rule.function);
        note(&format!(
            "note: rule `{name}` is not judged: its function `{function}` is not built in; use `run`"
        ));
    }
}

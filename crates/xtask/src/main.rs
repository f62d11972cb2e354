//! What the workspace does to itself: `cargo xtask generate`, `cargo xtask new-rule`, `cargo xtask refresh-data`.

mod central_pack;
mod generate;
mod known_names;
mod naming;
mod new_rule;
mod pack;
mod refresh_data;
mod yaml;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Keeps the files that machines read in step with the rules, starts new rules, and renews data of AWS.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Writes the conformance pack and the list of known names.
    Generate {
        /// Writes nothing; exits with status 1 and names each file that is out of date.
        #[arg(long)]
        check: bool,
    },
    /// Starts a rule: its folder, its line in the catalogue, its block in the template.
    NewRule {
        /// Kebab-case, at most 37 characters, a healthy condition: `queue-visibility-covers-timeout`.
        name: String,
    },
    /// Writes the data of AWS again that rules are compiled with, and says what is different.
    RefreshData(refresh_data::Arguments),
}

fn main() -> ExitCode {
    match run(&Arguments::parse().task) {
        Ok(status) => status,
        Err(error) => {
            // Nothing is left to tell the user with if even standard error is closed.
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(task: &Task) -> anyhow::Result<ExitCode> {
    let root = root();
    let mut out = io::stdout().lock();
    match task {
        Task::Generate { check: true } => {
            let stale = generate::stale(&root);
            for path in &stale {
                writeln!(io::stderr(), "{} is out of date: run `make generate`", path.display())?;
            }
            Ok(if stale.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Task::Generate { check: false } => {
            for path in generate::write(&root)? {
                writeln!(out, "wrote {}", path.display())?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Task::NewRule { name } => {
            new_rule::start(&root, name)?;
            write!(out, "{}", new_rule::next_steps(name))?;
            Ok(ExitCode::SUCCESS)
        }
        Task::RefreshData(arguments) => {
            refresh_data::run(&root, arguments, &mut out)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The workspace's folder.
fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

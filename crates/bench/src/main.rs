//! Measures what is deployed, and the command.
//!
//! Figures are of this machine, in one run, and to be compared with each other: a function that does nothing
//! (`bare-function`) is the limit for the rules' functions, mere parsing for the command.

mod account;
mod functions;
mod offline;
mod parse;
mod process;
mod samples;
mod share;
mod snapshot;
mod table;

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(about = "Measures the functions and the command")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// What the functions cost: starts, events, memory, size
    Functions(functions::FunctionArguments),
    /// How fast `check` is, compared with mere parsing
    Offline(offline::OfflineArguments),
    /// Write a snapshot of many items
    Snapshot {
        /// Where to
        file: PathBuf,
        /// Number of configuration items
        #[arg(long)]
        items: usize,
        /// Configuration items to multiply
        #[arg(long, default_value = "tests/data/sample-account")]
        account: PathBuf,
    },
    /// Parse a snapshot and do nothing with it
    Parse(parse::ParseArguments),
}

fn main() -> anyhow::Result<()> {
    let text = match Arguments::parse().command {
        Command::Functions(arguments) => functions::measure(&arguments)?,
        Command::Offline(arguments) => offline::measure(&arguments)?,
        Command::Snapshot { file, items, account } => {
            snapshot::write(&account, items, &file)?;
            String::new()
        }
        Command::Parse(arguments) => parse::parse(&arguments)?,
    };
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(())
}

/// Says on standard error what is being done.
fn note(text: &str) {
    // Nobody has to read it.
    let _ = writeln!(io::stderr(), "==> {text}");
}

//! Looks for input that breaks something, for as long as it is told.

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use anyhow::ensure;
use clap::Parser;
use conformance_fuzz::{TARGETS, Target, run};

/// Gives hostile input to everything that reads somebody else's words. What breaks something is kept in the corpus, and
/// from then on tried by the tests.
#[derive(Debug, Parser)]
struct Arguments {
    /// How long each target is tried.
    #[arg(long, value_name = "SECONDS", default_value_t = 15)]
    seconds: u64,
    /// Only these targets.
    targets: Vec<String>,
}

fn main() -> anyhow::Result<ExitCode> {
    let Arguments { seconds, targets } = Arguments::parse();
    let known = || TARGETS.iter().map(|target| target.name);
    for name in &targets {
        let names: Vec<_> = known().collect();
        ensure!(
            known().any(|known| known == name),
            "expected a target of {}, found `{name}`",
            names.join(", ")
        );
    }
    // What broke is told once, in the end, and not for each step on the way to the smallest input.
    std::panic::set_hook(Box::new(|_| {}));
    // Every run looks elsewhere; what it finds is kept as bytes.
    let stream = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_nanos().to_le_bytes();
    let stream = u64::from_le_bytes(stream[..8].try_into()?);
    let mut out = io::stdout();
    let mut is_sound = true;
    for target in
        TARGETS.iter().filter(|target| targets.is_empty() || targets.iter().any(|name| name == target.name))
    {
        match tried(*target, Duration::from_secs(seconds), stream) {
            Ok(inputs) => writeln!(out, "{}: {inputs} inputs in {seconds} s, none broke it", target.name)?,
            Err(broken) => {
                is_sound = false;
                let path = run::keep(*target, &broken.input);
                writeln!(out, "{}: BROKEN by {}: {}", target.name, path.display(), broken.reason)?;
            }
        }
    }
    Ok(if is_sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn tried(target: Target, time: Duration, stream: u64) -> Result<u64, run::Broken> {
    run::unedited(target)?;
    run::for_a_time(target, time, stream)
}

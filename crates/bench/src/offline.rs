//! How fast `check` is, compared with mere parsing of the same file.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use crate::samples::Samples;
use crate::table::{empty, megabytes, number};
use crate::{note, process, snapshot};

/// The least speed of `check` on one core, as a part of that of parsing into values.
const MIN_SPEED: f64 = 0.6;
/// The most that an item may cost in the largest snapshot, as a multiple of what one costs in the smallest.
const MAX_GROWTH: f64 = 1.3;

/// How often memory is looked at.
const LOOK: Duration = Duration::from_millis(5);

#[derive(Debug, clap::Args)]
pub(crate) struct OfflineArguments {
    /// The command `serverless-conformance`
    #[arg(long, default_value = "target/release/serverless-conformance")]
    command: PathBuf,
    /// Numbers of configuration items, smallest first
    #[arg(long, num_args = 1.., default_values_t = [10_000, 100_000, 1_000_000])]
    items: Vec<usize>,
    /// Runs per figure; the quickest counts, which other programs disturbed least
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Folder for the snapshots, which are kept
    #[arg(long, default_value = "target/bench")]
    snapshots: PathBuf,
    /// Configuration items to multiply
    #[arg(long, default_value = "tests/data/sample-account")]
    account: PathBuf,
}

/// What is run over a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Task {
    ParseIntoNothing,
    ParseIntoValues,
    CheckOnOneCore,
    Check,
}

impl Task {
    const ALL: [Self; 4] = [Self::ParseIntoNothing, Self::ParseIntoValues, Self::CheckOnOneCore, Self::Check];

    fn name(self) -> &'static str {
        match self {
            Self::ParseIntoNothing => "serde_json, into nothing",
            Self::ParseIntoValues => "serde_json, into values",
            Self::CheckOnOneCore => "check, one core",
            Self::Check => "check, all cores",
        }
    }

    fn command(self, check: &Path, file: &Path) -> anyhow::Result<Command> {
        let checked = |mut command: Command| {
            command.arg("check").arg(file).arg("--exit-zero");
            command
        };
        let parsed = |into: &str| {
            let mut command = Command::new(std::env::current_exe()?);
            command.args(["parse", "--into", into]).arg(file);
            anyhow::Ok(command)
        };
        match self {
            Self::ParseIntoNothing => parsed("nothing"),
            Self::ParseIntoValues => parsed("value"),
            Self::CheckOnOneCore => {
                let mut command = Command::new("taskset");
                command.args(["--cpu-list", "0"]).arg(check);
                Ok(checked(command))
            }
            Self::Check => Ok(checked(Command::new(check))),
        }
    }
}

/// The figures of one task over one snapshot.
#[derive(Debug, Default)]
struct Measured {
    seconds: Samples,
    /// In bytes.
    peak_memory: u64,
}

/// One snapshot, and the figures of all tasks in their order.
#[derive(Debug)]
struct Row {
    items: usize,
    bytes: u64,
    measured: Vec<(Task, Measured)>,
}

/// Measures everything in turn and prints the tables.
pub(crate) fn measure(arguments: &OfflineArguments) -> anyhow::Result<String> {
    let check = arguments.command.canonicalize().with_context(|| {
        format!(
            "expected the command at `{}`, found none; `make bench` builds it",
            arguments.command.display()
        )
    })?;
    fs::create_dir_all(&arguments.snapshots)?;
    let has_taskset = Command::new("taskset").arg("--version").stdout(Stdio::null()).status().is_ok();
    let tasks: Vec<_> =
        Task::ALL.into_iter().filter(|task| has_taskset || *task != Task::CheckOnOneCore).collect();

    let mut rows = Vec::new();
    for &items in &arguments.items {
        let file = arguments.snapshots.join(format!("snapshot-{items}.json"));
        note(&format!("writing a snapshot of {items} items to `{}`", file.display()));
        snapshot::write(&arguments.account, items, &file)?;
        let mut measured: Vec<_> = tasks.iter().map(|task| (*task, Measured::default())).collect();
        for run in 1..=arguments.runs {
            for (task, measured) in &mut measured {
                note(&format!("{}, {items} items, run {run} of {}", task.name(), arguments.runs));
                measured.run(task.command(&check, &file)?).with_context(|| task.name())?;
            }
        }
        rows.push(Row { items, bytes: fs::metadata(&file)?.len(), measured });
    }
    Ok(text(&rows, arguments.runs))
}

impl Measured {
    fn run(&mut self, mut command: Command) -> anyhow::Result<()> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let start = Instant::now();
        let mut child = command.spawn()?;
        let status = loop {
            // A process that has ended has no memory, so the last look is up to `LOOK` before its end.
            self.peak_memory = self.peak_memory.max(process::peak_memory(child.id()).unwrap_or_default());
            if let Some(status) = child.try_wait()? {
                break status;
            }
            thread::sleep(LOOK);
        };
        self.seconds.push(start.elapsed().as_secs_f64());
        ensure!(status.success(), "{command:?} ended with {status}");
        Ok(())
    }
}

impl Row {
    fn seconds(&self, task: Task) -> f64 {
        let found = self.measured.iter().find(|(other, _)| *other == task);
        found.map_or(f64::NAN, |(_, measured)| measured.seconds.min())
    }

    #[expect(clippy::cast_precision_loss, reason = "numbers of items are exact")]
    fn microseconds_per_item(&self, task: Task) -> f64 {
        self.seconds(task) * 1e6 / self.items as f64
    }
}

#[expect(clippy::cast_precision_loss, reason = "speeds are shown with two decimals")]
fn text(rows: &[Row], runs: usize) -> String {
    let header = ["items", "MB", "task", "seconds", "items/s", "MB/s", "× into values", "memory MB"];
    let mut table = empty(&header);
    for row in rows {
        for (task, measured) in &row.measured {
            let seconds = row.seconds(*task);
            table.add_row([
                row.items.to_string(),
                megabytes(row.bytes),
                task.name().to_owned(),
                number(seconds, 2),
                number(row.items as f64 / seconds, 0),
                number(row.bytes as f64 / 1e6 / seconds, 0),
                number(row.seconds(Task::ParseIntoValues) / seconds, 2),
                megabytes(measured.peak_memory),
            ]);
        }
    }
    let mut text = format!(
        "Offline: the quickest of {runs} runs each; speed × into values: 1 is that of parsing.\n\n{table}\n\n"
    );
    for (row, next) in rows.iter().zip(rows.iter().skip(1)) {
        let growth = next.microseconds_per_item(Task::Check) / row.microseconds_per_item(Task::Check);
        let _ = writeln!(
            text,
            "- from {} to {} items: {} × the time per item (target {MAX_GROWTH})",
            row.items,
            next.items,
            number(growth, 2)
        );
    }
    for row in rows {
        let speed = row.seconds(Task::ParseIntoValues) / row.seconds(Task::CheckOnOneCore);
        let _ = writeln!(
            text,
            "- {} items: {} of the speed of parsing on one core (target {MIN_SPEED})",
            row.items,
            number(speed, 2)
        );
    }
    text
}

//! The figures as tables in Markdown, and what is short of the targets.

use std::fmt::Write;
use std::time::Duration;

use catalog::RULES;

use super::measured::{Connection, Measured};
use super::{FunctionArguments, Subject, python};
use crate::samples::Samples;
use crate::table::{empty, megabytes, number};

/// The most that a function's start may cost, as a multiple of the bare function's: of a rule that looks at nothing
/// but its item, and of every other.
const MAX_COLD_RATIO: [f64; 2] = [1.4, 1.6];
const MAX_FIRST_HTTP_MS: f64 = 2.0;
const MAX_FIRST_HTTPS_MS: f64 = 10.0;
/// Beyond what AWS takes to answer.
const MAX_WARM_MS: f64 = 0.6;
/// Of a rule that looks at policies, and so at the table of all actions, and of every other.
const MAX_MEMORY_MB: [f64; 2] = [10.0, 8.0];
const MAX_ZIP_MB: f64 = 2.5;

/// All of it; the first of the subjects is the bare function.
pub(crate) fn text(subjects: &[Subject], round_trip: Duration, arguments: &FunctionArguments) -> String {
    let round_trip = round_trip.as_secs_f64() * 1e3;
    let bare = subjects.first().map_or(f64::NAN, |bare| bare.measured.cold_start.median());
    let mut text = format!(
        "Starting: {} fresh processes each; milliseconds, as median (least–most).\n\n{}\n\n",
        arguments.processes,
        starts(subjects, bare)
    );
    if subjects.iter().any(|subject| subject.measured.is_calculated) {
        text += "This machine does not let a process be held back (it takes a writable control group for `cpu`): what \
                 stands under 29 % and 7 % of a CPU is calculated from the CPU time of the whole CPU.\n\n";
    }
    let _ = write!(
        text,
        "Running: {} events each, of 12 in 20 as recorded, the others of 16 KB to 250 KB. AWS: what its answers take, \
         {} ms a call on this machine; CPU: of the function, on average; backlog: as many events that were all sent \
         before the first of them was answered; memory: its peak.\n\n{}\n\n",
        arguments.events,
        number(round_trip, 3),
        runs(subjects, arguments.events, round_trip)
    );
    if !arguments.python.exists() {
        let _ = writeln!(text, "{}: not installed (`make bench-rdklib`).\n", python::NAME);
    }
    text + &shortfalls(subjects, bare, arguments.events, round_trip)
}

fn starts(subjects: &[Subject], bare: f64) -> String {
    let header = [
        "program",
        "cold start",
        "× bare",
        "CPU time of it",
        "first event",
        "over HTTPS",
        "CPU time of it",
        "at 29 % of a CPU",
        "at 7 % of a CPU",
    ];
    let mut table = empty(&header);
    for Subject { program, measured, .. } in subjects {
        let first = |connection| measured.first.get(&connection).map_or_else(String::new, spread);
        table.add_row([
            program.name.clone(),
            spread(&measured.cold_start),
            number(measured.cold_start.median() / bare, 2),
            spread(&measured.cold_cpu),
            first(Connection::Http),
            first(Connection::Https),
            spread(&measured.first_cpu),
            first(Connection::HttpsWithin(29)),
            first(Connection::HttpsWithin(7)),
        ]);
    }
    table.to_string()
}

fn runs(subjects: &[Subject], events: usize, round_trip: f64) -> String {
    let header = [
        "program",
        "p50 ms",
        "p99 ms",
        "AWS ms",
        "CPU ms",
        "backlog p50 ms",
        "backlog calls per event",
        "memory MB",
        "binary MB",
        "zip MB",
        "calls per event",
    ];
    let mut table = empty(&header);
    for Subject { program, measured, .. } in subjects {
        let is_binary = program.name != python::NAME;
        let of_file = |bytes| if is_binary { megabytes(bytes) } else { "–".to_owned() };
        table.add_row([
            program.name.clone(),
            number(measured.warm.median(), 2),
            number(measured.warm.quantile(99, 100), 2),
            number(answering(measured, events, round_trip), 2),
            number(
                measured.warm_cpu.map_or(f64::NAN, |cpu| cpu.as_secs_f64() * 1e3 / float(events as u64)),
                2,
            ),
            number(measured.backlog.median(), 2),
            number(float(measured.backlog_calls) / float(events as u64), 2),
            measured.peak_memory.map_or_else(|| "–".to_owned(), megabytes),
            of_file(measured.binary_bytes),
            of_file(measured.zip_bytes),
            calls(measured, events),
        ]);
    }
    table.to_string()
}

/// What AWS takes to answer the calls of one event: `round_trip` in milliseconds for each.
fn answering(measured: &Measured, events: usize, round_trip: f64) -> f64 {
    float(measured.calls.values().sum()) / float(events as u64) * round_trip
}

fn calls(measured: &Measured, events: usize) -> String {
    let per_event = |count: u64| number(float(count) / float(events as u64), 2);
    let each = measured.calls.iter().map(|(operation, count)| format!("{operation} {}", per_event(*count)));
    each.collect::<Vec<_>>().join(", ")
}

/// Every figure of a rule that is beyond its target.
fn shortfalls(subjects: &[Subject], bare: f64, events: usize, round_trip: f64) -> String {
    let mut missed = String::new();
    for Subject { program, measured, .. } in subjects {
        let Some(entry) = RULES.iter().find(|entry| entry.meta.name == program.name) else { continue };
        let reads_policies = entry.meta.actions.iter().any(|action| action.starts_with("iam:"));
        let first = |connection| measured.first.get(&connection).map_or(f64::NAN, Samples::median);
        let of = |least: [f64; 2], is_first: bool| if is_first { least[0] } else { least[1] };
        let figures = [
            (
                "cold start × bare",
                measured.cold_start.median() / bare,
                of(MAX_COLD_RATIO, entry.meta.actions.is_empty()),
            ),
            ("first event over HTTP, ms", first(Connection::Http), MAX_FIRST_HTTP_MS),
            ("first event over HTTPS, ms", first(Connection::Https), MAX_FIRST_HTTPS_MS),
            (
                "p50 without AWS, ms",
                measured.warm.median() - answering(measured, events, round_trip),
                MAX_WARM_MS,
            ),
            (
                "memory, MB",
                measured.peak_memory.map_or(f64::NAN, |bytes| float(bytes) / 1e6),
                of(MAX_MEMORY_MB, reads_policies),
            ),
            ("zip, MB", float(measured.zip_bytes) / 1e6, MAX_ZIP_MB),
        ];
        for (what, found, target) in figures {
            if target < found {
                let _ =
                    writeln!(missed, "- {}: {what}: {} (target {target})", program.name, number(found, 2));
            }
        }
    }
    if missed.is_empty() {
        "All targets are reached.\n".to_owned()
    } else {
        format!("Beyond the targets:\n\n{missed}")
    }
}

fn spread(samples: &Samples) -> String {
    let decimals = usize::from(samples.median() < 100.0);
    let [least, median, most] =
        [samples.min(), samples.median(), samples.max()].map(|measured| number(measured, decimals));
    format!("{median} ({least}–{most})")
}

#[expect(clippy::cast_precision_loss, reason = "counts and sizes are small enough to be exact")]
fn float(count: u64) -> f64 {
    count as f64
}

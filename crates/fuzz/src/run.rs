//! Gives a target input after input.

use std::fs;
use std::path::PathBuf;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use crate::edits::{Edit, edit, edited};
use crate::{Target, seeds};

/// No input may take longer, however it is built: 10 seconds, in an unoptimized program on a busy machine.
const LONGEST: Duration = Duration::from_secs(10);

/// How many edits one input has at most.
const MOST_EDITS: usize = 6;

/// What broke a promise.
#[derive(Debug)]
pub struct Broken {
    /// As small as it could be made.
    pub input: Vec<u8>,
    /// What the target said.
    pub reason: String,
}

/// Gives the target each of its seeds, and everything that was kept, as it is.
///
/// # Errors
///
/// The first that breaks it.
pub fn unedited(target: Target) -> Result<usize, Broken> {
    let seeds = all_seeds(target);
    let watch = Watch::start(target);
    for seed in &seeds {
        watch
            .tried(target, seed)
            .map_err(|reason| Broken { input: seed.clone(), reason: reason.to_string() })?;
    }
    Ok(seeds.len())
}

/// Gives the target `cases` edited inputs, the same whenever `stream` is the same.
///
/// # Errors
///
/// The first that breaks it, made as small as it can be.
pub fn edited_inputs(target: Target, cases: u32, stream: u64) -> Result<(), Broken> {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut seed = [0; 32];
    seed.iter_mut().zip(stream.to_le_bytes()).for_each(|(byte, of_stream)| *byte = of_stream);
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let seeds = all_seeds(target);
    let input = |(seed, edits): &(Index, Vec<Edit>)| edited(seed.get::<Vec<u8>>(&seeds), edits, &seeds);
    let watch = Watch::start(target);
    let tried = runner
        .run(&(any::<Index>(), vec(edit(), 1..=MOST_EDITS)), |edits| watch.tried(target, &input(&edits)));
    match tried {
        Ok(()) => Ok(()),
        Err(TestError::Fail(reason, edits)) => {
            Err(Broken { input: input(&edits), reason: reason.to_string() })
        }
        Err(TestError::Abort(reason)) => panic!("no input could be made: {reason}"),
    }
}

/// Edits on for `time`, and tells how many inputs that were.
///
/// # Errors
///
/// As [`edited_inputs`].
pub fn for_a_time(target: Target, time: Duration, stream: u64) -> Result<u64, Broken> {
    const AT_ONCE: u32 = 64;
    let (start, mut rounds) = (Instant::now(), 0);
    while start.elapsed() < time {
        edited_inputs(target, AT_ONCE, stream.wrapping_add(rounds))?;
        rounds += 1;
    }
    Ok(rounds * u64::from(AT_ONCE))
}

fn all_seeds(target: Target) -> Vec<Vec<u8>> {
    let kept = seeds::kept(target.name).into_iter().map(|(_, input)| input);
    (target.seeds)().into_iter().chain(kept).collect()
}

/// Ends the program if an input takes too long, for nothing else could.
struct Watch {
    inputs: Sender<Option<Vec<u8>>>,
}

impl Watch {
    fn start(target: Target) -> Self {
        let (inputs, tried) = mpsc::channel::<Option<Vec<u8>>>();
        thread::spawn(move || {
            let mut current = None;
            loop {
                match tried.recv_timeout(LONGEST) {
                    Ok(input) => current = input,
                    Err(RecvTimeoutError::Timeout) => {
                        if let Some(input) = &current {
                            let path = keep(target, input);
                            say(&format!(
                                "{}: {} takes longer than {LONGEST:?}",
                                target.name,
                                path.display()
                            ));
                            std::process::exit(1);
                        }
                    }
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            }
        });
        Self { inputs }
    }

    fn tried(&self, target: Target, input: &[u8]) -> Result<(), TestCaseError> {
        // The watch goes on as long as this sends, and nothing is lost if it does not.
        let _ = self.inputs.send(Some(input.to_vec()));
        let tried = std::panic::catch_unwind(|| (target.run)(input));
        let _ = self.inputs.send(None);
        tried.map_err(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            TestCaseError::fail(
                text.or_else(|| panic.downcast_ref().copied()).unwrap_or("it panicked").to_owned(),
            )
        })
    }
}

/// Puts an input into the target's folder, where every later run finds it.
#[must_use]
pub fn keep(target: Target, input: &[u8]) -> PathBuf {
    let folder = seeds::folder(target.name);
    let count = seeds::kept(target.name).len();
    let path = folder.join(format!("found-{}-{count}", std::process::id()));
    fs::create_dir_all(&folder)
        .and_then(|()| fs::write(&path, input))
        .unwrap_or_else(|error| panic!("cannot keep {}: {error}", path.display()));
    path
}

#[expect(clippy::print_stderr, reason = "the program ends here")]
fn say(line: &str) {
    eprintln!("{line}");
}

//! Every core reads what is in the files while one takes them from the disk.

use std::collections::BTreeMap;
use std::mem;
use std::num::NonZero;
use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, Scope};

use config_rule::Tree;

use super::content::Cuts;
use super::gathered::Gathered;
use super::pieces::{self, Cut, KeptOf, Piece};

/// How much text is handed over at a time: 256 KiB. Less would cost more in waiting, more would hold more in memory.
const BATCH_BYTES: usize = 256 * 1024;

/// What was cut out of one file, in its order.
#[derive(Debug, Default)]
struct Batch {
    number: usize,
    text: Vec<u8>,
    /// Where in the text each ends.
    cuts: Vec<(Cut, usize)>,
}

/// What a batch holds, or what there is to say of a file at this place.
#[derive(Debug)]
pub(super) enum Outcome {
    Pieces(Vec<Piece>),
    /// Nothing more of the file can be read.
    Interrupted(String),
}

/// A batch that was read.
#[derive(Debug)]
struct Done {
    number: usize,
    outcome: Outcome,
    /// The memory of its text.
    spare: Vec<u8>,
}

/// The threads that read, and what they have found so far.
#[derive(Debug)]
pub(super) struct Workers {
    batches: SyncSender<Batch>,
    sender: Sender<Done>,
    outcomes: Receiver<Done>,
    /// Memory of batches that were read, for the next ones.
    spare: Vec<Vec<u8>>,
    /// How many batches, and outcomes without one, there were so far.
    numbers: usize,
    /// Outcomes that came before their turn.
    early: BTreeMap<usize, Outcome>,
    next: usize,
    /// The file of each batch from `next` on.
    paths: BTreeMap<usize, Arc<Path>>,
    gathered: Gathered,
    /// How many values were cut out.
    cuts: usize,
}

impl Workers {
    pub(super) fn start<'scope>(scope: &'scope Scope<'scope, '_>, kept_of: KeptOf<'scope>) -> Self {
        let count = thread::available_parallelism().map_or(1, NonZero::get);
        let (batches, received) = mpsc::sync_channel::<Batch>(2 * count);
        let (sender, outcomes) = mpsc::channel();
        let received = Arc::new(Mutex::new(received));
        for _ in 0..count {
            let (received, sender) = (Arc::clone(&received), sender.clone());
            scope.spawn(move || {
                let mut scratch = Tree::default();
                while let Some(batch) = next(&received) {
                    let outcome = Outcome::Pieces(batch.pieces(kept_of, &mut scratch));
                    if sender.send(Done { number: batch.number, outcome, spare: batch.text }).is_err() {
                        break;
                    }
                }
            });
        }
        Self {
            batches,
            sender,
            outcomes,
            spare: Vec::new(),
            numbers: 0,
            early: BTreeMap::new(),
            next: 0,
            paths: BTreeMap::new(),
            gathered: Gathered::default(),
            cuts: 0,
        }
    }

    /// Takes what one file is cut into.
    pub(super) fn file<'a>(
        &'a mut self,
        path: Arc<Path>,
        progress: &'a mut dyn FnMut(&Path, usize),
    ) -> FileCuts<'a> {
        progress(&path, self.cuts);
        FileCuts { workers: self, path, progress, batch: Batch::default() }
    }

    /// What all files hold, once everything was read.
    pub(super) fn finish(mut self) -> Gathered {
        let Self { batches, sender, .. } = self;
        // The workers end when nothing more can come, and the loop when no worker is left.
        drop((batches, sender));
        for Done { number, outcome, .. } in self.outcomes {
            self.early.insert(number, outcome);
        }
        for (number, outcome) in self.early {
            if let Some(path) = self.paths.remove(&number) {
                self.gathered.take(&path, outcome);
            }
        }
        self.gathered
    }

    fn number(&mut self, path: &Arc<Path>) -> usize {
        let number = self.numbers;
        self.numbers += 1;
        self.paths.insert(number, Arc::clone(path));
        number
    }

    /// Takes in what is there, in the order of the files.
    fn gather(&mut self) {
        for Done { number, outcome, spare } in self.outcomes.try_iter() {
            self.early.insert(number, outcome);
            // An item may be far longer than a batch; its memory is given back.
            if spare.capacity() <= 2 * BATCH_BYTES {
                self.spare.push(spare);
            }
        }
        while let Some(outcome) = self.early.remove(&self.next) {
            if let Some(path) = self.paths.remove(&self.next) {
                self.gathered.take(&path, outcome);
            }
            self.next += 1;
        }
    }
}

/// The next batch; `None` when there will be none.
fn next(batches: &Mutex<Receiver<Batch>>) -> Option<Batch> {
    batches.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

impl Batch {
    fn pieces(&self, kept_of: KeptOf<'_>, scratch: &mut Tree) -> Vec<Piece> {
        let mut pieces = Vec::with_capacity(self.cuts.len());
        let mut start = 0;
        for (cut, end) in &self.cuts {
            let text = self.text.get(start..*end).unwrap_or_default();
            pieces::read(*cut, text, kept_of, &mut pieces, scratch);
            start = *end;
        }
        pieces
    }
}

/// Takes what one file is cut into, and hands it to the workers.
pub(super) struct FileCuts<'a> {
    workers: &'a mut Workers,
    path: Arc<Path>,
    progress: &'a mut dyn FnMut(&Path, usize),
    batch: Batch,
}

impl FileCuts<'_> {
    fn hand_over(&mut self) {
        if self.batch.cuts.is_empty() {
            return;
        }
        let number = self.workers.number(&self.path);
        let mut text = self.workers.spare.pop().unwrap_or_default();
        text.clear();
        let next = Batch { text, ..Batch::default() };
        let batch = Batch { number, ..mem::replace(&mut self.batch, next) };
        // Nobody takes it only if every worker has panicked, which is heard of when they are joined.
        let _ = self.workers.batches.send(batch);
        self.workers.gather();
    }

    fn say(&mut self, outcome: Outcome) {
        self.hand_over();
        let number = self.workers.number(&self.path);
        self.workers.early.insert(number, outcome);
    }
}

impl Cuts for FileCuts<'_> {
    fn cut(&mut self, cut: Cut, text: &[u8]) {
        self.workers.cuts += 1;
        self.batch.text.extend_from_slice(text);
        self.batch.cuts.push((cut, self.batch.text.len()));
        if BATCH_BYTES <= self.batch.text.len() {
            self.hand_over();
            (self.progress)(&self.path, self.workers.cuts);
        }
    }

    fn problem(&mut self, reason: String) {
        self.say(Outcome::Pieces(vec![Piece::Problem { place: String::new(), reason }]));
    }

    fn interrupted(&mut self, reason: String) {
        self.say(Outcome::Interrupted(reason));
    }
}

impl Drop for FileCuts<'_> {
    /// The file ends, and with it its last batch.
    fn drop(&mut self) {
        self.hand_over();
    }
}

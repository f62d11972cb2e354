//! What all files hold together.

use std::collections::BTreeSet;
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use config_rule::Document;

use super::answers::{self, AnswerKind, Answers};
use super::authorization_details::AuthorizationDetails;
use super::census::Census;
use super::load::{ItemProblem, Loaded, MAX_PROBLEMS_OF_A_FILE};
use super::pieces::Piece;
use super::places::Places;
use super::state_id::StateId;
use super::workers::Outcome;
use super::{ConfigurationItems, pages, scope};
use crate::iam::MANAGED_POLICY;

/// What was found in all files.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    documents: Vec<Arc<Document>>,
    /// Where each document comes from.
    origins: Vec<Origin>,
    /// Items that are not among the documents.
    census: Census,
    roles_and_policies: Vec<(Document, Arc<Path>)>,
    /// Accounts and types of which those are all.
    complete: BTreeSet<(String, String)>,
    authorization_details: Vec<PathBuf>,
    /// Types of which some items are missing.
    incomplete: BTreeSet<String>,
    answers: Vec<answers::Found>,
    /// Those of which some are missing.
    incomplete_answers: BTreeSet<AnswerKind>,
    /// Where the items are.
    places: Places,
    problems: Vec<ItemProblem>,
    unlisted_problems: usize,
    file: FileSoFar,
}

/// The file of an item, and what orders it among those of one capture time. There are millions of them.
#[derive(Debug)]
struct Origin {
    path: Arc<Path>,
    state_id: Option<StateId>,
}

/// What was found in the file that is being read.
#[derive(Debug, Default)]
struct FileSoFar {
    path: Option<Arc<Path>>,
    /// How many items or would-be items.
    position: usize,
    items: usize,
    types: BTreeSet<String>,
    /// Whether another file, or nobody, has the rest of it.
    has_more_pages: bool,
    /// Whether it ends in the middle.
    breaks_off: bool,
    problems: usize,
}

impl Gathered {
    /// Takes what was found next in the file at `path`; files come one after the other.
    pub(super) fn take(&mut self, path: &Arc<Path>, outcome: Outcome) {
        if self.file.path.as_ref() != Some(path) {
            self.end_file();
            self.file = FileSoFar { path: Some(Arc::clone(path)), ..FileSoFar::default() };
        }
        match outcome {
            Outcome::Pieces(pieces) => pieces.into_iter().for_each(|piece| self.take_piece(path, piece)),
            Outcome::Interrupted(reason) => {
                self.file.breaks_off = true;
                let reason = match self.file.items {
                    0 => reason,
                    1 => format!("{reason}; the item before is kept"),
                    items => format!("{reason}; the {items} items before are kept"),
                };
                self.complain(path, String::new(), reason);
            }
        }
    }

    fn take_piece(&mut self, path: &Arc<Path>, piece: Piece) {
        match piece {
            Piece::Item(document, state_id) => {
                self.count_item(path, &document);
                self.documents.push(document);
                self.origins.push(Origin { path: Arc::clone(path), state_id });
            }
            Piece::Counted(document) => {
                self.count_item(path, &document);
                self.census.count(&document);
            }
            Piece::Broken { place, reason } => {
                self.file.position += 1;
                let place = place.unwrap_or_else(|| format!("item {}", self.file.position));
                self.complain(path, place, reason);
            }
            Piece::Answer(kind, element) => {
                self.answers.push(answers::Found { kind, element, origin: Arc::clone(path) });
            }
            Piece::MorePages(kind) => {
                self.incomplete_answers.extend(kind);
                // One line for each file is enough.
                if !mem::replace(&mut self.file.has_more_pages, true) {
                    self.complain(path, String::new(), pages::MORE_PAGES.to_owned());
                }
            }
            Piece::Unprocessed(unprocessed) => {
                self.complain(path, String::new(), unprocessed.problem());
                self.incomplete.extend(unprocessed.types);
            }
            Piece::AuthorizationDetails { details, complete } => {
                let AuthorizationDetails { documents, problems } = details;
                self.complete.extend(complete);
                let documents = documents.into_iter().map(|document| (document, Arc::clone(path)));
                self.roles_and_policies.extend(documents);
                for problem in problems {
                    self.complain(path, String::new(), problem);
                }
                if !self.authorization_details.iter().any(|known| **known == **path) {
                    self.authorization_details.push(path.to_path_buf());
                }
            }
            Piece::Problem { place, reason } => self.complain(path, place, reason),
        }
    }

    fn count_item(&mut self, path: &Arc<Path>, document: &Document) {
        self.file.position += 1;
        self.file.items += 1;
        if !self.file.types.contains(&document.resource_type) {
            self.file.types.insert(document.resource_type.clone());
        }
        if let Some((account_id, region)) = scope::own(document) {
            self.places.add(path, account_id, region);
        }
    }

    /// Nobody says which types follow a page, or the end of what breaks off; those before are the least.
    fn end_file(&mut self) {
        let file = mem::take(&mut self.file);
        if file.has_more_pages || file.breaks_off {
            self.incomplete.extend(file.types);
        }
    }

    fn complain(&mut self, path: &Path, place: String, reason: String) {
        self.file.problems += 1;
        if self.file.problems <= MAX_PROBLEMS_OF_A_FILE {
            self.problems.push(ItemProblem { path: path.to_path_buf(), place, reason });
        } else {
            self.unlisted_problems += 1;
        }
    }

    /// Everything in its place.
    pub(super) fn loaded(mut self) -> Loaded {
        self.end_file();
        let managed_policies = self.take_roles_and_policies();
        let Self { mut documents, origins, mut problems, census, .. } = self;
        scope::fill_in(documents.iter_mut().map(Arc::make_mut), &census);
        let (mut items, contradicted) =
            ConfigurationItems::folded(documents.into_iter().zip(origins), census, |origin| origin.state_id);
        problems.extend(contradictions(contradicted));

        let (answers, misplaced) = Answers::placed(self.answers, self.places, &items.scopes());
        let misplaced = misplaced.into_iter().map(|(_, path, reason)| ItemProblem {
            path: path.to_path_buf(),
            place: String::new(),
            reason,
        });
        // One line for each list is enough.
        for problem in misplaced {
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
        items = items.with_answers(answers.without(self.incomplete_answers));
        items.managed_policies = managed_policies;
        items.complete = self.complete;
        items.incomplete = self.incomplete;
        Loaded {
            items,
            problems,
            unlisted_problems: self.unlisted_problems,
            files: 0,
            skipped_files: 0,
            authorization_details: self.authorization_details,
        }
    }

    /// Puts roles and policies in the place of the items with their ARNs, as of the newest item: they are what IAM says
    /// now. AWS-managed policies are no items.
    fn take_roles_and_policies(&mut self) -> Vec<Document> {
        let details = std::mem::take(&mut self.roles_and_policies);
        if details.is_empty() {
            return Vec::new();
        }
        let replaced: BTreeSet<_> = details
            .iter()
            .filter_map(|(document, _)| Some((document.resource_type.clone(), document.arn.clone()?)))
            .collect();
        let is_kept = |document: &Document| {
            // Almost all items are of other types; comparing those costs nothing.
            let is_iam = document.resource_type.starts_with("AWS::IAM::");
            let key = || Some((document.resource_type.clone(), document.arn.clone()?));
            !is_iam || key().is_none_or(|key| !replaced.contains(&key))
        };
        let recorded_at = self.documents.iter().filter_map(|document| document.capture_time).max();
        let recorded_at = recorded_at.max(self.census.recorded_at());
        let of_items = std::mem::take(&mut self.documents).into_iter().zip(std::mem::take(&mut self.origins));
        let kept = of_items.filter(|(document, _)| is_kept(document));
        let (managed, ours): (Vec<_>, Vec<_>) =
            details.into_iter().partition(|(document, _)| document.resource_type == MANAGED_POLICY);
        let ours = ours.into_iter().map(|(mut document, path)| {
            document.capture_time = recorded_at;
            (Arc::new(document), Origin { path, state_id: None })
        });
        (self.documents, self.origins) = kept.chain(ours).unzip();
        managed.into_iter().map(|(document, _)| document).collect()
    }
}

fn contradictions(contradicted: Vec<(Arc<Document>, Origin)>) -> impl Iterator<Item = ItemProblem> {
    contradicted.into_iter().map(|(document, origin)| ItemProblem {
        path: origin.path.to_path_buf(),
        place: format!("{} `{}`", document.resource_type, document.resource_id),
        reason:
            "expected one item of each capture time, found two that differ; the later one, or the one with a \
                 `configurationStateId`, is kept"
                .to_owned(),
    })
}

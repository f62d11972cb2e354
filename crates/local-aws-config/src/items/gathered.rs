//! What all files hold together.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use config_rule::Document;

use super::answers::{self, Answers};
use super::load::{ItemProblem, Loaded};
use super::{ConfigurationItems, scope};
use crate::iam::MANAGED_POLICY;

/// What was found in all files.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) documents: Vec<Document>,
    /// The file of each document.
    pub(super) origins: Vec<Arc<Path>>,
    pub(super) roles_and_policies: Vec<(Document, Arc<Path>)>,
    /// Accounts and types of which those are all.
    pub(super) complete: BTreeSet<(String, String)>,
    pub(super) authorization_details: Vec<PathBuf>,
    pub(super) answers: Vec<answers::Found<Arc<Path>>>,
    pub(super) problems: Vec<ItemProblem>,
}

impl Gathered {
    /// Everything in its place.
    pub(super) fn loaded(mut self) -> Loaded {
        let managed_policies = self.take_roles_and_policies();
        let Self { mut documents, origins, mut problems, .. } = self;
        scope::fill_in(&mut documents);
        let (mut items, contradicted) = ConfigurationItems::folded(documents.into_iter().zip(origins));
        problems.extend(contradictions(contradicted));

        let (answers, misplaced) = Answers::placed(self.answers, &items.scopes());
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
        items.answers = answers;
        items.managed_policies = managed_policies;
        items.complete = self.complete;
        Loaded { items, problems, files: 0, authorization_details: self.authorization_details }
    }

    /// Puts roles and policies in the place of the items with their ARNs, as of the newest item: they are what IAM says
    /// now. AWS-managed policies are no items.
    fn take_roles_and_policies(&mut self) -> Vec<Document> {
        let details = std::mem::take(&mut self.roles_and_policies);
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
        let of_items = std::mem::take(&mut self.documents).into_iter().zip(std::mem::take(&mut self.origins));
        let kept = of_items.filter(|(document, _)| is_kept(document));
        let (managed, ours): (Vec<_>, Vec<_>) =
            details.into_iter().partition(|(document, _)| document.resource_type == MANAGED_POLICY);
        let ours = ours.into_iter().map(|(mut document, path)| {
            document.capture_time = recorded_at;
            (document, path)
        });
        (self.documents, self.origins) = kept.chain(ours).unzip();
        managed.into_iter().map(|(document, _)| document).collect()
    }
}

fn contradictions(contradicted: Vec<(Document, Arc<Path>)>) -> impl Iterator<Item = ItemProblem> {
    contradicted.into_iter().map(|(document, path)| ItemProblem {
        path: path.to_path_buf(),
        place: format!("{} `{}`", document.resource_type, document.resource_id),
        reason: "expected one item of each capture time, found two that differ; the later one is kept"
            .to_owned(),
    })
}

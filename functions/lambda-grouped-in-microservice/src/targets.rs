//! The resources of an account that a role may reach, prepared for the question which of them it does.
//!
//! A large account has thousands of stores, and each of its thousands of functions is asked about all of them. So the ones
//! that a policy names are found by the beginnings of their ARNs, and the others, which only a wildcard reaches, are
//! counted by their groups and not looked at.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aws_resources::{DataStore, GroupEvidence, GroupedFunction};
use config_rule::{Documents, Subject, View};
use iam_policy::stores::Store;
use iam_policy::{Beginning, Place};

use crate::boundaries::Boundaries;
use crate::foreign::Home;
use crate::groups::Groups;
use crate::invocations;

/// What stands between the ARN of a resource and what its parts' ARNs go on with.
const SEPARATORS: [char; 2] = [':', '/'];

/// A resource that a role may reach.
pub trait Target: Subject + Clone + fmt::Debug + PartialEq + 'static {
    fn name(&self) -> &str;

    fn arn(&self) -> Option<&str>;

    fn group_evidence(&self) -> &GroupEvidence;

    /// Whether what reaches every resource of the kind reaches this one.
    fn is_regular(&self) -> bool;

    /// Whether it belongs to nobody.
    fn is_ignored(&self, boundaries: &Boundaries) -> bool;
}

/// All targets of a kind.
#[derive(Debug)]
pub struct Targets<T> {
    /// In the order of their ids.
    all: Arc<Vec<T>>,
    /// Positions in the order of ARNs.
    by_arn: Vec<usize>,
    /// Positions in the order of names.
    by_name: Vec<usize>,
    /// Positions of those that have to be looked at one by one, because of a missing or an odd ARN.
    irregular: Vec<usize>,
    /// Where they are.
    places: BTreeSet<Place>,
    /// The groups as each set of parameters tells them apart.
    groups: Mutex<Vec<Arc<Groups>>>,
}

impl<T: Target> View for Targets<T> {
    fn of(documents: &Documents) -> Self {
        Self::new(documents.view())
    }
}

impl<T: Target> Targets<T> {
    pub(crate) fn new(all: Arc<Vec<T>>) -> Self {
        let positions = || 0..all.len();
        let arn = |position: &usize| all.get(*position).and_then(T::arn);
        let mut by_arn: Vec<_> = positions().filter(|position| arn(position).is_some()).collect();
        by_arn.sort_by_key(arn);
        let mut by_name: Vec<_> = positions().collect();
        by_name.sort_by_key(|position| all.get(*position).map(T::name));
        let is_irregular = |position: &usize| !all.get(*position).is_some_and(T::is_regular);
        Self {
            irregular: positions().filter(is_irregular).collect(),
            places: all.iter().filter_map(|target| Place::of(target.arn()?)).collect(),
            by_arn,
            by_name,
            groups: Mutex::default(),
            all,
        }
    }

    pub(crate) fn all(&self) -> &[T] {
        &self.all
    }

    /// The same without what makes it quick: each is looked at for itself.
    #[cfg(test)]
    pub(crate) fn one_by_one(all: Arc<Vec<T>>) -> Self {
        Self { irregular: (0..all.len()).collect(), ..Self::new(all) }
    }

    pub(crate) fn get(&self, position: usize) -> Option<&T> {
        self.all.get(position)
    }

    pub(crate) const fn places(&self) -> &BTreeSet<Place> {
        &self.places
    }

    /// Positions of those with a name.
    pub(crate) fn named(&self, name: &str) -> &[usize] {
        let name_at = |position: &usize| self.get(*position).map_or("", T::name);
        let start = self.by_name.partition_point(|position| name_at(position) < name);
        let rest = self.by_name.get(start..).unwrap_or_default();
        let length = rest.partition_point(|position| name_at(position) == name);
        rest.get(..length).unwrap_or_default()
    }

    /// Positions of those whose ARNs begin like one of these, or are what one begins with, and of the irregular ones.
    pub(crate) fn beginning_alike(&self, beginnings: &BTreeSet<Beginning>) -> BTreeSet<usize> {
        let mut alike: BTreeSet<_> = self.irregular.iter().copied().collect();
        for Beginning { text, is_whole } in beginnings {
            let begins_alike = |position: &usize| self.arn_at(*position).starts_with(text);
            if !is_whole {
                alike.extend(self.on_from(text).take_while(begins_alike));
            }
            let ends = text.match_indices(SEPARATORS).map(|(end, _)| end).chain([text.len()]);
            for arn in ends.filter_map(|end| text.get(..end)) {
                alike.extend(self.on_from(arn).take_while(|position| self.arn_at(*position) == arn));
            }
        }
        alike
    }

    /// Positions in the order of ARNs, from this ARN on.
    fn on_from(&self, arn: &str) -> impl Iterator<Item = usize> {
        let start = self.by_arn.partition_point(|position| self.arn_at(*position) < arn);
        self.by_arn.iter().copied().skip(start)
    }

    fn arn_at(&self, position: usize) -> &str {
        self.get(position).and_then(T::arn).unwrap_or_default()
    }

    /// Of which group each is; found out once for all functions.
    pub(crate) fn groups(&self, home: Home<'_>) -> Arc<Groups> {
        let mut known = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(groups) = known.iter().find(|groups| groups.are_told_apart_as(home)) {
            return Arc::clone(groups);
        }
        let groups = Arc::new(Groups::of(&self.all, home));
        known.push(Arc::clone(&groups));
        groups
    }
}

impl<T: Target> PartialEq for Targets<T> {
    fn eq(&self, other: &Self) -> bool {
        self.all == other.all
    }
}

impl Target for DataStore {
    fn name(&self) -> &str {
        &self.name
    }

    fn arn(&self) -> Option<&str> {
        self.store.get().ok().map(|store| store.arn.as_str())
    }

    fn group_evidence(&self) -> &GroupEvidence {
        &self.group_evidence
    }

    fn is_regular(&self) -> bool {
        self.store.get().is_ok_and(Store::is_regular)
    }

    fn is_ignored(&self, boundaries: &Boundaries) -> bool {
        boundaries.is_ignored(&self.name)
    }
}

impl Target for GroupedFunction {
    fn name(&self) -> &str {
        &self.name
    }

    fn arn(&self) -> Option<&str> {
        self.arn.get().ok().map(String::as_str)
    }

    fn group_evidence(&self) -> &GroupEvidence {
        &self.group_evidence
    }

    fn is_regular(&self) -> bool {
        let shape = invocations::function_shape();
        shape.zip(Target::arn(self)).is_some_and(|(shape, arn)| shape.is_of(arn))
    }

    fn is_ignored(&self, _: &Boundaries) -> bool {
        false
    }
}

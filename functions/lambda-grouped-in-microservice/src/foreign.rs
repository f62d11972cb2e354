//! What belongs to another group than the function.

use aws_resources::{Group, GroupEvidence};
use config_rule::{Finding, Missing};

use crate::boundaries::Boundaries;
use crate::surroundings::Surroundings;

/// How many findings one check makes; the rest is counted in the last of them.
pub(crate) const MOST_FINDINGS: usize = 5;

/// The group of a function, with all that decides whether another resource belongs to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Home<'a> {
    pub(crate) group: &'a Group,
    pub(crate) boundaries: &'a Boundaries,
    pub(crate) surroundings: &'a Surroundings,
    /// The account of the function's role.
    pub(crate) account: Option<&'a str>,
}

impl Home<'_> {
    /// The group of a resource if it is another one for certain.
    pub(crate) fn foreign_group(&self, resource: &GroupEvidence) -> Result<Option<Group>, Missing> {
        let group = self.boundaries.grouping.group(resource, &self.surroundings.stacks)?;
        match group {
            Some(group) if group.differs_from(self.group)? => Ok(Some(group)),
            _ => Ok(None),
        }
    }
}

/// What is foreign among resources of which some cannot be told: what was found, or if that is nothing, what was missing.
#[derive(Debug)]
pub(crate) struct Foreign<T> {
    found: Vec<T>,
    missing: Option<Missing>,
}

impl<T> Foreign<T> {
    pub(crate) const fn none() -> Self {
        Self { found: Vec::new(), missing: None }
    }

    pub(crate) fn add(&mut self, found: Result<Option<T>, Missing>) {
        match found {
            Ok(found) => self.found.extend(found),
            Err(missing) => self.lack(missing),
        }
    }

    pub(crate) fn lack(&mut self, missing: Missing) {
        self.missing.get_or_insert(missing);
    }

    pub(crate) fn decided(self) -> Result<Vec<T>, Missing> {
        match self.missing {
            Some(missing) if self.found.is_empty() => Err(missing),
            _ => Ok(self.found),
        }
    }
}

/// The first findings; the last of them says how many more there are.
pub(crate) fn capped(mut findings: Vec<Finding>, things: &str) -> Vec<Finding> {
    let more = findings.len().saturating_sub(MOST_FINDINGS);
    findings.truncate(MOST_FINDINGS);
    if let Some(last) = findings.last_mut().filter(|_| 0 < more) {
        last.seen = format!("{}, likewise {more} more {things}", last.seen);
    }
    findings
}

/// How many there are besides the first.
pub(crate) fn and_more(count: usize) -> String {
    if count <= 1 { String::new() } else { format!(" and {} more of other groups", count - 1) }
}

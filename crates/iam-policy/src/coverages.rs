use std::collections::HashMap;

use crate::document::Statement;
use crate::effective::Grant;
use crate::reach::Coverage;
use crate::table::Action;

/// How much a grant covers, action by action.
///
/// A statement can name thousands of actions, but what they work on are few types, and few Denies tell them apart: each
/// question about resources is asked once.
#[derive(Debug)]
pub struct Coverages<'a> {
    grant: Grant<'a>,
    /// All that could take something away.
    denies: Vec<&'a Statement>,
    /// Whether every action is granted on whatever it works on.
    is_everything: bool,
    /// By the types that an action works on and the Denies that are about it.
    found: HashMap<((&'static str, &'static str), Vec<usize>), Coverage>,
}

impl<'a> Coverages<'a> {
    pub(crate) fn new(grant: Grant<'a>, denies: Vec<&'a Statement>) -> Self {
        let is_everything = denies.is_empty() && grant.is_on_everything();
        Self { grant, denies, is_everything, found: HashMap::new() }
    }

    /// How much of what an action works on is in reach; the grant must name the action.
    pub fn of(&mut self, action: Action) -> &Coverage {
        let Self { grant, denies, is_everything, found } = self;
        if *is_everything {
            return if action.is_restrictable() { &Coverage::ANYWHERE } else { &Coverage::Unrestrictable };
        }
        let is_about = |(place, deny): (usize, &&Statement)| deny.actions.contain(action).then_some(place);
        let denied_by = denies.iter().enumerate().filter_map(is_about).collect();
        found
            .entry((action.resource_types_key(), denied_by))
            .or_insert_with(|| grant.resources(action).coverage_of(action))
    }
}

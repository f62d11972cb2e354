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
    /// What was found about actions of the last service: actions come service by service.
    service: &'static str,
    found: Vec<Found>,
}

#[derive(Debug)]
struct Found {
    /// Actions that agree in it work on the same types.
    types: &'static str,
    /// The positions of the Denies that are about the action.
    denied_by: Vec<usize>,
    coverage: Coverage,
}

impl<'a> Coverages<'a> {
    pub(crate) fn new(grant: Grant<'a>, denies: Vec<&'a Statement>) -> Self {
        let is_everything = denies.is_empty() && grant.is_on_everything();
        Self { grant, denies, is_everything, service: "", found: Vec::new() }
    }

    /// How much of what an action works on is in reach; the grant must name the action.
    pub fn of(&mut self, action: Action) -> &Coverage {
        let (service, types) = action.resource_types_key();
        if self.service != service {
            self.found.clear();
            self.service = service;
        }
        let is_about = |(place, deny): (usize, &&Statement)| deny.actions.contain(action).then_some(place);
        let denied_by: Vec<_> = self.denies.iter().enumerate().filter_map(is_about).collect();
        let place = self.found.iter().position(|known| known.types == types && known.denied_by == denied_by);
        let place = place.unwrap_or_else(|| {
            let coverage = self.fresh(action);
            self.found.push(Found { types, denied_by, coverage });
            self.found.len() - 1
        });
        self.found.get(place).map_or(&Coverage::Nothing, |found| &found.coverage)
    }

    fn fresh(&self, action: Action) -> Coverage {
        match self.is_everything {
            true if action.is_restrictable() => Coverage::ANYWHERE,
            true => Coverage::Unrestrictable,
            false => self.grant.resources(action).coverage_of(action),
        }
    }
}

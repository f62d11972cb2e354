use std::collections::BTreeSet;
use std::rc::Rc;

use super::parts::{STORE_ACTIONS, StoreAction, named_by};
use crate::arn::{Place, Shape};
use crate::document::Statement;
use crate::effective::{EffectivePermissions, Grant};
use crate::reach::{Coverage, ResourceSet};

/// What a grant reaches of a part of stores.
#[derive(Debug)]
pub(super) struct Reach<'a> {
    shape: Shape,
    pub(super) resources: ResourceSet<'a>,
    pub(super) coverage: Rc<Coverage>,
}

/// An action on a part of stores that a grant names.
#[derive(Debug)]
pub(super) struct Named<'a> {
    pub(super) store_action: &'static StoreAction,
    pub(super) grant: Grant<'a>,
    /// The position of the grant among those of the role.
    position: usize,
}

/// What the grants of a role reach. A statement may name a hundred actions of one service, but what they reach of a part
/// is the same for all that the same Denies are about.
#[derive(Debug)]
pub(super) struct Reaches<'a> {
    permissions: &'a EffectivePermissions,
    denies: Vec<&'a Statement>,
    found: Vec<Found<'a>>,
}

#[derive(Debug)]
struct Found<'a> {
    position: usize,
    shape: Shape,
    /// The positions of the Denies that are about the action.
    denied_by: Vec<usize>,
    reach: Rc<Reach<'a>>,
}

impl<'a> Reaches<'a> {
    pub(super) fn new(permissions: &'a EffectivePermissions) -> Self {
        Self { permissions, denies: permissions.denies().collect(), found: Vec::new() }
    }

    /// All that can be done to stores, as far as grants name it: part by part, action by action, and the grants of each
    /// in the policies' order.
    pub(super) fn named(&self) -> Vec<Named<'a>> {
        let mut places = Vec::new();
        for (position, grant) in self.permissions.grants().enumerate() {
            let named = named_by(&grant.statement.actions).iter();
            places.extend(named.map(|place| (*place, position, grant)));
        }
        places.sort_by_key(|(place, position, _)| (*place, *position));
        let named = |(place, position, grant): (u16, usize, Grant<'a>)| {
            let store_action = STORE_ACTIONS.get(usize::from(place))?;
            grant.is_in_boundary(store_action.action).then_some(Named { store_action, grant, position })
        };
        places.into_iter().filter_map(named).collect()
    }

    pub(super) fn of(&mut self, named: &Named<'a>) -> Rc<Reach<'a>> {
        let Named { store_action: StoreAction { shape, action, .. }, grant, position } = named;
        // Parts follow each other, and nobody asks for an earlier one.
        if self.found.last().is_some_and(|found| found.shape != *shape) {
            self.found.clear();
        }
        let is_about = |(place, deny): (usize, &&Statement)| deny.actions.contain(*action).then_some(place);
        let denied_by: Vec<_> = self.denies.iter().enumerate().filter_map(is_about).collect();
        let is_same = |found: &&Found<'_>| found.position == *position && found.denied_by == denied_by;
        if let Some(found) = self.found.iter().find(is_same) {
            return Rc::clone(&found.reach);
        }
        let resources = grant.resources(*action);
        let coverage = Rc::new(resources.coverage(*shape));
        let reach = Rc::new(Reach { shape: *shape, resources, coverage });
        self.found.push(Found { position: *position, shape: *shape, denied_by, reach: Rc::clone(&reach) });
        reach
    }
}

impl Reach<'_> {
    /// Whether it is all stores of the kind at these places.
    pub(super) fn holds_all(&self, places: &BTreeSet<Place>) -> bool {
        self.coverage.is_broad() && places.iter().all(|place| self.resources.holds_all(self.shape, place))
    }
}

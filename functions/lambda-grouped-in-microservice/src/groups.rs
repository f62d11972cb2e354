//! The targets of an account by their groups.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_resources::{Group, GroupBasis, StackForest};
use config_rule::{Known, Missing};

use crate::boundaries::Boundaries;
use crate::foreign::Home;
use crate::targets::Target;

/// Of which group each target is, but those that nobody cares about.
#[derive(Debug)]
pub(crate) struct Groups {
    boundaries: Boundaries,
    stacks: Known<Arc<StackForest>>,
    /// Whose group is known.
    grouped: Vec<OnOneBasis>,
    /// Positions of those of which it cannot be told, in their order.
    unknown: Vec<(usize, Missing)>,
}

/// Groups whose names can be compared.
#[derive(Debug)]
struct OnOneBasis {
    basis: GroupBasis,
    /// In the order of positions.
    members: BTreeMap<usize, Group>,
    /// How many of them each group has, by its name in lower case.
    sizes: BTreeMap<String, usize>,
}

/// Those of other groups among the targets that are not looked at one by one.
#[derive(Debug, Default)]
pub(crate) struct Others {
    /// The first, with its position.
    pub(crate) first: Option<(usize, Group)>,
    /// How many there are.
    pub(crate) count: usize,
    /// The position of the first of which it cannot be said, and why.
    pub(crate) unknown: Option<(usize, Missing)>,
}

impl Groups {
    pub(crate) fn of<T: Target>(targets: &[T], home: Home<'_>) -> Self {
        let Home { boundaries, surroundings, .. } = home;
        let mut groups = Self {
            boundaries: boundaries.clone(),
            stacks: surroundings.stacks.clone(),
            grouped: Vec::new(),
            unknown: Vec::new(),
        };
        for (position, target) in targets.iter().enumerate() {
            if target.is_ignored(boundaries) {
                continue;
            }
            match boundaries.grouping.group(target.group_evidence(), &surroundings.stacks) {
                Ok(Some(group)) => groups.add(position, group),
                Ok(None) => {}
                Err(missing) => groups.unknown.push((position, missing)),
            }
        }
        groups
    }

    fn add(&mut self, position: usize, group: Group) {
        let place = self.grouped.iter().position(|on_basis| on_basis.basis == group.basis);
        let place = place.unwrap_or_else(|| {
            let basis = group.basis.clone();
            self.grouped.push(OnOneBasis { basis, members: BTreeMap::new(), sizes: BTreeMap::new() });
            self.grouped.len() - 1
        });
        if let Some(on_basis) = self.grouped.get_mut(place) {
            *on_basis.sizes.entry(group.name.to_ascii_lowercase()).or_default() += 1;
            on_basis.members.insert(position, group);
        }
    }

    /// Whether groups are told apart here as they are in `home`.
    pub(crate) fn are_told_apart_as(&self, home: Home<'_>) -> bool {
        let are_same = match (&self.stacks, &home.surroundings.stacks) {
            (Known::Value(ours), Known::Value(theirs)) => Arc::ptr_eq(ours, theirs),
            (ours, theirs) => ours == theirs,
        };
        are_same && self.boundaries == *home.boundaries
    }

    /// What is of another group than `home`, besides the targets at the positions `but`.
    pub(crate) fn others(&self, home: &Group, but: &BTreeSet<usize>) -> Others {
        let mut others = Others::default();
        let mut unknown = self.unknown.iter().find(|(position, _)| !but.contains(position)).cloned();
        let has_other_name = |group: &Group| !group.name.eq_ignore_ascii_case(&home.name);
        for OnOneBasis { members, sizes, .. } in &self.grouped {
            let first =
                members.iter().find(|(position, group)| !but.contains(position) && has_other_name(group));
            let Some((position, group)) = first else { continue };
            match group.differs_from(home) {
                Ok(_) => {
                    let of_home = sizes.get(&home.name.to_ascii_lowercase()).copied().unwrap_or_default();
                    let left_out = but.iter().filter_map(|position| members.get(position));
                    let left_out = left_out.filter(|group| has_other_name(group)).count();
                    others.first = Some((*position, group.clone()));
                    others.count = members.len() - of_home - left_out;
                }
                Err(missing) => {
                    if unknown.as_ref().is_none_or(|(first, _)| position < first) {
                        unknown = Some((*position, missing));
                    }
                }
            }
        }
        others.unknown = unknown;
        others
    }
}

//! What is remembered of items that nobody asks for.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use config_rule::{Document, Timestamp};

use super::scope::Scope;

/// Of which types an account and Region has items, and how many resources: what a recorder records and where an account is
/// at home shows in all items, whether anybody asks for them or not.
#[derive(Debug, Default)]
pub(crate) struct Census {
    by_scope: BTreeMap<Scope, Counted>,
    /// Of all scopes.
    types: BTreeSet<String>,
    recorded_at: Option<Timestamp>,
    items: usize,
}

#[derive(Debug, Default)]
struct Counted {
    types: BTreeSet<String>,
    /// Fingerprints; a resource with several items counts once.
    resources: HashSet<u64>,
}

impl Census {
    /// Counts an item that has account and Region.
    pub(super) fn count(&mut self, document: &Document) {
        let mut hasher = DefaultHasher::new();
        (&document.resource_type, &document.resource_id).hash(&mut hasher);
        let counted = self.by_scope.entry(Scope::of(document)).or_default();
        counted.resources.insert(hasher.finish());
        for types in [&mut counted.types, &mut self.types] {
            if !types.contains(&document.resource_type) {
                types.insert(document.resource_type.clone());
            }
        }
        self.recorded_at = self.recorded_at.max(document.capture_time);
        self.items += 1;
    }

    /// The newest capture time.
    pub(super) fn recorded_at(&self) -> Option<Timestamp> {
        self.recorded_at
    }

    pub(super) fn items(&self) -> usize {
        self.items
    }

    pub(super) fn scopes(&self) -> impl Iterator<Item = &Scope> {
        self.by_scope.keys()
    }

    /// Each scope with its number of resources.
    pub(super) fn sizes(&self) -> impl Iterator<Item = (&Scope, usize)> {
        self.by_scope.iter().map(|(scope, counted)| (scope, counted.resources.len()))
    }

    /// The types of a scope's items that were counted and not kept.
    pub(super) fn types(&self, scope: &Scope) -> impl Iterator<Item = &str> {
        self.by_scope.get(scope).into_iter().flat_map(|counted| counted.types.iter().map(String::as_str))
    }

    /// Whether items of a type were counted and not kept.
    pub(super) fn has(&self, resource_type: &str) -> bool {
        self.types.contains(resource_type)
    }
}

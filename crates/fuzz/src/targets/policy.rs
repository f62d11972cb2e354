//! Policy documents, which anybody in an account may write.

use std::collections::BTreeSet;

use iam_policy::stores::{Certainty, StoreGrants, StoreKind};
use iam_policy::{EffectivePermissions, Policy, PolicyDocument};

/// How many actions of a grant are looked at; `*` grants some twenty thousand.
const ACTIONS: usize = 50;

/// A document is read, or refused in words; whatever is read can be asked everything that rules ask.
pub fn run(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    // As text, and as AWS Config records it.
    let document = match PolicyDocument::read_text(text).or_else(|_| PolicyDocument::read(&text.into())) {
        Ok(document) => document,
        Err(error) => return assert_ne!(error.to_string(), ""),
    };
    let _ = (document.allows().count(), document.denies().count());

    let policy = |name| Policy::inline(name, document.clone());
    for boundary in [None, Some(policy("boundary"))] {
        let permissions = EffectivePermissions::new(vec![policy("a")], boundary);
        for grant in permissions.grants() {
            let _ = (
                grant.statement.label(),
                grant.statement.is_for_everybody(),
                grant.origin(),
                grant.breadth(),
                grant.conditions().count(),
            );
            for (action, pattern) in grant.actions().take(ACTIONS) {
                assert!(grant.names(action));
                assert_eq!(pattern.is_some(), grant.pattern_for(action).is_some());
                let _ = (grant.coverage(action), grant.narrowing(action), grant.resources(action));
            }
        }
        let stores = StoreGrants::of(&permissions);
        let kinds = [
            StoreKind::Table,
            StoreKind::Bucket,
            StoreKind::DatabaseCluster,
            StoreKind::DatabaseInstance,
            StoreKind::UserPool,
        ];
        for kind in kinds {
            let _ = stores.accesses(kind).count();
            let _ = stores.divided(kind, &BTreeSet::new(), |_, _| Certainty::Always);
        }
    }
}

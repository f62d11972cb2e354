//! What `Action` and `NotAction` list, and what follows from that.
//!
//! Which of thousands of actions a list of patterns names takes long to find out, and an account with thousands of roles
//! has few different lists. So equal lists are one in memory, and what was found out about one is kept with it.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};

use crate::element::{ActionPattern, ActionPatterns};
use crate::table::Action;

/// How many lists are kept at a time. More than that, and they are begun anew: whoever holds one goes on holding it.
const MAX_LISTS: usize = 256;

/// Longer lists are not shared: they stand in managed policies, of which each is read once for all its roles.
const MAX_PATTERNS: usize = 32;

/// How many actions are kept of a list. To look up more takes less than whatever is then asked about each.
const MAX_KNOWN: usize = 256;

static SHARED: LazyLock<SharedLists> = LazyLock::new(SharedLists::default);

/// The values of `Action` or `NotAction`, with what was found out about them.
#[derive(Debug)]
pub struct ActionList {
    kind: ListKind,
    patterns: ActionPatterns,
    /// Actions with the positions of the patterns through which they are named; nothing if there are too many.
    known: OnceLock<Option<Box<[Named]>>>,
    /// The positions of names that the table does not know.
    unknown: OnceLock<Box<[usize]>>,
    on_stores: OnceLock<Box<[u16]>>,
    escalation_steps: OnceLock<u64>,
}

/// An action with the position of the pattern through which it is named.
pub(crate) type Named = (Action, usize);

/// Which element a list is the value of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ListKind {
    Action,
    NotAction,
}

impl ActionList {
    /// The list with these values: the same one for equal values, as long as there are not too many.
    pub(crate) fn shared(kind: ListKind, written: &[&str]) -> Arc<Self> {
        if MAX_PATTERNS < written.len() {
            Arc::new(Self::new(kind, written))
        } else {
            SHARED.get(kind, written)
        }
    }

    fn new(kind: ListKind, written: &[&str]) -> Self {
        Self {
            kind,
            patterns: ActionPatterns::new(written),
            known: OnceLock::new(),
            unknown: OnceLock::new(),
            on_stores: OnceLock::new(),
            escalation_steps: OnceLock::new(),
        }
    }

    pub(crate) const fn patterns(&self) -> &ActionPatterns {
        &self.patterns
    }

    /// The actions that `find` finds, found once; nothing if there are too many.
    pub(crate) fn known(&self, find: impl Iterator<Item = Named>) -> Option<&[Named]> {
        let found = || {
            let known: Box<[_]> = find.take(MAX_KNOWN + 1).collect();
            (known.len() <= MAX_KNOWN).then_some(known)
        };
        self.known.get_or_init(found).as_deref()
    }

    /// What `find` finds, found once: the positions of names that the table does not know.
    pub(crate) fn unknown(&self, find: impl FnOnce() -> Box<[usize]>) -> &[usize] {
        self.unknown.get_or_init(find)
    }

    /// What `find` finds, found once: which of the actions on data stores are named, as `stores` counts them.
    pub(crate) fn on_stores(&self, find: impl FnOnce() -> Box<[u16]>) -> &[u16] {
        self.on_stores.get_or_init(find)
    }

    /// The same for the actions that escalations take, as `escalation` counts them.
    pub(crate) fn escalation_steps(&self, find: impl FnOnce() -> u64) -> u64 {
        *self.escalation_steps.get_or_init(find)
    }

    fn says(&self, kind: ListKind, written: &[&str]) -> bool {
        self.kind == kind
            && self.patterns.written().iter().map(ActionPattern::as_str).eq(written.iter().copied())
    }
}

/// What was found out says nothing that the patterns do not.
impl PartialEq for ActionList {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.patterns == other.patterns
    }
}

impl Eq for ActionList {}

/// The lists that were read last. Found by their hashes, so that to look for one makes no copy of it.
#[derive(Default)]
struct SharedLists {
    hasher: RandomState,
    lists: Mutex<HashMap<u64, Arc<ActionList>>>,
}

impl SharedLists {
    fn get(&self, kind: ListKind, written: &[&str]) -> Arc<ActionList> {
        let hash = self.hasher.hash_one((kind, written));
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(list) = lists.get(&hash).filter(|list| list.says(kind, written)) {
            return Arc::clone(list);
        }
        if lists.len() >= MAX_LISTS {
            lists.clear();
        }
        let list = Arc::new(ActionList::new(kind, written));
        lists.insert(hash, Arc::clone(&list));
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_lists_are_one_and_others_are_not() {
        let lists = SharedLists::default();
        let list = lists.get(ListKind::Action, &["s3:Get*", "sqs:*"]);
        assert!(Arc::ptr_eq(&list, &lists.get(ListKind::Action, &["s3:Get*", "sqs:*"])));
        for (kind, written) in [
            (ListKind::NotAction, &["s3:Get*", "sqs:*"][..]),
            (ListKind::Action, &["sqs:*", "s3:Get*"]),
            (ListKind::Action, &["s3:Get*"]),
            (ListKind::Action, &["s3:get*", "sqs:*"]),
            (ListKind::Action, &[]),
        ] {
            let other = lists.get(kind, written);
            assert_ne!(list, other, "{written:?}");
            assert!(other.says(kind, written));
        }
    }

    #[test]
    fn no_more_lists_are_kept_than_a_function_has_memory_for() {
        let lists = SharedLists::default();
        let first = lists.get(ListKind::Action, &["sqs:0"]);
        for number in 1..=3 * MAX_LISTS {
            lists.get(ListKind::Action, &[&format!("sqs:{number}")]);
            assert!(lists.lists.lock().unwrap().len() <= MAX_LISTS);
        }
        let again = lists.get(ListKind::Action, &["sqs:0"]);
        assert_eq!(first, again);
        assert!(!Arc::ptr_eq(&first, &again));
        let long: Vec<_> = vec!["sqs:SendMessage"; MAX_PATTERNS + 1];
        let [one, other] = [(); 2].map(|()| ActionList::shared(ListKind::Action, &long));
        assert!(!Arc::ptr_eq(&one, &other));
    }

    #[test]
    fn lists_of_many_actions_keep_none_of_them() {
        let list = |pattern| ActionList::new(ListKind::Action, &[pattern]);
        let (few, many) = (list("sqs:*"), list("ec2:*"));
        assert!(few.known(few.patterns().known()).is_some_and(|known| known.len() > 10));
        assert!(few.known(std::iter::empty()).is_some_and(|known| known.len() > 10), "it was found out");
        assert!(many.known(many.patterns().known()).is_none());
    }
}

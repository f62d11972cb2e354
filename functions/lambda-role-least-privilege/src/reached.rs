//! What a statement grants, action by action, and how it names each.

use std::borrow::Cow;

use iam_policy::{Action, ActionPattern, Actions, Grant, Narrowing, Statement, usual};

use crate::statement::RoleContext;

/// An action that a statement grants, that nothing narrows and nobody accepts.
#[derive(Clone, Copy)]
pub(crate) struct Reached<'a> {
    pub(crate) action: Action,
    pub(crate) by: By<'a>,
    /// Whether it is granted on every resource of its type, although it could be restricted.
    pub(crate) is_broad: bool,
}

/// How an action is named.
#[derive(Clone, Copy)]
pub(crate) enum By<'a> {
    /// By its name, or by a pattern of which a boundary or a Deny leaves a part.
    Name,
    /// By a pattern.
    Pattern(&'a ActionPattern),
    /// By a pattern for whole services: `s3:*`, and `*` where something else keeps it from being everything.
    WholeService(&'a ActionPattern),
    /// By not being in `NotAction`.
    Exclusion(&'a Actions),
}

impl<'a> Reached<'a> {
    pub(crate) fn by(grant: &Grant<'a>, role: &RoleContext<'_>) -> Vec<Self> {
        let patterns = Patterns::of(grant);
        let mut coverages = grant.coverages();
        let mut reached = Vec::new();
        for (action, pattern) in grant.actions() {
            // What Lambda itself asks for is never too much, however it is written.
            if usual::is_granted_to_every_function(action)
                || role.leeway.accepts(action)
                || grant.narrowing(action) != Narrowing::Nothing
            {
                continue;
            }
            let coverage = coverages.of(action);
            if coverage.is_something() {
                let by = patterns.name(action, pattern, grant);
                reached.push(Self { action, by, is_broad: coverage.is_broad() });
            }
        }
        reached
    }

    pub(crate) fn changes_something(&self) -> bool {
        self.action.changes_something() && !usual::reads_data(self.action)
    }

    pub(crate) fn is_by_whole_service(&self) -> bool {
        matches!(self.by, By::WholeService(_))
    }

    /// Leaves those that are named by wildcards.
    pub(crate) fn retain_by_wildcard(reached: &mut Vec<Self>) {
        // A pattern is looked at once for all that it names, which follow each other.
        let mut last: Option<(&ActionPattern, bool)> = None;
        reached.retain(|one| match one.by {
            By::Name => false,
            By::Pattern(pattern) => match last {
                Some((known, names_several)) if std::ptr::eq(known, pattern) => names_several,
                _ => {
                    // `sqs:SendMessage*` is another way to write `sqs:SendMessage`.
                    let names_several = pattern.has_wildcard() && pattern.known().nth(1).is_some();
                    last = Some((pattern, names_several));
                    names_several
                }
            },
            By::WholeService(_) | By::Exclusion(_) => true,
        });
    }

    /// What stands for all that one pattern, or `NotAction`, reaches.
    pub(crate) fn wildcard(&self) -> Option<&'a str> {
        match self.by {
            By::Pattern(pattern) | By::WholeService(pattern) => Some(pattern.as_str()),
            By::Name | By::Exclusion(_) => None,
        }
    }

    /// As the policy's author wrote it.
    pub(crate) fn written(&self) -> Cow<'a, str> {
        match self.by {
            By::Pattern(pattern) | By::WholeService(pattern) => Cow::Borrowed(pattern.as_str()),
            By::Name | By::Exclusion(_) => Cow::Owned(self.action.to_string()),
        }
    }
}

/// The patterns that name what is granted: the statement's and its boundary's, as far as nothing limits them.
struct Patterns<'a> {
    whole_services: Vec<&'a ActionPattern>,
    /// Where something limits the statement; where nothing does, it finds its own.
    others: Vec<&'a ActionPattern>,
    is_limited: bool,
}

impl<'a> Patterns<'a> {
    fn of(grant: &Grant<'a>) -> Self {
        let mut patterns: Vec<_> = written(grant.statement).iter().collect();
        if let Some(boundary) = grant.boundary {
            patterns.extend(written(boundary));
        }
        let is_limited = grant.is_limited();
        if is_limited {
            let is_granted = |action| grant.names(action) && grant.is_within_limits(action);
            patterns.retain(|pattern| pattern.known().all(is_granted));
        }
        let is_whole =
            |pattern: &&ActionPattern| pattern.is_everything() || pattern.whole_service().is_some();
        let (whole_services, others) = patterns.into_iter().partition(is_whole);
        Self { whole_services, others, is_limited }
    }

    fn name(&self, action: Action, own: Option<&'a ActionPattern>, grant: &Grant<'a>) -> By<'a> {
        let find = |patterns: &[&'a ActionPattern]| {
            patterns.iter().copied().find(|pattern| pattern.matches_action(action))
        };
        if let Some(pattern) = find(&self.whole_services) {
            return By::WholeService(pattern);
        }
        let pattern = if self.is_limited { find(&self.others) } else { own };
        match (pattern, &grant.statement.actions) {
            (Some(pattern), _) => By::Pattern(pattern),
            (None, actions @ Actions::AllBut(_)) if !self.is_limited => By::Exclusion(actions),
            _ => By::Name,
        }
    }
}

fn written(statement: &Statement) -> &[ActionPattern] {
    match &statement.actions {
        actions @ Actions::Only(_) => actions.patterns(),
        Actions::AllBut(_) => &[],
    }
}

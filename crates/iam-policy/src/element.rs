use std::sync::Arc;

use crate::action_list::{ActionList, ListKind};
use crate::pattern::{Pattern, Variables, union_covers};
use crate::table::{self, Action};

/// `Action` or `NotAction`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actions {
    /// `Action`: these.
    Only(Arc<ActionList>),
    /// `NotAction`: all actions of all services but these.
    AllBut(Arc<ActionList>),
}

/// The values of `Action` or `NotAction`. Some policies have more than a thousand, so they are found by service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ActionPatterns {
    written: Vec<ActionPattern>,
    /// Places in `written`, sorted by service; those with a wildcard in the service's place have none.
    by_service: Vec<usize>,
    /// The places of the others.
    of_any_service: Vec<usize>,
}

/// An action as policies write it: without regard to case, with `*` and `?` anywhere.
///
/// Source: IAM User Guide, `reference_policies_elements_action`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionPattern {
    written: String,
    lowercase: String,
    /// Where the colon stands, if nothing before it is a wildcard: so it is for nearly every pattern.
    service_end: Option<usize>,
}

/// `Resource` or `NotResource`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resources {
    /// `Resource`: these.
    Only(Vec<Pattern>),
    /// `NotResource`: all resources but these.
    AllBut(Vec<Pattern>),
}

impl Actions {
    pub(crate) fn only(written: &[&str]) -> Self {
        Self::Only(ActionList::shared(ListKind::Action, written))
    }

    pub(crate) fn all_but(written: &[&str]) -> Self {
        Self::AllBut(ActionList::shared(ListKind::NotAction, written))
    }

    /// The list, of `Action` and `NotAction` alike.
    pub(crate) fn list(&self) -> &ActionList {
        match self {
            Self::Only(list) | Self::AllBut(list) => list,
        }
    }

    /// Whether the element is about `action`.
    #[must_use]
    pub fn contain(&self, action: Action) -> bool {
        match self {
            Self::Only(list) => list.patterns().find(action).is_some(),
            Self::AllBut(list) => list.patterns().find(action).is_none(),
        }
    }

    /// The known actions that the element is about, each once, in the table's order, with the pattern through which
    /// `Action` is about them; `NotAction` names none.
    pub fn known(&self) -> impl Iterator<Item = (Action, Option<&ActionPattern>)> {
        let named = match self {
            Self::Only(list) if list.patterns().of_any_service.is_empty() => Some(list),
            _ => None,
        };
        let kept = named.and_then(|list| Some((list, list.known(list.patterns().known())?)));
        let kept = kept.map(|(list, known)| {
            known.iter().map(|(action, place)| (*action, list.patterns().written.get(*place)))
        });
        let found = kept.is_none().then(|| {
            let services = named.map(|list| list.patterns().services());
            let all = named.is_none().then(table::services);
            let services = services.into_iter().flatten().chain(all.into_iter().flatten());
            services.flat_map(|service| self.known_of(service))
        });
        kept.into_iter().flatten().chain(found.into_iter().flatten())
    }

    /// Those of one service.
    fn known_of(&self, service: table::Service) -> Vec<(Action, Option<&ActionPattern>)> {
        match self {
            Self::Only(list) if list.patterns().of_any_service.is_empty() => {
                let patterns = list.patterns();
                let known = patterns.known_of(service).into_iter();
                known.map(|(action, place)| (action, patterns.written.get(place))).collect()
            }
            _ => {
                let actions = service.actions().filter(|action| self.contain(*action));
                actions.map(|action| (action, self.pattern_for(action))).collect()
            }
        }
    }

    /// The pattern through which `Action` is about `action`; `NotAction` names none.
    #[must_use]
    pub fn pattern_for(&self, action: Action) -> Option<&ActionPattern> {
        match self {
            Self::Only(list) => list.patterns().find(action),
            Self::AllBut(_) => None,
        }
    }

    /// The actions that are written without wildcard and that the table does not know: it is older than they are.
    pub fn unknown(&self) -> impl Iterator<Item = &str> {
        let list = self.list();
        let is_unknown = |(_, pattern): &(usize, &ActionPattern)| {
            !pattern.has_wildcard() && table::action(pattern.as_str()).is_none()
        };
        let find = || list.patterns().written.iter().enumerate().filter(is_unknown).map(|(place, _)| place);
        let unknown = list.unknown(|| find().collect()).iter();
        unknown.filter_map(|place| list.patterns().written.get(*place)).map(ActionPattern::as_str)
    }

    /// The patterns as written, of `Action` and `NotAction` alike.
    #[must_use]
    pub fn patterns(&self) -> &[ActionPattern] {
        self.list().patterns().written()
    }

    /// Whether the element is `NotAction` with all that there is.
    pub(crate) fn are_nothing(&self) -> bool {
        matches!(self, Self::AllBut(_)) && self.patterns().iter().any(ActionPattern::is_everything)
    }

    /// Whether the element is about every action of every service.
    #[must_use]
    pub fn are_everything(&self) -> bool {
        matches!(self, Self::Only(_)) && self.patterns().iter().any(ActionPattern::is_everything)
    }
}

impl ActionPatterns {
    pub(crate) fn new(written: &[&str]) -> Self {
        let written: Vec<_> = written.iter().map(|text| ActionPattern::new(text)).collect();
        let service = |place: &usize| written.get(*place).and_then(ActionPattern::literal_service);
        let (mut by_service, of_any_service): (Vec<_>, Vec<_>) =
            (0..written.len()).partition(|place| service(place).is_some());
        by_service.sort_by_key(service);
        Self { written, by_service, of_any_service }
    }

    /// In the order in which they are written.
    pub(crate) fn written(&self) -> &[ActionPattern] {
        &self.written
    }

    /// A pattern that matches an action.
    fn find(&self, action: Action) -> Option<&ActionPattern> {
        let candidates = self.of_any_service.iter().chain(self.of_service(action.service()));
        candidates.filter_map(|place| self.written.get(*place)).find(|pattern| pattern.matches_action(action))
    }

    /// The known services that patterns name in full, each once, in the table's order.
    fn services(&self) -> impl Iterator<Item = table::Service> {
        let name = |place: &usize| self.written.get(*place).and_then(ActionPattern::literal_service);
        let groups = self.by_service.chunk_by(move |left, right| name(left) == name(right));
        groups.filter_map(move |group| table::service(name(group.first()?)?))
    }

    /// The known actions of all services that patterns name in full, with the places of the first patterns that match.
    pub(crate) fn known(&self) -> impl Iterator<Item = (Action, usize)> {
        self.services().flat_map(|service| self.known_of(service))
    }

    /// Those of one service.
    fn known_of(&self, service: table::Service) -> Vec<(Action, usize)> {
        let own = self.of_service(service.prefix()).iter();
        let own = own.filter_map(|place| Some((*place, self.written.get(*place)?)));
        let known = own.flat_map(|(place, own)| own.known_of(service).map(move |action| (action, place)));
        let mut known: Vec<_> = known.collect();
        // Stable, so that of several patterns for one action the first stays the first.
        known.sort_by(|(action, _), (other, _)| action.order(*other));
        known.dedup_by_key(|(action, _)| *action);
        known
    }

    fn of_service(&self, service: &str) -> &[usize] {
        let own = |place: &usize| self.written.get(*place).and_then(ActionPattern::literal_service);
        let start = self.by_service.partition_point(|place| own(place) < Some(service));
        let end = self.by_service.partition_point(|place| own(place) <= Some(service));
        self.by_service.get(start..end).unwrap_or_default()
    }
}

impl ActionPattern {
    /// Reads a pattern; any text is one.
    #[must_use]
    pub fn new(written: &str) -> Self {
        let service_end = written.find(':').filter(|end| !written.get(..*end).is_some_and(has_wildcard));
        Self { written: written.to_owned(), lowercase: written.to_ascii_lowercase(), service_end }
    }

    /// As the policy's author wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// Whether it matches the full name of an action, such as `s3:GetObject`.
    #[must_use]
    pub fn matches(&self, action: &str) -> bool {
        glob(self.lowercase.as_bytes(), action.bytes())
    }

    /// Whether it matches a known action.
    #[must_use]
    pub fn matches_action(&self, action: Action) -> bool {
        let (service, name) = (action.service(), action.name());
        if let Some((own, pattern)) = self.literal_parts() {
            return own == service && glob(pattern.as_bytes(), name.bytes());
        }
        let full_name = service.bytes().chain([b':']).chain(name.bytes());
        glob(self.lowercase.as_bytes(), full_name)
    }

    /// The known actions that it matches, in the table's order.
    pub fn known(&self) -> impl Iterator<Item = Action> {
        let own = self.literal_service().map(table::service);
        // A wildcard in the service's place may name any service.
        let all = own.is_none().then(table::services);
        own.flatten().into_iter().chain(all.into_iter().flatten()).flat_map(|service| self.known_of(service))
    }

    /// Those of one service.
    fn known_of(&self, service: table::Service) -> impl Iterator<Item = Action> {
        // Only names that begin like the pattern are looked at.
        let name = self.literal_parts().map_or("", |(_, name)| name);
        let start = name.split(['*', '?']).next().unwrap_or_default();
        service.actions_from(start).filter(|action| self.matches_action(*action))
    }

    /// Whether it holds a `*` or `?` anywhere.
    #[must_use]
    pub fn has_wildcard(&self) -> bool {
        has_wildcard(&self.written)
    }

    /// Whether it matches every action of every service: `*`, `*:*` and the like.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        let of_stars = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte == b'*');
        of_stars(&self.written)
            || self.split().is_some_and(|(service, name)| of_stars(service) && of_stars(name))
    }

    /// The one service all of whose known actions it matches: `dynamodb` of `dynamodb:*` and of `dynamodb:??*`.
    /// A pattern without wildcard is none, even where the service has a single action.
    #[must_use]
    pub fn whole_service(&self) -> Option<table::Service> {
        let (prefix, name) = self.split()?;
        if has_wildcard(prefix) || !has_wildcard(name) {
            return None;
        }
        let is_star = name.bytes().all(|byte| byte == b'*');
        let all =
            |service: &table::Service| is_star || service.actions().all(|action| self.matches_action(action));
        // A service that the table does not know is covered whole by a bare star only; there is nothing to say then.
        table::service(prefix).filter(all)
    }

    fn literal_service(&self) -> Option<&str> {
        self.lowercase.get(..self.service_end?)
    }

    /// Service, without wildcards, and name.
    fn literal_parts(&self) -> Option<(&str, &str)> {
        let (service, name) = self.lowercase.split_at_checked(self.service_end?)?;
        Some((service, name.get(1..)?))
    }

    fn split(&self) -> Option<(&str, &str)> {
        self.lowercase.split_once(':')
    }
}

impl Resources {
    pub(crate) fn only(written: &[&str], variables: Variables) -> Self {
        Self::Only(written.iter().map(|text| Pattern::arn(text, variables)).collect())
    }

    pub(crate) fn all_but(written: &[&str], variables: Variables) -> Self {
        Self::AllBut(written.iter().map(|text| Pattern::arn(text, variables)).collect())
    }

    /// The patterns as written, of `Resource` and `NotResource` alike.
    #[must_use]
    pub fn patterns(&self) -> &[Pattern] {
        match self {
            Self::Only(patterns) | Self::AllBut(patterns) => patterns,
        }
    }

    /// Whether this is about every resource that `other` is about.
    #[must_use]
    pub fn cover(&self, other: &Self) -> bool {
        match (self, other) {
            (own, _) if own.are_everything() => true,
            (Self::Only(own), Self::Only(other)) => {
                let own: Vec<_> = own.iter().collect();
                other.iter().all(|pattern| union_covers(&own, pattern))
            }
            (Self::AllBut(own), Self::Only(other)) => {
                !own.iter().any(|left_out| other.iter().any(|pattern| pattern.overlaps(left_out)))
            }
            (Self::AllBut(own), Self::AllBut(other)) => {
                let other: Vec<_> = other.iter().collect();
                own.iter().all(|left_out| union_covers(&other, left_out))
            }
            (Self::Only(_), Self::AllBut(_)) => false,
        }
    }

    /// Whether the element is `Resource` with a bare star among its values.
    #[must_use]
    pub fn are_everything(&self) -> bool {
        matches!(self, Self::Only(patterns) if patterns.iter().any(Pattern::is_everything))
    }
}

fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// Whether `text`, in any case, matches a lower-case pattern with `*` and `?`. On a mismatch only the last star is
/// reconsidered: an earlier one could not do better, so the time is at worst the product of the lengths.
fn glob(pattern: &[u8], text: impl Iterator<Item = u8> + Clone) -> bool {
    let mut place = 0;
    let mut text = text;
    let mut last_star = None;
    loop {
        let before = text.clone();
        match (pattern.get(place), text.next()) {
            (Some(b'*'), _) => {
                place += 1;
                // Whatever is left.
                if place == pattern.len() {
                    return true;
                }
                text = before;
                last_star = Some((place, text.clone()));
            }
            (Some(b'?'), Some(_)) => place += 1,
            (Some(wanted), Some(byte)) if *wanted == byte.to_ascii_lowercase() => place += 1,
            (None, None) => return true,
            (_, None) => return false,
            (_, Some(_)) => {
                let Some((after_star, mut from)) = last_star.take() else { return false };
                from.next();
                place = after_star;
                text = from.clone();
                last_star = Some((after_star, from));
            }
        }
    }
}

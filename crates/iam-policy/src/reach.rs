use std::collections::BTreeSet;

use crate::arn::{self, Beginning, Breadth, Location, Place, Shape};
use crate::element::Resources;
use crate::pattern::{Pattern, common_text, union_covers};
use crate::table::{Action, ResourceType};

/// A set of resources: what some elements allow together, less what others take away.
///
/// Every answer errs to the side on which no finding is made: what is allowed counts only where it is certain, what
/// is taken away counts wherever it is possible. They differ where policy variables stand.
#[derive(Clone, Debug, Default)]
pub struct ResourceSet<'a> {
    /// A resource must match one pattern of each list.
    required: Vec<&'a [Pattern]>,
    /// A resource must match none; variables stand for anything.
    excluded: Vec<Pattern>,
}

/// Whoever queries or scans an index names it in place of the table that it belongs to, which the reference calls required.
///
/// Source: Amazon DynamoDB Developer Guide, `specifying-conditions`, the example of projected attributes of an index.
const NAMED_IN_PLACE: &str = "$:dynamodb:$:$:table/$/index/$";

/// How much of a resource type, or of what an action works on, is in reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// Nothing, as far as is certain.
    Nothing,
    /// Some resources, and not for certain all.
    Some,
    /// Every resource but those that these patterns name, through `NotResource` or a Deny.
    EveryBut(Breadth, Vec<String>),
    /// Every resource in these Regions and accounts.
    Every(Breadth),
    /// The action cannot be restricted to resources, and is allowed.
    Unrestrictable,
}

impl Coverage {
    /// Every resource in every Region and account.
    pub(crate) const ANYWHERE: Self = Self::Every(Breadth { region: None, account: None });

    /// Whether every resource is in reach, or every one but a list of exceptions.
    #[must_use]
    pub const fn is_broad(&self) -> bool {
        matches!(self, Self::Every(_) | Self::EveryBut(..))
    }

    /// Whether anything is in reach.
    #[must_use]
    pub fn is_something(&self) -> bool {
        *self != Self::Nothing
    }
}

impl<'a> ResourceSet<'a> {
    /// Leaves what the element is about.
    pub(crate) fn require(&mut self, element: &'a Resources) {
        match element {
            Resources::Only(patterns) => self.required.push(patterns),
            Resources::AllBut(patterns) => self.excluded.extend(patterns.iter().map(Pattern::widened)),
        }
    }

    /// Leaves what the element is not about. To take away all but some is to leave those.
    pub(crate) fn exclude(&mut self, element: &'a Resources) {
        match element {
            Resources::Only(patterns) => self.excluded.extend(patterns.iter().map(Pattern::widened)),
            Resources::AllBut(patterns) => self.required.push(patterns),
        }
    }

    /// Whether the set holds this ARN; `*` asks for an action that knows no resources.
    #[must_use]
    pub fn contains(&self, arn: &str) -> bool {
        let is_excluded = || self.excluded.iter().any(|pattern| pattern.matches(arn));
        self.required.iter().all(|patterns| patterns.iter().any(|pattern| pattern.matches(arn)))
            && !is_excluded()
    }

    /// With what the ARN of every resource of the set at these places begins: one of these, any of which may be empty.
    #[must_use]
    pub fn beginnings(&self, places: &BTreeSet<Place>) -> Vec<Beginning> {
        let of_list = |list: &&[Pattern]| {
            list.iter().flat_map(|pattern| arn::beginnings(pattern, places)).collect::<Vec<_>>()
        };
        // All lists hold the resource, so the one that tells most is enough.
        let least = |beginnings: &Vec<Beginning>| {
            beginnings.iter().map(|begin| begin.text.len()).min().unwrap_or(usize::MAX)
        };
        self.required.iter().map(of_list).max_by_key(least).unwrap_or_else(|| vec![Beginning::of_anything()])
    }

    /// Whether the set holds at least one resource that `wanted` matches, such as any object of a bucket.
    #[must_use]
    pub fn reaches(&self, wanted: &Pattern) -> bool {
        let narrowing: Vec<_> =
            self.required.iter().filter(|patterns| !hold_everything(patterns)).copied().collect();
        reaches(&narrowing, &self.excluded, &[wanted])
    }

    /// Whether the set holds all resources, as nearly all sets do that are not about one type.
    fn is_everything(&self) -> bool {
        self.excluded.is_empty() && self.required.iter().all(|patterns| hold_everything(patterns))
    }

    /// Whether the set holds every resource of a type at a place, for certain.
    #[must_use]
    pub fn holds_all(&self, shape: Shape, place: &Place) -> bool {
        if self.is_everything() {
            return true;
        }
        let location = Location::at(place);
        let is_covered =
            |patterns: &&[Pattern]| hold_everything(patterns) || shape.is_covered(patterns, &location);
        self.required.iter().all(is_covered)
            && !shape
                .at_most(&location)
                .iter()
                .any(|all| self.excluded.iter().any(|pattern| pattern.overlaps(all)))
    }

    /// How much of a resource type the set holds.
    #[must_use]
    pub fn coverage(&self, shape: Shape) -> Coverage {
        if self.is_everything() {
            return Coverage::ANYWHERE;
        }
        // Most elements are about other types, and are told apart from this one without a proof.
        let may_be_named =
            |patterns: &&[Pattern]| patterns.iter().any(|pattern| shape.may_be_named_by(pattern));
        if !self.required.iter().all(may_be_named) {
            return Coverage::Nothing;
        }
        let Some(location) = self.location_covered(shape) else {
            let is_reached = self.reaches(&shape.at_least(&Location::anywhere()));
            return if is_reached { Coverage::Some } else { Coverage::Nothing };
        };

        let excluded: Vec<_> =
            self.excluded.iter().filter(|pattern| shape.may_be_named_by(pattern)).collect();
        if excluded.is_empty() {
            return Coverage::Every(location.breadth());
        }
        let all = shape.at_most(&location);
        if all.iter().any(|all| union_covers(&excluded, all)) {
            return Coverage::Nothing;
        }
        let touches = |pattern: &&&Pattern| all.iter().any(|all| pattern.overlaps(all));
        let exceptions: Vec<_> =
            excluded.iter().filter(touches).map(|pattern| pattern.as_str().to_owned()).collect();
        if exceptions.is_empty() {
            Coverage::Every(location.breadth())
        } else {
            Coverage::EveryBut(location.breadth(), exceptions)
        }
    }

    /// The widest location that the patterns speak of and at which they match every ARN of a type.
    fn location_covered(&self, shape: Shape) -> Option<Location> {
        let narrowing = || self.required.iter().filter(|patterns| !hold_everything(patterns));
        if !narrowing().all(|patterns| shape.may_be_covered(patterns)) {
            return None;
        }
        let may_cover = |pattern: &&Pattern| {
            !pattern.is_finite() && !pattern.is_everything() && shape.may_be_named_by(pattern)
        };
        let patterns = self.required.iter().flat_map(|patterns| patterns.iter());
        let is_covered =
            |location: &Location| narrowing().all(|patterns| shape.is_covered(patterns, location));
        Location::spoken_of(patterns.filter(may_cover)).into_iter().find(is_covered)
    }

    /// How much of what an action works on the set holds.
    ///
    /// An action that requires several types of resources is as wide as the narrowest of them: an instance can be
    /// started only from an image, into a subnet. Where it requires none, each type is a way of its own, and so is one that
    /// requests name in place of a required one.
    ///
    /// Source: Service Authorization Reference, `reference_policies_actions-resources-contextkeys`, "The actions table".
    #[must_use]
    pub fn coverage_of(&self, action: Action) -> Coverage {
        if !action.is_restrictable() {
            let mut single = action.resource_types().map(|worked_on| worked_on.shape);
            return if self.contains("*") {
                Coverage::Unrestrictable
            } else if single.any(|shape| self.coverage(shape).is_something()) {
                Coverage::Some
            } else {
                Coverage::Nothing
            };
        }
        if self.is_everything() {
            return Coverage::ANYWHERE;
        }
        let mut required = Vec::new();
        let mut optional = Vec::new();
        let mut in_place = None;
        let mut reaches_single = false;
        for ResourceType { shape, is_required, .. } in action.resource_types() {
            let coverage = self.coverage(shape);
            // That a policy names the only one of its kind says nothing about how wide it is.
            if coverage.is_broad() && !shape.has_names() {
                reaches_single = true;
            } else {
                if coverage.is_broad() && shape.as_str() == NAMED_IN_PLACE {
                    in_place = Some(coverage.clone());
                }
                if is_required { &mut required } else { &mut optional }.push(coverage);
            }
        }
        let is_narrowed = |coverage: &Coverage| !coverage.is_broad();
        if required.iter().any(is_narrowed) || (required.is_empty() && optional.iter().all(is_narrowed)) {
            let is_reached = reaches_single || required.iter().chain(&optional).any(Coverage::is_something);
            let narrow = if is_reached { Coverage::Some } else { Coverage::Nothing };
            return in_place.unwrap_or(narrow);
        }
        let ways = if required.is_empty() { optional } else { required };
        let (mut breadth, mut exceptions) = (None, Vec::new());
        for way in ways {
            let (own, excepted) = match way {
                Coverage::Every(own) => (own, Vec::new()),
                Coverage::EveryBut(own, excepted) => (own, excepted),
                _ => continue,
            };
            breadth.get_or_insert(own);
            exceptions.extend(
                excepted.into_iter().filter(|pattern| !exceptions.contains(pattern)).collect::<Vec<_>>(),
            );
        }
        match breadth {
            Some(breadth) if exceptions.is_empty() => Coverage::Every(breadth),
            Some(breadth) => Coverage::EveryBut(breadth, exceptions),
            None => Coverage::Some,
        }
    }
}

/// A bare star needs no proof, and is by far the most frequent.
fn hold_everything(patterns: &[Pattern]) -> bool {
    patterns.iter().any(Pattern::is_everything)
}

/// Whether some text matches all of `chosen` and one pattern of each list, and is not excluded. One text is tried for
/// each choice: where that one is excluded, another might not be, but nobody has shown it.
fn reaches(required: &[&[Pattern]], excluded: &[Pattern], chosen: &[&Pattern]) -> bool {
    let Some((patterns, others)) = required.split_first() else {
        // A pattern alone matches something, and two that overlap do.
        if excluded.is_empty() && chosen.len() <= 2 {
            return true;
        }
        let text = common_text(chosen);
        return text.is_some_and(|text| !excluded.iter().any(|pattern| pattern.matches(&text)));
    };
    // Most patterns are about something else, which two of them show.
    let overlapping = |pattern: &&Pattern| chosen.iter().all(|chosen| pattern.overlaps(chosen));
    patterns.iter().filter(overlapping).any(|pattern| {
        let mut chosen = chosen.to_vec();
        chosen.push(pattern);
        // Ask before choosing among the other lists.
        (others.is_empty() || common_text(&chosen).is_some()) && reaches(others, excluded, &chosen)
    })
}

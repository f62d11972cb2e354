//! Which functions of other groups the function may invoke, and which share its role.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use aws_resources::{Group, GroupedFunction};
use config_rule::{Finding, Known, Missing};
use iam_policy::stores::Certainty;
use iam_policy::{Action, Coverage, EffectivePermissions, Grant, Shape, account_of, below, exactly, table};

use crate::certainty::{self, Reachable};
use crate::checks::{INVOKES_FOREIGN_FUNCTION, ROLE_SHARED_ACROSS_GROUPS};
use crate::foreign::{Foreign, Home, and_more, capped};
use crate::targets::Targets;

static INVOKE: LazyLock<Option<Action>> = LazyLock::new(|| table::action("lambda:InvokeFunction"));

/// The grants that let a role invoke functions, with how many of them.
pub(crate) fn grants(permissions: &EffectivePermissions) -> impl Iterator<Item = (Grant<'_>, Coverage)> {
    INVOKE.into_iter().flat_map(|action| permissions.grants_for(action))
}

/// What the ARNs of functions look like.
pub(crate) fn function_shape() -> Option<Shape> {
    table::service("lambda").and_then(|lambda| lambda.shape("function"))
}

/// A function of another group, or the first of many, that a grant lets the function invoke.
struct Invoked<'a> {
    function: &'a GroupedFunction,
    group: Group,
    grant: &'a Grant<'a>,
    is_broad: bool,
    count: usize,
}

/// A finding for each function of another group that a grant names, or one for a grant that covers all functions.
pub(crate) fn foreign_invocations(
    function: &GroupedFunction,
    home: Home<'_>,
) -> Result<Vec<Finding>, Missing> {
    let permissions = home.surroundings.permissions.get()?;
    let grants: Vec<_> = grants(permissions).collect();
    if grants.is_empty() {
        return Ok(Vec::new());
    }
    let invoked = invoked(function, home, &grants)?;
    let wanted = || format!("only functions of group `{}`", home.group);
    let (broad, narrow): (Vec<_>, Vec<_>) = invoked.into_iter().partition(|invoked| invoked.is_broad);
    let found = |seen: String, grant: &Grant<'_>| {
        let origin = grant.origin();
        Finding::new(INVOKES_FOREIGN_FUNCTION, format!("{seen} ({origin})"), wanted(), origin.to_string())
    };
    let one = |invoked: &Invoked<'_>| {
        found(format!("may invoke `{}` of group `{}`", invoked.function.name, invoked.group), invoked.grant)
    };
    let mut findings = capped(narrow.iter().map(one).collect(), "functions");
    if let Some(first) = broad.first() {
        let others = and_more(broad.iter().map(|invoked| invoked.count).sum());
        let which = format!("`{}` of group `{}`{others}", first.function.name, first.group);
        findings.push(found(format!("may invoke every function, such as {which}"), first.grant));
    }
    Ok(findings)
}

/// Looks at those functions that some grant names, and counts the others, which only a grant on all functions reaches.
fn invoked<'a>(
    function: &GroupedFunction,
    home: Home<'a>,
    grants: &'a [(Grant<'a>, Coverage)],
) -> Result<Vec<Invoked<'a>>, Missing> {
    let functions = match &home.surroundings.invocable {
        Known::Value(functions) => functions,
        Known::Unknown(missing) => return Err(missing.clone()),
    };
    let (on_all, on_some): (Vec<_>, Vec<_>) =
        grants.iter().partition(|(grant, coverage)| coverage.is_broad() && invokes_all(grant, functions));
    let invoke = *INVOKE;
    let beginnings = on_some
        .iter()
        .filter_map(|(grant, _)| invoke.map(|action| grant.resources(action).beginnings(functions.places())));
    let mut looked_at = functions.beginning_alike(&beginnings.flatten().collect());
    looked_at.extend(functions.named(&function.name));

    // In the order of positions, whichever way each was found.
    let mut found = BTreeMap::new();
    let one = |position, group, (grant, coverage): &'a (Grant<'a>, Coverage), count| {
        let function = functions.get(position)?;
        Some(Invoked { function, group, grant, is_broad: coverage.is_broad(), count })
    };
    for position in looked_at.iter().copied() {
        let Some(other) = functions.get(position).filter(|other| other.name != function.name) else {
            continue;
        };
        let reached = other
            .arn
            .get()
            .map(|arn| grants.iter().find(|(grant, _)| invokes(grant, arn, other, home.account)));
        let invoked = match reached {
            Ok(None) => continue,
            Ok(Some(grant)) => home
                .foreign_group(&other.group_evidence)
                .map(|group| group.and_then(|group| one(position, group, grant, 1))),
            Err(missing) => Err(missing),
        };
        found.insert(position, invoked);
    }
    if let Some(grant) = on_all.first() {
        let others = functions.groups(home).others(home.group, &looked_at);
        let first =
            others.first.map(|(position, group)| (position, Ok(one(position, group, grant, others.count))));
        let unknown = others.unknown.map(|(position, missing)| (position, Err(missing)));
        found.extend(first.into_iter().chain(unknown));
    }

    let mut invoked = Foreign::none();
    for found in found.into_values() {
        invoked.add(found);
    }
    invoked.decided()
}

/// A finding if functions of other groups run with the function's role.
pub(crate) fn shared_role(function: &GroupedFunction, home: Home<'_>) -> Result<Option<Finding>, Missing> {
    let role_arn = function.role_arn.get()?;
    let sharing = home.surroundings.sharing.get()?;
    let has_another_role =
        |other: &GroupedFunction| !other.role_arn.get().is_ok_and(|other| other == role_arn);
    let is_left_out = |other: &GroupedFunction| other.name == function.name || has_another_role(other);
    let left_out = sharing.all().iter().enumerate().filter(|(_, other)| is_left_out(other));
    let others = sharing.groups(home).others(home.group, &left_out.map(|(position, _)| position).collect());
    let Some((position, group)) = others.first else {
        return others.unknown.map_or(Ok(None), |(_, missing)| Err(missing));
    };
    let name = sharing.get(position).map_or("", |other| &other.name);
    let role = role_arn.rsplit('/').next().unwrap_or(role_arn);
    let seen = format!("role `{role}` also runs `{name}` of group `{group}`{}", and_more(others.count));
    let wanted = format!("needs a role that runs only functions of group `{}`", home.group);
    Ok(Some(Finding::new(ROLE_SHARED_ACROSS_GROUPS, seen, wanted, "configuration.role")))
}

/// Whether nothing but a function's ARN could keep the grant from reaching it.
fn invokes_all(grant: &Grant<'_>, functions: &Targets<GroupedFunction>) -> bool {
    let (Some(action), Some(shape)) = (*INVOKE, function_shape()) else { return false };
    let resources = grant.resources(action);
    certainty::certainty(grant, action) == Certainty::Always
        && functions.places().iter().all(|place| resources.holds_all(shape, place))
}

/// By its own ARN, or by that of any of its versions and aliases.
fn invokes(grant: &Grant<'_>, arn: &str, other: &GroupedFunction, own_account: Option<&str>) -> bool {
    let Some(action) = *INVOKE else { return false };
    let resources = grant.resources(action);
    let is_reached = resources.reaches(&exactly(arn)) || resources.reaches(&below(arn, ":"));
    let target = Reachable { tags: &other.group_evidence.tags, account: account_of(arn), own_account };
    is_reached && certainty::reaches(grant, action, target)
}

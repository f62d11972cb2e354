//! Which functions of other groups the function may invoke, and which share its role.

use aws_resources::{Group, GroupedFunction};
use config_rule::{Finding, Missing};
use iam_policy::{Coverage, EffectivePermissions, Grant, below, exactly, table};

use crate::certainty::{self, Target};
use crate::checks::{INVOKES_FOREIGN_FUNCTION, ROLE_SHARED_ACROSS_GROUPS};
use crate::foreign::{Foreign, Home, capped};

const INVOKE: &str = "lambda:InvokeFunction";

/// The grants that let a role invoke functions, with how many of them.
pub(crate) fn grants(permissions: &EffectivePermissions) -> impl Iterator<Item = (Grant<'_>, Coverage)> {
    table::action(INVOKE).into_iter().flat_map(|action| permissions.grants_for(action))
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
    let mut invoked = Foreign::none();
    for other in home.surroundings.functions.get()?.iter().filter(|other| other.name != function.name) {
        let arn = match other.arn.get() {
            Ok(arn) => arn,
            Err(missing) => {
                invoked.lack(missing);
                continue;
            }
        };
        if let Some((grant, coverage)) = grants.iter().find(|(grant, _)| invokes(grant, arn, other)) {
            let group = home.foreign_group(&other.group_evidence);
            invoked.add(group, |group| (other, group, grant, coverage.is_broad()));
        }
    }
    let wanted = || format!("only functions of group `{}`", home.group);
    let (broad, narrow): (Vec<_>, Vec<_>) =
        invoked.decided()?.into_iter().partition(|(.., is_broad)| *is_broad);
    let found = |seen: String, grant: &Grant<'_>| {
        let origin = grant.origin();
        Finding::new(INVOKES_FOREIGN_FUNCTION, format!("{seen} ({origin})"), wanted(), origin.to_string())
    };
    let one = |(other, group, grant, _): &(&GroupedFunction, Group, &Grant<'_>, bool)| {
        found(format!("may invoke `{}` of group `{group}`", other.name), grant)
    };
    let mut findings = capped(narrow.iter().map(one).collect(), "functions");
    if let Some((other, group, grant, _)) = broad.first() {
        let which = format!("`{}` of group `{group}`{}", other.name, and_more(broad.len()));
        findings.push(found(format!("may invoke every function, such as {which}"), grant));
    }
    Ok(findings)
}

/// A finding if functions of other groups run with the function's role.
pub(crate) fn shared_role(function: &GroupedFunction, home: Home<'_>) -> Result<Option<Finding>, Missing> {
    let role_arn = function.role_arn.get()?;
    let mut sharing = Foreign::none();
    for other in home.surroundings.functions.get()?.iter() {
        if other.name != function.name && other.role_arn.get().is_ok_and(|other| other == role_arn) {
            sharing.add(home.foreign_group(&other.group_evidence), |group| (&other.name, group));
        }
    }
    let sharing = sharing.decided()?;
    let Some((name, group)) = sharing.first() else { return Ok(None) };
    let role = role_arn.rsplit('/').next().unwrap_or(role_arn);
    let seen = format!("role `{role}` also runs `{name}` of group `{group}`{}", and_more(sharing.len()));
    let wanted = format!("needs a role that runs only functions of group `{}`", home.group);
    Ok(Some(Finding::new(ROLE_SHARED_ACROSS_GROUPS, seen, wanted, "configuration.role")))
}

/// By its own ARN, or by that of any of its versions and aliases.
fn invokes(grant: &Grant<'_>, arn: &str, other: &GroupedFunction) -> bool {
    let Some(action) = table::action(INVOKE) else { return false };
    let resources = grant.resources(action);
    let is_reached = resources.reaches(&exactly(arn)) || resources.reaches(&below(arn, ":"));
    is_reached && certainty::reaches(grant, action, Target { arn, tags: &other.group_evidence.tags })
}

fn and_more(count: usize) -> String {
    if count <= 1 { String::new() } else { format!(" and {} more of other groups", count - 1) }
}

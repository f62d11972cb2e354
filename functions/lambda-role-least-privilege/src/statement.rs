//! What is too much in one statement.
//!
//! Everything that a statement grants is explained once, by the worst check that it fails: a statement that grants
//! everything is not also reported for each thing that it grants, `s3:*` on every bucket is no news besides `s3:*`.

use std::borrow::Cow;
use std::collections::HashSet;

use config_rule::{Check, Finding, Severity};
use iam_policy::escalation::{Combination, Step};
use iam_policy::{Action, ActionPattern, Actions, Grant, Resources, usual};

use crate::checks::{
    ACTION_WILDCARD, ADMIN_ACCESS, PRIVILEGE_ESCALATION, SERVICE_WILDCARD, WILDCARD_RESOURCE_READ,
    WILDCARD_RESOURCE_WRITE,
};
use crate::leeway::Leeway;
use crate::reached::{By, Reached};
use crate::wording::named;

const PASS_ROLE: &str = "iam:PassRole";

/// What the findings of a statement rest on besides the statement.
pub(crate) struct RoleContext<'a> {
    /// The combinations that the role holds.
    pub(crate) ways: Vec<&'static Combination>,
    /// What is accepted.
    pub(crate) leeway: &'a Leeway,
}

/// The findings of one statement, which `grants` has once for each statement of the boundary.
pub(crate) fn findings(grants: &[Grant<'_>], role: &RoleContext<'_>) -> Vec<Finding> {
    let Some(first) = grants.first() else { return Vec::new() };
    let report = Report { grant: first };
    let RoleContext { ways, leeway, .. } = role;
    if !leeway.accepts_everything()
        && let Some(breadth) = grants.iter().find_map(Grant::breadth)
    {
        return vec![report.admin_access(&breadth.excepted)];
    }

    let mut reached: Vec<Reached<'_>> = grants.iter().flat_map(|grant| Reached::by(grant, role)).collect();
    let mut findings = Vec::new();

    let own_ways: Vec<_> = ways.iter().copied().filter(|way| is_begun_by(way, grants)).collect();
    let passes_roles = reached.iter().any(|one| one.is_broad && is(one.action, PASS_ROLE));
    if passes_roles || !own_ways.is_empty() {
        findings.push(report.privilege_escalation(&own_ways));
        let begins = |action| {
            own_ways.iter().filter_map(|way| way.steps.first()).any(|step| is(action, step.action()))
        };
        reached.retain(|one| !one.is_broad || !(is(one.action, PASS_ROLE) || begins(one.action)));
    }

    let (whole, mut reached): (Vec<_>, Vec<_>) = reached.into_iter().partition(Reached::is_by_whole_service);
    if !whole.is_empty() {
        findings.push(report.of(SERVICE_WILDCARD, Severity::High, &whole, "name the actions"));
    }

    let writes = take(&mut reached, |one| one.is_broad && one.changes_something());
    findings.extend(report.on_every_resource(WILDCARD_RESOURCE_WRITE, Severity::High, &writes, &[]));
    let reads = take(&mut reached, |one| one.is_broad && !one.changes_something());
    let (data, other): (Vec<_>, Vec<_>) =
        reads.iter().copied().partition(|one| usual::reads_data(one.action));
    let severity = if data.is_empty() { Severity::Low } else { Severity::Medium };
    findings.extend(report.on_every_resource(WILDCARD_RESOURCE_READ, severity, &data, &other));

    if reached.is_empty() {
        return findings;
    }
    let (written_by, read_by) = (wildcards(&writes), wildcards(&reads));
    let explained = |one: &Reached<'_>| {
        written_by.contains(&one.wildcard()) || !one.changes_something() && read_by.contains(&one.wildcard())
    };
    reached.retain(|one| !explained(one));
    Reached::retain_by_wildcard(&mut reached);
    findings.extend(report.action_wildcard(&reached));
    findings
}

/// Whether the statement grants the step that a combination begins with, and that it is reported for.
fn is_begun_by(way: &Combination, grants: &[Grant<'_>]) -> bool {
    way.steps.first().is_some_and(|step: &Step| grants.iter().any(|grant| step.is_granted_by(grant)))
}

fn is(action: Action, name: &str) -> bool {
    name.split_once(':') == Some((action.service(), action.name()))
}

fn wildcards<'a>(reached: &[Reached<'a>]) -> HashSet<Option<&'a str>> {
    reached.iter().map(Reached::wildcard).collect()
}

/// As the policy's author wrote them. A wildcard stands for many actions in a row, and is named for the first.
fn names<'a>(reached: impl Iterator<Item = &'a Reached<'a>>) -> Vec<Cow<'a, str>> {
    let mut names: Vec<_> = reached.map(Reached::written).collect();
    names.dedup();
    names
}

/// Moves what is wanted out of `reached`.
fn take<'a>(reached: &mut Vec<Reached<'a>>, wanted: impl Fn(&Reached<'a>) -> bool) -> Vec<Reached<'a>> {
    reached.extract_if(.., |one| wanted(one)).collect()
}

/// Whether a pattern is one of those that make a grant broad.
fn has_star(text: &str) -> bool {
    text.contains('*')
}

/// Findings about one statement, in words.
struct Report<'a> {
    grant: &'a Grant<'a>,
}

impl Report<'_> {
    fn of(
        &self,
        check: &'static Check,
        severity: Severity,
        reached: &[Reached<'_>],
        wanted: &str,
    ) -> Finding {
        self.finding(check, severity, &format!("allows {}", named(names(reached.iter()))), wanted)
    }

    fn finding(&self, check: &'static Check, severity: Severity, does: &str, wanted: &str) -> Finding {
        let origin = self.grant.origin().to_string();
        Finding { severity, ..Finding::new(check, format!("{origin} {does}"), wanted, origin) }
    }

    fn admin_access(&self, excepted: &[String]) -> Finding {
        let actions = match excepted {
            [] => "every action".to_owned(),
            excepted => format!("every action but {}", named(excepted)),
        };
        let does = format!("allows {actions} on {}", self.resources(has_star));
        self.finding(
            ADMIN_ACCESS,
            Severity::Critical,
            &does,
            "only the actions and resources that are needed",
        )
    }

    fn privilege_escalation(&self, ways: &[&Combination]) -> Finding {
        let (does, passes_roles) = match ways {
            [] => (format!("lets the role pass every role to every service (`{PASS_ROLE}`)"), true),
            [way, others @ ..] => {
                let more =
                    if others.is_empty() { String::new() } else { format!(", +{} more ways", others.len()) };
                let steps = named(way.steps.iter().map(|step| step.action()));
                let passes_roles = way.steps.iter().any(|step| step.action() == PASS_ROLE);
                (format!("lets the role {} ({steps}{more})", way.title), passes_roles)
            }
        };
        let wanted =
            if passes_roles { "name the roles and `iam:PassedToService`" } else { "name the resources" };
        self.finding(PRIVILEGE_ESCALATION, Severity::Critical, &does, wanted)
    }

    /// The worse actions are named before the others.
    fn on_every_resource(
        &self,
        check: &'static Check,
        severity: Severity,
        worse: &[Reached<'_>],
        others: &[Reached<'_>],
    ) -> Option<Finding> {
        let reached = || worse.iter().chain(others);
        let mut names = names(reached());
        if names.is_empty() {
            return None;
        }
        let services: HashSet<_> = reached().map(|one| one.action.service()).collect();
        names.extend(self.unknown_actions(&services));
        let does = format!("allows {} on {}", named(names), self.resources(has_star));
        Some(self.finding(check, severity, &does, "name the resources"))
    }

    fn action_wildcard(&self, reached: &[Reached<'_>]) -> Option<Finding> {
        let writes: Vec<_> = reached.iter().copied().filter(Reached::changes_something).collect();
        let (worst, severity) =
            if writes.is_empty() { (reached, Severity::Low) } else { (&*writes, Severity::Medium) };
        if let By::Exclusion(actions) = worst.first()?.by {
            let excepted = named(actions.patterns().iter().map(ActionPattern::as_str));
            let does = format!("allows every action but {excepted} on {}", self.resources(|_| true));
            return Some(self.finding(ACTION_WILDCARD, severity, &does, "name the actions"));
        }
        Some(self.of(ACTION_WILDCARD, severity, worst, "name the actions"))
    }

    /// Actions of `services` that are newer than the table. They alone make no finding.
    fn unknown_actions(&self, services: &HashSet<&str>) -> Vec<Cow<'_, str>> {
        let statement = self.grant.statement;
        if self.grant.boundary.is_some() || !statement.conditions.are_none() {
            return Vec::new();
        }
        let Actions::Only(_) = statement.actions else { return Vec::new() };
        let is_of_services = |name: &&str| {
            let service = name.split(':').next().unwrap_or_default();
            services.iter().any(|known| known.eq_ignore_ascii_case(service))
        };
        statement.actions.unknown().filter(is_of_services).map(Cow::Borrowed).collect()
    }

    /// What the statement is about: of `Resource`, those values that explain the finding.
    fn resources(&self, explains: impl Fn(&str) -> bool) -> String {
        let resources = &self.grant.statement.resources;
        let texts = resources.patterns().iter().map(iam_policy::Pattern::as_str);
        match resources {
            Resources::AllBut(_) => format!("all resources but {}", named(texts)),
            Resources::Only(_) if resources.are_everything() => "`*`".to_owned(),
            Resources::Only(_) => named(texts.filter(|text| explains(text))),
        }
    }
}

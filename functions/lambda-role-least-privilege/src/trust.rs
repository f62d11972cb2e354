//! Who may assume the role.

use config_rule::{Finding, Known};
use iam_policy::{Actions, Effect, PolicyDocument, Principal, Principals, Statement};

use crate::checks::BROAD_TRUST;
use crate::leeway::Leeway;
use crate::wording::named;

/// The service that runs functions, in every partition.
///
/// Source: AWS Lambda Developer Guide, `lambda-intro-execution-role`.
const LAMBDA: &str = "lambda.amazonaws.com";

/// The ways to assume a role. `sts:TagSession` and `sts:SetSourceIdentity` only accompany them.
///
/// Source: Service Authorization Reference, AWS Security Token Service.
const ASSUMING: [&str; 3] = ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"];

/// Whether Lambda may assume the role, so that functions can run with it.
pub(crate) fn is_for_lambda(trust_policy: &Known<PolicyDocument>) -> Known<bool> {
    trust_policy.get().map(|policy| trusted(policy).any(|(_, principal)| is_lambda(principal))).into()
}

/// Everybody besides Lambda who may assume the role: one finding per statement.
pub(crate) fn broad_trust(policy: &PolicyDocument, leeway: &Leeway) -> Vec<Finding> {
    let is_expected = |principal: &Principal| {
        is_lambda(principal) || matches!(principal, Principal::Service(service) if leeway.trusts(service))
    };
    let findings = policy.statements.iter().filter_map(|statement| {
        let of_statement = trusted(policy).filter(|(own, _)| own.index == statement.index);
        let others: Vec<_> = of_statement
            .map(|(_, principal)| principal)
            .filter(|principal| !is_expected(principal))
            .map(described)
            .collect();
        let place = format!("trust policy, statement {}", statement.label());
        let seen = if is_for_all_but(statement) {
            "everybody but a few may assume the role".to_owned()
        } else if others.is_empty() {
            return None;
        } else {
            format!("{} may assume the role", named(others))
        };
        Some(Finding::new(BROAD_TRUST, seen, format!("only `{LAMBDA}` should"), place))
    });
    findings.collect()
}

/// The principals that may assume the role, with the statement that says so, less those who are denied it.
fn trusted(policy: &PolicyDocument) -> impl Iterator<Item = (&Statement, &Principal)> {
    let granting = policy.statements.iter().filter(|statement| lets_assume(statement, Effect::Allow));
    let principals =
        granting.flat_map(|statement| named_by(statement).iter().map(move |one| (statement, one)));
    principals.filter(|(_, principal)| !is_denied(policy, principal))
}

fn is_denied(policy: &PolicyDocument, principal: &Principal) -> bool {
    let denies = policy.statements.iter().filter(|statement| lets_assume(statement, Effect::Deny));
    denies
        .filter(|deny| deny.conditions.are_none())
        .flat_map(named_by)
        .any(|denied| denied == principal || *denied == Principal::Everybody)
}

fn lets_assume(statement: &Statement, effect: Effect) -> bool {
    let names = |action: &str| statement.actions.patterns().iter().any(|pattern| pattern.matches(action));
    let is_about_all_but = matches!(statement.actions, Actions::AllBut(_));
    statement.effect == effect && (ASSUMING.iter().any(|action| names(action)) != is_about_all_but)
}

fn named_by(statement: &Statement) -> &[Principal] {
    match &statement.principals {
        Some(Principals::Only(principals)) => principals,
        Some(Principals::AllBut(_)) | None => &[],
    }
}

fn is_for_all_but(statement: &Statement) -> bool {
    lets_assume(statement, Effect::Allow) && matches!(statement.principals, Some(Principals::AllBut(_)))
}

fn is_lambda(principal: &Principal) -> bool {
    matches!(principal, Principal::Service(service) if service.eq_ignore_ascii_case(LAMBDA))
}

fn described(principal: &Principal) -> &str {
    match principal {
        Principal::Everybody => "*",
        Principal::Aws(name)
        | Principal::Service(name)
        | Principal::Federated(name)
        | Principal::Other(_, name) => name,
    }
}

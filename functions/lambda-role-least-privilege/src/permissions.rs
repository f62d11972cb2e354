//! What is too much in a role's permissions.

use std::borrow::Cow;
use std::sync::Arc;

use config_rule::{Finding, Severity};
use iam_policy::escalation::{self, Combination};
use iam_policy::{Effect, EffectivePermissions, Grant, Policy, PolicyKind};

use crate::checks::{ADMIN_ACCESS, MANAGED_FULL_ACCESS, PRIVILEGE_ESCALATION};
use crate::leeway::Leeway;
use crate::statement::{self, RoleContext};

/// The findings, policy by policy and statement by statement.
pub(crate) fn findings(permissions: &EffectivePermissions, leeway: &Leeway) -> Vec<Finding> {
    let permissions = judged(permissions, leeway);
    let ways = escalation::held(&permissions)
        .into_iter()
        .map(|escalation| escalation.combination)
        .filter(|combination| !is_accepted(combination, leeway))
        .collect();
    let role = RoleContext { ways, leeway };
    let grants: Vec<Grant<'_>> = permissions.grants().collect();
    let mut findings = Vec::new();
    for of_policy in grants.chunk_by(|one, next| std::ptr::eq(one.policy, next.policy)) {
        let of_statements = of_policy.chunk_by(|one, next| std::ptr::eq(one.statement, next.statement));
        let own: Vec<_> = of_statements.flat_map(|grants| statement::findings(grants, &role)).collect();
        match of_policy.first() {
            Some(grant) if is_full_access_policy(grant.policy) => {
                findings.extend(of_full_access(grant.policy, own));
            }
            _ => findings.extend(own),
        }
    }
    findings
}

/// The permissions without what accepted policies grant; what they deny stays denied.
fn judged<'a>(permissions: &'a EffectivePermissions, leeway: &Leeway) -> Cow<'a, EffectivePermissions> {
    if !permissions.policies().iter().any(|policy| leeway.accepts_policy(policy)) {
        return Cow::Borrowed(permissions);
    }
    let without_grants = |policy: &Arc<Policy>| {
        let mut policy = Policy::clone(policy);
        if leeway.accepts_policy(&policy) {
            policy.document.statements.retain(|statement| statement.effect == Effect::Deny);
        }
        policy
    };
    let policies = permissions.policies().iter().map(without_grants).collect();
    Cow::Owned(EffectivePermissions::new(policies, permissions.boundary().cloned()))
}

/// A combination is reported where its first step is granted, and accepted with that step's action.
fn is_accepted(combination: &Combination, leeway: &Leeway) -> bool {
    let action = combination.steps.first().and_then(|step| iam_policy::table::action(step.action()));
    action.is_some_and(|action| leeway.accepts(action))
}

/// Policies of AWS that are made for people: `AmazonDynamoDBFullAccess`, `PowerUserAccess`,
/// `AdministratorAccess-Amplify`, `DatabaseAdministrator`.
fn is_full_access_policy(policy: &Policy) -> bool {
    const KINDS: [&str; 3] = ["FullAccess", "PowerUser", "Administrator"];
    // AWS spells one family `AWSLambda_FullAccess`, none in another case.
    policy.kind == PolicyKind::AwsManaged && KINDS.iter().any(|kind| policy.name.contains(kind))
}

/// The policy is named instead of its statements, which its user cannot change; only what makes the account an open one
/// is said besides. A policy that has such a name and harmless statements is harmless.
fn of_full_access(policy: &Policy, own: Vec<Finding>) -> Vec<Finding> {
    if own.iter().all(|finding| finding.severity < Severity::Medium) {
        return own;
    }
    let named = Finding::new(
        MANAGED_FULL_ACCESS,
        format!("AWS-managed policy `{}` is attached", policy.name),
        "a policy with the actions and resources that the function needs",
        format!("policy `{}`", policy.name),
    );
    let is_worse = |finding: &Finding| [ADMIN_ACCESS, PRIVILEGE_ESCALATION].contains(&finding.check);
    own.into_iter().filter(is_worse).chain([named]).collect()
}

//! Who may assume the role.

use std::sync::LazyLock;

use config_rule::{Finding, Known};
use iam_policy::{Action, PolicyDocument, Principal, Principals, Statement, table};

use crate::checks::BROAD_TRUST;
use crate::leeway::Leeway;
use crate::wording::named;

/// The service that runs functions, in every partition.
///
/// Source: AWS Lambda Developer Guide, `lambda-intro-execution-role`.
const LAMBDA: &str = "lambda.amazonaws.com";

/// The ways to assume a role, first that of services. `sts:TagSession` and `sts:SetSourceIdentity` only accompany them.
///
/// Source: Service Authorization Reference, AWS Security Token Service.
static ASSUMING: LazyLock<Vec<Action>> = LazyLock::new(|| {
    let names = ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"];
    names.into_iter().filter_map(table::action).collect()
});

/// Whether Lambda may assume the role, so that functions can run with it.
pub(crate) fn is_for_lambda(trust_policy: &Known<PolicyDocument>) -> Known<bool> {
    let is_for_lambda = |policy: &PolicyDocument| {
        ASSUMING.first().is_some_and(|assume_role| {
            let mut granting = policy.allows().filter(|statement| statement.actions.contain(*assume_role));
            granting.any(includes_lambda) && !is_denied(policy, *assume_role, is_lambda)
        })
    };
    trust_policy.get().map(is_for_lambda).into()
}

/// Everybody besides Lambda who may assume the role: one finding per statement.
pub(crate) fn broad_trust(policy: &PolicyDocument, leeway: &Leeway) -> Vec<Finding> {
    let is_expected = |principal: &Principal| {
        is_lambda(principal) || matches!(principal, Principal::Service(service) if leeway.trusts(service))
    };
    let findings = policy.allows().filter_map(|statement| {
        let seen = match statement.principals.as_ref()? {
            Principals::Only(principals) => {
                let mut others = principals
                    .iter()
                    .filter(|principal| !is_expected(principal) && may_assume(policy, statement, principal))
                    .map(described)
                    .peekable();
                others.peek()?;
                format!("{} may assume the role", named(others))
            }
            Principals::AllBut(_) if may_assume(policy, statement, &Principal::Everybody) => {
                "everybody but a few may assume the role".to_owned()
            }
            Principals::AllBut(_) => return None,
        };
        let place = format!("trust policy, statement {}", statement.label());
        Some(Finding::new(BROAD_TRUST, seen, format!("only `{LAMBDA}` should"), place))
    });
    findings.collect()
}

/// Whether the statement leaves a principal a way to assume the role that no Deny takes back.
fn may_assume(policy: &PolicyDocument, statement: &Statement, principal: &Principal) -> bool {
    let mut granted = ASSUMING.iter().filter(|action| statement.actions.contain(**action));
    granted.any(|action| !is_denied(policy, *action, |denied| denied == principal))
}

/// Whether a Deny without condition is about the principal, or about all but others.
fn is_denied(policy: &PolicyDocument, action: Action, is_meant: impl Fn(&Principal) -> bool) -> bool {
    let mut denies =
        policy.denies().filter(|deny| deny.conditions.are_none() && deny.actions.contain(action));
    let is_about = |one: &Principal| *one == Principal::Everybody || is_meant(one);
    denies.any(|deny| match &deny.principals {
        Some(Principals::Only(principals)) => principals.iter().any(is_about),
        Some(Principals::AllBut(spared)) => !spared.iter().any(is_about),
        None => false,
    })
}

/// Whether Lambda is among those that the statement is about. It is one of everybody, unless everybody must meet a
/// condition: an organization or an external id is asked of people.
///
/// Source: IAM User Guide, `reference_policies_elements_principal`, "All principals": `"*"` and `{"AWS": "*"}` are the same.
fn includes_lambda(statement: &Statement) -> bool {
    let is_everybody = |principal: &Principal| *principal == Principal::Everybody;
    match &statement.principals {
        Some(Principals::Only(principals)) if principals.iter().any(is_lambda) => true,
        Some(Principals::Only(principals)) => {
            statement.conditions.are_none() && principals.iter().any(is_everybody)
        }
        Some(Principals::AllBut(left_out)) => {
            statement.conditions.are_none() && !left_out.iter().any(|one| is_lambda(one) || is_everybody(one))
        }
        None => false,
    }
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

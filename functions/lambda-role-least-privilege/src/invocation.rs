//! Who may invoke the function.

use std::sync::LazyLock;

use config_rule::{Finding, Severity};
use iam_policy::{Action, Condition, Effect, PolicyDocument, Principal, Principals, Statement, table};

use crate::checks::{PUBLIC_INVOKE, UNSCOPED_INVOKE};

/// The ways to run a function.
static INVOKING: LazyLock<Vec<Action>> = LazyLock::new(|| {
    ["lambda:InvokeFunction", "lambda:InvokeFunctionUrl"].into_iter().filter_map(table::action).collect()
});

/// Keys of the source on whose behalf a service invokes.
///
/// Source: IAM User Guide, `reference_policies_condition-keys`, "Properties of the network" and "Cross-service confused
/// deputy prevention"; Service Authorization Reference, AWS Lambda, for the token of Alexa skills.
const SOURCE_KEYS: [&str; 6] = [
    "aws:SourceArn",
    "aws:SourceAccount",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
    "aws:PrincipalOrgID",
    "lambda:EventSourceToken",
];

/// Keys of who invokes, or from which network, besides the source.
const CALLER_KEYS: [&str; 6] = [
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalOrgPaths",
    "aws:SourceOwner",
    "aws:SourceVpc",
    "aws:SourceVpce",
];

/// How the callers of a function URL are known: `AWS_IAM`, or not at all.
const URL_AUTHORIZATION: &str = "lambda:FunctionUrlAuthType";

/// Invocations that come through the function's URL need the permission to call the URL besides.
///
/// Source: AWS Lambda Developer Guide, `urls-auth`.
const THROUGH_URL: &str = "lambda:InvokedViaFunctionUrl";

/// The statements that let everybody invoke the function.
pub(crate) fn public_invoke(policy: &PolicyDocument) -> Vec<Finding> {
    let is_public = |statement: &&Statement| {
        statement.is_for_everybody()
            && !is_denied(policy, statement, &Principal::Everybody)
            && !statement.conditions.iter().any(bounds_callers)
    };
    let finding = |statement: &Statement| {
        let place = place(statement);
        let seen = format!("{place} lets everybody invoke the function");
        Finding::new(PUBLIC_INVOKE, seen, "only known callers or sources", place)
    };
    invoking(policy).filter(is_public).map(finding).collect()
}

/// The statements that let a service invoke the function, whoever told it to.
pub(crate) fn unscoped_invoke(policy: &PolicyDocument) -> Vec<Finding> {
    let finding = |statement: &Statement| {
        let Some(Principals::Only(principals)) = &statement.principals else { return None };
        let is_unscoped = |principal: &&Principal| !is_denied(policy, statement, principal);
        let services = principals.iter().filter(is_unscoped).filter_map(|principal| match principal {
            Principal::Service(service) => Some(service.as_str()),
            _ => None,
        });
        let services: Vec<_> = services.collect();
        if services.is_empty() || statement.conditions.iter().any(names_source) {
            return None;
        }
        let place = place(statement);
        let does =
            format!("lets {} invoke the function on anybody's behalf", crate::wording::named(services));
        let wanted = "a condition on `aws:SourceArn` or `aws:SourceAccount`";
        let finding = Finding::new(UNSCOPED_INVOKE, format!("{place} {does}"), wanted, place);
        Some(Finding { severity: Severity::Medium, ..finding })
    };
    invoking(policy).filter_map(finding).collect()
}

fn invoking(policy: &PolicyDocument) -> impl Iterator<Item = &Statement> {
    policy.allows().filter(|statement| INVOKING.iter().any(|action| statement.actions.contain(*action)))
}

/// Whether a Deny without condition takes back from `principal` every way to run the function that `granting` gives.
fn is_denied(policy: &PolicyDocument, granting: &Statement, principal: &Principal) -> bool {
    let covers = |deny: &&Statement| match &deny.principals {
        Some(Principals::Only(principals)) => {
            principals.contains(&Principal::Everybody) || principals.contains(principal)
        }
        _ => false,
    };
    let denies: Vec<_> = policy
        .statements
        .iter()
        .filter(|statement| statement.effect == Effect::Deny && statement.conditions.are_none())
        .filter(covers)
        .collect();
    let mut granted = INVOKING.iter().filter(|action| granting.actions.contain(**action));
    granted.all(|action| denies.iter().any(|deny| deny.actions.contain(*action)))
}

fn bounds_callers(condition: &Condition) -> bool {
    if is_about(condition, URL_AUTHORIZATION) {
        return condition.restricts() && !condition.admits("NONE");
    }
    let is_through_url = is_about(condition, THROUGH_URL) && condition.admits("true");
    let names_caller = CALLER_KEYS.iter().any(|key| is_about(condition, key)) && condition.restricts();
    is_through_url || names_caller || (condition.restricts() && names_source(condition))
}

/// Whether it restricts on whose behalf a service invokes. Services always say so: `IfExists` changes nothing.
fn names_source(condition: &Condition) -> bool {
    let mut strict = condition.clone();
    strict.if_exists = false;
    let is_open = |value: &String| is_about(condition, "aws:SourceArn") && is_any_resource(value);
    SOURCE_KEYS.iter().any(|key| is_about(condition, key))
        && strict.restricts()
        && !condition.values.iter().any(is_open)
}

/// An ARN pattern that names neither an account nor a resource: `arn:aws:events:*:*:*`.
fn is_any_resource(arn: &str) -> bool {
    let segments: Vec<_> = arn.splitn(6, ':').collect();
    let is_open = |segment: Option<&&str>| segment.is_none_or(|text| text.chars().all(|one| one == '*'));
    is_open(segments.get(4)) && is_open(segments.get(5))
}

fn is_about(condition: &Condition, key: &str) -> bool {
    condition.key.eq_ignore_ascii_case(key)
}

fn place(statement: &Statement) -> String {
    format!("resource policy, statement {}", statement.label())
}

//! Who may invoke the function.

use std::sync::LazyLock;

use config_rule::{Finding, Severity};
use iam_policy::{Action, Condition, PolicyDocument, Principal, Principals, Statement, resource_of, table};

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

/// What parts of a resource's name are separated by.
const SEPARATORS: [char; 2] = ['/', ':'];

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

/// Whether a Deny without condition takes back from `principal` every way to run the function that `granting` gives, on
/// all that it gives it for: one version of a function is not the function.
fn is_denied(policy: &PolicyDocument, granting: &Statement, principal: &Principal) -> bool {
    let covers = |deny: &&Statement| match &deny.principals {
        Some(Principals::Only(principals)) => {
            principals.contains(&Principal::Everybody) || principals.contains(principal)
        }
        _ => false,
    };
    let denies: Vec<_> = policy
        .denies()
        .filter(|deny| deny.conditions.are_none())
        .filter(covers)
        .filter(|deny| deny.resources.cover(&granting.resources))
        .collect();
    let mut granted = INVOKING.iter().filter(|action| granting.actions.contain(**action));
    granted.all(|action| denies.iter().any(|deny| deny.actions.contain(*action)))
}

/// Whether it leaves callers out. That a key must be there, whatever its value, does not.
fn bounds_callers(condition: &Condition) -> bool {
    if !condition.restricts_to_values() {
        return false;
    }
    if is_about(condition, URL_AUTHORIZATION) {
        return !condition.admits("NONE");
    }
    let is_through_url = is_about(condition, THROUGH_URL) && condition.admits("true");
    let names_caller = is_about_any(condition, &CALLER_KEYS) && !is_open_to_anybody(condition);
    is_through_url || names_caller || names_source(condition)
}

/// Whether it restricts on whose behalf a service invokes. Services always say so: `IfExists` and `ForAllValues:` change
/// nothing, and `Null` restricts nothing.
fn names_source(condition: &Condition) -> bool {
    let mut strict = condition.clone();
    strict.if_exists = false;
    strict.quantifier = None;
    is_about_any(condition, &SOURCE_KEYS) && strict.restricts_to_values() && !is_open_to_anybody(condition)
}

/// Whether one of the values leaves the account open, and with it whatever somebody may have in an account of their own.
fn is_open_to_anybody(condition: &Condition) -> bool {
    let is_open = if is_about(condition, "aws:SourceArn") {
        is_anything_of_anybody
    } else if is_about(condition, "aws:PrincipalArn") {
        // Whoever has an account names its principals.
        is_of_any_account
    } else {
        is_wild
    };
    condition.takes_patterns() && condition.values.iter().any(|value| is_open(value))
}

/// An ARN pattern that names neither an account nor a resource: `arn:aws:events:*:*:rule/*`.
///
/// What stands before the first separator is a type, if the service has no resource whose ARN begins with its name there,
/// as those of topics, buckets and APIs do.
fn is_anything_of_anybody(arn: &str) -> bool {
    let is_nameless = |text: &str| text.split(SEPARATORS).all(is_wild);
    let (Some(service), Some(resource)) = (arn.split(':').nth(2), resource_of(arn)) else {
        return is_of_any_account(arn);
    };
    let behind_type = || {
        let names_types = table::service(service).is_some_and(table::Service::names_types);
        let (_, names) = resource.trim_start_matches(SEPARATORS).split_once(SEPARATORS)?;
        names_types.then_some(names)
    };
    is_of_any_account(arn) && (is_nameless(resource) || behind_type().is_some_and(is_nameless))
}

/// An ARN pattern for whichever account, or for something that has none in its ARN. One that ends in a star before the
/// account's place leaves out the rest.
fn is_of_any_account(arn: &str) -> bool {
    arn.split(':').nth(4).map_or_else(|| arn.ends_with('*'), is_wild)
}

/// Whether nothing but wildcards stands there.
fn is_wild(text: &str) -> bool {
    text.chars().all(|character| matches!(character, '*' | '?'))
}

fn is_about_any(condition: &Condition, keys: &[&str]) -> bool {
    keys.iter().any(|key| is_about(condition, key))
}

fn is_about(condition: &Condition, key: &str) -> bool {
    condition.key.eq_ignore_ascii_case(key)
}

fn place(statement: &Statement) -> String {
    format!("resource policy, statement {}", statement.label())
}

//! Whether the conditions of a grant let a request about a certain resource through.

use config_rule::{Known, Tags};
use iam_policy::stores::Certainty;
use iam_policy::{Action, Condition, Grant, Narrowing};

/// Keys that name a part of a store: whoever reaches a part reaches the store.
///
/// Source: Service Authorization Reference, condition keys of `dynamodb` and `s3`.
const OF_PARTS: [&str; 4] =
    ["dynamodb:Attributes", "dynamodb:LeadingKeys", "s3:ExistingObjectTag/", "s3:prefix"];

/// Names the account that owns the resource.
const OF_ACCOUNT: &str = "aws:ResourceAccount";

/// Names the account that owns the bucket.
///
/// Source: Service Authorization Reference, condition keys of `s3`.
const OF_BUCKETS_ACCOUNT: &str = "s3:ResourceAccount";

/// Stands for the account of the role that makes the request.
///
/// Source: IAM User Guide, `reference_policies_variables`.
const OWN_ACCOUNT: &str = "aws:PrincipalAccount";

/// Begins the keys that name a tag of the resource.
const OF_TAG: &str = "aws:ResourceTag/";

/// Only buckets for which somebody switched attribute-based access control on show their tags to policies, and AWS Config
/// does not record the switch.
///
/// Source: Amazon S3 User Guide, "Enabling ABAC in general purpose buckets".
const HIDES_TAGS: &str = "s3";

/// What a request would be about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reachable<'a> {
    pub(crate) tags: &'a Known<Tags>,
    /// The account that owns it, if it is known.
    pub(crate) account: Option<&'a str>,
    /// The account of the role.
    pub(crate) own_account: Option<&'a str>,
}

/// Whether every condition of a grant lets the action through, as far as it is about the target at all, whatever the
/// target is. What is not certain is not so.
pub(crate) fn certainty(grant: &Grant<'_>, action: Action) -> Certainty {
    let each = grant.conditions().map(|condition| of_condition(condition, action));
    each.fold(Certainty::Always, |all, one| match (all, one) {
        (Certainty::Never, _) | (_, Certainty::Never) => Certainty::Never,
        (Certainty::ForSome, _) | (_, Certainty::ForSome) => Certainty::ForSome,
        (Certainty::Always, Certainty::Always) => Certainty::Always,
    })
}

/// Whether they all let the action through to this target.
pub(crate) fn reaches(grant: &Grant<'_>, action: Action, target: Reachable<'_>) -> bool {
    grant.conditions().all(|condition| match of_condition(condition, action) {
        Certainty::Always => true,
        Certainty::ForSome => admits(condition, target),
        Certainty::Never => false,
    })
}

fn of_condition(condition: &Condition, action: Action) -> Certainty {
    let key = condition.key.as_str();
    if condition.is_about_circumstances() {
        return Certainty::Always;
    }
    if OF_PARTS.into_iter().any(|start| begins(key, start)) {
        // A variable that no role of a function fills leaves nothing in reach.
        let is_certain = !condition.values.iter().any(|value| value.contains("${"));
        return always_or_never(is_certain && action.supports_key(key));
    }
    if !condition.restricts() {
        return Certainty::Never;
    }
    if is_of_account(key) && !condition.is_about_presence() {
        let is_carried = || OF_ACCOUNT.eq_ignore_ascii_case(key) || action.supports_key(key);
        return if is_carried() { Certainty::ForSome } else { Certainty::Never };
    }
    if begins(key, OF_TAG) {
        let are_shown = action.supports_key(key) && action.service() != HIDES_TAGS;
        return if are_shown { Certainty::ForSome } else { Certainty::Never };
    }
    // `ForAllValues:` lets through what does not carry the key, and `Null` what does.
    always_or_never(condition.narrowing(action) == Narrowing::Nothing)
}

/// Whether a condition on the account or on a tag of the target holds.
fn admits(condition: &Condition, target: Reachable<'_>) -> bool {
    if is_of_account(&condition.key) {
        let Some(account) = target.account else { return false };
        let is_own = || target.own_account == Some(account) && condition.admits_variable(OWN_ACCOUNT);
        return condition.admits(account) || is_own();
    }
    let Known::Value(tags) = target.tags else { return false };
    let wanted = condition.key.get(OF_TAG.len()..).unwrap_or_default();
    let value = tags.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value);
    value.is_some_and(|value| condition.admits(value))
}

fn is_of_account(key: &str) -> bool {
    [OF_ACCOUNT, OF_BUCKETS_ACCOUNT].iter().any(|known| known.eq_ignore_ascii_case(key))
}

fn begins(key: &str, start: &str) -> bool {
    key.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

const fn always_or_never(is_certain: bool) -> Certainty {
    if is_certain { Certainty::Always } else { Certainty::Never }
}

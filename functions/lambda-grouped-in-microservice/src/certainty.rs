//! Whether the conditions of a grant let a request about a certain resource through.

use std::collections::BTreeMap;

use config_rule::Known;
use iam_policy::{Action, Condition, Grant, Narrowing, account_of, narrowing};

/// Keys that name a part of a store: whoever reaches a part reaches the store.
///
/// Source: Service Authorization Reference, condition keys of `dynamodb` and `s3`.
const OF_PARTS: [&str; 4] =
    ["dynamodb:Attributes", "dynamodb:LeadingKeys", "s3:ExistingObjectTag/", "s3:prefix"];

/// Names the account that owns the resource.
const OF_ACCOUNT: &str = "aws:ResourceAccount";

/// Begins the keys that name a tag of the resource.
const OF_TAG: &str = "aws:ResourceTag/";

/// Only buckets for which somebody switched attribute-based access control on show their tags to policies, and AWS Config
/// does not record the switch.
///
/// Source: Amazon S3 User Guide, "Enabling ABAC in general purpose buckets".
const HIDES_TAGS: &str = "s3";

/// What a request would be about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target<'a> {
    pub(crate) arn: &'a str,
    pub(crate) tags: &'a Known<BTreeMap<String, String>>,
}

/// Whether every condition of a grant lets the action through to the target, as far as it is about the target at all.
/// What is not certain is not so.
pub(crate) fn reaches(grant: &Grant<'_>, action: Action, target: Target<'_>) -> bool {
    grant.conditions().all(|condition| lets_through(condition, action, target))
}

fn lets_through(condition: &Condition, action: Action, target: Target<'_>) -> bool {
    let key = condition.key.as_str();
    if narrowing::of_key(key) == Narrowing::Nothing {
        return true;
    }
    let begins = |start: &str| key.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start));
    if OF_PARTS.into_iter().any(begins) {
        // A variable that no role of a function fills leaves nothing in reach.
        let is_certain = !condition.values.iter().any(|value| value.contains("${"));
        return is_certain && action.supports_key(key);
    }
    if !condition.restricts() {
        return false;
    }
    if OF_ACCOUNT.eq_ignore_ascii_case(key) {
        // The ARN of a bucket does not say whose it is.
        return account_of(target.arn).is_some_and(|account| condition.admits(account));
    }
    if begins(OF_TAG) {
        let Known::Value(tags) = target.tags else { return false };
        let wanted = key.get(OF_TAG.len()..).unwrap_or_default();
        let value = tags.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value);
        let are_shown = action.supports_key(key) && action.service() != HIDES_TAGS;
        return are_shown && value.is_some_and(|value| condition.admits(value));
    }
    // `ForAllValues:` lets through what does not carry the key.
    condition.narrowing(action) == Narrowing::Nothing
}

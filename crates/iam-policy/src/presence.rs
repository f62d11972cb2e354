//! Which requests carry a condition key.
//!
//! A request without the key passes `ForAllValues:` and fails `Null` of `false`. So the one narrows nothing where requests
//! may lack the key, and the other nothing where all of them carry it.
//!
//! Source: IAM User Guide, `reference_policies_condition-single-vs-multi-valued-context-keys` and
//! `reference_policies_elements_condition_operators`, "Condition operator to check existence of condition keys".

use crate::narrowing::{is_of, is_recorded, is_tag};
use crate::table::{AccessLevel, Action};

/// The service that a role is passed to; every request to pass one says it.
///
/// Source: IAM User Guide, `reference_policies_iam-condition-keys`, `iam:PassedToService`.
pub(crate) const PASSED_TO: &str = "iam:PassedToService";

/// Says whether a service makes the request for the caller. It is `false` in every request that a function makes itself.
///
/// Source: IAM User Guide, `reference_policies_condition-keys`, `aws:ViaAWSService`.
pub(crate) const VIA_SERVICE: &str = "aws:ViaAWSService";

/// Keys that the requests for nearly all actions carry.
///
/// Source: IAM User Guide, `reference_policies_condition-keys`, "Availability" of each.
const EVERYWHERE: [&str; 2] = ["aws:ResourceAccount", VIA_SERVICE];

/// Keys that an action knows and a request for it may lack, besides tags: parameters that may be left out, and what only
/// some resources or ways to them have.
///
/// Sources: Amazon S3 User Guide, "Bucket policy examples using condition keys" and "Configuring IAM policies for using
/// access points"; AWS KMS Developer Guide, `conditions-kms`; AWS Lambda Developer Guide, "Fine-tuning the Resources and
/// Conditions sections of policies".
const OPTIONAL: [&str; 7] = [
    "kms:EncryptionContext*",
    "kms:RequestAlias",
    "kms:ResourceAliases",
    "lambda:Layer",
    "s3:DataAccessPoint*",
    "s3:prefix",
    "s3:x-amz-copy-source",
];

/// The keys of the tags in a request. Whoever sets or removes tags names them; others need not.
///
/// Source: IAM User Guide, `access_tags`, "Controlling access based on tag keys".
const TAG_KEYS: &str = "aws:TagKeys";

/// How many of the requests for an action carry a condition key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// All.
    Always,
    /// Some, or none.
    NotAlways,
    /// Nobody knows here.
    Unknown,
}

impl Presence {
    pub(crate) fn of(key: &str, action: Action) -> Self {
        if is_everywhere(key) || is_passed(key, action) {
            return Self::Always;
        }
        if is_recorded(key) {
            let is_optional = is_tag(key) || OPTIONAL.iter().any(|family| is_of(family, key));
            return if !is_optional && action.supports_key(key) { Self::Always } else { Self::NotAlways };
        }
        // Other global keys, such as `aws:CalledVia`, are about what only some requests have, and a service's keys are about
        // its own requests.
        let service = key.split_once(':').map_or("", |(service, _)| service);
        let is_own = service.eq_ignore_ascii_case(action.service());
        if is_own || is_about_tags(key, action) { Self::Unknown } else { Self::NotAlways }
    }

    /// In the requests for actions of all kinds.
    pub(crate) fn in_all_requests(key: &str) -> Self {
        if is_everywhere(key) { Self::Always } else { Self::NotAlways }
    }
}

fn is_everywhere(key: &str) -> bool {
    EVERYWHERE.iter().any(|known| known.eq_ignore_ascii_case(key))
}

fn is_passed(key: &str, action: Action) -> bool {
    key.eq_ignore_ascii_case(PASSED_TO) && (action.service(), action.name()) == ("iam", "PassRole")
}

fn is_about_tags(key: &str, action: Action) -> bool {
    key.eq_ignore_ascii_case(TAG_KEYS) && action.access_level() == AccessLevel::Tagging
}

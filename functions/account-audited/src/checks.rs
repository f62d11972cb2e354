//! What the rule looks at.

use config_rule::{Check, Severity};

pub(crate) const RECORDER_OFF: &Check = &Check {
    id: "recorder-off",
    severity: Severity::Critical,
    title: "AWS Config does not record the account",
    remedy: "Create or start the configuration recorder, and give it a role that may read what it records",
};

pub(crate) const RECORDER_INCOMPLETE: &Check = &Check {
    id: "recorder-incomplete",
    severity: Severity::High,
    title: "AWS Config does not record everything that the rules need",
    remedy: "Record all resource types, or add those that are named to the recorder's list",
};

pub(crate) const DELIVERY_FAILING: &Check = &Check {
    id: "delivery-failing",
    severity: Severity::Medium,
    title: "AWS Config cannot deliver what it records",
    remedy: "Create a delivery channel, and let AWS Config write to its bucket, key and topic",
};

pub(crate) const PACK_NOT_COVERED: &Check = &Check {
    id: "pack-not-covered",
    severity: Severity::Medium,
    title: "Too few of a conformance pack's managed rules are active",
    remedy: "Deploy the pack, or `conformance-pack/recommended-managed-rules.yaml`, or take it out of `requiredPacks`",
};

pub(crate) const PACK_FAILED: &Check = &Check {
    id: "pack-failed",
    severity: Severity::Medium,
    title: "A conformance pack could not be deployed or deleted",
    remedy: "Correct what the status of the pack names, and deploy or delete it again",
};

pub(crate) const PACK_STALE: &Check = &Check {
    id: "pack-stale",
    severity: Severity::Low,
    title: "A conformance pack's rules are no longer evaluated",
    remedy: "Look at the last error of the pack's rules, and re-evaluate them",
};

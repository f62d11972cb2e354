//! Names of all rules and checks, so that a rule's own binary can tell a check of another rule from a misspelt one.
//!
//! Generated from the catalogue by `make generate`; do not edit.

/// Every rule's name.
pub const RULE_NAMES: &[&str] = &[
    "account-audited",
    "api-type-appropriate",
    "lambda-dependencies-audited",
    "lambda-deployed-by-pipeline",
    "lambda-monitored",
    "lambda-small-single-purpose",
    "stack-per-resource-type",
];

/// Every check's id.
pub const CHECK_IDS: &[&str] = &[
    "alarm-never-fires",
    "alarm-tells-nobody",
    "api-type-not-allowed",
    "catch-all-route",
    "changed-outside-stack",
    "code-too-large",
    "delivery-failing",
    "graphql-api-key-only",
    "graphql-over-rest",
    "http-api-lacks-waf",
    "image-not-scanned",
    "known-vulnerability",
    "layer-behind",
    "layers-too-large",
    "many-routes",
    "many-trigger-kinds",
    "mixed-stack",
    "no-delay-alarm",
    "no-duration-alarm",
    "no-error-alarm",
    "no-failure-destination",
    "no-pipeline-evidence",
    "no-tracing",
    "not-managed-by-stack",
    "not-scanned",
    "pack-failed",
    "pack-not-covered",
    "pack-stale",
    "recorder-incomplete",
    "recorder-off",
    "rest-features-unused",
    "runtime-deprecated",
    "runtime-expiring",
    "stack-drifted",
    "stale-code",
    "timeout-beyond-api",
    "timeout-too-long",
];

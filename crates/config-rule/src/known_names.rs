//! Names of all rules and checks, so that a rule's own binary can tell a check of another rule from a misspelt one.
//!
//! Generated from the catalogue by `make generate`; do not edit.

/// Every rule's name.
pub const RULE_NAMES: &[&str] = &["lambda-small-single-purpose", "stack-per-resource-type"];

/// Every check's id.
pub const CHECK_IDS: &[&str] = &[
    "catch-all-route",
    "code-too-large",
    "layers-too-large",
    "many-routes",
    "many-trigger-kinds",
    "mixed-stack",
    "timeout-beyond-api",
    "timeout-too-long",
];

//! The scenarios of the rule.

use std::path::Path;

use config_rule::Entry;
use stack_per_resource_type::StackPerResourceType;

#[test]
fn every_case_gets_its_verdict() {
    rule_testing::run_cases(
        &Entry::of::<StackPerResourceType>(),
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("cases"),
    );
}

//! The scenarios of the rule.

use std::path::Path;

use config_rule::Entry;
use lambda_role_least_privilege::LambdaRoleLeastPrivilege;

#[test]
fn every_case_gets_its_verdict() {
    rule_testing::run_cases(
        &Entry::of::<LambdaRoleLeastPrivilege>(),
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("cases"),
    );
}

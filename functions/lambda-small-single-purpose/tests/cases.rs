//! The scenarios of the rule.

use std::path::Path;

use config_rule::Entry;
use lambda_small_single_purpose::LambdaSmallSinglePurpose;

#[test]
fn every_case_gets_its_verdict() {
    rule_testing::run_cases(
        &Entry::of::<LambdaSmallSinglePurpose>(),
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("cases"),
    );
}

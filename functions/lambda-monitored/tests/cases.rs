//! The scenarios of the rule.

use std::path::Path;

use config_rule::Entry;
use lambda_monitored::LambdaMonitored;

#[test]
fn every_case_gets_its_verdict() {
    rule_testing::run_cases(
        &Entry::of::<LambdaMonitored>(),
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("cases"),
    );
}

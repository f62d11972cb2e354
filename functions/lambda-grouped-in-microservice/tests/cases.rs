//! The scenarios of the rule.

use std::path::Path;

use config_rule::Entry;
use lambda_grouped_in_microservice::LambdaGroupedInMicroservice;

#[test]
fn every_case_gets_its_verdict() {
    rule_testing::run_cases(
        &Entry::of::<LambdaGroupedInMicroservice>(),
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("cases"),
    );
}

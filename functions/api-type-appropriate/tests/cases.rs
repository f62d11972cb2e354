//! The scenarios of the rule.

use std::path::Path;

use api_type_appropriate::ApiTypeAppropriate;
use config_rule::Entry;

#[test]
fn every_case_gets_its_verdict() {
    rule_testing::run_cases(
        &Entry::of::<ApiTypeAppropriate>(),
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("cases"),
    );
}

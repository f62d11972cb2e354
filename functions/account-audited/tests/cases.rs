//! The scenarios of the rule.

use std::path::Path;

use account_audited::AccountAudited;
use config_rule::Entry;

#[test]
fn every_case_gets_its_verdict() {
    rule_testing::run_cases(
        &Entry::of::<AccountAudited>(),
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("cases"),
    );
}

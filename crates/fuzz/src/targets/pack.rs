//! Conformance packs, which are YAML.

use std::collections::BTreeMap;

use local_aws_config::Pack;
use local_aws_config::items::{DEFAULT_ACCOUNT_ID, DEFAULT_REGION, Scope};

/// A pack is read, or refused in words.
pub fn run(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let scope = Scope { account_id: DEFAULT_ACCOUNT_ID.to_owned(), region: DEFAULT_REGION.to_owned() };
    if let Err(error) = Pack::read("pack", text, &BTreeMap::new(), &scope) {
        assert_ne!(error.to_string(), "");
    }
}

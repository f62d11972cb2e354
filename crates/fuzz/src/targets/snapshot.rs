//! Files that hold configuration items.

use std::fs;

use config_rule::Kept;
use local_aws_config::items::{self, Loaded};

/// A file is read as far as it can be, each complaint is a line, and what is counted without being kept leaves the same
/// accounts and Regions.
pub fn run(input: &[u8]) {
    let folder = tempfile::tempdir().expect("this machine has room for a small file");
    let path = folder.path().join("input.json");
    fs::write(&path, input).expect("the folder was just made");
    let load = |kept_of: items::KeptOf<'_>| -> Loaded {
        items::load_wanted(std::slice::from_ref(&path), kept_of, &mut |_, _| {})
            .expect("the file was just written")
    };
    let all = load(&|_| Some(&Kept::Whole));
    for problem in &all.problems {
        let line = problem.to_string();
        assert!(!line.contains(char::is_control) && !problem.reason.is_empty(), "{line:?}");
    }
    // Content that is broken is not looked at where the item is not wanted.
    if all.problems.is_empty() {
        let some = load(&|resource_type| resource_type.len().is_multiple_of(2).then_some(&Kept::Whole));
        assert_eq!(all.items.scopes(), some.items.scopes());
        assert_eq!(all.items.recorded_at(), some.items.recorded_at());
    }
}

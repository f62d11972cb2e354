//! What was kept, and some edits of it that are the same on every machine, break nothing.

use conformance_fuzz::TARGETS;
use conformance_fuzz::run::{self, Broken};

/// A few seconds for each target in an unoptimized program; `make fuzz` goes on from here.
const EDITED: u32 = 150;

#[test]
fn no_event_breaks_the_edge() {
    try_target("event");
}

#[test]
fn no_text_breaks_the_reading_of_packs() {
    try_target("pack");
}

#[test]
fn no_parameters_break_a_rule() {
    try_target("parameters");
}

#[test]
fn no_policy_breaks_the_policy_engine() {
    try_target("policy");
}

#[test]
fn no_expression_breaks_the_query_language() {
    try_target("query");
}

#[test]
fn no_file_breaks_the_reading_of_items() {
    try_target("snapshot");
}

#[test]
fn no_item_breaks_a_rule() {
    try_target("views");
}

#[test]
fn no_waiver_breaks_a_verdict_or_waives_what_it_does_not_name() {
    try_target("waiver");
}

#[test]
fn every_target_is_tried_here() {
    let tests = include_str!("corpus.rs");
    for target in TARGETS {
        assert!(tests.contains(&format!("try_target(\"{}\")", target.name)), "`{}` has no test", target.name);
    }
}

fn try_target(name: &str) {
    let target = *TARGETS.iter().find(|target| target.name == name).expect("the target exists");
    let broken = |Broken { input, reason }: Broken| -> () {
        panic!("{name}: {reason}; see {}", run::keep(target, &input).display())
    };
    run::unedited(target).map_or_else(broken, |_| ());
    run::edited_inputs(target, EDITED, 1).unwrap_or_else(broken);
}

//! What is tried, one module for each reader of foreign input.

pub mod event;
pub mod pack;
pub mod parameters;
pub mod policy;
pub mod query;
pub mod snapshot;
pub mod views;
pub mod waiver;

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use config_rule::{Date, Document, Inventory, MAX_ANNOTATION_CHARACTERS, PreparedRule, Verdict};

/// The day of every evaluation.
const TODAY: Date = Date::constant(2026, 11, 15);

/// What the rule says, which has to be something that AWS Config takes.
fn sound_verdict(rule: &dyn PreparedRule, document: &Document, inventory: &dyn Inventory) -> Verdict {
    let mut evaluation = pin!(rule.evaluate(document, inventory, TODAY));
    let Poll::Ready(verdict) = evaluation.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("a rule waits for something that is not its inventory")
    };
    let verdict = verdict.expect("everything that is asked for can be answered from the items");
    if let Some(annotation) = &verdict.annotation {
        let length = annotation.chars().count();
        assert!((1..=MAX_ANNOTATION_CHARACTERS).contains(&length), "{length} characters: {annotation}");
        assert!(!annotation.contains(char::is_control), "{annotation:?}");
    }
    assert!(verdict.findings.is_sorted_by(|one, other| other.severity <= one.severity), "{verdict:?}");
    verdict
}

//! Answers about whole types, for events that were sent before these were asked for.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use config_rule::{Documents, Known};

/// How long an answer is kept at most. It is newer than each event that it serves; this bounds what changes without one,
/// or was found by queries only after AWS Config had told of it.
const KEPT: Duration = Duration::from_mins(1);

/// By how much the clocks of AWS Config and of this function may differ.
const CLOCK_DIFFERENCE: Duration = Duration::from_secs(1);

/// What was found of whole types, and when it was asked for.
///
/// A rule that comes to an account is told of every resource at once, and a deployment changes dozens. Their events wait
/// for a function that is running, and what has been asked for after an event was sent says as much about it as if the
/// event had been answered at that moment.
#[derive(Debug)]
pub(crate) struct KeptAnswers(Mutex<BTreeMap<String, Answer>>);

#[derive(Debug)]
struct Answer {
    asked_for: SystemTime,
    found: Known<Documents>,
}

impl KeptAnswers {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    /// All of a type for an event that was sent at this time, unless it must be asked for. What does not serve is dropped,
    /// so that it does not take memory beside what replaces it.
    pub(super) fn all_of(&self, resource_type: &str, sent: SystemTime) -> Option<Known<Documents>> {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = answers.get(resource_type)?;
        if answer.serves(sent, SystemTime::now()) {
            return Some(answer.found.clone());
        }
        answers.remove(resource_type);
        None
    }

    pub(super) fn keep(&self, resource_type: &str, asked_for: SystemTime, found: Known<Documents>) {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answers.insert(resource_type.to_owned(), Answer { asked_for, found });
    }
}

impl Answer {
    /// By the wall clock: Lambda stops a process between invocations, and a monotonic clock may stop with it. An answer of
    /// the future means that the clock was set back, so that its age is not known.
    fn serves(&self, sent: SystemTime, now: SystemTime) -> bool {
        let is_newer = sent.checked_add(CLOCK_DIFFERENCE).is_some_and(|sent| sent < self.asked_for);
        is_newer && now.duration_since(self.asked_for).is_ok_and(|age| age < KEPT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INSTANT: Duration = Duration::from_nanos(1);

    #[test]
    fn an_answer_serves_events_that_were_sent_surely_before_it_was_asked_for() {
        let answer = answer();
        let serves = |sent| answer.serves(sent, answer.asked_for);
        assert!(serves(answer.asked_for - CLOCK_DIFFERENCE - INSTANT));
        assert!(!serves(answer.asked_for - CLOCK_DIFFERENCE));
        assert!(!serves(answer.asked_for + KEPT));
    }

    #[test]
    fn an_answer_serves_for_less_than_its_time() {
        let answer = answer();
        let serves = |now| answer.serves(SystemTime::UNIX_EPOCH, now);
        assert!(serves(answer.asked_for));
        assert!(serves(answer.asked_for + KEPT - INSTANT));
        assert!(!serves(answer.asked_for + KEPT));
        assert!(!serves(answer.asked_for - INSTANT), "the clock was set back");
    }

    #[test]
    fn an_answer_that_does_not_serve_is_dropped() {
        let kept = KeptAnswers::new();
        let now = SystemTime::now();
        kept.keep("AWS::SQS::Queue", now, Known::Value(Documents::default()));
        assert!(kept.all_of("AWS::SQS::Queue", now - CLOCK_DIFFERENCE - INSTANT).is_some());
        assert!(kept.all_of("AWS::SQS::Queue", now).is_none());
        assert!(kept.0.lock().unwrap().is_empty());
    }

    fn answer() -> Answer {
        let asked_for = SystemTime::UNIX_EPOCH + Duration::from_hours(1);
        Answer { asked_for, found: Known::Value(Documents::default()) }
    }
}

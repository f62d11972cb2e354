//! AWS's own policies, as they were when IAM was last asked for them.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use config_rule::Documents;

/// How long an answer about a policy of AWS is kept.
///
/// Versions never change; which one is the default does, now and then, when AWS changes what a policy allows. AWS Config
/// tells nobody, so that verdicts follow with the daily run at the earliest. An hour makes them hardly later, and spares
/// evaluations of the same policy two calls each.
///
/// Source: IAM User Guide, "Managed policies and inline policies", AWS managed policies.
pub const AWS_POLICIES_KEPT: Duration = Duration::from_hours(1);

/// Answers with the time at which they were given.
#[derive(Debug)]
pub(crate) struct Kept {
    time: Duration,
    answers: Mutex<Option<HashMap<String, Answer>>>,
}

#[derive(Debug)]
struct Answer {
    given: SystemTime,
    documents: Documents,
}

impl Default for Kept {
    fn default() -> Self {
        Self::new(AWS_POLICIES_KEPT)
    }
}

impl Kept {
    pub(crate) const fn new(time: Duration) -> Self {
        Self { time, answers: Mutex::new(None) }
    }

    /// The policy with an ARN, unless it must be asked for.
    pub(crate) fn get(&self, arn: &str) -> Option<Documents> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = answers.as_ref()?.get(arn)?;
        answer.is_fresh(SystemTime::now(), self.time).then(|| answer.documents.clone())
    }

    /// Keeps what IAM answered. That a policy does not exist is not kept: AWS may publish it any minute.
    pub(crate) fn keep(&self, arn: &str, documents: &Documents) {
        if documents.is_empty() {
            return;
        }
        let answer = Answer { given: SystemTime::now(), documents: documents.clone() };
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.get_or_insert_default().insert(arn.to_owned(), answer);
    }
}

impl Answer {
    /// By the wall clock: Lambda stops a process between invocations, and a monotonic clock may stop with it. An answer of
    /// the future means that the clock was set back, so that its age is not known.
    fn is_fresh(&self, now: SystemTime, time: Duration) -> bool {
        now.duration_since(self.given).is_ok_and(|age| age < time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_fresh_for_less_than_its_time() {
        let given = SystemTime::UNIX_EPOCH + Duration::from_hours(1);
        let answer = Answer { given, documents: Documents::default() };
        let is_fresh = |now| answer.is_fresh(now, AWS_POLICIES_KEPT);
        assert!(is_fresh(given));
        assert!(is_fresh(given + AWS_POLICIES_KEPT - Duration::from_nanos(1)));
        assert!(!is_fresh(given + AWS_POLICIES_KEPT));
        assert!(!is_fresh(given - Duration::from_nanos(1)), "the clock was set back");
    }
}

//! One fault and what has to come of it.

use std::time::Duration;

use aws_stub::{Answer, Fault};
use local_aws_config::function::Stream;
use serde_json::Value;

use super::stage::{Stage, account_of, sample_account};
use crate::end_to_end::queue;
use crate::events;

/// The calls at which most can go wrong.
pub(crate) const REPORT: &str = "PutEvaluations";
pub(crate) const EARLIER_RESULTS: &str = "GetComplianceDetailsByConfigRule";
pub(crate) const QUERY: &str = "SelectResourceConfig";
pub(crate) const HISTORY: &str = "GetResourceConfigHistory";

pub(crate) const THROTTLED: Answer = Answer::Fault(Fault::Throttled { after_milliseconds: None });
pub(crate) const RESET: Answer = Answer::Fault(Fault::Reset);
pub(crate) const CUT: Answer = Answer::Fault(Fault::Cut);
pub(crate) const SILENCE: Answer = Answer::Fault(Fault::Silence);
pub(crate) const SKEWED: Answer = Answer::Fault(Fault::Skewed);
pub(crate) const GARBLED: Answer = Answer::Fault(Fault::Garbled("<html>"));
pub(crate) const DENIED: Answer = Answer::Error("AccessDeniedException");
pub(crate) const EXPIRED: Answer = Answer::Error("ExpiredTokenException");
pub(crate) const TAKEN: Answer = Answer::Usual;

pub(crate) const fn failing(status: u16) -> Answer {
    Answer::Fault(Fault::Failing(status))
}

pub(crate) const fn throttled_for(milliseconds: u32) -> Answer {
    Answer::Fault(Fault::Throttled { after_milliseconds: Some(milliseconds) })
}

pub(crate) fn forever(answer: Answer) -> Answer {
    Answer::Forever(Box::new(answer))
}

/// What AWS has.
#[derive(Clone, Copy)]
enum Account {
    Sample,
    Queues(usize),
}

/// A function with an event, and what fails.
pub(crate) struct Case {
    rule: &'static str,
    account: Account,
    event: Value,
    timeout: Duration,
    /// The operation that fails, and how it answers.
    fault: (&'static str, Vec<Answer>),
    more: Vec<(&'static str, Answer)>,
}

/// What has to come of it.
pub(crate) struct Expected {
    case: Case,
    /// The error type that Lambda is told, and something that the message says.
    failure: Option<(&'static str, &'static str)>,
    /// Something that is logged as an error that no retry mends.
    final_error: Option<&'static str>,
    asked: Option<usize>,
    reported: Option<usize>,
    takes_at_least: Duration,
}

/// A function of the sample account changes; the rule looks at nothing else.
pub(crate) fn on_change() -> Case {
    let event = events::change("AWS::Lambda::Function", "catalogue-thumbnail");
    Case::of("lambda-small-single-purpose", Account::Sample, event)
}

/// The same, announced by a summary.
pub(crate) fn on_oversized_change() -> Case {
    let event = events::oversized("AWS::Lambda::Function", "catalogue-thumbnail");
    Case::of("lambda-small-single-purpose", Account::Sample, event)
}

/// A function of the sample account changes; the rule asks for its alarms and for what invokes it.
pub(crate) fn on_change_with_evidence() -> Case {
    let event = events::change("AWS::Lambda::Function", "catalogue-thumbnail");
    Case::of("lambda-monitored", Account::Sample, event)
}

/// It is time to judge 250 queues, which takes three reports.
pub(crate) fn on_schedule() -> Case {
    Case::of("periodic-probe", Account::Queues(250), events::scheduled())
}

impl Case {
    fn of(rule: &'static str, account: Account, event: Value) -> Self {
        let timeout = Duration::from_mins(1);
        Self { rule, account, event, timeout, fault: (REPORT, Vec::new()), more: Vec::new() }
    }

    /// What one operation answers, call by call; then it answers as usual.
    pub(crate) fn when<const N: usize>(self, operation: &'static str, answers: [Answer; N]) -> Self {
        Self { fault: (operation, answers.into()), ..self }
    }

    /// What another operation answers.
    pub(crate) fn and(mut self, operation: &'static str, answer: Answer) -> Self {
        self.more.push((operation, answer));
        self
    }

    /// How much time the function has.
    pub(crate) fn within(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// The invocation succeeds, and nothing is logged as an error.
    pub(crate) fn succeeds(self) -> Expected {
        let takes_at_least = Duration::ZERO;
        Expected { case: self, failure: None, final_error: None, asked: None, reported: None, takes_at_least }
    }

    /// The invocation succeeds, because a retry would not mend what is logged.
    pub(crate) fn succeeds_logging(self, text: &'static str) -> Expected {
        Expected { final_error: Some(text), ..self.succeeds() }
    }

    /// The invocation fails, so that Lambda tries again.
    pub(crate) fn fails(self, error_type: &'static str, text: &'static str) -> Expected {
        Expected { failure: Some((error_type, text)), ..self.succeeds() }
    }
}

impl Expected {
    /// How often the operation that fails is called.
    pub(crate) fn asked(self, times: usize) -> Self {
        Self { asked: Some(times), ..self }
    }

    /// How many evaluations AWS Config takes.
    pub(crate) fn reports(self, evaluations: usize) -> Self {
        Self { reported: Some(evaluations), ..self }
    }

    pub(crate) fn takes_at_least(self, takes_at_least: Duration) -> Self {
        Self { takes_at_least, ..self }
    }

    /// Runs the function once and looks at what Lambda, AWS Config and the log are told.
    pub(crate) async fn holds(self) {
        let Case { rule, account, event, timeout, fault: (operation, answers), more } = self.case;
        let script = answers.into_iter().map(|answer| (operation, answer)).chain(more);
        let config = match account {
            Account::Sample => sample_account().await,
            Account::Queues(count) => account_of((0..count).map(|n| queue(&format!("queue-{n}")))).await,
        };
        let mut stage = Stage::set(rule, config, timeout, script).await;
        let invoked = stage.invoke(&event).await;
        let (asked, reported) = (stage.times_called(operation), stage.reported().len());
        let log = stage.log().await;

        match (&invoked.error, self.failure) {
            (None, None) => {}
            (Some(error), Some((error_type, text))) => {
                assert_eq!(error.error_type, error_type, "{error}");
                assert!(error.message.contains(text), "{error}");
            }
            (error, _) => panic!("expected {:?}, Lambda was told {error:?}; log: {log:?}", self.failure),
        }
        if let Some(expected) = self.asked {
            assert_eq!(asked, expected, "calls of {operation}; log: {log:?}");
        }
        if let Some(expected) = self.reported {
            assert_eq!(reported, expected, "evaluations that were taken; log: {log:?}");
        }
        assert!(self.takes_at_least <= invoked.took, "it took {:?}", invoked.took);

        let errors = errors(&log.iter().map(|line| (line.stream, line.text.as_str())).collect::<Vec<_>>());
        match (self.failure, self.final_error) {
            (Some((error_type, text)), _) => assert_logged(&errors, error_type, true, text),
            (None, Some(text)) => assert_logged(&errors, "ReportRejected", false, text),
            (None, None) => assert_eq!(errors, Vec::<Value>::new()),
        }
    }
}

fn assert_logged(errors: &[Value], error_type: &str, retry: bool, text: &str) {
    let is_it = |line: &&Value| line["errorType"] == error_type && line["retry"] == retry;
    let found: Vec<_> = errors.iter().filter(is_it).collect();
    assert_eq!(found.len(), 1, "{errors:?}");
    let message = found[0]["message"].as_str().unwrap_or_default();
    assert!(message.contains(text), "{message}");
}

/// The errors of a log in which every line is an object that names its request and nothing is said twice or betrayed.
pub(crate) fn errors(log: &[(Stream, &str)]) -> Vec<Value> {
    let mut errors = Vec::new();
    for (stream, text) in log {
        assert_eq!(*stream, Stream::Stdout, "{text}");
        let line: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert!(line["requestId"].is_string() && line["message"].is_string(), "{text}");
        assert!(!text.contains("a-token"), "the log betrays the token: {text}");
        if line["level"] == "ERROR" {
            errors.push(line);
        }
    }
    errors
}

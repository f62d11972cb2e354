//! What Lambda measures of a function, and how much that can be.

use aws_resources::Seconds;
use config_rule::{Known, Missing};

use crate::dimensions::Invocations;

/// Source, of both: AWS Lambda Developer Guide, "Configure Lambda function timeout".
const SHORTEST_TIMEOUT: Seconds = Seconds(1);
const LONGEST_TIMEOUT: Seconds = Seconds(900);

/// A metric of a function, with the values that it can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measure<'a> {
    /// `Errors`: 0 or 1 for each invocation.
    ///
    /// Source: AWS Lambda Developer Guide, "Types of metrics for Lambda functions": invocation metrics are binary.
    Errors,
    /// `Duration`: milliseconds for each invocation, at most the function's timeout.
    ///
    /// Source: AWS Lambda Developer Guide, "Types of metrics for Lambda functions", and the metric's description: the
    /// maximum data point value possible is the function timeout configuration.
    Duration {
        /// The function's timeout.
        timeout: &'a Known<Seconds>,
    },
}

impl Measure<'_> {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Errors => "Errors",
            Self::Duration { .. } => "Duration",
        }
    }

    /// The unit in which Lambda reports it.
    pub(crate) const fn unit(self) -> &'static str {
        match self {
            Self::Errors => "Count",
            Self::Duration { .. } => "Milliseconds",
        }
    }

    /// Why the function has no invocation that is enough for an alarm of those that it sees, if that is so.
    pub(crate) fn end(
        self,
        seen: Invocations,
        is_too_little: impl Fn(f64) -> bool,
    ) -> Result<Option<String>, Missing> {
        let Self::Duration { timeout } = self else {
            return Ok(is_too_little(1.0).then(|| "an invocation counts at most 1".to_owned()));
        };
        let ends_before = |timeout: Seconds| is_too_little(milliseconds(timeout));
        let stopped = |timeout: &Seconds| format!("the function is stopped after {timeout}");
        match (seen, timeout.get()) {
            (Invocations::OfFunction, Ok(timeout)) => Ok(ends_before(*timeout).then(|| stopped(timeout))),
            // What no timeout allows and what each allows need no timeout.
            _ if ends_before(LONGEST_TIMEOUT) => {
                Ok(Some(format!("Lambda stops every function after {LONGEST_TIMEOUT}")))
            }
            _ if !ends_before(SHORTEST_TIMEOUT) => Ok(None),
            // Others can set it off, which is no news of this one.
            (Invocations::All, Ok(timeout)) => {
                Ok(ends_before(*timeout)
                    .then(|| format!("{} and needs an alarm of its own", stopped(timeout))))
            }
            (Invocations::OfVersion, _) => {
                Err(Missing::NotRecorded { what: "the timeout of published versions".to_owned() })
            }
            (_, Err(missing)) => Err(missing.clone()),
        }
    }
}

/// What is recorded as more than Lambda allows is as good as endless.
fn milliseconds(timeout: Seconds) -> f64 {
    u32::try_from(timeout.0.saturating_mul(1000)).map_or(f64::INFINITY, f64::from)
}

//! What the rule looks at.

use config_rule::{Check, Severity};

pub(crate) const NO_ERROR_ALARM: &Check = &Check {
    id: "no-error-alarm",
    severity: Severity::Medium,
    title: "Nobody is told about the function's errors",
    remedy: "Create an alarm on the metric Errors of the function, or one on the Errors of all functions",
};

pub(crate) const NO_DURATION_ALARM: &Check = &Check {
    id: "no-duration-alarm",
    severity: Severity::Medium,
    title: "Nobody is told when the function takes long",
    remedy: "Create an alarm on the metric Duration, p99 or Maximum, with a threshold below the function's timeout",
};

pub(crate) const NO_DELAY_ALARM: &Check = &Check {
    id: "no-delay-alarm",
    severity: Severity::Low,
    title: "Nobody is told when the function's events wait",
    remedy: "Create an alarm on Throttles, and on IteratorAge, AsyncEventAge or the queue's age for what is consumed",
};

pub(crate) const ALARM_NEVER_FIRES: &Check = &Check {
    id: "alarm-never-fires",
    severity: Severity::Medium,
    title: "The function can never set off its alarm",
    remedy: "Set the threshold to a value that the function can reach: for Duration, milliseconds below its timeout. Where \
             the alarm is one of all functions, give the function its own",
};

pub(crate) const ALARM_TELLS_NOBODY: &Check = &Check {
    id: "alarm-tells-nobody",
    severity: Severity::Medium,
    title: "The function's alarm has no enabled action",
    remedy: "Enable the alarm's actions, or give it one, such as an SNS topic that somebody reads",
};

pub(crate) const NO_TRACING: &Check = &Check {
    id: "no-tracing",
    severity: Severity::Low,
    title: "The function's requests are not traced",
    remedy: "Set the function's tracing mode to Active",
};

pub(crate) const NO_FAILURE_DESTINATION: &Check = &Check {
    id: "no-failure-destination",
    severity: Severity::Low,
    title: "Events that the function cannot process are dropped",
    remedy: "Give the function a dead-letter queue or a destination for failures, and watch it",
};

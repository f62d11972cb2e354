//! The AWS edge of every rule: turns a `config_rule::Entry` into a Lambda function.
//!
//! A rule decides; everything around the decision stands here once. An event is read tolerantly, its payload strictly
//! (`Envelope`, `Notification`). Oversized items are fetched as they were at the event's time. Resources that are gone
//! are answered before their configuration is touched. On a schedule all subjects are listed, judged and reported in
//! batches, and the results of vanished resources are retired. Other resources are looked up in AWS Config
//! ([`FIND_ACTIONS`]).
//!
//! # What an invocation ends with
//!
//! AWS Config invokes functions asynchronously and does not read what they return; Lambda retries a failed invocation
//! twice. So whatever a retry cannot mend, because AWS Config refuses the report for good, is logged as an error and
//! the invocation *succeeds*; everything else *fails* it. Both carry one stable word as error type, for alarms:
//!
//! | error type | meaning | invocation |
//! | --- | --- | --- |
//! | `InvalidParameters` | the rule's parameters are wrong (change; on a schedule they are reported on the account) | fails |
//! | `UnexpectedConfigurationItem` | the event or its item is not what AWS Config documents | fails |
//! | `EvidenceUnavailable` | a question to AWS was refused or not answered; there is no verdict | fails |
//! | `ReportRejected` | the token or the rule is gone, or AWS Config calls the report invalid | succeeds |
//! | `ReportRejected` | the report was not taken for another reason | fails |
//!
//! # Log
//!
//! One JSON object per line on standard output: `timestamp`, `level`, `message`, `requestId` and the event's own
//! fields. Each verdict is one line with message `evaluated`, its `durationMs` and the complete
//! [`Report`](config_rule::Report) as `evaluation`. `AWS_LAMBDA_LOG_LEVEL` sets the level (else `RUST_LOG`, as one
//! plain level; else `info`). Items and tokens are never logged, nor are parameters, except for a refused value in the
//! message that refuses it.

mod actions;
mod clients;
mod envelope;
mod error;
mod evaluation;
mod function;
mod inventory;
mod log;
mod notification;
mod oversized;
mod report;
mod retire;
mod schedule;
mod settings;

use std::time::SystemTime;

use config_rule::{Entry, Rule};
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::Value;

pub use actions::{FIND_ACTIONS, required_actions};
pub use function::Function;
pub use settings::{Settings, SettingsError};

/// Runs a rule as a Lambda function: polls for events and answers them until the environment ends.
///
/// # Errors
///
/// Whoever deploys the function must act if its environment lacks a Region or credentials; otherwise the Lambda Runtime
/// API could not be reached.
pub async fn serve<R: Rule>() -> Result<(), lambda_runtime::Error> {
    serve_entry(const { &Entry::of::<R>() }).await
}

/// The same without type parameters, so that it is compiled once for all rules.
async fn serve_entry(entry: &'static Entry) -> Result<(), lambda_runtime::Error> {
    log::start();
    let settings = Settings::from_variables(|name| std::env::var(name).ok())
        .inspect_err(|error| tracing::error!("{}", error::with_causes(error)))?;
    let function = &Function::new(entry, settings);
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| async move {
        let deadline: SystemTime = event.context.deadline();
        function.answer(event.payload, deadline).await.map_err(Failure)
    }))
    .await
}

/// What the runtime is told of a failed invocation. The runtime logs its debug form.
struct Failure(Diagnostic);

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        failure.0
    }
}

impl std::fmt::Debug for Failure {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {}", self.0.error_type, self.0.error_message)
    }
}

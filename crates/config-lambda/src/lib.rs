//! The AWS edge of every rule: turns a `config_rule::Entry` into a Lambda function.
//!
//! A rule decides; everything around the decision stands here once. An event is read tolerantly, its payload strictly
//! (`Envelope`, `Notification`). Oversized items are fetched as they were at the event's time. Resources that are gone
//! are answered before their configuration is touched. On a schedule all subjects are listed, judged and reported in
//! batches, and the results of vanished resources are retired. A change of a related type (an alarm, a role) has the
//! subjects judged that it bears upon, as of that change, if the rule is triggered by its subjects' changes too; what a
//! deleted one bore upon waits for the schedule. Other resources are looked up in AWS Config ([`FIND_ACTIONS`]), and
//! what it does not know or does not record, in further [`Evidence`]; within one invocation every question is asked
//! once.
//!
//! # What an invocation ends with
//!
//! AWS Config invokes functions asynchronously and does not read what they return; Lambda retries a failed invocation
//! twice. So whatever a retry cannot mend, because AWS Config refuses the report for good or the event is a stranger's,
//! is logged as an error and the invocation *succeeds*; everything else *fails* it. Both carry one stable word as error
//! type, for alarms:
//!
//! | error type | meaning | invocation |
//! | --- | --- | --- |
//! | `InvalidParameters` | the rule's parameters are wrong (change; on a schedule they are reported on the account) | fails |
//! | `UnexpectedConfigurationItem` | the event or its item is not what AWS Config documents | fails |
//! | `EvidenceUnavailable` | a question to AWS was refused or not answered; there is no verdict | fails |
//! | `AccountRefused` | the rule is of an account for which the function does not work | succeeds |
//! | `ReportRejected` | the token or the rule is gone, or AWS Config calls the report invalid | succeeds |
//! | `ReportRejected` | the report was not taken for another reason | fails |
//! | `Panic` | the function has a defect; its process ends | fails |
//!
//! # Rules of other accounts
//!
//! One function can work for the accounts of an organization: those that the environment names in `MEMBER_ACCOUNTS`,
//! comma-separated, or `*`. Every call for a rule of such an account is made with a session of the role
//! `executionRoleName` (a rule parameter) there. A role that cannot be taken on is evidence that is unavailable: in an
//! account that has just joined it may come later than the rule, so Lambda's retries are worth their while, and after
//! them the daily evaluation is.
//!
//! # Log
//!
//! One JSON object per line on standard output: `timestamp`, `level`, `message`, `requestId` and the event's own
//! fields. Each verdict is one line with message `evaluated`, its `durationMs` and the complete
//! [`Report`](config_rule::Report) as `evaluation`. `AWS_LAMBDA_LOG_LEVEL` sets the level (else `RUST_LOG`, as one
//! plain level; else `info`); optimized builds have nothing to say below `info`. Items and tokens are never logged, nor
//! are parameters, except for a refused value in the message that refuses it.

mod actions;
mod clients;
mod envelope;
mod error;
mod evaluation;
mod evidence;
mod function;
mod http;
mod inventory;
mod item;
mod log;
mod member;
mod notification;
mod oversized;
mod panic;
mod payload;
mod related;
mod report;
mod retire;
mod roots;
mod schedule;
mod settings;
mod survey;

use std::time::SystemTime;

use config_rule::{Entry, Rule};
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};

pub use actions::{FIND_ACTIONS, required_actions};
pub use clients::{Clients, Session};
pub use error::CallError;
pub use evidence::{Evidence, as_on_the_wire, iso_8601};
pub use function::Function;
pub use inventory::LookupError;
pub use payload::Payload;
pub use settings::{Service, Settings, SettingsError};

/// Runs a rule as a Lambda function: polls for events and answers them until the environment ends.
///
/// # Errors
///
/// Whoever deploys the function must act if its environment lacks a Region or credentials; otherwise the Lambda Runtime
/// API could not be reached.
pub async fn serve<R: Rule>() -> Result<(), lambda_runtime::Error> {
    serve_with::<R>(&[]).await
}

/// The same for a rule that needs [`Evidence`] beyond AWS Config; only functions that name a service link its client.
///
/// # Errors
///
/// As [`serve`].
pub async fn serve_with<R: Rule>(
    evidence: &'static [&'static dyn Evidence],
) -> Result<(), lambda_runtime::Error> {
    serve_entry(const { &Entry::of::<R>() }, evidence).await
}

/// The same without type parameters, so that it is compiled once for all rules.
async fn serve_entry(
    entry: &'static Entry,
    evidence: &'static [&'static dyn Evidence],
) -> Result<(), lambda_runtime::Error> {
    log::start();
    panic::log_and_end();
    let settings = Settings::from_variables(|name| std::env::var(name).ok())
        .inspect_err(|error| tracing::error!("{}", error::with_causes(error)))?;
    let function = &Function::new(entry, settings).with_evidence(evidence);
    lambda_runtime::run(service_fn(|event: LambdaEvent<Payload>| async move {
        let deadline: SystemTime = event.context.deadline();
        let function_arn = &event.context.invoked_function_arn;
        function.answer_as(function_arn, event.payload, deadline).await.map_err(Failure)
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

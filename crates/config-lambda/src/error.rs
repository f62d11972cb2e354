//! Everything that can end an invocation, and how the runtime and the log are told.

use std::error::Error;
use std::fmt::Write;

use aws_sdk_config::error::{ProvideErrorMetadata, SdkError};
use config_rule::{InventoryError, ParameterErrors};
use lambda_runtime::Diagnostic;

/// Why there is no report, or not all of it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvocationError {
    /// Whoever set the rule's parameters must act.
    #[error(transparent)]
    InvalidParameters(#[from] ParameterErrors),
    /// The rule is of an account for which the function does not work. Whoever owns either must act.
    #[error("expected a rule of {expected}, found one of account `{account_id}`: {hint}")]
    AccountRefused { expected: String, account_id: String, hint: &'static str },
    /// The event is not what AWS Config documents.
    #[error("{place}")]
    UnexpectedConfigurationItem { place: &'static str, source: Box<dyn Error + Send + Sync> },
    /// One question was not answered.
    #[error(transparent)]
    Question(#[from] InventoryError),
    /// An item or the earlier results could not be had.
    #[error("{evidence} could not be had")]
    EvidenceUnavailable { evidence: String, source: Box<dyn Error + Send + Sync> },
    /// Some resources could not be judged; the others were reported.
    #[error("questions without an answer: {count}, the first: {first}")]
    Incomplete { count: usize, first: String },
    /// AWS Config took the call, but not these evaluations.
    #[error("AWS Config did not take {count} of {of} evaluations, the first about {first}")]
    EvaluationsFailed { count: usize, of: usize, first: String },
    /// AWS Config calls these evaluations invalid.
    #[error("AWS Config refused {count} of {of} evaluations, the first about {first}")]
    EvaluationsRefused { count: usize, of: usize, first: String, source: CallError },
    /// AWS Config did not take the call.
    #[error("the report was not taken")]
    ReportRejected(#[source] CallError),
}

impl InvocationError {
    /// Something in the event is not what AWS Config documents.
    pub(crate) fn unexpected(place: &'static str, problem: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::UnexpectedConfigurationItem { place, source: problem.into() }
    }

    /// Logs the error once; the runtime is only told.
    pub(crate) fn log(&self) {
        tracing::error!(errorType = self.error_type(), retry = !self.is_final(), "{}", with_causes(self));
    }

    /// The stable word that alarms match.
    pub(crate) const fn error_type(&self) -> &'static str {
        match self {
            Self::InvalidParameters(_) => "InvalidParameters",
            Self::AccountRefused { .. } => "AccountRefused",
            Self::UnexpectedConfigurationItem { .. } => "UnexpectedConfigurationItem",
            Self::Question(_) | Self::EvidenceUnavailable { .. } | Self::Incomplete { .. } => {
                "EvidenceUnavailable"
            }
            Self::EvaluationsFailed { .. } | Self::EvaluationsRefused { .. } | Self::ReportRejected(_) => {
                "ReportRejected"
            }
        }
    }

    /// Whether this will not be otherwise, so that Lambda's retries would only repeat it: AWS Config will never take
    /// this report, or the event is not for this function.
    pub(crate) fn is_final(&self) -> bool {
        match self {
            Self::EvaluationsRefused { .. } | Self::AccountRefused { .. } => true,
            Self::ReportRejected(call) => call.ends_the_event() || call.is_about_the_request(),
            _ => false,
        }
    }
}

impl From<InvocationError> for Diagnostic {
    fn from(error: InvocationError) -> Self {
        Self { error_type: error.error_type().to_owned(), error_message: with_causes(&error) }
    }
}

/// How an invocation ends: of several problems the one that a retry may mend decides; the others are logged.
pub(crate) fn most_pressing(
    results: impl IntoIterator<Item = Result<(), InvocationError>>,
) -> Result<(), InvocationError> {
    let mut problems: Vec<_> = results.into_iter().filter_map(Result::err).collect();
    problems.sort_by_key(InvocationError::is_final);
    let mut problems = problems.into_iter();
    let deciding = problems.next();
    problems.for_each(|problem| problem.log());
    deciding.map_or(Ok(()), Err)
}

/// A call to an AWS service without a result.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// It was understood and refused.
    #[error("`{operation}` was refused with {code}: {message}")]
    Refused {
        /// The API's operation.
        operation: &'static str,
        /// The error's code; the one that an operation's model lists, or one that all services have.
        code: String,
        /// What the service said.
        message: String,
    },
    /// It did not get there, did not come back in time, or could not be read.
    #[error("`{operation}` was not answered")]
    Unanswered {
        /// The API's operation.
        operation: &'static str,
        /// What went wrong.
        source: Box<dyn Error + Send + Sync>,
    },
}

impl CallError {
    /// What became of a call. Errors are told apart by their codes: throttling and denials are in no operation's model.
    pub fn new<E, R>(operation: &'static str, error: &SdkError<E, R>) -> Self
    where
        E: Error + ProvideErrorMetadata + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        match error.code() {
            Some(code) => Self::Refused {
                operation,
                code: code.to_owned(),
                message: error.message().unwrap_or("no reason given").to_owned(),
            },
            None => Self::Unanswered { operation, source: with_causes(error).into() },
        }
    }

    /// The event can no longer be answered, by this or by any other call.
    pub(crate) fn ends_the_event(&self) -> bool {
        self.is_one_of(&["InvalidResultTokenException", "NoSuchConfigRuleException"])
    }

    /// Something in this request is wrong; another request may be right.
    pub(crate) fn is_about_the_request(&self) -> bool {
        self.is_one_of(&["InvalidParameterValueException", "ValidationException", "ValidationError"])
    }

    /// The code with which the service refused, if it did.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused { code, .. } => Some(code),
            Self::Unanswered { .. } => None,
        }
    }

    /// The function's role lacks a permission; asking again does not help.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        self.is_one_of(&["AccessDeniedException", "AccessDenied", "UnauthorizedOperation"])
    }

    /// The endpoint has no such operation.
    pub(crate) fn says_that_nobody_offers_this(&self) -> bool {
        self.is_one_of(&["UnknownOperationException", "InvalidAction"])
    }

    /// A query is not what the service takes.
    pub(crate) fn is_about_the_expression(&self) -> bool {
        self.is_one_of(&["InvalidExpressionException"])
    }

    /// Nothing is recorded at all.
    pub(crate) fn says_there_is_no_recorder(&self) -> bool {
        self.is_one_of(&["NoAvailableConfigurationRecorderException"])
    }

    fn is_one_of(&self, codes: &[&str]) -> bool {
        self.code().is_some_and(|code| codes.contains(&code))
    }
}

/// An error and its causes on one line, for whoever sees only that line.
pub(crate) fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        // Writing to a string does not fail.
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text
}

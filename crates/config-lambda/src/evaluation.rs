//! One verdict on its way to AWS Config.

use std::fmt;
use std::time::Duration;

use aws_sdk_config::error::BuildError;
use aws_sdk_config::primitives::DateTime;
use aws_sdk_config::types;
use config_rule::{Compliance, Document, Report, Timestamp, Verdict};
use serde_json::Value;

/// What AWS Config is told about one resource.
#[derive(Clone, Debug)]
pub(crate) struct Evaluation {
    pub(crate) resource: Resource,
    pub(crate) compliance: Compliance,
    pub(crate) annotation: Option<String>,
    /// The time of the event: a result with an earlier one does not replace it.
    pub(crate) ordering: Timestamp,
}

/// A resource as AWS Config keys it: an id alone is not unique over types.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Resource {
    pub(crate) resource_type: String,
    pub(crate) id: String,
}

impl Resource {
    pub(crate) fn of(document: &Document) -> Self {
        Self { resource_type: document.resource_type.clone(), id: document.resource_id.clone() }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} `{}`", self.resource_type, self.id)
    }
}

impl Evaluation {
    /// Logs the verdict with all its findings and makes an evaluation of it.
    pub(crate) fn logged(
        rule: &str,
        document: &Document,
        verdict: Verdict,
        ordering: Timestamp,
        duration: Duration,
    ) -> Self {
        let report = serde_json::to_string(&Report::new(rule, document, &verdict));
        let report = report.unwrap_or_else(|error| Value::from(error.to_string()).to_string());
        let milliseconds = (duration.as_secs_f64() * 1e6).round() / 1e3;
        tracing::info!(durationMs = milliseconds, evaluation = %report, "evaluated");
        Self {
            resource: Resource::of(document),
            compliance: verdict.compliance,
            annotation: verdict.annotation,
            ordering,
        }
    }
}

impl TryFrom<&Evaluation> for types::Evaluation {
    type Error = BuildError;

    fn try_from(evaluation: &Evaluation) -> Result<Self, BuildError> {
        Self::builder()
            .compliance_resource_type(&evaluation.resource.resource_type)
            .compliance_resource_id(&evaluation.resource.id)
            .compliance_type(evaluation.compliance.as_str().into())
            .set_annotation(evaluation.annotation.clone())
            .ordering_timestamp(DateTime::from_millis(evaluation.ordering.as_millisecond()))
            .build()
    }
}

use std::collections::BTreeSet;

use aws_resources::{Function, ResourcePolicy};
use config_rule::{Document, Known, Missing, Subject, Tags};

/// A function, with what says who learns of its failures.
#[derive(Clone, Debug, PartialEq)]
pub struct MonitoredFunction {
    /// The name by which alarms know it, which is also AWS Config's id of it.
    pub name: String,
    /// What all rules read of a function.
    pub function: Function,
    /// `Active` or `PassThrough`.
    pub tracing_mode: Known<String>,
    /// Where Lambda puts events that it could not process; `None` if nowhere.
    pub dead_letter_target: Known<Option<String>>,
    /// The function's tags.
    pub tags: Known<Tags>,
}

impl MonitoredFunction {
    /// Whether the resource policy lets anybody invoke it.
    pub(crate) fn is_invoked(&self) -> Result<bool, Missing> {
        let policy = self.function.policy.get()?.as_ref();
        Ok(policy.is_some_and(ResourcePolicy::lets_somebody_invoke))
    }

    /// The services that the resource policy lets invoke it, by their short names.
    pub(crate) fn invoking_services(&self) -> Result<BTreeSet<&str>, Missing> {
        let policy = self.function.policy.get()?.as_ref();
        Ok(policy.map(ResourcePolicy::invoking_services).unwrap_or_default())
    }
}

impl Subject for MonitoredFunction {
    fn read(document: &Document) -> Option<Self> {
        let root = document.properties();
        let target = root.text("configuration.deadLetterConfig.targetArn").optional();
        Some(Self {
            name: document.resource_id.clone(),
            function: Function::read(document)?,
            tracing_mode: root.text("configuration.tracingConfig.mode").map(ToOwned::to_owned),
            dead_letter_target: target.map(|arn| arn.filter(|arn| !arn.is_empty()).map(ToOwned::to_owned)),
            tags: document.tags.clone(),
        })
    }
}

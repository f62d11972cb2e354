//! The managed rules that are active in the account.

use config_rule::{Document, Documents, Known, Missing, Timestamp};

use crate::packs::is_scheduled;

/// An active rule of AWS's own, whatever its name and whoever deployed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagedRule {
    /// Which one it is, such as `LAMBDA_DLQ_CHECK`.
    pub identifier: String,
    /// Whether AWS Config runs it once a day or more often, and not when a resource changes.
    pub is_scheduled: bool,
    /// When AWS Config last ran it; when it was activated, if it has not run yet.
    pub last_run: Known<Timestamp>,
}

impl ManagedRule {
    /// The name under which an inventory answers.
    pub const TYPE: &str = "AWS::Config::ConfigRule";

    /// `None` for rules that are not AWS's, that are being deleted, or that look at resources before they exist only.
    fn read_active(document: &Document) -> Result<Option<Self>, Missing> {
        let root = document.properties();
        let text = |path: &str| root.text(path).get().map(|text| (*text).to_owned());
        if text("configuration.Source.Owner")? != "AWS"
            || text("configuration.ConfigRuleState")? == "DELETING"
            || !is_detective(document)?
        {
            return Ok(None);
        }
        let identifier = text("configuration.Source.SourceIdentifier")?;
        // Only rules that run on a schedule have a frequency.
        let has_frequency = root.text("configuration.MaximumExecutionFrequency").get().is_ok();
        let is_scheduled = has_frequency || is_scheduled(&identifier);
        Ok(Some(Self { identifier, is_scheduled, last_run: last_run(document).into() }))
    }
}

/// The active ones; not known at all while it is not known of one of them whether it is.
pub(crate) fn active_among(rules: &Documents) -> Known<Vec<ManagedRule>> {
    rules.iter().filter_map(|rule| ManagedRule::read_active(rule).transpose()).map(Known::from).collect()
}

/// Whether the rule looks at what exists. Rules that were made before there was a choice do.
///
/// Source: AWS Config API Reference, `EvaluationModeConfiguration`.
fn is_detective(rule: &Document) -> Result<bool, Missing> {
    let modes = rule.properties().list("configuration.EvaluationModes").optional();
    let Some(modes) = modes.get()? else { return Ok(true) };
    let is_detective =
        |mode: &config_rule::Node<'_>| mode.text("Mode").get().is_ok_and(|mode| *mode == "DETECTIVE");
    Ok(modes.is_empty() || modes.iter().any(is_detective))
}

/// A run that found nothing to evaluate counts: it is an invocation.
fn last_run(rule: &Document) -> Result<Timestamp, Missing> {
    let time = |key: &str| rule.properties().timestamp(&format!("configuration.Status.{key}"));
    let evaluated = *time("LastSuccessfulEvaluationTime").optional().get()?;
    let invoked = *time("LastSuccessfulInvocationTime").optional().get()?;
    match evaluated.max(invoked) {
        Some(time) => Ok(time),
        None => time("FirstActivatedTime").get().copied(),
    }
}

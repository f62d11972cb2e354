//! Judges all resources of a rule's subjects.

use std::collections::BTreeSet;
use std::time::Duration;

use config_rule::{ACCOUNT_TYPE, Document, Selector, Timestamp, Verdict};

use crate::error::{self, InvocationError};
use crate::evaluation::Resource;
use crate::function::Invocation;
use crate::inventory::Breadth;
use crate::survey::Survey;
use crate::{notification, retire};

/// Reports on every subject, then retires the results of those that are gone. What fails on the way does not keep the
/// rest from being reported; it fails the invocation at the end.
pub(crate) async fn answer(invocation: &Invocation<'_>, time: Timestamp) -> Result<(), InvocationError> {
    let rule = match invocation.prepared() {
        Ok(rule) => rule,
        Err(InvocationError::InvalidParameters(errors)) => {
            // A retry would not mend the parameters, and nobody looks at a failing function: the account's result in
            // the console is where whoever set them looks.
            let verdict = Verdict::non_compliant(&errors.to_string());
            let evaluation = invocation.logged(&account(invocation), verdict, time, Duration::ZERO);
            return invocation.reporter.report(&[evaluation]).await;
        }
        Err(error) => return Err(error),
    };
    let today = notification::day(time);
    let mut survey = Survey::new(invocation, rule.as_ref(), Breadth::WholeTypes, today, time);
    let unlisted = judge_all(invocation, &mut survey).await;
    let reported = invocation.reporter.report(&survey.evaluations).await;
    if matches!(&reported, Err(InvocationError::ReportRejected(call)) if !call.is_about_the_request()) {
        return reported;
    }
    // Resources without a verdict keep their earlier results, and so do those of types that could not be listed.
    let is_current = |resource: &Resource| {
        survey.met.contains(resource) || unlisted.contains(resource.resource_type.as_str())
    };
    let retired = retire_vanished(invocation, is_current, time).await;
    error::most_pressing([reported, retired, survey.complete()])
}

/// Judges every subject; answers with the types that could not be listed.
async fn judge_all(invocation: &Invocation<'_>, survey: &mut Survey<'_>) -> BTreeSet<&'static str> {
    let mut unlisted = BTreeSet::new();
    for &subject in invocation.entry.meta.subjects {
        if survey.leaves_out(subject) {
            continue;
        }
        if subject == ACCOUNT_TYPE {
            survey.judge(&account(invocation)).await;
            continue;
        }
        match survey.subjects(subject, Selector::All).await {
            Some(documents) => {
                for document in documents.iter() {
                    survey.judge(document).await;
                }
            }
            None => {
                unlisted.insert(subject);
            }
        }
    }
    unlisted
}

async fn retire_vanished(
    invocation: &Invocation<'_>,
    is_current: impl Fn(&Resource) -> bool,
    time: Timestamp,
) -> Result<(), InvocationError> {
    // A rehearsal leaves no results behind.
    if invocation.reporter.is_rehearsal() {
        return Ok(());
    }
    let rule_name = &invocation.envelope.config_rule_name;
    let vanished = retire::vanished(invocation.session, rule_name, time, is_current).await?;
    if vanished.is_empty() {
        return Ok(());
    }
    tracing::info!(count = vanished.len(), "retiring the results of vanished resources");
    invocation.reporter.report(&vanished).await
}

fn account(invocation: &Invocation<'_>) -> Document {
    let account_id = &invocation.envelope.account_id;
    Document::without_configuration(ACCOUNT_TYPE, account_id, account_id, invocation.region)
}

//! Judges the resources that a changed resource of a related type bears upon.

use config_rule::Document;

use crate::error::{self, InvocationError};
use crate::function::Invocation;
use crate::inventory::Breadth;
use crate::notification::Change;
use crate::oversized;
use crate::survey::Survey;

/// How many subjects, or groups of them, are looked for one by one. To look for each and for what it is judged by takes a
/// few calls; a policy that is attached to half of the roles would take hundreds, and whole types take one for each
/// hundred resources.
const FEW: usize = 10;

/// Reports on every subject that the changed resource concerns, as of its change; on none, if there is none. What a
/// deleted resource concerned is no longer known: only the next scheduled run can tell.
pub(crate) async fn answer(invocation: &Invocation<'_>, change: Change) -> Result<(), InvocationError> {
    let rule = invocation.prepared()?;
    let (today, ordering) = (change.day(), change.captured);
    let related = document(invocation, change).await?;
    let mut concerned = invocation.entry.concerned(&related);
    concerned.retain(|(resource_type, _)| !rule.leaves_out().contains(resource_type));
    let breadth = if concerned.len() <= FEW { Breadth::AsAsked } else { Breadth::WholeTypes };
    let mut survey = Survey::new(invocation, rule.as_ref(), breadth, today, ordering);
    for (resource_type, selector) in concerned {
        for subject in survey.subjects(resource_type, selector).await.unwrap_or_default().iter() {
            survey.judge(subject).await;
        }
    }
    let reported = invocation.reporter.report(&survey.evaluations).await;
    error::most_pressing([reported, survey.complete()])
}

/// The changed resource; the summary of a deleted one is all that there is.
async fn document(invocation: &Invocation<'_>, change: Change) -> Result<Document, InvocationError> {
    if change.is_summary && change.document.status.reason_not_to_judge().is_none() {
        return oversized::inflate(invocation.session, &change).await;
    }
    Ok(change.document)
}

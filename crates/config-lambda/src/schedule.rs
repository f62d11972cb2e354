//! Judges all resources of a rule's subjects.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use config_rule::{
    ACCOUNT_TYPE, Document, Inventory, InventoryError, Known, PreparedRule, Selector, Timestamp, Verdict,
};

use crate::error::{InvocationError, with_causes};
use crate::evaluation::{Evaluation, Resource};
use crate::function::Invocation;
use crate::inventory::{AwsInventory, Breadth};
use crate::notification;
use crate::retire;

/// What one scheduled run has found out.
#[derive(Default)]
struct Survey {
    evaluations: Vec<Evaluation>,
    /// Resources without a verdict: their earlier results stay.
    undecided: BTreeSet<Resource>,
    /// Types that could not be listed: their earlier results stay.
    unlisted: BTreeSet<&'static str>,
    /// What was asked in vain.
    unanswered: Vec<InventoryError>,
}

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
    let survey = judge_all(invocation, rule.as_ref(), time).await;
    let reported = invocation.reporter.report(&survey.evaluations).await;
    if matches!(&reported, Err(InvocationError::ReportRejected(call)) if !call.is_about_the_request()) {
        return reported;
    }
    let retired = retire_vanished(invocation, &survey, time).await;

    // Of several problems the one that a retry may mend decides how the invocation ends.
    let problems = [reported, retired, survey.complete()];
    let mut problems: Vec<_> = problems.into_iter().filter_map(Result::err).collect();
    problems.sort_by_key(InvocationError::is_final);
    let mut problems = problems.into_iter();
    let deciding = problems.next();
    problems.for_each(|problem| problem.log());
    deciding.map_or(Ok(()), Err)
}

impl Survey {
    /// Whether every question was answered.
    fn complete(&self) -> Result<(), InvocationError> {
        self.unanswered.first().map_or(Ok(()), |first| {
            Err(InvocationError::Incomplete { count: self.unanswered.len(), first: with_causes(first) })
        })
    }
}

async fn judge_all(invocation: &Invocation<'_>, rule: &dyn PreparedRule, time: Timestamp) -> Survey {
    let inventory = AwsInventory::new(invocation.session.leaving_time_to_report(), Breadth::WholeTypes);
    let today = notification::day(time);
    let mut survey = Survey::default();
    for subject in invocation.entry.meta.subjects {
        for document in listed(invocation, &inventory, subject, &mut survey).await {
            let start = Instant::now();
            match rule.evaluate(&document, &inventory, today).await {
                Ok(verdict) => {
                    let evaluation = invocation.logged(&document, verdict, time, start.elapsed());
                    survey.evaluations.push(evaluation);
                }
                Err(error) => {
                    survey.undecided.insert(Resource::of(&document));
                    survey.unanswered.push(error);
                }
            }
        }
    }
    survey
}

async fn listed(
    invocation: &Invocation<'_>,
    inventory: &AwsInventory<'_>,
    subject: &'static str,
    survey: &mut Survey,
) -> Vec<Document> {
    if subject == ACCOUNT_TYPE {
        return vec![account(invocation)];
    }
    match inventory.find(subject, Selector::All).await {
        Ok(Known::Value(documents)) => return documents,
        Ok(Known::Unknown(missing)) => {
            tracing::warn!(resourceType = subject, %missing, "resources of this type cannot be listed");
        }
        Err(error) => survey.unanswered.push(error),
    }
    survey.unlisted.insert(subject);
    Vec::new()
}

async fn retire_vanished(
    invocation: &Invocation<'_>,
    survey: &Survey,
    time: Timestamp,
) -> Result<(), InvocationError> {
    // A rehearsal leaves no results behind.
    if invocation.reporter.is_rehearsal() {
        return Ok(());
    }
    let reported: BTreeSet<_> = survey.evaluations.iter().map(|evaluation| &evaluation.resource).collect();
    let is_current = |resource: &Resource| {
        reported.contains(resource)
            || survey.undecided.contains(resource)
            || survey.unlisted.contains(resource.resource_type.as_str())
    };
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

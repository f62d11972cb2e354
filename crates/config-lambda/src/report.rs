//! Tells AWS Config the verdicts.

use std::collections::VecDeque;

use aws_sdk_config::types;

use crate::clients::Session;
use crate::error::{self, CallError, InvocationError};
use crate::evaluation::{Evaluation, Resource};

/// The most evaluations that one call takes.
///
/// Source: AWS Config API Reference, `PutEvaluations`, `Evaluations`.
const BATCH: usize = 100;

/// How often batches are halved to find out which of their evaluations AWS Config calls invalid. One in a full batch
/// takes seven; if it is all of them, asking on would only be throttled.
const MAX_SPLITS: u32 = 64;

/// The token that asks for a rehearsal; a convention of AWS's own rule development kit.
const TEST_MODE: &str = "TESTMODE";

/// Where the verdicts on one event go.
#[derive(Clone, Copy)]
pub(crate) struct Reporter<'a> {
    pub(crate) session: Session<'a>,
    pub(crate) token: &'a str,
}

/// What became of the batches.
#[derive(Debug, Default)]
struct Outcome {
    /// Not taken by a call that succeeded.
    failed: Vec<Resource>,
    /// Invalid, or in a batch with one that is.
    refused: Vec<Resource>,
    /// Why the first of them is.
    refusal: Option<CallError>,
    /// Why the rest was not reported.
    end: Option<CallError>,
}

impl Outcome {
    fn result(self, of: usize) -> Result<(), InvocationError> {
        let Self { failed, refused, refusal, end } = self;
        let failed = failed.first().map_or(Ok(()), |first| {
            Err(InvocationError::EvaluationsFailed { count: failed.len(), of, first: first.to_string() })
        });
        let refused = match (refused.first(), refusal) {
            (Some(first), Some(source)) => Err(InvocationError::EvaluationsRefused {
                count: refused.len(),
                of,
                first: first.to_string(),
                source,
            }),
            _ => Ok(()),
        };
        error::most_pressing([
            end.map_or(Ok(()), |error| Err(InvocationError::ReportRejected(error))),
            failed,
            refused,
        ])
    }
}

impl Reporter<'_> {
    /// Whether AWS Config checks the report without keeping it.
    pub(crate) fn is_rehearsal(&self) -> bool {
        self.token == TEST_MODE
    }

    /// Reports in batches, one after the other, as the token allows. No evaluation at all is reported too: otherwise
    /// AWS Config goes on waiting for results.
    pub(crate) async fn report(&self, evaluations: &[Evaluation]) -> Result<(), InvocationError> {
        let mut batches: VecDeque<_> = evaluations.chunks(BATCH).collect();
        if batches.is_empty() {
            batches.push_back(&[]);
        }
        let mut outcome = Outcome::default();
        let mut splits = 0;
        while let Some(batch) = batches.pop_front() {
            match self.put(batch).await {
                Ok(not_taken) => outcome.failed.extend(not_taken),
                // One evaluation that AWS Config calls invalid spoils its batch. The others in it are good.
                Err(error) if error.is_about_the_request() && 1 < batch.len() && splits < MAX_SPLITS => {
                    splits += 1;
                    let (first, second) = batch.split_at(batch.len() / 2);
                    batches.push_front(second);
                    batches.push_front(first);
                }
                Err(error) if error.is_about_the_request() && !batch.is_empty() => {
                    outcome.refused.extend(batch.iter().map(|evaluation| evaluation.resource.clone()));
                    outcome.refusal = outcome.refusal.or(Some(error));
                }
                Err(error) => {
                    outcome.end = Some(error);
                    break;
                }
            }
        }
        outcome.result(evaluations.len())
    }

    /// One call; the answer names the evaluations that were not taken although it succeeded.
    async fn put(&self, batch: &[Evaluation]) -> Result<Vec<Resource>, CallError> {
        let operation = "PutEvaluations";
        let evaluations = batch
            .iter()
            .map(types::Evaluation::try_from)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|source| CallError::Unanswered { operation, source: source.into() })?;
        let answer = self
            .session
            .config()
            .put_evaluations()
            .set_evaluations(Some(evaluations))
            .result_token(self.token)
            .set_test_mode(self.is_rehearsal().then_some(true))
            .customize()
            .config_override(self.session.within_the_deadline())
            .send()
            .await
            .map_err(|error| CallError::new(operation, &error))?;
        Ok(answer
            .failed_evaluations()
            .iter()
            .map(|failed| Resource {
                resource_type: failed.compliance_resource_type().to_owned(),
                id: failed.compliance_resource_id().to_owned(),
            })
            .collect())
    }
}

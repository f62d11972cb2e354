//! Tells AWS Config the verdicts.

use aws_sdk_config::types;

use crate::clients::Session;
use crate::error::{CallError, InvocationError};
use crate::evaluation::{Evaluation, Resource};

/// The most evaluations that one call takes.
///
/// Source: AWS Config API Reference, `PutEvaluations`, `Evaluations`.
const BATCH: usize = 100;

/// The token that asks for a rehearsal; a convention of AWS's own rule development kit.
const TEST_MODE: &str = "TESTMODE";

/// Where the verdicts on one event go.
#[derive(Clone, Copy)]
pub(crate) struct Reporter<'a> {
    pub(crate) session: Session<'a>,
    pub(crate) token: &'a str,
}

impl Reporter<'_> {
    /// Whether AWS Config checks the report without keeping it.
    pub(crate) fn is_rehearsal(&self) -> bool {
        self.token == TEST_MODE
    }

    /// Reports in batches, one after the other, as the token allows. No evaluation at all is reported too: otherwise
    /// AWS Config goes on waiting for results.
    pub(crate) async fn report(&self, evaluations: &[Evaluation]) -> Result<(), InvocationError> {
        let mut batches: Vec<_> = evaluations.chunks(BATCH).collect();
        if batches.is_empty() {
            batches.push(&[]);
        }
        let mut failed = Vec::new();
        let mut refused = None;
        for batch in batches {
            match self.put(batch).await {
                Ok(not_taken) => failed.extend(not_taken),
                // One evaluation that AWS Config calls invalid spoils its batch, but not the others.
                Err(error) if error.is_about_the_request() => refused = refused.or(Some(error)),
                Err(error) => return Err(InvocationError::ReportRejected(error)),
            }
        }
        if let Some(first) = failed.first() {
            let (count, of) = (failed.len(), evaluations.len());
            return Err(InvocationError::EvaluationsFailed { count, of, first: first.to_string() });
        }
        refused.map_or(Ok(()), |error| Err(InvocationError::ReportRejected(error)))
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

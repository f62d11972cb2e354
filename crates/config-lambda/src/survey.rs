//! Judges several resources for one event: what fails on the way does not keep the others from being reported.

use std::collections::BTreeSet;
use std::time::Instant;

use config_rule::{
    Date, Document, Documents, Inventory, InventoryError, Known, PreparedRule, Selector, Timestamp, Verdict,
};

use crate::clients::Session;
use crate::error::{InvocationError, with_causes};
use crate::evaluation::{Evaluation, Resource};
use crate::function::Invocation;
use crate::inventory::{AwsInventory, Breadth};

/// Gives up where judging a resource takes all the time that there is: several calls, and the pauses between them, may
/// outlast an invocation that none of them outlasts alone. What needs no call is judged even then.
pub(crate) async fn in_time(
    session: Session<'_>,
    document: &Document,
    judging: impl Future<Output = Result<Verdict, InventoryError>>,
) -> Result<Verdict, InventoryError> {
    tokio::time::timeout(session.left_for_calls(), judging).await.unwrap_or_else(|_| {
        Err(InventoryError {
            question: format!("what decides about {}", Resource::of(document)),
            is_permanent: false,
            source: "the invocation has no time left".into(),
        })
    })
}

/// How resources are judged for one event, and what has been found out.
pub(crate) struct Survey<'a> {
    invocation: &'a Invocation<'a>,
    rule: &'a dyn PreparedRule,
    session: Session<'a>,
    inventory: AwsInventory<'a>,
    today: Date,
    /// The time of the event.
    ordering: Timestamp,
    pub(crate) evaluations: Vec<Evaluation>,
    /// Every resource that was to be judged; one without a verdict keeps its earlier result.
    pub(crate) met: BTreeSet<Resource>,
    /// What was asked in vain.
    unanswered: Vec<InventoryError>,
}

impl<'a> Survey<'a> {
    pub(crate) fn new(
        invocation: &'a Invocation<'a>,
        rule: &'a dyn PreparedRule,
        breadth: Breadth,
        today: Date,
        ordering: Timestamp,
    ) -> Self {
        let session = invocation.session.leaving_time_to_report();
        let inventory = AwsInventory::new(session, breadth, invocation.sent, invocation.evidence);
        let (evaluations, met, unanswered) = (Vec::new(), BTreeSet::new(), Vec::new());
        Self { invocation, rule, session, inventory, today, ordering, evaluations, met, unanswered }
    }

    /// The resources to judge, unless that is not known.
    pub(crate) async fn subjects(
        &mut self,
        resource_type: &str,
        selector: Selector<'_>,
    ) -> Option<Documents> {
        match self.inventory.find(resource_type, selector).await {
            Ok(Known::Value(documents)) => return Some(documents),
            Ok(Known::Unknown(missing)) => {
                tracing::warn!(
                    resourceType = resource_type,
                    %missing,
                    "resources of this type cannot be listed"
                );
            }
            Err(error) => self.unanswered.push(error),
        }
        None
    }

    /// Whether nothing is to be reported on resources of this type.
    pub(crate) fn leaves_out(&self, resource_type: &str) -> bool {
        self.rule.leaves_out().contains(&resource_type)
    }

    /// Judges a resource, unless that was done already.
    pub(crate) async fn judge(&mut self, document: &Document) {
        if !self.met.insert(Resource::of(document)) {
            return;
        }
        let start = Instant::now();
        let judging = self.rule.evaluate(document, &self.inventory, self.today);
        match in_time(self.session, document, judging).await {
            Ok(verdict) => {
                let evaluation = self.invocation.logged(document, verdict, self.ordering, start.elapsed());
                self.evaluations.push(evaluation);
            }
            Err(error) => self.unanswered.push(error),
        }
    }

    /// Whether every question was answered.
    pub(crate) fn complete(&self) -> Result<(), InvocationError> {
        self.unanswered.first().map_or(Ok(()), |first| {
            Err(InvocationError::Incomplete { count: self.unanswered.len(), first: with_causes(first) })
        })
    }
}

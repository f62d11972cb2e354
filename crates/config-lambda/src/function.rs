//! What to do about each notification.

use std::time::{Duration, Instant, SystemTime};

use config_rule::{Document, Entry, PreparedRule, Timestamp, Trigger, Verdict, parameter_values};
use lambda_runtime::Diagnostic;

use crate::clients::{Clients, Session};
use crate::envelope::Envelope;
use crate::error::InvocationError;
use crate::evaluation::Evaluation;
use crate::evidence::Evidence;
use crate::inventory::{AwsInventory, Breadth};
use crate::member::{MemberRole, MemberSessions};
use crate::notification::{Change, Notification};
use crate::payload::Payload;
use crate::report::Reporter;
use crate::settings::Settings;
use crate::{oversized, related, schedule, survey};

/// One rule as a Lambda function.
#[derive(Debug)]
pub struct Function {
    entry: &'static Entry,
    clients: Clients,
    members: MemberSessions,
    evidence: &'static [&'static dyn Evidence],
}

/// One event of one invocation.
pub(crate) struct Invocation<'a> {
    pub(crate) entry: &'static Entry,
    pub(crate) region: &'a str,
    pub(crate) envelope: &'a Envelope,
    pub(crate) session: Session<'a>,
    /// When AWS Config sent the event.
    pub(crate) sent: Option<SystemTime>,
    pub(crate) evidence: &'static [&'static dyn Evidence],
    pub(crate) reporter: Reporter<'a>,
}

impl Function {
    /// A function that waits for events; nothing is connected to yet.
    #[must_use]
    pub const fn new(entry: &'static Entry, settings: Settings) -> Self {
        Self { entry, clients: Clients::new(settings), members: MemberSessions::new(), evidence: &[] }
    }

    /// The same, with evidence beyond AWS Config. The first that answers for a type is asked.
    #[must_use]
    pub fn with_evidence(self, evidence: &'static [&'static dyn Evidence]) -> Self {
        Self { evidence, ..self }
    }

    /// Answers one event before `deadline`, which is when Lambda ends the invocation. Which account the function is of is
    /// not known, so that every rule is taken to be of the same.
    ///
    /// # Errors
    ///
    /// A [`Diagnostic`] with one of the [error types](crate): the invocation failed, and Lambda should try again.
    pub async fn answer(&self, payload: Payload, deadline: SystemTime) -> Result<(), Diagnostic> {
        self.answer_as("", payload, deadline).await
    }

    /// The same as the function with this ARN: for a rule of another account it takes on a role there.
    ///
    /// # Errors
    ///
    /// As [`answer`](Self::answer).
    pub async fn answer_as(
        &self,
        function_arn: &str,
        payload: Payload,
        deadline: SystemTime,
    ) -> Result<(), Diagnostic> {
        match self.try_to_answer(function_arn, payload, deadline).await {
            Ok(()) => Ok(()),
            Err(error) => {
                error.log();
                if error.is_final() { Ok(()) } else { Err(error.into()) }
            }
        }
    }

    /// Makes all calls in the account that owns the rule.
    async fn try_to_answer(
        &self,
        function_arn: &str,
        payload: Payload,
        deadline: SystemTime,
    ) -> Result<(), InvocationError> {
        let Payload { members, notification } = payload;
        let envelope = Envelope::read(members)?;
        let own = self.clients.until(deadline);
        let role = MemberRole::of(&envelope, function_arn, own)?;
        let member = match &role {
            // In a box, so that an invocation without it is not the larger for it.
            Some(role) => Some(Box::pin(self.members.clients(role, self.entry.meta.name, own)).await?),
            None => None,
        };
        let session = member.as_deref().unwrap_or(&self.clients).until(deadline);
        let answered = match notification {
            Some(notification) => self.answer_within(session, &envelope, notification?).await,
            None => Err(InvocationError::unexpected("invokingEvent", "expected a text, found none")),
        };
        if let (Err(_), Some(role)) = (&answered, &role) {
            self.members.forget(role);
        }
        answered
    }

    async fn answer_within(
        &self,
        session: Session<'_>,
        envelope: &Envelope,
        notification: Notification,
    ) -> Result<(), InvocationError> {
        let invocation = Invocation {
            entry: self.entry,
            region: &self.clients.settings.region,
            envelope,
            session,
            sent: notification.sent(),
            evidence: self.evidence,
            reporter: Reporter { session, token: &envelope.result_token },
        };
        let meta = self.entry.meta;
        match notification {
            Notification::Change(change) if meta.is_triggered_by(Trigger::Change) => {
                let resource_type = change.document.resource_type.as_str();
                let is_related = meta.related_types().any(|related| related == resource_type);
                if is_related && !meta.subjects.contains(&resource_type) {
                    related::answer(&invocation, *change).await
                } else {
                    invocation.answer_change(*change).await
                }
            }
            Notification::Scheduled(time) if meta.is_triggered_by(Trigger::Periodic) => {
                schedule::answer(&invocation, time).await
            }
            Notification::Change(_) | Notification::Scheduled(_) => {
                tracing::warn!(rule = meta.name, "the rule is not made for this trigger; nothing was judged");
                invocation.reporter.report(&[]).await
            }
            Notification::Other(message_type) => {
                tracing::info!(messageType = message_type, "nothing to judge in this message");
                Ok(())
            }
        }
    }
}

impl Invocation<'_> {
    /// Judges the changed resource itself, and reports exactly one evaluation: of several about it, AWS Config shows only the last.
    async fn answer_change(&self, change: Change) -> Result<(), InvocationError> {
        let ordering = change.captured;
        // AWS Config delivers the deletion of a resource as an item without a configuration, and of one that left the
        // scope nothing is to be judged. Both are told before anything else can go wrong.
        let left_scope = self.envelope.left_scope().then_some("the resource left the rule's scope");
        if let Some(reason) = left_scope.or_else(|| change.document.status.reason_not_to_judge()) {
            let verdict = Verdict::not_applicable(reason);
            let evaluation = self.logged(&change.document, verdict, ordering, Duration::ZERO);
            return self.reporter.report(&[evaluation]).await;
        }
        let rule = self.prepared()?;
        let today = change.day();
        let document = if change.is_summary {
            oversized::inflate(self.session, &change).await?
        } else {
            change.document
        };
        let inventory = AwsInventory::new(self.session, Breadth::AsAsked, self.sent, self.evidence);
        let start = Instant::now();
        let judging = rule.evaluate(&document, &inventory, today);
        let verdict = survey::in_time(self.session, &document, judging).await?;
        let evaluation = self.logged(&document, verdict, ordering, start.elapsed());
        self.reporter.report(&[evaluation]).await
    }

    /// The rule with the event's parameters.
    pub(crate) fn prepared(&self) -> Result<Box<dyn PreparedRule>, InvocationError> {
        let given = parameter_values(self.envelope.rule_parameters.as_deref())?;
        Ok(self.entry.prepare(&given)?)
    }

    pub(crate) fn logged(
        &self,
        document: &Document,
        verdict: Verdict,
        ordering: Timestamp,
        duration: Duration,
    ) -> Evaluation {
        Evaluation::logged(self.entry.meta.name, document, verdict, ordering, duration)
    }
}

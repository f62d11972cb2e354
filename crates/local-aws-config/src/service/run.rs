//! Invokes rules: which events there are, who gets them, and what becomes of failures.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use config_rule::{Document, Timestamp};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{Evaluated, InvocationFailure, Progress};
use crate::deployment::DeployedRule;
use crate::event::{Occurrence, envelope};
use crate::function::{Function, FunctionError, FunctionSettings, LogLine};
use crate::pack::MessageType;
use crate::results::{ResourceKey, RuleKey};
use crate::state::ConfigState;

/// How many functions run at a time. They wait for each other's answers from this process more than they compute.
const MAX_RUNNING_FUNCTIONS: usize = 16;

/// Invokes the rules' functions.
#[derive(Debug)]
pub(crate) struct Runner {
    state: Arc<ConfigState>,
    functions: BTreeMap<RuleKey, tokio::sync::Mutex<Function>>,
    retries: u32,
    retry_delay: Duration,
    permits: Semaphore,
    /// By rule; a new evaluation of a rule forgets the failures of the one before.
    failures: Mutex<BTreeMap<RuleKey, Vec<InvocationFailure>>>,
    /// Evaluations that were asked for over the API.
    on_demand: Mutex<JoinSet<()>>,
}

impl Runner {
    pub(crate) fn new(
        state: Arc<ConfigState>,
        functions: Vec<(RuleKey, FunctionSettings)>,
        retries: u32,
        retry_delay: Duration,
    ) -> Self {
        let functions = functions
            .into_iter()
            .map(|(key, settings)| (key, tokio::sync::Mutex::new(Function::new(settings))))
            .collect();
        Self {
            state,
            functions,
            retries,
            retry_delay,
            permits: Semaphore::new(MAX_RUNNING_FUNCTIONS),
            failures: Mutex::default(),
            on_demand: Mutex::default(),
        }
    }

    pub(crate) async fn evaluate_all(self: &Arc<Self>, progress: &(dyn Fn(Progress) + Sync)) -> Evaluated {
        let keys: Vec<_> = self.functions.keys().cloned().collect();
        let total = keys.iter().map(|key| self.event_count(key)).sum();
        let (sender, mut done_with) = mpsc::unbounded_channel();
        let mut lanes = JoinSet::new();
        for key in keys {
            let (runner, sender) = (Arc::clone(self), sender.clone());
            self.mark_running(&key);
            lanes.spawn(async move { runner.evaluate(&key, Some(&sender)).await });
        }
        drop(sender);

        let mut evaluated = Evaluated { events: total, failures: 0 };
        let mut done = 0;
        while let Some((rule, has_failed)) = done_with.recv().await {
            done += 1;
            evaluated.failures += usize::from(has_failed);
            progress(Progress { done, total, rule });
        }
        lanes.join_all().await;
        evaluated
    }

    /// Marks rules as running, unless one of them is: then its name is the error.
    pub(crate) fn claim(&self, keys: &[RuleKey]) -> Result<(), String> {
        let mut results = self.state.results();
        if let Some(key) = keys.iter().find(|key| 0 < results.activity(key).running) {
            return Err(key.rule.clone());
        }
        for key in keys {
            results.activity_mut(key).running += 1;
        }
        Ok(())
    }

    /// Evaluates rules that were claimed, without waiting for them.
    pub(crate) fn evaluate_on_demand(self: &Arc<Self>, keys: Vec<RuleKey>) {
        let mut on_demand = self.on_demand.lock().unwrap_or_else(PoisonError::into_inner);
        while on_demand.try_join_next().is_some() {}
        for key in keys {
            let runner = Arc::clone(self);
            on_demand.spawn(async move { runner.evaluate(&key, None).await });
        }
    }

    pub(crate) fn failures(&self) -> Vec<InvocationFailure> {
        let mut failures: Vec<_> = self.failures_by_rule().values().flatten().cloned().collect();
        failures.sort();
        failures
    }

    pub(crate) async fn log(&self, rule: &str) -> Vec<LogLine> {
        let mut lines = Vec::new();
        for (key, function) in &self.functions {
            if self.state.rule(key).is_some_and(|deployed| deployed.rule.name == rule) {
                lines.extend(function.lock().await.log().lines());
            }
        }
        lines
    }

    /// Waits for the evaluations that were asked for over the API.
    pub(crate) async fn settle(&self) {
        let on_demand = std::mem::take(&mut *self.on_demand.lock().unwrap_or_else(PoisonError::into_inner));
        on_demand.join_all().await;
    }

    pub(crate) async fn shutdown(&self) {
        let mut on_demand =
            std::mem::take(&mut *self.on_demand.lock().unwrap_or_else(PoisonError::into_inner));
        on_demand.shutdown().await;
        for function in self.functions.values() {
            function.lock().await.stop().await;
        }
    }

    /// Sends a rule all its events, one after the other, and stops its function.
    async fn evaluate(&self, key: &RuleKey, done: Option<&mpsc::UnboundedSender<(String, bool)>>) {
        let (Some(deployed), Some(function)) = (self.state.rule(key), self.functions.get(key)) else {
            return;
        };
        // The semaphore is never closed; if it were, one more function at a time does no harm.
        let _permit = self.permits.acquire().await;
        let mut function = function.lock().await;
        self.failures_by_rule().remove(key);

        let report = |has_failed| {
            if let Some(done) = done {
                // Nobody counts any more: the caller has given up.
                let _ = done.send((deployed.rule.name.clone(), has_failed));
            }
        };
        for document in self.subjects(key, deployed) {
            let occurrence = Occurrence::change(document, self.state.at);
            // As in AWS, a rule that did not subscribe to oversized items is not told of them.
            let has_failed = deployed.rule.is_invoked_for(occurrence.message_type) && {
                let resource = (document.resource_type.clone(), document.resource_id.clone());
                !self.deliver(key, deployed, &mut function, &occurrence, Some(resource)).await
            };
            report(has_failed);
        }
        if deployed.rule.is_invoked_for(MessageType::ScheduledNotification) {
            let occurrence = Occurrence::schedule(&key.scope, self.state.at);
            report(!self.deliver(key, deployed, &mut function, &occurrence, None).await);
        }
        function.stop().await;

        let mut results = self.state.results();
        for evaluation in function.log().take_evaluations() {
            results.log(key, evaluation);
        }
        let activity = results.activity_mut(key);
        activity.running = activity.running.saturating_sub(1);
    }

    /// Invokes the function, as often as Lambda would, until it does not fail; whether that came to pass.
    async fn deliver(
        &self,
        key: &RuleKey,
        deployed: &DeployedRule,
        function: &mut Function,
        occurrence: &Occurrence,
        resource: Option<ResourceKey>,
    ) -> bool {
        let invoked_at = Timestamp::now();
        let token = self.state.results().issue_token(key, invoked_at);
        let payload = Bytes::from(envelope(occurrence, deployed, &key.scope, &token));
        let request_id = Uuid::new_v4().to_string();
        let mut attempts_left = self.retries;
        let failure = loop {
            match function.invoke(&request_id, payload.clone()).await {
                Ok(_) => break None,
                Err(error) if attempts_left == 0 => break Some(error),
                Err(_) => {
                    attempts_left -= 1;
                    tokio::time::sleep(self.retry_delay).await;
                }
            }
        };
        self.record(key, deployed, invoked_at, resource, failure)
    }

    fn record(
        &self,
        key: &RuleKey,
        deployed: &DeployedRule,
        invoked_at: Timestamp,
        resource: Option<ResourceKey>,
        failure: Option<FunctionError>,
    ) -> bool {
        let mut results = self.state.results();
        let activity = results.activity_mut(key);
        activity.first_activated.get_or_insert(invoked_at);
        let Some(FunctionError { error_type, message }) = failure else {
            activity.last_successful_invocation = Some(invoked_at);
            return true;
        };
        activity.last_failed_invocation = Some(invoked_at);
        activity.last_error = Some((error_type.clone(), message.clone()));
        self.failures_by_rule().entry(key.clone()).or_default().push(InvocationFailure {
            rule: deployed.rule.name.clone(),
            account_id: key.scope.account_id.clone(),
            region: key.scope.region.clone(),
            resource,
            error_type,
            message,
        });
        false
    }

    fn mark_running(&self, key: &RuleKey) {
        self.state.results().activity_mut(key).running += 1;
    }

    fn event_count(&self, key: &RuleKey) -> usize {
        let Some(deployed) = self.state.rule(key) else { return 0 };
        let scheduled = usize::from(deployed.rule.is_invoked_for(MessageType::ScheduledNotification));
        self.subjects(key, deployed).len() + scheduled
    }

    /// The resources whose changes concern the rule.
    fn subjects(&self, key: &RuleKey, deployed: &DeployedRule) -> Vec<&Document> {
        let rule = &deployed.rule;
        let is_told_of_changes = rule.is_invoked_for(MessageType::ConfigurationItemChangeNotification)
            || rule.is_invoked_for(MessageType::OversizedConfigurationItemChangeNotification);
        if !is_told_of_changes {
            return Vec::new();
        }
        self.state.items.subjects(&key.scope).filter(|document| rule.concerns(document)).collect()
    }

    fn failures_by_rule(&self) -> MutexGuard<'_, BTreeMap<RuleKey, Vec<InvocationFailure>>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

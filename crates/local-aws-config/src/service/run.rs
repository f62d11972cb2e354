//! Invokes rules: which events there are, who gets them, and what becomes of failures.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use config_rule::{Document, Timestamp};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::functions::FunctionFolder;
use super::{Evaluated, InvocationFailure, Progress};
use crate::deployment::DeployedRule;
use crate::event::{Occurrence, envelope};
use crate::function::{Function, FunctionError, LogLine};
use crate::pack::MessageType;
use crate::results::{ResourceKey, RuleKey};
use crate::state::ConfigState;

/// How many functions run at a time. They wait for each other's answers from this process more than they compute.
const MAX_RUNNING_FUNCTIONS: usize = 16;

/// How often and how long is tried and waited.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// How often a failed invocation is tried again.
    pub(crate) retries: u32,
    /// How long is waited before that.
    pub(crate) retry_delay: Duration,
    /// How long a deployment takes.
    pub(crate) deployment_time: Duration,
}

/// Deploys packs and invokes the rules' functions.
#[derive(Debug)]
pub(crate) struct Runner {
    pub(super) state: Arc<ConfigState>,
    pub(super) folder: FunctionFolder,
    pub(super) patience: Patience,
    /// URL of the Amazon S3 in which templates may lie.
    s3_endpoint: Option<String>,
    /// Those that were ever invoked.
    functions: Mutex<BTreeMap<RuleKey, SharedFunction>>,
    permits: Semaphore,
    /// By rule; a new evaluation of a rule forgets the failures of the one before.
    failures: Mutex<BTreeMap<RuleKey, Vec<InvocationFailure>>>,
    /// Evaluations that were asked for over the API, and deployments.
    in_background: Mutex<JoinSet<()>>,
}

type SharedFunction = Arc<tokio::sync::Mutex<Function>>;

impl Runner {
    pub(crate) fn new(
        state: Arc<ConfigState>,
        folder: FunctionFolder,
        patience: Patience,
        s3_endpoint: Option<String>,
    ) -> Self {
        Self {
            state,
            folder,
            patience,
            s3_endpoint,
            functions: Mutex::default(),
            permits: Semaphore::new(MAX_RUNNING_FUNCTIONS),
            failures: Mutex::default(),
            in_background: Mutex::default(),
        }
    }

    pub(crate) fn s3_endpoint(&self) -> Option<&str> {
        self.s3_endpoint.as_deref()
    }

    pub(crate) async fn evaluate_all(self: &Arc<Self>, progress: &(dyn Fn(Progress) + Sync)) -> Evaluated {
        let mut keys: Vec<_> = self.state.deployments().rules().map(|(key, _)| key).collect();
        keys.retain(|key| self.state.is_judged(&key.scope));
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
        for key in keys {
            let runner = Arc::clone(self);
            self.in_background(async move { runner.evaluate(&key, None).await });
        }
    }

    /// Does something without keeping anybody waiting; it ends with this AWS Config at the latest.
    pub(super) fn in_background(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut in_background = self.in_background.lock().unwrap_or_else(PoisonError::into_inner);
        while in_background.try_join_next().is_some() {}
        in_background.spawn(task);
    }

    fn take_background(&self) -> JoinSet<()> {
        std::mem::take(&mut *self.in_background.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Lets go of what is known of rules whose pack is deployed anew or gone.
    pub(super) fn forget_functions(&self, keys: &[RuleKey]) {
        self.functions().retain(|key, _| !keys.contains(key));
        self.failures_by_rule().retain(|key, _| !keys.contains(key));
    }

    pub(crate) fn failures(&self) -> Vec<InvocationFailure> {
        let mut failures: Vec<_> = self.failures_by_rule().values().flatten().cloned().collect();
        failures.sort();
        failures
    }

    pub(crate) async fn log(&self, rule: &str) -> Vec<LogLine> {
        let mut lines = Vec::new();
        let deployments = self.state.deployments();
        let functions: Vec<_> = self
            .functions()
            .iter()
            .filter(|(key, _)| deployments.rule(key).is_some_and(|deployed| deployed.rule.name == rule))
            .map(|(_, function)| Arc::clone(function))
            .collect();
        for function in functions {
            lines.extend(function.lock().await.log().lines());
        }
        lines
    }

    /// Waits for what was asked for over the API, and for what follows from it: a pack is deployed, then evaluated.
    pub(crate) async fn settle(&self) {
        loop {
            let begun = self.take_background();
            if begun.is_empty() {
                return;
            }
            begun.join_all().await;
        }
    }

    pub(crate) async fn shutdown(&self) {
        self.take_background().shutdown().await;
        let functions = std::mem::take(&mut *self.functions());
        for function in functions.into_values() {
            function.lock().await.stop().await;
        }
    }

    /// Sends a rule all its events, one after the other, and stops its function.
    async fn evaluate(&self, key: &RuleKey, done: Option<&mpsc::UnboundedSender<(String, bool)>>) {
        let deployments = self.state.deployments();
        let function = deployments.rule(key).and_then(|deployed| self.function(key, deployed));
        let (Some(deployed), Some(function)) = (deployments.rule(key), function) else {
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
        let mut attempts_left = self.patience.retries;
        let failure = loop {
            match function.invoke(&request_id, payload.clone()).await {
                Ok(_) => break None,
                Err(error) if attempts_left == 0 => break Some(error),
                Err(_) => {
                    attempts_left -= 1;
                    tokio::time::sleep(self.patience.retry_delay).await;
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

    /// The rule's function, made when it is first asked for. Its program was there when the pack was deployed.
    fn function(&self, key: &RuleKey, deployed: &DeployedRule) -> Option<SharedFunction> {
        let settings = self.folder.settings(&key.scope, &deployed.rule)?;
        let mut functions = self.functions();
        let function = functions
            .entry(key.clone())
            .or_insert_with(|| Arc::new(tokio::sync::Mutex::new(Function::new(settings))));
        Some(Arc::clone(function))
    }

    fn functions(&self) -> MutexGuard<'_, BTreeMap<RuleKey, SharedFunction>> {
        self.functions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn mark_running(&self, key: &RuleKey) {
        self.state.results().activity_mut(key).running += 1;
    }

    fn event_count(&self, key: &RuleKey) -> usize {
        let deployments = self.state.deployments();
        let Some(deployed) = deployments.rule(key) else { return 0 };
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
        let subjects = self.state.items.subjects(&key.scope).map(Arc::as_ref);
        subjects.filter(|document| rule.concerns(document)).collect()
    }

    fn failures_by_rule(&self) -> MutexGuard<'_, BTreeMap<RuleKey, Vec<InvocationFailure>>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

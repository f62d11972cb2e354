//! Deploys and deletes conformance packs in the background, as AWS Config does by way of a stack.

use std::sync::Arc;

use super::Runner;
use crate::deployment::{Deployment, Failure, Packs, Stage};
use crate::items::{AnswerKind, Scope};
use crate::results::RuleKey;

/// Why a pack can neither be put nor deleted now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// AWS Config is still working on it.
    InUse,
    /// There is none of this name.
    NotThere,
    /// The account has as many as it may have.
    TooMany,
}

/// The most conformance packs of an account in a Region.
///
/// Source: AWS Config Developer Guide, service limits.
const MAX_PACKS: usize = 50;

impl Runner {
    /// Takes a pack to deploy: `deployment` makes it from the one that is there.
    pub(crate) fn deploy(
        self: &Arc<Self>,
        scope: &Scope,
        name: &str,
        deployment: impl FnOnce(Option<&Deployment>) -> Deployment,
    ) -> Result<Arc<Deployment>, Refusal> {
        let requested = self.state.change_packs(scope, |packs| {
            let earlier = packs.get(name);
            if earlier.is_some_and(|earlier| earlier.is_in_use()) {
                return Err(Refusal::InUse);
            }
            if earlier.is_none() && MAX_PACKS <= packs.len() {
                return Err(Refusal::TooMany);
            }
            let requested = Arc::new(deployment(earlier.map(Arc::as_ref)));
            packs.insert(name.to_owned(), Arc::clone(&requested));
            Ok(requested)
        })?;
        let (runner, scope, request) = (Arc::clone(self), scope.clone(), Arc::clone(&requested));
        self.in_background(async move {
            tokio::time::sleep(runner.patience.deployment_time).await;
            let outcome = runner.obstacle(&scope, &request).map_or(Ok(()), Err);
            let settled = Arc::new(request.settled(&scope, outcome));
            runner.replace(&scope, &request, Some(settled));
        });
        Ok(requested)
    }

    /// Takes a pack to delete, with its rules and their results.
    pub(crate) fn delete(self: &Arc<Self>, scope: &Scope, name: &str) -> Result<(), Refusal> {
        let deleting = self.state.change_packs(scope, |packs| {
            let there = packs.get(name).ok_or(Refusal::NotThere)?;
            if there.is_in_use() {
                return Err(Refusal::InUse);
            }
            let deleting = Arc::new(Deployment { stage: Stage::Deleting, ..Deployment::clone(there) });
            packs.insert(name.to_owned(), Arc::clone(&deleting));
            Ok(deleting)
        })?;
        let (runner, scope) = (Arc::clone(self), scope.clone());
        self.in_background(async move {
            tokio::time::sleep(runner.patience.deployment_time).await;
            runner.replace(&scope, &deleting, None);
        });
        Ok(())
    }

    /// Puts `after` in the place of `before`: rules that are gone are forgotten, those that came are evaluated.
    fn replace(self: &Arc<Self>, scope: &Scope, before: &Deployment, after: Option<Arc<Deployment>>) {
        let name = &before.pack.name;
        let is_new = after.as_ref().is_some_and(|after| after.stage == Stage::Complete);
        let now = after.as_ref().map(|after| keys(scope, after)).unwrap_or_default();
        let replaced: Result<(), Refusal> = self.state.change_packs(scope, |packs: &mut Packs| {
            match after {
                Some(after) => packs.insert(name.clone(), after),
                None => packs.remove(name),
            };
            Ok(())
        });
        // It never refuses.
        let Ok(()) = replaced else { return };
        let earlier = keys(scope, before);
        if is_new || now.is_empty() {
            self.forget_functions(&earlier);
        }
        let mut results = self.state.results();
        for gone in earlier.iter().filter(|key| !now.contains(key)) {
            results.forget(gone);
        }
        drop(results);
        if is_new {
            for key in &now {
                self.mark_running(key);
            }
            self.evaluate_on_demand(now);
        }
    }

    /// What makes the stack of a pack fail in an account and Region, if anything does.
    fn obstacle(&self, scope: &Scope, deployment: &Deployment) -> Option<Failure> {
        let items = &self.state.items;
        let recorders = items.answers().get(AnswerKind::Recorders, scope);
        // Nothing was recorded in an account of which there is no input at all.
        let is_recorded = || items.is_empty() || items.scopes().contains(scope);
        if !recorders.map_or_else(is_recorded, |mut recorders| recorders.next().is_some()) {
            return Some(Failure {
                code: "NoAvailableConfigurationRecorderException",
                reason:
                    "You must create a configuration recorder before you can create or update a Config rule."
                        .to_owned(),
            });
        }
        let exports = items.answers().get(AnswerKind::Exports, scope);
        let is_exported = |name: &str| {
            let mut exports = exports.clone()?;
            Some(exports.any(|export| export.get("Name").and_then(serde_json::Value::as_str) == Some(name)))
        };
        deployment.pack.rules.iter().find_map(|rule| {
            let is_there = self.folder.settings(scope, rule).is_some();
            match &rule.import {
                // Where the input does not list the exports, each function of this machine counts as exported.
                Some(export) if !is_exported(export).unwrap_or(is_there) => Some(Failure {
                    code: "ValidationError",
                    reason: format!(
                        "No export named {export} found. (Rule {}) Rollback requested by user.",
                        rule.logical_id
                    ),
                }),
                _ if !is_there => Some(Failure {
                    code: "InsufficientPermissionsException",
                    reason: format!(
                        "Resource handler returned message: \"The AWS Lambda function {} cannot be invoked. Check the \
                         specified function ARN, and check the function's permissions.\" (Rule {}, \
                         InsufficientPermissionsException)",
                        rule.function_arn, rule.logical_id
                    ),
                }),
                _ => None,
            }
        })
    }
}

fn keys(scope: &Scope, deployment: &Deployment) -> Vec<RuleKey> {
    let key =
        |rule: &crate::deployment::DeployedRule| RuleKey { scope: scope.clone(), rule: rule.name.clone() };
    deployment.rules.iter().map(key).collect()
}

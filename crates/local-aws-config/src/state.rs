//! What every part of the local AWS Config shares: items, deployed packs, results.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use config_rule::Timestamp;

use crate::deployment::{DeployedRule, Deployment};
use crate::items::{ConfigurationItems, DEFAULT_ACCOUNT_ID, DEFAULT_REGION, Scope};
use crate::pack::{Pack, PackError};
use crate::results::{Results, RuleKey};

/// Items and deployments never change; results do.
#[derive(Debug)]
pub(crate) struct ConfigState {
    pub(crate) items: ConfigurationItems,
    /// The time of every event.
    pub(crate) at: Timestamp,
    deployments: BTreeMap<Scope, Deployment>,
    results: Mutex<Results>,
    /// All scopes, those of the account with most resources first, and of each account the largest first.
    by_size: Vec<Scope>,
}

impl ConfigState {
    /// Deploys the pack to every account and Region that has items; without any, to a scope of its own.
    pub(crate) fn new(items: ConfigurationItems, pack: &Pack, at: Timestamp) -> Result<Self, PackError> {
        let mut scopes = items.scopes();
        if scopes.is_empty() {
            scopes
                .push(Scope { account_id: DEFAULT_ACCOUNT_ID.to_owned(), region: DEFAULT_REGION.to_owned() });
        }
        let deployments = scopes
            .into_iter()
            .map(|scope| Ok((scope.clone(), Deployment::new(pack.in_scope(&scope)?, &scope))))
            .collect::<Result<BTreeMap<_, _>, PackError>>()?;
        let by_size = by_size(&items, &deployments);
        Ok(Self { items, at, deployments, results: Mutex::default(), by_size })
    }

    pub(crate) fn results(&self) -> MutexGuard<'_, Results> {
        self.results.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn scopes(&self) -> impl Iterator<Item = &Scope> {
        self.deployments.keys()
    }

    pub(crate) fn deployment(&self, scope: &Scope) -> Option<&Deployment> {
        self.deployments.get(scope)
    }

    /// Every rule of every scope, with its key.
    pub(crate) fn rules(&self) -> impl Iterator<Item = (RuleKey, &DeployedRule)> {
        self.deployments.iter().flat_map(|(scope, deployment)| {
            deployment
                .rules
                .iter()
                .map(|rule| (RuleKey { scope: scope.clone(), rule: rule.name.clone() }, rule))
        })
    }

    pub(crate) fn rule(&self, key: &RuleKey) -> Option<&DeployedRule> {
        self.deployment(&key.scope)?.rule(&key.rule)
    }

    /// Where callers belong that name no Region with items: the Region in which the account has most resources; for
    /// callers that name no account, of the account with most.
    pub(crate) fn home_of(&self, account_id: Option<&str>) -> Option<&Scope> {
        self.by_size.iter().find(|scope| account_id.is_none_or(|id| id == scope.account_id))
    }
}

fn by_size(items: &ConfigurationItems, deployments: &BTreeMap<Scope, Deployment>) -> Vec<Scope> {
    let mut accounts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut scopes = Vec::new();
    for scope in deployments.keys() {
        let count = items.subjects(scope).count();
        let total = accounts.entry(&scope.account_id).or_default();
        *total = total.saturating_add(count);
        scopes.push((count, scope));
    }
    // The sort is stable: of equals the first by name comes first.
    scopes.sort_by_key(|(count, scope)| Reverse((accounts.get(scope.account_id.as_str()), *count)));
    scopes.into_iter().map(|(_, scope)| scope.clone()).collect()
}

//! What every part of the local AWS Config shares: items, deployed packs, results.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use config_rule::Timestamp;

use crate::deployment::{Deployment, Deployments, Packs};
use crate::items::{ConfigurationItems, DEFAULT_ACCOUNT_ID, DEFAULT_REGION, Scope};
use crate::organization::{Organization, OrganizationPacks};
use crate::pack::{Pack, PackError};
use crate::results::Results;

/// Items never change; packs and results do.
#[derive(Debug)]
pub(crate) struct ConfigState {
    pub(crate) items: ConfigurationItems,
    /// The time of every event.
    pub(crate) at: Timestamp,
    /// The accounts that belong together, if the input says so.
    pub(crate) organization: Option<Organization>,
    scopes: BTreeSet<Scope>,
    /// Those of the items.
    judged: BTreeSet<Scope>,
    /// Replaced as a whole, so that a request sees the packs of one moment.
    deployments: Mutex<Arc<Deployments>>,
    organization_packs: Mutex<OrganizationPacks>,
    results: Mutex<Results>,
    /// All scopes, those of the account with most resources first, and of each account the largest first.
    by_size: Vec<Scope>,
}

impl ConfigState {
    /// Deploys the packs to every account and Region that has items; without any, to one that only answers clients:
    /// [`ConfigState::is_judged`].
    pub(crate) fn new(items: ConfigurationItems, packs: &[Pack], at: Timestamp) -> Result<Self, PackError> {
        let mut with_items = items.scopes();
        let judged = with_items.iter().cloned().collect();
        if with_items.is_empty() {
            let (account_id, region) = (DEFAULT_ACCOUNT_ID.to_owned(), DEFAULT_REGION.to_owned());
            with_items.push(Scope { account_id, region });
        }
        let mut deployments = Deployments::default();
        for (scope, pack) in with_items.iter().flat_map(|scope| packs.iter().map(move |pack| (scope, pack))) {
            let deployment = Deployment {
                requested_at: Some(at),
                completed_at: Some(at),
                ..Deployment::new(pack.in_scope(scope)?, scope)
            };
            deployments.packs_mut(scope).insert(pack.name.clone(), Arc::new(deployment));
        }
        let organization = Organization::of(items.answers());
        let regions: BTreeSet<_> = with_items.iter().map(|scope| scope.region.clone()).collect();
        let members = organization.iter().flat_map(|organization| organization.scopes(&regions));
        let scopes = with_items.iter().cloned().chain(members).collect();
        let by_size = by_size(&items, &scopes);
        Ok(Self {
            items,
            at,
            organization,
            scopes,
            judged,
            deployments: Mutex::new(Arc::new(deployments)),
            organization_packs: Mutex::default(),
            results: Mutex::default(),
            by_size,
        })
    }

    pub(crate) fn results(&self) -> MutexGuard<'_, Results> {
        self.results.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The accounts and Regions that have items, and those of the organization's other accounts.
    pub(crate) fn scopes(&self) -> impl Iterator<Item = &Scope> {
        self.scopes.iter()
    }

    /// Whether the input is about an account and Region. Nothing is judged where it is not until somebody asks for it.
    pub(crate) fn is_judged(&self, scope: &Scope) -> bool {
        self.judged.contains(scope)
    }

    /// The packs as they are now.
    pub(crate) fn deployments(&self) -> Arc<Deployments> {
        Arc::clone(&self.deployments.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the packs of an account and Region, unless the change itself finds that it must not be.
    pub(crate) fn change_packs<T, E>(
        &self,
        scope: &Scope,
        change: impl FnOnce(&mut Packs) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut deployments = self.deployments.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changed = Deployments::clone(&deployments);
        let outcome = change(changed.packs_mut(scope))?;
        *deployments = Arc::new(changed);
        Ok(outcome)
    }

    pub(crate) fn organization_packs(&self) -> MutexGuard<'_, OrganizationPacks> {
        self.organization_packs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where callers belong that name no Region with items: the Region in which the account has most resources; for
    /// callers that name no account, of the account with most.
    pub(crate) fn home_of(&self, account_id: Option<&str>) -> Option<&Scope> {
        self.by_size.iter().find(|scope| account_id.is_none_or(|id| id == scope.account_id))
    }
}

fn by_size(items: &ConfigurationItems, all: &BTreeSet<Scope>) -> Vec<Scope> {
    let mut accounts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut scopes = Vec::new();
    for scope in all {
        let count = items.subjects(scope).count();
        let total = accounts.entry(&scope.account_id).or_default();
        *total = total.saturating_add(count);
        scopes.push((count, scope));
    }
    // The sort is stable: of equals the first by name comes first.
    scopes.sort_by_key(|(count, scope)| Reverse((accounts.get(scope.account_id.as_str()), *count)));
    scopes.into_iter().map(|(_, scope)| scope.clone()).collect()
}

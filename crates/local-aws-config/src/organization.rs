//! An organization of accounts, and the conformance packs that it has in all of them.
//!
//! It is known from the output of `aws organizations list-accounts`, whose ARNs name the management account, and of
//! `aws organizations list-delegated-administrators`.

use std::collections::{BTreeMap, BTreeSet};

use config_rule::Timestamp;
use serde_json::Value;

use crate::deployment::{Delivery, Deployment, Deployments, Failure, Stage, characters};
use crate::items::{AnswerKind, Answers, Scope};
use crate::pack::partition;

/// Accounts that belong together.
#[derive(Clone, Debug)]
pub(crate) struct Organization {
    management_account: String,
    delegated_administrators: BTreeSet<String>,
    /// Active ones; the management account is one of them.
    accounts: BTreeSet<String>,
}

/// The packs of an organization by the account that deployed them, which sees no other's, by Region and by name.
pub(crate) type OrganizationPacks = BTreeMap<(Scope, String), OrganizationPack>;

/// A pack that an organization has in its accounts.
#[derive(Clone, Debug)]
pub(crate) struct OrganizationPack {
    pub(crate) name: String,
    pub(crate) arn: String,
    /// Of the pack in each account: `OrgConformsPack-<name>-<8 characters>`.
    pub(crate) member_name: String,
    /// As they were given.
    pub(crate) parameters: BTreeMap<String, String>,
    pub(crate) excluded_accounts: BTreeSet<String>,
    pub(crate) delivery: Delivery,
    pub(crate) updated_at: Timestamp,
    pub(crate) is_deleting: bool,
}

/// How far a pack has come in one account, or in all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Progress {
    /// A word of `OrganizationResourceStatus`.
    pub(crate) status: &'static str,
    pub(crate) failure: Option<Failure>,
}

impl Organization {
    pub(crate) fn of(answers: &Answers) -> Option<Self> {
        let id = |element: &Value| element.get("Id").and_then(Value::as_str).map(ToOwned::to_owned);
        let is_active = |account: &Value| {
            let state = account.get("State").or_else(|| account.get("Status")).and_then(Value::as_str);
            state.is_none_or(|state| state == "ACTIVE")
        };
        let (owner, _) = answers.everywhere(AnswerKind::Accounts).next()?;
        let accounts = answers.everywhere(AnswerKind::Accounts);
        let administrators = answers.everywhere(AnswerKind::DelegatedAdministrators);
        Some(Self {
            management_account: owner.account_id.clone(),
            delegated_administrators: administrators.filter_map(|(_, element)| id(element)).collect(),
            accounts: accounts
                .filter(|(_, account)| is_active(account))
                .filter_map(|(_, account)| id(account))
                .collect(),
        })
    }

    /// Whether an account may deploy to the others.
    pub(crate) fn is_administrated_by(&self, account_id: &str) -> bool {
        self.management_account == account_id || self.delegated_administrators.contains(account_id)
    }

    /// Every account in each of the Regions.
    pub(crate) fn scopes(&self, regions: &BTreeSet<String>) -> impl Iterator<Item = Scope> {
        self.accounts.iter().flat_map(|account_id| {
            let scope = |region: &String| Scope { account_id: account_id.clone(), region: region.clone() };
            regions.iter().map(scope)
        })
    }

    /// The accounts that a pack is deployed to.
    pub(crate) fn members<'a>(&'a self, excluded: &'a BTreeSet<String>) -> impl Iterator<Item = &'a String> {
        self.accounts.difference(excluded)
    }
}

impl OrganizationPack {
    pub(crate) fn new(name: &str, scope: &Scope) -> Self {
        let Scope { account_id, region } = scope;
        let id = characters(&[name, account_id, region], 8);
        let partition = partition(region);
        Self {
            name: name.to_owned(),
            arn: format!(
                "arn:{partition}:config:{region}:{account_id}:organization-conformance-pack/{name}-{id}"
            ),
            member_name: format!("OrgConformsPack-{name}-{id}"),
            parameters: BTreeMap::new(),
            excluded_accounts: BTreeSet::new(),
            delivery: Delivery::default(),
            updated_at: Timestamp::now(),
            is_deleting: false,
        }
    }

    /// The pack in every account that has it in a Region, by account.
    pub(crate) fn members<'a>(
        &'a self,
        organization: &'a Organization,
        deployments: &'a Deployments,
        region: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a Deployment)> {
        organization.accounts.iter().filter_map(move |account_id| {
            let scope = Scope { account_id: account_id.clone(), region: region.to_owned() };
            let deployment = deployments.pack(&scope, &self.member_name)?;
            Some((account_id.as_str(), deployment.as_ref()))
        })
    }
}

impl Progress {
    pub(crate) fn of(deployment: &Deployment) -> Self {
        let word = |created, updated| if deployment.is_update { updated } else { created };
        match &deployment.stage {
            Stage::InProgress => Self::plain(word("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS")),
            Stage::Complete => Self::plain(word("CREATE_SUCCESSFUL", "UPDATE_SUCCESSFUL")),
            Stage::Deleting => Self::plain("DELETE_IN_PROGRESS"),
            Stage::Failed(failure) => {
                Self { status: word("CREATE_FAILED", "UPDATE_FAILED"), failure: Some(failure.clone()) }
            }
        }
    }

    /// Of the whole: in progress while any account is, failed if any account failed.
    pub(crate) fn of_all(members: impl Iterator<Item = Self>) -> Self {
        let rank = |progress: &Self| {
            let ends = ["_IN_PROGRESS", "_FAILED", "_SUCCESSFUL"];
            ends.iter().position(|end| progress.status.ends_with(end))
        };
        // An organization without accounts to deploy to has nothing left to do.
        members.min_by_key(rank).unwrap_or(Self::plain("CREATE_SUCCESSFUL"))
    }

    const fn plain(status: &'static str) -> Self {
        Self { status, failure: None }
    }
}

//! Conformance packs as AWS Config deploys them to accounts and Regions: full names, ids and ARNs, and how far each has
//! come.

use std::collections::BTreeMap;
use std::sync::Arc;

use config_rule::Timestamp;
use serde_json::Value;

use crate::items::Scope;
use crate::pack::{Pack, PackRule, RuleByAws, partition};
use crate::results::RuleKey;

/// The packs of all accounts and Regions at one moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Deployments {
    by_scope: BTreeMap<Scope, Packs>,
}

/// The packs of one account and Region, by name.
pub(crate) type Packs = BTreeMap<String, Arc<Deployment>>;

/// A pack in one account and Region.
#[derive(Clone, Debug)]
pub(crate) struct Deployment {
    /// What was asked for last.
    pub(crate) pack: Pack,
    /// `conformance-pack-<9 characters>`.
    pub(crate) pack_id: String,
    pub(crate) pack_arn: String,
    /// Those that run, by name: the pack's, unless its last deployment is not done or failed.
    pub(crate) rules: Vec<DeployedRule>,
    /// Those of its rules that exist and do not run here.
    pub(crate) rules_by_aws: Vec<DeployedByAws>,
    pub(crate) stage: Stage,
    /// Whether there was a pack of this name when this one was asked for.
    pub(crate) is_update: bool,
    /// The service that asked for it, if it was not the account itself.
    pub(crate) created_by: Option<&'static str>,
    pub(crate) delivery: Delivery,
    pub(crate) requested_at: Option<Timestamp>,
    pub(crate) completed_at: Option<Timestamp>,
}

/// How far a deployment has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    InProgress,
    Complete,
    /// The rules are those that there were before.
    Failed(Failure),
    Deleting,
}

/// Why a pack could not be deployed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The name of the exception.
    pub(crate) code: &'static str,
    pub(crate) reason: String,
}

/// Where AWS Config is asked to keep the pack's template; it is told back and not used here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Delivery {
    pub(crate) bucket: Option<String>,
    pub(crate) key_prefix: Option<String>,
}

/// A rule of a deployed pack.
#[derive(Clone, Debug)]
pub(crate) struct DeployedRule {
    pub(crate) rule: PackRule,
    /// `<rule>-conformance-pack-<9 characters>`.
    pub(crate) name: String,
    /// `config-rule-<6 characters>`.
    pub(crate) id: String,
    pub(crate) arn: String,
}

/// A rule of a deployed pack that only AWS runs, with the same names.
#[derive(Clone, Debug)]
pub(crate) struct DeployedByAws {
    /// What the pack says of it.
    pub(crate) properties: Value,
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) arn: String,
}

impl Deployments {
    /// The packs of an account and Region; none where nothing was ever deployed.
    pub(crate) fn of(&self, scope: &Scope) -> impl Iterator<Item = &Deployment> {
        self.by_scope.get(scope).into_iter().flatten().map(|(_, deployment)| deployment.as_ref())
    }

    pub(crate) fn pack(&self, scope: &Scope, name: &str) -> Option<&Arc<Deployment>> {
        self.by_scope.get(scope)?.get(name)
    }

    /// Every rule of every account and Region, with its key.
    pub(crate) fn rules(&self) -> impl Iterator<Item = (RuleKey, &DeployedRule)> {
        let deployments = self
            .by_scope
            .iter()
            .flat_map(|(scope, packs)| packs.values().map(move |deployment| (scope, deployment.as_ref())));
        deployments.flat_map(|(scope, deployment)| {
            deployment
                .rules
                .iter()
                .map(|rule| (RuleKey { scope: scope.clone(), rule: rule.name.clone() }, rule))
        })
    }

    pub(crate) fn rule(&self, key: &RuleKey) -> Option<&DeployedRule> {
        self.of(&key.scope).find_map(|deployment| deployment.rule(&key.rule))
    }

    pub(crate) fn packs_mut(&mut self, scope: &Scope) -> &mut Packs {
        self.by_scope.entry(scope.clone()).or_default()
    }
}

impl Deployment {
    /// A pack that is deployed already.
    pub(crate) fn new(pack: Pack, scope: &Scope) -> Self {
        let pack_id = format!("conformance-pack-{}", characters(&[&pack.name], 9));
        let prefix = prefix(scope);
        let pack_arn = format!("{prefix}:conformance-pack/{}/{pack_id}", pack.name);
        let rules = deployed_rules(&pack, &pack_id, scope);
        let rules_by_aws = deployed_by_aws(&pack, &pack_id, scope);
        Self {
            pack,
            pack_id,
            pack_arn,
            rules,
            rules_by_aws,
            stage: Stage::Complete,
            is_update: false,
            created_by: None,
            delivery: Delivery::default(),
            requested_at: None,
            completed_at: None,
        }
    }

    /// A pack whose deployment has just been asked for; until it is done, the rules of `earlier` run.
    pub(crate) fn requested(pack: Pack, scope: &Scope, earlier: Option<&Self>) -> Self {
        Self {
            rules: earlier.map(|earlier| earlier.rules.clone()).unwrap_or_default(),
            rules_by_aws: earlier.map(|earlier| earlier.rules_by_aws.clone()).unwrap_or_default(),
            stage: Stage::InProgress,
            is_update: earlier.is_some(),
            requested_at: Some(Timestamp::now()),
            completed_at: earlier.and_then(|earlier| earlier.completed_at),
            ..Self::new(pack, scope)
        }
    }

    /// The same, with what came of it.
    pub(crate) fn settled(&self, scope: &Scope, outcome: Result<(), Failure>) -> Self {
        let settled = self.clone();
        match outcome {
            Err(failure) => Self { stage: Stage::Failed(failure), ..settled },
            Ok(()) => Self {
                rules: deployed_rules(&self.pack, &self.pack_id, scope),
                rules_by_aws: deployed_by_aws(&self.pack, &self.pack_id, scope),
                stage: Stage::Complete,
                completed_at: Some(Timestamp::now()),
                ..settled
            },
        }
    }

    pub(crate) fn rule(&self, name: &str) -> Option<&DeployedRule> {
        self.rules.iter().find(|rule| rule.name == name)
    }

    /// Whether AWS Config works on it, so that it can neither be updated nor deleted.
    pub(crate) fn is_in_use(&self) -> bool {
        matches!(self.stage, Stage::InProgress | Stage::Deleting)
    }
}

fn deployed_rules(pack: &Pack, pack_id: &str, scope: &Scope) -> Vec<DeployedRule> {
    let deployed = |rule: &PackRule| {
        let (id, arn) = id_and_arn(pack, &rule.name, scope);
        DeployedRule { rule: rule.clone(), name: format!("{}-{pack_id}", rule.name), id, arn }
    };
    pack.rules.iter().map(deployed).collect()
}

fn deployed_by_aws(pack: &Pack, pack_id: &str, scope: &Scope) -> Vec<DeployedByAws> {
    let deployed = |rule: &RuleByAws| {
        let (id, arn) = id_and_arn(pack, &rule.name, scope);
        let properties = rule.properties.clone();
        DeployedByAws { properties, name: format!("{}-{pack_id}", rule.name), id, arn }
    };
    pack.by_aws.iter().map(deployed).collect()
}

fn id_and_arn(pack: &Pack, rule: &str, scope: &Scope) -> (String, String) {
    let Scope { account_id, region } = scope;
    let id = format!("config-rule-{}", characters(&[&pack.name, rule, account_id, region], 6));
    let prefix = prefix(scope);
    let arn = format!("{prefix}:config-rule/aws-service-rule/config-conforms.amazonaws.com/{id}");
    (id, arn)
}

fn prefix(scope: &Scope) -> String {
    let Scope { account_id, region } = scope;
    format!("arn:{}:config:{region}:{account_id}", partition(region))
}

/// `count` lower-case letters and digits that depend on nothing but `parts`.
pub(crate) fn characters(parts: &[&str], count: usize) -> String {
    const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut hash = fingerprint(parts);
    let mut result = String::new();
    for _ in 0..count {
        let index = usize::try_from(hash % 36).unwrap_or_default();
        result.push(char::from(ALPHABET.get(index).copied().unwrap_or(b'a')));
        hash /= 36;
    }
    result
}

/// FNV-1a over the parts, which unlike the standard library's hashes never changes. Names must not depend on the
/// build.
pub(crate) fn fingerprint(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_depend_on_the_packs_name_alone_and_never_change() {
        assert_eq!(characters(&["serverless-best-practices"], 9), "jx9t9rfy5");
        assert_ne!(characters(&["a", "bc"], 9), characters(&["ab", "c"], 9));
    }
}

//! What AWS Config stores: results of rules, and who was invoked when.

use std::collections::{BTreeMap, HashMap};

use config_rule::{Compliance, Timestamp};
use serde_json::Value;
use uuid::Uuid;

use crate::items::Scope;

/// A rule in one account and Region, by its full name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RuleKey {
    pub(crate) scope: Scope,
    pub(crate) rule: String,
}

/// Type and id.
pub(crate) type ResourceKey = (String, String);

/// Everything that functions reported.
#[derive(Debug, Default)]
pub(crate) struct Results {
    by_rule: BTreeMap<RuleKey, BTreeMap<ResourceKey, StoredResult>>,
    logged: BTreeMap<RuleKey, BTreeMap<ResourceKey, Value>>,
    activity: BTreeMap<RuleKey, Activity>,
    tokens: HashMap<String, Token>,
}

/// One result of `PutEvaluations`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StoredResult {
    pub(crate) compliance: Compliance,
    pub(crate) annotation: Option<String>,
    pub(crate) ordering_timestamp: Timestamp,
    pub(crate) recorded_at: Timestamp,
    pub(crate) invoked_at: Timestamp,
    pub(crate) token: String,
}

/// What a result token stands for.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) key: RuleKey,
    pub(crate) invoked_at: Timestamp,
}

/// When a rule was last invoked, and with what outcome.
#[derive(Clone, Debug, Default)]
pub(crate) struct Activity {
    /// Evaluations that wait or run.
    pub(crate) running: usize,
    pub(crate) first_activated: Option<Timestamp>,
    pub(crate) last_successful_invocation: Option<Timestamp>,
    pub(crate) last_failed_invocation: Option<Timestamp>,
    pub(crate) last_successful_evaluation: Option<Timestamp>,
    pub(crate) last_error: Option<(String, String)>,
}

impl Results {
    /// A token for one event of one rule, unguessable as AWS's are.
    pub(crate) fn issue_token(&mut self, key: &RuleKey, invoked_at: Timestamp) -> String {
        let token = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        self.tokens.insert(token.clone(), Token { key: key.clone(), invoked_at });
        token
    }

    pub(crate) fn token(&self, token: &str) -> Option<&Token> {
        self.tokens.get(token)
    }

    /// Keeps a result, unless a newer event's is there already.
    pub(crate) fn put(&mut self, key: &RuleKey, resource: ResourceKey, result: StoredResult) {
        let of_rule = self.by_rule.entry(key.clone()).or_default();
        let is_outdated = of_rule
            .get(&resource)
            .is_some_and(|stored| result.ordering_timestamp < stored.ordering_timestamp);
        if !is_outdated {
            of_rule.insert(resource, result);
        }
    }

    /// The results of a rule by type and id, `NOT_APPLICABLE` ones among them.
    pub(crate) fn all_of<'a>(
        &'a self,
        key: &RuleKey,
    ) -> impl Iterator<Item = (&'a ResourceKey, &'a StoredResult)> + use<'a> {
        self.by_rule.get(key).into_iter().flatten()
    }

    /// The results of a rule that AWS Config shows: `NOT_APPLICABLE` removes one.
    pub(crate) fn shown_of<'a>(
        &'a self,
        key: &RuleKey,
    ) -> impl Iterator<Item = (&'a ResourceKey, &'a StoredResult)> + use<'a> {
        self.all_of(key).filter(|(_, result)| result.compliance != Compliance::NotApplicable)
    }

    /// Keeps the complete evaluation that a function logged; a later one replaces it.
    pub(crate) fn log(&mut self, key: &RuleKey, evaluation: Value) {
        let text = |name: &str| evaluation.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
        if let (Some(resource_type), Some(resource_id)) = (text("resourceType"), text("resourceId")) {
            self.logged.entry(key.clone()).or_default().insert((resource_type, resource_id), evaluation);
        }
    }

    pub(crate) fn logged(&self, key: &RuleKey, resource: &ResourceKey) -> Option<&Value> {
        self.logged.get(key)?.get(resource)
    }

    /// Forgets everything about a rule that is no more.
    pub(crate) fn forget(&mut self, key: &RuleKey) {
        self.by_rule.remove(key);
        self.logged.remove(key);
        self.activity.remove(key);
        self.tokens.retain(|_, token| token.key != *key);
    }

    pub(crate) fn activity(&self, key: &RuleKey) -> Activity {
        self.activity.get(key).cloned().unwrap_or_default()
    }

    pub(crate) fn activity_mut(&mut self, key: &RuleKey) -> &mut Activity {
        self.activity.entry(key.clone()).or_default()
    }
}

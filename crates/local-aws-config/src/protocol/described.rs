//! The rules and packs that exist and do not run here, so that nothing is known of their compliance: those that the input
//! describes, and in the packs that run here the rules that only AWS runs.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Call;
use super::error::ApiError;
use crate::deployment::DeployedByAws;
use crate::inspector::kept;
use crate::items::AnswerKind;
use crate::set_up;

impl Call<'_> {
    /// The names of the rules.
    pub(super) fn described_rules(&self) -> BTreeSet<String> {
        let kinds = [AnswerKind::ConfigRules, AnswerKind::ConfigRuleStatuses];
        let mut names = self.described(kinds, "ConfigRuleName", |name| self.rule(name).is_some());
        names.extend(self.rules_by_aws().map(|rule| rule.name.clone()));
        names
    }

    /// What a list of one kind says of the rules. To a client, a rule of the input that only the other list has is there
    /// under its name; a rule's function is told what the input's list has and no more.
    pub(super) fn further_rules(&self, kind: AnswerKind) -> Vec<Value> {
        let is_by_aws = |name: &str| !self.is_by_function && self.rule_by_aws(name).is_some();
        let is_ours = |name: &str| self.rule(name).is_some() || is_by_aws(name);
        let of_kind = |kind| self.set_up().further(kind, "ConfigRuleName", is_ours);
        let in_list = of_kind(kind);
        if self.is_by_function {
            return in_list;
        }
        let is_status = kind == AnswerKind::ConfigRuleStatuses;
        let other = if is_status { AnswerKind::ConfigRules } else { AnswerKind::ConfigRuleStatuses };
        let mut missing = of_kind(other);
        missing.retain(|rule| {
            !in_list.iter().any(|there| there.get("ConfigRuleName") == rule.get("ConfigRuleName"))
        });
        let named = |rule: &Value| kept(rule, &["ConfigRuleName", "ConfigRuleArn", "ConfigRuleId"]);
        let by_aws = self.rules_by_aws().map(|rule| {
            let described = set_up::rule_by_aws(rule);
            if is_status { named(&described) } else { described }
        });
        by_aws.chain(in_list).chain(missing.iter().map(named)).collect()
    }

    /// The rules of packs that run here which only AWS runs.
    fn rules_by_aws(&self) -> impl Iterator<Item = &DeployedByAws> {
        self.packs().flat_map(|deployment| &deployment.rules_by_aws)
    }

    fn rule_by_aws(&self, name: &str) -> Option<&DeployedByAws> {
        self.rules_by_aws().find(|rule| rule.name == name)
    }

    /// The names of the packs.
    pub(super) fn described_packs(&self) -> BTreeSet<String> {
        let kinds = [AnswerKind::ConformancePacks, AnswerKind::ConformancePackStatuses];
        self.described(kinds, "ConformancePackName", |name| self.pack(name).is_some())
    }

    /// The names of the rules of such a pack: they end in the pack's id.
    pub(super) fn described_rules_of(&self, pack: &str) -> Vec<String> {
        let id = |described: &Value| {
            let is_named = described.get("ConformancePackName").and_then(Value::as_str) == Some(pack);
            described.get("ConformancePackId").and_then(Value::as_str).filter(|_| is_named).map(str::to_owned)
        };
        let packs = self.set_up().further(AnswerKind::ConformancePacks, "ConformancePackName", |_| false);
        let Some(id) = packs.iter().find_map(id) else { return Vec::new() };
        let suffix = format!("-{id}");
        self.described_rules().into_iter().filter(|name| name.ends_with(&suffix)).collect()
    }

    /// The names of all rules that exist: those that run here come first.
    pub(super) fn rule_names(&self) -> Vec<String> {
        self.rules().map(|rule| rule.name.clone()).chain(self.described_rules()).collect()
    }

    /// Why a rule does not run that is no rule of ours.
    pub(super) fn no_rule_of_ours(&self, name: &str) -> ApiError {
        if self.rule_by_aws(name).is_some() {
            return ApiError::only_by_aws(name);
        }
        if self.described_rules().contains(name) {
            return ApiError::only_described("ConfigRule", name);
        }
        ApiError::no_such_rule(name)
    }

    /// The same of a pack.
    pub(super) fn no_pack_of_ours(&self, name: &str) -> ApiError {
        if self.described_packs().contains(name) {
            return ApiError::only_described("conformance pack", name);
        }
        ApiError::no_such_pack(name)
    }

    fn described(
        &self,
        kinds: [AnswerKind; 2],
        member: &str,
        is_ours: impl Fn(&str) -> bool,
    ) -> BTreeSet<String> {
        let further = kinds.map(|kind| self.set_up().further(kind, member, &is_ours));
        let name = |described: &Value| described.get(member).and_then(Value::as_str).map(str::to_owned);
        further.iter().flatten().filter_map(name).collect()
    }
}

//! The rules and packs that the input describes and that do not run here. They exist, and nothing is known of their
//! compliance.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Call;
use super::error::ApiError;
use crate::inspector::kept;
use crate::items::AnswerKind;

impl Call<'_> {
    /// The names of the described rules.
    pub(super) fn described_rules(&self) -> BTreeSet<String> {
        let kinds = [AnswerKind::ConfigRules, AnswerKind::ConfigRuleStatuses];
        self.described(kinds, "ConfigRuleName", |name| self.rule(name).is_some())
    }

    /// What the input says of the described rules in a list of one kind. To a client, a rule that only the other list has
    /// is there under its name; a rule's function is told what the list has and no more.
    pub(super) fn further_rules(&self, kind: AnswerKind) -> Vec<Value> {
        let of_kind = |kind| self.set_up().further(kind, "ConfigRuleName", |name| self.rule(name).is_some());
        let mut further = of_kind(kind);
        if self.is_by_function {
            return further;
        }
        let other = match kind {
            AnswerKind::ConfigRules => AnswerKind::ConfigRuleStatuses,
            _ => AnswerKind::ConfigRules,
        };
        let mut missing = of_kind(other);
        missing.retain(|rule| {
            !further.iter().any(|there| there.get("ConfigRuleName") == rule.get("ConfigRuleName"))
        });
        let members = ["ConfigRuleName", "ConfigRuleArn", "ConfigRuleId"];
        further.extend(missing.iter().map(|rule| kept(rule, &members)));
        further
    }

    /// The names of the described packs.
    pub(super) fn described_packs(&self) -> BTreeSet<String> {
        let kinds = [AnswerKind::ConformancePacks, AnswerKind::ConformancePackStatuses];
        self.described(kinds, "ConformancePackName", |name| self.pack(name).is_some())
    }

    /// The names of the described rules that a described pack deployed: they end in the pack's id.
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

//! What the input is evidence of: all that a rule's function is told, and no more.

use serde_json::{Value, json};

use super::{CHANNEL_TYPE, PACK_TYPE, RULE_TYPE, SetUp};
use crate::inspector::kept;
use crate::items::AnswerKind;
use crate::recorder::{RECORDER_TYPE, of_input, recorder};

impl SetUp<'_> {
    /// Whether the input says anything about this part of the set-up. Without it the answers to clients are what they
    /// expect to see here, but no evidence about the account.
    pub(crate) fn is_evidence_of(self, resource_type: &str) -> bool {
        let kinds: &[AnswerKind] = match resource_type {
            RECORDER_TYPE => &[AnswerKind::Recorders, AnswerKind::RecorderStatuses],
            CHANNEL_TYPE => &[AnswerKind::Channels, AnswerKind::ChannelStatuses],
            RULE_TYPE => &[AnswerKind::ConfigRules],
            _ => &[AnswerKind::ConformancePacks, AnswerKind::ConformancePackStatuses],
        };
        kinds.iter().any(|kind| self.given(*kind).is_some())
            || resource_type == RECORDER_TYPE && self.has_recorders_item()
    }

    /// The same for the operation by which a rule's function asks.
    pub(crate) fn is_evidence_for(self, operation: &str) -> bool {
        match operation {
            "DescribeConfigurationRecorderStatus" => self.is_evidence_of(RECORDER_TYPE),
            "DescribeDeliveryChannels" | "DescribeDeliveryChannelStatus" => self.is_evidence_of(CHANNEL_TYPE),
            "DescribeConfigRules" | "DescribeConfigRuleEvaluationStatus" => self.is_evidence_of(RULE_TYPE),
            "DescribeConformancePacks" | "DescribeConformancePackStatus" => self.is_evidence_of(PACK_TYPE),
            _ => true,
        }
    }

    /// The account's recorders. Of one whose status alone is known, what it records is not.
    pub(crate) fn known_recorders(self) -> Vec<Value> {
        if let Some(given) = self.given(AnswerKind::Recorders) {
            return given;
        }
        let names = ["arn", "name", "servicePrincipal"];
        let mut known = self.named_by(AnswerKind::RecorderStatuses, &names).unwrap_or_default();
        if self.has_recorders_item() {
            let of_item = recorder(self.items, self.scope);
            known.retain(|other| other.get("name") != of_item.get("name"));
            known.insert(0, of_item);
        }
        known
    }

    /// The same for a rule's function, which asks for recorders for two reasons. To learn how AWS Config is set up, it is
    /// told of those above. To learn whether a type is recorded at all, it needs what [`recorder`] says where the input
    /// describes none: that comes as the recorder of a service, which no rule takes for the account's.
    pub(crate) fn recorders_for_functions(self) -> Vec<Value> {
        let mut known = self.known_recorders();
        if self.given(AnswerKind::Recorders).is_none() && !self.has_recorders_item() {
            let mut input = of_input(self.items, self.scope);
            input["servicePrincipal"] = json!("config.amazonaws.com");
            known.push(input);
        }
        known
    }

    /// The statuses of the account's recorders.
    pub(crate) fn known_recorder_statuses(self) -> Vec<Value> {
        match self.given(AnswerKind::RecorderStatuses) {
            None if !self.has_recorders_item() => Vec::new(),
            _ => self.recorder_statuses(),
        }
    }

    /// The account's delivery channels: of one whose status alone is known, the name is.
    pub(crate) fn known_channels(self) -> Vec<Value> {
        let given = self.given(AnswerKind::Channels);
        given.or_else(|| self.named_by(AnswerKind::ChannelStatuses, &["name"])).unwrap_or_default()
    }

    /// The statuses of the account's delivery channels.
    pub(crate) fn known_channel_statuses(self) -> Vec<Value> {
        self.given(AnswerKind::ChannelStatuses).unwrap_or_default()
    }

    /// The input's own conformance packs: of one whose status alone is known, what it is called.
    pub(super) fn known_packs(self) -> Option<Vec<Value>> {
        let names = ["ConformancePackArn", "ConformancePackId", "ConformancePackName"];
        let given = self.given(AnswerKind::ConformancePacks);
        given.or_else(|| self.named_by(AnswerKind::ConformancePackStatuses, &names))
    }

    /// What statuses say of whose they are.
    fn named_by(self, statuses: AnswerKind, members: &[&str]) -> Option<Vec<Value>> {
        let statuses = self.given(statuses)?;
        Some(statuses.iter().map(|status| kept(status, members)).collect())
    }

    fn has_recorders_item(self) -> bool {
        self.items.visible_of_type(self.scope, RECORDER_TYPE).next().is_some()
    }
}

//! The rule asks for what its function can answer, and may do what answering takes.
#![cfg(feature = "lambda")]

use std::collections::BTreeSet;

use account_audited::{AccountAudited, DeliveryChannel, DeployedPack, ManagedRule, Recorder};
use config_rule::Rule as _;

#[test]
fn the_types_are_those_of_the_evidence() {
    let asked = [Recorder::TYPE, DeliveryChannel::TYPE, ManagedRule::TYPE, DeployedPack::TYPE];
    let answered = [
        audit_evidence::RECORDER,
        audit_evidence::DELIVERY_CHANNEL,
        audit_evidence::CONFIG_RULE,
        audit_evidence::CONFORMANCE_PACK,
    ];
    assert_eq!(asked, answered);
}

#[test]
fn the_actions_are_those_of_the_evidence() {
    let needed: BTreeSet<_> = [
        audit_evidence::RECORDER_ACTIONS,
        audit_evidence::DELIVERY_CHANNEL_ACTIONS,
        audit_evidence::CONFIG_RULE_ACTIONS,
        audit_evidence::CONFORMANCE_PACK_ACTIONS,
    ]
    .into_iter()
    .flatten()
    .collect();
    assert_eq!(AccountAudited::META.actions.iter().collect::<BTreeSet<_>>(), needed);
}

//! The rule asks for what its function can answer.
#![cfg(feature = "lambda")]

use account_audited::{DeliveryChannel, DeployedPack, ManagedRule, Recorder};

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

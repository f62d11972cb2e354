#![doc = include_str!("../README.md")]
#![deny(clippy::disallowed_methods)]

mod checks;
mod coverage;
mod delivery;
mod deployment;
mod managed_rules;
mod needed_types;
mod pack_table;
mod packs;
mod parameters;
mod recorder;

use config_rule::{
    ACCOUNT_TYPE, Date, Document, Finding, Inventory, InventoryError, Known, Missing, Outcome, Rule,
    RuleMeta, Selector, Subject, Trigger,
};

use crate::checks::{
    DELIVERY_FAILING, PACK_FAILED, PACK_NOT_COVERED, PACK_STALE, RECORDER_INCOMPLETE, RECORDER_OFF,
};
pub use crate::delivery::DeliveryChannel;
pub use crate::deployment::DeployedPack;
pub use crate::managed_rules::ManagedRule;
pub use crate::needed_types::TYPES_OF_THE_RULES;
pub use crate::packs::Pack;
pub use crate::parameters::Audit;
pub use crate::recorder::{Recorded, Recorder};

/// See the [crate documentation](crate).
#[derive(Debug)]
pub struct AccountAudited;

/// The account, in one Region: AWS Config is set up in each.
#[derive(Debug)]
pub struct Account;

/// How AWS Config is set up in the account and Region.
#[derive(Debug)]
pub struct Evidence {
    /// The account's own recorders; there can be one at most.
    pub recorders: Known<Vec<Recorder>>,
    /// The delivery channels; there can be one at most.
    pub delivery_channels: Known<Vec<DeliveryChannel>>,
    /// The managed rules that are active, whoever deployed them.
    pub managed_rules: Known<Vec<ManagedRule>>,
    /// The conformance packs that were deployed.
    pub packs: Known<Vec<DeployedPack>>,
}

/// What one check decided: its findings, possibly none, or the evidence that it lacks.
type Decided = Result<Vec<Finding>, Missing>;

impl Subject for Account {
    fn read(document: &Document) -> Option<Self> {
        (document.resource_type == ACCOUNT_TYPE).then_some(Self)
    }
}

impl Rule for AccountAudited {
    const META: RuleMeta = RuleMeta {
        name: "account-audited",
        practice: 8,
        title: "audit the account and its resources",
        checks_that: "AWS Config records what the rules need, delivers it, and evaluates the managed rules of the \
                      conformance packs that the account is required to have",
        subjects: &[ACCOUNT_TYPE],
        triggers: &[Trigger::Periodic],
        checks: &[
            RECORDER_OFF,
            RECORDER_INCOMPLETE,
            DELIVERY_FAILING,
            PACK_NOT_COVERED,
            PACK_FAILED,
            PACK_STALE,
        ],
        actions: &[
            "config:DescribeConfigRuleEvaluationStatus",
            "config:DescribeConfigRules",
            "config:DescribeConfigurationRecorderStatus",
            "config:DescribeConfigurationRecorders",
            "config:DescribeConformancePackStatus",
            "config:DescribeConformancePacks",
            "config:DescribeDeliveryChannelStatus",
            "config:DescribeDeliveryChannels",
        ],
    };

    type Subject = Account;
    type Parameters = Audit;
    type Facts = Evidence;

    async fn gather(_: &Account, _: &Audit, inventory: &dyn Inventory) -> Result<Evidence, InventoryError> {
        // Two at a time, because each needs a connection of its own: what a third and a fourth would save in waiting for
        // answers, a function of 128 MB spends on their handshakes.
        let both = |types: [&'static str; 2]| types.map(|resource_type| (resource_type, Selector::All));
        let set_up = both([Recorder::TYPE, DeliveryChannel::TYPE]);
        let [recorders, delivery_channels] = inventory.find_each(set_up).await?;
        let deployed = both([ManagedRule::TYPE, DeployedPack::TYPE]);
        let [rules, packs] = inventory.find_each(deployed).await?;
        Ok(Evidence {
            recorders: recorders.map(|documents| documents.iter().filter_map(Recorder::read).collect()),
            delivery_channels: delivery_channels
                .map(|documents| documents.iter().map(DeliveryChannel::read).collect()),
            managed_rules: rules.and_then(|documents| managed_rules::active_among(&documents)),
            packs: packs.map(|documents| documents.iter().map(DeployedPack::read).collect()),
        })
    }

    fn evaluate(_: &Account, audit: &Audit, evidence: &Evidence, today: Date) -> Outcome {
        Outcome::judged()
            .and(RECORDER_OFF, recorder::off(&evidence.recorders))
            .and(RECORDER_INCOMPLETE, recorder::incomplete(&evidence.recorders, audit))
            .and(DELIVERY_FAILING, delivery::failing(&evidence.delivery_channels))
            .and(PACK_NOT_COVERED, coverage::not_covered(&evidence.managed_rules, &evidence.recorders, audit))
            .and(PACK_FAILED, deployment::failed(&evidence.packs))
            .and(PACK_STALE, coverage::stale(&evidence.managed_rules, audit, today))
    }
}

/// The findings, if there are any; otherwise the first thing that is missing.
fn found_or_missing(decided: impl Iterator<Item = Result<Option<Finding>, Missing>>) -> Decided {
    let (mut findings, mut unclear) = (Vec::new(), None);
    for one in decided {
        match one {
            Ok(finding) => findings.extend(finding),
            Err(missing) => unclear = unclear.or(Some(missing)),
        }
    }
    match unclear {
        Some(missing) if findings.is_empty() => Err(missing),
        _ => Ok(findings),
    }
}

/// Whether two of AWS Config's status words are the same. They are documented as `Success` and are sent as `SUCCESS`.
fn is_word(word: &str, other: &str) -> bool {
    word.eq_ignore_ascii_case(other)
}

#[cfg(test)]
mod tests;

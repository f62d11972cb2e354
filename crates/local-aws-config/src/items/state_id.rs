//! What orders the items of a resource that have one capture time.

use std::num::NonZero;

use config_rule::Json;

/// "An identifier that indicates the ordering of the configuration items of a resource": the later one has the higher.
///
/// Source: AWS Config API Reference, `ConfigurationItem`, `configurationStateId`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct StateId(NonZero<u64>);

impl StateId {
    /// Where an item has it.
    pub(super) const KEY: &'static str = "configurationStateId";

    /// That of an item: a number in notifications and snapshots, digits in what the API answers. Zero orders nothing.
    pub(super) fn of(item: Json<'_>) -> Option<Self> {
        let id = match item.get(Self::KEY)? {
            Json::Text(digits) => digits.parse().ok()?,
            number => number.as_u64()?,
        };
        NonZero::new(id).map(Self)
    }
}

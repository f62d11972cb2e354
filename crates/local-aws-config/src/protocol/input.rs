//! What requests hold. Every member is optional here: the service model's constraints are checked with words of their
//! own, while a member of a wrong JSON type is a `SerializationException`.

use config_rule::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::Call;
use super::error::ApiError;

/// The input of an operation. A member that is `null` is one that is not there.
pub(super) fn read<T: DeserializeOwned>(call: &Call<'_>) -> Result<T, ApiError> {
    serde_json::from_value(without_nulls(call.body.clone())).map_err(|error| ApiError::serialization(&error))
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .filter(|(_, member)| !member.is_null())
            .map(|(name, member)| (name, without_nulls(member)))
            .collect(),
        Value::Array(elements) => elements.into_iter().map(without_nulls).collect(),
        scalar => scalar,
    }
}

/// `ConfigRuleSelection` and the page, which most reads of rules take.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct RuleSelection {
    pub(super) config_rule_names: Vec<String>,
    pub(super) compliance_types: Vec<String>,
    pub(super) limit: Option<i64>,
    pub(super) next_token: Option<String>,
}

/// Seconds of the Unix epoch.
pub(super) fn timestamp<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let seconds: Option<f64> = Option::deserialize(deserializer)?;
    seconds
        .map(|seconds| {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "`as` saturates, and the range is checked next"
            )]
            let milliseconds = (seconds * 1000.0).round() as i64;
            Timestamp::from_millisecond(milliseconds).map_err(serde::de::Error::custom)
        })
        .transpose()
}

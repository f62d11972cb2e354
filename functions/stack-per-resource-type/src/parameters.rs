use config_rule::{Accepts, ParameterSpec, ParameterValues, Parameters};
use wildmatch::WildMatch;

use crate::kinds::ExtraKinds;

/// The rule's parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Tuning {
    /// `maxKinds`.
    pub max_kinds: usize,
    /// `extraKinds`.
    pub extra_kinds: ExtraKinds,
    /// `ignoredLogicalIds`.
    pub ignored_logical_ids: Vec<WildMatch>,
}

impl Tuning {
    /// Whether `ignoredLogicalIds` covers a resource.
    pub(crate) fn ignores(&self, logical_id: &str) -> bool {
        self.ignored_logical_ids.iter().any(|pattern| pattern.matches(logical_id))
    }
}

impl Parameters for Tuning {
    const SPECS: &'static [&'static ParameterSpec] = &[&MAX_KINDS, &EXTRA_KINDS, &IGNORED_LOGICAL_IDS];

    fn read(values: &mut ParameterValues<'_>) -> Self {
        let ignored = values.list(&IGNORED_LOGICAL_IDS);
        Self {
            max_kinds: usize::try_from(values.whole_number(&MAX_KINDS)).unwrap_or(usize::MAX),
            extra_kinds: values.parsed(&EXTRA_KINDS, ExtraKinds::parse),
            ignored_logical_ids: ignored.iter().map(|pattern| WildMatch::new(pattern)).collect(),
        }
    }
}

const MAX_KINDS: ParameterSpec = ParameterSpec {
    name: "maxKinds",
    default: "1",
    accepts: Accepts::WholeNumber { min: 1, max: 20 },
    description: "How many kinds of resources one stack may hold",
};

const EXTRA_KINDS: ParameterSpec = ParameterSpec {
    name: "extraKinds",
    default: "",
    accepts: Accepts::Text(ExtraKinds::SYNTAX),
    description: "Further kinds of resources with their types, such as messaging=AWS::SQS::*|AWS::SNS::*",
};

const IGNORED_LOGICAL_IDS: ParameterSpec = ParameterSpec {
    name: "ignoredLogicalIds",
    default: "",
    accepts: Accepts::List,
    description: "Comma-separated logical ids of resources that do not count, with * and ?",
};

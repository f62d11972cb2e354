use config_rule::{Accepts, ParameterSpec, ParameterValues, Parameters};
use wildmatch::WildMatch;

/// The rule's parameters: what, besides alarms, counts as being watched.
#[derive(Clone, Debug, PartialEq)]
pub struct Monitoring {
    /// `monitoringTagKeys`.
    pub tag_keys: Vec<String>,
    /// `monitoringRoleNames`.
    pub role_names: Vec<WildMatch>,
}

impl Parameters for Monitoring {
    const SPECS: &'static [&'static ParameterSpec] = &[&MONITORING_TAG_KEYS, &MONITORING_ROLE_NAMES];

    fn read(values: &mut ParameterValues<'_>) -> Self {
        let role_names = values.list(&MONITORING_ROLE_NAMES);
        Self {
            tag_keys: values.list(&MONITORING_TAG_KEYS),
            role_names: role_names.iter().map(|pattern| WildMatch::new(pattern)).collect(),
        }
    }
}

const MONITORING_TAG_KEYS: ParameterSpec = ParameterSpec {
    name: "monitoringTagKeys",
    default: "monitored-by,monitoring",
    accepts: Accepts::List,
    description: "Comma-separated keys of tags that name the service that watches a function",
};

/// Empty by default: a list of well-known names would make IAM roles evidence that every verdict needs, and AWS Config
/// records them in one Region of an account at most.
const MONITORING_ROLE_NAMES: ParameterSpec = ParameterSpec {
    name: "monitoringRoleNames",
    default: "",
    accepts: Accepts::List,
    description: "Comma-separated names, with * and ?, of roles by which services watch all functions of the account",
};

use std::collections::BTreeSet;

use crate::check::Severity;
use crate::known_names::CHECK_IDS;
use crate::parameters::{Accepts, ParameterSpec, ParameterValues};

/// The parameters that every rule takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommonParameters {
    /// The least severity that makes a resource non-compliant.
    pub fail_on: Severity,
    /// Ids of checks that are not run.
    pub disabled_checks: BTreeSet<String>,
    /// Key of the tag that waives findings.
    pub waiver_tag_key: String,
}

impl CommonParameters {
    /// Every common parameter, in the order in which documents list them.
    pub const SPECS: &'static [&'static ParameterSpec] = &[&FAIL_ON, &DISABLED_CHECKS, &WAIVER_TAG_KEY];

    pub(crate) fn read(values: &mut ParameterValues<'_>) -> Self {
        let fail_on =
            values.parsed(&FAIL_ON, |text| text.trim().parse().map(Some)).unwrap_or(Severity::Medium);
        let disabled_checks = values.list(&DISABLED_CHECKS);
        for unknown in disabled_checks.iter().filter(|id| !CHECK_IDS.contains(&id.as_str())) {
            values.refuse(&DISABLED_CHECKS, unknown);
        }
        let waiver_tag_key = values.parsed(&WAIVER_TAG_KEY, |text| match text.chars().count() {
            1..=128 => Ok(text.to_owned()),
            _ => Err(()),
        });
        Self { fail_on, disabled_checks: disabled_checks.into_iter().collect(), waiver_tag_key }
    }
}

const FAIL_ON: ParameterSpec = ParameterSpec {
    name: "failOn",
    default: "medium",
    accepts: Accepts::OneOf(&["low", "medium", "high", "critical"]),
    description: "The least severity that makes a resource non-compliant",
};

const DISABLED_CHECKS: ParameterSpec = ParameterSpec {
    name: "disabledChecks",
    default: "",
    accepts: Accepts::Text("comma-separated check ids, of this rule or of another"),
    description: "Comma-separated ids of checks that are not run; ids of other rules are accepted",
};

/// Tag keys have 1 to 128 characters.
///
/// Source: AWS General Reference, "Tag naming limits and requirements".
const WAIVER_TAG_KEY: ParameterSpec = ParameterSpec {
    name: "waiverTagKey",
    default: "conformance-waiver",
    accepts: Accepts::Text("a tag key of 1 to 128 characters"),
    description: "The key of the tag that waives findings of a resource until a date",
};

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::parameters;

    #[test]
    fn the_defaults_are_accepted() {
        let common = read("failOn", "medium").unwrap();
        assert_eq!(common.fail_on, Severity::Medium);
        assert_eq!(common.disabled_checks, BTreeSet::new());
        assert_eq!(common.waiver_tag_key, "conformance-waiver");
    }

    #[test]
    fn an_unknown_check_is_refused_by_name() {
        assert_eq!(
            read("disabledChecks", "timeout-too-long, timeout-to-long"),
            Err("rule parameter `disabledChecks`: expected comma-separated check ids, of this rule or of another, \
                 got `timeout-to-long`"
                .to_owned())
        );
    }

    #[test]
    fn a_check_of_another_rule_is_accepted() {
        let common = read("disabledChecks", "mixed-stack,timeout-too-long").unwrap();
        assert_eq!(common.disabled_checks.len(), 2);
    }

    #[test]
    fn an_unknown_severity_is_refused() {
        assert_eq!(
            read("failOn", "serious"),
            Err(
                "rule parameter `failOn`: expected one of `low`, `medium`, `high`, `critical`, got `serious`"
                    .to_owned()
            )
        );
    }

    fn read(name: &str, value: &str) -> Result<CommonParameters, String> {
        let given = BTreeMap::from([(name.to_owned(), value.to_owned())]);
        parameters::parse::<()>(&given).map(|(common, ())| common).map_err(|errors| errors.to_string())
    }
}

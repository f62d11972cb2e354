use std::collections::{BTreeMap, BTreeSet};

use crate::check::Severity;
use crate::known_names::CHECK_IDS;
use crate::parameters::{Accepts, ParameterErrors, ParameterSpec, ParameterValues};

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
    pub const SPECS: &'static [&'static ParameterSpec] =
        &[&FAIL_ON, &DISABLED_CHECKS, &WAIVER_TAG_KEY, &EXECUTION_ROLE_NAME];

    /// The role that a function of another account takes on in the rule's account: its name, after its path if it has
    /// one. It is read alone, because without it nothing can be reported, not even that other parameters are wrong.
    ///
    /// # Errors
    ///
    /// Whoever set the parameter must act.
    pub fn execution_role_name(given: &BTreeMap<String, String>) -> Result<String, ParameterErrors> {
        let mut values = ParameterValues::new(given);
        let name = values.parsed(&EXECUTION_ROLE_NAME, role_name);
        values.finished(name)
    }

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
        // Who needs it asks for it alone; here it is only not to be wrong.
        values.parsed(&EXECUTION_ROLE_NAME, role_name);
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

/// The name is that of the role in `conformance-pack/member-role.yaml`.
const EXECUTION_ROLE_NAME: ParameterSpec = ParameterSpec {
    name: "executionRoleName",
    default: "serverless-conformance-member",
    accepts: Accepts::Text("the name of a role, after its path if it has one, such as `audit/member`"),
    description: "The role that a central function takes on in the rule's account; a function of that account needs none",
};

/// A role's path and name, without the slash at the start.
///
/// Source: IAM User Guide, "IAM and AWS STS quotas": names have up to 64 characters, paths up to 512.
fn role_name(text: &str) -> Result<String, ()> {
    const LONGEST_NAME: usize = 64;
    const LONGEST_PATH: usize = 512;
    let text = text.trim();
    let text = text.strip_prefix('/').unwrap_or(text);
    let is_allowed = |character: char| character.is_ascii_alphanumeric() || "_+=,.@-".contains(character);
    let is_part = |part: &str| !part.is_empty() && part.chars().all(is_allowed);
    let name = text.rsplit('/').next().unwrap_or_default();
    let is_role =
        text.split('/').all(is_part) && name.len() <= LONGEST_NAME && text.len() - name.len() <= LONGEST_PATH;
    if is_role { Ok(text.to_owned()) } else { Err(()) }
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn a_role_may_have_a_path_and_is_written_without_the_slash_at_the_start() {
        for (value, name) in [("auditor", "auditor"), ("/audit/member", "audit/member"), (" a/b/c ", "a/b/c")]
        {
            assert_eq!(role(&[("executionRoleName", value)]), Ok(name.to_owned()));
        }
        assert_eq!(role(&[]), Ok("serverless-conformance-member".to_owned()));
    }

    #[test]
    fn what_can_be_no_role_is_refused() {
        let longest = "a".repeat(64);
        assert!(role(&[("executionRoleName", &longest)]).is_ok());
        let too_long = longest + "a";
        for value in ["", "/", "audit/", "a//b", "a role", "arn:aws:iam::111122223333:role/a", &too_long] {
            let message = role(&[("executionRoleName", value)]).unwrap_err();
            assert!(message.contains("expected the name of a role, after its path"), "{value}: {message}");
            assert_eq!(read("executionRoleName", value), Err(message));
        }
    }

    #[test]
    fn the_role_is_known_although_another_parameter_is_wrong() {
        let given = [("failOn", "serious"), ("executionRoleName", "auditor")];
        assert_eq!(role(&given), Ok("auditor".to_owned()));
    }

    fn role(given: &[(&str, &str)]) -> Result<String, String> {
        let given = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        CommonParameters::execution_role_name(&given).map_err(|errors| errors.to_string())
    }

    fn read(name: &str, value: &str) -> Result<CommonParameters, String> {
        let given = BTreeMap::from([(name.to_owned(), value.to_owned())]);
        parameters::parse::<()>(&given).map(|(common, ())| common).map_err(|errors| errors.to_string())
    }
}

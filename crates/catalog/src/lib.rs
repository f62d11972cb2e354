//! The list of all rules.

use config_rule::Entry;

/// Every rule, in the order of the best practices. `cargo xtask new-rule` adds a line.
pub const RULES: &[Entry] = &[
    Entry::of::<lambda_small_single_purpose::LambdaSmallSinglePurpose>(),
    Entry::of::<lambda_grouped_in_microservice::LambdaGroupedInMicroservice>(),
    Entry::of::<stack_per_resource_type::StackPerResourceType>(),
    Entry::of::<api_type_appropriate::ApiTypeAppropriate>(),
    Entry::of::<lambda_role_least_privilege::LambdaRoleLeastPrivilege>(),
    Entry::of::<lambda_deployed_by_pipeline::LambdaDeployedByPipeline>(),
    Entry::of::<lambda_monitored::LambdaMonitored>(),
    Entry::of::<account_audited::AccountAudited>(),
    Entry::of::<lambda_dependencies_audited::LambdaDependenciesAudited>(),
];

/// Every type whose items the rules of [`RULES`] judge, are triggered by, or ask AWS Config for.
pub const RESOURCE_TYPES: &[&str] = account_audited::TYPES_OF_THE_RULES;

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use config_rule::{Severity, Trigger};

    use super::*;

    /// A conformance pack adds 27 characters to a rule's name, and `GetComplianceDetailsByConfigRule` takes 64.
    const LONGEST_NAME: usize = 37;
    /// Source: AWS Config API Reference, `ConfigRule`, `Description`.
    const LONGEST_DESCRIPTION: usize = 256;
    /// Source: AWS Config API Reference, `ConfigRule`, `InputParameters`.
    const LONGEST_INPUT_PARAMETERS: usize = 1024;

    #[test]
    fn a_name_is_kebab_case_and_leaves_room_for_the_suffix_of_a_conformance_pack() {
        for entry in RULES {
            let name = entry.meta.name;
            assert!(is_kebab_case(name), "`{name}` is not kebab-case");
            assert!(name.len() <= LONGEST_NAME, "`{name}` has {} characters", name.len());
        }
    }

    #[test]
    fn the_rules_stand_in_the_order_of_the_practices_and_no_two_share_one() {
        let practices: Vec<_> = RULES.iter().map(|entry| entry.meta.practice).collect();
        assert!(practices.iter().is_sorted_by(|a, b| a < b), "{practices:?}");
    }

    #[test]
    fn a_check_has_one_rule_and_its_id_is_not_a_rules_name() {
        let mut seen = BTreeSet::new();
        for name in RULES.iter().map(|entry| entry.meta.name).chain(checks().map(|check| check.id)) {
            assert!(seen.insert(name), "`{name}` is used twice");
        }
    }

    #[test]
    fn a_check_has_a_kebab_case_id_a_title_and_a_remedy() {
        for check in checks() {
            assert!(is_kebab_case(check.id), "`{}` is not kebab-case", check.id);
            assert_ne!(check.title, "", "`{}` has no title", check.id);
            assert_ne!(check.remedy, "", "`{}` has no remedy", check.id);
        }
    }

    #[test]
    fn every_rule_has_a_check_a_subject_and_a_trigger() {
        for meta in RULES.iter().map(|entry| entry.meta) {
            assert!(!meta.checks.is_empty(), "`{}` has no checks", meta.name);
            assert!(!meta.subjects.is_empty(), "`{}` has no subjects", meta.name);
            assert!(!meta.triggers.is_empty(), "`{}` has no triggers", meta.name);
        }
    }

    #[test]
    fn no_type_whose_changes_invoke_a_rule_stands_twice() {
        for entry in RULES {
            let mut seen = BTreeSet::new();
            for resource_type in entry.meta.change_types() {
                assert!(seen.insert(resource_type), "`{}` has `{resource_type}` twice", entry.meta.name);
            }
        }
    }

    #[test]
    fn the_defaults_are_values_that_the_rule_accepts() {
        for entry in RULES {
            let defaults = entry.all_parameters().map(|spec| (spec.name.to_owned(), spec.default.to_owned()));
            let defaults: BTreeMap<_, _> = defaults.collect();
            for given in [BTreeMap::new(), defaults] {
                let errors = entry.prepare(&given).err().map(|errors| errors.to_string());
                assert_eq!(errors, None, "`{}`", entry.meta.name);
            }
        }
    }

    #[test]
    fn no_parameter_stands_twice_in_a_rule() {
        for entry in RULES {
            let mut seen = BTreeSet::new();
            for spec in entry.all_parameters() {
                assert!(seen.insert(spec.name), "`{}` has `{}` twice", entry.meta.name, spec.name);
            }
        }
    }

    #[test]
    fn the_description_and_the_parameters_fit_into_a_config_rule() {
        for entry in RULES {
            let name = entry.meta.name;
            let description = format!("Checks that {}", entry.meta.checks_that);
            assert!(description.chars().count() <= LONGEST_DESCRIPTION, "`{name}`: {description}");

            let parameters: usize =
                entry.all_parameters().map(|spec| format!("{:?}:{:?},", spec.name, spec.default).len()).sum();
            assert!(parameters + "{}".len() <= LONGEST_INPUT_PARAMETERS, "`{name}`: {parameters} bytes");
        }
    }

    #[test]
    fn a_sentence_part_neither_starts_as_a_sentence_nor_ends_as_one() {
        for entry in RULES {
            let text = entry.meta.checks_that;
            assert!(!text.ends_with('.') && !text.starts_with("Checks"), "`{}`: {text}", entry.meta.name);
        }
    }

    #[test]
    fn a_rule_that_judges_the_account_is_periodic_because_no_change_announces_it() {
        for entry in RULES.iter().filter(|entry| entry.meta.subjects.contains(&config_rule::ACCOUNT_TYPE)) {
            assert!(entry.meta.is_triggered_by(Trigger::Periodic), "`{}`", entry.meta.name);
        }
    }

    #[test]
    fn every_rule_can_fail_at_the_default_threshold() {
        for entry in RULES {
            let worst = entry.meta.checks.iter().map(|check| check.severity).max();
            assert!(Some(Severity::Medium) <= worst, "`{}` never fails", entry.meta.name);
        }
    }

    fn checks() -> impl Iterator<Item = &'static config_rule::Check> {
        RULES.iter().flat_map(|entry| entry.meta.checks.iter().copied())
    }

    fn is_kebab_case(name: &str) -> bool {
        name.split('-').all(|word| {
            !word.is_empty()
                && word.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
        })
    }
}

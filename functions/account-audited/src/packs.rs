//! The conformance packs that an account can be asked for.

use std::collections::BTreeSet;

use crate::pack_table::{PACKS, SCHEDULED};

/// A conformance pack of AWS's, with its managed rules.
#[derive(Debug, PartialEq, Eq)]
pub struct Pack {
    /// The name that `requiredPacks` takes.
    pub name: &'static str,
    /// AWS's title.
    pub title: &'static str,
    /// Identifiers of its managed rules. One that the pack holds twice, with different parameters, stands twice.
    pub rules: &'static [&'static str],
}

impl Pack {
    /// The packs of AWS's that concern serverless applications.
    pub const ALL: &'static [Self] = &PACKS;

    /// The pack of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|pack| pack.name == name)
    }

    /// Each identifier once.
    #[must_use]
    pub fn identifiers(&self) -> BTreeSet<&'static str> {
        self.rules.iter().copied().collect()
    }
}

/// Whether AWS Config runs the managed rule on a schedule, and not when a resource changes.
pub(crate) fn is_scheduled(identifier: &str) -> bool {
    SCHEDULED.binary_search(&identifier).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packs_have_as_many_rules_as_their_templates() {
        let counts: Vec<_> = Pack::ALL.iter().map(|pack| (pack.name, pack.rules.len())).collect();
        let expected = [
            ("dynamodb", 7),
            ("s3", 14),
            ("iam", 17),
            ("reliability", 69),
            ("security", 128),
            ("serverless", 17),
        ];
        assert_eq!(counts, expected);
        assert_eq!(counts.iter().map(|(_, count)| count).sum::<usize>(), 252);
        let identifiers: BTreeSet<_> = Pack::ALL.iter().flat_map(Pack::identifiers).collect();
        assert_eq!(identifiers.len(), 172);
    }

    #[test]
    fn two_packs_hold_a_rule_twice() {
        let twice = |name| {
            let rules = Pack::named(name).unwrap().rules;
            rules.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect::<Vec<_>>()
        };
        assert_eq!(twice("security"), ["SECRETSMANAGER_SECRET_UNUSED"]);
        assert_eq!(twice("serverless"), ["SERVICE_VPC_ENDPOINT_ENABLED"]);
        assert_eq!(["dynamodb", "s3", "iam", "reliability"].map(twice), [const { Vec::<&str>::new() }; 4]);
    }

    #[test]
    fn the_table_is_in_the_order_in_which_it_is_searched() {
        assert!(SCHEDULED.is_sorted());
        assert!(Pack::ALL.iter().all(|pack| pack.rules.is_sorted()));
    }

    #[test]
    fn rules_without_a_scope_run_on_a_schedule() {
        assert!(is_scheduled("IAM_PASSWORD_POLICY"));
        assert!(!is_scheduled("LAMBDA_DLQ_CHECK"));
    }

    #[test]
    fn every_pack_has_rules_that_run_on_a_schedule() {
        for pack in Pack::ALL {
            assert!(pack.rules.iter().any(|rule| is_scheduled(rule)), "{}", pack.name);
        }
    }
}

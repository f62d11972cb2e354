//! The permissions that a rule's function needs.

use std::collections::BTreeSet;

use config_rule::{ACCOUNT_TYPE, RuleMeta, Trigger};

/// The actions that [`Inventory::find`](config_rule::Inventory::find) calls. A rule whose `gather` asks the inventory
/// names them in its `META.actions`; for a rule that runs on a schedule or after related changes the framework needs
/// them itself.
pub const FIND_ACTIONS: &[&str] = &[
    "config:BatchGetResourceConfig",
    "config:DescribeConfigurationRecorders",
    "config:ListDiscoveredResources",
    "config:SelectResourceConfig",
];

/// Every IAM action that the function of a rule calls: the framework's for its triggers, and the rule's own.
#[must_use]
pub fn required_actions(meta: &RuleMeta) -> BTreeSet<&'static str> {
    let mut actions = BTreeSet::from(["config:PutEvaluations"]);
    actions.extend(meta.actions);
    if meta.is_triggered_by(Trigger::Change) {
        actions.insert("config:GetResourceConfigHistory");
    }
    if meta.related_types().next().is_some() {
        actions.extend(FIND_ACTIONS);
    }
    if meta.is_triggered_by(Trigger::Periodic) {
        actions.insert("config:GetComplianceDetailsByConfigRule");
        // The account is the one subject that is not listed.
        if meta.subjects.iter().any(|subject| *subject != ACCOUNT_TYPE) {
            actions.extend(FIND_ACTIONS);
        }
    }
    actions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_triggered_rule_may_report_and_read_one_items_history() {
        assert_eq!(
            actions(&["AWS::Lambda::Function"], &[Trigger::Change], &[]),
            ["config:GetResourceConfigHistory", "config:PutEvaluations"]
        );
    }

    #[test]
    fn a_scheduled_rule_may_also_list_and_retire_but_read_no_history() {
        assert_eq!(
            actions(&["AWS::Lambda::Function"], &[Trigger::Periodic], &[]),
            [
                "config:BatchGetResourceConfig",
                "config:DescribeConfigurationRecorders",
                "config:GetComplianceDetailsByConfigRule",
                "config:ListDiscoveredResources",
                "config:PutEvaluations",
                "config:SelectResourceConfig",
            ]
        );
    }

    #[test]
    fn a_rule_with_related_changes_may_also_look_for_the_subjects_that_they_concern() {
        let triggers = &[Trigger::Change, Trigger::Related("AWS::CloudWatch::Alarm")];
        assert_eq!(
            actions(&["AWS::Lambda::Function"], triggers, &[]),
            [
                "config:BatchGetResourceConfig",
                "config:DescribeConfigurationRecorders",
                "config:GetResourceConfigHistory",
                "config:ListDiscoveredResources",
                "config:PutEvaluations",
                "config:SelectResourceConfig",
            ]
        );
    }

    #[test]
    fn a_scheduled_rule_about_the_account_lists_nothing() {
        assert_eq!(
            actions(&[ACCOUNT_TYPE], &[Trigger::Periodic], &["iam:GetRole"]),
            ["config:GetComplianceDetailsByConfigRule", "config:PutEvaluations", "iam:GetRole"]
        );
    }

    fn actions(
        subjects: &'static [&'static str],
        triggers: &'static [Trigger],
        actions: &'static [&'static str],
    ) -> Vec<&'static str> {
        let meta = RuleMeta {
            name: "a-rule",
            practice: 1,
            title: "have rules",
            checks_that: "there is a rule",
            subjects,
            triggers,
            checks: &[],
            actions,
        };
        required_actions(&meta).into_iter().collect()
    }
}

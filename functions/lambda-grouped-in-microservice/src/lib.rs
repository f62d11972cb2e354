#![doc = include_str!("../README.md")]
#![deny(clippy::disallowed_methods)]

mod boundaries;
mod certainty;
mod checks;
mod data_access;
mod foreign;
mod groups;
mod invocations;
mod surroundings;
mod targets;

use aws_resources::{Function, GroupedFunction, Role};
use config_rule::{
    Date, Document, Finding, Inventory, InventoryError, Missing, Outcome, Rule, RuleMeta, Selector, Trigger,
};
use iam_policy::account_of;

pub use crate::boundaries::Boundaries;
use crate::checks::{
    INVOKES_FOREIGN_FUNCTION, READS_FOREIGN_DATA_STORE, ROLE_SHARED_ACROSS_GROUPS, UNGROUPED,
    WRITES_ANY_DATA_STORE, WRITES_FOREIGN_DATA_STORE,
};
use crate::data_access::DataAccess;
use crate::foreign::Home;
pub use crate::surroundings::Surroundings;

/// See the [crate documentation](crate).
#[derive(Debug)]
pub struct LambdaGroupedInMicroservice;

impl Rule for LambdaGroupedInMicroservice {
    const META: RuleMeta = RuleMeta {
        name: "lambda-grouped-in-microservice",
        practice: 2,
        title: "organize functions in a group",
        checks_that: "a Lambda function belongs to a microservice and leaves the data of other microservices alone",
        subjects: &[Function::TYPE],
        triggers: &[Trigger::Change, Trigger::Related(Role::TYPE), Trigger::Periodic],
        checks: &[
            WRITES_FOREIGN_DATA_STORE,
            WRITES_ANY_DATA_STORE,
            UNGROUPED,
            ROLE_SHARED_ACROSS_GROUPS,
            READS_FOREIGN_DATA_STORE,
            INVOKES_FOREIGN_FUNCTION,
        ],
        actions: &[
            "config:BatchGetResourceConfig",
            "config:DescribeConfigurationRecorders",
            "config:ListDiscoveredResources",
            "config:SelectResourceConfig",
            "iam:GetPolicy",
            "iam:GetPolicyVersion",
            "iam:GetRole",
            "iam:GetRolePolicy",
            "iam:ListAttachedRolePolicies",
            "iam:ListRolePolicies",
        ],
    };

    type Subject = GroupedFunction;
    type Parameters = Boundaries;
    type Facts = Surroundings;

    fn concerned(role: &Document) -> Vec<(&'static str, Selector<'_>)> {
        role.arn.iter().map(|arn| (Function::TYPE, Selector::ReferringTo(arn))).collect()
    }

    async fn gather(
        function: &GroupedFunction,
        boundaries: &Boundaries,
        inventory: &dyn Inventory,
    ) -> Result<Surroundings, InventoryError> {
        Surroundings::of(function, boundaries, inventory).await
    }

    fn evaluate(
        function: &GroupedFunction,
        boundaries: &Boundaries,
        surroundings: &Surroundings,
        _: Date,
    ) -> Outcome {
        if function.is_platform_helper() {
            return Outcome::NotApplicable(
                "a helper function of the deployment tool, which belongs to its stack",
            );
        }
        let judged = Outcome::judged().and(UNGROUPED, ungrouped(function, boundaries, surroundings));
        let group = match boundaries.grouping.group(&function.group_evidence, &surroundings.stacks) {
            Ok(Some(group)) => group,
            // Without a group of its own, nothing is another one.
            Ok(None) => return judged,
            Err(missing) => return undecided(judged, &missing),
        };
        let account = function.role_arn.get().ok().and_then(|arn| account_of(arn));
        let home = Home { group: &group, boundaries, surroundings, account };
        let data = DataAccess::of(home);
        let data = data.as_ref().map_err(Clone::clone);
        judged
            .and(WRITES_FOREIGN_DATA_STORE, data.clone().and_then(DataAccess::foreign_writes))
            .and(WRITES_ANY_DATA_STORE, data.clone().and_then(DataAccess::writes_to_any))
            .and(READS_FOREIGN_DATA_STORE, data.and_then(DataAccess::foreign_reads))
            .and(INVOKES_FOREIGN_FUNCTION, invocations::foreign_invocations(function, home))
            .and(ROLE_SHARED_ACROSS_GROUPS, invocations::shared_role(function, home))
    }
}

fn ungrouped(
    function: &GroupedFunction,
    boundaries: &Boundaries,
    surroundings: &Surroundings,
) -> Result<Option<Finding>, Missing> {
    let grouping = &boundaries.grouping;
    if grouping.has_group(&function.group_evidence, &surroundings.stacks)? {
        return Ok(None);
    }
    let seen = if grouping.by_stack {
        "no tag and no stack says to which microservice it belongs"
    } else {
        "no tag says to which microservice it belongs"
    };
    let wanted = match grouping.tag_keys.first() {
        Some(key) => format!("needs a tag such as `{key}`"),
        None => "needs a CloudFormation stack".to_owned(),
    };
    Ok(Some(Finding::new(UNGROUPED, seen, wanted, "tags")))
}

/// Whose the function is cannot be told, so neither can what belongs to others.
fn undecided(judged: Outcome, missing: &Missing) -> Outcome {
    let all = [
        WRITES_FOREIGN_DATA_STORE,
        WRITES_ANY_DATA_STORE,
        READS_FOREIGN_DATA_STORE,
        INVOKES_FOREIGN_FUNCTION,
        ROLE_SHARED_ACROSS_GROUPS,
    ];
    all.into_iter().fold(judged, |outcome, check| outcome.and::<Option<Finding>>(check, Err(missing.clone())))
}

#[cfg(test)]
mod tests;

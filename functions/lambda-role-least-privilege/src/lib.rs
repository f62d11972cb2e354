#![doc = include_str!("../README.md")]
#![deny(clippy::disallowed_methods)]

mod checks;
mod evidence;
mod invocation;
mod leeway;
mod permissions;
mod reached;
mod statement;
mod subject;
mod trust;
mod wording;

use aws_resources::{Function, Role};
use config_rule::{
    Check, Date, Document, Finding, Inventory, InventoryError, Known, Missing, Outcome, Rule, RuleMeta,
    Selector, Trigger,
};
use iam_policy::{EffectivePermissions, PolicyDocument};

use crate::checks::{
    ACTION_WILDCARD, ADMIN_ACCESS, BROAD_TRUST, MANAGED_FULL_ACCESS, PRIVILEGE_ESCALATION, PUBLIC_INVOKE,
    SERVICE_WILDCARD, SHARED_ROLE, UNSCOPED_INVOKE, WILDCARD_RESOURCE_READ, WILDCARD_RESOURCE_WRITE,
};
pub use crate::evidence::Evidence;
pub use crate::leeway::Leeway;
pub use crate::subject::{AssumableRole, Grantee, InvokableFunction};
use crate::wording::named;

/// See the [crate documentation](crate).
#[derive(Debug)]
pub struct LambdaRoleLeastPrivilege;

/// The checks that rest on what the role may do.
const ON_PERMISSIONS: [&Check; 7] = [
    ADMIN_ACCESS,
    PRIVILEGE_ESCALATION,
    SERVICE_WILDCARD,
    WILDCARD_RESOURCE_WRITE,
    MANAGED_FULL_ACCESS,
    WILDCARD_RESOURCE_READ,
    ACTION_WILDCARD,
];

/// CloudFormation type name of customer-managed policies.
const POLICY: &str = "AWS::IAM::Policy";

impl Rule for LambdaRoleLeastPrivilege {
    const META: RuleMeta = RuleMeta {
        name: "lambda-role-least-privilege",
        practice: 5,
        title: "least privilege",
        checks_that: "a Lambda function may do what it needs and no more, and that only known callers may invoke it",
        subjects: &[Role::TYPE, Function::TYPE],
        triggers: &[Trigger::Change, Trigger::Related(POLICY), Trigger::Periodic],
        checks: &[
            ADMIN_ACCESS,
            PRIVILEGE_ESCALATION,
            PUBLIC_INVOKE,
            SERVICE_WILDCARD,
            WILDCARD_RESOURCE_WRITE,
            MANAGED_FULL_ACCESS,
            WILDCARD_RESOURCE_READ,
            ACTION_WILDCARD,
            BROAD_TRUST,
            UNSCOPED_INVOKE,
            SHARED_ROLE,
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

    type Subject = Grantee;
    type Parameters = Leeway;
    type Facts = Evidence;

    /// The roles that a policy is attached to, and the functions that run with them.
    fn concerned(policy: &Document) -> Vec<(&'static str, Selector<'_>)> {
        let mut concerned = Vec::new();
        for role in policy.relationships.iter().filter(|other| other.resource_type == Role::TYPE) {
            concerned.extend(role.resource_id.map(|id| (Role::TYPE, Selector::Id(id))));
            // Functions are related to their roles by name.
            concerned.extend(role.resource_name.map(|name| (Function::TYPE, Selector::ReferringTo(name))));
        }
        concerned
    }

    fn leaves_out(leeway: &Leeway) -> &'static [&'static str] {
        if leeway.evaluates_roles { &[] } else { &[Role::TYPE] }
    }

    async fn gather(
        grantee: &Grantee,
        _: &Leeway,
        inventory: &dyn Inventory,
    ) -> Result<Evidence, InventoryError> {
        Evidence::of(grantee, inventory).await
    }

    fn evaluate(grantee: &Grantee, leeway: &Leeway, evidence: &Evidence, _today: Date) -> Outcome {
        match grantee {
            Grantee::Role(role) => of_role(role, leeway, evidence),
            Grantee::Function(function) => of_function(function, leeway, evidence),
        }
    }
}

fn of_role(assumable: &AssumableRole, leeway: &Leeway, evidence: &Evidence) -> Outcome {
    let AssumableRole { role, trust_policy } = assumable;
    if role.is_service_linked() {
        return Outcome::NotApplicable("a service-linked role, which only AWS can change");
    }
    if trust::is_for_lambda(trust_policy) == Known::Value(false) {
        return Outcome::NotApplicable("Lambda may not assume the role");
    }
    let trust_policy = trust_policy.get();
    // Without the trust policy nobody can say whether the role is for functions at all.
    let permissions = trust_policy.clone().and_then(|_| evidence.permissions.get());
    on_permissions(permissions, leeway)
        .and(BROAD_TRUST, trust_policy.map(|policy| trust::broad_trust(policy, leeway)))
        .and(SHARED_ROLE, evidence.functions.get().map(|functions| shared_role(functions)))
}

fn of_function(function: &InvokableFunction, leeway: &Leeway, evidence: &Evidence) -> Outcome {
    let invocation = |find: fn(&PolicyDocument) -> Vec<Finding>| {
        function.policy.get().map(|policy| policy.iter().flat_map(find).collect::<Vec<_>>())
    };
    on_permissions(evidence.permissions.get(), leeway)
        .and(PUBLIC_INVOKE, invocation(invocation::public_invoke))
        .and(UNSCOPED_INVOKE, invocation(invocation::unscoped_invoke))
}

fn on_permissions(permissions: Result<&EffectivePermissions, Missing>, leeway: &Leeway) -> Outcome {
    match permissions {
        // Each finding names its own check; that they are added as one check's says nothing.
        Ok(permissions) => {
            Outcome::judged().and(ADMIN_ACCESS, Ok(permissions::findings(permissions, leeway)))
        }
        Err(missing) => ON_PERMISSIONS.iter().fold(Outcome::judged(), |outcome, check| {
            outcome.and(check, Err::<Option<Finding>, _>(missing.clone()))
        }),
    }
}

fn shared_role(functions: &[String]) -> Option<Finding> {
    let seen = match functions {
        [] | [_] => return None,
        functions => format!("{} functions run with the role: {}", functions.len(), named(functions)),
    };
    Some(Finding::new(SHARED_ROLE, seen, "one role per function", "configuration.role of the functions"))
}

#[cfg(test)]
mod tests;

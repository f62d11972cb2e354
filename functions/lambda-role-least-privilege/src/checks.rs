//! What the rule looks at.

use config_rule::{Check, Severity};

pub(crate) const ADMIN_ACCESS: &Check = &Check {
    id: "admin-access",
    severity: Severity::Critical,
    title: "The role may do everything, or nearly everything",
    remedy: "Replace the statement by the actions that the function calls, on the resources that it calls them on",
};

pub(crate) const PRIVILEGE_ESCALATION: &Check = &Check {
    id: "privilege-escalation",
    severity: Severity::Critical,
    title: "The role can become more than it is",
    remedy: "Name the roles in `Resource` and the service in `iam:PassedToService`, name the functions whose code may \
             change, and leave the writing of policies to deployments",
};

pub(crate) const PUBLIC_INVOKE: &Check = &Check {
    id: "public-invoke",
    severity: Severity::Critical,
    title: "Everybody may invoke the function",
    remedy: "Remove the permission, or grant it to one principal or on behalf of one source; give a function URL the \
             authorization type AWS_IAM",
};

pub(crate) const SERVICE_WILDCARD: &Check = &Check {
    id: "service-wildcard",
    severity: Severity::High,
    title: "The role may call every action of a service",
    remedy: "Name the actions that the function calls",
};

pub(crate) const WILDCARD_RESOURCE_WRITE: &Check = &Check {
    id: "wildcard-resource-write",
    severity: Severity::High,
    title: "The role may change every resource of a type",
    remedy: "Name the resources in `Resource`",
};

pub(crate) const MANAGED_FULL_ACCESS: &Check = &Check {
    id: "managed-full-access",
    severity: Severity::High,
    title: "The role has a full-access policy of AWS",
    remedy: "Detach the policy and grant what the function needs of it, on named resources",
};

pub(crate) const WILDCARD_RESOURCE_READ: &Check = &Check {
    id: "wildcard-resource-read",
    severity: Severity::Medium,
    title: "The role may read every resource of a type",
    remedy: "Name the resources in `Resource`",
};

pub(crate) const ACTION_WILDCARD: &Check = &Check {
    id: "action-wildcard",
    severity: Severity::Medium,
    title: "The role may call more actions of a service than are named",
    remedy: "Name the actions that the function calls",
};

pub(crate) const BROAD_TRUST: &Check = &Check {
    id: "broad-trust",
    severity: Severity::Medium,
    title: "Others than Lambda may assume the role",
    remedy: "Give each service and each person a role of its own, or name the service in `allowedTrustedServices`",
};

pub(crate) const UNSCOPED_INVOKE: &Check = &Check {
    id: "unscoped-invoke",
    severity: Severity::Medium,
    title: "A service may invoke the function on anybody's behalf",
    remedy: "Add the source to the permission: `SourceArn`, or `SourceAccount` where the source has no ARN yet",
};

pub(crate) const SHARED_ROLE: &Check = &Check {
    id: "shared-role",
    severity: Severity::Low,
    title: "Several functions run with the role",
    remedy: "Give each function a role of its own, so that each has only the permissions that it needs",
};

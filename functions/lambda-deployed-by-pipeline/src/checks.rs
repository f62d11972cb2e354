//! What the rule looks at.

use config_rule::{Check, Severity};

pub(crate) const CHANGED_OUTSIDE_STACK: &Check = &Check {
    id: "changed-outside-stack",
    severity: Severity::High,
    title: "The function was changed after its stack, by something else",
    remedy: "Bring the change into the template and deploy it through the pipeline, then take the permission to change \
             functions from whoever does not need it",
};

pub(crate) const NOT_MANAGED_BY_STACK: &Check = &Check {
    id: "not-managed-by-stack",
    severity: Severity::Medium,
    title: "Nothing says how the function was deployed",
    remedy: "Import the function into a CloudFormation stack, or tag it with the tool that deploys it, such as \
             `terraform`",
};

pub(crate) const STACK_DRIFTED: &Check = &Check {
    id: "stack-drifted",
    severity: Severity::Medium,
    title: "The function or its stack is not as its template says",
    remedy: "Look at the drift in CloudFormation, bring it into the template or undo it, and detect drift again",
};

pub(crate) const NO_PIPELINE_EVIDENCE: &Check = &Check {
    id: "no-pipeline-evidence",
    severity: Severity::Medium,
    title: "Nothing shows that a pipeline deploys the function",
    remedy: "Deploy the stack from a pipeline, with a service role or with a CI service that the account trusts, or tag \
             the function with `pipeline`",
};

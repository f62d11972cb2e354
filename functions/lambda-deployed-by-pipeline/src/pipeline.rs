//! What shows that a pipeline deploys a function.

use aws_resources::{DeployedFunction, StackState};
use config_rule::Missing;

use crate::evidence::Evidence;
use crate::expectations::Expectations;

/// Whether anything shows that a pipeline deploys the function. One sign is enough, however much else is unknown.
pub(crate) fn is_evident(
    function: &DeployedFunction,
    evidence: &Evidence,
    expectations: &Expectations,
) -> Result<bool, Missing> {
    any([
        has_deployment_tag(function, expectations),
        trusts_ci_service(evidence, expectations),
        has_service_role(evidence),
        is_deployed_by_code_pipeline(function, evidence),
    ])
}

pub(crate) fn has_deployment_tag(
    function: &DeployedFunction,
    expectations: &Expectations,
) -> Result<bool, Missing> {
    let tags = function.tags.get()?;
    Ok(expectations.deployment_tag_keys.iter().any(|key| tags.get(key).is_some()))
}

fn trusts_ci_service(evidence: &Evidence, expectations: &Expectations) -> Result<bool, Missing> {
    let hosts = evidence.oidc_providers.get()?.iter().map(aws_resources::OidcProvider::host);
    any(hosts.map(|host| host.map(|host| expectations.oidc_hosts.contains(&host))))
}

/// People who deploy by hand use their own permissions; a role of its own is what one gives to a pipeline's stacks.
fn has_service_role(evidence: &Evidence) -> Result<bool, Missing> {
    let of_stack = |stack: &StackState| stack.role_arn.get().map(Option::is_some);
    with_parents(evidence, |stacks| any(stacks.iter().map(|stack| of_stack(stack))))
}

fn is_deployed_by_code_pipeline(function: &DeployedFunction, evidence: &Evidence) -> Result<bool, Missing> {
    let deployments = evidence.deployments.get()?;
    any([
        deployments.reach_function(function),
        with_parents(evidence, |stacks| deployments.reach_stacks(stacks)),
    ])
}

/// Whether a pipeline deploys the function itself, and not its stack. Where pipelines are not recorded, none is known to.
pub(crate) fn deploys_itself(function: &DeployedFunction, evidence: &Evidence) -> Result<bool, Missing> {
    evidence.deployments.get().map_or(Ok(false), |deployments| deployments.reach_function(function))
}

/// What `is_so` says of the function's stack, and else of that with its parents: a pipeline deploys the root, and
/// CloudFormation the rest.
fn with_parents(
    evidence: &Evidence,
    is_so: impl Fn(&[&StackState]) -> Result<bool, Missing>,
) -> Result<bool, Missing> {
    let Some(stack) = evidence.stack.get()? else { return Ok(false) };
    let parents = || evidence.parents.get().and_then(|parents| is_so(&parents.iter().collect::<Vec<_>>()));
    any([is_so(&[stack]), parents()])
}

/// Whether any of the pieces is so; if none is, the first that is unknown leaves it open.
fn any(evidence: impl IntoIterator<Item = Result<bool, Missing>>) -> Result<bool, Missing> {
    let mut decided = Ok(false);
    for piece in evidence {
        match piece {
            Ok(true) => return Ok(true),
            Err(missing) if decided.is_ok() => decided = Err(missing),
            Ok(false) | Err(_) => {}
        }
    }
    decided
}

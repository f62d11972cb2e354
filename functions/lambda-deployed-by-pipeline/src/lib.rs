#![doc = include_str!("../README.md")]
#![deny(clippy::disallowed_methods)]

mod checks;
mod deployments;
mod evidence;
mod expectations;
mod pipeline;

use aws_resources::{DeployedFunction, Function, Stack, StackState};
use config_rule::{
    Date, Document, Finding, Inventory, InventoryError, Known, Missing, Outcome, Rule, RuleMeta, Selector,
    Timestamp, Trigger,
};
use jiff::SignedDuration;
use jiff::tz::Offset;

use crate::checks::{CHANGED_OUTSIDE_STACK, NO_PIPELINE_EVIDENCE, NOT_MANAGED_BY_STACK, STACK_DRIFTED};
pub use crate::deployments::Deployments;
pub use crate::evidence::Evidence;
pub use crate::expectations::Expectations;

/// See the [crate documentation](crate).
#[derive(Debug)]
pub struct LambdaDeployedByPipeline;

/// After this long AWS Config has recorded a change of a stack even where it records once a day.
///
/// Source: AWS Config API Reference, `RecordingMode`, `recordingFrequency`.
const RECORDED_WITHIN: SignedDuration = SignedDuration::from_hours(24);

impl Rule for LambdaDeployedByPipeline {
    const META: RuleMeta = RuleMeta {
        name: "lambda-deployed-by-pipeline",
        practice: 6,
        title: "CI/CD",
        checks_that: "a Lambda function is deployed by a pipeline: by a stack, that a pipeline deploys, and by nobody's hand \
                      since",
        subjects: &[Function::TYPE],
        triggers: &[Trigger::Change, Trigger::Related(Stack::TYPE), Trigger::Periodic],
        checks: &[CHANGED_OUTSIDE_STACK, NOT_MANAGED_BY_STACK, STACK_DRIFTED, NO_PIPELINE_EVIDENCE],
        actions: &[
            "config:BatchGetResourceConfig",
            "config:DescribeConfigurationRecorders",
            "config:ListDiscoveredResources",
            "config:SelectResourceConfig",
        ],
    };

    type Subject = DeployedFunction;
    type Parameters = Expectations;
    type Facts = Evidence;

    fn concerned(stack: &Document) -> Vec<(&'static str, Selector<'_>)> {
        let resources = stack.properties().list(Stack::RESOURCES_PATH);
        let functions = resources.get().into_iter().flatten().filter_map(|resource| {
            let is_function = resource.text("resourceType").get().is_ok_and(|name| *name == Function::TYPE);
            let name = resource.text("physicalResourceId").get().ok().copied();
            name.filter(|_| is_function).map(|name| (Function::TYPE, Selector::Id(name)))
        });
        functions.collect()
    }

    async fn gather(
        function: &DeployedFunction,
        _: &Expectations,
        inventory: &dyn Inventory,
    ) -> Result<Evidence, InventoryError> {
        Evidence::of(function, inventory).await
    }

    fn evaluate(
        function: &DeployedFunction,
        expectations: &Expectations,
        evidence: &Evidence,
        today: Date,
    ) -> Outcome {
        if function.is_platform_helper() {
            return Outcome::NotApplicable("a helper function of the deployment tool, judged with its stack");
        }
        Outcome::judged()
            .and(CHANGED_OUTSIDE_STACK, changed_outside_stack(function, expectations, evidence, today))
            .and(NOT_MANAGED_BY_STACK, not_managed_by_stack(function, expectations, evidence))
            .and(STACK_DRIFTED, stack_drifted(function, evidence))
            .and(NO_PIPELINE_EVIDENCE, no_pipeline_evidence(function, expectations, evidence))
    }
}

fn changed_outside_stack(
    function: &DeployedFunction,
    expectations: &Expectations,
    evidence: &Evidence,
    today: Date,
) -> Result<Option<Finding>, Missing> {
    let Some(stack) = settled_stack(evidence)? else { return Ok(None) };
    let modified = *function.last_modified.get()?;
    let is_tolerated = |last: Timestamp| modified.duration_since(last) <= expectations.tolerance;
    if is_tolerated(*stack.last_begin.get()?) {
        return Ok(None);
    }
    let deployed = *stack.last_change.get()?;
    if is_tolerated(deployed) {
        return Ok(None);
    }
    // Every deployment changes its functions before AWS Config hears that the stack has changed, too.
    if !is_up_to_date(stack, modified, today) {
        let what = format!("the state of {} after {modified}", described(stack));
        return Err(Missing::Unavailable { what, why: "AWS Config may not have recorded it yet".to_owned() });
    }
    if pipeline::deploys_itself(function, evidence)? {
        let what = format!("who changed the function after {}", described(stack));
        let why = "a pipeline deploys it besides its stack".to_owned();
        return Err(Missing::Unavailable { what, why });
    }
    let seen = format!("changed at {modified}, {} last at {deployed}", described(stack));
    let wanted = "only its stack may change it";
    Ok(Some(Finding::new(CHANGED_OUTSIDE_STACK, seen, wanted, "configuration.lastModified")))
}

/// Whether AWS Config has seen the stack since the function was modified, or would have seen any change of it by now.
fn is_up_to_date(stack: &StackState, modified: Timestamp, today: Date) -> bool {
    let was_seen_since = stack.capture_time.is_some_and(|captured| modified <= captured);
    let day_began = Offset::UTC.to_timestamp(today.at(0, 0, 0, 0));
    was_seen_since || day_began.is_ok_and(|began| RECORDED_WITHIN <= began.duration_since(modified))
}

fn not_managed_by_stack(
    function: &DeployedFunction,
    expectations: &Expectations,
    evidence: &Evidence,
) -> Result<Option<Finding>, Missing> {
    let has_stack = match (function.stack.get(), evidence.stack.get()) {
        (Ok(Some(_)), _) => true,
        (_, stack) => stack?.is_some(),
    };
    if has_stack
        || pipeline::has_deployment_tag(function, expectations)?
        || pipeline::deploys_itself(function, evidence)?
    {
        return Ok(None);
    }
    let wanted = match expectations.deployment_tag_keys.first() {
        Some(key) => format!("needs a CloudFormation stack or a tag such as `{key}`"),
        None => "needs a CloudFormation stack".to_owned(),
    };
    Ok(Some(Finding::new(
        NOT_MANAGED_BY_STACK,
        "no stack manages it and no tag says what does",
        wanted,
        "tags",
    )))
}

fn stack_drifted(function: &DeployedFunction, evidence: &Evidence) -> Result<Option<Finding>, Missing> {
    let Some(stack) = settled_stack(evidence)? else { return Ok(None) };
    let drifted =
        |seen, place| Ok(Some(Finding::new(STACK_DRIFTED, seen, "must be as its template says", place)));
    if let Some(status @ ("MODIFIED" | "DELETED")) = own_drift(function, stack) {
        return drifted(format!("drift detection found the function {status}"), Stack::RESOURCES_PATH);
    }
    match stack.drift.get()?.as_str() {
        "DRIFTED" => {
            let place = "configuration.driftInformation.stackDriftStatus";
            drifted(format!("drift detection found {} DRIFTED", described(stack)), place)
        }
        "IN_SYNC" => Ok(None),
        status => {
            let what = format!("the drift of {}", described(stack));
            Err(Missing::Unavailable { what, why: format!("its status is {status}") })
        }
    }
}

fn own_drift<'a>(function: &DeployedFunction, stack: &'a StackState) -> Option<&'a str> {
    let logical_id = function.logical_id()?;
    let Known::Value(resources) = &stack.drifted_resources else { return None };
    resources.iter().find(|drift| drift.logical_id == logical_id).map(|drift| drift.status.as_str())
}

fn no_pipeline_evidence(
    function: &DeployedFunction,
    expectations: &Expectations,
    evidence: &Evidence,
) -> Result<Option<Finding>, Missing> {
    if pipeline::is_evident(function, evidence, expectations)? {
        return Ok(None);
    }
    let seen = match evidence.stack.get()? {
        Some(stack) => format!(
            "no CodePipeline action of this Region deploys {}, it has no service role, and the account trusts no CI \
             service",
            described(stack)
        ),
        None => "no stack that a pipeline could deploy, and the account trusts no CI service".to_owned(),
    };
    Ok(Some(Finding::new(NO_PIPELINE_EVIDENCE, seen, "a pipeline must deploy it", "configuration.roleARN")))
}

/// The function's stack, if it has one, unless CloudFormation is still at work on it.
fn settled_stack(evidence: &Evidence) -> Result<Option<&StackState>, Missing> {
    let Some(stack) = evidence.stack.get()? else { return Ok(None) };
    if stack.is_in_progress()? {
        let what = format!("the final state of {}", described(stack));
        return Err(Missing::Unavailable { what, why: "CloudFormation is at work on it".to_owned() });
    }
    Ok(Some(stack))
}

fn described(stack: &StackState) -> String {
    let name = stack.name.get().map_or(stack.id.as_str(), String::as_str);
    format!("stack `{name}`")
}

#[cfg(test)]
mod tests;

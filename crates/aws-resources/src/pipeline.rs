use config_rule::{Document, Known, Missing, Node, Subject};

/// A pipeline of AWS CodePipeline, with the actions that deploy CloudFormation stacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pipeline {
    /// Its actions that create or update stacks.
    pub deployments: Known<Vec<StackDeployment>>,
}

/// One action of a pipeline that creates or updates a stack, or the stacks of a stack set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackDeployment {
    /// What it deploys.
    pub target: DeploymentTarget,
    /// The Region in which it acts, if that is not the pipeline's own.
    pub region: Option<String>,
}

/// What an action deploys; names may hold variables such as `#{variables.Stage}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeploymentTarget {
    /// The stack with this name.
    Stack(String),
    /// The stacks of the stack set with this name.
    StackSet(String),
}

impl Pipeline {
    /// CloudFormation type name.
    pub const TYPE: &'static str = "AWS::CodePipeline::Pipeline";
}

impl StackDeployment {
    /// Whether the pipeline decides only when it runs which stack this deploys.
    ///
    /// Source: AWS CodePipeline User Guide, "Variables reference": a variable is written `#{namespace.key}`.
    #[must_use]
    pub fn is_variable(&self) -> bool {
        let (DeploymentTarget::Stack(name) | DeploymentTarget::StackSet(name)) = &self.target;
        name.contains("#{")
    }

    /// Whether it deploys the stack with this name in this Region. The stacks of a set are called
    /// `StackSet-<name of the set>-<UUID>`.
    ///
    /// Source: AWS CloudFormation User Guide, "Concepts of stack sets".
    #[must_use]
    pub fn deploys(&self, stack_name: &str, region: Option<&str>) -> bool {
        let is_here = self.region.is_none() || region.is_none() || self.region.as_deref() == region;
        let is_meant = match &self.target {
            DeploymentTarget::Stack(name) => name == stack_name,
            DeploymentTarget::StackSet(set) => {
                let instance =
                    stack_name.strip_prefix("StackSet-").and_then(|name| name.strip_prefix(set.as_str()));
                // A set reaches Regions that the action does not name.
                return instance.is_some_and(|rest| rest.starts_with('-'));
            }
        };
        is_here && is_meant
    }
}

impl Subject for Pipeline {
    fn read(document: &Document) -> Option<Self> {
        if document.resource_type != Self::TYPE {
            return None;
        }
        Some(Self { deployments: deployments(&document.properties()).into() })
    }
}

fn deployments(root: &Node<'_>) -> Result<Vec<StackDeployment>, Missing> {
    let mut deployments = Vec::new();
    for stage in root.list("configuration.pipeline.stages").get()? {
        for action in stage.list("actions").get()? {
            deployments.extend(deployment(action)?);
        }
    }
    Ok(deployments)
}

/// Source: AWS CodePipeline User Guide, action references for AWS CloudFormation and its stack sets; an action of mode
/// `DELETE_ONLY` deploys nothing.
fn deployment(action: &Node<'_>) -> Result<Option<StackDeployment>, Missing> {
    if *action.text("actionTypeId.category").get()? != "Deploy" {
        return Ok(None);
    }
    let name = |path: &str| action.text(path).get().map(|name| (*name).to_owned());
    let target = match *action.text("actionTypeId.provider").get()? {
        "CloudFormation" => {
            let mode = action.text("configuration.ActionMode").optional();
            if *mode.get()? == Some("DELETE_ONLY") {
                return Ok(None);
            }
            DeploymentTarget::Stack(name("configuration.StackName")?)
        }
        "CloudFormationStackSet" | "CloudFormationStackInstances" => {
            DeploymentTarget::StackSet(name("configuration.StackSetName")?)
        }
        _ => return Ok(None),
    };
    let region = action.text("region").optional().get()?.map(ToOwned::to_owned);
    Ok(Some(StackDeployment { target, region }))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn only_actions_that_deploy_stacks_are_deployments() {
        let pipeline = read(&json!([
            action("Source", "CodeCommit", &json!({"RepositoryName": "shop"})),
            action("Build", "CodeBuild", &json!({"ProjectName": "shop"})),
            action("Deploy", "S3", &json!({"BucketName": "site"})),
            action(
                "Deploy",
                "CloudFormation",
                &json!({"ActionMode": "CHANGE_SET_REPLACE", "StackName": "shop"})
            ),
            action("Deploy", "CloudFormation", &json!({"ActionMode": "DELETE_ONLY", "StackName": "old"})),
            action("Deploy", "CloudFormationStackSet", &json!({"StackSetName": "base"})),
        ]));
        let targets: Vec<_> =
            pipeline.deployments.get().unwrap().iter().map(|deployment| &deployment.target).collect();
        let shop = DeploymentTarget::Stack("shop".to_owned());
        let base = DeploymentTarget::StackSet("base".to_owned());
        assert_eq!(targets, [&shop, &base]);
    }

    #[test]
    fn a_stack_is_deployed_by_its_name_and_in_its_region() {
        let stack = |region: Option<&str>| StackDeployment {
            target: DeploymentTarget::Stack("shop".to_owned()),
            region: region.map(ToOwned::to_owned),
        };
        assert!(stack(None).deploys("shop", Some("eu-west-1")));
        assert!(stack(Some("eu-west-1")).deploys("shop", Some("eu-west-1")));
        assert!(!stack(Some("us-east-1")).deploys("shop", Some("eu-west-1")));
        assert!(!stack(None).deploys("shop-test", Some("eu-west-1")));
    }

    #[test]
    fn the_stacks_of_a_set_begin_with_its_name() {
        let set = StackDeployment {
            target: DeploymentTarget::StackSet("base".to_owned()),
            region: Some("us-east-1".to_owned()),
        };
        assert!(set.deploys("StackSet-base-0d1e6d37-06be-47c8-a8ee-04dca062697a", Some("eu-west-1")));
        assert!(!set.deploys("StackSet-baseline-0d1e6d37-06be-47c8-a8ee-04dca062697a", Some("eu-west-1")));
        assert!(!set.deploys("base", Some("eu-west-1")));
    }

    #[test]
    fn names_with_variables_are_known_only_when_the_pipeline_runs() {
        let deployment =
            |name: &str| StackDeployment { target: DeploymentTarget::Stack(name.to_owned()), region: None };
        assert!(deployment("shop-#{variables.Stage}").is_variable());
        assert!(!deployment("shop-prod").is_variable());
    }

    #[test]
    fn a_deployment_of_unknown_target_leaves_all_open() {
        let pipeline = read(&json!([{"actionTypeId": {"category": "Deploy", "provider": "CloudFormation"}}]));
        let message = pipeline.deployments.get().unwrap_err().to_string();
        assert_eq!(message, "`configuration.pipeline.stages[0].actions[0].configuration` is absent");
    }

    fn action(category: &str, provider: &str, configuration: &Value) -> Value {
        json!({"actionTypeId": {"category": category, "provider": provider}, "configuration": configuration})
    }

    fn read(actions: &Value) -> Pipeline {
        let item = json!({
            "resourceType": Pipeline::TYPE, "resourceId": "release",
            "configuration": {"pipeline": {"stages": [{"name": "All", "actions": actions}]}},
        });
        Pipeline::read(&Document::from_item(item).unwrap()).unwrap()
    }
}

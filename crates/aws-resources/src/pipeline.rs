use config_rule::{Document, Known, Missing, Node, Subject};

/// A pipeline of AWS CodePipeline, with the actions that deploy CloudFormation stacks or functions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pipeline {
    /// Its actions that create or update stacks or functions.
    pub deployments: Known<Vec<Deployment>>,
}

/// One action of a pipeline that creates or updates a stack, the stacks of a stack set, or a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
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
    /// The function with this name.
    Function(String),
}

impl Pipeline {
    /// CloudFormation type name.
    pub const TYPE: &'static str = "AWS::CodePipeline::Pipeline";
}

impl Deployment {
    /// Whether it acts in this Region.
    #[must_use]
    pub fn is_in(&self, region: Option<&str>) -> bool {
        // A set reaches Regions that the action does not name.
        let is_of_set = matches!(self.target, DeploymentTarget::StackSet(_));
        is_of_set || self.region.is_none() || region.is_none() || self.region.as_deref() == region
    }
}

impl DeploymentTarget {
    /// Whether the pipeline decides only when it runs what it deploys.
    ///
    /// Source: AWS CodePipeline User Guide, "Variables reference": a variable is written `#{namespace.key}`.
    #[must_use]
    pub fn is_variable(&self) -> bool {
        let (Self::Stack(name) | Self::StackSet(name) | Self::Function(name)) = self;
        name.contains("#{")
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

fn deployments(root: &Node<'_>) -> Result<Vec<Deployment>, Missing> {
    let mut deployments = Vec::new();
    for stage in root.list("configuration.pipeline.stages").get()? {
        for action in stage.list("actions").get()? {
            deployments.extend(deployment(action)?);
        }
    }
    Ok(deployments)
}

/// Source: AWS CodePipeline User Guide, action references for AWS CloudFormation, its stack sets and AWS Lambda; an action of
/// mode `DELETE_ONLY` deploys nothing.
fn deployment(action: &Node<'_>) -> Result<Option<Deployment>, Missing> {
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
        "Lambda" => DeploymentTarget::Function(name("configuration.FunctionName")?),
        _ => return Ok(None),
    };
    let region = action.text("region").optional().get()?.map(ToOwned::to_owned);
    Ok(Some(Deployment { target, region }))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn only_actions_that_deploy_stacks_or_functions_are_deployments() {
        let pipeline = read(&json!([
            action("Source", "CodeCommit", &json!({"RepositoryName": "shop"})),
            action("Build", "CodeBuild", &json!({"ProjectName": "shop"})),
            action("Invoke", "Lambda", &json!({"FunctionName": "approve"})),
            action("Deploy", "S3", &json!({"BucketName": "site"})),
            action(
                "Deploy",
                "CloudFormation",
                &json!({"ActionMode": "CHANGE_SET_REPLACE", "StackName": "shop"})
            ),
            action("Deploy", "CloudFormation", &json!({"ActionMode": "DELETE_ONLY", "StackName": "old"})),
            action("Deploy", "CloudFormationStackSet", &json!({"StackSetName": "base"})),
            action("Deploy", "Lambda", &json!({"FunctionName": "orders", "FunctionAlias": "live"})),
        ]));
        let targets: Vec<_> =
            pipeline.deployments.get().unwrap().iter().map(|deployment| &deployment.target).collect();
        let shop = DeploymentTarget::Stack("shop".to_owned());
        let base = DeploymentTarget::StackSet("base".to_owned());
        let orders = DeploymentTarget::Function("orders".to_owned());
        assert_eq!(targets, [&shop, &base, &orders]);
    }

    #[test]
    fn an_action_is_in_its_own_region_and_a_set_in_many() {
        let of = |target, region: Option<&str>| Deployment { target, region: region.map(ToOwned::to_owned) };
        let stack = |region| of(DeploymentTarget::Stack("shop".to_owned()), region);
        assert!(stack(None).is_in(Some("eu-west-1")));
        assert!(stack(Some("eu-west-1")).is_in(Some("eu-west-1")));
        assert!(!stack(Some("us-east-1")).is_in(Some("eu-west-1")));
        let set = of(DeploymentTarget::StackSet("base".to_owned()), Some("us-east-1"));
        assert!(set.is_in(Some("eu-west-1")));
    }

    #[test]
    fn names_with_variables_are_known_only_when_the_pipeline_runs() {
        assert!(DeploymentTarget::Stack("shop-#{variables.Stage}".to_owned()).is_variable());
        assert!(DeploymentTarget::Function("#{variables.Function}".to_owned()).is_variable());
        assert!(!DeploymentTarget::Stack("shop-prod".to_owned()).is_variable());
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

//! What the pipelines of an account deploy.

use std::collections::HashMap;

use aws_resources::{DeployedFunction, Deployment, DeploymentTarget, Pipeline, StackState};
use config_rule::{Documents, Missing, View};

/// The deployments of all pipelines, by what they deploy: a large account has thousands of pipelines and asks for each of
/// its functions.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Deployments {
    of_stacks: HashMap<String, Vec<Deployment>>,
    of_sets: HashMap<String, Vec<Deployment>>,
    of_functions: HashMap<String, Vec<Deployment>>,
    /// Why nobody can say which stacks the pipelines deploy besides, if there are more.
    open_stacks: Option<Missing>,
    /// The same of functions.
    open_functions: Option<Missing>,
}

impl View for Deployments {
    fn of(documents: &Documents) -> Self {
        Self::of_pipelines(&documents.view::<Vec<Pipeline>>())
    }
}

impl Deployments {
    pub(crate) fn of_pipelines(pipelines: &[Pipeline]) -> Self {
        let mut all = Self::default();
        for pipeline in pipelines {
            match pipeline.deployments.get() {
                Ok(deployments) => deployments.iter().for_each(|deployment| all.add(deployment)),
                Err(missing) => {
                    all.open_stacks.get_or_insert_with(|| missing.clone());
                    all.open_functions.get_or_insert(missing);
                }
            }
        }
        all
    }

    fn add(&mut self, deployment: &Deployment) {
        let (by_name, name, open, what) = match &deployment.target {
            DeploymentTarget::Stack(name) => (&mut self.of_stacks, name, &mut self.open_stacks, "stack"),
            DeploymentTarget::StackSet(name) => (&mut self.of_sets, name, &mut self.open_stacks, "stack"),
            DeploymentTarget::Function(name) => {
                (&mut self.of_functions, name, &mut self.open_functions, "function")
            }
        };
        if deployment.target.is_variable() {
            let (what, why) =
                (format!("which {what} a pipeline deploys"), "it depends on a variable".to_owned());
            open.get_or_insert(Missing::Unavailable { what, why });
        } else {
            by_name.entry(name.clone()).or_default().push(deployment.clone());
        }
    }

    /// Whether any of them deploys the function itself, and not its stack.
    pub(crate) fn reach_function(&self, function: &DeployedFunction) -> Result<bool, Missing> {
        let region = function.region.as_deref();
        if is_any_in(region, self.of_functions.get(&function.name)) {
            return Ok(true);
        }
        self.open_functions.clone().map_or(Ok(false), Err)
    }

    /// Whether any of them deploys one of the stacks.
    pub(crate) fn reach_stacks(&self, stacks: &[&StackState]) -> Result<bool, Missing> {
        let deploys_any = !self.of_stacks.is_empty() || !self.of_sets.is_empty();
        let mut open = self.open_stacks.clone();
        for stack in stacks {
            match stack.name.get() {
                Ok(name) if self.reach_stack(name, stack.id.split(':').nth(3)) => return Ok(true),
                Ok(name) if name.starts_with(OF_SET) => {
                    let what = format!("which pipeline deploys the stack set of `{name}`");
                    let why = "it may be one of another Region or account".to_owned();
                    open.get_or_insert(Missing::Unavailable { what, why });
                }
                Err(missing) if deploys_any => {
                    open.get_or_insert(missing);
                }
                Ok(_) | Err(_) => {}
            }
        }
        open.map_or(Ok(false), Err)
    }

    fn reach_stack(&self, name: &str, region: Option<&str>) -> bool {
        // A stack of a set has the set's name in its own, and hyphens may be in either.
        let words = name.match_indices('-').filter_map(|(end, _)| name.get(..end)?.strip_prefix(OF_SET));
        let mut of_sets = words.filter_map(|set| self.of_sets.get(set));
        is_any_in(region, self.of_stacks.get(name)) || of_sets.any(|of_set| is_any_in(region, Some(of_set)))
    }
}

/// What the names of a stack set's stacks begin with: `StackSet-<name of the set>-<UUID>`.
///
/// Source: AWS CloudFormation User Guide, "Concepts of stack sets".
const OF_SET: &str = "StackSet-";

fn is_any_in(region: Option<&str>, deployments: Option<&Vec<Deployment>>) -> bool {
    deployments.into_iter().flatten().any(|deployment| deployment.is_in(region))
}

#[cfg(test)]
mod tests {
    use config_rule::{Document, Known, Subject};
    use serde_json::json;

    use super::*;

    #[test]
    fn a_deployment_is_found_by_the_name_of_its_stack_or_set() {
        let all = Deployments::of_pipelines(&[
            pipeline(vec![stack("shop", None), stack("mail", Some("us-east-1"))]),
            pipeline(vec![set("base"), set("base-line")]),
        ]);
        for (name, is_deployed) in [
            ("shop", true),
            ("shop-1", false),
            // In another Region.
            ("mail", false),
            ("StackSet-base-0d1e6d37-06be-47c8-a8ee-04dca062697a", true),
            ("StackSet-base-line-0d1e6d37-06be-47c8-a8ee-04dca062697a", true),
            ("base", false),
        ] {
            assert_eq!(all.reach_stacks(&[&named(name)]), Ok(is_deployed), "{name}");
        }
    }

    #[test]
    fn a_stack_set_may_be_deployed_from_elsewhere() {
        let all = Deployments::of_pipelines(&[pipeline(vec![set("base")])]);
        for name in ["StackSet-basement-0d1e6d37-06be-47c8-a8ee-04dca062697a", "StackSet-base"] {
            assert!(all.reach_stacks(&[&named(name)]).is_err(), "{name}");
        }
    }

    #[test]
    fn a_function_is_found_by_its_name_and_not_by_that_of_a_stack() {
        let deployments =
            vec![of_function("orders", None), of_function("mail", Some("us-east-1")), stack("stock", None)];
        let all = Deployments::of_pipelines(&[pipeline(deployments)]);
        assert_eq!(all.reach_function(&function("orders")), Ok(true));
        for name in ["mail", "stock", "orders-test"] {
            assert_eq!(all.reach_function(&function(name)), Ok(false), "{name}");
        }
    }

    #[test]
    fn a_variable_leaves_what_it_stands_for_open_and_nothing_else() {
        let stacks = Deployments::of_pipelines(&[pipeline(vec![stack("#{variables.Stack}", None)])]);
        assert_eq!(stacks.reach_function(&function("orders")), Ok(false));
        assert!(stacks.reach_stacks(&[&named("shop")]).is_err());
        let functions = Deployments::of_pipelines(&[pipeline(vec![of_function("#{variables.Name}", None)])]);
        assert!(functions.reach_function(&function("orders")).is_err());
        assert_eq!(functions.reach_stacks(&[&named("shop")]), Ok(false));
    }

    #[test]
    fn what_is_open_is_told_unless_a_stack_is_deployed_for_certain() {
        let missing = Missing::NotRecorded { what: "the stages".to_owned() };
        let unknown = Pipeline { deployments: Known::Unknown(missing.clone()) };
        let all = Deployments::of_pipelines(&[
            unknown,
            pipeline(vec![stack("#{variables.Stack}", None), stack("shop", None)]),
        ]);
        assert_eq!(all.reach_stacks(&[&named("mail"), &named("shop")]), Ok(true));
        assert_eq!(all.reach_stacks(&[&named("mail")]), Err(missing));
    }

    #[test]
    fn a_stack_without_a_known_name_is_open_only_if_something_is_deployed() {
        let missing = Missing::NotRecorded { what: "the name".to_owned() };
        let unnamed = StackState { name: Known::Unknown(missing.clone()), ..named("") };
        assert_eq!(Deployments::of_pipelines(&[]).reach_stacks(&[&unnamed]), Ok(false));
        let some = Deployments::of_pipelines(&[pipeline(vec![stack("shop", None)])]);
        assert_eq!(some.reach_stacks(&[&unnamed]), Err(missing));
    }

    fn pipeline(deployments: Vec<Deployment>) -> Pipeline {
        Pipeline { deployments: Known::Value(deployments) }
    }

    fn stack(name: &str, region: Option<&str>) -> Deployment {
        Deployment { target: DeploymentTarget::Stack(name.to_owned()), region: region.map(ToOwned::to_owned) }
    }

    fn set(name: &str) -> Deployment {
        Deployment { target: DeploymentTarget::StackSet(name.to_owned()), region: None }
    }

    fn of_function(name: &str, region: Option<&str>) -> Deployment {
        Deployment { target: DeploymentTarget::Function(name.to_owned()), ..stack("", region) }
    }

    fn function(name: &str) -> DeployedFunction {
        let item =
            json!({"resourceType": "AWS::Lambda::Function", "resourceId": name, "awsRegion": "eu-west-1"});
        DeployedFunction::read(&Document::from_item(item).unwrap()).unwrap()
    }

    fn named(name: &str) -> StackState {
        StackState {
            id: format!("arn:aws:cloudformation:eu-west-1:111122223333:stack/{name}/1"),
            name: Known::Value(name.to_owned()),
            parent_id: Known::Value(None),
            status: Known::Value("UPDATE_COMPLETE".to_owned()),
            role_arn: Known::Value(None),
            last_begin: Known::Unknown(Missing::NotRecorded { what: "times".to_owned() }),
            last_change: Known::Unknown(Missing::NotRecorded { what: "times".to_owned() }),
            capture_time: None,
            drift: Known::Value("IN_SYNC".to_owned()),
            drifted_resources: Known::Value(Vec::new()),
        }
    }
}

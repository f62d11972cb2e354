//! What the pipelines of an account deploy.

use std::collections::HashMap;

use aws_resources::{DeploymentTarget, Pipeline, StackDeployment, StackState};
use config_rule::{Documents, Missing, View};

/// The deployments of all pipelines, by what they deploy: a large account has thousands of pipelines and asks for each of
/// its functions.
#[derive(Debug, PartialEq, Eq)]
pub struct Deployments {
    of_stacks: HashMap<String, Vec<StackDeployment>>,
    of_sets: HashMap<String, Vec<StackDeployment>>,
    /// Why nobody can say which stacks the pipelines deploy besides, if there are more.
    open: Option<Missing>,
}

impl View for Deployments {
    fn of(documents: &Documents) -> Self {
        Self::of_pipelines(&documents.view::<Vec<Pipeline>>())
    }
}

impl Deployments {
    pub(crate) fn of_pipelines(pipelines: &[Pipeline]) -> Self {
        let mut all = Self { of_stacks: HashMap::new(), of_sets: HashMap::new(), open: None };
        for pipeline in pipelines {
            match pipeline.deployments.get() {
                Ok(deployments) => deployments.iter().for_each(|deployment| all.add(deployment)),
                Err(missing) => {
                    all.open.get_or_insert(missing);
                }
            }
        }
        all
    }

    fn add(&mut self, deployment: &StackDeployment) {
        if deployment.is_variable() {
            let what = "which stack a pipeline deploys".to_owned();
            let why = "it depends on a variable".to_owned();
            self.open.get_or_insert(Missing::Unavailable { what, why });
            return;
        }
        let (by_name, name) = match &deployment.target {
            DeploymentTarget::Stack(name) => (&mut self.of_stacks, name),
            DeploymentTarget::StackSet(name) => (&mut self.of_sets, name),
        };
        by_name.entry(name.clone()).or_default().push(deployment.clone());
    }

    /// Whether any of them deploys one of the stacks.
    pub(crate) fn reach(&self, stacks: &[&StackState]) -> Result<bool, Missing> {
        let mut unnamed = None;
        for stack in stacks {
            match stack.name.get() {
                Ok(name) if self.reach_stack(name, stack.id.split(':').nth(3)) => return Ok(true),
                Ok(_) => {}
                Err(missing) => {
                    unnamed.get_or_insert(missing);
                }
            }
        }
        let is_empty = self.of_stacks.is_empty() && self.of_sets.is_empty();
        match self.open.clone().or(unnamed.filter(|_| !is_empty)) {
            Some(missing) => Err(missing),
            None => Ok(false),
        }
    }

    fn reach_stack(&self, name: &str, region: Option<&str>) -> bool {
        // A stack of a set has the set's name in its own, and hyphens may be in either.
        let words = name.match_indices('-').filter_map(|(end, _)| name.get(..end)?.strip_prefix("StackSet-"));
        let of_sets = words.filter_map(|set| self.of_sets.get(set));
        let candidates = self.of_stacks.get(name).into_iter().chain(of_sets);
        candidates.flatten().any(|deployment| deployment.deploys(name, region))
    }
}

#[cfg(test)]
mod tests {
    use config_rule::Known;

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
            ("StackSet-basement-0d1e6d37-06be-47c8-a8ee-04dca062697a", false),
            ("StackSet-base", false),
            ("base", false),
        ] {
            assert_eq!(all.reach(&[&named(name)]), Ok(is_deployed), "{name}");
        }
    }

    #[test]
    fn what_is_open_is_told_unless_a_stack_is_deployed_for_certain() {
        let missing = Missing::NotRecorded { what: "the stages".to_owned() };
        let unknown = Pipeline { deployments: Known::Unknown(missing.clone()) };
        let all = Deployments::of_pipelines(&[
            unknown,
            pipeline(vec![stack("#{variables.Stack}", None), stack("shop", None)]),
        ]);
        assert_eq!(all.reach(&[&named("mail"), &named("shop")]), Ok(true));
        assert_eq!(all.reach(&[&named("mail")]), Err(missing));
    }

    #[test]
    fn a_stack_without_a_known_name_is_open_only_if_something_is_deployed() {
        let missing = Missing::NotRecorded { what: "the name".to_owned() };
        let unnamed = StackState { name: Known::Unknown(missing.clone()), ..named("") };
        assert_eq!(Deployments::of_pipelines(&[]).reach(&[&unnamed]), Ok(false));
        let some = Deployments::of_pipelines(&[pipeline(vec![stack("shop", None)])]);
        assert_eq!(some.reach(&[&unnamed]), Err(missing));
    }

    fn pipeline(deployments: Vec<StackDeployment>) -> Pipeline {
        Pipeline { deployments: Known::Value(deployments) }
    }

    fn stack(name: &str, region: Option<&str>) -> StackDeployment {
        let target = DeploymentTarget::Stack(name.to_owned());
        StackDeployment { target, region: region.map(ToOwned::to_owned) }
    }

    fn set(name: &str) -> StackDeployment {
        StackDeployment { target: DeploymentTarget::StackSet(name.to_owned()), region: None }
    }

    fn named(name: &str) -> StackState {
        StackState {
            id: format!("arn:aws:cloudformation:eu-west-1:111122223333:stack/{name}/1"),
            name: Known::Value(name.to_owned()),
            parent_id: Known::Value(None),
            status: Known::Value("UPDATE_COMPLETE".to_owned()),
            role_arn: Known::Value(None),
            last_change: Known::Unknown(Missing::NotRecorded { what: "times".to_owned() }),
            capture_time: None,
            drift: Known::Value("IN_SYNC".to_owned()),
            drifted_resources: Known::Value(Vec::new()),
        }
    }
}

//! Combinations of permissions with which a role becomes more than it is.

use std::sync::LazyLock;

use crate::condition::Condition;
use crate::effective::{EffectivePermissions, Grant, Origin};
use crate::element::Actions;
use crate::narrowing::Narrowing;
use crate::presence::PASSED_TO;
use crate::table::{self, Action};

/// A known way to gain permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Combination {
    /// A stable word: `pass-role-to-new-function`.
    pub id: &'static str,
    /// What the role can do with it, to complete "the role can …".
    pub title: &'static str,
    /// All of these are needed.
    pub steps: &'static [Step],
    /// Where it is described.
    pub source: &'static str,
}

/// One permission that a combination needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The action on every resource of its type: the interesting one is among them.
    OnEverything(&'static str),
    /// The action on anything.
    OnAnything(&'static str),
    /// `iam:PassRole` of every role to this service.
    PassEveryRoleTo(&'static str),
}

/// A combination that a role holds, with where each step is granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escalation {
    /// What it holds.
    pub combination: &'static Combination,
    /// The steps' actions, each with the first grant of it.
    pub grants: Vec<(Action, Origin)>,
}

const EC2: &str = "ec2.amazonaws.com";

/// What EC2 is called in China.
///
/// Source: Amazon Web Services in China, Getting Started Guide, feature availability of IAM.
const EC2_IN_CHINA: &str = "ec2.amazonaws.com.cn";

const RHINO: &str = "https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/";

macro_rules! pathfinding {
    ($id:literal) => {
        concat!("https://pathfinding.cloud/paths/", $id)
    };
}

/// A single action that is enough on every resource; all of these are among the methods of one article.
macro_rules! alone {
    ($id:literal, $title:literal, $action:literal) => {
        Combination { id: $id, title: $title, steps: &[Step::OnEverything($action)], source: RHINO }
    };
}

/// The combinations, those on IAM itself first.
pub const COMBINATIONS: &[Combination] = &[
    alone!("create-policy-version", "rewrite any policy", "iam:CreatePolicyVersion"),
    alone!(
        "set-default-policy-version",
        "bring back any version of any policy",
        "iam:SetDefaultPolicyVersion"
    ),
    alone!("attach-role-policy", "attach any policy to any role", "iam:AttachRolePolicy"),
    alone!("attach-user-policy", "attach any policy to any user", "iam:AttachUserPolicy"),
    alone!("attach-group-policy", "attach any policy to any group", "iam:AttachGroupPolicy"),
    alone!("put-role-policy", "write any permission into any role", "iam:PutRolePolicy"),
    alone!("put-user-policy", "write any permission into any user", "iam:PutUserPolicy"),
    alone!("put-group-policy", "write any permission into any group", "iam:PutGroupPolicy"),
    alone!("add-user-to-group", "add users to any group", "iam:AddUserToGroup"),
    alone!("update-assume-role-policy", "let itself assume any role", "iam:UpdateAssumeRolePolicy"),
    alone!("create-access-key", "sign as any user with new access keys", "iam:CreateAccessKey"),
    alone!("create-login-profile", "sign in as any user without a password", "iam:CreateLoginProfile"),
    alone!("update-login-profile", "sign in as any user with a new password", "iam:UpdateLoginProfile"),
    alone!("update-function-code", "run code as any function's role", "lambda:UpdateFunctionCode"),
    alone!(
        "update-development-endpoint",
        "log in to any Glue endpoint and act as its role",
        "glue:UpdateDevEndpoint"
    ),
    Combination {
        id: "pass-role-to-new-function",
        title: "run code as any role that trusts Lambda",
        steps: &[
            Step::PassEveryRoleTo("lambda.amazonaws.com"),
            Step::OnAnything("lambda:CreateFunction"),
            Step::OnAnything("lambda:InvokeFunction"),
        ],
        source: RHINO,
    },
    Combination {
        id: "pass-role-to-new-function-with-event-source",
        title: "run code as any role that trusts Lambda, started by a table or queue",
        steps: &[
            Step::PassEveryRoleTo("lambda.amazonaws.com"),
            Step::OnAnything("lambda:CreateFunction"),
            Step::OnAnything("lambda:CreateEventSourceMapping"),
        ],
        source: RHINO,
    },
    Combination {
        id: "pass-role-to-new-function-with-permission",
        title: "run code as any role that trusts Lambda, invoked from elsewhere",
        steps: &[
            Step::PassEveryRoleTo("lambda.amazonaws.com"),
            Step::OnAnything("lambda:CreateFunction"),
            Step::OnAnything("lambda:AddPermission"),
        ],
        source: pathfinding!("lambda-006"),
    },
    Combination {
        id: "pass-role-to-instance",
        title: "start an instance that acts as any role that trusts EC2",
        steps: &[Step::PassEveryRoleTo(EC2), Step::OnAnything("ec2:RunInstances")],
        source: RHINO,
    },
    Combination {
        id: "pass-role-to-spot-instance",
        title: "start a spot instance that acts as any role that trusts EC2",
        steps: &[Step::PassEveryRoleTo(EC2), Step::OnAnything("ec2:RequestSpotInstances")],
        source: pathfinding!("ec2-003"),
    },
    Combination {
        id: "pass-role-to-stack",
        title: "create anything as any role that trusts CloudFormation",
        steps: &[
            Step::PassEveryRoleTo("cloudformation.amazonaws.com"),
            Step::OnAnything("cloudformation:CreateStack"),
        ],
        source: RHINO,
    },
    Combination {
        id: "pass-role-to-pipeline-of-data",
        title: "run commands as any role that trusts Data Pipeline",
        steps: &[
            Step::PassEveryRoleTo("datapipeline.amazonaws.com"),
            Step::OnAnything("datapipeline:CreatePipeline"),
            Step::OnAnything("datapipeline:PutPipelineDefinition"),
            Step::OnAnything("datapipeline:ActivatePipeline"),
        ],
        source: RHINO,
    },
    Combination {
        id: "pass-role-to-development-endpoint",
        title: "log in to a Glue development endpoint as any role that trusts Glue",
        steps: &[Step::PassEveryRoleTo("glue.amazonaws.com"), Step::OnAnything("glue:CreateDevEndpoint")],
        source: RHINO,
    },
    Combination {
        id: "pass-role-to-new-job",
        title: "run code as any role that trusts Glue",
        steps: &[
            Step::PassEveryRoleTo("glue.amazonaws.com"),
            Step::OnAnything("glue:CreateJob"),
            Step::OnAnything("glue:StartJobRun"),
        ],
        source: pathfinding!("glue-003"),
    },
    Combination {
        id: "pass-role-to-changed-job",
        title: "run code as any role that trusts Glue, in a job that exists",
        steps: &[
            Step::PassEveryRoleTo("glue.amazonaws.com"),
            Step::OnAnything("glue:UpdateJob"),
            Step::OnAnything("glue:StartJobRun"),
        ],
        source: pathfinding!("glue-005"),
    },
    Combination {
        id: "pass-role-to-build",
        title: "run commands as any role that trusts CodeBuild",
        steps: &[
            Step::PassEveryRoleTo("codebuild.amazonaws.com"),
            Step::OnAnything("codebuild:CreateProject"),
            Step::OnAnything("codebuild:StartBuild"),
        ],
        source: pathfinding!("codebuild-001"),
    },
    Combination {
        id: "pass-role-to-container-task",
        title: "run containers as any role that trusts ECS tasks",
        steps: &[
            Step::PassEveryRoleTo("ecs-tasks.amazonaws.com"),
            Step::OnAnything("ecs:RegisterTaskDefinition"),
            Step::OnAnything("ecs:RunTask"),
        ],
        source: pathfinding!("ecs-004"),
    },
    Combination {
        id: "pass-role-to-container-service",
        title: "run containers as any role that trusts ECS tasks, as a service",
        steps: &[
            Step::PassEveryRoleTo("ecs-tasks.amazonaws.com"),
            Step::OnAnything("ecs:RegisterTaskDefinition"),
            Step::OnAnything("ecs:CreateService"),
        ],
        source: pathfinding!("ecs-003"),
    },
    Combination {
        id: "pass-role-to-notebook",
        title: "work in a notebook as any role that trusts SageMaker",
        steps: &[
            Step::PassEveryRoleTo("sagemaker.amazonaws.com"),
            Step::OnAnything("sagemaker:CreateNotebookInstance"),
            Step::OnAnything("sagemaker:CreatePresignedNotebookInstanceUrl"),
        ],
        source: pathfinding!("sagemaker-001"),
    },
    Combination {
        id: "pass-role-to-training-job",
        title: "run code as any role that trusts SageMaker",
        steps: &[
            Step::PassEveryRoleTo("sagemaker.amazonaws.com"),
            Step::OnAnything("sagemaker:CreateTrainingJob"),
        ],
        source: pathfinding!("sagemaker-002"),
    },
    Combination {
        id: "pass-role-to-container-application",
        title: "run a container as any role that trusts App Runner tasks",
        steps: &[
            Step::PassEveryRoleTo("tasks.apprunner.amazonaws.com"),
            Step::OnAnything("apprunner:CreateService"),
        ],
        source: pathfinding!("apprunner-001"),
    },
];

/// The actions of all steps, each once. A list of actions keeps one bit for each of them.
static ACTIONS: LazyLock<Vec<Action>> = LazyLock::new(|| {
    let steps = COMBINATIONS.iter().flat_map(|combination| combination.steps);
    let mut actions: Vec<_> = steps.filter_map(|step| table::action(step.action())).collect();
    actions.sort_unstable();
    actions.dedup();
    actions
});

/// Each combination with the bits of its steps' actions.
static NEEDED: LazyLock<Vec<(&Combination, u64)>> = LazyLock::new(|| {
    let bits = |combination: &Combination| combination.steps.iter().fold(0, |bits, step| bits | step.bit());
    COMBINATIONS.iter().map(|combination| (combination, bits(combination))).collect()
});

/// The combinations that a role holds for certain.
///
/// A step whose conditions narrow it in any way does not count, except that `iam:PassedToService` may name the very
/// service that the combination needs.
#[must_use]
pub fn held(permissions: &EffectivePermissions) -> Vec<Escalation> {
    let grants: Vec<_> = permissions.grants().collect();
    // Most roles name hardly any of these actions, and most lists of actions were met before.
    let named = grants.iter().fold(0, |named, grant| named | named_by(&grant.statement.actions));
    let held = |(combination, needed): &(&'static Combination, u64)| {
        if named & needed != *needed {
            return None;
        }
        let granted: Option<_> = combination.steps.iter().map(|step| step.granted(&grants)).collect();
        granted.map(|grants| Escalation { combination, grants })
    };
    NEEDED.iter().filter_map(held).collect()
}

/// The bits of those actions of steps that the element is about.
fn named_by(actions: &Actions) -> u64 {
    actions.list().escalation_steps(|| {
        let named = ACTIONS.iter().enumerate().filter(|(_, action)| actions.contain(**action));
        named.fold(0, |bits, (place, _)| bits | bit(place))
    })
}

/// The bit for the action at a place; none where there are too many, which a test rules out.
fn bit(place: usize) -> u64 {
    u32::try_from(place).ok().and_then(|place| 1_u64.checked_shl(place)).unwrap_or_default()
}

impl Step {
    /// The action that the step takes.
    #[must_use]
    pub const fn action(self) -> &'static str {
        match self {
            Self::OnEverything(action) | Self::OnAnything(action) => action,
            Self::PassEveryRoleTo(_) => "iam:PassRole",
        }
    }

    /// Whether this grant alone is enough for the step.
    #[must_use]
    pub fn is_granted_by(self, grant: &Grant<'_>) -> bool {
        // Most grants are about something else, which their lists of actions know already.
        let is_named = |place: &usize| named_by(&grant.statement.actions) & bit(*place) != 0;
        let action = self.place().filter(is_named).and_then(|place| ACTIONS.get(place).copied());
        let Some(action) = action.filter(|action| grant.is_in_boundary(*action)) else { return false };
        match self {
            Self::OnEverything(_) => is_unnarrowed(grant, action) && grant.coverage(action).is_broad(),
            Self::OnAnything(_) => is_unnarrowed(grant, action) && grant.coverage(action).is_something(),
            Self::PassEveryRoleTo(service) => {
                may_pass_to(grant, action, service) && grant.coverage(action).is_broad()
            }
        }
    }

    /// The bit of its action.
    fn bit(self) -> u64 {
        self.place().map_or(0, bit)
    }

    /// The place of its action among those of all steps.
    fn place(self) -> Option<usize> {
        let (service, name) = self.action().split_once(':')?;
        ACTIONS.binary_search_by(|action| (action.service(), action.name()).cmp(&(service, name))).ok()
    }

    fn granted(self, grants: &[Grant<'_>]) -> Option<(Action, Origin)> {
        let grant = grants.iter().find(|grant| self.is_granted_by(grant))?;
        Some((*ACTIONS.get(self.place()?)?, grant.origin()))
    }
}

fn is_unnarrowed(grant: &Grant<'_>, action: Action) -> bool {
    grant.narrowing(action) == Narrowing::Nothing
}

/// Whether nothing narrows which roles are passed, and nothing keeps them from this service.
fn may_pass_to(grant: &Grant<'_>, pass_role: Action, service: &str) -> bool {
    let admits = |condition: &Condition| {
        condition.admits(service) || (service == EC2 && condition.admits(EC2_IN_CHINA))
    };
    grant.conditions().all(|condition| {
        let names_service =
            condition.key.eq_ignore_ascii_case(PASSED_TO) && condition.restricts() && admits(condition);
        names_service || condition.narrowing(pass_role) == Narrowing::Nothing
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_step_has_a_bit_of_its_action_alone() {
        let steps = || COMBINATIONS.iter().flat_map(|combination| combination.steps);
        let names: BTreeSet<_> = steps().map(|step| step.action()).collect();
        let bits: BTreeSet<_> = steps().map(|step| step.bit()).collect();
        assert_eq!(names.len(), bits.len());
        assert!(bits.iter().all(|bit| bit.is_power_of_two()));
    }
}

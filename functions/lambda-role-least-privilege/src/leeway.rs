use config_rule::{Accepts, ParameterSpec, ParameterValues, Parameters};
use iam_policy::{Action, ActionPattern, Policy, PolicyKind};

/// The rule's parameters: what is accepted although it is more than least privilege.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leeway {
    /// `allowedActions`.
    pub actions: Vec<ActionPattern>,
    /// `allowedManagedPolicies`.
    pub managed_policies: Vec<String>,
    /// `allowedTrustedServices`, in lower case.
    pub trusted_services: Vec<String>,
    /// `evaluateIamRoles`.
    pub evaluates_roles: bool,
}

impl Leeway {
    /// Whether an action is accepted wherever it is granted.
    #[must_use]
    pub fn accepts(&self, action: Action) -> bool {
        self.actions.iter().any(|pattern| pattern.matches_action(action))
    }

    /// Whether every action of every service is accepted.
    #[must_use]
    pub fn accepts_everything(&self) -> bool {
        self.actions.iter().any(ActionPattern::is_everything)
    }

    /// Whether a policy is accepted as it is, whatever it grants.
    #[must_use]
    pub fn accepts_policy(&self, policy: &Policy) -> bool {
        policy.kind != PolicyKind::Inline && self.managed_policies.contains(&policy.name)
    }

    /// Whether a service may assume roles of functions.
    #[must_use]
    pub fn trusts(&self, service: &str) -> bool {
        self.trusted_services.iter().any(|trusted| trusted.eq_ignore_ascii_case(service))
    }
}

impl Parameters for Leeway {
    const SPECS: &'static [&'static ParameterSpec] =
        &[&ALLOWED_ACTIONS, &ALLOWED_MANAGED_POLICIES, &ALLOWED_TRUSTED_SERVICES, &EVALUATE_IAM_ROLES];

    fn read(values: &mut ParameterValues<'_>) -> Self {
        let actions = values.list(&ALLOWED_ACTIONS);
        for pattern in actions.iter().filter(|pattern| !is_action_pattern(pattern)) {
            values.refuse(&ALLOWED_ACTIONS, pattern);
        }
        Self {
            actions: actions.iter().map(|pattern| ActionPattern::new(pattern)).collect(),
            managed_policies: values.list(&ALLOWED_MANAGED_POLICIES),
            trusted_services: values.list(&ALLOWED_TRUSTED_SERVICES),
            evaluates_roles: values.switch(&EVALUATE_IAM_ROLES),
        }
    }
}

/// A pattern without a service would match nothing, and nobody would notice.
fn is_action_pattern(text: &str) -> bool {
    text == "*" || text.split_once(':').is_some_and(|(service, name)| !service.is_empty() && !name.is_empty())
}

const ALLOWED_ACTIONS: ParameterSpec = ParameterSpec {
    name: "allowedActions",
    default: "",
    accepts: Accepts::Text("comma-separated actions like `ses:SendEmail`, with `*` and `?` as in policies"),
    description: "Comma-separated actions, with * and ? as in policies, that are accepted wherever they are granted",
};

const ALLOWED_MANAGED_POLICIES: ParameterSpec = ParameterSpec {
    name: "allowedManagedPolicies",
    default: "",
    accepts: Accepts::List,
    description: "Comma-separated names of managed policies, of AWS or of the account, that are accepted as they are",
};

/// Functions at the edge need both services in one trust policy.
///
/// Source: Amazon CloudFront Developer Guide, "Set up IAM permissions and roles for Lambda@Edge".
const ALLOWED_TRUSTED_SERVICES: ParameterSpec = ParameterSpec {
    name: "allowedTrustedServices",
    default: "edgelambda.amazonaws.com",
    accepts: Accepts::List,
    description: "Comma-separated services, besides lambda.amazonaws.com, that may assume the role of a function",
};

/// IAM is global: each Region that judges functions looks at their roles, and one of them reports on the roles.
const EVALUATE_IAM_ROLES: ParameterSpec = ParameterSpec {
    name: "evaluateIamRoles",
    default: "true",
    accepts: Accepts::Switch,
    description: "Whether roles are judged in this Region, which one of an account's should do",
};

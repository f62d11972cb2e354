use aws_resources::{Function, Role, read_policy, trust_policy};
use config_rule::{Document, Known, Missing, Subject};
use iam_policy::PolicyDocument;

/// A role, or a function with its role.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "one subject lives at a time")]
pub enum Grantee {
    /// An IAM role.
    Role(AssumableRole),
    /// A Lambda function.
    Function(InvokableFunction),
}

/// An IAM role with what says who may become it.
#[derive(Clone, Debug, PartialEq)]
pub struct AssumableRole {
    /// What the role may do.
    pub role: Role,
    /// Who may assume it.
    pub trust_policy: Known<PolicyDocument>,
}

/// A Lambda function, as far as it tells what it may do and who may invoke it.
#[derive(Clone, Debug, PartialEq)]
pub struct InvokableFunction {
    /// ARN of the role that it runs with.
    pub role_arn: Known<String>,
    /// Who may invoke it without being granted so by IAM; `None` when nobody was granted.
    pub policy: Known<Option<PolicyDocument>>,
}

impl Subject for Grantee {
    fn read(document: &Document) -> Option<Self> {
        match document.resource_type.as_str() {
            Role::TYPE => AssumableRole::read(document).map(Self::Role),
            Function::TYPE => Some(Self::Function(InvokableFunction::of(document))),
            _ => None,
        }
    }
}

impl Subject for AssumableRole {
    fn read(document: &Document) -> Option<Self> {
        Role::read(document).map(|role| Self { role, trust_policy: trust_policy(document) })
    }
}

impl InvokableFunction {
    fn of(document: &Document) -> Self {
        let root = document.properties();
        let policy = root.at("supplementaryConfiguration.Policy").optional();
        Self {
            role_arn: root.text("configuration.role").map(ToOwned::to_owned),
            policy: policy.and_then(|policy| {
                let Some(policy) = policy else { return Known::Value(None) };
                match read_policy(policy.value()) {
                    Ok(document) => Known::Value(Some(document)),
                    Err(error) => Known::Unknown(Missing::WrongType {
                        path: policy.path(),
                        expected: "an IAM policy",
                        found: error.to_string(),
                    }),
                }
            }),
        }
    }
}

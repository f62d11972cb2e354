use std::sync::Arc;

use config_rule::{Document, Json, Known, Missing, Node, Subject};
use iam_policy::{Policy, PolicyDocument, PolicyError};

/// An IAM role, with what it may do.
#[derive(Clone, Debug, PartialEq)]
pub struct Role {
    /// AWS Config's id, by which policies refer to the role: `AROA…`.
    pub id: String,
    /// The role's name, without its path.
    pub name: Known<String>,
    /// The role's ARN, path included.
    pub arn: Known<String>,
    /// The policies that are part of it.
    pub inline_policies: Known<Vec<Arc<Policy>>>,
    /// The ARNs of the policies that are attached to it, AWS-managed ones among them.
    pub attached_policies: Known<Vec<String>>,
    /// ARN of the policy that bounds its permissions, if one does.
    pub boundary: Known<Option<String>>,
}

impl Role {
    /// CloudFormation type name.
    pub const TYPE: &'static str = "AWS::IAM::Role";

    /// Whether it belongs to a service of AWS, which alone can change it.
    ///
    /// Source: IAM User Guide, "Create a service-linked role": their path begins with `/aws-service-role/`.
    #[must_use]
    pub fn is_service_linked(&self) -> bool {
        self.arn.get().is_ok_and(|arn| arn.contains(":role/aws-service-role/"))
    }
}

impl Subject for Role {
    fn read(document: &Document) -> Option<Self> {
        if document.resource_type != Self::TYPE {
            return None;
        }
        let root = document.properties();
        let inline = root.list("configuration.rolePolicyList");
        let attached = root.list("configuration.attachedManagedPolicies");
        Some(Self {
            id: document.resource_id.clone(),
            name: root.text("configuration.roleName").map(ToOwned::to_owned),
            arn: root.text("configuration.arn").map(ToOwned::to_owned),
            inline_policies: inline.and_then(|policies| policies.iter().map(inline_policy).collect()),
            attached_policies: attached.and_then(|policies| {
                policies.iter().map(|policy| policy.text("policyArn").map(ToOwned::to_owned)).collect()
            }),
            boundary: boundary(&root),
        })
    }
}

/// Who may assume the role that a document is about. Few of those ask for it who ask what the role may do.
#[must_use]
pub fn trust_policy(role: &Document) -> Known<PolicyDocument> {
    policy_document(&role.properties(), "configuration.assumeRolePolicyDocument")
}

/// A role without a boundary has `null` there, or nothing.
fn boundary(root: &Node<'_>) -> Known<Option<String>> {
    match root.at("configuration.permissionsBoundary").optional() {
        Known::Value(None) => Known::Value(None),
        Known::Value(Some(boundary)) => {
            boundary.text("permissionsBoundaryArn").map(|arn| Some(arn.to_owned()))
        }
        Known::Unknown(missing) => Known::Unknown(missing),
    }
}

fn inline_policy(policy: &Node<'_>) -> Known<Arc<Policy>> {
    let name = policy.text("policyName");
    name.and_then(|name| {
        policy_document(policy, "policyDocument").map(|document| Policy::inline(name, document).into())
    })
}

/// A policy as AWS Config records it: URL-encoded text, plain JSON text, or a decoded object.
///
/// # Errors
///
/// [`PolicyError`] says what is not a policy.
pub fn read_policy(json: Json<'_>) -> Result<PolicyDocument, PolicyError> {
    match json {
        Json::Text(text) => PolicyDocument::read_text(text),
        json => PolicyDocument::read(&json.to_value()),
    }
}

/// The policy at `path`, URL-encoded or not.
pub(crate) fn policy_document(node: &Node<'_>, path: &str) -> Known<PolicyDocument> {
    node.at(path).and_then(|policy| match read_policy(policy.value()) {
        Ok(document) => Known::Value(document),
        Err(error) => Known::Unknown(Missing::WrongType {
            path: policy.path(),
            expected: "an IAM policy",
            found: error.to_string(),
        }),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const TRUST: &str = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C\
                         %22Principal%22%3A%7B%22Service%22%3A%22lambda.amazonaws.com%22%7D%2C%22Action%22%3A\
                         %22sts%3AAssumeRole%22%7D%5D%7D";
    const READS: &str = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C\
                         %22Action%22%3A%22dynamodb%3AGetItem%22%2C%22Resource%22%3A%22%2A%22%7D%7D";

    #[test]
    fn a_recorded_role_is_read_with_its_encoded_documents() {
        let document = document(&json!({
            "roleName": "orders", "arn": "arn:aws:iam::111122223333:role/service-role/orders",
            "assumeRolePolicyDocument": TRUST,
            "rolePolicyList": [{"policyName": "reads", "policyDocument": READS}],
            "attachedManagedPolicies": [{"policyName": "X", "policyArn": "arn:aws:iam::aws:policy/X"}],
            "permissionsBoundary": {"permissionsBoundaryArn": "arn:aws:iam::111122223333:policy/boundary",
                                    "permissionsBoundaryType": "Policy"},
        }));
        let role = Role::read(&document).unwrap();
        assert_eq!(role.name, Known::Value("orders".to_owned()));
        assert_eq!(trust_policy(&document).get().unwrap().statements.len(), 1);
        let inline = role.inline_policies.get().unwrap();
        assert_eq!((inline.len(), inline[0].name.as_str()), (1, "reads"));
        assert_eq!(role.attached_policies, Known::Value(vec!["arn:aws:iam::aws:policy/X".to_owned()]));
        assert_eq!(role.boundary, Known::Value(Some("arn:aws:iam::111122223333:policy/boundary".to_owned())));
        assert!(!role.is_service_linked());
    }

    #[test]
    fn a_boundary_that_is_null_or_absent_is_none() {
        for configuration in [json!({}), json!({"permissionsBoundary": null})] {
            assert_eq!(read(&configuration).boundary, Known::Value(None));
        }
        let broken = read(&json!({"permissionsBoundary": {}})).boundary;
        assert!(matches!(broken, Known::Unknown(Missing::Absent { .. })));
        assert!(matches!(read(&Value::Null).boundary, Known::Unknown(Missing::NotRecorded { .. })));
    }

    #[test]
    fn policies_that_are_not_recorded_are_unknown_and_not_none() {
        let role = read(&json!({"roleName": "orders"}));
        assert!(matches!(role.inline_policies, Known::Unknown(Missing::Absent { .. })));
        assert!(matches!(role.attached_policies, Known::Unknown(Missing::Absent { .. })));
    }

    #[test]
    fn a_document_that_is_no_policy_is_unknown_with_its_place() {
        let role = read(&json!({"rolePolicyList": [{"policyName": "p", "policyDocument": "%7B%7D"}]}));
        assert_eq!(
            role.inline_policies.get().unwrap_err().to_string(),
            "`configuration.rolePolicyList[0].policyDocument`: expected an IAM policy, found policy: expected \
             `Statement`, an object or a list of objects, found nothing"
        );
    }

    #[test]
    fn a_role_below_the_path_of_services_is_service_linked() {
        let arn =
            "arn:aws:iam::111122223333:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig";
        assert!(read(&json!({ "arn": arn })).is_service_linked());
    }

    fn read(configuration: &Value) -> Role {
        Role::read(&document(configuration)).unwrap()
    }

    fn document(configuration: &Value) -> Document {
        let item = json!({"resourceType": Role::TYPE, "resourceId": "AROA5", "configuration": configuration});
        Document::from_item(item).unwrap()
    }
}

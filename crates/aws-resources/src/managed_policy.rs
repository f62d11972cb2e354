use std::sync::Arc;

use config_rule::{Document, Documents, Known, Missing, Node, View};
use iam_policy::{Policy, is_aws_managed};

use crate::role::policy_document;

/// Where the inventory has a managed policy: AWS Config records those of the account, AWS's own are a type that only
/// this project knows.
pub(crate) fn resource_type(policy_arn: &str) -> &'static str {
    if is_aws_managed(policy_arn) { "AWS::IAM::ManagedPolicy" } else { "AWS::IAM::Policy" }
}

/// The managed policy in an answer, as it is in force: read once for all roles that it is attached to, as long as these
/// get the same answer.
#[derive(Debug)]
pub(crate) struct ManagedPolicy {
    /// Nothing where the answer is empty.
    pub(crate) policy: Option<Known<Arc<Policy>>>,
}

impl View for ManagedPolicy {
    fn of(documents: &Documents) -> Self {
        let policy = |document: &Document| Some(policy(document, document.arn.as_deref()?).map(Arc::new));
        Self { policy: documents.first().and_then(policy) }
    }
}

fn policy(document: &Document, arn: &str) -> Known<Policy> {
    let root = document.properties();
    let versions = root.list("configuration.policyVersionList");
    let default = versions.and_then(|versions| match versions.into_iter().find(is_default) {
        Some(version) => Known::Value(version),
        None => Known::Unknown(Missing::Unavailable {
            what: format!("the document of policy `{arn}`"),
            why: "none of its recorded versions is the default".to_owned(),
        }),
    });
    default
        .and_then(|version| policy_document(&version, "document"))
        .map(|document| Policy::managed(arn, document))
}

fn is_default(version: &Node<'_>) -> bool {
    version.boolean("isDefaultVersion").get().is_ok_and(|is_default| *is_default)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const ARN: &str = "arn:aws:iam::111122223333:policy/team/reads";

    #[test]
    fn the_default_version_is_in_force_whichever_is_the_latest() {
        let policy = read(&json!([version("v2", false, "s3:*"), version("v1", true, "s3:GetObject")]));
        let policy = policy.get().unwrap();
        assert_eq!(policy.name, "reads");
        assert_eq!(policy.document.statements[0].actions.patterns()[0].as_str(), "s3:GetObject");
    }

    #[test]
    fn without_a_default_version_nothing_is_known() {
        let policy = read(&json!([version("v2", false, "s3:*")]));
        assert_eq!(
            policy.get().unwrap_err().to_string(),
            "the document of policy `arn:aws:iam::111122223333:policy/team/reads` is not available: none of its \
             recorded versions is the default"
        );
    }

    #[test]
    fn policies_of_aws_are_of_another_type() {
        assert_eq!(resource_type(ARN), "AWS::IAM::Policy");
        assert_eq!(resource_type("arn:aws-cn:iam::aws:policy/ReadOnlyAccess"), "AWS::IAM::ManagedPolicy");
    }

    fn version(id: &str, is_default: bool, action: &str) -> Value {
        let document = json!({"Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}});
        json!({"versionId": id, "isDefaultVersion": is_default, "document": document.to_string()})
    }

    fn read(versions: &Value) -> Known<Arc<Policy>> {
        let item = json!({
            "resourceType": "AWS::IAM::Policy", "resourceId": "ANPA5", "ARN": ARN,
            "configuration": {"policyVersionList": versions},
        });
        ManagedPolicy::of(&[Document::from_item(item).unwrap()].into_iter().collect()).policy.unwrap()
    }
}

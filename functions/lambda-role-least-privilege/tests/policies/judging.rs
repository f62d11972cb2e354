//! Judges policies as a role's, by way of recorded items, so that encoding and gathering are exercised as well.

use std::collections::BTreeMap;

use config_rule::{Compliance, Date, Document, Entry, Verdict};
use lambda_role_least_privilege::LambdaRoleLeastPrivilege;
use rule_testing::{ItemsInventory, block_on};
use serde_json::{Value, json};

pub(crate) const ACCOUNT: &str = "111122223333";

/// What a role has.
#[derive(Clone, Debug, Default)]
pub(crate) struct Permissions {
    /// Documents of inline policies, called `p1`, `p2`, …
    pub(crate) inline: Vec<Value>,
    /// ARN and document of each attached policy.
    pub(crate) attached: Vec<(String, Value)>,
    pub(crate) boundary: Option<Value>,
}

impl Permissions {
    pub(crate) fn inline(document: Value) -> Self {
        Self { inline: vec![document], ..Self::default() }
    }
}

/// The verdict on a role with these permissions, which one function runs with.
pub(crate) fn verdict(permissions: &Permissions) -> Verdict {
    let boundary_arn = format!("arn:aws:iam::{ACCOUNT}:policy/boundary");
    let inline = permissions.inline.iter().enumerate().map(
        |(index, document)| json!({"policyName": format!("p{}", index + 1), "policyDocument": document.to_string()}),
    );
    let attached = permissions
        .attached
        .iter()
        .map(|(arn, _)| json!({"policyName": arn.rsplit('/').next(), "policyArn": arn}));
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"Service": "lambda.amazonaws.com"}}]});
    let boundary = permissions.boundary.as_ref().map(|_| json!({"permissionsBoundaryArn": boundary_arn}));
    let item = json!({
        "resourceType": "AWS::IAM::Role", "resourceId": "AROA5", "resourceName": "orders", "tags": {},
        "ARN": format!("arn:aws:iam::{ACCOUNT}:role/orders"),
        "configuration": {
            "roleName": "orders", "arn": format!("arn:aws:iam::{ACCOUNT}:role/orders"),
            "assumeRolePolicyDocument": trust.to_string(),
            "rolePolicyList": inline.collect::<Value>(), "attachedManagedPolicies": attached.collect::<Value>(),
            "permissionsBoundary": boundary,
        },
    });
    let mut items = vec![item.clone()];
    items.extend(permissions.attached.iter().map(|(arn, document)| policy(arn, document)));
    items.extend(permissions.boundary.iter().map(|document| policy(&boundary_arn, document)));
    let document = |item| Document::from_item(item).expect("an item");
    let inventory =
        ItemsInventory::new(items.into_iter().map(document).collect(), ["AWS::Lambda::Function".to_owned()]);
    let rule = Entry::of::<LambdaRoleLeastPrivilege>().prepare(&BTreeMap::new()).expect("parameters");
    let today: Date = "2026-10-01".parse().expect("a date");
    let verdict = block_on(rule.evaluate(&document(item), &inventory, today)).expect("an answer");
    assert!(verdict.undecided.is_empty(), "{:?}", verdict.undecided);
    verdict
}

/// `check severity` of each finding, the worst first.
pub(crate) fn summary(verdict: &Verdict) -> Vec<String> {
    assert_ne!(verdict.compliance, Compliance::NotApplicable);
    verdict.findings.iter().map(|finding| format!("{} {}", finding.check.id, finding.severity)).collect()
}

fn policy(arn: &str, document: &Value) -> Value {
    let is_aws_managed = arn.contains(":iam::aws:");
    json!({
        "resourceType": if is_aws_managed { "AWS::IAM::ManagedPolicy" } else { "AWS::IAM::Policy" },
        "resourceId": arn, "ARN": arn, "tags": {},
        "configuration": {"policyVersionList": [
            {"versionId": "v1", "isDefaultVersion": true, "document": document.to_string()},
        ]},
    })
}

//! IAM's roles and policies, from the items at hand and the AWS-managed policies of a certain day.

use std::sync::Arc;

use config_rule::{Document, DocumentError};
use iam_policy::managed;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::deployment::fingerprint;
use crate::items::{ConfigurationItems, GLOBAL, Scope};
use crate::recorder::{recorder, records};

/// Roles.
pub(crate) const ROLE: &str = "AWS::IAM::Role";

/// Customer-managed policies.
pub(crate) const POLICY: &str = "AWS::IAM::Policy";

/// AWS-managed policies, which AWS Config does not have; the rules' functions know them under this type.
pub(crate) const MANAGED_POLICY: &str = "AWS::IAM::ManagedPolicy";

/// What RFC 3986 leaves as it is; IAM encodes the rest.
const RESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What IAM would say.
#[derive(Debug, PartialEq)]
pub(crate) enum Lookup<T> {
    /// It exists.
    Found(T),
    /// The input holds everything of its kind, and not this.
    NoSuchEntity,
    /// Nobody here can say whether it exists.
    NotKnown,
}

/// The role with a name, of the scope's account.
pub(crate) fn role<'a>(
    items: &'a ConfigurationItems,
    scope: &Scope,
    name: &str,
) -> Lookup<&'a Arc<Document>> {
    let mut roles = items.visible_of_type(scope, ROLE);
    match roles.find(|role| role.resource_name.as_deref() == Some(name)) {
        Some(role) => Lookup::Found(role),
        None => absent(items, scope, ROLE),
    }
}

/// The managed policy with an ARN, of the scope's account or of AWS.
pub(crate) fn policy(items: &ConfigurationItems, scope: &Scope, arn: &str) -> Lookup<Arc<Document>> {
    if is_aws_managed(arn) {
        let given = items.managed_policy(arn).cloned();
        // One that AWS made after the digest may well exist.
        let found = given.or_else(|| from_digest(arn)).map(Arc::new);
        return found.map_or(Lookup::NotKnown, Lookup::Found);
    }
    let mut policies = items.visible_of_type(scope, POLICY);
    match policies.find(|policy| policy.arn.as_deref() == Some(arn)) {
        Some(policy) => Lookup::Found(Arc::clone(policy)),
        None => absent(items, scope, POLICY),
    }
}

/// Whether a policy is AWS's, in any partition.
pub(crate) fn is_aws_managed(arn: &str) -> bool {
    account(arn) == Some("aws")
}

/// The owner in an ARN: twelve digits, or `aws`.
pub(crate) fn account(arn: &str) -> Option<&str> {
    arn.split(':').nth(4)
}

/// A policy document as IAM and AWS Config write it, URL-encoded, from any form in which it may be given.
pub(crate) fn encoded(document: &Value) -> String {
    match document {
        Value::String(text) if !text.trim_start().starts_with(['{', '[']) => text.clone(),
        Value::String(text) => utf8_percent_encode(text, &RESERVED).to_string(),
        structure => utf8_percent_encode(&structure.to_string(), &RESERVED).to_string(),
    }
}

fn absent<T>(items: &ConfigurationItems, scope: &Scope, resource_type: &str) -> Lookup<T> {
    // IAM is one for all Regions: what a recorder of any of them records is here.
    let is_ours = |other: &Scope| other.account_id == scope.account_id;
    let is_recorded = |scope: &Scope| {
        !items.lacks_some_of(&scope.account_id, resource_type)
            && records(&recorder(items, scope), resource_type)
    };
    let is_complete = items.has_all_of(&scope.account_id, resource_type)
        || items.scopes().iter().filter(|other| is_ours(other)).any(is_recorded);
    if is_complete { Lookup::NoSuchEntity } else { Lookup::NotKnown }
}

/// The policy in the shape of `AWS::IAM::Policy`, with what the digest has of it.
fn from_digest(arn: &str) -> Option<Document> {
    digest_document(arn, managed::policy(arn)?).ok()
}

fn digest_document(arn: &str, policy: managed::ManagedPolicy) -> Result<Document, DocumentError> {
    let path = policy.path.strip_suffix(policy.name).unwrap_or_default();
    // IAM's ids are stable, and the digest has none.
    let id = format!("ANPA{:017X}", fingerprint(&[policy.path]));
    let version = json!({
        "document": encoded(&json!(policy.document)),
        "versionId": policy.version,
        "isDefaultVersion": true,
    });
    Document::from_item(json!({
        "resourceType": MANAGED_POLICY,
        "resourceId": id,
        "resourceName": policy.name,
        "ARN": arn,
        "awsAccountId": "aws",
        "awsRegion": GLOBAL,
        "configurationItemStatus": "OK",
        "tags": {},
        "relationships": [],
        "configuration": {
            "policyName": policy.name,
            "policyId": id,
            "arn": arn,
            "path": format!("/{path}"),
            "defaultVersionId": policy.version,
            "isAttachable": true,
            "policyVersionList": [version],
        },
        "supplementaryConfiguration": {},
    }))
}

//! Roles and policies from `aws iam get-account-authorization-details`, in the shape that AWS Config records.

use std::collections::{BTreeMap, BTreeSet};

use config_rule::Document;
use serde_json::{Map, Value, json};

use super::{GLOBAL, pages};
use crate::event::written;
use crate::iam::{self, MANAGED_POLICY, POLICY, ROLE};
use crate::wire;

/// The keys by which the output is recognised; it has all of them, whatever it was filtered by.
pub(super) const KEYS: [&str; 3] = ["RoleDetailList", "UserDetailList", "GroupDetailList"];

/// What the output of one command, or one page of it, holds. Users and groups run no function.
#[derive(Debug, Default)]
pub(super) struct AuthorizationDetails {
    /// Roles, customer-managed policies, and AWS-managed ones as a type of their own.
    pub(super) documents: Vec<Document>,
    /// What in it is no role or policy.
    pub(super) problems: Vec<String>,
}

/// Reads one output. The documents have no capture time: nobody says when the command was run.
pub(super) fn read(details: &Value) -> AuthorizationDetails {
    let list = |key: &str| details.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let (roles, policies) = (list("RoleDetailList"), list("Policies"));
    let ids: BTreeMap<_, _> = policies
        .iter()
        .filter_map(|policy| Some((text(policy, "Arn")?, text(policy, "PolicyId")?)))
        .collect();

    let mut read = AuthorizationDetails::default();
    let read_roles = roles.iter().map(|role| ("RoleDetailList", self::role(role, &ids)));
    let read_policies = policies.iter().map(|policy| ("Policies", self::policy(policy)));
    for (index, (list, item)) in read_roles.chain(read_policies).enumerate() {
        let document = item.and_then(|item| Document::from_item(item).map_err(|error| error.to_string()));
        match document {
            Ok(document) => read.documents.push(document),
            Err(problem) => {
                let number = if list == "Policies" { index - roles.len() } else { index } + 1;
                read.problems.push(format!("`{list}`, element {number}: {problem}"));
            }
        }
    }
    read
}

/// Types of which the documents are complete: a page that nothing follows says so, unless its list is empty, as it is
/// where the command was told to filter.
pub(super) fn complete_types(details: &Value, documents: &[Document]) -> BTreeSet<(String, String)> {
    let is_set = |key: &str| details.get(key).is_some_and(pages::leads_on);
    if ["IsTruncated", "Marker", "NextToken"].into_iter().any(is_set) {
        return BTreeSet::new();
    }
    let of_account =
        |document: &Document| Some((document.account_id.clone()?, document.resource_type.clone()));
    documents.iter().filter_map(of_account).filter(|(_, kind)| kind != MANAGED_POLICY).collect()
}

fn role(role: &Value, policy_ids: &BTreeMap<&str, &str>) -> Result<Value, String> {
    let attached = elements(role, "AttachedManagedPolicies");
    // AWS Config relates roles to their customer-managed policies only.
    let ours = attached.iter().filter(|policy| !text(policy, "PolicyArn").is_some_and(iam::is_aws_managed));
    let relationships = ours.map(|policy| {
        json!({
            "resourceType": POLICY,
            "resourceId": text(policy, "PolicyArn").and_then(|arn| policy_ids.get(arn)),
            "resourceName": text(policy, "PolicyName"),
            "name": "Is attached to CustomerManagedPolicy",
        })
    });
    let relationships: Value = relationships.collect();
    let inline = elements(role, "RolePolicyList").iter().map(|policy| {
        json!({"policyName": policy.get("PolicyName"), "policyDocument": encoded(policy, "PolicyDocument")})
    });
    let configuration = json!({
        "path": role.get("Path"),
        "roleName": role.get("RoleName"),
        "roleId": role.get("RoleId"),
        "arn": role.get("Arn"),
        "createDate": time(role, "CreateDate"),
        "assumeRolePolicyDocument": encoded(role, "AssumeRolePolicyDocument"),
        "instanceProfileList": recorded(role.get("InstanceProfileList").unwrap_or(&json!([]))),
        "rolePolicyList": inline.collect::<Value>(),
        "attachedManagedPolicies": recorded(&json!(attached)),
        "permissionsBoundary": role.get("PermissionsBoundary").map(recorded),
        "tags": recorded(&json!(elements(role, "Tags"))),
        "roleLastUsed": role.get("RoleLastUsed").map(|used| {
            json!({"lastUsedDate": time(used, "LastUsedDate"), "region": used.get("Region")})
        }),
    });
    item(ROLE, (required(role, "RoleId")?, required(role, "RoleName")?), role, &configuration, &relationships)
}

fn policy(policy: &Value) -> Result<Value, String> {
    let arn = required(policy, "Arn")?;
    let versions = elements(policy, "PolicyVersionList").iter().map(|version| {
        json!({
            "document": encoded(version, "Document"),
            "versionId": version.get("VersionId"),
            "isDefaultVersion": version.get("IsDefaultVersion"),
            "createDate": time(version, "CreateDate"),
        })
    });
    let configuration = json!({
        "policyName": policy.get("PolicyName"),
        "policyId": policy.get("PolicyId"),
        "arn": arn,
        "path": policy.get("Path"),
        "defaultVersionId": policy.get("DefaultVersionId"),
        "attachmentCount": policy.get("AttachmentCount"),
        "permissionsBoundaryUsageCount": policy.get("PermissionsBoundaryUsageCount"),
        "isAttachable": policy.get("IsAttachable"),
        "description": policy.get("Description"),
        "createDate": time(policy, "CreateDate"),
        "updateDate": time(policy, "UpdateDate"),
        "policyVersionList": versions.collect::<Value>(),
    });
    let resource_type = if iam::is_aws_managed(arn) { MANAGED_POLICY } else { POLICY };
    let (id, name) = (required(policy, "PolicyId")?, required(policy, "PolicyName")?);
    item(resource_type, (id, name), policy, &configuration, &json!([]))
}

fn item(
    resource_type: &str,
    (id, name): (&str, &str),
    detail: &Value,
    configuration: &Value,
    relationships: &Value,
) -> Result<Value, String> {
    let arn = required(detail, "Arn")?;
    let tag = |tag: &Value| Some((text(tag, "Key")?.to_owned(), json!(text(tag, "Value")?)));
    let tags: Map<_, _> = elements(detail, "Tags").iter().filter_map(tag).collect();
    Ok(json!({
        "resourceType": resource_type,
        "resourceId": id,
        "resourceName": name,
        "ARN": arn,
        "awsAccountId": iam::account(arn),
        "awsRegion": GLOBAL,
        "configurationItemStatus": "OK",
        "tags": tags,
        "relationships": relationships,
        "configuration": configuration,
        "supplementaryConfiguration": {},
    }))
}

/// The value with its members' first letters in lower case, as AWS Config writes IAM's.
fn recorded(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            members.iter().map(|(key, value)| (uncapitalized(key), recorded(value))).collect()
        }
        Value::Array(elements) => elements.iter().map(recorded).collect(),
        scalar => scalar.clone(),
    }
}

fn uncapitalized(key: &str) -> String {
    let mut characters = key.chars();
    let first = characters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(characters).collect()
}

/// A time as AWS Config records it.
fn time(holder: &Value, key: &str) -> Option<String> {
    holder.get(key).and_then(wire::timestamp).map(written)
}

/// A policy document as it is recorded; the AWS CLI decodes it.
fn encoded(holder: &Value, key: &str) -> Option<String> {
    holder.get(key).map(iam::encoded)
}

fn elements<'a>(holder: &'a Value, key: &str) -> &'a [Value] {
    holder.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn text<'a>(holder: &'a Value, key: &str) -> Option<&'a str> {
    holder.get(key).and_then(Value::as_str)
}

fn required<'a>(holder: &'a Value, key: &str) -> Result<&'a str, String> {
    text(holder, key).filter(|text| !text.is_empty()).ok_or_else(|| format!("expected `{key}`, found none"))
}

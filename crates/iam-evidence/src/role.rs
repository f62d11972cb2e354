//! Roles with their inline documents and the names of their attached policies.

use aws_sdk_iam::types::{AttachedPolicy, Role};
use config_lambda::{CallError, LookupError, Session, iso_8601};
use config_rule::Document;
use serde_json::{Value, json};

use crate::item::item;
use crate::policy::Owner;
use crate::{POLICY, ROLE, client, existing, within_the_deadline};

/// The name in a role's ARN, which has the role's path before it.
pub(crate) fn name(arn: &str) -> &str {
    arn.rsplit_once('/').map_or(arn, |(_, name)| name)
}

/// The role with a name, if there is one.
pub(crate) async fn named(session: Session<'_>, name: &str) -> Result<Option<Document>, LookupError> {
    let answer = client(session)
        .get_role()
        .role_name(name)
        .customize()
        .config_override(within_the_deadline(session))
        .send()
        .await;
    let answer = existing(answer.map_err(|error| CallError::new("GetRole", &error)))?;
    let Some(role) = answer.and_then(|answer| answer.role) else { return Ok(None) };
    let lists = tokio::try_join!(inline_policies(session, name), attached_policies(session, name));
    let Some((inline, attached)) = existing(lists)? else { return Ok(None) };
    document(&role, &inline, &attached)
        .map(Some)
        .map_err(|source| LookupError::Item { operation: "GetRole", source: source.into() })
}

async fn inline_policies(session: Session<'_>, role: &str) -> Result<Vec<Value>, CallError> {
    let mut policies = Vec::new();
    for name in inline_names(session, role).await? {
        let answer = client(session)
            .get_role_policy()
            .role_name(role)
            .policy_name(name)
            .customize()
            .config_override(within_the_deadline(session))
            .send()
            .await;
        // A policy may be deleted after it was listed.
        let answer = existing(answer.map_err(|error| CallError::new("GetRolePolicy", &error)))?;
        policies.extend(answer.map(
            |policy| json!({"policyName": policy.policy_name, "policyDocument": policy.policy_document}),
        ));
    }
    Ok(policies)
}

async fn inline_names(session: Session<'_>, role: &str) -> Result<Vec<String>, CallError> {
    let mut names = Vec::new();
    let mut marker = None;
    loop {
        let answer = client(session)
            .list_role_policies()
            .role_name(role)
            .set_marker(marker)
            .customize()
            .config_override(within_the_deadline(session))
            .send()
            .await
            .map_err(|error| CallError::new("ListRolePolicies", &error))?;
        names.extend(answer.policy_names);
        marker = answer.marker.filter(|_| answer.is_truncated);
        if marker.is_none() {
            return Ok(names);
        }
    }
}

async fn attached_policies(session: Session<'_>, role: &str) -> Result<Vec<AttachedPolicy>, CallError> {
    let mut policies = Vec::new();
    let mut marker = None;
    loop {
        let answer = client(session)
            .list_attached_role_policies()
            .role_name(role)
            .set_marker(marker)
            .customize()
            .config_override(within_the_deadline(session))
            .send()
            .await
            .map_err(|error| CallError::new("ListAttachedRolePolicies", &error))?;
        policies.extend(answer.attached_policies.unwrap_or_default());
        marker = answer.marker.filter(|_| answer.is_truncated);
        if marker.is_none() {
            return Ok(policies);
        }
    }
}

fn document(
    role: &Role,
    inline: &[Value],
    attached: &[AttachedPolicy],
) -> Result<Document, config_rule::DocumentError> {
    let tag = |tag: &aws_sdk_iam::types::Tag| json!({"key": tag.key, "value": tag.value});
    let attachment =
        |policy: &AttachedPolicy| json!({"policyName": policy.policy_name, "policyArn": policy.policy_arn});
    let boundary = role.permissions_boundary().map(|boundary| {
        json!({
            "permissionsBoundaryArn": boundary.permissions_boundary_arn,
            "permissionsBoundaryType": boundary.permissions_boundary_type.as_ref().map(AsRef::<str>::as_ref),
        })
    });
    let last_used = role
        .role_last_used()
        .map(|used| json!({"lastUsedDate": used.last_used_date().and_then(iso_8601), "region": used.region}));
    let configuration = json!({
        "path": role.path,
        "roleName": role.role_name,
        "roleId": role.role_id,
        "arn": role.arn,
        "createDate": iso_8601(&role.create_date),
        "assumeRolePolicyDocument": role.assume_role_policy_document,
        "rolePolicyList": inline,
        "attachedManagedPolicies": attached.iter().map(attachment).collect::<Vec<_>>(),
        "permissionsBoundary": boundary,
        "tags": role.tags().iter().map(tag).collect::<Vec<_>>(),
        "roleLastUsed": last_used,
    });
    let mut item = item(ROLE, &role.role_id, &role.role_name, &role.arn, role.tags(), &configuration);
    // AWS Config relates roles to their customer-managed policies only.
    let is_ours =
        |policy: &&AttachedPolicy| policy.policy_arn().is_some_and(|arn| Owner::of(arn) == Owner::Customer);
    let relationship = |policy: &AttachedPolicy| {
        json!({
            "resourceType": POLICY,
            "resourceName": policy.policy_name,
            "name": "Is attached to CustomerManagedPolicy",
        })
    };
    item["relationships"] = attached.iter().filter(is_ours).map(relationship).collect();
    Document::from_item(item)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_s_name_stands_behind_its_path() {
        assert_eq!(name("arn:aws:iam::111122223333:role/service-role/team/orders"), "orders");
        assert_eq!(name("arn:aws:iam::111122223333:role/orders"), "orders");
    }
}

//! What a role may do, put together from everything that says so.

use config_rule::{Document, Inventory, InventoryError, Known, Missing, Selector, Subject as _};
use iam_policy::{EffectivePermissions, Policy, is_aws_managed};

use crate::managed_policy;
use crate::role::Role;

/// The role with an ARN, as a function's configuration names it.
///
/// # Errors
///
/// The inventory's: whoever runs the rule must act.
pub async fn gather_role(arn: &str, inventory: &dyn Inventory) -> Result<Known<Role>, InventoryError> {
    let found = inventory.find(Role::TYPE, Selector::Arn(arn)).await?;
    Ok(found.and_then(|found| {
        let role = found.first().and_then(Role::read);
        role.map_or_else(|| not_found(format!("role `{arn}`")), Known::Value)
    }))
}

/// What a role may do: its inline policies, the attached ones and its permissions boundary.
///
/// As long as one of them is not known, nothing is: it might deny what another one grants. One question brings all
/// customer-managed policies where AWS Config records them; AWS-managed ones are asked for one by one.
///
/// # Errors
///
/// The inventory's: whoever runs the rule must act.
pub async fn gather_permissions(
    role: &Role,
    inventory: &dyn Inventory,
) -> Result<Known<EffectivePermissions>, InventoryError> {
    let (inline, attached, boundary) =
        match (role.inline_policies.get(), role.attached_policies.get(), role.boundary.get()) {
            (Ok(inline), Ok(attached), Ok(boundary)) => (inline, attached, boundary),
            (Err(missing), _, _) | (_, Err(missing), _) | (_, _, Err(missing)) => {
                return Ok(Known::Unknown(missing));
            }
        };
    let named: Vec<&str> = attached.iter().chain(boundary).map(String::as_str).collect();
    let related = related_policies(role, &named, inventory).await?;

    let mut managed = Vec::new();
    for arn in named {
        match managed_policy(arn, &related, inventory).await? {
            Known::Value(policy) => managed.push(policy),
            Known::Unknown(missing) => return Ok(Known::Unknown(missing)),
        }
    }
    let boundary = boundary.as_ref().and_then(|_| managed.pop());
    let policies = inline.iter().cloned().chain(managed).collect();
    Ok(Known::Value(EffectivePermissions::new(policies, boundary)))
}

/// The customer-managed policies that say that they are attached to the role. They are a shortcut: where they cannot be
/// had, or one is missing among them, policies are asked for by their ARNs.
async fn related_policies(
    role: &Role,
    named: &[&str],
    inventory: &dyn Inventory,
) -> Result<Vec<Document>, InventoryError> {
    let mut customer_managed = named.iter().filter(|arn| !is_aws_managed(arn));
    let Some(arn) = customer_managed.next().filter(|_| customer_managed.next().is_some()) else {
        return Ok(Vec::new());
    };
    let related = inventory.find(managed_policy::resource_type(arn), Selector::ReferringTo(&role.id)).await?;
    Ok(match related {
        Known::Value(related) => related,
        Known::Unknown(_) => Vec::new(),
    })
}

async fn managed_policy(
    arn: &str,
    related: &[Document],
    inventory: &dyn Inventory,
) -> Result<Known<Policy>, InventoryError> {
    if let Some(document) = related.iter().find(|document| document.arn.as_deref() == Some(arn)) {
        return Ok(managed_policy::policy(document, arn));
    }
    let found = inventory.find(managed_policy::resource_type(arn), Selector::Arn(arn)).await?;
    Ok(found.and_then(|found| match found.first() {
        Some(document) => managed_policy::policy(document, arn),
        None => not_found(format!("policy `{arn}`")),
    }))
}

/// What is in use exists: the answer is older than the question.
fn not_found<T>(what: String) -> Known<T> {
    Known::Unknown(Missing::Unavailable { what, why: "it was not found, or is not recorded yet".to_owned() })
}

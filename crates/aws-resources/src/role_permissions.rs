//! What a role may do, put together from everything that says so.

use config_rule::{Documents, Inventory, InventoryError, Known, Missing, Selector, Subject as _};
use iam_policy::{EffectivePermissions, Policy};

use crate::managed_policy;
use crate::role::Role;

/// The role with an ARN, as a function's configuration names it.
///
/// # Errors
///
/// The inventory's: whoever runs the rule must act.
pub async fn gather_role(arn: &str, inventory: &dyn Inventory) -> Result<Known<Role>, InventoryError> {
    Ok(found_role(arn, inventory.find(Role::TYPE, Selector::Arn(arn)).await?))
}

/// The role with an ARN, in the answer to a question that was asked together with others.
#[must_use]
pub fn found_role(arn: &str, found: Known<Documents>) -> Known<Role> {
    found.and_then(|found| {
        let role = found.first().and_then(Role::read);
        role.map_or_else(|| not_found(format!("role `{arn}`")), Known::Value)
    })
}

/// What a role may do: its inline policies, the attached ones and its permissions boundary.
///
/// As long as one of them is not known, nothing is: it might deny what another one grants. All are asked for at once.
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
    let questions: Vec<_> =
        named.iter().map(|arn| (managed_policy::resource_type(arn), Selector::Arn(arn))).collect();
    let found = inventory.find_all(&questions).await?;
    let managed: Known<Vec<_>> =
        named.iter().zip(found).map(|(arn, found)| managed_policy(arn, found)).collect();
    Ok(managed.map(|mut managed| {
        // The boundary was asked for last.
        let boundary = boundary.as_ref().and_then(|_| managed.pop());
        EffectivePermissions::new(inline.iter().cloned().chain(managed).collect(), boundary)
    }))
}

fn managed_policy(arn: &str, found: Known<Documents>) -> Known<Policy> {
    found.and_then(|found| match found.first() {
        Some(document) => managed_policy::policy(document, arn),
        None => not_found(format!("policy `{arn}`")),
    })
}

/// What is in use exists: the answer is older than the question.
fn not_found<T>(what: String) -> Known<T> {
    Known::Unknown(Missing::Unavailable { what, why: "it was not found, or is not recorded yet".to_owned() })
}

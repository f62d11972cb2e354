//! What a role may do, put together from everything that says so.

use std::sync::Arc;

use config_rule::{Documents, Inventory, InventoryError, Known, Missing, Question, Selector, Subject as _};
use iam_policy::{EffectivePermissions, Policy};

use crate::managed_policy::{self, ManagedPolicy};
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
    let boundary = match role.boundary.get() {
        Ok(boundary) => boundary.as_deref(),
        Err(missing) => return Ok(Known::Unknown(missing)),
    };
    gather(role, boundary, inventory).await
}

/// What a role may do if nothing else limits it: as [`gather_permissions`], but without its boundary.
///
/// # Errors
///
/// The inventory's: whoever runs the rule must act.
pub async fn gather_unbounded_permissions(
    role: &Role,
    inventory: &dyn Inventory,
) -> Result<Known<EffectivePermissions>, InventoryError> {
    gather(role, None, inventory).await
}

/// The question for a managed policy, such as the boundary that [`within_boundary`] takes.
#[must_use]
pub fn policy_question(arn: &str) -> Question<'_> {
    (managed_policy::resource_type(arn), Selector::Arn(arn))
}

/// What is left of permissions within the boundary that was found.
#[must_use]
pub fn within_boundary(
    permissions: Known<EffectivePermissions>,
    arn: &str,
    found: Known<Documents>,
) -> Known<EffectivePermissions> {
    permissions
        .and_then(|permissions| managed_policy(arn, found).map(|boundary| permissions.within(boundary)))
}

async fn gather(
    role: &Role,
    boundary: Option<&str>,
    inventory: &dyn Inventory,
) -> Result<Known<EffectivePermissions>, InventoryError> {
    let (inline, attached) = match (role.inline_policies.get(), role.attached_policies.get()) {
        (Ok(inline), Ok(attached)) => (inline, attached),
        (Err(missing), _) | (_, Err(missing)) => return Ok(Known::Unknown(missing)),
    };
    let named: Vec<&str> = attached.iter().map(String::as_str).chain(boundary).collect();
    let questions: Vec<_> = named.iter().map(|arn| policy_question(arn)).collect();
    let found = inventory.find_all(&questions).await?;
    let managed: Known<Vec<_>> =
        named.iter().zip(found).map(|(arn, found)| managed_policy(arn, found)).collect();
    Ok(managed.map(|mut managed| {
        // The boundary was asked for last.
        let boundary = boundary.and_then(|_| managed.pop());
        EffectivePermissions::new(inline.iter().cloned().chain(managed).collect(), boundary)
    }))
}

fn managed_policy(arn: &str, found: Known<Documents>) -> Known<Arc<Policy>> {
    found.and_then(|found| match &found.view::<ManagedPolicy>().policy {
        Some(policy) => policy.clone(),
        None => not_found(format!("policy `{arn}`")),
    })
}

/// What is in use exists: the answer is older than the question.
fn not_found<T>(what: String) -> Known<T> {
    Known::Unknown(Missing::Unavailable { what, why: "it was not found, or is not recorded yet".to_owned() })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use config_rule::{BoxFuture, Document};
    use iam_policy::table;
    use rule_testing::{ItemsInventory, block_on};
    use serde_json::{Value, json};

    use super::*;

    const ROLE: &str = "arn:aws:iam::111122223333:role/orders";
    const OURS: &str = "arn:aws:iam::111122223333:policy/tables";
    const BOUNDARY: &str = "arn:aws:iam::111122223333:policy/boundary";
    const OF_AWS: &str = "arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess";

    #[test]
    fn inline_attached_and_aws_managed_policies_add_up() {
        for (inline, attached) in
            [(&["dynamodb:PutItem"][..], &[][..]), (&[], &[OURS]), (&[], &[OURS, OF_AWS])]
        {
            let known = [policy(OURS, "dynamodb:PutItem"), policy(OF_AWS, "dynamodb:*")];
            assert_eq!(may_write(&role(inline, attached, None), known), Ok(true), "{inline:?} {attached:?}");
        }
        assert_eq!(may_write(&role(&["dynamodb:GetItem"], &[], None), []), Ok(false));
    }

    #[test]
    fn a_boundary_takes_away_and_adds_nothing() {
        let writes = || policy(BOUNDARY, "dynamodb:PutItem");
        let reads = || policy(BOUNDARY, "dynamodb:GetItem");
        assert_eq!(may_write(&role(&["dynamodb:PutItem"], &[], Some(BOUNDARY)), [writes()]), Ok(true));
        assert_eq!(may_write(&role(&["dynamodb:PutItem"], &[], Some(BOUNDARY)), [reads()]), Ok(false));
        assert_eq!(may_write(&role(&[], &[], Some(BOUNDARY)), [writes()]), Ok(false));
    }

    #[test]
    fn a_policy_that_is_attached_and_the_boundary_as_well_is_both() {
        let role = role(&[], &[BOUNDARY], Some(BOUNDARY));
        assert_eq!(may_write(&role, [policy(BOUNDARY, "dynamodb:PutItem")]), Ok(true));
    }

    #[test]
    fn one_policy_that_cannot_be_found_leaves_everything_open() {
        for (attached, boundary, lacking) in [
            (&[OURS, OF_AWS][..], None, OF_AWS),
            (&[OF_AWS, BOUNDARY], None, BOUNDARY),
            (&[OURS], Some(BOUNDARY), BOUNDARY),
        ] {
            let role = role(&["dynamodb:PutItem"], attached, boundary);
            let known = [OURS, OF_AWS, BOUNDARY].into_iter().filter(|arn| *arn != lacking);
            let missing = may_write(&role, known.map(|arn| policy(arn, "dynamodb:*"))).unwrap_err();
            let expected =
                format!("policy `{lacking}` is not available: it was not found, or is not recorded yet");
            assert_eq!(missing.to_string(), expected);
        }
    }

    #[test]
    fn policies_that_the_role_s_item_leaves_out_are_not_none() {
        for part in ["rolePolicyList", "attachedManagedPolicies"] {
            let mut role = role(&["dynamodb:PutItem"], &[], None);
            role["configuration"].as_object_mut().unwrap().remove(part);
            let path = format!("configuration.{part}");
            assert_eq!(may_write(&role, []), Err(Missing::Absent { path }));
        }
    }

    #[test]
    fn a_role_that_is_not_there_is_not_one_without_permissions() {
        let inventory = inventory([role(&[], &[], None)]);
        let other = "arn:aws:iam::111122223333:role/other";
        let found = block_on(gather_role(other, &inventory)).unwrap();
        assert_eq!(
            found.get().unwrap_err().to_string(),
            format!("role `{other}` is not available: it was not found, or is not recorded yet")
        );
        assert_eq!(block_on(gather_role(ROLE, &inventory)).unwrap().get().unwrap().id, "AROA5");
    }

    #[test]
    fn all_policies_are_asked_for_together() {
        let attached: Vec<_> = (0..20).map(|n| format!("arn:aws:iam::111122223333:policy/p{n}")).collect();
        let arns: Vec<_> = attached.iter().map(String::as_str).collect();
        let items = arns.iter().map(|arn| policy(arn, "dynamodb:PutItem"));
        let asked = AtomicUsize::new(0);
        let counting = Counting { items: inventory(items), asked: &asked };
        let role = read(&role(&[], &arns, None));
        assert!(block_on(gather_permissions(&role, &counting)).unwrap().get().is_ok());
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }

    /// Counts question lists; a single question is not expected.
    struct Counting<'a> {
        items: ItemsInventory,
        asked: &'a AtomicUsize,
    }

    impl Inventory for Counting<'_> {
        fn find<'a>(
            &'a self,
            resource_type: &'a str,
            _: Selector<'a>,
        ) -> BoxFuture<'a, Result<Known<Documents>, InventoryError>> {
            panic!("a question about {resource_type} alone")
        }

        fn find_all<'a>(
            &'a self,
            questions: &'a [Question<'a>],
        ) -> BoxFuture<'a, Result<Vec<Known<Documents>>, InventoryError>> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            self.items.find_all(questions)
        }
    }

    fn may_write(role: &Value, policies: impl IntoIterator<Item = Value>) -> Result<bool, Missing> {
        let permissions = block_on(gather_permissions(&read(role), &inventory(policies))).unwrap();
        let put = table::action("dynamodb:PutItem").unwrap();
        permissions.get().map(|permissions| permissions.grants_for(put).next().is_some())
    }

    /// An account in which roles and policies are recorded.
    fn inventory(items: impl IntoIterator<Item = Value>) -> ItemsInventory {
        let documents = items.into_iter().map(|item| Document::from_item(item).unwrap());
        let recorded = [Role::TYPE, "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"];
        ItemsInventory::new(documents.collect(), recorded.map(ToOwned::to_owned))
    }

    fn read(role: &Value) -> Role {
        Role::read(&Document::from_item(role.clone()).unwrap()).unwrap()
    }

    fn role(inline: &[&str], attached: &[&str], boundary: Option<&str>) -> Value {
        let inline =
            inline.iter().map(|action| json!({"policyName": action, "policyDocument": document(action)}));
        let attached = attached.iter().map(|arn| json!({"policyName": arn, "policyArn": arn}));
        let boundary =
            boundary.map(|arn| json!({"permissionsBoundaryArn": arn, "permissionsBoundaryType": "Policy"}));
        json!({
            "resourceType": Role::TYPE, "resourceId": "AROA5", "resourceName": "orders", "ARN": ROLE,
            "configuration": {
                "roleName": "orders", "arn": ROLE, "permissionsBoundary": boundary,
                "rolePolicyList": inline.collect::<Vec<_>>(),
                "attachedManagedPolicies": attached.collect::<Vec<_>>(),
            },
        })
    }

    fn policy(arn: &str, action: &str) -> Value {
        let versions = json!([{"versionId": "v1", "isDefaultVersion": true, "document": document(action)}]);
        json!({
            "resourceType": managed_policy::resource_type(arn), "resourceId": arn, "ARN": arn,
            "configuration": {"policyVersionList": versions},
        })
    }

    fn document(action: &str) -> String {
        json!({"Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}}).to_string()
    }
}

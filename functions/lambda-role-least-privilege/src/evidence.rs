use aws_resources::{Function, gather_permissions, gather_role};
use config_rule::{Inventory, InventoryError, Known, Missing, Selector};
use iam_policy::EffectivePermissions;

use crate::subject::{AssumableRole, Grantee, InvokableFunction};
use crate::trust;

/// What the rule learns about other resources.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// What the role may do.
    pub permissions: Known<EffectivePermissions>,
    /// The functions that run with the role, by name; asked for with roles only.
    pub functions: Known<Vec<String>>,
}

impl Evidence {
    pub(crate) async fn of(grantee: &Grantee, inventory: &dyn Inventory) -> Result<Self, InventoryError> {
        match grantee {
            Grantee::Role(role) => Self::of_role(role, inventory).await,
            Grantee::Function(function) => Self::of_function(function, inventory).await,
        }
    }

    async fn of_role(
        AssumableRole { role, trust_policy }: &AssumableRole,
        inventory: &dyn Inventory,
    ) -> Result<Self, InventoryError> {
        // Most roles of an account are not for functions: nothing is asked about them.
        if role.is_service_linked()
            || !trust::is_for_lambda(trust_policy).get().is_ok_and(|is_for_lambda| *is_for_lambda)
        {
            return Ok(Self::nothing(not_asked_for("the permissions of the role")));
        }
        let permissions = gather_permissions(role, inventory).await?;
        let functions = match role.arn.get() {
            Ok(arn) => inventory.find(Function::TYPE, Selector::ReferringTo(arn)).await?,
            Err(missing) => Known::Unknown(missing),
        };
        let names = functions
            .map(|functions| functions.iter().map(|function| function.resource_id.clone()).collect());
        Ok(Self { permissions, functions: names })
    }

    async fn of_function(
        function: &InvokableFunction,
        inventory: &dyn Inventory,
    ) -> Result<Self, InventoryError> {
        let role = match function.role_arn.get() {
            Ok(arn) => gather_role(arn, inventory).await?,
            Err(missing) => Known::Unknown(missing),
        };
        let permissions = match role {
            Known::Value(role) => gather_permissions(&role, inventory).await?,
            Known::Unknown(missing) => Known::Unknown(missing),
        };
        Ok(Self { permissions, functions: Known::Unknown(not_asked_for("which functions share the role")) })
    }

    fn nothing(missing: Missing) -> Self {
        Self { permissions: Known::Unknown(missing.clone()), functions: Known::Unknown(missing) }
    }
}

fn not_asked_for(what: &str) -> Missing {
    Missing::Unavailable { what: what.to_owned(), why: "it was not asked for".to_owned() }
}

//! What a function reaches, and what shows whose it is.

use std::sync::Arc;

use aws_resources::{
    DataStore, Function, GroupedFunction, Role, Stack, StackForest, found_role, gather_permissions,
};
use config_rule::{Inventory, InventoryError, Known, Missing, Selector};
use iam_policy::EffectivePermissions;
use iam_policy::stores::{StoreGrants, StoreKind};

use crate::boundaries::Boundaries;
use crate::invocations;

/// What AWS Config and IAM know around a function.
#[derive(Clone, Debug, PartialEq)]
pub struct Surroundings {
    /// The stacks of the account.
    pub stacks: Known<Arc<StackForest>>,
    /// What the function's role may do.
    pub permissions: Known<EffectivePermissions>,
    /// The account's stores of each kind on which the role may do anything.
    pub stores: Vec<(StoreKind, Known<Arc<Vec<DataStore>>>)>,
    /// Those functions of the account that bear on the checks: all, if the role may invoke any, or those with the role.
    pub functions: Known<Arc<Vec<GroupedFunction>>>,
}

/// The kinds of stores, with their CloudFormation types.
const STORE_TYPES: [(StoreKind, &str); 5] = [
    (StoreKind::Table, "AWS::DynamoDB::Table"),
    (StoreKind::Bucket, "AWS::S3::Bucket"),
    (StoreKind::DatabaseCluster, "AWS::RDS::DBCluster"),
    (StoreKind::DatabaseInstance, "AWS::RDS::DBInstance"),
    (StoreKind::UserPool, "AWS::Cognito::UserPool"),
];

impl Surroundings {
    /// Three rounds, each of which waits for the one before: the role, its policies, and what these reach. Whole types
    /// are asked for, so that a scheduled run asks once for all functions.
    pub(crate) async fn of(
        function: &GroupedFunction,
        boundaries: &Boundaries,
        inventory: &dyn Inventory,
    ) -> Result<Self, InventoryError> {
        let role_arn = match function.role_arn.get() {
            Ok(role_arn) => role_arn,
            Err(missing) => return Self::without_role(missing, inventory).await,
        };
        let [role, sharing, stacks] = inventory
            .find_each([
                (Role::TYPE, Selector::Arn(role_arn)),
                (Function::TYPE, Selector::ReferringTo(role_arn)),
                (Stack::TYPE, Selector::All),
            ])
            .await?;
        let permissions = match found_role(role_arn, role) {
            Known::Value(role) => gather_permissions(&role, inventory).await?,
            Known::Unknown(missing) => Known::Unknown(missing),
        };

        let kinds = kinds_in_reach(&permissions, boundaries);
        let mut questions: Vec<_> =
            kinds.iter().map(|(_, resource_type)| (*resource_type, Selector::All)).collect();
        let invokes_anything = invokes_anything(&permissions);
        if invokes_anything {
            questions.push((Function::TYPE, Selector::All));
        }
        let mut found = inventory.find_all(&questions).await?;
        let all_functions = if invokes_anything { found.pop() } else { None };
        Ok(Self {
            stacks: stacks.map(|stacks| stacks.view()),
            permissions,
            stores: kinds
                .into_iter()
                .zip(found)
                .map(|((kind, _), stores)| (kind, stores.map(|stores| stores.view())))
                .collect(),
            functions: all_functions.unwrap_or(sharing).map(|functions| functions.view()),
        })
    }

    /// Which role the function has is not known, so neither is what it reaches and with whom it shares the role.
    async fn without_role(missing: Missing, inventory: &dyn Inventory) -> Result<Self, InventoryError> {
        Ok(Self {
            stacks: inventory.find(Stack::TYPE, Selector::All).await?.map(|stacks| stacks.view()),
            permissions: Known::Unknown(missing.clone()),
            stores: Vec::new(),
            functions: Known::Unknown(missing),
        })
    }
}

/// The kinds that `dataStoreTypes` names and on which the role may do anything.
fn kinds_in_reach(
    permissions: &Known<EffectivePermissions>,
    boundaries: &Boundaries,
) -> Vec<(StoreKind, &'static str)> {
    let Known::Value(permissions) = permissions else { return Vec::new() };
    let grants = StoreGrants::of(permissions);
    let is_in_reach = |(kind, _): &(StoreKind, _)| {
        boundaries.store_kinds.contains(kind) && grants.accesses(*kind).next().is_some()
    };
    STORE_TYPES.into_iter().filter(is_in_reach).collect()
}

fn invokes_anything(permissions: &Known<EffectivePermissions>) -> bool {
    permissions.get().is_ok_and(|permissions| invocations::grants(permissions).next().is_some())
}

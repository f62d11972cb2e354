//! What a function reaches, and what shows whose it is.

use aws_resources::{
    DataStore, Function, GroupedFunction, Stack, StackForest, gather_permissions, gather_role,
};
use config_rule::{Document, Inventory, InventoryError, Known, Selector, Subject};
use iam_policy::EffectivePermissions;
use iam_policy::stores::{StoreGrants, StoreKind};

use crate::invocations;

/// What AWS Config and IAM know around a function.
#[derive(Clone, Debug, PartialEq)]
pub struct Surroundings {
    /// The stacks of the account.
    pub stacks: Known<StackForest>,
    /// What the function's role may do.
    pub permissions: Known<EffectivePermissions>,
    /// The account's stores of each kind on which the role may do anything.
    pub stores: Vec<(StoreKind, Known<Vec<DataStore>>)>,
    /// Those functions of the account that bear on the checks: all, if the role may invoke any, or those with the role.
    pub functions: Known<Vec<GroupedFunction>>,
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
    /// Whole types are asked for, so that a scheduled run asks once for all functions.
    pub(crate) async fn of(
        function: &GroupedFunction,
        inventory: &dyn Inventory,
    ) -> Result<Self, InventoryError> {
        let permissions = permissions(function, inventory).await?;
        let mut stores = Vec::new();
        for (kind, resource_type) in kinds_in_reach(&permissions) {
            let found = inventory.find(resource_type, Selector::All).await?;
            stores.push((kind, found.map(|documents| by_name(&documents, |store: &DataStore| &store.name))));
        }
        let functions = match &function.role_arn {
            _ if invokes_anything(&permissions) => inventory.find(Function::TYPE, Selector::All).await?,
            Known::Value(role_arn) => inventory.find(Function::TYPE, Selector::ReferringTo(role_arn)).await?,
            Known::Unknown(missing) => Known::Unknown(missing.clone()),
        };
        let stacks = inventory.find(Stack::TYPE, Selector::All).await?;
        Ok(Self {
            stacks: stacks.map(|documents| StackForest::of(&documents)),
            permissions,
            stores,
            functions: functions
                .map(|documents| by_name(&documents, |function: &GroupedFunction| &function.name)),
        })
    }
}

async fn permissions(
    function: &GroupedFunction,
    inventory: &dyn Inventory,
) -> Result<Known<EffectivePermissions>, InventoryError> {
    let role_arn = match function.role_arn.get() {
        Ok(role_arn) => role_arn,
        Err(missing) => return Ok(Known::Unknown(missing)),
    };
    match gather_role(role_arn, inventory).await? {
        Known::Value(role) => gather_permissions(&role, inventory).await,
        Known::Unknown(missing) => Ok(Known::Unknown(missing)),
    }
}

fn kinds_in_reach(permissions: &Known<EffectivePermissions>) -> Vec<(StoreKind, &'static str)> {
    let Known::Value(permissions) = permissions else { return Vec::new() };
    let grants = StoreGrants::of(permissions);
    let is_in_reach = |(kind, _): &(StoreKind, _)| grants.accesses(*kind).next().is_some();
    STORE_TYPES.into_iter().filter(is_in_reach).collect()
}

fn invokes_anything(permissions: &Known<EffectivePermissions>) -> bool {
    permissions.get().is_ok_and(|permissions| invocations::grants(permissions).next().is_some())
}

/// Inventories answer in any order, but the same account should always read the same.
fn by_name<S: Subject>(documents: &[Document], name: impl Fn(&S) -> &String) -> Vec<S> {
    let mut resources: Vec<S> = documents.iter().filter_map(S::read).collect();
    resources.sort_by(|one, other| name(one).cmp(name(other)));
    resources
}

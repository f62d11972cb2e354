//! What a function reaches, and what shows whose it is.

use std::sync::Arc;

use aws_resources::{
    DataStore, Function, GroupedFunction, Role, Stack, StackForest, found_role, gather_unbounded_permissions,
    policy_question, within_boundary,
};
use config_rule::{Documents, Inventory, InventoryError, Known, Missing, Selector};
use iam_policy::EffectivePermissions;
use iam_policy::stores::{StoreGrants, StoreKind};

use crate::boundaries::Boundaries;
use crate::invocations;
use crate::targets::Targets;

/// What AWS Config and IAM know around a function.
#[derive(Clone, Debug, PartialEq)]
pub struct Surroundings {
    /// The stacks of the account.
    pub stacks: Known<Arc<StackForest>>,
    /// What the function's role may do.
    pub permissions: Known<EffectivePermissions>,
    /// The account's stores of each kind on which the role may do anything.
    pub stores: Vec<(StoreKind, Known<Arc<Targets<DataStore>>>)>,
    /// The account's functions, if the role may invoke any.
    pub invocable: Known<Arc<Targets<GroupedFunction>>>,
    /// The functions that have the role.
    pub sharing: Known<Arc<Targets<GroupedFunction>>>,
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
    /// Two rounds: the role, and what its policies reach. Where these did not come with the role, they are a round between.
    /// Whole types are asked for, so that a scheduled run asks once for all functions.
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
        let (permissions, boundary) = match found_role(role_arn, role) {
            Known::Value(role) => match role.boundary.get() {
                Ok(boundary) => (gather_unbounded_permissions(&role, inventory).await?, boundary.clone()),
                Err(missing) => (Known::Unknown(missing), None),
            },
            Known::Unknown(missing) => (Known::Unknown(missing), None),
        };

        // A boundary only takes away, so it can be asked for together with all that might be in reach.
        let kinds = kinds_in_reach(&permissions, boundaries);
        let mut questions: Vec<_> =
            kinds.iter().map(|(_, resource_type)| (*resource_type, Selector::All)).collect();
        let invokes_anything = invokes_anything(&permissions);
        questions.extend(invokes_anything.then_some((Function::TYPE, Selector::All)));
        questions.extend(boundary.as_deref().filter(|_| permissions.get().is_ok()).map(policy_question));
        let mut found = inventory.find_all(&questions).await?.into_iter();
        let stores: Vec<_> = kinds.iter().map(|(kind, _)| *kind).zip(found.by_ref()).collect();
        let functions = if invokes_anything { found.next() } else { None };
        let permissions = match (boundary, found.next()) {
            (Some(arn), Some(boundary)) => within_boundary(permissions, &arn, boundary),
            _ => permissions,
        };
        Ok(Self {
            stacks: stacks.map(|stacks| stacks.view()),
            stores: stores
                .into_iter()
                .map(|(kind, stores)| (kind, stores.map(|stores| stores.view())))
                .collect(),
            invocable: functions
                .unwrap_or(Known::Value(Documents::default()))
                .map(|functions| functions.view()),
            sharing: sharing.map(|sharing| sharing.view()),
            permissions,
        })
    }

    /// Which role the function has is not known, so neither is what it reaches and with whom it shares the role.
    async fn without_role(missing: Missing, inventory: &dyn Inventory) -> Result<Self, InventoryError> {
        Ok(Self {
            stacks: inventory.find(Stack::TYPE, Selector::All).await?.map(|stacks| stacks.view()),
            permissions: Known::Unknown(missing.clone()),
            stores: Vec::new(),
            invocable: Known::Unknown(missing.clone()),
            sharing: Known::Unknown(missing),
        })
    }
}

/// The kinds that `dataStoreTypes` names and on which the role may do anything.
fn kinds_in_reach(
    permissions: &Known<EffectivePermissions>,
    boundaries: &Boundaries,
) -> Vec<(StoreKind, &'static str)> {
    let Known::Value(permissions) = permissions else { return Vec::new() };
    let kinds = StoreGrants::kinds(permissions);
    let is_in_reach =
        |(kind, _): &(StoreKind, _)| boundaries.store_kinds.contains(kind) && kinds.contains(kind);
    STORE_TYPES.into_iter().filter(is_in_reach).collect()
}

fn invokes_anything(permissions: &Known<EffectivePermissions>) -> bool {
    permissions.get().is_ok_and(|permissions| invocations::grants(permissions).next().is_some())
}

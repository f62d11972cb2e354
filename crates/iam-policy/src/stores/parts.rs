//! What stores consist of, and what can be done to that.

use std::sync::LazyLock;

use super::{Access, StoreKind};
use crate::arn::Shape;
use crate::element::Actions;
use crate::table::{self, AccessLevel, Action};
use crate::usual;

/// An action that does something to a part of stores.
#[derive(Debug)]
pub(super) struct StoreAction {
    pub(super) part: &'static Part,
    pub(super) shape: Shape,
    pub(super) action: Action,
    pub(super) access: Access,
}

/// A type of resources that a store consists of.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) kind: StoreKind,
    pub(super) service: &'static str,
    pub(super) resource_type: &'static str,
    /// How its ARNs come from the store's.
    pub(super) arns: Arns,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Arns {
    /// The store's own.
    Same,
    /// Everything below the store's, behind this separator.
    Below(&'static str),
    /// The database's users: `arn:aws:rds-db:<Region>:<account>:dbuser:<resource id>/*`.
    DatabaseUsers,
}

/// Streams, backups and exports are left out: streams are interfaces, the others no longer the store.
///
/// Source: Service Authorization Reference, resource types of `dynamodb`, `s3`, `rds`, `rds-data`, `rds-db`,
/// `cognito-idp`.
pub(super) const PARTS: &[Part] = &[
    Part { kind: StoreKind::Table, service: "dynamodb", resource_type: "table", arns: Arns::Same },
    Part {
        kind: StoreKind::Table,
        service: "dynamodb",
        resource_type: "index",
        arns: Arns::Below("/index/"),
    },
    Part { kind: StoreKind::Bucket, service: "s3", resource_type: "bucket", arns: Arns::Same },
    Part { kind: StoreKind::Bucket, service: "s3", resource_type: "object", arns: Arns::Below("/") },
    Part { kind: StoreKind::DatabaseCluster, service: "rds", resource_type: "cluster", arns: Arns::Same },
    Part {
        kind: StoreKind::DatabaseCluster,
        service: "rds-data",
        resource_type: "cluster",
        arns: Arns::Same,
    },
    Part {
        kind: StoreKind::DatabaseCluster,
        service: "rds-db",
        resource_type: "db-user",
        arns: Arns::DatabaseUsers,
    },
    Part { kind: StoreKind::DatabaseInstance, service: "rds", resource_type: "db", arns: Arns::Same },
    Part {
        kind: StoreKind::DatabaseInstance,
        service: "rds-db",
        resource_type: "db-user",
        arns: Arns::DatabaseUsers,
    },
    Part { kind: StoreKind::UserPool, service: "cognito-idp", resource_type: "userpool", arns: Arns::Same },
];

/// What can be done to stores: part by part, and in the table's order.
pub(super) static STORE_ACTIONS: LazyLock<Vec<StoreAction>> = LazyLock::new(|| {
    let of_part = |part: &'static Part| {
        let service = table::service(part.service);
        let shape = service.and_then(|service| service.shape(part.resource_type));
        let works_on_part =
            |action: &Action| action.resource_types().any(|one| one.name == part.resource_type);
        let actions = service.into_iter().flat_map(table::Service::actions).filter(works_on_part);
        actions.filter_map(move |action| {
            Some(StoreAction { part, shape: shape?, action, access: access(action)? })
        })
    };
    PARTS.iter().flat_map(of_part).collect()
});

/// Actions that the reference calls writes although the store stays as it is: copies of it, and signing in.
const WRITES_ELSEWHERE: &[&str] = &[
    "cognito-idp:AdminInitiateAuth",
    "cognito-idp:AdminRespondToAuthChallenge",
    "dynamodb:CreateBackup",
    "dynamodb:StartAwsBackupJob",
    "rds:CreateDBClusterSnapshot",
    "rds:CreateDBInstanceReadReplica",
    "rds:CreateDBSnapshot",
    "rds:StartExportTask",
];

/// Permissions management by the reference, yet what it gives is the data.
const CONNECTS: &str = "rds-db:connect";

/// The places in [`STORE_ACTIONS`] of those that the element is about.
pub(super) fn named_by(actions: &Actions) -> &[u16] {
    actions.list().on_stores(|| {
        let named = (0..).zip(STORE_ACTIONS.iter()).filter(|(_, one)| actions.contain(one.action));
        named.map(|(place, _)| place).collect()
    })
}

/// What an action does to a store; nothing, if it only shows or labels it.
#[must_use]
pub fn access(action: Action) -> Option<Access> {
    let is = |name: &str| name.split_once(':') == Some((action.service(), action.name()));
    if is(CONNECTS) {
        return Some(Access::Writes);
    }
    if usual::reads_data(action) {
        return Some(Access::ReadsData);
    }
    match action.access_level() {
        AccessLevel::PermissionsManagement => Some(Access::ManagesPermissions),
        AccessLevel::Write if !WRITES_ELSEWHERE.iter().any(|name| is(name)) => Some(Access::Writes),
        _ => None,
    }
}

//! Which data stores a role's permissions reach.

use std::collections::{BTreeMap, BTreeSet};

use crate::arn::{account_of, below, exactly};
use crate::effective::{EffectivePermissions, Grant};
use crate::pattern::Pattern;
use crate::reach::{Coverage, ResourceSet};
use crate::table::{self, AccessLevel, Action};
use crate::usual;

/// A kind of data store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StoreKind {
    /// `AWS::DynamoDB::Table`.
    Table,
    /// `AWS::S3::Bucket`.
    Bucket,
    /// `AWS::RDS::DBCluster`.
    DatabaseCluster,
    /// `AWS::RDS::DBInstance`.
    DatabaseInstance,
    /// `AWS::Cognito::UserPool`.
    UserPool,
}

/// A recorded data store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    /// What kind of store.
    pub kind: StoreKind,
    /// Its ARN.
    pub arn: String,
    /// `DbClusterResourceId` or `DbiResourceId` of a database, by which `rds-db:connect` names it, where it is known.
    pub database_resource_id: Option<String>,
}

/// What an action does to a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Access {
    /// Hands out what is stored.
    ReadsData,
    /// Changes the store or what is stored.
    Writes,
    /// Changes who may reach it.
    ManagesPermissions,
}

/// An action that is allowed on a store.
#[derive(Clone, Debug)]
pub struct StoreAccess<'a> {
    /// The action.
    pub action: Action,
    /// What it does.
    pub access: Access,
    /// What allows it. Ask it for its [origin](Grant::origin) and for its [narrowing](Grant::narrowing): conditions are
    /// not looked at here.
    pub grant: Grant<'a>,
    /// How much of the store's kind the grant reaches: where that is [broad](Coverage::is_broad), the store is reached
    /// like every other one, and nobody named it.
    pub coverage: Coverage,
}

/// The grants of a role that concern data stores, prepared once for questions about many stores.
#[derive(Clone, Debug)]
pub struct StoreGrants<'a> {
    grants: Vec<StoreGrant<'a>>,
    /// With what the ARNs begin that the grants reach, for each kind that they concern.
    beginnings: BTreeMap<StoreKind, BTreeSet<String>>,
}

/// An action on one type of resources of a store.
#[derive(Clone, Debug)]
struct StoreGrant<'a> {
    part: &'static Part,
    access: Access,
    action: Action,
    grant: Grant<'a>,
    resources: ResourceSet<'a>,
    coverage: Coverage,
}

/// A type of resources that a store consists of.
#[derive(Debug, PartialEq, Eq)]
struct Part {
    kind: StoreKind,
    service: &'static str,
    resource_type: &'static str,
    /// How its ARNs come from the store's.
    arns: Arns,
}

#[derive(Debug, PartialEq, Eq)]
enum Arns {
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
const PARTS: &[Part] = &[
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

impl StoreKind {
    /// The kind with this CloudFormation type name.
    #[must_use]
    pub fn of_type(resource_type: &str) -> Option<Self> {
        match resource_type {
            "AWS::DynamoDB::Table" => Some(Self::Table),
            "AWS::S3::Bucket" => Some(Self::Bucket),
            "AWS::RDS::DBCluster" => Some(Self::DatabaseCluster),
            "AWS::RDS::DBInstance" => Some(Self::DatabaseInstance),
            "AWS::Cognito::UserPool" => Some(Self::UserPool),
            _ => None,
        }
    }
}

impl Store {
    /// A store by its ARN.
    #[must_use]
    pub fn new(kind: StoreKind, arn: &str) -> Self {
        Self { kind, arn: arn.to_owned(), database_resource_id: None }
    }

    /// The same with the id by which `rds-db:connect` names the database.
    #[must_use]
    pub fn with_database_resource_id(self, id: &str) -> Self {
        Self { database_resource_id: Some(id.to_owned()), ..self }
    }

    /// The ARNs of a part of this store, if they can be known.
    fn arns(&self, part: &Part) -> Option<Pattern> {
        match part.arns {
            Arns::Same => Some(exactly(&self.arn)),
            Arns::Below(separator) => Some(below(&self.arn, separator)),
            Arns::DatabaseUsers => {
                let mut segments = self.arn.split(':');
                let (partition, region) = (segments.nth(1)?, segments.nth(1)?);
                let (account, id) = (account_of(&self.arn)?, self.database_resource_id.as_deref()?);
                Some(below(&format!("arn:{partition}:rds-db:{region}:{account}:dbuser:{id}"), "/"))
            }
        }
    }
}

impl<'a> StoreGrants<'a> {
    /// The grants of `permissions` that concern stores of any kind.
    #[must_use]
    pub fn of(permissions: &'a EffectivePermissions) -> Self {
        let mut grants = Vec::new();
        for part in PARTS {
            let Some(service) = table::service(part.service) else { continue };
            for action in service.actions() {
                // Few roles name more than a handful of a service's actions: ask that first.
                let mut named_by = permissions.grants().filter(|grant| grant.names(action)).peekable();
                let works_on = |name: &str| action.resource_types().any(|worked_on| worked_on.name == name);
                if named_by.peek().is_none() || !works_on(part.resource_type) {
                    continue;
                }
                let Some(access) = access(action) else { continue };
                let Some(shape) = service.shape(part.resource_type) else { continue };
                for grant in named_by {
                    let resources = grant.resources(action);
                    let coverage = resources.coverage(shape);
                    if coverage.is_something() {
                        grants.push(StoreGrant { part, access, action, grant, resources, coverage });
                    }
                }
            }
        }
        let beginnings = beginnings(&grants);
        Self { grants, beginnings }
    }

    /// Whether a store's ARN begins like one that is reached. A role names few of the stores of an account, and to
    /// compare beginnings is a hundredth of the work of comparing patterns.
    fn may_reach(&self, store: &Store) -> bool {
        self.beginnings.get(&store.kind).is_some_and(|beginnings| {
            beginnings.iter().any(|beginning| {
                store.arn.starts_with(beginning.as_str()) || beginning.starts_with(&store.arn)
            })
        })
    }

    /// What the grants allow on stores of a kind, whichever: nothing, if nobody needs to know which stores there are.
    pub fn accesses(&self, kind: StoreKind) -> impl Iterator<Item = Access> {
        self.grants.iter().filter(move |granted| granted.part.kind == kind).map(|granted| granted.access)
    }

    /// What is allowed on a store: each action once for each statement that allows it.
    #[must_use]
    pub fn on(&self, store: &Store) -> Vec<StoreAccess<'a>> {
        let mut accesses: Vec<StoreAccess<'a>> = Vec::new();
        if !self.may_reach(store) {
            return accesses;
        }
        // Grants on one part follow each other.
        let mut of_part: Option<(&Part, Option<Pattern>)> = None;
        for granted in self.grants.iter().filter(|granted| granted.part.kind == store.kind) {
            let arns = match of_part.take() {
                Some((part, arns)) if std::ptr::eq(part, granted.part) => arns,
                _ => store.arns(granted.part),
            };
            let is_reached = arns.as_ref().is_some_and(|arns| granted.resources.reaches(arns));
            of_part = Some((granted.part, arns));
            let is_known = accesses.iter().any(|known| {
                known.action == granted.action && std::ptr::eq(known.grant.statement, granted.grant.statement)
            });
            if is_reached && !is_known {
                accesses.push(StoreAccess {
                    action: granted.action,
                    access: granted.access,
                    grant: granted.grant,
                    coverage: granted.coverage.clone(),
                });
            }
        }
        accesses
    }
}

fn beginnings(grants: &[StoreGrant<'_>]) -> BTreeMap<StoreKind, BTreeSet<String>> {
    let mut by_kind = BTreeMap::<StoreKind, BTreeSet<String>>::new();
    for granted in grants {
        let beginnings = by_kind.entry(granted.part.kind).or_default();
        match granted.part.arns {
            Arns::Same | Arns::Below(_) => beginnings.extend(granted.resources.beginnings()),
            // These do not begin like the store's own ARN.
            Arns::DatabaseUsers => {
                beginnings.insert(String::new());
            }
        }
    }
    by_kind
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::document::PolicyDocument;
    use crate::effective::Policy;

    #[test]
    fn looking_at_beginnings_first_hides_no_store() {
        let arns = ["orders", "orders-archive", "invoices"]
            .map(|name| format!("arn:aws:dynamodb:eu-west-1:111122223333:table/{name}"));
        let resources = [
            "*",
            "arn:aws:dynamodb:*:*:table/orders",
            "arn:aws:dynamodb:eu-west-1:111122223333:table/orders",
            "arn:aws:dynamodb:eu-west-1:111122223333:table/orders*",
            "arn:aws:dynamodb:eu-west-1:111122223333:table/orders/index/*",
            "arn:aws:dynamodb:eu-west-1:111122223333:table/orders/index/by-day",
            "arn:aws:dynamodb:eu-west-1:111122223333:table/o?ders",
            "arn:aws:dynamodb:eu-west-1:111122223333:table/${aws:username}",
            "arn:aws:dynamodb:eu-west-1:111122223333:t",
            "arn:aws:s3:::orders",
        ];
        for resource in resources {
            for boundary in [None, Some("*"), Some("arn:aws:dynamodb:*:*:table/inv*")] {
                let policy = |resource: &str| {
                    let document = json!({"Version": "2012-10-17", "Statement": [
                        {"Effect": "Allow", "Action": ["dynamodb:PutItem", "dynamodb:Query"], "Resource": resource},
                    ]});
                    Policy::inline("policy", PolicyDocument::read(&document).unwrap())
                };
                let permissions = EffectivePermissions::new(vec![policy(resource)], boundary.map(policy));
                let quick = StoreGrants::of(&permissions);
                let any = BTreeMap::from([(StoreKind::Table, BTreeSet::from([String::new()]))]);
                let thorough = StoreGrants { beginnings: any, ..quick.clone() };
                for arn in &arns {
                    let store = Store::new(StoreKind::Table, arn);
                    assert_eq!(
                        quick.on(&store).len(),
                        thorough.on(&store).len(),
                        "{resource} {boundary:?} {arn}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_store_that_no_grant_names_is_told_by_its_beginning() {
        let document = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"},
        ]});
        let policy = Policy::inline("policy", PolicyDocument::read(&document).unwrap());
        let permissions = EffectivePermissions::new(vec![policy], None);
        let grants = StoreGrants::of(&permissions);
        let store = |kind, name: &str| {
            Store::new(kind, &format!("arn:aws:dynamodb:eu-west-1:111122223333:table/{name}"))
        };
        assert!(grants.may_reach(&store(StoreKind::Table, "orders")));
        assert!(!grants.may_reach(&store(StoreKind::Table, "invoices")));
        assert!(!grants.may_reach(&Store::new(StoreKind::Bucket, "arn:aws:s3:::orders")));
    }
}

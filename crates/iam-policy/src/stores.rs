//! Which data stores a role's permissions reach.

mod parts;
mod reaches;

use std::collections::BTreeSet;
use std::rc::Rc;

use self::parts::{Arns, PARTS, Part};
use self::reaches::{Reach, Reaches};
use crate::arn::{Beginning, Place, account_of, below, exactly};
use crate::effective::{EffectivePermissions, Grant};
use crate::pattern::Pattern;
use crate::reach::Coverage;
use crate::table::{self, Action};

pub use self::parts::access;

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
    /// What allows it. Ask it for its [origin](Grant::origin); conditions are not looked at here.
    pub grant: Grant<'a>,
    /// How much of the store's kind the grant reaches: where that is [broad](Coverage::is_broad), the store is reached
    /// like every other one, and nobody named it.
    pub coverage: Rc<Coverage>,
}

/// The grants of a role that concern data stores, prepared once for questions about many stores.
#[derive(Clone, Debug)]
pub struct StoreGrants<'a> {
    grants: Vec<StoreGrant<'a>>,
}

/// What reaches the stores of a kind, whichever these are: [`StoreGrants::divided`].
#[derive(Clone, Debug, Default)]
pub struct Divided<'a> {
    /// What is allowed on every [regular](Store::is_regular) store at the places in question.
    pub on_all: Vec<StoreAccess<'a>>,
    /// With what the ARNs of those begin on which anything else may be allowed; of a part's ARN the store's is the
    /// beginning.
    pub beginnings: BTreeSet<Beginning>,
}

/// Whether the conditions of a grant let it through, whatever the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// For every store.
    Always,
    /// For some, which their ARNs or tags decide.
    ForSome,
    /// For none, as far as is certain.
    Never,
}

/// An action on one type of resources of a store.
#[derive(Clone, Debug)]
struct StoreGrant<'a> {
    part: &'static Part,
    access: Access,
    action: Action,
    grant: Grant<'a>,
    reach: Rc<Reach<'a>>,
}

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

    /// Whether the ARNs of the store and of all its parts are of the form that its kind has, so that what reaches every
    /// one of the kind reaches this one.
    #[must_use]
    pub fn is_regular(&self) -> bool {
        let is_of_its_form = |part: &Part| match part.arns {
            Arns::Same => table::service(part.service)
                .and_then(|service| service.shape(part.resource_type))
                .is_some_and(|shape| shape.is_of(&self.arn)),
            // These begin with the store's own.
            Arns::Below(_) => true,
            Arns::DatabaseUsers => self.database_resource_id.is_some(),
        };
        PARTS.iter().filter(|part| part.kind == self.kind).all(is_of_its_form)
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
        let mut reaches = Reaches::new(permissions);
        let mut grants = Vec::new();
        for named in reaches.named() {
            let reach = reaches.of(&named);
            if reach.coverage.is_something() {
                let parts::StoreAction { part, action, access, .. } = *named.store_action;
                grants.push(StoreGrant { part, access, action, grant: named.grant, reach });
            }
        }
        Self { grants }
    }

    /// The kinds of stores that any grant of `permissions` concerns; to know only that takes less than to know them all.
    #[must_use]
    pub fn kinds(permissions: &'a EffectivePermissions) -> BTreeSet<StoreKind> {
        let mut reaches = Reaches::new(permissions);
        let mut kinds = BTreeSet::new();
        for named in reaches.named() {
            let kind = named.store_action.part.kind;
            if !kinds.contains(&kind) && reaches.of(&named).coverage.is_something() {
                kinds.insert(kind);
            }
        }
        kinds
    }

    /// Parts what reaches all stores of a kind from what may reach some. An account has thousands of stores, and a role
    /// names few of them or all: nobody needs to compare the patterns of the one with the ARNs of the others.
    #[must_use]
    pub fn divided(
        &self,
        kind: StoreKind,
        places: &BTreeSet<Place>,
        certainty: impl Fn(&Grant<'a>, Action) -> Certainty,
    ) -> Divided<'a> {
        let mut divided = Divided::default();
        let (mut on_all, mut begun) = (Answers::default(), Answers::default());
        for granted in self.grants.iter().filter(|granted| granted.part.kind == kind) {
            // What is allowed on all stores through one part is allowed on them, through whichever.
            if divided.on_all.iter().any(|known| granted.is_same(known)) {
                continue;
            }
            match certainty(&granted.grant, granted.action) {
                Certainty::Never => {}
                Certainty::Always if on_all.about(granted, |reach| reach.holds_all(places)) => {
                    divided.on_all.push(granted.access());
                }
                Certainty::Always | Certainty::ForSome => {
                    begun.about(granted, |_| divided.beginnings.extend(granted.beginnings(places)));
                }
            }
        }
        divided
    }

    /// What the grants allow on stores of a kind, whichever: nothing, if nobody needs to know which stores there are.
    pub fn accesses(&self, kind: StoreKind) -> impl Iterator<Item = Access> {
        self.grants.iter().filter(move |granted| granted.part.kind == kind).map(|granted| granted.access)
    }

    /// What is allowed on a store by the grants that `applies` accepts: each action once for each statement that allows it.
    #[must_use]
    pub fn on(&self, store: &Store, applies: impl Fn(&Grant<'a>, Action) -> bool) -> Vec<StoreAccess<'a>> {
        let mut accesses: Vec<StoreAccess<'a>> = Vec::new();
        let mut reached = Answers::default();
        // Grants on one part follow each other.
        let mut of_part: Option<(&Part, Option<Pattern>)> = None;
        for granted in self.grants.iter().filter(|granted| granted.part.kind == store.kind) {
            let arns = match of_part.take() {
                Some((part, arns)) if std::ptr::eq(part, granted.part) => arns,
                _ => store.arns(granted.part),
            };
            let is_reached = reached
                .about(granted, |reach| arns.as_ref().is_some_and(|arns| reach.resources.reaches(arns)));
            of_part = Some((granted.part, arns));
            let is_new = || !accesses.iter().any(|known| granted.is_same(known));
            if is_reached && is_new() && applies(&granted.grant, granted.action) {
                accesses.push(granted.access());
            }
        }
        accesses
    }
}

/// What was answered about what grants reach: many actions reach the same.
struct Answers<'r, 'a, T>(Vec<(&'r Rc<Reach<'a>>, T)>);

impl<T> Default for Answers<'_, '_, T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'r, 'a, T: Copy> Answers<'r, 'a, T> {
    fn about(&mut self, granted: &'r StoreGrant<'a>, answer: impl FnOnce(&Reach<'a>) -> T) -> T {
        let known = self.0.iter().find(|(reach, _)| Rc::ptr_eq(reach, &granted.reach));
        if let Some((_, known)) = known {
            return *known;
        }
        let answer = answer(&granted.reach);
        self.0.push((&granted.reach, answer));
        answer
    }
}

impl<'a> StoreGrant<'a> {
    /// Whether the same action is known to be allowed by the same statement.
    fn is_same(&self, known: &StoreAccess<'_>) -> bool {
        known.action == self.action && std::ptr::eq(known.grant.statement, self.grant.statement)
    }

    fn access(&self) -> StoreAccess<'a> {
        StoreAccess {
            action: self.action,
            access: self.access,
            grant: self.grant,
            coverage: Rc::clone(&self.reach.coverage),
        }
    }

    /// With what the ARNs begin of the stores that this may reach.
    fn beginnings(&self, places: &BTreeSet<Place>) -> Vec<Beginning> {
        match self.part.arns {
            Arns::Same | Arns::Below(_) => self.reach.resources.beginnings(places),
            // These do not begin like the store's own ARN.
            Arns::DatabaseUsers => vec![Beginning::of_anything()],
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::document::PolicyDocument;
    use crate::effective::Policy;

    #[test]
    fn what_is_allowed_on_all_stores_or_on_those_that_begin_alike_is_all_that_is_allowed() {
        let arns = ["orders", "orders-archive", "invoices"]
            .map(|name| format!("arn:aws:dynamodb:eu-west-1:111122223333:table/{name}"));
        let places = arns.iter().filter_map(|arn| Place::of(arn)).collect();
        let resources = [
            "*",
            "arn:aws:dynamodb:*:*:table/*",
            "arn:aws:dynamodb:*:*:table/orders",
            "arn:aws:dynamodb:eu-west-1:111122223333:table/*",
            "arn:aws:dynamodb:eu-west-2:111122223333:table/*",
            "arn:aws-cn:dynamodb:*:*:table/*",
            "arn:aws:dynamodb:eu-west-1:111122223333:table/*/index/*",
            "arn:aws:dynamodb:eu-west-1:111122223333:table/orders",
            "arn:aws:dynamodb:eu-west-1:111122223333:table/orders*",
            "arn:aws:dynamodb:eu-west-1:111122223333:table/orders/index/*",
            "arn:aws:dynamodb:eu-west-1:111122223333:table/orders/index/by-day",
            "arn:aws:dynamodb:eu-west-1:111122223333:table/o?ders",
            "arn:aws:dynamodb:eu-west-1:111122223333:table/${aws:username}",
            "arn:aws:dynamodb:eu-west-1:111122223333:t",
            "arn:aws:s3:::orders",
        ];
        let mut on_all = 0;
        for (resource, more) in resources.iter().flat_map(|one| resources.map(|other| (*one, other))) {
            for boundary in [None, Some("*"), Some("arn:aws:dynamodb:*:*:table/inv*")] {
                let allow = |resource: &str| json!({"Effect": "Allow", "Action": ["dynamodb:PutItem", "dynamodb:Query"], "Resource": resource});
                let permissions = EffectivePermissions::new(
                    vec![policy(&json!([allow(resource), allow(more)]))],
                    boundary.map(|within| policy(&allow(within))),
                );
                let grants = StoreGrants::of(&permissions);
                let divided = grants.divided(StoreKind::Table, &places, |_, _| Certainty::Always);
                on_all += divided.on_all.len();
                for arn in &arns {
                    let may_be_named = divided.beginnings.iter().any(|beginning| {
                        (arn.starts_with(&beginning.text) && !beginning.is_whole)
                            || beginning.text.starts_with(arn)
                    });
                    let allowed = grants.on(&Store::new(StoreKind::Table, arn), |_, _| true);
                    let names = |accesses: &[StoreAccess<'_>]| {
                        accesses
                            .iter()
                            .map(|access| {
                                (
                                    access.action.to_string(),
                                    access.grant.statement.index,
                                    access.coverage.clone(),
                                )
                            })
                            .collect::<Vec<_>>()
                    };
                    if !may_be_named {
                        assert_eq!(
                            names(&allowed),
                            names(&divided.on_all),
                            "{resource} {more} {boundary:?} {arn}"
                        );
                    }
                }
            }
        }
        assert!(on_all > 0);
    }

    #[test]
    fn a_grant_that_holds_for_some_stores_is_not_one_on_all() {
        let permissions = EffectivePermissions::new(
            vec![policy(&json!([{"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": "*"}]))],
            None,
        );
        let grants = StoreGrants::of(&permissions);
        let divided = |certainty| {
            let places =
                Place::of("arn:aws:dynamodb:eu-west-1:111122223333:table/orders").into_iter().collect();
            let Divided { on_all, beginnings } = grants.divided(StoreKind::Table, &places, |_, _| certainty);
            (on_all.len(), beginnings.into_iter().collect::<Vec<_>>())
        };
        assert_eq!(divided(Certainty::Always), (1, vec![]));
        assert_eq!(divided(Certainty::ForSome), (0, vec![Beginning::of_anything()]));
        assert_eq!(divided(Certainty::Never), (0, vec![]));
    }

    #[test]
    fn a_store_whose_arn_has_another_form_is_not_regular() {
        let is_regular = |kind, arn: &str| Store::new(kind, arn).is_regular();
        assert!(is_regular(StoreKind::Table, "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"));
        assert!(is_regular(StoreKind::Bucket, "arn:aws-cn:s3:::orders"));
        assert!(!is_regular(StoreKind::Table, "arn:aws:s3:::orders"));
        assert!(!is_regular(StoreKind::Table, "orders"));
        let cluster =
            Store::new(StoreKind::DatabaseCluster, "arn:aws:rds:eu-west-1:111122223333:cluster:ledger");
        assert!(!cluster.is_regular(), "its users' ARNs are not known");
        assert!(cluster.with_database_resource_id("cluster-H26E2").is_regular());
    }

    fn policy(statements: &serde_json::Value) -> Policy {
        let document = json!({"Version": "2012-10-17", "Statement": statements});
        Policy::inline("policy", PolicyDocument::read(&document).unwrap())
    }
}

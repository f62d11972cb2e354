use config_rule::{Document, Known, Missing, Subject, Tags};
use iam_policy::account_of;
use iam_policy::stores::{Store, StoreKind};

use crate::group::GroupEvidence;

/// A table, a bucket, a database or a user pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataStore {
    /// What kind of store it is.
    pub kind: StoreKind,
    /// What people call it: a database's identifier, a user pool's name.
    pub name: String,
    /// What policies call it.
    pub store: Known<Store>,
    /// The account that owns it, where its ARN does not say so.
    pub unnamed_account: Option<String>,
    /// To which group it belongs.
    pub group_evidence: GroupEvidence,
}

impl Subject for DataStore {
    fn read(document: &Document) -> Option<Self> {
        let kind = StoreKind::of_type(&document.resource_type)?;
        let mut group_evidence = GroupEvidence::of(document);
        if kind == StoreKind::UserPool && group_evidence.tags.get().is_err() {
            group_evidence.tags = user_pool_tags(document);
        }
        Some(Self {
            kind,
            name: document.resource_name.as_ref().unwrap_or(&document.resource_id).clone(),
            store: match &document.arn {
                Some(arn) => Known::Value(store(kind, arn, &document.resource_id)),
                None => Known::Unknown(Missing::NotRecorded {
                    what: format!("the ARN of {} `{}`", document.resource_type, document.resource_id),
                }),
            },
            unnamed_account: unnamed_account(document),
            group_evidence,
        })
    }
}

/// The ARN of a bucket names no account.
fn unnamed_account(document: &Document) -> Option<String> {
    let is_named = document.arn.as_deref().is_some_and(|arn| account_of(arn).is_some());
    document.account_id.clone().filter(|_| !is_named)
}

/// AWS Config's id of a database is the resource id by which `rds-db:connect` names it.
fn store(kind: StoreKind, arn: &str, id: &str) -> Store {
    let store = Store::new(kind, arn);
    match kind {
        StoreKind::DatabaseCluster | StoreKind::DatabaseInstance => store.with_database_resource_id(id),
        StoreKind::Table | StoreKind::Bucket | StoreKind::UserPool => store,
    }
}

/// Queries do not reach user pools, and other items of them have no tags. Their configuration has the properties of the
/// CloudFormation type.
///
/// Source: AWS CloudFormation Template Reference, `AWS::Cognito::UserPool`, `UserPoolTags`.
fn user_pool_tags(document: &Document) -> Known<Tags> {
    match document.properties().object("configuration.UserPoolTags") {
        Known::Value(tags) => {
            Known::Value(tags.iter().filter_map(|(key, value)| Some((key, value.as_text()?))).collect())
        }
        Known::Unknown(_) => document.tags.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_database_is_known_by_its_identifier_and_to_policies_by_arn_and_resource_id() {
        let arn = "arn:aws:rds:eu-west-1:111122223333:cluster:ledger";
        let cluster = read(json!({
            "resourceType": "AWS::RDS::DBCluster", "resourceId": "cluster-H26E2", "resourceName": "ledger", "arn": arn,
        }));
        assert_eq!(cluster.name, "ledger");
        let expected = Store::new(StoreKind::DatabaseCluster, arn).with_database_resource_id("cluster-H26E2");
        assert_eq!(cluster.store, Known::Value(expected));
    }

    #[test]
    fn the_account_of_a_bucket_is_in_its_item_and_that_of_a_table_in_its_arn() {
        let account = |resource_type: &str, arn: &str| {
            read(json!({"resourceType": resource_type, "resourceId": "o", "arn": arn, "accountId": "111122223333"}))
                .unnamed_account
        };
        assert_eq!(account("AWS::S3::Bucket", "arn:aws:s3:::orders").as_deref(), Some("111122223333"));
        let arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders";
        assert_eq!(account("AWS::DynamoDB::Table", arn), None);
    }

    #[test]
    fn a_store_without_arn_cannot_be_found_in_policies() {
        let table = read(json!({"resourceType": "AWS::DynamoDB::Table", "resourceId": "orders"}));
        assert_eq!(
            table.store.get().unwrap_err().to_string(),
            "the ARN of AWS::DynamoDB::Table `orders` is not recorded"
        );
    }

    #[test]
    fn a_user_pool_has_its_tags_in_its_configuration_and_its_stack_unknown() {
        let pool = |configuration: Value| {
            read(json!({
                "resourceType": "AWS::Cognito::UserPool", "resourceId": "eu-west-1_Hb7",
                "configuration": configuration.to_string(),
            }))
            .group_evidence
        };
        let tagged = pool(json!({"UserPoolTags": {"service": "customers"}}));
        assert_eq!(tagged.tags.get().unwrap().get("service"), Some("customers"));
        assert!(tagged.stack.get().is_err());
        assert!(pool(json!({})).tags.get().is_err());
    }

    #[test]
    fn a_queue_is_no_store() {
        let queue = json!({"resourceType": "AWS::SQS::Queue", "resourceId": "q"});
        assert_eq!(DataStore::read(&Document::from_item(queue).unwrap()), None);
    }

    fn read(item: Value) -> DataStore {
        DataStore::read(&Document::from_item(item).unwrap()).unwrap()
    }
}

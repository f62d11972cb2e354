//! Which data stores a grant reaches.

use iam_policy::stores::{Access, Store, StoreGrants, StoreKind};
use iam_policy::{EffectivePermissions, Policy, PolicyDocument};
use serde_json::{Value, json};

const ORDERS: &str = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders";

#[test]
fn a_named_table_is_reached_by_name_and_another_is_not() {
    let grant = json!({"Sid": "Orders", "Effect": "Allow", "Action": ["dynamodb:PutItem", "dynamodb:Query"], "Resource": ORDERS});
    let reached = reached(&grant, &Store::new(StoreKind::Table, ORDERS));
    assert_eq!(
        reached,
        [
            ("dynamodb:PutItem".to_owned(), Access::Writes, false),
            ("dynamodb:Query".to_owned(), Access::ReadsData, false)
        ]
    );
    let users = Store::new(StoreKind::Table, "arn:aws:dynamodb:eu-west-1:111122223333:table/users");
    assert_eq!(self::reached(&grant, &users), []);
}

#[test]
fn a_grant_on_every_table_reaches_each_as_one_of_all() {
    let grant = json!({"Effect": "Allow", "Action": "dynamodb:DeleteItem", "Resource": "arn:aws:dynamodb:*:*:table/*"});
    let reached = reached(&grant, &Store::new(StoreKind::Table, ORDERS));
    assert_eq!(reached, [("dynamodb:DeleteItem".to_owned(), Access::Writes, true)]);
}

#[test]
fn an_index_is_part_of_its_table() {
    let grant =
        json!({"Effect": "Allow", "Action": "dynamodb:Query", "Resource": format!("{ORDERS}/index/by-day")});
    let reached = reached(&grant, &Store::new(StoreKind::Table, ORDERS));
    assert_eq!(reached, [("dynamodb:Query".to_owned(), Access::ReadsData, false)]);
}

#[test]
fn a_folder_is_part_of_its_bucket_unless_denied() {
    let store = Store::new(StoreKind::Bucket, "arn:aws:s3:::orders");
    let grant = json!({"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::orders/${aws:PrincipalTag/team}/*"});
    assert_eq!(reached(&grant, &store), [("s3:PutObject".to_owned(), Access::Writes, false)]);
    let neighbour =
        json!({"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::orders-archive/*"});
    assert_eq!(reached(&neighbour, &store), []);
    let denied = json!([grant, {"Effect": "Deny", "Action": "s3:Put*", "Resource": "arn:aws:s3:::orders/*"}]);
    assert_eq!(reached(&denied, &store), []);
}

#[test]
fn bucket_policies_manage_permissions_and_bucket_properties_are_no_data() {
    let store = Store::new(StoreKind::Bucket, "arn:aws:s3:::orders");
    let actions =
        json!(["s3:PutBucketPolicy", "s3:GetBucketLocation", "s3:ListBucket", "s3:PutObjectTagging"]);
    let grant = json!({"Effect": "Allow", "Action": actions, "Resource": ["arn:aws:s3:::orders", "arn:aws:s3:::orders/*"]});
    assert_eq!(
        reached(&grant, &store),
        [("s3:PutBucketPolicy".to_owned(), Access::ManagesPermissions, false)]
    );
}

#[test]
fn the_data_api_and_database_users_are_part_of_a_cluster() {
    let arn = "arn:aws:rds:eu-west-1:111122223333:cluster:orders";
    let store = Store::new(StoreKind::DatabaseCluster, arn).with_database_resource_id("cluster-ABC");
    let user = "arn:aws:rds-db:eu-west-1:111122223333:dbuser:cluster-ABC/app";
    let grant = json!([
        {"Effect": "Allow", "Action": "rds-data:ExecuteStatement", "Resource": arn},
        {"Effect": "Allow", "Action": "rds-db:connect", "Resource": user},
        {"Effect": "Allow", "Action": "rds:CreateDBClusterSnapshot", "Resource": arn},
    ]);
    let both = [
        ("rds-data:ExecuteStatement".to_owned(), Access::Writes, false),
        ("rds-db:connect".to_owned(), Access::Writes, false),
    ];
    assert_eq!(reached(&grant, &store), both);
    let unknown_id = Store::new(StoreKind::DatabaseCluster, arn);
    assert_eq!(reached(&grant, &unknown_id), both[..1]);
}

#[test]
fn a_user_pool_is_reached_by_its_id() {
    let arn = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_a";
    let grant = json!({"Effect": "Allow", "Action": ["cognito-idp:AdminDeleteUser", "cognito-idp:AdminGetUser"], "Resource": arn});
    assert_eq!(
        reached(&grant, &Store::new(StoreKind::UserPool, arn)),
        [
            ("cognito-idp:AdminDeleteUser".to_owned(), Access::Writes, false),
            ("cognito-idp:AdminGetUser".to_owned(), Access::ReadsData, false),
        ]
    );
}

/// Action, access, and whether the grant covers every store of the kind.
fn reached(statements: &Value, store: &Store) -> Vec<(String, Access, bool)> {
    let document =
        PolicyDocument::read(&json!({"Version": "2012-10-17", "Statement": statements})).expect("a policy");
    let permissions = EffectivePermissions::new(vec![Policy::inline("p", document)], None);
    let accesses = StoreGrants::of(&permissions).on(store, |_, _| true);
    accesses
        .iter()
        .map(|access| (access.action.to_string(), access.access, access.coverage.is_broad()))
        .collect()
}

mod counting;

use std::sync::Arc;

use aws_resources::{DataStore, StackForest};
use config_rule::{Documents, Entry, Known, ParameterErrors, Subject, parameter_values};
use iam_policy::stores::StoreKind;
use iam_policy::{EffectivePermissions, Policy, PolicyDocument};
use serde_json::{Value, json};

use super::*;
use crate::targets::Targets;

const CATALOGUE_TABLE: &str = "arn:aws:dynamodb:eu-west-1:111122223333:table/catalogue";

#[test]
fn a_store_of_another_group_that_a_grant_names_is_found_with_all_that_names_it() {
    assert_eq!(
        findings(
            &json!({"Sid": "Stock", "Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": CATALOGUE_TABLE})
        ),
        [
            "writes-foreign-data-store: may write table `catalogue` of group `catalogue` with `dynamodb:PutItem` (policy \
             `p`, statement `Stock`), only stores of group `orders`"
        ]
    );
}

#[test]
fn the_functions_own_store_and_one_of_nobody_are_not() {
    for name in ["orders", "nobodys"] {
        let arn = format!("arn:aws:dynamodb:eu-west-1:111122223333:table/{name}");
        assert_eq!(findings(&allow("dynamodb:*", &json!(arn))), NONE, "{name}");
    }
}

#[test]
fn a_name_with_a_wildcard_is_narrow_and_a_star_is_not() {
    let starts = |resource: &str, check: &str| {
        let found = findings(&allow("dynamodb:PutItem", &json!(resource)));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with(&format!("{check}: ")), "{found:?}");
    };
    starts("arn:aws:dynamodb:*:*:table/cat*", "writes-foreign-data-store");
    starts("arn:aws:dynamodb:*:*:table/*", "writes-any-data-store");
    starts("*", "writes-any-data-store");
}

#[test]
fn a_grant_of_everything_counts_the_stores_of_others_once_for_each_kind() {
    assert_eq!(
        findings(&allow("dynamodb:Put*", &json!("*"))),
        [
            "writes-any-data-store: may write every table, such as `catalogue` of group `catalogue` and 1 more of other \
             groups, with `dynamodb:Put*` (policy `p`, statement 1), only stores of group `orders`"
        ]
    );
    let all = findings(&allow("*", &json!("*")));
    let any: Vec<_> = all.iter().filter(|line| line.starts_with("writes-any-data-store")).collect();
    assert_eq!(any.len(), 2, "tables and buckets: {all:?}");
}

#[test]
fn everything_but_the_stores_of_others_is_nobodys_business() {
    let denied = |resources: Value| {
        let deny = json!({"Effect": "Deny", "Action": "*", "Resource": resources});
        findings(&json!([allow("dynamodb:PutItem", &json!("*")), deny]))
    };
    assert_eq!(
        denied(json!([CATALOGUE_TABLE, "arn:aws:dynamodb:eu-west-1:111122223333:table/customers"])),
        NONE
    );
    assert_eq!(
        denied(json!(CATALOGUE_TABLE)),
        [
            "writes-any-data-store: may write nearly every table, such as `customers` of group `customers`, with \
             `dynamodb:PutItem` (policy `p`, statement 1), only stores of group `orders`"
        ]
    );
}

#[test]
fn reads_are_found_unless_writes_are() {
    assert_eq!(
        findings(&allow("dynamodb:Query", &json!(format!("{CATALOGUE_TABLE}/index/by-title")))),
        [
            "reads-foreign-data-store: may read table `catalogue` of group `catalogue` with `dynamodb:Query` (policy `p`, \
             statement 1), only stores of group `orders`"
        ]
    );
    let found = findings(&allow_all(&["dynamodb:Query", "dynamodb:PutItem"], CATALOGUE_TABLE));
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("writes-foreign-data-store"), "{found:?}");
}

#[test]
fn a_read_of_everything_names_the_kind_and_a_read_of_one_names_it() {
    let statements =
        json!([allow("dynamodb:GetItem", &json!("*")), allow("dynamodb:Query", &json!(CATALOGUE_TABLE))]);
    let found = findings(&statements);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].contains("may read table `catalogue`"), "{found:?}");
    assert!(found[0].contains("`dynamodb:Query` (policy `p`, statement 2)"), "{found:?}");
    assert!(
        found[1].contains("may read every table, such as `customers` of group `customers`,"),
        "{found:?}"
    );
}

#[test]
fn what_shows_or_labels_a_store_is_neither_read_nor_write() {
    assert_eq!(findings(&allow_all(&["dynamodb:DescribeTable", "dynamodb:TagResource"], "*")), NONE);
}

#[test]
fn whoever_changes_a_stores_policy_lets_others_into_it() {
    let found = findings(&allow("s3:PutBucketPolicy", &json!("arn:aws:s3:::catalogue-covers")));
    assert!(
        found[0].contains("may let others into bucket `catalogue-covers` of group `catalogue`"),
        "{found:?}"
    );
}

#[test]
fn a_condition_counts_only_where_it_lets_the_store_through_for_certain() {
    for (condition, is_found) in [
        (json!({"Bool": {"aws:SecureTransport": "true"}}), true),
        (json!({"Bool": {"aws:ViaAWSService": "false"}}), true),
        (json!({"Bool": {"aws:ViaAWSService": "true"}}), false),
        (json!({"StringEquals": {"aws:ResourceAccount": "111122223333"}}), true),
        (json!({"StringEquals": {"aws:ResourceAccount": "444455556666"}}), false),
        (json!({"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}}), true),
        (json!({"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalTag/account}"}}), false),
        (json!({"StringEquals": {"s3:ResourceAccount": "111122223333"}}), false),
        (json!({"StringEquals": {"aws:ResourceTag/service": "catalogue"}}), true),
        (json!({"StringEquals": {"aws:ResourceTag/service": "orders"}}), false),
        (json!({"StringEquals": {"aws:ResourceTag/team": "catalogue"}}), false),
        (json!({"StringNotEquals": {"aws:ResourceTag/service": "orders"}}), false),
        (json!({"StringNotEquals": {"aws:ResourceTag/service": "catalogue"}}), false),
        (json!({"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["orders"]}}), true),
        (json!({"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["${aws:userid}"]}}), false),
        (json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}), true),
        (json!({"ForAnyValue:StringEquals": {"aws:TagKeys": ["team"]}}), false),
        (json!({"Null": {"aws:ResourceAccount": "false"}}), true),
        (json!({"StringEquals": {"s3:prefix": "orders/"}}), false),
        (json!({"StringEquals": {"new:Key": "x"}}), false),
    ] {
        let mut statement = allow("dynamodb:PutItem", &json!(CATALOGUE_TABLE));
        statement["Condition"] = condition.clone();
        assert_eq!(!findings(&statement).is_empty(), is_found, "{condition}");
    }
}

#[test]
fn whose_a_bucket_is_stands_in_its_item() {
    for (account, condition, is_found) in [
        (Some("111122223333"), json!({"aws:ResourceAccount": "111122223333"}), true),
        (Some("111122223333"), json!({"s3:ResourceAccount": "111122223333"}), true),
        (Some("111122223333"), json!({"s3:ResourceAccount": "${aws:PrincipalAccount}"}), true),
        (Some("444455556666"), json!({"s3:ResourceAccount": "${aws:PrincipalAccount}"}), false),
        (Some("111122223333"), json!({"s3:ResourceAccount": "444455556666"}), false),
        (None, json!({"aws:ResourceAccount": "111122223333"}), false),
    ] {
        let mut statement = allow("s3:PutObject", &json!("arn:aws:s3:::catalogue-covers/*"));
        statement["Condition"] = json!({"StringEquals": condition});
        let mut around = surroundings(&statement);
        let mut bucket = store(
            "AWS::S3::Bucket",
            "catalogue-covers",
            "arn:aws:s3:::catalogue-covers",
            &json!({"service": "catalogue"}),
        );
        bucket.unnamed_account = account.map(ToOwned::to_owned);
        around.stores = vec![(StoreKind::Bucket, of_kind(vec![bucket]))];
        let (findings, _) = judged(&function(), &json!({}), &around);
        assert_eq!(!findings.is_empty(), is_found, "{account:?} {condition}");
    }
}

#[test]
fn an_ignored_store_is_nobodys() {
    let statement = allow("s3:PutObject", &json!("arn:aws:s3:::*-covers/*"));
    assert_eq!(findings(&statement).len(), 1);
    let parameters = json!({"ignoredDataStores": "*-COVERS"});
    assert_eq!(judged(&function(), &parameters, &surroundings(&statement)), (Vec::new(), Vec::new()));
}

#[test]
fn buckets_of_tools_and_logs_are_ignored_and_others_are_not() {
    let defaults = boundaries(&json!({}));
    for name in [
        "aws-sam-cli-managed-default-samclisourcebucket-1a2b3c4d5e6f",
        "cdk-hnb659fds-assets-111122223333-eu-west-1",
        "newsletter-prod-serverlessdeploymentbucket-e2hfbi10sr8b",
        "cf-templates-1a2b3c-eu-west-1",
        "codepipeline-eu-west-1-123456789012",
        "harbour-pipeline-artifacts-111122223333",
        "config-bucket-111122223333",
        "orders-reports-accesslogsbucket-6rhlegxknm6d",
        "harbour-catalogue-cover-logs-111122223333",
    ] {
        assert!(defaults.is_ignored(name), "{name}");
    }
    for name in ["catalogue-covers", "logs-of-the-ship", "blogs", "orders", "config", "assets"] {
        assert!(!defaults.is_ignored(name), "{name}");
    }
}

#[test]
fn of_many_stores_five_are_named_and_the_rest_is_counted() {
    let many = |count: usize| {
        let mut around = surroundings(&allow("dynamodb:PutItem", &json!("arn:aws:dynamodb:*:*:table/c*")));
        let tables = (0..count).map(|index| table(&format!("c{index}"), &json!({"service": "catalogue"})));
        around.stores = vec![(StoreKind::Table, of_kind(tables.collect()))];
        judged(&function(), &json!({}), &around).0
    };
    assert_eq!(many(5).len(), 5);
    assert!(many(5).iter().all(|line| !line.contains("likewise")));
    assert_eq!(many(7).len(), 5);
    assert!(many(7)[4].contains("(policy `p`, statement 1), likewise 2 more stores, "), "{:?}", many(7)[4]);
}

#[test]
fn a_function_without_tag_and_stack_is_ungrouped() {
    let found = |tags: &Value, parameters: &Value| {
        judged(&function_with(tags), parameters, &surroundings(&json!([]))).0
    };
    let nobodys = json!({"team": "a"});
    assert_eq!(
        found(&nobodys, &json!({})),
        [
            "ungrouped: no tag and no stack says to which microservice it belongs, needs a tag such as `service`"
        ]
    );
    assert_eq!(found(&nobodys, &json!({"groupTagKeys": "team"})), NONE);
    let in_stack = json!({"aws:cloudformation:stack-id": STACK});
    assert_eq!(found(&in_stack, &json!({})), NONE);
    assert_eq!(
        found(&in_stack, &json!({"groupByStack": "false"})),
        ["ungrouped: no tag says to which microservice it belongs, needs a tag such as `service`"]
    );
    assert_eq!(
        found(&nobodys, &json!({"groupTagKeys": ""})),
        [
            "ungrouped: no tag and no stack says to which microservice it belongs, needs a CloudFormation stack"
        ]
    );
}

#[test]
fn for_an_ungrouped_function_nothing_is_foreign() {
    let around = surroundings(&allow("*", &json!("*")));
    let (found, open) = judged(&function_with(&json!({})), &json!({}), &around);
    assert_eq!((found.len(), open.len()), (1, 0), "{found:?} {open:?}");
}

#[test]
fn a_group_of_another_kind_is_not_known_to_be_another() {
    let mut around = surroundings(&allow("dynamodb:PutItem", &json!("arn:aws:dynamodb:*:*:table/d*")));
    let elsewhere = json!({"aws:cloudformation:stack-id": STACK});
    around.stores = vec![(StoreKind::Table, of_kind(vec![table("d", &elsewhere)]))];
    let (found, open) = judged(&function(), &json!({}), &around);
    assert_eq!(found, NONE);
    assert_eq!(
        open,
        [
            "writes-foreign-data-store: whether stack `shop` is service `orders` is not available: names of different things \
             cannot be compared"
        ]
    );
    assert_eq!(judged(&function(), &json!({"groupByStack": "false"}), &around), (Vec::new(), Vec::new()));
}

#[test]
fn functions_of_two_root_stacks_are_strangers() {
    let mut around = surroundings(&allow("dynamodb:PutItem", &json!("arn:aws:dynamodb:*:*:table/d*")));
    let blog = STACK.replace("shop", "blog");
    around.stacks = forest([stack(STACK, "shop", &json!({})), stack(&blog, "blog", &json!({}))]);
    let of_stack = |id: &str| json!({"aws:cloudformation:stack-id": id});
    around.stores = vec![(StoreKind::Table, of_kind(vec![table("d", &of_stack(&blog))]))];
    let found = |id: &str| judged(&function_with(&of_stack(id)), &json!({}), &around).0;
    assert_eq!(found(&blog), NONE);
    assert_eq!(found(STACK).len(), 1);
}

#[test]
fn a_store_of_unknown_group_leaves_open_what_rests_on_it_and_no_more() {
    let mut around = surroundings(&allow_all(&["dynamodb:PutItem"], "arn:aws:dynamodb:*:*:table/d*"));
    let unrecorded = json!({"aws:cloudformation:stack-id": STACK.replace("shop", "gone")});
    around.stores = vec![(StoreKind::Table, of_kind(vec![table("d", &unrecorded)]))];
    let (found, open) = judged(&function(), &json!({}), &around);
    assert_eq!(found, NONE);
    assert_eq!(open.len(), 1, "{open:?}");
    assert!(open[0].starts_with("writes-foreign-data-store: stack `"), "{open:?}");
}

#[test]
fn a_foreign_write_to_one_store_does_not_hide_that_another_ones_group_is_unknown_to_reads() {
    let statements = json!([
        allow("dynamodb:PutItem", &json!(CATALOGUE_TABLE)),
        allow("dynamodb:GetItem", &json!([CATALOGUE_TABLE, "arn:aws:dynamodb:*:*:table/d*"])),
    ]);
    let mut around = surroundings(&statements);
    let unrecorded = json!({"aws:cloudformation:stack-id": STACK.replace("shop", "gone")});
    let tables = vec![table("catalogue", &json!({"service": "catalogue"})), table("d", &unrecorded)];
    around.stores = vec![(StoreKind::Table, of_kind(tables))];
    let (found, open) = judged(&function(), &json!({}), &around);
    assert_eq!((found.len(), open.len()), (1, 1), "{found:?} {open:?}");
    assert!(open[0].starts_with("reads-foreign-data-store: stack `"), "{open:?}");
}

#[test]
fn stores_that_are_not_recorded_leave_open_what_the_role_may_do_to_them() {
    for (action, expected) in [
        ("dynamodb:PutItem", vec!["writes-foreign-data-store", "writes-any-data-store"]),
        ("dynamodb:GetItem", vec!["reads-foreign-data-store"]),
    ] {
        let mut around = surroundings(&allow(action, &json!("*")));
        let missing = Missing::NotRecorded { what: "AWS::DynamoDB::Table".to_owned() };
        around.stores = vec![(StoreKind::Table, Known::Unknown(missing))];
        let (found, open) = judged(&function(), &json!({}), &around);
        assert_eq!(found, NONE);
        let expected: Vec<_> =
            expected.iter().map(|check| format!("{check}: AWS::DynamoDB::Table is not recorded")).collect();
        assert_eq!(open, expected);
    }
}

#[test]
fn a_role_that_is_not_known_leaves_its_reach_open() {
    let mut around = surroundings(&json!([]));
    around.permissions = Known::Unknown(Missing::NotRecorded { what: "AWS::IAM::Role".to_owned() });
    let (found, open) = judged(&function(), &json!({}), &around);
    assert_eq!(found, NONE);
    let open: Vec<_> =
        open.iter().filter_map(|line| line.strip_suffix(": AWS::IAM::Role is not recorded")).collect();
    assert_eq!(
        open,
        [
            "writes-foreign-data-store",
            "writes-any-data-store",
            "reads-foreign-data-store",
            "invokes-foreign-function"
        ]
    );
}

#[test]
fn stacks_that_are_not_recorded_leave_open_all_but_that_there_is_a_group() {
    let mut around = surroundings(&allow("*", &json!("*")));
    around.stacks = Known::Unknown(Missing::NotRecorded { what: "AWS::CloudFormation::Stack".to_owned() });
    let in_stack = function_with(&json!({"aws:cloudformation:stack-id": STACK}));
    let (found, open) = judged(&in_stack, &json!({}), &around);
    assert_eq!((found.len(), open.len()), (0, 5), "{open:?}");
    assert!(judged(&function(), &json!({}), &around).1.is_empty(), "tags need no stacks");
}

#[test]
fn a_function_of_another_group_may_not_be_invoked_by_any_of_its_names() {
    let invoke = |resource: &str| findings(&allow("lambda:InvokeFunction", &json!(resource)));
    for suffix in ["", ":*", ":live"] {
        let resource = format!("arn:aws:lambda:eu-west-1:111122223333:function:search{suffix}");
        assert_eq!(
            invoke(&resource),
            [
                "invokes-foreign-function: may invoke `search` of group `catalogue` (policy `p`, statement 1), only functions \
                 of group `orders`"
            ],
            "{suffix}"
        );
    }
    for resource in ["place-order", "place-order:*", "ship-order", "searchlight"] {
        assert_eq!(invoke(&format!("arn:aws:lambda:eu-west-1:111122223333:function:{resource}")), NONE);
    }
    let any = invoke("*");
    assert_eq!(any.len(), 1);
    assert!(any[0].contains("may invoke every function, such as `search` of group `catalogue`"), "{any:?}");
}

#[test]
fn a_role_may_be_shared_within_the_group_only() {
    let shared = |other: &str, role: &str| {
        let mut around = surroundings(&json!([]));
        let mut neighbour = neighbour("neighbour", &json!({"service": other}));
        neighbour.role_arn = Known::Value(role.to_owned());
        around.sharing = functions(vec![function(), neighbour]);
        judged(&function(), &json!({}), &around).0
    };
    assert_eq!(
        shared("catalogue", ROLE),
        [
            "role-shared-across-groups: role `orders-role` also runs `neighbour` of group `catalogue`, needs a role that runs \
             only functions of group `orders`"
        ]
    );
    assert_eq!(shared("orders", ROLE), NONE);
    assert_eq!(shared("catalogue", "arn:aws:iam::111122223333:role/other/orders-role"), NONE);
}

#[test]
fn a_role_concerns_the_functions_that_run_with_it() {
    let role = json!({"resourceType": "AWS::IAM::Role", "resourceId": "AROA5", "ARN": ROLE});
    let role = Document::from_item(role).unwrap();
    assert_eq!(
        LambdaGroupedInMicroservice::concerned(&role),
        [(Function::TYPE, Selector::ReferringTo(ROLE))]
    );
}

#[test]
fn only_what_a_role_reaches_is_asked_for() {
    let around = |action: &str, parameters: Value| {
        let item = |kind: &str, name: &str, configuration: Value| {
            let item = json!({"resourceType": kind, "resourceId": name, "arn": name, "configuration": configuration});
            Document::from_item(item).unwrap()
        };
        let statements = json!({"Statement": allow(action, &json!("*"))}).to_string();
        let role = json!({
            "roleName": "orders-role", "arn": ROLE, "attachedManagedPolicies": [],
            "rolePolicyList": [{"policyName": "p", "policyDocument": statements}],
        });
        let documents = vec![
            item("AWS::IAM::Role", ROLE, role),
            item("AWS::DynamoDB::Table", "orders", json!({})),
            item("AWS::S3::Bucket", "covers", json!({})),
            item(Function::TYPE, "search", json!({"role": "another"})),
            item(Function::TYPE, "place-order", json!({"role": ROLE})),
        ];
        let recorded = ["AWS::CloudFormation::Stack".to_owned()];
        let inventory = rule_testing::ItemsInventory::new(documents, recorded);
        let around =
            rule_testing::block_on(Surroundings::of(&function(), &boundaries(&parameters), &inventory));
        let around = around.unwrap();
        let kinds: Vec<_> = around.stores.iter().map(|(kind, _)| *kind).collect();
        let names = |functions: &Known<Arc<Targets<GroupedFunction>>>| {
            functions.get().unwrap().all().iter().map(|function| function.name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(names(&around.sharing), ["place-order"]);
        (kinds, names(&around.invocable))
    };
    assert_eq!(around("dynamodb:PutItem", json!({})), (vec![StoreKind::Table], Vec::new()));
    let buckets_only = json!({"dataStoreTypes": "AWS::S3::Bucket"});
    assert_eq!(around("dynamodb:PutItem", buckets_only), (Vec::new(), Vec::new()));
    let both = vec!["place-order".to_owned(), "search".to_owned()];
    assert_eq!(around("lambda:InvokeFunction", json!({})), (Vec::new(), both));
}

#[test]
fn the_actions_of_the_statement_that_is_named_are_counted_and_no_others() {
    let statements = json!([
        allow_all(&["dynamodb:DeleteItem", "dynamodb:Put*", "dynamodb:GetItem"], CATALOGUE_TABLE),
        allow("dynamodb:UpdateItem", &json!(CATALOGUE_TABLE)),
    ]);
    let found = findings(&statements);
    assert!(
        found[0].contains("with `dynamodb:DeleteItem` and 1 more (policy `p`, statement 1)"),
        "{found:?}"
    );
}

#[test]
fn the_tags_of_buckets_let_nothing_through_for_certain() {
    for (action, is_found) in
        [("dynamodb:PutItem", true), ("dynamodb:PartiQLInsert", true), ("s3:PutObject", false)]
    {
        let mut statement = allow_all(&[action], "arn:aws:*:*catalogue*");
        statement["Condition"] = json!({"StringEquals": {"aws:ResourceTag/service": "catalogue"}});
        assert_eq!(!findings(&statement).is_empty(), is_found, "{action}");
    }
}

#[test]
fn what_is_found_is_said_whatever_else_is_unknown() {
    let mut around = surroundings(&allow("dynamodb:PutItem", &json!("arn:aws:dynamodb:*:*:table/c*")));
    let unrecorded = json!({"aws:cloudformation:stack-id": STACK.replace("shop", "gone")});
    let tables = vec![table("c", &unrecorded), table("catalogue", &json!({"service": "catalogue"}))];
    around.stores = vec![(StoreKind::Table, of_kind(tables))];
    let (found, open) = judged(&function(), &json!({}), &around);
    assert_eq!((found.len(), open.len()), (1, 0), "{found:?} {open:?}");
}

#[test]
fn an_older_item_of_the_function_is_no_stranger() {
    let mut around =
        surroundings(&allow("lambda:InvokeFunction", &json!("arn:aws:lambda:*:*:function:place*")));
    around.sharing = functions(vec![function_with(&json!({"service": "checkout"}))]);
    assert_eq!(judged(&function(), &json!({}), &around), (Vec::new(), Vec::new()));
}

#[test]
fn a_type_that_is_no_data_store_is_refused() {
    let prepare = |types: &str| {
        let given = parameter_values(Some(&json!({ "dataStoreTypes": types }).to_string())).unwrap();
        Entry::of::<LambdaGroupedInMicroservice>().prepare(&given).map(|_| ())
    };
    assert!(prepare("AWS::S3::Bucket, AWS::RDS::DBCluster").is_ok());
    assert!(prepare("").is_ok());
    let ParameterErrors(errors) = prepare("AWS::S3::Bucket,AWS::SQS::Queue").unwrap_err();
    let message = errors[0].to_string();
    assert!(
        message.starts_with("rule parameter `dataStoreTypes`: expected comma-separated types"),
        "{message}"
    );
    assert!(message.ends_with("got `AWS::SQS::Queue`"), "{message}");
}

#[test]
fn a_helper_of_the_cdk_belongs_to_its_stack() {
    let tags = json!({
        "aws:cloudformation:stack-id": STACK,
        "aws:cloudformation:logical-id": "LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8aFD4BFC8A",
    });
    let outcome = LambdaGroupedInMicroservice::evaluate(
        &function_with(&tags),
        &boundaries(&json!({})),
        &surroundings(&allow("*", &json!("*"))),
        ANY_DAY,
    );
    assert!(matches!(outcome, Outcome::NotApplicable(_)));
}

const NONE: [&str; 0] = [];
const ANY_DAY: Date = Date::constant(2026, 10, 1);
const ROLE: &str = "arn:aws:iam::111122223333:role/orders-role";
const STACK: &str = "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop/1";

/// What is found in a function of group `orders` whose role has these statements.
fn findings(statements: &Value) -> Vec<String> {
    let (findings, undecided) = judged(&function(), &json!({}), &surroundings(statements));
    assert_eq!(undecided, NONE);
    findings
}

fn judged(
    function: &GroupedFunction,
    parameters: &Value,
    surroundings: &Surroundings,
) -> (Vec<String>, Vec<String>) {
    let outcome =
        LambdaGroupedInMicroservice::evaluate(function, &boundaries(parameters), surroundings, ANY_DAY);
    let Outcome::Judged { findings, undecided } = outcome else { panic!("it is judged") };
    let found =
        findings.iter().map(|finding| format!("{}: {}, {}", finding.check.id, finding.seen, finding.wanted));
    let open = undecided.iter().map(|open| format!("{}: {}", open.check.id, open.missing));
    (found.collect(), open.collect())
}

/// The defaults, with these instead.
fn boundaries(parameters: &Value) -> Boundaries {
    use config_rule::Parameters as _;
    let text = |name: &str| {
        let spec = Boundaries::SPECS.iter().find(|spec| spec.name == name).unwrap();
        parameters[name].as_str().unwrap_or(spec.default).to_owned()
    };
    let list = |name: &str| {
        text(name).split(',').filter(|word| !word.is_empty()).map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    Boundaries {
        grouping: aws_resources::Grouping {
            tag_keys: list("groupTagKeys"),
            by_stack: text("groupByStack") == "true",
        },
        store_kinds: list("dataStoreTypes").iter().filter_map(|name| StoreKind::of_type(name)).collect(),
        ignored_stores: list("ignoredDataStores")
            .iter()
            .map(|pattern| wildmatch::WildMatch::new_case_insensitive(pattern))
            .collect(),
    }
}

/// An account with tables and a bucket of several groups, in which the function's role has these statements.
fn surroundings(statements: &Value) -> Surroundings {
    let document = PolicyDocument::read(&json!({"Version": "2012-10-17", "Statement": statements})).unwrap();
    let of = |service: &str| json!({ "service": service });
    let tables = [
        ("orders", of("orders")),
        ("catalogue", of("catalogue")),
        ("customers", of("customers")),
        ("nobodys", json!({})),
    ];
    let tables = tables.iter().map(|(name, tags)| table(name, tags)).collect();
    let bucket =
        store("AWS::S3::Bucket", "catalogue-covers", "arn:aws:s3:::catalogue-covers", &of("catalogue"));
    Surroundings {
        stacks: forest([stack(STACK, "shop", &json!({}))]),
        permissions: Known::Value(EffectivePermissions::new(vec![Policy::inline("p", document)], None)),
        stores: vec![(StoreKind::Table, of_kind(tables)), (StoreKind::Bucket, of_kind(vec![bucket]))],
        invocable: functions(vec![
            function(),
            neighbour("ship-order", &of("orders")),
            neighbour("search", &of("catalogue")),
        ]),
        sharing: functions(vec![function()]),
    }
}

fn forest<const N: usize>(stacks: [Document; N]) -> Known<Arc<StackForest>> {
    Known::Value(stacks.into_iter().collect::<Documents>().view())
}

fn of_kind(stores: Vec<DataStore>) -> Known<Arc<Targets<DataStore>>> {
    Known::Value(Arc::new(Targets::new(Arc::new(stores))))
}

fn functions(functions: Vec<GroupedFunction>) -> Known<Arc<Targets<GroupedFunction>>> {
    Known::Value(Arc::new(Targets::new(Arc::new(functions))))
}

fn allow(action: &str, resource: &Value) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": resource})
}

fn allow_all(actions: &[&str], resource: &str) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": resource})
}

fn table(name: &str, tags: &Value) -> DataStore {
    let arn = format!("arn:aws:dynamodb:eu-west-1:111122223333:table/{name}");
    store("AWS::DynamoDB::Table", name, &arn, tags)
}

fn store(resource_type: &str, name: &str, arn: &str, tags: &Value) -> DataStore {
    let item = json!({"resourceType": resource_type, "resourceId": name, "ARN": arn, "tags": tags});
    DataStore::read(&Document::from_item(item).unwrap()).unwrap()
}

fn stack(id: &str, name: &str, tags: &Value) -> Document {
    let item = json!({
        "resourceType": "AWS::CloudFormation::Stack", "resourceId": id, "tags": tags,
        "configuration": {"stackName": name},
    });
    Document::from_item(item).unwrap()
}

fn function() -> GroupedFunction {
    function_with(&json!({"service": "orders"}))
}

fn function_with(tags: &Value) -> GroupedFunction {
    GroupedFunction { role_arn: Known::Value(ROLE.to_owned()), ..neighbour("place-order", tags) }
}

fn neighbour(name: &str, tags: &Value) -> GroupedFunction {
    let arn = format!("arn:aws:lambda:eu-west-1:111122223333:function:{name}");
    let item = json!({
        "resourceType": Function::TYPE, "resourceId": name, "ARN": arn, "tags": tags,
        "configuration": {"role": format!("arn:aws:iam::111122223333:role/{name}")},
    });
    let function = GroupedFunction::read(&Document::from_item(item).unwrap()).unwrap();
    assert_eq!(function.group_evidence.resource_type, Function::TYPE);
    function
}

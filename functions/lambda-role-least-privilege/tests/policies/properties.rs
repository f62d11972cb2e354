//! What holds for every role.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::judging::{Permissions, verdict};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn adding_an_allow_never_removes_a_finding(
        statements in prop::collection::vec(statement(), 1..5),
        added in allow(),
        is_own_policy in any::<bool>(),
    ) {
        let before = found(&Permissions::inline(document(&statements)));
        let mut permissions = Permissions::inline(document(&statements));
        if is_own_policy {
            permissions.inline.push(document(&[added]));
        } else {
            let statements: Vec<_> = statements.into_iter().chain([added]).collect();
            permissions = Permissions::inline(document(&statements));
        }
        let after = found(&permissions);
        prop_assert!(before.is_subset(&after), "{before:?} became {after:?}");
    }

    #[test]
    fn an_unconditional_deny_of_everything_removes_all(statements in prop::collection::vec(statement(), 1..5)) {
        let mut permissions = Permissions::inline(document(&statements));
        permissions.inline.push(document(&[json!({"Effect": "Deny", "Action": "*", "Resource": "*"})]));
        prop_assert_eq!(found(&permissions), BTreeSet::new());
    }

    #[test]
    fn a_boundary_of_nothing_removes_all(statements in prop::collection::vec(statement(), 1..5)) {
        let boundary = document(&[json!({"Effect": "Allow", "Action": "sts:GetCallerIdentity", "Resource": "*"})]);
        let permissions = Permissions { boundary: Some(boundary), ..Permissions::inline(document(&statements)) };
        prop_assert_eq!(found(&permissions), BTreeSet::new());
    }
}

/// Check and place of each finding.
fn found(permissions: &Permissions) -> BTreeSet<(&'static str, String)> {
    let findings = verdict(permissions).findings;
    findings.into_iter().map(|finding| (finding.check.id, finding.place.to_string())).collect()
}

fn document(statements: &[Value]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn statement() -> impl Strategy<Value = Value> {
    prop_oneof![5 => allow(), 1 => built("Deny")]
}

fn allow() -> impl Strategy<Value = Value> {
    built("Allow")
}

fn built(effect: &'static str) -> impl Strategy<Value = Value> {
    let actions = prop::collection::vec(prop::sample::select(ACTIONS), 1..4);
    let resources = prop::collection::vec(prop::sample::select(RESOURCES), 1..3);
    let negations = (prop::bool::weighted(0.1), prop::bool::weighted(0.1));
    (actions, resources, negations, prop::sample::select(CONDITIONS)).prop_map(
        move |(actions, resources, (not_action, not_resource), condition)| {
            let mut statement = json!({"Effect": effect});
            statement[if not_action { "NotAction" } else { "Action" }] = json!(actions);
            statement[if not_resource { "NotResource" } else { "Resource" }] = json!(resources);
            if let Some((operator, key, value)) = condition {
                statement["Condition"] = json!({operator: {key: value}});
            }
            statement
        },
    )
}

const ACTIONS: &[&str] = &[
    "*",
    "s3:*",
    "s3:Put*",
    "s3:GetObject",
    "s3:Get*",
    "s3:PutBucketPolicy",
    "dynamodb:*",
    "dynamodb:??*",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "iam:PassRole",
    "iam:Put*",
    "lambda:CreateFunction",
    "lambda:InvokeFunction",
    "lambda:UpdateFunctionCode",
    "ec2:RunInstances",
    "xray:PutTraceSegments",
    "sqs:GetQueueAttributes",
    "cloudformation:CreateStack",
    "*:Get*",
    "dynamodb:FancyNewThing",
];

const RESOURCES: &[&str] = &[
    "*",
    "arn:aws:s3:::*",
    "arn:aws:s3:::orders/*",
    "arn:aws:dynamodb:*:*:table/*",
    "arn:aws:dynamodb:eu-west-1:111122223333:table/orders",
    "arn:aws:iam::111122223333:role/*",
    "arn:aws:lambda:*:*:function:*",
    "arn:aws:lambda:eu-west-1:111122223333:function:orders",
    "arn:aws:dynamodb:*:*:table/${aws:PrincipalTag/service}",
];

const CONDITIONS: &[Option<(&str, &str, &str)>] = &[
    None,
    None,
    None,
    Some(("StringEquals", "aws:ResourceTag/service", "orders")),
    Some(("StringEquals", "iam:PassedToService", "lambda.amazonaws.com")),
    Some(("StringLike", "aws:ResourceAccount", "*")),
    Some(("Bool", "aws:SecureTransport", "true")),
];

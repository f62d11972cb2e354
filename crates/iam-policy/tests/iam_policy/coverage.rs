//! Which resources a statement reaches, from both sides. The page behind each reason is of the IAM User Guide unless
//! said otherwise.

use iam_policy::{Breadth, Coverage, EffectivePermissions, Pattern, Policy, PolicyDocument, table};
use serde_json::{Value, json};

/// `(action, Resource as written, expected, why)`.
type Case = (&'static str, &'static str, Coverage, &'static str);

#[test]
fn a_pattern_covers_every_resource_or_some() {
    let cases: Vec<Case> = vec![
        ("dynamodb:PutItem", "*", every(), "elements_resource: `*` is every resource"),
        ("dynamodb:PutItem", "**", every(), "elements_resource: `*` is any combination of characters"),
        (
            "dynamodb:PutItem",
            "arn:aws:dynamodb:*:*:table/*",
            every(),
            "elements_resource: a wildcard in each segment",
        ),
        (
            "dynamodb:PutItem",
            "arn:*:dynamodb:*:*:table/*",
            every(),
            "reference-arns: partitions are aws, aws-cn, …",
        ),
        (
            "dynamodb:PutItem",
            "arn:aws-cn:dynamodb:*:*:table/*",
            every(),
            "reference-arns: every table of the partition",
        ),
        ("dynamodb:PutItem", "arn:aws:dynamodb:*:*:*", every(), "elements_resource: `*` matches slashes"),
        (
            "dynamodb:PutItem",
            "arn:aws:dynamodb:*",
            every(),
            "elements_resource: a final `*` matches across colons",
        ),
        ("dynamodb:PutItem", "arn:aws:*", every(), "elements_resource: a final `*` matches across colons"),
        ("dynamodb:PutItem", "arn:aws:dynamodb:*:*:tab*", every(), "elements_resource: `*` matches slashes"),
        (
            "dynamodb:PutItem",
            "arn:aws:dynamodb:*:*:table/?*",
            every(),
            "elements_resource: names have a character",
        ),
        (
            "dynamodb:PutItem",
            "arn:aws:dynamodb:*:111122223333:table/*",
            within(None, Some("111122223333")),
            "reference-arns: the account is where the role is",
        ),
        (
            "dynamodb:PutItem",
            "arn:aws:dynamodb:eu-west-1:111122223333:table/*",
            within(Some("eu-west-1"), Some("111122223333")),
            "reference-arns: every table of one Region",
        ),
        (
            "dynamodb:PutItem",
            "arn:aws:dynamodb:${aws:RequestedRegion}:${aws:PrincipalAccount}:table/*",
            within(Some("${aws:RequestedRegion}"), Some("${aws:PrincipalAccount}")),
            "policies_variables: whatever the account is, every table in it",
        ),
        (
            "dynamodb:PutItem",
            "arn:aws:dynamodb:*:*:table/orders",
            Coverage::Some,
            "elements_resource: one name",
        ),
        (
            "dynamodb:PutItem",
            "arn:aws:dynamodb:*:*:table/orders-*",
            Coverage::Some,
            "elements_resource: a prefix",
        ),
        (
            "dynamodb:PutItem",
            "arn:aws:dynamodb:*:*:table/*-orders",
            Coverage::Some,
            "elements_resource: a suffix",
        ),
        (
            "dynamodb:PutItem",
            "arn:aws:dynamodb:*:*:table/??????",
            Coverage::Some,
            "elements_resource: names of six",
        ),
        (
            "dynamodb:PutItem",
            "arn:aws:dynamodb:*:*:table/o?ders",
            Coverage::Some,
            "elements_resource: a few names",
        ),
        (
            "dynamodb:PutItem",
            "arn:aws:dynamodb:*:*:table/*/index/*",
            Coverage::Some,
            "elements_resource: not a plain name",
        ),
        (
            "dynamodb:PutItem",
            "arn:aws:dynamodb:*:*:table/${aws:PrincipalTag/team}",
            Coverage::Some,
            "policies_variables: one table, whose name is known at the request only",
        ),
        (
            "dynamodb:Query",
            "arn:aws:dynamodb:*:*:table/*/index/*",
            every(),
            "DynamoDB, specifying-conditions: the index, not its table",
        ),
        (
            "dynamodb:Scan",
            "arn:aws:dynamodb:eu-west-1:111122223333:table/*/index/*",
            within(Some("eu-west-1"), Some("111122223333")),
            "the same in one account and Region",
        ),
        (
            "dynamodb:PartiQLSelect",
            "arn:aws:dynamodb:*:*:table/orders/index/*",
            Coverage::Some,
            "elements_resource: the indexes of one table",
        ),
        (
            "dynamodb:Query",
            "arn:aws:dynamodb:*:*:table/*/index/by-day",
            Coverage::Some,
            "elements_resource: indexes of one name",
        ),
        (
            "kendra:PutPrincipalMapping",
            "arn:aws:kendra:*:*:index/*/data-source/*",
            Coverage::Some,
            "Service Authorization Reference: the index is required besides",
        ),
        ("dynamodb:PutItem", "arn:aws:s3:::*", Coverage::Nothing, "reference-arns: another service"),
        (
            "dynamodb:PutItem",
            "arn:aws:dynamodb:*:*:stream/*",
            Coverage::Nothing,
            "reference-arns: another type",
        ),
        (
            "s3:PutObject",
            "arn:aws:s3:::*",
            every(),
            "elements_resource: `*` matches slashes, so every object",
        ),
        ("s3:PutObject", "arn:aws:s3:::*/*", every(), "elements_resource: every object of every bucket"),
        ("s3:PutObject", "arn:*:s3:::*", every(), "reference-arns: partitions"),
        ("s3:PutObject", "arn:aws:s3:::orders/*", Coverage::Some, "elements_resource: one bucket's objects"),
        (
            "s3:PutObject",
            "arn:aws:s3:::*/orders/*",
            Coverage::Some,
            "elements_resource: a folder in every bucket",
        ),
        (
            "s3:PutObject",
            "arn:aws:s3:::orders",
            Coverage::Nothing,
            "reference-arns: the bucket is not its objects",
        ),
        ("s3:DeleteBucket", "arn:aws:s3:::*", every(), "elements_resource: every bucket"),
        (
            "s3:DeleteBucket",
            "arn:aws:s3:::*/*",
            Coverage::Some,
            "elements_resource: not for certain all names",
        ),
        (
            "sqs:SendMessage",
            "arn:aws:sqs:*:*:*",
            every(),
            "reference-arns: the name is the whole last segment",
        ),
        ("sqs:SendMessage", "arn:aws:sqs:*:*:orders", Coverage::Some, "reference-arns: one queue"),
        (
            "lambda:InvokeFunction",
            "arn:aws:lambda:*:*:function:*",
            every(),
            "reference-arns: colons in the resource",
        ),
        (
            "lambda:InvokeFunction",
            "arn:aws:lambda:*:*:function:orders:*",
            Coverage::Some,
            "reference-arns: one function's versions",
        ),
        (
            "logs:CreateLogStream",
            "arn:aws:logs:*:*:*",
            every(),
            "reference-arns: everything of CloudWatch Logs",
        ),
        (
            "logs:CreateLogStream",
            "arn:aws:logs:*:*:log-group:*:*",
            every(),
            "CloudWatch Logs, iam-access-control-overview-cwl: groups end in `:*`",
        ),
        (
            "logs:CreateLogStream",
            "arn:aws:logs:*:*:log-group:/aws/lambda/*",
            Coverage::Some,
            "elements_resource: a prefix",
        ),
        (
            "logs:PutLogEvents",
            "arn:aws:logs:*:*:log-group:/aws/lambda/orders:*",
            Coverage::Some,
            "elements_resource: one group's streams",
        ),
        (
            "xray:PutTraceSegments",
            "*",
            Coverage::Unrestrictable,
            "Service Authorization Reference: no resource types",
        ),
        (
            "xray:PutTraceSegments",
            "arn:aws:xray:*:*:*",
            Coverage::Nothing,
            "elements_resource: such actions work on `*` only",
        ),
        (
            "apigateway:PATCH",
            "arn:aws:apigateway:*::/account",
            Coverage::Some,
            "Service Authorization Reference: the account's one set of settings",
        ),
        (
            "apigateway:PATCH",
            "arn:aws:apigateway:*::/restapis/*",
            every(),
            "Service Authorization Reference: every REST API",
        ),
        (
            "securityhub:CreateInsight",
            "*",
            Coverage::Unrestrictable,
            "Service Authorization Reference: a Region has one hub",
        ),
        (
            "securityhub:CreateInsight",
            "arn:aws:securityhub:*:*:hub/default",
            Coverage::Some,
            "Service Authorization Reference: a Region has one hub",
        ),
        (
            "glue:GetTable",
            "arn:aws:glue:*:*:*",
            every(),
            "Service Authorization Reference: catalog, database and table are required",
        ),
        (
            "glue:GetTable",
            "arn:aws:glue:*:*:catalog",
            Coverage::Some,
            "Service Authorization Reference: catalog, database and table are required",
        ),
        ("ec2:RunInstances", "*", every(), "Service Authorization Reference: five required types"),
        (
            "ec2:RunInstances",
            "arn:aws:ec2:*::image/*",
            Coverage::Some,
            "Service Authorization Reference: the other required types are not reached",
        ),
        ("iam:PassRole", "arn:aws:iam::*:role/*", within(None, None), "reference-arns: IAM has no Region"),
        (
            "iam:PassRole",
            "arn:aws:iam::111122223333:role/service-role/*",
            Coverage::Some,
            "identifiers-arns: one path",
        ),
    ];
    for (action, resource, expected, why) in cases {
        let statement = json!({"Effect": "Allow", "Action": action, "Resource": resource});
        assert_eq!(coverage(action, &[statement], None), expected, "{action} on {resource}; {why}");
    }
}

#[test]
fn a_star_over_colons_takes_more_where_one_within_a_segment_cannot() {
    let pattern = Pattern::today("*:a*b");
    assert!(pattern.matches("x:a:y:azb"));
    assert!(!pattern.matches("x:a:y:az"));
}

#[test]
fn several_patterns_cover_together_what_none_covers_alone() {
    let both = json!(["arn:aws:dynamodb:*:*:table/a*", "arn:aws:dynamodb:*:*:table/*"]);
    assert_eq!(coverage_on("dynamodb:PutItem", &both), every());
    let unhelpful = json!(["arn:aws:dynamodb:*:*:table/a*", "arn:aws:dynamodb:*:*:table/b*"]);
    assert_eq!(coverage_on("dynamodb:PutItem", &unhelpful), Coverage::Some);
    let short_and_long = json!(["arn:aws:dynamodb:*:*:table/?", "arn:aws:dynamodb:*:*:table/??*"]);
    assert_eq!(coverage_on("dynamodb:PutItem", &short_and_long), every());
}

#[test]
fn not_resource_is_every_resource_but_its_own() {
    let statement = |not: Value| json!({"Effect": "Allow", "Action": "dynamodb:*", "NotResource": not});
    let audit = "arn:aws:dynamodb:*:*:table/audit";
    let but_audit = Coverage::EveryBut(anywhere(), vec![audit.to_owned()]);
    assert_eq!(coverage("dynamodb:PutItem", &[statement(json!(audit))], None), but_audit);
    let bucket = statement(json!("arn:aws:s3:::audit/*"));
    assert_eq!(coverage("dynamodb:PutItem", &[bucket], None), every());
    let tables = statement(json!("arn:aws:dynamodb:*:*:table/*"));
    assert_eq!(coverage("dynamodb:PutItem", &[tables], None), Coverage::Nothing);
}

#[test]
fn a_dollar_and_a_brace_are_no_variable_in_the_old_version() {
    let read = |version: &str| {
        let resource = "arn:aws:s3:::${*}/*";
        let statement = json!({"Effect": "Allow", "Action": "s3:PutObject", "Resource": resource});
        let document = PolicyDocument::read(&json!({"Version": version, "Statement": statement})).unwrap();
        let permissions = EffectivePermissions::new(vec![Policy::inline("p", document)], None);
        let grant = permissions.grants().next().unwrap();
        grant.resources(table::action("s3:PutObject").unwrap()).contains("arn:aws:s3:::${x}/y")
    };
    assert!(read("2008-10-17"));
    assert!(!read("2012-10-17"));
}

#[test]
fn a_deny_of_all_but_one_leaves_that_one() {
    let allow = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"});
    let deny = json!({"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::orders/*"});
    assert_eq!(coverage("s3:PutObject", &[allow.clone(), deny], None), Coverage::Some);
    let deny = json!({"Effect": "Deny", "Action": "*", "Resource": "arn:aws:s3:::audit/*"});
    let but_audit = Coverage::EveryBut(anywhere(), vec!["arn:aws:s3:::audit/*".to_owned()]);
    assert_eq!(coverage("s3:PutObject", &[allow, deny], None), but_audit);
}

#[test]
fn a_boundary_leaves_the_smaller_of_two_sets() {
    let allow = json!({"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"});
    let one_region = json!({"Effect": "Allow", "Action": "*", "Resource": "arn:aws:dynamodb:eu-west-1:*:*"});
    assert_eq!(
        coverage("dynamodb:PutItem", std::slice::from_ref(&allow), Some(one_region)),
        within(Some("eu-west-1"), None)
    );
    let other_service = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"});
    assert_eq!(
        coverage("dynamodb:PutItem", std::slice::from_ref(&allow), Some(other_service)),
        Coverage::Nothing
    );
    let one_table =
        json!({"Effect": "Allow", "Action": "*", "Resource": "arn:aws:dynamodb:*:*:table/orders"});
    assert_eq!(coverage("dynamodb:PutItem", &[allow], Some(one_table)), Coverage::Some);
}

#[test]
fn an_index_that_is_denied_is_an_exception_among_all() {
    let statement = |effect: &str, resource: &str| json!({"Effect": effect, "Action": "dynamodb:Query", "Resource": resource});
    let (all, one) = ("arn:aws:dynamodb:*:*:table/*/index/*", "arn:aws:dynamodb:*:*:table/audit/index/*");
    let but_one = Coverage::EveryBut(anywhere(), vec![one.to_owned()]);
    assert_eq!(coverage("dynamodb:Query", &[statement("Allow", all), statement("Deny", one)], None), but_one);
    assert_eq!(
        coverage("dynamodb:Query", &[statement("Allow", all), statement("Deny", all)], None),
        Coverage::Nothing
    );
}

fn coverage_on(action: &str, resource: &Value) -> Coverage {
    coverage(action, &[json!({"Effect": "Allow", "Action": action, "Resource": resource})], None)
}

/// Of the first statement, with all of them in one policy.
fn coverage(action: &str, statements: &[Value], boundary: Option<Value>) -> Coverage {
    let read = |statements: &Value| {
        PolicyDocument::read(&json!({"Version": "2012-10-17", "Statement": statements})).expect("a policy")
    };
    let boundary = boundary.map(|statement| Policy::inline("boundary", read(&statement)));
    let permissions =
        EffectivePermissions::new(vec![Policy::inline("p", read(&json!(statements)))], boundary);
    let action = table::action(action).expect("a known action");
    permissions.grants().next().map_or(Coverage::Nothing, |grant| grant.coverage(action))
}

fn anywhere() -> Breadth {
    Breadth { region: None, account: None }
}

fn every() -> Coverage {
    Coverage::Every(anywhere())
}

fn within(region: Option<&str>, account: Option<&str>) -> Coverage {
    Coverage::Every(Breadth { region: region.map(str::to_owned), account: account.map(str::to_owned) })
}

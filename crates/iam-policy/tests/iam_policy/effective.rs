//! What policies, boundary and Denies leave together, and what conditions leave of it. Pages are of the IAM User Guide.

use iam_policy::{
    ActionPattern, EffectivePermissions, Narrowing, Policy, PolicyDocument, PolicyKind, is_aws_managed, table,
};
use serde_json::{Value, json};

#[test]
fn an_unconditional_deny_takes_away_and_a_conditional_one_does_not() {
    let allow = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"});
    // evaluation-logic: an explicit deny overrides any allow.
    let deny = json!({"Effect": "Deny", "Action": "s3:Put*", "Resource": "*"});
    assert!(!allows("s3:PutObject", &[allow.clone(), deny.clone()], None));
    assert!(allows("s3:GetObject", &[allow.clone(), deny], None));
    let with_mfa = json!({"Effect": "Deny", "Action": "s3:*", "Resource": "*",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}});
    assert!(allows("s3:PutObject", &[allow.clone(), with_mfa], None));
    let no_condition = json!({"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {}});
    assert!(!allows("s3:PutObject", &[allow, no_condition], None));
}

#[test]
fn a_deny_of_all_but_some_actions_leaves_those() {
    // elements_notaction: Deny with NotAction denies every action that is not listed.
    let allow = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let deny = json!({"Effect": "Deny", "NotAction": ["s3:GetObject"], "Resource": "*"});
    assert!(allows("s3:GetObject", &[allow.clone(), deny.clone()], None));
    assert!(!allows("s3:PutObject", &[allow, deny], None));
}

#[test]
fn a_deny_whose_variable_may_hit_takes_away() {
    // policies_variables: the value is known at the request only.
    let allow = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::orders/*"});
    let deny =
        json!({"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::${aws:PrincipalTag/bucket}/*"});
    assert!(!allows("s3:PutObject", &[allow, deny], None));
}

#[test]
fn a_boundary_limits_and_grants_nothing() {
    // access_policies_boundaries: the intersection of both.
    let allow = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"});
    let reads = json!({"Effect": "Allow", "Action": ["s3:Get*", "sqs:*"], "Resource": "*"});
    assert!(allows("s3:GetObject", std::slice::from_ref(&allow), Some(json!([reads]))));
    assert!(!allows("s3:PutObject", std::slice::from_ref(&allow), Some(json!([reads]))));
    assert!(!allows("sqs:SendMessage", std::slice::from_ref(&allow), Some(json!([reads]))));
    let deny = json!({"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"});
    assert!(!allows("s3:GetObject", &[allow], Some(json!([reads, deny]))));
}

#[test]
fn everything_on_everything_is_seen_in_each_spelling() {
    let excepted = |statements: Value| {
        let permissions = permissions(&statements, None);
        permissions.grants().find_map(|grant| grant.breadth()).map(|nearly| nearly.excepted)
    };
    let allow = |action: Value| json!({"Effect": "Allow", "Action": action, "Resource": "*"});
    assert_eq!(excepted(allow(json!("*"))), Some(vec![]));
    assert_eq!(excepted(allow(json!(["s3:GetObject", "*:*"]))), Some(vec![]));
    assert_eq!(excepted(allow(json!("s3:*"))), None);
    let all_but = json!({"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*"});
    assert_eq!(excepted(all_but), Some(vec!["iam:*".to_owned()]));
    let some = json!({"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::orders/*"});
    assert_eq!(excepted(some), None);
    let denied = json!([allow(json!("*")), {"Effect": "Deny", "Action": "*", "Resource": "*"}]);
    assert_eq!(excepted(denied), None);
    let tagged = json!({"Effect": "Allow", "Action": "*", "Resource": "*",
        "Condition": {"StringEquals": {"aws:ResourceTag/service": "orders"}}});
    assert_eq!(excepted(tagged), None);
    let on_everything =
        |condition: Value| json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition});
    for (condition, expected) in [
        (json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}), Some(vec![])),
        (json!({"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["x"]}}), Some(vec![])),
        (json!({"Null": {"aws:ResourceAccount": "false"}}), Some(vec![])),
        (json!({"ForAnyValue:StringEquals": {"aws:TagKeys": ["team"]}}), None),
        (json!({"ForAllValues:StringEquals": {"aws:ResourceAccount": ["111122223333"]}}), None),
        (json!({"Null": {"aws:ResourceTag/service": "false"}}), None),
    ] {
        assert_eq!(excepted(on_everything(condition.clone())), expected, "{condition}");
    }
    let by_address = json!({"Effect": "Allow", "Action": "*", "Resource": "*",
        "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}});
    assert_eq!(excepted(by_address), Some(vec![]));
}

#[test]
fn patterns_over_actions_know_whole_services_and_single_actions() {
    let whole = |text: &str| ActionPattern::new(text).whole_service().map(table::Service::prefix);
    assert_eq!(whole("dynamodb:*"), Some("dynamodb"));
    assert_eq!(whole("DynamoDB:??*"), Some("dynamodb"));
    assert_eq!(whole("dynamodb:Put*"), None);
    assert_eq!(whole("dynamodb:PutItem"), None);
    assert_eq!(whole("*"), None);
    let names =
        |text: &str| ActionPattern::new(text).known().map(|action| action.to_string()).collect::<Vec<_>>();
    assert_eq!(names("S3:putobject"), ["s3:PutObject"]);
    assert_eq!(names("dynamodb:?utItem"), ["dynamodb:PutItem"]);
    assert_eq!(names("s3:Put*Object?ock*"), ["s3:PutBucketObjectLockConfiguration"]);
    assert_eq!(names("nothing:*"), Vec::<String>::new());
}

/// `(action, Condition, expected, why)`.
type Case = (&'static str, Value, Narrowing, &'static str);

#[test]
fn conditions_narrow_or_do_not() {
    use Narrowing::{Nothing, Resources, Use};
    let cases: Vec<Case> = vec![
        (
            "s3:PutObject",
            json!({"StringEquals": {"aws:ResourceTag/service": "orders"}}),
            Resources,
            "condition-keys: properties of the resource",
        ),
        (
            "s3:PutObject",
            json!({"StringEquals": {"AWS:resourcetag/service": "orders"}}),
            Resources,
            "elements_condition: keys are not case-sensitive",
        ),
        (
            "s3:PutObject",
            json!({"StringEquals": {"aws:ResourceAccount": "111122223333"}}),
            Resources,
            "condition-keys: properties of the resource",
        ),
        (
            "s3:PutObject",
            json!({"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}}),
            Resources,
            "policies_variables: one value",
        ),
        (
            "dynamodb:PutItem",
            json!({"StringEquals": {"aws:ResourceOrgID": "o-1"}}),
            Resources,
            "condition-keys: properties of the resource",
        ),
        (
            "dynamodb:GetItem",
            json!({"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["${cognito-identity.amazonaws.com:sub}"]}}),
            Resources,
            "examples_dynamodb_items: rows of one user",
        ),
        (
            "dynamodb:DeleteTable",
            json!({"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["x"]}}),
            Nothing,
            "condition-single-vs-multi-valued: true without the key",
        ),
        (
            "dynamodb:PutItem",
            json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}),
            Nothing,
            "condition-single-vs-multi-valued: true without the key",
        ),
        (
            "dynamodb:TagResource",
            json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}),
            Use,
            "access_tags: whoever sets tags names their keys",
        ),
        (
            "dynamodb:TagResource",
            json!({"ForAllValues:StringEquals": {"aws:RequestTag/team": ["orders"]}}),
            Nothing,
            "access_tags: other tags may be set",
        ),
        (
            "dynamodb:PutItem",
            json!({"ForAllValues:StringEquals": {"aws:CalledVia": ["athena.amazonaws.com"]}}),
            Nothing,
            "condition-keys: absent where no service calls on behalf of the principal",
        ),
        (
            "dynamodb:PutItem",
            json!({"ForAnyValue:StringEquals": {"aws:CalledVia": ["athena.amazonaws.com"]}}),
            Use,
            "condition-single-vs-multi-valued: false without the key",
        ),
        (
            "dynamodb:PutItem",
            json!({"ForAllValues:StringEquals": {"aws:ResourceAccount": ["111122223333"]}}),
            Resources,
            "condition-keys: every resource has an account",
        ),
        (
            "s3:ListBucket",
            json!({"ForAllValues:StringLike": {"s3:prefix": ["orders/*"]}}),
            Nothing,
            "S3: a request without prefix lists all",
        ),
        (
            "iam:PassRole",
            json!({"ForAllValues:StringEquals": {"iam:PassedToService": ["lambda.amazonaws.com"]}}),
            Use,
            "iam-condition-keys: every request to pass a role says to whom",
        ),
        (
            "route53:ChangeResourceRecordSets",
            json!({"ForAllValues:StringEquals": {"route53:ChangeResourceRecordSetsRecordTypes": ["TXT"]}}),
            Use,
            "Route 53, specifying-conditions-route53: a key that only this service knows",
        ),
        (
            "dynamodb:PutItem",
            json!({"ForAllValues:StringEquals": {"route53:ChangeResourceRecordSetsRecordTypes": ["TXT"]}}),
            Nothing,
            "condition-keys: a service's keys are in its own requests",
        ),
        (
            "dynamodb:DeleteTable",
            json!({"StringEquals": {"dynamodb:LeadingKeys": ["x"]}}),
            Resources,
            "condition-logic: a request without the key does not match",
        ),
        (
            "cloudwatch:PutMetricData",
            json!({"StringEquals": {"cloudwatch:namespace": "orders"}}),
            Resources,
            "CloudWatch, iam-cw-condition-keys-namespace",
        ),
        (
            "s3:ListBucket",
            json!({"StringLike": {"s3:prefix": ["home/${aws:username}/*"]}}),
            Resources,
            "examples_s3_home-directory",
        ),
        (
            "s3:ListBucket",
            json!({"StringLike": {"s3:prefix": "*"}}),
            Nothing,
            "condition_operators: `*` matches every value",
        ),
        (
            "s3:ListBucket",
            json!({"StringLike": {"s3:prefix": ["home/", "*"]}}),
            Nothing,
            "condition-logic: values are ORed",
        ),
        (
            "s3:ListBucket",
            json!({"StringNotLike": {"s3:prefix": "secret/*"}}),
            Nothing,
            "condition_operators: negated",
        ),
        (
            "s3:ListBucket",
            json!({"StringLikeIfExists": {"s3:prefix": "home/*"}}),
            Nothing,
            "condition_operators: IfExists passes without the key",
        ),
        (
            "secretsmanager:GetSecretValue",
            json!({"StringEquals": {"secretsmanager:ResourceTag/team": "a"}}),
            Resources,
            "Secrets Manager: condition keys",
        ),
        (
            "ec2:TerminateInstances",
            json!({"StringEquals": {"ec2:ResourceTag/team": "a"}}),
            Resources,
            "EC2: condition keys",
        ),
        (
            "s3:PutObject",
            json!({"Null": {"aws:ResourceTag/team": "false"}}),
            Resources,
            "condition_operators: the key must exist",
        ),
        (
            "dynamodb:CreateTable",
            json!({"Null": {"aws:RequestTag/team": "false"}}),
            Use,
            "access_tags: only with the tag",
        ),
        (
            "dynamodb:PutItem",
            json!({"Null": {"aws:ResourceAccount": "false"}}),
            Nothing,
            "condition-keys: every resource has an account",
        ),
        (
            "dynamodb:PutItem",
            json!({"Null": {"dynamodb:LeadingKeys": "false"}}),
            Nothing,
            "DynamoDB, specifying-conditions: every item has a key",
        ),
        (
            "dynamodb:DeleteTable",
            json!({"Null": {"dynamodb:LeadingKeys": "false"}}),
            Resources,
            "condition_operators: the key is not there",
        ),
        (
            "iam:PassRole",
            json!({"Null": {"iam:PassedToService": "false"}}),
            Nothing,
            "iam-condition-keys: every request to pass a role says to whom",
        ),
        (
            "s3:PutObject",
            json!({"Null": {"aws:ResourceTag/team": "true"}}),
            Nothing,
            "condition_operators: the key must not exist",
        ),
        (
            "iam:PassRole",
            json!({"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}),
            Use,
            "roles_use_passrole: which service, not which role",
        ),
        (
            "kms:Decrypt",
            json!({"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}),
            Use,
            "KMS, conditions-kms: through which service",
        ),
        ("s3:PutObject", json!({"StringEquals": {"new:Key": "x"}}), Use, "unknown keys lead to no finding"),
        (
            "s3:PutObject",
            json!({"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}}),
            Nothing,
            "condition-keys: the time",
        ),
        (
            "s3:PutObject",
            json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
            Nothing,
            "condition-keys: the network",
        ),
        (
            "s3:PutObject",
            json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
            Nothing,
            "condition-keys: the session",
        ),
        (
            "s3:PutObject",
            json!({"Bool": {"aws:SecureTransport": "true"}}),
            Nothing,
            "condition-keys: the request",
        ),
        (
            "s3:PutObject",
            json!({"StringEquals": {"aws:SourceVpc": "vpc-1"}}),
            Nothing,
            "condition-keys: the network",
        ),
        (
            "s3:PutObject",
            json!({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}),
            Nothing,
            "condition-keys: the request",
        ),
        (
            "s3:PutObject",
            json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
            Nothing,
            "condition-keys: the principal",
        ),
        (
            "s3:PutObject",
            json!({"StringEquals": {"s3:x-amz-acl": "private"}}),
            Nothing,
            "S3: the request's form",
        ),
        ("s3:PutObject", json!({}), Nothing, "no condition"),
    ];
    for (action, condition, expected, why) in cases {
        let statement = json!({"Effect": "Allow", "Action": action, "Resource": "*", "Condition": condition});
        let permissions = permissions(&statement, None);
        let action = table::action(action).unwrap();
        let narrowing = permissions.grants().next().unwrap().narrowing(action);
        assert_eq!(narrowing, expected, "{condition} for {action}; {why}");
    }
}

#[test]
fn a_condition_of_the_boundary_narrows_too() {
    let allow = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"});
    let boundary = json!({"Effect": "Allow", "Action": "*", "Resource": "*",
        "Condition": {"StringEquals": {"aws:ResourceAccount": "111122223333"}}});
    let permissions = permissions(&allow, Some(boundary));
    let put = table::action("s3:PutObject").unwrap();
    assert_eq!(permissions.grants().next().unwrap().narrowing(put), Narrowing::Resources);
}

#[test]
fn a_grant_says_where_it_stands() {
    let document = PolicyDocument::read(&json!({"Statement": [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"},
        {"Sid": "Write", "Effect": "Allow", "Action": ["s3:Put*"], "Resource": "*"},
    ]}))
    .unwrap();
    let arn = "arn:aws:iam::aws:policy/service-role/Some";
    let permissions = EffectivePermissions::new(vec![Policy::managed(arn, document)], None);
    let put = table::action("s3:PutObject").unwrap();
    let (grant, _) = permissions.grants_for(put).next().unwrap();
    let origin = grant.origin();
    assert_eq!(origin.to_string(), "policy `Some`, statement `Write`");
    assert_eq!((origin.kind, origin.policy_arn.as_deref()), (PolicyKind::AwsManaged, Some(arn)));
    assert_eq!(grant.pattern_for(put).unwrap().as_str(), "s3:Put*");
    let get = table::action("s3:GetObject").unwrap();
    let (grant, _) = permissions.grants_for(get).next().unwrap();
    assert_eq!(grant.origin().to_string(), "policy `Some`, statement 1");
}

#[test]
fn aws_manages_what_has_aws_for_an_account() {
    assert!(is_aws_managed("arn:aws-us-gov:iam::aws:policy/ReadOnlyAccess"));
    assert!(!is_aws_managed("arn:aws:iam::111122223333:policy/aws"));
}

fn allows(action: &str, statements: &[Value], boundary: Option<Value>) -> bool {
    let action = table::action(action).expect("a known action");
    permissions(&json!(statements), boundary).grants_for(action).next().is_some()
}

fn permissions(statements: &Value, boundary: Option<Value>) -> EffectivePermissions {
    let read = |statements: &Value| {
        PolicyDocument::read(&json!({"Version": "2012-10-17", "Statement": statements})).expect("a policy")
    };
    let boundary = boundary.map(|statements| Policy::inline("boundary", read(&statements)));
    EffectivePermissions::new(vec![Policy::inline("p", read(statements))], boundary)
}

//! Known facts of the action table; each is a row of the Service Authorization Reference.

use iam_policy::{AccessLevel, narrowing, table, usual};

#[test]
fn reads_are_reads() {
    known(AccessLevel::Read, true, &["s3:GetObject", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"]);
    known(
        AccessLevel::Read,
        true,
        &["secretsmanager:GetSecretValue", "ssm:GetParameter", "ssm:GetParameters"],
    );
    known(AccessLevel::Read, true, &["kinesis:GetRecords", "lambda:GetFunction", "logs:FilterLogEvents"]);
    known(
        AccessLevel::Read,
        false,
        &["xray:GetSamplingRules", "sts:GetCallerIdentity", "cloudwatch:GetMetricStatistics"],
    );
}

#[test]
fn lists_are_lists() {
    known(
        AccessLevel::List,
        true,
        &["s3:ListBucket", "iam:ListRolePolicies", "sns:ListSubscriptionsByTopic"],
    );
    known(
        AccessLevel::List,
        true,
        &["rds:DescribeDBInstances", "rds:DescribeDBClusters", "s3:ListBucketVersions"],
    );
    known(
        AccessLevel::List,
        false,
        &["s3:ListAllMyBuckets", "ec2:DescribeNetworkInterfaces", "lambda:ListFunctions"],
    );
    known(AccessLevel::List, false, &["dynamodb:ListTables", "iam:ListRoles", "config:DescribeConfigRules"]);
}

#[test]
fn writes_are_writes() {
    known(
        AccessLevel::Write,
        true,
        &["dynamodb:PutItem", "dynamodb:DeleteTable", "s3:PutObject", "s3:DeleteObject"],
    );
    known(
        AccessLevel::Write,
        true,
        &["sqs:SendMessage", "sns:Publish", "lambda:InvokeFunction", "kms:Decrypt"],
    );
    known(AccessLevel::Write, true, &["logs:CreateLogGroup", "logs:PutLogEvents", "states:StartExecution"]);
    known(
        AccessLevel::Write,
        false,
        &["xray:PutTraceSegments", "cloudwatch:PutMetricData", "config:PutEvaluations"],
    );
}

#[test]
fn tagging_is_tagging() {
    known(
        AccessLevel::Tagging,
        true,
        &["dynamodb:TagResource", "dynamodb:UntagResource", "lambda:TagResource"],
    );
    known(
        AccessLevel::Tagging,
        true,
        &["s3:PutObjectTagging", "s3:PutBucketTagging", "sqs:TagQueue", "ec2:CreateTags"],
    );
    known(
        AccessLevel::Tagging,
        true,
        &["iam:TagRole", "kms:TagResource", "sns:TagResource", "states:TagResource"],
    );
    known(AccessLevel::Tagging, false, &["tag:TagResources"]);
}

#[test]
fn permissions_management_is_that() {
    const LEVEL: AccessLevel = AccessLevel::PermissionsManagement;
    known(
        LEVEL,
        true,
        &["iam:PassRole", "iam:AttachRolePolicy", "iam:PutRolePolicy", "iam:CreatePolicyVersion"],
    );
    known(
        LEVEL,
        true,
        &["s3:PutBucketPolicy", "s3:PutBucketAcl", "lambda:AddPermission", "kms:PutKeyPolicy"],
    );
    known(LEVEL, true, &["sqs:SetQueueAttributes", "sns:AddPermission", "dynamodb:PutResourcePolicy"]);
    known(LEVEL, true, &["secretsmanager:PutResourcePolicy", "kms:CreateGrant", "rds-db:connect"]);
}

#[test]
fn required_types_and_shapes_are_known() {
    let query = table::action("DYNAMODB:query").unwrap();
    let types: Vec<_> =
        query.resource_types().map(|worked_on| (worked_on.name, worked_on.is_required)).collect();
    assert_eq!(types, [("index", false), ("table", true)]);
    let table_shape = query.resource_types().find(|worked_on| worked_on.name == "table").unwrap().shape;
    assert_eq!(table_shape.as_str(), "$:dynamodb:$:$:table/$");
    assert!(query.supports_key("dynamodb:leadingkeys"));
    assert!(query.supports_key("aws:ResourceTag/team"));
    assert!(!table::action("dynamodb:DeleteTable").unwrap().supports_key("dynamodb:LeadingKeys"));
}

#[test]
fn actions_carry_the_condition_keys_that_narrow_them() {
    for (action, key) in [
        ("cloudwatch:PutMetricData", "cloudwatch:namespace"),
        ("dynamodb:PutItem", "dynamodb:LeadingKeys"),
        ("dynamodb:GetItem", "dynamodb:Attributes"),
        ("ec2:TerminateInstances", "ec2:ResourceTag/team"),
        ("events:PutEvents", "events:source"),
        ("iam:AttachRolePolicy", "iam:PolicyARN"),
        ("kms:Decrypt", "kms:EncryptionContext:purpose"),
        ("lambda:InvokeFunction", "aws:ResourceTag/team"),
        ("s3:GetObject", "s3:ExistingObjectTag/team"),
        ("s3:ListBucket", "s3:prefix"),
        ("secretsmanager:GetSecretValue", "secretsmanager:ResourceTag/team"),
        ("ses:SendEmail", "ses:FromAddress"),
        ("ssm:GetParameter", "aws:ResourceTag/team"),
    ] {
        assert!(table::action(action).unwrap().supports_key(key), "{action}, {key}");
    }
    for (action, key) in [
        ("dynamodb:DeleteTable", "dynamodb:LeadingKeys"),
        ("s3:GetObject", "s3:prefix"),
        ("sqs:SendMessage", "cloudwatch:namespace"),
        ("xray:PutTraceSegments", "aws:ResourceTag/team"),
    ] {
        assert!(!table::action(action).unwrap().supports_key(key), "{action}, {key}");
    }
}

/// What two copies of the reference tell differently; the reasons stand in `CONTRIBUTING.md`.
#[test]
fn where_sources_disagree_the_table_is_as_decided() {
    // Newer than one of them.
    known(AccessLevel::Write, true, &["access-analyzer:CreateServiceLinkedAnalyzer"]);
    known(AccessLevel::Read, true, &["account:GetPrimaryEmailUpdateStatus"]);
    // Gone from the other.
    known(AccessLevel::Write, true, &["iotevents:CreateInput"]);
    // One calls them Write, and they hand out permissions.
    known(AccessLevel::PermissionsManagement, true, &["iam:CreateAccessKey", "iam:PassRole"]);
    known(
        AccessLevel::PermissionsManagement,
        true,
        &["rds:ModifyDBSnapshotAttribute", "ram:UpdateResourceShare"],
    );
    known(AccessLevel::PermissionsManagement, true, &["organizations:AttachPolicy"]);
    // The newer is right.
    known(AccessLevel::Write, true, &["sts:GetFederationToken"]);
    known(AccessLevel::Read, true, &["quicksight:DescribeDataSetPermissions", "braket:GetDevice"]);
    known(AccessLevel::Read, false, &["secretsmanager:BatchGetSecretValue"]);
    // They may take a resource now, and do without.
    known(AccessLevel::Write, false, &["cloudwatch:PutMetricData", "ses:PutSuppressedDestination"]);
    known(AccessLevel::Read, false, &["cloudwatch:GetMetricData"]);
    // Two pages of the reference share the prefix.
    let types: Vec<_> =
        table::action("apigateway:GET").unwrap().resource_types().map(|one| one.name).collect();
    assert!(types.contains(&"Api") && types.contains(&"RestApi"), "{types:?}");
}

#[test]
fn every_line_of_the_table_can_be_read_and_found_again() {
    let mut count = 0;
    let mut previous = String::new();
    for service in table::services() {
        assert!(previous.as_str() < service.prefix(), "{service:?} after {previous}");
        previous = service.prefix().to_owned();
        assert_eq!(
            table::service(&service.prefix().to_uppercase()).map(table::Service::prefix),
            Some(service.prefix())
        );
        for action in service.actions() {
            count += 1;
            assert_eq!(table::action(&action.to_string()), Some(action));
            let has_names =
                |shape: &str| shape.splitn(5, ':').nth(4).is_some_and(|resource| resource.contains('$'));
            let mut shapes = action.resource_types().map(|worked_on| worked_on.shape.as_str());
            assert_eq!(action.is_restrictable(), shapes.any(has_names), "{action}");
            assert!(action.narrowing_keys().all(narrowing::is_recorded), "{action}");
        }
    }
    let services = table::services().count();
    assert!(
        table::source().ends_with(&format!(": {count} actions of {services} services")),
        "{}",
        table::source()
    );
    assert!(count > 20_000, "{count}");
}

#[test]
fn what_is_unknown_is_not_found() {
    for name in ["dynamodb:PutItems", "dynamodb:", "dynamodb", "", ":", "zzz:Get", "a4a:Get"] {
        assert_eq!(table::action(name), None, "{name}");
    }
}

#[test]
fn usual_actions_are_known_ones() {
    let actions = || table::services().flat_map(table::Service::actions);
    assert_eq!(
        actions().filter(|action| usual::is_granted_to_every_function(*action)).count(),
        usual::RUNTIME.len()
    );
    assert_eq!(actions().filter(|action| usual::reads_data(*action)).count(), usual::DATA_READS.len());
}

fn known(level: AccessLevel, is_restrictable: bool, names: &[&str]) {
    for name in names {
        let action = table::action(name).unwrap_or_else(|| panic!("{name} is not known"));
        assert_eq!((action.access_level(), action.is_restrictable()), (level, is_restrictable), "{name}");
    }
}

//! Files of an account beside its items, as commands of the AWS CLI print them.

use std::fs;

use local_aws_config::items::{Loaded, load};
use serde_json::{Value, json};

use crate::support::{ACCOUNT, REGION, item};

pub(crate) const AWS_POLICY: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
pub(crate) const TABLES: &str = "arn:aws:iam::111122223333:policy/team/tables";
pub(crate) const FUNCTION_ARN: &str = "arn:aws:lambda:eu-west-1:111122223333:function:orders";

/// What loading the documents as files of one folder gives.
pub(crate) fn loaded(documents: &[Value]) -> Loaded {
    let folder = tempfile::tempdir().expect("a scratch folder");
    for (index, document) in documents.iter().enumerate() {
        let path = folder.path().join(format!("{index:02}.json"));
        fs::write(path, document.to_string()).expect("a file");
    }
    load(&[folder.path().to_owned()], &mut |_, _| {}).expect("a readable folder")
}

/// An account with a function, its role, and what Inspector and AWS Config say of it.
pub(crate) fn whole_account() -> Loaded {
    let loaded = loaded(&[
        json!({"configurationItems": [item("orders", 1)]}),
        authorization_details(),
        coverage(),
        findings(),
        json!({"ConfigRules": [managed_rule()]}),
        json!({"ConfigRulesEvaluationStatus": [{
            "ConfigRuleName": "lambda-dlq", "ConfigRuleId": "config-rule-abcdef",
            "ConfigRuleArn": format!("arn:aws:config:{REGION}:{ACCOUNT}:config-rule/config-rule-abcdef"),
            "LastSuccessfulEvaluationTime": "2026-09-30T10:00:00+02:00", "FirstEvaluationStarted": true,
        }]}),
        json!({"ConformancePackDetails": [{
            "ConformancePackName": "iam", "ConformancePackId": "conformance-pack-abcdefghi",
            "ConformancePackArn": format!("arn:aws:config:{REGION}:{ACCOUNT}:conformance-pack/iam/conformance-pack-abcdefghi"),
            "ConformancePackInputParameters": [],
        }]}),
        json!({"ConformancePackStatusDetails": [{
            "ConformancePackName": "iam", "ConformancePackId": "conformance-pack-abcdefghi",
            "ConformancePackArn": format!("arn:aws:config:{REGION}:{ACCOUNT}:conformance-pack/iam/conformance-pack-abcdefghi"),
            "ConformancePackState": "CREATE_FAILED", "ConformancePackStatusReason": "no role",
            "StackArn": "arn:aws:cloudformation:eu-west-1:111122223333:stack/awsconfigconforms-iam/1",
            "LastUpdateRequestedTime": 1_790_755_200.0,
        }]}),
        json!({"ConfigurationRecorders": [{
            "arn": format!("arn:aws:config:{REGION}:{ACCOUNT}:configuration-recorder/main/0123"), "name": "main",
            "roleARN": "arn:aws:iam::111122223333:role/config", "recordingScope": "PAID",
            "recordingGroup": {"allSupported": true, "includeGlobalResourceTypes": false, "resourceTypes": []},
        }]}),
        json!({"ConfigurationRecordersStatus": [{
            "arn": format!("arn:aws:config:{REGION}:{ACCOUNT}:configuration-recorder/main/0123"), "name": "main",
            "recording": false, "lastStatus": "FAILURE", "lastErrorCode": "AccessDenied",
            "lastStopTime": "2026-09-30T08:00:00.000000+00:00",
        }]}),
        json!({"DeliveryChannels": [{"name": "main", "s3BucketName": "audit"}]}),
        json!({"DeliveryChannelsStatus": [{
            "name": "main", "configHistoryDeliveryInfo": {"lastStatus": "FAILURE", "lastErrorCode": "NoSuchBucket"},
        }]}),
    ]);
    assert!(loaded.problems.is_empty(), "{:?}", loaded.problems);
    loaded
}

/// What `aws iam get-account-authorization-details` prints: documents are decoded.
pub(crate) fn authorization_details() -> Value {
    json!({
        "UserDetailList": [], "GroupDetailList": [],
        "RoleDetailList": [{
            "Path": "/service-role/", "RoleName": "orders", "RoleId": "AROAEXAMPLEORDERS001",
            "Arn": "arn:aws:iam::111122223333:role/service-role/orders", "CreateDate": "2026-01-02T03:04:05+00:00",
            "AssumeRolePolicyDocument": trust(),
            "InstanceProfileList": [],
            "RolePolicyList": (1..=101).map(|number| json!({
                "PolicyName": format!("inline-{number:03}"), "PolicyDocument": reads(&format!("table/é {number}")),
            })).collect::<Value>(),
            "AttachedManagedPolicies": [
                {"PolicyName": "AWSLambdaBasicExecutionRole", "PolicyArn": AWS_POLICY},
                {"PolicyName": "tables", "PolicyArn": TABLES},
            ],
            "PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": TABLES},
            "Tags": [{"Key": "service", "Value": "orders & more"}],
            "RoleLastUsed": {"LastUsedDate": "2026-02-03T04:05:06+00:00", "Region": "eu-west-1"},
        }],
        "Policies": [
            {
                "PolicyName": "tables", "PolicyId": "ANPAEXAMPLETABLES001", "Arn": TABLES, "Path": "/team/",
                "DefaultVersionId": "v2", "AttachmentCount": 1, "PermissionsBoundaryUsageCount": 1, "IsAttachable": true,
                "CreateDate": "2026-01-02T03:04:05+00:00", "UpdateDate": "2026-03-02T03:04:05+00:00",
                "PolicyVersionList": [
                    {"Document": reads("table/new"), "VersionId": "v2", "IsDefaultVersion": true, "CreateDate": "2026-03-02T03:04:05+00:00"},
                    {"Document": reads("table/old"), "VersionId": "v1", "IsDefaultVersion": false, "CreateDate": "2026-01-02T03:04:05+00:00"},
                ],
            },
            {
                "PolicyName": "AWSNewPolicy", "PolicyId": "ANPAEXAMPLENEW000001", "Arn": "arn:aws:iam::aws:policy/AWSNewPolicy",
                "Path": "/", "DefaultVersionId": "v1", "AttachmentCount": 1, "PermissionsBoundaryUsageCount": 0, "IsAttachable": true,
                "CreateDate": "2026-01-02T03:04:05+00:00", "UpdateDate": "2026-01-02T03:04:05+00:00",
                "PolicyVersionList": [
                    {"Document": reads("*"), "VersionId": "v1", "IsDefaultVersion": true, "CreateDate": "2026-01-02T03:04:05+00:00"},
                ],
            },
        ],
    })
}

pub(crate) fn coverage() -> Value {
    json!({"coveredResources": [
        {
            "resourceType": "AWS_LAMBDA_FUNCTION", "resourceId": format!("{FUNCTION_ARN}:$LATEST"), "accountId": ACCOUNT,
            "scanType": "PACKAGE", "scanStatus": {"statusCode": "ACTIVE", "reason": "SUCCESSFUL"},
            "resourceMetadata": {"lambdaFunction": {
                "functionName": "orders", "runtime": "PYTHON_3_11", "layers": [], "functionTags": {"service": "orders"},
            }},
            "lastScannedAt": "2026-09-30T08:00:00+00:00",
        },
        {
            "resourceType": "AWS_EC2_INSTANCE", "resourceId": "i-0123456789abcdef0", "accountId": ACCOUNT,
            "scanType": "PACKAGE", "scanStatus": {"statusCode": "ACTIVE", "reason": "SUCCESSFUL"},
        },
    ]})
}

pub(crate) fn findings() -> Value {
    let severities = ["LOW", "CRITICAL", "UNTRIAGED", "HIGH", "MEDIUM"];
    let findings =
        severities.into_iter().enumerate().map(|(index, severity)| finding(index, severity, "ACTIVE"));
    json!({"findings": findings.chain([finding(9, "HIGH", "CLOSED")]).collect::<Value>()})
}

fn finding(number: usize, severity: &str, status: &str) -> Value {
    json!({
        "findingArn": format!("arn:aws:inspector2:{REGION}:{ACCOUNT}:finding/{number:032x}"),
        "awsAccountId": ACCOUNT, "type": "PACKAGE_VULNERABILITY", "severity": severity, "status": status,
        "title": "CVE-2024-35195 - requests", "description": "requests before 2.32.0",
        "remediation": {"recommendation": {"text": "None Provided"}},
        "firstObservedAt": "2026-09-01T08:00:00+00:00", "lastObservedAt": "2026-09-30T08:00:00+00:00",
        "updatedAt": "2026-09-30T08:00:00+00:00", "inspectorScore": 5.6, "fixAvailable": "YES",
        "packageVulnerabilityDetails": {
            "vulnerabilityId": "CVE-2024-35195", "source": "NVD",
            "vulnerablePackages": [{
                "name": "requests", "version": "2.31.0", "fixedInVersion": "2.32.0", "packageManager": "PYTHONPKG",
                "filePath": "requirements.txt",
            }],
        },
        "resources": [{
            "type": "AWS_LAMBDA_FUNCTION", "id": format!("{FUNCTION_ARN}:$LATEST"), "partition": "aws", "region": REGION,
            "tags": {"service": "orders"},
            "details": {"awsLambdaFunction": {
                "functionName": "orders", "runtime": "PYTHON_3_11", "codeSha256": "abc", "version": "$LATEST",
                "executionRoleArn": "arn:aws:iam::111122223333:role/service-role/orders", "layers": [],
                "packageType": "ZIP", "lastModifiedAt": "2026-08-01T08:00:00+00:00",
            }},
        }],
    })
}

pub(crate) fn managed_rule() -> Value {
    json!({
        "ConfigRuleName": "lambda-dlq", "ConfigRuleId": "config-rule-abcdef",
        "ConfigRuleArn": format!("arn:aws:config:{REGION}:{ACCOUNT}:config-rule/config-rule-abcdef"),
        "Scope": {"ComplianceResourceTypes": ["AWS::Lambda::Function"]},
        "Source": {"Owner": "AWS", "SourceIdentifier": "LAMBDA_DLQ_CHECK"},
        "ConfigRuleState": "ACTIVE", "EvaluationModes": [{"Mode": "DETECTIVE"}],
    })
}

fn trust() -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ]})
}

fn reads(resource: &str) -> Value {
    let resource = format!("arn:aws:dynamodb:eu-west-1:111122223333:{resource}");
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": resource}]})
}

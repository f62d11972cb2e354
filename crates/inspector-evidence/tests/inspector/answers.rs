//! Inspector's answers, in the shapes of its API Reference; times are epoch seconds.

use serde_json::{Value, json};

pub(crate) const ARN: &str = "arn:aws:lambda:eu-west-1:111122223333:function:orders";

/// 2026-01-02T03:04:05Z.
const SECONDS: u64 = 1_767_323_045;

pub(crate) fn page_of_coverage(resources: &[Value], next_token: Option<&str>) -> Value {
    json!({"coveredResources": resources, "nextToken": next_token})
}

pub(crate) fn page_of_findings(findings: &[Value], next_token: Option<&str>) -> Value {
    json!({"findings": findings, "nextToken": next_token})
}

/// One scan of a function.
pub(crate) fn coverage(function: &str, kind: &str) -> Value {
    json!({
        "resourceType": "AWS_LAMBDA_FUNCTION",
        "resourceId": format!("arn:aws:lambda:eu-west-1:111122223333:function:{function}:$LATEST"),
        "accountId": "111122223333",
        "scanType": kind,
        "scanStatus": {"statusCode": "ACTIVE", "reason": "SUCCESSFUL"},
        "resourceMetadata": {"lambdaFunction": {
            "functionName": function, "functionTags": {"service": function}, "layers": [], "runtime": "PYTHON_3_11",
        }},
        "lastScannedAt": SECONDS,
    })
}

/// One vulnerability of a function.
pub(crate) fn finding(id: &str, function: &str, severity: &str) -> Value {
    json!({
        "findingArn": format!("arn:aws:inspector2:eu-west-1:111122223333:finding/{id}"),
        "awsAccountId": "111122223333",
        "type": "PACKAGE_VULNERABILITY",
        "title": "CVE-2025-12345 - requests",
        "description": "A flaw",
        "severity": severity,
        "status": "ACTIVE",
        "firstObservedAt": SECONDS,
        "lastObservedAt": SECONDS,
        "updatedAt": SECONDS,
        "fixAvailable": "YES",
        "exploitAvailable": "NO",
        "inspectorScore": 9.8,
        "epss": {"score": 0.25},
        "remediation": {"recommendation": {"text": "None Provided"}},
        "resources": [{
            "type": "AWS_LAMBDA_FUNCTION",
            "id": format!("arn:aws:lambda:eu-west-1:111122223333:function:{function}:$LATEST"),
            "partition": "aws",
            "region": "eu-west-1",
            "tags": {"service": function},
            "details": {"awsLambdaFunction": {
                "functionName": function,
                "runtime": "PYTHON_3_11",
                "codeSha256": "aGFzaA==",
                "version": "$LATEST",
                "executionRoleArn": "arn:aws:iam::111122223333:role/orders",
                "packageType": "ZIP",
            }},
        }],
        "packageVulnerabilityDetails": {
            "vulnerabilityId": "CVE-2025-12345",
            "source": "NVD",
            "sourceUrl": "https://nvd.nist.gov/vuln/detail/CVE-2025-12345",
            "vendorSeverity": "CRITICAL",
            "vendorCreatedAt": SECONDS,
            "cvss": [{"baseScore": 9.8, "scoringVector": "CVSS:3.1/AV:N", "source": "NVD", "version": "3.1"}],
            "referenceUrls": [],
            "relatedVulnerabilities": [],
            "vulnerablePackages": [{
                "name": "requests",
                "version": "2.19.0",
                "fixedInVersion": "2.20.0",
                "packageManager": "PYTHONPKG",
                "filePath": "requests-2.19.0.dist-info/METADATA",
                "epoch": 0,
            }],
        },
    })
}

/// Whether Inspector is enabled, and whether it scans functions.
pub(crate) fn account_status(inspector: &str, functions: &str) -> Value {
    let state = |status: &str| json!({"status": status, "errorCode": "ALREADY_ENABLED", "errorMessage": ""});
    json!({"accounts": [{
        "accountId": "111122223333",
        "state": state(inspector),
        "resourceState": {"ec2": state("DISABLED"), "ecr": state("DISABLED"), "lambda": state(functions)},
    }]})
}

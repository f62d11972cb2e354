//! The policy templates of the AWS Serverless Application Model.
//!
//! `sam-policy-templates.json` holds the statements of all templates of `aws-sam-translator` 1.115.0
//! (`samtranslator/policy_templates_data/policy_templates.json`, Apache-2.0) with their intrinsic functions resolved:
//! `AWS::Partition` is `aws`, `AWS::Region` `eu-west-1`, `AWS::AccountId` `111122223333`, a parameter `X` is `my-X`, and
//! `SecretArn` and `CertificateArn` are ARNs of a secret and of a certificate.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::judging::{Permissions, summary, verdict};

const TEMPLATES: &str = include_str!("sam-policy-templates.json");

#[test]
fn every_template_gets_what_explains_it_and_scoped_ones_nothing() {
    let templates: BTreeMap<String, Value> = serde_json::from_str(TEMPLATES).expect("JSON");
    assert_eq!(templates.len(), 81);
    let found: BTreeMap<_, _> = templates
        .iter()
        .map(|(name, statements)| {
            let document = json!({"Version": "2012-10-17", "Statement": statements});
            (name.as_str(), summary(&verdict(&Permissions::inline(document))).join(", "))
        })
        .filter(|(_, found)| !found.is_empty())
        .collect();
    let expected: BTreeMap<_, _> =
        EXPECTED.iter().map(|(name, found, _)| (*name, (*found).to_owned())).collect();
    assert_eq!(found, expected);
}

/// Template, findings, and why.
const EXPECTED: &[(&str, &str, &str)] = &[
    (
        "CloudFormationDescribeStacksPolicy",
        "wildcard-resource-read low",
        "cloudformation:DescribeStacks on every stack of the account",
    ),
    (
        "CloudWatchDashboardPolicy",
        "wildcard-resource-write high, wildcard-resource-read low",
        "cloudwatch:PutDashboard can be restricted to a dashboard",
    ),
    (
        "CloudWatchDescribeAlarmHistoryPolicy",
        "wildcard-resource-read low",
        "cloudwatch:DescribeAlarmHistory can be restricted to an alarm",
    ),
    (
        "ComprehendBasicAccessPolicy",
        "wildcard-resource-read low",
        "comprehend:Detect… can be restricted to an endpoint",
    ),
    (
        "CostExplorerReadOnlyPolicy",
        "wildcard-resource-read low",
        "ce:Get… can be restricted to a billing view",
    ),
    ("EKSDescribePolicy", "wildcard-resource-read low", "eks:DescribeCluster can be restricted to a cluster"),
    (
        "PollyFullAccessPolicy",
        "wildcard-resource-write high, wildcard-resource-read low",
        "polly:PutLexicon on every lexicon of the account",
    ),
    (
        "RekognitionDetectOnlyPolicy",
        "wildcard-resource-read low",
        "rekognition:DetectModerationLabels can be restricted to a project version",
    ),
    (
        "RekognitionLabelsPolicy",
        "wildcard-resource-read low",
        "rekognition:DetectModerationLabels can be restricted to a project version",
    ),
    (
        "ServerlessRepoReadWriteAccessPolicy",
        "wildcard-resource-write high, wildcard-resource-read low",
        "serverlessrepo:CreateApplicationVersion on every application of the account",
    ),
    ("TextractPolicy", "service-wildcard high", "textract:*"),
    (
        "VPCAccessPolicy",
        "wildcard-resource-write high",
        "ec2:DetachNetworkInterface is not what Lambda needs, and can be restricted",
    ),
];

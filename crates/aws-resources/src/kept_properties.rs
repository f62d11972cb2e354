//! What the rules read of the types that large accounts have most of.

use config_rule::Kept::{self, Members, Whole};

/// What any rule reads of the items of a type; of types that are not in the list, everything counts as read.
///
/// The list is held by the rules' cases, each of which is also judged with nothing but this: a rule that reads more has
/// another verdict then.
#[must_use]
pub fn kept_properties(resource_type: &str) -> &'static Kept {
    KEPT.iter().find(|(known, _)| *known == resource_type).map_or(&Whole, |(_, kept)| kept)
}

const KEPT: [(&str, Kept); 12] = [
    (
        "AWS::ApiGateway::UsagePlan",
        Members(&[(
            "configuration",
            Members(&[
                ("ApiStages", Members(&[("ApiId", Whole)])),
                ("Id", Whole),
                ("apiStages", Members(&[("apiId", Whole)])),
                ("id", Whole),
            ]),
        )]),
    ),
    (
        "AWS::CloudFormation::Stack",
        Members(&[
            (
                "configuration",
                Members(&[
                    ("creationTime", Whole),
                    ("driftInformation", Members(&[("stackDriftStatus", Whole)])),
                    ("lastUpdatedTime", Whole),
                    ("parentId", Whole),
                    ("roleARN", Whole),
                    ("stackName", Whole),
                    ("stackStatus", Whole),
                ]),
            ),
            (
                "supplementaryConfiguration",
                Members(&[(
                    "StackResourceSummaries",
                    Members(&[
                        ("driftInformation", Members(&[("stackResourceDriftStatus", Whole)])),
                        ("lastUpdatedTimestamp", Whole),
                        ("logicalResourceId", Whole),
                        ("physicalResourceId", Whole),
                        ("resourceStatus", Whole),
                        ("resourceType", Whole),
                    ]),
                )]),
            ),
        ]),
    ),
    (
        "AWS::CloudWatch::Alarm",
        Members(&[(
            "configuration",
            Members(&[
                ("actionsEnabled", Whole),
                ("alarmActions", Whole),
                ("comparisonOperator", Whole),
                ("datapointsToAlarm", Whole),
                ("dimensions", Whole),
                ("evaluationPeriods", Whole),
                ("extendedStatistic", Whole),
                ("metricName", Whole),
                ("namespace", Whole),
                ("statistic", Whole),
                ("threshold", Whole),
                ("treatMissingData", Whole),
                ("unit", Whole),
            ]),
        )]),
    ),
    (
        "AWS::CodePipeline::Pipeline",
        Members(&[(
            "configuration",
            Members(&[(
                "pipeline",
                Members(&[(
                    "stages",
                    Members(&[(
                        "actions",
                        Members(&[
                            ("actionTypeId", Members(&[("category", Whole), ("provider", Whole)])),
                            (
                                "configuration",
                                Members(&[
                                    ("ActionMode", Whole),
                                    ("FunctionName", Whole),
                                    ("StackName", Whole),
                                    ("StackSetName", Whole),
                                ]),
                            ),
                            ("region", Whole),
                        ]),
                    )]),
                )]),
            )]),
        )]),
    ),
    ("AWS::DynamoDB::Table", Members(&[])),
    (
        "AWS::ECR::Repository",
        Members(&[(
            "configuration",
            Members(&[("ImageScanningConfiguration", Members(&[("ScanOnPush", Whole)]))]),
        )]),
    ),
    (
        "AWS::IAM::Policy",
        Members(&[(
            "configuration",
            Members(&[("policyVersionList", Members(&[("document", Whole), ("isDefaultVersion", Whole)]))]),
        )]),
    ),
    (
        "AWS::IAM::Role",
        Members(&[(
            "configuration",
            Members(&[
                ("arn", Whole),
                ("assumeRolePolicyDocument", Whole),
                ("attachedManagedPolicies", Members(&[("policyArn", Whole)])),
                ("permissionsBoundary", Members(&[("permissionsBoundaryArn", Whole)])),
                ("roleName", Whole),
                ("rolePolicyList", Members(&[("policyDocument", Whole), ("policyName", Whole)])),
            ]),
        )]),
    ),
    (
        "AWS::Lambda::Function",
        Members(&[
            (
                "configuration",
                Members(&[
                    ("codeSize", Whole),
                    ("deadLetterConfig", Members(&[("targetArn", Whole)])),
                    ("functionArn", Whole),
                    ("functionName", Whole),
                    ("lastModified", Whole),
                    ("layers", Members(&[("arn", Whole), ("codeSize", Whole)])),
                    // The example that a new rule starts with.
                    ("memorySize", Whole),
                    ("packageType", Whole),
                    ("role", Whole),
                    ("runtime", Whole),
                    ("timeout", Whole),
                    ("tracingConfig", Members(&[("mode", Whole)])),
                ]),
            ),
            ("supplementaryConfiguration", Members(&[("Policy", Whole)])),
        ]),
    ),
    ("AWS::RDS::DBCluster", Members(&[])),
    ("AWS::RDS::DBInstance", Members(&[])),
    ("AWS::S3::Bucket", Members(&[])),
];

//! Which condition keys leave only some resources in reach.

/// What a condition key leaves of a grant. Later variants narrow more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Narrowing {
    /// Every resource stays in reach: the key is about when, from where, how or by whom.
    Nothing,
    /// What the action may be used for is restricted, not on which resources.
    Use,
    /// Only some resources, or parts of them, stay in reach.
    Resources,
}

/// Keys that say which resources, or which part of them, a request is about; `*` ends a family of keys. The action
/// table records which actions know them, since `ForAllValues:` narrows only those.
///
/// Sources: IAM User Guide, `reference_policies_condition-keys` ("Properties of the resource"), and the condition
/// keys of each service in the Service Authorization Reference.
const OF_RESOURCES: &[&str] = &[
    "aws:ResourceAccount",
    "aws:ResourceOrgID",
    "aws:ResourceOrgPaths",
    "aws:ResourceTag/*",
    "autoscaling:ResourceTag/*",
    "cloudwatch:namespace",
    "cloudwatch:requestInsightRuleLogGroups",
    "cognito-identity:IdentityPoolArn",
    "dynamodb:Attributes",
    "dynamodb:LeadingKeys",
    "ec2:InstanceID",
    "ec2:NetworkInterfaceID",
    "ec2:Owner",
    "ec2:ResourceTag/*",
    "ec2:SecurityGroupID",
    "ec2:Subnet",
    "ec2:SubnetID",
    "ec2:VolumeID",
    "ec2:Vpc",
    "ec2:VpcID",
    "ecs:cluster",
    "ecs:container-instances",
    "ecs:service",
    "ecs:task",
    "ecs:task-definition",
    "elasticfilesystem:AccessPointArn",
    "elasticloadbalancing:ResourceTag/*",
    "events:EventBusArn",
    "events:TargetArn",
    "events:creatorAccount",
    "events:detail-type",
    "events:source",
    "iam:AssociatedResourceArn",
    "iam:PolicyARN",
    "iam:ResourceTag/*",
    "kms:EncryptionContext:*",
    "kms:EncryptionContextKeys",
    "kms:RequestAlias",
    "kms:ResourceAliases",
    "lambda:FunctionArn",
    "lambda:Layer",
    "logs:LogGeneratingResourceArns",
    "rds:DatabaseName",
    "rds:cluster-tag/*",
    "rds:db-tag/*",
    "s3:AccessGrantsInstanceArn",
    "s3:AccessPointTag/*",
    "s3:DataAccessPointAccount",
    "s3:DataAccessPointArn",
    "s3:ExistingObjectTag/*",
    "s3:ResourceAccount",
    "s3:prefix",
    "s3:x-amz-copy-source",
    "sagemaker:ResourceTag/*",
    "secretsmanager:Name",
    "secretsmanager:ResourceTag/*",
    "secretsmanager:SecretId",
    "secretsmanager:resource/*",
    "servicediscovery:NamespaceArn",
    "servicediscovery:NamespaceName",
    "servicediscovery:ServiceArn",
    "servicediscovery:ServiceName",
    "ses:FromAddress",
    "ses:Recipients",
    "sns:Endpoint",
    "ssm:resourceTag/*",
    "states:StateMachineQualifier",
];

/// Keys that leave all resources in reach: about the caller, the network, the time, or the form of the request.
const OF_CIRCUMSTANCES: &[&str] = &[
    "aws:CurrentTime",
    "aws:Ec2InstanceSource*",
    "aws:EpochTime",
    "aws:FederatedProvider",
    "aws:MultiFactorAuth*",
    "aws:Principal*",
    "aws:Referer",
    "aws:RequestedRegion",
    "aws:SecureTransport",
    "aws:SourceIdentity",
    "aws:SourceIp",
    "aws:SourceVpc*",
    "aws:TokenIssueTime",
    "aws:UserAgent",
    "aws:VpcSourceIp",
    "aws:Vpce*",
    "aws:userid",
    "aws:username",
    "dynamodb:EnclosingOperation",
    "dynamodb:FullTableScan",
    "dynamodb:ReturnConsumedCapacity",
    "dynamodb:ReturnValues",
    "dynamodb:Select",
    "ec2:Region",
    "ec2:SourceInstanceARN",
    "kms:CallerAccount",
    "kms:EncryptionAlgorithm",
    "kms:SigningAlgorithm",
    "lambda:SourceFunctionArn",
    "s3:TlsVersion",
    "s3:authType",
    "s3:delimiter",
    "s3:if-*",
    "s3:max-keys",
    "s3:object-lock-*",
    "s3:signatureAge",
    "s3:signatureversion",
    "s3:x-amz-acl",
    "s3:x-amz-content-sha256",
    "s3:x-amz-server-side-encryption*",
    "s3:x-amz-storage-class",
    "secretsmanager:ForceDeleteWithoutRecovery",
    "secretsmanager:RecoveryWindowInDays",
    "secretsmanager:VersionId",
    "secretsmanager:VersionStage",
    "ssm:Overwrite",
    "ssm:Recursive",
    "ssm:SourceInstanceARN",
    "sts:DurationSeconds",
];

/// What a condition on `key` leaves of a grant, if its operator and values restrict at all.
///
/// A key that is in neither list, such as `iam:PassedToService`, `kms:ViaService` or one that AWS added later,
/// restricts the use: nobody can say for certain that every resource stays in reach.
#[must_use]
pub fn of_key(key: &str) -> Narrowing {
    if is_recorded(key) {
        Narrowing::Resources
    } else if OF_CIRCUMSTANCES.iter().any(|family| is_of(family, key)) {
        Narrowing::Nothing
    } else {
        Narrowing::Use
    }
}

/// Whether the action table records which actions know this key.
#[must_use]
pub fn is_recorded(key: &str) -> bool {
    OF_RESOURCES.iter().any(|family| is_of(family, key))
}

/// Whether the key is a tag of the resource: one that the resource need not have, so that a request need not carry it.
#[must_use]
pub fn is_tag(key: &str) -> bool {
    let is_of_tags = |family: &&&str| family.ends_with("Tag/*") || family.ends_with("tag/*");
    OF_RESOURCES.iter().filter(is_of_tags).any(|family| is_of(family, key))
}

/// Whether `key` is the named key or, for a name that ends in `*`, one of its family.
pub(crate) fn is_of(family: &str, key: &str) -> bool {
    match family.strip_suffix('*') {
        Some(start) => key.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start)),
        None => key.eq_ignore_ascii_case(family),
    }
}

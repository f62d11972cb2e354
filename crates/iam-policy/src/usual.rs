//! What AWS itself grants to every Lambda function, and which reads give away data.

use crate::table::Action;

/// Actions that Lambda's own basic policies grant on every resource, because the function's log group, trace or
/// network interface does not exist when the policy is written.
///
/// Source: AWS Managed Policy Reference, `AWSLambdaBasicExecutionRole`, `AWSLambdaVPCAccessExecutionRole`,
/// `AWSXRayDaemonWriteAccess`; AWS Lambda Developer Guide, `configuration-vpc`, "Required IAM permissions".
pub const RUNTIME: &[&str] = &[
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    "ec2:GetSecurityGroupsForVpc",
    "ec2:UnassignPrivateIpAddresses",
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "xray:GetSamplingRules",
    "xray:GetSamplingStatisticSummaries",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
];

/// The services of these, so that nearly all other actions are told apart at once.
const RUNTIME_SERVICES: [&str; 3] = ["ec2", "logs", "xray"];

/// Actions that hand out what people store: records, objects, secrets, messages, logs, code, decrypted bytes. The
/// reference files some of them under Write or List.
pub const DATA_READS: &[&str] = &[
    "appconfig:GetLatestConfiguration",
    "athena:GetQueryResults",
    "cassandra:Select",
    "codecommit:GetBlob",
    "codecommit:GetFile",
    "codecommit:GitPull",
    "cognito-idp:AdminGetUser",
    "cognito-idp:AdminListUserAuthEvents",
    "cognito-idp:ListUsers",
    "cognito-idp:ListUsersInGroup",
    "dax:BatchGetItem",
    "dax:GetItem",
    "dax:Query",
    "dax:Scan",
    "dynamodb:BatchGetItem",
    "dynamodb:ExportTableToPointInTime",
    "dynamodb:GetItem",
    "dynamodb:GetRecords",
    "dynamodb:PartiQLSelect",
    "dynamodb:Query",
    "dynamodb:Scan",
    "ebs:GetSnapshotBlock",
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
    "es:ESHttpGet",
    "kinesis:GetRecords",
    "kinesis:SubscribeToShard",
    "kms:Decrypt",
    "lambda:GetFunction",
    "logs:FilterLogEvents",
    "logs:GetLogEvents",
    "logs:GetLogRecord",
    "logs:GetQueryResults",
    "neptune-db:ReadDataViaQuery",
    "rds:DownloadCompleteDBLogFile",
    "rds:DownloadDBLogFilePortion",
    "redshift-data:GetStatementResult",
    "s3:GetObject",
    "s3:GetObjectTorrent",
    "s3:GetObjectVersion",
    "s3:GetObjectVersionForReplication",
    "s3:GetObjectVersionTorrent",
    "secretsmanager:BatchGetSecretValue",
    "secretsmanager:GetSecretValue",
    "sqs:ReceiveMessage",
    "ssm:GetParameter",
    "ssm:GetParameterHistory",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
    "timestream:Select",
];

/// Whether Lambda's own basic policies grant the action on every resource.
#[must_use]
pub fn is_granted_to_every_function(action: Action) -> bool {
    RUNTIME_SERVICES.contains(&action.service()) && is_among(RUNTIME, action)
}

/// Whether the action hands out what people store.
#[must_use]
pub fn reads_data(action: Action) -> bool {
    is_among(DATA_READS, action)
}

/// The lists are sorted; a test finds every one of them.
fn is_among(names: &[&str], action: Action) -> bool {
    let (service, name) = (action.service().as_bytes(), action.name().as_bytes());
    let found = names.binary_search_by(|known| {
        let (own_service, rest) = known.as_bytes().split_at(known.len().min(service.len()));
        let own_name = || rest.split_first().map(|(colon, own_name)| (*colon, own_name));
        own_service.cmp(service).then_with(|| own_name().cmp(&Some((b':', name))))
    });
    found.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_services_of_what_every_function_may_do_are_all_there() {
        let services = RUNTIME.iter().filter_map(|name| name.split(':').next());
        let mut services: Vec<_> = services.collect();
        services.dedup();
        assert_eq!(services, RUNTIME_SERVICES);
    }
}

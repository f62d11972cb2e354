use iam_policy::managed;

use crate::judging::{Permissions, summary, verdict};

#[test]
fn every_policy_of_aws_is_judged() {
    let mut clean = 0;
    for policy in managed::policies() {
        let found = of_policy(policy.path);
        clean += usize::from(found.is_empty());
    }
    assert!(clean > 10, "{clean}");
}

#[test]
fn the_policies_that_lambda_offers_get_what_their_statements_deserve() {
    for (path, expected) in [
        ("service-role/AWSLambdaBasicExecutionRole", ""),
        ("service-role/AWSLambdaVPCAccessExecutionRole", ""),
        ("AWSXRayDaemonWriteAccess", ""),
        ("CloudWatchLambdaInsightsExecutionRolePolicy", ""),
        ("CloudWatchLambdaApplicationSignalsExecutionRolePolicy", ""),
        ("service-role/AWSLambdaENIManagementAccess", ""),
        // kafka:DescribeCluster and kafka:GetBootstrapBrokers show no data.
        ("service-role/AWSLambdaMSKExecutionRole", "wildcard-resource-read low"),
        // dynamodb:GetRecords and kinesis:GetRecords on every stream.
        ("service-role/AWSLambdaDynamoDBExecutionRole", "wildcard-resource-read medium"),
        ("service-role/AWSLambdaKinesisExecutionRole", "wildcard-resource-read medium"),
        // sqs:DeleteMessage and sqs:ReceiveMessage on every queue.
        (
            "service-role/AWSLambdaSQSQueueExecutionRole",
            "wildcard-resource-write high, wildcard-resource-read medium",
        ),
        // lambda:InvokeFunction on every function.
        ("service-role/AWSLambdaRole", "wildcard-resource-write high"),
        ("AmazonDynamoDBFullAccess", "managed-full-access high"),
        ("AmazonS3FullAccess", "managed-full-access high"),
        ("AdministratorAccess", "admin-access critical, managed-full-access high"),
        ("PowerUserAccess", "admin-access critical, managed-full-access high"),
        ("IAMFullAccess", "privilege-escalation critical, managed-full-access high"),
    ] {
        assert_eq!(of_policy(path).join(", "), expected, "{path}");
    }
}

fn of_policy(path: &str) -> Vec<String> {
    let arn = format!("arn:aws:iam::aws:policy/{path}");
    let policy = managed::policy(&arn).expect("a policy of the digest");
    let document = serde_json::from_str(policy.document).expect("JSON");
    summary(&verdict(&Permissions { attached: vec![(arn, document)], ..Permissions::default() }))
}

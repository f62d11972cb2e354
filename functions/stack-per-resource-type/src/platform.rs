//! What deployment tools put into stacks for themselves.

use aws_resources::{Function, StackResource, is_platform_helper};
use wildmatch::WildMatch;

/// Stacks in which a tool keeps what it deploys with.
///
/// Sources: AWS CDK Developer Guide, "Bootstrapping"; AWS SAM CLI, `samcli/lib/bootstrap` (`aws-sam-cli-managed-default`,
/// and one more per pipeline stage).
const BOOTSTRAP_STACKS: [&str; 2] = ["CDKToolkit*", "aws-sam-cli-managed-*"];

/// Logical ids of buckets for deployment packages, for a pipeline's artifacts and for access logs: they hold nothing
/// that a user of the application would miss.
///
/// Sources: Serverless Framework (`ServerlessDeploymentBucket`); AWS CodePipeline User Guide, artifact stores; Amazon S3
/// User Guide, "Logging requests with server access logging".
const PLATFORM_BUCKETS: [&str; 6] = [
    "*DeploymentBucket*",
    "*Artifact*Bucket*",
    "*AccessLog*",
    "*LogBucket*",
    "*LogsBucket*",
    "*LoggingBucket*",
];

pub(crate) fn is_bootstrap_stack(name: &str) -> bool {
    matches_one(&BOOTSTRAP_STACKS, name)
}

pub(crate) fn is_platform_resource(resource: &StackResource) -> bool {
    match resource.resource_type.as_str() {
        Function::TYPE => is_platform_helper(&resource.logical_id),
        "AWS::S3::Bucket" => matches_one(&PLATFORM_BUCKETS, &resource.logical_id),
        _ => false,
    }
}

fn matches_one(patterns: &[&str], text: &str) -> bool {
    patterns.iter().any(|pattern| WildMatch::new(pattern).matches(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tools_deploy_for_themselves_is_recognized() {
        for logical_id in [
            "CustomResourceHandler",
            "CustomS3AutoDeleteObjectsCustomResourceProviderHandler9D90184F",
            "LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8aFD4BFC8A",
        ] {
            assert!(is_platform_resource(&resource("AWS::Lambda::Function", logical_id)), "{logical_id}");
        }
        for logical_id in [
            "ServerlessDeploymentBucket",
            "DeploymentBucket",
            "PipelineArtifactsBucket22248F97",
            "AccessLogs",
            "WebsiteAccessLogBucket",
            "LoggingBucket1E5A6F3B",
        ] {
            assert!(is_platform_resource(&resource("AWS::S3::Bucket", logical_id)), "{logical_id}");
        }
    }

    #[test]
    fn what_the_application_is_made_of_is_not() {
        for (resource_type, logical_id) in [
            ("AWS::Lambda::Function", "CreateOrder"),
            ("AWS::Lambda::Function", "LogRetentionReport"),
            ("AWS::Lambda::Function", "ServerlessDeploymentBucket"),
            ("AWS::S3::Bucket", "Uploads"),
            ("AWS::S3::Bucket", "CatalogBucket"),
            ("AWS::DynamoDB::Table", "CustomResources"),
        ] {
            assert!(!is_platform_resource(&resource(resource_type, logical_id)), "{logical_id}");
        }
    }

    #[test]
    fn bootstrap_stacks_are_known_by_name() {
        for (name, is_bootstrap) in [
            ("CDKToolkit", true),
            ("aws-sam-cli-managed-default", true),
            ("aws-sam-cli-managed-prod-pipeline-resources", true),
            ("shop-CDKToolkit", false),
            ("shop", false),
        ] {
            assert_eq!(is_bootstrap_stack(name), is_bootstrap, "{name}");
        }
    }

    fn resource(resource_type: &str, logical_id: &str) -> StackResource {
        StackResource {
            logical_id: logical_id.to_owned(),
            physical_id: None,
            resource_type: resource_type.to_owned(),
            status: Some("CREATE_COMPLETE".to_owned()),
        }
    }
}

//! Functions that deployment tools put into stacks for themselves.

/// How the logical ids of the tools' own functions begin. Each but the last ends in a construct's id that the tool's
/// source spells out, so that no function of an application begins like it by chance.
///
/// Sources: aws/aws-cdk, `packages/aws-cdk-lib`: `aws-logs/lib/log-retention.ts`,
/// `aws-s3/lib/notifications-resource/notifications-resource-handler.ts`,
/// `custom-resources/lib/aws-custom-resource/aws-custom-resource.ts`, `aws-s3-deployment/lib/bucket-deployment.ts`;
/// serverless/serverless, `lib/plugins/aws/custom-resources` (`-` is written as `Dash`).
const BEGINNINGS: [&str; 5] = [
    "LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8a",
    "BucketNotificationsHandler050a0587b7544547bf325f094a3db834",
    "AWS679f53fac002430cb0da5b7982bd2287",
    "CustomCDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C",
    "CustomDashresourceDash",
];

/// How the logical ids of the tools' own functions end before the hash that the CDK appends, whatever construct they
/// belong to.
///
/// Sources: aws/aws-cdk, `packages/aws-cdk-lib`: `core/lib/custom-resource-provider` (`CustomS3AutoDeleteObjects…`,
/// `CustomVpcRestrictDefaultSG…`, `AWSCDKCfnUtilsProvider…`, `CustomCrossRegionExportWriter…`, …),
/// `custom-resources/lib/provider-framework/provider.ts`,
/// `aws-certificatemanager/lib/dns-validated-certificate.ts`.
const ENDINGS: [&str; 5] = [
    "CustomResourceProviderHandler",
    "frameworkonEvent",
    "frameworkisComplete",
    "frameworkonTimeout",
    "CertificateRequestorFunction",
];

/// How people call the functions behind their custom resources.
const CUSTOM_RESOURCE: &str = "CustomResource";

/// Whether a function with this logical id runs while its stack is deployed and at no other time: a helper of the AWS
/// CDK or the Serverless Framework, or the function behind a custom resource. Its size, timeout and monitoring are the
/// tool's choice, and nobody calls it.
#[must_use]
pub fn is_platform_helper(logical_id: &str) -> bool {
    let named = BEGINNINGS.iter().any(|beginning| logical_id.starts_with(beginning));
    let hashed = without_hash(logical_id)
        .is_some_and(|construct| ENDINGS.iter().any(|ending| construct.ends_with(ending)));
    named || hashed || is_for_a_custom_resource(logical_id)
}

/// The logical id without the eight hexadecimal digits that the CDK ends it with.
///
/// Source: aws/aws-cdk, `packages/aws-cdk-lib/core/lib/private/uniqueid.ts`.
fn without_hash(logical_id: &str) -> Option<&str> {
    const DIGITS: usize = 8;
    let (construct, hash) = logical_id.split_at_checked(logical_id.len().checked_sub(DIGITS)?)?;
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte);
    hash.bytes().all(is_digit).then_some(construct)
}

/// `CustomResource`, `CustomResourceHandler`, `CustomResource2`; not `CustomResourcesList`, which lists some.
fn is_for_a_custom_resource(logical_id: &str) -> bool {
    let rest = logical_id.strip_prefix(CUSTOM_RESOURCE);
    rest.is_some_and(|rest| !rest.starts_with(|next: char| next.is_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tools_deploy_for_themselves_is_recognized() {
        for logical_id in [
            "AWS679f53fac002430cb0da5b7982bd22872D164C4C",
            "AWSCDKCfnUtilsProviderCustomResourceProviderHandlerCF82AA57",
            "AmplifyBranchLinkerCustomResourceProviderframeworkonEvent3FF5967C",
            "BucketNotificationsHandler050a0587b7544547bf325f094a3db8347ECC3691",
            "CustomCDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C512MiB6723FB92",
            "CustomCDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C81C01536",
            "CustomDashresourceDashapigwDashcwDashroleLambdaFunction",
            "CustomDashresourceDashexistingDashs3LambdaFunction",
            "CustomResource",
            "CustomResourceHandler",
            "CustomS3AutoDeleteObjectsCustomResourceProviderHandler9D90184F",
            "CustomVpcRestrictDefaultSGCustomResourceProviderHandlerDC833E5E",
            "LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8aFD4BFC8A",
            "ProviderframeworkisComplete26D7B0CB",
            "ProviderframeworkonEvent83C1D0A7",
            "ProviderframeworkonTimeout0B47CA38",
            "SiteCertificateCertificateRequestorFunction5E845413",
        ] {
            assert!(is_platform_helper(logical_id), "{logical_id}");
        }
    }

    #[test]
    fn what_the_application_is_made_of_is_not() {
        for logical_id in [
            "",
            "CreateOrder",
            "CustomerFunction",
            "CustomResourcesList",
            "ListCustomResources",
            "LogRetentionReport",
            "BucketNotificationsHandler",
            "BucketNotificationsHandler1A2B3C4D",
            "AWSCostReport",
            "ConfigProviderHandler1A2B3C4D",
            "CertificateRequestorFunction",
            "ÄÄÄÄÄÄÄ",
        ] {
            assert!(!is_platform_helper(logical_id), "{logical_id}");
        }
    }
}

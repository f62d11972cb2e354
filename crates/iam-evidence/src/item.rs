//! What the items of roles and policies have in common.

use aws_sdk_iam::types::Tag;
use serde_json::{Value, json};

/// A configuration item in AWS Config's shape.
pub(crate) fn item(
    resource_type: &str,
    id: &str,
    name: &str,
    arn: &str,
    tags: &[Tag],
    configuration: &Value,
) -> Value {
    let tags: serde_json::Map<_, _> =
        tags.iter().map(|tag| (tag.key.clone(), tag.value.clone().into())).collect();
    json!({
        "resourceType": resource_type,
        "resourceId": id,
        "resourceName": name,
        "ARN": arn,
        "awsAccountId": account(arn),
        "awsRegion": "global",
        "configurationItemStatus": "OK",
        "tags": tags,
        "relationships": [],
        "configuration": configuration,
        "supplementaryConfiguration": {},
    })
}

/// The owner in an ARN: twelve digits, or `aws`.
pub(crate) fn account(arn: &str) -> Option<&str> {
    arn.split(':').nth(4)
}

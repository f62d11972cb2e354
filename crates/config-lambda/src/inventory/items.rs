//! The shapes in which the API answers, as JSON that a document is read from.

use aws_sdk_config::types::{
    BaseConfigurationItem, ConfigurationItem, ConfigurationItemStatus, ResourceType,
};
use serde_json::{Value, json};

use crate::evidence::iso_8601;

/// An item of `GetResourceConfigHistory`.
pub(crate) fn of_history(item: &ConfigurationItem) -> Value {
    let relationships: Vec<_> = item
        .relationships()
        .iter()
        .map(|other| {
            json!({
                "resourceType": other.resource_type.as_ref().map(ResourceType::as_str),
                "resourceId": other.resource_id,
                "resourceName": other.resource_name,
                "relationshipName": other.relationship_name,
            })
        })
        .collect();
    json!({
        "accountId": item.account_id,
        "arn": item.arn,
        "awsRegion": item.aws_region,
        "configuration": item.configuration,
        "configurationItemCaptureTime": item.configuration_item_capture_time.as_ref().and_then(iso_8601),
        "configurationItemStatus": item.configuration_item_status.as_ref().map(ConfigurationItemStatus::as_str),
        "relationships": relationships,
        "resourceId": item.resource_id,
        "resourceName": item.resource_name,
        "resourceType": item.resource_type.as_ref().map(ResourceType::as_str),
        "supplementaryConfiguration": item.supplementary_configuration,
        "tags": item.tags,
    })
}

/// An item of `BatchGetResourceConfig`, which has neither tags nor relationships: they stay unknown.
pub(super) fn of_batch(item: &BaseConfigurationItem) -> Value {
    json!({
        "accountId": item.account_id,
        "arn": item.arn,
        "awsRegion": item.aws_region,
        "configuration": item.configuration,
        "configurationItemCaptureTime": item.configuration_item_capture_time.as_ref().and_then(iso_8601),
        "configurationItemStatus": item.configuration_item_status.as_ref().map(ConfigurationItemStatus::as_str),
        "resourceId": item.resource_id,
        "resourceName": item.resource_name,
        "resourceType": item.resource_type.as_ref().map(ResourceType::as_str),
        "supplementaryConfiguration": item.supplementary_configuration,
    })
}

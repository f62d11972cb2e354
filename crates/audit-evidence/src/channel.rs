//! Delivery channels, with how the last deliveries went.

use aws_sdk_config::types::{ConfigExportDeliveryInfo, DeliveryChannel, DeliveryChannelStatus};
use config_lambda::{CallError, Session, iso_8601};
use serde_json::{Value, json};

use crate::{DELIVERY_CHANNEL, Part};

pub(crate) async fn all(session: Session<'_>) -> Result<Vec<Part>, CallError> {
    let operation = "DescribeDeliveryChannels";
    let channels = session
        .config()
        .describe_delivery_channels()
        .customize()
        .config_override(session.within_the_deadline())
        .send()
        .await;
    let channels = channels.map_err(|error| CallError::new(operation, &error))?;
    let statuses = session
        .config()
        .describe_delivery_channel_status()
        .customize()
        .config_override(session.within_the_deadline())
        .send()
        .await;
    let statuses = statuses.map_err(|error| CallError::new("DescribeDeliveryChannelStatus", &error))?;
    let part = |channel: &DeliveryChannel| {
        let mut of_all = statuses.delivery_channels_status().iter();
        let status = of_all.find(|status| status.name == channel.name);
        Part {
            resource_type: DELIVERY_CHANNEL,
            operation,
            id: channel.name.clone(),
            name: channel.name.clone(),
            arn: None,
            configuration: configuration(channel, status),
        }
    };
    Ok(channels.delivery_channels().iter().map(part).collect())
}

fn configuration(channel: &DeliveryChannel, status: Option<&DeliveryChannelStatus>) -> Value {
    let frequency = channel
        .config_snapshot_delivery_properties()
        .map(|snapshots| json!({"deliveryFrequency": snapshots.delivery_frequency.as_ref().map(AsRef::<str>::as_ref)}));
    json!({
        "name": channel.name,
        "s3BucketName": channel.s3_bucket_name,
        "s3KeyPrefix": channel.s3_key_prefix,
        "s3KmsKeyArn": channel.s3_kms_key_arn,
        "snsTopicARN": channel.sns_topic_arn,
        "configSnapshotDeliveryProperties": frequency,
        "status": status.map(|status| json!({
            "name": status.name,
            "configSnapshotDeliveryInfo": status.config_snapshot_delivery_info().map(delivery),
            "configHistoryDeliveryInfo": status.config_history_delivery_info().map(delivery),
            "configStreamDeliveryInfo": status.config_stream_delivery_info().map(|stream| json!({
                "lastStatus": stream.last_status.as_ref().map(AsRef::<str>::as_ref),
                "lastErrorCode": stream.last_error_code,
                "lastErrorMessage": stream.last_error_message,
                "lastStatusChangeTime": stream.last_status_change_time().and_then(iso_8601),
            })),
        })),
    })
}

fn delivery(delivery: &ConfigExportDeliveryInfo) -> Value {
    json!({
        "lastStatus": delivery.last_status.as_ref().map(AsRef::<str>::as_ref),
        "lastErrorCode": delivery.last_error_code,
        "lastErrorMessage": delivery.last_error_message,
        "lastAttemptTime": delivery.last_attempt_time().and_then(iso_8601),
        "lastSuccessfulTime": delivery.last_successful_time().and_then(iso_8601),
        "nextDeliveryTime": delivery.next_delivery_time().and_then(iso_8601),
    })
}

//! The recorder and the delivery channel.
//!
//! Whether the account's recorder runs is known only where its item is among the input. Without one, what the input
//! holds was recorded by somebody, so the recorder counts as running. Delivery channels are no configuration items;
//! the one that stands for how the items came here counts as working.

use config_rule::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::ApiError;
use super::validation::Violations;
use super::{Call, input, seconds};
use crate::recorder::recorder;

const RECORDER_TYPE: &str = "AWS::Config::ConfigurationRecorder";

/// What AWS calls the delivery channel that its console makes.
const CHANNEL: &str = "default";

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Recorders {
    configuration_recorder_names: Vec<String>,
    arn: Option<String>,
}

pub(super) fn recorders(call: &Call<'_>) -> Result<Value, ApiError> {
    Ok(json!({"ConfigurationRecorders": selected_recorders(call)?}))
}

pub(super) fn recorder_status(call: &Call<'_>) -> Result<Value, ApiError> {
    let item = call.state.items.visible_of_type(call.scope, RECORDER_TYPE).next();
    let is_recording = item.is_none_or(|item| {
        item.properties().boolean("configuration.Recording").get().is_ok_and(|is_recording| *is_recording)
    });
    let changed_at = item.and_then(|item| item.capture_time).unwrap_or_else(|| last_delivery(call));
    let statuses: Vec<_> = selected_recorders(call)?
        .into_iter()
        .map(|recorder| {
            let mut status = json!({
                "arn": recorder.get("arn"),
                "name": recorder.get("name"),
                "recording": is_recording,
                "lastStatusChangeTime": seconds(changed_at),
            });
            if is_recording {
                status["lastStatus"] = json!("Success");
                status["lastStartTime"] = seconds(changed_at);
            } else {
                status["lastStatus"] = json!("NotApplicable");
                status["lastStopTime"] = seconds(changed_at);
            }
            status
        })
        .collect();
    Ok(json!({"ConfigurationRecordersStatus": statuses}))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Channels {
    delivery_channel_names: Vec<String>,
}

pub(super) fn channels(call: &Call<'_>) -> Result<Value, ApiError> {
    check_channels(call)?;
    let bucket = format!("config-bucket-{}", call.scope.account_id);
    Ok(json!({"DeliveryChannels": [{"name": CHANNEL, "s3BucketName": bucket}]}))
}

pub(super) fn channel_status(call: &Call<'_>) -> Result<Value, ApiError> {
    check_channels(call)?;
    let delivered_at = seconds(last_delivery(call));
    let export =
        json!({"lastStatus": "Success", "lastAttemptTime": delivered_at, "lastSuccessfulTime": delivered_at});
    Ok(json!({"DeliveryChannelsStatus": [{
        "name": CHANNEL,
        "configSnapshotDeliveryInfo": export,
        "configHistoryDeliveryInfo": export,
        "configStreamDeliveryInfo": {"lastStatus": "Success", "lastStatusChangeTime": delivered_at},
    }]}))
}

fn selected_recorders(call: &Call<'_>) -> Result<Vec<Value>, ApiError> {
    let input: Recorders = input::read(call)?;
    let mut violations = Violations::default();
    for (index, name) in input.configuration_recorder_names.iter().enumerate() {
        violations.text(format!("configurationRecorderNames.{}.member", index + 1), Some(name), 1, 256);
    }
    violations.finish()?;
    let recorder = recorder(&call.state.items, call.scope);
    let of_recorder = |key: &str| recorder.get(key).and_then(Value::as_str).map(ToOwned::to_owned);
    let (name, arn) = (of_recorder("name"), of_recorder("arn"));
    let other = input
        .configuration_recorder_names
        .iter()
        .find(|wanted| Some(*wanted) != name.as_ref())
        .or(input.arn.as_ref().filter(|wanted| Some(*wanted) != arn.as_ref()));
    match other {
        None => Ok(vec![recorder]),
        Some(other) => {
            let message = format!("Cannot find configuration recorder with the specified name '{other}'.");
            Err(ApiError::new("NoSuchConfigurationRecorderException", message))
        }
    }
}

fn check_channels(call: &Call<'_>) -> Result<(), ApiError> {
    let input: Channels = input::read(call)?;
    match input.delivery_channel_names.iter().find(|name| *name != CHANNEL) {
        None => Ok(()),
        Some(other) => {
            let message = format!("Cannot find delivery channel with specified name '{other}'.");
            Err(ApiError::new("NoSuchDeliveryChannelException", message))
        }
    }
}

fn last_delivery(call: &Call<'_>) -> Timestamp {
    call.state.items.recorded_at().unwrap_or(call.state.at)
}

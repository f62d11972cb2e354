//! The reads of recorders and delivery channels.

use serde::Deserialize;
use serde_json::{Value, json};

use super::error::ApiError;
use super::validation::Violations;
use super::{Call, input};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Recorders {
    configuration_recorder_names: Vec<String>,
    arn: Option<String>,
}

pub(super) fn recorders(call: &Call<'_>) -> Result<Value, ApiError> {
    let set_up = call.set_up();
    let all = if call.is_by_function { set_up.recorders_for_functions() } else { set_up.recorders() };
    let recorders = selected_recorders(call, all)?;
    Ok(json!({"ConfigurationRecorders": recorders}))
}

pub(super) fn recorder_status(call: &Call<'_>) -> Result<Value, ApiError> {
    let set_up = call.set_up();
    let all = if call.is_by_function { set_up.known_recorder_statuses() } else { set_up.recorder_statuses() };
    let statuses = selected_recorders(call, all)?;
    Ok(json!({"ConfigurationRecordersStatus": statuses}))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Channels {
    delivery_channel_names: Vec<String>,
}

pub(super) fn channels(call: &Call<'_>) -> Result<Value, ApiError> {
    let channels = selected_channels(call, call.set_up().channels())?;
    Ok(json!({"DeliveryChannels": channels}))
}

pub(super) fn channel_status(call: &Call<'_>) -> Result<Value, ApiError> {
    let set_up = call.set_up();
    let all = if call.is_by_function { set_up.known_channel_statuses() } else { set_up.channel_statuses() };
    let statuses = selected_channels(call, all)?;
    Ok(json!({"DeliveryChannelsStatus": statuses}))
}

fn selected_recorders(call: &Call<'_>, all: Vec<Value>) -> Result<Vec<Value>, ApiError> {
    let input: Recorders = input::read(call)?;
    let mut violations = Violations::default();
    for (index, name) in input.configuration_recorder_names.iter().enumerate() {
        violations.text(format!("configurationRecorderNames.{}.member", index + 1), Some(name), 1, 256);
    }
    violations.finish()?;
    let selected = match &input.arn {
        None => selected(all, "name", &input.configuration_recorder_names),
        Some(arn) => selected(all, "arn", std::slice::from_ref(arn)),
    };
    selected.map_err(|other| {
        let message = format!("Cannot find configuration recorder with the specified name '{other}'.");
        ApiError::new("NoSuchConfigurationRecorderException", message)
    })
}

fn selected_channels(call: &Call<'_>, all: Vec<Value>) -> Result<Vec<Value>, ApiError> {
    let input: Channels = input::read(call)?;
    selected(all, "name", &input.delivery_channel_names).map_err(|other| {
        let message = format!("Cannot find delivery channel with specified name '{other}'.");
        ApiError::new("NoSuchDeliveryChannelException", message)
    })
}

/// Those that are wanted, all if none is named, or the name that none has.
fn selected(all: Vec<Value>, member: &str, wanted: &[String]) -> Result<Vec<Value>, String> {
    let is = |element: &Value, name: &str| element.get(member).and_then(Value::as_str) == Some(name);
    match wanted.iter().find(|name| !all.iter().any(|element| is(element, name))) {
        Some(other) => Err(other.clone()),
        None if wanted.is_empty() => Ok(all),
        None => Ok(all.into_iter().filter(|element| wanted.iter().any(|name| is(element, name))).collect()),
    }
}

//! Recorders, with what they record and whether they do.

use aws_sdk_config::types::{
    ConfigurationRecorder, ConfigurationRecorderStatus, RecordingGroup, RecordingMode, ResourceType,
};
use config_lambda::{CallError, Session, iso_8601};
use serde_json::{Value, json};

use crate::{Part, RECORDER};

pub(crate) async fn all(session: Session<'_>) -> Result<Vec<Part>, CallError> {
    let operation = "DescribeConfigurationRecorders";
    let recorders = session
        .config()
        .describe_configuration_recorders()
        .customize()
        .config_override(session.within_the_deadline())
        .send()
        .await;
    let recorders = recorders.map_err(|error| CallError::new(operation, &error))?;
    let statuses = session
        .config()
        .describe_configuration_recorder_status()
        .customize()
        .config_override(session.within_the_deadline())
        .send()
        .await;
    let statuses = statuses.map_err(|error| CallError::new("DescribeConfigurationRecorderStatus", &error))?;
    let part = |recorder: &ConfigurationRecorder| {
        let mut of_all = statuses.configuration_recorders_status().iter();
        let status = of_all.find(|status| status.name == recorder.name);
        Part {
            resource_type: RECORDER,
            operation,
            id: recorder.name.clone(),
            name: recorder.name.clone(),
            arn: recorder.arn.clone(),
            configuration: configuration(recorder, status),
        }
    };
    Ok(recorders.configuration_recorders().iter().map(part).collect())
}

fn configuration(recorder: &ConfigurationRecorder, status: Option<&ConfigurationRecorderStatus>) -> Value {
    json!({
        "arn": recorder.arn,
        "name": recorder.name,
        "roleARN": recorder.role_arn,
        "recordingGroup": recorder.recording_group().map(group),
        "recordingMode": recorder.recording_mode().map(mode),
        "recordingScope": recorder.recording_scope.as_ref().map(AsRef::<str>::as_ref),
        "servicePrincipal": recorder.service_principal,
        "status": status.map(|status| json!({
            "name": status.name,
            "recording": status.recording,
            "lastStartTime": status.last_start_time().and_then(iso_8601),
            "lastStopTime": status.last_stop_time().and_then(iso_8601),
            "lastStatus": status.last_status.as_ref().map(AsRef::<str>::as_ref),
            "lastErrorCode": status.last_error_code,
            "lastErrorMessage": status.last_error_message,
            "lastStatusChangeTime": status.last_status_change_time().and_then(iso_8601),
            "servicePrincipal": status.service_principal,
        })),
    })
}

fn group(group: &RecordingGroup) -> Value {
    let strategy = group.recording_strategy().and_then(|strategy| strategy.use_only());
    json!({
        "allSupported": group.all_supported,
        "includeGlobalResourceTypes": group.include_global_resource_types,
        "resourceTypes": names(group.resource_types()),
        "exclusionByResourceTypes": group
            .exclusion_by_resource_types()
            .map(|excluded| json!({"resourceTypes": names(excluded.resource_types())})),
        "recordingStrategy": strategy.map(|strategy| json!({"useOnly": strategy.as_str()})),
    })
}

fn mode(mode: &RecordingMode) -> Value {
    let overrides = mode.recording_mode_overrides().iter().map(|exception| {
        json!({
            "description": exception.description,
            "resourceTypes": names(exception.resource_types()),
            "recordingFrequency": exception.recording_frequency.as_str(),
        })
    });
    json!({
        "recordingFrequency": mode.recording_frequency.as_str(),
        "recordingModeOverrides": overrides.collect::<Vec<_>>(),
    })
}

fn names(types: &[ResourceType]) -> Vec<&str> {
    types.iter().map(ResourceType::as_str).collect()
}

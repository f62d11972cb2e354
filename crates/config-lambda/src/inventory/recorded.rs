//! Which types AWS Config records here.

use aws_sdk_config::types::{
    ConfigurationRecorder, RecordingGroup, RecordingScope, RecordingStrategyType, ResourceType,
};

use crate::clients::Session;
use crate::error::CallError;

/// Recorded without being asked for, and missing in the SDK's list of types.
///
/// Source: AWS Config Developer Guide, "Supported resource types".
const ALWAYS_RECORDED: &str = "AWS::Config::ConfigurationRecorder";

/// The types that `includeGlobalResourceTypes` is about.
///
/// Source: AWS Config API Reference, `RecordingGroup`.
const GLOBAL_TYPES: [&str; 4] = ["AWS::IAM::Group", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::IAM::User"];

/// Whether AWS Config can record a type at all; a recorder of "all" types does not include the others.
pub(super) fn is_known_to_config(resource_type: &str) -> bool {
    resource_type == ALWAYS_RECORDED || ResourceType::values().contains(&resource_type)
}

/// What the account's recorders record.
#[derive(Debug)]
pub(super) struct Recorded {
    groups: Vec<RecordingGroup>,
}

impl Recorded {
    pub(super) async fn ask(session: Session<'_>) -> Result<Self, CallError> {
        let answer = session
            .config()
            .describe_configuration_recorders()
            .customize()
            .config_override(session.within_the_deadline())
            .send()
            .await
            .map_err(|error| CallError::new("DescribeConfigurationRecorders", &error))?;
        Ok(Self::by(answer.configuration_recorders.unwrap_or_default()))
    }

    fn by(recorders: Vec<ConfigurationRecorder>) -> Self {
        // Recorders of AWS services can record for themselves only.
        let is_ours =
            |recorder: &ConfigurationRecorder| recorder.recording_scope != Some(RecordingScope::Internal);
        let groups = recorders.into_iter().filter(is_ours).filter_map(|recorder| recorder.recording_group);
        Self { groups: groups.collect() }
    }

    /// Whether resources of a type are recorded.
    pub(super) fn includes(&self, resource_type: &str) -> bool {
        resource_type == ALWAYS_RECORDED
            || is_known_to_config(resource_type)
                && self.groups.iter().any(|group| records(group, resource_type))
    }
}

fn records(group: &RecordingGroup, resource_type: &str) -> bool {
    let names = |types: &[ResourceType]| types.iter().any(|listed| listed.as_str() == resource_type);
    let strategy = group.recording_strategy().and_then(|strategy| strategy.use_only());
    if strategy == Some(&RecordingStrategyType::ExclusionByResourceTypes) {
        return !group.exclusion_by_resource_types().is_some_and(|excluded| names(excluded.resource_types()));
    }
    if group.all_supported {
        return group.include_global_resource_types || !GLOBAL_TYPES.contains(&resource_type);
    }
    names(group.resource_types())
}

#[cfg(test)]
mod tests {
    use aws_sdk_config::types::{ExclusionByResourceTypes, RecordingStrategy};

    use super::*;

    #[test]
    fn all_types_are_those_that_config_knows() {
        let recorded = by(RecordingGroup::builder().all_supported(true));
        assert!(recorded.includes("AWS::Lambda::Function"));
        assert!(!recorded.includes("AWS::Logs::LogGroup"));
    }

    #[test]
    fn roles_are_recorded_only_with_the_global_types() {
        assert!(!by(RecordingGroup::builder().all_supported(true)).includes("AWS::IAM::Role"));
        let with_global = RecordingGroup::builder().all_supported(true).include_global_resource_types(true);
        assert!(by(with_global).includes("AWS::IAM::Role"));
    }

    #[test]
    fn listed_types_are_recorded_and_others_are_not() {
        let recorded = by(RecordingGroup::builder().resource_types(ResourceType::Role));
        assert!(recorded.includes("AWS::IAM::Role"));
        assert!(!recorded.includes("AWS::Lambda::Function"));
    }

    #[test]
    fn excluded_types_are_not_recorded_and_others_are() {
        let strategy =
            RecordingStrategy::builder().use_only(RecordingStrategyType::ExclusionByResourceTypes).build();
        let excluded = ExclusionByResourceTypes::builder().resource_types(ResourceType::Function).build();
        let recorded =
            by(RecordingGroup::builder().recording_strategy(strategy).exclusion_by_resource_types(excluded));
        assert!(!recorded.includes("AWS::Lambda::Function"));
        assert!(recorded.includes("AWS::SQS::Queue"));
    }

    #[test]
    fn without_a_recorder_only_the_recorder_itself_is_recorded() {
        let recorded = Recorded::by(Vec::new());
        assert!(!recorded.includes("AWS::Lambda::Function"));
        assert!(recorded.includes("AWS::Config::ConfigurationRecorder"));
    }

    #[test]
    fn a_recorder_that_records_for_an_aws_service_does_not_count() {
        let recorder = ConfigurationRecorder::builder()
            .recording_scope(RecordingScope::Internal)
            .recording_group(RecordingGroup::builder().all_supported(true).build())
            .build();
        assert!(!Recorded::by(vec![recorder]).includes("AWS::Lambda::Function"));
    }

    fn by(group: aws_sdk_config::types::builders::RecordingGroupBuilder) -> Recorded {
        Recorded::by(vec![ConfigurationRecorder::builder().recording_group(group.build()).build()])
    }
}

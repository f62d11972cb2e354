//! What the recorder of a scope records.

use config_rule::Document;
use serde_json::{Value, json};

use crate::items::{AnswerKind, ConfigurationItems, Scope};
use crate::pack::partition;

/// Recorded wherever AWS Config is on, whatever the recording group says.
///
/// Source: AWS Config Developer Guide, "Recording AWS resources".
pub(crate) const RECORDER_TYPE: &str = "AWS::Config::ConfigurationRecorder";

/// The types that `allSupported` covers only with `includeGlobalResourceTypes`.
///
/// Source: AWS Config API Reference, `RecordingGroup`.
const GLOBAL_TYPES: [&str; 4] = ["AWS::IAM::Group", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::IAM::User"];

/// Types that the rules, or the resources that they judge, refer to and that AWS Config has no items of, so that
/// `allSupported` promises nothing about them.
///
/// Source: AWS Config API Reference, `ResourceIdentifier`, `resourceType`, which does not list them.
const UNSUPPORTED_TYPES: [&str; 47] = [
    "AWS::ApiGateway::Deployment",
    "AWS::ApiGateway::Resource",
    "AWS::ApiGatewayV2::Authorizer",
    "AWS::ApiGatewayV2::Route",
    "AWS::AppSync::ApiKey",
    "AWS::AppSync::GraphQLSchema",
    "AWS::Cassandra::Table",
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::Config::ConfigRule",
    "AWS::Config::DeliveryChannel",
    "AWS::DSQL::Cluster",
    "AWS::DocDB::DBCluster",
    "AWS::DocDB::DBInstance",
    "AWS::DocDBElastic::Cluster",
    "AWS::DynamoDB::GlobalTable",
    "AWS::EFS::MountTarget",
    "AWS::ElastiCache::CacheCluster",
    "AWS::ElastiCache::GlobalReplicationGroup",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::ElastiCache::ServerlessCache",
    "AWS::IAM::ManagedPolicy",
    "AWS::InspectorV2::Coverage",
    "AWS::InspectorV2::Finding",
    "AWS::Lambda::Alias",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::LayerVersion",
    "AWS::Lambda::Permission",
    "AWS::Lambda::Url",
    "AWS::Lambda::Version",
    "AWS::Logs::LogGroup",
    "AWS::MemoryDB::Cluster",
    "AWS::MemoryDB::MultiRegionCluster",
    "AWS::Neptune::DBCluster",
    "AWS::Neptune::DBInstance",
    "AWS::Neptune::DBParameterGroup",
    "AWS::NeptuneGraph::Graph",
    "AWS::OpenSearchService::Domain",
    "AWS::Pipes::Pipe",
    "AWS::RedshiftServerless::Namespace",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SSM::Parameter",
    "AWS::Scheduler::Schedule",
    "AWS::Timestream::Database",
    "AWS::Timestream::InfluxDBInstance",
    "AWS::Timestream::Table",
];

/// Whether AWS Config has items of a type, as far as the rules meet it.
pub(crate) fn is_supported(resource_type: &str) -> bool {
    !UNSUPPORTED_TYPES.contains(&resource_type)
}

/// The recorder of `scope`, as `DescribeConfigurationRecorders` answers it.
///
/// It is the one of that command's output, if the input has it; else it comes from the scope's current
/// `AWS::Config::ConfigurationRecorder` item. Where the input holds neither, nothing is known but the input itself: the
/// recorder then includes the types of its items and no other. It is `null` where the output says that there is none.
#[must_use]
pub fn recorder(items: &ConfigurationItems, scope: &Scope) -> Value {
    if let Some(mut given) = items.answers().get(AnswerKind::Recorders, scope) {
        // Recorders of AWS services record for themselves only.
        let is_internal =
            |recorder: &Value| recorder.get("recordingScope").and_then(Value::as_str) == Some("INTERNAL");
        return given.find(|recorder| !is_internal(recorder)).cloned().unwrap_or_default();
    }
    match items.visible_of_type(scope, RECORDER_TYPE).next() {
        Some(item) => of_item(item, scope),
        None => of_input(items, scope),
    }
}

/// Whether a recorder, as [`recorder`] renders it, records the resources of a type.
#[must_use]
pub fn records(recorder: &Value, resource_type: &str) -> bool {
    let group = recorder.get("recordingGroup").unwrap_or(&Value::Null);
    let is_set = |key: &str| group.get(key).and_then(Value::as_bool).unwrap_or_default();
    let lists = |types: Option<&Value>| {
        let types = types.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        types.iter().any(|listed| listed.as_str() == Some(resource_type))
    };
    let strategy = group.pointer("/recordingStrategy/useOnly").and_then(Value::as_str);

    if resource_type == RECORDER_TYPE {
        return true;
    }
    if !is_supported(resource_type) {
        return false;
    }
    match strategy {
        Some("INCLUSION_BY_RESOURCE_TYPES") => lists(group.get("resourceTypes")),
        Some("EXCLUSION_BY_RESOURCE_TYPES") => {
            !lists(group.pointer("/exclusionByResourceTypes/resourceTypes"))
        }
        _ if is_set("allSupported") => {
            is_set("includeGlobalResourceTypes") || !GLOBAL_TYPES.contains(&resource_type)
        }
        _ => lists(group.get("resourceTypes")),
    }
}

fn of_item(item: &Document, scope: &Scope) -> Value {
    let properties = item.properties();
    let text = |path: &str| properties.text(path).get().ok().copied();
    let is_set = |path: &str| properties.boolean(path).get().is_ok_and(|is_set| *is_set);
    let texts = |path: &str| -> Vec<String> {
        let listed = properties.list(path);
        let elements = listed.get().map(Vec::as_slice).unwrap_or_default();
        elements.iter().filter_map(|element| element.value().as_text().map(ToOwned::to_owned)).collect()
    };

    let name = text("configuration.Name").or(item.resource_name.as_deref()).unwrap_or("default");
    let role = text("configuration.RoleARN").map_or_else(|| service_role(scope), ToOwned::to_owned);
    let resource_types = texts("configuration.RecordingGroup.ResourceTypes");
    let all_supported = is_set("configuration.RecordingGroup.AllSupported");
    // Items from before recording strategies existed have none; AWS then answers the one that the rest implies.
    let implied = if all_supported { "ALL_SUPPORTED_RESOURCE_TYPES" } else { "INCLUSION_BY_RESOURCE_TYPES" };
    rendered(
        scope,
        name,
        &role,
        &json!({
            "allSupported": all_supported,
            "includeGlobalResourceTypes": is_set("configuration.RecordingGroup.IncludeGlobalResourceTypes"),
            "resourceTypes": resource_types,
            "exclusionByResourceTypes": {
                "resourceTypes": texts("configuration.RecordingGroup.ExclusionByResourceTypes.ResourceTypes"),
            },
            "recordingStrategy": {
                "useOnly": text("configuration.RecordingGroup.RecordingStrategy.UseOnly").unwrap_or(implied),
            },
        }),
    )
}

/// The recorder that the input itself implies: one of exactly the types that its items are of, without those of which it
/// lacks some.
pub(crate) fn of_input(items: &ConfigurationItems, scope: &Scope) -> Value {
    let mut resource_types = items.resource_types(scope);
    resource_types.retain(|resource_type| !items.lacks_some_of(&scope.account_id, resource_type));
    rendered(
        scope,
        "default",
        &service_role(scope),
        &json!({
            "allSupported": false,
            "includeGlobalResourceTypes": false,
            "resourceTypes": resource_types,
            "exclusionByResourceTypes": {"resourceTypes": []},
            "recordingStrategy": {"useOnly": "INCLUSION_BY_RESOURCE_TYPES"},
        }),
    )
}

fn rendered(scope: &Scope, name: &str, role: &str, recording_group: &Value) -> Value {
    json!({
        "name": name,
        "roleARN": role,
        "recordingGroup": recording_group,
        "recordingMode": {"recordingFrequency": "CONTINUOUS", "recordingModeOverrides": []},
        "recordingScope": "PAID",
        "arn": format!(
            "arn:{}:config:{}:{}:configuration-recorder/{name}",
            partition(&scope.region), scope.region, scope.account_id
        ),
    })
}

/// The role that AWS Config makes for its recorder unless another is named.
fn service_role(scope: &Scope) -> String {
    format!(
        "arn:{}:iam::{}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig",
        partition(&scope.region),
        scope.account_id
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_recorder_exactly_the_types_of_the_input_are_recorded() {
        let recorder = recorder_of(&[function()]);
        assert_eq!(recorder["recordingGroup"]["resourceTypes"], json!(["AWS::Lambda::Function"]));
        assert!(records(&recorder, "AWS::Lambda::Function"));
        assert!(!records(&recorder, "AWS::CloudWatch::Alarm"));
    }

    #[test]
    fn a_recorder_of_everything_promises_nothing_of_what_aws_config_lacks() {
        let group = json!({"AllSupported": true, "IncludeGlobalResourceTypes": true, "ResourceTypes": []});
        let recorder = recorder_of(&[function(), recorder_item(&group)]);
        assert_eq!(recorder["name"], "audit");
        assert_eq!(recorder["roleARN"], "arn:aws:iam::111122223333:role/config");
        assert_eq!(
            recorder["recordingGroup"]["recordingStrategy"]["useOnly"],
            "ALL_SUPPORTED_RESOURCE_TYPES"
        );
        for (resource_type, expected) in
            [("AWS::CloudWatch::Alarm", true), ("AWS::IAM::Role", true), ("AWS::Lambda::Alias", false)]
        {
            assert_eq!(records(&recorder, resource_type), expected, "{resource_type}");
        }
    }

    /// What AWS Config's service model lists among the types that the rules ask for, and what it does not.
    #[test]
    fn every_type_that_the_rules_ask_for_is_recorded_exactly_if_aws_config_can() {
        const RECORDABLE: [&str; 15] = [
            "AWS::ApiGateway::Method",
            "AWS::ApiGateway::RestApi",
            "AWS::ApiGateway::Stage",
            "AWS::ApiGateway::UsagePlan",
            "AWS::ApiGatewayV2::Api",
            "AWS::AppSync::GraphQLApi",
            "AWS::CloudFormation::Stack",
            "AWS::CloudWatch::Alarm",
            "AWS::CodePipeline::Pipeline",
            "AWS::Config::ConformancePack",
            "AWS::ECR::Repository",
            "AWS::IAM::OIDCProvider",
            "AWS::IAM::Policy",
            "AWS::IAM::Role",
            "AWS::Lambda::Function",
        ];
        const NOT_RECORDABLE: [&str; 8] = [
            "AWS::ApiGatewayV2::Route",
            "AWS::Config::ConfigRule",
            "AWS::Config::DeliveryChannel",
            "AWS::IAM::ManagedPolicy",
            "AWS::InspectorV2::Coverage",
            "AWS::InspectorV2::Finding",
            "AWS::Lambda::EventSourceMapping",
            "AWS::Logs::LogGroup",
        ];
        let everything =
            json!({"AllSupported": true, "IncludeGlobalResourceTypes": true, "ResourceTypes": []});
        let recorder = recorder_of(&[recorder_item(&everything)]);
        // A recorder that lists a type which AWS Config does not know cannot exist.
        let listed = json!({"recordingGroup": {"resourceTypes": NOT_RECORDABLE}});
        assert!(RECORDABLE.iter().all(|kind| records(&recorder, kind)));
        assert!(!NOT_RECORDABLE.iter().any(|kind| records(&recorder, kind) || records(&listed, kind)));
    }

    #[test]
    fn arns_are_of_the_region_s_partition() {
        let mut function = function();
        function["awsRegion"] = json!("cn-north-1");
        let recorder = recorder_of(&[function]);
        assert_eq!(
            recorder["arn"],
            "arn:aws-cn:config:cn-north-1:111122223333:configuration-recorder/default"
        );
        assert!(recorder["roleARN"].as_str().is_some_and(|arn| arn.starts_with("arn:aws-cn:iam::")));
    }

    #[test]
    fn global_types_are_recorded_only_where_they_are_included() {
        let group = json!({"AllSupported": true, "IncludeGlobalResourceTypes": false});
        let recorder = recorder_of(&[recorder_item(&group)]);
        assert!(records(&recorder, "AWS::Lambda::Function"));
        assert!(!records(&recorder, "AWS::IAM::Role"));
    }

    #[test]
    fn an_exclusion_records_all_but_the_listed_types() {
        let recorder = recorder_of(&[recorder_item(&json!({
            "AllSupported": false, "RecordingStrategy": {"UseOnly": "EXCLUSION_BY_RESOURCE_TYPES"},
            "ExclusionByResourceTypes": {"ResourceTypes": ["AWS::CloudWatch::Alarm"]},
        }))]);
        assert!(records(&recorder, "AWS::IAM::Role"));
        assert!(!records(&recorder, "AWS::CloudWatch::Alarm"));
    }

    #[test]
    fn an_inclusion_records_the_listed_types_and_the_recorder_itself() {
        let group = json!({"AllSupported": false, "ResourceTypes": ["AWS::IAM::Role"]});
        let recorder = recorder_of(&[function(), recorder_item(&group)]);
        assert!(records(&recorder, "AWS::IAM::Role"));
        assert!(records(&recorder, "AWS::Config::ConfigurationRecorder"));
        assert!(!records(&recorder, "AWS::Lambda::Function"));
    }

    fn recorder_of(items: &[Value]) -> Value {
        let documents: Result<Vec<_>, _> = items.iter().cloned().map(Document::from_item).collect();
        let items = ConfigurationItems::from_documents(documents.unwrap());
        recorder(&items, &items.scopes()[0])
    }

    fn function() -> Value {
        json!({"resourceType": "AWS::Lambda::Function", "resourceId": "orders", "awsAccountId": "111122223333",
            "awsRegion": "eu-west-1", "configuration": {}})
    }

    fn recorder_item(recording_group: &Value) -> Value {
        json!({
            "resourceType": "AWS::Config::ConfigurationRecorder", "resourceId": "audit", "awsAccountId": "111122223333",
            "awsRegion": "eu-west-1", "configuration": {
                "Name": "audit", "RoleARN": "arn:aws:iam::111122223333:role/config", "Recording": true,
                "RecordingGroup": recording_group,
            },
        })
    }
}

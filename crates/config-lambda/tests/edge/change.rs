use serde_json::{Value, json};

use crate::endpoint::Endpoint;
use crate::events::{ACCOUNT, CAPTURED, CAPTURED_SECONDS, change, event, function, scheduled, with};
use crate::rules;

#[tokio::test]
async fn a_change_is_reported_once_and_as_of_its_capture() {
    let config = Endpoint::start([]).await;
    config.invoke(&rules::ON_CHANGE, change(&function("orders", 61))).await.unwrap();
    let requests = config.requests("PutEvaluations");
    assert_eq!(requests.len(), 1);
    assert_eq!(
        requests[0],
        json!({
            "Evaluations": [{
                "ComplianceResourceType": "AWS::Lambda::Function",
                "ComplianceResourceId": "orders",
                "ComplianceType": "NON_COMPLIANT",
                "Annotation": "too-long: times out after 61 s, 60 s are accepted",
                "OrderingTimestamp": CAPTURED_SECONDS,
            }],
            "ResultToken": "a-token",
        })
    );
    assert_eq!(config.operations(), ["PutEvaluations"]);
}

#[tokio::test]
async fn a_compliant_resource_has_no_annotation_because_an_empty_one_is_refused() {
    let config = Endpoint::start([]).await;
    config.invoke(&rules::ON_CHANGE, change(&function("orders", 60))).await.unwrap();
    let evaluation = config.only_evaluation();
    assert_eq!(evaluation["ComplianceType"], "COMPLIANT");
    assert_eq!(evaluation.get("Annotation"), None);
}

#[tokio::test]
async fn the_documented_sample_has_only_an_item_and_a_message_type() {
    let config = Endpoint::start([]).await;
    let notification = json!({
        "configurationItem": function("orders", 61),
        "messageType": "ConfigurationItemChangeNotification",
    });
    let mut envelope = event(&notification);
    for optional in ["eventLeftScope", "version", "executionRoleArn", "ruleParameters", "configRuleArn"] {
        envelope.as_object_mut().unwrap().remove(optional);
    }
    config.invoke(&rules::ON_CHANGE, envelope).await.unwrap();
    assert_eq!(config.only_evaluation()["ComplianceType"], "NON_COMPLIANT");
}

#[tokio::test]
async fn rule_parameters_are_json_in_text() {
    let config = Endpoint::start([]).await;
    let event = with(change(&function("orders", 61)), "ruleParameters", r#"{"maxSeconds": "61"}"#);
    config.invoke(&rules::ON_CHANGE, event).await.unwrap();
    assert_eq!(config.only_evaluation()["ComplianceType"], "COMPLIANT");
}

#[tokio::test]
async fn a_deleted_resource_is_not_applicable_before_its_configuration_is_read() {
    let config = Endpoint::start([]).await;
    config.invoke(&rules::ON_CHANGE, change(&deleted())).await.unwrap();
    let evaluation = config.only_evaluation();
    assert_eq!(evaluation["ComplianceType"], "NOT_APPLICABLE");
    assert_eq!(evaluation["ComplianceResourceId"], "orders");
    assert_eq!(evaluation["OrderingTimestamp"], CAPTURED_SECONDS);
}

#[tokio::test]
async fn a_deletion_is_reported_although_the_parameters_are_wrong() {
    let config = Endpoint::start([]).await;
    let event = with(change(&deleted()), "ruleParameters", r#"{"maxSeconds": "six"}"#);
    config.invoke(&rules::ON_CHANGE, event).await.unwrap();
    assert_eq!(config.only_evaluation()["ComplianceType"], "NOT_APPLICABLE");
}

#[tokio::test]
async fn only_ok_and_newly_discovered_resources_are_judged() {
    for (status, compliance) in [
        ("OK", "NON_COMPLIANT"),
        ("ResourceDiscovered", "NON_COMPLIANT"),
        ("ResourceNotRecorded", "NOT_APPLICABLE"),
        ("ResourceDeletedNotRecorded", "NOT_APPLICABLE"),
        ("AStatusOfTomorrow", "NOT_APPLICABLE"),
    ] {
        let config = Endpoint::start([]).await;
        let item = with(function("orders", 61), "configurationItemStatus", status);
        config.invoke(&rules::ON_CHANGE, change(&item)).await.unwrap();
        assert_eq!(config.only_evaluation()["ComplianceType"], compliance, "{status}");
    }
}

#[tokio::test]
async fn a_resource_that_left_the_scope_is_not_applicable() {
    let config = Endpoint::start([]).await;
    let event = with(change(&function("orders", 61)), "eventLeftScope", true);
    config.invoke(&rules::ON_CHANGE, event).await.unwrap();
    let evaluation = config.only_evaluation();
    assert_eq!(evaluation["ComplianceType"], "NOT_APPLICABLE");
    assert_eq!(evaluation["Annotation"], "the resource left the rule's scope");
}

#[tokio::test]
async fn a_resource_of_another_type_is_not_applicable() {
    let config = Endpoint::start([]).await;
    let item = with(function("orders", 61), "resourceType", "AWS::SQS::Queue");
    config.invoke(&rules::ON_CHANGE, change(&item)).await.unwrap();
    assert_eq!(config.only_evaluation()["ComplianceType"], "NOT_APPLICABLE");
}

#[tokio::test]
async fn an_annotation_of_more_than_256_characters_is_cut() {
    let config = Endpoint::start([]).await;
    let mut item = function("orders", 61);
    item["configuration"]["deadLetterConfig"] = json!({"targetArn": "é".repeat(400)});
    config.invoke(&rules::ON_CHANGE, change(&item)).await.unwrap();
    let evaluation = config.only_evaluation();
    assert_eq!(evaluation["Annotation"].as_str().unwrap().chars().count(), 256);
}

#[tokio::test]
async fn a_rehearsal_is_reported_in_test_mode() {
    let config = Endpoint::start([]).await;
    let event = with(change(&function("orders", 61)), "resultToken", "TESTMODE");
    config.invoke(&rules::ON_CHANGE, event).await.unwrap();
    let requests = config.requests("PutEvaluations");
    assert_eq!(requests[0]["TestMode"], true);
    assert_eq!(requests[0]["ResultToken"], "TESTMODE");
}

#[tokio::test]
async fn a_delivered_snapshot_is_no_business_of_a_rule() {
    let config = Endpoint::start([]).await;
    let notification = json!({
        "configSnapshotId": "00000000-0000-0000-0000-000000000000",
        "s3ObjectKey": "AWSLogs/111122223333/Config/eu-west-1/2027/2/1/ConfigSnapshot/snapshot.json.gz",
        "s3Bucket": "config-bucket",
        "notificationCreationTime": "2027-02-01T18:23:20.328Z",
        "messageType": "ConfigurationSnapshotDeliveryCompleted",
        "recordVersion": "1.1",
    });
    config.invoke(&rules::ON_CHANGE, event(&notification)).await.unwrap();
    assert_eq!(config.operations(), [""; 0]);
}

#[tokio::test]
async fn an_unknown_message_type_is_left_alone() {
    let config = Endpoint::start([]).await;
    let notification = json!({"messageType": "AMessageOfTomorrow", "notificationCreationTime": CAPTURED});
    config.invoke(&rules::ON_CHANGE, event(&notification)).await.unwrap();
    assert_eq!(config.operations(), [""; 0]);
}

#[tokio::test]
async fn a_schedule_of_a_change_triggered_rule_is_closed_without_a_result() {
    let config = Endpoint::start([]).await;
    config.invoke(&rules::ON_CHANGE, scheduled()).await.unwrap();
    assert_eq!(config.operations(), ["PutEvaluations"]);
    assert_eq!(config.requests("PutEvaluations"), [json!({"Evaluations": [], "ResultToken": "a-token"})]);
}

#[tokio::test]
async fn wrong_parameters_fail_a_change_and_name_themselves() {
    let config = Endpoint::start([]).await;
    let event = with(change(&function("orders", 61)), "ruleParameters", r#"{"maxSeconds": "six"}"#);
    let diagnostic = config.invoke(&rules::ON_CHANGE, event).await.unwrap_err();
    assert_eq!(diagnostic.error_type, "InvalidParameters");
    assert_eq!(
        diagnostic.error_message,
        "rule parameter `maxSeconds`: expected a whole number from 1 to 900, got `six`"
    );
    assert_eq!(config.operations(), [""; 0]);
}

#[tokio::test]
async fn an_item_without_an_id_fails_with_what_it_lacks() {
    let config = Endpoint::start([]).await;
    let mut item = function("orders", 61);
    item.as_object_mut().unwrap().remove("resourceId");
    let diagnostic = config.invoke(&rules::ON_CHANGE, change(&item)).await.unwrap_err();
    assert_eq!(diagnostic.error_type, "UnexpectedConfigurationItem");
    assert!(diagnostic.error_message.contains("`resourceId`"), "{}", diagnostic.error_message);
}

#[tokio::test]
async fn an_event_of_another_service_fails() {
    let config = Endpoint::start([]).await;
    let diagnostic = config.invoke(&rules::ON_CHANGE, json!({"Records": []})).await.unwrap_err();
    assert_eq!(diagnostic.error_type, "UnexpectedConfigurationItem");
}

/// A deletion has nothing in it.
fn deleted() -> Value {
    let mut item = function("orders", 61);
    for (name, value) in [
        ("configurationItemStatus", json!("ResourceDeleted")),
        ("configuration", Value::Null),
        ("supplementaryConfiguration", json!({})),
        ("tags", json!({})),
        ("relationships", json!([])),
        ("availabilityZone", Value::Null),
        ("awsAccountId", json!(ACCOUNT)),
    ] {
        item[name] = value;
    }
    item
}

//! AWS Config's set-up as documents, over a scripted endpoint.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::time::{Duration, SystemTime};

use audit_evidence::{AuditEvidence, CONFIG_RULE, CONFORMANCE_PACK, DELIVERY_CHANNEL, RECORDER};
use aws_stub::{Answer, Endpoint};
use config_lambda::{Clients, Evidence, LookupError, Settings};
use config_rule::{Document, Documents, Known, Selector};
use serde_json::{Value, json};

/// 2026-01-02T03:04:05Z.
const SECONDS: u64 = 1_767_323_045;
const TIME: &str = "2026-01-02T03:04:05Z";

#[tokio::test]
async fn a_recorder_comes_with_its_status() {
    let recorder = json!({
        "arn": "arn:aws:config:eu-west-1:111122223333:configuration-recorder/default/abc",
        "name": "default",
        "roleARN": "arn:aws:iam::111122223333:role/config",
        "recordingGroup": {
            "allSupported": false,
            "includeGlobalResourceTypes": false,
            "resourceTypes": [],
            "exclusionByResourceTypes": {"resourceTypes": ["AWS::IAM::Role", "AWS::Config::ATypeOfTomorrow"]},
            "recordingStrategy": {"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"},
        },
        "recordingMode": {"recordingFrequency": "CONTINUOUS", "recordingModeOverrides": [
            {"description": "daily", "resourceTypes": ["AWS::S3::Bucket"], "recordingFrequency": "DAILY"},
        ]},
        "recordingScope": "PAID",
    });
    let status = json!({
        "name": "default", "recording": false, "lastStartTime": SECONDS, "lastStopTime": SECONDS,
        "lastStatus": "FAILURE", "lastErrorCode": "AccessDenied", "lastErrorMessage": "no",
        "lastStatusChangeTime": SECONDS,
    });
    let config = Endpoint::start([
        ("DescribeConfigurationRecorders", Answer::Ok(json!({"ConfigurationRecorders": [recorder]}))),
        (
            "DescribeConfigurationRecorderStatus",
            Answer::Ok(json!({"ConfigurationRecordersStatus": [status]})),
        ),
    ])
    .await;
    let mut expected = recorder.clone();
    expected["status"] = status;
    for time in ["lastStartTime", "lastStopTime", "lastStatusChangeTime"] {
        expected["status"][time] = json!(TIME);
    }
    let document = only(ask(&config, RECORDER, Selector::All).await);
    assert_eq!(configuration(&document), expected);
    assert_eq!(
        (document.resource_id.as_str(), document.account_id.as_deref()),
        ("default", Some("111122223333"))
    );
}

#[tokio::test]
async fn no_recorder_is_a_promise() {
    let config = Endpoint::start([
        ("DescribeConfigurationRecorders", Answer::Ok(json!({"ConfigurationRecorders": []}))),
        ("DescribeConfigurationRecorderStatus", Answer::Ok(json!({"ConfigurationRecordersStatus": []}))),
    ])
    .await;
    assert_eq!(ask(&config, RECORDER, Selector::All).await.unwrap(), Known::Value(Documents::default()));
}

#[tokio::test]
async fn a_delivery_channel_comes_with_how_deliveries_went() {
    let channel = json!({
        "name": "default", "s3BucketName": "config-bucket", "snsTopicARN": "arn:aws:sns:eu-west-1:111122223333:t",
        "configSnapshotDeliveryProperties": {"deliveryFrequency": "TwentyFour_Hours"},
    });
    let delivery = json!({
        "lastStatus": "FAILURE", "lastErrorCode": "NoSuchBucket", "lastErrorMessage": "gone",
        "lastAttemptTime": SECONDS, "lastSuccessfulTime": SECONDS, "nextDeliveryTime": SECONDS,
    });
    let stream = json!({"lastStatus": "SUCCESS", "lastStatusChangeTime": SECONDS});
    let status = json!({
        "name": "default", "configSnapshotDeliveryInfo": delivery, "configHistoryDeliveryInfo": delivery,
        "configStreamDeliveryInfo": stream,
    });
    let config = Endpoint::start([
        ("DescribeDeliveryChannels", Answer::Ok(json!({"DeliveryChannels": [channel]}))),
        ("DescribeDeliveryChannelStatus", Answer::Ok(json!({"DeliveryChannelsStatus": [status]}))),
    ])
    .await;
    let mut expected = channel.clone();
    expected["status"] = status;
    for kind in ["configSnapshotDeliveryInfo", "configHistoryDeliveryInfo"] {
        for time in ["lastAttemptTime", "lastSuccessfulTime", "nextDeliveryTime"] {
            expected["status"][kind][time] = json!(TIME);
        }
    }
    expected["status"]["configStreamDeliveryInfo"]["lastStatusChangeTime"] = json!(TIME);
    assert_eq!(
        configuration(&only(ask(&config, DELIVERY_CHANNEL, Selector::Named("default")).await)),
        expected
    );
}

#[tokio::test]
async fn rules_are_read_to_the_last_page_and_come_with_their_last_evaluations() {
    let config = Endpoint::start([
        ("DescribeConfigRules", Answer::Ok(json!({"ConfigRules": [rule("one")], "NextToken": "r2"}))),
        ("DescribeConfigRules", Answer::Ok(json!({"ConfigRules": [rule("two")]}))),
        statuses(&[evaluated("one")], Some("s2")),
        statuses(&[evaluated("two")], None),
    ])
    .await;
    let documents = found(ask(&config, CONFIG_RULE, Selector::All).await);
    for (document, name) in documents.iter().zip(["one", "two"]) {
        let mut expected = rule(name);
        expected["Status"] = json!({
            "LastSuccessfulInvocationTime": TIME, "LastSuccessfulEvaluationTime": TIME, "FirstActivatedTime": TIME,
            "FirstEvaluationStarted": true,
        });
        assert_eq!(configuration(document), expected);
        assert_eq!(document.resource_name.as_deref(), Some(name));
        assert_eq!(document.resource_id, format!("config-rule-{name}"));
    }
    assert_eq!(documents.len(), 2);
    assert_eq!(config.requests("DescribeConfigRules")[1]["NextToken"], "r2");
    let asked = config.requests("DescribeConfigRuleEvaluationStatus");
    assert_eq!(asked, [json!({"Limit": 50}), json!({"Limit": 50, "NextToken": "s2"})]);
}

#[tokio::test]
async fn a_rule_that_appeared_between_two_calls_has_no_status() {
    let config = Endpoint::start([
        ("DescribeConfigRules", Answer::Ok(json!({"ConfigRules": [rule("new")]}))),
        statuses(&[], None),
    ])
    .await;
    let document = only(ask(&config, CONFIG_RULE, Selector::All).await);
    assert_eq!(configuration(&document), rule("new"));
}

#[tokio::test]
async fn packs_come_with_their_state() {
    let pack = |name: &str| {
        json!({
            "ConformancePackName": name,
            "ConformancePackArn": format!("arn:aws:config:eu-west-1:111122223333:conformance-pack/{name}/conformance-pack-{name}"),
            "ConformancePackId": format!("conformance-pack-{name}"),
            "DeliveryS3Bucket": "",
            "ConformancePackInputParameters": [{"ParameterName": "days", "ParameterValue": "30"}],
            "LastUpdateRequestedTime": SECONDS,
        })
    };
    let status = json!({
        "ConformancePackName": "two",
        "ConformancePackId": "conformance-pack-two",
        "ConformancePackArn": "arn:aws:config:eu-west-1:111122223333:conformance-pack/two/conformance-pack-two",
        "ConformancePackState": "CREATE_FAILED",
        "ConformancePackStatusReason": "a rule could not be made",
        "StackArn": "arn:aws:cloudformation:eu-west-1:111122223333:stack/two/1",
        "LastUpdateRequestedTime": SECONDS,
        "LastUpdateCompletedTime": SECONDS,
    });
    let config = Endpoint::start([
        (
            "DescribeConformancePacks",
            Answer::Ok(json!({"ConformancePackDetails": [pack("one")], "NextToken": "2"})),
        ),
        ("DescribeConformancePacks", Answer::Ok(json!({"ConformancePackDetails": [pack("two")]}))),
        (
            "DescribeConformancePackStatus",
            Answer::Ok(json!({"ConformancePackStatusDetails": [], "NextToken": "2"})),
        ),
        ("DescribeConformancePackStatus", Answer::Ok(json!({"ConformancePackStatusDetails": [status]}))),
    ])
    .await;
    let documents = found(ask(&config, CONFORMANCE_PACK, Selector::All).await);
    let mut expected = pack("two");
    expected["LastUpdateRequestedTime"] = json!(TIME);
    expected["Status"] = json!({
        "ConformancePackState": "CREATE_FAILED",
        "ConformancePackStatusReason": "a rule could not be made",
        "StackArn": "arn:aws:cloudformation:eu-west-1:111122223333:stack/two/1",
        "LastUpdateRequestedTime": TIME,
        "LastUpdateCompletedTime": TIME,
    });
    assert_eq!(documents.len(), 2);
    assert_eq!(configuration(&documents[1]), expected);
    assert_eq!(config.requests("DescribeConformancePackStatus")[1], json!({"Limit": 20, "NextToken": "2"}));
}

#[tokio::test]
async fn a_denied_status_is_an_error_that_names_the_call() {
    let config = Endpoint::start([
        ("DescribeConfigRules", Answer::Ok(json!({"ConfigRules": []}))),
        ("DescribeConfigRuleEvaluationStatus", Answer::Always("AccessDeniedException")),
    ])
    .await;
    let error = ask(&config, CONFIG_RULE, Selector::All).await.unwrap_err();
    assert!(matches!(&error, LookupError::Call(call) if call.is_denied()), "{error:?}");
    assert!(error.to_string().starts_with("`DescribeConfigRuleEvaluationStatus` was refused"), "{error}");
}

#[tokio::test]
async fn config_s_own_items_about_itself_are_not_asked_for() {
    assert!(AuditEvidence.comes_before_config());
    assert_eq!(AuditEvidence.types(), [RECORDER, DELIVERY_CHANNEL, CONFIG_RULE, CONFORMANCE_PACK]);
}

async fn ask(
    config: &Endpoint,
    resource_type: &str,
    selector: Selector<'_>,
) -> Result<Known<Documents>, LookupError> {
    let clients = Clients::new(Settings::from_variables(|name| config.variable(name)).unwrap());
    let session = clients.until(SystemTime::now() + Duration::from_mins(1));
    AuditEvidence.find(session, resource_type, selector).await
}

fn found(answer: Result<Known<Documents>, LookupError>) -> Vec<Document> {
    let Ok(Known::Value(documents)) = answer else { panic!("expected documents, found {answer:?}") };
    documents.iter().cloned().collect()
}

fn only(answer: Result<Known<Documents>, LookupError>) -> Document {
    let documents = found(answer);
    assert_eq!(documents.len(), 1, "{documents:?}");
    documents.into_iter().next().unwrap()
}

fn configuration(document: &Document) -> Value {
    document.properties().at("configuration").get().unwrap().value().to_value()
}

fn rule(name: &str) -> Value {
    json!({
        "ConfigRuleName": name,
        "ConfigRuleArn": format!("arn:aws:config:eu-west-1:111122223333:config-rule/config-rule-{name}"),
        "ConfigRuleId": format!("config-rule-{name}"),
        "Description": "",
        "Scope": {"ComplianceResourceTypes": ["AWS::Lambda::Function"]},
        "Source": {"Owner": "AWS", "SourceIdentifier": "LAMBDA_DLQ_CHECK", "SourceDetails": []},
        "InputParameters": "{}",
        "ConfigRuleState": "ACTIVE",
        "CreatedBy": "securityhub.amazonaws.com",
        "EvaluationModes": [{"Mode": "DETECTIVE"}],
    })
}

fn statuses(statuses: &[Value], next_token: Option<&str>) -> (&'static str, Answer) {
    let page = json!({"ConfigRulesEvaluationStatus": statuses, "NextToken": next_token});
    ("DescribeConfigRuleEvaluationStatus", Answer::Ok(page))
}

fn evaluated(name: &str) -> Value {
    json!({
        "ConfigRuleName": name, "ConfigRuleId": format!("config-rule-{name}"),
        "LastSuccessfulInvocationTime": SECONDS, "LastSuccessfulEvaluationTime": SECONDS,
        "FirstActivatedTime": SECONDS, "FirstEvaluationStarted": true,
    })
}

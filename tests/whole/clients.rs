//! Clients that nobody here wrote: boto3 against the local AWS Config, and the Lambda Runtime Interface Emulator around
//! a function.

use std::process::Command;

use serde_json::{Value, json};

use crate::command::told;
use crate::runtime_emulator::Emulated;
use crate::sample_account;
use crate::served::Served;
use crate::workspace::{binaries, python_tool, root};

/// The account of the ARN by which the emulator tells a function that it was invoked. A function refuses the rules of
/// other accounts.
pub(crate) const EMULATORS_ACCOUNT: &str = "012345678912";

#[test]
fn boto3_reads_compliance_queries_items_and_puts_evaluations() {
    let served = Served::over(&sample_account::folder());
    let script = root().join("tests/clients/drive_with_boto3.py");
    let driven = Command::new(python_tool("python"))
        .arg(script)
        .args([&served.endpoint, "eu-west-1"])
        .output()
        .unwrap();
    assert!(driven.status.success(), "{}", told(&driven));
    assert_eq!(served.terminated(), Some(0), "`serve` did not stop cleanly");
}

#[test]
fn a_function_answers_every_documented_event_under_the_emulator() {
    let served = Served::over(&sample_account::folder());
    let emulated = Emulated::start(&binaries().join("lambda-small-single-purpose"), &served.endpoint);
    for (name, invoking_event) in documented_events() {
        let answer = emulated.invoke(&event(EMULATORS_ACCOUNT, &invoking_event, "{}"));
        assert_eq!(answer.get("errorType"), None, "{name}: {answer}");
    }
}

#[test]
fn a_function_tells_the_emulator_what_is_wrong_with_its_parameters() {
    let emulated = Emulated::start(&binaries().join("lambda-small-single-purpose"), "http://127.0.0.1:9");
    let (_, change) = documented_events().remove(0);
    let answer = emulated.invoke(&event(EMULATORS_ACCOUNT, &change, r#"{"maxTimeoutSeconds":"soon"}"#));
    assert_eq!(answer["errorType"], "InvalidParameters", "{answer}");
    let message = answer["errorMessage"].as_str().unwrap();
    assert!(
        message.contains("rule parameter `maxTimeoutSeconds`: expected a whole number from"),
        "{message}"
    );
}

/// One event of each message type, in the documented shape.
pub(crate) fn documented_events() -> Vec<(&'static str, Value)> {
    let function = sample_account::items()
        .into_iter()
        .find(|item| {
            item["resourceType"] == "AWS::Lambda::Function" && item["configurationItemStatus"] == "OK"
        })
        .unwrap();
    let summary_keys = [
        "configurationItemVersion",
        "configurationItemCaptureTime",
        "configurationStateId",
        "awsAccountId",
        "configurationItemStatus",
        "resourceType",
        "resourceId",
        "resourceName",
        "ARN",
        "awsRegion",
    ];
    let mut summary = json!({"changeType": "UPDATE"});
    for key in summary_keys {
        summary[key] = function[key].clone();
    }
    let mut deleted = function.clone();
    deleted["configurationItemStatus"] = json!("ResourceDeleted");
    deleted["configuration"] = Value::Null;
    let created = "2026-11-15T06:00:00.000Z";
    vec![
        (
            "change",
            json!({
                "messageType": "ConfigurationItemChangeNotification", "configurationItem": function,
                "configurationItemDiff": null, "notificationCreationTime": created, "recordVersion": "1.3",
            }),
        ),
        (
            "delete",
            json!({
                "messageType": "ConfigurationItemChangeNotification", "configurationItem": deleted,
            }),
        ),
        (
            "oversized",
            json!({
                "messageType": "OversizedConfigurationItemChangeNotification", "configurationItemSummary": summary,
            }),
        ),
        (
            "scheduled",
            json!({
                "messageType": "ScheduledNotification", "awsAccountId": "111122223333",
                "notificationCreationTime": created, "recordVersion": "1.0",
            }),
        ),
        (
            "snapshot delivered",
            json!({
                "messageType": "ConfigurationSnapshotDeliveryCompleted", "configSnapshotId": "a-b-c",
                "s3ObjectKey": "k", "s3Bucket": "b", "notificationCreationTime": created, "recordVersion": "1.1",
            }),
        ),
        ("unknown", json!({"messageType": "SomethingNew"})),
    ]
}

/// The event of an invocation of a rule of an account. Nothing is stored of what is reported with its token.
pub(crate) fn event(account: &str, invoking_event: &Value, rule_parameters: &str) -> Value {
    json!({
        "version": "1.0", "invokingEvent": invoking_event.to_string(), "ruleParameters": rule_parameters,
        "resultToken": "TESTMODE", "eventLeftScope": false, "accountId": account,
        "executionRoleArn": "arn:aws:iam::111122223333:role/config-role", "configRuleId": "config-rule-0123456",
        "configRuleArn": "arn:aws:config:eu-west-1:111122223333:config-rule/config-rule-0123456",
        "configRuleName": "lambda-small-single-purpose-conformance-pack-abcdefghi",
    })
}

//! Events in the documented shapes.

use std::time::{Duration, SystemTime};

use config_rule::Timestamp;
use serde_json::{Value, json};

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const CAPTURED: &str = "2027-01-31T23:59:59.123Z";
/// [`CAPTURED`] as the API writes it.
pub(crate) const CAPTURED_SECONDS: f64 = 1_801_439_999.123;
pub(crate) const SCHEDULED: &str = "2027-02-01T06:00:00.000Z";
/// [`SCHEDULED`] as the API writes it.
pub(crate) const SCHEDULED_SECONDS: u64 = 1_801_461_600;
/// So long ago that whatever a function asks for now is newer.
pub(crate) const LONG_AGO: Duration = Duration::from_mins(2);

/// The envelope around a notification.
pub(crate) fn event(notification: &Value) -> Value {
    json!({
        "version": "1.0",
        "invokingEvent": notification.to_string(),
        "ruleParameters": "{}",
        "resultToken": "a-token",
        "eventLeftScope": false,
        "executionRoleArn": "arn:aws:iam::111122223333:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig",
        "configRuleArn": "arn:aws:config:eu-west-1:111122223333:config-rule/config-rule-abcdef",
        "configRuleName": "short-timeouts-conformance-pack-8bzjqtjiy",
        "configRuleId": "config-rule-abcdef",
        "accountId": ACCOUNT,
    })
}

/// `event` with one attribute of the envelope replaced.
pub(crate) fn with(mut event: Value, name: &str, value: impl Into<Value>) -> Value {
    event[name] = value.into();
    event
}

pub(crate) fn change(item: &Value) -> Value {
    change_created("2027-02-01T00:00:02.000Z", item)
}

/// A change of which AWS Config told so long ago.
pub(crate) fn change_sent(ago: Duration, item: &Value) -> Value {
    let sent = Timestamp::try_from(SystemTime::now() - ago).unwrap();
    change_created(&format!("{sent:.3}"), item)
}

fn change_created(created: &str, item: &Value) -> Value {
    event(&json!({
        "configurationItemDiff": null,
        "configurationItem": item,
        "notificationCreationTime": created,
        "messageType": "ConfigurationItemChangeNotification",
        "recordVersion": "1.3",
    }))
}

pub(crate) fn oversized(status: &str) -> Value {
    oversized_of("AWS::Lambda::Function", "orders", status)
}

pub(crate) fn oversized_of(resource_type: &str, id: &str, status: &str) -> Value {
    event(&json!({
        "configurationItemSummary": {
            "changeType": "UPDATE",
            "configurationItemVersion": "1.3",
            "configurationItemCaptureTime": CAPTURED,
            "configurationStateId": 0,
            "awsAccountId": ACCOUNT,
            "configurationItemStatus": status,
            "resourceType": resource_type,
            "resourceId": id,
            "resourceName": null,
            "ARN": format!("arn:aws:example:eu-west-1:{ACCOUNT}:{id}"),
            "awsRegion": "eu-west-1",
            "availabilityZone": null,
            "configurationStateMd5Hash": "",
            "resourceCreationTime": null,
        },
        "messageType": "OversizedConfigurationItemChangeNotification",
    }))
}

pub(crate) fn scheduled() -> Value {
    event(&json!({
        "awsAccountId": ACCOUNT,
        "notificationCreationTime": SCHEDULED,
        "messageType": "ScheduledNotification",
        "recordVersion": "1.0",
    }))
}

/// A function as a notification has it.
pub(crate) fn function(name: &str, timeout: u32) -> Value {
    json!({
        "relatedEvents": [],
        "relationships": [
            {"resourceId": null, "resourceName": "a-role", "resourceType": "AWS::IAM::Role", "name": "Is associated with "},
        ],
        "configuration": {
            "functionName": name,
            "functionArn": format!("arn:aws:lambda:eu-west-1:{ACCOUNT}:function:{name}"),
            "description": "",
            "timeout": timeout,
        },
        "supplementaryConfiguration": {"Tags": {}},
        "tags": {},
        "configurationItemVersion": "1.3",
        "configurationItemCaptureTime": CAPTURED,
        "configurationStateId": 1_801_439_999_123_u64,
        "awsAccountId": ACCOUNT,
        "configurationItemStatus": "OK",
        "resourceType": "AWS::Lambda::Function",
        "resourceId": name,
        "resourceName": name,
        "ARN": format!("arn:aws:lambda:eu-west-1:{ACCOUNT}:function:{name}"),
        "awsRegion": "eu-west-1",
        "availabilityZone": "Not Applicable",
        "configurationStateMd5Hash": "",
        "resourceCreationTime": null,
    })
}

/// An alarm as a notification has it, with a dimension for each function.
pub(crate) fn alarm(name: &str, functions: &[&str]) -> Value {
    let dimension = |function: &&str| json!({"name": "FunctionName", "value": function});
    json!({
        "relatedEvents": [],
        "relationships": [],
        "configuration": {
            "alarmName": name,
            "dimensions": functions.iter().map(dimension).collect::<Vec<_>>(),
        },
        "supplementaryConfiguration": {},
        "tags": {},
        "configurationItemVersion": "1.3",
        "configurationItemCaptureTime": CAPTURED,
        "configurationStateId": 1_801_439_999_123_u64,
        "awsAccountId": ACCOUNT,
        "configurationItemStatus": "OK",
        "resourceType": "AWS::CloudWatch::Alarm",
        "resourceId": name,
        "resourceName": name,
        "ARN": format!("arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm:{name}"),
        "awsRegion": "eu-west-1",
        "availabilityZone": "Not Applicable",
        "configurationStateMd5Hash": "",
        "resourceCreationTime": null,
    })
}

/// A function as a row of a query: numbers are floats.
pub(crate) fn function_row(name: &str, timeout: f64) -> Value {
    row("AWS::Lambda::Function", name, &json!({"functionName": name, "timeout": timeout}))
}

/// An alarm on a function, as a row of a query.
pub(crate) fn alarm_row(name: &str, function: &str) -> Value {
    let dimensions = json!([{"name": "FunctionName", "value": function}]);
    row("AWS::CloudWatch::Alarm", name, &json!({"alarmName": name, "dimensions": dimensions}))
}

pub(crate) fn row(resource_type: &str, id: &str, configuration: &Value) -> Value {
    json!({
        "resourceId": id,
        "resourceName": id,
        "resourceType": resource_type,
        "arn": format!("arn:aws:example:eu-west-1:{ACCOUNT}:{id}"),
        "accountId": ACCOUNT,
        "awsRegion": "eu-west-1",
        "configurationItemStatus": "OK",
        "configurationItemCaptureTime": CAPTURED,
        "tags": [],
        "relationships": [],
        "configuration": configuration,
        "supplementaryConfiguration": {},
    })
}

/// A page of `SelectResourceConfig`: rows are JSON text.
pub(crate) fn rows(rows: &[Value]) -> Value {
    json!({"Results": rows.iter().map(Value::to_string).collect::<Vec<_>>()})
}

/// A page of `GetComplianceDetailsByConfigRule`.
pub(crate) fn results(resources: &[(&str, &str)]) -> Value {
    let results: Vec<_> = resources
        .iter()
        .map(|(resource_type, id)| {
            json!({
                "ComplianceType": "NON_COMPLIANT",
                "EvaluationResultIdentifier": {
                    "EvaluationResultQualifier": {
                        "ConfigRuleName": "short-timeouts-conformance-pack-8bzjqtjiy",
                        "ResourceType": resource_type,
                        "ResourceId": id,
                    },
                    "OrderingTimestamp": 1_801_000_000.0,
                },
                "ResultRecordedTime": 1_801_000_001.0,
                "ConfigRuleInvokedTime": 1_801_000_000.5,
            })
        })
        .collect();
    json!({"EvaluationResults": results})
}

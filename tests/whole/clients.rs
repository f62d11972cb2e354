//! Clients that nobody here wrote: boto3 against the local AWS Config, and the Lambda Runtime Interface Emulator around
//! a function.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::command::told;
use crate::sample_account;
use crate::served::Served;
use crate::workspace::{binaries, python_tool, root};

/// The account of the ARN by which the emulator tells a function that it was invoked. A function refuses the rules of
/// other accounts.
const EMULATORS_ACCOUNT: &str = "012345678912";

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
    let emulated = Emulated::start("lambda-small-single-purpose", &served.endpoint);
    for (name, invoking_event) in documented_events() {
        let answer = emulated.invoke(&event(&invoking_event, "{}"));
        assert_eq!(answer.get("errorType"), None, "{name}: {answer}");
    }
}

#[test]
fn a_function_tells_the_emulator_what_is_wrong_with_its_parameters() {
    let emulated = Emulated::start("lambda-small-single-purpose", "http://127.0.0.1:9");
    let (_, change) = documented_events().remove(0);
    let answer = emulated.invoke(&event(&change, r#"{"maxTimeoutSeconds":"soon"}"#));
    assert_eq!(answer["errorType"], "InvalidParameters", "{answer}");
    let message = answer["errorMessage"].as_str().unwrap();
    assert!(
        message.contains("rule parameter `maxTimeoutSeconds`: expected a whole number from"),
        "{message}"
    );
}

/// One event of each message type, in the documented shape.
fn documented_events() -> Vec<(&'static str, Value)> {
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

fn event(invoking_event: &Value, rule_parameters: &str) -> Value {
    json!({
        "version": "1.0", "invokingEvent": invoking_event.to_string(), "ruleParameters": rule_parameters,
        "resultToken": "TESTMODE", "eventLeftScope": false, "accountId": EMULATORS_ACCOUNT,
        "executionRoleArn": "arn:aws:iam::111122223333:role/config-role", "configRuleId": "config-rule-0123456",
        "configRuleArn": "arn:aws:config:eu-west-1:111122223333:config-rule/config-rule-0123456",
        "configRuleName": "lambda-small-single-purpose-conformance-pack-abcdefghi",
    })
}

/// A function under AWS's Runtime Interface Emulator; stopped when dropped.
struct Emulated {
    emulator: Child,
    port: u16,
}

impl Emulated {
    fn start(rule: &str, endpoint: &str) -> Self {
        let (port, runtime_port) = (free_port(), free_port());
        let emulator = Command::new(emulator())
            .args(["--runtime-interface-emulator-address", &format!("127.0.0.1:{port}")])
            .args(["--runtime-api-address", &format!("127.0.0.1:{runtime_port}")])
            .arg(binaries().join(rule))
            .arg("bootstrap")
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("AWS_LAMBDA_FUNCTION_NAME", rule)
            .env("AWS_REGION", "eu-west-1")
            .env("AWS_ACCESS_KEY_ID", "anybody")
            .env("AWS_SECRET_ACCESS_KEY", "anything")
            .env("AWS_ENDPOINT_URL", endpoint)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { emulator, port }
    }

    /// The function's answer; `null` where it succeeds.
    fn invoke(&self, event: &Value) -> Value {
        let body = event.to_string();
        let mut connection = (0..100)
            .find_map(|_| {
                let connection = TcpStream::connect(("127.0.0.1", self.port)).ok();
                if connection.is_none() {
                    std::thread::sleep(Duration::from_millis(50));
                }
                connection
            })
            .expect("the emulator listens within five seconds");
        write!(
            connection,
            "POST /2015-03-31/functions/function/invocations HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = BufReader::new(connection);
        let mut line = String::new();
        while answer.read_line(&mut line).unwrap() > 2 {
            line.clear();
        }
        let mut body = String::new();
        answer.read_to_string(&mut body).unwrap();
        let json = body
            .lines()
            .find_map(|line| serde_json::from_str::<Value>(line).ok().filter(|value| !value.is_number()));
        json.unwrap_or_else(|| panic!("the emulator answered {body:?}"))
    }
}

impl Drop for Emulated {
    fn drop(&mut self) {
        let _ = self.emulator.kill();
        let _ = self.emulator.wait();
    }
}

/// It ships inside AWS SAM CLI's package.
fn emulator() -> PathBuf {
    let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
    let found = Command::new(python_tool("python"))
        .args(["-c", "import samcli.local.rapid as it; print(it.__path__[0])"])
        .output()
        .unwrap();
    let folder = String::from_utf8(found.stdout).unwrap();
    PathBuf::from(folder.trim()).join(format!("aws-lambda-rie-{architecture}"))
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

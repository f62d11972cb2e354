//! Clients that nobody here wrote: boto3 against the local AWS Config, and the Lambda Runtime Interface Emulator around
//! a function.

use std::process::Command;

use crate::command::told;
use crate::events::{TEST_TOKEN, documented_notifications, event};
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
    for (name, invoking_event) in documented_notifications() {
        let answer = emulated.invoke(&event(EMULATORS_ACCOUNT, TEST_TOKEN, &invoking_event, "{}"));
        assert_eq!(answer.get("errorType"), None, "{name}: {answer}");
    }
}

#[test]
fn a_function_tells_the_emulator_what_is_wrong_with_its_parameters() {
    let emulated = Emulated::start(&binaries().join("lambda-small-single-purpose"), "http://127.0.0.1:9");
    let (_, change) = documented_notifications().remove(0);
    let answer =
        emulated.invoke(&event(EMULATORS_ACCOUNT, TEST_TOKEN, &change, r#"{"maxTimeoutSeconds":"soon"}"#));
    assert_eq!(answer["errorType"], "InvalidParameters", "{answer}");
    let message = answer["errorMessage"].as_str().unwrap();
    assert!(
        message.contains("rule parameter `maxTimeoutSeconds`: expected a whole number from"),
        "{message}"
    );
}

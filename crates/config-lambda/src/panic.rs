//! What a panic does: it is logged, and the process ends.
//!
//! Lambda reports that as a failed invocation, starts another process and repeats the event; AWS Config reads neither.
//! Programs are therefore built without what unwinding takes, an eighth of each package.

use std::panic::{PanicHookInfo, set_hook};

/// How programs in Rust end that panic.
const STATUS: i32 = 101;

/// Replaces the standard library's message, which is no line of [the log](crate::log).
pub(crate) fn log_and_end() {
    set_hook(Box::new(|panic| {
        log(panic);
        std::process::exit(STATUS)
    }));
}

fn log(panic: &PanicHookInfo<'_>) {
    let location = panic.location().map(ToString::to_string);
    tracing::error!(
        errorType = "Panic",
        location = location.as_deref(),
        "{}",
        panic.payload_as_str().unwrap_or("a panic without words")
    );
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use serde_json::Value;

    use super::*;

    /// Tells the second process of a test from the first.
    const IS_TO_PANIC: &str = "SERVERLESS_CONFORMANCE_TEST_IS_TO_PANIC";

    #[test]
    fn a_panic_is_a_line_of_the_log_with_its_request_and_ends_the_process() {
        if std::env::var_os(IS_TO_PANIC).is_some() {
            crate::log::start();
            log_and_end();
            let invocation = tracing::info_span!("Lambda runtime invoke", requestId = "7e");
            invocation.in_scope(|| panic!("a \"defect\""));
        }
        let own_name = "panic::tests::a_panic_is_a_line_of_the_log_with_its_request_and_ends_the_process";
        let ended = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", own_name, "--nocapture"])
            .env(IS_TO_PANIC, "1")
            .env_remove("AWS_LAMBDA_LOG_LEVEL")
            .env_remove("RUST_LOG")
            .output()
            .unwrap();
        let said = String::from_utf8(ended.stdout).unwrap();
        let line =
            said.lines().find(|line| line.starts_with('{')).unwrap_or_else(|| panic!("no line: {said}"));
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["level"], "ERROR");
        assert_eq!(line["errorType"], "Panic");
        assert_eq!(line["message"], "a \"defect\"");
        assert_eq!(line["requestId"], "7e");
        assert!(
            line["location"].as_str().unwrap().starts_with("crates/config-lambda/src/panic.rs:"),
            "{line}"
        );
        // Whoever runs tests would have told of one that failed, and ended with the same status.
        assert_eq!((ended.status.code(), said.contains("test result")), (Some(STATUS), false), "{said}");
    }
}

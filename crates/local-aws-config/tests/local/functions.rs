use std::time::{Duration, Instant};

use local_aws_config::function::{Function, FunctionError, FunctionSettings, Stream};
use serde_json::{Value, json};

use crate::support::{echo_function, scope};

#[tokio::test]
async fn one_process_answers_event_after_event() {
    let mut function = function("echo");
    function.invoke("one", event("a")).await.unwrap();
    function.invoke("two", event("b")).await.unwrap();
    function.stop().await;
    let lines = evaluated(&function);
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["evaluation"]["pid"], lines[1]["evaluation"]["pid"]);
    assert_eq!((&lines[0]["requestId"], &lines[1]["requestId"]), (&json!("one"), &json!("two")));
}

#[tokio::test]
async fn the_environment_is_lambdas_and_nothing_is_inherited() {
    let mut function = function("echo");
    function.invoke("one", event("a")).await.unwrap();
    function.stop().await;
    let lines = evaluated(&function);
    let environment = lines[0]["evaluation"]["environment"].as_object().unwrap();
    for (name, value) in [
        ("AWS_LAMBDA_FUNCTION_NAME", "serverless-conformance-echo"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("_HANDLER", "bootstrap"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_DEFAULT_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "LOCAL111122223333"),
        ("AWS_LAMBDA_LOG_LEVEL", "INFO"),
        ("TZ", ":UTC"),
    ] {
        assert_eq!(environment[name], value, "{name}");
    }
    assert!(environment["AWS_LAMBDA_RUNTIME_API"].as_str().unwrap().starts_with("127.0.0.1:"));
    assert!(!environment.contains_key("HOME") && !environment.contains_key("CARGO_PKG_NAME"));
}

#[tokio::test]
async fn a_reported_error_fails_the_invocation_and_keeps_the_process() {
    let mut function = function("echo");
    function.invoke("one", event("a")).await.unwrap();
    let failure = function.invoke("two", event("error")).await.unwrap_err();
    assert_eq!(failure, error("InvalidParameters", "the parameters are wrong"));
    function.invoke("three", event("b")).await.unwrap();
    function.stop().await;
    let lines = evaluated(&function);
    assert_eq!(lines[0]["evaluation"]["pid"], lines[1]["evaluation"]["pid"]);
}

#[tokio::test]
async fn a_crash_fails_the_invocation_and_the_next_one_gets_a_new_process() {
    let mut function = function("echo");
    function.invoke("one", event("a")).await.unwrap();
    let failure = function.invoke("two", event("crash")).await.unwrap_err();
    let message = "RequestId: two Error: Runtime exited with error: exit status: 101";
    assert_eq!(failure, error("Runtime.ExitError", message));
    assert!(
        function
            .log()
            .lines()
            .iter()
            .any(|line| { line.stream == Stream::Stderr && line.text == "about to crash" })
    );
    function.invoke("three", event("b")).await.unwrap();
    function.stop().await;
    let lines = evaluated(&function);
    assert_ne!(lines[0]["evaluation"]["pid"], lines[1]["evaluation"]["pid"]);
}

#[tokio::test]
async fn a_process_that_takes_too_long_is_killed_and_replaced() {
    let mut function =
        Function::new(FunctionSettings { timeout: Duration::from_millis(1_500), ..settings("echo") });
    function.invoke("one", event("a")).await.unwrap();
    let started = Instant::now();
    let failure = function.invoke("two", event("hang")).await.unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(10));
    let message = "RequestId: two Error: Task timed out after 1.50 seconds";
    assert_eq!(failure, error("Sandbox.Timedout", message));
    assert!(is_gone(&evaluated(&function)[0]["evaluation"]["pid"]));
    function.invoke("three", event("b")).await.unwrap();
    function.stop().await;
}

#[tokio::test]
async fn a_process_that_ended_between_two_events_is_replaced() {
    let mut function = function("echo");
    function.invoke("one", event("farewell")).await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    function.invoke("two", event("b")).await.unwrap();
    function.stop().await;
    let lines = evaluated(&function);
    assert_ne!(lines[0]["evaluation"]["pid"], lines[1]["evaluation"]["pid"]);
}

#[tokio::test]
async fn a_function_that_cannot_start_says_why() {
    let failure = function("init-error").invoke("one", event("a")).await.unwrap_err();
    assert_eq!(failure, error("NoSettings", "the settings are missing"));
    let failure = function("init-crash").invoke("one", event("a")).await.unwrap_err();
    let message = "RequestId: one Error: Runtime exited with error: exit status: 101";
    assert_eq!(failure, error("Runtime.ExitError", message));
}

#[tokio::test]
async fn a_function_that_never_asks_for_an_event_is_killed() {
    let mut settings = settings("init-hang");
    settings.init_timeout = Duration::from_millis(200);
    let failure = Function::new(settings).invoke("one", event("a")).await.unwrap_err();
    let message = "RequestId: one Error: Init timed out after 0.20 seconds";
    assert_eq!(failure, error("Sandbox.Timedout", message));
}

#[tokio::test]
async fn a_program_that_is_none_is_an_invalid_entrypoint() {
    let mut settings = settings("echo");
    settings.binary = "/dev/null".into();
    let failure = Function::new(settings).invoke("one", event("a")).await.unwrap_err();
    assert_eq!(failure.error_type, "Runtime.InvalidEntrypoint");
    assert!(failure.message.starts_with("`/dev/null` cannot be started: "), "{failure}");
}

#[tokio::test]
async fn the_last_thousand_lines_are_kept() {
    let mut function = function("echo");
    function.invoke("one", event("chatter")).await.unwrap();
    function.stop().await;
    let lines = function.log().lines();
    assert_eq!(lines.len(), 1_000);
    assert_eq!(lines[0].text, "line 201");
}

#[tokio::test]
async fn a_process_does_not_outlive_its_function() {
    let mut function = function("echo");
    function.invoke("one", event("a")).await.unwrap();
    while evaluated(&function).is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let pid = evaluated(&function)[0]["evaluation"]["pid"].clone();
    assert!(!is_gone(&pid));
    function.stop().await;
    assert!(is_gone(&pid));
}

/// What the function logged as evaluated; only complete when it was stopped.
fn evaluated(function: &Function) -> Vec<Value> {
    let lines = function.log().lines();
    let values = lines.iter().filter_map(|line| serde_json::from_str(&line.text).ok());
    values.filter(|line: &Value| line["message"] == "evaluated").collect()
}

/// Whether the process has ended; one that was not waited for is not gone.
fn is_gone(pid: &Value) -> bool {
    !std::path::Path::new(&format!("/proc/{pid}")).exists()
}

fn error(error_type: &str, message: &str) -> FunctionError {
    FunctionError { error_type: error_type.to_owned(), message: message.to_owned() }
}

fn event(id: &str) -> Vec<u8> {
    let item = json!({"configurationItem": {"resourceType": "AWS::Lambda::Function", "resourceId": id}});
    json!({"invokingEvent": item.to_string()}).to_string().into_bytes()
}

fn function(name: &str) -> Function {
    Function::new(settings(name))
}

fn settings(name: &str) -> FunctionSettings {
    FunctionSettings {
        name: format!("serverless-conformance-{name}"),
        binary: echo_function(),
        arn: format!("arn:aws:lambda:eu-west-1:111122223333:function:serverless-conformance-{name}"),
        scope: scope(),
        endpoint: String::new(),
        timeout: Duration::from_secs(20),
        init_timeout: Duration::from_secs(20),
        log_level: "INFO".to_owned(),
    }
}

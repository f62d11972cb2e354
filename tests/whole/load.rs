//! `serve` under load, under bad callers, and at its end, which is that of `run` as well.

mod client;

use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::command::serverless_conformance;
use crate::sample_account;
use crate::served::{Served, signal};
use crate::workspace::binaries;
use client::Client;

const CLIENTS: usize = 200;

/// How long, unless `LOAD_SECONDS` says so.
const SECONDS: u64 = 3;

/// What answering may cost in memory: room for every connection's buffers, and nothing that grows with the calls.
const GROWTH_KIB: u64 = 64 * 1024;

/// Longer than anything here takes, on a busy machine too.
const PATIENCE: Duration = Duration::from_mins(1);

const RULE: &str = "lambda-small-single-purpose";

#[tokio::test]
async fn two_hundred_clients_are_answered_without_an_error_and_without_end_in_memory() {
    let seconds = std::env::var("LOAD_SECONDS").map_or(SECONDS, |seconds| seconds.parse().unwrap());
    let served = serve_one_rule();
    let rule = rule_name(&served.endpoint).await;
    let before = peak_memory_kib(&served);
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        clients.spawn(calls_until(end, served.endpoint.clone(), rule.clone(), number));
    }
    let mut durations: Vec<_> = clients.join_all().await.into_iter().flatten().collect();
    durations.sort_unstable();
    let growth = peak_memory_kib(&served) - before;
    let percentile = |part: usize| durations[(durations.len() - 1) * part / 100];
    let summary = format!(
        "{CLIENTS} clients, {seconds} s: {} calls, {} per second, p50 {:?}, p99 {:?}, memory {before} KiB + {growth} KiB",
        durations.len(),
        durations.len() as u64 / seconds,
        percentile(50),
        percentile(99),
    );
    show(&summary);
    assert!(growth < GROWTH_KIB, "{summary}");
    assert_eq!(served.terminated(), Some(0), "{summary}");
}

/// One client's calls, one after the other: reads of results and items, and the report of what it has read.
async fn calls_until(end: Instant, endpoint: String, rule: String, number: usize) -> Vec<Duration> {
    let mut client = Client::of(&endpoint).await.expect("the server listens");
    let results = json!({"ConfigRuleName": rule});
    let query = json!({"Expression": "SELECT resourceId, configuration.timeout WHERE resourceType = 'AWS::Lambda::Function'"});
    let mut evaluation = Value::Null;
    let mut durations = Vec::new();
    for turn in number.. {
        // On a slow machine it may take longer, but every client is answered.
        if end <= Instant::now() && 4 <= durations.len() {
            break;
        }
        let (operation, input) = match turn % 4 {
            0 => ("DescribeComplianceByConfigRule", &Value::Object(serde_json::Map::new())),
            1 => ("SelectResourceConfig", &query),
            2 if evaluation.is_object() => ("PutEvaluations", &evaluation),
            _ => ("GetComplianceDetailsByConfigRule", &results),
        };
        let start = Instant::now();
        let (status, answer) = client.call(operation, input).await.expect("an answer");
        durations.push(start.elapsed());
        assert_eq!(status, 200, "{operation}: {answer}");
        match operation {
            "GetComplianceDetailsByConfigRule" => evaluation = repeated(&answer["EvaluationResults"][0]),
            "PutEvaluations" => assert_eq!(answer["FailedEvaluations"], json!([])),
            "SelectResourceConfig" => assert!(!answer["Results"].as_array().unwrap().is_empty()),
            _ => assert!(!answer["ComplianceByConfigRules"].as_array().unwrap().is_empty()),
        }
    }
    durations
}

#[tokio::test]
async fn callers_that_never_finish_do_not_keep_others_from_being_answered() {
    let served = serve_one_rule();
    let address = served.endpoint.trim_start_matches("http://");
    let mut unfinished = Vec::new();
    // More than may be connected at a time.
    for number in 0..600 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let begun = ["", "POST / HT", "POST / HTTP/1.1\r\nhost: a\r\ncontent-le"][number % 3];
        stream.write_all(begun.as_bytes()).await.unwrap();
        unfinished.push(stream);
    }
    let answered = tokio::time::timeout(PATIENCE, rule_name(&served.endpoint)).await;
    assert!(answered.expect("an answer in time").starts_with(RULE));
    assert_eq!(served.terminated(), Some(0), "callers that do not go away do not keep it from stopping");
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_with_what_is_accepted() {
    let served = serve_one_rule();
    let mut client = Client::of(&served.endpoint).await.unwrap();
    client.send("PutEvaluations", usize::MAX / 2, b"{").await.unwrap();
    // It promises much and has sent little; the refusal must not wait for the rest.
    let (status, answer) = tokio::time::timeout(PATIENCE, client.answer()).await.unwrap().unwrap();
    assert_eq!(status, 413);
    assert_eq!(answer["message"], "expected a request of at most 2097152 bytes, found more");
    assert!(rule_name(&served.endpoint).await.starts_with(RULE));
}

#[tokio::test]
async fn what_clients_have_changed_is_reported_at_the_end() {
    let served = serve_one_rule();
    let rule = rule_name(&served.endpoint).await;
    change_a_result(&served.endpoint, &rule).await;
    let stopped = served.interrupted();
    assert_eq!(stopped.status, Some(0), "{stopped:?}");
    assert!(
        stopped.output.contains("Results have changed since")
            && stopped.output.contains("changed by a client"),
        "{stopped:?}"
    );
}

#[tokio::test]
async fn evaluations_that_were_asked_for_are_finished_before_the_end() {
    let served = serve_one_rule();
    let rule = rule_name(&served.endpoint).await;
    let as_before = results(&served.endpoint, &rule).await;
    change_a_result(&served.endpoint, &rule).await;
    assert_ne!(results(&served.endpoint, &rule).await, as_before);
    start_evaluation(&served.endpoint, &rule).await;
    // The terminal's whole group is told. A function that this ends in the middle of an event is tried again.
    let stopped = served.interrupted();
    assert_eq!(stopped.status, Some(0), "{stopped:?}");
    assert!(stopped.errors.contains("stopped; the results are as above"), "{stopped:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_second_signal_does_not_wait_for_a_function_that_hangs() {
    let folder = tempfile::tempdir().unwrap();
    let flag = folder.path().join("hang");
    let real = binaries().join(RULE);
    let script = format!("if [ -e {} ]; then exec sleep 60; fi\nexec {}\n", flag.display(), real.display());
    let functions = functions_folder(folder.path(), &script);
    let served = Served::with(&sample_account::folder(), &["--rule", RULE, "--functions", &functions]);
    let rule = rule_name(&served.endpoint).await;
    std::fs::write(&flag, "").unwrap();
    start_evaluation(&served.endpoint, &rule).await;
    let start = Instant::now();
    signal("-TERM", &served.id().to_string());
    tokio::time::sleep(Duration::from_secs(1)).await;
    signal("-TERM", &served.id().to_string());
    let stopped = served.stopped();
    assert_eq!(stopped.status, Some(0), "{stopped:?}");
    assert!(stopped.errors.contains("stopped before everything was done"), "{stopped:?}");
    // Lambda gives a function ten seconds to start, three times.
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

#[cfg(unix)]
#[tokio::test]
async fn a_signal_before_everything_is_judged_ends_the_functions_of_serve_too() {
    is_ended_with_its_functions(Served::spawn).await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_signal_before_everything_is_judged_ends_the_functions_of_run_too() {
    let run = |items: &Path, more: &[&str]| {
        let mut command = serverless_conformance(["run"]);
        command.args(more).arg(items).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    is_ended_with_its_functions(run).await;
}

#[cfg(unix)]
async fn is_ended_with_its_functions(spawn: impl Fn(&Path, &[&str]) -> Child) {
    let folder = tempfile::tempdir().unwrap();
    let id = folder.path().join("id");
    let functions = functions_folder(folder.path(), &format!("echo $$ > {}\nexec sleep 60\n", id.display()));
    let process = spawn(&sample_account::folder(), &["--rule", RULE, "--functions", &functions]);
    while std::fs::read_to_string(&id).unwrap_or_default().trim().is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    signal("-TERM", &process.id().to_string());
    let output = process.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains("SIGTERM came before everything was judged"), "{errors}");
    let function = std::fs::read_to_string(&id).unwrap();
    assert!(!Path::new("/proc").join(function.trim()).exists(), "the function still runs");
}

fn serve_one_rule() -> Served {
    Served::with(&sample_account::folder(), &["--rule", RULE])
}

/// A folder whose function is this shell script.
#[cfg(unix)]
fn functions_folder(folder: &Path, script: &str) -> String {
    use std::os::unix::fs::PermissionsExt;

    let bootstrap = folder.join("functions").join(RULE).join("bootstrap");
    std::fs::create_dir_all(bootstrap.parent().unwrap()).unwrap();
    std::fs::write(&bootstrap, format!("#!/bin/sh\n{script}")).unwrap();
    std::fs::set_permissions(&bootstrap, std::fs::Permissions::from_mode(0o755)).unwrap();
    folder.join("functions").to_str().unwrap().to_owned()
}

/// The deployed rule's name, with the pack's suffix.
async fn rule_name(endpoint: &str) -> String {
    let rules = called(endpoint, "DescribeConfigRules", &json!({})).await;
    rules["ConfigRules"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|rule| rule["ConfigRuleName"].as_str())
        .find(|name| name.starts_with(RULE))
        .unwrap()
        .to_owned()
}

/// What the rule says of each resource.
async fn results(endpoint: &str, rule: &str) -> Vec<Value> {
    let results =
        called(endpoint, "GetComplianceDetailsByConfigRule", &json!({"ConfigRuleName": rule, "Limit": 100}))
            .await;
    let said = |result: &Value| {
        json!([result["EvaluationResultIdentifier"]["EvaluationResultQualifier"], result["Annotation"]])
    };
    results["EvaluationResults"].as_array().unwrap().iter().map(said).collect()
}

/// Reports on the last resource as the rule's function might.
async fn change_a_result(endpoint: &str, rule: &str) {
    let results =
        called(endpoint, "GetComplianceDetailsByConfigRule", &json!({"ConfigRuleName": rule, "Limit": 100}))
            .await;
    let mut input = repeated(results["EvaluationResults"].as_array().unwrap().last().unwrap());
    input["Evaluations"][0]["Annotation"] = json!("changed by a client");
    let answer = called(endpoint, "PutEvaluations", &input).await;
    assert_eq!(answer["FailedEvaluations"], json!([]));
}

async fn start_evaluation(endpoint: &str, rule: &str) {
    called(endpoint, "StartConfigRulesEvaluation", &json!({"ConfigRuleNames": [rule]})).await;
}

/// The report of a result that was read, with the token that it came with.
fn repeated(result: &Value) -> Value {
    let qualifier = &result["EvaluationResultIdentifier"]["EvaluationResultQualifier"];
    json!({
        "ResultToken": result["ResultToken"],
        "Evaluations": [{
            "ComplianceResourceType": qualifier["ResourceType"],
            "ComplianceResourceId": qualifier["ResourceId"],
            "ComplianceType": result["ComplianceType"],
            "OrderingTimestamp": result["EvaluationResultIdentifier"]["OrderingTimestamp"],
        }],
    })
}

async fn called(endpoint: &str, operation: &str, input: &Value) -> Value {
    let (status, answer) = Client::of(endpoint).await.unwrap().call(operation, input).await.unwrap();
    assert_eq!(status, 200, "{operation}: {answer}");
    answer
}

/// The most memory that the process has ever had.
fn peak_memory_kib(served: &Served) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", served.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[expect(clippy::print_stderr, reason = "the figures are what `make load` is for")]
fn show(summary: &str) {
    eprintln!("{summary}");
}

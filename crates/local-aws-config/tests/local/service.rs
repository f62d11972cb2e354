use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use config_rule::Compliance;
use local_aws_config::{
    Evaluated, LocalAwsConfig, MAX_NOTIFICATION_BYTES, Options, Pack, Progress, RuleResult, StartError,
};
use serde_json::{Value, json};

use crate::support::{address, at, call, call_as, functions, item, items, pack, scope, started};

#[tokio::test]
async fn every_rule_is_told_of_every_change_and_of_the_schedule() {
    let (config, _folder) = started(items([item("b", 1), item("a", 2)]), &["one", "two"], |_| {}).await;
    let told = Mutex::new(Vec::new());
    let evaluated = config.evaluate_all(&|progress: Progress| told.lock().unwrap().push(progress)).await;
    assert_eq!(evaluated, Evaluated { events: 6, failures: 0 });
    let told = told.into_inner().unwrap();
    assert_eq!(told.iter().map(|progress| progress.done).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
    assert!(told.iter().all(|progress| progress.total == 6));

    let results = config.results();
    let keys: Vec<_> =
        results.iter().map(|result| (result.rule.as_str(), result.resource_id.as_str())).collect();
    let expected = ["one", "two"].map(|rule| [(rule, "111122223333"), (rule, "a"), (rule, "b")]);
    assert_eq!(keys, expected.concat());
    let first = &results[1];
    assert_eq!(first.compliance, Compliance::Compliant);
    assert_eq!(first.annotation.as_deref(), Some("ConfigurationItemChangeNotification"));
    assert_eq!((first.account_id.as_str(), first.region.as_str()), ("111122223333", "eu-west-1"));
    assert_eq!(first.evaluation.as_ref().unwrap()["findings"], json!([{"check": "echo"}]));
    let pid = &first.evaluation.as_ref().unwrap()["pid"];
    assert!(
        !std::path::Path::new(&format!("/proc/{pid}")).exists(),
        "functions are stopped when they are done"
    );
    assert_eq!(config.failures(), []);
    config.shutdown().await;
}

#[tokio::test]
async fn a_change_is_announced_in_the_recorded_shape() {
    let (config, _folder) = started(items([item("orders", 1)]), &["one"], |_| {}).await;
    config.evaluate_all(&|_| {}).await;
    let event = event_of(&config, "orders");
    let members: Vec<_> = event.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        members,
        [
            "accountId",
            "configRuleArn",
            "configRuleId",
            "configRuleName",
            "eventLeftScope",
            "executionRoleArn",
            "invokingEvent",
            "resultToken",
            "ruleParameters",
            "version",
        ]
    );
    assert_eq!(event["ruleParameters"], r#"{"limit":"5"}"#);
    assert_eq!(event["eventLeftScope"], false);
    let name = event["configRuleName"].as_str().unwrap();
    assert!(name.starts_with("one-conformance-pack-") && name.len() == "one".len() + 27, "{name}");
    let arn = event["configRuleArn"].as_str().unwrap();
    let id = event["configRuleId"].as_str().unwrap();
    assert_eq!(
        arn,
        format!(
            "arn:aws:config:eu-west-1:111122223333:config-rule/aws-service-rule/config-conforms.amazonaws.com/{id}"
        )
    );
    let occurrence: Value = serde_json::from_str(event["invokingEvent"].as_str().unwrap()).unwrap();
    assert_eq!(occurrence["configurationItemDiff"], Value::Null);
    assert_eq!(occurrence["notificationCreationTime"], "2026-10-01T08:00:00.000Z");
    assert_eq!(
        (&occurrence["recordVersion"], &occurrence["messageType"]),
        (&json!("1.3"), &json!("ConfigurationItemChangeNotification"))
    );
    let sent = &occurrence["configurationItem"];
    assert_eq!(sent["configuration"], json!({"functionName": "orders", "timeout": 60}));
    assert_eq!(sent["configurationItemCaptureTime"], "2026-09-01T08:00:00.000Z");
    assert_eq!(sent["awsAccountId"], "111122223333");
    config.shutdown().await;
}

#[tokio::test]
async fn a_schedule_is_announced_in_the_recorded_shape() {
    let (config, _folder) = started(items([item("orders", 1)]), &["one"], |_| {}).await;
    config.evaluate_all(&|_| {}).await;
    let event = event_of(&config, "111122223333");
    let occurrence: Value = serde_json::from_str(event["invokingEvent"].as_str().unwrap()).unwrap();
    assert_eq!(
        occurrence,
        json!({
            "awsAccountId": "111122223333", "notificationCreationTime": "2026-10-01T08:00:00.000Z",
            "messageType": "ScheduledNotification", "recordVersion": "1.0",
        })
    );
    config.shutdown().await;
}

#[tokio::test]
async fn a_notification_of_the_maximum_is_sent_and_one_byte_more_is_summarized() {
    let measured = {
        let (config, _folder) = started(items([padded("a", 0)]), &["one"], |_| {}).await;
        config.evaluate_all(&|_| {}).await;
        let length = event_of(&config, "a")["invokingEvent"].as_str().unwrap().len();
        config.shutdown().await;
        length
    };
    let room = MAX_NOTIFICATION_BYTES - measured;
    let (config, _folder) =
        started(items([padded("a", room), padded("b", room + 1)]), &["one"], |_| {}).await;
    config.evaluate_all(&|_| {}).await;
    let (fits, exceeds) = (event_of(&config, "a"), event_of(&config, "b"));
    assert_eq!(fits["invokingEvent"].as_str().unwrap().len(), 262_144);
    let occurrence: Value = serde_json::from_str(exceeds["invokingEvent"].as_str().unwrap()).unwrap();
    assert_eq!(occurrence["messageType"], "OversizedConfigurationItemChangeNotification");
    let summary = &occurrence["configurationItemSummary"];
    assert_eq!((&summary["changeType"], &summary["resourceId"]), (&json!("UPDATE"), &json!("b")));
    assert_eq!(summary["configurationItemCaptureTime"], "2026-09-01T08:00:00.000Z");
    assert_eq!(summary["configurationItemStatus"], "OK");
    assert_eq!(summary["configurationStateId"], 0);
    assert!(occurrence.get("configurationItem").is_none());
    config.shutdown().await;
}

#[tokio::test]
async fn a_rule_that_did_not_ask_for_oversized_items_is_not_told_of_them() {
    let text = json!({"Resources": {"One": {"Type": "AWS::Config::ConfigRule", "Properties": {
        "ConfigRuleName": "one",
        "Source": {
            "Owner": "CUSTOM_LAMBDA", "SourceIdentifier": {"Fn::ImportValue": "serverless-conformance:one"},
            "SourceDetails": [{"EventSource": "aws.config", "MessageType": "ConfigurationItemChangeNotification"}],
        },
    }}}});
    let change_only = Pack::read("sample", &text.to_string(), &BTreeMap::new(), &scope()).unwrap();
    let input = items([item("small", 1), padded("large", MAX_NOTIFICATION_BYTES)]);
    let (config, _folder) = started(input, &["one"], |options| options.packs = vec![change_only]).await;
    let evaluated = config.evaluate_all(&|_| {}).await;
    assert_eq!(evaluated.failures, 0);
    assert_eq!(ids(&config.results()), ["small"]);
    config.shutdown().await;
}

#[tokio::test]
async fn a_deleted_resource_is_sent_and_its_result_is_kept_for_the_report_only() {
    let mut deleted = item("gone", 2);
    deleted["configurationItemStatus"] = json!("ResourceDeleted");
    deleted["configuration"] = Value::Null;
    let (config, _folder) = started(items([item("gone", 1), deleted]), &["one"], |_| {}).await;
    config.evaluate_all(&|_| {}).await;
    let results = config.results();
    assert_eq!(ids(&results), ["111122223333", "gone"]);
    assert_eq!(results[1].compliance, Compliance::NotApplicable);
    let name = event_of(&config, "gone")["configRuleName"].clone();
    let shown = call(&config, "GetComplianceDetailsByConfigRule", &json!({"ConfigRuleName": name})).await;
    assert_eq!(shown.body["EvaluationResults"].as_array().unwrap().len(), 1, "{shown:?}");
    config.shutdown().await;
}

#[tokio::test]
async fn a_failure_costs_its_event_only_and_is_tried_three_times() {
    let input = items([item("a", 1), item("crash", 1), item("error", 1), item("z", 1)]);
    let (config, _folder) = started(input, &["one"], |_| {}).await;
    let evaluated = config.evaluate_all(&|_| {}).await;
    assert_eq!(evaluated, Evaluated { events: 5, failures: 2 });
    assert_eq!(ids(&config.results()), ["111122223333", "a", "z"]);
    let failures = config.failures();
    let told: Vec<_> = failures
        .iter()
        .map(|failure| (failure.resource.as_ref().unwrap().1.as_str(), failure.error_type.as_str()))
        .collect();
    assert_eq!(told, [("crash", "Runtime.ExitError"), ("error", "InvalidParameters")]);
    assert_eq!(failures[1].message, "the parameters are wrong");
    let log = config.log("one").await;
    assert_eq!(log.iter().filter(|line| line.text == "about to crash").count(), 3);
    config.shutdown().await;
}

#[tokio::test]
async fn a_function_that_hangs_is_given_up() {
    let input = items([item("hang", 1), item("z", 1)]);
    let change = |options: &mut Options| {
        options.function_timeout = Duration::from_millis(1_500);
        options.retries = 0;
    };
    let (config, _folder) = started(input, &["one"], change).await;
    assert_eq!(config.evaluate_all(&|_| {}).await.failures, 1);
    let failures = config.failures();
    assert_eq!(failures[0].error_type, "Sandbox.Timedout");
    assert!(failures[0].message.ends_with("Task timed out after 1.50 seconds"), "{failures:?}");
    assert_eq!(ids(&config.results()), ["111122223333", "z"]);
    config.shutdown().await;
}

#[tokio::test]
async fn each_account_and_region_has_its_own_rules_and_callers() {
    let mut elsewhere = item("there", 1);
    elsewhere["awsAccountId"] = json!("444455556666");
    elsewhere["awsRegion"] = json!("us-east-1");
    elsewhere["ARN"] = json!("arn:aws:lambda:us-east-1:444455556666:function:there");
    let input = items([item("a", 1), item("b", 1), elsewhere]);
    let (config, _folder) = started(input, &["one"], |_| {}).await;
    config.evaluate_all(&|_| {}).await;
    let results = config.results();
    let places: Vec<_> =
        results.iter().map(|result| (result.account_id.as_str(), result.region.as_str())).collect();
    let (here, there) = (("111122223333", "eu-west-1"), ("444455556666", "us-east-1"));
    assert_eq!(places, [here, here, here, there, there]);

    for (caller, expected) in [
        (("444455556666", "us-east-1"), "444455556666"),
        (("111122223333", "eu-west-1"), "111122223333"),
        (("111122223333", "us-east-1"), "111122223333"),
        (("AKIAIOSFODNN7EXAMPLE", "eu-west-1"), "111122223333"),
        (("AKIAIOSFODNN7EXAMPLE", "ap-south-1"), "111122223333"),
    ] {
        let rules = call_as(&config, caller, "DescribeConfigRules", &json!({})).await;
        let arn = rules.body["ConfigRules"][0]["ConfigRuleArn"].as_str().unwrap();
        assert_eq!(arn.split(':').nth(4), Some(expected), "{caller:?}");
    }
    config.shutdown().await;
}

#[tokio::test]
async fn a_stranger_means_the_largest_account_and_its_largest_region() {
    let place = |id: &str, account: &str, region: &str| {
        let mut item = item(id, 1);
        item["awsAccountId"] = json!(account);
        item["awsRegion"] = json!(region);
        item["ARN"] = json!(format!("arn:aws:lambda:{region}:{account}:function:{id}"));
        item
    };
    let (small, large) = ("111122223333", "444455556666");
    let input = items([
        place("a", small, "eu-west-1"),
        place("b", small, "eu-west-1"),
        place("c", small, "eu-west-1"),
        place("d", large, "eu-west-1"),
        place("e", large, "us-east-1"),
        place("f", large, "us-east-1"),
        place("g", large, "ap-south-1"),
    ]);
    let (config, _folder) = started(input, &["one"], |_| {}).await;
    for (region, expected) in [("sa-east-1", "us-east-1"), ("ap-south-1", "ap-south-1")] {
        let rules =
            call_as(&config, ("AKIAIOSFODNN7EXAMPLE", region), "DescribeConfigRules", &json!({})).await;
        let arn = rules.body["ConfigRules"][0]["ConfigRuleArn"].as_str().unwrap();
        assert!(arn.starts_with(&format!("arn:aws:config:{expected}:{large}:")), "{arn}");
    }
    config.shutdown().await;
}

#[tokio::test]
async fn two_runs_agree_on_every_result() {
    let run = async || {
        let input = items((1..=20).map(|day| item(&format!("f{}", day * 7 % 20), day)));
        let (config, _folder) = started(input, &["one", "two", "three"], |_| {}).await;
        config.evaluate_all(&|_| {}).await;
        let results: Vec<_> =
            config.results().into_iter().map(|result| RuleResult { evaluation: None, ..result }).collect();
        config.shutdown().await;
        results
    };
    assert_eq!(run().await, run().await);
}

#[tokio::test]
async fn a_missing_function_names_where_it_was_looked_for_and_what_builds_it() {
    let folder = functions(&["one"]);
    let options = Options::new(items([item("a", 1)]), pack(&["one", "two"]), folder.path().to_owned(), at());
    let error = LocalAwsConfig::start(options).await.unwrap_err();
    assert!(matches!(&error, StartError::Binary { rule, .. } if rule == "two"));
    let message = error.to_string();
    for part in [
        &folder.path().join("two/bootstrap").display().to_string(),
        "`make build`",
        "`cargo build --workspace --bins`",
    ] {
        assert!(message.contains(part), "{message}");
    }
}

#[tokio::test]
async fn a_function_may_be_a_file_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(crate::support::echo_function(), folder.path().join("one")).unwrap();
    let options = Options::new(items([item("a", 1)]), pack(&["one"]), folder.path().to_owned(), at());
    let config = LocalAwsConfig::start(options).await.unwrap();
    assert_eq!(config.evaluate_all(&|_| {}).await, Evaluated { events: 2, failures: 0 });
    config.shutdown().await;
}

#[tokio::test]
async fn an_address_that_is_taken_is_told() {
    let (config, _folder) = started(items([item("a", 1)]), &["one"], |_| {}).await;
    let taken = address(config.endpoint().trim_start_matches("http://"));
    let folder = functions(&["one"]);
    let mut options = Options::new(items([]), pack(&["one"]), folder.path().to_owned(), at());
    options.listen = taken;
    let error = LocalAwsConfig::start(options).await.unwrap_err();
    assert_eq!(error.to_string(), format!("cannot listen on {taken}"));
    config.shutdown().await;
}

#[tokio::test]
async fn without_items_nothing_is_judged_until_a_client_asks_for_it() {
    let (config, _folder) = started(items([]), &["one"], |_| {}).await;
    assert_eq!(config.evaluate_all(&|_| {}).await, Evaluated { events: 0, failures: 0 });
    assert_eq!(ids(&config.results()), [""; 0]);
    let (_, _, rule) = config.deployed_rules().remove(0);
    let started = call(&config, "StartConfigRulesEvaluation", &json!({"ConfigRuleNames": [rule]})).await;
    assert_eq!(started.status, 200);
    config.settle().await;
    assert_eq!(ids(&config.results()), ["000000000000"]);
    config.shutdown().await;
}

/// The event that the rule's function logged with its evaluation of this resource.
fn event_of(config: &LocalAwsConfig, id: &str) -> Value {
    let results = config.results();
    let result = results.iter().find(|result| result.resource_id == id).expect("a result");
    result.evaluation.as_ref().expect("it was logged")["event"].clone()
}

fn ids(results: &[RuleResult]) -> Vec<&str> {
    results.iter().map(|result| result.resource_id.as_str()).collect()
}

/// A function's item whose notification is this many bytes longer.
fn padded(id: &str, bytes: usize) -> Value {
    let mut item = item(id, 1);
    item["configuration"]["description"] = json!("x".repeat(bytes));
    item
}

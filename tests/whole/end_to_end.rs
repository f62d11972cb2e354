//! The main job: real function binaries under the local AWS Config, and the same rules in-process.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use config_rule::ACCOUNT_TYPE;
use serde_json::{Value, json};

use crate::command::{reports, serverless_conformance, told};
use crate::sample_account;
use crate::workspace::{binaries, python_tool, root};

#[test]
fn check_and_run_agree_on_every_resource_of_the_sample_account() {
    let (run, run_status) = reports("run", &sample_account::folder(), &[]);
    let (check, check_status) = reports("check", &sample_account::folder(), &[]);
    assert!(30 <= run.len(), "only {} results", run.len());
    assert_eq!(by_resource(&run), by_resource(&check));
    assert_eq!((run_status, check_status), (1, 1), "the sample account has something non-compliant");
}

/// One rule, where a test is not about rules.
const SMALL: [&str; 2] = ["--rule", "lambda-small-single-purpose"];

/// Checks that one account with default parameters cannot show, and why.
const NOT_SHOWN: [(&str, &str); 5] = [
    ("api-type-not-allowed", "every type is allowed unless a parameter says otherwise"),
    ("http-api-lacks-waf", "a WAF is required only where a parameter says so"),
    ("no-pipeline-evidence", "the account trusts the OIDC provider of a CI service"),
    ("recorder-incomplete", "the recorder records every type"),
    ("recorder-off", "somebody recorded the account"),
];

#[test]
fn every_rule_says_everything_it_can_say_of_the_sample_account() {
    let (check, _) = reports("check", &sample_account::folder(), &[]);
    for entry in catalog::RULES {
        let said: BTreeSet<_> = check
            .iter()
            .filter(|report| report["rule"] == entry.meta.name)
            .map(|report| report["compliance"].as_str().unwrap())
            .collect();
        if entry.meta.subjects == [ACCOUNT_TYPE] {
            assert_eq!(said.len(), 1, "there is one account");
        } else {
            let every = BTreeSet::from(["COMPLIANT", "NON_COMPLIANT", "NOT_APPLICABLE"]);
            assert_eq!(said, every, "{}", entry.meta.name);
        }
        for check_of_rule in entry.meta.checks {
            let is_shown = check.iter().any(|report| holds_check(&report["findings"], check_of_rule.id));
            let is_expected = NOT_SHOWN.iter().all(|(id, _)| *id != check_of_rule.id);
            assert_eq!(is_shown, is_expected, "`{}` in the sample account", check_of_rule.id);
        }
    }
    assert!(check.iter().any(|report| report["waived"].as_array().unwrap().len() == 1), "no waiver is shown");
}

#[test]
fn a_report_has_the_documented_keys() {
    let (check, _) = reports("check", &sample_account::folder(), &["--rule", "lambda-small-single-purpose"]);
    let keys = [
        "rule",
        "resourceType",
        "resourceId",
        "accountId",
        "region",
        "compliance",
        "annotation",
        "findings",
        "undecided",
        "waived",
    ];
    for report in &check {
        let found: BTreeSet<_> = report.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(found, BTreeSet::from(keys));
        for finding in report["findings"].as_array().unwrap() {
            let found: BTreeSet<_> = finding.as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(found, BTreeSet::from(["check", "severity", "seen", "wanted", "place"]));
        }
    }
}

#[test]
fn an_oversized_item_reaches_the_function_through_its_history() {
    let folder = tempfile::tempdir().unwrap();
    let summaries: Vec<_> = (0..1500)
        .map(|number| json!({
            "logicalResourceId": format!("Function{number}"), "physicalResourceId": format!("function-{number}-{}", "x".repeat(60)),
            "resourceType": if number == 1499 { "AWS::DynamoDB::Table" } else { "AWS::Lambda::Function" },
            "resourceStatus": "CREATE_COMPLETE", "lastUpdatedTimestamp": "Oct 1, 2026 8:00:00 AM",
        }))
        .collect();
    let stack = item(
        "AWS::CloudFormation::Stack",
        "arn:aws:cloudformation:eu-west-1:111122223333:stack/big/1",
        &json!({
            "configuration": {"stackName": "big", "stackStatus": "CREATE_COMPLETE"},
            "supplementaryConfiguration": {"StackResourceSummaries": summaries},
        }),
    );
    assert!(262_144 < stack.to_string().len(), "the item is not oversized");
    fs::write(folder.path().join("items.json"), json!({"configurationItems": [stack]}).to_string()).unwrap();
    let rule = ["--rule", "stack-per-resource-type"];
    let (run, status) = reports("run", folder.path(), &rule);
    assert_eq!(status, 1);
    assert_eq!(run.len(), 1);
    assert!(holds_check(&run[0]["findings"], "mixed-stack"), "{run:?}");
    assert_eq!(by_resource(&run), by_resource(&reports("check", folder.path(), &rule).0));
}

#[test]
fn a_deleted_resource_is_not_applicable_both_ways() {
    let folder = tempfile::tempdir().unwrap();
    let mut deleted = item(
        "AWS::Lambda::Function",
        "gone",
        &json!({"configuration": null, "supplementaryConfiguration": {}}),
    );
    deleted["configurationItemStatus"] = json!("ResourceDeleted");
    fs::write(folder.path().join("item.json"), deleted.to_string()).unwrap();
    for verb in ["run", "check"] {
        let (reports, status) = reports(verb, folder.path(), &SMALL);
        assert_eq!((reports.len(), status), (1, 0), "{verb}");
        assert_eq!(reports[0]["compliance"], "NOT_APPLICABLE");
        assert_eq!(reports[0]["annotation"], "the resource was deleted");
    }
}

#[test]
fn a_parameter_changes_the_verdict_both_ways() {
    let folder = tempfile::tempdir().unwrap();
    let function = item(
        "AWS::Lambda::Function",
        "report",
        &json!({
            "configuration": {"functionName": "report", "timeout": 301, "codeSize": 1000, "packageType": "Zip"},
            "supplementaryConfiguration": {},
        }),
    );
    fs::write(folder.path().join("item.json"), function.to_string()).unwrap();
    for verb in ["run", "check"] {
        let (strict, strict_status) = reports(verb, folder.path(), &SMALL);
        let parameter = ["--parameter", "lambda-small-single-purpose.maxTimeoutSeconds=301"];
        let (loose, loose_status) = reports(verb, folder.path(), &[SMALL, parameter].concat());
        assert_eq!((&strict[0]["compliance"], strict_status), (&json!("NON_COMPLIANT"), 1), "{verb}");
        assert_eq!((&loose[0]["compliance"], loose_status), (&json!("COMPLIANT"), 0), "{verb}");
    }
}

#[test]
fn a_periodic_rule_judges_everything_in_batches() {
    let folder = tempfile::tempdir().unwrap();
    let mut items: Vec<_> = (0..250).map(|number| queue(&format!("queue-{number}"))).collect();
    items.push(item("AWS::SNS::Topic", "arn:aws:sns:eu-west-1:111122223333:queue-7", &json!({
        "resourceName": "queue-7", "configuration": {"TopicArn": "arn:aws:sns:eu-west-1:111122223333:queue-7"},
        "supplementaryConfiguration": {},
    })));
    fs::write(folder.path().join("items.json"), json!({"configurationItems": items}).to_string()).unwrap();
    let pack = folder.path().join("pack.yaml");
    fs::write(&pack, PROBE_PACK).unwrap();
    let output = serverless_conformance([
        "run",
        "--format",
        "json",
        "--pack",
        pack.to_str().unwrap(),
        "--functions",
        binaries().to_str().unwrap(),
        folder.path().join("items.json").to_str().unwrap(),
    ])
    .output()
    .unwrap();
    let run: Vec<Value> =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", told(&output)));
    assert_eq!(run.len(), 250, "{}", told(&output));
    let compliant: Vec<_> = run.iter().filter(|report| report["compliance"] == "COMPLIANT").collect();
    assert_eq!(compliant.len(), 1);
    assert_eq!(compliant[0]["resourceId"], "https://sqs.eu-west-1.amazonaws.com/111122223333/queue-7");
}

#[cfg(unix)]
#[test]
fn a_function_that_others_wrote_runs_like_ours() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let functions = folder.path().join("functions");
    let bootstrap = functions.join("lambda-small-single-purpose/bootstrap");
    fs::create_dir_all(bootstrap.parent().unwrap()).unwrap();
    let (python, script) = (python_tool("python"), root().join("tests/clients/python_function.py"));
    fs::write(&bootstrap, format!("#!/bin/sh\nexec {} {}\n", python.display(), script.display())).unwrap();
    fs::set_permissions(&bootstrap, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(
        folder.path().join("items.json"),
        item("AWS::Lambda::Function", "f", &json!({"configuration": {"timeout": 900}})).to_string(),
    )
    .unwrap();
    let (run, status) = reports(
        "run",
        &folder.path().join("items.json"),
        &[&SMALL[..], &["--functions", functions.to_str().unwrap()]].concat(),
    );
    assert_eq!((run.len(), status), (1, 0), "{run:?}");
    assert_eq!(
        (&run[0]["compliance"], &run[0]["annotation"]),
        (&json!("COMPLIANT"), &json!("seen by boto3"))
    );
}

const PROBE_PACK: &str = "
Resources:
  PeriodicProbe:
    Type: AWS::Config::ConfigRule
    Properties:
      ConfigRuleName: periodic-probe
      Description: Checks that every queue has a topic of its name
      Source:
        Owner: CUSTOM_LAMBDA
        SourceIdentifier:
          Fn::ImportValue: serverless-conformance:periodic-probe
        SourceDetails:
          - EventSource: aws.config
            MessageType: ScheduledNotification
            MaximumExecutionFrequency: TwentyFour_Hours
";

pub(crate) fn queue(name: &str) -> Value {
    item(
        "AWS::SQS::Queue",
        &format!("https://sqs.eu-west-1.amazonaws.com/111122223333/{name}"),
        &json!({
            "resourceName": name, "configuration": {"QueueName": name}, "supplementaryConfiguration": {},
        }),
    )
}

pub(crate) fn item(resource_type: &str, resource_id: &str, more: &Value) -> Value {
    let mut item = json!({
        "configurationItemVersion": "1.3", "awsAccountId": "111122223333", "awsRegion": "eu-west-1",
        "configurationItemCaptureTime": "2026-10-01T08:00:00.000Z", "configurationItemStatus": "OK",
        "configurationStateId": 1_790_841_600_000_u64, "resourceType": resource_type, "resourceId": resource_id,
        "tags": {}, "relationships": [],
    });
    for (key, value) in more.as_object().unwrap() {
        item[key] = value.clone();
    }
    item
}

/// What was said of each resource by each rule.
fn by_resource(reports: &[Value]) -> BTreeMap<[String; 5], &Value> {
    let text = |report: &Value, key: &str| report[key].as_str().unwrap_or_default().to_owned();
    let key = |report: &Value| {
        ["rule", "accountId", "region", "resourceType", "resourceId"].map(|part| text(report, part))
    };
    let map: BTreeMap<_, _> = reports.iter().map(|report| (key(report), report)).collect();
    assert_eq!(map.len(), reports.len(), "a resource is reported twice");
    map
}

fn holds_check(findings: &Value, id: &str) -> bool {
    findings.as_array().unwrap().iter().any(|finding| finding["check"] == id)
}

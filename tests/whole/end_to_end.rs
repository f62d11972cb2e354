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

#[test]
fn the_same_snapshot_is_judged_alike_whenever_it_is_judged() {
    // Nothing within a rule's reach tells the time (see `purity`), so the date of the event is all that can. Dates are in
    // the items' capture times: a copy that was captured a year later is judged as of that day, and only that changes it.
    let waived = |captured: &str| {
        let folder = tempfile::tempdir().unwrap();
        let mut function = item(
            "AWS::Lambda::Function",
            "report",
            &json!({
                "configuration": {"functionName": "report", "timeout": 900, "codeSize": 1000, "packageType": "Zip"},
                "supplementaryConfiguration": {},
                "tags": {"conformance-waiver": "timeout-too-long until 2027-01-31 the report is slow"},
            }),
        );
        function["configurationItemCaptureTime"] = json!(captured);
        fs::write(folder.path().join("item.json"), function.to_string()).unwrap();
        ["run", "check"].map(|verb| reports(verb, folder.path(), &SMALL).0.remove(0))
    };
    for (captured, compliance) in [
        ("2001-01-01T00:00:00.000Z", "COMPLIANT"),
        ("2027-01-31T23:59:59.000Z", "COMPLIANT"),
        ("2027-02-01T00:00:00.000Z", "NON_COMPLIANT"),
        ("2099-01-01T00:00:00.000Z", "NON_COMPLIANT"),
    ] {
        let [run, check] = waived(captured);
        assert_eq!(run["compliance"], compliance, "{captured}");
        assert_eq!(run, check, "{captured}");
    }
}

/// Only changes of the neighbour are announced, so whatever is judged is judged because of it.
#[test]
fn a_change_of_a_neighbour_judges_those_that_it_bears_upon_and_no_others() {
    let functions = || vec![function("orders"), function("users")];
    let functions_and_roles = || [functions(), vec![role("orders"), role("users")]].concat();
    let apis = vec![rest_api(ORDERS_API), rest_api("arn:aws:apigateway:eu-west-1::/restapis/f6g7h8i9j0")];
    for (rule, neighbour, others, judged) in [
        ("lambda-monitored", alarm_of_orders(), functions_and_roles(), vec!["orders"]),
        ("lambda-grouped-in-microservice", role("orders"), functions(), vec!["orders"]),
        (
            "lambda-role-least-privilege",
            policy_of_orders(),
            functions_and_roles(),
            vec!["AROAorders", "orders"],
        ),
        ("api-type-appropriate", stage_of_orders(), apis, vec![ORDERS_API]),
        ("lambda-deployed-by-pipeline", stack_of_orders(), functions_and_roles(), vec!["orders"]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (items, pack) = (folder.path().join("items.json"), folder.path().join("pack.yaml"));
        let related = neighbour["resourceType"].as_str().unwrap().to_owned();
        let all: Vec<_> = others.into_iter().chain([neighbour]).collect();
        fs::write(&items, json!({"configurationItems": all}).to_string()).unwrap();
        fs::write(&pack, pack_of_related_changes(rule, &related)).unwrap();
        let more = ["--pack", pack.to_str().unwrap(), "--functions", binaries().to_str().unwrap()];
        let (run, _) = reports("run", &items, &more);
        let mut found: Vec<_> = run.iter().map(|report| report["resourceId"].as_str().unwrap()).collect();
        found.sort_unstable();
        assert_eq!(found, judged, "{rule}, when {related} changes");
    }
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

const ORDERS_API: &str = "arn:aws:apigateway:eu-west-1::/restapis/a1b2c3d4e5";

fn role_arn(name: &str) -> String {
    format!("arn:aws:iam::111122223333:role/{name}")
}

/// A function and its role have one name.
fn function(name: &str) -> Value {
    item(
        "AWS::Lambda::Function",
        name,
        &json!({
            "resourceName": name, "supplementaryConfiguration": {},
            "configuration": {"functionName": name, "role": role_arn(name), "timeout": 3},
            "relationships": [{"resourceType": "AWS::IAM::Role", "resourceName": name, "name": "Is associated with "}],
        }),
    )
}

fn role(name: &str) -> Value {
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"Service": "lambda.amazonaws.com"}}]});
    item(
        "AWS::IAM::Role",
        &format!("AROA{name}"),
        &json!({
            "resourceName": name, "ARN": role_arn(name), "supplementaryConfiguration": {},
            "configuration": {
                "roleName": name, "arn": role_arn(name), "assumeRolePolicyDocument": trust.to_string(),
                "rolePolicyList": [], "attachedManagedPolicies": [], "permissionsBoundary": null,
            },
        }),
    )
}

fn rest_api(arn: &str) -> Value {
    let id = arn.rsplit('/').next().unwrap();
    item(
        "AWS::ApiGateway::RestApi",
        arn,
        &json!({
            "configuration": {"id": id, "name": id, "endpointConfiguration": {"types": ["REGIONAL"]}},
            "supplementaryConfiguration": {},
        }),
    )
}

fn alarm_of_orders() -> Value {
    item(
        "AWS::CloudWatch::Alarm",
        "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:orders-errors",
        &json!({
            "resourceName": "orders-errors", "supplementaryConfiguration": {},
            "configuration": {
                "alarmName": "orders-errors", "namespace": "AWS/Lambda", "metricName": "Errors", "statistic": "Sum",
                "period": 60.0, "evaluationPeriods": 1.0, "threshold": 0.0, "comparisonOperator": "GreaterThanThreshold",
                "actionsEnabled": true, "alarmActions": ["arn:aws:sns:eu-west-1:111122223333:alerts"],
                "dimensions": [{"name": "FunctionName", "value": "orders"}],
            },
        }),
    )
}

fn stage_of_orders() -> Value {
    item(
        "AWS::ApiGateway::Stage",
        &format!("{ORDERS_API}/stages/prod"),
        &json!({
            "resourceName": "prod", "supplementaryConfiguration": {},
            "configuration": {"stageName": "prod", "cacheClusterEnabled": false, "tracingEnabled": false},
        }),
    )
}

fn stack_of_orders() -> Value {
    item(
        "AWS::CloudFormation::Stack",
        "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop/1",
        &json!({
            "configuration": {"stackName": "shop", "stackStatus": "UPDATE_COMPLETE"},
            "supplementaryConfiguration": {"StackResourceSummaries": [
                {"logicalResourceId": "Orders", "physicalResourceId": "orders", "resourceType": "AWS::Lambda::Function"},
                {"logicalResourceId": "Users", "physicalResourceId": "users", "resourceType": "AWS::DynamoDB::Table"},
            ]},
        }),
    )
}

fn policy_of_orders() -> Value {
    let arn = "arn:aws:iam::111122223333:policy/read-orders";
    item(
        "AWS::IAM::Policy",
        "ANPAREADORDERS",
        &json!({
            "resourceName": "read-orders", "ARN": arn, "supplementaryConfiguration": {},
            "configuration": {"policyName": "read-orders", "arn": arn, "policyVersionList": []},
            "relationships": [{"resourceType": "AWS::IAM::Role", "resourceId": "AROAorders", "resourceName": "orders",
                "name": "Is attached to Role"}],
        }),
    )
}

/// A pack with one rule, which hears of changes of one type only.
fn pack_of_related_changes(rule: &str, related: &str) -> String {
    format!(
        "
Resources:
  Rule:
    Type: AWS::Config::ConfigRule
    Properties:
      ConfigRuleName: {rule}
      Description: Hears of changes of a neighbour only
      Scope:
        ComplianceResourceTypes:
          - {related}
      Source:
        Owner: CUSTOM_LAMBDA
        SourceIdentifier:
          Fn::ImportValue: serverless-conformance:{rule}
        SourceDetails:
          - EventSource: aws.config
            MessageType: ConfigurationItemChangeNotification
"
    )
}

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

//! What a deployment of the template makes, read back from an AWS emulator.

use std::collections::{BTreeMap, BTreeSet};

use catalog::RULES;
use serde_json::{Value, json};

use crate::cloudformation::{of_type, yaml};
use crate::ministack::{ACCOUNT, REGION, deployed};

#[test]
fn everything_in_the_template_is_made() {
    let mut wanted: BTreeMap<String, usize> = BTreeMap::new();
    let template = yaml("template.yaml");
    for resource in template["Resources"].as_object().unwrap().values() {
        let resource_type = resource["Type"].as_str().unwrap().replace("AWS::Serverless::", "AWS::Lambda::");
        *wanted.entry(resource_type).or_default() += 1;
    }
    let mut made: BTreeMap<String, usize> = BTreeMap::new();
    for resource in list(&deployed()["resources"]) {
        assert_eq!(resource["ResourceStatus"], "CREATE_COMPLETE", "{resource}");
        *made.entry(resource["ResourceType"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    assert_eq!(made, wanted, "made (left), in the template (right)");
    for resource_type in ["AWS::Lambda::Function", "AWS::IAM::Role", "AWS::Lambda::Permission"] {
        assert_eq!(made[resource_type], RULES.len(), "{resource_type}");
    }
}

#[test]
fn each_function_has_a_role_a_log_group_and_a_queue_for_failures_of_its_own_stack() {
    let mut roles = BTreeSet::new();
    for entry in RULES {
        let name = function_name(entry.meta.name);
        let function = &deployed()["functions"][&name]["configuration"];
        assert_eq!(function["Runtime"], "provided.al2023", "{name}");
        assert_eq!(function["TracingConfig"]["Mode"], "Active", "{name}");
        let group = format!("/aws/lambda/{name}");
        assert_eq!(function["LoggingConfig"], json!({"LogFormat": "JSON", "LogGroup": group}));
        let is_group = |found: &&Value| found["logGroupName"] == group.as_str();
        let group = list(&deployed()["logGroups"]).iter().find(is_group).unwrap();
        assert_eq!(group["retentionInDays"], 90, "{name}");
        roles.insert(function["Role"].as_str().unwrap());
    }
    assert_eq!(roles.len(), RULES.len(), "roles are shared");

    // The emulator does not tell a function's queue; what it was asked to make does.
    for (id, function) in of_type(&deployed()["template"], "AWS::Lambda::Function") {
        let queue = &function["Properties"]["DeadLetterConfig"]["TargetArn"];
        assert_eq!(*queue, json!({"Fn::GetAtt": ["FailureQueue", "Arn"]}), "{id}");
    }
}

#[test]
fn aws_config_alone_may_invoke_each_function_and_only_for_this_account() {
    for entry in RULES {
        let name = function_name(entry.meta.name);
        let policy = &deployed()["functions"][&name]["policy"];
        let [statement] = list(&policy["Statement"]) else { panic!("{name}: {policy}") };
        assert_eq!(statement["Effect"], "Allow");
        assert_eq!(statement["Principal"], json!({"Service": "config.amazonaws.com"}), "{name}");
        assert_eq!(statement["Action"], "lambda:InvokeFunction");
        assert_eq!(statement["Condition"], json!({"StringEquals": {"AWS:SourceAccount": ACCOUNT}}), "{name}");
    }
}

#[test]
fn each_role_may_be_assumed_by_lambda_alone_and_has_no_managed_policy() {
    let roles = deployed()["roles"].as_object().unwrap();
    assert_eq!(roles.len(), RULES.len());
    for (name, role) in roles {
        let [statement] = list(&role["role"]["AssumeRolePolicyDocument"]["Statement"]) else {
            panic!("{role}")
        };
        assert_eq!(statement["Principal"], json!({"Service": "lambda.amazonaws.com"}), "{name}");
        assert_eq!(role["attached"], json!([]), "{name}");
    }
}

#[test]
fn alarms_watch_errors_throttles_and_duration_of_each_function_and_the_failures_of_all() {
    let alarms = list(&deployed()["alarms"]);
    let watched: BTreeSet<_> = alarms
        .iter()
        .map(|alarm| {
            let dimension = alarm["Dimensions"][0]["Value"].as_str().unwrap_or_default().to_owned();
            (alarm["MetricName"].as_str().unwrap(), dimension)
        })
        .collect();
    let of_function = |metric| RULES.iter().map(move |entry| (metric, function_name(entry.meta.name)));
    let mut wanted: BTreeSet<_> =
        ["Errors", "Throttles", "Duration"].into_iter().flat_map(of_function).collect();
    let queue = "serverless-conformance-failures".to_owned();
    wanted.extend([("ApproximateNumberOfMessagesVisible", queue), ("FinalFailures", String::new())]);
    assert_eq!(watched, wanted);
    for alarm in alarms {
        let topic = format!("arn:aws:sns:{REGION}:{ACCOUNT}:alarms");
        assert_eq!(alarm["AlarmActions"], json!([topic]), "{}", alarm["AlarmName"]);
    }
}

#[test]
fn final_failures_of_every_log_group_count_for_one_alarm() {
    let filters = list(&deployed()["filters"]);
    let groups: BTreeSet<_> = filters.iter().map(|filter| filter["logGroupName"].as_str().unwrap()).collect();
    assert_eq!(groups.len(), RULES.len());
    for filter in filters {
        let [metric] = list(&filter["metricTransformations"]) else { panic!("{filter}") };
        assert_eq!(metric["metricNamespace"], "ServerlessConformance");
        assert_eq!(metric["metricName"], "FinalFailures");
        assert_eq!(filter["filterPattern"], "{ $.retry IS FALSE }");
    }
}

#[test]
fn failures_are_kept_encrypted_for_14_days() {
    let queue = &deployed()["queue"];
    assert_eq!(queue["SqsManagedSseEnabled"], "true");
    let fortnight = 14 * 24 * 60 * 60;
    assert_eq!(queue["MessageRetentionPeriod"], fortnight.to_string());
    let policy: Value = serde_json::from_str(queue["Policy"].as_str().unwrap()).unwrap();
    let refused = json!({"Bool": {"aws:SecureTransport": "false"}});
    assert_eq!(
        (&policy["Statement"][0]["Effect"], &policy["Statement"][0]["Condition"]),
        (&json!("Deny"), &refused)
    );
}

#[test]
fn each_function_is_exported_under_the_name_that_the_pack_imports() {
    let exported: BTreeMap<_, _> = list(&deployed()["exports"])
        .iter()
        .map(|export| (export["Name"].as_str().unwrap(), export["Value"].as_str().unwrap()))
        .collect();
    for entry in RULES {
        let rule = entry.meta.name;
        let arn = format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{}", function_name(rule));
        assert_eq!(exported.get(format!("serverless-conformance:{rule}").as_str()), Some(&arn.as_str()));
    }
    assert_eq!(exported.len(), RULES.len());
}

#[test]
fn the_stack_s_tag_reaches_what_can_bear_one() {
    for (name, function) in deployed()["functions"].as_object().unwrap() {
        assert_eq!(function["tags"]["application"], "serverless-conformance", "{name}");
    }
    let tag = json!({"Key": "application", "Value": "serverless-conformance"});
    for (name, role) in deployed()["roles"].as_object().unwrap() {
        assert!(list(&role["role"]["Tags"]).contains(&tag), "{name}");
    }
}

#[test]
fn a_deployed_function_judges_a_change_and_reports_it() {
    let invocation = &deployed()["invocation"];
    assert_eq!(
        (&invocation["error"], &invocation["payload"]),
        (&Value::Null, &json!("null")),
        "{invocation}"
    );
    let lines = invocation["log"].as_str().unwrap().lines();
    let evaluations: Vec<Value> = lines
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|line| line["message"] == "evaluated")
        .collect();
    let [evaluation] = &evaluations[..] else { panic!("{invocation}") };
    assert_eq!(evaluation["evaluation"]["resourceType"], "AWS::Lambda::Function");
    assert_eq!(evaluation["evaluation"]["rule"], "lambda-small-single-purpose");
}

fn function_name(rule: &str) -> String {
    format!("serverless-conformance-{rule}")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

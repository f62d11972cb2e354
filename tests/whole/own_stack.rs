//! Our own stack, judged by our own rules: items in the shapes in which AWS Config records them, of what a deployment
//! makes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::command::reports;
use crate::ministack::{ACCOUNT, REGION, deployed};

#[test]
fn deployed_by_a_pipeline_and_with_a_topic_for_alarms_our_stack_passes_our_rules() {
    let found = found(&items(ALARMS_TELL_A_TOPIC, DEPLOYED_BY_A_PIPELINE));
    assert_eq!(found, BTreeSet::new());
}

#[test]
fn deployed_by_hand_and_without_a_topic_our_rules_say_so() {
    let found = found(&items(!ALARMS_TELL_A_TOPIC, !DEPLOYED_BY_A_PIPELINE));
    let wanted = ["alarm-tells-nobody", "no-pipeline-evidence"].map(ToOwned::to_owned);
    assert_eq!(found, BTreeSet::from(wanted));
}

const ALARMS_TELL_A_TOPIC: bool = true;
const DEPLOYED_BY_A_PIPELINE: bool = true;

/// The checks of medium severity or above that find something in our stack, over all of its resources.
fn found(items: &[Value]) -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("items.json"), json!({"configurationItems": items}).to_string()).unwrap();
    let (reports, _) = reports("check", folder.path(), &[]);
    // The account is not the stack's.
    let of_stack: Vec<_> = reports.iter().filter(|report| report["rule"] != "account-audited").collect();

    let mut judged: BTreeMap<&str, usize> = BTreeMap::new();
    for report in of_stack.iter().filter(|report| report["compliance"] != "NOT_APPLICABLE") {
        *judged.entry(report["rule"].as_str().unwrap()).or_default() += 1;
    }
    // Of the nine rules one is about APIs, of which there are none; roles are judged beside the functions.
    assert_eq!(judged.len(), 7, "{judged:?}");
    assert_eq!(judged["lambda-monitored"], 9);
    assert_eq!(judged["lambda-role-least-privilege"], 18);
    assert_eq!(judged["stack-per-resource-type"], 1);

    let findings = of_stack.iter().flat_map(|report| report["findings"].as_array().unwrap());
    findings
        .filter(|finding| ["medium", "high", "critical"].contains(&finding["severity"].as_str().unwrap()))
        .map(|finding| finding["check"].as_str().unwrap().to_owned())
        .collect()
}

/// The stack's items, with the recorder's and, where a pipeline deploys, that of its identity provider.
fn items(alarms_tell_a_topic: bool, deployed_by_a_pipeline: bool) -> Vec<Value> {
    let deployed = deployed();
    let mut items = vec![recorder(), stack()];
    items.extend(deployed["functions"].as_object().unwrap().values().map(function));
    items.extend(deployed["roles"].as_object().unwrap().values().map(role));
    items.push(queue(&deployed["queue"]));
    items.extend(deployed["alarms"].as_array().unwrap().iter().map(|alarm| {
        let mut item = alarm_item(alarm);
        if !alarms_tell_a_topic {
            item["configuration"]["alarmActions"] = json!([]);
        }
        item
    }));
    if deployed_by_a_pipeline {
        let arn = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com");
        let configuration = json!({
            "Arn": arn, "Url": "token.actions.githubusercontent.com", "ClientIdList": ["sts.amazonaws.com"],
            "ThumbprintList": [],
        });
        let mut item = item("AWS::IAM::OIDCProvider", &arn, &arn, &arn, &configuration);
        item["awsRegion"] = json!("global");
        items.push(item);
    }
    items
}

fn function(read_back: &Value) -> Value {
    let function = &read_back["configuration"];
    let text = |key: &str| function[key].as_str().unwrap();
    let configuration = json!({
        "functionName": function["FunctionName"], "functionArn": function["FunctionArn"],
        "runtime": function["Runtime"], "role": function["Role"], "handler": function["Handler"],
        // Programs of the dev profile are several times as large as what is deployed, which has at most 2.8 MB.
        "codeSize": 2_800_000, "description": function["Description"], "timeout": function["Timeout"],
        "memorySize": function["MemorySize"], "lastModified": "2026-11-25T09:00:10.000+0000",
        "codeSha256": function["CodeSha256"], "version": "$LATEST",
        // The emulator does not tell it; a test of the deployment reads it in the template.
        "deadLetterConfig": {"targetArn": deployed()["queue"]["QueueArn"]},
        "tracingConfig": {"mode": function["TracingConfig"]["Mode"]}, "revisionId": function["RevisionId"],
        "layers": [], "state": {"value": "Active"}, "lastUpdateStatus": "Successful", "fileSystemConfigs": [],
        "packageType": "Zip", "architectures": function["Architectures"], "ephemeralStorage": {"size": 512},
    });
    let name = text("FunctionName");
    let mut item = item("AWS::Lambda::Function", name, name, text("FunctionArn"), &configuration);
    item["supplementaryConfiguration"] =
        json!({"Policy": read_back["policy"].to_string(), "Tags": read_back["tags"]});
    item["tags"] = read_back["tags"].clone();
    item["relationships"] = json!([{
        "resourceId": null, "resourceName": text("Role").rsplit('/').next().unwrap(),
        "resourceType": "AWS::IAM::Role", "name": "Is associated with ",
    }]);
    item
}

fn role(read_back: &Value) -> Value {
    let role = &read_back["role"];
    let encoded = |document: &Value| utf8_percent_encode(&document.to_string(), NON_ALPHANUMERIC).to_string();
    let inline: Vec<_> = read_back["inline"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, document)| json!({"policyName": name, "policyDocument": encoded(document)}))
        .collect();
    let configuration = json!({
        "path": role["Path"], "roleName": role["RoleName"], "roleId": role["RoleId"], "arn": role["Arn"],
        "createDate": "2026-11-25T09:00:00.000Z",
        "assumeRolePolicyDocument": encoded(&role["AssumeRolePolicyDocument"]),
        "instanceProfileList": [], "rolePolicyList": inline, "attachedManagedPolicies": [],
        "permissionsBoundary": null, "tags": [], "roleLastUsed": null,
    });
    let text = |key: &str| role[key].as_str().unwrap();
    let mut item = item("AWS::IAM::Role", text("RoleId"), text("RoleName"), text("Arn"), &configuration);
    item["awsRegion"] = json!("global");
    item
}

fn queue(attributes: &Value) -> Value {
    let name = "serverless-conformance-failures";
    let url = format!("https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}");
    let mut configuration = attributes.clone();
    configuration["QueueName"] = json!(name);
    configuration["QueueUrl"] = json!(url);
    item("AWS::SQS::Queue", &url, name, attributes["QueueArn"].as_str().unwrap(), &configuration)
}

fn alarm_item(alarm: &Value) -> Value {
    let mut configuration = with_small_keys(alarm);
    configuration["okactions"] = configuration["oKActions"].take();
    configuration.as_object_mut().unwrap().remove("oKActions");
    let name = alarm["AlarmName"].as_str().unwrap();
    item("AWS::CloudWatch::Alarm", name, name, alarm["AlarmArn"].as_str().unwrap(), &configuration)
}

fn stack() -> Value {
    let read_back = &deployed()["stack"];
    let summaries: Vec<_> = deployed()["resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|resource| json!({
            "logicalResourceId": resource["LogicalResourceId"], "physicalResourceId": resource["PhysicalResourceId"],
            "resourceType": resource["ResourceType"], "resourceStatus": resource["ResourceStatus"],
            "lastUpdatedTimestamp": "Nov 25, 2026 9:00:20 AM",
            "driftInformation": {"stackResourceDriftStatus": "NOT_CHECKED"},
        }))
        .collect();
    let (id, name) = (read_back["StackId"].as_str().unwrap(), read_back["StackName"].as_str().unwrap());
    let configuration = json!({
        "stackId": id, "stackName": name, "parameters": [], "stackStatus": "CREATE_COMPLETE",
        "creationTime": "Nov 25, 2026 9:00:00 AM", "disableRollback": false,
        "notificationARNs": [], "capabilities": ["CAPABILITY_IAM"], "outputs": [],
        "tags": [{"key": "application", "value": "serverless-conformance"}],
        "enableTerminationProtection": false, "driftInformation": {"stackDriftStatus": "NOT_CHECKED"},
    });
    let mut item = item("AWS::CloudFormation::Stack", id, name, id, &configuration);
    item["supplementaryConfiguration"] = json!({"StackResourceSummaries": summaries});
    item["tags"] = json!({"application": "serverless-conformance"});
    item
}

/// A recorder of everything, so that what is missing is known to be missing.
fn recorder() -> Value {
    let configuration = json!({
        "Name": "default", "Recording": true,
        "RoleARN": format!("arn:aws:iam::{ACCOUNT}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"),
        "RecordingGroup": {
            "AllSupported": true, "IncludeGlobalResourceTypes": true, "ResourceTypes": [],
            "RecordingStrategy": {"UseOnly": "ALL_SUPPORTED_RESOURCE_TYPES"},
            "ExclusionByResourceTypes": {"ResourceTypes": []},
        },
    });
    let arn = format!("arn:aws:config:{REGION}:{ACCOUNT}:configuration-recorder/default/ile1mtfoly4cb9f6");
    item("AWS::Config::ConfigurationRecorder", "default", "default", &arn, &configuration)
}

/// An item that was recorded an hour after the deployment, which for the rules took place on a day of its own.
fn item(resource_type: &str, id: &str, name: &str, arn: &str, configuration: &Value) -> Value {
    json!({
        "configurationItemVersion": "1.3", "configurationItemCaptureTime": "2026-11-25T10:00:00.000Z",
        "configurationStateId": 1_795_600_800_000_u64, "configurationItemStatus": "OK",
        "awsAccountId": ACCOUNT, "awsRegion": REGION, "availabilityZone": "Not Applicable",
        "resourceType": resource_type, "resourceId": id, "resourceName": name, "ARN": arn, "tags": {},
        "relatedEvents": [], "relationships": [], "configuration": configuration, "supplementaryConfiguration": {},
    })
}

/// As the SDK for Java names members, and so does AWS Config.
fn with_small_keys(value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| (key[..1].to_lowercase() + &key[1..], with_small_keys(value)))
            .collect(),
        Value::Array(elements) => elements.iter().map(with_small_keys).collect(),
        other => other.clone(),
    }
}

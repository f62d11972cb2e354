//! IAM, simulated: every call that the functions make, against the policies of their roles as they are deployed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use catalog::RULES;
use iam_policy::{EffectivePermissions, Policy, PolicyDocument, table};
use serde_json::{Value, json};

use crate::command::reports;
use crate::ministack::{ACCOUNT, REGION, deployed};
use crate::recorded_calls::{RecordedCall, Relay};
use crate::sample_account;
use crate::template::is_of_the_platform;

#[test]
fn every_call_of_every_function_is_allowed_by_its_role() {
    let permissions = permissions();
    for (rule, calls) in calls_by_rule() {
        for (action, resource) in calls {
            let is_allowed = is_allowed(&permissions[rule.as_str()], &action, &resource);
            assert!(is_allowed, "{rule}: its role does not allow `{action}` on `{resource}`");
        }
    }
}

#[test]
fn no_role_allows_an_action_that_its_function_never_calls() {
    let calls = calls_by_rule();
    let permissions = permissions();
    let mut never_called = Vec::new();
    for entry in RULES {
        let rule = entry.meta.name;
        let called: BTreeSet<_> = calls[rule].iter().map(|(action, _)| action.as_str()).collect();
        let granted = granted(&permissions[rule]);
        let unused = granted.iter().filter(|action| !called.contains(action.as_str()));
        never_called.extend(unused.map(|action| format!("{rule}: {action}")));
    }
    assert!(never_called.is_empty(), "granted, but never called: {never_called:#?}");
}

#[test]
fn the_simulation_refuses_other_actions_other_accounts_and_other_rules_actions() {
    let permissions = permissions();
    let role = |account: &str| format!("arn:aws:iam::{account}:role/anything");
    let least_privilege = &permissions["lambda-role-least-privilege"];
    assert!(is_allowed(least_privilege, "iam:GetRole", &role(ACCOUNT)));
    assert!(!is_allowed(least_privilege, "iam:GetRole", &role("999999999999")));
    assert!(!is_allowed(least_privilege, "iam:PassRole", &role(ACCOUNT)));
    assert!(!is_allowed(&permissions["lambda-monitored"], "iam:GetRole", &role(ACCOUNT)));
}

#[test]
fn each_role_may_write_its_own_log_and_the_queue_of_failures_alone() {
    let permissions = permissions();
    for entry in RULES {
        let rule = entry.meta.name;
        let stream = |name: &str| {
            format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/{name}:log-stream:2026/11/25/a")
        };
        let allows = |action: &str, resource: &str| is_allowed(&permissions[rule], action, resource);
        assert!(allows("logs:PutLogEvents", &stream(&format!("serverless-conformance-{rule}"))), "{rule}");
        assert!(!allows("logs:PutLogEvents", &stream("orders")), "{rule}");
        let queue = |name: &str| format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}");
        assert!(allows("sqs:SendMessage", &queue("serverless-conformance-failures")), "{rule}");
        assert!(!allows("sqs:SendMessage", &queue("orders")), "{rule}");
        assert!(allows("xray:PutTraceSegments", "*"), "{rule}");
    }
}

/// The permissions of each rule's role, as deployed.
fn permissions() -> BTreeMap<&'static str, EffectivePermissions> {
    let of_rule = |rule: &'static str| {
        let function = &deployed()["functions"][format!("serverless-conformance-{rule}")]["configuration"];
        let role = function["Role"].as_str().unwrap().rsplit('/').next().unwrap();
        let inline = deployed()["roles"][role]["inline"].as_object().unwrap();
        let read = |(name, document): (&String, &Value)| {
            Policy::inline(name, PolicyDocument::read(document).unwrap())
        };
        let policies: Vec<_> = inline.iter().map(read).collect();
        for statement in policies.iter().flat_map(|policy| &policy.document.statements) {
            assert!(statement.conditions.are_none(), "{rule}: conditions are not simulated");
        }
        (rule, EffectivePermissions::new(policies, None))
    };
    RULES.iter().map(|entry| of_rule(entry.meta.name)).collect()
}

fn is_allowed(permissions: &EffectivePermissions, action: &str, resource: &str) -> bool {
    let action = table::action(action).unwrap_or_else(|| panic!("IAM knows no action `{action}`"));
    let mut grants = permissions.grants();
    grants.any(|grant| grant.names(action) && grant.resources(action).contains(resource))
}

/// What a role allows, without what Lambda does with it.
fn granted(permissions: &EffectivePermissions) -> BTreeSet<String> {
    let statements = permissions.policies().iter().flat_map(|policy| policy.document.allows());
    let patterns = statements.flat_map(|statement| statement.actions.patterns());
    let names = patterns.map(|pattern| pattern.as_str().to_owned());
    names.filter(|name| !is_of_the_platform(name)).collect()
}

/// What each rule's function called, and on what, over accounts that take it down every path.
fn calls_by_rule() -> BTreeMap<String, BTreeSet<(String, String)>> {
    static CALLS: OnceLock<Vec<RecordedCall>> = OnceLock::new();
    let calls = CALLS.get_or_init(|| {
        let relay = Relay::start();
        let folder = tempfile::tempdir().unwrap();
        let functions = folder.path().join("functions");
        relay.write_functions(&functions);
        let run = |account: &str, rules: &[&str]| {
            let mut arguments = vec!["--functions", functions.to_str().unwrap()];
            arguments.extend(rules.iter().flat_map(|rule| ["--rule", rule]));
            let (run, _) = reports("run", &folder.path().join(account), &arguments);
            assert!(30 <= run.len(), "only {} results", run.len());
        };
        write_account(&folder.path().join("recorded"), true);
        write_account(&folder.path().join("iam-not-recorded"), false);
        run("recorded", &[]);
        // Queries have been seen to leave out types that are recorded.
        relay.hide("AWS::");
        run("recorded", &[]);
        relay.hide("AWS::IAM::");
        run("iam-not-recorded", &["lambda-role-least-privilege", "lambda-grouped-in-microservice"]);
        relay.calls()
    });
    let mut by_rule: BTreeMap<String, BTreeSet<_>> = BTreeMap::new();
    for call in calls {
        by_rule.entry(call.rule.clone()).or_default().insert((call.action.clone(), resource_of(call)));
    }
    by_rule
}

/// The resource that IAM is asked about for a call.
///
/// Source: Service Authorization Reference, "The actions table" of each service.
fn resource_of(call: &RecordedCall) -> String {
    let named = |member: &str| call.input[member].as_str().unwrap_or_else(|| panic!("{call:?}")).to_owned();
    let of_config = |resource: &str| format!("arn:aws:config:{REGION}:{ACCOUNT}:{resource}");
    let of_iam = |resource: &str| format!("arn:aws:iam::{ACCOUNT}:{resource}");
    let action = table::action(&call.action).unwrap_or_else(|| panic!("IAM knows no such action: {call:?}"));
    match call.action.as_str() {
        "config:DescribeConfigurationRecorders" | "config:DescribeConfigurationRecorderStatus" => {
            of_config("configuration-recorder/default/ile1mtfoly4cb9f6")
        }
        // The rule is named, but its resource is known by an id.
        "config:GetComplianceDetailsByConfigRule" => {
            assert!(!named("ConfigRuleName").is_empty());
            of_config("config-rule/config-rule-abc123")
        }
        "iam:GetRole" | "iam:GetRolePolicy" | "iam:ListAttachedRolePolicies" | "iam:ListRolePolicies" => {
            of_iam(&format!("role/{}", named("RoleName")))
        }
        "iam:GetPolicy" | "iam:GetPolicyVersion" => named("PolicyArn"),
        _ if !action.is_restrictable() => "*".to_owned(),
        _ => panic!("on which resource is `{}`?", call.action),
    }
}

/// The sample account, with items too large for a notification. Where IAM is not recorded, it knows what was recorded.
fn write_account(folder: &Path, is_iam_recorded: bool) {
    fs::create_dir_all(folder).unwrap();
    for file in fs::read_dir(sample_account::folder()).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "md") {
            fs::copy(&path, folder.join(path.file_name().unwrap())).unwrap();
        }
    }
    let items = sample_account::items();
    let mut more: Vec<_> = items.iter().filter(|item| item["configuration"].is_object()).fold(
        Vec::new(),
        |mut large: Vec<Value>, item| {
            if large.iter().all(|other| other["resourceType"] != item["resourceType"]) {
                large.push(padded(item));
            }
            large
        },
    );
    if !is_iam_recorded {
        let iam = folder.join("iam.json");
        let recorded: Value = serde_json::from_str(&fs::read_to_string(&iam).unwrap()).unwrap();
        fs::write(folder.join("authorization-details.json"), authorization_details(&recorded).to_string())
            .unwrap();
        fs::remove_file(iam).unwrap();
        more.push(recorder_without_iam(&items));
    }
    fs::write(folder.join("more.json"), json!({"configurationItems": more}).to_string()).unwrap();
}

/// The same resource, later, with an item that is too large for a notification.
fn padded(item: &Value) -> Value {
    let mut padded = item.clone();
    padded["configurationItemCaptureTime"] = json!("2026-11-15T06:30:00.000Z");
    padded["configurationStateId"] = json!(1_794_724_200_000_u64);
    padded["configuration"]["padding"] = json!("x".repeat(300_000));
    padded
}

/// The recorder, told to leave out what is global.
fn recorder_without_iam(items: &[Value]) -> Value {
    let is_recorder = |item: &&Value| item["resourceType"] == "AWS::Config::ConfigurationRecorder";
    let mut recorder = items.iter().find(is_recorder).unwrap().clone();
    recorder["configurationItemCaptureTime"] = json!("2026-11-15T06:30:00.000Z");
    recorder["configurationStateId"] = json!(1_794_724_200_000_u64);
    recorder["configuration"]["RecordingGroup"]["IncludeGlobalResourceTypes"] = json!(false);
    recorder
}

/// What `aws iam get-account-authorization-details` says of the recorded roles and policies.
fn authorization_details(recorded: &Value) -> Value {
    let of_type = |wanted: &str| -> Vec<Value> {
        let items = recorded["configurationItems"].as_array().unwrap().iter();
        items
            .filter(|item| item["resourceType"] == wanted)
            .map(|item| serde_json::from_str(item["configuration"].as_str().unwrap()).unwrap())
            .map(|configuration: Value| with_capital_keys(&configuration))
            .collect()
    };
    json!({
        "UserDetailList": [], "GroupDetailList": [],
        "RoleDetailList": of_type("AWS::IAM::Role"), "Policies": of_type("AWS::IAM::Policy"),
    })
}

fn with_capital_keys(value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| (key[..1].to_uppercase() + &key[1..], with_capital_keys(value)))
            .collect(),
        Value::Array(elements) => elements.iter().map(with_capital_keys).collect(),
        other => other.clone(),
    }
}

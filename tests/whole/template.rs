//! `template.yaml` as people write it: what others' tools say of it, and that its blocks agree.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use catalog::RULES;
use config_rule::Entry;
use serde_json::Value;

use crate::clients::EMULATORS_ACCOUNT;
use crate::cloudformation::{of_type, one_or_many, references, yaml};
use crate::command::told;
use crate::events::{TEST_TOKEN, documented_notifications, event};
use crate::runtime_emulator::Emulated;
use crate::sample_account;
use crate::served::Served;
use crate::workspace::{binaries, python_tool, root, text};

/// What Lambda itself does with a function's role; no rule calls it.
const OF_THE_PLATFORM: [&str; 5] = [
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "sqs:SendMessage",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
];

#[test]
fn each_function_is_granted_exactly_what_its_rule_calls() {
    let template = yaml("template.yaml");
    for entry in RULES {
        let granted: BTreeSet<_> = statements(&template, entry)
            .iter()
            .flat_map(|statement| one_or_many(&statement["Action"]))
            .filter(|action| !is_of_the_platform(action))
            .collect();
        let required: BTreeSet<_> =
            config_lambda::required_actions(entry.meta).into_iter().map(ToOwned::to_owned).collect();
        assert_eq!(
            granted, required,
            "{}: `template.yaml` grants (left), the rule calls (right)",
            entry.meta.name
        );
    }
}

#[test]
fn the_blocks_of_the_rules_differ_in_names_memory_timeout_and_grants_only() {
    let blocks: Vec<_> =
        RULES.iter().map(|entry| (entry.meta.name, without_what_may_differ(&block(entry)))).collect();
    for (name, block) in &blocks {
        assert_eq!(*block, blocks[0].1, "the blocks of {name} (left) and {} (right)", blocks[0].0);
    }
}

#[test]
fn an_alarm_goes_off_before_a_function_runs_out_of_time() {
    let template = yaml("template.yaml");
    for entry in RULES {
        let id = pascal_case(entry.meta.name);
        let timeout =
            template["Resources"][format!("{id}Function")]["Properties"]["Timeout"].as_u64().unwrap();
        let alarm = &template["Resources"][format!("{id}DurationAlarm")]["Properties"];
        let milliseconds = timeout * 1000;
        assert_eq!(alarm["Threshold"], milliseconds * 4 / 5, "{id}: four fifths of {milliseconds} ms");
    }
}

#[test]
fn every_alarm_tells_the_topic_if_there_is_one_and_missing_data_is_no_alarm() {
    let template = yaml("template.yaml");
    let alarms: Vec<_> = of_type(&template, "AWS::CloudWatch::Alarm").collect();
    assert_eq!(
        alarms.len(),
        3 * RULES.len() + 2,
        "three for each rule, the queue's and the refused reports'"
    );
    for (id, alarm) in alarms {
        assert_eq!(references(&alarm["Properties"]["AlarmActions"]), ["AlarmTopicArn"], "{id}");
        assert_eq!(alarm["Properties"]["TreatMissingData"], "notBreaching", "{id}");
    }
}

#[test]
fn sam_and_cfn_lint_accept_the_template_and_every_pack() {
    let validated = sam(&root(), &["validate", "--lint", "--region", "eu-west-1"]);
    assert!(validated.status.success(), "{}", told(&validated));
    let mut linted = Command::new(python_tool("cfn-lint"));
    linted.current_dir(root()).arg("template.yaml");
    for file in fs::read_dir(root().join("conformance-pack")).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            linted.arg(path);
        }
    }
    let linted = linted.output().unwrap();
    assert!(linted.status.success(), "{}", told(&linted));
}

#[test]
fn checkov_finds_nothing_but_what_is_explained() {
    let explained = skipped_checks();
    let without_config = tempfile::tempdir().unwrap();
    fs::copy(root().join("template.yaml"), without_config.path().join("template.yaml")).unwrap();
    let found = checkov(without_config.path());
    assert_eq!(found, explained, "Checkov finds (left), `.checkov.yaml` explains (right)");
}

#[test]
fn make_deploy_tells_sam_the_region_that_it_would_not_read_itself() {
    for (given, region) in [
        (&["AWS_REGION=eu-west-1"][..], "eu-west-1"),
        (&["AWS_REGION=eu-west-1", "REGION=us-east-1"], "us-east-1"),
    ] {
        let planned = Command::new("make")
            .args(["--dry-run", "deploy"])
            .args(given)
            .current_dir(root())
            .output()
            .unwrap();
        assert!(planned.status.success(), "{}", told(&planned));
        let planned = String::from_utf8(planned.stdout).unwrap().replace("\\\n", "");
        let sam = planned.lines().find(|line| line.contains("sam deploy")).unwrap();
        assert!(sam.contains(&format!("--region {region} ")), "{sam}");
    }
}

#[test]
fn sam_build_makes_nine_artefacts_that_answer_under_the_runtime_interface_emulator() {
    let folder = deployable();
    let built = sam(folder.path(), &["build"]);
    assert!(built.status.success(), "{}", told(&built));
    let built = folder.path().join(".aws-sam/build");
    let template: Value =
        serde_saphyr::from_str(&fs::read_to_string(built.join("template.yaml")).unwrap()).unwrap();
    let artefacts: Vec<_> = of_type(&template, "AWS::Serverless::Function").collect();
    assert_eq!(artefacts.len(), 9);

    let served = Served::over(&sample_account::folder());
    let events = documented_notifications();
    for (id, function) in artefacts {
        let code = built.join(function["Properties"]["CodeUri"].as_str().unwrap());
        let emulated = Emulated::start(&code.join("bootstrap"), &served.endpoint);
        for (name, invoking_event) in &events {
            let answer = emulated.invoke(&event(EMULATORS_ACCOUNT, TEST_TOKEN, invoking_event, "{}"));
            // The event's rule is not deployed there, so nobody knows its earlier results, for which a schedule asks.
            let message = answer["errorMessage"].as_str().unwrap_or_default();
            let is_of_no_rule = *name == "scheduled" && message.contains("NoSuchConfigRuleException");
            assert!(answer.get("errorType").is_none() || is_of_no_rule, "{id}, event `{name}`: {answer}");
        }
    }
}

#[test]
fn what_lambda_could_not_run_is_refused_before_it_is_deployed() {
    const X86_64: u8 = 62;
    const ARM64: u8 = 183;
    let program =
        |machine: u8, content: &str| [&b"\x7fELF"[..], &[0; 14], &[machine, 0], content.as_bytes()].concat();
    for (content, complaint) in [
        (program(ARM64, "GLIBC_2.17 GLIBC_2.34"), None),
        (
            program(ARM64, "GLIBC_2.17 GLIBC_2.35"),
            Some("needs glibc 2.34 at most, found one that needs 2.35"),
        ),
        (program(X86_64, ""), Some("a program for arm64, found one for x86_64")),
        (b"#!/bin/sh".to_vec(), Some("a program for Linux, found something else")),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let bootstrap = folder.path().join("bootstrap");
        fs::write(&bootstrap, content).unwrap();
        let mut looked_at = Command::new(python_tool("python"));
        looked_at.arg(root().join("deploy/packages.py")).args(["arm64", bootstrap.to_str().unwrap()]);
        let looked_at = looked_at.output().unwrap();
        match complaint {
            None => assert!(looked_at.status.success(), "{}", told(&looked_at)),
            Some(complaint) => {
                assert_eq!(looked_at.status.code(), Some(2), "{}", told(&looked_at));
                assert!(told(&looked_at).contains(complaint), "{}", told(&looked_at));
            }
        }
    }
}

/// A folder with everything that `sam build` and `sam deploy` need: programs of the dev profile stand in for what
/// `make build` makes.
pub(crate) fn deployable() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in ["template.yaml", "samconfig.toml"] {
        fs::copy(root().join(file), folder.path().join(file)).unwrap();
    }
    for entry in RULES {
        let code = folder.path().join("target/lambda").join(entry.meta.name);
        fs::create_dir_all(&code).unwrap();
        fs::copy(binaries().join(entry.meta.name), code.join("bootstrap")).unwrap();
    }
    folder
}

/// Runs SAM CLI, which then reports nothing to its makers.
fn sam(folder: &Path, arguments: &[&str]) -> Output {
    let mut sam = Command::new(python_tool("sam"));
    sam.args(arguments).current_dir(folder).env("SAM_CLI_TELEMETRY", "0").output().unwrap()
}

/// The ids of the checks that Checkov says the template fails.
fn checkov(folder: &Path) -> BTreeSet<String> {
    let run = Command::new(python_tool("../checkov/bin/checkov"))
        .args(["--file", "template.yaml", "--framework", "cloudformation", "--output", "json", "--soft-fail"])
        // Else it asks its makers for links to their pages.
        .arg("--skip-download")
        .current_dir(folder)
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&run.stdout).unwrap_or_else(|_| panic!("{}", told(&run)));
    assert!(100 < report["summary"]["passed"].as_u64().unwrap(), "Checkov has hardly looked: {report}");
    let failed = report["results"]["failed_checks"].as_array().unwrap();
    failed.iter().map(|check| check["check_id"].as_str().unwrap().to_owned()).collect()
}

/// The checks that `.checkov.yaml` leaves out, each of which it must explain.
fn skipped_checks() -> BTreeSet<String> {
    let settings = text(".checkov.yaml");
    let mut skipped = BTreeSet::new();
    let mut explanation = "";
    for line in settings.lines().map(str::trim) {
        if let Some(comment) = line.strip_prefix("# ") {
            explanation = comment;
        } else if let Some(id) = line.strip_prefix("- CKV") {
            assert!(20 < explanation.len(), "`.checkov.yaml`: CKV{id} is left out without a reason");
            skipped.insert(format!("CKV{id}"));
            explanation = "";
        }
    }
    skipped
}

/// The text of a rule's block in the template.
fn block(entry: &Entry) -> String {
    let template = text("template.yaml");
    let start = format!("  # --- {} ---\n", entry.meta.name);
    let (_, block) = template.split_once(&start).unwrap_or_else(|| panic!("no block starts with {start}"));
    let end = block.find("\n  # --- ").or_else(|| block.find("\nOutputs:")).unwrap();
    let names = [(pascal_case(entry.meta.name), "Rule"), (entry.meta.name.to_owned(), "rule")];
    names.iter().fold(block[..end].to_owned(), |block, (name, general)| block.replace(name, general))
}

/// Leaves out comments, the sizes with what follows from them, and the policy that grants what the rule calls.
fn without_what_may_differ(block: &str) -> String {
    let mut is_own_policy = false;
    let mut lines = Vec::new();
    for line in block.lines() {
        if line.trim_start().starts_with("- PolicyName:") {
            is_own_policy = line.ends_with("report-to-aws-config");
        }
        let differs = ["MemorySize:", "Timeout:", "Threshold:", "#"];
        if !is_own_policy && !differs.iter().any(|start| line.trim_start().starts_with(start)) {
            lines.push(line);
        }
    }
    lines.join("\n")
}

/// The policy statements of a rule's role.
fn statements(template: &Value, entry: &Entry) -> Vec<Value> {
    let function = &template["Resources"][format!("{}Function", pascal_case(entry.meta.name))];
    let role = references(&function["Properties"]["Role"]).pop().expect("each function names its role");
    let policies = template["Resources"][&role]["Properties"]["Policies"].as_array().unwrap();
    policies
        .iter()
        .flat_map(|policy| policy["PolicyDocument"]["Statement"].as_array().unwrap().clone())
        .collect()
}

pub(crate) fn is_of_the_platform(action: &str) -> bool {
    OF_THE_PLATFORM.contains(&action)
}

/// `lambda-monitored` as a logical id starts: `LambdaMonitored`.
fn pascal_case(name: &str) -> String {
    let capitalized = |word: &str| word[..1].to_uppercase() + &word[1..];
    name.split('-').map(capitalized).collect()
}

//! A rule of three verdicts and one check, and folders of cases that are wrong in one way each.

use std::fs;

use config_rule::{
    Check, Finding, Inventory, InventoryError, Known, Missing, Outcome, Rule, RuleMeta, Selector, Severity,
    Subject, Trigger,
};
use serde_json::json;

use super::*;

#[test]
fn cases_that_hold_are_silent() {
    assert_eq!(failures_of(&[SLOW, QUICK, GONE, VAGUE]), [""; 0]);
}

#[test]
fn a_wrong_verdict_is_shown_with_both_sides() {
    let wrong = SLOW.replace("NON_COMPLIANT", "COMPLIANT");
    let failures = failures_of(&[&wrong, QUICK, GONE, VAGUE]);
    assert_eq!(
        failures,
        ["case-0.yaml, \"a slow one\":\n  compliance\n    expected: COMPLIANT\n    got:      NON_COMPLIANT"]
    );
}

#[test]
fn a_wrong_finding_is_shown_with_both_sides() {
    let wrong = SLOW.replace("seen: times out after 60 s", "seen: times out after 61 s");
    let failures = failures_of(&[&wrong, QUICK, GONE, VAGUE]);
    assert_eq!(failures.len(), 1);
    assert!(failures[0].contains("seen: times out after 61 s"), "{}", failures[0]);
    assert!(failures[0].contains("seen: times out after 60 s"), "{}", failures[0]);
}

#[test]
fn an_annotation_that_is_not_expected_is_a_failure() {
    let wrong = SLOW.replace("  annotation: \"timeout-too-long: times out after 60 s, at most 30 s\"\n", "");
    let failures = failures_of(&[&wrong, QUICK, GONE, VAGUE]);
    assert_eq!(failures.len(), 1);
    assert!(failures[0].contains("expected: none"), "{}", failures[0]);
}

#[test]
fn an_unknown_key_of_a_case_is_a_failure() {
    let wrong = SLOW.replace("given:", "givn: {}\ngiven:");
    let failures = failures_of(&[&wrong, SLOW, QUICK, GONE, VAGUE]);
    assert_eq!(failures.len(), 1);
    assert!(
        failures[0].starts_with("case-0.yaml: case 1 (\"a slow one\"): unknown field `givn`"),
        "{}",
        failures[0]
    );
}

#[test]
fn an_unknown_key_of_an_item_is_a_failure() {
    let wrong = SLOW.replace("configuration: {timeout: 60}", "configuration: {timeOut: 60}");
    let failures = failures_of(&[&wrong, &SLOW.replace("a slow one", "another"), QUICK, GONE, VAGUE]);
    assert_eq!(failures.len(), 1);
    assert!(
        failures[0].contains("`configuration.timeOut` is not in AWS's published item schema"),
        "{}",
        failures[0]
    );
}

#[test]
fn an_item_that_mixes_shapes_is_a_failure() {
    for item in [
        json!({"ARN": "arn:a", "accountId": "111122223333"}),
        json!({"ARN": "arn:a", "configuration": "{}"}),
        json!({"ARN": "arn:a", "tags": []}),
        json!({"arn": "arn:a", "configuration": {}, "tags": {}}),
        json!({"configurationItemSummary": {}}),
    ] {
        let mut item = item;
        item["resourceType"] = json!("AWS::Lambda::Function");
        item["resourceId"] = json!("orders");
        assert_eq!(undocumented_properties(&item).len(), 1, "{item}");
    }
}

#[test]
fn a_file_that_does_not_say_where_its_shape_comes_from_is_a_failure() {
    let wrong = SLOW.replace("# Shape: notification.\n", "");
    assert_eq!(
        failures_of(&[&wrong, QUICK, GONE, VAGUE]),
        ["case-0.yaml: expected a comment in the first line that says where the shape comes from"]
    );
}

#[test]
fn two_cases_of_one_name_are_a_failure() {
    assert_eq!(
        failures_of(&[SLOW, SLOW, QUICK, GONE, VAGUE]),
        ["case-1.yaml, \"a slow one\":\n  another case has the same name"]
    );
}

#[test]
fn a_folder_without_cases_is_a_failure() {
    assert_eq!(failures_of(&[]), ["expected at least one `.yaml` file, found none"]);
}

#[test]
fn what_no_case_shows_is_a_failure() {
    assert_eq!(
        failures_of(&[QUICK]),
        [
            "no case is NON_COMPLIANT",
            "no case is NOT_APPLICABLE",
            "no case in which `timeout-too-long` finds something",
            "no case in which `timeout-too-long` lacks evidence and is not decided"
        ]
    );
    assert_eq!(
        failures_of(&[SLOW, GONE]),
        [
            "no case is COMPLIANT",
            "no case in which `timeout-too-long` is decided and finds nothing",
            "no case in which `timeout-too-long` lacks evidence and is not decided"
        ]
    );
    assert_eq!(
        failures_of(&[SLOW, QUICK, GONE]),
        ["no case in which `timeout-too-long` lacks evidence and is not decided"]
    );
}

#[test]
fn several_cases_fit_into_one_file() {
    let list: Vec<_> = [SLOW, QUICK, GONE, VAGUE]
        .iter()
        .map(|case| {
            let body: Vec<_> = case.lines().skip(1).collect();
            format!("- {}", body.join("\n  "))
        })
        .collect();
    assert_eq!(failures_of(&[&format!("# Shape: notification.\n{}\n", list.join("\n"))]), [""; 0]);
}

#[test]
#[should_panic(expected = "one failure of the cases of `lambda-small-single-purpose`")]
fn a_failure_panics() {
    let folder = folder_of(&[SLOW, QUICK, VAGUE, &GONE.replace("NOT_APPLICABLE", "COMPLIANT")]);
    run_cases(&Entry::of::<Quick>(), folder.path());
}

#[test]
fn an_inventory_knows_only_what_is_recorded() {
    let item = |id: &str, status: &str| {
        Document::from_item(json!({
            "resourceType": "AWS::S3::Bucket", "resourceId": id, "configurationItemStatus": status,
        }))
        .unwrap()
    };
    let documents = vec![item("a", "OK"), item("b", "ResourceDeleted")];
    let inventory = ItemsInventory::new(documents, ["AWS::SQS::Queue".to_owned()]);
    let found = |resource_type, selector| {
        let found = block_on(inventory.find(resource_type, selector)).unwrap();
        found.map(|documents| {
            documents.iter().map(|document| document.resource_id.clone()).collect::<Vec<_>>()
        })
    };
    assert_eq!(found("AWS::S3::Bucket", Selector::All), Known::Value(vec!["a".to_owned()]));
    assert_eq!(found("AWS::S3::Bucket", Selector::Id("b")), Known::Value(Vec::new()));
    assert_eq!(found("AWS::SQS::Queue", Selector::All), Known::Value(Vec::new()));
    let what = "AWS::SNS::Topic".to_owned();
    assert_eq!(found("AWS::SNS::Topic", Selector::All), Known::Unknown(Missing::NotRecorded { what }));
}

const SLOW: &str = "# Shape: notification.
name: a slow one
given:
  resourceType: AWS::Lambda::Function
  resourceId: orders
  configuration: {timeout: 60}
on: 2026-10-01
expect:
  compliance: NON_COMPLIANT
  annotation: \"timeout-too-long: times out after 60 s, at most 30 s\"
  findings: [{check: timeout-too-long, seen: times out after 60 s}]
";

const QUICK: &str = "# Shape: row.
name: a quick one
given:
  resourceType: AWS::Lambda::Function
  resourceId: orders
  arn: arn:aws:lambda:eu-west-1:111122223333:function:orders
  tags: [{key: service, tag: service=orders, value: orders}]
  configuration: {timeout: 3.0}
expect: {compliance: COMPLIANT}
";

const GONE: &str = "# Shape: history.
name: a deleted one
given:
  resourceType: AWS::Lambda::Function
  resourceId: orders
  configurationItemStatus: ResourceDeleted
  configuration: 'null'
expect: {compliance: NOT_APPLICABLE, annotation: the resource was deleted}
";

const VAGUE: &str = "# Shape: notification.
name: one whose timeout is not recorded
given:
  resourceType: AWS::Lambda::Function
  resourceId: orders
  configuration: {}
expect: {compliance: COMPLIANT, undecided: [timeout-too-long]}
";

fn failures_of(cases: &[&str]) -> Vec<String> {
    failures(&Entry::of::<Quick>(), folder_of(cases).path())
}

fn folder_of(cases: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (index, case) in cases.iter().enumerate() {
        fs::write(folder.path().join(format!("case-{index}.yaml")), case).unwrap();
    }
    folder
}

const SLOW_CHECK: Check =
    Check { id: "timeout-too-long", severity: Severity::Medium, title: "t", remedy: "r" };

struct Quick;

struct Timeout(Known<u64>);

impl Subject for Timeout {
    fn read(document: &Document) -> Option<Self> {
        Some(Self(document.properties().whole_number("configuration.timeout")))
    }
}

impl Rule for Quick {
    const META: RuleMeta = RuleMeta {
        name: "lambda-small-single-purpose",
        practice: 1,
        title: "t",
        checks_that: "t",
        subjects: &["AWS::Lambda::Function"],
        triggers: &[Trigger::Change],
        checks: &[&SLOW_CHECK],
        actions: &[],
    };
    type Subject = Timeout;
    type Parameters = ();
    type Facts = ();

    async fn gather(_: &Timeout, (): &(), _: &dyn Inventory) -> Result<(), InventoryError> {
        Ok(())
    }

    fn evaluate(timeout: &Timeout, (): &(), (): &(), _: Date) -> Outcome {
        let decided = timeout.0.get().map(|seconds| {
            (30 < *seconds).then(|| {
                Finding::new(
                    &SLOW_CHECK,
                    format!("times out after {seconds} s"),
                    "at most 30 s",
                    "configuration.timeout",
                )
            })
        });
        Outcome::judged().and(&SLOW_CHECK, decided)
    }
}

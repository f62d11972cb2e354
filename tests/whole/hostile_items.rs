//! No configuration item, however damaged, stops a rule: every property of every sample item in turn becomes something
//! that AWS would never write there.

use std::collections::BTreeMap;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use catalog::RULES;
use config_rule::{
    BoxFuture, Compliance, Date, Document, Documents, Inventory, InventoryError, Known,
    MAX_ANNOTATION_CHARACTERS, Missing, PreparedRule, Selector,
};
use serde_json::{Value, json};

use crate::sample_account::items;

#[test]
fn no_damaged_property_stops_a_rule_or_fails_a_resource_that_was_fine() {
    let rules: Vec<_> = RULES.iter().map(|entry| (entry, entry.prepare(&BTreeMap::new()).unwrap())).collect();
    let mut judged = 0;
    for item in items() {
        for path in paths(&item) {
            for damage in damages() {
                let mut damaged = item.clone();
                *at(&mut damaged, &path) = damage;
                let Ok(document) = Document::from_item(damaged) else { continue };
                for (entry, rule) in &rules {
                    if entry.meta.subjects.contains(&document.resource_type.as_str()) {
                        assert_is_sound(rule.as_ref(), &document);
                        judged += 1;
                    }
                }
            }
        }
    }
    assert!(10_000 < judged, "only {judged} damaged items were judged");
}

#[test]
fn a_megabyte_of_text_is_cut_to_an_annotation() {
    let long = "é".repeat(500_000);
    let stack = Document::from_item(json!({
        "resourceType": "AWS::CloudFormation::Stack", "resourceId": "s", "resourceName": "s", "tags": {},
        "configuration": {"stackName": "s", "stackStatus": "CREATE_COMPLETE"},
        "supplementaryConfiguration": {"StackResourceSummaries": [
            {"logicalResourceId": long, "physicalResourceId": "f", "resourceType": "AWS::Lambda::Function", "resourceStatus": "CREATE_COMPLETE"},
            {"logicalResourceId": "T", "physicalResourceId": long, "resourceType": "AWS::DynamoDB::Table", "resourceStatus": "CREATE_COMPLETE"},
        ]},
    }))
    .unwrap();
    let entry = RULES.iter().find(|entry| entry.meta.name == "stack-per-resource-type").unwrap();
    let rule = entry.prepare(&BTreeMap::new()).unwrap();
    assert_eq!(assert_is_sound(rule.as_ref(), &stack), Compliance::NonCompliant);
}

fn assert_is_sound(rule: &dyn PreparedRule, document: &Document) -> Compliance {
    let mut evaluation = pin!(rule.evaluate(document, &Blind, Date::constant(2026, 11, 15)));
    let Poll::Ready(verdict) = evaluation.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("a rule waits for something that is not its inventory")
    };
    let verdict = verdict.unwrap();
    let length = verdict.annotation.as_ref().map_or(1, |annotation| annotation.chars().count());
    assert!((1..=MAX_ANNOTATION_CHARACTERS).contains(&length), "{document:?}: {verdict:?}");
    verdict.compliance
}

/// Knows of nothing.
struct Blind;

impl Inventory for Blind {
    fn find<'a>(
        &'a self,
        resource_type: &'a str,
        _: Selector<'a>,
    ) -> BoxFuture<'a, Result<Known<Documents>, InventoryError>> {
        let missing = Missing::NotRecorded { what: resource_type.to_owned() };
        Box::pin(std::future::ready(Ok(Known::Unknown(missing))))
    }
}

fn damages() -> [Value; 9] {
    [
        Value::Null,
        json!(true),
        json!(0),
        json!(-1.5),
        json!(u64::MAX),
        json!("\u{0}%zz{\"a"),
        json!([]),
        json!({}),
        json!([[{"a": [null]}]]),
    ]
}

/// The way to every property, from the root.
fn paths(value: &Value) -> Vec<Vec<Step>> {
    let below = |step: Step, value: &Value| {
        let mut found = vec![vec![step.clone()]];
        found.extend(paths(value).into_iter().map(|rest| [vec![step.clone()], rest].concat()));
        found
    };
    match value {
        Value::Object(members) => {
            members.iter().flat_map(|(key, value)| below(Step::Key(key.clone()), value)).collect()
        }
        Value::Array(elements) => elements
            .iter()
            .enumerate()
            .take(3)
            .flat_map(|(index, value)| below(Step::Index(index), value))
            .collect(),
        _ => Vec::new(),
    }
}

#[derive(Clone)]
enum Step {
    Key(String),
    Index(usize),
}

fn at<'a>(value: &'a mut Value, path: &[Step]) -> &'a mut Value {
    path.iter().fold(value, |value, step| match step {
        Step::Key(key) => &mut value[key],
        Step::Index(index) => &mut value[index],
    })
}

//! Small policies, each with what is wrong with it and why: `micro-corpus.yaml`.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::judging::{Permissions, summary, verdict};

const CORPUS: &str = include_str!("micro-corpus.yaml");

#[test]
fn every_policy_gets_its_findings() {
    let entries = entries();
    assert!(entries.len() >= 60, "{}", entries.len());
    let mut wrong = Vec::new();
    for entry in &entries {
        let text = |key: &str| entry[key].as_str().unwrap_or_default();
        let found = summary(&verdict(&permissions(entry))).join(", ");
        if found != text("expect") {
            wrong.push(format!("{}\n  expected: {}\n  found:    {found}", text("name"), text("expect")));
        }
        assert!(text("why").contains("IAM") || text("why").contains("SAR"), "{}: no source", text("name"));
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), entries.len(), wrong.join("\n"));
}

#[test]
fn names_are_distinct_and_both_sides_are_there() {
    let entries = entries();
    let names: BTreeSet<_> = entries.iter().map(|entry| entry["name"].as_str()).collect();
    assert_eq!(names.len(), entries.len());
    let clean = entries.iter().filter(|entry| entry["expect"] == "").count();
    assert!(20 <= clean && clean + 20 <= entries.len(), "{clean} of {}", entries.len());
}

fn entries() -> Vec<Value> {
    serde_saphyr::from_str(CORPUS).expect("a list of policies")
}

fn permissions(entry: &Value) -> Permissions {
    let document = |statements: &Value| serde_json::json!({"Version": "2012-10-17", "Statement": statements});
    Permissions {
        inline: vec![document(&entry["statement"])],
        boundary: entry.get("boundary").map(document),
        ..Permissions::default()
    }
}

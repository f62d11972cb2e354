//! Waivers, which stand in a tag of the resource.

use std::collections::BTreeMap;

use catalog::RULES;
use config_rule::{Compliance, Document};
use local_aws_config::inventory::ItemsInventory;
use local_aws_config::items::ConfigurationItems;
use serde_json::json;

use super::{TODAY, sound_verdict};

const RULE: &str = "lambda-small-single-purpose";
const CHECK: &str = "timeout-too-long";

/// A finding is waived by a waiver that names it, or the rule, and a day to come; whatever else the tag says, it stays.
pub fn run(input: &[u8]) {
    let Ok(waiver) = std::str::from_utf8(input) else { return };
    let document = Document::from_item(json!({
        "resourceType": "AWS::Lambda::Function", "resourceId": "orders", "resourceName": "orders",
        "awsAccountId": "111122223333", "awsRegion": "eu-west-1", "tags": {"conformance-waiver": waiver},
        "configuration": {"functionName": "orders", "timeout": 900, "codeSize": 1000, "packageType": "Zip"},
        "supplementaryConfiguration": {},
    }))
    .expect("this is an item");
    let items = ConfigurationItems::from_documents(vec![document.clone()]);
    let scope = items.scopes().into_iter().next().expect("the item has a place");
    let entry = RULES.iter().find(|entry| entry.meta.name == RULE).expect("the rule is in the catalogue");
    let rule = entry.prepare(&BTreeMap::new()).expect("a rule takes its defaults");
    let verdict = sound_verdict(rule.as_ref(), &document, &ItemsInventory::new(&items, scope));
    let is_waived = verdict.waived.iter().any(|waived| waived.finding.check.id == CHECK);
    assert_ne!(is_waived, verdict.findings.iter().any(|finding| finding.check.id == CHECK), "{waiver:?}");
    if is_waived {
        let names: Vec<_> = waiver.split_whitespace().take_while(|word| *word != "until").collect();
        assert!(names.contains(&RULE) || names.contains(&CHECK), "{waiver:?}");
        assert!(
            verdict.waived.iter().all(|waived| TODAY <= waived.until && !waived.reason.trim().is_empty())
        );
    } else {
        assert_eq!(verdict.compliance, Compliance::NonCompliant, "{waiver:?}");
    }
}

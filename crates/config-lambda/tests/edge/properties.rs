//! What holds of every scheduled report, however many resources there are and were.

use std::collections::BTreeSet;

use proptest::collection::btree_set;
use proptest::prelude::*;
use serde_json::Value;

use crate::endpoint::{Answer, Endpoint};
use crate::events::{function_row, results, rows, scheduled};
use crate::rules;

/// The most evaluations that one call takes.
///
/// Source: AWS Config API Reference, `PutEvaluations`, `Evaluations`.
const BATCH: usize = 100;

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_resource_is_reported_once_every_vanished_one_is_retired_once_and_no_batch_is_too_large(
        current in btree_set(0_u32..400, 0..350),
        earlier in btree_set(0_u32..400, 0..350),
    ) {
        let requests = reports(&current, &earlier);
        let mut reported = Vec::new();
        for (index, request) in requests.iter().enumerate() {
            let batch = request["Evaluations"].as_array().unwrap();
            prop_assert!(batch.len() <= BATCH);
            prop_assert_eq!(&request["ResultToken"], "a-token");
            // Only a report of nothing is empty.
            prop_assert!(!batch.is_empty() || (requests.len() == 1 && index == 0));
            reported.extend(batch.iter().map(|evaluation| {
                let text = |key: &str| evaluation[key].as_str().unwrap().to_owned();
                (text("ComplianceResourceId"), text("ComplianceType"))
            }));
        }
        let number = |id: &String| id.strip_prefix('f').unwrap().parse::<u32>().unwrap();
        let (retired, judged): (Vec<_>, Vec<_>) =
            reported.iter().partition(|(_, compliance)| compliance == "NOT_APPLICABLE");
        prop_assert_eq!(judged.len(), current.len());
        prop_assert_eq!(judged.iter().map(|(id, _)| number(id)).collect::<BTreeSet<_>>(), current.clone());
        let vanished: BTreeSet<_> = earlier.difference(&current).copied().collect();
        prop_assert_eq!(retired.len(), vanished.len());
        prop_assert_eq!(retired.iter().map(|(id, _)| number(id)).collect::<BTreeSet<_>>(), vanished);
    }
}

/// What a function of a daily rule reports where these functions exist and those had a result.
fn reports(current: &BTreeSet<u32>, earlier: &BTreeSet<u32>) -> Vec<Value> {
    let names: Vec<_> = earlier.iter().map(|number| format!("f{number}")).collect();
    let earlier: Vec<_> = names.iter().map(|name| ("AWS::Lambda::Function", name.as_str())).collect();
    let current: Vec<_> = current.iter().map(|number| function_row(&format!("f{number}"), 61.0)).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let config = Endpoint::start([
            ("SelectResourceConfig", Answer::Ok(rows(&current))),
            ("GetComplianceDetailsByConfigRule", Answer::Ok(results(&earlier))),
        ])
        .await;
        config.invoke(&rules::DAILY, scheduled()).await.unwrap();
        config.requests("PutEvaluations")
    })
}

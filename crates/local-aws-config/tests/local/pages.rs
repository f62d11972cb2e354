//! Outputs that say of themselves that they are not all there is.

use config_rule::{Inventory as _, Known, Selector};
use local_aws_config::inventory::ItemsInventory;
use local_aws_config::items::Loaded;
use serde_json::{Value, json};

use crate::account::{coverage, findings, loaded, managed_rule};
use crate::support::{ACCOUNT, REGION, call, call_as, item, scope, started};

const ALARM: &str = "AWS::CloudWatch::Alarm";
const FUNCTION: &str = "AWS::Lambda::Function";
const MORE_PAGES: &str = "there are more pages: ask again without `--max-items`; what is missing here does not count \
                          as absent";

#[tokio::test]
async fn a_list_of_which_pages_are_missing_is_no_answer_and_what_it_names_is() {
    for key in ["NextToken", "nextToken"] {
        let mut rows = alarms();
        rows[key] = json!("eyJOZXh0VG9rZW4iOiBudWxsfQ==");
        let loaded = loaded(&[recorder(), rows]);
        assert_eq!(problems(&loaded), [MORE_PAGES]);
        for (selector, expected) in [
            (Selector::All, None),
            (Selector::ReferringTo("orders"), None),
            (Selector::Id("orders-errors"), Some(1)),
            (Selector::Named("orders-errors"), Some(1)),
            (Selector::Id("orders-throttles"), None),
        ] {
            assert_eq!(count(&loaded, ALARM, selector).await, expected, "{selector:?}");
        }
        assert_eq!(count(&loaded, FUNCTION, Selector::All).await, Some(0));
    }
}

#[tokio::test]
async fn a_file_that_breaks_off_says_nothing_about_what_it_lacks() {
    let rows = alarms()["Results"][0].as_str().unwrap().to_owned();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("alarms.json"), format!("[{rows}, {{\"resourceType\": ")).unwrap();
    let loaded =
        local_aws_config::items::load(&[folder.path().to_owned()], &mut |_, _| {}).expect("readable");
    assert!(problems(&loaded)[0].ends_with("the item before is kept"), "{:?}", problems(&loaded));
    assert_eq!(count(&loaded, ALARM, Selector::All).await, None);
    assert_eq!(count(&loaded, ALARM, Selector::Id("orders-errors")).await, Some(1));
}

#[tokio::test]
async fn an_output_without_a_next_page_is_complete() {
    for token in [Value::Null, json!("")] {
        let mut rows = alarms();
        rows["NextToken"] = token;
        for rows in [alarms(), rows] {
            let loaded = loaded(&[recorder(), rows]);
            assert_eq!(problems(&loaded), [""; 0]);
            assert_eq!(count(&loaded, ALARM, Selector::All).await, Some(1));
            assert_eq!(count(&loaded, ALARM, Selector::Id("orders-throttles")).await, Some(0));
        }
    }
}

#[tokio::test]
async fn a_page_is_one_wherever_its_token_stands() {
    let row = alarms()["Results"].to_string();
    let before = format!(r#"{{"NextToken": "t", "Results": {row}}}"#);
    let lines = format!("{before}\n{before}\n");
    let listed = format!("[{before}, {before}]");
    for text in [before, lines, listed] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("alarms.json"), text).unwrap();
        let loaded =
            local_aws_config::items::load(&[folder.path().to_owned()], &mut |_, _| {}).expect("readable");
        assert_eq!(problems(&loaded), [MORE_PAGES]);
        assert_eq!(count(&loaded, ALARM, Selector::All).await, None);
    }
}

#[tokio::test]
async fn resources_that_were_left_unprocessed_are_not_absent() {
    let key = |id: &str| json!({"resourceType": ALARM, "resourceId": id});
    for (keys, problem) in [
        (json!([key("a")]), Some("1 resource was left unprocessed")),
        (json!([key("a"), key("b")]), Some("2 resources were left unprocessed")),
        (json!([]), None),
    ] {
        let batch = json!({"baseConfigurationItems": [item("orders", 1)], "unprocessedResourceKeys": keys});
        let loaded = loaded(&[recorder(), batch]);
        let expected = problem
            .map(|problem| format!("{problem}: ask for what is missing, too; it does not count as absent"));
        assert_eq!(problems(&loaded), Vec::from_iter(expected));
        assert_eq!(count(&loaded, ALARM, Selector::All).await.is_none(), problem.is_some());
        assert_eq!(count(&loaded, FUNCTION, Selector::All).await, Some(1));
    }
}

#[tokio::test]
async fn a_page_of_a_history_lacks_older_items_and_no_resource() {
    let loaded = loaded(&[json!({"configurationItems": [item("orders", 1)], "nextToken": "t"})]);
    assert_eq!(problems(&loaded), [""; 0]);
    assert_eq!(count(&loaded, FUNCTION, Selector::All).await, Some(1));
}

#[tokio::test]
async fn findings_and_coverage_of_which_pages_are_missing_are_not_known() {
    for (complete, kind) in [(findings(), "Finding"), (coverage(), "Coverage")] {
        let resource_type = format!("AWS::InspectorV2::{kind}");
        let items = json!({"configurationItems": [item("orders", 1)]});
        let mut page = complete.clone();
        page["nextToken"] = json!("t");
        let whole = loaded(&[items.clone(), complete]);
        assert_eq!(problems(&whole), [""; 0]);
        assert!(count(&whole, &resource_type, Selector::All).await.is_some());
        let part = loaded(&[items, page]);
        assert_eq!(problems(&part), [MORE_PAGES]);
        assert_eq!(count(&part, &resource_type, Selector::All).await, None);
        assert_eq!(count(&part, FUNCTION, Selector::All).await, Some(1));
    }
}

#[tokio::test]
async fn rules_of_which_pages_are_missing_are_not_known() {
    let rule = "AWS::Config::ConfigRule";
    let whole = loaded(&[json!({"ConfigRules": [managed_rule()]})]);
    assert_eq!(count(&whole, rule, Selector::All).await, Some(1));
    let part = loaded(&[json!({"ConfigRules": [managed_rule()], "NextToken": "t"})]);
    assert_eq!(problems(&part), [MORE_PAGES]);
    assert_eq!(count(&part, rule, Selector::All).await, None);
}

#[tokio::test]
async fn a_function_is_refused_a_list_that_lacks_some_and_a_client_is_not() {
    let mut rows = alarms();
    rows["NextToken"] = json!("t");
    let (config, _folder) =
        started(loaded(&[json!({"configurationItems": [item("orders", 1)]}), rows]).items, &["echo"], |_| ())
            .await;
    let function = ("LOCAL111122223333", REGION);
    let select = |resource_type: &str| json!({"Expression": format!("SELECT resourceId WHERE resourceType = '{resource_type}'")});
    let refused = call_as(&config, function, "SelectResourceConfig", &select(ALARM)).await;
    assert_eq!(refused.error(), "NoAvailableConfigurationRecorderException");
    let refused =
        call_as(&config, function, "ListDiscoveredResources", &json!({"resourceType": ALARM})).await;
    assert_eq!(refused.error(), "NoAvailableConfigurationRecorderException");
    let answered = call_as(&config, function, "SelectResourceConfig", &select(FUNCTION)).await;
    assert_eq!(answered.body["Results"].as_array().map(Vec::len), Some(1));
    let answered = call(&config, "SelectResourceConfig", &select(ALARM)).await;
    assert_eq!(answered.body["Results"].as_array().map(Vec::len), Some(1));
    let recorders = call_as(&config, function, "DescribeConfigurationRecorders", &json!({})).await;
    let types = &recorders.body["ConfigurationRecorders"][0]["recordingGroup"]["resourceTypes"];
    assert_eq!(types, &json!([FUNCTION]));
}

fn alarms() -> Value {
    let row = json!({
        "resourceType": ALARM, "resourceId": "orders-errors", "resourceName": "orders-errors",
        "accountId": ACCOUNT, "awsRegion": REGION,
        "configuration": {"dimensions": [{"name": "FunctionName", "value": "orders"}]},
    });
    json!({"Results": [row.to_string()], "QueryInfo": {"SelectFields": []}})
}

/// Everything is recorded, so that what is not there is absent.
fn recorder() -> Value {
    json!({
        "resourceType": "AWS::Config::ConfigurationRecorder", "resourceId": "default", "resourceName": "default",
        "awsAccountId": ACCOUNT, "awsRegion": REGION, "configurationItemStatus": "OK",
        "configurationItemCaptureTime": "2026-09-01T08:00:00.000Z",
        "configuration": {"Name": "default", "Recording": true, "RecordingGroup": {"AllSupported": true}},
    })
}

fn problems(loaded: &Loaded) -> Vec<&str> {
    loaded.problems.iter().map(|problem| problem.reason.as_str()).collect()
}

/// How many are found; `None` where it is not known.
async fn count(loaded: &Loaded, resource_type: &str, selector: Selector<'_>) -> Option<usize> {
    let inventory = ItemsInventory::new(&loaded.items, scope());
    match inventory.find(resource_type, selector).await.expect("an answer") {
        Known::Value(found) => Some(found.len()),
        Known::Unknown(_) => None,
    }
}

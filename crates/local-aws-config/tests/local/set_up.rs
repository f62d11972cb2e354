//! Parts of AWS Config's set-up of which the input holds the status and nothing else, or the description alone, and those
//! that do not say where they are.

use std::fs;

use config_rule::{Document, Inventory as _, Known, Selector};
use local_aws_config::inventory::ItemsInventory;
use local_aws_config::items::{ConfigurationItems, Loaded, Scope, load};
use serde_json::{Value, json};

use crate::account::loaded;
use crate::support::{ACCOUNT, REGION, call, call_as, item, started};

const FUNCTION: (&str, &str) = ("LOCAL111122223333", REGION);

#[tokio::test]
async fn a_recorders_status_tells_of_the_recorder_and_not_of_what_it_records() {
    let items = items(&[stopped()]);
    let recorders = found(&items, "ConfigurationRecorder").await;
    assert_eq!(ids(&recorders), ["baseline"]);
    let properties = recorders[0].properties();
    assert_eq!(properties.boolean("configuration.status.recording"), Known::Value(false));
    assert!(properties.at("configuration.recordingGroup").get().is_err());
}

#[tokio::test]
async fn an_empty_list_of_statuses_says_that_there_is_no_recorder() {
    let items = items(&[item("orders", 1), json!({"ConfigurationRecordersStatus": []})]);
    assert_eq!(ids(&found(&items, "ConfigurationRecorder").await), [""; 0]);
}

#[tokio::test]
async fn the_status_of_a_services_recorder_is_not_the_accounts() {
    let mut status = stopped();
    status["ConfigurationRecordersStatus"][0]["servicePrincipal"] = json!("observabilityadmin.amazonaws.com");
    let recorders = found(&items(&[status]), "ConfigurationRecorder").await;
    assert!(recorders[0].properties().text("configuration.servicePrincipal").get().is_ok());
}

#[tokio::test]
async fn a_recorders_item_is_completed_by_its_status_and_not_doubled() {
    let recorder = |name: &str| {
        json!({
            "resourceType": "AWS::Config::ConfigurationRecorder", "resourceId": name, "resourceName": name,
            "awsAccountId": ACCOUNT, "awsRegion": REGION, "configurationItemStatus": "OK",
            "configurationItemCaptureTime": "2026-09-01T08:00:00.000Z",
            "configuration": {"Name": name, "Recording": true, "RecordingGroup": {"AllSupported": true}},
        })
    };
    let same = found(&items(&[recorder("baseline"), stopped()]), "ConfigurationRecorder").await;
    assert_eq!(ids(&same), ["baseline"]);
    assert_eq!(same[0].properties().boolean("configuration.status.recording"), Known::Value(false));
    assert_eq!(same[0].properties().boolean("configuration.recordingGroup.allSupported"), Known::Value(true));
    let another = found(&items(&[recorder("earlier"), stopped()]), "ConfigurationRecorder").await;
    assert_eq!(ids(&another), ["earlier", "baseline"]);
}

#[tokio::test]
async fn a_recorder_without_a_status_does_not_count_as_running() {
    let recorders = json!({"ConfigurationRecorders": [{
        "arn": recorder_arn(), "name": "baseline", "recordingGroup": {"allSupported": true},
    }]});
    let recorders = found(&items(&[recorders]), "ConfigurationRecorder").await;
    assert!(recorders[0].properties().at("configuration.status").get().is_err());
}

#[tokio::test]
async fn a_channels_status_tells_of_the_channel_and_a_channel_of_no_status() {
    let channels = found(&items(&[item("orders", 1), refused()]), "DeliveryChannel").await;
    assert_eq!(ids(&channels), ["audit"]);
    let status = channels[0].properties().text("configuration.status.configHistoryDeliveryInfo.lastStatus");
    assert_eq!(status, Known::Value("FAILURE"));

    let channels = json!({"DeliveryChannels": [{"name": "audit", "s3BucketName": "audit"}]});
    let channels = found(&items(&[item("orders", 1), channels]), "DeliveryChannel").await;
    assert!(channels[0].properties().at("configuration.status").get().is_err());
}

#[tokio::test]
async fn a_packs_status_tells_of_the_pack() {
    let packs = found(&items(&[failed()]), "ConformancePack").await;
    assert_eq!(
        packs.iter().map(|pack| pack.resource_name.as_deref()).collect::<Vec<_>>(),
        [Some("baseline")]
    );
    let state = packs[0].properties().text("configuration.Status.ConformancePackState");
    assert_eq!(state, Known::Value("CREATE_FAILED"));
}

#[tokio::test]
async fn a_function_is_told_the_same_and_a_client_of_a_whole_recorder() {
    let items = items(&[item("orders", 1), stopped(), refused(), failed()]);
    let (config, _folder) = started(items, &["one"], |_| {}).await;
    let told = async |operation: &str, list: &str| {
        let answer = call_as(&config, FUNCTION, operation, &json!({})).await;
        answer.body[list].as_array().expect("a list").clone()
    };
    let recorders = told("DescribeConfigurationRecorders", "ConfigurationRecorders").await;
    assert_eq!(recorders[0], json!({"arn": recorder_arn(), "name": "baseline"}));
    // The types of the input are recorded, but by no recorder of the account's.
    assert_eq!(recorders[1]["recordingGroup"]["resourceTypes"], json!(["AWS::Lambda::Function"]));
    assert_eq!(recorders[1]["servicePrincipal"], "config.amazonaws.com");
    assert_eq!(recorders.len(), 2);
    let statuses = told("DescribeConfigurationRecorderStatus", "ConfigurationRecordersStatus").await;
    assert_eq!((statuses.len(), &statuses[0]["recording"]), (1, &json!(false)));
    assert_eq!(told("DescribeDeliveryChannels", "DeliveryChannels").await, [json!({"name": "audit"})]);
    let packs = told("DescribeConformancePacks", "ConformancePackDetails").await;
    assert!(packs.iter().any(|pack| pack["ConformancePackName"] == "baseline"), "{packs:?}");

    let recorders = call(&config, "DescribeConfigurationRecorders", &json!({})).await.body;
    let recorders = recorders["ConfigurationRecorders"].as_array().expect("a list");
    assert_eq!((recorders.len(), &recorders[0]["name"]), (1, &json!("baseline")));
    assert_eq!(recorders[0]["recordingGroup"]["resourceTypes"], json!(["AWS::Lambda::Function"]));
    config.shutdown().await;
}

#[tokio::test]
async fn what_names_no_region_is_of_the_region_that_its_folder_names() {
    let rules = |region: &str| {
        let arn = format!("arn:aws:config:{region}:{ACCOUNT}:config-rule/config-rule-abcdef");
        json!({"ConfigRules": [{"ConfigRuleName": "x", "ConfigRuleArn": arn}]})
    };
    let channel = |name: &str| json!({"DeliveryChannels": [{"name": name}]});
    let of = [("ireland/rules", rules(REGION)), ("ireland/channels", channel("one"))];
    let further = [("virginia/rules", rules("us-east-1")), ("virginia/channels", channel("other"))];
    let items_of_one = ("items", json!({"configurationItems": [item("orders", 1)]}));
    let of_both = [of, further].concat();
    for files in [of_both.clone(), [of_both, vec![items_of_one]].concat()] {
        let loaded = loaded_from(&files);
        assert_eq!(loaded.problems, []);
        for (region, name) in [(REGION, "one"), ("us-east-1", "other")] {
            let channels = found_in(&loaded.items, region, "DeliveryChannel").await;
            assert_eq!(ids(&channels), [name], "{region}");
        }
    }
}

#[test]
fn what_could_be_of_either_region_is_a_problem_and_not_the_end() {
    let mut elsewhere = stopped();
    elsewhere["ConfigurationRecordersStatus"][0]["arn"] = json!(recorder_arn().replace(REGION, "us-east-1"));
    for other in [json!({"configurationItems": [item("orders", 1)]}), stopped()] {
        let loaded = loaded(&[other, elsewhere.clone(), refused()]);
        let reasons: Vec<_> = loaded.problems.iter().map(|problem| problem.reason.as_str()).collect();
        let expected = "`DeliveryChannelsStatus`: expected an ARN with account and Region, or other input of one \
                        account and Region in the same folder, found neither";
        assert_eq!(reasons, [expected]);
        let regions: Vec<_> = loaded.items.scopes().into_iter().map(|scope| scope.region).collect();
        assert_eq!(regions, [REGION, "us-east-1"]);
    }
}

fn stopped() -> Value {
    json!({"ConfigurationRecordersStatus": [{
        "arn": recorder_arn(), "name": "baseline", "recording": false, "lastStatus": "SUCCESS",
        "lastStopTime": "2026-09-30T10:00:00.000000+00:00",
    }]})
}

fn refused() -> Value {
    json!({"DeliveryChannelsStatus": [{
        "name": "audit", "configHistoryDeliveryInfo": {"lastStatus": "FAILURE", "lastErrorCode": "AccessDenied"},
    }]})
}

fn failed() -> Value {
    let arn =
        format!("arn:aws:config:{REGION}:{ACCOUNT}:conformance-pack/baseline/conformance-pack-abcdefghi");
    json!({"ConformancePackStatusDetails": [{
        "ConformancePackName": "baseline", "ConformancePackId": "conformance-pack-abcdefghi",
        "ConformancePackArn": arn, "ConformancePackState": "CREATE_FAILED",
        "LastUpdateRequestedTime": "2026-09-30T10:00:00.000000+00:00",
    }]})
}

fn recorder_arn() -> String {
    format!("arn:aws:config:{REGION}:{ACCOUNT}:configuration-recorder/baseline/abc123")
}

fn items(documents: &[Value]) -> ConfigurationItems {
    let loaded = loaded(documents);
    assert!(loaded.problems.is_empty(), "{:?}", loaded.problems);
    loaded.items
}

/// What loading the documents as these files gives.
fn loaded_from(files: &[(&str, Value)]) -> Loaded {
    let folder = tempfile::tempdir().expect("a scratch folder");
    for (name, document) in files {
        let path = folder.path().join(format!("{name}.json"));
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, document.to_string()).expect("a file");
    }
    load(&[folder.path().to_owned()], &mut |_, _| {}).expect("a readable folder")
}

async fn found(items: &ConfigurationItems, name: &str) -> Vec<Document> {
    found_in(items, REGION, name).await
}

async fn found_in(items: &ConfigurationItems, region: &str, name: &str) -> Vec<Document> {
    let scope = Scope { account_id: ACCOUNT.to_owned(), region: region.to_owned() };
    let inventory = ItemsInventory::new(items, scope);
    let found = inventory.find(&format!("AWS::Config::{name}"), Selector::All).await.expect("an answer");
    let Known::Value(found) = found else { panic!("{name} is not known") };
    found.iter().cloned().collect()
}

fn ids(documents: &[Document]) -> Vec<&str> {
    documents.iter().map(|document| document.resource_id.as_str()).collect()
}

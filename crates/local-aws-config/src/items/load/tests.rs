use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::*;
use crate::items::MAX_ITEM_BYTES;

#[test]
fn every_document_that_holds_items_is_recognised_by_its_content() {
    let api = json!({
        "version": "1.3", "accountId": "111122223333", "awsRegion": "eu-west-1",
        "resourceType": "AWS::Lambda::Function", "resourceId": "orders", "configurationItemStatus": "OK",
        "configurationItemCaptureTime": 1_790_841_600.0, "configurationStateId": "1790841600000",
        "configuration": "{\"timeout\":60}", "supplementaryConfiguration": {}, "tags": {}, "relationships": [],
    });
    let notification =
        json!({"configurationItem": item("orders"), "messageType": "ConfigurationItemChangeNotification"});
    let row = json!({"resourceType": "AWS::Lambda::Function", "resourceId": "orders", "accountId": "111122223333",
        "awsRegion": "eu-west-1", "configuration": {"timeout": 60.0}});
    let documents = [
        json!({"fileVersion": "1.0", "configSnapshotId": "8b4f", "configurationItems": [item("orders")]}),
        json!({"configurationItems": [api]}),
        json!({"baseConfigurationItems": [api], "unprocessedResourceKeys": []}),
        json!({"Results": [row.to_string()], "QueryInfo": {"SelectFields": [{"Name": "resourceId"}]}}),
        json!({"invokingEvent": notification.to_string(), "ruleParameters": "{}", "resultToken": "t"}),
        notification,
        item("orders"),
        json!([item("orders")]),
        json!([{"configurationItems": [item("orders")]}]),
    ];
    for document in documents {
        for text in [document.to_string().into_bytes(), packed(document.to_string().as_bytes())] {
            let loaded = loaded(&text);
            assert_eq!(lines(&loaded), Vec::<String>::new(), "{document}");
            assert_eq!(ids(&loaded), ["orders"], "{document}");
        }
    }
}

#[test]
fn a_broken_line_of_json_lines_costs_itself() {
    let text = format!("{}\n{{\"resourceType\": \n\n{}\n", item("orders"), item("invoices"));
    let loaded = loaded(text.as_bytes());
    assert_eq!(ids(&loaded), ["invoices", "orders"]);
    assert_eq!(lines(&loaded), ["line 2: expected the rest of the JSON, found its end at column 16"]);
}

#[test]
fn documents_over_several_lines_may_follow_each_other() {
    let text = format!("{:#}\n{:#}", item("orders"), item("invoices"));
    assert_eq!(ids(&loaded(text.as_bytes())), ["invoices", "orders"]);
}

#[test]
fn what_stands_before_a_broken_end_is_kept() {
    let whole = json!({"configurationItems": [item("orders"), item("invoices"), item("mails")]}).to_string();
    let cut = whole.len() - 20;
    let loaded = loaded(&whole.as_bytes()[..cut]);
    assert_eq!(ids(&loaded), ["invoices", "orders"]);
    let reason = format!(
        "expected the rest of the JSON, found its end at line 1 column {cut}; the 2 items before are kept"
    );
    assert_eq!(lines(&loaded), [reason]);
}

#[test]
fn a_truncated_archive_is_one_problem() {
    // Random ids, so that the archive is cut within items and not within its first block.
    let items: Vec<_> = (0..2000).map(|_| item(&uuid::Uuid::new_v4().to_string())).collect();
    let whole = packed(json!({"configurationItems": items}).to_string().as_bytes());
    let loaded = loaded(&whole[..whole.len() / 2]);
    assert!((1..2000).contains(&loaded.items.len()), "{}", loaded.items.len());
    let reason = format!(
        "expected the rest of the packed text, found the end of the file; the {} items before are kept",
        loaded.items.len()
    );
    assert_eq!(lines(&loaded), [reason]);
}

#[test]
fn files_without_items_are_named_with_what_they_hold() {
    let scheduled = json!({"messageType": "ScheduledNotification", "awsAccountId": "111122223333"});
    let texts: [(Vec<u8>, &str); 10] = [
        (Vec::new(), "expected configuration items, found an empty file"),
        (b" \n".to_vec(), "expected configuration items, found an empty file"),
        (b"{}".to_vec(), "expected configuration items, found an object with no keys"),
        (b"3".to_vec(), "expected configuration items, found `3` at line 1 column 1"),
        (b"hello".to_vec(), "expected configuration items, found `h` at line 1 column 1"),
        (
            br#"{"EvaluationResults": []}"#.to_vec(),
            "expected configuration items, found an object with `EvaluationResults`",
        ),
        (
            scheduled.to_string().into_bytes(),
            "expected configuration items, found a `ScheduledNotification`, which holds none",
        ),
        (
            json!({"invokingEvent": scheduled.to_string()}).to_string().into_bytes(),
            "expected configuration items, found a `ScheduledNotification`, which holds none",
        ),
        (br#"{"invokingEvent": {}}"#.to_vec(), "`invokingEvent`: expected JSON text, found an object"),
        (
            br#"{"configurationItems": null}"#.to_vec(),
            "expected a list of configuration items, found `n` at line 1 column 24",
        ),
    ];
    for (text, reason) in texts {
        assert_eq!(lines(&loaded(&text)), [reason], "{}", String::from_utf8_lossy(&text));
    }
}

#[test]
fn an_oversized_notification_says_where_the_item_is_found() {
    let summary =
        json!({"resourceType": "AWS::CloudFormation::Stack", "resourceId": "s", "awsRegion": "eu-west-1"});
    let event = json!({"configurationItemSummary": summary, "messageType": "OversizedConfigurationItemChangeNotification"});
    let expected = "AWS::CloudFormation::Stack `s`: an oversized notification holds no configuration: expected the \
                    item itself, as `aws configservice get-resource-config-history` prints it";
    assert_eq!(lines(&loaded(event.to_string().as_bytes())), [expected]);
}

#[test]
fn an_empty_snapshot_is_no_problem() {
    let loaded = loaded(br#"{"fileVersion": "1.0", "configurationItems": []}"#);
    assert_eq!((lines(&loaded), loaded.items.len(), loaded.files), (Vec::new(), 0, 1));
}

#[test]
fn a_wrong_type_costs_its_item_or_nothing() {
    let keys = item("orders").as_object().map(|members| members.keys().cloned().collect::<Vec<_>>());
    for key in keys.into_iter().flatten() {
        for wrong in [json!(7), json!([[]]), json!({"a": null}), json!("x".repeat(1_000_000)), Value::Null] {
            let mut broken = item("orders");
            broken[&key] = wrong;
            let snapshot = json!({"configurationItems": [broken, item("invoices")]});
            let loaded = loaded(snapshot.to_string().as_bytes());
            assert!(ids(&loaded).contains(&"invoices"), "{key}");
            assert_eq!(loaded.items.len() + loaded.problems.len(), 2, "{key}: {:?}", lines(&loaded));
        }
    }
}

#[test]
fn the_item_is_named_as_well_as_it_can_be() {
    let mut elsewhere = item("orders");
    elsewhere["awsRegion"] = json!(7);
    let mut sometime = item("invoices");
    sometime["configurationItemCaptureTime"] = json!("yesterday");
    let nested = format!(r#"{{"a": {}{}}}"#, "[".repeat(500), "]".repeat(500));
    let text =
        format!(r#"{{"configurationItems": [{elsewhere}, {sometime}, {nested}, "x", {}]}}"#, item("mails"));
    let loaded = loaded(text.as_bytes());
    assert_eq!(ids(&loaded), ["mails"]);
    let expected = [
        "AWS::Lambda::Function `orders`: `awsRegion`: expected text, found a number",
        "AWS::Lambda::Function `invoices`: `configurationItemCaptureTime`: expected a time in ISO 8601 or in \
         seconds since 1970, found text",
        "item 3: expected JSON of at most 127 levels, found deeper nesting",
        "item 4: expected JSON, found text that is not (expected value)",
    ];
    assert_eq!(lines(&loaded), expected);
}

#[test]
fn a_broken_item_costs_itself_and_not_the_snapshot() {
    let broken = r#"{"resourceType": "AWS::Lambda::Function", "resourceId": orders}"#;
    let text = format!(r#"{{"configurationItems": [{broken}, {}]}}"#, item("mails"));
    let loaded = loaded(text.as_bytes());
    assert_eq!(ids(&loaded), ["mails"]);
    assert_eq!(lines(&loaded), ["item 1: expected JSON, found text that is not (expected value)"]);
}

#[test]
fn what_is_wrong_between_items_is_told_with_its_place() {
    for (text, reason) in [
        ("[{}\n {}]", "expected `,` or `]`, found `{` at line 2 column 2"),
        ("{\"a\": 1 \"b\": 2}", "expected `,` or `}`, found `\"` at line 1 column 9"),
        ("{\"a\": 1,}", "expected a key, found `}` at line 1 column 9"),
        ("{\"a\" 1}", "expected `:`, found `1` at line 1 column 6"),
        ("{\"a\": trve}", "expected JSON, found text that is not (expected ident) before line 1 column 11"),
        ("[{\"a\": 1},]", "expected JSON, found `]` at line 1 column 11"),
    ] {
        let lines = lines(&loaded(text.as_bytes()));
        assert_eq!(lines.last().map(String::as_str), Some(reason), "{text}: {lines:?}");
    }
}

#[test]
fn complaints_of_one_file_are_listed_up_to_a_limit_and_counted_beyond() {
    for (count, listed, unlisted) in [
        (MAX_PROBLEMS_OF_A_FILE, MAX_PROBLEMS_OF_A_FILE, 0),
        (MAX_PROBLEMS_OF_A_FILE + 2, MAX_PROBLEMS_OF_A_FILE, 2),
    ] {
        let loaded = loaded(format!("[{}{{}}]", "3,".repeat(count - 1)).as_bytes());
        assert_eq!((loaded.problems.len(), loaded.unlisted_problems), (listed, unlisted));
    }
}

#[test]
fn unwanted_items_are_counted_and_not_kept() {
    let mut elsewhere = item("a-queue");
    elsewhere["resourceType"] = json!("AWS::SQS::Queue");
    elsewhere["awsRegion"] = json!("eu-west-3");
    elsewhere["configurationItemCaptureTime"] = json!("2026-10-02T08:00:00.000Z");
    let snapshot = json!({"configurationItems": [item("orders"), elsewhere, elsewhere.to_string()]});
    let text = snapshot.to_string();
    let all = loaded(text.as_bytes());
    let some =
        loaded_wanted(text.as_bytes(), &|resource_type| whole(resource_type == "AWS::Lambda::Function"));
    assert_eq!((ids(&all), ids(&some)), (vec!["orders", "a-queue"], vec!["orders"]));
    assert_eq!(some.items.len(), 3);
    assert_eq!(all.items.scopes(), some.items.scopes());
    assert_eq!(all.items.recorded_at(), some.items.recorded_at());
    for scope in all.items.scopes() {
        assert_eq!(all.items.resource_types(&scope), some.items.resource_types(&scope));
    }
    assert_eq!(lines(&some), Vec::<String>::new());
}

#[test]
fn an_unwanted_item_that_cannot_be_right_is_named_all_the_same() {
    let mut broken = item("orders");
    broken["awsRegion"] = json!(7);
    let loaded = loaded_wanted(broken.to_string().as_bytes(), &|_| None);
    assert_eq!(
        lines(&loaded),
        ["AWS::Lambda::Function `orders`: `awsRegion`: expected text, found a number"]
    );
}

#[test]
fn the_home_region_is_that_of_all_items_wanted_or_not() {
    let in_region = |id: &str, region: &str, resource_type: &str| {
        let mut item = item(id);
        item["awsRegion"] = json!(region);
        item["resourceType"] = json!(resource_type);
        item
    };
    let items = [
        in_region("a", "eu-west-1", "AWS::Lambda::Function"),
        in_region("b", "eu-west-2", "AWS::EC2::Volume"),
        in_region("c", "eu-west-2", "AWS::EC2::Volume"),
        in_region("role", "global", "AWS::IAM::Role"),
    ];
    let text = json!({"configurationItems": items}).to_string();
    for loaded in [
        loaded(text.as_bytes()),
        loaded_wanted(text.as_bytes(), &|wanted| whole(wanted != "AWS::EC2::Volume")),
    ] {
        let home = loaded.items.scopes().into_iter().find(|scope| scope.region == "eu-west-2").unwrap();
        assert!(loaded.items.subjects(&home).any(|document| document.resource_id == "role"));
    }
}

#[test]
fn a_small_file_with_a_huge_text_is_refused_and_read_if_unpacked() {
    let text = format!("[{}{}]", " ".repeat(80 * 1024 * 1024), item("orders"));
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text.as_bytes()).unwrap();
    let refused = loaded(&encoder.finish().unwrap());
    assert_eq!(ids(&refused), Vec::<&str>::new());
    let line = lines(&refused).remove(0);
    assert!(line.starts_with("expected a text of at most 250 times the packed file, found "), "{line}");
    assert!(line.ends_with("; unpack the file to have it read nevertheless"), "{line}");
    assert_eq!(ids(&loaded(text.as_bytes())), ["orders"]);
}

#[test]
fn an_endless_item_is_given_up_and_those_before_it_are_kept() {
    let text = format!(
        r#"{{"configurationItems": [{}, {{"a": "{}"}}]}}"#,
        item("orders"),
        "x".repeat(MAX_ITEM_BYTES)
    );
    let loaded = loaded(text.as_bytes());
    assert_eq!(ids(&loaded), ["orders"]);
    let line = lines(&loaded).remove(0);
    assert!(line.starts_with(&format!("expected at most {MAX_ITEM_BYTES} bytes for one value")), "{line}");
    assert!(line.ends_with("; the item before is kept"), "{line}");
}

#[test]
fn repeated_items_are_folded_and_contradictions_named() {
    let (mut query_row, mut contradiction) = (item("orders"), item("orders"));
    query_row["configuration"]["timeout"] = json!(60.0);
    contradiction["configuration"]["timeout"] = json!(61);
    let snapshot = json!({"configurationItems": [item("orders"), item("orders"), query_row]});
    let folded = loaded(snapshot.to_string().as_bytes());
    assert_eq!((ids(&folded), lines(&folded)), (vec!["orders"], Vec::new()));

    let snapshot = json!({"configurationItems": [item("orders"), contradiction]});
    let contradicted = loaded(snapshot.to_string().as_bytes());
    let expected = "AWS::Lambda::Function `orders`: expected one item of each capture time, found two that differ; \
                    the later one, or the one with a `configurationStateId`, is kept";
    assert_eq!((ids(&contradicted), lines(&contradicted)), (vec!["orders"], vec![expected.to_owned()]));
    let scope = contradicted.items.scopes().remove(0);
    let kept = contradicted.items.visible(&scope).next();
    let timeout = kept.map(|kept| kept.properties().whole_number("configuration.timeout"));
    assert_eq!(timeout, Some(config_rule::Known::Value(61)));
}

#[test]
fn of_items_of_one_capture_time_the_higher_state_id_wins_whatever_the_order() {
    let timeout = |id: Value, timeout: u32| {
        let mut item = item("orders");
        item["configurationStateId"] = id;
        item["configuration"]["timeout"] = json!(timeout);
        item
    };
    for (low, high) in [
        (json!(1_790_841_600_000_u64), json!("1790841600001")),
        (json!("9"), json!("10")),
        (json!(9), json!(10)),
    ] {
        let items = [timeout(low, 1), timeout(high, 2)];
        for items in [[&items[0], &items[1]], [&items[1], &items[0]]] {
            let loaded = loaded(json!({"configurationItems": items}).to_string().as_bytes());
            assert_eq!((lines(&loaded), timeouts(&loaded)), (Vec::new(), vec![2]));
        }
    }
    for id in [Value::Null, json!(""), json!("x"), json!(-1), json!(0), json!(7), json!([7])] {
        let items = [timeout(json!(7), 1), timeout(id.clone(), 2)];
        for items in [[&items[0], &items[1]], [&items[1], &items[0]]] {
            let loaded = loaded(json!({"configurationItems": items}).to_string().as_bytes());
            assert_eq!(lines(&loaded).len(), 1, "{id}: {:?}", lines(&loaded));
            assert_eq!(loaded.items.len(), 1, "{id}");
            // Who has an id is ordered, who has none is not.
            let is_ordered = id != json!(7);
            assert!(!is_ordered || timeouts(&loaded) == [1], "{id}");
        }
    }
}

#[test]
fn folders_are_read_in_order_without_what_is_hidden_or_of_another_kind() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    fs::create_dir_all(folder.path().join("b/.git"))?;
    for name in ["b/2.JSON", "b/.git/4.json", "b/3.ndjson", "a.json.gz", ".5.json", "README.md"] {
        let text = item(name).to_string().into_bytes();
        fs::write(folder.path().join(name), if name.ends_with("gz") { packed(&text) } else { text })?;
    }
    let mut opened = Vec::new();
    let loaded = load(&[folder.path().to_path_buf()], &mut |path, items| {
        opened.push((path.strip_prefix(folder.path()).map(Path::to_path_buf), items));
    });
    let names: Vec<_> =
        ["a.json.gz", "b/2.JSON", "b/3.ndjson"].map(PathBuf::from).into_iter().map(Ok).collect();
    assert_eq!(opened, names.into_iter().zip(0..).collect::<Vec<_>>());
    assert_eq!(loaded.map(|loaded| (loaded.files, loaded.skipped_files)).ok(), Some((3, 2)));
    Ok(())
}

#[test]
fn a_path_that_is_not_there_is_named() {
    let error = load(&["no/such/file.json".into()], &mut |_, _| {}).map_err(|error| error.to_string());
    assert_eq!(error.err(), Some("expected a readable file or folder at `no/such/file.json`".to_owned()));
}

#[test]
fn a_problem_is_one_line() {
    let problem = ItemProblem {
        path: "a.json".into(),
        place: "AWS::S3::Bucket `a\nb`".to_owned(),
        reason: "x\ty".to_owned(),
    };
    assert_eq!(problem.to_string(), "a.json: AWS::S3::Bucket `a b`: x y");
}

fn item(id: &str) -> Value {
    json!({
        "configurationItemVersion": "1.3", "awsAccountId": "111122223333", "awsRegion": "eu-west-1",
        "resourceType": "AWS::Lambda::Function", "resourceId": id, "resourceName": id,
        "ARN": format!("arn:aws:lambda:eu-west-1:111122223333:function:{id}"),
        "configurationItemStatus": "OK", "configurationItemCaptureTime": "2026-10-01T08:00:00.000Z",
        "configurationStateId": 1_790_841_600_000_u64, "relatedEvents": [], "relationships": [], "tags": {},
        "configuration": {"timeout": 60}, "supplementaryConfiguration": {},
    })
}

fn packed(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).and_then(|()| encoder.finish()).unwrap_or_default()
}

/// What a file with this text holds.
fn loaded(text: &[u8]) -> Loaded {
    loaded_wanted(text, &|_| Some(&Kept::Whole))
}

fn whole(is_wanted: bool) -> Option<&'static Kept> {
    is_wanted.then_some(&Kept::Whole)
}

fn loaded_wanted(text: &[u8], kept_of: KeptOf<'_>) -> Loaded {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("input");
    fs::write(&path, text).unwrap();
    load_wanted(&[path], kept_of, &mut |_, _| {}).unwrap()
}

fn timeouts(loaded: &Loaded) -> Vec<u64> {
    let timeout = |document: &Arc<config_rule::Document>| {
        document.properties().whole_number("configuration.timeout").get().copied().unwrap_or_default()
    };
    loaded.items.documents.iter().map(timeout).collect()
}

fn ids(loaded: &Loaded) -> Vec<&str> {
    loaded.items.documents.iter().map(|document| document.resource_id.as_str()).collect()
}

/// The problems without their path.
fn lines(loaded: &Loaded) -> Vec<String> {
    let line = |problem: &ItemProblem| {
        let line = problem.to_string();
        line.split_once("input: ").map_or(line.clone(), |(_, rest)| rest.to_owned())
    };
    loaded.problems.iter().map(line).collect()
}

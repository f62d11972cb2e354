//! What one invocation has asked for and the next need not.

use std::time::{Duration, SystemTime};

use config_lambda::Function;
use serde_json::{Value, json};

use crate::endpoint::{Answer, Endpoint, payload};
use crate::events::{LONG_AGO, alarm, alarm_row, change_sent, event, function, function_row, rows};
use crate::rules;

#[tokio::test]
async fn a_whole_type_is_asked_for_once_for_all_events_that_were_sent_before() {
    let aws = Endpoint::start([("SelectResourceConfig", alarms(&["errors"]))]).await;
    let shared = aws.function(&rules::RELATED, &[]);
    for name in ["orders", "stock", "mail"] {
        judge(&shared, change_sent(LONG_AGO, &function(name, 3))).await;
    }
    assert_eq!(
        aws.operations(),
        ["SelectResourceConfig", "PutEvaluations", "PutEvaluations", "PutEvaluations"]
    );
    assert_eq!(verdicts(&aws), ["COMPLIANT"; 3]);
}

#[tokio::test]
async fn an_event_that_was_sent_later_is_judged_by_what_is_there_then() {
    let aws = Endpoint::start([
        ("SelectResourceConfig", alarms(&["errors"])),
        ("SelectResourceConfig", alarms(&[])),
        ("ListDiscoveredResources", Answer::Ok(json!({"resourceIdentifiers": []}))),
    ])
    .await;
    let shared = aws.function(&rules::RELATED, &[]);
    judge(&shared, change_sent(LONG_AGO, &function("orders", 3))).await;
    judge(&shared, change_sent(Duration::ZERO, &function("orders", 3))).await;
    assert_eq!(verdicts(&aws), ["COMPLIANT", "NON_COMPLIANT"]);
}

#[tokio::test]
async fn an_event_that_does_not_say_when_it_was_sent_is_judged_by_what_is_there_now() {
    let aws = Endpoint::start([
        ("SelectResourceConfig", alarms(&["errors"])),
        ("SelectResourceConfig", alarms(&["errors"])),
    ])
    .await;
    let shared = aws.function(&rules::RELATED, &[]);
    for _ in 0..2 {
        let undated = event(&json!({
            "configurationItem": function("orders", 3), "messageType": "ConfigurationItemChangeNotification",
        }));
        judge(&shared, undated).await;
    }
    assert_eq!(aws.requests("SelectResourceConfig").len(), 2);
}

#[tokio::test]
async fn what_concerns_one_resource_is_asked_for_each_time() {
    let aws = Endpoint::start([
        ("SelectResourceConfig", alarms(&["errors"])),
        ("SelectResourceConfig", alarms(&["errors"])),
    ])
    .await;
    let shared = aws.function(&rules::WITH_ALARM, &[]);
    for _ in 0..2 {
        judge(&shared, change_sent(LONG_AGO, &function("orders", 3))).await;
    }
    assert_eq!(aws.requests("SelectResourceConfig").len(), 2);
}

#[tokio::test]
async fn a_related_change_uses_what_was_found_for_its_subjects() {
    let aws = Endpoint::start([
        ("SelectResourceConfig", alarms(&["errors"])),
        ("SelectResourceConfig", Answer::Ok(rows(&[function_row("stock", 3.0)]))),
    ])
    .await;
    let shared = aws.function(&rules::RELATED, &[]);
    judge(&shared, change_sent(LONG_AGO, &function("orders", 3))).await;
    judge(&shared, change_sent(LONG_AGO, &alarm("errors", &["stock"]))).await;
    let asked = aws.requests("SelectResourceConfig");
    let expression = asked.last().unwrap()["Expression"].as_str().unwrap();
    assert!(expression.contains("'stock'"), "{expression}");
    assert_eq!(verdicts(&aws), ["COMPLIANT"; 2]);
}

#[tokio::test]
async fn what_could_not_be_asked_is_asked_again() {
    let aws = Endpoint::start([
        ("SelectResourceConfig", Answer::Error("AccessDeniedException")),
        ("SelectResourceConfig", alarms(&["errors"])),
    ])
    .await;
    let shared = aws.function(&rules::RELATED, &[]);
    for _ in 0..2 {
        let deadline = SystemTime::now() + Duration::from_mins(1);
        let _refused_at_first =
            shared.answer(payload(change_sent(LONG_AGO, &function("orders", 3))), deadline).await;
    }
    assert_eq!(verdicts(&aws), ["COMPLIANT"]);
}

async fn judge(function: &Function, event: Value) {
    function.answer(payload(event), SystemTime::now() + Duration::from_mins(1)).await.unwrap();
}

fn alarms(names: &[&str]) -> Answer {
    Answer::Ok(rows(&names.iter().map(|name| alarm_row(name, "orders")).collect::<Vec<_>>()))
}

fn verdicts(aws: &Endpoint) -> Vec<String> {
    aws.reported().into_iter().map(|(_, _, compliance)| compliance).collect()
}

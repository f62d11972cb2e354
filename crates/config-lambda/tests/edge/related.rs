use serde_json::{Value, json};

use crate::endpoint::{Answer, Endpoint};
use crate::events::{
    ACCOUNT, CAPTURED_SECONDS, alarm, alarm_row, change, function_row, oversized_of, rows, with,
};
use crate::rules;

#[tokio::test]
async fn the_function_that_a_changed_alarm_names_is_judged_as_of_the_alarm_s_change() {
    let config =
        Endpoint::start([found(&[function_row("orders", 3.0)]), found(&[alarm_row("errors", "orders")])])
            .await;
    config.invoke(&rules::RELATED, change(&alarm("errors", &["orders"]))).await.unwrap();
    let expression = config.requests("SelectResourceConfig")[0]["Expression"].as_str().unwrap().to_owned();
    assert!(
        expression.ends_with("resourceType = 'AWS::Lambda::Function' AND resourceName = 'orders'"),
        "{expression}"
    );
    assert_eq!(
        config.only_evaluation(),
        json!({
            "ComplianceResourceType": "AWS::Lambda::Function",
            "ComplianceResourceId": "orders",
            "ComplianceType": "COMPLIANT",
            "OrderingTimestamp": CAPTURED_SECONDS,
        })
    );
}

#[tokio::test]
async fn a_function_that_two_dimensions_name_is_judged_once() {
    let config =
        Endpoint::start([found(&[function_row("orders", 3.0)]), found(&[alarm_row("errors", "orders")])])
            .await;
    config.invoke(&rules::RELATED, change(&alarm("errors", &["orders", "orders"]))).await.unwrap();
    assert_eq!(ids(&config), ["orders"]);
    assert_eq!(config.requests("SelectResourceConfig").len(), 2);
}

#[tokio::test]
async fn what_is_asked_for_several_functions_is_asked_once() {
    let config = Endpoint::start([
        found(&[function_row("orders", 3.0)]),
        found(&[alarm_row("errors", "orders")]),
        found(&[function_row("stock", 3.0)]),
        found(&[function_row("mail", 3.0)]),
    ])
    .await;
    config.invoke(&rules::RELATED, change(&alarm("errors", &["orders", "stock", "mail"]))).await.unwrap();
    assert_eq!(ids(&config), ["orders", "stock", "mail"]);
    assert_eq!(config.requests("SelectResourceConfig").len(), 4);
    assert_eq!(config.requests("PutEvaluations").len(), 1);
}

#[tokio::test]
async fn a_question_that_failed_is_not_asked_again() {
    let config = Endpoint::start([
        found(&[function_row("orders", 3.0)]),
        ("SelectResourceConfig", Answer::Error("AccessDeniedException")),
        found(&[function_row("stock", 3.0)]),
    ])
    .await;
    let answered = config.invoke(&rules::RELATED, change(&alarm("errors", &["orders", "stock"]))).await;
    let diagnostic = answered.unwrap_err();
    assert_eq!(diagnostic.error_type, "EvidenceUnavailable");
    assert!(
        diagnostic.error_message.starts_with("questions without an answer: 2"),
        "{}",
        diagnostic.error_message
    );
    assert_eq!(config.requests("SelectResourceConfig").len(), 3);
}

#[tokio::test]
async fn what_one_function_lacks_does_not_keep_the_others_from_being_reported() {
    let config = Endpoint::start([
        ("SelectResourceConfig", Answer::Error("AccessDeniedException")),
        found(&[function_row("stock", 3.0)]),
        found(&[alarm_row("errors", "stock")]),
    ])
    .await;
    let answered = config.invoke(&rules::RELATED, change(&alarm("errors", &["orders", "stock"]))).await;
    assert_eq!(answered.unwrap_err().error_type, "EvidenceUnavailable");
    assert_eq!(ids(&config), ["stock"]);
}

#[tokio::test]
async fn an_alarm_on_nothing_of_ours_is_answered_with_an_empty_report() {
    let config = Endpoint::start([]).await;
    config.invoke(&rules::RELATED, change(&alarm("cpu", &[]))).await.unwrap();
    assert_eq!(config.requests("PutEvaluations"), [json!({"Evaluations": [], "ResultToken": "a-token"})]);
    assert_eq!(config.operations(), ["PutEvaluations"]);
}

#[tokio::test]
async fn a_deleted_alarm_says_nothing_about_what_it_watched() {
    let mut deleted = with(alarm("errors", &[]), "configurationItemStatus", "ResourceDeleted");
    deleted["configuration"] = Value::Null;
    for event in [change(&deleted), oversized_of("AWS::CloudWatch::Alarm", "errors", "ResourceDeleted")] {
        let config = Endpoint::start([]).await;
        config.invoke(&rules::RELATED, event).await.unwrap();
        assert_eq!(config.operations(), ["PutEvaluations"]);
        assert_eq!(config.reported(), []);
    }
}

#[tokio::test]
async fn an_oversized_alarm_is_fetched_to_see_what_it_watches() {
    let item = json!({
        "accountId": ACCOUNT, "resourceType": "AWS::CloudWatch::Alarm", "resourceId": "errors",
        "configurationItemStatus": "OK",
        "configuration": json!({"dimensions": [{"name": "FunctionName", "value": "orders"}]}).to_string(),
    });
    let config = Endpoint::start([
        ("GetResourceConfigHistory", Answer::Ok(json!({"configurationItems": [item]}))),
        found(&[function_row("orders", 3.0)]),
        found(&[alarm_row("errors", "orders")]),
    ])
    .await;
    config.invoke(&rules::RELATED, oversized_of("AWS::CloudWatch::Alarm", "errors", "OK")).await.unwrap();
    assert_eq!(ids(&config), ["orders"]);
    assert_eq!(config.only_evaluation()["OrderingTimestamp"], CAPTURED_SECONDS);
}

#[tokio::test]
async fn functions_that_are_not_recorded_cannot_be_named_and_nothing_is_reported() {
    let recorders = json!({"ConfigurationRecorders": [{
        "name": "default", "recordingGroup": {"allSupported": false, "resourceTypes": ["AWS::CloudWatch::Alarm"]},
    }]});
    let config = Endpoint::start([("DescribeConfigurationRecorders", Answer::Ok(recorders))]).await;
    config.invoke(&rules::RELATED, change(&alarm("errors", &["orders"]))).await.unwrap();
    assert_eq!(config.reported(), []);
    assert_eq!(config.requests("PutEvaluations").len(), 1);
}

#[tokio::test]
async fn a_subject_that_is_also_related_is_judged_itself() {
    let role = with(alarm("AROAEXAMPLE", &["orders"]), "resourceType", "AWS::IAM::Role");
    let config = Endpoint::start([found(&[alarm_row("errors", "orders")])]).await;
    config.invoke(&rules::RELATED, change(&role)).await.unwrap();
    let evaluation = config.only_evaluation();
    assert_eq!(evaluation["ComplianceResourceType"], "AWS::IAM::Role");
    assert_eq!(evaluation["ComplianceResourceId"], "AROAEXAMPLE");
}

#[tokio::test]
async fn more_than_100_functions_of_one_alarm_are_reported_in_batches() {
    let names: Vec<_> = (0..150).map(|n| format!("f{n}")).collect();
    let rows_of_all: Vec<_> =
        names.iter().map(|name| with(function_row(name, 3.0), "resourceName", "f")).collect();
    let config = Endpoint::start([found(&rows_of_all), found(&[alarm_row("errors", "f1")])]).await;
    config.invoke(&rules::RELATED, change(&alarm("errors", &["f"]))).await.unwrap();
    let sizes: Vec<_> = config
        .requests("PutEvaluations")
        .iter()
        .map(|request| request["Evaluations"].as_array().unwrap().len())
        .collect();
    assert_eq!(sizes, [100, 50]);
}

#[tokio::test]
async fn ten_functions_are_looked_for_one_by_one_and_eleven_among_all() {
    for (count, queries) in [(10, 11), (11, 2)] {
        let names: Vec<_> = (0..count).map(|n| format!("f{n}")).collect();
        let rows_of_all: Vec<_> = names.iter().map(|name| function_row(name, 3.0)).collect();
        let functions = Answer::each(move |request| {
            let is_about_alarms = request["Expression"].as_str().unwrap().contains("AWS::CloudWatch::Alarm");
            Answer::Ok(rows(if is_about_alarms { &[] } else { &rows_of_all }))
        });
        let config = Endpoint::start([("SelectResourceConfig", functions)]).await;
        let watched: Vec<_> = names.iter().map(String::as_str).collect();
        config.invoke(&rules::RELATED, change(&alarm("errors", &watched))).await.unwrap();
        assert_eq!(ids(&config), names);
        assert_eq!(config.requests("SelectResourceConfig").len(), queries, "{count} functions");
    }
}

fn found(found: &[Value]) -> (&'static str, Answer) {
    ("SelectResourceConfig", Answer::Ok(rows(found)))
}

fn ids(config: &Endpoint) -> Vec<String> {
    config.reported().into_iter().map(|(_, id, _)| id).collect()
}

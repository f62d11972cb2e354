use serde_json::{Value, json};

use crate::endpoint::{Answer, Endpoint};
use crate::events::{alarm_row, change, function, function_row, row, rows, scheduled, with};
use crate::rules;

const POOL: &str = "AWS::Cognito::UserPool";
const QUEUE: &str = "AWS::SQS::Queue";
const TOPIC: &str = "AWS::SNS::Topic";

#[tokio::test]
async fn an_alarm_that_refers_to_the_function_is_found() {
    let alarms = rows(&[alarm_row("errors", "orders")]);
    let config = Endpoint::start([("SelectResourceConfig", Answer::Ok(alarms))]).await;
    config.invoke(&rules::WITH_ALARM, change(&function("orders", 3))).await.unwrap();
    assert_eq!(config.only_evaluation()["ComplianceType"], "COMPLIANT");
    let request = &config.requests("SelectResourceConfig")[0];
    assert_eq!(request["Limit"], 100);
    let expression = request["Expression"].as_str().unwrap();
    assert!(expression.contains("configuration.dimensions.value = 'orders'"), "{expression}");
}

#[tokio::test]
async fn a_row_that_does_not_match_is_dropped_whatever_the_query_said() {
    let alarms = rows(&[alarm_row("errors", "stock")]);
    let config = Endpoint::start([("SelectResourceConfig", Answer::Ok(alarms))]).await;
    config.invoke(&rules::WITH_ALARM, change(&function("orders", 3))).await.unwrap();
    assert_eq!(config.only_evaluation()["ComplianceType"], "NON_COMPLIANT");
}

#[tokio::test]
async fn an_unsafe_name_is_never_put_into_a_query() {
    let name = "x' OR resourceType = 'AWS::IAM::User";
    let alarms = rows(&[alarm_row("errors", "orders"), alarm_row("other-errors", name)]);
    let config = Endpoint::start([("SelectResourceConfig", Answer::Ok(alarms))]).await;
    config.invoke(&rules::WITH_ALARM, change(&function(name, 3))).await.unwrap();
    let request = &config.requests("SelectResourceConfig")[0];
    let expression = request["Expression"].as_str().unwrap();
    assert!(expression.ends_with("WHERE resourceType = 'AWS::CloudWatch::Alarm'"), "{expression}");
    assert_eq!(config.only_evaluation()["ComplianceType"], "COMPLIANT");
}

#[tokio::test]
async fn a_match_on_the_last_page_is_found() {
    let mut first = rows(&[]);
    first["NextToken"] = json!("2");
    let config = Endpoint::start([
        ("SelectResourceConfig", Answer::Ok(first)),
        ("SelectResourceConfig", Answer::Ok(rows(&[alarm_row("errors", "orders")]))),
    ])
    .await;
    config.invoke(&rules::WITH_ALARM, change(&function("orders", 3))).await.unwrap();
    assert_eq!(config.only_evaluation()["ComplianceType"], "COMPLIANT");
    assert_eq!(config.requests("SelectResourceConfig")[1]["NextToken"], "2");
}

#[tokio::test]
async fn nothing_found_of_a_recorded_type_is_a_promise() {
    let config = Endpoint::start([]).await;
    config.invoke(&rules::WITH_ALARM, change(&function("orders", 3))).await.unwrap();
    assert_eq!(
        config.operations(),
        ["SelectResourceConfig", "DescribeConfigurationRecorders", "PutEvaluations"]
    );
    assert_eq!(config.only_evaluation()["ComplianceType"], "NON_COMPLIANT");
}

#[tokio::test]
async fn nothing_found_of_a_type_that_is_not_recorded_decides_nothing() {
    let recorders = json!({"ConfigurationRecorders": [{
        "name": "default",
        "recordingGroup": {
            "allSupported": false,
            "recordingStrategy": {"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"},
            "exclusionByResourceTypes": {"resourceTypes": ["AWS::CloudWatch::Alarm"]},
        },
    }]});
    let config = Endpoint::start([("DescribeConfigurationRecorders", Answer::Ok(recorders))]).await;
    config.invoke(&rules::WITH_ALARM, change(&function("orders", 3))).await.unwrap();
    assert_eq!(config.only_evaluation()["ComplianceType"], "COMPLIANT");
}

#[tokio::test]
async fn on_a_schedule_each_type_is_fetched_once() {
    let functions =
        rows(&[function_row("orders", 3.0), function_row("stock", 3.0), function_row("mail", 3.0)]);
    let alarms = rows(&[alarm_row("errors", "orders"), alarm_row("more-errors", "mail")]);
    let config = Endpoint::start([
        ("SelectResourceConfig", Answer::Ok(functions)),
        ("SelectResourceConfig", Answer::Ok(alarms)),
    ])
    .await;
    config.invoke(&rules::WITH_ALARM, scheduled()).await.unwrap();
    assert_eq!(config.requests("SelectResourceConfig").len(), 2);
    let verdicts: Vec<_> =
        config.reported().into_iter().map(|(_, id, compliance)| (id, compliance)).collect();
    let expected = [("orders", "COMPLIANT"), ("stock", "NON_COMPLIANT"), ("mail", "COMPLIANT")];
    assert_eq!(verdicts, expected.map(|(id, compliance)| (id.to_owned(), compliance.to_owned())));
}

#[tokio::test]
async fn a_type_that_queries_do_not_see_is_listed_and_fetched_with_unprocessed_keys_again() {
    let key = |id: &str| json!({"resourceType": POOL, "resourceId": id});
    let item = |id: &str| {
        json!({
            "resourceType": POOL, "resourceId": id, "accountId": "111122223333", "awsRegion": "eu-west-1",
            "configurationItemStatus": "OK", "configuration": "{\"UserPoolName\":\"customers\"}",
        })
    };
    let config = Endpoint::start([
        (
            "ListDiscoveredResources",
            Answer::Ok(json!({"resourceIdentifiers": [key("pool-1")], "nextToken": "2"})),
        ),
        ("ListDiscoveredResources", Answer::Ok(json!({"resourceIdentifiers": [key("pool-2")]}))),
        (
            "BatchGetResourceConfig",
            Answer::Ok(json!({
                "baseConfigurationItems": [item("pool-1")], "unprocessedResourceKeys": [key("pool-2")],
            })),
        ),
        (
            "BatchGetResourceConfig",
            Answer::Ok(json!({"baseConfigurationItems": [item("pool-2")], "unprocessedResourceKeys": []})),
        ),
    ])
    .await;
    config.invoke(&rules::USER_POOLS, scheduled()).await.unwrap();
    let ids: Vec<_> = config.reported().into_iter().map(|(_, id, _)| id).collect();
    assert_eq!(ids, ["pool-1", "pool-2"]);
    assert_eq!(config.requests("SelectResourceConfig").len(), 0);
    assert_eq!(
        config.requests("BatchGetResourceConfig"),
        [json!({"resourceKeys": [key("pool-1"), key("pool-2")]}), json!({"resourceKeys": [key("pool-2")]})]
    );
}

#[tokio::test]
async fn a_type_that_queries_left_out_although_it_is_recorded_is_listed() {
    let key = json!({"resourceType": "AWS::Lambda::Function", "resourceId": "orders"});
    let item = json!({
        "resourceType": "AWS::Lambda::Function", "resourceId": "orders", "configurationItemStatus": "OK",
        "configuration": "{\"timeout\":61}",
    });
    let config = Endpoint::start([
        ("ListDiscoveredResources", Answer::Ok(json!({"resourceIdentifiers": [key]}))),
        ("BatchGetResourceConfig", Answer::Ok(json!({"baseConfigurationItems": [item]}))),
    ])
    .await;
    config.invoke(&rules::DAILY, scheduled()).await.unwrap();
    let reported: Vec<_> =
        config.reported().into_iter().map(|(_, id, compliance)| (id, compliance)).collect();
    assert_eq!(reported, [("orders".to_owned(), "NON_COMPLIANT".to_owned())]);
}

#[tokio::test]
async fn without_a_recorder_nothing_is_known() {
    let config = Endpoint::start([(
        "ListDiscoveredResources",
        Answer::Error("NoAvailableConfigurationRecorderException"),
    )])
    .await;
    config.invoke(&rules::USER_POOLS, scheduled()).await.unwrap();
    assert_eq!(config.reported(), []);
}

#[tokio::test]
async fn a_deleted_resource_among_the_rows_does_not_exist() {
    let gone = with(alarm_row("errors", "orders"), "configurationItemStatus", "ResourceDeleted");
    let config = Endpoint::start([("SelectResourceConfig", Answer::Ok(rows(&[gone])))]).await;
    config.invoke(&rules::WITH_ALARM, change(&function("orders", 3))).await.unwrap();
    assert_eq!(config.only_evaluation()["ComplianceType"], "NON_COMPLIANT");
}

#[tokio::test]
async fn items_that_do_not_say_what_they_refer_to_decide_nothing() {
    let key = json!({"resourceType": "AWS::ApiGatewayV2::Integration", "resourceId": "i"});
    let item = with(key.clone(), "configuration", r#"{"IntegrationType":"AWS_PROXY"}"#);
    let config = Endpoint::start([
        ("ListDiscoveredResources", Answer::Ok(json!({"resourceIdentifiers": [key]}))),
        ("BatchGetResourceConfig", Answer::Ok(json!({"baseConfigurationItems": [item]}))),
    ])
    .await;
    config.invoke(&rules::WITH_INTEGRATION, change(&function("orders", 3))).await.unwrap();
    assert_eq!(config.only_evaluation()["ComplianceType"], "COMPLIANT");
}

#[tokio::test]
async fn a_type_that_config_does_not_know_is_not_even_asked_for() {
    let config = Endpoint::start([]).await;
    config.invoke(&rules::WITH_LOG_GROUP, change(&function("orders", 3))).await.unwrap();
    assert_eq!(config.operations(), ["PutEvaluations"]);
    assert_eq!(config.only_evaluation()["ComplianceType"], "COMPLIANT");
}

#[tokio::test]
async fn questions_about_several_types_are_one_query_and_each_gets_its_own_rows() {
    let found = rows(&[referring(TOPIC, "t", "orders"), referring(QUEUE, "q", "stock")]);
    let config = Endpoint::start([("SelectResourceConfig", Answer::Ok(found))]).await;
    config.invoke(&rules::WITH_BOTH, change(&function("orders", 3))).await.unwrap();
    assert_eq!(config.requests("SelectResourceConfig").len(), 1);
    assert_eq!(config.only_evaluation()["ComplianceType"], "NON_COMPLIANT");
    let found = rows(&[referring(TOPIC, "t", "orders"), referring(QUEUE, "q", "orders")]);
    let config = Endpoint::start([("SelectResourceConfig", Answer::Ok(found))]).await;
    config.invoke(&rules::WITH_BOTH, change(&function("orders", 3))).await.unwrap();
    assert_eq!(config.operations(), ["SelectResourceConfig", "PutEvaluations"]);
    assert_eq!(config.only_evaluation()["ComplianceType"], "COMPLIANT");
}

#[tokio::test]
async fn a_query_about_several_types_that_is_refused_is_asked_type_by_type() {
    let config = Endpoint::start([
        ("SelectResourceConfig", Answer::Error("InvalidExpressionException")),
        ("SelectResourceConfig", Answer::Ok(rows(&[referring(TOPIC, "t", "orders")]))),
        ("SelectResourceConfig", Answer::Ok(rows(&[referring(QUEUE, "q", "orders")]))),
    ])
    .await;
    config.invoke(&rules::WITH_BOTH, change(&function("orders", 3))).await.unwrap();
    assert_eq!(config.only_evaluation()["ComplianceType"], "COMPLIANT");
    let requests = config.requests("SelectResourceConfig");
    let expressions: Vec<_> =
        requests.iter().map(|request| request["Expression"].as_str().unwrap()).collect();
    assert!(expressions[0].contains(TOPIC) && expressions[0].contains(QUEUE), "{expressions:?}");
    assert!(expressions[1].contains(TOPIC) && !expressions[1].contains(QUEUE), "{expressions:?}");
    assert!(expressions[2].contains(QUEUE) && !expressions[2].contains(TOPIC), "{expressions:?}");
}

#[tokio::test]
async fn a_query_about_one_type_that_is_refused_is_an_error() {
    let config =
        Endpoint::start([("SelectResourceConfig", Answer::Error("InvalidExpressionException"))]).await;
    let answered = config.invoke(&rules::WITH_ALARM, change(&function("orders", 3))).await;
    assert_eq!(answered.unwrap_err().error_type, "EvidenceUnavailable");
    assert_eq!(config.operations(), ["SelectResourceConfig"]);
}

#[tokio::test]
async fn what_is_recorded_is_asked_once_however_many_answers_are_empty() {
    let config = Endpoint::start([]).await;
    config.invoke(&rules::WITH_BOTH, change(&function("orders", 3))).await.unwrap();
    assert_eq!(
        config.operations(),
        ["SelectResourceConfig", "DescribeConfigurationRecorders", "PutEvaluations"]
    );
    assert_eq!(config.only_evaluation()["ComplianceType"], "NON_COMPLIANT");
}

fn referring(resource_type: &str, id: &str, function: &str) -> Value {
    let function = json!({
        "resourceType": "AWS::Lambda::Function", "resourceId": function, "relationshipName": "Is associated with ",
    });
    with(row(resource_type, id, &json!({})), "relationships", json!([function]))
}

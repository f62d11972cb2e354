use serde_json::{Value, json};

use crate::endpoint::{Answer, Endpoint};
use crate::events::{ACCOUNT, CAPTURED_SECONDS, oversized, with};
use crate::rules;

#[tokio::test]
async fn an_oversized_item_is_fetched_as_it_was_at_the_change() {
    let config = Endpoint::start([("GetResourceConfigHistory", Answer::Ok(history()))]).await;
    config.invoke(&rules::ON_CHANGE, oversized("OK")).await.unwrap();
    assert_eq!(
        config.requests("GetResourceConfigHistory"),
        [json!({
            "resourceType": "AWS::Lambda::Function",
            "resourceId": "orders",
            "laterTime": CAPTURED_SECONDS,
            "limit": 1,
        })]
    );
    let evaluation = config.only_evaluation();
    assert_eq!(evaluation["Annotation"], "too-long: times out after 61 s, 60 s are accepted");
    assert_eq!(evaluation["OrderingTimestamp"], CAPTURED_SECONDS);
}

#[tokio::test]
async fn an_empty_page_of_history_is_not_the_end_of_it() {
    let empty = |token: &str| Answer::Ok(json!({"configurationItems": [], "nextToken": token}));
    let config = Endpoint::start([
        ("GetResourceConfigHistory", empty("page-2")),
        ("GetResourceConfigHistory", empty("page-3")),
        ("GetResourceConfigHistory", Answer::Ok(history())),
    ])
    .await;
    config.invoke(&rules::ON_CHANGE, oversized("OK")).await.unwrap();
    let tokens: Vec<_> = config
        .requests("GetResourceConfigHistory")
        .iter()
        .map(|request| request.get("nextToken").cloned().unwrap_or(Value::Null))
        .collect();
    assert_eq!(tokens, [Value::Null, json!("page-2"), json!("page-3")]);
    assert_eq!(config.only_evaluation()["ComplianceType"], "NON_COMPLIANT");
}

#[tokio::test]
async fn a_history_without_any_item_fails_without_a_verdict() {
    let nothing = Answer::Ok(json!({"configurationItems": []}));
    let config = Endpoint::start([("GetResourceConfigHistory", nothing)]).await;
    let diagnostic = config.invoke(&rules::ON_CHANGE, oversized("OK")).await.unwrap_err();
    assert_eq!(diagnostic.error_type, "EvidenceUnavailable");
    assert_eq!(config.operations(), ["GetResourceConfigHistory"]);
}

#[tokio::test]
async fn a_deleted_oversized_resource_is_answered_from_the_summary() {
    let config = Endpoint::start([]).await;
    config.invoke(&rules::ON_CHANGE, oversized("ResourceDeleted")).await.unwrap();
    assert_eq!(config.operations(), ["PutEvaluations"]);
    assert_eq!(config.only_evaluation()["ComplianceType"], "NOT_APPLICABLE");
}

#[tokio::test]
async fn an_oversized_resource_that_left_the_scope_is_answered_from_the_summary() {
    let config = Endpoint::start([]).await;
    config.invoke(&rules::ON_CHANGE, with(oversized("OK"), "eventLeftScope", true)).await.unwrap();
    assert_eq!(config.operations(), ["PutEvaluations"]);
}

/// The API's shape: configuration as text, a capture time in seconds, a relationship label with a space at its end.
fn history() -> Value {
    json!({"configurationItems": [{
        "version": "1.3",
        "accountId": ACCOUNT,
        "configurationItemCaptureTime": CAPTURED_SECONDS,
        "configurationItemStatus": "OK",
        "configurationStateId": "1801439999123",
        "configurationItemMD5Hash": "",
        "arn": "arn:aws:lambda:eu-west-1:111122223333:function:orders",
        "resourceType": "AWS::Lambda::Function",
        "resourceId": "orders",
        "resourceName": "orders",
        "awsRegion": "eu-west-1",
        "availabilityZone": "Not Applicable",
        "tags": {},
        "relatedEvents": [],
        "relationships": [
            {"resourceType": "AWS::IAM::Role", "resourceName": "a-role", "relationshipName": "Is associated with "},
        ],
        "configuration": json!({"functionName": "orders", "timeout": 61}).to_string(),
        "supplementaryConfiguration": {"Tags": "{}"},
    }]})
}

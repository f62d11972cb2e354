use std::time::{Duration, Instant, SystemTime};

use config_lambda::{Function, Settings};
use serde_json::json;

use crate::endpoint::{Answer, Endpoint, payload};
use crate::events::{change, function, function_row, rows, scheduled};
use crate::rules;

#[tokio::test]
async fn a_throttled_report_is_sent_again() {
    let config = Endpoint::start([("PutEvaluations", Answer::Error("ThrottlingException"))]).await;
    config.invoke(&rules::ON_CHANGE, change(&function("orders", 61))).await.unwrap();
    assert_eq!(config.requests("PutEvaluations").len(), 2);
}

#[tokio::test]
async fn throttling_until_the_deadline_fails_so_that_lambda_tries_again_later() {
    let config = Endpoint::start([("PutEvaluations", Answer::Always("ThrottlingException"))]).await;
    let start = Instant::now();
    let answered = config
        .invoke_within(Duration::from_secs(2), &rules::ON_CHANGE, change(&function("orders", 61)))
        .await;
    assert_eq!(answered.unwrap_err().error_type, "ReportRejected");
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_token_that_is_no_longer_valid_is_not_tried_again() {
    let config = Endpoint::start([("PutEvaluations", Answer::Always("InvalidResultTokenException"))]).await;
    config.invoke(&rules::ON_CHANGE, change(&function("orders", 61))).await.unwrap();
    assert_eq!(config.operations(), ["PutEvaluations"]);
}

#[tokio::test]
async fn a_rule_that_is_gone_is_not_tried_again() {
    let config = Endpoint::start([("PutEvaluations", Answer::Always("NoSuchConfigRuleException"))]).await;
    config.invoke(&rules::DAILY, scheduled()).await.unwrap();
    assert_eq!(config.requests("PutEvaluations").len(), 1);
    assert_eq!(config.requests("GetComplianceDetailsByConfigRule").len(), 0);
}

#[tokio::test]
async fn an_evaluation_that_is_called_invalid_takes_no_other_with_it() {
    let functions: Vec<_> = (0..150).map(|n| function_row(&format!("f{n}"), 3.0)).collect();
    let invalid = || Answer::Error("ValidationException");
    let taken = || Answer::Ok(json!({"FailedEvaluations": []}));
    // Of 100 the last but one; of its halves and quarters the second, the second, the first, …
    let answers = [
        (100, invalid()),
        (50, taken()),
        (50, invalid()),
        (25, taken()),
        (25, invalid()),
        (12, taken()),
        (13, invalid()),
        (6, taken()),
        (7, invalid()),
        (3, taken()),
        (4, invalid()),
        (2, taken()),
        (2, invalid()),
        (1, invalid()),
        (1, taken()),
        (50, taken()),
    ];
    let mut script = vec![("SelectResourceConfig", Answer::Ok(rows(&functions)))];
    script.extend(answers.iter().map(|(_, answer)| ("PutEvaluations", answer.clone())));
    let config = Endpoint::start(script).await;
    config.invoke(&rules::DAILY, scheduled()).await.unwrap();
    let sizes: Vec<_> = config
        .requests("PutEvaluations")
        .iter()
        .map(|request| request["Evaluations"].as_array().unwrap().len())
        .collect();
    assert_eq!(sizes, answers.map(|(size, _)| size));
}

#[tokio::test]
async fn a_report_that_is_invalid_as_a_whole_is_not_searched_for_ever() {
    let functions: Vec<_> = (0..100).map(|n| function_row(&format!("f{n}"), 3.0)).collect();
    let config = Endpoint::start([
        ("SelectResourceConfig", Answer::Ok(rows(&functions))),
        ("PutEvaluations", Answer::Always("ValidationException")),
    ])
    .await;
    config.invoke(&rules::DAILY, scheduled()).await.unwrap();
    assert_eq!(config.requests("PutEvaluations").len(), 1 + 2 * 64);
}

#[tokio::test]
async fn evaluations_that_were_not_taken_are_noticed_although_the_call_succeeded() {
    let not_taken = json!({"FailedEvaluations": [{
        "ComplianceResourceType": "AWS::Lambda::Function", "ComplianceResourceId": "orders",
        "ComplianceType": "NON_COMPLIANT", "OrderingTimestamp": 1_801_439_999.0,
    }]});
    let config = Endpoint::start([("PutEvaluations", Answer::Ok(not_taken))]).await;
    let diagnostic = config.invoke(&rules::ON_CHANGE, change(&function("orders", 61))).await.unwrap_err();
    assert_eq!(diagnostic.error_type, "ReportRejected");
    assert_eq!(
        diagnostic.error_message,
        "AWS Config did not take 1 of 1 evaluations, the first about AWS::Lambda::Function `orders`"
    );
}

#[tokio::test]
async fn a_report_that_the_role_does_not_allow_fails() {
    let config = Endpoint::start([("PutEvaluations", Answer::Always("AccessDeniedException"))]).await;
    let diagnostic = config.invoke(&rules::ON_CHANGE, change(&function("orders", 61))).await.unwrap_err();
    assert_eq!(diagnostic.error_type, "ReportRejected");
    assert_eq!(
        diagnostic.error_message,
        "the report was not taken: `PutEvaluations` was refused with AccessDeniedException: as scripted"
    );
}

#[tokio::test]
async fn evidence_that_the_role_does_not_allow_is_never_a_verdict() {
    let config = Endpoint::start([("SelectResourceConfig", Answer::Always("AccessDeniedException"))]).await;
    let diagnostic = config.invoke(&rules::WITH_ALARM, change(&function("orders", 61))).await.unwrap_err();
    assert_eq!(diagnostic.error_type, "EvidenceUnavailable");
    assert!(diagnostic.error_message.contains("AccessDeniedException"), "{}", diagnostic.error_message);
    assert_eq!(config.requests("PutEvaluations").len(), 0);
}

#[tokio::test]
async fn throttled_evidence_is_asked_for_again() {
    let config = Endpoint::start([("SelectResourceConfig", Answer::Error("ThrottlingException"))]).await;
    config.invoke(&rules::WITH_ALARM, change(&function("orders", 61))).await.unwrap();
    assert_eq!(config.requests("SelectResourceConfig").len(), 2);
    assert_eq!(config.only_evaluation()["ComplianceType"], "NON_COMPLIANT");
}

#[tokio::test]
async fn evidence_that_does_not_come_leaves_time_to_report_the_rest() {
    let config = Endpoint::start([("ListDiscoveredResources", Answer::Always("ThrottlingException"))]).await;
    let diagnostic = config
        .invoke_within(Duration::from_secs(4), &rules::USER_POOLS_AND_ACCOUNT, scheduled())
        .await
        .unwrap_err();
    assert_eq!(diagnostic.error_type, "EvidenceUnavailable");
    assert_eq!(config.only_evaluation()["ComplianceResourceType"], "AWS::::Account");
}

#[tokio::test]
async fn a_report_that_is_final_does_not_hide_evidence_that_a_retry_may_bring() {
    let config = Endpoint::start([
        ("ListDiscoveredResources", Answer::Error("AccessDeniedException")),
        ("PutEvaluations", Answer::Error("ValidationException")),
    ])
    .await;
    let diagnostic = config.invoke(&rules::USER_POOLS_AND_ACCOUNT, scheduled()).await.unwrap_err();
    assert_eq!(diagnostic.error_type, "EvidenceUnavailable");
}

/// Nothing listens there, but to find that out the roots have to be read.
#[tokio::test]
async fn the_embedded_roots_can_be_read_and_a_refused_connection_fails() {
    let settings = Settings::from_variables(|name| match name {
        "AWS_REGION" => Some("eu-west-1".to_owned()),
        "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("example".to_owned()),
        "AWS_ENDPOINT_URL" => Some("https://127.0.0.1:1".to_owned()),
        "AWS_MAX_ATTEMPTS" => Some("1".to_owned()),
        _ => None,
    });
    let edge = Function::new(&rules::ON_CHANGE, settings.unwrap());
    let deadline = SystemTime::now() + Duration::from_secs(10);
    let diagnostic = edge.answer(payload(change(&function("orders", 61))), deadline).await.unwrap_err();
    assert_eq!(diagnostic.error_type, "ReportRejected");
    assert!(diagnostic.error_message.contains("refused"), "{}", diagnostic.error_message);
}

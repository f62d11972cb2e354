use std::collections::BTreeSet;

use serde_json::json;

use crate::endpoint::{Answer, Endpoint};
use crate::events::{ACCOUNT, SCHEDULED_SECONDS, function_row, results, row, rows, scheduled, with};
use crate::rules;

const FUNCTION: &str = "AWS::Lambda::Function";
const TABLE: &str = "AWS::DynamoDB::Table";

#[tokio::test]
async fn evaluations_go_out_in_batches_of_100_with_one_token() {
    let page = |range: std::ops::Range<u32>| {
        rows(&range.map(|n| function_row(&format!("f{n}"), 61.0)).collect::<Vec<_>>())
    };
    let more = |mut page: serde_json::Value, token: &str| {
        page["NextToken"] = json!(token);
        Answer::Ok(page)
    };
    let config = Endpoint::start([
        ("SelectResourceConfig", more(page(0..100), "2")),
        ("SelectResourceConfig", more(page(100..200), "3")),
        ("SelectResourceConfig", Answer::Ok(page(200..250))),
    ])
    .await;
    config.invoke(&rules::DAILY, scheduled()).await.unwrap();
    let requests = config.requests("PutEvaluations");
    let sizes: Vec<_> =
        requests.iter().map(|request| request["Evaluations"].as_array().unwrap().len()).collect();
    assert_eq!(sizes, [100, 100, 50]);
    assert!(requests.iter().all(|request| request["ResultToken"] == "a-token"));
    let times: BTreeSet<_> = requests
        .iter()
        .flat_map(|request| request["Evaluations"].as_array().unwrap())
        .map(|evaluation| evaluation["OrderingTimestamp"].to_string())
        .collect();
    assert_eq!(times, BTreeSet::from([json!(SCHEDULED_SECONDS).to_string()]));
    let ids: BTreeSet<_> = config.reported().into_iter().map(|(_, id, _)| id).collect();
    assert_eq!(ids.len(), 250);
}

#[tokio::test]
async fn nothing_to_report_is_reported_too() {
    let config = Endpoint::start([]).await;
    config.invoke(&rules::DAILY, scheduled()).await.unwrap();
    assert_eq!(config.requests("PutEvaluations"), [json!({"Evaluations": [], "ResultToken": "a-token"})]);
}

#[tokio::test]
async fn a_type_that_the_parameters_leave_out_is_not_asked_for_and_its_earlier_results_are_retired() {
    let config = Endpoint::start([
        ("SelectResourceConfig", Answer::Ok(rows(&[function_row("orders", 3.0)]))),
        ("GetComplianceDetailsByConfigRule", Answer::Ok(results(&[(TABLE, "orders")]))),
    ])
    .await;
    let event = with(scheduled(), "ruleParameters", json!({"judgesTables": "false"}).to_string());
    config.invoke(&rules::DAILY, event).await.unwrap();
    assert_eq!(config.requests("SelectResourceConfig").len(), 1);
    let reported: Vec<_> =
        config.reported().into_iter().map(|(kind, _, compliance)| (kind, compliance)).collect();
    let expected = [(FUNCTION, "COMPLIANT"), (TABLE, "NOT_APPLICABLE")];
    assert_eq!(reported, expected.map(|(kind, compliance)| (kind.to_owned(), compliance.to_owned())));
}

#[tokio::test]
async fn results_of_vanished_resources_are_retired_by_type_and_id() {
    let mut first = results(&[(FUNCTION, "orders"), (FUNCTION, "gone")]);
    first["NextToken"] = json!("2");
    let config = Endpoint::start([
        ("SelectResourceConfig", Answer::Ok(rows(&[function_row("orders", 3.0)]))),
        ("SelectResourceConfig", Answer::Ok(rows(&[row(TABLE, "gone", &json!({}))]))),
        ("GetComplianceDetailsByConfigRule", Answer::Ok(first)),
        ("GetComplianceDetailsByConfigRule", Answer::Ok(results(&[(TABLE, "orders"), (TABLE, "gone")]))),
    ])
    .await;
    config.invoke(&rules::DAILY, scheduled()).await.unwrap();
    assert_eq!(
        config.reported(),
        [
            reported(FUNCTION, "orders", "COMPLIANT"),
            reported(TABLE, "gone", "COMPLIANT"),
            reported(TABLE, "orders", "NOT_APPLICABLE"),
            reported(FUNCTION, "gone", "NOT_APPLICABLE"),
        ]
    );
    let asked = config.requests("GetComplianceDetailsByConfigRule");
    assert_eq!(
        asked[0],
        json!({
            "ConfigRuleName": "short-timeouts-conformance-pack-8bzjqtjiy",
            "ComplianceTypes": ["COMPLIANT", "NON_COMPLIANT"],
            "Limit": 100,
        })
    );
    assert_eq!(asked[1]["NextToken"], "2");
}

#[tokio::test]
async fn a_type_that_could_not_be_listed_retires_nothing_and_the_other_is_reported() {
    let config = Endpoint::start([
        ("SelectResourceConfig", Answer::Error("AccessDeniedException")),
        ("SelectResourceConfig", Answer::Ok(rows(&[row(TABLE, "orders", &json!({}))]))),
        (
            "GetComplianceDetailsByConfigRule",
            Answer::Ok(results(&[(FUNCTION, "perhaps-there"), (TABLE, "gone")])),
        ),
    ])
    .await;
    let diagnostic = config.invoke(&rules::DAILY, scheduled()).await.unwrap_err();
    assert_eq!(diagnostic.error_type, "EvidenceUnavailable");
    assert_eq!(
        config.reported(),
        [reported(TABLE, "orders", "COMPLIANT"), reported(TABLE, "gone", "NOT_APPLICABLE")]
    );
}

#[tokio::test]
async fn a_type_that_is_not_recorded_retires_nothing() {
    let recorders = json!({"ConfigurationRecorders": [{
        "name": "default", "recordingGroup": {"allSupported": false, "resourceTypes": [TABLE]},
    }]});
    let earlier = results(&[(FUNCTION, "perhaps-there"), (TABLE, "gone")]);
    let config = Endpoint::start([
        ("DescribeConfigurationRecorders", Answer::Ok(recorders)),
        ("GetComplianceDetailsByConfigRule", Answer::Ok(earlier)),
    ])
    .await;
    config.invoke(&rules::DAILY, scheduled()).await.unwrap();
    assert_eq!(config.reported(), [reported(TABLE, "gone", "NOT_APPLICABLE")]);
    assert_eq!(config.requests("DescribeConfigurationRecorders").len(), 1);
}

#[tokio::test]
async fn evidence_that_cannot_be_had_is_asked_for_once_and_costs_no_earlier_result() {
    let functions = rows(&[function_row("orders", 3.0), function_row("stock", 3.0)]);
    let config = Endpoint::start([
        ("SelectResourceConfig", Answer::Ok(functions)),
        ("SelectResourceConfig", Answer::Always("AccessDeniedException")),
        (
            "GetComplianceDetailsByConfigRule",
            Answer::Ok(results(&[(FUNCTION, "orders"), (FUNCTION, "gone")])),
        ),
    ])
    .await;
    let diagnostic = config.invoke(&rules::WITH_ALARM, scheduled()).await.unwrap_err();
    assert_eq!(diagnostic.error_type, "EvidenceUnavailable");
    assert!(
        diagnostic.error_message.starts_with("questions without an answer: 2"),
        "{}",
        diagnostic.error_message
    );
    assert_eq!(config.requests("SelectResourceConfig").len(), 2);
    assert_eq!(config.reported(), [reported(FUNCTION, "gone", "NOT_APPLICABLE")]);
}

#[tokio::test]
async fn wrong_parameters_are_a_result_of_the_account() {
    let config = Endpoint::start([]).await;
    let event = with(scheduled(), "ruleParameters", r#"{"maxSeconds": "six"}"#);
    config.invoke(&rules::DAILY, event).await.unwrap();
    let evaluation = config.only_evaluation();
    assert_eq!(
        evaluation,
        json!({
            "ComplianceResourceType": "AWS::::Account",
            "ComplianceResourceId": ACCOUNT,
            "ComplianceType": "NON_COMPLIANT",
            "Annotation": "rule parameter `maxSeconds`: expected a whole number from 1 to 900, got `six`",
            "OrderingTimestamp": SCHEDULED_SECONDS,
        })
    );
    assert_eq!(config.operations(), ["PutEvaluations"]);
}

#[tokio::test]
async fn the_account_s_result_goes_once_the_parameters_are_right() {
    let earlier = results(&[("AWS::::Account", ACCOUNT)]);
    let config = Endpoint::start([("GetComplianceDetailsByConfigRule", Answer::Ok(earlier))]).await;
    config.invoke(&rules::DAILY, scheduled()).await.unwrap();
    assert_eq!(config.reported(), [reported("AWS::::Account", ACCOUNT, "NOT_APPLICABLE")]);
}

#[tokio::test]
async fn the_account_is_judged_without_being_listed() {
    let config = Endpoint::start([]).await;
    config.invoke(&rules::ACCOUNT, scheduled()).await.unwrap();
    assert_eq!(config.reported(), [reported("AWS::::Account", ACCOUNT, "COMPLIANT")]);
    assert_eq!(config.operations(), ["PutEvaluations", "GetComplianceDetailsByConfigRule"]);
}

#[tokio::test]
async fn a_rule_name_of_64_characters_retires_and_a_longer_one_does_not() {
    for (characters, questions) in [(64, 1), (65, 0)] {
        let config = Endpoint::start([]).await;
        let event = with(scheduled(), "configRuleName", "n".repeat(characters));
        config.invoke(&rules::DAILY, event).await.unwrap();
        assert_eq!(config.requests("GetComplianceDetailsByConfigRule").len(), questions);
    }
}

#[tokio::test]
async fn a_rehearsal_retires_nothing() {
    let config = Endpoint::start([]).await;
    config.invoke(&rules::DAILY, with(scheduled(), "resultToken", "TESTMODE")).await.unwrap();
    assert_eq!(config.requests("GetComplianceDetailsByConfigRule").len(), 0);
}

#[tokio::test]
async fn earlier_results_that_cannot_be_asked_for_fail_after_the_report() {
    let denied = Answer::Always("AccessDeniedException");
    let config = Endpoint::start([
        ("SelectResourceConfig", Answer::Ok(rows(&[function_row("orders", 3.0)]))),
        ("GetComplianceDetailsByConfigRule", denied),
    ])
    .await;
    let diagnostic = config.invoke(&rules::DAILY, scheduled()).await.unwrap_err();
    assert_eq!(diagnostic.error_type, "EvidenceUnavailable");
    assert_eq!(config.reported(), [reported(FUNCTION, "orders", "COMPLIANT")]);
}

fn reported(resource_type: &str, id: &str, compliance: &str) -> (String, String, String) {
    (resource_type.to_owned(), id.to_owned(), compliance.to_owned())
}

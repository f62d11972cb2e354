//! Inspector's answers as documents, over a scripted endpoint.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod answers;

use std::time::{Duration, SystemTime};

use answers::{ARN, account_status, coverage, finding, page_of_coverage, page_of_findings};
use aws_stub::{Answer, Endpoint};
use config_lambda::{Clients, Evidence, LookupError, Settings};
use config_rule::{Document, Documents, Known, Selector};
use inspector_evidence::{
    COVERAGE, FINDING, FINDINGS_PER_FUNCTION, InspectorEvidence, MAX_PAGES, REGIONS_WITHOUT_INSPECTOR,
};
use serde_json::{Value, json};

const LIST_COVERAGE: &str = "/coverage/list";
const LIST_FINDINGS: &str = "/findings/list";
const ACCOUNT_STATUS: &str = "/status/batch/get";

#[tokio::test]
async fn the_coverage_of_a_function_is_asked_for_by_name_and_account() {
    let scans = page_of_coverage(&[coverage("orders", "PACKAGE"), coverage("orders", "CODE")], None);
    let inspector = Endpoint::start([(LIST_COVERAGE, Answer::Ok(scans))]).await;
    let documents = found(ask(&inspector, COVERAGE, Selector::Arn(ARN)).await);
    assert_eq!(documents.len(), 2);
    assert_eq!(documents[0], document(&coverage_item("PACKAGE")));
    assert_eq!(documents[1], document(&coverage_item("CODE")));
    assert_eq!(
        inspector.requests(LIST_COVERAGE),
        [json!({
            "maxResults": 200,
            "filterCriteria": {
                "accountId": [{"comparison": "EQUALS", "value": "111122223333"}],
                "lambdaFunctionName": [{"comparison": "EQUALS", "value": "orders"}],
                "resourceType": [{"comparison": "EQUALS", "value": "AWS_LAMBDA_FUNCTION"}],
            },
        })]
    );
}

#[tokio::test]
async fn coverage_is_found_by_id_arn_name_and_reference() {
    for selector in [
        Selector::Id(ARN),
        Selector::Arn(ARN),
        Selector::Named("orders"),
        Selector::ReferringTo(ARN),
        Selector::ReferringTo("orders"),
    ] {
        let scans = page_of_coverage(&[coverage("orders", "PACKAGE")], None);
        let inspector = Endpoint::start([(LIST_COVERAGE, Answer::Ok(scans))]).await;
        assert_eq!(found(ask(&inspector, COVERAGE, selector).await).len(), 1, "{selector:?}");
    }
}

#[tokio::test]
async fn all_coverage_is_read_to_the_last_page() {
    let inspector = Endpoint::start([
        (LIST_COVERAGE, Answer::Ok(page_of_coverage(&[coverage("orders", "PACKAGE")], Some("2")))),
        (LIST_COVERAGE, Answer::Ok(page_of_coverage(&[coverage("stock", "PACKAGE")], None))),
    ])
    .await;
    let documents = found(ask(&inspector, COVERAGE, Selector::All).await);
    let names: Vec<_> = documents.iter().map(|document| document.resource_name.as_deref().unwrap()).collect();
    assert_eq!(names, ["orders", "stock"]);
    let requests = inspector.requests(LIST_COVERAGE);
    assert_eq!(requests[0]["filterCriteria"].as_object().unwrap().len(), 1);
    assert_eq!(requests[1]["nextToken"], "2");
}

#[tokio::test]
async fn nothing_covered_is_a_promise() {
    let inspector = Endpoint::start([(LIST_COVERAGE, Answer::Ok(page_of_coverage(&[], None)))]).await;
    assert_eq!(
        ask(&inspector, COVERAGE, Selector::Arn(ARN)).await.unwrap(),
        Known::Value(Documents::default())
    );
}

#[tokio::test]
async fn the_findings_of_a_function_are_its_active_package_vulnerabilities_the_worst_first() {
    let findings = page_of_findings(&[finding("one", "orders", "CRITICAL")], None);
    let inspector = Endpoint::start([(LIST_FINDINGS, Answer::Ok(findings))]).await;
    let documents = found(ask(&inspector, FINDING, Selector::ReferringTo(ARN)).await);
    let mut configuration = finding("one", "orders", "CRITICAL");
    configuration["firstObservedAt"] = json!("2026-01-02T03:04:05Z");
    configuration["lastObservedAt"] = json!("2026-01-02T03:04:05Z");
    configuration["updatedAt"] = json!("2026-01-02T03:04:05Z");
    configuration["packageVulnerabilityDetails"]["vendorCreatedAt"] = json!("2026-01-02T03:04:05Z");
    let expected = document(&json!({
        "resourceType": FINDING,
        "resourceId": "arn:aws:inspector2:eu-west-1:111122223333:finding/one",
        "ARN": "arn:aws:inspector2:eu-west-1:111122223333:finding/one",
        "awsAccountId": "111122223333",
        "awsRegion": "eu-west-1",
        "configurationItemStatus": "OK",
        "tags": {},
        "relationships": [relationship()],
        "configuration": configuration,
    }));
    assert_eq!(documents, [expected]);
    assert_eq!(
        inspector.requests(LIST_FINDINGS),
        [json!({
            "maxResults": 100,
            "filterCriteria": {
                "awsAccountId": [{"comparison": "EQUALS", "value": "111122223333"}],
                "findingStatus": [{"comparison": "EQUALS", "value": "ACTIVE"}],
                "findingType": [{"comparison": "EQUALS", "value": "PACKAGE_VULNERABILITY"}],
                "lambdaFunctionName": [{"comparison": "EQUALS", "value": "orders"}],
                "resourceType": [{"comparison": "EQUALS", "value": "AWS_LAMBDA_FUNCTION"}],
            },
            "sortCriteria": {"field": "SEVERITY", "sortOrder": "DESC"},
        })]
    );
}

#[tokio::test]
async fn no_findings_of_an_account_that_is_scanned_are_a_promise() {
    for status in ["ENABLED", "ENABLING"] {
        let inspector = Endpoint::start([
            (LIST_FINDINGS, Answer::Ok(page_of_findings(&[], None))),
            (ACCOUNT_STATUS, Answer::Ok(account_status("ENABLED", status))),
        ])
        .await;
        let answer = ask(&inspector, FINDING, Selector::ReferringTo(ARN)).await.unwrap();
        assert_eq!(answer, Known::Value(Documents::default()), "{status}");
    }
}

#[tokio::test]
async fn no_findings_of_an_account_that_is_not_scanned_say_nothing() {
    for status in ["DISABLED", "DISABLING", "SUSPENDED", "SUSPENDING"] {
        let inspector = Endpoint::start([
            (LIST_FINDINGS, Answer::Ok(page_of_findings(&[], None))),
            (ACCOUNT_STATUS, Answer::Ok(account_status("ENABLED", status))),
        ])
        .await;
        let answer = ask(&inspector, FINDING, Selector::ReferringTo(ARN)).await.unwrap();
        let Known::Unknown(missing) = answer else { panic!("{status}: {answer:?}") };
        assert_eq!(
            missing.to_string(),
            "what Amazon Inspector finds is not available: it does not scan Lambda functions in this account"
        );
    }
}

#[tokio::test]
async fn where_inspector_is_not_enabled_its_refusal_means_that_nothing_is_covered() {
    let refused = |operation| {
        [
            (operation, Answer::Error("AccessDeniedException")),
            (ACCOUNT_STATUS, Answer::Ok(account_status("DISABLED", "DISABLED"))),
        ]
    };
    let inspector = Endpoint::start(refused(LIST_COVERAGE)).await;
    assert_eq!(
        ask(&inspector, COVERAGE, Selector::Arn(ARN)).await.unwrap(),
        Known::Value(Documents::default())
    );
    let inspector = Endpoint::start(refused(LIST_FINDINGS)).await;
    let answer = ask(&inspector, FINDING, Selector::ReferringTo(ARN)).await.unwrap();
    assert!(matches!(answer, Known::Unknown(_)), "{answer:?}");
}

#[tokio::test]
async fn a_refusal_for_want_of_permission_is_an_error_that_names_the_call() {
    let enabled = Answer::Ok(account_status("ENABLED", "ENABLED"));
    for status in [enabled, Answer::Error("AccessDeniedException")] {
        let inspector = Endpoint::start([
            (LIST_COVERAGE, Answer::Error("AccessDeniedException")),
            (ACCOUNT_STATUS, status),
        ])
        .await;
        let error = ask(&inspector, COVERAGE, Selector::Arn(ARN)).await.unwrap_err();
        assert!(matches!(&error, LookupError::Call(call) if call.is_denied()), "{error:?}");
        assert!(
            error.to_string().starts_with("`ListCoverage` was refused with AccessDeniedException"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn of_one_function_the_worst_1000_findings_are_read() {
    let page = |n: usize| {
        let findings: Vec<_> = (0..100).map(|m| finding(&format!("{n}-{m}"), "orders", "HIGH")).collect();
        (LIST_FINDINGS, Answer::Ok(page_of_findings(&findings, Some("more"))))
    };
    let inspector = Endpoint::start((0..11).map(page)).await;
    let documents = found(ask(&inspector, FINDING, Selector::ReferringTo(ARN)).await);
    assert_eq!(documents.len(), FINDINGS_PER_FUNCTION);
    assert_eq!(inspector.requests(LIST_FINDINGS).len(), 10);
}

#[tokio::test]
async fn too_many_findings_of_all_functions_are_not_known_as_a_whole() {
    let page =
        |_| (LIST_FINDINGS, Answer::Ok(page_of_findings(&[finding("one", "orders", "HIGH")], Some("more"))));
    let inspector = Endpoint::start((0..=MAX_PAGES).map(page)).await;
    let answer = ask(&inspector, FINDING, Selector::All).await.unwrap();
    assert!(matches!(answer, Known::Unknown(_)), "{answer:?}");
    assert_eq!(inspector.requests(LIST_FINDINGS).len(), MAX_PAGES);
}

#[tokio::test]
async fn a_namesake_of_another_account_is_another_function() {
    let mut other = coverage("orders", "PACKAGE");
    other["resourceId"] = json!("arn:aws:lambda:eu-west-1:444455556666:function:orders:$LATEST");
    let inspector = Endpoint::start([(LIST_COVERAGE, Answer::Ok(page_of_coverage(&[other], None)))]).await;
    assert_eq!(
        ask(&inspector, COVERAGE, Selector::Arn(ARN)).await.unwrap(),
        Known::Value(Documents::default())
    );
}

#[tokio::test]
async fn findings_have_no_names() {
    let inspector = Endpoint::start([]).await;
    for selector in [Selector::Named("orders"), Selector::Arn(ARN), Selector::Id(ARN)] {
        let answer = ask(&inspector, FINDING, selector).await.unwrap();
        assert!(matches!(answer, Known::Unknown(_)), "{selector:?}");
    }
    assert_eq!(inspector.operations(), [""; 0]);
}

#[tokio::test]
async fn where_there_is_no_inspector_it_is_not_asked_and_nothing_is_known() {
    let inspector = Endpoint::start([]).await;
    for region in REGIONS_WITHOUT_INSPECTOR {
        for resource_type in [COVERAGE, FINDING] {
            let answer = ask_in(region, &inspector, resource_type, Selector::Arn(ARN)).await.unwrap();
            assert!(matches!(answer, Known::Unknown(_)), "{region}: {answer:?}");
        }
    }
    assert_eq!(inspector.operations(), [""; 0]);
}

async fn ask(
    inspector: &Endpoint,
    resource_type: &str,
    selector: Selector<'_>,
) -> Result<Known<Documents>, LookupError> {
    ask_in("eu-west-1", inspector, resource_type, selector).await
}

async fn ask_in(
    region: &str,
    inspector: &Endpoint,
    resource_type: &str,
    selector: Selector<'_>,
) -> Result<Known<Documents>, LookupError> {
    let variable = |name: &str| match name {
        "AWS_REGION" => Some(region.to_owned()),
        _ => inspector.variable(name),
    };
    let clients = Clients::new(Settings::from_variables(variable).unwrap());
    let session = clients.until(SystemTime::now() + Duration::from_mins(1));
    InspectorEvidence.find(session, resource_type, selector).await
}

fn found(answer: Result<Known<Documents>, LookupError>) -> Vec<Document> {
    let Ok(Known::Value(documents)) = answer else { panic!("expected documents, found {answer:?}") };
    documents.iter().cloned().collect()
}

fn document(item: &Value) -> Document {
    Document::from_item(item.clone()).unwrap()
}

fn relationship() -> Value {
    json!({
        "resourceType": "AWS::Lambda::Function", "resourceId": ARN, "resourceName": "orders",
        "name": "Is associated with",
    })
}

fn coverage_item(kind: &str) -> Value {
    json!({
        "resourceType": COVERAGE,
        "resourceId": ARN,
        "resourceName": "orders",
        "ARN": ARN,
        "awsAccountId": "111122223333",
        "awsRegion": "eu-west-1",
        "configurationItemStatus": "OK",
        "tags": {},
        "relationships": [relationship()],
        "configuration": {
            "resourceType": "AWS_LAMBDA_FUNCTION",
            "resourceId": format!("{ARN}:$LATEST"),
            "accountId": "111122223333",
            "scanType": kind,
            "scanStatus": {"statusCode": "ACTIVE", "reason": "SUCCESSFUL"},
            "resourceMetadata": {"lambdaFunction": {
                "functionName": "orders", "functionTags": {"service": "orders"}, "layers": [], "runtime": "PYTHON_3_11",
            }},
            "lastScannedAt": "2026-01-02T03:04:05Z",
        },
    })
}

//! Evidence beyond AWS Config: who is asked, and how often.

use std::sync::Mutex;
use std::time::Duration;

use config_lambda::{CallError, Evidence, LookupError, Session};
use config_rule::{BoxFuture, Document, Documents, Known, Missing, Selector};
use serde_json::{Value, json};
use tokio::sync::Barrier;

use crate::endpoint::{Answer, Endpoint};
use crate::events::{alarm_row, change, function, function_row, rows, scheduled};
use crate::rules;

const CROWN: &[&str] = &["Example::Crown"];
const ALARM: &[&str] = &["AWS::CloudWatch::Alarm"];

#[tokio::test]
async fn a_type_that_config_does_not_know_is_asked_for_elsewhere() {
    let crowns =
        witness(CROWN, vec![watching("Example::Crown", "orders"), watching("Example::Crown", "stock")]);
    let config = Endpoint::start([]).await;
    config.invoke_with(crowns.list, &rules::WITH_CROWN, change(&function("orders", 3))).await.unwrap();
    assert_eq!(config.operations(), ["PutEvaluations"]);
    assert_eq!(config.only_evaluation()["ComplianceType"], "COMPLIANT");
    assert_eq!(crowns.asked(), ["Example::Crown ReferringTo(\"orders\")"]);
}

#[tokio::test]
async fn questions_that_are_asked_together_wait_for_each_other_s_answers_at_once() {
    let barrier: &'static Barrier = Box::leak(Box::new(Barrier::new(2)));
    let regalia: &'static [&'static dyn Evidence] = Box::leak(Box::new([
        Box::leak(Box::new(AtOnce(&["Example::Crown"], barrier))) as &dyn Evidence,
        Box::leak(Box::new(AtOnce(&["Example::Orb"], barrier))),
    ]));
    let config = Endpoint::start([]).await;
    let event = change(&function("orders", 3));
    // One after the other, the first would wait for the second for ever.
    let answered = config.invoke_with(regalia, &rules::WITH_REGALIA, event);
    tokio::time::timeout(Duration::from_secs(20), answered).await.unwrap().unwrap();
    assert_eq!(config.only_evaluation()["ComplianceType"], "NON_COMPLIANT");
}

#[tokio::test]
async fn no_evidence_for_a_type_decides_nothing() {
    let alarms = witness(ALARM, Vec::new());
    let config = Endpoint::start([]).await;
    config.invoke_with(alarms.list, &rules::WITH_CROWN, change(&function("orders", 3))).await.unwrap();
    assert_eq!(config.only_evaluation()["ComplianceType"], "COMPLIANT");
    assert_eq!(alarms.asked(), [""; 0]);
}

#[tokio::test]
async fn where_config_records_a_type_nobody_else_is_asked() {
    let alarms = witness(ALARM, vec![watching("AWS::CloudWatch::Alarm", "orders")]);
    let config = Endpoint::start([]).await;
    config.invoke_with(alarms.list, &rules::WITH_ALARM, change(&function("orders", 3))).await.unwrap();
    assert_eq!(config.only_evaluation()["ComplianceType"], "NON_COMPLIANT");
    assert_eq!(alarms.asked(), [""; 0]);
}

#[tokio::test]
async fn where_config_does_not_record_a_type_the_evidence_is_asked() {
    let alarms = witness(ALARM, vec![watching("AWS::CloudWatch::Alarm", "stock")]);
    let config = Endpoint::start([("DescribeConfigurationRecorders", Answer::Ok(json!({})))]).await;
    config.invoke_with(alarms.list, &rules::WITH_ALARM, change(&function("orders", 3))).await.unwrap();
    assert_eq!(config.only_evaluation()["ComplianceType"], "NON_COMPLIANT");
    assert_eq!(alarms.asked(), ["AWS::CloudWatch::Alarm ReferringTo(\"orders\")"]);
}

#[tokio::test]
async fn evidence_that_knows_better_is_asked_instead_of_config() {
    let alarms = Witness {
        knows_better: true,
        ..Witness::of(ALARM, vec![watching("AWS::CloudWatch::Alarm", "orders")])
    };
    let config = Endpoint::start([]).await;
    config.invoke_with(told(alarms).list, &rules::WITH_ALARM, change(&function("orders", 3))).await.unwrap();
    assert_eq!(config.operations(), ["PutEvaluations"]);
    assert_eq!(config.only_evaluation()["ComplianceType"], "COMPLIANT");
}

#[tokio::test]
async fn on_a_schedule_a_whole_type_is_asked_for_once() {
    let crowns = witness(CROWN, vec![watching("Example::Crown", "orders")]);
    let config = Endpoint::start([functions()]).await;
    config.invoke_with(crowns.list, &rules::WITH_CROWN, scheduled()).await.unwrap();
    assert_eq!(crowns.asked(), ["Example::Crown All"]);
    let verdicts: Vec<_> = config.reported().into_iter().map(|(_, _, compliance)| compliance).collect();
    assert_eq!(verdicts, ["COMPLIANT", "NON_COMPLIANT"]);
}

#[tokio::test]
async fn evidence_that_cannot_list_a_type_is_asked_for_each_resource() {
    let crowns = Witness { lists: false, ..Witness::of(CROWN, vec![watching("Example::Crown", "orders")]) };
    let crowns = told(crowns);
    let config = Endpoint::start([functions()]).await;
    config.invoke_with(crowns.list, &rules::WITH_CROWN, scheduled()).await.unwrap();
    assert_eq!(
        crowns.asked(),
        [
            "Example::Crown All",
            "Example::Crown ReferringTo(\"orders\")",
            "Example::Crown ReferringTo(\"stock\")"
        ]
    );
    let verdicts: Vec<_> = config.reported().into_iter().map(|(_, _, compliance)| compliance).collect();
    assert_eq!(verdicts, ["COMPLIANT", "NON_COMPLIANT"]);
}

#[tokio::test]
async fn evidence_that_the_role_does_not_allow_is_never_a_verdict_and_is_asked_for_once() {
    let crowns = told(Witness { refusal: Some("AccessDenied"), ..Witness::of(CROWN, Vec::new()) });
    let config = Endpoint::start([functions()]).await;
    let answered = config.invoke_with(crowns.list, &rules::WITH_CROWN, scheduled()).await;
    let diagnostic = answered.unwrap_err();
    assert_eq!(diagnostic.error_type, "EvidenceUnavailable");
    assert!(diagnostic.error_message.contains("AccessDenied: as scripted"), "{}", diagnostic.error_message);
    assert_eq!(config.reported(), []);
    assert_eq!(crowns.asked(), ["Example::Crown All"]);
}

#[tokio::test]
async fn a_service_that_the_endpoint_does_not_offer_leaves_a_check_open() {
    for refusal in ["UnknownOperationException", "InvalidAction"] {
        let crowns = told(Witness { refusal: Some(refusal), ..Witness::of(CROWN, Vec::new()) });
        let config = Endpoint::start([]).await;
        config.invoke_with(crowns.list, &rules::WITH_CROWN, change(&function("orders", 3))).await.unwrap();
        assert_eq!(config.only_evaluation()["ComplianceType"], "COMPLIANT");
    }
}

#[tokio::test]
async fn recorded_rows_stay_config_s_whatever_the_evidence_knows() {
    let alarms = witness(ALARM, Vec::new());
    let found = Answer::Ok(rows(&[alarm_row("errors", "orders")]));
    let config = Endpoint::start([("SelectResourceConfig", found)]).await;
    config.invoke_with(alarms.list, &rules::WITH_ALARM, change(&function("orders", 3))).await.unwrap();
    assert_eq!(config.operations(), ["SelectResourceConfig", "PutEvaluations"]);
    assert_eq!(config.only_evaluation()["ComplianceType"], "COMPLIANT");
}

/// Somebody who knows these documents, and remembers what was asked.
#[derive(Debug)]
struct Witness {
    types: &'static [&'static str],
    documents: Vec<Document>,
    lists: bool,
    knows_better: bool,
    refusal: Option<&'static str>,
    asked: Mutex<Vec<String>>,
}

/// Somebody who knows of nothing, and answers only once all others have been asked as well.
#[derive(Debug)]
struct AtOnce(&'static [&'static str], &'static Barrier);

impl Evidence for AtOnce {
    fn types(&self) -> &'static [&'static str] {
        self.0
    }

    fn find<'a>(
        &'a self,
        _: Session<'a>,
        _: &'a str,
        _: Selector<'a>,
    ) -> BoxFuture<'a, Result<Known<Documents>, LookupError>> {
        Box::pin(async {
            self.1.wait().await;
            Ok(Known::Value(Documents::default()))
        })
    }
}

struct Told {
    witness: &'static Witness,
    list: &'static [&'static dyn Evidence],
}

impl Witness {
    fn of(types: &'static [&'static str], documents: Vec<Document>) -> Self {
        let asked = Mutex::default();
        Self { types, documents, lists: true, knows_better: false, refusal: None, asked }
    }
}

impl Told {
    fn asked(&self) -> Vec<String> {
        self.witness.asked.lock().unwrap().clone()
    }
}

impl Evidence for Witness {
    fn types(&self) -> &'static [&'static str] {
        self.types
    }

    fn comes_before_config(&self) -> bool {
        self.knows_better
    }

    fn find<'a>(
        &'a self,
        _: Session<'a>,
        resource_type: &'a str,
        selector: Selector<'a>,
    ) -> BoxFuture<'a, Result<Known<Documents>, LookupError>> {
        self.asked.lock().unwrap().push(format!("{resource_type} {selector:?}"));
        let (operation, message) = ("ListCrowns", "as scripted".to_owned());
        let answer = if let Some(code) = self.refusal {
            Err(CallError::Refused { operation, code: code.to_owned(), message }.into())
        } else if self.lists || selector != Selector::All {
            Ok(Known::Value(self.documents.iter().cloned().collect()))
        } else {
            Ok(Known::Unknown(Missing::NotRecorded { what: resource_type.to_owned() }))
        };
        Box::pin(std::future::ready(answer))
    }
}

fn witness(types: &'static [&'static str], documents: Vec<Document>) -> Told {
    told(Witness::of(types, documents))
}

/// Evidence lives as long as the process.
fn told(witness: Witness) -> Told {
    let witness: &'static Witness = Box::leak(Box::new(witness));
    let list: &'static [&'static dyn Evidence] = Box::leak(Box::new([witness as &dyn Evidence]));
    Told { witness, list }
}

fn watching(resource_type: &str, function: &str) -> Document {
    let watched: Value =
        json!({"resourceType": "AWS::Lambda::Function", "resourceId": function, "name": "Watches "});
    let item = json!({"resourceType": resource_type, "resourceId": "one", "relationships": [watched]});
    Document::from_item(item).unwrap()
}

fn functions() -> (&'static str, Answer) {
    let functions = rows(&[function_row("orders", 3.0), function_row("stock", 3.0)]);
    ("SelectResourceConfig", Answer::Ok(functions))
}

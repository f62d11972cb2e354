//! One function, several invocations: what Lambda delivers twice, what it tries again, what happened in between.

use std::sync::Arc;
use std::time::Duration;

use aws_stub::Answer;
use local_aws_config::LocalAwsConfig;
use serde_json::{Value, json};

use super::case::{EARLIER_RESULTS, REPORT, RESET, SILENCE, TAKEN};
use super::earlier;
use super::stage::{Stage, account_of, sample_account};
use crate::end_to_end::{item, queue};
use crate::events;

const MINUTE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn an_event_that_is_delivered_twice_is_reported_twice_alike() {
    let mut stage = Stage::set("lambda-small-single-purpose", sample_account().await, MINUTE, []).await;
    let event = events::change("AWS::Lambda::Function", "catalogue-thumbnail");
    for _ in 0..2 {
        assert_eq!(stage.invoke(&event).await.error, None);
    }
    let reports: Vec<_> = stage.calls().into_iter().map(|call| (call.operation, call.input)).collect();
    assert_eq!(reports.len(), 2);
    assert_eq!(reports[0], reports[1]);
}

#[tokio::test]
async fn a_schedule_that_is_delivered_twice_is_reported_twice_alike() {
    let mut stage = Stage::set("periodic-probe", three_queues().await, MINUTE, []).await;
    for _ in 0..2 {
        assert_eq!(stage.invoke(&events::scheduled()).await.error, None);
    }
    let reported = stage.reported();
    assert_eq!(reported.len(), 6);
    assert_eq!(reported[..3], reported[3..]);
}

#[tokio::test]
async fn a_connection_that_died_between_two_events_is_replaced() {
    let event = events::change("AWS::Lambda::Function", "catalogue-thumbnail");
    for death in [RESET, SILENCE] {
        let script = [(REPORT, TAKEN), (REPORT, death)];
        let timeout = Duration::from_secs(5);
        let mut stage =
            Stage::set("lambda-small-single-purpose", sample_account().await, timeout, script).await;
        for _ in 0..2 {
            assert_eq!(stage.invoke(&event).await.error, None);
        }
        assert_eq!((stage.times_called(REPORT), stage.reported().len()), (3, 2));
    }
}

#[tokio::test]
async fn the_same_function_answers_the_retry_of_an_event_that_it_failed_on() {
    let script = [(REPORT, Answer::Error("AccessDeniedException"))];
    let mut stage = Stage::set("lambda-small-single-purpose", sample_account().await, MINUTE, script).await;
    let event = events::change("AWS::Lambda::Function", "catalogue-thumbnail");
    assert_eq!(stage.invoke(&event).await.error.unwrap().error_type, "ReportRejected");
    assert_eq!(stage.invoke(&event).await.error, None);
    assert_eq!(stage.reported().len(), 1);
}

#[tokio::test]
async fn what_could_not_be_retired_is_retired_by_the_retry() {
    let script = [
        (EARLIER_RESULTS, earlier(&["gone"], None)),
        (EARLIER_RESULTS, earlier(&["gone"], None)),
        (REPORT, TAKEN),
        (REPORT, Answer::Error("AccessDeniedException")),
    ];
    let mut stage = Stage::set("periodic-probe", three_queues().await, MINUTE, script).await;
    assert_eq!(stage.invoke(&events::scheduled()).await.error.unwrap().error_type, "ReportRejected");
    assert_eq!(stage.reported().len(), 3);
    assert_eq!(stage.invoke(&events::scheduled()).await.error, None);
    let reported = stage.reported();
    assert_eq!(reported.len(), 7);
    assert_eq!(reported[6]["ComplianceResourceId"], "https://sqs.eu-west-1.amazonaws.com/111122223333/gone");
    assert_eq!(reported[6]["ComplianceType"], "NOT_APPLICABLE");
}

/// The most that Lambda delivers.
///
/// Source: AWS Lambda Developer Guide, quotas, invocation payload.
const SIX_MEBIBYTES: usize = 6 * 1024 * 1024;

#[tokio::test]
async fn an_event_of_6_mib_is_judged_like_a_small_one() {
    let more = json!({
        "configuration": {
            "functionName": "large", "timeout": 900, "codeSize": 1000, "packageType": "Zip",
            "description": "x".repeat(SIX_MEBIBYTES - 4096),
        },
        "supplementaryConfiguration": {},
    });
    let event = events::change_of(&item("AWS::Lambda::Function", "large", &more));
    let length = event.to_string().len();
    assert!((SIX_MEBIBYTES - 4096..=SIX_MEBIBYTES).contains(&length), "{length}");
    let mut stage = Stage::set("lambda-small-single-purpose", sample_account().await, MINUTE, []).await;
    assert_eq!(stage.invoke(&event).await.error, None);
    let reported = stage.reported();
    assert_eq!(reported.len(), 1);
    assert_eq!(reported[0]["ComplianceType"], "NON_COMPLIANT");
    let log = stage.log().await;
    assert!(log.iter().all(|line| line.text.len() < 4096), "the event is in the log");
}

#[tokio::test]
async fn an_event_that_nobody_can_read_fails_each_time_and_leaves_the_function_well() {
    let mut stage = Stage::set("lambda-small-single-purpose", sample_account().await, MINUTE, []).await;
    for event in [json!({"Records": []}), json!("text"), Value::Null, nested(64)] {
        let error = stage.invoke(&event).await.error.unwrap();
        assert_eq!(error.error_type, "UnexpectedConfigurationItem", "{error}");
    }
    let event = events::change("AWS::Lambda::Function", "catalogue-thumbnail");
    assert_eq!(stage.invoke(&event).await.error, None);
}

fn nested(depth: usize) -> Value {
    (0..depth).fold(Value::Null, |inner, _| json!([inner]))
}

async fn three_queues() -> Arc<LocalAwsConfig> {
    account_of(["a", "b", "c"].map(queue)).await
}

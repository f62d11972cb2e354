use std::time::Duration;

use local_aws_config::runtime_api::{
    Answer, Init, Invocation, MAX_RESPONSE_BYTES, ReportedError, RuntimeApi,
};
use serde_json::json;

use crate::support::{self, http};

const NEXT: &str = "/2018-06-01/runtime/invocation/next";

#[tokio::test]
async fn an_event_is_handed_over_with_its_headers_and_answered() {
    let api = RuntimeApi::start().await.unwrap();
    let answer = api.invoke(invocation("8476a536-e9f4-11e8-9739-2dfe598c3fcd"));
    let next = http(&api.address(), "GET", NEXT, &[], b"").await;
    assert_eq!(next.status, 200);
    assert_eq!(next.body, json!({"n": 1}));
    assert_eq!(next.header("lambda-runtime-aws-request-id"), Some("8476a536-e9f4-11e8-9739-2dfe598c3fcd"));
    assert_eq!(next.header("lambda-runtime-deadline-ms"), Some("1790841660000"));
    assert_eq!(
        next.header("lambda-runtime-invoked-function-arn"),
        Some("arn:aws:lambda:eu-west-1:111122223333:function:f")
    );
    assert_eq!(
        next.header("lambda-runtime-trace-id"),
        Some("Root=1-8476a536-e9f411e897392dfe598c3fcd;Sampled=0")
    );

    let posted = http(
        &api.address(),
        "POST",
        "/2018-06-01/runtime/invocation/8476a536-e9f4-11e8-9739-2dfe598c3fcd/response",
        &[],
        b"\"done\"",
    )
    .await;
    assert_eq!((posted.status, posted.body), (202, json!({"status": "OK"})));
    assert_eq!(answer.await.unwrap(), Answer::Response("\"done\"".into()));
}

#[tokio::test]
async fn next_waits_until_there_is_an_event() {
    let api = RuntimeApi::start().await.unwrap();
    let address = api.address();
    let next = tokio::spawn(async move { http(&address, "GET", NEXT, &[], b"").await });
    assert_eq!(api.initialized().await, Init::Ready);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!next.is_finished());
    let _answer = api.invoke(invocation("a"));
    assert_eq!(next.await.unwrap().status, 200);
}

#[tokio::test]
async fn a_wrong_request_id_is_refused_and_the_right_one_still_taken() {
    let api = RuntimeApi::start().await.unwrap();
    let _answer = api.invoke(invocation("right"));
    http(&api.address(), "GET", NEXT, &[], b"").await;
    let wrong = post(&api, "invocation/wrong/response", b"1").await;
    assert_eq!((wrong.status, wrong.body["errorType"].as_str()), (400, Some("InvalidRequestID")));
    assert_eq!(post(&api, "invocation/right/response", b"1").await.status, 202);
}

#[tokio::test]
async fn what_is_out_of_turn_is_refused() {
    let api = RuntimeApi::start().await.unwrap();
    let early = post(&api, "invocation/any/response", b"1").await;
    assert_eq!((early.status, early.body["errorType"].as_str()), (403, Some("InvalidStateTransition")));

    let _answer = api.invoke(invocation("one"));
    http(&api.address(), "GET", NEXT, &[], b"").await;
    assert_eq!(http(&api.address(), "GET", NEXT, &[], b"").await.status, 403);
    assert_eq!(post(&api, "init/error", b"{}").await.status, 403);
    assert_eq!(post(&api, "invocation/one/response", b"1").await.status, 202);
    assert_eq!(post(&api, "invocation/one/response", b"1").await.status, 403);
}

#[tokio::test]
async fn a_reported_error_is_the_answer() {
    let api = RuntimeApi::start().await.unwrap();
    let answer = api.invoke(invocation("one"));
    http(&api.address(), "GET", NEXT, &[], b"").await;
    let body = json!({"errorType": "EvidenceUnavailable", "errorMessage": "no answer", "stackTrace": []});
    assert_eq!(post(&api, "invocation/one/error", body.to_string().as_bytes()).await.status, 202);
    let (error_type, message) = ("EvidenceUnavailable".to_owned(), "no answer".to_owned());
    assert_eq!(answer.await.unwrap(), Answer::Error(ReportedError { error_type, message }));
}

#[tokio::test]
async fn an_init_error_without_a_body_has_the_type_of_its_header() {
    let api = RuntimeApi::start().await.unwrap();
    let header = ("lambda-runtime-function-error-type", "Runtime.NoSuchHandler");
    let posted = http(&api.address(), "POST", "/2018-06-01/runtime/init/error", &[header], b"").await;
    assert_eq!(posted.status, 202);
    let (error_type, message) = ("Runtime.NoSuchHandler".to_owned(), String::new());
    assert_eq!(api.initialized().await, Init::Failed(ReportedError { error_type, message }));
}

#[tokio::test]
async fn the_largest_response_is_accepted() {
    let (status, answer) = answered_with(MAX_RESPONSE_BYTES).await;
    assert_eq!(status, 202);
    assert!(matches!(answer, Answer::Response(body) if body.len() == MAX_RESPONSE_BYTES));
}

#[tokio::test]
async fn one_byte_more_is_an_error_of_the_function() {
    let (status, answer) = answered_with(MAX_RESPONSE_BYTES + 1).await;
    assert_eq!(status, 413);
    assert!(matches!(answer, Answer::Error(error) if error.error_type == "Function.ResponseSizeTooLarge"));
}

async fn answered_with(length: usize) -> (u16, Answer) {
    let api = RuntimeApi::start().await.expect("it listens");
    let answer = api.invoke(invocation("one"));
    http(&api.address(), "GET", NEXT, &[], b"").await;
    let status = post(&api, "invocation/one/response", &vec![b'1'; length]).await.status;
    (status, answer.await.expect("an answer"))
}

async fn post(api: &RuntimeApi, path: &str, body: &[u8]) -> support::Answer {
    http(&api.address(), "POST", &format!("/2018-06-01/runtime/{path}"), &[], body).await
}

fn invocation(request_id: &str) -> Invocation {
    Invocation {
        request_id: request_id.to_owned(),
        deadline_ms: 1_790_841_660_000,
        function_arn: "arn:aws:lambda:eu-west-1:111122223333:function:f".to_owned(),
        payload: "{\"n\":1}".into(),
    }
}

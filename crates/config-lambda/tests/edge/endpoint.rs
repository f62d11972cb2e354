//! An AWS Config that answers from a script, over the AWS JSON 1.1 protocol, and remembers what it was asked.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use config_lambda::{Function, Settings};
use config_rule::Entry;
use lambda_runtime::Diagnostic;
use serde_json::{Value, json};

pub(crate) struct Endpoint {
    url: String,
    state: Arc<Mutex<Script>>,
}

#[derive(Default)]
struct Script {
    answers: HashMap<String, VecDeque<Answer>>,
    calls: Vec<(String, Value)>,
}

#[derive(Clone)]
pub(crate) enum Answer {
    Ok(Value),
    Error(&'static str),
    /// The same error, however often it is asked.
    Always(&'static str),
}

impl Endpoint {
    /// Answers each operation with its answers in the order of the script. What the script does not mention has the
    /// answer of an account in which everything is recorded and nothing was reported.
    pub(crate) async fn start<const N: usize>(script: [(&str, Answer); N]) -> Self {
        let mut state = Script::default();
        for (operation, answer) in script {
            state.answers.entry(operation.to_owned()).or_default().push_back(answer);
        }
        let state = Arc::new(Mutex::new(state));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().route("/", post(answer)).with_state(Arc::clone(&state));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, state }
    }

    /// Lets a function answer `event`, with plenty of time.
    pub(crate) async fn invoke(&self, entry: &'static Entry, event: Value) -> Result<(), Diagnostic> {
        self.invoke_within(Duration::from_mins(1), entry, event).await
    }

    pub(crate) async fn invoke_within(
        &self,
        time: Duration,
        entry: &'static Entry,
        event: Value,
    ) -> Result<(), Diagnostic> {
        let settings = Settings::from_variables(|name| match name {
            "AWS_REGION" => Some("eu-west-1".to_owned()),
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("example".to_owned()),
            "AWS_ENDPOINT_URL_CONFIG_SERVICE" => Some(self.url.clone()),
            _ => None,
        });
        Function::new(entry, settings.unwrap()).answer(event, SystemTime::now() + time).await
    }

    /// The operations that were called, in order.
    pub(crate) fn operations(&self) -> Vec<String> {
        self.state.lock().unwrap().calls.iter().map(|(operation, _)| operation.clone()).collect()
    }

    /// The requests of one operation, in order.
    pub(crate) fn requests(&self, operation: &str) -> Vec<Value> {
        let state = self.state.lock().unwrap();
        state.calls.iter().filter(|(called, _)| called == operation).map(|(_, body)| body.clone()).collect()
    }

    /// `(type, id, compliance)` of everything that was reported.
    pub(crate) fn reported(&self) -> Vec<(String, String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let requests = self.requests("PutEvaluations");
        let evaluations = requests.iter().flat_map(|request| request["Evaluations"].as_array().unwrap());
        evaluations
            .map(|evaluation| {
                (
                    text(&evaluation["ComplianceResourceType"]),
                    text(&evaluation["ComplianceResourceId"]),
                    text(&evaluation["ComplianceType"]),
                )
            })
            .collect()
    }

    /// The one evaluation that was reported.
    pub(crate) fn only_evaluation(&self) -> Value {
        let requests = self.requests("PutEvaluations");
        assert_eq!(requests.len(), 1, "{requests:?}");
        let evaluations = requests[0]["Evaluations"].as_array().unwrap();
        assert_eq!(evaluations.len(), 1, "{evaluations:?}");
        evaluations[0].clone()
    }
}

async fn answer(State(state): State<Arc<Mutex<Script>>>, headers: HeaderMap, body: String) -> Response {
    let target = headers["x-amz-target"].to_str().unwrap();
    let operation = target.strip_prefix("StarlingDoveService.").unwrap().to_owned();
    assert_eq!(headers[header::CONTENT_TYPE], "application/x-amz-json-1.1");
    // An answer takes time; a call that was left none must notice.
    tokio::time::sleep(Duration::from_millis(20)).await;
    let mut state = state.lock().unwrap();
    state.calls.push((operation.clone(), serde_json::from_str(&body).unwrap()));
    let scripted = state.answers.get_mut(&operation).and_then(|answers| match answers.front() {
        Some(Answer::Always(_)) => answers.front().cloned(),
        _ => answers.pop_front(),
    });
    let (status, body) = match scripted {
        Some(Answer::Ok(body)) => (StatusCode::OK, body),
        Some(Answer::Error(code) | Answer::Always(code)) => {
            (StatusCode::BAD_REQUEST, json!({"__type": code, "message": "as scripted"}))
        }
        None => (StatusCode::OK, default_answer(&operation)),
    };
    (status, [(header::CONTENT_TYPE, "application/x-amz-json-1.1")], body.to_string()).into_response()
}

fn default_answer(operation: &str) -> Value {
    match operation {
        "PutEvaluations" => json!({"FailedEvaluations": []}),
        "GetComplianceDetailsByConfigRule" => json!({"EvaluationResults": []}),
        "SelectResourceConfig" => json!({"Results": []}),
        "ListDiscoveredResources" => json!({"resourceIdentifiers": []}),
        "BatchGetResourceConfig" => json!({"baseConfigurationItems": [], "unprocessedResourceKeys": []}),
        "DescribeConfigurationRecorders" => json!({"ConfigurationRecorders": [{
            "name": "default",
            "recordingGroup": {"allSupported": true, "includeGlobalResourceTypes": true, "resourceTypes": []},
        }]}),
        other => panic!("{other} was not expected"),
    }
}

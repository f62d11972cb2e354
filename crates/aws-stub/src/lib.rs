//! AWS services that answer from a script and remember what they were asked. For tests.
//!
//! One endpoint speaks the three protocols that the rules' functions use, and tells them apart by the request: AWS
//! JSON 1.1 (AWS Config; an operation's name is in `X-Amz-Target`), Query (IAM; `Action` in a form, answers in XML) and
//! REST-JSON (Amazon Inspector; here an operation's name is the path of its URL).
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

pub mod iam;

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

/// The endpoint of any number of services, on this machine.
#[derive(Debug)]
pub struct Endpoint {
    url: String,
    state: Arc<Mutex<Script>>,
}

/// One answer of a script.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A body in JSON.
    Ok(Value),
    /// The content of the result element, in XML.
    Xml(String),
    /// An error with this code.
    Error(&'static str),
    /// The same error, however often it is asked.
    Always(&'static str),
    /// What the request deserves, however often it is asked: see [`Answer::each`].
    Each(Each),
}

/// Answers by the request.
#[derive(Clone)]
pub struct Each(Arc<dyn Fn(&Value) -> Answer + Send + Sync>);

impl fmt::Debug for Each {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Each")
    }
}

impl Answer {
    /// The answer that `answer` gives to each request.
    #[must_use]
    pub fn each(answer: impl Fn(&Value) -> Self + Send + Sync + 'static) -> Self {
        Self::Each(Each(Arc::new(answer)))
    }
}

#[derive(Debug, Default)]
struct Script {
    answers: HashMap<String, VecDeque<Answer>>,
    calls: Vec<(String, Value)>,
    /// Who signed each call.
    signers: Vec<String>,
}

/// How an operation was asked for and how its answer is written.
#[derive(Clone, Copy)]
enum Protocol {
    Json,
    Query,
    RestJson,
}

impl Endpoint {
    /// Answers each operation with its answers in the order of the script. What the script does not mention has the
    /// answer of an AWS Config in which everything is recorded and nothing was reported; other services are not to be
    /// asked for it.
    ///
    /// # Panics
    ///
    /// If this machine gives it no port to listen on.
    pub async fn start<'a>(script: impl IntoIterator<Item = (&'a str, Answer)>) -> Self {
        let mut state = Script::default();
        for (operation, answer) in script {
            state.answers.entry(operation.to_owned()).or_default().push_back(answer);
        }
        let state = Arc::new(Mutex::new(state));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(Arc::clone(&state));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, state }
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The variables of an environment in which every service is here.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<String> {
        match name {
            "AWS_REGION" => Some("eu-west-1".to_owned()),
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("example".to_owned()),
            "AWS_ENDPOINT_URL" => Some(self.url.clone()),
            _ => None,
        }
    }

    /// The operations that were called, in order.
    ///
    /// # Panics
    ///
    /// If answering has failed.
    #[must_use]
    pub fn operations(&self) -> Vec<String> {
        self.state.lock().unwrap().calls.iter().map(|(operation, _)| operation.clone()).collect()
    }

    /// Each operation that was called and the id of the access key with which it was signed, in order.
    ///
    /// # Panics
    ///
    /// If answering has failed.
    #[must_use]
    pub fn signed_operations(&self) -> Vec<(String, String)> {
        let state = self.state.lock().unwrap();
        let operations = state.calls.iter().map(|(operation, _)| operation.clone());
        operations.zip(state.signers.iter().cloned()).collect()
    }

    /// The requests of one operation, in order; forms as objects of texts.
    ///
    /// # Panics
    ///
    /// If answering has failed.
    #[must_use]
    pub fn requests(&self, operation: &str) -> Vec<Value> {
        let state = self.state.lock().unwrap();
        state.calls.iter().filter(|(called, _)| called == operation).map(|(_, body)| body.clone()).collect()
    }
}

async fn answer(
    State(state): State<Arc<Mutex<Script>>>,
    uri: Uri,
    headers: HeaderMap,
    body: String,
) -> Response {
    let (protocol, operation, request) = read(&uri, &headers, &body);
    // An answer takes time; a call that was left none must notice.
    tokio::time::sleep(Duration::from_millis(20)).await;
    let scripted = {
        let mut state = state.lock().unwrap();
        state.calls.push((operation.clone(), request.clone()));
        state.signers.push(signer(&headers));
        state.answers.get_mut(&operation).and_then(|answers| match answers.front() {
            Some(Answer::Always(_) | Answer::Each(_)) => answers.front().cloned(),
            _ => answers.pop_front(),
        })
    };
    let answer = scripted.unwrap_or_else(|| Answer::Ok(default_answer(&operation)));
    response(protocol, &operation, &request, answer)
}

fn response(protocol: Protocol, operation: &str, request: &Value, answer: Answer) -> Response {
    match answer {
        Answer::Each(Each(deserved)) => response(protocol, operation, request, deserved(request)),
        Answer::Ok(body) => written(protocol, StatusCode::OK, None, body.to_string()),
        Answer::Xml(result) => {
            let body = format!(
                "<{operation}Response><{operation}Result>{result}</{operation}Result></{operation}Response>"
            );
            written(protocol, StatusCode::OK, None, body)
        }
        Answer::Error(code) | Answer::Always(code) => {
            let body = match protocol {
                Protocol::Json => json!({"__type": code, "message": "as scripted"}).to_string(),
                Protocol::RestJson => json!({"message": "as scripted"}).to_string(),
                Protocol::Query => format!(
                    "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>as scripted</Message>\
                     </Error><RequestId>0</RequestId></ErrorResponse>"
                ),
            };
            written(protocol, StatusCode::BAD_REQUEST, Some(code), body)
        }
    }
}

/// The protocol, the operation and its input.
fn read(uri: &Uri, headers: &HeaderMap, body: &str) -> (Protocol, String, Value) {
    if let Some(target) = headers.get("x-amz-target") {
        let operation = target.to_str().unwrap().strip_prefix("StarlingDoveService.").unwrap();
        assert_eq!(headers[header::CONTENT_TYPE], "application/x-amz-json-1.1");
        return (Protocol::Json, operation.to_owned(), serde_json::from_str(body).unwrap());
    }
    if headers[header::CONTENT_TYPE] == "application/x-www-form-urlencoded" {
        let pairs = body.split('&').map(|pair| pair.split_once('=').unwrap());
        let form: Map<_, _> = pairs.map(|(key, value)| (key.to_owned(), decoded(value).into())).collect();
        let operation = form["Action"].as_str().unwrap().to_owned();
        return (Protocol::Query, operation, Value::Object(form));
    }
    (Protocol::RestJson, uri.path().to_owned(), serde_json::from_str(body).unwrap())
}

/// The access key id of a signature, which reads `AWS4-HMAC-SHA256 Credential=<id>/<day>/<region>/<service>/…`.
fn signer(headers: &HeaderMap) -> String {
    let signature = headers.get(header::AUTHORIZATION).map_or("", |value| value.to_str().unwrap());
    let credential = signature.split_once("Credential=").map_or("", |(_, rest)| rest);
    credential.split('/').next().unwrap_or_default().to_owned()
}

/// A value of a form.
fn decoded(value: &str) -> String {
    percent_encoding::percent_decode_str(&value.replace('+', " ")).decode_utf8().unwrap().into_owned()
}

fn written(protocol: Protocol, status: StatusCode, code: Option<&'static str>, body: String) -> Response {
    let content_type = match protocol {
        Protocol::Json => "application/x-amz-json-1.1",
        Protocol::Query => "text/xml",
        Protocol::RestJson => "application/json",
    };
    let mut response = (status, [(header::CONTENT_TYPE, content_type)], body).into_response();
    if let (Protocol::RestJson, Some(code)) = (protocol, code) {
        response.headers_mut().insert("x-amzn-errortype", code.parse().unwrap());
    }
    response
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

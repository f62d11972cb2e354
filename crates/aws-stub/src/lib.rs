//! AWS services that answer what they are told to, fail as they are told to, and remember what they were asked. For
//! tests.
//!
//! One endpoint speaks the three protocols that the rules' functions use, and tells them apart by the request: AWS
//! JSON 1.1 (AWS Config; an operation's name is in `X-Amz-Target`), Query (IAM; `Action` in a form, answers in XML) and
//! REST-JSON (Amazon Inspector; here an operation's name is the path of its URL).
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod fault;
pub mod iam;
mod protocol;
mod server;
mod upstream;

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{Request, Response, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use fault::Disruption;
pub use fault::Fault;
use protocol::Protocol;

/// The endpoint of any number of services, on this machine. Dropping it stops the listening.
#[derive(Debug)]
pub struct Endpoint {
    url: String,
    state: Arc<State>,
    server: JoinHandle<()>,
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
    /// Something else than an answer of the service.
    Fault(Fault),
    /// What the endpoint answers where the script says nothing.
    Usual,
    /// The same, but only after this time.
    Late(Duration),
    /// This answer, however often it is asked.
    Forever(Box<Answer>),
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

    /// Whether the service takes the call.
    const fn takes(&self) -> bool {
        matches!(self, Self::Ok(_) | Self::Xml(_) | Self::Usual | Self::Late(_))
    }
}

/// One call that an endpoint got.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The operation's name, or the path of its URL.
    pub operation: String,
    /// Its input; a form as an object of texts.
    pub input: Value,
    /// The id of the access key with which it was signed.
    pub access_key_id: String,
    /// Whether the service took it: its answer was neither an error nor a fault.
    pub is_taken: bool,
}

#[derive(Debug, Default)]
struct State {
    script: Mutex<Script>,
    /// Who answers what the script does not mention.
    upstream: Option<String>,
}

#[derive(Debug, Default)]
struct Script {
    answers: HashMap<String, VecDeque<Answer>>,
    calls: Vec<Call>,
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
        Self::listening(script, None).await
    }

    /// The same in front of services at `url`, `http://<host>:<port>`, that answer what the script does not mention,
    /// except for reports and questions about them: reports are taken, and there was none before.
    ///
    /// # Panics
    ///
    /// If this machine gives it no port to listen on.
    pub async fn start_before<'a>(
        url: impl Into<String>,
        script: impl IntoIterator<Item = (&'a str, Answer)>,
    ) -> Self {
        Self::listening(script, Some(url.into())).await
    }

    async fn listening<'a>(
        script: impl IntoIterator<Item = (&'a str, Answer)>,
        upstream: Option<String>,
    ) -> Self {
        let mut scripted = Script::default();
        for (operation, answer) in script {
            scripted.answers.entry(operation.to_owned()).or_default().push_back(answer);
        }
        let state = Arc::new(State { script: Mutex::new(scripted), upstream });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let answering = Arc::clone(&state);
        let answer = move |request| answer(Arc::clone(&answering), request);
        let server = tokio::spawn(server::serve(listener, answer));
        Self { url, state, server }
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

    /// Every call, in order.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.state.script().calls.clone()
    }

    /// The operations that were called, in order.
    #[must_use]
    pub fn operations(&self) -> Vec<String> {
        self.calls().into_iter().map(|call| call.operation).collect()
    }

    /// Each operation that was called and the id of the access key with which it was signed, in order.
    #[must_use]
    pub fn signed_operations(&self) -> Vec<(String, String)> {
        self.calls().into_iter().map(|call| (call.operation, call.access_key_id)).collect()
    }

    /// The requests of one operation, in order; forms as objects of texts.
    #[must_use]
    pub fn requests(&self, operation: &str) -> Vec<Value> {
        let calls = self.calls().into_iter();
        calls.filter(|call| call.operation == operation).map(|call| call.input).collect()
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl State {
    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn answer(state: Arc<State>, request: Request<Bytes>) -> Result<Response<Body>, Disruption> {
    let body = String::from_utf8(request.body().to_vec()).unwrap();
    let (protocol, operation, input) = protocol::read(request.uri(), request.headers(), &body);
    // An answer takes time; a call that was left none must notice.
    tokio::time::sleep(Duration::from_millis(20)).await;
    let answer = {
        let mut script = state.script();
        let scripted = script.answers.get_mut(&operation).and_then(|answers| match answers.front() {
            Some(Answer::Forever(answer)) => Some(Answer::clone(answer)),
            Some(Answer::Always(_)) => answers.front().cloned(),
            Some(Answer::Each(Each(deserved))) => Some(deserved(&input)),
            _ => answers.pop_front(),
        });
        let answer = scripted.unwrap_or(Answer::Usual);
        let (is_taken, access_key_id) = (answer.takes(), protocol::signer(request.headers()));
        script.calls.push(Call { operation: operation.clone(), input, access_key_id, is_taken });
        answer
    };
    match answer {
        Answer::Ok(body) => Ok(protocol.written(StatusCode::OK, body.to_string())),
        Answer::Xml(result) => {
            let body = format!(
                "<{operation}Response><{operation}Result>{result}</{operation}Result></{operation}Response>"
            );
            Ok(protocol.written(StatusCode::OK, body))
        }
        Answer::Error(code) | Answer::Always(code) => Ok(protocol.error(StatusCode::BAD_REQUEST, code)),
        Answer::Fault(fault) => fault.response(protocol),
        Answer::Late(after) => {
            tokio::time::sleep(after).await;
            Ok(usual(&state, protocol, &operation, request).await)
        }
        // One inside another would be one: the script has taken the outer one off.
        Answer::Usual | Answer::Forever(_) | Answer::Each(_) => {
            Ok(usual(&state, protocol, &operation, request).await)
        }
    }
}

async fn usual(
    state: &State,
    protocol: Protocol,
    operation: &str,
    request: Request<Bytes>,
) -> Response<Body> {
    let is_about_reports = matches!(operation, "PutEvaluations" | "GetComplianceDetailsByConfigRule");
    match &state.upstream {
        Some(url) if !is_about_reports => upstream::answer(url, request).await,
        _ => protocol.written(StatusCode::OK, default_answer(operation).to_string()),
    }
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

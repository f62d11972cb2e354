//! The Lambda Runtime API, served to one function process.
//!
//! What a function's runtime speaks inside Lambda: it asks for the next invocation and waits, and posts a response or
//! an error. Paths, headers, status codes and error types are Lambda's, as documented in its Developer Guide, "Using
//! the Lambda runtime API".

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

/// The largest response, in bytes: 6 MB and the room that Lambda leaves for its own wrapping.
///
/// Source: AWS Lambda Developer Guide, quotas; the number is in the service's own error message.
pub const MAX_RESPONSE_BYTES: usize = 6_291_556;

/// One event, ready to be handed to the function.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// Unique per event; an event that is tried again keeps it.
    pub request_id: String,
    /// When the function is killed, in milliseconds of the Unix epoch.
    pub deadline_ms: i64,
    /// ARN that the function is told it was invoked by.
    pub function_arn: String,
    /// The event, as JSON.
    pub payload: Bytes,
}

/// What the function made of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It finished; AWS Config does not read what it returned.
    Response(Bytes),
    /// It reported an error.
    Error(ReportedError),
}

/// An error that the function's runtime reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportedError {
    /// One stable word, or `Runtime.…`.
    pub error_type: String,
    /// What the function says.
    pub message: String,
}

/// The server for one function process. Dropping it ends the process's connections.
#[derive(Debug)]
pub struct RuntimeApi {
    address: SocketAddr,
    invocations: mpsc::UnboundedSender<Pending>,
    init: watch::Receiver<Init>,
    server: JoinHandle<()>,
}

/// How far the function's start has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Init {
    /// It has not asked for an event yet.
    #[default]
    Starting,
    /// It has.
    Ready,
    /// It reported that it cannot start.
    Failed(ReportedError),
}

impl RuntimeApi {
    /// Listens on a free port of the loopback interface.
    ///
    /// # Errors
    ///
    /// The operating system's, where it grants no port.
    pub async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (invocations, queue) = mpsc::unbounded_channel();
        let (init_sender, init) = watch::channel(Init::Starting);
        let state = Arc::new(Runtime {
            queue: tokio::sync::Mutex::new(queue),
            current: Mutex::new(None),
            init: init_sender,
        });
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .route("/2018-06-01/runtime/init/error", post(init_error))
            .layer(DefaultBodyLimit::max(MAX_RESPONSE_BYTES))
            .with_state(state);
        // A server that stops stops its function's connections with it; whoever waits for an answer then learns of it.
        let server = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { address, invocations, init, server })
    }

    /// `host:port`, the value of `AWS_LAMBDA_RUNTIME_API`.
    #[must_use]
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Hands over an event. The answer never comes if the function dies.
    pub fn invoke(&self, invocation: Invocation) -> oneshot::Receiver<Answer> {
        let (answer, receiver) = oneshot::channel();
        // Where the server is gone, dropping the sender is the answer.
        let _ = self.invocations.send(Pending { invocation, answer });
        receiver
    }

    /// Waits until the function asks for its first event, or says that it cannot.
    pub async fn initialized(&self) -> Init {
        let mut init = self.init.clone();
        while *init.borrow_and_update() == Init::Starting {
            if init.changed().await.is_err() {
                // The server is gone, and nobody will ask any more.
                return std::future::pending().await;
            }
        }
        init.borrow().clone()
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

#[derive(Debug)]
struct Pending {
    invocation: Invocation,
    answer: oneshot::Sender<Answer>,
}

struct Runtime {
    queue: tokio::sync::Mutex<mpsc::UnboundedReceiver<Pending>>,
    /// The event at hand, and where its answer goes.
    current: Mutex<Option<(String, oneshot::Sender<Answer>)>>,
    init: watch::Sender<Init>,
}

impl Runtime {
    /// Answers the event at hand, if it is the one of `request_id`.
    fn answer(&self, request_id: &str, answer: Answer) -> Result<(), Refusal> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        match current.take_if(|(id, _)| id == request_id) {
            Some((_, sender)) => {
                // Whoever waited may have given up: the function ran into its deadline.
                let _ = sender.send(answer);
                Ok(())
            }
            None if current.is_some() => Err(Refusal {
                status: StatusCode::BAD_REQUEST,
                error_type: "InvalidRequestID",
                message: "Invalid request ID".to_owned(),
            }),
            None => Err(wrong_state("the runtime has no invocation to answer")),
        }
    }

    fn is_busy(&self) -> bool {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }
}

async fn next(State(runtime): State<Arc<Runtime>>) -> Response {
    if runtime.is_busy() {
        return wrong_state("the runtime has an invocation to answer first").into_response();
    }
    runtime.init.send_replace(Init::Ready);
    let Some(Pending { invocation, answer }) = runtime.queue.lock().await.recv().await else {
        let message = "the function is being stopped".to_owned();
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        return Refusal { status, error_type: "ContainerError", message }.into_response();
    };
    let headers = invocation_headers(&invocation);
    let mut current = runtime.current.lock().unwrap_or_else(PoisonError::into_inner);
    *current = Some((invocation.request_id, answer));
    (headers, invocation.payload).into_response()
}

async fn response(
    State(runtime): State<Arc<Runtime>>,
    Path(request_id): Path<String>,
    request: Request,
) -> Response {
    let Ok(body) = axum::body::to_bytes(request.into_body(), MAX_RESPONSE_BYTES).await else {
        let message = format!("Exceeded maximum allowed payload size ({MAX_RESPONSE_BYTES} bytes).");
        let reported = ReportedError {
            error_type: "Function.ResponseSizeTooLarge".to_owned(),
            message: format!(
                "Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE_BYTES} bytes)."
            ),
        };
        return match runtime.answer(&request_id, Answer::Error(reported)) {
            Ok(()) => {
                let status = StatusCode::PAYLOAD_TOO_LARGE;
                Refusal { status, error_type: "RequestEntityTooLarge", message }.into_response()
            }
            Err(refusal) => refusal.into_response(),
        };
    };
    accepted(runtime.answer(&request_id, Answer::Response(body)))
}

async fn error(
    State(runtime): State<Arc<Runtime>>,
    Path(request_id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    accepted(runtime.answer(&request_id, Answer::Error(reported_error(&headers, &body))))
}

async fn init_error(State(runtime): State<Arc<Runtime>>, headers: HeaderMap, body: Bytes) -> Response {
    let is_starting = runtime.init.send_if_modified(|init| {
        let is_starting = *init == Init::Starting;
        if is_starting {
            *init = Init::Failed(reported_error(&headers, &body));
        }
        is_starting
    });
    accepted(if is_starting { Ok(()) } else { Err(wrong_state("the runtime has started")) })
}

fn invocation_headers(invocation: &Invocation) -> HeaderMap {
    let id = &invocation.request_id;
    let values = [
        ("lambda-runtime-aws-request-id", id.clone()),
        ("lambda-runtime-deadline-ms", invocation.deadline_ms.to_string()),
        ("lambda-runtime-invoked-function-arn", invocation.function_arn.clone()),
        ("lambda-runtime-trace-id", trace_id(id)),
        ("content-type", "application/json".to_owned()),
    ];
    let header = |(name, value): (&'static str, String)| {
        Some((HeaderName::from_static(name), HeaderValue::from_str(&value).ok()?))
    };
    values.into_iter().filter_map(header).collect()
}

/// An X-Ray trace that is not sampled, made from the request's id: `Root=1-<8 hex>-<24 hex>`.
fn trace_id(request_id: &str) -> String {
    let digits: String = request_id.chars().filter(char::is_ascii_hexdigit).collect();
    let digits = format!("{digits:0<32}");
    let (start, rest) = digits.split_at(8);
    let rest = rest.get(..24).unwrap_or(rest);
    format!("Root=1-{start}-{rest};Sampled=0")
}

/// The runtime's own words, else what Lambda shows for a body that it cannot read.
fn reported_error(headers: &HeaderMap, body: &[u8]) -> ReportedError {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |key: &str| body.get(key).and_then(Value::as_str).map(ToOwned::to_owned);
    let header = headers.get("lambda-runtime-function-error-type").and_then(|value| value.to_str().ok());
    ReportedError {
        error_type: text("errorType")
            .or_else(|| header.map(ToOwned::to_owned))
            .unwrap_or_else(|| "Unhandled".to_owned()),
        message: text("errorMessage").unwrap_or_default(),
    }
}

/// What the runtime did out of turn.
struct Refusal {
    status: StatusCode,
    error_type: &'static str,
    message: String,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({"errorType": self.error_type, "errorMessage": self.message});
        json_response(self.status, &body)
    }
}

fn accepted(result: Result<(), Refusal>) -> Response {
    match result {
        Ok(()) => json_response(StatusCode::ACCEPTED, &json!({"status": "OK"})),
        Err(refusal) => refusal.into_response(),
    }
}

fn wrong_state(message: &str) -> Refusal {
    Refusal {
        status: StatusCode::FORBIDDEN,
        error_type: "InvalidStateTransition",
        message: format!("State transition is not allowed: {message}"),
    }
}

fn json_response(status: StatusCode, body: &Value) -> Response {
    (status, [("content-type", "application/json")], body.to_string()).into_response()
}

//! AWS, as far as the functions ask: the local AWS Config's answers, remembered.
//!
//! Each question is passed on once; from then on it is answered at once, so that what is measured is the function and
//! not whoever answers. Reports are taken and forgotten.

use std::collections::{BTreeMap, HashMap};
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::serve::{Listener, ListenerExt};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::certificates::Certificates;

/// The headers by which an AWS service tells what it is asked.
const HEADERS: [&str; 3] = ["authorization", "content-type", "x-amz-target"];

const ROUND_TRIPS: usize = 1001;

/// Far more than any answer of the local AWS Config.
const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// The stand-in for AWS. Its servers end with the runtime that they were started in.
#[derive(Debug)]
pub(crate) struct Endpoint {
    http: SocketAddr,
    https: SocketAddr,
    service: Arc<Service>,
}

#[derive(Debug)]
struct Service {
    behind: SocketAddr,
    answers: Mutex<HashMap<Question, Answer>>,
    calls: Mutex<Calls>,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Question {
    path: String,
    target: Option<HeaderValue>,
    body: Bytes,
}

#[derive(Clone, Debug)]
struct Answer {
    status: StatusCode,
    content_type: Option<HeaderValue>,
    body: Bytes,
}

/// How often each operation was called.
pub(crate) type Calls = BTreeMap<String, u64>;

impl Endpoint {
    /// Listens on two free ports of the loopback interface, before the AWS Config that answers at `behind`.
    pub(crate) async fn start(behind: SocketAddr, certificates: &Certificates) -> anyhow::Result<Self> {
        let service = Arc::new(Service { behind, answers: Mutex::default(), calls: Mutex::default() });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&service));
        // Without delay, or a handshake waits 40 ms for the client to acknowledge a part of it.
        let at_once = |stream: &mut TcpStream| drop(stream.set_nodelay(true));
        let plain = TcpListener::bind("127.0.0.1:0").await?;
        let encrypted = TlsListener {
            listener: TcpListener::bind("127.0.0.1:0").await?,
            acceptor: TlsAcceptor::from(Arc::clone(&certificates.server)),
        };
        let (http, https) = (plain.local_addr()?, encrypted.local_addr()?);
        let other = router.clone();
        tokio::spawn(async move { axum::serve(plain.tap_io(at_once), router).await });
        tokio::spawn(async move { axum::serve(encrypted, other).await });
        Ok(Self { http, https, service })
    }

    /// URL without encryption.
    pub(crate) fn http(&self) -> String {
        format!("http://{}", self.http)
    }

    /// URL with TLS, for clients that trust the run's certificate authority.
    pub(crate) fn https(&self) -> String {
        format!("https://{}", self.https)
    }

    /// What a call costs whoever makes it: the time from writing a small request to an open connection until its answer
    /// is there, as the median of many.
    pub(crate) async fn round_trip(&self) -> anyhow::Result<Duration> {
        let address = self.http;
        tokio::task::spawn_blocking(move || round_trip(address)).await?
    }

    /// What was asked since the last time; counting starts anew.
    pub(crate) fn calls(&self) -> Calls {
        std::mem::take(&mut *locked(&self.service.calls))
    }
}

async fn answer(
    State(service): State<Arc<Service>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let operation = operation(&uri, &headers, &body);
    let answer = if operation == "PutEvaluations" {
        Ok(Answer {
            status: StatusCode::OK,
            content_type: Some(HeaderValue::from_static("application/x-amz-json-1.1")),
            body: Bytes::from_static(br#"{"FailedEvaluations":[]}"#),
        })
    } else {
        service.remembered(&method, &uri, &headers, body).await
    };
    *locked(&service.calls).entry(operation).or_default() += 1;
    match answer {
        Ok(Answer { status, content_type, body }) => {
            let content_type = content_type.map(|kind| [(header::CONTENT_TYPE, kind)]);
            (status, content_type, body).into_response()
        }
        Err(error) => (StatusCode::BAD_GATEWAY, format!("{error:#}")).into_response(),
    }
}

impl Service {
    async fn remembered(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: Bytes,
    ) -> anyhow::Result<Answer> {
        let target = headers.get("x-amz-target").cloned();
        let question = Question { path: uri.to_string(), target, body };
        if let Some(answer) = locked(&self.answers).get(&question) {
            return Ok(answer.clone());
        }
        let answer = self.asked(method, uri, headers, question.body.clone()).await?;
        locked(&self.answers).insert(question, answer.clone());
        Ok(answer)
    }

    async fn asked(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: Bytes,
    ) -> anyhow::Result<Answer> {
        let stream = TcpStream::connect(self.behind).await.context("the local AWS Config does not listen")?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let mut request = Request::builder().method(method).uri(uri).header("host", self.behind.to_string());
        for name in HEADERS {
            if let Some(value) = headers.get(name) {
                request = request.header(name, value);
            }
        }
        let answer = sender.send_request(request.body(Body::from(body))?).await?;
        let status = answer.status();
        // What stands in for AWS must know what it is asked; what it refuses, it refuses as AWS does.
        ensure!(!status.is_server_error(), "the local AWS Config answers {status}");
        let content_type = answer.headers().get(header::CONTENT_TYPE).cloned();
        let body = to_bytes(Body::new(answer.into_body()), MAX_ANSWER_BYTES).await?;
        Ok(Answer { status, content_type, body })
    }
}

/// The name of the operation: AWS JSON has it in a header, Query in the form, REST-JSON as path.
fn operation(uri: &Uri, headers: &HeaderMap, body: &[u8]) -> String {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    if let Some((_, operation)) = target.and_then(|target| target.split_once('.')) {
        return operation.to_owned();
    }
    let form = std::str::from_utf8(body).unwrap_or_default();
    let action = form.split('&').find_map(|pair| pair.strip_prefix("Action="));
    action.unwrap_or(uri.path()).to_owned()
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn round_trip(address: SocketAddr) -> anyhow::Result<Duration> {
    let mut connection = std::net::TcpStream::connect(address)?;
    connection.set_nodelay(true)?;
    let request = format!(
        "POST / HTTP/1.1\r\nhost: {address}\r\nx-amz-target: StarlingDoveService.PutEvaluations\r\n\
         content-type: application/x-amz-json-1.1\r\ncontent-length: 2\r\n\r\n{{}}"
    );
    let mut times = Vec::new();
    let mut answer = [0; 1024];
    for _ in 0..ROUND_TRIPS {
        let start = Instant::now();
        connection.write_all(request.as_bytes())?;
        // So short an answer comes in one piece.
        ensure!(0 < connection.read(&mut answer)?, "the endpoint has hung up");
        times.push(start.elapsed());
    }
    times.sort();
    times.get(ROUND_TRIPS / 2).copied().context("nothing was measured")
}

/// Encrypts what the listener accepts.
struct TlsListener {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, address) = Listener::accept(&mut self.listener).await;
            // Whoever does not trust the certificate hangs up, and says so itself.
            let _ = stream.set_nodelay(true);
            if let Ok(stream) = self.acceptor.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

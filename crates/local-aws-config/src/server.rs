//! The HTTP server: connections within limits, and an orderly end.
//!
//! Whoever reaches it may be slow, broken or gone. None of them may keep the others from being answered, or this program
//! from ending.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_LENGTH;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};

/// How long to wait when the system has no more connections to give.
const PAUSE: Duration = Duration::from_millis(50);

/// What a caller may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Connections at a time; more wait until one is closed. Well below the 1,024 files that a process may usually open.
    pub(crate) connections: usize,
    /// Until a request's head has come. A connection that asks for nothing is closed after this, too.
    pub(crate) head: Duration,
    /// Until a request's body has come.
    pub(crate) body: Duration,
    /// Of one body.
    pub(crate) body_bytes: u64,
    /// Until a connection is closed, whatever is going on: its caller may not read what it is answered.
    pub(crate) connection: Duration,
}

/// A server, until it is stopped or dropped.
#[derive(Debug)]
pub(crate) struct Server {
    stop: watch::Sender<bool>,
    accepting: JoinHandle<()>,
}

impl Server {
    pub(crate) fn start(listener: TcpListener, router: Router, limits: Limits) -> Self {
        let router = router.layer(middleware::from_fn_with_state(limits, with_whole_body));
        let (stop, stopping) = watch::channel(false);
        let accepting = tokio::spawn(accept(listener, router, limits, stopping));
        Self { stop, accepting }
    }

    /// Stops listening and waits until every request that has come is answered, but not longer than `patience`.
    pub(crate) async fn stop(mut self, patience: Duration) {
        self.stop.send_replace(true);
        // Whoever has not got an answer by now does not get one.
        let _ = tokio::time::timeout(patience, &mut self.accepting).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, router: Router, limits: Limits, mut stopping: watch::Receiver<bool>) {
    let permits = Arc::new(Semaphore::new(limits.connections));
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let next = async {
            let permit = Arc::clone(&permits).acquire_owned().await;
            (permit, listener.accept().await)
        };
        let (permit, accepted) = tokio::select! {
            next = next => next,
            _ = stopping.wait_for(|is_stopping| *is_stopping) => break,
        };
        match accepted {
            Ok((stream, _)) => {
                let (router, stopping) = (router.clone(), stopping.clone());
                connections.spawn(async move {
                    answer(stream, router, limits, stopping).await;
                    drop(permit);
                });
            }
            // Such as too many open files: connections that end make room.
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
    drop(listener);
    connections.join_all().await;
}

/// Answers the requests of one connection. What is wrong with it, its caller knows better than anybody here.
async fn answer(stream: TcpStream, router: Router, limits: Limits, mut stopping: watch::Receiver<bool>) {
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(limits.head);
    let service = TowerToHyperService::new(router);
    let mut connection = pin!(server.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stopping.wait_for(|is_stopping| *is_stopping) => {}
        () = tokio::time::sleep(limits.connection) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = tokio::time::timeout(limits.head + limits.body, connection).await;
}

/// Passes a request on when all of it is there.
async fn with_whole_body(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let too_large = || {
        refusal(
            StatusCode::PAYLOAD_TOO_LARGE,
            "RequestEntityTooLargeException",
            &format!("expected a request of at most {} bytes, found more", limits.body_bytes),
        )
    };
    let promised = parts.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if promised.is_some_and(|bytes: u64| limits.body_bytes < bytes) {
        return too_large();
    }
    let whole = axum::body::to_bytes(body, usize::try_from(limits.body_bytes).unwrap_or(usize::MAX));
    match tokio::time::timeout(limits.body, whole).await {
        Ok(Ok(body)) => next.run(Request::from_parts(parts, Body::from(body))).await,
        // Either that, or the caller has gone and hears nothing.
        Ok(Err(_)) => too_large(),
        Err(_) => refusal(
            StatusCode::REQUEST_TIMEOUT,
            "RequestTimeoutException",
            &format!("expected the whole request within {} seconds", limits.body.as_secs_f64()),
        ),
    }
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    let body = json!({"__type": code, "message": message}).to_string();
    // The rest of the body, should it come after all, is no request.
    let headers = [("content-type", "application/x-amz-json-1.1"), ("connection", "close")];
    (status, headers, body).into_response()
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use axum::routing::post;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    const LIMITS: Limits = Limits {
        connections: 2,
        head: Duration::from_millis(200),
        body: Duration::from_millis(200),
        body_bytes: 10,
        connection: Duration::from_mins(1),
    };
    const PATIENCE: Duration = Duration::from_secs(10);

    #[tokio::test]
    async fn a_body_of_the_largest_size_is_answered_and_a_larger_one_is_refused() {
        let (address, _server) = started(LIMITS).await;
        let answer = answered(&address, &request("0123456789")).await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("10"), "{answer}");
        let in_chunks =
            "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nb\r\n0123456789a\r\n0\r\n\r\n";
        let answer = answered(&address, in_chunks).await;
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
        let answer = answered(&address, &request("0123456789a")).await;
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
        assert!(
            answer.ends_with(
                r#"{"__type":"RequestEntityTooLargeException","message":"expected a request of at most 10 bytes, found more"}"#
            ),
            "{answer}"
        );
    }

    #[tokio::test]
    async fn a_body_that_does_not_come_is_refused_in_time() {
        let (address, _server) = started(LIMITS).await;
        let answer = answered(&address, "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\n0").await;
        assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("within 0.2 seconds"), "{answer}");
    }

    #[tokio::test]
    async fn connections_that_ask_for_nothing_make_room_for_one_that_asks() {
        let (address, _server) = started(LIMITS).await;
        let mut idle = Vec::new();
        for begun in ["", "", "POST / HT", "POST / HTTP/1.1\r\nhost:"] {
            let mut stream = TcpStream::connect(&address).await.unwrap();
            stream.write_all(begun.as_bytes()).await.unwrap();
            idle.push(stream);
        }
        let answer = answered(&address, &request("0")).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    #[tokio::test]
    async fn a_request_that_has_come_is_answered_although_the_server_stops() {
        let limits = Limits { body: PATIENCE, ..LIMITS };
        let (address, server) = started(limits).await;
        let mut stream = TcpStream::connect(&address).await.unwrap();
        let (begun, rest) = ("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\n01", "234");
        stream.write_all(begun.as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        let stopped = tokio::spawn(server.stop(PATIENCE));
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(TcpStream::connect(&address).await.is_err(), "it still listens");
        stream.write_all(rest.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with('5'), "{answer}");
        stopped.await.unwrap();
    }

    #[tokio::test]
    async fn a_caller_that_does_not_go_does_not_keep_the_server_from_stopping() {
        let limits = Limits { head: PATIENCE * 2, ..LIMITS };
        let (address, server) = started(limits).await;
        let mut stream = TcpStream::connect(&address).await.unwrap();
        stream.write_all(b"POST / HTTP/1.1\r\nhost:").await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        let start = Instant::now();
        server.stop(Duration::from_millis(200)).await;
        assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
        assert!(rest.is_empty(), "the connection is closed without an answer");
    }

    async fn started(limits: Limits) -> (String, Server) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let router = Router::new().route("/", post(async |body: String| body.len().to_string()));
        (address, Server::start(listener, router, limits))
    }

    fn request(body: &str) -> String {
        let length = body.len();
        format!("POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}")
    }

    async fn answered(address: &str, request: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        let reading = stream.read_to_string(&mut answer);
        tokio::time::timeout(PATIENCE, reading).await.expect("an answer in time").unwrap();
        answer
    }
}

//! A Lambda that fails, or is short of time: the Runtime API, played by hand.

use std::process::{ExitStatus, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_stub::{Answer, Endpoint};
use local_aws_config::function::Stream;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};

use super::case::{REPORT, SILENCE, errors, forever};
use crate::end_to_end::queue;
use crate::events;
use crate::workspace::binaries;

/// Longer than anything here takes, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_runtime_api_that_closes_the_connection_ends_the_process_which_lambda_replaces() {
    let lambda = Lambda::start("lambda-small-single-purpose", "http://127.0.0.1:9").await;
    let mut poll = lambda.connection().await;
    assert_eq!(poll.request().await.path, "/2018-06-01/runtime/invocation/next");
    drop(poll);
    let (status, _) = lambda.ended().await;
    assert!(!status.success(), "{status}");
}

#[tokio::test]
async fn an_answer_that_the_runtime_api_does_not_take_ends_the_process_and_is_logged() {
    let aws = Endpoint::start([]).await;
    let lambda = Lambda::start("lambda-small-single-purpose", aws.url()).await;
    let mut connection = lambda.connection().await;
    connection.hand_over(&function_changed(), Duration::from_mins(1)).await;
    assert_eq!(connection.request().await.path, "/2018-06-01/runtime/invocation/an-id/response");
    assert_eq!(aws.requests(REPORT).len(), 1);
    drop(connection);
    // Without the listener, a second attempt to connect is refused.
    let (status, output) = lambda.ended().await;
    assert!(!status.success(), "{status}");
    assert!(output.contains("Lambda Runtime API request failed"), "{output}");
}

#[tokio::test]
async fn a_failure_is_posted_with_its_type_as_the_runtime_api_documents_it() {
    let aws = Endpoint::start([(REPORT, Answer::Error("AccessDeniedException"))]).await;
    let lambda = Lambda::start("lambda-small-single-purpose", aws.url()).await;
    let mut connection = lambda.connection().await;
    connection.hand_over(&function_changed(), Duration::from_mins(1)).await;
    let post = connection.request().await;
    assert_eq!(post.path, "/2018-06-01/runtime/invocation/an-id/error");
    assert_eq!(post.error_type(), "ReportRejected");
    let body: Value = serde_json::from_slice(&post.body).unwrap();
    assert!(body["errorMessage"].as_str().unwrap().contains("AccessDeniedException"), "{body}");
    // A failed invocation does not end the process: it asks for the next event.
    connection.answer("202 Accepted", &[], b"{}").await;
    let next = tokio::select! {
        Some(request) = connection.read() => request,
        // It need not use the same connection.
        mut other = lambda.connection() => other.request().await,
    };
    assert_eq!(next.path, "/2018-06-01/runtime/invocation/next");
}

#[tokio::test]
async fn a_deadline_that_is_near_or_past_fails_at_once_if_aws_does_not_answer() {
    for left in [Duration::from_millis(100), Duration::ZERO] {
        let aws = Endpoint::start([(REPORT, forever(SILENCE))]).await;
        let lambda = Lambda::start("lambda-small-single-purpose", aws.url()).await;
        let mut connection = lambda.connection().await;
        connection.hand_over(&function_changed(), left).await;
        // A call waits for AWS for a second at least where there is time.
        let start = std::time::Instant::now();
        let post = connection.request().await;
        assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
        assert_eq!(post.path, "/2018-06-01/runtime/invocation/an-id/error");
        assert_eq!(post.error_type(), "ReportRejected");
    }
}

#[tokio::test]
async fn a_process_that_is_killed_in_the_middle_has_written_whole_lines() {
    let rows: Vec<_> = (0..100).map(|number| queue(&format!("queue-{number}")).to_string()).collect();
    let aws = Endpoint::start([
        ("SelectResourceConfig", Answer::Ok(json!({"Results": rows}))),
        (REPORT, forever(SILENCE)),
    ])
    .await;
    let lambda = Lambda::start("periodic-probe", aws.url()).await;
    let mut connection = lambda.connection().await;
    connection.hand_over(&events::scheduled(), Duration::from_mins(1)).await;
    while aws.requests(REPORT).is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let output = lambda.killed().await;
    assert!(output.ends_with('\n'), "the last line is not complete: {output}");
    let lines: Vec<_> = output.lines().map(|line| (Stream::Stdout, line)).collect();
    assert_eq!(errors(&lines), Vec::<Value>::new());
    assert_eq!(lines.len(), 100, "every verdict is in the log before it is reported");
}

fn function_changed() -> Value {
    events::change("AWS::Lambda::Function", "catalogue-thumbnail")
}

/// A process with a Runtime API; killed when dropped.
struct Lambda {
    process: Child,
    listener: TcpListener,
}

/// The connection of a process to its Runtime API.
struct Connection {
    stream: BufReader<TcpStream>,
}

struct Request {
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Lambda {
    async fn start(rule: &str, endpoint: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let process = Command::new(binaries().join(rule))
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", listener.local_addr().unwrap().to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", rule)
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_REGION", "eu-west-1")
            .env("AWS_ACCESS_KEY_ID", "anybody")
            .env("AWS_SECRET_ACCESS_KEY", "anything")
            .env("AWS_ENDPOINT_URL", endpoint)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self { process, listener }
    }

    async fn connection(&self) -> Connection {
        let accepted = tokio::time::timeout(PATIENCE, self.listener.accept()).await;
        let (stream, _) = accepted.expect("the process connects").unwrap();
        Connection { stream: BufReader::new(stream) }
    }

    /// Waits for the end of a process that ends by itself, with everything that it wrote.
    async fn ended(self) -> (ExitStatus, String) {
        drop(self.listener);
        let output = tokio::time::timeout(PATIENCE, self.process.wait_with_output()).await;
        let output = output.expect("the process ends").unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (output.status, text(&output.stdout) + &text(&output.stderr))
    }

    async fn killed(mut self) -> String {
        self.process.start_kill().unwrap();
        self.ended().await.1
    }
}

impl Connection {
    /// Answers the poll for an event with this one.
    async fn hand_over(&mut self, event: &Value, left: Duration) {
        assert_eq!(self.request().await.path, "/2018-06-01/runtime/invocation/next");
        let deadline = (SystemTime::now() + left).duration_since(UNIX_EPOCH).unwrap().as_millis();
        let headers = [
            ("lambda-runtime-aws-request-id", "an-id".to_owned()),
            ("lambda-runtime-deadline-ms", deadline.to_string()),
            (
                "lambda-runtime-invoked-function-arn",
                "arn:aws:lambda:eu-west-1:111122223333:function:f".to_owned(),
            ),
            ("content-type", "application/json".to_owned()),
        ];
        self.answer("200 OK", &headers, event.to_string().as_bytes()).await;
    }

    async fn answer(&mut self, status: &str, headers: &[(&str, String)], body: &[u8]) {
        let mut head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        self.stream.write_all((head + "\r\n").as_bytes()).await.unwrap();
        self.stream.write_all(body).await.unwrap();
    }

    async fn request(&mut self) -> Request {
        let request = tokio::time::timeout(PATIENCE, self.read()).await.expect("the process sends a request");
        request.expect("the process keeps the connection")
    }

    /// The next request, unless the process closes the connection.
    async fn read(&mut self) -> Option<Request> {
        let first = self.line().await;
        let path = first.split(' ').nth(1)?.to_owned();
        let mut headers = Vec::new();
        loop {
            let line = self.line().await;
            let Some((name, value)) = line.split_once(": ") else { break };
            headers.push((name.to_lowercase(), value.to_owned()));
        }
        let mut request = Request { path, headers, body: Vec::new() };
        let length = request.header("content-length").map_or(0, |length| length.parse().unwrap());
        if request.header("transfer-encoding").is_some() {
            request.body = self.chunks().await;
        } else {
            request.body.resize(length, 0);
            self.stream.read_exact(&mut request.body).await.unwrap();
        }
        Some(request)
    }

    async fn chunks(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        loop {
            let length = usize::from_str_radix(&self.line().await, 16).unwrap();
            let mut chunk = vec![0; length];
            self.stream.read_exact(&mut chunk).await.unwrap();
            body.extend(chunk);
            self.line().await;
            if length == 0 {
                return body;
            }
        }
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).await.unwrap();
        line.trim_end().to_owned()
    }
}

impl Request {
    fn error_type(&self) -> String {
        assert!(self.header("lambda-runtime-function-error-type").is_some(), "the header is required");
        let body: Value = serde_json::from_slice(&self.body).unwrap();
        body["errorType"].as_str().unwrap().to_owned()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

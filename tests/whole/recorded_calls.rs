//! The calls that functions make to AWS, recorded on their way to the local AWS Config.
//!
//! Each function is started by a script that sends it through a relay, which notes what passes.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex};

use catalog::RULES;
use serde_json::Value;

use crate::workspace::binaries;

/// One call of a function.
#[derive(Clone, Debug)]
pub(crate) struct RecordedCall {
    pub(crate) rule: String,
    /// As IAM calls it: `config:PutEvaluations`.
    pub(crate) action: String,
    /// The request's members; those of IAM's calls are texts.
    pub(crate) input: Value,
}

impl RecordedCall {}

/// Notes what functions ask for, and has the local AWS Config that started them answer.
pub(crate) struct Relay {
    port: u16,
    noted: Arc<Noted>,
}

#[derive(Default)]
struct Noted {
    calls: Mutex<Vec<RecordedCall>>,
    /// What the types start with that queries do not find.
    hidden: Mutex<Option<&'static str>>,
}

impl Relay {
    /// Listens until the tests end.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let noted = Arc::new(Noted::default());
        let shared = Arc::clone(&noted);
        std::thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || relay(&connection, &shared));
            }
        });
        Self { port, noted }
    }

    /// From now on queries find no resources of types that start so, as it is where AWS Config does not record them.
    pub(crate) fn hide(&self, types: &'static str) {
        *self.noted.hidden.lock().unwrap() = Some(types);
    }

    /// Makes functions in `folder` that are the real ones, sent through the relay.
    pub(crate) fn write_functions(&self, folder: &Path) {
        for entry in RULES {
            let rule = entry.meta.name;
            let function = folder.join(rule);
            fs::create_dir_all(&function).unwrap();
            let bootstrap = function.join("bootstrap");
            // The path says whose call it is, and the port of the local AWS Config that is to answer.
            let script = format!(
                "#!/bin/sh\nexport AWS_ENDPOINT_URL=\"http://127.0.0.1:{}/{rule}/${{AWS_ENDPOINT_URL##*:}}\"\nexec '{}'\n",
                self.port,
                binaries().join(rule).display()
            );
            fs::write(&bootstrap, script).unwrap();
            fs::set_permissions(&bootstrap, fs::Permissions::from_mode(0o755)).unwrap();
        }
    }

    /// What was called so far.
    pub(crate) fn calls(&self) -> Vec<RecordedCall> {
        self.noted.calls.lock().unwrap().clone()
    }
}

/// Takes one request, notes it, and answers what the local AWS Config answers.
fn relay(mut connection: &TcpStream, noted: &Noted) {
    let Some(request) = Request::read(connection) else { return };
    let mut parts = request.path.trim_start_matches('/').splitn(3, '/');
    let (rule, port, path) =
        (parts.next().unwrap(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let call = request.call(rule, path);
    let hidden = noted.hidden.lock().unwrap().filter(|_| call.action == "config:SelectResourceConfig");
    noted.calls.lock().unwrap().push(call);

    let mut aws_config = TcpStream::connect(("127.0.0.1", port.parse().unwrap())).unwrap();
    let mut asked = format!("POST /{path} HTTP/1.1\r\nConnection: close\r\n").into_bytes();
    for (name, value) in &request.headers {
        if name != "connection" {
            write!(asked, "{name}: {value}\r\n").unwrap();
        }
    }
    asked.extend_from_slice(b"\r\n");
    asked.extend_from_slice(&request.body);
    aws_config.write_all(&asked).unwrap();
    let mut answer = Vec::new();
    aws_config.read_to_end(&mut answer).unwrap();
    if let Some(types) = hidden {
        answer = without(types, &answer);
    }
    // A function that was stopped hears no answer.
    let _ = connection.write_all(&answer);
}

/// The answer of a query without the rows of types that start so.
fn without(types: &str, answer: &[u8]) -> Vec<u8> {
    let answer = std::str::from_utf8(answer).unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let mut body: Value = serde_json::from_str(body).unwrap();
    let rows = body["Results"].as_array_mut().expect("queries of the sample account are not refused");
    rows.retain(|row| {
        let row: Value = serde_json::from_str(row.as_str().unwrap()).unwrap();
        !row["resourceType"].as_str().unwrap().starts_with(types)
    });
    let body = body.to_string();
    let head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/x-amz-json-1.1";
    format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// A request as the SDK sends it: `POST`, with the length of its body.
struct Request {
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    /// `None` where the connection ends instead.
    fn read(connection: &TcpStream) -> Option<Self> {
        let mut reader = BufReader::new(connection);
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let path = line.strip_prefix("POST ")?.split(' ').next()?.to_owned();
        let mut headers = Vec::new();
        loop {
            line.clear();
            reader.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            headers.push((name.to_lowercase(), value.trim().to_owned()));
        }
        let mut request = Self { path, headers, body: Vec::new() };
        request.body.resize(request.header("content-length")?.parse().ok()?, 0);
        reader.read_exact(&mut request.body).ok()?;
        Some(request)
    }

    fn header(&self, wanted: &str) -> Option<&str> {
        self.headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
    }

    fn call(&self, rule: &str, path: &str) -> RecordedCall {
        let signature = self.header("authorization").expect("the SDK signs what it sends");
        let (_, credential) = signature.split_once("Credential=").unwrap();
        let service = credential.split('/').nth(3).unwrap();
        let (operation, input) = match service {
            "config" => {
                let target = self.header("x-amz-target").unwrap();
                let (_, operation) = target.split_once('.').unwrap();
                (operation.to_owned(), serde_json::from_slice(&self.body).unwrap())
            }
            "iam" => {
                let mut form = form(&self.body);
                let operation = form.remove("Action").unwrap();
                (operation.as_str().unwrap().to_owned(), Value::Object(form))
            }
            "inspector2" => {
                (inspector_operation(path).to_owned(), serde_json::from_slice(&self.body).unwrap_or_default())
            }
            other => panic!("{rule} calls the service `{other}`, which no test knows"),
        };
        RecordedCall { rule: rule.to_owned(), action: format!("{service}:{operation}"), input }
    }
}

/// Source: Amazon Inspector API Reference, the request syntax of each operation.
fn inspector_operation(path: &str) -> &'static str {
    match path {
        "status/batch/get" => "BatchGetAccountStatus",
        "coverage/list" => "ListCoverage",
        "findings/list" => "ListFindings",
        other => panic!("which operation of Amazon Inspector is `/{other}`?"),
    }
}

/// The members of a form, as IAM takes them.
fn form(body: &[u8]) -> serde_json::Map<String, Value> {
    let text = std::str::from_utf8(body).unwrap();
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned();
    text.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decoded(name), Value::from(decoded(value))))
        .collect()
}

//! What the tests of this crate share: an account, packs, a folder of functions and an HTTP client.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;

use config_rule::{Document, Timestamp};
use local_aws_config::items::{ConfigurationItems, Scope};
use local_aws_config::{LocalAwsConfig, Options, Pack};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const REGION: &str = "eu-west-1";

/// The answer to one request.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Value,
    /// The body as it came.
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines();
        lines.find_map(|line| line.split_once(": ").filter(|(key, _)| *key == name)).map(|(_, value)| value)
    }

    /// The name of the exception; panics if the call succeeded.
    pub(crate) fn error(&self) -> &str {
        assert_eq!(self.status, 400, "{self:?}");
        self.body["__type"].as_str().expect("errors have a type")
    }

    pub(crate) fn message(&self) -> &str {
        self.body["message"].as_str().unwrap_or_default()
    }
}

pub(crate) async fn http(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let mut stream = TcpStream::connect(address).await.expect("the server listens");
    let headers: String =
        headers.iter().fold(String::new(), |headers, (name, value)| headers + name + ": " + value + "\r\n");
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.expect("the head is sent");
    // A server that refuses a body need not read it to its end.
    let _ = stream.write_all(body).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    Answer {
        status,
        head: head.to_owned(),
        body: serde_json::from_str(body).unwrap_or_default(),
        text: body.to_owned(),
    }
}

/// Calls an operation as the function of `account` in `region` would.
pub(crate) async fn call_as(
    config: &LocalAwsConfig,
    (key, region): (&str, &str),
    operation: &str,
    input: &Value,
) -> Answer {
    let endpoint = config.endpoint();
    let address = endpoint.strip_prefix("http://").expect("an HTTP endpoint");
    let credential = format!(
        "AWS4-HMAC-SHA256 Credential={key}/20261001/{region}/config/aws4_request, SignedHeaders=host, Signature=0"
    );
    let target = format!("StarlingDoveService.{operation}");
    let headers = [
        ("x-amz-target", target.as_str()),
        ("content-type", "application/x-amz-json-1.1"),
        ("authorization", credential.as_str()),
    ];
    http(address, "POST", "/", &headers, input.to_string().as_bytes()).await
}

pub(crate) async fn call(config: &LocalAwsConfig, operation: &str, input: &Value) -> Answer {
    call_as(config, ("111122223333", REGION), operation, input).await
}

/// A folder in which every rule's function is the example `echo-function`.
pub(crate) fn functions(rules: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().expect("a scratch folder");
    for rule in rules {
        std::fs::create_dir(folder.path().join(rule)).expect("a folder");
        // A link: a program that was just written cannot be started while another test is forking.
        symlink(echo_function(), folder.path().join(rule).join("bootstrap")).expect("a link");
    }
    folder
}

/// The example's program. `cargo test` builds it beside the tests, unless it was told to build some tests only.
pub(crate) fn echo_function() -> PathBuf {
    static BUILT: Once = Once::new();
    let this = std::env::current_exe().expect("a test has a path");
    let profile = this.parent().and_then(Path::parent).expect("tests stand in target/<profile>/deps");
    let program = profile.join("examples").join("echo-function");
    BUILT.call_once(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let changed_at = |path: &Path| path.metadata().and_then(|file| file.modified()).ok();
        if changed_at(&program) < changed_at(&folder.join("examples/echo-function.rs")) {
            let mut build = Command::new(env!("CARGO"));
            build.args(["build", "--quiet", "--example", "echo-function"]).current_dir(folder);
            assert!(build.status().is_ok_and(|status| status.success()), "{} is built", program.display());
        }
    });
    program
}

pub(crate) fn scope() -> Scope {
    Scope { account_id: ACCOUNT.to_owned(), region: REGION.to_owned() }
}

pub(crate) fn at() -> Timestamp {
    "2026-10-01T08:00:00Z".parse().expect("a timestamp")
}

/// A function's item as a notification has it, changed at 08:00 on this day of September 2026.
pub(crate) fn item(id: &str, day: u32) -> Value {
    json!({
        "configurationItemVersion": "1.3",
        "resourceType": "AWS::Lambda::Function", "resourceId": id, "resourceName": id,
        "ARN": format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{id}"),
        "awsAccountId": ACCOUNT, "awsRegion": REGION, "configurationItemStatus": "OK",
        "configurationItemCaptureTime": format!("2026-09-{day:02}T08:00:00.000Z"),
        "tags": {"service": "orders"}, "relationships": [],
        "configuration": {"functionName": id, "timeout": 60}, "supplementaryConfiguration": {},
    })
}

pub(crate) fn items(items: impl IntoIterator<Item = Value>) -> ConfigurationItems {
    let documents = items.into_iter().map(|item| Document::from_item(item).expect("an item"));
    ConfigurationItems::from_documents(documents.collect())
}

/// A pack of rules that are told of every change of a function, and daily.
pub(crate) fn pack(rules: &[&str]) -> Pack {
    let resources: BTreeMap<_, _> = rules
        .iter()
        .map(|rule| {
            (rule.replace('-', ""), json!({"Type": "AWS::Config::ConfigRule", "Properties": {
                "ConfigRuleName": rule,
                "InputParameters": {"limit": "5"},
                "Scope": {"ComplianceResourceTypes": ["AWS::Lambda::Function"]},
                "Source": {
                    "Owner": "CUSTOM_LAMBDA",
                    "SourceIdentifier": {"Fn::ImportValue": format!("serverless-conformance:{rule}")},
                    "SourceDetails": [
                        {"EventSource": "aws.config", "MessageType": "ConfigurationItemChangeNotification"},
                        {"EventSource": "aws.config", "MessageType": "OversizedConfigurationItemChangeNotification"},
                        {"EventSource": "aws.config", "MessageType": "ScheduledNotification"},
                    ],
                },
            }}))
        })
        .collect();
    let text = json!({"Resources": resources}).to_string();
    Pack::read("sample", &text, &BTreeMap::new(), &scope()).expect("a valid pack")
}

/// A running service, and the folder that its functions are in.
pub(crate) async fn started(
    items: ConfigurationItems,
    rules: &[&str],
    change: impl FnOnce(&mut Options),
) -> (LocalAwsConfig, TempDir) {
    let folder = functions(rules);
    let mut options = Options::new(items, pack(rules), folder.path().to_owned(), at());
    change(&mut options);
    (LocalAwsConfig::start(options).await.expect("it starts"), folder)
}

pub(crate) fn address(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

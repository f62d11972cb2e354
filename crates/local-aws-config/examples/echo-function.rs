//! A Lambda function without a runtime library or an SDK: what the tests start as a rule's function.
//!
//! Its name says how it starts (`init-error`, `init-crash`, `init-hang`), the changed resource's id what it does with
//! an event (`error`, `crash`, `hang`, `chatter`, `farewell`). Otherwise it finds every resource compliant, with the
//! message type as annotation.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let api = std::env::var("AWS_LAMBDA_RUNTIME_API")?;
    let runtime = |path: &str| format!("/2018-06-01/runtime/{path}");
    let name = std::env::var("AWS_LAMBDA_FUNCTION_NAME")?;
    match name.trim_start_matches("serverless-conformance-") {
        "init-error" => {
            let error = json!({"errorType": "NoSettings", "errorMessage": "the settings are missing"});
            let header = ("lambda-runtime-function-error-type", "Runtime.NoSettings");
            http(&api, "POST", &runtime("init/error"), &[header], &error.to_string())?;
            std::process::exit(1);
        }
        "init-crash" => std::process::exit(101),
        "init-hang" => std::thread::sleep(Duration::from_mins(5)),
        _ => {}
    }
    loop {
        let (head, payload) = http(&api, "GET", &runtime("invocation/next"), &[], "")?;
        let request_id = header(&head, "lambda-runtime-aws-request-id").ok_or("no request id")?.to_owned();
        let event: Value = serde_json::from_str(&payload)?;
        let occurrence: Value = serde_json::from_str(text(&event, "/invokingEvent"))?;
        match text(&occurrence, "/configurationItem/resourceId") {
            "crash" => {
                writeln!(std::io::stderr(), "about to crash")?;
                std::process::exit(101);
            }
            "hang" => std::thread::sleep(Duration::from_mins(5)),
            "error" => {
                let error =
                    json!({"errorType": "InvalidParameters", "errorMessage": "the parameters are wrong"});
                http(
                    &api,
                    "POST",
                    &runtime(&format!("invocation/{request_id}/error")),
                    &[],
                    &error.to_string(),
                )?;
                continue;
            }
            "chatter" => {
                for number in 0..1_200 {
                    writeln!(std::io::stdout(), "line {number}")?;
                }
            }
            _ => {}
        }
        let evaluation = evaluation(&event, &occurrence);
        put(&event, &evaluation)?;
        let line = json!({"requestId": request_id, "message": "evaluated", "evaluation": {
            "resourceType": evaluation["ComplianceResourceType"],
            "resourceId": evaluation["ComplianceResourceId"],
            "findings": [{"check": "echo"}],
            "environment": std::env::vars().collect::<std::collections::BTreeMap<_, _>>(),
            "pid": std::process::id(),
            "event": event,
            "head": head,
        }});
        writeln!(std::io::stdout(), "{line}")?;
        http(&api, "POST", &runtime(&format!("invocation/{request_id}/response")), &[], "null")?;
        if evaluation["ComplianceResourceId"] == "farewell" {
            return Ok(());
        }
    }
}

fn evaluation(event: &Value, occurrence: &Value) -> Value {
    let message_type = text(occurrence, "/messageType");
    let item = occurrence.get("configurationItem").or_else(|| occurrence.get("configurationItemSummary"));
    let item = item.cloned().unwrap_or_else(
        || json!({"resourceType": "AWS::::Account", "resourceId": text(event, "/accountId")}),
    );
    let is_deleted = text(&item, "/configurationItemStatus").starts_with("ResourceDeleted");
    json!({
        "ComplianceResourceType": item["resourceType"],
        "ComplianceResourceId": item["resourceId"],
        "ComplianceType": if is_deleted { "NOT_APPLICABLE" } else { "COMPLIANT" },
        "Annotation": message_type,
        "OrderingTimestamp": 1_790_841_600.5,
    })
}

/// `PutEvaluations`, if there is a service to report to.
fn put(event: &Value, evaluation: &Value) -> Result<(), Failure> {
    let Ok(endpoint) = std::env::var("AWS_ENDPOINT_URL") else { return Ok(()) };
    let Some(address) = endpoint.strip_prefix("http://").filter(|address| !address.is_empty()) else {
        return Ok(());
    };
    let (key, region) = (std::env::var("AWS_ACCESS_KEY_ID")?, std::env::var("AWS_REGION")?);
    let credential =
        format!("AWS4-HMAC-SHA256 Credential={key}/20261001/{region}/config/aws4_request, Signature=0");
    let headers = [
        ("x-amz-target", "StarlingDoveService.PutEvaluations"),
        ("content-type", "application/x-amz-json-1.1"),
        ("authorization", credential.as_str()),
    ];
    let body = json!({"ResultToken": event["resultToken"], "Evaluations": [evaluation]}).to_string();
    let (head, answer) = http(address, "POST", "/", &headers, &body)?;
    if !head.starts_with("HTTP/1.1 200") {
        return Err(format!("PutEvaluations was refused: {answer}").into());
    }
    Ok(())
}

/// Head and body of the answer to one request.
fn http(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Result<(String, String), Failure> {
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n")?;
    for (name, value) in headers {
        write!(stream, "{name}: {value}\r\n")?;
    }
    write!(stream, "content-length: {}\r\n\r\n{body}", body.len())?;
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while reader.read_line(&mut head)? != 0 && !head.ends_with("\r\n\r\n") {}
    let mut body = String::new();
    reader.read_to_string(&mut body)?;
    Ok((head, body))
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines()
        .find_map(|line| line.split_once(": ").filter(|(key, _)| *key == name))
        .map(|(_, value)| value)
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

//! The three protocols that the rules' functions speak, told apart by the request.

use axum::body::Body;
use axum::http::{HeaderMap, Response, StatusCode, Uri, header};
use axum::response::IntoResponse;
use serde_json::{Map, Value, json};

/// How an operation was asked for and how its answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Json,
    Query,
    RestJson,
}

impl Protocol {
    pub(crate) fn written(self, status: StatusCode, body: String) -> Response<Body> {
        let content_type = match self {
            Self::Json => "application/x-amz-json-1.1",
            Self::Query => "text/xml",
            Self::RestJson => "application/json",
        };
        (status, [(header::CONTENT_TYPE, content_type)], body).into_response()
    }

    pub(crate) fn error(self, status: StatusCode, code: &str) -> Response<Body> {
        let body = match self {
            Self::Json => json!({"__type": code, "message": "as scripted"}).to_string(),
            Self::RestJson => json!({"message": "as scripted"}).to_string(),
            Self::Query => format!(
                "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>as scripted</Message>\
                 </Error><RequestId>0</RequestId></ErrorResponse>"
            ),
        };
        let mut response = self.written(status, body);
        if self == Self::RestJson {
            response.headers_mut().insert("x-amzn-errortype", code.parse().unwrap());
        }
        response
    }
}

/// The protocol, the operation and its input.
pub(crate) fn read(uri: &Uri, headers: &HeaderMap, body: &str) -> (Protocol, String, Value) {
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
pub(crate) fn signer(headers: &HeaderMap) -> String {
    let signature = headers.get(header::AUTHORIZATION).map_or("", |value| value.to_str().unwrap());
    let credential = signature.split_once("Credential=").map_or("", |(_, rest)| rest);
    credential.split('/').next().unwrap_or_default().to_owned()
}

/// A value of a form.
fn decoded(value: &str) -> String {
    percent_encoding::percent_decode_str(&value.replace('+', " ")).decode_utf8().unwrap().into_owned()
}

//! Reads a template from Amazon S3, or from what stands in for it on this machine.

use axum::http::Uri;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::pack::MAX_TEMPLATE_OBJECT_BYTES;

/// The text of an object; otherwise what was expected and what was found.
pub(crate) async fn text(endpoint: &str, uri: &str, region: &str) -> Result<String, String> {
    let expected = format!("expected to read the template `{uri}`");
    let object = uri.strip_prefix("s3://").and_then(|object| object.split_once('/'));
    let Some((bucket, key)) = object.filter(|(bucket, key)| !bucket.is_empty() && !key.is_empty()) else {
        return Err(format!("{expected}, found no bucket and key in it: `s3://<bucket>/<key>`"));
    };
    let address = endpoint.trim_end_matches('/');
    let found = get(&format!("{address}/{bucket}/{key}"), region).await;
    let bytes = found.map_err(|found| format!("{expected} at {address}, found {found}"))?;
    String::from_utf8(bytes.to_vec()).map_err(|_| format!("{expected}, found text that is not UTF-8"))
}

/// Credentials are not looked at here, but a request without any is a stranger's, which a bucket turns away.
async fn get(url: &str, region: &str) -> Result<Bytes, String> {
    let uri: Uri = url.parse().map_err(|_| "no URL".to_owned())?;
    let authority = match (uri.scheme_str(), uri.authority()) {
        (Some("http"), Some(authority)) => authority.clone(),
        _ => return Err("no `http://` endpoint".to_owned()),
    };
    let told = |error: &dyn std::error::Error| error.to_string();
    let address = (authority.host(), authority.port_u16().unwrap_or(80));
    let stream = TcpStream::connect(address).await.map_err(|error| told(&error))?;
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| told(&error))?;
    let connection = tokio::spawn(connection);
    let credential = format!("Credential=LOCAL/20000101/{region}/s3/aws4_request");
    let request = Request::get(uri.path())
        .header("host", authority.as_str())
        .header("authorization", format!("AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0"))
        .body(Empty::<Bytes>::new())
        .map_err(|error| told(&error))?;
    let answer = sender.send_request(request).await.map_err(|error| told(&error))?;
    let status = answer.status();
    // One byte more than is accepted, so that the limit is told by the one who counts.
    let body = Limited::new(answer.into_body(), MAX_TEMPLATE_OBJECT_BYTES + 1).collect().await;
    connection.abort();
    if !status.is_success() {
        return Err(format!("status {status}"));
    }
    body.map(http_body_util::Collected::to_bytes).map_err(|_| {
        format!("more than {MAX_TEMPLATE_OBJECT_BYTES} bytes, the most that a template in a bucket may have")
    })
}

//! Passes a call on to a service that answers for real.

use axum::body::{Body, Bytes};
use axum::http::{Request, Response};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// The answer of the service at `url`, `http://<host>:<port>`.
pub(crate) async fn answer(url: &str, request: Request<Bytes>) -> Response<Body> {
    let address = url.strip_prefix("http://").unwrap();
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let response = sender.send_request(request.map(Body::from)).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(Body::new(body), usize::MAX).await.unwrap();
    Response::from_parts(parts, Body::from(body))
}

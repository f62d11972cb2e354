//! The listener. It holds each connection itself, so that it can take one away without an answer.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use crate::fault::Disruption;

/// The largest body that tests send.
const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;

/// Answers requests until the task ends.
pub(crate) async fn serve<F, A>(listener: TcpListener, answer: F)
where
    F: Fn(Request<Bytes>) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Result<Response<Body>, Disruption>> + Send + 'static,
{
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(connection(stream, answer.clone()));
    }
}

async fn connection<F, A>(stream: TcpStream, answer: F)
where
    F: Fn(Request<Bytes>) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Result<Response<Body>, Disruption>> + Send + 'static,
{
    let reset = Arc::new(Notify::new());
    let service = service_fn(|request| {
        let (answer, reset) = (answer.clone(), Arc::clone(&reset));
        async move {
            match answer(complete(request).await).await {
                Ok(response) => Ok::<_, Infallible>(response),
                Err(Disruption::Reset) => {
                    reset.notify_one();
                    std::future::pending().await
                }
                Err(Disruption::Silence) => std::future::pending().await,
            }
        }
    });
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        // A caller that has gone, or an answer that was cut.
        _ = &mut connection => {}
        () = reset.notified() => {
            // Without lingering, the connection is reset when it is dropped.
            connection.into_parts().io.into_inner().set_zero_linger().unwrap();
        }
    }
}

async fn complete(request: Request<Incoming>) -> Request<Bytes> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(Body::new(body), MAX_BODY_BYTES).await.unwrap_or_default();
    Request::from_parts(parts, body)
}

//! The HTTP client that all clients of services share: HTTP/1.1 over TLS, as AWS's endpoints speak it, and no more.
//!
//! The SDK's own brings HTTP/2, proxies and pools for thousands of connections along, a tenth of a function.

use std::error::Error;
use std::io;
use std::sync::OnceLock;

use aws_sdk_config::config::{HttpClient, RuntimeComponents};
use aws_sdk_config::error::BoxError;
use aws_smithy_runtime_api::client::connection::{CaptureSmithyConnection, ConnectionMetadata};
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::ErrorKind;
use http_body_util::BodyExt as _;
use hyper::Response;
use hyper::body::{Body as _, Incoming};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::{
    CaptureConnection, HttpConnector as TcpConnector, capture_connection,
};
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::TokioExecutor;

use crate::roots::Roots;

/// How much is read at once. Most answers are smaller, and the others come in as many pieces.
const MAX_READ_BYTES: usize = 64 * 1024;

/// Room for an answer is made beforehand up to this; a page of an inventory is smaller.
const MAX_ANNOUNCED_BYTES: usize = 4 * 1024 * 1024;

/// Makes its connector at the first request: the first event must not wait for what it may not need.
#[derive(Debug)]
pub(crate) struct LateHttpClient {
    roots: Roots,
    connector: OnceLock<SharedHttpConnector>,
}

impl LateHttpClient {
    pub(crate) const fn new(roots: Roots) -> Self {
        Self { roots, connector: OnceLock::new() }
    }

    fn connect(&self, settings: &HttpConnectorSettings) -> SharedHttpConnector {
        tracing::debug!(roots = %self.roots, "making the HTTP client");
        match self.roots.client_config() {
            Ok(tls) => {
                let mut tcp = TcpConnector::new();
                tcp.enforce_http(false);
                tcp.set_nodelay(true);
                tcp.set_connect_timeout(settings.connect_timeout());
                let https = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1();
                let client = Client::builder(TokioExecutor::new())
                    .http1_max_buf_size(MAX_READ_BYTES)
                    .build(https.wrap_connector(tcp));
                SharedHttpConnector::new(Connector(client))
            }
            Err(error) => SharedHttpConnector::new(Unconfigured(error)),
        }
    }
}

impl HttpClient for LateHttpClient {
    /// All clients of services have the same settings, the SDK's.
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        self.connector.get_or_init(|| self.connect(settings)).clone()
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        Some(ConnectorMetadata::new("hyper", Some("1.x".into())))
    }
}

/// Connections that are kept for the next request.
#[derive(Debug)]
struct Connector(Client<HttpsConnector<TcpConnector>, SdkBody>);

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut request = match request.try_into_http1x() {
            Ok(request) => request,
            Err(error) => return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into()))),
        };
        let connection = capture_connection(&mut request);
        if let Some(capture) = request.extensions().get::<CaptureSmithyConnection>() {
            capture.set_connection_retriever(move || metadata(connection.clone()));
        }
        let answer = self.0.request(request);
        HttpConnectorFuture::new(async {
            let (parts, body) = answer.await.map_err(|error| connector_error(error.into()))?.into_parts();
            let body = whole(body).await.map_err(|error| connector_error(error.into()))?;
            HttpResponse::try_from(Response::from_parts(parts, SdkBody::from(body)))
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// The whole body in one piece. The SDK would keep what was read in the pieces in which it came, and a copy of it beside.
async fn whole(mut body: Incoming) -> Result<Vec<u8>, hyper::Error> {
    let announced = body.size_hint().exact().and_then(|bytes| usize::try_from(bytes).ok());
    let mut whole = Vec::with_capacity(announced.unwrap_or_default().min(MAX_ANNOUNCED_BYTES));
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            whole.extend_from_slice(&data);
        }
    }
    Ok(whole)
}

/// How the SDK drops a connection whose other end has failed, instead of asking that one again.
fn metadata(connection: CaptureConnection) -> Option<ConnectionMetadata> {
    connection.connection_metadata().as_ref()?;
    let poison = move || {
        if let Some(connected) = connection.connection_metadata().as_ref() {
            connected.poison();
        }
    };
    Some(ConnectionMetadata::builder().proxied(false).poison_fn(poison).build())
}

/// What of a failed request the SDK has to know: whether to ask again.
fn connector_error(error: BoxError) -> ConnectorError {
    let is_connect = source::<legacy::Error>(&*error).is_some_and(legacy::Error::is_connect);
    let is_io = is_connect || source::<io::Error>(&*error).is_some();
    match source::<hyper::Error>(&*error) {
        Some(hyper) if hyper.is_user() => ConnectorError::user(error),
        Some(hyper) if is_io || hyper.is_closed() || hyper.is_canceled() => ConnectorError::io(error),
        Some(hyper) if hyper.is_incomplete_message() => {
            ConnectorError::other(error, Some(ErrorKind::TransientError))
        }
        None if is_io => ConnectorError::io(error),
        _ => ConnectorError::other(error, None),
    }
}

fn source<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    std::iter::successors(Some(error), |&error| error.source()).find_map(|error| error.downcast_ref())
}

/// Says at each request what is wrong with TLS; no second attempt can mend it.
#[derive(Debug)]
struct Unconfigured(rustls::Error);

impl HttpConnector for Unconfigured {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(Err(ConnectorError::user(self.0.clone().into())))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use aws_credential_types::Credentials;
    use aws_sdk_config::config::retry::RetryConfig;
    use aws_sdk_config::config::{BehaviorVersion, Region, SharedHttpClient};
    use aws_sdk_config::error::SdkError;
    use aws_sdk_config::{Client as Config, Config as Settings};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    const FINE: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
    const BUSY: &str = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 2\r\n\r\n{}";

    #[tokio::test]
    async fn nothing_is_made_before_the_first_request() {
        let late = Arc::new(LateHttpClient::new(Roots::Amazon));
        let client = client(SharedHttpClient::new(Seen(Arc::clone(&late))), "http://127.0.0.1:1", 1);
        assert!(late.connector.get().is_none());
        client.describe_config_rules().send().await.unwrap_err();
        assert!(late.connector.get().is_some());
    }

    #[tokio::test]
    async fn a_connection_serves_one_request_after_the_other() {
        let (listener, client) = listener_and_client(1).await;
        let asked = async {
            client.describe_config_rules().send().await.unwrap();
            client.describe_config_rules().send().await.unwrap();
        };
        let answered = async {
            let (mut connection, _) = listener.accept().await.unwrap();
            answer(&mut connection, FINE).await;
            answer(&mut connection, FINE).await;
        };
        Box::pin(both(asked, answered)).await;
    }

    #[tokio::test]
    async fn whoever_fails_is_not_asked_again_over_the_same_connection() {
        let (listener, client) = listener_and_client(2).await;
        let asked = async { client.describe_config_rules().send().await.unwrap() };
        let answered = async {
            let (mut failing, _) = listener.accept().await.unwrap();
            answer(&mut failing, BUSY).await;
            let (mut other, _) = listener.accept().await.unwrap();
            answer(&mut other, FINE).await;
        };
        Box::pin(both(asked, answered)).await;
    }

    #[tokio::test]
    async fn a_request_is_repeated_where_nobody_answered_it() {
        for cut in ["", "HTTP/1.1 200 OK\r\ncontent-le", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{"] {
            let (listener, client) = listener_and_client(2).await;
            let asked = async { client.describe_config_rules().send().await.unwrap() };
            let answered = async {
                let (mut gone, _) = listener.accept().await.unwrap();
                answer(&mut gone, cut).await;
                drop(gone);
                let (mut other, _) = listener.accept().await.unwrap();
                answer(&mut other, FINE).await;
            };
            Box::pin(both(asked, answered)).await;
        }
    }

    #[tokio::test]
    async fn who_cannot_be_reached_is_told_apart_from_what_cannot_be_sent() {
        let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let http = || SharedHttpClient::new(LateHttpClient::new(Roots::Amazon));
        let unreachable = client(http(), &format!("http://{nobody}"), 1);
        let error = unreachable.describe_config_rules().send().await.unwrap_err();
        assert!(matches!(&error, SdkError::DispatchFailure(failure) if failure.is_io()), "{error:?}");

        let no_web = client(http(), "ftp://127.0.0.1:1", 1);
        let error = no_web.describe_config_rules().send().await.unwrap_err();
        assert!(matches!(&error, SdkError::DispatchFailure(failure) if !failure.is_timeout()), "{error:?}");
    }

    /// Waits for both, but not for ever: whoever is not asked as expected waits for a connection that never comes.
    async fn both<T>(asked: impl Future<Output = T>, answered: impl Future<Output = ()>) {
        let both = async { tokio::join!(asked, answered) };
        tokio::time::timeout(Duration::from_secs(20), both).await.expect("it was not asked as expected");
    }

    /// Lets the test see what a service's client does with its HTTP client.
    #[derive(Debug)]
    struct Seen(Arc<LateHttpClient>);

    impl HttpClient for Seen {
        fn http_connector(
            &self,
            settings: &HttpConnectorSettings,
            components: &RuntimeComponents,
        ) -> SharedHttpConnector {
            self.0.http_connector(settings, components)
        }
    }

    async fn listener_and_client(attempts: u32) -> (TcpListener, Config) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let http = SharedHttpClient::new(LateHttpClient::new(Roots::Amazon));
        (listener, client(http, &endpoint, attempts))
    }

    fn client(http: SharedHttpClient, endpoint: &str, attempts: u32) -> Config {
        let settings = Settings::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(Credentials::new("example", "example", None, None, "test"))
            .retry_config(RetryConfig::standard().with_max_attempts(attempts))
            .endpoint_url(endpoint)
            .http_client(http);
        Config::from_conf(settings.build())
    }

    async fn answer(connection: &mut TcpStream, answer: &str) {
        // A request of these is one packet on the loopback interface.
        let mut request = [0; 4096];
        assert!(0 < connection.read(&mut request).await.unwrap(), "the connection was closed");
        connection.write_all(answer.as_bytes()).await.unwrap();
    }
}

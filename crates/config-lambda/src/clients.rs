//! Clients of AWS services, made at the first call.

use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use aws_sdk_config::config::retry::RetryConfig;
use aws_sdk_config::config::timeout::TimeoutConfig;
use aws_sdk_config::config::{BehaviorVersion, Builder, Region, SharedHttpClient};
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};

use crate::settings::{Roots, Settings};

/// The roots that AWS's own endpoints chain up to: Amazon Root CA 1 to 4 and Starfield Services Root CA - G2.
///
/// Source: Amazon Trust Services, "Root CAs".
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon-roots.pem");

/// One client per service, made when it is first needed: the first poll for an event must not wait for TLS.
#[derive(Debug)]
pub(crate) struct Clients {
    pub(crate) settings: Settings,
    config: OnceLock<aws_sdk_config::Client>,
}

impl Clients {
    pub(crate) const fn new(settings: Settings) -> Self {
        Self { settings, config: OnceLock::new() }
    }

    /// The clients for the length of one invocation.
    pub(crate) const fn until(&self, deadline: SystemTime) -> Session<'_> {
        Session { clients: self, deadline }
    }

    fn config(&self) -> &aws_sdk_config::Client {
        self.config.get_or_init(|| {
            let settings = &self.settings;
            let mut config = aws_sdk_config::Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .http_client(http_client(&settings.roots))
                .region(Region::new(settings.region.clone()))
                .credentials_provider(settings.credentials.clone())
                .retry_config(RetryConfig::standard().with_max_attempts(settings.max_attempts))
                .use_fips(settings.uses_fips)
                .use_dual_stack(settings.uses_dual_stack);
            config.set_endpoint_url(settings.config_endpoint.clone());
            aws_sdk_config::Client::from_conf(config.build())
        })
    }
}

/// The clients, and the time by which every call must have been answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Session<'a> {
    clients: &'a Clients,
    deadline: SystemTime,
}

impl Session<'_> {
    /// What is left for telling the runtime how the invocation ended.
    const MARGIN: Duration = Duration::from_millis(500);

    pub(crate) fn config(&self) -> &aws_sdk_config::Client {
        self.clients.config()
    }

    /// The same with a quarter of the remaining time kept for the report: what was found out until then must not be
    /// lost to evidence that does not come.
    pub(crate) fn leaving_time_to_report(&self) -> Self {
        Self { deadline: self.deadline.checked_sub(self.left() / 4).unwrap_or(self.deadline), ..*self }
    }

    /// Lets a call be retried until shortly before Lambda ends the invocation.
    pub(crate) fn within_the_deadline(&self) -> Builder {
        let left = self.left().saturating_sub(Self::MARGIN).max(Duration::from_millis(1));
        aws_sdk_config::Config::builder()
            .timeout_config(TimeoutConfig::builder().operation_timeout(left).build())
    }

    fn left(&self) -> Duration {
        self.deadline.duration_since(SystemTime::now()).unwrap_or_default()
    }
}

fn http_client(roots: &Roots) -> SharedHttpClient {
    tracing::debug!(%roots, "making the HTTP client");
    let trusted = match roots {
        Roots::Platform => TrustStore::default(),
        Roots::Amazon => TrustStore::empty().with_pem_certificate(AMAZON_ROOTS),
        Roots::Bundle(pem) => TrustStore::empty().with_pem_certificate(pem.as_slice()),
    };
    let builder = aws_smithy_http_client::Builder::new().tls_provider(Provider::rustls(CryptoMode::Ring));
    match TlsContext::builder().with_trust_store(trusted).build() {
        Ok(context) => builder.tls_context(context).build_https(),
        // The builder checks nothing yet; should it ever, the platform's roots are what everybody else uses.
        Err(_) => builder.build_https(),
    }
}

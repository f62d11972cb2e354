//! Clients of AWS services, made at the first call.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_config::config::retry::RetryConfig;
use aws_sdk_config::config::timeout::TimeoutConfig;
use aws_sdk_config::config::{BehaviorVersion, Builder, Region, SharedHttpClient};
use aws_types::SdkConfig;

use crate::http::LateHttpClient;
use crate::inventory::KeptAnswers;
use crate::settings::{Service, Settings};

/// What all clients share, made when it is first needed: the first poll for an event must not wait for TLS.
#[derive(Debug)]
pub struct Clients {
    pub(crate) settings: Settings,
    http: OnceLock<SharedHttpClient>,
    config: OnceLock<aws_sdk_config::Client>,
    /// Those of further services, by their types.
    others: Mutex<Option<HashMap<TypeId, Box<dyn Any + Send + Sync>>>>,
    /// What they have found.
    pub(crate) kept_answers: KeptAnswers,
}

impl Clients {
    /// Clients that are not connected to anything yet.
    #[must_use]
    pub const fn new(settings: Settings) -> Self {
        Self::connecting_by(OnceLock::new(), settings)
    }

    /// Clients of the same services with other credentials. They share the connections.
    pub(crate) fn with_credentials(&self, credentials: Credentials) -> Self {
        let mut settings = self.settings.clone();
        settings.credentials = credentials;
        Self::connecting_by(OnceLock::from(self.http().clone()), settings)
    }

    const fn connecting_by(http: OnceLock<SharedHttpClient>, settings: Settings) -> Self {
        Self {
            settings,
            http,
            config: OnceLock::new(),
            others: Mutex::new(None),
            kept_answers: KeptAnswers::new(),
        }
    }

    /// The clients for the length of one invocation, which Lambda ends at `deadline`.
    #[must_use]
    pub const fn until(&self, deadline: SystemTime) -> Session<'_> {
        Session { clients: self, deadline }
    }

    fn config(&self) -> &aws_sdk_config::Client {
        self.config.get_or_init(|| aws_sdk_config::Client::new(&self.sdk_config(Service::Config).build()))
    }

    fn other<C: Any + Clone + Send + Sync>(&self, service: Service, new: impl FnOnce(&SdkConfig) -> C) -> C {
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        let others = others.get_or_insert_default();
        if let Some(client) = others.get(&TypeId::of::<C>()).and_then(|client| client.downcast_ref::<C>()) {
            return client.clone();
        }
        let client = new(&self.sdk_config(service).build());
        others.insert(TypeId::of::<C>(), Box::new(client.clone()));
        client
    }

    fn http(&self) -> &SharedHttpClient {
        self.http.get_or_init(|| SharedHttpClient::new(LateHttpClient::new(self.settings.roots.clone())))
    }

    fn sdk_config(&self, service: Service) -> aws_types::sdk_config::Builder {
        let settings = &self.settings;
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(self.http().clone())
            .region(Region::new(settings.region.clone()))
            .credentials_provider(SharedCredentialsProvider::new(settings.credentials.clone()))
            .retry_config(RetryConfig::standard().with_max_attempts(settings.max_attempts))
            .use_fips(settings.uses_fips)
            .use_dual_stack(settings.uses_dual_stack);
        config.set_endpoint_url(settings.endpoint(service).map(ToOwned::to_owned));
        config
    }
}

/// The clients, and the time by which every call must have been answered.
#[derive(Clone, Copy, Debug)]
pub struct Session<'a> {
    clients: &'a Clients,
    deadline: SystemTime,
}

impl Session<'_> {
    /// What is left for telling the runtime how the invocation ended; of little time, half.
    const MARGIN: Duration = Duration::from_millis(500);

    /// How long one attempt of a call may take: a third of the time that is left, but not less than this and not more
    /// than that. AWS answers within seconds. A connection that has died while Lambda kept the function frozen never
    /// does, and must leave time to ask again.
    const SHORTEST_ATTEMPT: Duration = Duration::from_secs(1);
    const LONGEST_ATTEMPT: Duration = Duration::from_secs(20);

    /// What a client of `service` is made from: Region, credentials and endpoint, the one HTTP client that all share,
    /// and retries until shortly before Lambda ends the invocation. A client of it is for this invocation only; making
    /// one connects to nothing.
    #[must_use]
    pub fn sdk_config(&self, service: Service) -> SdkConfig {
        self.clients.sdk_config(service).timeout_config(self.timeouts()).build()
    }

    /// The client of `service`, which `new` makes where it is asked for the first time. It is kept for further
    /// invocations, because a new client costs a third of a call; so each call takes its [`timeouts`](Self::timeouts)
    /// from this one.
    #[must_use]
    pub fn client<C: Any + Clone + Send + Sync>(
        &self,
        service: Service,
        new: impl FnOnce(&SdkConfig) -> C,
    ) -> C {
        self.clients.other(service, new)
    }

    /// Code of the Region in which the function runs, such as `eu-west-1`.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.clients.settings.region
    }

    /// The client of AWS Config. It outlives the invocation, so that each call is to end
    /// [within its deadline](Self::within_the_deadline).
    #[must_use]
    pub fn config(&self) -> &aws_sdk_config::Client {
        self.clients.config()
    }

    /// The same with a quarter of the remaining time kept for the report: what was found out until then must not be
    /// lost to evidence that does not come.
    pub(crate) fn leaving_time_to_report(&self) -> Self {
        Self { deadline: self.deadline.checked_sub(self.left() / 4).unwrap_or(self.deadline), ..*self }
    }

    /// Lets a call of AWS Config be retried until shortly before Lambda ends the invocation.
    #[must_use]
    pub fn within_the_deadline(&self) -> Builder {
        aws_sdk_config::Config::builder().timeout_config(self.timeouts())
    }

    /// How long calls may go on.
    pub(crate) fn left_for_calls(&self) -> Duration {
        let left = self.left();
        left.saturating_sub(Self::MARGIN.min(left / 2))
    }

    /// Lets a call of any service be retried until shortly before Lambda ends the invocation.
    #[must_use]
    pub fn timeouts(&self) -> TimeoutConfig {
        let left = self.left_for_calls().max(Duration::from_millis(1));
        let attempt = (left / 3).clamp(Self::SHORTEST_ATTEMPT, Self::LONGEST_ATTEMPT);
        TimeoutConfig::builder().operation_timeout(left).operation_attempt_timeout(attempt).build()
    }

    fn left(&self) -> Duration {
        self.deadline.duration_since(SystemTime::now()).unwrap_or_default()
    }
}

impl<'a> Session<'a> {
    pub(crate) const fn clients(&self) -> &'a Clients {
        self.clients
    }

    /// When Lambda ends the invocation.
    pub(crate) const fn deadline(&self) -> SystemTime {
        self.deadline
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use aws_smithy_runtime_api::client::http::{
        HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
    };
    use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
    use aws_smithy_runtime_api::client::result::ConnectorError;

    use super::*;

    #[tokio::test]
    async fn sessions_come_from_the_token_service_of_the_region() {
        for (region, host) in [
            ("eu-west-1", "sts.eu-west-1.amazonaws.com"),
            // Its endpoint used to be the global one.
            ("us-east-1", "sts.us-east-1.amazonaws.com"),
            ("cn-north-1", "sts.cn-north-1.amazonaws.com.cn"),
        ] {
            assert_eq!(called_host(region).await, host);
        }
    }

    #[test]
    fn a_client_of_a_service_is_made_once_for_each_of_the_credentials() {
        #[derive(Clone, Debug, PartialEq)]
        struct Client(String);
        let made = |config: &SdkConfig| Client(format!("{:?}", config.region()));
        let own = Clients::new(settings("eu-west-1"));
        let session = own.until(SystemTime::now());
        let first = session.client(Service::Iam, made);
        assert_eq!(own.until(SystemTime::now()).client(Service::Iam, |_| Client("again".to_owned())), first);

        let member = own.with_credentials(Credentials::new("other", "credentials", None, None, "test"));
        let again = member.until(SystemTime::now()).client(Service::Iam, |_| Client("again".to_owned()));
        assert_eq!(again.0, "again");
    }

    async fn called_host(region: &str) -> String {
        let called = Listener::default();
        let clients = Clients::new(settings(region));
        let listener = SharedHttpConnector::new(called.clone());
        clients.http.set(http_client_fn(move |_, _| listener.clone())).unwrap();
        let session = clients.until(SystemTime::now() + Duration::from_mins(1));
        let sts = aws_sdk_sts::Client::new(&session.sdk_config(Service::Sts));
        sts.assume_role().role_arn("role").role_session_name("session").send().await.unwrap_err();
        let hosts = called.hosts.lock().unwrap();
        hosts.first().expect("something was called").clone()
    }

    fn settings(region: &str) -> Settings {
        let variable = |name: &str| match name {
            "AWS_REGION" => Some(region.to_owned()),
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("example".to_owned()),
            "AWS_MAX_ATTEMPTS" => Some("1".to_owned()),
            _ => None,
        };
        Settings::from_variables(variable).unwrap()
    }

    /// Remembers who was called and answers nobody.
    #[derive(Clone, Debug, Default)]
    struct Listener {
        hosts: Arc<Mutex<Vec<String>>>,
    }

    impl HttpConnector for Listener {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            let uri = request.uri().trim_start_matches("https://").trim_end_matches('/').to_owned();
            self.hosts.lock().unwrap().push(uri);
            let nobody = ConnectorError::other("nobody answers".into(), None);
            HttpConnectorFuture::ready(Err::<HttpResponse, _>(nobody))
        }
    }
}

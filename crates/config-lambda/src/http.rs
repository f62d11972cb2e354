//! The HTTP client, as far as it is made late.

use aws_sdk_config::config::{HttpClient, RuntimeComponents};
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{HttpConnectorSettings, SharedHttpClient, SharedHttpConnector};

/// Makes its connector at the first request.
///
/// Every new client of a service asks its HTTP client whether it is well configured, and the SDK's own answers by reading
/// the TLS roots and making a connector that it throws away, while the first event waits.
#[derive(Debug)]
pub(crate) struct AtFirstRequest(pub(crate) SharedHttpClient);

impl HttpClient for AtFirstRequest {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        self.0.http_connector(settings, components)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.0.connector_metadata()
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_config::config::{BehaviorVersion, ConfigBag, Region, RuntimeComponentsBuilder};
    use aws_sdk_config::error::BoxError;
    use aws_sdk_config::{Client, Config};

    use super::*;

    #[test]
    fn a_new_client_of_a_service_makes_no_connector() {
        let http = SharedHttpClient::new(AtFirstRequest(SharedHttpClient::new(Unasked)));
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .http_client(http);
        // It panics if the HTTP client calls itself wrongly configured.
        let client = Client::from_conf(config.build());
        assert!(client.config().region().is_some());
    }

    /// Must not be asked for anything.
    #[derive(Debug)]
    struct Unasked;

    impl HttpClient for Unasked {
        fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
            panic!("a connector was made")
        }

        fn validate_base_client_config(
            &self,
            _: &RuntimeComponentsBuilder,
            _: &ConfigBag,
        ) -> Result<(), BoxError> {
            Err("the TLS roots were read".into())
        }
    }
}

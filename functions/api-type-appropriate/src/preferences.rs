use config_rule::{Accepts, ParameterSpec, ParameterValues, Parameters};

use crate::api::ApiType;

/// The rule's parameters: which APIs are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preferences {
    /// `requireWaf`.
    pub require_waf: bool,
    /// `allowedApiTypes`.
    pub allowed_types: Vec<ApiType>,
    /// `countEdgeEndpointAsFeature`.
    pub count_edge_endpoint: bool,
}

impl Preferences {
    /// Whether an API of this type is one to recommend.
    pub(crate) fn allow(&self, api_type: ApiType) -> bool {
        self.allowed_types.contains(&api_type)
    }
}

impl Parameters for Preferences {
    const SPECS: &'static [&'static ParameterSpec] =
        &[&REQUIRE_WAF, &ALLOWED_API_TYPES, &COUNT_EDGE_ENDPOINT_AS_FEATURE];

    fn read(values: &mut ParameterValues<'_>) -> Self {
        Self {
            require_waf: values.switch(&REQUIRE_WAF),
            allowed_types: values.parsed(&ALLOWED_API_TYPES, |text| {
                text.split(',').map(|name| ApiType::from_text(name.trim())).collect::<Option<_>>().ok_or(())
            }),
            count_edge_endpoint: values.switch(&COUNT_EDGE_ENDPOINT_AS_FEATURE),
        }
    }
}

const REQUIRE_WAF: ParameterSpec = ParameterSpec {
    name: "requireWaf",
    default: "false",
    accepts: Accepts::Switch,
    description: "Whether APIs must have AWS WAF, which HTTP APIs cannot have",
};

const ALLOWED_API_TYPES: ParameterSpec = ParameterSpec {
    name: "allowedApiTypes",
    default: "REST,HTTP,GRAPHQL",
    accepts: Accepts::Text("one or more of `REST`, `HTTP`, `GRAPHQL`, separated by commas"),
    description: "Comma-separated types of API that may be used and are recommended",
};

const COUNT_EDGE_ENDPOINT_AS_FEATURE: ParameterSpec = ParameterSpec {
    name: "countEdgeEndpointAsFeature",
    default: "false",
    accepts: Accepts::Switch,
    description: "Whether an edge-optimized endpoint, the default of REST APIs, is a reason for having a REST API",
};

#![doc = include_str!("../README.md")]
#![deny(clippy::disallowed_methods)]

mod api;
mod belonging;
mod checks;
mod features;
mod preferences;
mod surroundings;

use aws_resources::{GraphqlApi, HttpApi, Protocol, RestApi, RestStage};
use config_rule::{
    Date, Document, Finding, Inventory, InventoryError, Missing, Outcome, Rule, RuleMeta, Selector, Trigger,
};

pub use crate::api::{Api, ApiType};
pub use crate::belonging::Belonging;
use crate::checks::{
    API_TYPE_NOT_ALLOWED, GRAPHQL_API_KEY_ONLY, GRAPHQL_OVER_REST, HTTP_API_LACKS_WAF, REST_FEATURES_UNUSED,
};
use crate::features::{LOOKED_AT, used_feature};
pub use crate::preferences::Preferences;
pub use crate::surroundings::Surroundings;

/// See the [crate documentation](crate).
#[derive(Debug)]
pub struct ApiTypeAppropriate;

impl Rule for ApiTypeAppropriate {
    const META: RuleMeta = RuleMeta {
        name: "api-type-appropriate",
        practice: 4,
        title: "select an appropriate API",
        checks_that: "an API is of the type that its use asks for: REST for what only REST APIs have, HTTP for the rest, \
                      GraphQL by AppSync and not by a key alone",
        subjects: &[RestApi::TYPE, HttpApi::TYPE, GraphqlApi::TYPE],
        triggers: &[Trigger::Change, Trigger::Related(RestStage::TYPE), Trigger::Periodic],
        checks: &[
            HTTP_API_LACKS_WAF,
            REST_FEATURES_UNUSED,
            GRAPHQL_API_KEY_ONLY,
            API_TYPE_NOT_ALLOWED,
            GRAPHQL_OVER_REST,
        ],
        actions: &[
            "config:BatchGetResourceConfig",
            "config:DescribeConfigurationRecorders",
            "config:ListDiscoveredResources",
            "config:SelectResourceConfig",
        ],
    };

    type Subject = Api;
    type Parameters = Preferences;
    /// Only what a REST API uses is spread over other resources.
    type Facts = Option<Surroundings>;

    fn concerned(stage: &Document) -> Vec<(&'static str, Selector<'_>)> {
        RestStage::api_of(stage).map(|api| (RestApi::TYPE, Selector::Id(api))).into_iter().collect()
    }

    async fn gather(
        api: &Api,
        _: &Preferences,
        inventory: &dyn Inventory,
    ) -> Result<Self::Facts, InventoryError> {
        match api {
            Api::Rest(api) => Surroundings::of(api, inventory).await.map(Some),
            Api::Http(_) | Api::Graphql(_) => Ok(None),
        }
    }

    fn evaluate(api: &Api, preferences: &Preferences, surroundings: &Self::Facts, _: Date) -> Outcome {
        let allowed = |api_type| Ok(not_allowed(api_type, preferences));
        match api {
            Api::Rest(api) => {
                let judged = Outcome::judged().and(API_TYPE_NOT_ALLOWED, allowed(ApiType::Rest));
                let Some(surroundings) = surroundings else { return judged };
                judged
                    .and(REST_FEATURES_UNUSED, rest_features_unused(api, surroundings, preferences))
                    .and(GRAPHQL_OVER_REST, graphql_over_rest(surroundings, preferences))
            }
            Api::Http(api) => match api.protocol.get() {
                Ok(Protocol::WebSocket) => Outcome::NotApplicable(
                    "neither a REST, an HTTP nor a GraphQL API can do what a WebSocket API does",
                ),
                Ok(Protocol::Other(_)) => Outcome::NotApplicable("neither a REST, an HTTP nor a GraphQL API"),
                protocol => Outcome::judged()
                    .and(API_TYPE_NOT_ALLOWED, protocol.clone().and_then(|_| allowed(ApiType::Http)))
                    .and(HTTP_API_LACKS_WAF, protocol.map(|_| http_api_lacks_waf(preferences)))
                    .and(GRAPHQL_OVER_REST, graphql_over_http(preferences)),
            },
            Api::Graphql(api) => Outcome::judged()
                .and(API_TYPE_NOT_ALLOWED, allowed(ApiType::Graphql))
                .and(GRAPHQL_API_KEY_ONLY, graphql_api_key_only(api)),
        }
    }
}

fn not_allowed(api_type: ApiType, preferences: &Preferences) -> Option<Finding> {
    let allowed: Vec<_> = preferences.allowed_types.iter().map(|allowed| allowed.as_str()).collect();
    let seen = || format!("the API is of type {}", api_type.as_str());
    let wanted = || format!("allowed is {}", allowed.join(", "));
    (!preferences.allow(api_type))
        .then(|| Finding::new(API_TYPE_NOT_ALLOWED, seen(), wanted(), "resourceType"))
}

fn rest_features_unused(
    api: &RestApi,
    surroundings: &Surroundings,
    preferences: &Preferences,
) -> Result<Option<Finding>, Missing> {
    // Nobody is sent to an API that the next evaluation would refuse.
    let is_http_an_option = preferences.allow(ApiType::Http) && !preferences.require_waf;
    if !is_http_an_option || used_feature(api, surroundings, preferences)?.is_some() {
        return Ok(None);
    }
    let seen = format!("uses none of {LOOKED_AT}");
    Ok(Some(Finding::new(REST_FEATURES_UNUSED, seen, "an HTTP API does the same for less", "configuration")))
}

fn graphql_over_rest(
    surroundings: &Surroundings,
    preferences: &Preferences,
) -> Result<Option<Finding>, Missing> {
    if !preferences.allow(ApiType::Graphql) {
        return Ok(None);
    }
    // Two are more than one, whatever others there are.
    if 1 < surroundings.methods.known.len() {
        return Ok(None);
    }
    let [only] = surroundings.methods.all()? else { return Ok(None) };
    if only.http_method.get()? != "POST" || surroundings.only_path.get()? != "graphql" {
        return Ok(None);
    }
    let seen = "its only route is POST /graphql";
    Ok(Some(Finding::new(
        GRAPHQL_OVER_REST,
        seen,
        "AppSync serves GraphQL natively",
        "AWS::ApiGateway::Method",
    )))
}

/// The routes of HTTP APIs are not among the types that AWS Config records.
fn graphql_over_http(preferences: &Preferences) -> Result<Option<Finding>, Missing> {
    if !preferences.allow(ApiType::Graphql) {
        return Ok(None);
    }
    Err(Missing::NotRecorded { what: "AWS::ApiGatewayV2::Route".to_owned() })
}

fn http_api_lacks_waf(preferences: &Preferences) -> Option<Finding> {
    let finding = || {
        let seen = "an HTTP API cannot have a web ACL";
        Finding::new(HTTP_API_LACKS_WAF, seen, "AWS WAF is required", "configuration.protocolType")
    };
    preferences.require_waf.then(finding)
}

fn graphql_api_key_only(api: &GraphqlApi) -> Result<Option<Finding>, Missing> {
    if api.authentication_types.get()?.iter().any(|authentication| authentication != "API_KEY") {
        return Ok(None);
    }
    let wanted = "needs IAM, Cognito, OpenID Connect or Lambda";
    let place = "configuration.AuthenticationType";
    Ok(Some(Finding::new(GRAPHQL_API_KEY_ONLY, "nothing but an API key authorizes callers", wanted, place)))
}

#[cfg(test)]
mod tests;

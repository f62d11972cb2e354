//! What a REST API has that an HTTP API lacks.
//!
//! Source: Amazon API Gateway Developer Guide, "Choose between REST APIs and HTTP APIs", every row of its tables that says
//! yes for REST and no for HTTP APIs and whose evidence AWS Config records; and `minimumCompressionSize`, a property that
//! only `RestApi` has.

use aws_resources::{Integration, RestApi, RestMethod, RestStage};
use config_rule::{Known, Missing};

use crate::belonging::Belonging;
use crate::preferences::Preferences;
use crate::surroundings::Surroundings;

/// What was looked at, for the owner of an API that uses none of it.
pub(crate) const LOOKED_AT: &str = "usage plans, API keys, validation, private endpoint, WAF, client certificate, cache, \
                                    canary, X-Ray, execution logs, non-proxy integration, timeout over 30 s, \
                                    compression";

/// How long an HTTP API waits for an integration at most. That of Regional and private REST APIs can be raised beyond it.
///
/// Source: Amazon API Gateway Developer Guide, "Quotas for configuring and running an HTTP API", "Maximum integration
/// timeout", which cannot be increased; "Quotas for configuring and running a REST API", "Integration timeout".
const HTTP_API_TIMEOUT_IN_MILLIS: u64 = 30_000;

type Feature = &'static str;

/// One feature that the API uses, if it uses any. One is enough to decide, however much else is unknown.
pub(crate) fn used_feature(
    api: &RestApi,
    surroundings: &Surroundings,
    preferences: &Preferences,
) -> Result<Option<Feature>, Missing> {
    first_used([
        of_each(&surroundings.usage_plans, |_| Ok(Some("usage plan"))),
        of_each(&surroundings.methods, of_method),
        of_each(&surroundings.stages, of_stage),
        of_api(api, preferences),
    ])
}

fn of_api(api: &RestApi, preferences: &Preferences) -> Result<Option<Feature>, Missing> {
    let has_endpoint =
        |name: &str| api.endpoint_types.get().map(|types| types.iter().any(|known| known == name));
    let endpoint = |name, feature| has_endpoint(name).map(|has| has.then_some(feature));
    let policy = api.shows_resource_policy.get().map(|shows| shows.then_some("resource policy"));
    let key_source = api.api_key_source.get().map(|source| source.as_deref() == Some("AUTHORIZER"));
    first_used([
        endpoint("PRIVATE", "private endpoint"),
        if preferences.count_edge_endpoint { endpoint("EDGE", "edge-optimized endpoint") } else { Ok(None) },
        api.minimum_compression_size.get().map(|size| size.map(|_| "compression")),
        key_source.map(|is_authorizer| is_authorizer.then_some("API key")),
        policy,
    ])
}

fn of_stage(stage: &RestStage) -> Result<Option<Feature>, Missing> {
    let if_so = |known: &Known<bool>, feature| known.get().map(|is_so| is_so.then_some(feature));
    let if_any =
        |known: &Known<Option<String>>, feature| known.get().map(|any| any.as_ref().map(|_| feature));
    first_used([
        if_any(&stage.web_acl_arn, "WAF"),
        if_any(&stage.client_certificate_id, "client certificate"),
        Ok(stage.has_canary.then_some("canary")),
        stage.logs_to_firehose().map(|does| does.then_some("access logs to Firehose")),
        if_so(&stage.caches, "cache"),
        if_so(&stage.traces, "X-Ray"),
        if_so(&stage.logs_execution, "execution logs"),
    ])
}

/// A method that calls nothing is being made, or its item is in another spelling: what it will call is not known.
fn of_method(method: &RestMethod) -> Result<Option<Feature>, Missing> {
    let absent = || Missing::Absent { path: "configuration.Integration".to_owned() };
    let integration =
        method.integration.get().and_then(|integration| integration.as_ref().ok_or_else(absent));
    first_used([
        Ok(method.validates_requests.then_some("request validation")),
        method.requires_api_key.get().map(|requires| requires.then_some("API key")),
        integration.and_then(of_integration),
    ])
}

/// `AWS` calls an AWS service or, in the older way, a Lambda function; HTTP APIs have a few services of their own in place
/// of the former and nothing in place of the latter. Mapping templates decide nothing: what is no proxy counts without them,
/// and a proxy ignores them.
///
/// Source: Amazon API Gateway API Reference, `Integration`, `type`: a proxy passes the request through as it is.
fn of_integration(integration: &Integration) -> Result<Option<Feature>, Missing> {
    let kind = match integration.kind.as_str() {
        "MOCK" => Some("mock integration"),
        "AWS" => Some("AWS integration"),
        "HTTP" => Some("HTTP integration that is no proxy"),
        _ => None,
    };
    let waits = |timeout: Option<u64>| timeout.is_some_and(|millis| HTTP_API_TIMEOUT_IN_MILLIS < millis);
    first_used([
        Ok(kind),
        Ok(integration.streams.then_some("response streaming")),
        integration.timeout_in_millis.get().map(|timeout| waits(*timeout).then_some("integration timeout")),
    ])
}

/// The first feature that one of them uses. That they use none is known only of all.
fn of_each<T>(
    belonging: &Belonging<T>,
    feature: impl Fn(&T) -> Result<Option<Feature>, Missing>,
) -> Result<Option<Feature>, Missing> {
    let of_others = belonging.missing.clone().map(Err);
    first_used(belonging.known.iter().map(feature).chain(of_others))
}

/// The first feature that is used, or else the first thing that is missing.
fn first_used(
    evidence: impl IntoIterator<Item = Result<Option<Feature>, Missing>>,
) -> Result<Option<Feature>, Missing> {
    let mut decided = Ok(None);
    for piece in evidence {
        match piece {
            Ok(Some(feature)) => return Ok(Some(feature)),
            Err(missing) if decided.is_ok() => decided = Err(missing),
            Ok(None) | Err(_) => {}
        }
    }
    decided
}

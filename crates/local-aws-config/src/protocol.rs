//! The API of AWS Config, over AWS JSON 1.1.
//!
//! Requests are `POST /` with the operation in `X-Amz-Target`. Signatures are not verified; they only say which
//! account and Region the caller means.

mod caller;
mod compliance;
mod error;
mod evaluations;
mod input;
mod packs;
mod paging;
mod recording;
mod resources;
mod rules;
mod validation;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use config_rule::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) use caller::access_key_id;
use error::ApiError;

use crate::deployment::Deployment;
use crate::items::Scope;
use crate::results::RuleKey;
use crate::service::Runner;
use crate::state::ConfigState;

/// What the name of every operation starts with.
const TARGET_PREFIX: &str = "StarlingDoveService.";

/// Larger than any valid request: a hundred evaluations with every field at its longest.
const MAX_REQUEST_BYTES: usize = 2 * 1024 * 1024;

/// The server's routes: everything that is not an operation is refused as AWS refuses it.
pub(crate) fn router(state: Arc<ConfigState>, runner: Arc<Runner>) -> Router {
    Router::new()
        .fallback(answer)
        .layer(DefaultBodyLimit::max(MAX_REQUEST_BYTES))
        .with_state(Service { state, runner })
}

#[derive(Clone)]
struct Service {
    state: Arc<ConfigState>,
    runner: Arc<Runner>,
}

/// One request, with the scope in which it is answered.
struct Call<'a> {
    state: &'a ConfigState,
    runner: &'a Arc<Runner>,
    scope: &'a Scope,
    deployment: &'a Deployment,
    /// Name and input of the operation: what a page's token is bound to.
    operation: &'a str,
    body: Value,
}

impl Call<'_> {
    fn key(&self, rule: &str) -> RuleKey {
        RuleKey { scope: self.scope.clone(), rule: rule.to_owned() }
    }
}

async fn answer(
    State(service): State<Service>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    let operation = target.and_then(|target| target.strip_prefix(TARGET_PREFIX));
    let result = match operation {
        Some(operation) if method == Method::POST && uri.path() == "/" => {
            called(&service, operation, &headers, &body)
        }
        _ => Err(ApiError::unknown_operation()),
    };
    let (status, body) = match result {
        Ok(output) => (StatusCode::OK, output),
        Err(error) => (StatusCode::BAD_REQUEST, error.body()),
    };
    let headers = [
        ("content-type", "application/x-amz-json-1.1".to_owned()),
        ("x-amzn-requestid", Uuid::new_v4().to_string()),
    ];
    (status, headers, body.to_string()).into_response()
}

fn called(service: &Service, operation: &str, headers: &HeaderMap, body: &[u8]) -> Result<Value, ApiError> {
    let body = match body {
        [] => json!({}),
        body => serde_json::from_slice(body).map_err(|error| ApiError::serialization(&error))?,
    };
    let scope = caller::scope(&service.state, headers);
    let deployment = scope.and_then(|scope| service.state.deployment(scope));
    let (Some(scope), Some(deployment)) = (scope, deployment) else {
        return Err(ApiError::unknown_operation());
    };
    let (state, runner) = (service.state.as_ref(), &service.runner);
    let call = &Call { state, runner, scope, deployment, operation, body };
    match operation {
        "PutEvaluations" => evaluations::put(call),
        "StartConfigRulesEvaluation" => evaluations::start(call),
        "SelectResourceConfig" => resources::select(call),
        "GetResourceConfigHistory" => resources::history(call),
        "BatchGetResourceConfig" => resources::batch_get(call),
        "ListDiscoveredResources" => resources::list_discovered(call),
        "DescribeConfigRules" => rules::describe(call),
        "DescribeConfigRuleEvaluationStatus" => rules::evaluation_status(call),
        "DescribeComplianceByConfigRule" => compliance::by_rule(call),
        "DescribeComplianceByResource" => compliance::by_resource(call),
        "GetComplianceDetailsByConfigRule" => compliance::details_by_rule(call),
        "GetComplianceDetailsByResource" => compliance::details_by_resource(call),
        "GetComplianceSummaryByConfigRule" => Ok(compliance::summary(call)),
        "DescribeConfigurationRecorders" => recording::recorders(call),
        "DescribeConfigurationRecorderStatus" => recording::recorder_status(call),
        "DescribeDeliveryChannels" => recording::channels(call),
        "DescribeDeliveryChannelStatus" => recording::channel_status(call),
        "DescribeConformancePacks" => packs::describe(call),
        "DescribeConformancePackStatus" => packs::status(call),
        "DescribeConformancePackCompliance" => packs::compliance(call),
        "GetConformancePackComplianceDetails" => packs::details(call),
        "GetConformancePackComplianceSummary" => packs::summary(call),
        _ => Err(ApiError::unknown_operation()),
    }
}

/// Times on the wire are seconds of the Unix epoch, with milliseconds as a fraction.
fn seconds(at: Timestamp) -> Value {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of any year that AWS has are exact")]
    let seconds = at.as_millisecond() as f64 / 1000.0;
    json!(seconds)
}

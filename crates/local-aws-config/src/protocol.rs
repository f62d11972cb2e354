//! The API of AWS Config, and as much of IAM's and Amazon Inspector's as the rules' functions ask for.
//!
//! AWS Config speaks AWS JSON 1.1: requests are `POST /` with the operation in `X-Amz-Target`. IAM speaks the Query
//! protocol, Amazon Inspector REST-JSON. Signatures are not verified; they only say which service, account and Region the
//! caller means.

mod caller;
mod compliance;
mod described;
mod error;
mod evaluations;
mod iam;
mod input;
mod inspector;
mod organization;
mod pack_changes;
mod packs;
mod paging;
mod recording;
mod resources;
mod rules;
mod validation;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) use caller::access_key_id;
use error::ApiError;

use crate::deployment::{DeployedRule, Deployment, Deployments};
use crate::items::Scope;
use crate::results::RuleKey;
use crate::server::Limits;
use crate::service::Runner;
use crate::set_up::SetUp;
use crate::state::ConfigState;
use crate::wire::seconds;

/// What the name of every operation starts with.
const TARGET_PREFIX: &str = "StarlingDoveService.";

/// What callers may take. The body is larger than any valid request: a hundred evaluations with every field at its
/// longest.
pub(crate) const LIMITS: Limits = Limits {
    connections: 512,
    head: Duration::from_secs(10),
    body: Duration::from_secs(10),
    body_bytes: 2 * 1024 * 1024,
    connection: Duration::from_mins(5),
};

/// The server's routes: everything that is not an operation is refused as AWS refuses it.
pub(crate) fn router(state: Arc<ConfigState>, runner: Arc<Runner>) -> Router {
    Router::new()
        .fallback(answer)
        // The server has a limit of its own.
        .layer(DefaultBodyLimit::disable())
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
    /// The packs when the request came.
    deployments: Arc<Deployments>,
    /// The text of the template that the request says lies in a bucket.
    template: Option<Result<String, String>>,
    /// Whether a rule's function asks; what it hears becomes a verdict.
    is_by_function: bool,
    /// Name and input of the operation: what a page's token is bound to.
    operation: &'a str,
    body: Value,
}

impl Call<'_> {
    fn key(&self, rule: &str) -> RuleKey {
        RuleKey { scope: self.scope.clone(), rule: rule.to_owned() }
    }

    /// The packs of the account and Region.
    fn packs(&self) -> impl Iterator<Item = &Deployment> {
        self.deployments.of(self.scope)
    }

    fn pack(&self, name: &str) -> Option<&Deployment> {
        self.packs().find(|deployment| deployment.pack.name == name)
    }

    /// The rules of all packs of the account and Region.
    fn rules(&self) -> impl Iterator<Item = &DeployedRule> {
        self.packs().flat_map(|deployment| &deployment.rules)
    }

    fn rule(&self, name: &str) -> Option<&DeployedRule> {
        self.rules().find(|rule| rule.name == name)
    }

    fn set_up(&self) -> SetUp<'_> {
        SetUp::new(&self.state.items, self.scope, Some(self.state.at))
    }
}

/// The services that answer here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Api {
    Config,
    Iam,
    Inspector,
}

impl Api {
    /// The service that a request is signed for; of one that is not signed, its form tells.
    fn of(uri: &Uri, headers: &HeaderMap) -> Self {
        match caller::service(headers) {
            Some("config") => Self::Config,
            Some("iam") => Self::Iam,
            Some("inspector2") => Self::Inspector,
            _ if headers.contains_key("x-amz-target") => Self::Config,
            _ if uri.path() != "/" => Self::Inspector,
            _ => {
                let content_type = headers.get("content-type").and_then(|value| value.to_str().ok());
                let is_form = content_type.is_some_and(|kind| kind.starts_with(iam::CONTENT_TYPE));
                if is_form { Self::Iam } else { Self::Config }
            }
        }
    }
}

async fn answer(
    State(service): State<Service>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match Api::of(&uri, &headers) {
        Api::Config => config_answer(&service, &method, &uri, &headers, &body).await,
        Api::Iam => iam::answer(&service, &method, &headers, &body),
        Api::Inspector => inspector::answer(&service, &method, &uri, &headers, &body),
    }
}

async fn config_answer(
    service: &Service,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
) -> Response {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    let operation = target.and_then(|target| target.strip_prefix(TARGET_PREFIX));
    let result = match operation {
        Some(operation) if method == Method::POST && uri.path() == "/" => {
            config_output(service, operation, headers, body).await
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

async fn config_output(
    service: &Service,
    operation: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Value, ApiError> {
    let mut call = service.call(operation, headers, json_body(body)?)?;
    call.template = pack_changes::template_in_bucket(&call).await;
    called(&call)
}

fn json_body(body: &[u8]) -> Result<Value, ApiError> {
    match body {
        [] => Ok(json!({})),
        body => serde_json::from_slice(body).map_err(|error| ApiError::serialization(&error)),
    }
}

impl Service {
    /// The call of an operation, in the scope that the request means.
    fn call<'a>(
        &'a self,
        operation: &'a str,
        headers: &HeaderMap,
        body: Value,
    ) -> Result<Call<'a>, ApiError> {
        let scope = caller::scope(&self.state, headers).ok_or_else(ApiError::unknown_operation)?;
        let (state, runner) = (self.state.as_ref(), &self.runner);
        let deployments = state.deployments();
        let is_by_function = caller::is_function(headers);
        Ok(Call { state, runner, scope, deployments, template: None, is_by_function, operation, body })
    }
}

fn called(call: &Call<'_>) -> Result<Value, ApiError> {
    if call.is_by_function && !call.set_up().is_evidence_for(call.operation) {
        return Err(ApiError::unknown_operation());
    }
    match call.operation {
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
        "PutConformancePack" => pack_changes::put(call),
        "DeleteConformancePack" => pack_changes::delete(call),
        "DescribeConformancePacks" => packs::describe(call),
        "DescribeConformancePackStatus" => packs::status(call),
        "DescribeConformancePackCompliance" => packs::compliance(call),
        "GetConformancePackComplianceDetails" => packs::details(call),
        "GetConformancePackComplianceSummary" => packs::summary(call),
        "PutOrganizationConformancePack" => organization::put(call),
        "DeleteOrganizationConformancePack" => organization::delete(call),
        "DescribeOrganizationConformancePacks" => organization::describe(call),
        "DescribeOrganizationConformancePackStatuses" => organization::statuses(call),
        "GetOrganizationConformancePackDetailedStatus" => organization::detailed_status(call),
        _ => Err(ApiError::unknown_operation()),
    }
}

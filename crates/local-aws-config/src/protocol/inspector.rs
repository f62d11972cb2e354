//! The reads of Amazon Inspector, over REST-JSON.
//!
//! They answer from the output of Inspector's own commands. Where the input holds none, there is no Inspector here:
//! the operation is unknown, since an empty list would be a promise that nothing was found.

use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::error::ApiError;
use super::paging::{self, Paging};
use super::validation::Violations;
use super::{Call, Service, input, json_body};
use crate::inspector::{COVERAGE_FILTERS, Comparison, FINDING_FILTERS, Filter, found, sort_by_severity};
use crate::items::AnswerKind;

/// How many elements a page holds that nobody set a size for.
const ELEMENTS_PER_PAGE: usize = 100;

const UNKNOWN_OPERATION: &str = "UnknownOperationException";

pub(super) fn answer(
    service: &Service,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
) -> Response {
    let result = if method == Method::POST {
        json_body(body).and_then(|body| called(&service.call(uri.path(), headers, body)?))
    } else {
        Err(ApiError::unknown_operation())
    };
    let request_id = Uuid::new_v4().to_string();
    let json = ("content-type", "application/json".to_owned());
    match result {
        Ok(output) => {
            (StatusCode::OK, [json, ("x-amzn-requestid", request_id)], output.to_string()).into_response()
        }
        Err(error) => {
            let is_unknown = error.code() == UNKNOWN_OPERATION;
            let status = if is_unknown { StatusCode::NOT_FOUND } else { StatusCode::BAD_REQUEST };
            let mut body = json!({"message": error.message()});
            if error.code() == "ValidationException" {
                body["reason"] = json!("FIELD_VALIDATION_FAILED");
            }
            let code = ("x-amzn-errortype", error.code().to_owned());
            (status, [json, ("x-amzn-requestid", request_id), code], body.to_string()).into_response()
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct List {
    filter_criteria: Map<String, Value>,
    sort_criteria: Option<SortCriteria>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SortCriteria {
    field: Option<String>,
    sort_order: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Accounts {
    account_ids: Vec<String>,
}

fn called(call: &Call<'_>) -> Result<Value, ApiError> {
    match call.operation {
        "/coverage/list" => coverage(call),
        "/findings/list" => findings(call),
        "/status/batch/get" => status(call),
        _ => Err(ApiError::unknown_operation()),
    }
}

fn coverage(call: &Call<'_>) -> Result<Value, ApiError> {
    let input: List = input::read(call)?;
    let filters = filters(&input.filter_criteria, &COVERAGE_FILTERS, &["EQUALS", "NOT_EQUALS"])?;
    let found = found(&call.state.items, call.scope, AnswerKind::Coverage, &filters);
    page(call, &input, 200, AnswerKind::Coverage, found)
}

fn findings(call: &Call<'_>) -> Result<Value, ApiError> {
    let input: List = input::read(call)?;
    let filters = filters(&input.filter_criteria, &FINDING_FILTERS, &["EQUALS", "PREFIX", "NOT_EQUALS"])?;
    let is_descending = input.sort_criteria.as_ref().map(is_descending).transpose()?;
    let mut found = found(&call.state.items, call.scope, AnswerKind::Findings, &filters);
    if let (Some(found), Some(is_descending)) = (&mut found, is_descending) {
        sort_by_severity(found, is_descending);
    }
    page(call, &input, 100, AnswerKind::Findings, found)
}

/// Whoever has an output of Inspector's commands has Inspector.
fn status(call: &Call<'_>) -> Result<Value, ApiError> {
    let input: Accounts = input::read(call)?;
    let is_known = |kind| call.state.items.answers().get(kind, call.scope).is_some();
    if !is_known(AnswerKind::Coverage) && !is_known(AnswerKind::Findings) {
        return Err(not_here("/status/batch/get"));
    }
    let own = &call.scope.account_id;
    let state =
        json!({"status": "ENABLED", "errorCode": "ALREADY_ENABLED", "errorMessage": "Already enabled"});
    let account = json!({
        "accountId": own,
        "state": state,
        "resourceState": {"ec2": state, "ecr": state, "lambda": state},
    });
    let is_wanted = input.account_ids.is_empty() || input.account_ids.contains(own);
    let failed = input.account_ids.iter().filter(|id| *id != own).map(|id| {
        json!({"accountId": id, "errorCode": "ACCESS_DENIED", "errorMessage": "the input is not about this account"})
    });
    let accounts: Vec<_> = is_wanted.then_some(account).into_iter().collect();
    Ok(json!({"accounts": accounts, "failedAccounts": failed.collect::<Value>()}))
}

fn page(
    call: &Call<'_>,
    input: &List,
    max_results: i64,
    kind: AnswerKind,
    found: Option<Vec<&Value>>,
) -> Result<Value, ApiError> {
    if let Some(limit) = input.max_results.filter(|limit| !(1..=max_results).contains(limit)) {
        let mut violations = Violations::default();
        let constraint = format!("Member must have value between 1 and {max_results}");
        violations.add("maxResults", limit, &constraint);
        violations.finish()?;
    }
    let found = found.ok_or_else(|| not_here(call.operation))?;
    let paging = Paging {
        limit: input.max_results,
        default_limit: ELEMENTS_PER_PAGE,
        token: input.next_token.as_deref(),
    };
    let (page, next_token) = paging::page(call, found, &paging)
        .map_err(|error| ApiError::new("ValidationException", error.message()))?;
    let mut output = json!({kind.key(): page});
    if let Some(token) = next_token {
        output["nextToken"] = json!(token);
    }
    Ok(output)
}

/// The filters of a request. One that is not understood here is refused: without it the answer would be another.
fn filters(
    criteria: &Map<String, Value>,
    known: &[(&str, &'static str)],
    comparisons: &[&str],
) -> Result<Vec<Filter>, ApiError> {
    let mut filters = Vec::new();
    let mut violations = Violations::default();
    for (name, conditions) in criteria {
        let at = |index: usize, member: &str| format!("filterCriteria.{name}.{}.member.{member}", index + 1);
        let Some((_, path)) = known.iter().find(|(known, _)| known == name) else {
            let names: Vec<_> = known.iter().map(|(name, _)| *name).collect();
            let message = format!("the filter `{name}` is not supported here: expected {}", names.join(", "));
            return Err(ApiError::new("ValidationException", message));
        };
        let conditions = conditions.as_array().map(Vec::as_slice).unwrap_or_default();
        violations.count(format!("filterCriteria.{name}"), conditions.len(), 1, 10);
        for (index, condition) in conditions.iter().enumerate() {
            let text = |member: &str| condition.get(member).and_then(Value::as_str);
            violations.required_text(at(index, "value"), text("value"), 1, 1_024);
            violations.one_of(
                at(index, "comparison"),
                Some(text("comparison").unwrap_or_default()),
                comparisons,
            );
            let comparison = match text("comparison") {
                Some("PREFIX") => Comparison::Prefix,
                Some("NOT_EQUALS") => Comparison::NotEquals,
                _ => Comparison::Equals,
            };
            let value = text("value").unwrap_or_default().to_owned();
            filters.push(Filter { path, comparison, value });
        }
    }
    violations.finish()?;
    Ok(filters)
}

fn is_descending(sort: &SortCriteria) -> Result<bool, ApiError> {
    let mut violations = Violations::default();
    // Inspector sorts by more; by what is not sorted here is refused.
    violations.one_of("sortCriteria.field", Some(sort.field.as_deref().unwrap_or_default()), &["SEVERITY"]);
    let order = sort.sort_order.as_deref().unwrap_or_default();
    violations.one_of("sortCriteria.sortOrder", Some(order), &["ASC", "DESC"]);
    violations.finish()?;
    Ok(order == "DESC")
}

fn not_here(operation: &str) -> ApiError {
    let message = format!("the input holds no output of Amazon Inspector that answers {operation}");
    ApiError::new(UNKNOWN_OPERATION, message)
}

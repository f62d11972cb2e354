//! The reads of configuration items.

use std::sync::Arc;
use std::time::Duration;

use config_rule::{Document, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::ApiError;
use super::paging::{self, Paging};
use super::validation::Violations;
use super::{Call, input, seconds};
use crate::query;
use crate::shapes::{self, Shape};

/// How much of a resource's history one call looks at.
///
/// Source: AWS Config API Reference, `GetResourceConfigHistory`: "each call to the API is limited to span a duration
/// of seven days".
const HISTORY_SPAN: Duration = Duration::from_hours(7 * 24);

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct SelectResourceConfig {
    expression: Option<String>,
    limit: Option<i64>,
    next_token: Option<String>,
}

pub(super) fn select(call: &Call<'_>) -> Result<Value, ApiError> {
    let input: SelectResourceConfig = input::read(call)?;
    let mut violations = Violations::default();
    violations.required_text("expression", input.expression.as_deref(), 1, 4_096);
    violations.limit("limit", input.limit, 100);
    violations.finish()?;
    let expression = input.expression.unwrap_or_default();
    refuse_to_list(call, |resource_type| expression.contains(&format!("'{resource_type}'")))?;
    let answer = query::select(&expression, call.state.items.visible(call.scope))
        .map_err(|error| ApiError::new(error.code(), error.to_string()))?;
    let paging = Paging { limit: input.limit, default_limit: 25, token: input.next_token.as_deref() };
    let (results, next_token) = paging::page(call, answer.results, &paging)?;
    let fields: Vec<_> = answer.select_fields.iter().map(|name| json!({"Name": name})).collect();
    let mut output = json!({"Results": results, "QueryInfo": {"SelectFields": fields}});
    if let Some(token) = next_token {
        output["NextToken"] = json!(token);
    }
    Ok(output)
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct GetResourceConfigHistory {
    resource_type: Option<String>,
    resource_id: Option<String>,
    #[serde(deserialize_with = "input::timestamp")]
    later_time: Option<Timestamp>,
    #[serde(deserialize_with = "input::timestamp")]
    earlier_time: Option<Timestamp>,
    chronological_order: Option<String>,
    limit: Option<i64>,
    next_token: Option<String>,
}

/// A page never spans more than seven days, and where the first item lies further back than that from the given
/// time, the first page is empty and has a token, as AWS's is.
pub(super) fn history(call: &Call<'_>) -> Result<Value, ApiError> {
    let input: GetResourceConfigHistory = input::read(call)?;
    let mut violations = Violations::default();
    violations.resource_type("resourceType", input.resource_type.as_deref());
    violations.required_text("resourceId", input.resource_id.as_deref(), 1, 768);
    violations.one_of("chronologicalOrder", input.chronological_order.as_deref(), &["Reverse", "Forward"]);
    violations.limit("limit", input.limit, 100);
    violations.finish()?;
    if let (Some(earlier), Some(later)) = (input.earlier_time, input.later_time)
        && later < earlier
    {
        let message = "The specified time range is not valid. The earlier time is not chronologically before the \
                       later time.";
        return Err(ApiError::new("InvalidTimeRangeException", message));
    }
    let resource_type = input.resource_type.unwrap_or_default();
    let resource_id = input.resource_id.unwrap_or_default();
    let mut items = call.state.items.history(call.scope, &resource_type, &resource_id);
    if items.is_empty() {
        let message = format!(
            "Resource {resource_id} of resourceType:{resource_type} is unknown or has not been discovered"
        );
        return Err(ApiError::new("ResourceNotDiscoveredException", message));
    }
    let is_forward = input.chronological_order.as_deref() == Some("Forward");
    if is_forward {
        items.reverse();
    }
    // An item without a time, from a query that did not select it, is taken for current.
    let time = |document: &Document| {
        let time = document.capture_time.unwrap_or(call.state.at);
        Timestamp::from_millisecond(time.as_millisecond()).unwrap_or(time)
    };
    items.retain(|document| {
        input.earlier_time.is_none_or(|earlier| earlier <= time(document))
            && input.later_time.is_none_or(|later| time(document) <= later)
    });

    let limit = input.limit.and_then(|limit| usize::try_from(limit).ok()).filter(|limit| 0 < *limit);
    let start = match input.next_token.as_deref() {
        Some(token) => paging::read_token(call, token).ok_or_else(paging::invalid_token)?,
        None => 0,
    };
    let rest = items.get(start..).unwrap_or_default();
    let is_far = |from: Timestamp, to: Timestamp| HISTORY_SPAN < from.duration_until(to).unsigned_abs();
    let asked_from = if is_forward { input.earlier_time } else { input.later_time };
    let is_first_page = input.next_token.is_none();
    let count = match (rest.first(), asked_from) {
        (Some(first), Some(from)) if is_first_page && is_far(from, time(first)) => 0,
        (Some(first), _) => {
            rest.iter().take(limit.unwrap_or(10)).take_while(|item| !is_far(time(first), time(item))).count()
        }
        (None, _) => 0,
    };
    let page: Vec<_> = rest.iter().take(count).map(|document| shapes::render(document, Shape::Api)).collect();
    let mut output = json!({"configurationItems": page});
    if count < rest.len() {
        output["nextToken"] = json!(paging::token(call, start.saturating_add(count)));
    }
    Ok(output)
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct BatchGetResourceConfig {
    resource_keys: Option<Vec<ResourceKey>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ResourceKey {
    resource_type: Option<String>,
    resource_id: Option<String>,
}

/// Resources that are not there are left out of the answer. Nothing is ever left unprocessed: no store is busy here.
pub(super) fn batch_get(call: &Call<'_>) -> Result<Value, ApiError> {
    let input: BatchGetResourceConfig = input::read(call)?;
    let mut violations = Violations::default();
    match &input.resource_keys {
        None => violations.required("resourceKeys"),
        Some(keys) => violations.count("resourceKeys", keys.len(), 1, 100),
    }
    let keys = input.resource_keys.unwrap_or_default();
    for (index, key) in keys.iter().enumerate() {
        let at = |member: &str| format!("resourceKeys.{}.member.{member}", index + 1);
        violations.resource_type(at("resourceType"), key.resource_type.as_deref());
        violations.required_text(at("resourceId"), key.resource_id.as_deref(), 1, 768);
    }
    violations.finish()?;
    let mut items = Vec::new();
    for ResourceKey { resource_type, resource_id } in keys {
        let (resource_type, resource_id) =
            (resource_type.unwrap_or_default(), resource_id.unwrap_or_default());
        let history = call.state.items.history(call.scope, &resource_type, &resource_id);
        let current = history.first().filter(|document| document.status.reason_not_to_judge().is_none());
        items.extend(current.map(|document| shapes::render(document, Shape::BatchApi)));
    }
    Ok(json!({"baseConfigurationItems": items, "unprocessedResourceKeys": []}))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ListDiscoveredResources {
    resource_type: Option<String>,
    resource_ids: Option<Vec<String>>,
    resource_name: Option<String>,
    limit: Option<i64>,
    include_deleted_resources: Option<bool>,
    next_token: Option<String>,
}

pub(super) fn list_discovered(call: &Call<'_>) -> Result<Value, ApiError> {
    let input: ListDiscoveredResources = input::read(call)?;
    let mut violations = Violations::default();
    violations.resource_type("resourceType", input.resource_type.as_deref());
    violations.limit("limit", input.limit, 100);
    for (index, id) in input.resource_ids.iter().flatten().enumerate() {
        violations.text(format!("resourceIds.{}.member", index + 1), Some(id), 1, 768);
    }
    violations.finish()?;
    let refused = |message: &str| Err(ApiError::new("ValidationException", message));
    if input.resource_ids.as_ref().is_some_and(|ids| ids.is_empty() || 20 < ids.len()) {
        return refused("You can list a minimum of 1 resourceID and a maximum of 20 resourceIds.");
    }
    if input.resource_ids.is_some() && input.resource_name.is_some() {
        return refused("You can specify either resource IDs or a resource name, but not both.");
    }
    let resource_type = input.resource_type.unwrap_or_default();
    refuse_to_list(call, |incomplete| incomplete == resource_type)?;
    let lists_deleted = input.include_deleted_resources == Some(true);
    let items = &call.state.items;
    let gone = items.subjects(call.scope).map(Arc::as_ref).filter(|document| {
        let is_wanted = lists_deleted || !is_deleted(document);
        document.status.reason_not_to_judge().is_some() && is_wanted
    });
    let mut all: Vec<_> = items
        .visible_of_type(call.scope, &resource_type)
        .map(Arc::as_ref)
        .chain(gone.filter(|document| document.resource_type == resource_type))
        .filter(|document| {
            input.resource_ids.as_ref().is_none_or(|ids| ids.contains(&document.resource_id))
                && input
                    .resource_name
                    .as_ref()
                    .is_none_or(|name| document.resource_name.as_ref() == Some(name))
        })
        .collect();
    all.sort_by(|one, other| one.resource_id.cmp(&other.resource_id));
    let paging = Paging { limit: input.limit, default_limit: 100, token: input.next_token.as_deref() };
    let (page, next_token) = paging::page(call, all, &paging)?;
    let identifiers: Vec<_> = page.into_iter().map(identifier).collect();
    let mut output = json!({"resourceIdentifiers": identifiers});
    if let Some(token) = next_token {
        output["nextToken"] = json!(token);
    }
    Ok(output)
}

/// A rule's function takes what is listed for all there is, unless nothing is recorded, which is what it hears of a type
/// of which the input lacks some items.
fn refuse_to_list(call: &Call<'_>, is_listed: impl Fn(&str) -> bool) -> Result<(), ApiError> {
    let mut incomplete = call.state.items.incomplete_types(&call.scope.account_id);
    match incomplete.find(|resource_type| is_listed(resource_type)) {
        Some(resource_type) if call.is_by_function => {
            let message = format!("the input does not hold all items of {resource_type}");
            Err(ApiError::new("NoAvailableConfigurationRecorderException", message))
        }
        _ => Ok(()),
    }
}

fn identifier(document: &Document) -> Value {
    let mut identifier = json!({"resourceType": document.resource_type, "resourceId": document.resource_id});
    if let Some(name) = &document.resource_name {
        identifier["resourceName"] = json!(name);
    }
    if let Some(time) = document.capture_time.filter(|_| is_deleted(document)) {
        identifier["resourceDeletionTime"] = seconds(time);
    }
    identifier
}

fn is_deleted(document: &Document) -> bool {
    use config_rule::ItemStatus::{ResourceDeleted, ResourceDeletedNotRecorded};
    matches!(document.status, ResourceDeleted | ResourceDeletedNotRecorded)
}

//! The reads of IAM's roles and policies, over the Query protocol.
//!
//! Roles and policies come from the items, AWS-managed policies also from those of a certain day. IAM knows whether a
//! role exists; this account of files does so only where it holds all of them. Of others it says that it has no such
//! operation: `NoSuchEntity` would be a promise.

use std::sync::Arc;

use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use config_rule::{Document, Json, Known, Node, Tree};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::{Map, Number, Value, json};
use uuid::Uuid;

use super::error::ApiError;
use super::paging::{self, Paging};
use super::validation::Violations;
use super::{Call, Service, input};
use crate::iam::{self, Lookup};
use crate::wire;

/// How the Query protocol writes requests.
pub(super) const CONTENT_TYPE: &str = "application/x-www-form-urlencoded";

const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

/// How many elements a page of a list holds.
///
/// Source: IAM API Reference, `ListRolePolicies` and `ListAttachedRolePolicies`, `MaxItems`.
const ELEMENTS_PER_PAGE: usize = 100;

const NO_SUCH_ENTITY: &str = "NoSuchEntity";

pub(super) fn answer(service: &Service, method: &Method, headers: &HeaderMap, body: &[u8]) -> Response {
    let form = form(body);
    let action = form.get("Action").and_then(Value::as_str).unwrap_or_default().to_owned();
    let result = if method == Method::POST {
        service.call(&action, headers, Value::Object(form)).and_then(|call| called(&call))
    } else {
        Err(unknown_action(&action))
    };
    let request_id = Uuid::new_v4();
    let (status, body) = match result {
        Ok(result) => {
            let metadata =
                format!("<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>");
            let response = format!(
                "<{action}Response xmlns=\"{NAMESPACE}\"><{action}Result>{result}</{action}Result>{metadata}</{action}Response>"
            );
            (StatusCode::OK, response)
        }
        Err(error) => {
            let is_absent = error.code() == NO_SUCH_ENTITY;
            let status = if is_absent { StatusCode::NOT_FOUND } else { StatusCode::BAD_REQUEST };
            let (code, message) = (error.code(), escaped(error.message()));
            let response = format!(
                "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>Sender</Type><Code>{code}</Code>\
                 <Message>{message}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
            );
            (status, response)
        }
    };
    let headers = [("content-type", "text/xml".to_owned()), ("x-amzn-requestid", request_id.to_string())];
    (status, headers, body).into_response()
}

/// Everything that the actions take; each checks its own.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Input {
    role_name: Option<String>,
    policy_name: Option<String>,
    policy_arn: Option<String>,
    version_id: Option<String>,
    path_prefix: Option<String>,
    marker: Option<String>,
    max_items: Option<String>,
}

fn called(call: &Call<'_>) -> Result<String, ApiError> {
    let input: Input = input::read(call)?;
    match call.operation {
        "GetRole" => Ok(element("Role", &role_xml(role(call, &input)?))),
        "ListRolePolicies" => list_role_policies(call, &input),
        "GetRolePolicy" => role_policy(call, &input),
        "ListAttachedRolePolicies" => list_attached(call, &input),
        "GetPolicy" => Ok(element("Policy", &policy_xml(policy(call, &input)?.as_ref()))),
        "GetPolicyVersion" => policy_version(call, &input),
        action => Err(unknown_action(action)),
    }
}

fn role<'a>(call: &Call<'a>, input: &Input) -> Result<&'a Document, ApiError> {
    check(&[("roleName", input.role_name.as_deref(), 1, 64)])?;
    let name = input.role_name.as_deref().unwrap_or_default();
    match iam::role(&call.state.items, call.scope, name) {
        Lookup::Found(role) => Ok(role),
        Lookup::NoSuchEntity => {
            Err(ApiError::new(NO_SUCH_ENTITY, format!("The role with name {name} cannot be found.")))
        }
        Lookup::NotKnown => Err(not_known(call, &format!("the role {name}"))),
    }
}

fn policy(call: &Call<'_>, input: &Input) -> Result<Arc<Document>, ApiError> {
    check(&[("policyArn", input.policy_arn.as_deref(), 20, 2_048)])?;
    let arn = input.policy_arn.as_deref().unwrap_or_default();
    match iam::policy(&call.state.items, call.scope, arn) {
        Lookup::Found(policy) => Ok(policy),
        Lookup::NoSuchEntity => Err(ApiError::new(NO_SUCH_ENTITY, format!("Policy {arn} was not found."))),
        Lookup::NotKnown => Err(not_known(call, &format!("the policy {arn}"))),
    }
}

fn list_role_policies(call: &Call<'_>, input: &Input) -> Result<String, ApiError> {
    let role = role(call, input)?;
    let policies = elements(role, "rolePolicyList");
    let names = policies.iter().filter_map(|policy| policy.get("policyName").and_then(Value::as_str));
    let members = names.map(|name| element("member", &escaped(name)));
    page(call, input, "PolicyNames", members.collect())
}

fn role_policy(call: &Call<'_>, input: &Input) -> Result<String, ApiError> {
    check(&[
        ("roleName", input.role_name.as_deref(), 1, 64),
        ("policyName", input.policy_name.as_deref(), 1, 128),
    ])?;
    let role = role(call, input)?;
    let name = input.policy_name.as_deref().unwrap_or_default();
    let policies = elements(role, "rolePolicyList");
    let policy =
        policies.iter().find(|policy| policy.get("policyName").and_then(Value::as_str) == Some(name));
    let Some(document) = policy.and_then(|policy| policy.get("policyDocument")) else {
        let message = format!("The role policy with name {name} cannot be found.");
        return Err(ApiError::new(NO_SUCH_ENTITY, message));
    };
    let role_name = input.role_name.as_deref().unwrap_or_default();
    Ok([
        element("RoleName", &escaped(role_name)),
        element("PolicyName", &escaped(name)),
        element("PolicyDocument", &escaped(&iam::encoded(document))),
    ]
    .concat())
}

fn list_attached(call: &Call<'_>, input: &Input) -> Result<String, ApiError> {
    let role = role(call, input)?;
    let prefix = input.path_prefix.as_deref().unwrap_or("/");
    let policies = elements(role, "attachedManagedPolicies");
    let members = policies.iter().filter_map(|policy| {
        let text = |member: &str| policy.get(member).and_then(Value::as_str);
        let (name, arn) = (text("policyName")?, text("policyArn")?);
        let (_, path) = arn.split_once(":policy")?;
        let names = element("PolicyName", &escaped(name)) + &element("PolicyArn", &escaped(arn));
        path.starts_with(prefix).then(|| element("member", &names))
    });
    page(call, input, "AttachedPolicies", members.collect())
}

fn policy_version(call: &Call<'_>, input: &Input) -> Result<String, ApiError> {
    check(&[
        ("policyArn", input.policy_arn.as_deref(), 20, 2_048),
        ("versionId", input.version_id.as_deref(), 1, 128),
    ])?;
    let policy = policy(call, input)?;
    let id = input.version_id.as_deref().unwrap_or_default();
    let versions = elements(&policy, "policyVersionList");
    let version =
        versions.iter().find(|version| version.get("versionId").and_then(Value::as_str) == Some(id));
    let Some(version) = version else {
        let arn = input.policy_arn.as_deref().unwrap_or_default();
        return Err(ApiError::new(NO_SUCH_ENTITY, format!("Policy {arn} version {id} was not found.")));
    };
    let document = version.get("document").map(iam::encoded).unwrap_or_default();
    let xml = [
        element("Document", &escaped(&document)),
        members(
            version,
            &[
                ("VersionId", "versionId"),
                ("IsDefaultVersion", "isDefaultVersion"),
                ("CreateDate", "createDate"),
            ],
        ),
    ];
    Ok(element("PolicyVersion", &xml.concat()))
}

fn role_xml(role: &Document) -> String {
    let configuration = configuration(role);
    let document = configuration.get("assumeRolePolicyDocument").map(iam::encoded).unwrap_or_default();
    let boundary =
        configuration.get("permissionsBoundary").filter(|boundary| boundary.is_object()).map(|boundary| {
            let names = [
                ("PermissionsBoundaryType", "permissionsBoundaryType"),
                ("PermissionsBoundaryArn", "permissionsBoundaryArn"),
            ];
            element("PermissionsBoundary", &members(boundary, &names))
        });
    let used = configuration.get("roleLastUsed").filter(|used| used.is_object()).map(|used| {
        element("RoleLastUsed", &members(used, &[("LastUsedDate", "lastUsedDate"), ("Region", "region")]))
    });
    [
        members(
            &configuration,
            &[
                ("Path", "path"),
                ("RoleName", "roleName"),
                ("RoleId", "roleId"),
                ("Arn", "arn"),
                ("CreateDate", "createDate"),
                ("Description", "description"),
                ("MaxSessionDuration", "maxSessionDuration"),
            ],
        ),
        element("AssumeRolePolicyDocument", &escaped(&document)),
        boundary.unwrap_or_default(),
        tags_xml(role),
        used.unwrap_or_default(),
    ]
    .concat()
}

fn policy_xml(policy: &Document) -> String {
    let names = [
        ("PolicyName", "policyName"),
        ("PolicyId", "policyId"),
        ("Arn", "arn"),
        ("Path", "path"),
        ("DefaultVersionId", "defaultVersionId"),
        ("AttachmentCount", "attachmentCount"),
        ("PermissionsBoundaryUsageCount", "permissionsBoundaryUsageCount"),
        ("IsAttachable", "isAttachable"),
        ("Description", "description"),
        ("CreateDate", "createDate"),
        ("UpdateDate", "updateDate"),
    ];
    members(&configuration(policy), &names) + &tags_xml(policy)
}

fn tags_xml(document: &Document) -> String {
    let Known::Value(tags) = &document.tags else { return String::new() };
    let tag = |(key, value)| {
        element("member", &(element("Key", &escaped(key)) + &element("Value", &escaped(value))))
    };
    element("Tags", &tags.iter().map(tag).collect::<String>())
}

/// One page of a list, with the marker of the next one.
fn page(call: &Call<'_>, input: &Input, list: &str, members: Vec<String>) -> Result<String, ApiError> {
    let limit = match input.max_items.as_deref().map(str::parse::<i64>) {
        None => None,
        Some(Ok(limit @ 1..=1_000)) => Some(limit),
        Some(_) => {
            let message = "1 validation error detected: Value at 'maxItems' failed to satisfy constraint: Member must \
                           be a number from 1 to 1000";
            return Err(ApiError::new("ValidationError", message));
        }
    };
    let paging = Paging { limit, default_limit: ELEMENTS_PER_PAGE, token: input.marker.as_deref() };
    let (page, marker) = paging::page(call, members, &paging)
        .map_err(|_| ApiError::new("ValidationError", "Invalid Marker"))?;
    let marker_xml = marker.as_deref().map(|marker| element("Marker", marker)).unwrap_or_default();
    let is_truncated = element("IsTruncated", if marker.is_some() { "true" } else { "false" });
    Ok([element(list, &page.concat()), is_truncated, marker_xml].concat())
}

/// Members that the service model requires, with the lengths that it allows.
fn check(required: &[(&str, Option<&str>, usize, usize)]) -> Result<(), ApiError> {
    let mut violations = Violations::default();
    for (name, text, min, max) in required {
        violations.required_text(name, *text, *min, *max);
    }
    // The Query protocol has another name for it.
    violations.finish().map_err(|error| ApiError::new("ValidationError", error.message()))
}

fn unknown_action(action: &str) -> ApiError {
    let message = format!("Could not find operation {action} for version 2010-05-08");
    ApiError::new("InvalidAction", message)
}

fn not_known(call: &Call<'_>, what: &str) -> ApiError {
    let message =
        format!("Could not find operation {} for {what}, which the input does not hold", call.operation);
    ApiError::new("InvalidAction", message)
}

fn configuration(document: &Document) -> Value {
    document.properties().value().get("configuration").map(Json::to_value).unwrap_or_default()
}

fn elements(document: &Document, list: &str) -> Vec<Value> {
    let configuration = document.properties().value().get("configuration");
    let list = configuration.and_then(|configuration| configuration.get(list)?.as_list());
    list.map(|list| list.iter().map(Json::to_value).collect()).unwrap_or_default()
}

/// Members that are there and not null, as elements; times in the one spelling that every XML parser takes.
fn members(value: &Value, names: &[(&str, &str)]) -> String {
    let member = |(name, key): &(&str, &str)| {
        let member = value.get(*key)?;
        let text = match member {
            Value::Null | Value::Array(_) | Value::Object(_) => return None,
            time if name.ends_with("Date") => {
                wire::timestamp(time).map_or_else(|| time.to_string(), |time| time.to_string())
            }
            Value::String(text) => escaped(text),
            // Rows of a query hold every number as a float.
            Value::Number(number) => {
                whole(number).map_or_else(|| number.to_string(), |whole| whole.to_string())
            }
            Value::Bool(boolean) => boolean.to_string(),
        };
        Some(element(name, &text))
    };
    names.iter().filter_map(member).collect()
}

fn whole(number: &Number) -> Option<u64> {
    let holder = serde_json::from_value::<Tree>(json!({"n": number})).ok()?;
    Node::root(&holder).whole_number("n").get().ok().copied()
}

fn element(name: &str, content: &str) -> String {
    format!("<{name}>{content}</{name}>")
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\t' => escaped.push_str("&#9;"),
            '\n' => escaped.push_str("&#10;"),
            '\r' => escaped.push_str("&#13;"),
            // XML has no way to write the others.
            control if control.is_control() => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

/// The members of a form, as text.
fn form(body: &[u8]) -> Map<String, Value> {
    let body = String::from_utf8_lossy(body);
    let decoded = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let pair = |pair: &str| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(key), Value::String(decoded(value)))
    };
    body.split('&').filter(|pair| !pair.is_empty()).map(pair).collect()
}

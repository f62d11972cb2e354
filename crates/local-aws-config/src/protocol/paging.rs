//! Pages, and the opaque tokens of the next one.

use serde_json::Value;

use super::Call;
use super::error::ApiError;
use crate::deployment::fingerprint;

/// What requests say of their page, in any service's words.
const OF_PAGES: [&str; 6] = ["limit", "marker", "maxItems", "maxResults", "nextToken", "pageSize"];

/// What an operation says about its pages.
pub(super) struct Paging<'a> {
    pub(super) limit: Option<i64>,
    pub(super) default_limit: usize,
    pub(super) token: Option<&'a str>,
}

/// One page, and the token of the next one if there is one.
pub(super) fn page<T>(
    call: &Call<'_>,
    all: impl IntoIterator<Item = T>,
    paging: &Paging<'_>,
) -> Result<(Vec<T>, Option<String>), ApiError> {
    // AWS: "If you specify 0, Config uses the default."
    let limit = paging.limit.and_then(|limit| usize::try_from(limit).ok()).filter(|limit| 0 < *limit);
    let limit = limit.unwrap_or(paging.default_limit);
    let start = match paging.token {
        None => 0,
        Some(token) => read_token(call, token).ok_or_else(invalid_token)?,
    };
    let mut rest = all.into_iter().skip(start);
    let page: Vec<_> = rest.by_ref().take(limit).collect();
    let next = rest.next().map(|_| token(call, start.saturating_add(limit)));
    Ok((page, next))
}

/// A token that leads `call`, and no other request, on to `position`.
pub(super) fn token(call: &Call<'_>, position: usize) -> String {
    format!("{:016x}{position:x}", request(call))
}

/// The position that a token leads to, if it is `call`'s.
pub(super) fn read_token(call: &Call<'_>, token: &str) -> Option<usize> {
    let (request_part, position) = token.split_at_checked(16)?;
    let is_ours = request_part == format!("{:016x}", request(call));
    usize::from_str_radix(position, 16).ok().filter(|_| is_ours)
}

pub(super) fn invalid_token() -> ApiError {
    ApiError::new("InvalidNextTokenException", "The specified next token is not valid.")
}

/// Tells requests apart by everything but their page.
fn request(call: &Call<'_>) -> u64 {
    let mut input = call.body.clone();
    if let Value::Object(members) = &mut input {
        members.retain(|name, _| !OF_PAGES.iter().any(|of_pages| name.eq_ignore_ascii_case(of_pages)));
    }
    let scope = call.scope;
    fingerprint(&[call.operation, &scope.account_id, &scope.region, &input.to_string()])
}

//! Who is calling, as far as it matters: in which account and Region a request is answered.

use axum::http::HeaderMap;

use crate::deployment::fingerprint;
use crate::items::Scope;
use crate::state::ConfigState;

/// What the access keys of functions start with; they are at least 16 characters long, as AWS's are.
const ACCESS_KEY_PREFIX: &str = "LOCAL";

/// The access key that stands for the scope's account.
pub(crate) fn access_key_id(scope: &Scope) -> String {
    let account_id = &scope.account_id;
    let is_plain = 11 <= account_id.len() && account_id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_plain {
        format!("{ACCESS_KEY_PREFIX}{account_id}")
    } else {
        format!("{ACCESS_KEY_PREFIX}{:016x}", fingerprint(&[account_id]))
    }
}

/// The scope in which a request is answered.
///
/// A function's access key names its account, and so does a client's that is the account's number. Any other key, and no
/// signature at all, means the account with most items. The Region is the signed one if it has items, else the account's home Region.
pub(super) fn scope<'a>(state: &'a ConfigState, headers: &HeaderMap) -> Option<&'a Scope> {
    let header = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (key, region) = credential(header).unwrap_or_default();
    let account_id = state
        .scopes()
        .find(|scope| access_key_id(scope) == key || scope.account_id == key)
        .or_else(|| state.home_of(None))
        .map(|scope| scope.account_id.as_str());
    state
        .scopes()
        .find(|scope| Some(scope.account_id.as_str()) == account_id && scope.region == region)
        .or_else(|| state.home_of(account_id))
}

/// Whether a rule's function is calling.
pub(super) fn is_function(headers: &HeaderMap) -> bool {
    let header = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    credential(header).is_some_and(|(key, _)| key.starts_with(ACCESS_KEY_PREFIX))
}

/// The service that a request is for, as its signature names it.
pub(super) fn service(headers: &HeaderMap) -> Option<&str> {
    let header = headers.get("authorization")?.to_str().ok()?;
    let (_, rest) = header.split_once("Credential=")?;
    rest.split([',', ' ']).next()?.split('/').nth(3)
}

/// Access key and Region of `AWS4-HMAC-SHA256 Credential=<key>/<date>/<region>/config/aws4_request, …`.
fn credential(header: &str) -> Option<(&str, &str)> {
    let (_, rest) = header.split_once("Credential=")?;
    let credential = rest.split_once(',').map_or(rest, |(credential, _)| credential).trim();
    let mut parts = credential.splitn(5, '/');
    let key = parts.next()?;
    let region = parts.nth(1)?;
    Some((key, region))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_and_region_are_read_from_the_signature() {
        let header = "AWS4-HMAC-SHA256 Credential=LOCAL111122223333/20261001/eu-west-1/config/aws4_request, \
                      SignedHeaders=host, Signature=0";
        assert_eq!(credential(header), Some(("LOCAL111122223333", "eu-west-1")));
    }

    #[test]
    fn the_service_is_read_from_the_signature() {
        let mut headers = HeaderMap::new();
        assert_eq!(service(&headers), None);
        let header =
            "AWS4-HMAC-SHA256 Credential=LOCAL111122223333/20261001/us-east-1/iam/aws4_request, Signature=0";
        headers.insert("authorization", header.parse().unwrap());
        assert_eq!(service(&headers), Some("iam"));
    }

    #[test]
    fn another_authorization_is_none() {
        assert_eq!(credential("Bearer x"), None);
        assert_eq!(credential("AWS4-HMAC-SHA256 Credential=short"), None);
    }

    #[test]
    fn an_account_that_would_not_fit_a_header_gets_a_key_that_does() {
        let scope = |account_id: &str| Scope { account_id: account_id.to_owned(), region: String::new() };
        assert_eq!(access_key_id(&scope("111122223333")), "LOCAL111122223333");
        let odd = access_key_id(&scope("Account ID"));
        assert!(odd.len() == 21 && odd.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{odd}");
    }
}

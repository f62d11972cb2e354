use config_rule::{Document, Json, Known, Missing, Node, Subject};
use iam_policy::{PolicyDocument, PolicyError};

/// A REST API of Amazon API Gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestApi {
    /// AWS Config's id, an ARN: `arn:aws:apigateway:eu-west-1::/restapis/a1b2c3d4e5`.
    pub resource_id: String,
    /// The API's own id, the last part of that ARN; methods, usage plans and permissions name it so.
    pub id: String,
    /// `EDGE`, `REGIONAL` or `PRIVATE`.
    pub endpoint_types: Known<Vec<String>>,
    /// Where API keys are read from: `HEADER` unless somebody chose `AUTHORIZER`.
    pub api_key_source: Known<Option<String>>,
    /// The size in bytes from which answers are compressed; `None` if none are.
    pub minimum_compression_size: Known<Option<u64>>,
    /// Whether the item shows a resource policy with a statement. Recorded items leave it out, so `false` proves nothing.
    pub shows_resource_policy: Known<bool>,
}

impl RestApi {
    /// CloudFormation type name.
    pub const TYPE: &'static str = "AWS::ApiGateway::RestApi";
}

impl Subject for RestApi {
    fn read(document: &Document) -> Option<Self> {
        if document.resource_type != Self::TYPE {
            return None;
        }
        let root = document.properties();
        let resource_id = document.resource_id.clone();
        let types = root.list("configuration.endpointConfiguration.types");
        Some(Self {
            id: resource_id.rsplit('/').next().unwrap_or_default().to_owned(),
            resource_id,
            endpoint_types: types
                .and_then(|types| types.iter().map(|name| name.as_text().map(ToOwned::to_owned)).collect()),
            api_key_source: root.text("configuration.apiKeySource").map(ToOwned::to_owned).optional(),
            minimum_compression_size: root.whole_number("configuration.minimumCompressionSize").optional(),
            shows_resource_policy: shows_resource_policy(&root).into(),
        })
    }
}

/// Without a statement, a policy is none: a policy that was taken away may have left an empty text.
fn shows_resource_policy(root: &Node<'_>) -> Result<bool, Missing> {
    let policy = root.at("configuration.policy").optional();
    let Some(policy) = policy.get()? else { return Ok(false) };
    let read = match policy.value() {
        Json::Text(text) if text.trim().is_empty() => return Ok(false),
        Json::Text(text) => {
            PolicyDocument::read_text(text).or_else(|_| PolicyDocument::read_text(&unescaped(text)))
        }
        json => PolicyDocument::read(&json.to_value()),
    };
    match read {
        Ok(policy) => Ok(!policy.statements.is_empty()),
        // There is one, whatever is wrong with it.
        Err(PolicyError::Statement { .. }) => Ok(true),
        Err(PolicyError::Document { .. }) => Ok(false),
        Err(error @ (PolicyError::NotJson(_) | PolicyError::NotUtf8(_))) => {
            Err(Missing::WrongType { path: policy.path(), expected: "a policy", found: error.to_string() })
        }
    }
}

/// A "stringified JSON policy document" may stand there as it does within JSON, with `\"` for `"`.
///
/// Source: Amazon API Gateway API Reference, `RestApi`, `policy`.
fn unescaped(policy: &str) -> String {
    policy.replace("\\\"", "\"")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn an_api_of_a_query_row_is_read() {
        let api = read(&json!({
            "apiKeySource": "HEADER", "endpointConfiguration": {"types": ["EDGE"]}, "minimumCompressionSize": 1024.0,
        }));
        assert_eq!(api.id, "a1b2c3d4e5");
        assert_eq!(api.endpoint_types, Known::Value(vec!["EDGE".to_owned()]));
        assert_eq!(api.api_key_source, Known::Value(Some("HEADER".to_owned())));
        assert_eq!(api.minimum_compression_size, Known::Value(Some(1024)));
        assert_eq!(api.shows_resource_policy, Known::Value(false));
    }

    #[test]
    fn an_api_without_compression_has_none_and_one_without_endpoint_types_is_unknown() {
        let api = read(&json!({"id": "a1b2c3d4e5"}));
        assert_eq!(api.minimum_compression_size, Known::Value(None));
        assert!(api.endpoint_types.get().is_err());
    }

    #[test]
    fn a_policy_with_a_statement_is_seen_in_whichever_form_it_is_written() {
        let statement =
            json!({"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"});
        let policy = json!({"Version": "2012-10-17", "Statement": [statement]});
        let text = policy.to_string();
        let quoting =
            json!({"Statement": [{"Sid": "\"ours\"", "Effect": "Deny", "Action": "*", "Resource": "*"}]});
        let escaped = text.replace('"', "\\\"").replace('/', "\\/");
        let broken = json!({"Statement": [{"Effect": "Perhaps"}]});
        for policy in [
            policy,
            json!({"Statement": statement}),
            json!(text),
            json!(escaped),
            json!(quoting.to_string()),
            broken,
        ] {
            assert_eq!(shows_policy(&policy), Known::Value(true), "{policy}");
        }
    }

    #[test]
    fn a_policy_without_a_statement_is_none() {
        for policy in [
            json!(null),
            json!(""),
            json!(" "),
            json!("{}"),
            json!({}),
            json!("{\\\"Version\\\":\\\"2012-10-17\\\"}"),
            json!("{\"Statement\":[]}"),
            json!({"Statement": []}),
        ] {
            assert_eq!(shows_policy(&policy), Known::Value(false), "{policy}");
        }
    }

    #[test]
    fn a_policy_that_cannot_be_read_is_unknown() {
        let message = shows_policy(&json!("{\"Statement\":")).get().unwrap_err().to_string();
        assert!(message.starts_with("`configuration.policy`: expected a policy, found "), "{message}");
    }

    fn shows_policy(policy: &Value) -> Known<bool> {
        read(&json!({ "policy": policy })).shows_resource_policy
    }

    fn read(configuration: &Value) -> RestApi {
        let item = json!({
            "resourceType": RestApi::TYPE, "configuration": configuration,
            "resourceId": "arn:aws:apigateway:eu-west-1::/restapis/a1b2c3d4e5",
        });
        RestApi::read(&Document::from_item(item).unwrap()).unwrap()
    }
}

use config_rule::{Document, Known, Subject};

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
    /// Whether the item shows a resource policy. Recorded items leave it out, so `false` proves nothing.
    pub shows_resource_policy: bool,
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
            shows_resource_policy: root.at("configuration.policy").get().is_ok(),
        })
    }
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
        assert!(!api.shows_resource_policy);
    }

    #[test]
    fn an_api_without_compression_has_none_and_one_without_endpoint_types_is_unknown() {
        let api = read(&json!({"id": "a1b2c3d4e5"}));
        assert_eq!(api.minimum_compression_size, Known::Value(None));
        assert!(api.endpoint_types.get().is_err());
    }

    #[test]
    fn a_policy_in_the_item_is_seen() {
        assert!(read(&json!({"policy": "{\\\"Version\\\":\\\"2012-10-17\\\"}"})).shows_resource_policy);
        assert!(!read(&json!({"policy": null})).shows_resource_policy);
    }

    fn read(configuration: &Value) -> RestApi {
        let item = json!({
            "resourceType": RestApi::TYPE, "configuration": configuration,
            "resourceId": "arn:aws:apigateway:eu-west-1::/restapis/a1b2c3d4e5",
        });
        RestApi::read(&Document::from_item(item).unwrap()).unwrap()
    }
}

use config_rule::{Document, Known, Missing, Node, Subject};

/// One method of a REST API, with what stands behind it. Its path is not in the item, only the id of an
/// `AWS::ApiGateway::Resource`, which AWS Config does not record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestMethod {
    /// `GET`, `POST`, …, or `ANY`.
    pub http_method: Known<String>,
    /// Whether callers need an API key.
    pub requires_api_key: Known<bool>,
    /// Whether API Gateway validates requests.
    pub validates_requests: bool,
    /// What it calls; `None` while it calls nothing.
    pub integration: Known<Option<Integration>>,
}

/// What a method calls, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Integration {
    /// `AWS`, `AWS_PROXY`, `HTTP`, `HTTP_PROXY` or `MOCK`.
    pub kind: String,
    /// Address of what it calls; a mock has none.
    pub uri: Option<String>,
    /// Whether answers are streamed.
    pub streams: bool,
    /// How long API Gateway waits for it, in milliseconds; `None` where that is the default.
    pub timeout_in_millis: Known<Option<u64>>,
}

impl RestMethod {
    /// CloudFormation type name.
    pub const TYPE: &'static str = "AWS::ApiGateway::Method";

    /// Source: AWS CloudFormation Template Reference, `AWS::ApiGateway::Method`, `ApiKeyRequired`.
    const DEFAULT_API_KEY_REQUIRED: bool = false;

    /// The API's own id, by the item or else by AWS Config's id: `a1b2c3d4e5` of `a1b2c3d4e5|r2luer|GET`.
    ///
    /// Source: AWS CloudFormation Template Reference, `AWS::ApiGateway::Method`, whose primary identifier is made of the API,
    /// the resource and the HTTP method; AWS Cloud Control API User Guide, "Identifying resources": `|` stands between them.
    ///
    /// # Errors
    ///
    /// [`Missing`] where neither says it.
    pub fn api_id_of(method: &Document) -> Result<&str, Missing> {
        let parts: Vec<_> = method.resource_id.split('|').collect();
        match (method.properties().text("configuration.RestApiId").get(), parts.as_slice()) {
            (Ok(api_id), _) | (Err(_), [api_id, _, _]) => Ok(*api_id),
            (Err(missing), _) => Err(missing),
        }
    }

    /// Whether it does nothing but answer the browser's question whether it may call the others.
    ///
    /// Source: Amazon API Gateway Developer Guide, "CORS for REST APIs in API Gateway": an `OPTIONS` method with a mock
    /// integration. HTTP APIs answer that question themselves.
    ///
    /// # Errors
    ///
    /// [`Missing`] where the item does not say what it is.
    pub fn is_preflight(&self) -> Result<bool, Missing> {
        if self.http_method.get()? != "OPTIONS" {
            return Ok(false);
        }
        Ok(self.integration.get()?.as_ref().is_some_and(|integration| integration.kind == "MOCK"))
    }
}

impl Integration {
    /// The name of the Lambda function that it calls, if it calls one:
    /// `arn:aws:apigateway:<Region>:lambda:path/2015-03-31/functions/<ARN of the function>/invocations`.
    #[must_use]
    pub fn function_name(&self) -> Option<&str> {
        let (_, function) = self.uri.as_deref()?.split_once("/functions/")?;
        let name = function.split('/').next()?.split(':').nth(6)?;
        // `${stageVariables.…}` stands for a name that only the stage knows.
        (!name.is_empty() && !name.contains('$')).then_some(name)
    }
}

impl Subject for RestMethod {
    fn read(document: &Document) -> Option<Self> {
        if document.resource_type != Self::TYPE {
            return None;
        }
        let root = document.properties();
        let integration = root.at("configuration.Integration").optional();
        Some(Self {
            http_method: root.text("configuration.HttpMethod").map(ToOwned::to_owned),
            requires_api_key: root
                .boolean("configuration.ApiKeyRequired")
                .optional()
                .map(|requires| requires.unwrap_or(Self::DEFAULT_API_KEY_REQUIRED)),
            validates_requests: root.text("configuration.RequestValidatorId").get().is_ok(),
            integration: match integration.get() {
                Ok(Some(node)) => Integration::read(node).map(Some).into(),
                Ok(None) => Known::Value(None),
                Err(missing) => Known::Unknown(missing),
            },
        })
    }
}

impl Integration {
    fn read(node: &Node<'_>) -> Result<Self, Missing> {
        Ok(Self {
            kind: (*node.text("Type").get()?).to_owned(),
            uri: node.text("Uri").optional().get()?.map(ToOwned::to_owned),
            streams: node.text("ResponseTransferMode").get().is_ok_and(|mode| *mode == "STREAM"),
            timeout_in_millis: node.whole_number("TimeoutInMillis").optional(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_proxy_to_a_function_is_read() {
        let method = read(&json!({
            "HttpMethod": "POST", "ApiKeyRequired": false, "Integration": {"Type": "AWS_PROXY", "Uri": uri("orders")},
        }));
        assert_eq!(method.requires_api_key, Known::Value(false));
        assert!(!method.validates_requests);
        let integration = method.integration.get().unwrap().as_ref().unwrap();
        assert_eq!((integration.kind.as_str(), integration.streams), ("AWS_PROXY", false));
        assert_eq!(integration.function_name(), Some("orders"));
        assert_eq!(method.is_preflight(), Ok(false));
    }

    #[test]
    fn a_timeout_is_a_number_absent_or_unknown() {
        let timeout = |timeout: Value| {
            integration(&json!({"Type": "AWS_PROXY", "TimeoutInMillis": timeout})).timeout_in_millis
        };
        assert_eq!(timeout(json!(29_000)), Known::Value(Some(29_000)));
        assert_eq!(timeout(json!(120_000.0)), Known::Value(Some(120_000)));
        assert_eq!(timeout(Value::Null), Known::Value(None));
        assert_eq!(integration(&json!({"Type": "AWS_PROXY"})).timeout_in_millis, Known::Value(None));
        assert!(timeout(json!("29 s")).get().is_err());
    }

    #[test]
    fn only_a_mocked_options_method_is_a_preflight() {
        let preflight = |http_method: &str, kind: &str| {
            read(&json!({"HttpMethod": http_method, "Integration": {"Type": kind}})).is_preflight()
        };
        assert_eq!(preflight("OPTIONS", "MOCK"), Ok(true));
        assert_eq!(preflight("OPTIONS", "AWS_PROXY"), Ok(false));
        assert_eq!(preflight("GET", "MOCK"), Ok(false));
    }

    #[test]
    fn a_method_that_is_not_known_may_be_a_preflight() {
        assert!(read(&json!({"Integration": {"Type": "MOCK"}})).is_preflight().is_err());
        assert!(
            read(&json!({"httpMethod": "GET", "methodIntegration": {"type": "MOCK"}}))
                .is_preflight()
                .is_err()
        );
        assert!(read(&json!({"HttpMethod": "OPTIONS", "Integration": {}})).is_preflight().is_err());
        assert_eq!(read(&json!({"HttpMethod": "GET", "Integration": {}})).is_preflight(), Ok(false));
    }

    #[test]
    fn the_api_is_in_the_item_or_in_its_id() {
        let api_id = |id: &str, configuration: &Value| {
            RestMethod::api_id_of(&item(id, configuration))
                .map(ToOwned::to_owned)
                .map_err(|missing| missing.to_string())
        };
        let of = |api_id: &str| Ok(api_id.to_owned());
        assert_eq!(api_id("a1|r1|GET", &json!({"RestApiId": "b2"})), of("b2"));
        assert_eq!(api_id("a1|r1|GET", &json!({"httpMethod": "GET"})), of("a1"));
        assert_eq!(api_id("a1|r1|GET", &Value::Null), of("a1"));
        assert_eq!(api_id("m1", &json!({})), Err("`configuration.RestApiId` is absent".to_owned()));
        assert_eq!(api_id("a1|r1", &Value::Null), Err("`configuration` is not recorded".to_owned()));
    }

    #[test]
    fn functions_are_named_with_and_without_alias_and_never_by_a_variable() {
        let name = |uri: &str| {
            integration(&json!({"Type": "AWS_PROXY", "Uri": uri})).function_name().map(ToOwned::to_owned)
        };
        assert_eq!(name(&uri("orders:live")), Some("orders".to_owned()));
        assert_eq!(name(&uri("${stageVariables.function}")), None);
        assert_eq!(name("https://example.com/functions/x"), None);
        assert_eq!(name("arn:aws:apigateway:eu-west-1:sqs:path/111122223333/queue"), None);
    }

    #[test]
    fn a_method_that_calls_nothing_yet_is_not_an_unknown_one() {
        assert_eq!(read(&json!({"HttpMethod": "GET"})).integration, Known::Value(None));
        assert!(read(&Value::Null).integration.get().is_err());
        assert!(read(&json!({"Integration": {}})).integration.get().is_err());
    }

    fn integration(integration: &Value) -> Integration {
        let method = read(&json!({"HttpMethod": "GET", "Integration": integration}));
        method.integration.get().unwrap().clone().unwrap()
    }

    fn uri(function: &str) -> String {
        format!(
            "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/\
             arn:aws:lambda:eu-west-1:111122223333:function:{function}/invocations"
        )
    }

    fn read(configuration: &Value) -> RestMethod {
        RestMethod::read(&item("a1b2c3d4e5|r1|POST", configuration)).unwrap()
    }

    fn item(id: &str, configuration: &Value) -> Document {
        let item =
            json!({"resourceType": RestMethod::TYPE, "resourceId": id, "configuration": configuration});
        Document::from_item(item).unwrap()
    }
}

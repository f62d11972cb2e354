use config_rule::{Document, Known, Subject};

/// An HTTP or WebSocket API of Amazon API Gateway: CloudFormation and AWS Config have one type for both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpApi {
    /// Which of the two it is.
    pub protocol: Known<Protocol>,
}

/// What clients speak with an API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Requests and answers.
    Http,
    /// Messages over a connection that stays open.
    WebSocket,
    /// A protocol that AWS added later.
    Other(String),
}

impl HttpApi {
    /// CloudFormation type name.
    pub const TYPE: &'static str = "AWS::ApiGatewayV2::Api";
}

impl Subject for HttpApi {
    fn read(document: &Document) -> Option<Self> {
        if document.resource_type != Self::TYPE {
            return None;
        }
        let protocol = document.properties().text("configuration.protocolType").map(|name| match name {
            "HTTP" => Protocol::Http,
            "WEBSOCKET" => Protocol::WebSocket,
            other => Protocol::Other(other.to_owned()),
        });
        Some(Self { protocol })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn protocols_are_told_apart() {
        for (name, protocol) in [
            ("HTTP", Protocol::Http),
            ("WEBSOCKET", Protocol::WebSocket),
            ("QUIC", Protocol::Other("QUIC".to_owned())),
        ] {
            assert_eq!(read(&json!({"protocolType": name})).protocol, Known::Value(protocol));
        }
        assert!(read(&json!({})).protocol.get().is_err());
    }

    fn read(configuration: &Value) -> HttpApi {
        let item = json!({"resourceType": HttpApi::TYPE, "resourceId": "a", "configuration": configuration});
        HttpApi::read(&Document::from_item(item).unwrap()).unwrap()
    }
}

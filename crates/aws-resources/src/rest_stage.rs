use config_rule::{Document, Known, Missing, Node, Subject};

use crate::rest_api::RestApi;

/// A stage of a REST API, with what it adds to the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestStage {
    /// ARN of the web ACL with which AWS WAF inspects its requests, if it has one.
    pub web_acl_arn: Known<Option<String>>,
    /// Id of the certificate that it shows to the services behind it, if it has one.
    pub client_certificate_id: Known<Option<String>>,
    /// Where its access logs go: a log group or a stream of Amazon Data Firehose.
    pub access_log_destination: Known<Option<String>>,
    /// Whether part of its requests goes to a canary.
    pub has_canary: bool,
    /// Whether it keeps a cache.
    pub caches: Known<bool>,
    /// Whether it sends traces to AWS X-Ray.
    pub traces: Known<bool>,
    /// Whether it logs the execution of requests, of all methods or of some.
    pub logs_execution: Known<bool>,
}

impl RestStage {
    /// CloudFormation type name.
    pub const TYPE: &'static str = "AWS::ApiGateway::Stage";

    /// AWS Config's id of the API whose stage this is, by the stage's own id or ARN, which begin with it, or else by its
    /// relationships, which not every record of an item has.
    ///
    /// # Errors
    ///
    /// [`Missing`] where none of them says it.
    pub fn api_of(stage: &Document) -> Result<&str, Missing> {
        let by_id = Self::api_in(&stage.resource_id).or_else(|| Self::api_in(stage.arn.as_deref()?));
        let mut related = stage.relationships.iter().filter(|other| other.resource_type == RestApi::TYPE);
        by_id
            .or_else(|| related.find_map(|api| api.resource_id))
            .ok_or_else(|| Missing::NotRecorded { what: "a relationship to its API".to_owned() })
    }

    /// `arn:aws:apigateway:eu-west-1::/restapis/a1b2c3d4e5` of `…/restapis/a1b2c3d4e5/stages/prod`.
    fn api_in(stage_arn: &str) -> Option<&str> {
        stage_arn.split_once("/stages/").map(|(api, _)| api)
    }

    /// Whether its access logs go to Amazon Data Firehose.
    ///
    /// # Errors
    ///
    /// [`Missing`] where the destination is not what AWS documents.
    pub fn logs_to_firehose(&self) -> Result<bool, Missing> {
        let destination = self.access_log_destination.get()?;
        Ok(destination.as_deref().and_then(|arn| arn.split(':').nth(2)) == Some("firehose"))
    }
}

impl Subject for RestStage {
    fn read(document: &Document) -> Option<Self> {
        if document.resource_type != Self::TYPE {
            return None;
        }
        let root = document.properties();
        let text = |path| {
            root.text(path).map(ToOwned::to_owned).optional().map(|text| text.filter(|text| !text.is_empty()))
        };
        Some(Self {
            web_acl_arn: text("configuration.webAclArn"),
            client_certificate_id: text("configuration.clientCertificateId"),
            access_log_destination: text("configuration.accessLogSettings.destinationArn"),
            has_canary: root
                .object("configuration.canarySettings")
                .get()
                .is_ok_and(|canary| !canary.is_empty()),
            caches: root.boolean("configuration.cacheClusterEnabled"),
            traces: root.boolean("configuration.tracingEnabled"),
            logs_execution: logs_execution(&root).into(),
        })
    }
}

/// `methodSettings` maps `*/*` or `<path>/<method>` to settings; a method without a level is not logged.
///
/// Source: Amazon API Gateway API Reference, `MethodSetting`, `loggingLevel`: `OFF`, `ERROR` or `INFO`.
fn logs_execution(root: &Node<'_>) -> Result<bool, Missing> {
    let settings = root.object("configuration.methodSettings");
    let levels = settings.get()?.values().filter_map(|method| method.get("loggingLevel")?.as_text());
    let logs = levels.into_iter().any(|level| !level.eq_ignore_ascii_case("OFF"));
    Ok(logs)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_plain_stage_adds_nothing() {
        let stage = read(&json!({
            "stageName": "dev", "cacheClusterEnabled": false, "tracingEnabled": false,
            "methodSettings": {"*/*": {"throttlingBurstLimit": 5000.0, "cachingEnabled": false}, "pets/GET": {"loggingLevel": "OFF"}},
            "accessLogSettings": {"destinationArn": "arn:aws:logs:eu-west-1:111122223333:log-group:access"},
        }));
        let logs = "arn:aws:logs:eu-west-1:111122223333:log-group:access".to_owned();
        let plain = RestStage {
            web_acl_arn: Known::Value(None),
            client_certificate_id: Known::Value(None),
            access_log_destination: Known::Value(Some(logs)),
            has_canary: false,
            caches: Known::Value(false),
            traces: Known::Value(false),
            logs_execution: Known::Value(false),
        };
        assert_eq!(stage, plain);
    }

    #[test]
    fn everything_that_a_stage_can_add_is_seen() {
        let stage = read(&json!({
            "cacheClusterEnabled": true, "tracingEnabled": true, "clientCertificateId": "3kxqri",
            "webAclArn": "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/shop/1",
            "canarySettings": {"percentTraffic": 10.0}, "methodSettings": {"pets/GET": {"loggingLevel": "ERROR"}},
            "accessLogSettings": {"destinationArn": ""},
        }));
        let full = RestStage {
            web_acl_arn: Known::Value(Some(
                "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/shop/1".to_owned(),
            )),
            client_certificate_id: Known::Value(Some("3kxqri".to_owned())),
            access_log_destination: Known::Value(None),
            has_canary: true,
            caches: Known::Value(true),
            traces: Known::Value(true),
            logs_execution: Known::Value(true),
        };
        assert_eq!(stage, full);
    }

    #[test]
    fn method_settings_that_were_left_out_are_unknown() {
        let stage = read(&json!({"stageName": "dev"}));
        let message = stage.logs_execution.get().unwrap_err().to_string();
        assert_eq!(message, "`configuration.methodSettings` is absent");
        assert!(stage.traces.get().is_err());
    }

    #[test]
    fn only_a_stream_of_firehose_is_firehose() {
        for (arn, is_firehose) in [
            ("arn:aws:firehose:eu-west-1:111122223333:deliverystream/amazon-apigateway-x", true),
            ("arn:aws:logs:eu-west-1:111122223333:log-group:firehose", false),
        ] {
            let stage = read(&json!({"accessLogSettings": {"destinationArn": arn}}));
            assert_eq!(stage.logs_to_firehose(), Ok(is_firehose), "{arn}");
        }
        assert_eq!(read(&json!({})).logs_to_firehose(), Ok(false));
    }

    #[test]
    fn the_api_is_in_the_id_the_arn_or_a_relationship_of_the_stage() {
        let api = "arn:aws:apigateway:eu-west-1::/restapis/a1b2c3d4e5";
        let arn = format!("{api}/stages/prod");
        let related = json!([
            {"resourceType": "AWS::WAFv2::WebACL", "resourceId": "w1", "name": "Is associated with "},
            {"resourceType": RestApi::TYPE, "resourceId": api, "name": "Is contained in "},
        ]);
        for stage in [
            json!({"resourceId": arn}),
            json!({"resourceId": "prod", "ARN": arn}),
            json!({"resourceId": "prod", "relationships": related}),
        ] {
            assert_eq!(api_of(&stage), Ok(api.to_owned()), "{stage}");
        }
    }

    #[test]
    fn a_stage_that_names_no_api_is_of_an_unknown_one() {
        let message = Err("a relationship to its API is not recorded".to_owned());
        assert_eq!(api_of(&json!({"resourceId": "prod"})), message);
        let related = json!([{"resourceType": "AWS::WAFv2::WebACL", "resourceId": "w1", "name": "x"}]);
        assert_eq!(api_of(&json!({"resourceId": "prod", "relationships": related})), message);
    }

    fn api_of(stage: &Value) -> Result<String, String> {
        let mut item = stage.clone();
        item["resourceType"] = json!(RestStage::TYPE);
        let stage = Document::from_item(item).unwrap();
        RestStage::api_of(&stage).map(ToOwned::to_owned).map_err(|missing| missing.to_string())
    }

    fn read(configuration: &Value) -> RestStage {
        let item = json!({
            "resourceType": RestStage::TYPE, "configuration": configuration,
            "resourceId": "arn:aws:apigateway:eu-west-1::/restapis/a1b2c3d4e5/stages/dev",
        });
        RestStage::read(&Document::from_item(item).unwrap()).unwrap()
    }
}

//! AWS Config's own set-up, as AWS Config's API knows it now.
//!
//! AWS Config's items about itself are not asked for: a recorder that has stopped does not record that it has stopped,
//! and items have neither status nor last errors.
//!
//! | type | `configuration` | status, below it | id |
//! | --- | --- | --- | --- |
//! | [`RECORDER`] | `ConfigurationRecorder` (`name`, `recordingGroup`, …) | `status`: `ConfigurationRecorderStatus` (`recording`, `lastStatus`, …) | name |
//! | [`DELIVERY_CHANNEL`] | `DeliveryChannel` (`name`, `s3BucketName`, …) | `status`: `DeliveryChannelStatus` (`configHistoryDeliveryInfo`, …) | name |
//! | [`CONFIG_RULE`] | `ConfigRule` (`ConfigRuleName`, `Source`, …) | `Status`: `ConfigRuleEvaluationStatus` (`LastSuccessfulEvaluationTime`, …) | rule id |
//! | [`CONFORMANCE_PACK`] | `ConformancePackDetail` (`ConformancePackName`, …) | `Status`: `ConformancePackStatusDetail` (`ConformancePackState`, …) | pack id |
//!
//! Members are spelt as on the wire, times in ISO 8601. The status of something that went away or appeared between two
//! calls is absent. Every selector is answered, from the whole type: an empty list means that there is none.

mod channel;
mod pack;
mod recorder;
mod rule;

use config_lambda::{Evidence, LookupError, Session, as_on_the_wire};
use config_rule::{BoxFuture, Document, Documents, Known, Missing, Selector};
use serde_json::{Value, json};

/// The type of recorders.
pub const RECORDER: &str = "AWS::Config::ConfigurationRecorder";

/// The type of delivery channels.
pub const DELIVERY_CHANNEL: &str = "AWS::Config::DeliveryChannel";

/// The type of rules.
pub const CONFIG_RULE: &str = "AWS::Config::ConfigRule";

/// The type of conformance packs.
pub const CONFORMANCE_PACK: &str = "AWS::Config::ConformancePack";

/// The actions that a question about recorders needs.
pub const RECORDER_ACTIONS: &[&str] =
    &["config:DescribeConfigurationRecorderStatus", "config:DescribeConfigurationRecorders"];

/// The actions that a question about delivery channels needs.
pub const DELIVERY_CHANNEL_ACTIONS: &[&str] =
    &["config:DescribeDeliveryChannelStatus", "config:DescribeDeliveryChannels"];

/// The actions that a question about rules needs.
pub const CONFIG_RULE_ACTIONS: &[&str] =
    &["config:DescribeConfigRuleEvaluationStatus", "config:DescribeConfigRules"];

/// The actions that a question about conformance packs needs.
pub const CONFORMANCE_PACK_ACTIONS: &[&str] =
    &["config:DescribeConformancePackStatus", "config:DescribeConformancePacks"];

/// AWS Config's set-up as evidence.
#[derive(Debug, Default)]
pub struct AuditEvidence;

/// One part of the set-up.
struct Part {
    resource_type: &'static str,
    /// The API's operation that told of it.
    operation: &'static str,
    id: Option<String>,
    name: Option<String>,
    arn: Option<String>,
    configuration: Value,
}

impl AuditEvidence {
    async fn answer(
        session: Session<'_>,
        resource_type: &str,
        selector: Selector<'_>,
    ) -> Result<Known<Documents>, LookupError> {
        let parts = match resource_type {
            RECORDER => recorder::all(session).await?,
            DELIVERY_CHANNEL => channel::all(session).await?,
            CONFIG_RULE => rule::all(session).await?,
            CONFORMANCE_PACK => pack::all(session).await?,
            _ => return Ok(Known::Unknown(Missing::NotRecorded { what: resource_type.to_owned() })),
        };
        let mut documents = Vec::with_capacity(parts.len());
        for part in parts {
            documents.push(part.document(session.region())?);
        }
        documents.retain(|document| selector.selects(document));
        Ok(Known::Value(documents.into_iter().collect()))
    }
}

impl Part {
    fn document(self, region: &str) -> Result<Document, LookupError> {
        let item = json!({
            "resourceType": self.resource_type,
            "resourceId": self.id,
            "resourceName": self.name,
            "awsAccountId": self.arn.as_deref().and_then(|arn| arn.split(':').nth(4)),
            "ARN": self.arn,
            "awsRegion": region,
            "configurationItemStatus": "OK",
            "tags": {},
            "configuration": as_on_the_wire(self.configuration),
        });
        Document::from_item(item)
            .map_err(|source| LookupError::Item { operation: self.operation, source: source.into() })
    }
}

impl Evidence for AuditEvidence {
    fn types(&self) -> &'static [&'static str] {
        &[RECORDER, DELIVERY_CHANNEL, CONFIG_RULE, CONFORMANCE_PACK]
    }

    fn comes_before_config(&self) -> bool {
        true
    }

    fn find<'a>(
        &'a self,
        session: Session<'a>,
        resource_type: &'a str,
        selector: Selector<'a>,
    ) -> BoxFuture<'a, Result<Known<Documents>, LookupError>> {
        Box::pin(Self::answer(session, resource_type, selector))
    }
}

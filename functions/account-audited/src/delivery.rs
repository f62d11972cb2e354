//! Whether AWS Config's deliveries arrive.

use config_rule::{Document, Finding, Known, Missing};

use crate::checks::DELIVERY_FAILING;
use crate::{Decided, found_or_missing, is_word};

/// A delivery channel, with how its last deliveries went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryChannel {
    /// Its name.
    pub name: String,
    /// The last of each kind of delivery of which something is known.
    pub deliveries: Vec<Delivery>,
}

/// The last delivery of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// What is delivered, and where to.
    pub what: &'static str,
    /// `Success`, `Failure` or `Not_Applicable`.
    pub status: Known<String>,
    /// Why, if it failed.
    pub error: Option<String>,
}

/// The kinds of delivery, by the key of their status.
///
/// Source: AWS Config API Reference, `DeliveryChannelStatus`.
const KINDS: [(&str, &str); 3] = [
    ("configHistoryDeliveryInfo", "history to Amazon S3"),
    ("configSnapshotDeliveryInfo", "snapshots to Amazon S3"),
    ("configStreamDeliveryInfo", "notifications to Amazon SNS"),
];

impl DeliveryChannel {
    /// The name under which an inventory answers.
    pub const TYPE: &str = "AWS::Config::DeliveryChannel";

    pub(crate) fn read(document: &Document) -> Self {
        let root = document.properties();
        let delivery = |(key, what): (&str, &'static str)| {
            let status = root.text(&format!("configuration.status.{key}.lastStatus"));
            let error = root.text(&format!("configuration.status.{key}.lastErrorCode"));
            let error = error.get().ok().map(|code| (*code).to_owned());
            // Before the first delivery there is no status, and a status that could not be had is none.
            let status = status.optional().map(|status| status.map(ToOwned::to_owned));
            match status {
                Known::Value(None) => None,
                Known::Value(Some(status)) => Some(Delivery { what, status: Known::Value(status), error }),
                Known::Unknown(missing) => Some(Delivery { what, status: Known::Unknown(missing), error }),
            }
        };
        Self {
            name: document.resource_id.clone(),
            deliveries: KINDS.into_iter().filter_map(delivery).collect(),
        }
    }

    fn failing(&self) -> Result<Option<Finding>, Missing> {
        if self.deliveries.is_empty() {
            return Err(Missing::Unavailable {
                what: format!("the status of delivery channel {}", self.name),
                why: "no delivery is known".to_owned(),
            });
        }
        let mut failed = Vec::new();
        for delivery in &self.deliveries {
            if is_word(delivery.status.get()?, "Failure") {
                let error = delivery.error.as_ref().map(|code| format!(" ({code})")).unwrap_or_default();
                failed.push(format!("{}{error}", delivery.what));
            }
        }
        if failed.is_empty() {
            return Ok(None);
        }
        let seen = format!("delivery failed: {}", failed.join(", "));
        let place = format!("{} {}", Self::TYPE, self.name);
        Ok(Some(Finding::new(DELIVERY_FAILING, seen, "deliveries that arrive", place)))
    }
}

/// No delivery channel, or one whose last delivery failed.
pub(crate) fn failing(channels: &Known<Vec<DeliveryChannel>>) -> Decided {
    let channels = channels.get()?;
    if channels.is_empty() {
        let (seen, wanted) = ("there is no delivery channel", "one that delivers to a bucket");
        return Ok(vec![Finding::new(DELIVERY_FAILING, seen, wanted, DeliveryChannel::TYPE)]);
    }
    found_or_missing(channels.iter().map(DeliveryChannel::failing))
}

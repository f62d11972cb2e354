//! What AWS Config does not know, or does not record here.

use std::fmt::Debug;

use aws_sdk_config::primitives::{DateTime, DateTimeFormat};
use config_rule::{BoxFuture, Documents, Known, Selector};
use serde_json::Value;

use crate::clients::Session;
use crate::inventory::LookupError;

/// A service that knows resources which AWS Config does not know or does not record. It is asked only for those, and
/// answers with documents in the shape that AWS Config would have recorded, if there is one.
///
/// Within one invocation every question is asked once, and those that a rule asks together at the same time. On a
/// schedule, [`Selector::All`] is asked first: evidence that has a whole type at hand spares a question for each
/// resource, and evidence that has not answers [`Known::Unknown`] and is asked for each.
pub trait Evidence: Debug + Send + Sync {
    /// The resource types that it answers for.
    fn types(&self) -> &'static [&'static str];

    /// Whether it knows its types better than AWS Config's items do, which are then not asked for at all. A recorder
    /// that has stopped does not record that it has stopped.
    fn comes_before_config(&self) -> bool {
        false
    }

    /// The existing resources of a type that `selector` selects. An empty list is a promise that there is none;
    /// [`Known::Unknown`] is for what this evidence cannot say.
    ///
    /// # Errors
    ///
    /// [`LookupError`] where a call failed; a denied one is permanent, and whoever set the function's role must act.
    fn find<'a>(
        &'a self,
        session: Session<'a>,
        resource_type: &'a str,
        selector: Selector<'a>,
    ) -> BoxFuture<'a, Result<Known<Documents>, LookupError>>;
}

/// JSON without the members that an SDK's answer has only because the service could have sent them.
#[must_use]
pub fn as_on_the_wire(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let sent = members.into_iter().filter(|(_, value)| !value.is_null());
            sent.map(|(key, value)| (key, as_on_the_wire(value))).collect()
        }
        Value::Array(elements) => elements.into_iter().map(as_on_the_wire).collect(),
        other => other,
    }
}

/// The spelling of times in configuration items.
#[must_use]
pub fn iso_8601(time: &DateTime) -> Option<String> {
    time.fmt(DateTimeFormat::DateTime).ok()
}

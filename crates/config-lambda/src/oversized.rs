//! Fetches the item that was too large for its notification.

use aws_sdk_config::primitives::DateTime;
use aws_sdk_config::types::ResourceType;
use config_rule::Document;

use crate::clients::Session;
use crate::error::{CallError, InvocationError};
use crate::inventory::items;
use crate::notification::Change;

/// The item as it was when the change was recorded; by now there may be newer ones.
pub(crate) async fn inflate(session: Session<'_>, change: &Change) -> Result<Document, InvocationError> {
    let summary = &change.document;
    let lost = |source| InvocationError::EvidenceUnavailable {
        evidence: format!(
            "the configuration item of {} `{}` at {}",
            summary.resource_type, summary.resource_id, change.captured
        ),
        source,
    };
    let mut next_token = None;
    loop {
        let answer = session
            .config()
            .get_resource_config_history()
            .resource_type(ResourceType::from(summary.resource_type.as_str()))
            .resource_id(&summary.resource_id)
            .later_time(DateTime::from_millis(change.captured.as_millisecond()))
            .limit(1)
            .set_next_token(next_token)
            .customize()
            .config_override(session.within_the_deadline())
            .send()
            .await
            .map_err(|error| lost(CallError::new("GetResourceConfigHistory", &error).into()))?;
        if let Some(item) = answer.configuration_items().first() {
            return Document::from_item(items::of_history(item)).map_err(|error| lost(error.into()));
        }
        // A call looks at seven days at most and may find none in them while there are more.
        next_token = answer.next_token;
        if next_token.is_none() {
            return Err(lost("the history holds no item up to that time".into()));
        }
    }
}

//! Resources of types that queries do not see: listed, then fetched by their ids.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_config::types::{ResourceKey, ResourceType};
use config_rule::{Document, Selector};

use super::{LookupError, items};
use crate::clients::Session;
use crate::error::CallError;

/// The most resources per page, and the most keys per call.
///
/// Source: AWS Config API Reference, `ListDiscoveredResources`, `limit`; `BatchGetResourceConfig`, `resourceKeys`.
const PAGE: i32 = 100;
const BATCH: usize = 100;

/// How often keys that were left unprocessed are asked for again, and the pause before the first time; it doubles.
const ROUNDS: u32 = 6;
const PAUSE: Duration = Duration::from_millis(100);

/// The resources of a type, as far as `selector` can be told to the API.
pub(super) async fn documents(
    session: Session<'_>,
    resource_type: &str,
    selector: Selector<'_>,
) -> Result<Vec<Document>, LookupError> {
    let ids = listed_ids(session, resource_type, selector).await?;
    let resource_type = ResourceType::from(resource_type);
    let mut keys = Vec::with_capacity(ids.len());
    for id in ids {
        let key = ResourceKey::builder().resource_type(resource_type.clone()).resource_id(id).build();
        keys.push(key.map_err(|source| LookupError::Item {
            operation: "ListDiscoveredResources",
            source: source.into(),
        })?);
    }
    let mut documents = Vec::with_capacity(keys.len());
    for batch in keys.chunks(BATCH) {
        fetch(session, batch.to_vec(), &mut documents).await?;
    }
    Ok(documents)
}

async fn listed_ids(
    session: Session<'_>,
    resource_type: &str,
    selector: Selector<'_>,
) -> Result<BTreeSet<String>, CallError> {
    let (only_ids, only_name) = match selector {
        Selector::Id(id) => (Some(vec![id.to_owned()]), None),
        Selector::Named(name) => (None, Some(name.to_owned())),
        // Neither ARNs nor references can be told to the API.
        Selector::All | Selector::Arn(_) | Selector::ReferringTo(_) => (None, None),
    };
    let mut ids = BTreeSet::new();
    let mut next_token = None;
    loop {
        let answer = session
            .config()
            .list_discovered_resources()
            .resource_type(ResourceType::from(resource_type))
            .set_resource_ids(only_ids.clone())
            .set_resource_name(only_name.clone())
            .limit(PAGE)
            .set_next_token(next_token)
            .customize()
            .config_override(session.within_the_deadline())
            .send()
            .await
            .map_err(|error| CallError::new("ListDiscoveredResources", &error))?;
        let identifiers = answer.resource_identifiers.unwrap_or_default();
        ids.extend(identifiers.into_iter().filter_map(|identifier| identifier.resource_id));
        next_token = answer.next_token;
        if next_token.is_none() {
            return Ok(ids);
        }
    }
}

/// Fetches one batch; under load AWS Config leaves keys unprocessed although the call succeeds.
async fn fetch(
    session: Session<'_>,
    mut keys: Vec<ResourceKey>,
    documents: &mut Vec<Document>,
) -> Result<(), LookupError> {
    let operation = "BatchGetResourceConfig";
    for round in 0..ROUNDS {
        if 0 < round {
            tokio::time::sleep(PAUSE * 2_u32.saturating_pow(round - 1)).await;
        }
        let answer = session
            .config()
            .batch_get_resource_config()
            .set_resource_keys(Some(keys))
            .customize()
            .config_override(session.within_the_deadline())
            .send()
            .await
            .map_err(|error| CallError::new(operation, &error))?;
        for item in answer.base_configuration_items() {
            let document = Document::from_item(items::of_batch(item))
                .map_err(|source| LookupError::Item { operation, source: source.into() })?;
            documents.push(document);
        }
        keys = answer.unprocessed_resource_keys.unwrap_or_default();
        if keys.is_empty() {
            return Ok(());
        }
    }
    let source = format!("{} keys were left unprocessed {ROUNDS} times", keys.len()).into();
    Err(LookupError::Call(CallError::Unanswered { operation, source }))
}

//! Resources as AWS Config has recorded them.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use config_rule::{Document, Known, Selector, reference_paths};
use tokio::sync::{Mutex, OnceCell};

use super::recorded::{self, Recorded};
use super::{Breadth, LookupError, discover, not_recorded, select};
use crate::clients::Session;

/// AWS Config's items, for the length of one invocation.
#[derive(Debug)]
pub(super) struct RecordedItems<'a> {
    session: Session<'a>,
    breadth: Breadth,
    recorded: OnceCell<Recorded>,
    /// What could not be fetched is not asked for again: it would fail for each of a thousand resources.
    whole_types: Mutex<BTreeMap<String, Result<Found, Arc<LookupError>>>>,
}

/// What a look-up has found.
#[derive(Debug)]
struct Found {
    documents: Vec<Document>,
    /// Items that were listed and fetched do not say what they refer to, except in their own properties.
    has_relationships: bool,
}

impl<'a> RecordedItems<'a> {
    pub(super) fn new(session: Session<'a>, breadth: Breadth) -> Self {
        Self { session, breadth, recorded: OnceCell::new(), whole_types: Mutex::default() }
    }

    pub(super) async fn find(
        &self,
        resource_type: &str,
        selector: Selector<'_>,
    ) -> Result<Known<Vec<Document>>, Arc<LookupError>> {
        if !recorded::is_known_to_config(resource_type) {
            return Ok(not_recorded(resource_type));
        }
        let found = match self.breadth {
            Breadth::AsAsked => self.fetched(resource_type, selector).await.map_err(Arc::new),
            Breadth::WholeTypes => self.chosen_from_all(resource_type, selector).await,
        };
        let found = match found {
            Ok(found) => found,
            Err(error) => match &*error {
                LookupError::Call(call) if call.says_there_is_no_recorder() => {
                    return Ok(not_recorded(resource_type));
                }
                _ => return Err(error),
            },
        };
        let needs_relationships =
            matches!(selector, Selector::ReferringTo(_)) && reference_paths(resource_type).is_empty();
        if needs_relationships && !found.has_relationships {
            return Ok(not_recorded(&format!("what {resource_type} refers to")));
        }
        // Nothing found is a promise that there is nothing, which only a recorder can give.
        if found.documents.is_empty() && !self.recorded().await?.includes(resource_type) {
            return Ok(not_recorded(resource_type));
        }
        Ok(Known::Value(found.documents))
    }

    /// What `selector` selects from the whole type, which is fetched once.
    async fn chosen_from_all(
        &self,
        resource_type: &str,
        selector: Selector<'_>,
    ) -> Result<Found, Arc<LookupError>> {
        let mut whole_types = self.whole_types.lock().await;
        let all = match whole_types.entry(resource_type.to_owned()) {
            Entry::Occupied(fetched) => fetched.into_mut(),
            Entry::Vacant(unknown) => {
                unknown.insert(self.fetched(resource_type, Selector::All).await.map_err(Arc::new))
            }
        };
        let all = all.as_ref().map_err(Arc::clone)?;
        let chosen = all.documents.iter().filter(|document| selector.selects(document)).cloned();
        Ok(Found { documents: chosen.collect(), has_relationships: all.has_relationships })
    }

    async fn fetched(&self, resource_type: &str, selector: Selector<'_>) -> Result<Found, LookupError> {
        let mut has_relationships = select::is_queryable(resource_type);
        let mut documents = if has_relationships {
            select::documents(self.session, resource_type, selector).await?
        } else {
            discover::documents(self.session, resource_type, selector).await?
        };
        // Queries have been seen to leave out recorded types altogether. Listing finds those, but only a question about
        // all of them is worth the calls.
        let is_doubtful = has_relationships && documents.is_empty() && selector == Selector::All;
        if is_doubtful && self.recorded().await?.includes(resource_type) {
            documents = discover::documents(self.session, resource_type, selector).await?;
            has_relationships = documents.is_empty();
        }
        // Queries match the members of lists independently of each other, and an unsafe value is not asked for at all.
        documents
            .retain(|document| document.status.reason_not_to_judge().is_none() && selector.selects(document));
        Ok(Found { documents, has_relationships })
    }

    async fn recorded(&self) -> Result<&Recorded, LookupError> {
        Ok(self.recorded.get_or_try_init(|| Recorded::ask(self.session)).await?)
    }
}

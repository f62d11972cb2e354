//! Other resources, as AWS Config knows them.

mod discover;
pub(crate) mod items;
mod recorded;
mod select;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::error::Error;

use config_rule::{
    BoxFuture, Document, Inventory, InventoryError, Known, Missing, Selector, reference_paths,
};
use tokio::sync::{Mutex, OnceCell};

use crate::clients::Session;
use crate::error::CallError;
use recorded::Recorded;

/// AWS Config as a rule's inventory, for the length of one invocation.
#[derive(Debug)]
pub(crate) struct AwsInventory<'a> {
    session: Session<'a>,
    breadth: Breadth,
    recorded: OnceCell<Recorded>,
    whole_types: Mutex<BTreeMap<String, Found>>,
}

/// What a look-up has found.
#[derive(Debug)]
struct Found {
    documents: Vec<Document>,
    /// Items that were listed and fetched do not say what they refer to, except in their own properties.
    has_relationships: bool,
}

/// How much to fetch at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Breadth {
    /// What is asked for: one resource is judged.
    AsAsked,
    /// The whole type, once: so many resources are judged that asking for each would be throttled.
    WholeTypes,
}

impl<'a> AwsInventory<'a> {
    pub(crate) fn new(session: Session<'a>, breadth: Breadth) -> Self {
        Self { session, breadth, recorded: OnceCell::new(), whole_types: Mutex::default() }
    }

    async fn answer(
        &self,
        resource_type: &str,
        selector: Selector<'_>,
    ) -> Result<Known<Vec<Document>>, LookupError> {
        let not_recorded = || Known::Unknown(Missing::NotRecorded { what: resource_type.to_owned() });
        if !recorded::is_known_to_config(resource_type) {
            return Ok(not_recorded());
        }
        let found = match self.breadth {
            Breadth::AsAsked => self.fetched(resource_type, selector).await,
            Breadth::WholeTypes => self.chosen_from_all(resource_type, selector).await,
        };
        let found = match found {
            Ok(found) => found,
            Err(LookupError::Call(error)) if error.says_there_is_no_recorder() => return Ok(not_recorded()),
            Err(error) => return Err(error),
        };
        let needs_relationships =
            matches!(selector, Selector::ReferringTo(_)) && reference_paths(resource_type).is_empty();
        if needs_relationships && !found.has_relationships {
            let what = format!("what {resource_type} refers to");
            return Ok(Known::Unknown(Missing::NotRecorded { what }));
        }
        // Nothing found is a promise that there is nothing, which only a recorder can give.
        if found.documents.is_empty() && !self.recorded().await?.includes(resource_type) {
            return Ok(not_recorded());
        }
        Ok(Known::Value(found.documents))
    }

    /// What `selector` selects from the whole type, which is fetched once.
    async fn chosen_from_all(
        &self,
        resource_type: &str,
        selector: Selector<'_>,
    ) -> Result<Found, LookupError> {
        let mut whole_types = self.whole_types.lock().await;
        let all = match whole_types.entry(resource_type.to_owned()) {
            Entry::Occupied(fetched) => fetched.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(self.fetched(resource_type, Selector::All).await?),
        };
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

impl Inventory for AwsInventory<'_> {
    fn find<'b>(
        &'b self,
        resource_type: &'b str,
        selector: Selector<'b>,
    ) -> BoxFuture<'b, Result<Known<Vec<Document>>, InventoryError>> {
        Box::pin(async move {
            self.answer(resource_type, selector).await.map_err(|error| InventoryError {
                question: question(resource_type, selector),
                is_permanent: matches!(&error, LookupError::Call(call) if call.is_denied()),
                source: error.into(),
            })
        })
    }
}

/// Why a look-up has no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LookupError {
    /// A call failed.
    #[error(transparent)]
    Call(#[from] CallError),
    /// An answer cannot be read.
    #[error("`{operation}` answered with something that is no configuration item")]
    Item { operation: &'static str, source: Box<dyn Error + Send + Sync> },
}

fn question(resource_type: &str, selector: Selector<'_>) -> String {
    match selector {
        Selector::All => format!("which {resource_type} there are"),
        Selector::Id(id) => format!("which {resource_type} has the id `{id}`"),
        Selector::Named(name) => format!("which {resource_type} is named `{name}`"),
        Selector::ReferringTo(id) => format!("which {resource_type} refers to `{id}`"),
    }
}

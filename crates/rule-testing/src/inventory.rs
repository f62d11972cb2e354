use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use config_rule::{BoxFuture, Document, Documents, Inventory, InventoryError, Known, Missing, Selector};

/// The inventory of an account that holds exactly these items.
#[derive(Clone, Debug)]
pub struct ItemsInventory {
    documents: Vec<Arc<Document>>,
    recorded_types: Vec<String>,
    asked: Arc<Mutex<BTreeSet<String>>>,
}

impl ItemsInventory {
    /// An account with these items, in which the types of the items and `recorded_types` are recorded and no others.
    #[must_use]
    pub fn new(documents: Vec<Document>, recorded_types: impl IntoIterator<Item = String>) -> Self {
        let documents = documents.into_iter().map(Arc::new).collect();
        Self { documents, recorded_types: recorded_types.into_iter().collect(), asked: Arc::default() }
    }

    /// The types that were asked for.
    #[must_use]
    pub fn asked(&self) -> BTreeSet<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Inventory for ItemsInventory {
    fn find<'a>(
        &'a self,
        resource_type: &'a str,
        selector: Selector<'a>,
    ) -> BoxFuture<'a, Result<Known<Documents>, InventoryError>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(resource_type.to_owned());
        let of_type =
            || self.documents.iter().filter(move |document| document.resource_type == resource_type);
        let is_recorded = of_type().next().is_some()
            || self.recorded_types.iter().any(|recorded| recorded == resource_type);
        let found = if is_recorded {
            let exists = |document: &&Arc<Document>| document.status.reason_not_to_judge().is_none();
            Known::Value(
                of_type().filter(exists).filter(|document| selector.selects(document)).cloned().collect(),
            )
        } else {
            Known::Unknown(Missing::NotRecorded { what: resource_type.to_owned() })
        };
        Box::pin(std::future::ready(Ok(found)))
    }
}

/// What `future` gives. For futures over [`ItemsInventory`], which never wait.
///
/// # Panics
///
/// If it waits: nothing here would wake it.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the rule waits for something other than the inventory"),
    }
}

use std::any::Any;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::document::Document;
use crate::inventory::Selector;
use crate::rule::Subject;

/// The documents that answer a question. Clones share them, and whatever was read from all of them.
#[derive(Clone, Default)]
pub struct Documents {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    documents: Vec<Arc<Document>>,
    index: OnceLock<Index>,
    views: Mutex<Vec<Arc<dyn Any + Send + Sync>>>,
}

/// Something that is read from all documents of an answer at once: their typed views, or an index of these.
///
/// A rule that judges a thousand resources by the same answer reads it once: see [`Documents::view`].
pub trait View: Send + Sync + 'static {
    /// The view of `documents`.
    fn of(documents: &Documents) -> Self;
}

/// The typed views of those documents that have one, in the order of their ids: inventories answer in any order, but the
/// same account should always read the same.
impl<S: Subject + 'static> View for Vec<S> {
    fn of(documents: &Documents) -> Self {
        let mut sorted: Vec<_> = documents.iter().collect();
        sorted.sort_by(|one, other| one.resource_id.cmp(&other.resource_id));
        sorted.into_iter().filter_map(S::read).collect()
    }
}

impl Documents {
    /// The documents, in the order of the answer.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Document> {
        self.shared.documents.iter().map(Arc::as_ref)
    }

    /// The same, for whoever keeps some of them.
    #[must_use]
    pub fn shared(&self) -> impl ExactSizeIterator<Item = &Arc<Document>> {
        self.shared.documents.iter()
    }

    /// The first of them.
    #[must_use]
    pub fn first(&self) -> Option<&Document> {
        self.iter().next()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shared.documents.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shared.documents.is_empty()
    }

    /// Those that `selector` selects. The first question makes an index, so that asking for the neighbours of each
    /// resource does not take a time that grows with the square of the account.
    #[must_use]
    pub fn selected(&self, selector: Selector<'_>) -> Self {
        if selector == Selector::All {
            return self.clone();
        }
        let index = self.shared.index.get_or_init(|| Index::of(&self.shared.documents));
        let candidates = index.places(selector).filter_map(|place| self.shared.documents.get(place));
        candidates.filter(|document| selector.selects(document)).cloned().collect()
    }

    /// What `V` reads from them; it is read once for all clones.
    #[must_use]
    pub fn view<V: View>(&self) -> Arc<V> {
        let known = self.views().iter().find_map(|view| Arc::clone(view).downcast().ok());
        known.unwrap_or_else(|| {
            // Not under the lock: a view may read another one. Two that are read at the same time are alike.
            let view = Arc::new(V::of(self));
            self.views().push(Arc::clone(&view) as _);
            view
        })
    }

    fn views(&self) -> MutexGuard<'_, Vec<Arc<dyn Any + Send + Sync>>> {
        self.shared.views.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FromIterator<Arc<Document>> for Documents {
    fn from_iter<I: IntoIterator<Item = Arc<Document>>>(documents: I) -> Self {
        let shared = Shared { documents: documents.into_iter().collect(), ..Shared::default() };
        Self { shared: Arc::new(shared) }
    }
}

impl FromIterator<Document> for Documents {
    fn from_iter<I: IntoIterator<Item = Document>>(documents: I) -> Self {
        documents.into_iter().map(Arc::new).collect()
    }
}

impl PartialEq for Documents {
    fn eq(&self, other: &Self) -> bool {
        self.shared.documents == other.shared.documents
    }
}

impl fmt::Debug for Documents {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.documents.fmt(formatter)
    }
}

/// Where to look for what a selector may select. It knows hashes and no texts, which would be a copy of many a document;
/// so it narrows, and [`Selector::selects`] decides.
struct Index {
    hasher: RandomState,
    /// The hashes of all selectors in their order, each with the place of a document that it may select.
    places: Box<[(u64, usize)]>,
}

impl Index {
    fn of(documents: &[Arc<Document>]) -> Self {
        let hasher = RandomState::new();
        let mut places = Vec::new();
        for (place, document) in documents.iter().enumerate() {
            let own = [
                Some(Selector::Id(&document.resource_id)),
                document.resource_name.as_deref().map(Selector::Named),
                document.arn.as_deref().map(Selector::Arn),
            ];
            let others = document.references().into_iter().map(Selector::ReferringTo);
            let selectors = own.into_iter().flatten().chain(others);
            places.extend(selectors.map(|selector| (hasher.hash_one(selector), place)));
        }
        places.sort_unstable();
        // Many a text stands in one document several times.
        places.dedup();
        Self { hasher, places: places.into() }
    }

    fn places(&self, selector: Selector<'_>) -> impl Iterator<Item = usize> {
        let wanted = self.hasher.hash_one(selector);
        let start = self.places.partition_point(|(hash, _)| *hash < wanted);
        let from_start = self.places.get(start..).unwrap_or_default().iter();
        from_start.take_while(move |(hash, _)| *hash == wanted).map(|(_, place)| *place)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ROLE: &str = "arn:aws:iam::111122223333:role/orders";

    #[test]
    fn the_index_finds_what_looking_at_each_document_finds() {
        let functions = functions();
        for selector in [
            Selector::All,
            Selector::Id("a"),
            Selector::Id("orders-a"),
            Selector::Named("orders-a"),
            Selector::Named("a"),
            Selector::Arn("arn:aws:lambda:eu-west-1:111122223333:function:b"),
            Selector::Arn(ROLE),
            Selector::ReferringTo(ROLE),
            Selector::ReferringTo("orders"),
            Selector::ReferringTo("subnet-1"),
            Selector::ReferringTo("a"),
        ] {
            let expected: Vec<_> = functions.iter().filter(|document| selector.selects(document)).collect();
            assert_eq!(functions.selected(selector).iter().collect::<Vec<_>>(), expected, "{selector:?}");
        }
        assert_eq!(functions.selected(Selector::ReferringTo(ROLE)).len(), 2);
    }

    #[test]
    fn what_is_selected_is_shared_and_not_copied() {
        let functions = functions();
        let selected = functions.selected(Selector::Id("a"));
        assert!(std::ptr::eq(functions.first().unwrap(), selected.first().unwrap()));
    }

    #[test]
    fn typed_views_are_read_once_for_all_clones_and_in_the_order_of_ids() {
        let functions = functions();
        let names = functions.view::<Vec<Name>>();
        assert_eq!(*names, [Name("a".to_owned()), Name("b".to_owned()), Name("c".to_owned())]);
        assert!(Arc::ptr_eq(&names, &functions.selected(Selector::All).view()));
        assert_eq!(*functions.view::<Count>(), Count(3));
        assert!(Arc::ptr_eq(&names, &functions.view()));
    }

    #[derive(Debug, PartialEq)]
    struct Name(String);

    impl Subject for Name {
        fn read(document: &Document) -> Option<Self> {
            Some(Self(document.resource_id.clone()))
        }
    }

    #[derive(Debug, PartialEq)]
    struct Count(usize);

    impl View for Count {
        fn of(documents: &Documents) -> Self {
            Self(documents.view::<Vec<Name>>().len())
        }
    }

    fn functions() -> Documents {
        let function = |(id, role): (&str, Option<&str>)| {
            Document::from_item(json!({
                "resourceType": "AWS::Lambda::Function", "resourceId": id, "resourceName": format!("orders-{id}"),
                "ARN": format!("arn:aws:lambda:eu-west-1:111122223333:function:{id}"),
                "relationships": [
                    {"resourceType": "AWS::IAM::Role", "resourceName": "orders", "name": "Is associated with "},
                    {"resourceType": "AWS::EC2::Subnet", "resourceId": "subnet-1", "name": "Is contained in "},
                ],
                "configuration": {"role": role},
            }))
            .unwrap()
        };
        [("a", Some(ROLE)), ("c", Some(ROLE)), ("b", None)].into_iter().map(function).collect()
    }
}

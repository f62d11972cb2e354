//! The configuration items of a run: what AWS Config would have recorded.

mod agreement;
mod answers;
mod authorization_details;
mod census;
mod content;
mod file;
mod gathered;
mod load;
mod pages;
mod pieces;
mod places;
mod scan;
mod scope;
mod state_id;
mod workers;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use config_rule::{Document, Timestamp};

pub(crate) use answers::{AnswerKind, Answers};
use census::Census;
pub use content::{MAX_DOCUMENT_BYTES, MAX_ITEM_BYTES};
pub use file::{MAX_FILE_BYTES, MAX_PACKING_RATIO};
pub use load::{FILE_ENDINGS, ItemProblem, LoadError, Loaded, MAX_PROBLEMS_OF_A_FILE, load, load_wanted};
pub use pieces::KeptOf;
pub use scope::{DEFAULT_ACCOUNT_ID, DEFAULT_REGION, GLOBAL, Scope};
use state_id::StateId;

/// All items, with their history. The newest item of a resource is its current one.
#[derive(Debug, Default)]
pub struct ConfigurationItems {
    /// Sorted by account, Region, type, id and then newest first, so that a scope, a type and a resource's history
    /// each are one slice.
    documents: Vec<Arc<Document>>,
    /// Items that nobody wanted: they count, but are not there.
    census: Census,
    /// See [`ConfigurationItems::scopes`].
    scopes: Vec<Scope>,
    /// The Region in which each account records what is global.
    home_regions: BTreeMap<String, String>,
    recorded_at: Option<Timestamp>,
    /// AWS-managed policies, which are no items.
    managed_policies: Vec<Document>,
    /// Accounts and types of IAM of which the input holds everything.
    complete: BTreeSet<(String, String)>,
    /// Types of which the input lacks some items.
    incomplete: BTreeSet<String>,
    answers: Answers,
}

impl ConfigurationItems {
    /// The items of `documents`, of which later ones replace earlier ones of the same resource and capture time.
    /// Accounts and Regions that documents lack are filled in: see [`DEFAULT_ACCOUNT_ID`].
    #[must_use]
    pub fn from_documents(mut documents: Vec<Document>) -> Self {
        let census = Census::default();
        scope::fill_in(documents.iter_mut(), &census);
        let documents = documents.into_iter().map(|document| (Arc::new(document), ()));
        let (items, _contradicted) = Self::folded(documents, census, |()| None);
        items
    }

    /// The items of complete documents, and the origin of each that another of the same capture time contradicts. Of two
    /// that AWS Config has ordered, the later one is what the resource is like, and the other no contradiction.
    fn folded<Origin>(
        documents: impl Iterator<Item = (Arc<Document>, Origin)>,
        census: Census,
        state_id: impl Fn(&Origin) -> Option<StateId>,
    ) -> (Self, Vec<(Arc<Document>, Origin)>) {
        let mut documents: Vec<_> = documents.collect();
        // Those that nobody has ordered come first, in the order of the input.
        documents.sort_by(|(one, of_one), (other, of_other)| {
            order(one).cmp(&order(other)).then_with(|| state_id(of_one).cmp(&state_id(of_other)))
        });
        let is_ordered = |one: &Origin, other: &Origin| match (state_id(one), state_id(other)) {
            (Some(one), Some(other)) => one != other,
            _ => false,
        };

        let mut contradicted = Vec::new();
        let mut kept: Vec<(Arc<Document>, Origin)> = Vec::with_capacity(documents.len());
        for (document, origin) in documents {
            match kept.last_mut() {
                Some((earlier, earlier_origin)) if order(earlier) == order(&document) => {
                    if is_ordered(earlier_origin, &origin) {
                        *earlier = document;
                        *earlier_origin = origin;
                    } else if !agreement::agree(earlier, &document) {
                        let earlier = std::mem::replace(earlier, document);
                        contradicted.push((earlier, std::mem::replace(earlier_origin, origin)));
                    } else if !agreement::says_more(earlier, &document) {
                        *earlier = document;
                        *earlier_origin = origin;
                    }
                }
                _ => kept.push((document, origin)),
            }
        }

        let documents: Vec<_> = kept.into_iter().map(|(document, _)| document).collect();
        let recorded_at = documents.iter().filter_map(|document| document.capture_time).max();
        let recorded_at = recorded_at.max(census.recorded_at());
        let home_regions = scope::home_regions(current(&documents).map(Arc::as_ref), &census);
        let mut items = Self { documents, census, home_regions, recorded_at, ..Self::default() };
        items.scopes = items.scopes_of_items();
        (items, contradicted)
    }

    /// The newest capture time of all items.
    #[must_use]
    pub fn recorded_at(&self) -> Option<Timestamp> {
        self.recorded_at
    }

    /// How many items there are, history and unwanted ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.documents.len() + self.census.items()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Every account and Region that has items or an output of AWS Config's other commands, sorted. Global items belong
    /// to their account's home Region.
    #[must_use]
    pub fn scopes(&self) -> Vec<Scope> {
        self.scopes.clone()
    }

    fn scopes_of_items(&self) -> Vec<Scope> {
        let of_documents = self
            .documents
            .chunk_by(|one, other| (&one.account_id, &one.region) == (&other.account_id, &other.region))
            .filter_map(|items| Some(Scope::of(items.first()?)));
        let mut scopes: Vec<_> = of_documents
            .chain(self.census.scopes().cloned())
            .map(|scope| if scope.region == GLOBAL { self.home(&scope.account_id) } else { scope })
            .collect();
        scopes.sort();
        scopes.dedup();
        scopes
    }

    fn with_answers(mut self, answers: Answers) -> Self {
        self.scopes.extend(answers.scopes().cloned());
        self.scopes.sort();
        self.scopes.dedup();
        Self { answers, ..self }
    }

    /// Whether items of a type were left out when the input was [loaded](load_wanted), so that nothing is known of them.
    pub(crate) fn leaves_out(&self, resource_type: &str) -> bool {
        self.census.has(resource_type)
    }

    /// Whether the input says that it does not hold all items of a type, so that one which it does not hold may exist.
    pub(crate) fn lacks_some_of(&self, account_id: &str, resource_type: &str) -> bool {
        self.incomplete.contains(resource_type) && !self.has_all_of(account_id, resource_type)
    }

    /// The types of which the input lacks items of an account.
    pub(crate) fn incomplete_types(&self, account_id: &str) -> impl Iterator<Item = &str> {
        let types = self.incomplete.iter().map(String::as_str);
        types.filter(move |resource_type| !self.has_all_of(account_id, resource_type))
    }

    /// The current items that a rule deployed in `scope` is told of, deleted ones among them.
    ///
    /// Those of the Region, and in the account's home Region the global ones (IAM): AWS records these in every Region
    /// that is set up so, but recommends one, and one result for each is what a reader wants. The home Region is the
    /// one with the most resources; of equals the first by name.
    pub fn subjects<'a>(&'a self, scope: &Scope) -> impl Iterator<Item = &'a Arc<Document>> + use<'a> {
        let global = if self.home(&scope.account_id) == *scope { self.of_global(scope) } else { &[] };
        current(self.of_region(scope)).chain(current(global))
    }

    /// The items that an inventory or a query in `scope` sees: current ones of existing, recorded resources of the
    /// Region, and the account's global ones.
    pub fn visible<'a>(&'a self, scope: &Scope) -> impl Iterator<Item = &'a Document> + use<'a> {
        existing(self.of_region(scope)).chain(existing(self.of_global(scope))).map(Arc::as_ref)
    }

    /// The [visible](Self::visible) items of one type.
    pub fn visible_of_type<'a>(
        &'a self,
        scope: &Scope,
        resource_type: &str,
    ) -> impl Iterator<Item = &'a Arc<Document>> + use<'a> {
        let of_type = |items: &'a [Arc<Document>]| {
            slice(items, |document| document.resource_type.as_str().cmp(resource_type))
        };
        existing(of_type(self.of_region(scope))).chain(existing(of_type(self.of_global(scope))))
    }

    /// All items of one resource of the scope's Region, or of a global one, newest first.
    #[must_use]
    pub fn history<'a>(&'a self, scope: &Scope, resource_type: &str, resource_id: &str) -> Vec<&'a Document> {
        let of_resource = |items: &'a [Arc<Document>]| {
            slice(items, |document| {
                (document.resource_type.as_str(), document.resource_id.as_str())
                    .cmp(&(resource_type, resource_id))
            })
        };
        let (own, global) = (of_resource(self.of_region(scope)), of_resource(self.of_global(scope)));
        own.iter().chain(global).map(Arc::as_ref).collect()
    }

    /// The types that any item of the Region, or any global one of the account, is of; sorted.
    #[must_use]
    pub fn resource_types(&self, scope: &Scope) -> Vec<&str> {
        let global = Scope { account_id: scope.account_id.clone(), region: GLOBAL.to_owned() };
        let mut types: Vec<_> = self
            .of_region(scope)
            .chunk_by(|one, other| one.resource_type == other.resource_type)
            .chain(self.of_global(scope).chunk_by(|one, other| one.resource_type == other.resource_type))
            .filter_map(|items| Some(items.first()?.resource_type.as_str()))
            .chain(self.census.types(scope))
            .chain(self.census.types(&global))
            .collect();
        types.sort_unstable();
        types.dedup();
        types
    }

    /// What AWS answered to other questions than those for items.
    pub(crate) fn answers(&self) -> &Answers {
        &self.answers
    }

    /// The AWS-managed policy with an ARN, if the input holds its document.
    pub(crate) fn managed_policy(&self, arn: &str) -> Option<&Document> {
        self.managed_policies.iter().find(|policy| policy.arn.as_deref() == Some(arn))
    }

    /// Whether the input holds all resources of a type of IAM that the account has.
    pub(crate) fn has_all_of(&self, account_id: &str, resource_type: &str) -> bool {
        self.complete.iter().any(|(account, complete)| account == account_id && complete == resource_type)
    }

    fn home(&self, account_id: &str) -> Scope {
        let region = self.home_regions.get(account_id).map_or(DEFAULT_REGION, String::as_str);
        Scope { account_id: account_id.to_owned(), region: region.to_owned() }
    }

    fn of_region(&self, scope: &Scope) -> &[Arc<Document>] {
        slice(&self.documents, |document| {
            scope::key(document).cmp(&(scope.account_id.as_str(), scope.region.as_str()))
        })
    }

    fn of_global(&self, scope: &Scope) -> &[Arc<Document>] {
        slice(&self.documents, |document| scope::key(document).cmp(&(scope.account_id.as_str(), GLOBAL)))
    }
}

/// The order in which items are kept; equal for two items of one resource and one capture time.
fn order(document: &Document) -> impl Ord + '_ {
    (scope::key(document), &document.resource_type, &document.resource_id, Reverse(document.capture_time))
}

fn is_same_resource(one: &Document, other: &Document) -> bool {
    scope::key(one) == scope::key(other)
        && one.resource_type == other.resource_type
        && one.resource_id == other.resource_id
}

fn current(items: &[Arc<Document>]) -> impl Iterator<Item = &Arc<Document>> {
    items.chunk_by(|one, other| is_same_resource(one, other)).filter_map(<[_]>::first)
}

fn existing(items: &[Arc<Document>]) -> impl Iterator<Item = &Arc<Document>> {
    current(items).filter(|document| document.status.reason_not_to_judge().is_none())
}

/// The part of sorted items that `compare` finds equal.
fn slice(items: &[Arc<Document>], compare: impl Fn(&Document) -> std::cmp::Ordering) -> &[Arc<Document>] {
    let start = items.partition_point(|document| compare(document).is_lt());
    let rest = items.get(start..).unwrap_or_default();
    rest.get(..rest.partition_point(|document| compare(document).is_le())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use config_rule::DocumentError;
    use serde_json::json;

    use super::*;

    const EARLY: &str = "2026-10-01T08:00:00.000Z";
    const LATE: &str = "2026-10-02T08:00:00.000Z";

    #[test]
    fn the_newest_item_is_the_current_one_whatever_the_order() -> Result<(), DocumentError> {
        let (early, late) = (item("eu-west-1", "orders", EARLY)?, item("eu-west-1", "orders", LATE)?);
        for documents in [vec![early.clone(), late.clone()], vec![late.clone(), early.clone()]] {
            let items = ConfigurationItems::from_documents(documents);
            let scope = scope("eu-west-1");
            assert_eq!(items.visible(&scope).collect::<Vec<_>>(), [&late]);
            assert_eq!(items.history(&scope, "AWS::Lambda::Function", "orders"), [&late, &early]);
            assert_eq!(items.recorded_at(), late.capture_time);
        }
        Ok(())
    }

    #[test]
    fn a_deleted_resource_is_told_of_but_not_seen() -> Result<(), DocumentError> {
        let mut deleted = item("eu-west-1", "orders", LATE)?;
        deleted.status = config_rule::ItemStatus::ResourceDeleted;
        let items =
            ConfigurationItems::from_documents(vec![item("eu-west-1", "orders", EARLY)?, deleted.clone()]);
        assert_eq!(items.subjects(&scope("eu-west-1")).collect::<Vec<_>>(), [&Arc::new(deleted)]);
        assert_eq!(items.visible(&scope("eu-west-1")).count(), 0);
        Ok(())
    }

    #[test]
    fn global_items_are_told_of_in_the_home_region_and_seen_in_all() -> Result<(), DocumentError> {
        let mut role = item(GLOBAL, "AROA", EARLY)?;
        role.resource_type = "AWS::IAM::Role".to_owned();
        let items = ConfigurationItems::from_documents(vec![
            item("us-east-1", "a", EARLY)?,
            item("eu-west-1", "b", EARLY)?,
            item("eu-west-1", "c", EARLY)?,
            role.clone(),
        ]);
        let (home, other) = (scope("eu-west-1"), scope("us-east-1"));
        assert_eq!(items.scopes(), [home.clone(), other.clone()]);
        assert_eq!((items.subjects(&home).count(), items.subjects(&other).count()), (3, 1));
        assert_eq!((items.visible(&home).count(), items.visible(&other).count()), (3, 2));
        assert_eq!(items.history(&other, "AWS::IAM::Role", "AROA"), [&role]);
        assert_eq!(items.resource_types(&other), ["AWS::IAM::Role", "AWS::Lambda::Function"]);
        Ok(())
    }

    #[test]
    fn of_regions_with_equally_many_resources_the_first_by_name_is_home() -> Result<(), DocumentError> {
        let role = item(GLOBAL, "AROA", EARLY)?;
        let (one, other) = (item("us-east-1", "a", EARLY)?, item("eu-west-1", "b", EARLY)?);
        let items = ConfigurationItems::from_documents(vec![one, other, role]);
        assert_eq!(items.subjects(&scope("eu-west-1")).count(), 2);
        assert_eq!(items.subjects(&scope("us-east-1")).count(), 1);
        Ok(())
    }

    #[test]
    fn an_account_with_nothing_but_iam_has_a_home() -> Result<(), DocumentError> {
        let items = ConfigurationItems::from_documents(vec![item(GLOBAL, "AROA", EARLY)?]);
        assert_eq!(items.scopes(), [scope(DEFAULT_REGION)]);
        assert_eq!(items.subjects(&scope(DEFAULT_REGION)).count(), 1);
        Ok(())
    }

    #[test]
    fn missing_accounts_and_regions_are_those_of_the_arn_or_of_everything_else() -> Result<(), DocumentError>
    {
        let named = |arn| {
            Document::from_item(
                json!({"resourceType": "AWS::Lambda::Function", "resourceId": "x", "arn": arn}),
            )
        };
        let scopes = |documents| ConfigurationItems::from_documents(documents).scopes();
        assert_eq!(scopes(vec![named("")?, item("eu-west-1", "a", EARLY)?]), [scope("eu-west-1")]);
        assert_eq!(
            scopes(vec![named("arn:aws:lambda:eu-west-3:111122223333:function:x")?]),
            [scope("eu-west-3")]
        );
        let default = Scope { account_id: DEFAULT_ACCOUNT_ID.to_owned(), region: DEFAULT_REGION.to_owned() };
        assert_eq!(scopes(vec![named("")?]), [default]);
        Ok(())
    }

    #[test]
    fn the_fuller_of_two_shapes_is_kept() -> Result<(), DocumentError> {
        let full = item("eu-west-1", "orders", EARLY)?;
        let mut batch = full.clone();
        batch.tags =
            config_rule::Known::Unknown(config_rule::Missing::NotRecorded { what: "tags".to_owned() });
        for documents in [vec![full.clone(), batch.clone()], vec![batch.clone(), full.clone()]] {
            let items = ConfigurationItems::from_documents(documents);
            assert_eq!(items.visible(&scope("eu-west-1")).collect::<Vec<_>>(), [&full]);
        }
        Ok(())
    }

    fn scope(region: &str) -> Scope {
        Scope { account_id: "111122223333".to_owned(), region: region.to_owned() }
    }

    fn item(region: &str, id: &str, captured: &str) -> Result<Document, DocumentError> {
        Document::from_item(json!({
            "resourceType": "AWS::Lambda::Function", "resourceId": id, "awsAccountId": "111122223333",
            "awsRegion": region, "configurationItemStatus": "OK", "configurationItemCaptureTime": captured,
            "configuration": {"functionName": id}, "supplementaryConfiguration": {}, "tags": {},
        }))
    }
}

//! The account and the Region that an item belongs to.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use config_rule::Document;

use super::census::Census;

/// The account of items that name none, where the input does not hold exactly one account.
pub const DEFAULT_ACCOUNT_ID: &str = "000000000000";

/// The Region of items that name none, where the input does not hold exactly one Region.
pub const DEFAULT_REGION: &str = "us-east-1";

/// What AWS Config records as the Region of IAM's resources.
pub const GLOBAL: &str = "global";

/// One account in one Region: what one configuration recorder covers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    /// Twelve digits.
    pub account_id: String,
    /// Region code.
    pub region: String,
}

impl Scope {
    /// Where the resource of `document` is; in Region `global` for IAM.
    #[must_use]
    pub fn of(document: &Document) -> Self {
        let (account_id, region) = key(document);
        Self { account_id: account_id.to_owned(), region: region.to_owned() }
    }
}

/// Account and Region, borrowed.
pub(super) fn key(document: &Document) -> (&str, &str) {
    (
        document.account_id.as_deref().unwrap_or(DEFAULT_ACCOUNT_ID),
        document.region.as_deref().unwrap_or(DEFAULT_REGION),
    )
}

/// The account and the Region that a document names itself, or in its ARN; `None` for what is global.
pub(super) fn own(document: &Document) -> Option<(&str, &str)> {
    let of_arn = |position| arn_part(document.arn.as_deref(), position);
    let region = document.region.as_deref().or_else(|| of_arn(3)).filter(|region| *region != GLOBAL)?;
    Some((document.account_id.as_deref().or_else(|| of_arn(4))?, region))
}

/// Gives every document an account and a Region. The ARN's are the resource's own; else the input's only account and
/// only Region are meant, as in the output of a query that did not select them.
pub(super) fn fill_in<'a>(documents: impl Iterator<Item = &'a mut Document>, census: &Census) {
    let (mut account_ids, mut regions) = (BTreeSet::new(), BTreeSet::new());
    let mut count = |account_id: Option<&str>, region: Option<&str>| {
        for (texts, text) in [(&mut account_ids, account_id), (&mut regions, region)] {
            if let Some(text) = text.filter(|text| *text != GLOBAL && !texts.contains(*text)) {
                texts.insert(text.to_owned());
            }
        }
    };
    let mut incomplete = Vec::new();
    for document in documents {
        fill_in_own(document);
        count(document.account_id.as_deref(), document.region.as_deref());
        if document.account_id.is_none() || document.region.is_none() {
            incomplete.push(document);
        }
    }
    for scope in census.scopes() {
        count(Some(&scope.account_id), Some(&scope.region));
    }

    let account_id = only(account_ids).unwrap_or_else(|| DEFAULT_ACCOUNT_ID.to_owned());
    let region = only(regions).unwrap_or_else(|| DEFAULT_REGION.to_owned());
    for document in incomplete {
        document.account_id.get_or_insert_with(|| account_id.clone());
        document.region.get_or_insert_with(|| region.clone());
    }
}

/// Gives a document the account and the Region that its ARN names, if it has none of its own.
pub(super) fn fill_in_own(document: &mut Document) {
    if document.region.is_none() && document.resource_type.starts_with("AWS::IAM::") {
        document.region = Some(GLOBAL.to_owned());
    }
    let of_arn = |position| arn_part(document.arn.as_deref(), position).map(ToOwned::to_owned);
    document.region = document.region.take().or_else(|| of_arn(3));
    document.account_id = document.account_id.take().or_else(|| of_arn(4));
}

fn arn_part(arn: Option<&str>, position: usize) -> Option<&str> {
    arn?.split(':').nth(position).filter(|part| !part.is_empty())
}

/// The Region with the most resources of each account that has any; of equals the first by name.
pub(super) fn home_regions<'a>(
    current: impl Iterator<Item = &'a Document>,
    census: &'a Census,
) -> BTreeMap<String, String> {
    let mut counts: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    let counted = census
        .sizes()
        .map(|(Scope { account_id, region }, size)| ((account_id.as_str(), region.as_str()), size));
    for ((account_id, region), size) in current.map(|document| (key(document), 1)).chain(counted) {
        if region != GLOBAL {
            *counts.entry(account_id).or_default().entry(region).or_default() += size;
        }
    }
    counts
        .into_iter()
        .filter_map(|(account_id, regions)| {
            let (region, _) = regions.into_iter().min_by_key(|(_, count)| Reverse(*count))?;
            Some((account_id.to_owned(), region.to_owned()))
        })
        .collect()
}

fn only(texts: BTreeSet<String>) -> Option<String> {
    let mut texts = texts.into_iter();
    texts.next().filter(|_| texts.next().is_none())
}

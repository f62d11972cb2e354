//! What AWS answered to other questions than those for configuration items.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use super::places::{Places, only};
use super::{GLOBAL, Scope};
use crate::wire;

/// A list that the output of a command of the AWS CLI holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum AnswerKind {
    /// `aws inspector2 list-coverage`.
    Coverage,
    /// `aws inspector2 list-findings`.
    Findings,
    /// `aws configservice describe-config-rules`.
    ConfigRules,
    /// `aws configservice describe-config-rule-evaluation-status`.
    ConfigRuleStatuses,
    /// `aws configservice describe-configuration-recorders`.
    Recorders,
    /// `aws configservice describe-configuration-recorder-status`.
    RecorderStatuses,
    /// `aws configservice describe-delivery-channels`.
    Channels,
    /// `aws configservice describe-delivery-channel-status`.
    ChannelStatuses,
    /// `aws configservice describe-conformance-packs`.
    ConformancePacks,
    /// `aws configservice describe-conformance-pack-status`.
    ConformancePackStatuses,
    /// `aws cloudformation list-exports`.
    Exports,
    /// `aws organizations list-accounts`.
    Accounts,
    /// `aws organizations list-delegated-administrators`.
    DelegatedAdministrators,
}

impl AnswerKind {
    const ALL: [Self; 13] = [
        Self::Coverage,
        Self::Findings,
        Self::ConfigRules,
        Self::ConfigRuleStatuses,
        Self::Recorders,
        Self::RecorderStatuses,
        Self::Channels,
        Self::ChannelStatuses,
        Self::ConformancePacks,
        Self::ConformancePackStatuses,
        Self::Exports,
        Self::Accounts,
        Self::DelegatedAdministrators,
    ];

    /// The kind whose list stands at a key.
    pub(super) fn at(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }

    /// The key of the list, as AWS spells it.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Coverage => "coveredResources",
            Self::Findings => "findings",
            Self::ConfigRules => "ConfigRules",
            Self::ConfigRuleStatuses => "ConfigRulesEvaluationStatus",
            Self::Recorders => "ConfigurationRecorders",
            Self::RecorderStatuses => "ConfigurationRecordersStatus",
            Self::Channels => "DeliveryChannels",
            Self::ChannelStatuses => "DeliveryChannelsStatus",
            Self::ConformancePacks => "ConformancePackDetails",
            Self::ConformancePackStatuses => "ConformancePackStatusDetails",
            Self::Exports => "Exports",
            Self::Accounts => "Accounts",
            Self::DelegatedAdministrators => "DelegatedAdministrators",
        }
    }

    /// The member by which elements are told apart.
    const fn id(self) -> &'static str {
        match self {
            Self::Coverage => "resourceId",
            Self::Findings => "findingArn",
            Self::ConfigRules | Self::ConfigRuleStatuses => "ConfigRuleName",
            Self::Recorders | Self::RecorderStatuses | Self::Channels | Self::ChannelStatuses => "name",
            Self::ConformancePacks | Self::ConformancePackStatuses => "ConformancePackName",
            Self::Exports => "Name",
            Self::Accounts | Self::DelegatedAdministrators => "Id",
        }
    }

    /// The member whose ARN names account and Region, if AWS puts one there.
    const fn arn(self) -> Option<&'static str> {
        match self {
            Self::Coverage => Some("resourceId"),
            Self::Findings => Some("findingArn"),
            Self::ConfigRules | Self::ConfigRuleStatuses => Some("ConfigRuleArn"),
            Self::Recorders | Self::RecorderStatuses => Some("arn"),
            Self::Channels | Self::ChannelStatuses => None,
            Self::ConformancePacks | Self::ConformancePackStatuses => Some("ConformancePackArn"),
            Self::Exports => Some("ExportingStackId"),
            Self::Accounts | Self::DelegatedAdministrators => Some("Arn"),
        }
    }

    /// How the names of members end that hold times.
    pub(crate) const fn times(self) -> &'static str {
        match self {
            Self::Coverage | Self::Findings => "At",
            Self::Accounts => "Timestamp",
            Self::DelegatedAdministrators => "Date",
            _ => "Time",
        }
    }

    /// An administrator's answers of Amazon Inspector are about all accounts of an organization; those of AWS Config are
    /// about where they were asked.
    const fn tells_where_it_was_asked(self) -> bool {
        !matches!(self, Self::Coverage | Self::Findings) && !self.is_global()
    }

    /// AWS Organizations has no Regions, and its ARNs name the account that the organization belongs to.
    const fn is_global(self) -> bool {
        matches!(self, Self::Accounts | Self::DelegatedAdministrators)
    }
}

/// One element of a list, or `None` for a list that was empty, with where it was found.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) kind: AnswerKind,
    pub(super) element: Option<Value>,
    pub(super) origin: Arc<Path>,
}

impl Found {
    fn named_scope(&self) -> Option<Scope> {
        named_scope(self.kind, self.element.as_ref()?)
    }
}

/// All answers, by account and Region, as on the wire. That a list was there and empty is an answer, too.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    by_kind: BTreeMap<AnswerKind, BTreeMap<Scope, Elements>>,
    /// See [`Answers::without`].
    incomplete: BTreeSet<AnswerKind>,
}

/// By what tells them apart, so that a page that was read twice counts once.
type Elements = BTreeMap<String, Value>;

impl Answers {
    /// Puts answers where they belong: to the account and the Region of an ARN inside, else to those that the input names:
    /// see [`Places::of`]. What cannot be placed, or is none, comes back with what is wrong with it. `places` are those of
    /// the items, and `scopes` the items' where these do not name any.
    pub(super) fn placed(
        found: Vec<Found>,
        mut places: Places,
        scopes: &[Scope],
    ) -> (Self, Vec<(AnswerKind, Arc<Path>, String)>) {
        let is_of_a_place = |found: &&Found| found.kind.tells_where_it_was_asked();
        for answer in found.iter().filter(is_of_a_place) {
            if let Some(Scope { account_id, region }) = answer.named_scope() {
                places.add(&answer.origin, &account_id, &region);
            }
        }
        let unnamed = if places.is_empty() { only_scope(&found, scopes) } else { None };
        let (mut answers, mut problems) = (Self::default(), Vec::new());
        for Found { kind, element, origin } in found {
            let place = places.of(&origin).or(unnamed.as_ref());
            if let Err(problem) = answers.place(kind, element, place) {
                problems.push((kind, origin, problem));
            }
        }
        (answers, problems)
    }

    /// The same, where lists of some kinds lack elements. A question that such a list would answer stays open, wherever it
    /// is asked: nobody says which accounts and Regions the rest of a list is about.
    pub(super) fn without(self, incomplete: BTreeSet<AnswerKind>) -> Self {
        Self { incomplete, ..self }
    }

    fn place(
        &mut self,
        kind: AnswerKind,
        element: Option<Value>,
        only: Option<&Scope>,
    ) -> Result<(), String> {
        let nowhere = || {
            format!(
                "`{}`: expected an ARN with account and Region, or other input of one account and Region in the same \
                 folder, found neither",
                kind.key()
            )
        };
        let Some(element) = element else {
            // An empty list of the organization is about no account.
            if kind.is_global() {
                return Ok(());
            }
            let scope = only.ok_or_else(nowhere)?;
            self.of_scope(kind, scope.clone());
            return Ok(());
        };
        let text = |member: &str| element.get(member).and_then(Value::as_str);
        let id = text(kind.id()).filter(|id| !id.is_empty()).ok_or_else(|| {
            format!("`{}`: expected elements with `{}`, found one without", kind.key(), kind.id())
        })?;
        // Inspector scans the packages and the code of a function, each with an element of its own.
        let id = format!("{id} {}", text("scanType").unwrap_or_default());
        let scope = named_scope(kind, &element).or_else(|| only.cloned()).ok_or_else(nowhere)?;
        let element = wire::with_seconds(element, kind.times());
        self.of_scope(kind, scope).insert(id, element);
        Ok(())
    }

    fn of_scope(&mut self, kind: AnswerKind, scope: Scope) -> &mut Elements {
        self.by_kind.entry(kind).or_default().entry(scope).or_default()
    }

    /// The elements of a scope; `None` if the input does not answer the question there, or not to its end.
    pub(crate) fn get(
        &self,
        kind: AnswerKind,
        scope: &Scope,
    ) -> Option<impl Iterator<Item = &Value> + Clone> {
        let by_scope = self.by_kind.get(&kind).filter(|_| !self.incomplete.contains(&kind))?;
        Some(by_scope.get(scope)?.values())
    }

    /// The elements of a list, wherever they belong, with the account and Region that their ARNs name.
    pub(crate) fn everywhere(&self, kind: AnswerKind) -> impl Iterator<Item = (&Scope, &Value)> {
        let by_scope = self.by_kind.get(&kind).into_iter().flatten();
        by_scope.flat_map(|(scope, elements)| elements.values().map(move |element| (scope, element)))
    }

    /// Every account and Region in which AWS Config was asked.
    pub(super) fn scopes(&self) -> impl Iterator<Item = &Scope> {
        let asked = self.by_kind.iter().filter(|(kind, _)| kind.tells_where_it_was_asked());
        asked.flat_map(|(_, by_scope)| by_scope.keys())
    }
}

/// The only account and Region that items were given which name none; without items, of the answers that may be about
/// many accounts.
fn only_scope(found: &[Found], scopes: &[Scope]) -> Option<Scope> {
    let is_of_a_region = |found: &&Found| !found.kind.is_global();
    let named: Vec<_> = found.iter().filter(is_of_a_region).filter_map(Found::named_scope).collect();
    only(if scopes.is_empty() { &named } else { scopes }).cloned()
}

fn named_scope(kind: AnswerKind, element: &Value) -> Option<Scope> {
    let arn = element.get(kind.arn()?)?.as_str()?;
    let parts: Vec<_> = arn.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", _, _, region, account_id, _] if !region.is_empty() && !account_id.is_empty() => {
            Some(Scope { account_id: (*account_id).to_owned(), region: (*region).to_owned() })
        }
        ["arn", _, _, "", account_id, _] if kind.is_global() && !account_id.is_empty() => {
            Some(Scope { account_id: (*account_id).to_owned(), region: GLOBAL.to_owned() })
        }
        _ => None,
    }
}

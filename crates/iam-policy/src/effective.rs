use std::fmt;
use std::sync::Arc;

use crate::arn;
use crate::condition::Condition;
use crate::coverages::Coverages;
use crate::document::{self, PolicyDocument, Statement};
use crate::element::{ActionPattern, Actions, Resources};
use crate::narrowing::Narrowing;
use crate::reach::{Coverage, ResourceSet};
use crate::table::Action;

/// A policy with what people know it by.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Its name, unique among those of a role and kind.
    pub name: String,
    /// Its ARN; inline policies have none.
    pub arn: Option<String>,
    /// Who wrote it and how it is bound to the role.
    pub kind: PolicyKind,
    /// What it says.
    pub document: PolicyDocument,
}

/// Who wrote a policy and how it is bound to a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyKind {
    /// Part of the role.
    Inline,
    /// Of this account, attached.
    CustomerManaged,
    /// Of AWS, attached.
    AwsManaged,
}

impl Policy {
    /// A policy that is part of a role.
    #[must_use]
    pub fn inline(name: &str, document: PolicyDocument) -> Self {
        Self { name: name.to_owned(), arn: None, kind: PolicyKind::Inline, document }
    }

    /// A managed policy; its ARN says who manages it and, behind the path, its name.
    #[must_use]
    pub fn managed(arn: &str, document: PolicyDocument) -> Self {
        let name = arn.rsplit('/').next().unwrap_or(arn).to_owned();
        let kind = if is_aws_managed(arn) { PolicyKind::AwsManaged } else { PolicyKind::CustomerManaged };
        Self { name, arn: Some(arn.to_owned()), kind, document }
    }
}

/// Whether an ARN is that of an AWS-managed policy: `aws` stands in the account's place.
///
/// Source: IAM User Guide, `access_policies_managed-vs-inline`.
#[must_use]
pub fn is_aws_managed(policy_arn: &str) -> bool {
    arn::account_of(policy_arn) == Some("aws")
}

/// What a role may do: (inline ∪ customer-managed ∪ AWS-managed) ∩ permissions boundary − unconditional Deny.
///
/// A Deny with a condition takes nothing away, since nobody knows here whether the condition holds. Service control
/// policies, session policies and resource-based policies are not looked at.
///
/// Source: IAM User Guide, `reference_policies_evaluation-logic` and `access_policies_boundaries`.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectivePermissions {
    policies: Vec<Arc<Policy>>,
    boundary: Option<Arc<Policy>>,
}

/// One Allow statement of a role's policies, within one Allow statement of its boundary, if it has one.
#[derive(Clone, Copy, Debug)]
pub struct Grant<'a> {
    permissions: &'a EffectivePermissions,
    /// The policy that grants.
    pub policy: &'a Policy,
    /// The statement of it that grants.
    pub statement: &'a Statement,
    /// The boundary's statement that lets it through.
    pub boundary: Option<&'a Statement>,
}

/// Where a grant stands, in words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// The policy's name.
    pub policy: String,
    /// The policy's ARN, of managed ones.
    pub policy_arn: Option<String>,
    /// Who wrote the policy.
    pub kind: PolicyKind,
    /// The statement's `Sid`, where it has one.
    pub sid: Option<String>,
    /// The statement's place in the policy, from 0.
    pub index: usize,
}

impl EffectivePermissions {
    /// The permissions of a role with these policies and, if it has one, this permissions boundary.
    #[must_use]
    pub fn new<P: Into<Arc<Policy>>>(policies: Vec<P>, boundary: Option<P>) -> Self {
        Self { policies: policies.into_iter().map(Into::into).collect(), boundary: boundary.map(Into::into) }
    }

    /// The same within a permissions boundary, which only takes away.
    #[must_use]
    pub fn within(self, boundary: impl Into<Arc<Policy>>) -> Self {
        Self { boundary: Some(boundary.into()), ..self }
    }

    /// The role's policies, without its boundary.
    #[must_use]
    pub fn policies(&self) -> &[Arc<Policy>] {
        &self.policies
    }

    /// The role's permissions boundary.
    #[must_use]
    pub fn boundary(&self) -> Option<&Policy> {
        self.boundary.as_deref()
    }

    /// Every Allow statement, once for each Allow statement of the boundary. What is left of it after the Denies is
    /// for the grant to say, action by action.
    pub fn grants(&self) -> impl Iterator<Item = Grant<'_>> {
        self.policies.iter().flat_map(move |policy| {
            policy.document.allows().flat_map(move |statement| self.grants_of(policy, statement))
        })
    }

    fn grants_of<'a>(
        &'a self,
        policy: &'a Policy,
        statement: &'a Statement,
    ) -> impl Iterator<Item = Grant<'a>> {
        let within = self.boundary.iter().flat_map(|boundary| boundary.document.allows().map(Some));
        let unbounded = self.boundary.is_none().then_some(None);
        let boundaries = within.chain(unbounded);
        boundaries.map(move |boundary| Grant { permissions: self, policy, statement, boundary })
    }

    /// The grants that reach an action, with how much of what it works on each reaches. Conditions are not looked at.
    pub fn grants_for(&self, action: Action) -> impl Iterator<Item = (Grant<'_>, Coverage)> {
        self.grants().filter_map(move |grant| {
            let coverage = grant.coverage(action);
            coverage.is_something().then_some((grant, coverage))
        })
    }

    /// The Denies without a condition, of the policies and of the boundary.
    pub(crate) fn denies(&self) -> impl Iterator<Item = &Statement> {
        let policies = self.policies.iter().chain(&self.boundary);
        policies.flat_map(|policy| policy.document.denies()).filter(|deny| deny.conditions.are_none())
    }
}

impl<'a> Grant<'a> {
    /// Where the grant stands.
    #[must_use]
    pub fn origin(&self) -> Origin {
        Origin {
            policy: self.policy.name.clone(),
            policy_arn: self.policy.arn.clone(),
            kind: self.policy.kind,
            sid: self.statement.sid.clone(),
            index: self.statement.index,
        }
    }

    /// The known actions that the statement and the boundary name, each once, with the statement's pattern for it;
    /// `NotAction` has none. A Deny may leave nothing of them.
    pub fn actions(&self) -> impl Iterator<Item = (Action, Option<&'a ActionPattern>)> + use<'a> {
        let grant = *self;
        grant.statement.actions.known().filter(move |(action, _)| grant.is_in_boundary(*action))
    }

    /// Whether a boundary, or a Deny of all but some actions, leaves no more of the statement than what they list.
    #[must_use]
    pub fn is_limited(&self) -> bool {
        self.boundary.is_some() || self.denies_of_all_but_some().next().is_some()
    }

    /// Whether the action is among what these leave.
    #[must_use]
    pub fn is_within_limits(&self, action: Action) -> bool {
        self.is_in_boundary(action) && self.denies_of_all_but_some().all(|deny| !deny.actions.contain(action))
    }

    fn denies_of_all_but_some(&self) -> impl Iterator<Item = &'a Statement> {
        let denies = self.permissions.denies().filter(|deny| deny.resources.are_everything());
        denies.filter(|deny| matches!(deny.actions, Actions::AllBut(_)))
    }

    pub(crate) fn is_in_boundary(&self, action: Action) -> bool {
        self.boundary.is_none_or(|boundary| boundary.actions.contain(action))
    }

    /// Whether the statement and the boundary name an action.
    #[must_use]
    pub fn names(&self, action: Action) -> bool {
        self.is_in_boundary(action) && self.statement.actions.contain(action)
    }

    /// The pattern through which the statement's `Action` names an action; `NotAction` has none.
    #[must_use]
    pub fn pattern_for(&self, action: Action) -> Option<&'a ActionPattern> {
        self.statement.actions.pattern_for(action)
    }

    /// The resources on which the action is allowed.
    #[must_use]
    pub fn resources(&self, action: Action) -> ResourceSet<'a> {
        let mut resources = ResourceSet::default();
        resources.require(&self.statement.resources);
        if let Some(boundary) = self.boundary {
            resources.require(&boundary.resources);
        }
        for deny in self.permissions.denies().filter(|deny| deny.actions.contain(action)) {
            resources.exclude(&deny.resources);
        }
        resources
    }

    /// Whether neither the statement nor the boundary names resources.
    pub(crate) fn is_on_everything(&self) -> bool {
        let statements = [Some(self.statement), self.boundary];
        statements.into_iter().flatten().all(|statement| statement.resources.are_everything())
    }

    /// How much is in reach of each of many actions.
    #[must_use]
    pub fn coverages(&self) -> Coverages<'a> {
        Coverages::new(*self, self.permissions.denies().collect())
    }

    /// How much of what the action works on is in reach.
    #[must_use]
    pub fn coverage(&self, action: Action) -> Coverage {
        if self.names(action) { self.resources(action).coverage_of(action) } else { Coverage::Nothing }
    }

    /// The conditions of the statement and of the boundary's; all must hold.
    pub fn conditions(&self) -> impl Iterator<Item = &'a Condition> + use<'a> {
        [Some(self.statement), self.boundary]
            .into_iter()
            .flatten()
            .flat_map(|statement| statement.conditions.iter())
    }

    /// What the conditions leave of the action. The narrowest of them decides.
    #[must_use]
    pub fn narrowing(&self, action: Action) -> Narrowing {
        self.conditions().map(|condition| condition.narrowing(action)).max().unwrap_or(Narrowing::Nothing)
    }

    /// Whether everything is allowed on everything: `*` on `*`, in whichever way it is written, with nothing that a
    /// boundary, a Deny or a condition that restricts takes away. A `NotAction` on `*` is nearly everything.
    #[must_use]
    pub fn breadth(&self) -> Option<NearlyEverything> {
        let statements = [Some(self.statement), self.boundary];
        let mut excepted = Vec::new();
        let mut except = |actions: &Actions| {
            excepted.extend(actions.patterns().iter().map(|pattern| pattern.as_str().to_owned()));
        };
        if self.conditions().any(Condition::narrows_everything) {
            return None;
        }
        for statement in statements.into_iter().flatten() {
            if !is_about_nearly_all_resources(statement) {
                return None;
            }
            match &statement.actions {
                Actions::AllBut(_) if statement.actions.are_nothing() => return None,
                Actions::AllBut(_) => except(&statement.actions),
                Actions::Only(_) if statement.actions.are_everything() => {}
                Actions::Only(_) => return None,
            }
        }
        for deny in self.permissions.denies().filter(|deny| is_about_nearly_all_resources(deny)) {
            match &deny.actions {
                Actions::Only(_) if !deny.actions.are_everything() => except(&deny.actions),
                _ => return None,
            }
        }
        Some(NearlyEverything { excepted })
    }
}

/// A grant of every action on every resource, but for some actions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearlyEverything {
    /// The action patterns that are not granted: `NotAction`, or denied everywhere. Empty for `*` on `*`.
    pub excepted: Vec<String>,
}

impl NearlyEverything {
    /// Whether nothing is excepted.
    #[must_use]
    pub const fn is_everything(&self) -> bool {
        self.excepted.is_empty()
    }
}

/// `*`, or `NotResource`, which is all but a list.
fn is_about_nearly_all_resources(statement: &Statement) -> bool {
    matches!(statement.resources, Resources::AllBut(_)) || statement.resources.are_everything()
}

impl Origin {
    /// The statement as people find it: its `Sid` in backticks, or its place from 1.
    #[must_use]
    pub fn statement(&self) -> String {
        document::label(self.sid.as_deref(), self.index)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "policy `{}`, statement {}", self.policy, self.statement())
    }
}

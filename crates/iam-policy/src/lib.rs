//! IAM policies, judged from their text alone.
//!
//! [`PolicyDocument`] reads a policy; [`EffectivePermissions`] puts a role's policies, its permissions boundary and
//! its Denies together and answers per [`Grant`]: which actions, on how much of what they work on ([`Coverage`]),
//! narrowed by which conditions ([`Narrowing`]), from which policy and statement ([`Origin`]). The questions are about
//! sets, not about sample requests: [`Pattern`] decides whether a pattern covers every table, not whether it matches
//! one. [`table`] knows every action of the Service Authorization Reference. [`stores`] asks what reaches a data
//! store, [`escalation`] which combinations let a role become more than it is.
//!
//! One rule holds throughout: an answer is given only where it is certain. What is allowed counts where it is certain,
//! what is denied counts wherever it is possible, and what is not known leads to no finding.
//!
//! Nothing in this crate waits, reads the clock, the environment, a file or the network.
#![deny(clippy::disallowed_methods)]

mod action_list;
mod arn;
mod condition;
mod coverages;
mod document;
mod effective;
mod element;
pub mod escalation;
#[cfg(feature = "managed-policies")]
pub mod managed;
pub mod narrowing;
mod pattern;
mod presence;
mod reach;
pub mod stores;
pub mod table;
pub mod usual;

pub use action_list::ActionList;
pub use arn::{Beginning, Breadth, Place, Shape, account_of, below, exactly, resource_of};
pub use condition::{Condition, Conditions, Quantifier};
pub use coverages::Coverages;
pub use document::{Effect, PolicyDocument, PolicyError, Principal, Principals, Statement};
pub use effective::{
    EffectivePermissions, Grant, NearlyEverything, Origin, Policy, PolicyKind, is_aws_managed,
};
pub use element::{ActionPattern, Actions, Resources};
pub use narrowing::Narrowing;
pub use pattern::{Pattern, Variables, common_text, union_covers};
pub use reach::{Coverage, ResourceSet};
pub use table::{AccessLevel, Action};

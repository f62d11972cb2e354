//! The contract of an AWS Config custom rule.
//!
//! A [`Rule`] is a function: a typed resource, typed parameters, gathered facts and a date go in, an [`Outcome`]
//! comes out. Everything that all rules share stands here once: [`Document`] (a configuration item, whichever of its
//! three recorded shapes it came in), [`Known`] (a value that may not be known), [`Inventory`] (questions about other
//! resources), parameters, waivers, the [`Verdict`] and its annotation.
//!
//! Nothing in this crate waits, reads the clock, the environment, a file or the network.
#![deny(clippy::disallowed_methods)]

mod annotation;
mod check;
mod common;
mod document;
mod documents;
mod entry;
mod inventory;
mod item;
mod json;
mod kept;
mod known;
pub mod known_names;
mod node;
mod outcome;
mod parameters;
#[cfg(test)]
mod properties;
mod relationships;
mod report;
mod rule;
mod tags;
mod time;
mod tree;
mod verdict;
mod waiver;

pub use annotation::MAX_ANNOTATION_CHARACTERS;
pub use check::{Check, Severity};
pub use common::CommonParameters;
pub use document::{Document, ItemStatus};
pub use documents::{Documents, View};
pub use entry::{Entry, PreparedRule};
pub use inventory::{BoxFuture, Inventory, InventoryError, Question, Selector, reference_paths};
pub use item::DocumentError;
pub use jiff::{Timestamp, civil::Date};
pub use json::{Json, List, Number, Object};
pub use kept::Kept;
pub use known::{Known, Missing};
pub use node::Node;
pub use outcome::{Finding, Outcome, Place, Undecided};
pub use parameters::{
    Accepts, ParameterError, ParameterErrors, ParameterSpec, ParameterValues, Parameters, parameter_values,
};
pub use relationships::{Relationship, Relationships};
pub use report::Report;
pub use rule::{Rule, RuleMeta, Subject, Trigger};
pub use tags::Tags;
pub use tree::{TooLarge, Tree};
pub use verdict::{Compliance, Verdict, Waived};

/// The resource type under which a result about the whole account is reported; its id is the account's number.
///
/// Source: AWS Config Developer Guide, example of a periodic custom rule.
pub const ACCOUNT_TYPE: &str = "AWS::::Account";

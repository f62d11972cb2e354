//! Typed views of configuration items, for the resources that rules judge.
//!
//! A view is read from a [`Document`](config_rule::Document), whichever of the recorded shapes that came in, and has
//! only the fields that rules need. Each field is [`Known`](config_rule::Known): a view never fails to be read, and a
//! check that lacks a field learns which property was absent, null, of another type, or not recorded. Where the
//! absence of a property has a meaning, the field says which.
#![deny(clippy::disallowed_methods)]

mod function;
mod observability;
mod resource_policy;
mod stack;
mod units;

pub use function::{Function, Layer, PackageType};
pub use observability::observability_vendor;
pub use resource_policy::{Effect, ResourcePolicy, Statement};
pub use stack::{Stack, StackResource};
pub use units::{Bytes, Seconds};

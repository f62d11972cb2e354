//! What the crate promises, over its public interface.

mod coverage;
mod documents;
mod effective;
mod escalations;
#[cfg(feature = "managed-policies")]
mod managed_policies;
mod properties;
mod store_reach;
mod table_facts;

//! The edge against a scripted AWS Config: every documented message, every fault that was ever met.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod change;
mod endpoint;
mod events;
mod evidence;
mod faults;
mod inventory;
mod kept;
mod member;
mod oversized;
mod properties;
mod related;
mod rules;
mod schedule;

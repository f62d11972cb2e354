//! Tests of the whole: what is written twice agrees, real function binaries run under the local AWS Config, and clients
//! that nobody here wrote get the answers that they expect.
#![expect(clippy::unwrap_used, reason = "a test's helper may fail its test")]

mod calls;
mod central;
mod clients;
mod command;
mod documents;
mod drift;
mod emulated;
mod end_to_end;
mod hostile_items;
mod odd_input;
mod purity;
mod rollout;
mod sample_account;
mod served;
mod workspace;

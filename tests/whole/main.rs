//! Tests of the whole: what is written twice agrees, real function binaries run under the local AWS Config, and clients
//! that nobody here wrote get the answers that they expect.
#![expect(clippy::unwrap_used, reason = "a test's helper may fail its test")]

mod clients;
mod command;
mod drift;
mod end_to_end;
mod faults;
mod hostile_items;
mod load;
mod odd_input;
mod purity;
mod sample_account;
mod served;
mod workspace;

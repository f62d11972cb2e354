//! Tests of the whole: what is written twice agrees, real function binaries run under the local AWS Config, and clients
//! that nobody here wrote get the answers that they expect.
#![expect(clippy::unwrap_used, reason = "a test's helper may fail its test")]

mod calls;
mod central;
mod clients;
mod cloudformation;
mod command;
mod deployed;
mod documents;
mod drift;
mod end_to_end;
mod events;
mod faults;
mod hostile_items;
mod inspector_regions;
mod load;
mod ministack;
mod moto;
mod odd_input;
mod own_stack;
mod permissions;
mod purity;
mod recorded_calls;
mod rollout;
mod runtime_emulator;
mod sample_account;
mod served;
mod template;
mod workspace;

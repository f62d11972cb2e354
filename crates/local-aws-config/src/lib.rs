//! AWS Config on this machine.
//!
//! [`LocalAwsConfig`] takes configuration items and a conformance pack, invokes the rules' real function binaries over
//! the Lambda Runtime API with the events that AWS Config sends, and answers their calls, and those of the AWS CLI or
//! any SDK, over AWS's JSON protocol. What the functions ask IAM and Amazon Inspector is answered here, too, from the same input.
//! It enforces the limits that AWS enforces, so that what passes here passes there.
//!
//! Requests are not authenticated: signatures are read for the account and Region that they name, never verified.

mod bucket;
mod deployment;
mod event;
pub mod function;
mod iam;
mod inspector;
pub mod inventory;
pub mod items;
mod organization;
pub mod pack;
mod protocol;
pub mod query;
mod recorder;
mod results;
pub mod runtime_api;
mod server;
pub mod service;
mod set_up;
pub mod shapes;
mod state;
mod wire;

pub use event::MAX_NOTIFICATION_BYTES;
pub use pack::{Pack, PackError, PackRule};
pub use recorder::{recorder, records};
pub use service::{Evaluated, InvocationFailure, LocalAwsConfig, Options, Progress, RuleResult, StartError};

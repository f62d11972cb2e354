//! AWS Config on this machine, from the outside: over HTTP, and with real function processes.

mod account;
mod deployments;
mod described;
mod functions;
mod packs;
mod pages;
mod protocol;
mod runtime_api;
mod service;
mod services;
mod set_up;
mod support;

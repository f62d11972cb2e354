//! AWS Config on this machine.

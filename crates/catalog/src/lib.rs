//! The list of all rules.

//! Runs the cases of a rule.

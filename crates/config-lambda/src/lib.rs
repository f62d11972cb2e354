//! The AWS edge of every rule.

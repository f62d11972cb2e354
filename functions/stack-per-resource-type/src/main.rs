//! Lambda entry point of `stack-per-resource-type`.

fn main() {}

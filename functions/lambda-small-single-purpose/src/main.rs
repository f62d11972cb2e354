//! Lambda entry point of `lambda-small-single-purpose`.

fn main() {}

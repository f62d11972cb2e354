//! Typed views of configuration items.

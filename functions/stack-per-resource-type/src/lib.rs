//! Different stacks for different resource types.

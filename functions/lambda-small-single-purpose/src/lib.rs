//! Keep functions small and single-purpose.

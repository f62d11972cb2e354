//! Whole policies: a corpus of small ones, SAM's templates, AWS's own, and properties that hold for all.

mod aws_managed;
mod judging;
mod micro_corpus;
mod properties;
mod sam_templates;

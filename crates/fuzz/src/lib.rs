//! Hostile input for everything that reads somebody else's words.
//!
//! Each [`Target`] takes bytes and panics where the promise of what it tries is broken: nothing panics, hangs or fills the
//! memory, and what comes out is sound. Inputs are made from real ones, the [`seeds`] of a target, by [`edits`] that
//! know JSON; a run says only how often. `tests/corpus.rs` gives each target its seeds, what was found before, and some
//! hundred edits that are the same on every machine; the program `fuzz` edits on for as long as it is told.
#![expect(clippy::missing_panics_doc, reason = "panics are how a target reports")]

pub mod edits;
pub mod run;
pub mod seeds;
pub mod targets;

/// Something that reads input which others have written.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Also the name of its folder in `corpus`.
    pub name: &'static str,
    /// Tries one input.
    pub run: fn(&[u8]),
    /// Inputs to start from, besides those in its folder.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// Every target, by name.
pub const TARGETS: &[Target] = &[
    Target { name: "event", run: targets::event::run, seeds: seeds::events },
    Target { name: "pack", run: targets::pack::run, seeds: seeds::packs },
    Target { name: "parameters", run: targets::parameters::run, seeds: seeds::parameters },
    Target { name: "policy", run: targets::policy::run, seeds: seeds::policies },
    Target { name: "query", run: targets::query::run, seeds: seeds::none },
    Target { name: "snapshot", run: targets::snapshot::run, seeds: seeds::snapshots },
    Target { name: "views", run: targets::views::run, seeds: seeds::accounts },
    Target { name: "waiver", run: targets::waiver::run, seeds: seeds::none },
];

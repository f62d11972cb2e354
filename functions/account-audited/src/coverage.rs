//! Whether the managed rules of the required packs are active, and still evaluated.

use std::collections::BTreeSet;

use config_rule::{Date, Finding, Known, Missing, Timestamp};
use jiff::ToSpan as _;
use jiff::tz::Offset;

use crate::checks::{PACK_NOT_COVERED, PACK_STALE};
use crate::managed_rules::ManagedRule;
use crate::packs::Pack;
use crate::parameters::Audit;
use crate::recorder::{Recorder, left_to_another_region};
use crate::{Decided, found_or_missing};

/// Twice the time after which AWS Config runs what is on a schedule.
///
/// Source: AWS Config API Reference, `ConfigRule`, `MaximumExecutionFrequency`: every 24 hours by default and at most.
const STALE_AFTER_HOURS: i64 = 48;

/// Required packs of whose rules too few are active.
pub(crate) fn not_covered(
    rules: &Known<Vec<ManagedRule>>,
    recorders: &Known<Vec<Recorder>>,
    audit: &Audit,
) -> Decided {
    let active: BTreeSet<_> = rules.get()?.iter().map(|rule| rule.identifier.as_str()).collect();
    let minimum = audit.minimum_coverage;
    found_or_missing(
        audit.required_packs.iter().map(|pack| pack_not_covered(pack, &active, recorders, minimum)),
    )
}

fn pack_not_covered(
    pack: &'static Pack,
    active: &BTreeSet<&str>,
    recorders: &Known<Vec<Recorder>>,
    minimum_coverage: usize,
) -> Result<Option<Finding>, Missing> {
    let covered = pack.rules.iter().filter(|rule| active.contains(*rule)).count();
    let required = (pack.rules.len() * minimum_coverage).div_ceil(100);
    if required <= covered {
        return Ok(None);
    }
    let elsewhere = left_to_another_region(recorders, pack)?;
    if !elsewhere.is_empty() {
        return Err(Missing::Unavailable {
            what: format!("whether the rules of {} are active", pack.name),
            why: format!("this Region does not record {}, another one may", elsewhere.join(", ")),
        });
    }
    let lacking: Vec<_> = pack.identifiers().into_iter().filter(|rule| !active.contains(rule)).collect();
    let seen = format!("{} {covered}/{}", pack.name, pack.rules.len());
    let wanted = format!("at least {required} active");
    let place = format!("{}, without {}", pack.title, lacking.join(", "));
    Ok(Some(Finding::new(PACK_NOT_COVERED, seen, wanted, place)))
}

/// Required packs whose rules AWS Config has stopped to run.
///
/// Rules that changes trigger prove nothing: there may have been no changes. Of the others the latest run decides.
pub(crate) fn stale(rules: &Known<Vec<ManagedRule>>, audit: &Audit, today: Date) -> Decided {
    let rules = rules.get()?;
    // The event was on this day, at whatever time: what is too old at its beginning is too old for certain.
    let oldest = Offset::UTC
        .to_timestamp(today.at(0, 0, 0, 0))
        .ok()
        .and_then(|day| day.checked_sub(STALE_AFTER_HOURS.hours()).ok());
    let Some(oldest) = oldest else { return Ok(Vec::new()) };
    found_or_missing(audit.required_packs.iter().map(|pack| pack_stale(pack, rules, oldest)))
}

fn pack_stale(
    pack: &'static Pack,
    rules: &[ManagedRule],
    oldest: Timestamp,
) -> Result<Option<Finding>, Missing> {
    let active: Vec<_> = rules.iter().filter(|rule| pack.rules.contains(&rule.identifier.as_str())).collect();
    if active.is_empty() {
        return Ok(None);
    }
    let mut scheduled = active.iter().filter(|rule| rule.is_scheduled).peekable();
    if scheduled.peek().is_none() {
        return Err(Missing::Unavailable {
            what: format!("when the rules of {} last ran", pack.name),
            why: "none that is active runs on a schedule".to_owned(),
        });
    }
    let runs: Vec<_> = scheduled.map(|rule| rule.last_run.get().copied()).collect();
    if runs.iter().flatten().any(|run| oldest <= *run) {
        return Ok(None);
    }
    let runs = runs.into_iter().collect::<Result<Vec<_>, Missing>>()?;
    let latest = runs.into_iter().max().map(|run| Offset::UTC.to_datetime(run).date().to_string());
    let seen = format!("{} last evaluated {}", pack.name, latest.unwrap_or_default());
    let wanted = format!("every {STALE_AFTER_HOURS} hours");
    Ok(Some(Finding::new(PACK_STALE, seen, wanted, pack.title)))
}

//! Whether runtime, layers and code have become old.

use config_rule::{Date, Finding, Missing, Timestamp};
use jiff::tz::Offset;

use crate::checks::{LAYER_BEHIND, RUNTIME_DEPRECATED, RUNTIME_EXPIRING, STALE_CODE};
use crate::neighbours::version_of;
use crate::parameters::Audit;
use crate::runtimes::Lifecycle;
use crate::subject::AuditedFunction;
use crate::{Decided, Evidence};

const RUNTIME_PATH: &str = "configuration.runtime";

pub(crate) fn runtime_deprecated(function: &AuditedFunction, today: Date) -> Decided {
    let Some(runtime) = lifecycle(function)?.filter(|runtime| runtime.deprecated <= today) else {
        return Ok(Vec::new());
    };
    let blocked = match runtime.update_block {
        Some(day) if day <= today => format!(", updates blocked since {day}"),
        Some(day) => format!(", updates blocked from {day}"),
        None => String::new(),
    };
    let seen = format!("{}, deprecated since {}{blocked}", described(runtime), runtime.deprecated);
    Ok(vec![Finding::new(RUNTIME_DEPRECATED, seen, successor(runtime), RUNTIME_PATH)])
}

pub(crate) fn runtime_expiring(function: &AuditedFunction, audit: &Audit, today: Date) -> Decided {
    let is_expiring = |runtime: &&Lifecycle| {
        today < runtime.deprecated && days_between(today, runtime.deprecated) <= audit.expiry_notice_days
    };
    let expiring = lifecycle(function)?.filter(is_expiring).map(|runtime| {
        let seen = format!("{}, deprecated from {}", described(runtime), runtime.deprecated);
        Finding::new(RUNTIME_EXPIRING, seen, successor(runtime), RUNTIME_PATH)
    });
    Ok(expiring.into_iter().collect())
}

pub(crate) fn layer_behind(function: &AuditedFunction, evidence: &Evidence) -> Decided {
    let mut findings = Vec::new();
    for layer in function.function.layers.get()? {
        let Some((arn, version)) = version_of(layer.arn.get()?) else { continue };
        let Some(newest) = evidence.newest_layers.get()?.of_layer(arn) else { continue };
        if version < newest.version {
            let name = arn.rsplit(':').next().unwrap_or(arn);
            let seen = format!("version {version} of layer {name}");
            let wanted = format!("needs version {}, as {} has", newest.version, newest.function);
            findings.push(Finding::new(LAYER_BEHIND, seen, wanted, "configuration.layers"));
        }
    }
    Ok(findings)
}

pub(crate) fn stale_code(function: &AuditedFunction, audit: &Audit, today: Date) -> Decided {
    let deployed = day(*function.last_modified.get()?);
    let limit = audit.stale_after_days;
    let stale = || {
        let seen = format!("last deployed on {deployed}");
        Finding::new(
            STALE_CODE,
            seen,
            format!("must be at least every {limit} days"),
            "configuration.lastModified",
        )
    };
    Ok(if limit < days_between(deployed, today) { vec![stale()] } else { Vec::new() })
}

/// The day in UTC, as `today` is.
pub(crate) fn day(time: Timestamp) -> Date {
    Offset::UTC.to_datetime(time).date()
}

/// Negative if `later` is the earlier one.
pub(crate) fn days_between(earlier: Date, later: Date) -> i64 {
    i64::from((later - earlier).get_days())
}

/// The lifecycle of the function's runtime: none for an image, which brings its own, nor for one that is not known.
fn lifecycle(function: &AuditedFunction) -> Result<Option<&'static Lifecycle>, Missing> {
    if function.is_image()? {
        return Ok(None);
    }
    Ok(Lifecycle::of(function.runtime.get()?))
}

fn described(runtime: &Lifecycle) -> String {
    if runtime.is_os_only() {
        format!("runs its own runtime on {}", runtime.name)
    } else {
        format!("runs on {}", runtime.name)
    }
}

fn successor(runtime: &Lifecycle) -> String {
    runtime
        .successor
        .map_or_else(|| "move to a supported runtime".to_owned(), |name| format!("move to {name}"))
}

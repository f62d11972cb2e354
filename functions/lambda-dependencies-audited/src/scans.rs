//! What scanners found, and whether there is one.

use std::cmp::Reverse;

use config_rule::{Date, Documents, Finding, Inventory, InventoryError, Known, Missing, Selector};

use crate::ages::{day, days_between};
use crate::checks::{IMAGE_NOT_SCANNED, KNOWN_VULNERABILITY, NOT_SCANNED};
use crate::inspector::{Coverage, Severity, Vulnerability};
use crate::neighbours::{Repository, repository_of};
use crate::parameters::Audit;
use crate::subject::AuditedFunction;
use crate::{Decided, Evidence};

/// Inspector's scans of the function.
pub(crate) async fn coverage(
    function: &AuditedFunction,
    inventory: &dyn Inventory,
) -> Result<Known<Vec<Coverage>>, InventoryError> {
    let arn = match &function.arn {
        Known::Value(arn) => arn,
        Known::Unknown(missing) => return Ok(Known::Unknown(missing.clone())),
    };
    let documents = inventory.find(Coverage::TYPE, Selector::Id(arn)).await?;
    Ok(documents.map(|documents| documents.iter().map(Coverage::read).collect()))
}

/// Inspector's open findings about the function's packages.
pub(crate) async fn vulnerabilities(
    function: &AuditedFunction,
    inventory: &dyn Inventory,
) -> Result<Known<Vec<Vulnerability>>, InventoryError> {
    let arn = match &function.arn {
        Known::Value(arn) => arn,
        Known::Unknown(missing) => return Ok(Known::Unknown(missing.clone())),
    };
    let documents = inventory.find(Vulnerability::TYPE, Selector::ReferringTo(arn)).await?;
    let read = |documents: Documents| {
        documents.iter().filter_map(Vulnerability::read).map(Known::from).collect::<Known<Vec<_>>>()
    };
    Ok(documents.and_then(read))
}

/// Open findings at or above the severity that have been known for longer than they may.
///
/// Inspector's findings about an image name the image and not the functions that run it, so nothing found means nothing.
pub(crate) fn known_vulnerability(
    function: &AuditedFunction,
    evidence: &Evidence,
    audit: &Audit,
    today: Date,
) -> Decided {
    let age = |vulnerability: &Vulnerability| days_between(day(vulnerability.first_observed), today);
    let counts = |vulnerability: &&Vulnerability| {
        vulnerability.severity.is_some_and(|severity| audit.severity <= severity)
            && audit.grace_days < age(vulnerability)
    };
    let mut open: Vec<_> = evidence.vulnerabilities.get()?.iter().filter(counts).collect();
    open.sort_by_key(|vulnerability| {
        (Reverse(vulnerability.severity), vulnerability.first_observed, &vulnerability.id)
    });
    let Some((worst, others)) = open.split_first() else {
        let image = || Missing::NotRecorded { what: "which image the function runs".to_owned() };
        return if function.is_image()? { Err(image()) } else { Ok(Vec::new()) };
    };
    let severity = worst.severity.map_or("", Severity::as_str);
    let package = match &worst.package {
        Some(package) => format!(" in {} {}", package.name, package.version),
        None => String::new(),
    };
    let more = if others.is_empty() { String::new() } else { format!(" and {} more", others.len()) };
    let seen = format!("{} ({severity}){package}, known for {} days{more}", worst.id, age(worst));
    let fixed = worst.package.as_ref().and_then(|package| Some((&package.name, package.fixed_in.as_ref()?)));
    let wanted = match fixed {
        Some((name, version)) => format!("{name} {version}"),
        None => "no fixed version is known".to_owned(),
    };
    Ok(vec![Finding::new(KNOWN_VULNERABILITY, seen, wanted, worst.finding.as_str())])
}

/// No scan of the function's packages takes place, and no tag names another scanner.
///
/// Inspector looks into zip packages only; the image of an image function is scanned where it is stored.
pub(crate) fn not_scanned(
    function: &AuditedFunction,
    evidence: &Evidence,
    audit: &Audit,
    today: Date,
) -> Decided {
    if function.is_image()? {
        return Ok(Vec::new());
    }
    let has_scanner = function.has_scanner_in(&audit.tag_keys);
    if has_scanner == Ok(true) {
        return Ok(Vec::new());
    }
    let coverage = evidence.coverage.get()?;
    if coverage.is_empty() && !is_inspector_off(evidence) {
        found_by_now(function, today)?;
    }
    let Some(seen) = unscanned_because(coverage)? else { return Ok(Vec::new()) };
    has_scanner?;
    let wanted = "needs Lambda scanning, or a tag that names another scanner";
    Ok(vec![Finding::new(NOT_SCANNED, seen, wanted, Coverage::TYPE)])
}

/// The repository of the function's image does not scan what is pushed, and no tag names another scanner.
pub(crate) fn image_not_scanned(function: &AuditedFunction, evidence: &Evidence, audit: &Audit) -> Decided {
    if !function.is_image()? {
        return Ok(Vec::new());
    }
    let has_scanner = function.has_scanner_in(&audit.tag_keys);
    if has_scanner == Ok(true) {
        return Ok(Vec::new());
    }
    let repository = repository_of(function, evidence.repositories.get()?)?;
    if *repository.scans_on_push.get()? {
        return Ok(Vec::new());
    }
    has_scanner?;
    let seen = format!("repository {} does not scan images on push", repository.name);
    let place = format!("{} {}", Repository::TYPE, repository.name);
    Ok(vec![Finding::new(IMAGE_NOT_SCANNED, seen, "must scan on push", place)])
}

/// Whether Inspector scans no functions at all. It then covers none, and what it would find is not available.
fn is_inspector_off(evidence: &Evidence) -> bool {
    matches!(evidence.vulnerabilities, Known::Unknown(Missing::Unavailable { .. }))
}

/// Whether Inspector has had the time to find the function, which it may do later than AWS Config tells of it.
///
/// A change of yesterday may be minutes old, as only the days are known; one of the day before is not.
fn found_by_now(function: &AuditedFunction, today: Date) -> Result<(), Missing> {
    if 1 < days_between(day(*function.last_modified.get()?), today) {
        return Ok(());
    }
    Err(Missing::Unavailable {
        what: "whether its packages are scanned".to_owned(),
        why: "Amazon Inspector may not have found it yet".to_owned(),
    })
}

/// Why no scan of packages takes place, if none does.
fn unscanned_because(coverage: &[Coverage]) -> Result<Option<String>, Missing> {
    let mut reason = "Amazon Inspector does not cover it".to_owned();
    let mut unclear = None;
    for scan in coverage {
        match (&scan.is_of_packages, &scan.is_active) {
            (Known::Value(true), Known::Value(true)) => return Ok(None),
            (Known::Value(true), Known::Value(false)) => {
                match scan.reason.get().and_then(|reason| inactive_because(reason)) {
                    Ok(because) => reason = because,
                    Err(missing) => unclear = Some(missing),
                }
            }
            (Known::Value(false), _) => {}
            (Known::Unknown(missing), _) | (_, Known::Unknown(missing)) => unclear = Some(missing.clone()),
        }
    }
    unclear.map_or(Ok(Some(reason)), Err)
}

/// Why a scan does not take place; left open while Inspector is at it, or will be without anybody's doing.
///
/// Source: Amazon Inspector API Reference, `ScanStatus`, `reason`: of a pending scan "results will be available soon", of
/// an internal error "Amazon Inspector service will automatically resolve the issue and resume the scanning".
fn inactive_because(reason: &str) -> Result<String, Missing> {
    match reason {
        "PENDING_INITIAL_SCAN" | "SCAN_IN_PROGRESS" | "PENDING_REVIVAL_SCAN" | "INTERNAL_ERROR" => {
            Err(Missing::Unavailable {
                what: "whether its packages are scanned".to_owned(),
                why: format!("Amazon Inspector has not finished ({reason})"),
            })
        }
        "EXCLUDED_BY_TAG" => Ok("a tag excludes it from Amazon Inspector".to_owned()),
        "SCAN_ELIGIBILITY_EXPIRED" => {
            Ok("Amazon Inspector no longer scans it, it was not used for long".to_owned())
        }
        "UNSUPPORTED_RUNTIME" => Ok("Amazon Inspector does not support its runtime".to_owned()),
        other => Ok(format!("Amazon Inspector does not scan it ({other})")),
    }
}

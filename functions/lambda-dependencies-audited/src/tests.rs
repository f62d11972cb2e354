use config_rule::{Document, Entry, Subject, parameter_values};
use rule_testing::{ItemsInventory, block_on};
use serde_json::{Value, json};

use super::*;

const TODAY: Date = Date::constant(2026, 10, 1);
const ARN: &str = "arn:aws:lambda:eu-west-1:111122223333:function:orders";
const STACK: &str = "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop/1";

#[test]
fn a_scanned_function_of_this_year_has_no_findings() {
    assert_eq!((findings(&orders(), &scanned()), undecided(&orders(), &scanned())), (none(), vec![]));
}

#[test]
fn a_runtime_is_deprecated_from_its_day_on() {
    let on = |day| judged_on(&with(json!({"runtime": "python3.9"})), &scanned(), &audit("{}"), day).0;
    assert_eq!(
        on(Date::constant(2025, 12, 14)),
        ["runtime-expiring: runs on python3.9, deprecated from 2025-12-15, move to python3.14"]
    );
    assert_eq!(
        on(Date::constant(2025, 12, 15)),
        [
            "runtime-deprecated: runs on python3.9, deprecated since 2025-12-15, updates blocked from 2027-03-03, move to python3.14"
        ]
    );
    assert!(on(Date::constant(2027, 3, 3))[0].contains("updates blocked since 2027-03-03"));
}

#[test]
fn a_runtime_is_expiring_as_long_before_as_asked() {
    let ending = with(json!({"runtime": "nodejs22.x"}));
    let on = |day| judged_on(&ending, &scanned(), &audit("{}"), day).0.len();
    assert_eq!([Date::constant(2026, 11, 1), Date::constant(2026, 10, 31)].map(on), [1, 0]);
    let given = audit(r#"{"expiryNoticeDays": 211}"#);
    assert_eq!(judged_on(&ending, &scanned(), &given, TODAY).0.len(), 1);
}

#[test]
fn an_operating_system_is_called_one() {
    assert_eq!(
        findings(&with(json!({"runtime": "provided.al2"})), &scanned())[0],
        "runtime-deprecated: runs its own runtime on provided.al2, deprecated since 2026-07-31, \
         updates blocked from 2027-03-03, move to provided.al2023"
    );
    assert_eq!(findings(&with(json!({"runtime": "provided.al2023"})), &scanned()), none());
}

#[test]
fn an_unknown_runtime_is_no_finding_and_a_missing_one_is_left_open() {
    assert_eq!(findings(&with(json!({"runtime": "nodejs99.x"})), &scanned()), none());
    let missing = with(json!({"runtime": null}));
    assert_eq!(findings(&missing, &scanned()), none());
    assert_eq!(undecided(&missing, &scanned()), ["runtime-deprecated", "runtime-expiring"]);
}

#[test]
fn an_image_has_no_runtime() {
    let evidence =
        Evidence { repositories: Known::Value(vec![repository("images", true)].into()), ..scanned() };
    assert_eq!(findings(&image(), &evidence), none());
    assert_eq!(undecided(&image(), &evidence), ["known-vulnerability"]);
}

#[test]
fn code_may_be_as_old_as_asked() {
    assert_eq!(findings(&deployed("2025-10-01T23:30:00.000+0000"), &scanned()), none());
    assert_eq!(
        findings(&deployed("2025-09-30T23:30:00.000+0000"), &scanned()),
        ["stale-code: last deployed on 2025-09-30, must be at least every 365 days"]
    );
}

#[test]
fn an_unreadable_time_of_deployment_is_left_open() {
    assert_eq!(undecided(&with(json!({"lastModified": "yesterday"})), &scanned()), ["stale-code"]);
}

#[test]
fn a_function_that_inspector_does_not_cover_is_not_scanned() {
    let expected = "not-scanned: Amazon Inspector does not cover it, needs Lambda scanning, or a tag that names another \
                    scanner";
    let deployed = deployed("2026-09-29T23:59:59.999+0000");
    assert_eq!(judged(&deployed, &uncovered()), (vec![expected.to_owned()], vec![]));
}

#[test]
fn a_function_of_today_or_yesterday_may_not_have_been_found_yet() {
    for time in ["2026-09-30T00:00:00.000+0000", "2026-10-01T08:00:00.000+0000"] {
        assert_eq!(judged(&deployed(time), &uncovered()), (none(), vec!["not-scanned"]), "{time}");
    }
}

#[test]
fn a_function_of_unknown_age_may_not_have_been_found_yet() {
    let unknown = with(json!({"lastModified": null}));
    assert_eq!(judged(&unknown, &uncovered()), (none(), vec!["not-scanned", "stale-code"]));
    assert_eq!(judged(&unknown, &scanned()), (none(), vec!["stale-code"]));
}

#[test]
fn where_inspector_scans_no_functions_none_waits_to_be_found() {
    let (what, why) = ("what Amazon Inspector finds".to_owned(), "it does not scan functions".to_owned());
    let off = Known::Unknown(Missing::Unavailable { what, why });
    let (findings, undecided) = judged(&orders(), &Evidence { vulnerabilities: off, ..uncovered() });
    assert_eq!((findings.len(), undecided), (1, vec!["known-vulnerability"]));
    let not_asked = Known::Unknown(Missing::NotRecorded { what: Vulnerability::TYPE.to_owned() });
    let (findings, undecided) = judged(&orders(), &Evidence { vulnerabilities: not_asked, ..uncovered() });
    assert_eq!((findings.len(), undecided), (0, vec!["known-vulnerability", "not-scanned"]));
}

#[test]
fn only_an_active_scan_of_packages_is_one() {
    for (kind, status, reason, seen) in [
        ("PACKAGE", "ACTIVE", "PENDING_INITIAL_SCAN", None),
        ("PACKAGE", "INACTIVE", "EXCLUDED_BY_TAG", Some("a tag excludes it from Amazon Inspector")),
        ("PACKAGE", "INACTIVE", "UNSUPPORTED_RUNTIME", Some("Amazon Inspector does not support its runtime")),
        ("PACKAGE", "INACTIVE", "ACCESS_DENIED", Some("Amazon Inspector does not scan it (ACCESS_DENIED)")),
        (
            "PACKAGE",
            "INACTIVE",
            "PENDING_DISABLE",
            Some("Amazon Inspector does not scan it (PENDING_DISABLE)"),
        ),
        ("CODE", "ACTIVE", "SUCCESSFUL", Some("Amazon Inspector does not cover it")),
    ] {
        let coverage = Known::Value(vec![coverage(kind, status, reason)]);
        let found = findings(&orders(), &Evidence { coverage, ..scanned() });
        assert_eq!(found.is_empty(), seen.is_none(), "{kind} {status} {reason}");
        assert!(seen.is_none_or(|seen| found[0].contains(seen)), "{found:?}");
    }
}

#[test]
fn a_scan_that_inspector_has_not_finished_is_left_open() {
    for reason in ["PENDING_INITIAL_SCAN", "SCAN_IN_PROGRESS", "PENDING_REVIVAL_SCAN", "INTERNAL_ERROR"] {
        let unfinished = || coverage("PACKAGE", "INACTIVE", reason);
        let evidence = Evidence { coverage: Known::Value(vec![unfinished()]), ..scanned() };
        assert_eq!(judged(&orders(), &evidence), (none(), vec!["not-scanned"]), "{reason}");
        let scans = vec![unfinished(), coverage("PACKAGE", "ACTIVE", "SUCCESSFUL")];
        let evidence = Evidence { coverage: Known::Value(scans), ..scanned() };
        assert_eq!(judged(&orders(), &evidence), (none(), vec![]), "{reason}");
    }
}

#[test]
fn a_tag_names_another_scanner_unless_it_denies_one() {
    for (value, is_scanned) in [("true", true), ("Snyk", true), ("none", false), ("", false)] {
        let mut item = item();
        item["tags"] = json!({"snyk": value});
        item["configuration"]["lastModified"] = json!("2026-09-29T12:00:00.000+0000");
        assert_eq!(findings(&read(item), &uncovered()).is_empty(), is_scanned, "{value}");
    }
}

#[test]
fn what_inspector_cannot_be_asked_is_left_open() {
    let missing = || Missing::NotRecorded { what: Coverage::TYPE.to_owned() };
    let evidence = Evidence {
        coverage: Known::Unknown(missing()),
        vulnerabilities: Known::Unknown(missing()),
        ..scanned()
    };
    assert_eq!(undecided(&orders(), &evidence), ["known-vulnerability", "not-scanned"]);
}

#[test]
fn a_vulnerability_may_be_known_for_the_days_of_grace() {
    let seen_on = |day: &str| with_findings(&[finding("CVE-2026-0001", "HIGH", day)]);
    assert_eq!(findings(&orders(), &seen_on("2026-09-24T00:00:00Z")), none());
    assert_eq!(
        findings(&orders(), &seen_on("2026-09-23T23:59:59Z")),
        ["known-vulnerability: CVE-2026-0001 (HIGH) in lodash 4.17.15, known for 8 days, lodash 4.17.21"]
    );
}

#[test]
fn vulnerabilities_below_the_severity_and_unrated_ones_do_not_count() {
    let old = "2026-01-01T00:00:00Z";
    for (severity, counts) in [
        ("CRITICAL", true),
        ("HIGH", true),
        ("MEDIUM", false),
        ("INFORMATIONAL", false),
        ("UNTRIAGED", false),
    ] {
        let evidence = with_findings(&[finding("CVE-2026-0001", severity, old)]);
        assert_eq!(findings(&orders(), &evidence).len(), usize::from(counts), "{severity}");
    }
    let given = audit(r#"{"maxVulnerabilitySeverity": "MEDIUM"}"#);
    let evidence = with_findings(&[finding("CVE-2026-0001", "MEDIUM", old)]);
    assert_eq!(judged_on(&orders(), &evidence, &given, TODAY).0.len(), 1);
}

#[test]
fn the_worst_and_oldest_is_named_and_the_rest_counted() {
    let evidence = with_findings(&[
        finding("CVE-2026-0001", "HIGH", "2026-01-01T00:00:00Z"),
        finding("CVE-2026-0002", "CRITICAL", "2026-09-01T00:00:00Z"),
        finding("CVE-2026-0003", "CRITICAL", "2026-08-02T00:00:00Z"),
    ]);
    assert_eq!(
        findings(&orders(), &evidence),
        [
            "known-vulnerability: CVE-2026-0003 (CRITICAL) in lodash 4.17.15, known for 60 days and 2 more, lodash 4.17.21"
        ]
    );
}

#[test]
fn suppressed_findings_and_findings_in_code_are_not_read() {
    for (key, value) in [("status", "SUPPRESSED"), ("status", "CLOSED"), ("type", "CODE_VULNERABILITY")] {
        let mut finding = finding("CVE-2026-0001", "CRITICAL", "2026-01-01T00:00:00Z");
        finding["configuration"][key] = json!(value);
        assert_eq!(findings(&orders(), &with_findings(&[finding])), none(), "{value}");
    }
}

#[test]
fn a_vulnerability_without_fix_says_so() {
    for fixed in [json!(null), json!("NotAvailable")] {
        let mut finding = finding("CVE-2026-0001", "CRITICAL", "2026-01-01T00:00:00Z");
        finding["configuration"]["packageVulnerabilityDetails"]["vulnerablePackages"][0]["fixedInVersion"] =
            fixed;
        assert!(findings(&orders(), &with_findings(&[finding]))[0].ends_with(", no fixed version is known"));
    }
}

#[test]
fn a_finding_that_cannot_be_read_is_left_open() {
    let mut finding = finding("CVE-2026-0001", "CRITICAL", "2026-01-01T00:00:00Z");
    finding["configuration"]["firstObservedAt"] = Value::Null;
    assert_eq!(undecided(&orders(), &with_findings(&[finding])), ["known-vulnerability"]);
}

#[test]
fn inspector_is_asked_about_the_function_alone() {
    let mut other = finding("CVE-2026-0002", "CRITICAL", "2026-01-01T00:00:00Z");
    other["relationships"][0]["resourceId"] = json!(format!("{ARN}-archive"));
    let own = finding("CVE-2026-0001", "CRITICAL", "2026-01-01T00:00:00Z");
    let evidence = gathered(&orders(), &[own, other, scan("PACKAGE", "ACTIVE", "SUCCESSFUL")]);
    assert_eq!(evidence.vulnerabilities.get().unwrap().len(), 1);
    assert_eq!(evidence.coverage.get().unwrap().len(), 1);
}

#[test]
fn an_image_is_scanned_where_it_is_stored() {
    let with = |scans| Evidence {
        repositories: Known::Value(vec![repository("images", scans)].into()),
        ..scanned()
    };
    assert_eq!(findings(&image(), &with(true)), none());
    assert_eq!(
        findings(&image(), &with(false)),
        ["image-not-scanned: repository images does not scan images on push, must scan on push"]
    );
}

#[test]
fn of_several_repositories_the_one_of_the_functions_name_is_its_own() {
    let with = |repositories: &[Repository]| Evidence {
        repositories: Known::Value(repositories.to_vec().into()),
        ..scanned()
    };
    let both = [repository("images", true), repository("orders", false)];
    assert_eq!(findings(&image(), &with(&both)).len(), 1);
    let neither = [repository("images", true), repository("tools", false)];
    assert_eq!(undecided(&image(), &with(&neither)), ["known-vulnerability", "image-not-scanned"]);
}

#[test]
fn a_repository_of_another_stack_is_not_certain() {
    let elsewhere = Repository { stack: Known::Value(None), ..repository("orders", false) };
    let evidence = Evidence { repositories: Known::Value(vec![elsewhere].into()), ..scanned() };
    assert_eq!(undecided(&image(), &evidence), ["known-vulnerability", "image-not-scanned"]);
}

#[test]
fn a_layer_is_behind_the_newest_that_another_function_uses() {
    let layer = |version| format!("arn:aws:lambda:eu-west-1:111122223333:layer:shared:{version}");
    let other = |version| {
        let mut other = item();
        other["resourceId"] = json!("invoices");
        other["configuration"]["layers"] = json!([{"arn": layer(version), "codeSize": 1}]);
        other
    };
    let using = |version: u64| with(json!({"layers": [{"arn": layer(version), "codeSize": 1}]}));
    let found = |own, others: &[Value]| {
        let evidence = gathered(&using(own), others);
        findings(&using(own), &Evidence { newest_layers: evidence.newest_layers, ..scanned() })
    };
    assert_eq!(
        found(9, &[other(10)]),
        ["layer-behind: version 9 of layer shared, needs version 10, as invoices has"]
    );
    assert_eq!(found(10, &[other(10)]), none());
    assert_eq!(found(11, &[other(10)]), none());
}

#[test]
fn unknown_functions_leave_the_layers_open() {
    let missing = Missing::NotRecorded { what: Function::TYPE.to_owned() };
    let evidence = Evidence { newest_layers: Known::Unknown(missing), ..scanned() };
    let layered = with(json!({"layers": [{"arn": "arn:aws:lambda:eu-west-1:111122223333:layer:a:1"}]}));
    assert_eq!(undecided(&layered, &evidence), ["layer-behind"]);
    assert_eq!(undecided(&orders(), &evidence), [""; 0]);
}

#[test]
fn both_ends_of_each_range_are_accepted_and_what_is_beyond_is_not() {
    for (name, min, max) in
        [("expiryNoticeDays", 0, 3650), ("graceDays", 0, 3650), ("staleAfterDays", 1, 3650)]
    {
        let is_accepted = |value: i64| {
            let given = parameter_values(Some(&format!(r#"{{"{name}": {value}}}"#))).unwrap();
            Entry::of::<LambdaDependenciesAudited>().prepare(&given).is_ok()
        };
        assert_eq!([min - 1, min, max, max + 1].map(is_accepted), [false, true, true, false], "{name}");
    }
}

#[test]
fn a_severity_is_spelt_as_inspector_spells_it() {
    let is_accepted = |severity: &str| {
        let given =
            parameter_values(Some(&json!({"maxVulnerabilitySeverity": severity}).to_string())).unwrap();
        Entry::of::<LambdaDependenciesAudited>().prepare(&given).is_ok()
    };
    assert_eq!(
        ["CRITICAL", "INFORMATIONAL", "UNTRIAGED", "severe"].map(is_accepted),
        [true, true, false, false]
    );
}

fn none() -> Vec<String> {
    Vec::new()
}

fn findings(function: &AuditedFunction, evidence: &Evidence) -> Vec<String> {
    judged(function, evidence).0
}

fn undecided(function: &AuditedFunction, evidence: &Evidence) -> Vec<&'static str> {
    judged(function, evidence).1
}

fn judged(function: &AuditedFunction, evidence: &Evidence) -> (Vec<String>, Vec<&'static str>) {
    judged_on(function, evidence, &audit("{}"), TODAY)
}

/// `<check>: <seen>, <wanted>` of each finding, and the checks that lacked evidence.
fn judged_on(
    function: &AuditedFunction,
    evidence: &Evidence,
    audit: &Audit,
    today: Date,
) -> (Vec<String>, Vec<&'static str>) {
    let outcome = LambdaDependenciesAudited::evaluate(function, audit, evidence, today);
    let Outcome::Judged { findings, undecided } = outcome else { panic!("{outcome:?}") };
    let line = |finding: &Finding| format!("{}: {}, {}", finding.check.id, finding.seen, finding.wanted);
    (findings.iter().map(line).collect(), undecided.iter().map(|undecided| undecided.check.id).collect())
}

fn audit(json: &str) -> Audit {
    let given: Value = serde_json::from_str(json).unwrap();
    let days = |name: &str, default| given[name].as_i64().unwrap_or(default);
    let severity = given["maxVulnerabilitySeverity"].as_str().unwrap_or("HIGH");
    Audit {
        expiry_notice_days: days("expiryNoticeDays", 180),
        tag_keys: vec!["dependency-scanner".to_owned(), "snyk".to_owned()],
        severity: Severity::from_text(severity).unwrap(),
        grace_days: days("graceDays", 7),
        stale_after_days: days("staleAfterDays", 365),
    }
}

fn scanned() -> Evidence {
    Evidence {
        coverage: Known::Value(vec![coverage("PACKAGE", "ACTIVE", "SUCCESSFUL")]),
        vulnerabilities: Known::Value(Vec::new()),
        newest_layers: Known::Value(Arc::default()),
        repositories: Known::Value(Arc::default()),
    }
}

fn uncovered() -> Evidence {
    Evidence { coverage: Known::Value(Vec::new()), ..scanned() }
}

fn with_findings(findings: &[Value]) -> Evidence {
    Evidence { vulnerabilities: gathered(&orders(), findings).vulnerabilities, ..scanned() }
}

/// What an account with these items answers.
fn gathered(function: &AuditedFunction, items: &[Value]) -> Evidence {
    let documents = items.iter().map(|item| Document::from_item(item.clone()).unwrap()).collect();
    let types = [Coverage::TYPE, Vulnerability::TYPE, Function::TYPE, Repository::TYPE];
    let inventory = ItemsInventory::new(documents, types.map(ToOwned::to_owned));
    block_on(LambdaDependenciesAudited::gather(function, &audit("{}"), &inventory)).unwrap()
}

fn orders() -> AuditedFunction {
    read(item())
}

fn with(configuration: Value) -> AuditedFunction {
    let mut item = item();
    let Value::Object(members) = configuration else { panic!("an object of properties") };
    for (key, value) in members {
        item["configuration"][key] = value;
    }
    read(item)
}

fn deployed(time: &str) -> AuditedFunction {
    with(json!({"lastModified": time}))
}

fn image() -> AuditedFunction {
    with(json!({"packageType": "Image", "runtime": null}))
}

fn item() -> Value {
    json!({
        "resourceType": Function::TYPE, "resourceId": "orders", "ARN": ARN,
        "tags": {"aws:cloudformation:stack-id": STACK},
        "configuration": {
            "functionName": "orders", "runtime": "nodejs24.x", "layers": [],
            "lastModified": "2026-09-30T14:03:05.510+0000",
        },
    })
}

fn read(item: Value) -> AuditedFunction {
    AuditedFunction::read(&Document::from_item(item).unwrap()).unwrap()
}

fn repository(name: &str, scans: bool) -> Repository {
    let item = json!({
        "resourceType": Repository::TYPE, "resourceId": name,
        "tags": {"aws:cloudformation:stack-id": STACK},
        "configuration": {"RepositoryName": name, "ImageScanningConfiguration": {"ScanOnPush": scans}},
    });
    Repository::read(&Document::from_item(item).unwrap()).unwrap()
}

fn coverage(kind: &str, status: &str, reason: &str) -> Coverage {
    Coverage::read(&Document::from_item(scan(kind, status, reason)).unwrap())
}

fn scan(kind: &str, status: &str, reason: &str) -> Value {
    json!({"resourceType": Coverage::TYPE, "resourceId": ARN, "configuration": {
        "resourceType": "AWS_LAMBDA_FUNCTION", "resourceId": format!("{ARN}:$LATEST"), "accountId": "111122223333",
        "scanType": kind, "scanStatus": {"statusCode": status, "reason": reason},
    }})
}

fn finding(id: &str, severity: &str, first_observed: &str) -> Value {
    let arn = format!("arn:aws:inspector2:eu-west-1:111122223333:finding/{id}");
    json!({"resourceType": Vulnerability::TYPE, "resourceId": arn, "configuration": {
        "findingArn": arn, "awsAccountId": "111122223333", "type": "PACKAGE_VULNERABILITY", "status": "ACTIVE",
        "severity": severity, "firstObservedAt": first_observed,
        "packageVulnerabilityDetails": {"vulnerabilityId": id, "source": "NVD", "vulnerablePackages": [
            {"name": "lodash", "version": "4.17.15", "fixedInVersion": "4.17.21", "packageManager": "NODEPKG"},
        ]},
        "resources": [{"id": format!("{ARN}:$LATEST"), "type": "AWS_LAMBDA_FUNCTION"}],
    }, "relationships": [{"resourceType": Function::TYPE, "resourceId": ARN, "name": "Is associated with "}]})
}

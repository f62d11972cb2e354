use std::collections::BTreeSet;

use config_rule::{Entry, MAX_ANNOTATION_CHARACTERS, Timestamp, Undecided, parameter_values};
use rule_testing::{ItemsInventory, block_on};
use serde_json::{Value, json};

use super::*;
use crate::delivery::Delivery;

#[test]
fn an_account_with_everything_is_compliant() {
    assert_eq!(judged(&evidence(), &defaults()), (vec![], vec![]));
}

#[test]
fn no_recorder_is_a_recorder_that_is_off() {
    let evidence = Evidence { recorders: Known::Value(vec![]), ..evidence() };
    let findings = ["recorder-off: there is no configuration recorder, a recorder that runs"];
    assert_eq!(judged(&evidence, &defaults()), (findings.map(ToOwned::to_owned).to_vec(), vec![]));
}

#[test]
fn a_stopped_recorder_is_off_whatever_its_last_status() {
    let stopped = Recorder {
        is_recording: Known::Value(false),
        last_status: absent("configuration.status.lastStatus"),
        ..recorder()
    };
    let findings = ["recorder-off: recorder default is stopped, a recorder that runs"];
    assert_eq!(
        judged(&with_recorder(stopped), &defaults()),
        (findings.map(ToOwned::to_owned).to_vec(), vec![])
    );
}

#[test]
fn only_a_failure_is_one_in_either_spelling() {
    for (status, is_off) in [
        ("FAILURE", true),
        ("Failure", true),
        ("SUCCESS", false),
        ("Pending", false),
        ("NotApplicable", false),
    ] {
        let recorder = Recorder { last_status: Known::Value(status.to_owned()), ..recorder() };
        assert_eq!(judged(&with_recorder(recorder), &defaults()).0.len(), usize::from(is_off), "{status}");
    }
}

#[test]
fn a_failure_says_why() {
    let last_error = Some("AccessDenied".to_owned());
    let failing = Recorder { last_status: Known::Value("FAILURE".to_owned()), last_error, ..recorder() };
    let findings = judged(&with_recorder(failing), &defaults()).0;
    assert_eq!(findings, ["recorder-off: recorder default fails with AccessDenied, a recorder that runs"]);
}

#[test]
fn a_recorder_of_unknown_status_leaves_it_open() {
    let unknown = Recorder { is_recording: absent("configuration.status.recording"), ..recorder() };
    assert_eq!(judged(&with_recorder(unknown), &defaults()), (vec![], vec!["recorder-off"]));
}

#[test]
fn a_list_with_all_types_is_enough_and_one_less_is_not() {
    let all: BTreeSet<_> =
        needed_types::needed_for(&defaults().required_packs).into_iter().map(ToOwned::to_owned).collect();
    let mut one_less = all.clone();
    one_less.remove("AWS::S3::Bucket");
    for (recorded, expected) in [(all, None), (one_less, Some("recorder default leaves out AWS::S3::Bucket"))]
    {
        let recorder = Recorder { recorded: Known::Value(Recorded::Only(recorded)), ..recorder() };
        let findings = judged(&with_recorder(recorder), &defaults()).0;
        let expected =
            expected.map(|seen| format!("recorder-incomplete: {seen}, all 22 types that the rules need"));
        assert_eq!(findings, expected.into_iter().collect::<Vec<_>>());
    }
}

#[test]
fn an_exclusion_counts_only_for_what_is_needed() {
    for (excluded, is_incomplete) in [("AWS::EC2::Volume", false), ("AWS::Lambda::Function", true)] {
        let recorded = Recorded::AllBut(BTreeSet::from([excluded.to_owned()]));
        let evidence = with_recorder(Recorder { recorded: Known::Value(recorded), ..recorder() });
        assert_eq!(judged(&evidence, &defaults()).0.len(), usize::from(is_incomplete), "{excluded}");
    }
}

#[test]
fn global_types_may_be_recorded_elsewhere() {
    let recorded = Known::Value(Recorded::All { globals: false });
    let evidence = with_recorder(Recorder { recorded, ..recorder() });
    assert_eq!(judged(&evidence, &defaults()), (vec![], vec!["recorder-incomplete"]));
}

#[test]
fn identity_providers_may_be_recorded_in_their_home_region() {
    let recorded = Known::Value(Recorded::AllBut(BTreeSet::from(["AWS::IAM::OIDCProvider".to_owned()])));
    let evidence = with_recorder(Recorder { recorded, ..recorder() });
    assert_eq!(judged(&evidence, &defaults()), (vec![], vec!["recorder-incomplete"]));
}

#[test]
fn global_types_do_not_hide_those_that_cannot_be_recorded_elsewhere() {
    let excluded = ["AWS::IAM::Role", "AWS::S3::Bucket"].map(ToOwned::to_owned);
    let recorded = Known::Value(Recorded::AllBut(BTreeSet::from(excluded)));
    let (findings, undecided) = judged(&with_recorder(Recorder { recorded, ..recorder() }), &defaults());
    assert_eq!(
        findings,
        [
            "recorder-incomplete: recorder default leaves out AWS::S3::Bucket, all 22 types that the rules need"
        ]
    );
    assert_eq!(undecided, [""; 0]);
}

#[test]
fn the_recording_group_is_read_in_all_its_forms() {
    let types = |types: &[&str]| types.iter().map(|&name| name.to_owned()).collect::<BTreeSet<_>>();
    let (role, bucket) = ("AWS::IAM::Role", "AWS::S3::Bucket");
    for (group, expected) in [
        (json!({"allSupported": true, "includeGlobalResourceTypes": true}), Recorded::All { globals: true }),
        (json!({"allSupported": true}), Recorded::All { globals: false }),
        (
            json!({"allSupported": true, "includeGlobalResourceTypes": false, "resourceTypes": [],
                "exclusionByResourceTypes": {"resourceTypes": []},
                "recordingStrategy": {"useOnly": "ALL_SUPPORTED_RESOURCE_TYPES"}}),
            Recorded::All { globals: false },
        ),
        (
            json!({"allSupported": false, "resourceTypes": [role, bucket]}),
            Recorded::Only(types(&[role, bucket])),
        ),
        (
            json!({"resourceTypes": [bucket], "recordingStrategy": {"useOnly": "INCLUSION_BY_RESOURCE_TYPES"}}),
            Recorded::Only(types(&[bucket])),
        ),
        (
            json!({"exclusionByResourceTypes": {"resourceTypes": [role]},
                "recordingStrategy": {"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"}}),
            Recorded::AllBut(types(&[role])),
        ),
    ] {
        assert_eq!(
            read_recorder(&json!({"recordingGroup": group})).unwrap().recorded,
            Known::Value(expected)
        );
    }
}

#[test]
fn a_strategy_that_is_not_known_leaves_it_open() {
    let group = json!({"recordingStrategy": {"useOnly": "SAMPLING"}});
    let recorded = read_recorder(&json!({"recordingGroup": group})).unwrap().recorded;
    let message = "which types are recorded is not available: the recording strategy SAMPLING is not known";
    assert_eq!(recorded.get().unwrap_err().to_string(), message);
    assert_eq!(
        judged(&with_recorder(Recorder { recorded, ..recorder() }), &defaults()),
        (vec![], vec!["recorder-incomplete"])
    );
}

#[test]
fn the_recorder_of_another_service_is_not_the_accounts() {
    assert_eq!(read_recorder(&json!({"servicePrincipal": "observabilityadmin.amazonaws.com"})), None);
}

#[test]
fn no_delivery_channel_is_a_failure() {
    let evidence = Evidence { delivery_channels: Known::Value(vec![]), ..evidence() };
    let findings = judged(&evidence, &defaults()).0;
    assert_eq!(findings, ["delivery-failing: there is no delivery channel, one that delivers to a bucket"]);
}

#[test]
fn each_kind_of_delivery_may_fail() {
    let channel = |statuses: [&str; 2]| {
        let delivery = |(what, status): (&'static str, &str)| Delivery {
            what,
            status: Known::Value(status.to_owned()),
            error: (status == "FAILURE").then(|| "AccessDenied".to_owned()),
        };
        let kinds = ["history to Amazon S3", "notifications to Amazon SNS"];
        let deliveries = kinds.into_iter().zip(statuses).map(delivery).collect();
        let channel = DeliveryChannel { name: "default".to_owned(), deliveries };
        judged(&Evidence { delivery_channels: Known::Value(vec![channel]), ..evidence() }, &defaults()).0
    };
    assert_eq!(channel(["SUCCESS", "Not_Applicable"]), [""; 0]);
    assert_eq!(
        channel(["FAILURE", "SUCCESS"]),
        ["delivery-failing: delivery failed: history to Amazon S3 (AccessDenied), deliveries that arrive"]
    );
    assert_eq!(
        channel(["Success", "FAILURE"]),
        [
            "delivery-failing: delivery failed: notifications to Amazon SNS (AccessDenied), deliveries that arrive"
        ]
    );
}

#[test]
fn a_channel_that_never_delivered_leaves_it_open() {
    let channel = DeliveryChannel { name: "default".to_owned(), deliveries: vec![] };
    let evidence = Evidence { delivery_channels: Known::Value(vec![channel]), ..evidence() };
    assert_eq!(judged(&evidence, &defaults()), (vec![], vec!["delivery-failing"]));
}

#[test]
fn eighty_percent_of_a_pack_are_enough_and_one_rule_less_is_not() {
    let serverless = Pack::named("serverless").unwrap();
    let rules = |count: usize| {
        let identifiers: BTreeSet<_> = serverless.rules.iter().copied().take(count).collect();
        Evidence { managed_rules: Known::Value(identifiers.into_iter().map(rule).collect()), ..evidence() }
    };
    let audit = Audit { required_packs: vec![serverless], minimum_coverage: 80 };
    assert_eq!(coverage_of(&rules(14), &audit), [""; 0]);
    assert_eq!(coverage_of(&rules(13), &audit), ["pack-not-covered: serverless 13/17, at least 14 active"]);
    let all = Audit { minimum_coverage: 100, ..audit };
    assert_eq!(coverage_of(&rules(15), &all), ["pack-not-covered: serverless 15/17, at least 17 active"]);
    assert_eq!(coverage_of(&rules(16), &all), [""; 0], "an identifier that stands twice counts twice");
}

#[test]
fn the_finding_says_which_rules_are_lacking() {
    let audit = Audit { required_packs: vec![Pack::named("dynamodb").unwrap()], minimum_coverage: 80 };
    let active = ["DYNAMODB_IN_BACKUP_PLAN", "DYNAMODB_PITR_ENABLED", "DYNAMODB_AUTOSCALING_ENABLED"];
    let evidence =
        Evidence { managed_rules: Known::Value(active.into_iter().map(rule).collect()), ..evidence() };
    let Outcome::Judged { findings, .. } = outcome(&evidence, &audit) else { panic!("it is judged") };
    assert_eq!(
        findings[0].place.to_string(),
        "Operational Best Practices for Amazon DynamoDB, without DAX_ENCRYPTION_ENABLED, \
         DYNAMODB_TABLE_ENCRYPTED_KMS, DYNAMODB_THROUGHPUT_LIMIT_CHECK, SERVICE_VPC_ENDPOINT_ENABLED"
    );
}

#[test]
fn a_pack_that_is_not_required_is_not_missed() {
    let none = Evidence { managed_rules: Known::Value(vec![]), ..evidence() };
    let audit = Audit { required_packs: vec![], minimum_coverage: 80 };
    assert_eq!(judged(&none, &audit), (vec![], vec![]));
    assert_eq!(judged(&none, &defaults()).0.len(), 6);
}

#[test]
fn the_rules_about_iam_are_asked_for_where_iam_is_recorded() {
    let audit = Audit { required_packs: vec![Pack::named("iam").unwrap()], minimum_coverage: 80 };
    let types = ["AWS::IAM::Group", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::IAM::User"];
    let listed =
        |count: usize| Recorded::Only(types.into_iter().take(count).map(ToOwned::to_owned).collect());
    for (recorded, count, is_found) in [
        (Recorded::All { globals: true }, 13, true),
        (Recorded::All { globals: true }, 14, false),
        (Recorded::All { globals: false }, 13, false),
        (listed(4), 0, true),
        (listed(3), 0, false),
    ] {
        let recorder = Recorder { recorded: Known::Value(recorded.clone()), ..recorder() };
        let evidence = Evidence { managed_rules: Known::Value(of_iam(count)), ..with_recorder(recorder) };
        let seen = format!("pack-not-covered: iam {count}/17, at least 14 active");
        let expected: Vec<_> = is_found.then_some(seen).into_iter().collect();
        assert_eq!(coverage_of(&evidence, &audit), expected, "{recorded:?}, {count}");
    }
}

#[test]
fn where_iam_is_not_recorded_or_nobody_knows_its_rules_are_left_open() {
    let audit = Audit { required_packs: vec![Pack::named("iam").unwrap()], minimum_coverage: 80 };
    let with = |recorders, count| {
        let evidence = Evidence { recorders, managed_rules: Known::Value(of_iam(count)), ..evidence() };
        let undecided = judged(&evidence, &audit).1;
        undecided.contains(&"pack-not-covered")
    };
    let recording = |recorded| Known::Value(vec![Recorder { recorded, ..recorder() }]);
    let elsewhere = || recording(Known::Value(Recorded::All { globals: false }));
    assert_eq!([13, 14].map(|count| with(elsewhere(), count)), [true, false]);
    assert_eq!(
        [13, 14].map(|count| with(recording(absent("configuration.recordingGroup")), count)),
        [true, false]
    );
    assert_eq!([13, 14].map(|count| with(absent("recorders"), count)), [true, false]);
    assert!(!with(Known::Value(vec![]), 0), "a Region without a recorder leaves nothing to another one");
}

#[test]
fn rules_of_other_packs_are_missed_wherever_iam_is_recorded() {
    let elsewhere = Recorder { recorded: Known::Value(Recorded::All { globals: false }), ..recorder() };
    let evidence = Evidence { managed_rules: Known::Value(vec![]), ..with_recorder(elsewhere) };
    assert_eq!(coverage_of(&evidence, &defaults()).len(), 5);
}

#[test]
fn rules_count_whatever_their_name_while_they_look_at_what_exists() {
    for (changes, counts) in [
        (json!({}), true),
        (json!({"ConfigRuleName": "securityhub-lambda-dlq-check-1234abcd"}), true),
        (json!({"CreatedBy": "securityhub.amazonaws.com"}), true),
        (json!({"ConfigRuleState": "EVALUATING"}), true),
        (json!({"ConfigRuleState": "DELETING_RESULTS"}), true),
        (json!({"ConfigRuleState": "DELETING"}), false),
        (json!({"Source": {"Owner": "CUSTOM_LAMBDA", "SourceIdentifier": "LAMBDA_DLQ_CHECK"}}), false),
        (json!({"EvaluationModes": [{"Mode": "PROACTIVE"}, {"Mode": "DETECTIVE"}]}), true),
        (json!({"EvaluationModes": [{"Mode": "PROACTIVE"}]}), false),
        (json!({"EvaluationModes": []}), true),
    ] {
        let active = active_among(config_rule(&changes));
        assert_eq!(active.get().unwrap().len(), usize::from(counts), "{changes}");
    }
}

#[test]
fn a_rule_of_unknown_state_leaves_coverage_open() {
    let managed_rules = active_among(config_rule(&json!({"ConfigRuleState": null})));
    let (_, undecided) = judged(&Evidence { managed_rules, ..evidence() }, &defaults());
    assert_eq!(undecided, ["pack-not-covered", "pack-stale"]);
}

#[test]
fn a_failed_pack_is_one_in_either_direction() {
    for (state, expected) in [
        ("CREATE_COMPLETE", None),
        ("CREATE_IN_PROGRESS", None),
        ("DELETE_IN_PROGRESS", None),
        ("CREATE_FAILED", Some("pack-failed: baseline is CREATE_FAILED, a pack that is deployed")),
        (
            "DELETE_FAILED",
            Some("pack-failed: baseline is DELETE_FAILED, a pack that is deleted, or deployed again"),
        ),
    ] {
        let pack =
            DeployedPack { name: "baseline".to_owned(), state: Known::Value(state.to_owned()), reason: None };
        let evidence = Evidence { packs: Known::Value(vec![pack]), ..evidence() };
        assert_eq!(judged(&evidence, &defaults()).0, expected.into_iter().collect::<Vec<_>>());
    }
}

#[test]
fn a_pack_of_unknown_state_does_not_hide_one_that_failed() {
    let pack =
        |name: &str, state| DeployedPack { name: name.to_owned(), state, reason: Some("r".repeat(2000)) };
    let unknown = pack("a", absent("configuration.Status.ConformancePackState"));
    let failed = pack("b", Known::Value("CREATE_FAILED".to_owned()));
    let of = |packs| judged(&Evidence { packs: Known::Value(packs), ..evidence() }, &defaults());
    assert_eq!(of(vec![unknown.clone()]), (vec![], vec!["pack-failed"]));
    let (findings, undecided) = of(vec![unknown, failed]);
    assert_eq!((findings.len(), undecided.len()), (1, 0));
    assert!(findings[0].chars().count() <= MAX_ANNOTATION_CHARACTERS, "{}", findings[0]);
}

#[test]
fn a_pack_is_stale_when_its_latest_run_is_48_hours_old_at_the_beginning_of_the_day() {
    // The event is on 2026-10-01.
    for (last_run, is_stale) in [
        ("2026-10-01T23:00:00Z", false),
        ("2026-09-29T00:00:00Z", false),
        ("2026-09-28T23:59:59Z", true),
        ("2026-01-01T00:00:00Z", true),
    ] {
        let stale = stale_of(vec![run_at(last_run), run_at("2026-01-01T00:00:00Z")]);
        assert_eq!(stale.0.len(), usize::from(is_stale), "{last_run}");
    }
    let (findings, _) = stale_of(vec![run_at("2026-09-28T23:59:59Z")]);
    assert_eq!(findings, ["pack-stale: iam last evaluated 2026-09-28, every 48 hours"]);
}

#[test]
fn rules_that_changes_trigger_prove_nothing() {
    let change = ManagedRule {
        identifier: "IAM_USER_NO_POLICIES_CHECK".to_owned(),
        is_scheduled: false,
        ..run_at("2026-01-01T00:00:00Z")
    };
    assert_eq!(stale_of(vec![change.clone()]), (vec![], vec!["pack-stale"]));
    assert_eq!(stale_of(vec![change, run_at("2026-10-01T00:00:00Z")]), (vec![], vec![]));
}

#[test]
fn a_pack_without_active_rules_is_not_stale() {
    assert_eq!(stale_of(vec![]), (vec![], vec![]));
}

#[test]
fn an_unknown_run_leaves_it_open_unless_another_is_recent() {
    let unknown = ManagedRule {
        last_run: absent("configuration.Status.FirstActivatedTime"),
        ..run_at("2026-10-01T00:00:00Z")
    };
    assert_eq!(stale_of(vec![unknown.clone(), run_at("2026-01-01T00:00:00Z")]), (vec![], vec!["pack-stale"]));
    assert_eq!(stale_of(vec![unknown, run_at("2026-10-01T00:00:00Z")]), (vec![], vec![]));
}

#[test]
fn the_last_run_is_the_latest_of_what_is_known() {
    let of = |status: Value| {
        let rules = active_among(config_rule(&json!({"Status": status})));
        rules.get().unwrap()[0].last_run.get().map(ToString::to_string).ok()
    };
    let (old, new) = ("2026-09-01T00:00:00Z", "2026-09-30T00:00:00Z");
    let both = json!({"LastSuccessfulEvaluationTime": old, "LastSuccessfulInvocationTime": new});
    assert_eq!(of(both).as_deref(), Some(new));
    let evaluated = json!({"LastSuccessfulEvaluationTime": old, "FirstActivatedTime": new});
    assert_eq!(of(evaluated).as_deref(), Some(old));
    assert_eq!(of(json!({"FirstActivatedTime": new})).as_deref(), Some(new));
    assert_eq!(of(json!({"FirstEvaluationStarted": false})), None);
}

#[test]
fn a_frequency_or_the_table_says_that_a_rule_is_scheduled() {
    let is_scheduled = |changes| active_among(config_rule(&changes)).get().unwrap()[0].is_scheduled;
    assert!(!is_scheduled(json!({})));
    assert!(is_scheduled(json!({"MaximumExecutionFrequency": "TwentyFour_Hours"})));
    assert!(is_scheduled(json!({"Source": {"Owner": "AWS", "SourceIdentifier": "IAM_PASSWORD_POLICY"}})));
}

#[test]
fn without_evidence_nothing_is_decided() {
    let inventory = ItemsInventory::new(Vec::new(), Vec::new());
    let evidence = block_on(AccountAudited::gather(&Account, &defaults(), &inventory)).unwrap();
    let ids: Vec<_> = AccountAudited::META.checks.iter().map(|check| check.id).collect();
    assert_eq!(judged(&evidence, &defaults()), (vec![], ids));
}

#[test]
fn the_subject_is_the_account_and_nothing_else() {
    let document = |kind| Document::without_configuration(kind, "111122223333", "111122223333", "eu-west-1");
    assert!(Account::read(&document(ACCOUNT_TYPE)).is_some());
    assert!(Account::read(&document("AWS::Lambda::Function")).is_none());
}

#[test]
fn no_recorder_and_no_packs_fit_into_an_annotation() {
    let inventory = ItemsInventory::new(
        Vec::new(),
        [Recorder::TYPE, DeliveryChannel::TYPE, ManagedRule::TYPE, DeployedPack::TYPE].map(ToOwned::to_owned),
    );
    let account = Document::without_configuration(ACCOUNT_TYPE, "111122223333", "111122223333", "eu-west-1");
    let rule = Entry::of::<AccountAudited>().prepare(&parameter_values(None).unwrap()).unwrap();
    let verdict = block_on(rule.evaluate(&account, &inventory, Date::constant(2026, 10, 1))).unwrap();
    let annotation = verdict.annotation.unwrap();
    assert!(annotation.starts_with("recorder-off: there is no configuration recorder"), "{annotation}");
    assert!(annotation.chars().count() <= MAX_ANNOTATION_CHARACTERS);
}

#[test]
fn wrong_parameters_are_refused_with_what_is_accepted() {
    for (parameters, message) in [
        (
            r#""requiredPacks": "s3, lambda""#,
            "rule parameter `requiredPacks`: expected comma-separated packs of `dynamodb`, `s3`, `iam`, \
             `reliability`, `security`, `serverless`, got `lambda`",
        ),
        (
            r#""minimumPackCoverage": 0"#,
            "rule parameter `minimumPackCoverage`: expected a whole number from 1 to 100, got `0`",
        ),
        (
            r#""minimumPackCoverage": 101"#,
            "rule parameter `minimumPackCoverage`: expected a whole number from 1 to 100, got `101`",
        ),
    ] {
        let given = parameter_values(Some(&format!("{{{parameters}}}"))).unwrap();
        let error = Entry::of::<AccountAudited>().prepare(&given).err().unwrap();
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn every_pack_is_accepted_and_required_by_default() {
    let names: Vec<_> = Pack::ALL.iter().map(|pack| pack.name).collect();
    let entry = Entry::of::<AccountAudited>();
    let spec = entry.parameters.iter().find(|spec| spec.name == "requiredPacks").unwrap();
    assert_eq!(spec.default, names.join(","));
    let accepted = format!("`{}`", names.join("`, `"));
    assert!(spec.accepts.to_string().ends_with(&accepted), "{}", spec.accepts);
}

/// The findings as an annotation shows them, and the checks that were not decided.
fn judged(evidence: &Evidence, audit: &Audit) -> (Vec<String>, Vec<&'static str>) {
    let Outcome::Judged { findings, undecided } = outcome(evidence, audit) else { panic!("it is judged") };
    let line = |finding: &Finding| format!("{}: {}, {}", finding.check.id, finding.seen, finding.wanted);
    let ids = undecided.iter().map(|Undecided { check, .. }| check.id).collect();
    (findings.iter().map(line).collect(), ids)
}

fn coverage_of(evidence: &Evidence, audit: &Audit) -> Vec<String> {
    let (mut findings, _) = judged(evidence, audit);
    findings.retain(|finding| finding.starts_with("pack-not-covered"));
    findings
}

/// Of the check alone, for a required pack of which these rules are active.
fn stale_of(rules: Vec<ManagedRule>) -> (Vec<String>, Vec<&'static str>) {
    let audit = Audit { required_packs: vec![Pack::named("iam").unwrap()], minimum_coverage: 1 };
    let (mut findings, undecided) =
        judged(&Evidence { managed_rules: Known::Value(rules), ..evidence() }, &audit);
    findings.retain(|finding| finding.starts_with("pack-stale"));
    (findings, undecided)
}

fn outcome(evidence: &Evidence, audit: &Audit) -> Outcome {
    AccountAudited::evaluate(&Account, audit, evidence, Date::constant(2026, 10, 1))
}

fn active_among(rule: Document) -> Known<Vec<ManagedRule>> {
    managed_rules::active_among(&[rule].into_iter().collect())
}

fn defaults() -> Audit {
    Audit { required_packs: Pack::ALL.iter().collect(), minimum_coverage: 80 }
}

/// Of an account in which all is well.
fn evidence() -> Evidence {
    let identifiers: BTreeSet<_> = Pack::ALL.iter().flat_map(Pack::identifiers).collect();
    let delivery =
        Delivery { what: "history to Amazon S3", status: Known::Value("SUCCESS".to_owned()), error: None };
    let channel = DeliveryChannel { name: "default".to_owned(), deliveries: vec![delivery] };
    Evidence {
        recorders: Known::Value(vec![recorder()]),
        delivery_channels: Known::Value(vec![channel]),
        managed_rules: Known::Value(identifiers.into_iter().map(rule).collect()),
        packs: Known::Value(vec![]),
    }
}

fn with_recorder(recorder: Recorder) -> Evidence {
    Evidence { recorders: Known::Value(vec![recorder]), ..evidence() }
}

fn recorder() -> Recorder {
    Recorder {
        name: "default".to_owned(),
        is_recording: Known::Value(true),
        last_status: Known::Value("SUCCESS".to_owned()),
        last_error: None,
        recorded: Known::Value(Recorded::All { globals: true }),
    }
}

fn rule(identifier: &str) -> ManagedRule {
    let is_scheduled = packs::is_scheduled(identifier);
    let last_run = Known::Value("2026-10-01T03:00:00Z".parse::<Timestamp>().unwrap());
    ManagedRule { identifier: identifier.to_owned(), is_scheduled, last_run }
}

/// A rule on a schedule that was last run then.
/// The first rules of the IAM pack.
fn of_iam(count: usize) -> Vec<ManagedRule> {
    Pack::named("iam").unwrap().rules.iter().take(count).map(|identifier| rule(identifier)).collect()
}

fn run_at(time: &str) -> ManagedRule {
    ManagedRule { last_run: Known::Value(time.parse().unwrap()), ..rule("IAM_PASSWORD_POLICY") }
}

fn absent<T>(path: &str) -> Known<T> {
    Known::Unknown(Missing::Absent { path: path.to_owned() })
}

fn read_recorder(configuration: &Value) -> Option<Recorder> {
    let item =
        json!({"resourceType": Recorder::TYPE, "resourceId": "default", "configuration": configuration});
    Recorder::read(&Document::from_item(item).unwrap())
}

/// An active managed rule that changes trigger, with these members in place of its own.
fn config_rule(changes: &Value) -> Document {
    let mut configuration = json!({
        "ConfigRuleName": "lambda-dlq-check",
        "Source": {"Owner": "AWS", "SourceIdentifier": "LAMBDA_DLQ_CHECK"},
        "ConfigRuleState": "ACTIVE",
        "EvaluationModes": [{"Mode": "DETECTIVE"}],
    });
    for (key, value) in changes.as_object().unwrap() {
        configuration[key] = value.clone();
    }
    let item = json!({
        "resourceType": ManagedRule::TYPE, "resourceId": "config-rule-a1b2c3", "configuration": configuration,
    });
    Document::from_item(item).unwrap()
}

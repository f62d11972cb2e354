use std::sync::Arc;

use aws_resources::{Deployment, DeploymentTarget, OidcProvider, Pipeline, ResourceDrift, StackMembership};
use config_rule::{Entry, Tags, parameter_values};
use serde_json::json;

use super::*;

/// When the function was modified.
const MODIFIED: &str = "2026-09-30T14:00:00Z";
/// A day that begins less than 24 hours after that, and the first that does not.
const NEXT_DAY: Date = Date::constant(2026, 10, 1);
const DAY_AFTER: Date = Date::constant(2026, 10, 2);

#[test]
fn a_function_modified_within_the_tolerance_is_the_stacks_own_work() {
    let evidence = of_stack(StackState { last_change: time("2026-09-30T13:00:00Z"), ..stack() });
    assert_eq!(findings(&function(), &evidence, DAY_AFTER), NONE);
}

#[test]
fn one_second_beyond_the_tolerance_is_somebody_elses() {
    let evidence = of_stack(StackState { last_change: time("2026-09-30T12:59:59Z"), ..stack() });
    assert_eq!(
        findings(&function(), &evidence, DAY_AFTER),
        [
            "changed-outside-stack: changed at 2026-09-30T14:00:00Z, stack `shop` last at 2026-09-30T12:59:59Z, \
             only its stack may change it"
        ]
    );
}

#[test]
fn without_the_times_of_its_resources_a_stack_can_only_acquit() {
    let unlisted = |began: &str| {
        let missing = Missing::NotRecorded { what: "the stack's resources".to_owned() };
        of_stack(StackState { last_begin: time(began), last_change: Known::Unknown(missing), ..stack() })
    };
    assert_eq!(judged(&function(), &unlisted("2026-09-30T13:00:00Z"), DAY_AFTER), (Vec::new(), Vec::new()));
    assert_eq!(
        undecided(&function(), &unlisted("2026-09-30T12:59:59Z"), DAY_AFTER),
        ["changed-outside-stack: the stack's resources is not recorded"]
    );
}

#[test]
fn a_function_that_a_pipeline_deploys_itself_is_nobodys_work_for_certain() {
    let pipeline = |name: &str| deploying([DeploymentTarget::Function(name.to_owned())]);
    let changed = StackState { last_change: time("2026-09-01T12:00:00Z"), ..stack() };
    let evidence = |name| Evidence { deployments: pipeline(name), ..of_stack(changed.clone()) };
    assert_eq!(
        undecided(&function(), &evidence("orders"), DAY_AFTER),
        [
            "changed-outside-stack: who changed the function after stack `shop` is not available: a pipeline deploys it \
             besides its stack"
        ]
    );
    assert_eq!(findings(&function(), &evidence("stock"), DAY_AFTER).len(), 2);

    let without_stack = DeployedFunction { stack: Known::Value(None), ..function() };
    let evidence = |name| Evidence { stack: Known::Value(None), deployments: pipeline(name), ..by_hand() };
    assert_eq!(judged(&without_stack, &evidence("orders"), DAY_AFTER), (Vec::new(), Vec::new()));
    assert_eq!(findings(&without_stack, &evidence("stock"), DAY_AFTER).len(), 2);
}

#[test]
fn a_function_that_its_stack_lists_has_one_whatever_its_tags_say() {
    let nothing_known = Missing::NotRecorded { what: "tags".to_owned() };
    for membership in [Known::Value(None), Known::Unknown(nothing_known)] {
        let imported = DeployedFunction { stack: membership, ..function() };
        assert_eq!(judged(&imported, &of_stack(stack()), DAY_AFTER), (Vec::new(), Vec::new()));
    }
}

#[test]
fn a_stack_that_was_not_recorded_since_leaves_it_open_for_a_day() {
    let seen_before = StackState {
        last_change: time("2026-09-01T12:00:00Z"),
        capture_time: "2026-09-30T13:59:59Z".parse().ok(),
        ..stack()
    };
    let evidence = of_stack(seen_before);
    assert_eq!(
        undecided(&function(), &evidence, NEXT_DAY),
        [
            "changed-outside-stack: the state of stack `shop` after 2026-09-30T14:00:00Z is not available: AWS Config \
             may not have recorded it yet"
        ]
    );
    assert_eq!(findings(&function(), &evidence, DAY_AFTER).len(), 1);
}

#[test]
fn a_whole_day_is_enough_and_a_second_less_is_not() {
    let evidence = of_stack(StackState { last_change: time("2026-09-01T12:00:00Z"), ..stack() });
    let modified = |text| DeployedFunction { last_modified: time(text), ..function() };
    assert_eq!(findings(&modified("2026-10-01T00:00:00Z"), &evidence, DAY_AFTER).len(), 1);
    assert_eq!(undecided(&modified("2026-10-01T00:00:01Z"), &evidence, DAY_AFTER).len(), 1);
}

#[test]
fn a_stack_that_was_recorded_since_decides_at_once() {
    let seen_since = StackState {
        last_change: time("2026-09-01T12:00:00Z"),
        capture_time: MODIFIED.parse().ok(),
        ..stack()
    };
    assert_eq!(findings(&function(), &of_stack(seen_since), Date::constant(2026, 9, 30)).len(), 1);
}

#[test]
fn a_stack_in_progress_is_left_alone() {
    let busy = StackState {
        status: Known::Value("UPDATE_IN_PROGRESS".to_owned()),
        last_change: time("2026-09-01T12:00:00Z"),
        drift: Known::Value("DRIFTED".to_owned()),
        ..stack()
    };
    let open = undecided(&function(), &of_stack(busy), DAY_AFTER);
    let message = "the final state of stack `shop` is not available: CloudFormation is at work on it";
    assert_eq!(open, ["changed-outside-stack", "stack-drifted"].map(|check| format!("{check}: {message}")));
}

#[test]
fn a_time_that_cannot_be_read_leaves_it_open() {
    let path = "configuration.lastModified".to_owned();
    let undated = DeployedFunction { last_modified: Known::Unknown(Missing::Absent { path }), ..function() };
    assert_eq!(
        undecided(&undated, &of_stack(stack()), DAY_AFTER),
        ["changed-outside-stack: `configuration.lastModified` is absent"]
    );
}

#[test]
fn a_stack_without_an_item_leaves_all_that_rests_on_it_open() {
    let missing = Missing::NotRecorded { what: "stack `shop`".to_owned() };
    let evidence = Evidence {
        stack: Known::Unknown(missing.clone()),
        parents: Known::Unknown(missing),
        ..of_stack(stack())
    };
    let open = undecided(&function(), &evidence, DAY_AFTER);
    let all = ["changed-outside-stack", "stack-drifted", "no-pipeline-evidence"];
    assert_eq!(open, all.map(|check| format!("{check}: stack `shop` is not recorded")));
}

#[test]
fn no_stack_and_no_tag_is_nobodys_and_either_is_somebodys() {
    let evidence = Evidence { stack: Known::Value(None), oidc_providers: github(), ..of_stack(stack()) };
    let unmanaged = |tags: &[&str]| {
        let tags = tags.iter().map(|key| (*key, "yes")).collect();
        DeployedFunction { stack: Known::Value(None), tags: Known::Value(tags), ..function() }
    };
    assert_eq!(
        findings(&unmanaged(&["service"]), &evidence, DAY_AFTER),
        [
            "not-managed-by-stack: no stack manages it and no tag says what does, needs a CloudFormation stack or a tag \
             such as `pipeline`"
        ]
    );
    for key in ["terraform", "pulumi:stack"] {
        assert_eq!(findings(&unmanaged(&[key]), &evidence, DAY_AFTER), NONE, "{key}");
    }
}

#[test]
fn the_functions_own_drift_goes_before_the_stacks() {
    for (own, of_stack_, seen) in [
        ("MODIFIED", "DRIFTED", Some("drift detection found the function MODIFIED")),
        ("DELETED", "IN_SYNC", Some("drift detection found the function DELETED")),
        ("IN_SYNC", "DRIFTED", Some("drift detection found stack `shop` DRIFTED")),
        ("IN_SYNC", "IN_SYNC", None),
        ("NOT_CHECKED", "IN_SYNC", None),
    ] {
        let drift =
            |id: &str, status: &str| ResourceDrift { logical_id: id.to_owned(), status: status.to_owned() };
        let stack = StackState {
            drift: Known::Value(of_stack_.to_owned()),
            drifted_resources: Known::Value(vec![drift("Role", "MODIFIED"), drift("Orders", own)]),
            ..stack()
        };
        let expected: Vec<_> =
            seen.iter().map(|seen| format!("stack-drifted: {seen}, must be as its template says")).collect();
        assert_eq!(findings(&function(), &of_stack(stack), DAY_AFTER), expected, "{own} {of_stack_}");
    }
}

#[test]
fn drift_that_nobody_looked_for_is_left_open() {
    for status in ["NOT_CHECKED", "UNKNOWN"] {
        let unchecked = StackState { drift: Known::Value(status.to_owned()), ..stack() };
        let message =
            format!("stack-drifted: the drift of stack `shop` is not available: its status is {status}");
        assert_eq!(undecided(&function(), &of_stack(unchecked), DAY_AFTER), [message]);
    }
}

#[test]
fn without_any_sign_of_a_pipeline_it_is_deployed_by_hand() {
    assert_eq!(
        findings(&function(), &by_hand(), DAY_AFTER),
        [
            "no-pipeline-evidence: no CodePipeline action of this Region deploys stack `shop`, it has no service role, and \
             the account trusts no CI service, a pipeline must deploy it"
        ]
    );
}

#[test]
fn each_sign_of_a_pipeline_is_enough_whatever_else_is_unknown() {
    let unknown = |what: &str| Missing::NotRecorded { what: what.to_owned() };
    let nothing_known = || Evidence {
        deployments: Known::Unknown(unknown("AWS::CodePipeline::Pipeline")),
        oidc_providers: Known::Unknown(unknown("AWS::IAM::OIDCProvider")),
        ..by_hand()
    };
    let with_role = || StackState {
        role_arn: Known::Value(Some("arn:aws:iam::111122223333:role/d".to_owned())),
        ..stack()
    };
    for evidence in [
        Evidence { oidc_providers: github(), ..nothing_known() },
        Evidence { deployments: deployed(&["shop"]), ..nothing_known() },
        Evidence { stack: Known::Value(Some(with_role())), ..nothing_known() },
        Evidence { parents: Known::Value(vec![with_role()]), ..nothing_known() },
    ] {
        assert_eq!(judged(&function(), &evidence, DAY_AFTER), (Vec::new(), Vec::new()), "{evidence:?}");
    }
    assert_eq!(
        undecided(&function(), &nothing_known(), DAY_AFTER),
        ["no-pipeline-evidence: AWS::IAM::OIDCProvider is not recorded"]
    );
}

#[test]
fn a_pipeline_deploys_what_is_nested_in_its_stack() {
    let parent = StackState { name: Known::Value("root".to_owned()), ..stack() };
    let evidence = |name: &str| Evidence {
        parents: Known::Value(vec![parent.clone()]),
        deployments: deployed(&[name]),
        ..by_hand()
    };
    assert_eq!(findings(&function(), &evidence("root"), DAY_AFTER), NONE);
    assert_eq!(findings(&function(), &evidence("other"), DAY_AFTER).len(), 1);
}

#[test]
fn a_pipeline_with_a_variable_for_the_stack_leaves_it_open() {
    let evidence = Evidence { deployments: deployed(&["#{variables.Stack}"]), ..by_hand() };
    assert_eq!(
        undecided(&function(), &evidence, DAY_AFTER),
        ["no-pipeline-evidence: which stack a pipeline deploys is not available: it depends on a variable"]
    );
}

#[test]
fn a_provider_that_is_no_ci_service_shows_nothing() {
    let cluster = OidcProvider { url: Known::Value("oidc.eks.eu-west-1.amazonaws.com/id/ABC".to_owned()) };
    let evidence = Evidence { oidc_providers: known(vec![cluster]), ..by_hand() };
    assert_eq!(findings(&function(), &evidence, DAY_AFTER).len(), 1);
}

#[test]
fn a_helper_of_the_cdk_is_judged_with_its_stack() {
    let helper = DeployedFunction {
        stack: Known::Value(Some(membership("LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8aFD4BFC8A"))),
        ..function()
    };
    let outcome = LambdaDeployedByPipeline::evaluate(&helper, &expectations(), &by_hand(), DAY_AFTER);
    assert_eq!(
        outcome,
        Outcome::NotApplicable("a helper function of the deployment tool, judged with its stack")
    );
}

#[test]
fn a_stack_concerns_the_functions_that_it_holds() {
    let stack = Document::from_item(json!({
        "resourceType": Stack::TYPE, "resourceId": "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop/1",
        "supplementaryConfiguration": {"StackResourceSummaries": [
            {"logicalResourceId": "Orders", "physicalResourceId": "orders", "resourceType": "AWS::Lambda::Function"},
            {"logicalResourceId": "Role", "physicalResourceId": "role", "resourceType": "AWS::IAM::Role"},
            {"logicalResourceId": "New", "resourceType": "AWS::Lambda::Function"},
        ]},
    }))
    .unwrap();
    assert_eq!(LambdaDeployedByPipeline::concerned(&stack), [(Function::TYPE, Selector::Id("orders"))]);
}

#[test]
fn both_ends_of_the_tolerance_are_accepted_and_what_is_beyond_is_not() {
    let is_accepted = |minutes: &str| {
        let given = parameter_values(Some(&json!({ "toleranceMinutes": minutes }).to_string())).unwrap();
        Entry::of::<LambdaDeployedByPipeline>().prepare(&given).is_ok()
    };
    assert_eq!(["-1", "0", "1440", "1441", "soon"].map(is_accepted), [false, true, true, false, false]);
}

const NONE: [&str; 0] = [];

fn findings(function: &DeployedFunction, evidence: &Evidence, today: Date) -> Vec<String> {
    judged(function, evidence, today).0
}

fn undecided(function: &DeployedFunction, evidence: &Evidence, today: Date) -> Vec<String> {
    let (findings, undecided) = judged(function, evidence, today);
    assert_eq!(findings, NONE);
    undecided
}

fn judged(function: &DeployedFunction, evidence: &Evidence, today: Date) -> (Vec<String>, Vec<String>) {
    let outcome = LambdaDeployedByPipeline::evaluate(function, &expectations(), evidence, today);
    let Outcome::Judged { findings, undecided } = outcome else { panic!("it is judged") };
    let found =
        findings.iter().map(|finding| format!("{}: {}, {}", finding.check.id, finding.seen, finding.wanted));
    let open = undecided.iter().map(|open| format!("{}: {}", open.check.id, open.missing));
    (found.collect(), open.collect())
}

fn expectations() -> Expectations {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    Expectations {
        deployment_tag_keys: owned(&["pipeline", "terraform", "pulumi:stack"]),
        tolerance: SignedDuration::from_mins(60),
        oidc_hosts: owned(&["token.actions.githubusercontent.com"]),
    }
}

fn function() -> DeployedFunction {
    DeployedFunction {
        name: "orders".to_owned(),
        region: Some("eu-west-1".to_owned()),
        last_modified: time(MODIFIED),
        tags: Known::Value(Tags::default()),
        stack: Known::Value(Some(membership("Orders"))),
    }
}

fn membership(logical_id: &str) -> StackMembership {
    StackMembership {
        stack_id: stack().id,
        stack_name: "shop".to_owned(),
        logical_id: Some(logical_id.to_owned()),
    }
}

/// A stack that changed together with the function, in sync, deployed by a person.
fn stack() -> StackState {
    StackState {
        id: "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop/1".to_owned(),
        name: Known::Value("shop".to_owned()),
        parent_id: Known::Value(None),
        status: Known::Value("UPDATE_COMPLETE".to_owned()),
        role_arn: Known::Value(None),
        last_begin: time("2026-09-01T11:00:00Z"),
        last_change: time(MODIFIED),
        capture_time: None,
        drift: Known::Value("IN_SYNC".to_owned()),
        drifted_resources: Known::Value(Vec::new()),
    }
}

fn of_stack(stack: StackState) -> Evidence {
    Evidence { stack: Known::Value(Some(stack)), deployments: deployed(&["shop"]), ..by_hand() }
}

fn by_hand() -> Evidence {
    Evidence {
        stack: Known::Value(Some(stack())),
        parents: Known::Value(Vec::new()),
        deployments: deployed(&[]),
        oidc_providers: known(Vec::new()),
    }
}

fn deployed(stacks: &[&str]) -> Known<Arc<Deployments>> {
    deploying(stacks.iter().map(|name| DeploymentTarget::Stack((*name).to_owned())))
}

fn deploying(targets: impl IntoIterator<Item = DeploymentTarget>) -> Known<Arc<Deployments>> {
    let deployments = targets.into_iter().map(|target| Deployment { target, region: None });
    let pipeline = Pipeline { deployments: Known::Value(deployments.collect()) };
    Known::Value(Arc::new(Deployments::of_pipelines(&[pipeline])))
}

fn known<T>(resources: Vec<T>) -> Known<Arc<Vec<T>>> {
    Known::Value(Arc::new(resources))
}

fn github() -> Known<Arc<Vec<OidcProvider>>> {
    let url = Known::Value("https://token.actions.githubusercontent.com".to_owned());
    known(vec![OidcProvider { url }])
}

fn time(text: &str) -> Known<Timestamp> {
    Known::Value(text.parse().unwrap())
}

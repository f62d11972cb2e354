use config_rule::{Entry, Known, MAX_ANNOTATION_CHARACTERS, Missing, Undecided, parameter_values};
use wildmatch::WildMatch;

use super::*;

const FUNCTION: &str = "AWS::Lambda::Function";
const TABLE: &str = "AWS::DynamoDB::Table";
const BUCKET: &str = "AWS::S3::Bucket";
const USERS: &str = "AWS::Cognito::UserPool";

#[test]
fn many_resources_of_one_kind_are_one_kind() {
    let stack = stack(&[("A", TABLE), ("B", "AWS::RDS::DBCluster"), ("C", "AWS::DSQL::Cluster")]);
    assert_eq!(judged(&stack, &defaults()), Ok(None));
}

#[test]
fn two_kinds_are_one_too_many() {
    let stack = stack(&[("Create", FUNCTION), ("Orders", TABLE)]);
    let seen = "holds database (Orders) and functions (Create), one kind per stack";
    assert_eq!(judged(&stack, &defaults()), Ok(Some(seen.to_owned())));
}

#[test]
fn as_many_kinds_as_allowed_are_accepted_and_one_more_is_not() {
    let two_kinds = Tuning { max_kinds: 2, ..defaults() };
    let two = stack(&[("Create", FUNCTION), ("Orders", TABLE)]);
    assert_eq!(judged(&two, &two_kinds), Ok(None));
    let three = stack(&[("Create", FUNCTION), ("Orders", TABLE), ("Users", USERS)]);
    let seen = "holds database (Orders), functions (Create) and identity (Users), at most 2 kinds per stack";
    assert_eq!(judged(&three, &two_kinds), Ok(Some(seen.to_owned())));
}

#[test]
fn three_ids_of_a_kind_are_named_and_the_rest_counted() {
    let stack = stack(&[("D", FUNCTION), ("C", FUNCTION), ("B", FUNCTION), ("A", FUNCTION), ("T", TABLE)]);
    let seen = "holds database (T) and functions (A, B, C +1), one kind per stack";
    assert_eq!(judged(&stack, &defaults()), Ok(Some(seen.to_owned())));
}

#[test]
fn the_longest_ids_leave_room_for_what_is_wanted() {
    let id = |letter: &str| letter.repeat(255);
    for kinds in 2..=4 {
        let types = [FUNCTION, TABLE, BUCKET, USERS];
        let resources: Vec<_> = types
            .iter()
            .take(kinds)
            .flat_map(|resource_type| ["X", "Y", "Z", "Ω"].map(|letter| (id(letter), *resource_type)))
            .collect();
        let resources: Vec<_> = resources.iter().map(|(id, kind)| (id.as_str(), *kind)).collect();
        let line = judged(&stack(&resources), &defaults()).unwrap().unwrap();
        let annotation = format!("mixed-stack: {line}");
        assert!(annotation.chars().count() <= MAX_ANNOTATION_CHARACTERS, "{annotation}");
    }
}

#[test]
fn supporting_resources_alone_are_not_the_rules_concern() {
    let stack = stack(&[("Role", "AWS::IAM::Role"), ("Queue", "AWS::SQS::Queue")]);
    assert_eq!(judged(&stack, &defaults()), Err("the stack holds none of the kinds that are kept apart"));
}

#[test]
fn helper_functions_alone_are_not_the_rules_concern() {
    let stack = stack(&[("LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8aFD4BFC8A", FUNCTION)]);
    assert_eq!(judged(&stack, &defaults()), Err("the stack holds none of the kinds that are kept apart"));
}

#[test]
fn an_empty_stack_is_not_the_rules_concern() {
    assert_eq!(
        judged(&stack(&[]), &defaults()),
        Err("the stack holds none of the kinds that are kept apart")
    );
}

#[test]
fn a_bootstrap_stack_is_not_the_rules_concern() {
    let stack = Stack {
        name: Known::Value("CDKToolkit".to_owned()),
        ..stack(&[("StagingBucket", BUCKET), ("Deploy", FUNCTION)])
    };
    assert_eq!(judged(&stack, &defaults()), Err("a stack of the deployment tool itself"));
}

#[test]
fn a_stack_of_unknown_name_is_judged() {
    let missing = Missing::NotRecorded { what: "`configuration`".to_owned() };
    let stack = Stack {
        name: Known::Unknown(missing.clone()),
        parent_id: Known::Unknown(missing),
        ..stack(&[("Create", FUNCTION), ("Orders", TABLE)])
    };
    assert!(judged(&stack, &defaults()).unwrap().is_some());
}

#[test]
fn unknown_resources_leave_the_check_open() {
    let missing = Missing::NotRecorded { what: "`supplementaryConfiguration`".to_owned() };
    let stack = Stack { resources: Known::Unknown(missing.clone()), ..stack(&[]) };
    let Outcome::Judged { findings, undecided } = outcome(&stack, &defaults()) else {
        panic!("it is judged")
    };
    assert_eq!(findings, []);
    assert_eq!(undecided, [Undecided { check: MIXED_STACK, missing }]);
}

#[test]
fn ignored_ids_are_patterns() {
    let stack = stack(&[("Create", FUNCTION), ("Scratch12", BUCKET)]);
    for (patterns, is_ignored) in
        [("Scratch*", true), ("Other,Scratch1?", true), ("Scratch?", false), ("scratch*", false)]
    {
        let ignored_logical_ids = patterns.split(',').map(WildMatch::new).collect();
        let decided = judged(&stack, &Tuning { ignored_logical_ids, ..defaults() }).unwrap();
        assert_eq!(decided.is_none(), is_ignored, "{patterns}");
    }
}

#[test]
fn an_extra_kind_with_the_name_of_another_adds_to_it() {
    let stack = stack(&[("Orders", TABLE), ("Ledger", "AWS::QLDB::Ledger")]);
    let with = |kinds| Tuning { extra_kinds: ExtraKinds::parse(kinds).unwrap(), ..defaults() };
    assert_eq!(judged(&stack, &with("database=AWS::QLDB::*")), Ok(None));
    assert!(judged(&stack, &with("ledger=AWS::QLDB::*")).unwrap().is_some());
}

#[test]
fn wrong_parameters_are_refused_with_what_is_accepted() {
    for (parameters, message) in [
        (r#""maxKinds": 0"#, "rule parameter `maxKinds`: expected a whole number from 1 to 20, got `0`"),
        (r#""maxKinds": 21"#, "rule parameter `maxKinds`: expected a whole number from 1 to 20, got `21`"),
        (
            r#""extraKinds": "messaging""#,
            "rule parameter `extraKinds`: expected comma-separated kinds like \
             `messaging=AWS::SQS::*|AWS::SNS::*`, with CloudFormation types after the name, got `messaging`",
        ),
    ] {
        let given = parameter_values(Some(&format!("{{{parameters}}}"))).unwrap();
        let error = Entry::of::<StackPerResourceType>().prepare(&given).err().unwrap();
        assert_eq!(error.to_string(), message);
    }
}

/// `<seen>, <wanted>` of the finding, if there is one, or why the rule is not concerned.
fn judged(stack: &Stack, tuning: &Tuning) -> Result<Option<String>, &'static str> {
    match outcome(stack, tuning) {
        Outcome::NotApplicable(reason) => Err(reason),
        Outcome::Judged { findings, .. } => {
            Ok(findings.first().map(|finding| format!("{}, {}", finding.seen, finding.wanted)))
        }
    }
}

fn outcome(stack: &Stack, tuning: &Tuning) -> Outcome {
    StackPerResourceType::evaluate(stack, tuning, &(), Date::constant(2026, 10, 1))
}

fn defaults() -> Tuning {
    Tuning { max_kinds: 1, extra_kinds: ExtraKinds::default(), ignored_logical_ids: Vec::new() }
}

fn stack(resources: &[(&str, &str)]) -> Stack {
    let resource = |(logical_id, resource_type): &(&str, &str)| StackResource {
        logical_id: (*logical_id).to_owned(),
        physical_id: None,
        resource_type: (*resource_type).to_owned(),
        status: Some("CREATE_COMPLETE".to_owned()),
    };
    Stack {
        name: Known::Value("shop".to_owned()),
        parent_id: Known::Value(None),
        resources: Known::Value(resources.iter().map(resource).collect()),
    }
}

use aws_resources::{Layer, ResourcePolicy, StackMembership, Statement};
use config_rule::{Entry, Known, parameter_values};

use super::*;

#[test]
fn ten_mebibytes_of_code_are_enough() {
    let function = Function { code_size: Known::Value(Bytes::from_mib(10)), ..small() };
    assert_eq!(findings(&function), NONE);
}

#[test]
fn one_byte_more_is_too_much() {
    let function = Function { code_size: Known::Value(Bytes(Bytes::from_mib(10).0 + 1)), ..small() };
    assert_eq!(findings(&function), ["code-too-large: code of 10.1 MiB, at most 10 MiB"]);
}

#[test]
fn an_image_of_any_size_is_not_measured() {
    let function = Function {
        package_type: Known::Value(PackageType::Image),
        code_size: Known::Value(Bytes::from_mib(2048)),
        ..small()
    };
    assert_eq!(findings(&function), NONE);
}

#[test]
fn fifty_mebibytes_of_layers_are_enough() {
    let layers = vec![layer("a", Bytes::from_mib(20)), layer("b", Bytes::from_mib(30))];
    assert_eq!(findings(&Function { layers: Known::Value(layers), ..small() }), NONE);
}

#[test]
fn one_byte_more_of_layers_is_too_much() {
    let layers = vec![layer("a", Bytes::from_mib(20)), layer("b", Bytes(Bytes::from_mib(30).0 + 1))];
    assert_eq!(
        findings(&Function { layers: Known::Value(layers), ..small() }),
        ["layers-too-large: layers of 50.1 MiB, at most 50 MiB"]
    );
}

#[test]
fn layers_of_monitoring_services_do_not_count() {
    let layers = vec![layer("Datadog-Extension", Bytes::from_mib(60)), layer("b", Bytes::from_mib(50))];
    assert_eq!(findings(&Function { layers: Known::Value(layers), ..small() }), NONE);
}

#[test]
fn a_layer_of_unknown_size_leaves_the_sum_open() {
    let size = Missing::Absent { path: "configuration.layers[0].codeSize".to_owned() };
    let unknown = Layer { code_size: Known::Unknown(size.clone()), ..layer("a", Bytes(0)) };
    let function = Function { layers: Known::Value(vec![unknown]), ..small() };
    assert_eq!(undecided(&function), [("layers-too-large", size)]);
}

#[test]
fn three_hundred_seconds_are_enough() {
    assert_eq!(findings(&Function { timeout: Known::Value(Seconds(300)), ..small() }), NONE);
}

#[test]
fn one_second_more_is_too_long() {
    assert_eq!(
        findings(&Function { timeout: Known::Value(Seconds(301)), ..small() }),
        ["timeout-too-long: times out after 301 s, at most 300 s"]
    );
}

#[test]
fn as_long_as_the_api_waits_is_enough() {
    let function = Function { timeout: Known::Value(Seconds(29)), ..invoked(&[api("a1/*/GET/pets")]) };
    assert_eq!(findings(&function), NONE);
}

#[test]
fn one_second_longer_than_the_api_waits_is_beyond_it() {
    let function = Function { timeout: Known::Value(Seconds(30)), ..invoked(&[api("a1/*/GET/pets")]) };
    assert_eq!(
        findings(&function),
        ["timeout-beyond-api: times out after 30 s, the API in front of it gives up after 29 s"]
    );
}

#[test]
fn the_api_of_another_partition_gives_up_as_well() {
    let china =
        grant("apigateway.amazonaws.com.cn", "arn:aws-cn:execute-api:cn-north-1:111122223333:a1/*/GET/pets");
    let function = Function { timeout: Known::Value(Seconds(30)), ..invoked(&[china]) };
    assert_eq!(findings(&function).len(), 1);
}

#[test]
fn a_refused_api_does_not_wait() {
    let refused = Statement { effect: aws_resources::Effect::Deny, ..api("a1/*/GET/pets") };
    let function = Function { timeout: Known::Value(Seconds(30)), ..invoked(&[refused]) };
    assert_eq!(findings(&function), NONE);
}

#[test]
fn a_short_timeout_needs_no_policy_to_be_within_the_api() {
    let missing = Missing::NotRecorded { what: "`supplementaryConfiguration`".to_owned() };
    let function = Function { policy: Known::Unknown(missing.clone()), ..small() };
    let open = ["many-trigger-kinds", "many-routes", "catch-all-route"].map(|check| (check, missing.clone()));
    assert_eq!(undecided(&function), open);
}

#[test]
fn a_service_that_may_only_read_the_function_is_no_trigger() {
    let reads = Statement {
        actions: vec!["lambda:GetFunction".to_owned()],
        ..grant("replicator.lambda.amazonaws.com", "arn:aws:cloudfront::111122223333:distribution/E1")
    };
    let function = invoked(&[reads, grant("s3.amazonaws.com", "arn:aws:s3:::b")]);
    assert_eq!(findings(&function), NONE);
}

#[test]
fn actions_are_patterns_without_case() {
    for action in ["lambda:invokefunction", "lambda:Invoke*", "lambda:*", "*", "lambda:InvokeFunctionUrl"] {
        let with = |service| Statement { actions: vec![action.to_owned()], ..grant(service, "arn:a") };
        let function = invoked(&[with("s3.amazonaws.com"), with("sns.amazonaws.com")]);
        assert_eq!(
            findings(&function),
            ["many-trigger-kinds: 2 kinds of trigger invoke it (s3, sns), at most 1"],
            "{action}"
        );
    }
}

#[test]
fn one_statement_may_name_two_services() {
    let both = Statement {
        services: vec!["s3.amazonaws.com".to_owned(), "sns.amazonaws.com".to_owned()],
        ..grant("", "arn:a")
    };
    assert_eq!(findings(&invoked(&[both])).len(), 1);
}

#[test]
fn the_same_route_in_two_stages_and_two_apis_counts_once() {
    let grants: Vec<_> = ["a1/*", "a1/Prod", "b2/*"]
        .iter()
        .flat_map(|stage| (0..5).map(move |route| api(&format!("{stage}/GET/{route}"))))
        .collect();
    assert_eq!(findings(&invoked(&grants)), NONE);
}

#[test]
fn one_route_more_than_allowed_is_too_many() {
    let grants: Vec<_> = (0..6).map(|route| api(&format!("a1/*/GET/{route}"))).collect();
    assert_eq!(
        findings(&invoked(&grants)),
        ["many-routes: serves 6 API routes (GET /0, GET /1, GET /2, GET /3 +2), at most 5"]
    );
}

#[test]
fn wildcards_alone_are_not_many_routes() {
    let methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
    let grants: Vec<_> = methods.iter().map(|method| api(&format!("a1/*/{method}/*"))).collect();
    assert_eq!(findings(&invoked(&grants)), NONE);
}

#[test]
fn one_api_in_two_stages_is_caught_once() {
    assert_eq!(
        findings(&invoked(&[api("a1/Test/*"), api("a1/Prod/*")])),
        [
            "catch-all-route: API a1 may invoke it for every method and path, grant only the routes that it serves"
        ]
    );
}

#[test]
fn the_sources_of_other_services_are_no_routes() {
    let arn = "arn:aws:execute-api:eu-west-1:111122223333:a1/*";
    assert_eq!(findings(&invoked(&[grant("s3.amazonaws.com", arn)])), NONE);
}

#[test]
fn a_helper_of_the_cdk_is_not_the_rules_concern_and_a_function_of_the_application_is() {
    let slow = |logical_id: &str| Function { timeout: Known::Value(Seconds(900)), ..of_stack(logical_id) };
    let helper = slow("CustomS3AutoDeleteObjectsCustomResourceProviderHandler9D90184F");
    assert!(matches!(outcome(&helper), Outcome::NotApplicable(_)));
    assert_eq!(findings(&slow("DeleteObjects")).len(), 1);
}

#[test]
fn a_function_of_unknown_tags_is_judged() {
    let missing = Missing::NotRecorded { what: "`tags`".to_owned() };
    let function =
        Function { timeout: Known::Value(Seconds(900)), stack: Known::Unknown(missing), ..small() };
    assert_eq!(findings(&function).len(), 1);
}

#[test]
fn both_ends_of_each_range_are_accepted_and_what_is_beyond_is_not() {
    for (name, min, max) in [
        ("maxCodeSizeMiB", 1, 250),
        ("maxLayersSizeMiB", 0, 250),
        ("maxTimeoutSeconds", 1, 900),
        ("maxTriggerKinds", 1, 50),
        ("maxRoutes", 1, 300),
    ] {
        let is_accepted = |value: i64| {
            let given = parameter_values(Some(&format!(r#"{{"{name}": {value}}}"#))).unwrap();
            Entry::of::<LambdaSmallSinglePurpose>().prepare(&given).is_ok()
        };
        assert_eq!([min - 1, min, max, max + 1].map(is_accepted), [false, true, true, false], "{name}");
    }
}

const NONE: [&str; 0] = [];

/// `<check>: <seen>, <wanted>` of each finding with the default limits.
fn findings(function: &Function) -> Vec<String> {
    let Outcome::Judged { findings, .. } = outcome(function) else { return Vec::new() };
    let line = |finding: &Finding| format!("{}: {}, {}", finding.check.id, finding.seen, finding.wanted);
    findings.iter().map(line).collect()
}

fn undecided(function: &Function) -> Vec<(&'static str, Missing)> {
    let Outcome::Judged { undecided, .. } = outcome(function) else { return Vec::new() };
    undecided.into_iter().map(|undecided| (undecided.check.id, undecided.missing)).collect()
}

fn outcome(function: &Function) -> Outcome {
    let limits = Limits {
        code_size: Bytes::from_mib(10),
        layers_size: Bytes::from_mib(50),
        timeout: Seconds(300),
        trigger_kinds: 1,
        routes: 5,
    };
    LambdaSmallSinglePurpose::evaluate(function, &limits, &(), Date::constant(2026, 10, 1))
}

fn small() -> Function {
    Function {
        name: Known::Value("orders".to_owned()),
        package_type: Known::Value(PackageType::Zip),
        code_size: Known::Value(Bytes::from_mib(1)),
        timeout: Known::Value(Seconds(3)),
        layers: Known::Value(Vec::new()),
        policy: Known::Value(None),
        stack: Known::Value(None),
    }
}

fn of_stack(logical_id: &str) -> Function {
    let stack = StackMembership {
        stack_id: "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop/1".to_owned(),
        stack_name: "shop".to_owned(),
        logical_id: Some(logical_id.to_owned()),
    };
    Function { stack: Known::Value(Some(stack)), ..small() }
}

fn invoked(statements: &[Statement]) -> Function {
    Function { policy: Known::Value(Some(ResourcePolicy { statements: statements.to_vec() })), ..small() }
}

fn api(resource: &str) -> Statement {
    grant("apigateway.amazonaws.com", &format!("arn:aws:execute-api:eu-west-1:111122223333:{resource}"))
}

fn grant(service: &str, source_arn: &str) -> Statement {
    Statement {
        path: "supplementaryConfiguration.Policy.Statement[0]".to_owned(),
        effect: aws_resources::Effect::Allow,
        actions: vec!["lambda:InvokeFunction".to_owned()],
        services: vec![service.to_owned()],
        source_arns: vec![source_arn.to_owned()],
        source_accounts: Vec::new(),
    }
}

fn layer(name: &str, size: Bytes) -> Layer {
    Layer {
        arn: Known::Value(format!("arn:aws:lambda:eu-west-1:111122223333:layer:{name}:1")),
        code_size: Known::Value(size),
    }
}

use aws_resources::{Integration, RestMethod, UsagePlan};
use config_rule::{Entry, Known, MAX_ANNOTATION_CHARACTERS, parameter_values};
use serde_json::{Value, json};

use super::*;

#[test]
fn a_plain_proxy_is_better_off_as_an_http_api() {
    let findings = findings(&Api::Rest(rest()), &plain());
    let [finding] = findings.as_slice() else { panic!("one finding: {findings:?}") };
    assert!(finding.starts_with("rest-features-unused: uses none of usage plans, API keys, "), "{finding}");
    assert!(finding.ends_with(", compression, an HTTP API does the same for less"), "{finding}");
    assert!(finding.chars().count() <= MAX_ANNOTATION_CHARACTERS, "{finding}");
}

#[test]
fn each_feature_of_the_api_itself_is_reason_enough() {
    for api in [
        RestApi { endpoint_types: Known::Value(vec!["PRIVATE".to_owned()]), ..rest() },
        RestApi { minimum_compression_size: Known::Value(Some(0)), ..rest() },
        RestApi { api_key_source: Known::Value(Some("AUTHORIZER".to_owned())), ..rest() },
        RestApi { shows_resource_policy: Known::Value(true), ..rest() },
    ] {
        assert_eq!(findings(&Api::Rest(api.clone()), &plain()), NONE, "{api:?}");
    }
}

#[test]
fn each_feature_of_a_stage_is_reason_enough() {
    for stage in [
        RestStage {
            web_acl_arn: some("arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/shop/1"),
            ..stage()
        },
        RestStage { client_certificate_id: some("3kxqri"), ..stage() },
        RestStage { has_canary: true, ..stage() },
        RestStage {
            access_log_destination: some("arn:aws:firehose:eu-west-1:111122223333:deliverystream/x"),
            ..stage()
        },
        RestStage { caches: Known::Value(true), ..stage() },
        RestStage { traces: Known::Value(true), ..stage() },
        RestStage { logs_execution: Known::Value(true), ..stage() },
    ] {
        let stages = vec![self::stage(), stage.clone()];
        let surroundings = Surroundings { stages: all(stages), ..plain() };
        assert_eq!(findings(&Api::Rest(rest()), &surroundings), NONE, "{stage:?}");
    }
}

#[test]
fn each_feature_of_a_method_is_reason_enough() {
    let with = |integration| RestMethod { integration: Known::Value(Some(integration)), ..method("GET") };
    for method in [
        RestMethod { requires_api_key: Known::Value(true), ..method("GET") },
        RestMethod { validates_requests: true, ..method("GET") },
        with(Integration { kind: "MOCK".to_owned(), ..proxy() }),
        with(Integration { kind: "AWS".to_owned(), ..proxy() }),
        with(Integration { kind: "HTTP".to_owned(), ..proxy() }),
        with(Integration { streams: true, ..proxy() }),
        with(waiting(30_001)),
    ] {
        let methods = vec![self::method("GET"), method.clone()];
        let surroundings = Surroundings { methods: all(methods), ..plain() };
        assert_eq!(findings(&Api::Rest(rest()), &surroundings), NONE, "{method:?}");
    }
}

#[test]
fn a_timeout_that_an_http_api_can_have_is_no_reason() {
    for integration in [waiting(29_000), waiting(30_000), proxy()] {
        let method = RestMethod { integration: Known::Value(Some(integration)), ..method("GET") };
        let surroundings = Surroundings { methods: all(vec![method.clone()]), ..plain() };
        assert_eq!(findings(&Api::Rest(rest()), &surroundings).len(), 1, "{method:?}");
    }
}

#[test]
fn a_timeout_that_cannot_be_read_leaves_the_use_of_features_open() {
    let integration = Integration { timeout_in_millis: unknown("`TimeoutInMillis`"), ..proxy() };
    let method = RestMethod { integration: Known::Value(Some(integration)), ..method("GET") };
    let surroundings = Surroundings { methods: all(vec![method]), ..plain() };
    let outcome = outcome(&Api::Rest(rest()), &preferences(), Some(&surroundings));
    assert_eq!(undecided_of(&outcome), ["rest-features-unused: `TimeoutInMillis` is not recorded"]);
}

#[test]
fn a_method_that_calls_nothing_yet_leaves_the_use_of_features_open() {
    let method = RestMethod { integration: Known::Value(None), ..method("GET") };
    let surroundings = Surroundings { methods: all(vec![method.clone()]), ..plain() };
    let open = undecided_of(&outcome(&Api::Rest(rest()), &preferences(), Some(&surroundings)));
    assert_eq!(open, ["rest-features-unused: `configuration.Integration` is absent"]);
    let keyed = RestMethod { requires_api_key: Known::Value(true), ..method };
    let surroundings = Surroundings { methods: all(vec![keyed]), ..plain() };
    assert_eq!(undecided_of(&outcome(&Api::Rest(rest()), &preferences(), Some(&surroundings))), NONE);
}

#[test]
fn a_usage_plan_is_reason_enough_whatever_else_is_unknown() {
    let surroundings = Surroundings {
        usage_plans: and_others(all(vec![UsagePlan { api_ids: unknown("`ApiStages`") }])),
        stages: not_recorded("AWS::ApiGateway::Stage"),
        methods: not_recorded("AWS::ApiGateway::Method"),
        ..plain()
    };
    let outcome = outcome(&Api::Rest(rest()), &preferences(), Some(&surroundings));
    assert_eq!(undecided_of(&outcome), ["graphql-over-rest: AWS::ApiGateway::Method is not recorded"]);
}

#[test]
fn whatever_is_not_recorded_leaves_the_use_of_features_open() {
    for (surroundings, message) in [
        (
            Surroundings { usage_plans: not_recorded("AWS::ApiGateway::UsagePlan"), ..plain() },
            "AWS::ApiGateway::UsagePlan is not recorded",
        ),
        (
            Surroundings { stages: not_recorded("AWS::ApiGateway::Stage"), ..plain() },
            "AWS::ApiGateway::Stage is not recorded",
        ),
        (Surroundings { usage_plans: and_others(all(Vec::new())), ..plain() }, "others is not recorded"),
        (Surroundings { stages: and_others(all(vec![stage()])), ..plain() }, "others is not recorded"),
        (Surroundings { methods: and_others(methods_of_two()), ..plain() }, "others is not recorded"),
    ] {
        let outcome = outcome(&Api::Rest(rest()), &preferences(), Some(&surroundings));
        assert_eq!(undecided_of(&outcome), [format!("rest-features-unused: {message}")]);
    }
    let no_methods = Surroundings { methods: not_recorded("AWS::ApiGateway::Method"), ..plain() };
    let outcome = outcome(&Api::Rest(rest()), &preferences(), Some(&no_methods));
    assert_eq!(undecided_of(&outcome).len(), 2);
}

#[test]
fn a_resource_policy_that_cannot_be_read_leaves_the_use_of_features_open() {
    let api = RestApi { shows_resource_policy: unknown("`configuration.policy`"), ..rest() };
    let outcome = outcome(&Api::Rest(api), &preferences(), Some(&plain()));
    assert_eq!(undecided_of(&outcome), ["rest-features-unused: `configuration.policy` is not recorded"]);
}

#[test]
fn an_edge_endpoint_is_a_feature_only_where_it_counts_as_one() {
    let edge = Api::Rest(RestApi { endpoint_types: Known::Value(vec!["EDGE".to_owned()]), ..rest() });
    assert_eq!(findings(&edge, &plain()).len(), 1);
    let counting = Preferences { count_edge_endpoint: true, ..preferences() };
    assert_eq!(findings_of(&outcome(&edge, &counting, Some(&plain()))), NONE);
}

#[test]
fn nobody_is_sent_to_an_http_api_that_would_be_refused() {
    for preferences in [
        Preferences { require_waf: true, ..preferences() },
        Preferences { allowed_types: vec![ApiType::Rest, ApiType::Graphql], ..preferences() },
    ] {
        assert_eq!(findings_of(&outcome(&Api::Rest(rest()), &preferences, Some(&plain()))), NONE);
    }
}

#[test]
fn one_post_method_is_graphql_only_on_its_own_path() {
    let graphql = |http_method: &str, path: &str| {
        let surroundings = Surroundings {
            methods: all(vec![RestMethod { requires_api_key: Known::Value(true), ..method(http_method) }]),
            only_path: Known::Value(path.to_owned()),
            ..plain()
        };
        findings(&Api::Rest(rest()), &surroundings)
    };
    let found = ["graphql-over-rest: its only route is POST /graphql, AppSync serves GraphQL natively"];
    assert_eq!(graphql("POST", "graphql"), found);
    assert_eq!(graphql("POST", "orders"), NONE);
    assert_eq!(graphql("GET", "graphql"), NONE);
}

#[test]
fn a_second_method_makes_it_more_than_graphql() {
    let keyed = |name| RestMethod { requires_api_key: Known::Value(true), ..method(name) };
    let surroundings = Surroundings {
        methods: all(vec![keyed("POST"), keyed("GET")]),
        only_path: Known::Value("graphql".to_owned()),
        ..plain()
    };
    assert_eq!(findings(&Api::Rest(rest()), &surroundings), NONE);
    let with_others = Surroundings { methods: and_others(surroundings.methods), ..plain() };
    assert_eq!(undecided_of(&outcome(&Api::Rest(rest()), &preferences(), Some(&with_others))), NONE);
}

#[test]
fn methods_of_unknown_apis_leave_open_whether_there_is_only_one() {
    let keyed = RestMethod { requires_api_key: Known::Value(true), ..method("POST") };
    let surroundings = Surroundings {
        methods: and_others(all(vec![keyed])),
        only_path: Known::Value("graphql".to_owned()),
        ..plain()
    };
    let outcome = outcome(&Api::Rest(rest()), &preferences(), Some(&surroundings));
    assert_eq!(undecided_of(&outcome), ["graphql-over-rest: others is not recorded"]);
}

#[test]
fn an_api_of_unknown_protocol_is_left_open() {
    let http = Api::Http(HttpApi { protocol: unknown("`configuration`") });
    let preferences = Preferences { require_waf: true, ..preferences() };
    let open = undecided_of(&outcome(&http, &preferences, None));
    assert_eq!(open.len(), 3, "{open:?}");
}

#[test]
fn keys_are_not_all_where_anything_else_is_asked_for() {
    let graphql = |types: &[&str]| {
        let authentication_types = types.iter().map(|name| (*name).to_owned()).collect();
        let api = Api::Graphql(GraphqlApi { authentication_types: Known::Value(authentication_types) });
        findings_of(&outcome(&api, &preferences(), None)).len()
    };
    assert_eq!(graphql(&["API_KEY"]), 1);
    assert_eq!(graphql(&["API_KEY", "AWS_IAM"]), 0);
    assert_eq!(graphql(&["AWS_LAMBDA"]), 0);
}

#[test]
fn the_stage_of_an_api_concerns_that_api() {
    let item = |id: &str| {
        Document::from_item(json!({"resourceType": RestStage::TYPE, "resourceId": id, "configuration": {}}))
            .unwrap()
    };
    let api = "arn:aws:apigateway:eu-west-1::/restapis/a1";
    let stage = item("arn:aws:apigateway:eu-west-1::/restapis/a1/stages/prod");
    assert_eq!(ApiTypeAppropriate::concerned(&stage), [(RestApi::TYPE, Selector::Id(api))]);
    assert_eq!(ApiTypeAppropriate::concerned(&item("prod")), []);
    let related = Document::from_item(json!({
        "resourceType": RestStage::TYPE, "resourceId": "prod", "configuration": {},
        "relationships": [{"resourceType": RestApi::TYPE, "resourceId": api, "name": "Is contained in "}],
    }));
    assert_eq!(ApiTypeAppropriate::concerned(&related.unwrap()), [(RestApi::TYPE, Selector::Id(api))]);
}

#[test]
fn parameters_are_read_and_what_is_not_accepted_is_refused() {
    for (parameters, is_accepted) in [
        (json!({"allowedApiTypes": "HTTP"}), true),
        (json!({"allowedApiTypes": "REST, GRAPHQL"}), true),
        (json!({"allowedApiTypes": "WEBSOCKET"}), false),
        (json!({"allowedApiTypes": "http"}), false),
        (json!({"allowedApiTypes": ""}), false),
        (json!({"requireWaf": "yes"}), false),
        (json!({"countEdgeEndpointAsFeature": true}), true),
    ] {
        assert_eq!(prepares(&parameters), is_accepted, "{parameters}");
    }
}

const NONE: [&str; 0] = [];

fn prepares(parameters: &Value) -> bool {
    let given = parameter_values(Some(&parameters.to_string())).unwrap();
    Entry::of::<ApiTypeAppropriate>().prepare(&given).is_ok()
}

fn findings(api: &Api, surroundings: &Surroundings) -> Vec<String> {
    findings_of(&outcome(api, &preferences(), Some(surroundings)))
}

fn findings_of(outcome: &Outcome) -> Vec<String> {
    let Outcome::Judged { findings, .. } = outcome else { panic!("it is judged") };
    let line = |finding: &Finding| format!("{}: {}, {}", finding.check.id, finding.seen, finding.wanted);
    findings.iter().map(line).collect()
}

fn undecided_of(outcome: &Outcome) -> Vec<String> {
    let Outcome::Judged { findings, undecided } = outcome else { panic!("it is judged") };
    assert_eq!(findings, &[]);
    undecided.iter().map(|open| format!("{}: {}", open.check.id, open.missing)).collect()
}

fn outcome(api: &Api, preferences: &Preferences, surroundings: Option<&Surroundings>) -> Outcome {
    let surroundings = surroundings.cloned();
    ApiTypeAppropriate::evaluate(api, preferences, &surroundings, Date::constant(2026, 10, 1))
}

fn preferences() -> Preferences {
    Preferences {
        require_waf: false,
        allowed_types: vec![ApiType::Rest, ApiType::Http, ApiType::Graphql],
        count_edge_endpoint: false,
    }
}

fn rest() -> RestApi {
    RestApi {
        resource_id: "arn:aws:apigateway:eu-west-1::/restapis/a1".to_owned(),
        id: "a1".to_owned(),
        endpoint_types: Known::Value(vec!["REGIONAL".to_owned()]),
        api_key_source: Known::Value(Some("HEADER".to_owned())),
        minimum_compression_size: Known::Value(None),
        shows_resource_policy: Known::Value(false),
    }
}

fn plain() -> Surroundings {
    Surroundings {
        stages: all(vec![stage()]),
        methods: all(vec![method("GET")]),
        usage_plans: all(Vec::new()),
        only_path: unknown("AWS::ApiGateway::Resource"),
    }
}

fn methods_of_two() -> Belonging<RestMethod> {
    all(vec![method("GET"), method("POST")])
}

fn all<T>(known: Vec<T>) -> Belonging<T> {
    Belonging { known, missing: None }
}

fn and_others<T>(belonging: Belonging<T>) -> Belonging<T> {
    Belonging { missing: not_recorded::<T>("others").missing, ..belonging }
}

fn not_recorded<T>(what: &str) -> Belonging<T> {
    Belonging { known: Vec::new(), missing: Some(Missing::NotRecorded { what: what.to_owned() }) }
}

fn stage() -> RestStage {
    RestStage {
        web_acl_arn: Known::Value(None),
        client_certificate_id: Known::Value(None),
        access_log_destination: Known::Value(None),
        has_canary: false,
        caches: Known::Value(false),
        traces: Known::Value(false),
        logs_execution: Known::Value(false),
    }
}

fn method(http_method: &str) -> RestMethod {
    RestMethod {
        http_method: Known::Value(http_method.to_owned()),
        requires_api_key: Known::Value(false),
        validates_requests: false,
        integration: Known::Value(Some(proxy())),
    }
}

fn proxy() -> Integration {
    Integration {
        kind: "AWS_PROXY".to_owned(),
        uri: None,
        streams: false,
        timeout_in_millis: Known::Value(None),
    }
}

fn waiting(millis: u64) -> Integration {
    Integration { timeout_in_millis: Known::Value(Some(millis)), ..proxy() }
}

fn some(text: &str) -> Known<Option<String>> {
    Known::Value(Some(text.to_owned()))
}

fn unknown<T>(what: &str) -> Known<T> {
    Known::Unknown(Missing::NotRecorded { what: what.to_owned() })
}

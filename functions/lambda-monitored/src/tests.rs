mod mute;

use std::collections::BTreeSet;

use aws_resources::{AlarmCondition, Dimension, Effect, Layer, Metric, ResourcePolicy, Statement};
use config_rule::{Entry, Severity, Subject, Tags, parameter_values};
use rule_testing::{ItemsInventory, block_on};
use serde_json::{Value, json};

use super::*;

#[test]
fn a_watched_function_has_no_findings() {
    assert_eq!(findings(&orders(), &watched_by(&[errors(), duration(), throttles()])), NONE);
}

#[test]
fn a_function_without_alarms_has_three() {
    assert_eq!(
        findings(&orders(), &watched_by(&[])),
        [
            "no-error-alarm: no alarm on Errors, needs one with an action",
            "no-duration-alarm: no alarm on Duration, needs one below the timeout, with an action",
            "no-delay-alarm: no alarm on delays, needs one on Throttles, or on the age of the events that it reads",
        ]
    );
}

#[test]
fn an_alarm_of_another_function_or_another_namespace_does_not_count() {
    let other = Alarm { dimensions: named("invoices"), ..errors() };
    let longer = Alarm { dimensions: named("orders-archive"), ..errors() };
    let custom = Alarm { metric: metric("Shop", "Errors"), ..errors() };
    assert_eq!(found(&orders(), &[other, longer, custom, duration(), throttles()]), ["no-error-alarm"]);
}

#[test]
fn an_alarm_on_an_alias_or_on_all_functions_counts() {
    let alias = Known::Value(vec![dimension("FunctionName", "orders"), dimension("Resource", "orders:live")]);
    let all = Known::Value(Vec::new());
    for dimensions in [alias, all] {
        assert_eq!(found(&orders(), &[Alarm { dimensions, ..errors() }, duration(), throttles()]), NONE);
    }
}

#[test]
fn unrecorded_alarms_leave_the_five_checks_on_them_open() {
    let alarms = Known::Unknown(Missing::NotRecorded { what: Alarm::TYPE.to_owned() });
    assert_eq!(
        undecided(&orders(), &Watchers { alarms, ..watched_by(&[]) }),
        ["no-error-alarm", "no-duration-alarm", "alarm-never-fires", "alarm-tells-nobody", "no-delay-alarm"]
    );
}

#[test]
fn an_alarm_on_an_expression_could_be_the_one() {
    let expression = Alarm { name: "error-rate".to_owned(), metric: Known::Value(None), ..errors() };
    let watchers = watched_by(&[expression]);
    assert_eq!(findings(&orders(), &watchers), NONE);
    assert_eq!(undecided(&orders(), &watchers), ["no-error-alarm", "no-duration-alarm", "no-delay-alarm"]);
    let Outcome::Judged { undecided, .. } = outcome(&orders(), &none(), &watchers) else { panic!() };
    assert_eq!(undecided[0].missing.to_string(), "what alarm `error-rate` calculates is not recorded");
}

#[test]
fn an_alarm_on_an_expression_does_not_matter_beside_ordinary_ones() {
    let expression = Alarm { metric: Known::Value(None), ..errors() };
    let watchers = watched_by(&[expression, errors(), duration(), throttles()]);
    assert_eq!((findings(&orders(), &watchers).len(), undecided(&orders(), &watchers).len()), (0, 0));
}

#[test]
fn a_duration_alarm_at_the_timeout_never_fires() {
    let at = |threshold| {
        with_condition(duration(), |condition| condition.threshold = Known::Value(Some(threshold)))
    };
    assert_eq!(found(&orders(), &[errors(), at(9999.0), throttles()]), NONE);
    assert_eq!(
        findings(&orders(), &watched_by(&[errors(), at(10_000.0), throttles()])),
        ["alarm-never-fires: alarm `orders-duration` waits for a Maximum of Duration above 10000 ms, \
             the function is stopped after 10 s"]
    );
    // Only where there is no other.
    assert_eq!(found(&orders(), &[errors(), at(10_000.0), at(5000.0), throttles()]), NONE);
}

#[test]
fn a_duration_alarm_of_all_functions_at_the_timeout_is_no_news_of_this_one() {
    let at = |threshold| {
        let of_all = Alarm { dimensions: Known::Value(Vec::new()), ..duration() };
        with_condition(of_all, |condition| condition.threshold = Known::Value(Some(threshold)))
    };
    assert_eq!(found(&orders(), &[errors(), at(9999.0), throttles()]), NONE);
    assert_eq!(
        findings(&orders(), &watched_by(&[errors(), at(10_000.0), throttles()])),
        [
            "alarm-never-fires: alarm `orders-duration` of all functions waits for a Maximum of Duration above 10000 ms, \
             the function is stopped after 10 s and needs an alarm of its own"
        ]
    );
    assert_eq!(found(&orders(), &[errors(), at(10_000.0), duration(), throttles()]), NONE);
}

#[test]
fn whether_a_version_sets_off_a_duration_alarm_is_left_open() {
    let on = |resource| {
        let dimensions = vec![dimension("FunctionName", "orders"), dimension("Resource", resource)];
        let alarm = Alarm { dimensions: Known::Value(dimensions), ..duration() };
        with_condition(alarm, |condition| condition.threshold = Known::Value(Some(20_000.0)))
    };
    for (resource, finds, leaves_open) in [
        ("orders:live", &[][..], &["alarm-never-fires"][..]),
        ("orders:7", &[], &["alarm-never-fires"]),
        ("orders:$LATEST", &["alarm-never-fires"], &[]),
        ("orders", &["alarm-never-fires"], &[]),
    ] {
        let alarms = [errors(), on(resource), throttles()];
        assert_eq!(found(&orders(), &alarms), finds, "{resource}");
        assert_eq!(undecided(&orders(), &watched_by(&alarms)), leaves_open, "{resource}");
    }
}

#[test]
fn an_alarm_that_goes_off_at_low_values_is_none() {
    let low = |alarm| {
        with_condition(alarm, |condition| {
            condition.comparison = Known::Value("LessThanThreshold".to_owned());
        })
    };
    let of_invocations = with_condition(errors(), |condition| {
        condition.statistic = Known::Value(Some("SampleCount".to_owned()));
    });
    assert_eq!(
        findings(&orders(), &watched_by(&[of_invocations.clone(), low(duration()), low(throttles())])),
        [
            "no-error-alarm: alarm `orders-errors` on Errors counts data points of any value, \
             needs one that goes off at high values",
            "no-duration-alarm: alarm `orders-duration` on Duration goes off at low values only, \
             needs one that goes off at high values",
            "no-delay-alarm: no alarm on delays, needs one on Throttles, or on the age of the events that it reads",
        ]
    );
    let all = [of_invocations, low(errors()), low(duration()), errors(), duration(), throttles()];
    assert_eq!(found(&orders(), &all), NONE);
}

#[test]
fn a_low_value_of_an_expression_could_be_an_error() {
    let availability = with_condition(Alarm { metric: Known::Value(None), ..errors() }, |condition| {
        condition.statistic = Known::Value(None);
        condition.comparison = Known::Value("LessThanThreshold".to_owned());
    });
    let watchers = watched_by(&[availability, duration(), throttles()]);
    assert_eq!(findings(&orders(), &watchers), NONE);
    assert_eq!(undecided(&orders(), &watchers), ["no-error-alarm"]);
}

#[test]
fn an_alarm_on_a_queue_that_is_nearly_empty_tells_of_no_delay() {
    let silent =
        MonitoredFunction { function: Function { policy: Known::Value(None), ..function() }, ..orders() };
    let low = with_condition(
        Alarm { metric: metric("AWS/SQS", "ApproximateNumberOfMessagesVisible"), ..errors() },
        |condition| condition.comparison = Known::Value("LessThanThreshold".to_owned()),
    );
    assert_eq!(found(&silent, &[errors(), duration(), low]), ["no-delay-alarm"]);
}

#[test]
fn a_never_firing_alarm_is_left_open_beside_one_on_an_expression() {
    let never = with_condition(duration(), |condition| condition.threshold = Known::Value(Some(10_000.0)));
    let expression = Alarm { metric: Known::Value(None), ..errors() };
    let watchers = watched_by(&[errors(), never, expression, throttles()]);
    assert_eq!(undecided(&orders(), &watchers), ["alarm-never-fires"]);
}

#[test]
fn an_unreadable_threshold_is_no_proof() {
    let missing = Missing::Absent { path: "configuration.comparisonOperator".to_owned() };
    let unclear =
        with_condition(duration(), |condition| condition.comparison = Known::Unknown(missing.clone()));
    let watchers = watched_by(&[errors(), unclear, throttles()]);
    assert_eq!(undecided(&orders(), &watchers), ["alarm-never-fires"]);
}

#[test]
fn throttles_are_enough_for_what_a_service_invokes() {
    let by_topic = MonitoredFunction { dead_letter_target: queue(), ..invoked_by(&["sns.amazonaws.com"]) };
    assert_eq!(found(&by_topic, &[errors(), duration(), throttles()]), NONE);
}

#[test]
fn what_no_service_invokes_could_read_a_queue_that_throttles_do_not_show() {
    let silent =
        MonitoredFunction { function: Function { policy: Known::Value(None), ..function() }, ..orders() };
    let watchers = watched_by(&[errors(), duration(), throttles()]);
    assert_eq!(undecided(&silent, &watchers), ["no-delay-alarm"]);
    assert_eq!(found(&silent, &[errors(), duration()]), ["no-delay-alarm"]);
    let age = Alarm { metric: metric("AWS/SQS", "ApproximateAgeOfOldestMessage"), ..errors() };
    let watchers = watched_by(&[errors(), duration(), age]);
    assert_eq!(
        (findings(&silent, &watchers).len(), undecided(&silent, &watchers)),
        (0, vec!["no-delay-alarm"])
    );
    let own = Alarm { metric: metric("AWS/Lambda", "IteratorAge"), ..errors() };
    assert_eq!(found(&silent, &[errors(), duration(), own]), NONE);
}

#[test]
fn an_alarm_on_the_age_of_a_queue_may_tell_somebody_where_its_actions_are_not_known() {
    let silent =
        MonitoredFunction { function: Function { policy: Known::Value(None), ..function() }, ..orders() };
    let age = Alarm { metric: metric("AWS/SQS", "ApproximateAgeOfOldestMessage"), ..errors() };
    let missing = Missing::Absent { path: "configuration.actionsEnabled".to_owned() };
    let unclear = Alarm { actions_enabled: Known::Unknown(missing), ..age.clone() };
    let watchers = watched_by(&[errors(), duration(), unclear]);
    assert_eq!(findings(&silent, &watchers), NONE);
    assert_eq!(undecided(&silent, &watchers), ["no-delay-alarm"]);
    let mute = Alarm { actions_enabled: Known::Value(false), ..age };
    assert_eq!(found(&silent, &[errors(), duration(), mute]), ["no-delay-alarm"]);
    // What a service invokes waits in no queue of one's own.
    assert_eq!(found(&orders(), &[errors(), duration()]), ["no-delay-alarm"]);
}

#[test]
fn a_delay_alarm_without_action_does_not_count() {
    let mute = Alarm { actions_enabled: Known::Value(false), ..throttles() };
    let alarms = [errors(), duration(), mute];
    assert_eq!(found(&orders(), &alarms), ["no-delay-alarm"]);
    let composite_alarms = Known::Value(vec!["shop-unhealthy".to_owned()]);
    let watchers = Watchers { composite_alarms, ..watched_by(&alarms) };
    assert_eq!(undecided(&orders(), &watchers), ["no-delay-alarm"]);
}

#[test]
fn an_untraced_function_is_noted() {
    let function = MonitoredFunction { tracing_mode: Known::Value("PassThrough".to_owned()), ..orders() };
    assert_eq!(
        findings(&function, &watched_by(&[errors(), duration(), throttles()])),
        ["no-tracing: tracing mode is PassThrough, must be Active"]
    );
    for layer in ["aws-otel-nodejs-arm64-ver-1-18-1", "opentelemetry-nodejs-0_12_0"] {
        let traced = with_layer(function.clone(), layer);
        assert_eq!(found(&traced, &[errors(), duration(), throttles()]), NONE, "{layer}");
    }
}

#[test]
fn asynchronous_events_need_somewhere_to_go() {
    let alarms = watched_by(&[errors(), duration(), throttles()]);
    let function =
        invoked_by(&["s3.amazonaws.com", "apigateway.amazonaws.com", "logs.eu-west-1.amazonaws.com"]);
    assert_eq!(
        findings(&function, &alarms),
        ["no-failure-destination: events of logs, s3 that fail are dropped, \
             needs a dead-letter queue or a destination for failures"]
    );
    assert_eq!(findings(&MonitoredFunction { dead_letter_target: queue(), ..function }, &alarms), NONE);
}

#[test]
fn synchronous_events_do_not() {
    let callers =
        ["apigateway.amazonaws.com", "cognito-idp.amazonaws.com", "elasticloadbalancing.amazonaws.com"];
    assert_eq!(found(&invoked_by(&callers), &[errors(), duration(), throttles()]), NONE);
}

#[test]
fn an_unrecorded_policy_leaves_only_what_rests_on_it_open() {
    let policy = Known::Unknown(Missing::NotRecorded { what: "`supplementaryConfiguration`".to_owned() });
    let unclear = MonitoredFunction { function: Function { policy, ..function() }, ..orders() };
    let watchers = watched_by(&[errors(), duration(), throttles()]);
    assert_eq!(undecided(&unclear, &watchers), ["no-delay-alarm", "no-failure-destination"]);
    let with_queue = MonitoredFunction { dead_letter_target: queue(), ..unclear };
    assert_eq!(undecided(&with_queue, &watchers), ["no-delay-alarm"]);
}

#[test]
fn a_layer_of_a_monitoring_service_covers_alarms_and_tracing() {
    let function = MonitoredFunction { tracing_mode: Known::Value("PassThrough".to_owned()), ..orders() };
    assert_eq!(found(&with_layer(function, "Datadog-Extension-ARM"), &[]), NONE);
}

#[test]
fn a_layer_that_only_collects_does_not() {
    for layer in [
        "LambdaInsightsExtension-Arm64",
        "aws-otel-nodejs-arm64-ver-1-18-1",
        "AWSOpenTelemetryDistroJs",
        "opentelemetry-nodejs-0_12_0",
        "opentelemetry-collector-amd64-0_12_0",
    ] {
        let function = with_layer(orders(), layer);
        assert_eq!(
            found(&function, &[]),
            ["no-error-alarm", "no-duration-alarm", "no-delay-alarm"],
            "{layer}"
        );
    }
}

#[test]
fn a_tag_names_the_service_unless_it_denies_one() {
    for (value, watched) in [("Dashbird", true), ("none", false), ("False", false), ("", false)] {
        let tags = Tags::from_iter([("monitored-by", value)]);
        let function = MonitoredFunction { tags: Known::Value(tags), ..orders() };
        assert_eq!(found(&function, &[]).is_empty(), watched, "{value}");
    }
}

#[test]
fn unrecorded_tags_leave_only_the_findings_open() {
    let tags = Known::Unknown(Missing::NotRecorded { what: "`tags`".to_owned() });
    let function = MonitoredFunction { tags, ..orders() };
    assert_eq!(undecided(&function, &watched_by(&[errors(), duration(), throttles()])), [""; 0]);
    assert_eq!(undecided(&function, &watched_by(&[duration()])), ["no-error-alarm", "no-delay-alarm"]);
}

#[test]
fn a_role_counts_if_it_is_named_and_lets_an_outsider_in() {
    let role = |name: &str, trusts_outsiders| Role { name: name.to_owned(), trusts_outsiders };
    let monitoring = parameters(r#"{"monitoringRoleNames": "dashbird-*"}"#);
    for (role, is_covered) in [
        (role("dashbird-delegation-role", Known::Value(true)), true),
        (role("dashbird-delegation-role", Known::Value(false)), false),
        (role("deployer", Known::Value(true)), false),
    ] {
        let watchers = Watchers { roles: Known::Value(vec![role].into()), ..watched_by(&[]) };
        assert_eq!(ids(&outcome(&orders(), &monitoring, &watchers)).is_empty(), is_covered);
    }
    let roles = Known::Unknown(Missing::NotRecorded { what: Role::TYPE.to_owned() });
    let watchers = Watchers { roles, ..watched_by(&[]) };
    assert_eq!(ids(&outcome(&orders(), &monitoring, &watchers)), NONE);
    assert_eq!(ids(&outcome(&orders(), &none(), &watchers)).len(), 3);
}

#[test]
fn a_changed_alarm_concerns_the_function_in_its_dimensions() {
    for (dimensions, function) in [
        (json!([{"name": "FunctionName", "value": "orders"}]), Some("orders")),
        (json!([{"name": "Resource", "value": "orders:live"}]), Some("orders")),
        (json!([{"name": "QueueName", "value": "orders"}]), None),
        (json!([]), None),
        (Value::Null, None),
    ] {
        let alarm = Document::from_item(json!({
            "resourceType": Alarm::TYPE, "resourceId": "a", "configuration": {"dimensions": dimensions},
        }))
        .unwrap();
        let expected: Vec<_> =
            function.map(|name| (Function::TYPE, Selector::Id(name))).into_iter().collect();
        assert_eq!(LambdaMonitored::concerned(&alarm), expected);
    }
}

#[test]
fn roles_are_asked_for_only_where_a_parameter_names_some() {
    let roles = |monitoring: &Monitoring| {
        let inventory = ItemsInventory::new(Vec::new(), [Alarm::TYPE.to_owned()]);
        block_on(LambdaMonitored::gather(&orders(), monitoring, &inventory)).unwrap().roles
    };
    assert_eq!(roles(&none()), Known::Value(Arc::default()));
    let not_recorded = Missing::NotRecorded { what: Role::TYPE.to_owned() };
    assert_eq!(roles(&parameters(r#"{"monitoringRoleNames": "dashbird-*"}"#)), Known::Unknown(not_recorded));
}

/// What is needed is said by the finding beside it.
#[test]
fn remedies_say_what_to_do() {
    let remedies: Vec<_> = LambdaMonitored::META.checks.iter().map(|check| check.remedy).collect();
    assert!(remedies.iter().all(|remedy| !remedy.contains("needs")), "{remedies:?}");
}

#[test]
fn only_the_seven_checks_find_anything() {
    let ids: BTreeSet<_> = LambdaMonitored::META.checks.iter().map(|check| check.id).collect();
    assert_eq!(ids.len(), 7);
    assert!(LambdaMonitored::META.checks.iter().all(|check| check.severity <= Severity::Medium));
}

const NONE: [&str; 0] = [];

fn findings(function: &MonitoredFunction, watchers: &Watchers) -> Vec<String> {
    let Outcome::Judged { findings, .. } = outcome(function, &none(), watchers) else { return Vec::new() };
    let line = |finding: &Finding| format!("{}: {}, {}", finding.check.id, finding.seen, finding.wanted);
    findings.iter().map(line).collect()
}

/// The checks that find something.
fn found(function: &MonitoredFunction, alarms: &[Alarm]) -> Vec<&'static str> {
    ids(&outcome(function, &none(), &watched_by(alarms)))
}

fn ids(outcome: &Outcome) -> Vec<&'static str> {
    let Outcome::Judged { findings, .. } = outcome else { return Vec::new() };
    findings.iter().map(|finding| finding.check.id).collect()
}

fn undecided(function: &MonitoredFunction, watchers: &Watchers) -> Vec<&'static str> {
    let Outcome::Judged { undecided, .. } = outcome(function, &none(), watchers) else { return Vec::new() };
    undecided.iter().map(|undecided| undecided.check.id).collect()
}

fn outcome(function: &MonitoredFunction, monitoring: &Monitoring, watchers: &Watchers) -> Outcome {
    LambdaMonitored::evaluate(function, monitoring, watchers, Date::constant(2026, 10, 1))
}

fn none() -> Monitoring {
    parameters("{}")
}

fn parameters(json: &str) -> Monitoring {
    let given = parameter_values(Some(json)).unwrap();
    assert!(Entry::of::<LambdaMonitored>().prepare(&given).is_ok());
    let list = |name: &str, default: &str| -> Vec<String> {
        let text = given.get(name).map_or(default, String::as_str).split(',');
        text.filter(|word| !word.is_empty()).map(ToOwned::to_owned).collect()
    };
    Monitoring {
        tag_keys: list("monitoringTagKeys", "monitored-by,monitoring"),
        role_names: list("monitoringRoleNames", "")
            .iter()
            .map(|name| wildmatch::WildMatch::new(name))
            .collect(),
    }
}

fn watched_by(alarms: &[Alarm]) -> Watchers {
    Watchers {
        alarms: Known::Value(alarms.iter().cloned().map(Arc::new).collect()),
        composite_alarms: Known::Value(Vec::new()),
        roles: Known::Value(Arc::default()),
    }
}

/// Behind an API, ten seconds, traced.
fn orders() -> MonitoredFunction {
    MonitoredFunction {
        name: "orders".to_owned(),
        function: function(),
        tracing_mode: Known::Value("Active".to_owned()),
        dead_letter_target: Known::Value(None),
        tags: Known::Value(Tags::default()),
    }
}

fn function() -> Function {
    let item = json!({"resourceType": Function::TYPE, "resourceId": "orders", "tags": {},
        "configuration": {"functionName": "orders", "timeout": 10}});
    let policy = Known::Value(Some(policy(&["apigateway.amazonaws.com"])));
    Function { policy, ..Function::read(&Document::from_item(item).unwrap()).unwrap() }
}

fn invoked_by(services: &[&str]) -> MonitoredFunction {
    let policy = Known::Value(Some(policy(services)));
    MonitoredFunction { function: Function { policy, ..function() }, ..orders() }
}

fn policy(services: &[&str]) -> ResourcePolicy {
    ResourcePolicy {
        statements: vec![Statement {
            path: "supplementaryConfiguration.Policy.Statement[0]".to_owned(),
            effect: Effect::Allow,
            actions: vec!["lambda:InvokeFunction".to_owned()],
            services: services.iter().map(|service| (*service).to_owned()).collect(),
            source_arns: Vec::new(),
            source_accounts: Vec::new(),
        }],
    }
}

fn with_layer(function: MonitoredFunction, name: &str) -> MonitoredFunction {
    let layer = Layer {
        arn: Known::Value(format!("arn:aws:lambda:eu-west-1:111122223333:layer:{name}:1")),
        code_size: Known::Value(aws_resources::Bytes(1)),
    };
    let layers = Known::Value(vec![layer]);
    MonitoredFunction { function: Function { layers, ..function.function }, ..function }
}

fn queue() -> Known<Option<String>> {
    Known::Value(Some("arn:aws:sqs:eu-west-1:111122223333:orders-failures".to_owned()))
}

fn errors() -> Alarm {
    Alarm {
        name: "orders-errors".to_owned(),
        metric: metric("AWS/Lambda", "Errors"),
        dimensions: named("orders"),
        actions_enabled: Known::Value(true),
        alarm_actions: Known::Value(vec!["arn:aws:sns:eu-west-1:111122223333:ops".to_owned()]),
        condition: AlarmCondition {
            statistic: Known::Value(Some("Sum".to_owned())),
            comparison: Known::Value("GreaterThanThreshold".to_owned()),
            threshold: Known::Value(Some(0.0)),
            unit: Known::Value(None),
            evaluation_periods: Known::Value(1),
            datapoints_to_alarm: Known::Value(None),
            treat_missing_data: Known::Value(Some("notBreaching".to_owned())),
        },
    }
}

fn duration() -> Alarm {
    let alarm =
        Alarm { name: "orders-duration".to_owned(), metric: metric("AWS/Lambda", "Duration"), ..errors() };
    with_condition(alarm, |condition| {
        condition.statistic = Known::Value(Some("Maximum".to_owned()));
        condition.threshold = Known::Value(Some(8000.0));
    })
}

fn throttles() -> Alarm {
    Alarm {
        name: "throttles".to_owned(),
        metric: metric("AWS/Lambda", "Throttles"),
        dimensions: Known::Value(Vec::new()),
        ..errors()
    }
}

fn with_condition(mut alarm: Alarm, change: impl FnOnce(&mut AlarmCondition)) -> Alarm {
    change(&mut alarm.condition);
    alarm
}

fn metric(namespace: &str, name: &str) -> Known<Option<Metric>> {
    Known::Value(Some(Metric { namespace: namespace.to_owned(), name: name.to_owned() }))
}

fn named(function: &str) -> Known<Vec<Dimension>> {
    Known::Value(vec![dimension("FunctionName", function)])
}

fn dimension(name: &str, value: &str) -> Dimension {
    Dimension { name: name.to_owned(), value: value.to_owned() }
}

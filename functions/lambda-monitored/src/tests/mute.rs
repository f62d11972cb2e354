//! Alarms without an enabled action, and the composite alarms that could speak for them.

use config_rule::{Documents, View};

use super::*;

#[test]
fn an_alarm_without_an_enabled_action_tells_nobody() {
    let without = Alarm { alarm_actions: Known::Value(Vec::new()), ..errors() };
    let muted = Alarm { actions_enabled: Known::Value(false), ..duration() };
    assert_eq!(
        findings(&orders(), &watched_by(&[without.clone(), muted, throttles()])),
        [
            "alarm-tells-nobody: alarm `orders-errors` has no action, needs one for ALARM",
            "alarm-tells-nobody: the actions of alarm `orders-duration` are switched off, must be on",
        ]
    );
    assert_eq!(found(&orders(), &[without, errors(), duration(), throttles()]), NONE);
}

#[test]
fn a_composite_alarm_could_tell_somebody_for_a_mute_one() {
    let mute = Alarm { alarm_actions: Known::Value(Vec::new()), ..errors() };
    let alarms = [mute, duration(), throttles()];
    let composite = Known::Value(vec!["shop-unhealthy".to_owned()]);
    let watchers = Watchers { composite_alarms: composite, ..watched_by(&alarms) };
    assert_eq!(findings(&orders(), &watchers), NONE);
    assert_eq!(undecided(&orders(), &watchers), ["alarm-tells-nobody"]);
    let unknown = Known::Unknown(Missing::NotRecorded { what: Stack::TYPE.to_owned() });
    let watchers = Watchers { composite_alarms: unknown, ..watched_by(&alarms) };
    assert_eq!(undecided(&orders(), &watchers), ["alarm-tells-nobody"]);
}

#[test]
fn a_mute_alarm_on_an_expression_matters_only_to_a_composite_alarm() {
    let mute = Alarm { metric: Known::Value(None), alarm_actions: Known::Value(Vec::new()), ..errors() };
    let alarms = [mute, duration(), throttles()];
    assert_eq!(
        findings(&orders(), &watched_by(&alarms)),
        ["no-error-alarm: no alarm on Errors tells anybody, needs one with an action"]
    );
    let unknown = Known::Unknown(Missing::NotRecorded { what: Stack::TYPE.to_owned() });
    for composite_alarms in [Known::Value(vec!["shop-unhealthy".to_owned()]), unknown] {
        let watchers = Watchers { composite_alarms, ..watched_by(&alarms) };
        assert_eq!(findings(&orders(), &watchers), NONE);
        assert_eq!(undecided(&orders(), &watchers), ["no-error-alarm"]);
    }
}

#[test]
fn an_alarm_on_an_expression_whose_actions_are_not_known_could_be_the_one() {
    let missing = Missing::Absent { path: "configuration.actionsEnabled".to_owned() };
    let unclear = Alarm { metric: Known::Value(None), actions_enabled: Known::Unknown(missing), ..errors() };
    let watchers = watched_by(&[unclear, duration(), throttles()]);
    assert_eq!(undecided(&orders(), &watchers), ["no-error-alarm"]);
}

#[test]
fn a_composite_alarm_could_tell_somebody_for_a_mute_one_beside_one_that_never_fires() {
    let never = with_condition(duration(), |condition| condition.threshold = Known::Value(Some(10_000.0)));
    let mute = Alarm { alarm_actions: Known::Value(Vec::new()), ..duration() };
    let alarms = [errors(), never, mute, throttles()];
    assert_eq!(found(&orders(), &alarms), ["alarm-never-fires"]);
    let composite_alarms = Known::Value(vec!["shop-unhealthy".to_owned()]);
    let watchers = Watchers { composite_alarms, ..watched_by(&alarms) };
    assert_eq!(undecided(&orders(), &watchers), ["alarm-never-fires"]);
}

#[test]
fn composite_alarms_are_looked_for_in_stacks_only_where_a_check_rests_on_them() {
    let topic = "arn:aws:sns:eu-west-1:111122223333:ops";
    let alarm = |metric: &str, threshold: u32, actions: &[&str]| {
        item(
            metric,
            &json!({
                "namespace": "AWS/Lambda", "metricName": metric, "statistic": "Maximum", "threshold": threshold,
                "comparisonOperator": "GreaterThanThreshold", "evaluationPeriods": 1,
                "dimensions": [{"name": "FunctionName", "value": "orders"}],
                "actionsEnabled": true, "alarmActions": actions,
            }),
        )
    };
    let [errors, duration, throttles] = [("Errors", 0), ("Duration", 5000), ("Throttles", 0)]
        .map(|(metric, over)| alarm(metric, over, &[topic]));
    let mute_errors = alarm("Errors", 0, &[]);
    let mute_throttles = alarm("Throttles", 0, &[]);
    let never = alarm("Duration", 10_000, &[topic]);
    let mute_expression =
        item("rate", &json!({"actionsEnabled": true, "alarmActions": [], "dimensions": []}));
    let expression =
        item("load", &json!({"actionsEnabled": true, "alarmActions": [topic], "dimensions": []}));
    let stack = json!({"resourceType": Stack::TYPE, "resourceId": "arn:stack", "configuration": {},
    "supplementaryConfiguration": {"StackResourceSummaries": [
        {"logicalResourceId": "Unhealthy", "physicalResourceId": "shop-unhealthy",
         "resourceType": "AWS::CloudWatch::CompositeAlarm", "resourceStatus": "CREATE_COMPLETE"},
    ]}});
    for (alarms, are_looked_for) in [
        (vec![&errors, &duration, &throttles], false),
        (vec![&errors, &duration, &throttles, &mute_expression], false),
        (vec![&duration], false),
        (vec![&mute_errors, &duration, &throttles], true),
        (vec![&errors, &duration, &mute_throttles], true),
        (vec![&duration, &throttles, &mute_expression], true),
        (vec![&errors, &never, &throttles, &mute_expression], true),
        // What one that tells somebody calculates is open anyway.
        (vec![&duration, &throttles, &mute_expression, &expression], false),
    ] {
        let items = alarms.iter().copied().chain([&stack]);
        let documents = items.map(|item| Document::from_item(item.clone()).unwrap()).collect();
        let inventory = ItemsInventory::new(documents, []);
        let watchers = block_on(LambdaMonitored::gather(&orders(), &none(), &inventory)).unwrap();
        let expected = if are_looked_for {
            Known::Value(vec!["shop-unhealthy".to_owned()])
        } else {
            Known::Unknown(composites::not_asked_for())
        };
        let names: Vec<_> = alarms.iter().map(|alarm| &alarm["resourceId"]).collect();
        assert_eq!(watchers.composite_alarms, expected, "{names:?}");
    }
}

#[test]
fn a_stack_that_does_not_list_its_resources_could_hold_a_composite_alarm() {
    let stack = Document::from_item(json!({"resourceType": Stack::TYPE, "resourceId": "arn:stack"})).unwrap();
    assert!(matches!(CompositeAlarms::of(&[stack].into_iter().collect()).0, Known::Unknown(_)));
    assert_eq!(CompositeAlarms::of(&Documents::default()).0, Known::Value(Vec::new()));
}

fn item(name: &str, configuration: &Value) -> Value {
    json!({"resourceType": Alarm::TYPE, "resourceId": name, "configuration": configuration})
}

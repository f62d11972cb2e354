//! Which alarms watch a function.

use std::collections::HashMap;
use std::sync::Arc;

use aws_resources::{Alarm, Metric};
use config_rule::{Document, Documents, Known, Missing, Subject, View};

use crate::blindness::blindness;
use crate::composites::speak_for_none;
use crate::dimensions::{name_and_value, named_function, names};

/// The namespace of the metrics that Lambda reports.
const LAMBDA: &str = "AWS/Lambda";

/// How long messages wait, by the metrics of the services that hold them.
///
/// Sources: Amazon SQS Developer Guide, "Available CloudWatch metrics for Amazon SQS"; Amazon Kinesis Data Streams
/// Developer Guide, "Monitor the Amazon Kinesis Data Streams service with Amazon CloudWatch"; Amazon MSK Developer
/// Guide, "Amazon MSK metrics for monitoring Standard brokers with CloudWatch".
const SOURCE_AGES: [(&str, &str); 6] = [
    ("AWS/SQS", "ApproximateAgeOfOldestMessage"),
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible"),
    ("AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds"),
    ("AWS/Kafka", "EstimatedMaxTimeLag"),
    ("AWS/Kafka", "MaxOffsetLag"),
    ("AWS/Kafka", "SumOffsetLag"),
];

/// The alarms on one metric of a function.
#[derive(Debug)]
pub(crate) struct Watch<'a> {
    /// Those that name the function, one of its aliases or versions, or no function and so all of them.
    pub(crate) alarms: Vec<&'a Alarm>,
    /// One on the metric that does not watch for high values of it, and what it does instead.
    pub(crate) blind: Option<(&'a Alarm, &'static str)>,
    /// Why another alarm, which may tell somebody, could be one of them.
    could_be: Option<Missing>,
    /// Whether one without an enabled action could be.
    pub(crate) mute_could_be: bool,
}

impl<'a> Watch<'a> {
    /// The alarms on a metric that Lambda reports of the function.
    pub(crate) fn over(alarms: &'a [Arc<Alarm>], function: &str, metric: &str) -> Self {
        let mut watch = Self { alarms: Vec::new(), blind: None, could_be: None, mute_could_be: false };
        for alarm in alarms {
            let is_on_function = is_on(alarm, metric).and_then(|is_on| Ok(is_on && names(alarm, function)?));
            match (is_on_function, blindness(&alarm.condition)) {
                (Ok(true), None) => watch.alarms.push(alarm),
                (Ok(true), Some(instead)) => watch.blind = watch.blind.or(Some((alarm, instead))),
                (Err(_), None) if is_mute(alarm) => watch.mute_could_be = true,
                (Err(missing), None) => watch.could_be = watch.could_be.or(Some(missing)),
                (Ok(false), _) | (Err(_), Some(_)) => {}
            }
        }
        watch
    }

    /// Whether one of the alarms tells somebody.
    pub(crate) fn tells_somebody(&self) -> Result<bool, Missing> {
        any(self.alarms.iter().map(|alarm| alarm.tells_somebody()))
    }

    /// That no other alarm could be one of them and tell somebody, and that none of `composites` could for a mute one.
    pub(crate) fn nobody_else_tells(&self, composites: &Known<Vec<String>>) -> Result<(), Missing> {
        self.could_be.clone().map_or(Ok(()), Err)?;
        if self.mute_could_be || self.alarms.iter().any(|alarm| is_mute(alarm)) {
            speak_for_none(composites)?;
        }
        Ok(())
    }
}

/// Whether some alarm tells somebody how long the messages of a queue or stream wait. Whether it is the function's own
/// queue or stream, items do not say.
pub(crate) fn source_is_watched(alarms: &[Arc<Alarm>]) -> Result<bool, Missing> {
    any(alarms.iter().map(|alarm| watches_source(alarm)))
}

fn watches_source(alarm: &Alarm) -> Result<bool, Missing> {
    let is_age = |Metric { namespace, name }: &Metric| {
        SOURCE_AGES.iter().any(|(known, age)| known == namespace && age == name)
    };
    match &alarm.metric {
        Known::Value(Some(metric)) if is_age(metric) && blindness(&alarm.condition).is_none() => {
            alarm.tells_somebody()
        }
        _ => Ok(false),
    }
}

fn is_mute(alarm: &Alarm) -> bool {
    alarm.tells_somebody() == Ok(false)
}

/// Whether one is, whatever is not known of the others.
fn any(claims: impl Iterator<Item = Result<bool, Missing>>) -> Result<bool, Missing> {
    let claims: Vec<_> = claims.collect();
    if claims.contains(&Ok(true)) {
        return Ok(true);
    }
    claims.into_iter().try_fold(false, |_, claim| claim)
}

/// The metric alarms of an account by the functions that they could watch. A run over all functions looks, for each of them,
/// at few alarms.
#[derive(Debug, Default)]
pub(crate) struct AlarmIndex {
    /// As items, which are held anyway: each is read once, when it is the function's turn.
    of_function: HashMap<String, Vec<Arc<Document>>>,
    of_any: Vec<Arc<Alarm>>,
    /// Whether one of those watches a queue or stream, or may do so.
    has_source: bool,
    /// Whether it is not known of one of those which metric it is on.
    has_unknown: bool,
    /// Whether that is so of one without an enabled action.
    has_mute_unknown: bool,
}

impl AlarmIndex {
    /// The alarms that could be on a metric of the function, or on the age of a queue or stream that it reads.
    pub(crate) fn around(&self, function: &str) -> Vec<Arc<Alarm>> {
        let of_function = self.of_function.get(function).into_iter().flatten();
        let of_function = of_function.filter_map(|alarm| Alarm::read(alarm).map(Arc::new));
        of_function.chain(self.of_any.iter().cloned()).collect()
    }

    /// Takes an alarm that every function looks at. An account has as many alarms on queues as it has queues, but whose they
    /// are nobody knows, so that the first one says what all of them say; likewise for those on unknown metrics, mute or not.
    fn add_for_any(&mut self, alarm: Alarm) {
        let has_like = match &alarm.metric {
            Known::Value(Some(metric)) if metric.namespace == LAMBDA => &mut false,
            Known::Value(Some(_)) if watches_source(&alarm) == Ok(false) => return,
            Known::Value(Some(_)) => &mut self.has_source,
            Known::Value(None) | Known::Unknown(_) if is_mute(&alarm) => &mut self.has_mute_unknown,
            Known::Value(None) | Known::Unknown(_) => &mut self.has_unknown,
        };
        if !std::mem::replace(has_like, true) {
            self.of_any.push(Arc::new(alarm));
        }
    }
}

impl View for AlarmIndex {
    fn of(alarms: &Documents) -> Self {
        let mut index = Self::default();
        for document in alarms.shared() {
            match reach(document) {
                Reach::One(function) => {
                    index.of_function.entry(function.to_owned()).or_default().push(Arc::clone(document));
                }
                Reach::Any => {
                    if let Some(alarm) = Alarm::read(document) {
                        index.add_for_any(alarm);
                    }
                }
                Reach::None => {}
            }
        }
        index
    }
}

/// Which functions an alarm could watch, directly or by the queue or stream that they read.
#[derive(Debug, PartialEq)]
enum Reach<'a> {
    One(&'a str),
    Any,
    None,
}

fn reach(alarm: &Document) -> Reach<'_> {
    let namespace = alarm.properties().text("configuration.namespace");
    match namespace.get() {
        Ok(&LAMBDA) => {
            let dimensions = alarm.properties().list("configuration.dimensions");
            let pairs = dimensions.get().map(|dimensions| dimensions.iter().map(name_and_value).collect());
            let pairs: Option<Vec<_>> = pairs.ok().flatten();
            match pairs {
                Some(pairs) if !pairs.is_empty() => named_function(&pairs).map_or(Reach::None, Reach::One),
                // What cannot be read could be any function's.
                _ => Reach::Any,
            }
        }
        Ok(other) if SOURCE_AGES.iter().any(|(known, _)| known == other) => Reach::Any,
        Ok(_) => Reach::None,
        Err(_) => Reach::Any,
    }
}

fn is_on(alarm: &Alarm, wanted: &str) -> Result<bool, Missing> {
    match alarm.metric.get()? {
        Some(Metric { namespace, name }) => Ok(namespace == LAMBDA && name == wanted),
        None => Err(Missing::NotRecorded { what: format!("what alarm `{}` calculates", alarm.name) }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn an_alarm_is_looked_at_for_those_functions_that_it_could_watch() {
        let alarm = |configuration: &Value| {
            let item =
                json!({"resourceType": Alarm::TYPE, "resourceId": "a", "configuration": configuration});
            Document::from_item(item).unwrap()
        };
        let of = |name| json!({"namespace": "AWS/Lambda", "dimensions": [{"name": "FunctionName", "value": name}]});
        let queue = json!([{"name": "QueueName", "value": "orders"}]);
        for (configuration, expected) in [
            (of("orders"), Reach::One("orders")),
            (json!({"namespace": "AWS/Lambda", "dimensions": queue}), Reach::None),
            (json!({"namespace": "AWS/Lambda", "dimensions": []}), Reach::Any),
            (json!({"namespace": "AWS/Lambda"}), Reach::Any),
            (json!({"namespace": "AWS/Lambda", "dimensions": [{"name": "FunctionName"}]}), Reach::Any),
            (json!({"namespace": "AWS/SQS", "dimensions": queue}), Reach::Any),
            (json!({"namespace": "AWS/EC2", "dimensions": []}), Reach::None),
            (json!({"dimensions": []}), Reach::Any),
        ] {
            assert_eq!(reach(&alarm(&configuration)), expected, "{configuration}");
        }
        let index = AlarmIndex::of(&[of("orders"), of("stock"), json!({})].iter().map(alarm).collect());
        assert_eq!((index.around("orders").len(), index.around("mail").len()), (2, 1));
    }

    #[test]
    fn one_alarm_that_tells_somebody_is_enough_whatever_is_not_known_of_others() {
        let missing = || Missing::Absent { path: "configuration.actionsEnabled".to_owned() };
        for (claims, expected) in [
            (vec![], Ok(false)),
            (vec![Ok(false), Ok(true)], Ok(true)),
            (vec![Err(missing()), Ok(true)], Ok(true)),
            (vec![Err(missing()), Ok(false)], Err(missing())),
        ] {
            assert_eq!(any(claims.into_iter()), expected);
        }
    }

    #[test]
    fn however_many_alarms_watch_queues_each_function_looks_at_one() {
        let on_queue = |name: &str, action: &str| {
            json!({"namespace": "AWS/SQS", "metricName": name, "dimensions": [{"name": "QueueName", "value": "q"}],
                "actionsEnabled": true, "alarmActions": [action], "okactions": [], "insufficientDataActions": []})
        };
        let (age, topic) = ("ApproximateAgeOfOldestMessage", "arn:aws:sns:eu-west-1:111122223333:alarms");
        let of_all = json!({"namespace": "AWS/Lambda", "metricName": "Errors", "dimensions": []});
        let index = |configurations: &[Value]| {
            let alarm = |configuration: &Value| {
                let item =
                    json!({"resourceType": Alarm::TYPE, "resourceId": "a", "configuration": configuration});
                Document::from_item(item).unwrap()
            };
            AlarmIndex::of(&configurations.iter().map(alarm).collect()).around("orders")
        };
        let others = vec![on_queue("NumberOfMessagesSent", topic); 3];
        assert!(index(&others).is_empty());
        let ages = [others, vec![on_queue(age, topic); 3]].concat();
        assert_eq!(index(&ages).len(), 1);
        assert_eq!(source_is_watched(&index(&ages)), Ok(true));
        assert_eq!(index(&[of_all.clone(), of_all]).len(), 2);
        let unknown = json!({"dimensions": []});
        let watching = index(&[unknown.clone(), unknown.clone()]);
        assert_eq!(watching.len(), 1);
        let none = Known::Value(Vec::new());
        assert!(Watch::over(&watching, "orders", "Errors").nobody_else_tells(&none).is_err());
        // A mute one does not stand for those that may tell somebody.
        let mute = json!({"dimensions": [], "actionsEnabled": false});
        let watching = index(&[mute.clone(), mute, unknown]);
        assert_eq!(watching.len(), 2);
        assert!(Watch::over(&watching, "orders", "Errors").nobody_else_tells(&none).is_err());
    }
}

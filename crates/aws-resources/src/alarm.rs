use config_rule::{Document, Known, Missing, Node, Subject};

/// A CloudWatch metric alarm. Composite alarms are of another type, which AWS Config does not record.
#[derive(Clone, Debug, PartialEq)]
pub struct Alarm {
    /// The alarm's name, which is also AWS Config's id of it.
    pub name: String,
    /// What it watches; `None` for alarms on expressions over several metrics and on anomaly detection models, whose
    /// metrics items do not hold.
    pub metric: Known<Option<Metric>>,
    /// Which of the metric's series it watches; none for the sum of all.
    pub dimensions: Known<Vec<Dimension>>,
    /// Whether its actions are carried out at all.
    pub actions_enabled: Known<bool>,
    /// ARNs of what is done when it goes into ALARM; possibly none.
    pub alarm_actions: Known<Vec<String>>,
    /// When it goes into ALARM.
    pub condition: AlarmCondition,
}

/// A metric by its full name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metric {
    /// Such as `AWS/Lambda`.
    pub namespace: String,
    /// Such as `Errors`.
    pub name: String,
}

/// One name and value that tell the series of a metric apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dimension {
    /// Such as `FunctionName`.
    pub name: String,
    /// Such as the function's name.
    pub value: String,
}

/// What an alarm compares, and how often it must be true.
#[derive(Clone, Debug, PartialEq)]
pub struct AlarmCondition {
    /// `Sum`, `Maximum`, … or an extended statistic such as `p99`; `None` where there is no single metric.
    pub statistic: Known<Option<String>>,
    /// CloudWatch's name of the comparison; the statistic is on its left.
    pub comparison: Known<String>,
    /// The right side of the comparison, in the metric's own unit; `None` for anomaly detection.
    pub threshold: Known<Option<f64>>,
    /// The only unit whose data it looks at; `None` for all.
    pub unit: Known<Option<String>>,
    /// How many of the latest periods count.
    pub evaluation_periods: Known<u64>,
    /// How many of those must breach; `None` for all of them.
    pub datapoints_to_alarm: Known<Option<u64>>,
    /// What a period without data counts as; `None` is CloudWatch's default, `missing`.
    pub treat_missing_data: Known<Option<String>>,
}

impl Alarm {
    /// CloudFormation type name.
    pub const TYPE: &'static str = "AWS::CloudWatch::Alarm";

    /// Whether going into ALARM makes anything happen.
    ///
    /// # Errors
    ///
    /// [`Missing`] where the item does not say.
    pub fn tells_somebody(&self) -> Result<bool, Missing> {
        Ok(*self.actions_enabled.get()? && !self.alarm_actions.get()?.is_empty())
    }
}

impl Subject for Alarm {
    fn read(document: &Document) -> Option<Self> {
        if document.resource_type != Self::TYPE {
            return None;
        }
        let root = document.properties();
        let dimensions = root.list("configuration.dimensions").optional();
        let actions = root.list("configuration.alarmActions").optional();
        Some(Self {
            name: document.resource_id.clone(),
            metric: metric(&root).into(),
            dimensions: dimensions
                .and_then(|list| list.iter().flatten().map(|node| read_dimension(node).into()).collect()),
            actions_enabled: root.boolean("configuration.actionsEnabled"),
            alarm_actions: actions.and_then(|list| {
                list.iter().flatten().map(|arn| arn.as_text().map(ToOwned::to_owned)).collect()
            }),
            condition: AlarmCondition::read(&root),
        })
    }
}

impl AlarmCondition {
    fn read(root: &Node<'_>) -> Self {
        let statistic =
            optional_text(root, "configuration.statistic").and_then(|statistic| match statistic {
                Some(statistic) => Known::Value(Some(statistic)),
                None => optional_text(root, "configuration.extendedStatistic"),
            });
        Self {
            statistic,
            comparison: root.text("configuration.comparisonOperator").map(ToOwned::to_owned),
            threshold: root.number("configuration.threshold").optional(),
            unit: optional_text(root, "configuration.unit"),
            evaluation_periods: root.whole_number("configuration.evaluationPeriods"),
            datapoints_to_alarm: root.whole_number("configuration.datapointsToAlarm").optional(),
            treat_missing_data: optional_text(root, "configuration.treatMissingData"),
        }
    }
}

/// Only both parts of the name make a metric; an alarm on an expression has neither.
fn metric(root: &Node<'_>) -> Result<Option<Metric>, Missing> {
    root.at("configuration").get()?;
    let namespace = optional_text(root, "configuration.namespace");
    let name = optional_text(root, "configuration.metricName");
    Ok(match (namespace.get()?, name.get()?) {
        (Some(namespace), Some(name)) => Some(Metric { namespace: namespace.clone(), name: name.clone() }),
        _ => None,
    })
}

fn read_dimension(node: &Node<'_>) -> Result<Dimension, Missing> {
    let text = |key: &str| node.text(key).get().map(|text| (*text).to_owned());
    Ok(Dimension { name: text("name")?, value: text("value")? })
}

fn optional_text(root: &Node<'_>, path: &str) -> Known<Option<String>> {
    root.text(path).optional().map(|text| text.map(ToOwned::to_owned))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn an_alarm_of_a_query_row_is_read() {
        let alarm = read(json!({"configuration": {
            "metricName": "Duration", "namespace": "AWS/Lambda", "extendedStatistic": "p99",
            "dimensions": [{"name": "FunctionName", "value": "orders"}], "actionsEnabled": true,
            "alarmActions": ["arn:aws:sns:eu-west-1:111122223333:ops"], "threshold": 7500.5,
            "comparisonOperator": "GreaterThanThreshold", "evaluationPeriods": 5.0, "datapointsToAlarm": 3.0,
            "treatMissingData": "notBreaching", "period": 60.0,
        }}));
        assert_eq!(alarm.name, "orders-duration");
        let metric = Metric { namespace: "AWS/Lambda".to_owned(), name: "Duration".to_owned() };
        assert_eq!(alarm.metric, Known::Value(Some(metric)));
        let dimension = Dimension { name: "FunctionName".to_owned(), value: "orders".to_owned() };
        assert_eq!(alarm.dimensions, Known::Value(vec![dimension]));
        assert_eq!(alarm.tells_somebody(), Ok(true));
        assert_eq!(
            alarm.condition,
            AlarmCondition {
                statistic: Known::Value(Some("p99".to_owned())),
                comparison: Known::Value("GreaterThanThreshold".to_owned()),
                threshold: Known::Value(Some(7500.5)),
                unit: Known::Value(None),
                evaluation_periods: Known::Value(5),
                datapoints_to_alarm: Known::Value(Some(3)),
                treat_missing_data: Known::Value(Some("notBreaching".to_owned())),
            }
        );
    }

    #[test]
    fn an_alarm_on_an_expression_has_no_metric() {
        let alarm = read(json!({"configuration": {
            "metricName": null, "comparisonOperator": "GreaterThanUpperThreshold", "thresholdMetricId": "band",
        }}));
        assert_eq!(alarm.metric, Known::Value(None));
        assert_eq!(alarm.condition.threshold, Known::Value(None));
    }

    #[test]
    fn an_alarm_without_configuration_is_not_one_on_an_expression() {
        assert!(matches!(read(json!({})).metric, Known::Unknown(Missing::NotRecorded { .. })));
    }

    #[test]
    fn only_enabled_actions_tell_somebody() {
        for (configuration, tells) in [
            (json!({"actionsEnabled": true, "alarmActions": ["arn:a"]}), Ok(true)),
            (json!({"actionsEnabled": false, "alarmActions": ["arn:a"]}), Ok(false)),
            (json!({"actionsEnabled": true, "alarmActions": []}), Ok(false)),
            (json!({"actionsEnabled": true}), Ok(false)),
            (
                json!({"alarmActions": ["arn:a"]}),
                Err(Missing::Absent { path: "configuration.actionsEnabled".to_owned() }),
            ),
        ] {
            assert_eq!(read(json!({"configuration": configuration})).tells_somebody(), tells);
        }
    }

    #[test]
    fn dimensions_that_are_no_pairs_are_unknown() {
        let alarm = read(json!({"configuration": {"dimensions": [{"name": "FunctionName"}]}}));
        let path = "configuration.dimensions[0].value".to_owned();
        assert_eq!(alarm.dimensions, Known::Unknown(Missing::Absent { path }));
    }

    fn read(mut item: Value) -> Alarm {
        item["resourceType"] = json!(Alarm::TYPE);
        item["resourceId"] = json!("orders-duration");
        Alarm::read(&Document::from_item(item).unwrap()).unwrap()
    }
}

//! Whether an alarm can go into ALARM at all.

use aws_resources::{AlarmCondition, Seconds};
use config_rule::{Known, Missing};

use crate::statistic::Statistic;

/// A metric of a function, with the values that it can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measure<'a> {
    /// `Errors`: 0 or 1 for each invocation.
    ///
    /// Source: AWS Lambda Developer Guide, "Types of metrics for Lambda functions": invocation metrics are binary.
    Errors,
    /// `Duration`: milliseconds for each invocation, at most the function's timeout.
    ///
    /// Source: AWS Lambda Developer Guide, "Types of metrics for Lambda functions", and the metric's description: the
    /// maximum data point value possible is the function timeout configuration.
    Duration {
        /// The function's timeout.
        timeout: &'a Known<Seconds>,
    },
}

/// Why an alarm never goes into ALARM.
#[derive(Debug, PartialEq)]
pub(crate) struct Obstacle {
    /// What the alarm asks for.
    pub(crate) seen: String,
    /// What would be possible.
    pub(crate) wanted: String,
}

impl Measure<'_> {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Errors => "Errors",
            Self::Duration { .. } => "Duration",
        }
    }

    const fn unit(self) -> &'static str {
        match self {
            Self::Errors => "Count",
            Self::Duration { .. } => "Milliseconds",
        }
    }

    /// The highest value of one invocation, and the reason for it.
    fn highest(self) -> Result<(f64, String), Missing> {
        match self {
            Self::Errors => Ok((1.0, "an invocation counts at most 1".to_owned())),
            Self::Duration { timeout } => {
                let timeout = *timeout.get()?;
                // Timeouts end at 900 s; a number that is recorded as more is as good as endless.
                let milliseconds =
                    u32::try_from(timeout.0.saturating_mul(1000)).map_or(f64::INFINITY, f64::from);
                Ok((milliseconds, format!("the function is stopped after {timeout}")))
            }
        }
    }
}

/// The proof that an alarm on `measure` never fires, if there is one.
///
/// The length of its periods proves nothing: CloudWatch looks at more periods than the alarm counts when some of them
/// have no data.
pub(crate) fn obstacle(
    condition: &AlarmCondition,
    measure: Measure<'_>,
) -> Result<Option<Obstacle>, Missing> {
    // Then it fires when the function is not invoked, whatever it compares.
    if condition.treat_missing_data.get()?.as_deref() == Some("breaching") {
        return Ok(None);
    }
    Ok(too_many_datapoints(condition)?
        .or(foreign_unit(condition, measure)?)
        .or(threshold_out_of_reach(condition, measure)?))
}

fn too_many_datapoints(condition: &AlarmCondition) -> Result<Option<Obstacle>, Missing> {
    let Some(needed) = *condition.datapoints_to_alarm.get()? else { return Ok(None) };
    let looked_at = *condition.evaluation_periods.get()?;
    Ok((looked_at < needed).then(|| Obstacle {
        seen: format!("needs {needed} data points out of {looked_at}"),
        wanted: format!("at most {looked_at}"),
    }))
}

/// An alarm that names a unit ignores data in any other, and no unit is converted.
///
/// Source: Amazon CloudWatch API Reference, `PutMetricAlarm`, `Unit`.
fn foreign_unit(condition: &AlarmCondition, measure: Measure<'_>) -> Result<Option<Obstacle>, Missing> {
    let unit = condition.unit.get()?.as_deref().filter(|unit| !unit.is_empty());
    Ok(unit.filter(|unit| *unit != measure.unit()).map(|unit| Obstacle {
        seen: format!("looks at {} in {unit} only", measure.name()),
        wanted: format!("Lambda reports {}", measure.unit()),
    }))
}

fn threshold_out_of_reach(
    condition: &AlarmCondition,
    measure: Measure<'_>,
) -> Result<Option<Obstacle>, Missing> {
    let (Some(threshold), Some(name)) = (*condition.threshold.get()?, condition.statistic.get()?) else {
        return Ok(None);
    };
    let statistic = Statistic::of(name);
    // No metric of a function is ever negative, so 0 is the lowest value of every statistic.
    let (words, is_out_of_reach, wanted) = match condition.comparison.get()?.as_str() {
        "GreaterThanThreshold" => {
            let (highest, reason) = reach(statistic, measure)?;
            ("above", highest <= threshold, reason)
        }
        "GreaterThanOrEqualToThreshold" => {
            let (highest, reason) = reach(statistic, measure)?;
            ("of at least", highest < threshold, reason)
        }
        "LessThanThreshold" => ("below", threshold <= 0.0, "it is never negative".to_owned()),
        "LessThanOrEqualToThreshold" => ("of at most", threshold < 0.0, "it is never negative".to_owned()),
        // Comparisons with a model have no fixed threshold.
        _ => return Ok(None),
    };
    let unit = match (statistic, measure) {
        (Statistic::Value | Statistic::Sum, Measure::Duration { .. }) => " ms",
        (Statistic::Rank, _) => " %",
        (Statistic::Count | Statistic::Other, _) | (_, Measure::Errors) => "",
    };
    let article = if name.starts_with(['A', 'I']) { "an" } else { "a" };
    Ok(is_out_of_reach.then(|| Obstacle {
        seen: format!("waits for {article} {name} of {} {words} {threshold}{unit}", measure.name()),
        wanted,
    }))
}

/// The highest value of a statistic, and the reason for it.
fn reach(statistic: Statistic, measure: Measure<'_>) -> Result<(f64, String), Missing> {
    match statistic {
        Statistic::Value => measure.highest(),
        Statistic::Rank => Ok((100.0, "a percentile rank ends at 100".to_owned())),
        // Sums and counts grow with the number of invocations.
        Statistic::Sum | Statistic::Count | Statistic::Other => Ok((f64::INFINITY, String::new())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMEOUT: Known<Seconds> = Known::Value(Seconds(60));

    #[test]
    fn a_threshold_just_below_the_timeout_can_be_reached() {
        assert_eq!(duration("Maximum", "GreaterThanThreshold", 59_999.9), None);
        assert_eq!(duration("Maximum", "GreaterThanOrEqualToThreshold", 60_000.0), None);
    }

    #[test]
    fn a_threshold_at_the_timeout_cannot_be_exceeded() {
        let (seen, wanted) = duration("Maximum", "GreaterThanThreshold", 60_000.0).unwrap();
        assert_eq!(seen, "waits for a Maximum of Duration above 60000 ms");
        assert_eq!(wanted, "the function is stopped after 60 s");
        assert!(duration("Maximum", "GreaterThanOrEqualToThreshold", 60_000.1).is_some());
    }

    #[test]
    fn percentiles_and_trimmed_means_end_where_single_invocations_do() {
        for statistic in ["Average", "Minimum", "p99", "p99.9", "tm90", "TM(10%:90%)", "wm98", "IQM"] {
            assert!(duration(statistic, "GreaterThanThreshold", 60_000.0).is_some(), "{statistic}");
        }
    }

    #[test]
    fn a_statistic_has_the_article_that_it_is_read_with() {
        for (statistic, expected) in [("Average", "an Average"), ("IQM", "an IQM"), ("p99", "a p99")] {
            let (seen, _) = duration(statistic, "GreaterThanThreshold", 60_000.0).unwrap();
            assert_eq!(seen, format!("waits for {expected} of Duration above 60000 ms"));
        }
    }

    #[test]
    fn sums_and_counts_do_not() {
        for statistic in ["Sum", "SampleCount", "tc90", "ts90", "TS(80%:)", "later"] {
            assert_eq!(duration(statistic, "GreaterThanThreshold", 60_000.0), None, "{statistic}");
        }
    }

    #[test]
    fn a_percentile_rank_ends_at_a_hundred() {
        assert_eq!(duration("PR(:300)", "GreaterThanThreshold", 99.0), None);
        let (seen, wanted) = duration("PR(:300)", "GreaterThanThreshold", 100.0).unwrap();
        assert_eq!(seen, "waits for a PR(:300) of Duration above 100 %");
        assert_eq!(wanted, "a percentile rank ends at 100");
    }

    #[test]
    fn nothing_is_below_zero() {
        assert!(duration("Sum", "LessThanThreshold", 0.0).is_some());
        assert_eq!(duration("Sum", "LessThanThreshold", 0.1), None);
        assert!(duration("Sum", "LessThanOrEqualToThreshold", -1.0).is_some());
        assert_eq!(duration("Sum", "LessThanOrEqualToThreshold", 0.0), None);
    }

    #[test]
    fn an_anomaly_model_has_no_threshold_to_reach() {
        let model = AlarmCondition {
            threshold: Known::Value(None),
            ..condition("Maximum", "GreaterThanUpperThreshold", 0.0)
        };
        assert_eq!(obstacle(&model, Measure::Duration { timeout: &TIMEOUT }), Ok(None));
        assert_eq!(duration("Maximum", "GreaterThanUpperThreshold", 90_000.0), None);
    }

    #[test]
    fn an_invocation_is_at_most_one_error() {
        let reaches = |statistic, threshold| {
            obstacle(&condition(statistic, "GreaterThanOrEqualToThreshold", threshold), Measure::Errors)
        };
        assert_eq!(reaches("Maximum", 1.0), Ok(None));
        assert_eq!(reaches("Sum", 5.0), Ok(None));
        let found = reaches("Maximum", 5.0).unwrap().unwrap();
        assert_eq!(found.seen, "waits for a Maximum of Errors of at least 5");
        assert_eq!(found.wanted, "an invocation counts at most 1");
    }

    #[test]
    fn an_alarm_that_breaches_without_data_can_always_fire() {
        let breaching = AlarmCondition {
            treat_missing_data: Known::Value(Some("breaching".to_owned())),
            ..condition("Maximum", "GreaterThanThreshold", 90_000.0)
        };
        assert_eq!(obstacle(&breaching, Measure::Duration { timeout: &TIMEOUT }), Ok(None));
    }

    #[test]
    fn another_unit_than_lambdas_is_never_seen() {
        let with = |unit: &str| {
            let unit = Known::Value(Some(unit.to_owned()));
            let condition = AlarmCondition { unit, ..condition("Sum", "GreaterThanThreshold", 10.0) };
            obstacle(&condition, Measure::Duration { timeout: &TIMEOUT }).unwrap()
        };
        assert_eq!(with("Milliseconds"), None);
        let found = with("Seconds").unwrap();
        assert_eq!(found.seen, "looks at Duration in Seconds only");
        assert_eq!(found.wanted, "Lambda reports Milliseconds");
    }

    #[test]
    fn more_data_points_than_are_looked_at_are_never_there() {
        let with = |needed| {
            let condition = AlarmCondition {
                evaluation_periods: Known::Value(3),
                datapoints_to_alarm: Known::Value(Some(needed)),
                ..condition("Sum", "GreaterThanThreshold", 10.0)
            };
            obstacle(&condition, Measure::Errors).unwrap()
        };
        assert_eq!(with(3), None);
        assert_eq!(with(4).unwrap().seen, "needs 4 data points out of 3");
    }

    #[test]
    fn an_unknown_timeout_matters_only_where_it_is_the_end() {
        let missing = Missing::Absent { path: "configuration.timeout".to_owned() };
        let timeout = Known::Unknown(missing.clone());
        let measure = Measure::Duration { timeout: &timeout };
        assert_eq!(obstacle(&condition("Maximum", "GreaterThanThreshold", 1.0), measure), Err(missing));
        assert_eq!(obstacle(&condition("Sum", "GreaterThanThreshold", 1.0), measure), Ok(None));
    }

    fn duration(statistic: &str, comparison: &str, threshold: f64) -> Option<(String, String)> {
        let measure = Measure::Duration { timeout: &TIMEOUT };
        let found = obstacle(&condition(statistic, comparison, threshold), measure).unwrap();
        found.map(|Obstacle { seen, wanted }| (seen, wanted))
    }

    fn condition(statistic: &str, comparison: &str, threshold: f64) -> AlarmCondition {
        AlarmCondition {
            statistic: Known::Value(Some(statistic.to_owned())),
            comparison: Known::Value(comparison.to_owned()),
            threshold: Known::Value(Some(threshold)),
            unit: Known::Value(None),
            evaluation_periods: Known::Value(1),
            datapoints_to_alarm: Known::Value(None),
            treat_missing_data: Known::Value(None),
        }
    }
}

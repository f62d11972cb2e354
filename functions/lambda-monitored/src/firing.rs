//! Whether a function can set off an alarm at all.

use aws_resources::AlarmCondition;
use config_rule::Missing;

use crate::dimensions::Invocations;
use crate::measure::Measure;
use crate::statistic::Statistic;

/// Why a function never sets off an alarm.
#[derive(Debug, PartialEq)]
pub(crate) struct Obstacle {
    /// What the alarm asks for.
    pub(crate) seen: String,
    /// What would be possible.
    pub(crate) wanted: String,
}

/// The proof that the function never sets off an alarm on `measure` of the invocations that it sees, if there is one.
///
/// The length of its periods proves nothing: CloudWatch looks at more periods than the alarm counts when some of them
/// have no data.
pub(crate) fn obstacle(
    condition: &AlarmCondition,
    measure: Measure<'_>,
    seen: Invocations,
) -> Result<Option<Obstacle>, Missing> {
    // Then it fires when the function is not invoked, whatever it compares.
    if condition.treat_missing_data.get()?.as_deref() == Some("breaching") {
        return Ok(None);
    }
    Ok(too_many_datapoints(condition)?
        .or(foreign_unit(condition, measure)?)
        .or(threshold_out_of_reach(condition, measure, seen)?))
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
    seen: Invocations,
) -> Result<Option<Obstacle>, Missing> {
    let (Some(threshold), Some(name)) = (*condition.threshold.get()?, condition.statistic.get()?) else {
        return Ok(None);
    };
    let statistic = Statistic::of(name);
    let end = |is_too_little: &dyn Fn(f64) -> bool| match statistic {
        Statistic::Value => measure.end(seen, is_too_little),
        Statistic::Rank => Ok(is_too_little(100.0).then(|| "a percentile rank ends at 100".to_owned())),
        // Sums and counts grow with the number of invocations.
        Statistic::Sum | Statistic::Count | Statistic::Other => Ok(None),
    };
    // No metric of a function is ever negative, so 0 is the lowest value of every statistic.
    let never_negative = || "it is never negative".to_owned();
    let (words, end) = match condition.comparison.get()?.as_str() {
        "GreaterThanThreshold" => ("above", end(&|highest| highest <= threshold)?),
        "GreaterThanOrEqualToThreshold" => ("of at least", end(&|highest| highest < threshold)?),
        "LessThanThreshold" => ("below", (threshold <= 0.0).then(never_negative)),
        "LessThanOrEqualToThreshold" => ("of at most", (threshold < 0.0).then(never_negative)),
        // Comparisons with a model have no fixed threshold.
        _ => return Ok(None),
    };
    let unit = match (statistic, measure) {
        (Statistic::Value | Statistic::Sum, Measure::Duration { .. }) => " ms",
        (Statistic::Rank, _) => " %",
        (Statistic::Count | Statistic::Other, _) | (_, Measure::Errors) => "",
    };
    let article = if name.starts_with(['A', 'I']) { "an" } else { "a" };
    Ok(end.map(|reason| Obstacle {
        seen: format!("waits for {article} {name} of {} {words} {threshold}{unit}", measure.name()),
        wanted: reason,
    }))
}

#[cfg(test)]
mod tests {
    use aws_resources::Seconds;
    use config_rule::Known;

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
        assert_eq!(of_function(&model, Measure::Duration { timeout: &TIMEOUT }), Ok(None));
        assert_eq!(duration("Maximum", "GreaterThanUpperThreshold", 90_000.0), None);
    }

    #[test]
    fn an_invocation_is_at_most_one_error() {
        let reaches = |statistic, threshold| {
            of_function(&condition(statistic, "GreaterThanOrEqualToThreshold", threshold), Measure::Errors)
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
        assert_eq!(of_function(&breaching, Measure::Duration { timeout: &TIMEOUT }), Ok(None));
    }

    #[test]
    fn another_unit_than_lambdas_is_never_seen() {
        let with = |unit: &str| {
            let unit = Known::Value(Some(unit.to_owned()));
            let condition = AlarmCondition { unit, ..condition("Sum", "GreaterThanThreshold", 10.0) };
            of_function(&condition, Measure::Duration { timeout: &TIMEOUT }).unwrap()
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
            of_function(&condition, Measure::Errors).unwrap()
        };
        assert_eq!(with(3), None);
        assert_eq!(with(4).unwrap().seen, "needs 4 data points out of 3");
    }

    #[test]
    fn the_end_of_all_functions_is_lambdas_and_not_this_ones() {
        let reason = |threshold| {
            let condition = condition("Maximum", "GreaterThanThreshold", threshold);
            let found = obstacle(&condition, Measure::Duration { timeout: &TIMEOUT }, Invocations::All);
            found.unwrap().map(|obstacle| obstacle.wanted)
        };
        let of_this_one = "the function is stopped after 60 s and needs an alarm of its own";
        assert_eq!(reason(59_999.9), None);
        assert_eq!(reason(60_000.0).as_deref(), Some(of_this_one));
        assert_eq!(reason(899_999.9).as_deref(), Some(of_this_one));
        assert_eq!(reason(900_000.0).as_deref(), Some("Lambda stops every function after 900 s"));
    }

    #[test]
    fn the_end_of_a_version_is_known_only_where_it_is_every_functions() {
        let found = |comparison, threshold| {
            let condition = condition("Maximum", comparison, threshold);
            obstacle(&condition, Measure::Duration { timeout: &TIMEOUT }, Invocations::OfVersion)
                .map(|found| found.map(|obstacle| obstacle.wanted))
        };
        let open = Err(Missing::NotRecorded { what: "the timeout of published versions".to_owned() });
        let never = Ok(Some("Lambda stops every function after 900 s".to_owned()));
        assert_eq!(found("GreaterThanThreshold", 999.9), Ok(None));
        assert_eq!(found("GreaterThanThreshold", 1000.0), open);
        assert_eq!(found("GreaterThanThreshold", 60_000.0), open);
        assert_eq!(found("GreaterThanThreshold", 899_999.9), open);
        assert_eq!(found("GreaterThanThreshold", 900_000.0), never);
        assert_eq!(found("GreaterThanOrEqualToThreshold", 1000.0), Ok(None));
        assert_eq!(found("GreaterThanOrEqualToThreshold", 900_000.0), open);
        assert_eq!(found("GreaterThanOrEqualToThreshold", 900_000.1), never);
    }

    #[test]
    fn an_unknown_timeout_matters_only_where_it_is_the_end() {
        let missing = Missing::Absent { path: "configuration.timeout".to_owned() };
        let timeout = Known::Unknown(missing.clone());
        for seen in [Invocations::All, Invocations::OfFunction] {
            let found = |statistic, threshold| {
                let condition = condition(statistic, "GreaterThanThreshold", threshold);
                obstacle(&condition, Measure::Duration { timeout: &timeout }, seen)
            };
            assert_eq!(found("Maximum", 999.9), Ok(None));
            assert_eq!(found("Maximum", 1000.0), Err(missing.clone()));
            assert!(matches!(found("Maximum", 900_000.0), Ok(Some(_))));
            assert_eq!(found("Sum", 900_000.0), Ok(None));
        }
    }

    fn duration(statistic: &str, comparison: &str, threshold: f64) -> Option<(String, String)> {
        let measure = Measure::Duration { timeout: &TIMEOUT };
        let found = of_function(&condition(statistic, comparison, threshold), measure).unwrap();
        found.map(|Obstacle { seen, wanted }| (seen, wanted))
    }

    fn of_function(condition: &AlarmCondition, measure: Measure<'_>) -> Result<Option<Obstacle>, Missing> {
        obstacle(condition, measure, Invocations::OfFunction)
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

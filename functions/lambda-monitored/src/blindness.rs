//! Whether an alarm goes off when its metric is high.

use aws_resources::AlarmCondition;

use crate::statistic::Statistic;

/// What an alarm waits for instead of high values of its metric, if that is known.
///
/// All metrics that the rule looks at are bad when they are high: errors, durations, throttles and ages. An alarm that goes
/// off when there are few of them, or at any value, tells nobody of many.
pub(crate) fn blindness(condition: &AlarmCondition) -> Option<&'static str> {
    let name = condition.statistic.get().ok().and_then(Option::as_deref);
    let statistic = name.map_or(Statistic::Other, Statistic::of);
    let comparison = condition.comparison.get().map_or("", String::as_str);
    match (statistic, comparison) {
        (Statistic::Count, _) => Some("counts data points of any value"),
        // A percentile rank falls when values rise, and what a trimmed count counts depends on its range. Of the two bounds
        // of a model, `LessThanLowerOrGreaterThanUpperThreshold` looks at both.
        (
            Statistic::Value | Statistic::Sum,
            "LessThanThreshold" | "LessThanOrEqualToThreshold" | "LessThanLowerThreshold",
        ) => Some("goes off at low values only"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use config_rule::{Known, Missing};

    use super::*;

    const GOES_OFF_AT_LOW_VALUES: Option<&str> = Some("goes off at low values only");

    #[test]
    fn what_compares_downwards_sees_no_high_values() {
        for comparison in ["LessThanThreshold", "LessThanOrEqualToThreshold", "LessThanLowerThreshold"] {
            for statistic in ["Sum", "Maximum", "Minimum", "Average", "p99", "TM(10%:90%)", "TS(80%:)"] {
                assert_eq!(of(statistic, comparison), GOES_OFF_AT_LOW_VALUES, "{statistic} {comparison}");
            }
        }
    }

    #[test]
    fn what_compares_upwards_sees_them() {
        for comparison in [
            "GreaterThanThreshold",
            "GreaterThanOrEqualToThreshold",
            "GreaterThanUpperThreshold",
            "LessThanLowerOrGreaterThanUpperThreshold",
        ] {
            for statistic in ["Sum", "Maximum", "Minimum", "p99", "PR(5000:)", "TC(5000:)"] {
                assert_eq!(of(statistic, comparison), None, "{statistic} {comparison}");
            }
        }
    }

    #[test]
    fn the_number_of_data_points_says_nothing_of_their_values() {
        for comparison in ["GreaterThanThreshold", "LessThanThreshold", "LaterThanThreshold"] {
            assert_eq!(of("SampleCount", comparison), Some("counts data points of any value"));
        }
    }

    #[test]
    fn a_rank_or_count_within_a_range_may_fall_when_values_rise() {
        assert_eq!(of("PR(:300)", "LessThanThreshold"), None);
        assert_eq!(of("TC(:300)", "LessThanThreshold"), None);
    }

    #[test]
    fn what_is_not_known_is_not_blind() {
        assert_eq!(of("later", "LessThanThreshold"), None);
        assert_eq!(of("Sum", "LaterThanThreshold"), None);
        let missing = || Missing::Absent { path: "configuration".to_owned() };
        let without = AlarmCondition { comparison: Known::Unknown(missing()), ..condition("Sum", "") };
        assert_eq!(blindness(&without), None);
        let without =
            AlarmCondition { statistic: Known::Unknown(missing()), ..condition("", "LessThanThreshold") };
        assert_eq!(blindness(&without), None);
    }

    fn of(statistic: &str, comparison: &str) -> Option<&'static str> {
        blindness(&condition(statistic, comparison))
    }

    fn condition(statistic: &str, comparison: &str) -> AlarmCondition {
        AlarmCondition {
            statistic: Known::Value(Some(statistic.to_owned())),
            comparison: Known::Value(comparison.to_owned()),
            threshold: Known::Value(Some(1.0)),
            unit: Known::Value(None),
            evaluation_periods: Known::Value(1),
            datapoints_to_alarm: Known::Value(None),
            treat_missing_data: Known::Value(None),
        }
    }
}

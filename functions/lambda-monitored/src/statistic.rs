//! What CloudWatch's statistics say of a metric.

/// A statistic by what it makes of the data points of a period.
///
/// Source: Amazon CloudWatch User Guide, "CloudWatch statistics definitions".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Statistic {
    /// One of their values or a mean of some, never above the highest: `Maximum`, `p99`, `TM(10%:90%)`.
    Value,
    /// A sum of values, which grows with the number of data points: `Sum`, `TS(80%:)`.
    Sum,
    /// How many there are, whatever their values: `SampleCount`.
    Count,
    /// How many of a hundred have a value within a range: `PR(:300)`.
    Rank,
    /// How many lie within a range, such as `TC(8000:)`, and what is not known here.
    Other,
}

impl Statistic {
    /// What an alarm's `statistic` or `extendedStatistic` stands for.
    pub(crate) fn of(name: &str) -> Self {
        match name {
            "Average" | "Maximum" | "Minimum" | "IQM" => Self::Value,
            "Sum" => Self::Sum,
            "SampleCount" => Self::Count,
            _ if is_of_family(name, &["p", "tm", "wm"]) => Self::Value,
            _ if is_of_family(name, &["ts"]) => Self::Sum,
            _ if is_of_family(name, &["pr"]) => Self::Rank,
            _ => Self::Other,
        }
    }
}

/// `p99.9`, `tm90`, `TM(10%:90%)`: letters without regard to case, then a number or a range in parentheses.
fn is_of_family(name: &str, families: &[&str]) -> bool {
    let end = name.find(|character: char| !character.is_ascii_alphabetic()).unwrap_or(name.len());
    let (letters, rest) = name.split_at(end);
    !rest.is_empty() && families.iter().any(|family| family.eq_ignore_ascii_case(letters))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_are_told_apart_by_name_and_family() {
        for (statistic, names) in [
            (
                Statistic::Value,
                &["Average", "Maximum", "Minimum", "IQM", "p99", "p99.9", "tm90", "TM(10%:90%)", "wm98"][..],
            ),
            (Statistic::Sum, &["Sum", "ts90", "TS(80%:)"]),
            (Statistic::Count, &["SampleCount"]),
            (Statistic::Rank, &["PR(:300)", "pr(100:2000)"]),
            (Statistic::Other, &["tc90", "TC(8000:)", "p", "later", ""]),
        ] {
            for name in names {
                assert_eq!(Statistic::of(name), statistic, "{name}");
            }
        }
    }
}

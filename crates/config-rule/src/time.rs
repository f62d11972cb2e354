//! Times, in every spelling in which items have been seen to hold them.

use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

use crate::json::{Json, Object};

/// Notifications and the API write ISO 8601, the API's wire format epoch seconds, recorders of test data a map; inside a
/// configuration a time may as well be in epoch milliseconds or as Java prints it for Americans.
pub(crate) fn read(value: Json<'_>) -> Option<Timestamp> {
    match value {
        // Only one spelling begins with a word; trying the others first would take longer than reading it.
        Json::Text(text) if text.trim_start().starts_with(|first: char| first.is_ascii_alphabetic()) => {
            american_time(text)
        }
        Json::Text(text) => text
            .parse()
            .ok()
            .or_else(|| Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", text).ok())
            .or_else(|| Timestamp::strptime("%Y-%m-%d %H:%M:%S%.f%:z", text).ok()),
        Json::Number(number) => {
            // In seconds this would be beyond the year 5000.
            const FIRST_MILLISECONDS: f64 = 100_000_000_000.0;
            let number = number.as_f64();
            let milliseconds = if number < FIRST_MILLISECONDS { number * 1000.0 } else { number };
            #[expect(clippy::cast_possible_truncation, reason = "`as` saturates, and jiff checks the range")]
            Timestamp::from_millisecond(milliseconds.round() as i64).ok()
        }
        Json::Object(parts) => recorded_datetime(parts),
        _ => None,
    }
}

/// `Aug 13, 2019 8:39:10 AM`, in UTC. Newer Java versions put a comma after the year and a narrow no-break space before AM
/// and PM.
///
/// Read by hand: a large account has a million of these, and `strptime` was much of the time of reading it.
fn american_time(text: &str) -> Option<Timestamp> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let separator = |character: char| character == ',' || character.is_whitespace();
    let mut words = text.split(separator).filter(|word| !word.is_empty());
    let (month, day, year) = (words.next()?, words.next()?, words.next()?);
    let (time, half, None) = (words.next()?, words.next()?, words.next()) else { return None };

    let month = (1..).zip(MONTHS).find(|(_, name)| name.eq_ignore_ascii_case(month))?.0;
    let mut time = time.split(':').map(number::<i8>);
    let (hour, minute, second, None) = (time.next()??, time.next()??, time.next()??, time.next()) else {
        return None;
    };
    let (1..=12) = hour else { return None };
    let noon = match half {
        half if half.eq_ignore_ascii_case("AM") => 0,
        half if half.eq_ignore_ascii_case("PM") => 12,
        _ => return None,
    };
    let datetime = DateTime::new(number(year)?, month, number(day)?, hour % 12 + noon, minute, second, 0);
    Offset::UTC.to_timestamp(datetime.ok()?).ok()
}

/// What digits alone spell.
fn number<T: FromStr>(digits: &str) -> Option<T> {
    digits.bytes().all(|digit| digit.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// Python's `datetime`, as recorders of AWS traffic for tests write it. They drop the time zone; UTC is meant.
fn recorded_datetime(parts: Object<'_>) -> Option<Timestamp> {
    fn part<T: TryFrom<i64>>(parts: Object<'_>, name: &str) -> Option<T> {
        T::try_from(parts.get(name)?.as_i64()?).ok()
    }
    let nanosecond = part::<i32>(parts, "microsecond").unwrap_or_default().checked_mul(1000)?;
    let datetime = DateTime::new(
        part(parts, "year")?,
        part(parts, "month")?,
        part(parts, "day")?,
        part(parts, "hour")?,
        part(parts, "minute")?,
        part(parts, "second")?,
        nanosecond,
    );
    Offset::UTC.to_timestamp(datetime.ok()?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::tree::Tree;

    #[test]
    fn times_are_read_in_every_recorded_spelling() {
        let expected: Result<Timestamp, _> = "2022-07-21T12:54:37.664Z".parse();
        for text in
            ["2022-07-21T08:54:37.664000-04:00", "2022-07-21T12:54:37.664Z", "2022-07-21T12:54:37.664+0000"]
        {
            assert_eq!(time(json!(text)), expected.clone().ok(), "{text}");
        }
        assert_eq!(time(json!(1_658_408_077.664)), expected.clone().ok());
        assert_eq!(time(json!(1_658_408_077_664_u64)), expected.clone().ok());
        let mut recorded = json!({"__class__": "datetime", "year": 2022, "month": 7, "day": 21, "hour": 12,
            "minute": 54, "second": 37, "microsecond": 664_000});
        assert_eq!(time(recorded.clone()), expected.ok());
        recorded["month"] = json!(13);
        assert_eq!(time(recorded.clone()), None);
        assert_eq!(time(json!("yesterday")), None);
        assert_eq!(time(json!(1e300)), None);
    }

    #[test]
    fn american_times_are_read_before_and_after_noon() {
        for (text, expected) in [
            ("Aug 13, 2019 8:39:10 AM", "2019-08-13T08:39:10Z"),
            ("Aug 3, 2019, 8:39:10\u{202f}PM", "2019-08-03T20:39:10Z"),
            ("Jan 31, 2026 12:05:00 PM", "2026-01-31T12:05:00Z"),
            ("Jan 31, 2026 12:05:00 AM", "2026-01-31T00:05:00Z"),
        ] {
            assert_eq!(time(json!(text)), expected.parse().ok(), "{text}");
        }
        for text in [
            "Aug 13, 2019",
            "13 Aug 2019 8:39:10 AM",
            "Feb 30, 2026 8:39:10 AM",
            "Aug 13, 2019 8:39:10",
            "Aug 13, 2019 0:39:10 AM",
            "Aug 13, 2019 13:39:10 PM",
            "Aug 13, 2019 8:39:60 AM",
            "Aug 13, 2019 8:39:+1 AM",
            "Aug 13, 2019 8:39:10:00 AM",
            "Aug 13, 2019 8:39:10 AM UTC",
            "Augustus 13, 2019 8:39:10 AM",
        ] {
            assert_eq!(time(json!(text)), None, "{text}");
        }
    }

    fn time(value: Value) -> Option<Timestamp> {
        read(serde_json::from_value::<Tree>(value).unwrap().root())
    }
}

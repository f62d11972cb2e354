use std::fmt;

use serde_json::{Value, json};

use super::condition::order;
use super::property::Property;

/// A function over the rows of a group.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Aggregate {
    pub(super) function: Function,
    /// `*`, which only `COUNT` takes, is none.
    pub(super) argument: Option<Property>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Avg,
    Count,
    Max,
    Min,
    Sum,
}

impl Function {
    pub(super) fn named(name: &str) -> Option<Self> {
        let all = [Self::Avg, Self::Count, Self::Max, Self::Min, Self::Sum];
        all.into_iter().find(|function| function.as_str().eq_ignore_ascii_case(name))
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Avg => "AVG",
            Self::Count => "COUNT",
            Self::Max => "MAX",
            Self::Min => "MIN",
            Self::Sum => "SUM",
        }
    }
}

impl Aggregate {
    /// Null where nothing can be said of no values.
    pub(super) fn of(&self, rows: &[&Value]) -> Value {
        let Some(argument) = &self.argument else { return json!(rows.len()) };
        let values: Vec<_> = rows.iter().flat_map(|row| argument.values(row)).collect();
        let numbers: Vec<_> = values.iter().filter_map(|value| value.as_f64()).collect();
        let sum: f64 = numbers.iter().sum();
        match self.function {
            Function::Count => json!(values.len()),
            Function::Sum | Function::Avg if numbers.is_empty() => Value::Null,
            Function::Sum => json!(sum),
            #[expect(clippy::cast_precision_loss, reason = "there are fewer items than floats tell apart")]
            Function::Avg => json!(sum / numbers.len() as f64),
            Function::Min => values.into_iter().min_by(|one, other| order(one, other)).cloned().into(),
            Function::Max => values.into_iter().max_by(|one, other| order(one, other)).cloned().into(),
        }
    }
}

/// The name of its column.
impl fmt::Display for Aggregate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.argument {
            Some(argument) => write!(formatter, "{}({argument})", self.function.as_str()),
            None => write!(formatter, "{}(*)", self.function.as_str()),
        }
    }
}

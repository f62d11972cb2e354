//! Advanced queries: the SQL subset of `SelectResourceConfig`.
//!
//! Source of what the language takes: AWS Config Developer Guide, "Query Components" and "Querying the Current
//! Configuration State", limitations. What the guide leaves open is decided as the comments of this module say.

mod aggregate;
mod condition;
mod error;
mod parse;
pub(crate) mod property;
#[cfg(test)]
mod tests;
mod words;

use std::cmp::Ordering;

use config_rule::Document;
use serde_json::{Map, Value, json};

use crate::shapes::{Shape, render};

use aggregate::Aggregate;
use condition::Condition;
use property::{Property, Selection};

pub use error::QueryError;

/// What a query answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryResult {
    /// One JSON text for each row, as `Results` holds them.
    pub results: Vec<String>,
    /// The names of `QueryInfo.SelectFields`, in the order of the expression.
    pub select_fields: Vec<String>,
}

/// The answer to `expression` over the items that a query [sees](crate::items::ConfigurationItems::visible).
///
/// # Errors
///
/// [`QueryError`] says what in the expression AWS Config does not take, and where.
pub fn select<'a>(
    expression: &str,
    items: impl IntoIterator<Item = &'a Document>,
) -> Result<QueryResult, QueryError> {
    let query = parse::query(expression)?;
    let mut rows = Vec::new();
    for item in items {
        if query.condition.as_ref().is_some_and(|condition| condition.rules_out(item)) {
            continue;
        }
        let row = render(item, Shape::Row);
        if query.condition.as_ref().is_none_or(|condition| condition.holds(&row)) {
            rows.push(row);
        }
    }
    let results = if query.is_aggregation() { query.groups(&rows) } else { query.selected(rows) };
    Ok(QueryResult {
        results: results.iter().map(Value::to_string).collect(),
        select_fields: query.outputs.iter().flat_map(Output::names).collect(),
    })
}

/// An expression, understood.
#[derive(Debug, PartialEq)]
struct Query {
    outputs: Vec<Output>,
    condition: Option<Condition>,
    group_by: Vec<Property>,
    order_by: Vec<Order>,
}

#[derive(Clone, Debug, PartialEq)]
enum Output {
    /// `*`
    Scalars,
    Property(Property),
    Aggregate(Aggregate),
}

#[derive(Debug, PartialEq)]
struct Order {
    by: Output,
    is_descending: bool,
}

impl Output {
    /// What `*` stands for.
    ///
    /// Source: AWS Config Developer Guide, limitations of advanced queries.
    const SCALARS: [&str; 10] = [
        "accountId",
        "awsRegion",
        "arn",
        "availabilityZone",
        "configurationItemCaptureTime",
        "resourceCreationTime",
        "resourceId",
        "resourceName",
        "resourceType",
        "version",
    ];

    fn names(&self) -> Vec<String> {
        match self {
            Self::Scalars => Self::SCALARS.map(str::to_owned).to_vec(),
            Self::Property(property) => vec![property.to_string()],
            Self::Aggregate(aggregate) => vec![aggregate.to_string()],
        }
    }
}

impl Query {
    fn is_aggregation(&self) -> bool {
        !self.group_by.is_empty() || self.outputs.iter().any(|output| matches!(output, Output::Aggregate(_)))
    }

    fn selected(&self, mut rows: Vec<Value>) -> Vec<Value> {
        self.sort(&mut rows, |row| row);
        let mut selection = Selection::default();
        for output in &self.outputs {
            match output {
                Output::Scalars => {
                    for name in Output::SCALARS {
                        selection.add(&Property::named(name));
                    }
                }
                Output::Property(property) => selection.add(property),
                Output::Aggregate(_) => {}
            }
        }
        rows.iter().map(|row| selection.of(row).unwrap_or_else(|| json!({}))).collect()
    }

    /// One row for each combination of the grouping properties' values. A list counts once for each of its distinct
    /// elements; what lacks a property makes a group of its own.
    fn groups(&self, rows: &[Value]) -> Vec<Value> {
        let mut groups: Vec<(Value, Vec<&Value>)> = Vec::new();
        if self.group_by.is_empty() {
            groups.push((json!({}), rows.iter().collect()));
        }
        let mut places = std::collections::HashMap::<String, usize>::new();
        for row in rows.iter().filter(|_| !self.group_by.is_empty()) {
            for key in self.keys(row) {
                let place = *places.entry(key.to_string()).or_insert(groups.len());
                match groups.get_mut(place) {
                    Some((_, members)) => members.push(row),
                    None => groups.push((key, vec![row])),
                }
            }
        }

        let ordered_by = self.order_by.iter().map(|order| &order.by);
        let aggregates: Vec<_> =
            self.outputs.iter().chain(ordered_by).filter_map(Output::aggregate).collect();
        let mut answers: Vec<(Value, Value)> = groups
            .into_iter()
            .map(|(key, members)| {
                let mut all = key;
                for aggregate in &aggregates {
                    all[aggregate.to_string()] = aggregate.of(&members);
                }
                (self.shown(&all), all)
            })
            .collect();
        self.sort(&mut answers, |(_, all)| all);
        answers.into_iter().map(|(shown, _)| shown).collect()
    }

    /// The group row without what was only needed to order it.
    fn shown(&self, all: &Value) -> Value {
        let mut selection = Selection::default();
        for output in &self.outputs {
            match output {
                Output::Scalars => {}
                Output::Property(property) => selection.add(property),
                Output::Aggregate(aggregate) => selection.add(&Property::named(&aggregate.to_string())),
            }
        }
        selection.of(all).unwrap_or_else(|| json!({}))
    }

    /// The groups that a row belongs to, each as the part of a row that they have in common.
    fn keys(&self, row: &Value) -> Vec<Value> {
        let mut keys = vec![json!({})];
        for property in &self.group_by {
            let mut values = property.values(row);
            let mut seen = std::collections::HashSet::new();
            values.retain(|value| seen.insert(value.to_string()));
            if values.is_empty() {
                continue;
            }
            keys = keys
                .iter()
                .flat_map(|key| values.iter().map(|value| property.put(key.clone(), (*value).clone())))
                .collect();
        }
        keys
    }

    fn sort<T>(&self, rows: &mut [T], row: impl Fn(&T) -> &Value) {
        if self.order_by.is_empty() {
            return;
        }
        rows.sort_by(|one, other| {
            self.order_by
                .iter()
                .map(|order| order.compare(row(one), row(other)))
                .fold(Ordering::Equal, Ordering::then)
        });
    }
}

impl Order {
    /// What lacks the property comes last, whichever the direction.
    fn compare(&self, one: &Value, other: &Value) -> Ordering {
        match (self.value(one), self.value(other)) {
            (Some(one), Some(other)) if self.is_descending => condition::order(other, one),
            (Some(one), Some(other)) => condition::order(one, other),
            (one, other) => one.is_none().cmp(&other.is_none()),
        }
    }

    fn value<'a>(&self, row: &'a Value) -> Option<&'a Value> {
        match &self.by {
            Output::Scalars => None,
            Output::Property(property) => {
                property.values(row).into_iter().min_by(|one, other| condition::order(one, other))
            }
            Output::Aggregate(aggregate) => row.get(aggregate.to_string()),
        }
    }
}

impl Output {
    fn aggregate(&self) -> Option<&Aggregate> {
        match self {
            Self::Aggregate(aggregate) => Some(aggregate),
            Self::Scalars | Self::Property(_) => None,
        }
    }
}

type Members = Map<String, Value>;

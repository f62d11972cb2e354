//! Which function an alarm's dimensions name, and whose invocations it sees.

use aws_resources::{Alarm, Dimension};
use config_rule::{Document, Missing, Node};

/// Whose invocations an alarm on a function sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Invocations {
    /// Those of all functions of the account, for want of dimensions.
    All,
    /// Those of the function.
    OfFunction,
    /// Those of an alias, or of a version, which has been published with a timeout of its own.
    OfVersion,
}

/// Whose invocations an alarm sees that is on one function or on all.
///
/// Source: AWS Lambda Developer Guide, "Viewing metrics for Lambda functions", dimensions for function metrics; "Manage
/// Lambda function versions": a version's timeout is that of when it was published.
pub(crate) fn invocations(alarm: &Alarm) -> Result<Invocations, Missing> {
    let dimensions = alarm.dimensions.get()?;
    let resource = dimensions.iter().find(|dimension| dimension.name == "Resource");
    let qualifier =
        resource.and_then(|resource| resource.value.split_once(':')).map(|(_, qualifier)| qualifier);
    Ok(match qualifier {
        _ if dimensions.is_empty() => Invocations::All,
        None | Some("$LATEST") => Invocations::OfFunction,
        Some(_) => Invocations::OfVersion,
    })
}

/// The function that a changed alarm names.
pub(crate) fn function_of(alarm: &Document) -> Option<&str> {
    let dimensions = alarm.properties().list("configuration.dimensions");
    let pairs: Vec<_> = dimensions.get().ok()?.iter().filter_map(name_and_value).collect();
    named_function(&pairs)
}

/// One dimension of an alarm.
pub(crate) fn name_and_value<'a>(dimension: &Node<'a>) -> Option<(&'a str, &'a str)> {
    Some((*dimension.text("name").get().ok()?, *dimension.text("value").get().ok()?))
}

/// Whether an alarm's dimensions name the function, or none and so all of them.
pub(crate) fn names(alarm: &Alarm, function: &str) -> Result<bool, Missing> {
    let dimensions = alarm.dimensions.get()?.iter();
    let pairs: Vec<_> = dimensions.map(|Dimension { name, value }| (name.as_str(), value.as_str())).collect();
    Ok(pairs.is_empty() || named_function(&pairs) == Some(function))
}

/// The function that an alarm's dimensions name, directly or as `<function>:<alias or version>`.
///
/// Source: AWS Lambda Developer Guide, "Viewing metrics for Lambda functions", dimensions for function metrics.
pub(crate) fn named_function<'a>(dimensions: &[(&'a str, &'a str)]) -> Option<&'a str> {
    let value_of = |wanted| dimensions.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value);
    value_of("FunctionName").or_else(|| value_of("Resource")?.split(':').next())
}

#[cfg(test)]
mod tests {
    use config_rule::Subject;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_function_is_named_directly_or_by_alias() {
        for (dimensions, function) in [
            (&[("FunctionName", "orders")][..], Some("orders")),
            (&[("FunctionName", "orders"), ("Resource", "orders:live")], Some("orders")),
            (&[("Resource", "orders:7"), ("ExecutedVersion", "8")], Some("orders")),
            (&[("Resource", "orders")], Some("orders")),
            (&[("QueueName", "orders")], None),
            (&[], None),
        ] {
            assert_eq!(named_function(dimensions), function);
        }
    }

    #[test]
    fn an_alarm_sees_the_invocations_that_its_dimensions_name() {
        for (dimensions, seen) in [
            (json!([]), Invocations::All),
            (Value::Null, Invocations::All),
            (json!([{"name": "FunctionName", "value": "orders"}]), Invocations::OfFunction),
            (json!([{"name": "Resource", "value": "orders"}]), Invocations::OfFunction),
            (json!([{"name": "Resource", "value": "orders:$LATEST"}]), Invocations::OfFunction),
            (json!([{"name": "Resource", "value": "orders:live"}]), Invocations::OfVersion),
            (
                json!([{"name": "FunctionName", "value": "orders"}, {"name": "Resource", "value": "orders:7"}]),
                Invocations::OfVersion,
            ),
        ] {
            let item = json!({"resourceType": Alarm::TYPE, "resourceId": "a",
                "configuration": {"dimensions": dimensions}});
            let alarm = Alarm::read(&Document::from_item(item).unwrap()).unwrap();
            assert_eq!(invocations(&alarm), Ok(seen), "{dimensions}");
        }
    }
}

//! Reads templates as far as tests need it.

use serde_json::Value;

use crate::workspace::text;

/// The YAML of a file below the root.
pub(crate) fn yaml(path: &str) -> Value {
    serde_saphyr::from_str(&text(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub(crate) fn of_type<'a>(
    template: &'a Value,
    wanted: &'a str,
) -> impl Iterator<Item = (&'a String, &'a Value)> {
    template["Resources"].as_object().unwrap().iter().filter(move |(_, resource)| resource["Type"] == wanted)
}

/// The names that `Ref` and `Fn::GetAtt` below `value` name, pseudo parameters aside.
pub(crate) fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(members) => members
            .iter()
            .flat_map(|(key, value)| match (key.as_str(), value) {
                ("Ref", Value::String(name)) if !name.starts_with("AWS::") => vec![name.clone()],
                ("Fn::GetAtt", Value::String(name)) => {
                    vec![name.split('.').next().unwrap_or_default().to_owned()]
                }
                ("Fn::GetAtt", Value::Array(parts)) => one_or_many(&parts[0]),
                _ => references(value),
            })
            .collect(),
        Value::Array(elements) => elements.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

pub(crate) fn one_or_many(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(elements) => {
            elements.iter().filter_map(|element| element.as_str().map(ToOwned::to_owned)).collect()
        }
        _ => Vec::new(),
    }
}

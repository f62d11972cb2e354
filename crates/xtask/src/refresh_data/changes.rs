//! What is different in a data set, for its reviewer.

use std::collections::BTreeMap;
use std::fmt;

/// The entries of a data set, by name.
pub(super) type Entries = BTreeMap<String, String>;

/// How many names of each kind are shown: all of a usual update, and no flood after years without one.
const SHOWN: usize = 20;

/// The names of the entries that differ.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Changes {
    all: usize,
    added: Vec<String>,
    removed: Vec<String>,
    changed: Vec<String>,
}

impl Changes {
    pub(super) fn between(before: &Entries, after: &Entries) -> Self {
        let missing_in = |other: &Entries, entries: &Entries| {
            entries.keys().filter(|name| !other.contains_key(*name)).cloned().collect()
        };
        let is_changed =
            |(name, entry): &(&String, &String)| before.get(*name).is_some_and(|before| before != *entry);
        Self {
            all: after.len(),
            added: missing_in(before, after),
            removed: missing_in(after, before),
            changed: after.iter().filter(is_changed).map(|(name, _)| name.clone()).collect(),
        }
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { all, added, removed, changed } = self;
        let counts = [added, removed, changed].map(Vec::len);
        writeln!(
            formatter,
            "{all} in all, {} added, {} removed, {} changed",
            counts[0], counts[1], counts[2]
        )?;
        for (sign, names) in [('+', added), ('-', removed), ('~', changed)] {
            for name in names.iter().take(SHOWN) {
                writeln!(formatter, "  {sign} {name}")?;
            }
            let rest = names.len().saturating_sub(SHOWN);
            if rest != 0 {
                writeln!(formatter, "  {sign} … and {rest} more")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_added_removed_or_changed() {
        let changes = Changes::between(
            &entries(&[("kept", "1"), ("altered", "1"), ("gone", "1")]),
            &entries(&[("kept", "1"), ("altered", "2"), ("new", "1")]),
        );
        assert_eq!(
            changes.to_string(),
            "3 in all, 1 added, 1 removed, 1 changed\n  + new\n  - gone\n  ~ altered\n"
        );
    }

    #[test]
    fn twenty_names_are_shown_and_the_twenty_first_is_counted() {
        let names: Vec<_> = (0..=SHOWN).map(|number| format!("{number:02}")).collect();
        let after =
            |count: usize| names.iter().take(count).map(|name| (name.clone(), String::new())).collect();
        let shown = |count| Changes::between(&Entries::new(), &after(count)).to_string();
        assert!(shown(SHOWN).ends_with("  + 19\n"));
        assert!(shown(SHOWN + 1).ends_with("  + 19\n  + … and 1 more\n"));
    }

    fn entries(entries: &[(&str, &str)]) -> Entries {
        entries.iter().map(|(name, entry)| ((*name).to_owned(), (*entry).to_owned())).collect()
    }
}

//! To which account and Region something belongs that does not say so.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Scope;

/// The accounts and Regions that files name: of items, and of answers that are about where they were asked.
#[derive(Debug, Default)]
pub(super) struct Places {
    all: BTreeSet<Scope>,
    by_file: BTreeMap<Arc<Path>, BTreeSet<Scope>>,
    by_folder: BTreeMap<PathBuf, BTreeSet<Scope>>,
    /// What was named last: most items are of the place of the one before.
    latest: Option<(Arc<Path>, Scope)>,
}

impl Places {
    /// The file at `path` names an account and a Region.
    pub(super) fn add(&mut self, path: &Arc<Path>, account_id: &str, region: &str) {
        let is_latest = |(latest, scope): &(Arc<Path>, Scope)| {
            Arc::ptr_eq(latest, path) && scope.account_id == account_id && scope.region == region
        };
        if self.latest.as_ref().is_some_and(is_latest) {
            return;
        }
        let scope = Scope { account_id: account_id.to_owned(), region: region.to_owned() };
        self.all.insert(scope.clone());
        self.by_file.entry(Arc::clone(path)).or_default().insert(scope.clone());
        self.by_folder.entry(folder(path)).or_default().insert(scope.clone());
        self.latest = Some((Arc::clone(path), scope));
    }

    /// Whether no file names any.
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The only account and Region that the input names; else the only one of the file, or of the files beside it.
    pub(super) fn of(&self, path: &Path) -> Option<&Scope> {
        let of_file = || only(self.by_file.get(path)?);
        let of_folder = || only(self.by_folder.get(&folder(path))?);
        only(&self.all).or_else(of_file).or_else(of_folder)
    }
}

/// The only one of several; `None` if they are not one.
pub(super) fn only<'a>(scopes: impl IntoIterator<Item = &'a Scope>) -> Option<&'a Scope> {
    let mut scopes = scopes.into_iter();
    let first = scopes.next()?;
    scopes.all(|scope| scope == first).then_some(first)
}

fn folder(path: &Path) -> PathBuf {
    path.parent().map(Path::to_owned).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_only_place_of_the_input_is_that_of_every_file() {
        let places = places(&[("a/items.json", "eu-west-1"), ("a/rules.json", "eu-west-1")]);
        assert_eq!(region(&places, "b/channels.json"), Some("eu-west-1"));
    }

    #[test]
    fn of_several_places_the_one_of_the_file_or_its_folder_is_meant() {
        let places = places(&[
            ("a/rules.json", "eu-west-1"),
            ("b/rules.json", "us-east-1"),
            ("c/one.json", "eu-west-1"),
            ("c/other.json", "us-east-1"),
        ]);
        assert_eq!(region(&places, "a/channels.json"), Some("eu-west-1"));
        assert_eq!(region(&places, "b/channels.json"), Some("us-east-1"));
        assert_eq!(region(&places, "c/other.json"), Some("us-east-1"));
        assert_eq!(region(&places, "c/channels.json"), None);
        assert_eq!(region(&places, "channels.json"), None);
    }

    #[test]
    fn nothing_belongs_nowhere() {
        let places = Places::default();
        assert!(places.is_empty());
        assert_eq!(region(&places, "channels.json"), None);
    }

    fn places(named: &[(&str, &str)]) -> Places {
        let mut places = Places::default();
        for (path, region) in named {
            places.add(&Arc::from(Path::new(path)), "111122223333", region);
        }
        places
    }

    fn region<'a>(places: &'a Places, path: &str) -> Option<&'a str> {
        places.of(Path::new(path)).map(|scope| scope.region.as_str())
    }
}

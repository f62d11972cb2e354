//! The files that follow from the catalogue.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use catalog::RULES;

use crate::{central_pack, known_names, pack};

struct Generated {
    path: PathBuf,
    text: String,
}

/// The generated files that do not say what the catalogue says, relative to the workspace's folder.
pub(crate) fn stale(root: &Path) -> Vec<PathBuf> {
    all().into_iter().filter(|file| is_stale(root, file)).map(|file| file.path).collect()
}

/// Writes the stale files and returns which they were.
pub(crate) fn write(root: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut written = Vec::new();
    for Generated { path, text } in all().into_iter().filter(|file| is_stale(root, file)) {
        let absolute = root.join(&path);
        fs::write(&absolute, text).with_context(|| format!("cannot write {}", absolute.display()))?;
        written.push(path);
    }
    Ok(written)
}

/// A file that cannot be read is not what it must be, whatever the reason.
fn is_stale(root: &Path, file: &Generated) -> bool {
    fs::read_to_string(root.join(&file.path)).ok().as_ref() != Some(&file.text)
}

fn all() -> [Generated; 3] {
    [
        Generated { path: "conformance-pack/central-functions.yaml".into(), text: central_pack::text(RULES) },
        Generated { path: "conformance-pack/serverless-best-practices.yaml".into(), text: pack::text(RULES) },
        Generated { path: "crates/config-rule/src/known_names.rs".into(), text: known_names::text(RULES) },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_files_say_what_the_catalogue_says() {
        let stale = stale(&crate::root());
        assert_eq!(stale, Vec::<PathBuf>::new(), "out of date: run `make generate`");
    }
}

//! Files and folders in, items and problems out.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use config_rule::Kept;

use super::pieces::KeptOf;
use super::workers::Workers;
use super::{ConfigurationItems, content, file};
use crate::recorder::RECORDER_TYPE;

/// The most problems of one file that are listed; the others are counted. A list of a million things that are no items
/// would otherwise fill the memory with complaints.
pub const MAX_PROBLEMS_OF_A_FILE: usize = 1000;

/// How the names of the files end that are read in folders, in upper or lower case.
pub const FILE_ENDINGS: [&str; 4] = [".json", ".gz", ".jsonl", ".ndjson"];

/// What the input holds.
#[derive(Debug)]
pub struct Loaded {
    /// What could be read.
    pub items: ConfigurationItems,
    /// What could not, and what contradicts something else.
    pub problems: Vec<ItemProblem>,
    /// How many more there are, of files with more than [`MAX_PROBLEMS_OF_A_FILE`].
    pub unlisted_problems: usize,
    /// How many files were read.
    pub files: usize,
    /// How many files in folders were not, because their names end otherwise or start with a dot.
    pub skipped_files: usize,
    /// Those of them that hold an output of `aws iam get-account-authorization-details`.
    pub authorization_details: Vec<PathBuf>,
}

/// Something in the input that is not, or not consistently, an item. Shown as one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemProblem {
    /// The file.
    pub path: PathBuf,
    /// Where in the file: `item 17`, ``AWS::Lambda::Function `orders` ``, `line 3`; empty where the file as a whole is
    /// meant.
    pub place: String,
    /// What was expected and what was found.
    pub reason: String,
}

impl fmt::Display for ItemProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// Ids come from the input and could break the line.
        fn on_one_line(text: &str) -> String {
            text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
        }
        write!(formatter, "{}: ", self.path.display())?;
        if !self.place.is_empty() {
            write!(formatter, "{}: ", on_one_line(&self.place))?;
        }
        formatter.write_str(&on_one_line(&self.reason))
    }
}

/// A path from which nothing can be read.
#[derive(Debug, thiserror::Error)]
#[error("expected a readable file or folder at `{}`", path.display())]
pub struct LoadError {
    /// The path, as given or as found in a folder.
    pub path: PathBuf,
    /// What the system says.
    pub source: io::Error,
}

/// Reads items from files, packed or not, and from folders of files.
///
/// What a file is shows in its content: a configuration snapshot or a history file as delivered to S3, the output of
/// `aws configservice` (`get-resource-config-history`, `batch-get-resource-config`, `select-resource-config`), a
/// rule's event, a notification, one item, a list of items, or JSON Lines of those. What AWS Config does not record is
/// read from the output of `aws iam get-account-authorization-details` (roles and policies, which take the place of items
/// with the same ARN), of `aws inspector2` (`list-coverage`, `list-findings`) and of `aws configservice`
/// (`describe-config-rules`, `-config-rule-evaluation-status`, `-configuration-recorders`,
/// `-configuration-recorder-status`, `-delivery-channels`, `-delivery-channel-status`, `-conformance-packs`,
/// `-conformance-pack-status`). An output that does not say where it was asked belongs to the only account and Region that
/// the input names, else to the only one that its file or its folder names. An output that says of itself that pages or
/// resources are missing is a problem, and nothing of its kind counts as absent. In folders, and in theirs, files
/// count whose names end in `.json`, `.gz`, `.jsonl` or `.ndjson`; hidden ones, and linked folders, do not.
///
/// Files are read one after the other and what is in them by every core. `progress` hears of each file as it is opened,
/// and after every quarter of a megabyte, with the number of items so far.
///
/// # Errors
///
/// [`LoadError`] for a path that is not there or cannot be opened. Whatever a file holds is no error: see
/// [`Loaded::problems`].
pub fn load(paths: &[PathBuf], progress: &mut dyn FnMut(&Path, usize)) -> Result<Loaded, LoadError> {
    load_wanted(paths, &|_| Some(&Kept::Whole), progress)
}

/// [`load`]s items of the types of which something is kept, and as much of their properties. Of other items, which are most
/// of a large account, it is only remembered that they are there: which types an account and Region has, how many resources, and the newest capture time.
///
/// # Errors
///
/// As [`load`].
pub fn load_wanted(
    paths: &[PathBuf],
    kept_of: KeptOf<'_>,
    progress: &mut dyn FnMut(&Path, usize),
) -> Result<Loaded, LoadError> {
    let mut found = FilesFound::default();
    for path in paths {
        let unreadable = |source| LoadError { path: path.clone(), source };
        if fs::metadata(path).map_err(unreadable)?.is_dir() {
            collect(path, &mut found)?;
        } else {
            found.files.push(path.clone());
        }
    }
    let FilesFound { files, skipped } = found;

    // What the recorder records decides what an empty answer means.
    let kept_of = |resource_type: &str| match resource_type {
        RECORDER_TYPE => Some(&Kept::Whole),
        _ => kept_of(resource_type),
    };
    let gathered = std::thread::scope(|scope| {
        let mut workers = Workers::start(scope, &kept_of);
        for path in &files {
            let mut text = file::open(path).map_err(|source| LoadError { path: path.clone(), source })?;
            content::cut(&mut text, &mut workers.file(Arc::from(path.as_path()), progress));
        }
        Ok(workers.finish())
    })?;
    Ok(Loaded { files: files.len(), skipped_files: skipped, ..gathered.loaded() })
}

/// What is in folders.
#[derive(Debug, Default)]
struct FilesFound {
    files: Vec<PathBuf>,
    /// How many have other names.
    skipped: usize,
}

/// The item files below `folder`, in the order of their names, so that every run reads them alike.
fn collect(folder: &Path, found: &mut FilesFound) -> Result<(), LoadError> {
    let unreadable = |source| LoadError { path: folder.to_path_buf(), source };
    let mut entries =
        fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(unreadable)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().to_lowercase());
        let file_type = entry.file_type().map_err(unreadable)?;
        let is_hidden = name.starts_with('.');
        if file_type.is_dir() {
            if !is_hidden {
                collect(&path, found)?;
            }
        } else if !path.is_dir() {
            if !is_hidden && FILE_ENDINGS.iter().any(|ending| name.ends_with(ending)) {
                found.files.push(path);
            } else {
                found.skipped += 1;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;

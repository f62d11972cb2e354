//! Lists in findings.

use std::collections::HashSet;

/// This many are named, the others counted: an annotation has room for no more.
const NAMED: usize = 3;

/// "`a`, `b`, `c` (+n more)", each once.
pub(crate) fn named<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> String {
    let mut distinct = HashSet::new();
    let mut listed = Vec::new();
    for name in names {
        let name = name.as_ref();
        if distinct.insert(name.to_ascii_lowercase()) && listed.len() < NAMED {
            listed.push(format!("`{name}`"));
        }
    }
    match distinct.len().saturating_sub(NAMED) {
        0 => listed.join(", "),
        more => format!("{} (+{more} more)", listed.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_names_are_listed_and_a_fourth_is_counted() {
        assert_eq!(named(["a", "b", "c"]), "`a`, `b`, `c`");
        assert_eq!(named(["a", "b", "c", "d", "e"]), "`a`, `b`, `c` (+2 more)");
    }

    #[test]
    fn a_name_is_listed_once_in_whichever_case() {
        assert_eq!(named(["s3:PutObject", "S3:putobject"]), "`s3:PutObject`");
    }
}

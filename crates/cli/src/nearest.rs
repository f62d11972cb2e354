//! "Did you mean …?"

/// The candidate that looks most like `name`, if any looks like it at all.
pub(crate) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    /// Below this, two words have little more than letters in common.
    const ALIKE: f64 = 0.8;
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(likeness, _)| ALIKE <= *likeness)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, candidate)| candidate)
}

/// What there is instead of an unknown `name`, as the end of a sentence: the nearest, else all.
pub(crate) fn suggestion(name: &str, candidates: &[&str]) -> String {
    match nearest(name, candidates.iter().copied()) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None if candidates.is_empty() => "there is none".to_owned(),
        None => format!("there is `{}`", candidates.join("`, `")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 3] = ["timeout-too-long", "timeout-beyond-api", "mixed-stack"];

    #[test]
    fn a_misspelt_name_has_a_neighbour() {
        assert_eq!(nearest("timeout-to-long", NAMES), Some("timeout-too-long"));
        assert_eq!(nearest("mixed-stacks", NAMES), Some("mixed-stack"));
    }

    #[test]
    fn a_wholly_different_name_has_none_and_all_are_listed() {
        assert_eq!(nearest("zebra", NAMES), None);
        assert_eq!(suggestion("zebra", &["a-b", "c-d"]), "there is `a-b`, `c-d`");
    }
}

//! The names of all rules and checks, as source of the contract crate.

use config_rule::Entry;

const HEADER: &str = "\
//! Names of all rules and checks, so that a rule's own binary can tell a check of another rule from a misspelt one.
//!
//! Generated from the catalogue by `make generate`; do not edit.
";

/// As `max_width` in `rustfmt.toml`: what is written here must not change when it is formatted.
const WIDTH: usize = 110;

/// The module as text.
pub(crate) fn text(rules: &[Entry]) -> String {
    let names = rules.iter().map(|entry| entry.meta.name).collect();
    let ids = rules.iter().flat_map(|entry| entry.meta.checks).map(|check| check.id).collect();
    format!(
        "{HEADER}\n/// Every rule's name.\n{}\n/// Every check's id.\n{}",
        list("RULE_NAMES", names),
        list("CHECK_IDS", ids)
    )
}

fn list(name: &str, mut elements: Vec<&str>) -> String {
    elements.sort_unstable();
    let quoted: Vec<_> = elements.iter().map(|element| format!("\"{element}\"")).collect();
    let line = format!("pub const {name}: &[&str] = &[{}];\n", quoted.join(", "));
    if line.trim_end().len() <= WIDTH {
        return line;
    }
    format!("pub const {name}: &[&str] = &[\n    {},\n];\n", quoted.join(",\n    "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_fits_stands_on_one_line() {
        assert_eq!(list("NAMES", vec!["b", "a"]), "pub const NAMES: &[&str] = &[\"a\", \"b\"];\n");
    }

    #[test]
    fn a_longer_list_has_a_line_for_each() {
        let (long, longer) = ("a".repeat(60), "b".repeat(60));
        assert_eq!(
            list("NAMES", vec![&long, &longer]),
            format!("pub const NAMES: &[&str] = &[\n    \"{long}\",\n    \"{longer}\",\n];\n")
        );
    }
}

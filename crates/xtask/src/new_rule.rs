//! Starts a rule.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use catalog::RULES;

use crate::naming::{pascal_case, snake_case};

/// A conformance pack adds 27 characters to a rule's name, and AWS Config stops at 64.
const LONGEST_NAME: usize = 37;

/// What the folder of a new rule holds. The folder compiles and its tests pass; the author replaces the example.
const FOLDER: [(&str, &str); 6] = [
    ("Cargo.toml", include_str!("../templates/rule/Cargo.toml.txt")),
    ("README.md", include_str!("../templates/rule/README.md.txt")),
    ("src/lib.rs", include_str!("../templates/rule/lib.rs.txt")),
    ("src/main.rs", include_str!("../templates/rule/main.rs.txt")),
    ("cases/example.yaml", include_str!("../templates/rule/example.yaml.txt")),
    ("tests/cases.rs", include_str!("../templates/rule/cases.rs.txt")),
];

/// What `template.yaml` gets: the function with its role and log group, and the export that the pack imports.
const RESOURCES: &str = include_str!("../templates/rule/resources.yaml.txt");
const OUTPUT: &str = include_str!("../templates/rule/output.yaml.txt");

/// Makes the folder and adds the lines that name the rule elsewhere. Writes nothing unless everything fits.
pub(crate) fn start(root: &Path, name: &str) -> anyhow::Result<()> {
    check(root, name)?;
    let practice = (1..=u8::MAX).find(|number| RULES.iter().all(|entry| entry.meta.practice != *number));
    let practice = practice.context("every practice has its rule")?;
    let filled = |template: &str| filled(template, name, practice);

    let folder = Path::new("functions").join(name);
    let mut files: Vec<_> = FOLDER.iter().map(|(path, text)| (folder.join(path), filled(text))).collect();
    for (path, edit) in edits(name, practice, &filled) {
        let text = fs::read_to_string(root.join(&path))
            .with_context(|| format!("cannot read {}", path.display()))?;
        files.push((
            path.clone(),
            edit(&text).with_context(|| format!("cannot add the rule to {}", path.display()))?,
        ));
    }
    for (path, text) in files {
        let path = root.join(path);
        let folder = path.parent().context("a file stands in a folder")?;
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// What the author does after [`start`].
pub(crate) fn next_steps(name: &str) -> String {
    filled(include_str!("../templates/rule/next-steps.txt"), name, 0)
}

fn check(root: &Path, name: &str) -> anyhow::Result<()> {
    let is_word = |word: &str| {
        !word.is_empty() && word.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
    };
    ensure!(
        name.contains('-')
            && name.split('-').all(is_word)
            && name.starts_with(|first: char| first.is_ascii_lowercase()),
        "expected a name of two or more words in kebab-case, such as `queue-visibility-covers-timeout`, got `{name}`"
    );
    let length = name.len();
    ensure!(
        length <= LONGEST_NAME,
        "expected at most {LONGEST_NAME} characters, because a conformance pack adds 27 and AWS Config stops at 64; \
         `{name}` has {length}"
    );
    let is_check = RULES.iter().any(|entry| entry.meta.checks.iter().any(|check| check.id == name));
    ensure!(!is_check, "expected a new name, but `{name}` is a check");
    let folder = root.join("functions").join(name);
    ensure!(!folder.exists(), "expected a new name, but {} exists", folder.display());
    Ok(())
}

type Edit<'a> = Box<dyn FnOnce(&str) -> anyhow::Result<String> + 'a>;

fn edits<'a>(name: &'a str, practice: u8, filled: &'a dyn Fn(&str) -> String) -> [(PathBuf, Edit<'a>); 4] {
    let workspace = move |text: &str| {
        let line = format!("{name} = {{ path = \"functions/{name}\", default-features = false }}");
        with_line(
            text,
            &line,
            |sibling| sibling.contains("{ path = \"functions/"),
            |sibling, _| sibling < line.as_str(),
        )
    };
    let dependencies = move |text: &str| {
        let line = format!("{name}.workspace = true");
        let is_rule = |sibling: &str| {
            RULES.iter().any(|entry| sibling == format!("{}.workspace = true", entry.meta.name))
        };
        with_line(text, &line, is_rule, |sibling, _| sibling < line.as_str())
    };
    let catalogue = move |text: &str| {
        let line = format!("    Entry::of::<{}::{}>(),", snake_case(name), pascal_case(name));
        let before = RULES.iter().filter(|entry| entry.meta.practice < practice).count();
        with_line(text, &line, |sibling| sibling.starts_with("    Entry::of::<"), |_, index| index < before)
    };
    let template = move |text: &str| {
        let Some((resources, outputs)) = text.split_once("\nOutputs:\n") else {
            bail!("expected one line `Outputs:` after the resources, found none");
        };
        let (resources, outputs) = (resources.trim_end(), outputs.trim_end());
        Ok(format!("{resources}\n\n{}\nOutputs:\n{outputs}\n{}", filled(RESOURCES), filled(OUTPUT)))
    };
    [
        ("Cargo.toml".into(), Box::new(workspace) as Edit<'a>),
        ("crates/catalog/Cargo.toml".into(), Box::new(dependencies)),
        ("crates/catalog/src/lib.rs".into(), Box::new(catalogue)),
        ("template.yaml".into(), Box::new(template)),
    ]
}

/// `text` with `line` among its siblings: after the last one that `precedes` it, or before all of them.
fn with_line(
    text: &str,
    line: &str,
    is_sibling: impl Fn(&str) -> bool,
    precedes: impl Fn(&str, usize) -> bool,
) -> anyhow::Result<String> {
    let mut lines: Vec<_> = text.lines().collect();
    let siblings: Vec<_> = lines.iter().enumerate().filter(|(_, sibling)| is_sibling(sibling)).collect();
    let Some((first, _)) = siblings.first() else {
        bail!("expected a line of another rule like `{}`", line.trim())
    };
    let earlier = siblings.iter().enumerate().filter(|(index, (_, sibling))| precedes(sibling, *index));
    let position = earlier.last().map_or(*first, |(_, (position, _))| position + 1);
    lines.insert(position, line);
    Ok(lines.join("\n") + "\n")
}

fn filled(template: &str, name: &str, practice: u8) -> String {
    template
        .replace("{{name}}", name)
        .replace("{{Name}}", &pascal_case(name))
        .replace("{{snake}}", &snake_case(name))
        .replace("{{practice}}", &practice.to_string())
}

#[cfg(test)]
mod tests {
    use config_rule::{Entry, Trigger};

    use super::*;

    #[test]
    fn names_that_aws_config_or_cargo_would_refuse_are_refused_here() {
        for (name, complaint) in [
            ("Queue-visibility", "kebab-case"),
            ("queue--visibility", "kebab-case"),
            ("queue", "two or more words"),
            ("../queue-visibility", "kebab-case"),
            ("1-queue", "kebab-case"),
            ("a-name-that-has-one-character-too-many", "at most 37 characters"),
            ("stack-per-resource-type", "exists"),
            ("code-too-large", "is a check"),
        ] {
            let error = check(&crate::root(), name).unwrap_err().to_string();
            assert!(error.contains(complaint), "{name}: {error}");
        }
    }

    #[test]
    fn a_name_of_37_characters_is_accepted() {
        check(&crate::root(), "a-name-that-has-exactly-as-many-as-ok").unwrap();
    }

    #[test]
    fn a_line_is_added_in_its_place() {
        let added = |line: &str| {
            with_line(
                "[a]\nrule-b\nrule-d\n\n[c]\n",
                line,
                |sibling| sibling.starts_with("rule"),
                |sibling, _| sibling < line,
            )
        };
        assert_eq!(added("rule-a").unwrap(), "[a]\nrule-a\nrule-b\nrule-d\n\n[c]\n");
        assert_eq!(added("rule-c").unwrap(), "[a]\nrule-b\nrule-c\nrule-d\n\n[c]\n");
        assert_eq!(added("rule-e").unwrap(), "[a]\nrule-b\nrule-d\nrule-e\n\n[c]\n");
    }

    #[test]
    fn a_file_that_names_no_rule_is_refused() {
        let error = with_line("[a]\n", "rule-a", |_| false, |_, _| true).unwrap_err().to_string();
        assert_eq!(error, "expected a line of another rule like `rule-a`");
    }

    #[test]
    fn every_place_of_the_committed_workspace_takes_a_rule() {
        for (path, edit) in edits("queue-visibility", 9, &|template| filled(template, "queue-visibility", 9))
        {
            let before = fs::read_to_string(crate::root().join(&path)).unwrap();
            let after = edit(&before).unwrap();
            let without: Vec<_> =
                after.lines().filter(|line| before.lines().any(|old| old == *line)).collect();
            assert!(before.lines().all(|line| without.contains(&line)), "{} lost lines", path.display());
            assert!(
                after.contains("queue-visibility") || after.contains("queue_visibility"),
                "{}",
                path.display()
            );
        }
    }

    #[test]
    fn the_block_of_a_new_rule_is_that_of_the_rules_that_are_there() {
        let template = fs::read_to_string(crate::root().join("template.yaml")).unwrap();
        let is_plain =
            |entry: &&Entry| entry.meta.actions.is_empty() && entry.meta.triggers == [Trigger::Change];
        for entry in RULES.iter().filter(is_plain) {
            let block = filled(RESOURCES, entry.meta.name, entry.meta.practice);
            assert!(template.contains(&block), "`template.yaml` lacks:\n{block}");
        }
    }

    #[test]
    fn nothing_is_left_to_fill_in() {
        for text in FOLDER.iter().map(|(_, text)| *text).chain([RESOURCES, OUTPUT]) {
            let text = filled(text, "queue-visibility", 9);
            assert!(!text.contains("{{") && !text.contains("}}"), "{text}");
        }
    }
}

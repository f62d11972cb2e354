//! The little YAML that a conformance pack needs: mappings, lists and text.

use std::fmt;

/// A YAML value. Everything else that a template holds, numbers included, is text to AWS Config.
#[derive(Debug)]
pub(crate) enum Yaml {
    Text(String),
    List(Vec<Yaml>),
    Map(Vec<(String, Yaml)>),
}

impl Yaml {
    /// A mapping in the given order.
    pub(crate) fn map<K: Into<String>>(entries: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }

    /// A mapping of one key: a CloudFormation function, mostly.
    pub(crate) fn one(key: &str, value: impl Into<Self>) -> Self {
        Self::map([(key, value.into())])
    }

    fn write(&self, formatter: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        match self {
            Self::Text(text) => writeln!(formatter, "{}", scalar(text)),
            Self::List(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    indent(formatter, index, depth)?;
                    formatter.write_str("- ")?;
                    element.write(formatter, depth + 1)?;
                }
                Ok(())
            }
            Self::Map(entries) => {
                for (index, (key, value)) in entries.iter().enumerate() {
                    indent(formatter, index, depth)?;
                    write!(formatter, "{}:", scalar(key))?;
                    if let Self::Text(_) = value {
                        formatter.write_str(" ")?;
                    } else {
                        writeln!(formatter)?;
                        write!(formatter, "{:1$}", "", (depth + 1) * INDENT)?;
                    }
                    value.write(formatter, depth + 1)?;
                }
                Ok(())
            }
        }
    }
}

impl fmt::Display for Yaml {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(formatter, 0)
    }
}

impl From<&str> for Yaml {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Yaml {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl<const N: usize> From<[Yaml; N]> for Yaml {
    fn from(elements: [Yaml; N]) -> Self {
        Self::List(elements.into())
    }
}

const INDENT: usize = 2;

/// The first line of a value stands where its parent left off; the others start afresh.
fn indent(formatter: &mut fmt::Formatter<'_>, index: usize, depth: usize) -> fmt::Result {
    if index == 0 { Ok(()) } else { write!(formatter, "{:1$}", "", depth * INDENT) }
}

/// Plain where no reader can take it for anything but text, in single quotes otherwise.
fn scalar(text: &str) -> String {
    let is_word = |character: char| character.is_alphanumeric() || "-_./() ".contains(character);
    // A colon may stand inside a word, as in `AWS::Lambda::Function`, but not at its end.
    let is_plain = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.split(':').all(|part| !part.starts_with(' ') && part.chars().all(is_word))
        && !text.ends_with([' ', ':'])
        && !RESERVED.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is_plain { text.to_owned() } else { format!("'{}'", text.replace('\'', "''")) }
}

/// Words that some version of YAML reads as something else than text.
const RESERVED: [&str; 9] = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_tree_is_indented_by_two() {
        let tree = Yaml::map([
            (
                "Rule",
                Yaml::map([("Name", Yaml::from("a-b")), ("Types", Yaml::from(["x".into(), "y z".into()]))]),
            ),
            ("Condition", Yaml::from([Yaml::map([("A", Yaml::from("1")), ("B", "2".into())]), "".into()])),
        ]);
        assert_eq!(
            tree.to_string(),
            "Rule:\n  Name: a-b\n  Types:\n    - x\n    - y z\nCondition:\n  - A: '1'\n    B: '2'\n  - ''\n"
        );
    }

    #[test]
    fn text_stays_text_whatever_it_looks_like() {
        for text in [
            "",
            "10",
            "1e3",
            "true",
            "No",
            "null",
            "~",
            "a: b",
            "a:",
            " a",
            "a ",
            "a #b",
            "#a",
            "- a",
            "-",
            "it's",
            "'quoted'",
            "\"",
            "{a}",
            "[a]",
            "*",
            "&a",
            "!a",
            "%",
            "@",
            "`",
            "a, b",
            "2027-01-31",
            "0x1f",
            ".5",
            "AWS::Lambda::Function",
            "serverless-conformance:a-b",
            "a `b` c; d",
            "x=AWS::SQS::*|AWS::SNS::*",
        ] {
            let yaml = Yaml::one("key", text).to_string();
            let read: Value = serde_saphyr::from_str(&yaml).unwrap();
            assert_eq!(read, json!({ "key": text }), "{yaml}");
        }
    }
}

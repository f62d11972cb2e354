use std::collections::BTreeMap;
use std::fmt;

use crate::common::CommonParameters;
use crate::json::Json;
use crate::node::described;
use crate::tree::Tree;

/// One rule parameter: its name, default and what it accepts. Pack, README and error messages are made from it.
#[derive(Debug, PartialEq, Eq)]
pub struct ParameterSpec {
    /// Lower camel case, as AWS's own rules spell theirs.
    pub name: &'static str,
    /// What applies when it is not given, in the spelling in which it would be given.
    pub default: &'static str,
    /// The values that are accepted.
    pub accepts: Accepts,
    /// What it means, with the unit; a sentence without full stop.
    pub description: &'static str,
}

/// The values that a parameter accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepts {
    /// A whole number from `min` to `max`, both included.
    WholeNumber {
        /// Least accepted value.
        min: u64,
        /// Greatest accepted value.
        max: u64,
    },
    /// `true` or `false`.
    Switch,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// Comma-separated words, possibly none.
    List,
    /// Text whose syntax the rule knows and this sentence part describes.
    Text(&'static str),
}

impl fmt::Display for Accepts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WholeNumber { min, max } => write!(formatter, "a whole number from {min} to {max}"),
            Self::Switch => formatter.write_str("`true` or `false`"),
            Self::OneOf(words) => write!(formatter, "one of `{}`", words.join("`, `")),
            Self::List => formatter.write_str("comma-separated words"),
            Self::Text(expected) => formatter.write_str(expected),
        }
    }
}

/// A rule's own parameters, as a type that cannot be wrong.
pub trait Parameters: Sized + Send + Sync + 'static {
    /// Every parameter, in the order in which documents list them.
    const SPECS: &'static [&'static ParameterSpec];

    /// Takes the values. Each getter of [`ParameterValues`] records what is wrong and goes on with the default, so
    /// that all problems are reported at once; the result is used only if there were none.
    fn read(values: &mut ParameterValues<'_>) -> Self;
}

/// A rule without parameters of its own.
impl Parameters for () {
    const SPECS: &'static [&'static ParameterSpec] = &[];

    fn read(_: &mut ParameterValues<'_>) -> Self {}
}

/// The values that a rule was given, and what is wrong with them.
#[derive(Debug)]
pub struct ParameterValues<'a> {
    given: &'a BTreeMap<String, String>,
    errors: Vec<ParameterError>,
}

/// One parameter that was not given as it must be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParameterError {
    /// The value is out of range or cannot be read.
    #[error("rule parameter `{name}`: expected {expected}, got `{got}`")]
    Value {
        /// The parameter.
        name: String,
        /// What is accepted.
        expected: String,
        /// What was given.
        got: String,
    },
    /// The rule has no such parameter.
    #[error("rule parameter `{name}`: expected one of the parameters {accepted}, got an unknown name")]
    Name {
        /// The name that was given.
        name: String,
        /// The names that the rule has.
        accepted: String,
    },
    /// The parameters are no JSON object of texts, numbers and switches.
    #[error("rule parameters: expected a JSON object of names and values, got {got}")]
    Shape {
        /// What was given, in JSON's words.
        got: String,
    },
}

/// Everything that is wrong with a rule's parameters. Whoever set them must act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterErrors(pub Vec<ParameterError>);

impl fmt::Display for ParameterErrors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(formatter, "{separator}{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ParameterErrors {}

impl<'a> ParameterValues<'a> {
    pub(crate) const fn new(given: &'a BTreeMap<String, String>) -> Self {
        Self { given, errors: Vec::new() }
    }

    /// The number that `spec` stands for.
    pub fn whole_number(&mut self, spec: &'static ParameterSpec) -> u64 {
        let range = match spec.accepts {
            Accepts::WholeNumber { min, max } => min..=max,
            _ => 0..=u64::MAX,
        };
        let read = |text: &str| text.trim().parse().ok().filter(|number| range.contains(number));
        self.parsed(spec, |text| read(text).ok_or(()))
    }

    /// The switch that `spec` stands for.
    pub fn switch(&mut self, spec: &'static ParameterSpec) -> bool {
        self.parsed(spec, |text| match text.trim().to_ascii_lowercase().as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(()),
        })
    }

    /// The words that `spec` stands for, without the spaces around them and without empty ones.
    pub fn list(&mut self, spec: &'static ParameterSpec) -> Vec<String> {
        let text = self.text(spec);
        text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(ToOwned::to_owned).collect()
    }

    /// The text that `spec` stands for.
    pub fn text(&self, spec: &'static ParameterSpec) -> &'a str {
        self.given.get(spec.name).map_or(spec.default, String::as_str)
    }

    /// What `parse` makes of the value; an error is recorded with what the parameter accepts.
    pub fn parsed<T: Default, E>(
        &mut self,
        spec: &'static ParameterSpec,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> T {
        let text = self.text(spec);
        parse(text).unwrap_or_else(|_| {
            self.refuse(spec, text);
            parse(spec.default).unwrap_or_default()
        })
    }

    /// What was read, or everything that was wrong with the values.
    pub(crate) fn finished<T>(self, read: T) -> Result<T, ParameterErrors> {
        if self.errors.is_empty() { Ok(read) } else { Err(ParameterErrors(self.errors)) }
    }

    /// Records that `got`, the value or a part of it, is not what `spec` accepts.
    pub fn refuse(&mut self, spec: &'static ParameterSpec, got: &str) {
        self.errors.push(ParameterError::Value {
            name: spec.name.to_owned(),
            expected: spec.accepts.to_string(),
            got: got.to_owned(),
        });
    }
}

/// The common and the own parameters that `given` stands for, or everything that is wrong with it.
pub(crate) fn parse<P: Parameters>(
    given: &BTreeMap<String, String>,
) -> Result<(CommonParameters, P), ParameterErrors> {
    let mut values = ParameterValues::new(given);
    let common = CommonParameters::read(&mut values);
    let own = P::read(&mut values);
    let names = || CommonParameters::SPECS.iter().chain(P::SPECS).map(|spec| spec.name);
    for name in given.keys().filter(|name| names().all(|known| known != name.as_str())) {
        let accepted = names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        values.errors.push(ParameterError::Name { name: name.clone(), accepted });
    }
    values.finished((common, own))
}

/// The rule parameters in `json`. AWS Config sends a JSON object as text; absent, `""`, `"null"` and `"{}"` all mean
/// none. Values may be texts, numbers or switches. `ExecutionRoleName`, as rules made with AWS's own development kit
/// spell it, is `executionRoleName`.
///
/// # Errors
///
/// Whoever set the parameters must act: the error says what was expected and what was found.
pub fn parameter_values(json: Option<&str>) -> Result<BTreeMap<String, String>, ParameterErrors> {
    let shape = |got: String| ParameterErrors(vec![ParameterError::Shape { got }]);
    let json = json.unwrap_or_default().trim();
    if json.is_empty() {
        return Ok(BTreeMap::new());
    }
    let Ok(tree) = serde_json::from_str::<Tree>(json) else {
        return Err(shape("text that is not JSON".to_owned()));
    };
    match tree.root() {
        Json::Null => Ok(BTreeMap::new()),
        Json::Object(members) => members
            .iter()
            .map(|(name, value)| match name {
                "ExecutionRoleName" => ("executionRoleName", value),
                _ => (name, value),
            })
            .map(|(name, value)| match value {
                Json::Text(text) => Ok((name.to_owned(), text.to_owned())),
                Json::Number(number) => Ok((name.to_owned(), number.to_string())),
                Json::Bool(boolean) => Ok((name.to_owned(), boolean.to_string())),
                other => Err(shape(format!("{} for `{name}`", described(other)))),
            })
            .collect(),
        other => Err(shape(described(other))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: ParameterSpec = ParameterSpec {
        name: "limit",
        default: "5",
        accepts: Accepts::WholeNumber { min: 1, max: 100 },
        description: "how many",
    };
    const STRICT: ParameterSpec =
        ParameterSpec { name: "strict", default: "true", accepts: Accepts::Switch, description: "how" };

    #[derive(Debug, PartialEq)]
    struct Own(u64, bool);

    impl Parameters for Own {
        const SPECS: &'static [&'static ParameterSpec] = &[&LIMIT, &STRICT];

        fn read(values: &mut ParameterValues<'_>) -> Self {
            Self(values.whole_number(&LIMIT), values.switch(&STRICT))
        }
    }

    #[test]
    fn nothing_given_means_the_defaults() {
        assert_eq!(own(&[]), Ok(Own(5, true)));
    }

    #[test]
    fn both_ends_of_the_range_are_accepted_and_what_is_beyond_is_not() {
        assert_eq!(own(&[("limit", "1")]), Ok(Own(1, true)));
        assert_eq!(own(&[("limit", "100")]), Ok(Own(100, true)));
        for got in ["0", "101", "six", "", "-1", "5.5"] {
            let expected =
                format!("rule parameter `limit`: expected a whole number from 1 to 100, got `{got}`");
            assert_eq!(own(&[("limit", got)]), Err(expected));
        }
    }

    #[test]
    fn all_problems_are_reported_at_once() {
        let message = own(&[("limit", "six"), ("strict", "perhaps"), ("limits", "5")]).unwrap_err();
        assert!(
            message.contains("got `six`; rule parameter `strict`: expected `true` or `false`, got `perhaps`")
        );
        assert!(message.contains("rule parameter `limits`: expected one of the parameters `failOn`"));
    }

    #[test]
    fn the_four_spellings_of_no_parameters_are_alike() {
        for json in [None, Some(""), Some("null"), Some("{}")] {
            assert_eq!(parameter_values(json), Ok(BTreeMap::new()));
        }
    }

    #[test]
    fn numbers_and_switches_are_accepted_beside_text() {
        let values = parameter_values(Some(r#"{"limit": 7, "strict": false}"#)).unwrap();
        assert_eq!(parse::<Own>(&values).map(|(_, own)| own), Ok(Own(7, false)));
    }

    #[test]
    fn the_development_kits_spelling_of_the_role_is_accepted() {
        let values = parameter_values(Some(r#"{"ExecutionRoleName": "auditor"}"#)).unwrap();
        assert_eq!(values, BTreeMap::from([("executionRoleName".to_owned(), "auditor".to_owned())]));
    }

    #[test]
    fn other_shapes_are_refused() {
        for (json, got) in
            [("[]", "a list"), (r#"{"a": {}}"#, "an object for `a`"), ("{", "text that is not JSON")]
        {
            let error = parameter_values(Some(json)).unwrap_err().to_string();
            assert_eq!(
                error,
                format!("rule parameters: expected a JSON object of names and values, got {got}")
            );
        }
    }

    fn own(given: &[(&str, &str)]) -> Result<Own, String> {
        let given = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        parse::<Own>(&given).map(|(_, own)| own).map_err(|errors| errors.to_string())
    }
}

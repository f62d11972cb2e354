//! Which rules run, and with which parameters.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use catalog::RULES;
use config_rule::Entry;
use local_aws_config::items::{DEFAULT_ACCOUNT_ID, DEFAULT_REGION, Scope};
use local_aws_config::pack::{Pack, PackError, PackRule};

use crate::arguments::{Assignment, InputArguments};
use crate::nearest::suggestion;

/// Where the project keeps its pack; looked for in the current folder.
const USUAL_PACK: &str = "conformance-pack/serverless-best-practices.yaml";

/// The same pack as it was when this program was built.
pub(crate) const BUILT_IN_PACK: &str =
    include_str!("../../../conformance-pack/serverless-best-practices.yaml");

/// The pack with only the rules that are wanted, and the parameters that were given. Whatever is wrong with names or
/// values is said here, before anything runs.
pub(crate) fn pack(arguments: &InputArguments) -> anyhow::Result<Pack> {
    let pack = read(arguments.pack.as_deref())?;
    ensure!(
        !pack.rules.is_empty(),
        "the pack `{}` has no custom Lambda rule, and no other runs here",
        pack.name
    );
    let names = names(&pack).into_iter().map(ToOwned::to_owned).collect::<Vec<_>>();
    let pack = with_wanted_rules(pack, &arguments.rules)?;
    let left_out = |assignment: &&Assignment| {
        names.contains(&assignment.rule) && !pack.rules.iter().any(|rule| rule.name == assignment.rule)
    };
    if let Some(Assignment { rule, name, .. }) = arguments.parameters.iter().find(left_out) {
        bail!("parameter `{rule}.{name}`: `--rule` leaves out `{rule}`");
    }
    let pack = arguments.parameters.iter().try_fold(pack, with_parameter)?;
    for rule in &pack.rules {
        if let Some(entry) = entry(rule) {
            entry.prepare(&rule.parameters).with_context(|| format!("rule `{}`", rule.name))?;
        }
    }
    Ok(pack)
}

/// The rule of the catalogue that a rule of a pack runs.
pub(crate) fn entry(rule: &PackRule) -> Option<&'static Entry> {
    RULES.iter().find(|entry| entry.meta.name == rule.function)
}

fn read(given: Option<&Path>) -> anyhow::Result<Pack> {
    // Only what does not depend on account and Region is looked at until the items have said which there are.
    let anywhere = Scope { account_id: DEFAULT_ACCOUNT_ID.to_owned(), region: DEFAULT_REGION.to_owned() };
    let defaults = BTreeMap::new();
    let usual = Path::new(USUAL_PACK);
    let path = given.or_else(|| fs::exists(usual).unwrap_or(false).then_some(usual));
    match path {
        Some(path) => Pack::read_file(path, &defaults, &anywhere).map_err(|error| match error {
            // This one names the file already.
            PackError::File { .. } => error.into(),
            _ => anyhow::Error::new(error).context(format!("conformance pack `{}`", path.display())),
        }),
        None => Pack::read("serverless-best-practices", BUILT_IN_PACK, &defaults, &anywhere)
            .context("conformance pack that is built in"),
    }
}

fn with_wanted_rules(pack: Pack, wanted: &[String]) -> anyhow::Result<Pack> {
    if wanted.is_empty() {
        return Ok(pack);
    }
    let names = names(&pack);
    if let Some(unknown) = wanted.iter().find(|name| !names.contains(&name.as_str())) {
        bail!("the pack `{}` has no rule `{unknown}`: {}", pack.name, suggestion(unknown, &names));
    }
    Ok(pack.with_rules(|rule| wanted.contains(&rule.name)))
}

fn with_parameter(pack: Pack, assignment: &Assignment) -> anyhow::Result<Pack> {
    let Assignment { rule: rule_name, name, value } = assignment;
    let Some(rule) = pack.rules.iter().find(|rule| rule.name == *rule_name) else {
        let suggestion = suggestion(rule_name, &names(&pack));
        bail!("parameter `{rule_name}.{name}`: no rule `{rule_name}` runs: {suggestion}");
    };
    if let Some(entry) = entry(rule) {
        let parameters: Vec<_> = entry.all_parameters().map(|spec| spec.name).collect();
        if !parameters.contains(&name.as_str()) {
            let suggestion = suggestion(name, &parameters);
            bail!("parameter `{rule_name}.{name}`: the rule has no parameter `{name}`: {suggestion}");
        }
    }
    Ok(pack.with_parameter(rule_name, name, value)?)
}

fn names(pack: &Pack) -> Vec<&str> {
    pack.rules.iter().map(|rule| rule.name.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: &str = "lambda-small-single-purpose";

    #[test]
    fn the_built_in_pack_runs_every_rule_of_the_catalogue() {
        let pack = read(None).unwrap();
        let mut rules: Vec<_> = pack.rules.iter().filter_map(entry).map(|entry| entry.meta.name).collect();
        rules.sort_unstable();
        let mut all: Vec<_> = RULES.iter().map(|entry| entry.meta.name).collect();
        all.sort_unstable();
        assert_eq!(rules, all);
    }

    #[test]
    fn only_the_wanted_rules_stay() {
        let pack = with_wanted_rules(read(None).unwrap(), &[RULE.to_owned()]).unwrap();
        assert_eq!(names(&pack), [RULE]);
    }

    #[test]
    fn an_unknown_rule_is_refused_with_its_neighbour() {
        let error = with_wanted_rules(read(None).unwrap(), &["lambda-small-single-purposes".to_owned()]);
        let message = error.unwrap_err().to_string();
        assert!(message.ends_with(&format!("did you mean `{RULE}`?")), "{message}");
    }

    #[test]
    fn a_given_value_replaces_the_packs() {
        let pack = with_parameter(read(None).unwrap(), &assignment("maxTimeoutSeconds", "60")).unwrap();
        let rule = pack.rules.iter().find(|rule| rule.name == RULE).unwrap();
        assert_eq!(rule.parameters["maxTimeoutSeconds"], "60");
    }

    #[test]
    fn an_unknown_parameter_is_refused_with_its_neighbour() {
        let error = with_parameter(read(None).unwrap(), &assignment("maxTimeoutSecond", "60")).unwrap_err();
        let message = error.to_string();
        assert!(message.ends_with("did you mean `maxTimeoutSeconds`?"), "{message}");
    }

    #[test]
    fn a_value_out_of_range_is_refused_with_what_is_accepted() {
        let arguments = InputArguments {
            paths: Vec::new(),
            authorization_details: Vec::new(),
            rules: Vec::new(),
            pack: None,
            parameters: vec![assignment("maxTimeoutSeconds", "soon")],
            at: None,
        };
        let message = format!("{:#}", pack(&arguments).unwrap_err());
        assert!(message.contains("expected a whole number from"), "{message}");
        assert!(message.contains("got `soon`"), "{message}");
    }

    fn assignment(name: &str, value: &str) -> Assignment {
        Assignment { rule: RULE.to_owned(), name: name.to_owned(), value: value.to_owned() }
    }
}

//! The conformance pack of recommended managed rules is one that AWS Config accepts, and holds what it says.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use account_audited::Pack;
use serde_json::Value;

/// Source: AWS Config API Reference, `PutConformancePack`, `TemplateBody`.
const LONGEST_TEMPLATE_BYTES: usize = 51_200;
/// Source: AWS Config Developer Guide, "Service Limits", rules per conformance pack.
const MOST_RULES: usize = 130;
/// Source: AWS Config API Reference, `PutConformancePack`, `ConformancePackInputParameters`.
const MOST_PARAMETERS: usize = 60;
/// Source: AWS Config API Reference, `ConfigRule`, `ConfigRuleName`; a conformance pack adds 27.
const LONGEST_NAME: usize = 128 - 27;
/// Source: AWS Config API Reference, `ConfigRule`, `InputParameters`.
const LONGEST_INPUT_PARAMETERS: usize = 1024;

#[test]
fn it_stays_within_the_limits_of_a_conformance_pack() {
    assert!(text().len() <= LONGEST_TEMPLATE_BYTES, "{} bytes", text().len());
    assert!(rules().len() <= MOST_RULES, "{} rules", rules().len());
    assert!(parameters().len() <= MOST_PARAMETERS);
    let sections: Vec<_> = template().as_object().unwrap().keys().cloned().collect();
    assert_eq!(sections, ["Parameters", "Resources"]);
}

#[test]
fn it_holds_nothing_but_managed_rules() {
    for (id, rule) in rules() {
        assert_eq!(rule["Type"], "AWS::Config::ConfigRule", "{id}");
        assert_eq!(rule["Properties"]["Source"]["Owner"], "AWS", "{id}");
        assert!(id.chars().all(|letter| letter.is_ascii_alphanumeric()), "{id}");
        let known = ["ConfigRuleName", "InputParameters", "Scope", "Source"];
        let properties = rule["Properties"].as_object().unwrap();
        assert!(properties.keys().all(|key| known.contains(&key.as_str())), "{id}");
    }
}

#[test]
fn each_identifier_stands_once_and_is_one_of_the_six_packs() {
    let known: BTreeSet<_> = Pack::ALL.iter().flat_map(Pack::identifiers).collect();
    let mut seen = BTreeSet::new();
    for identifier in identifiers() {
        assert!(known.contains(identifier.as_str()), "no pack has {identifier}");
        assert!(seen.insert(identifier.clone()), "{identifier} stands twice");
    }
}

#[test]
fn each_name_is_the_identifiers_and_short_enough() {
    for (id, rule) in rules() {
        let name = rule["Properties"]["ConfigRuleName"].as_str().unwrap();
        let identifier = rule["Properties"]["Source"]["SourceIdentifier"].as_str().unwrap();
        assert_eq!(name, identifier.to_lowercase().replace('_', "-"), "{id}");
        assert!(name.len() <= LONGEST_NAME, "{id}");
    }
}

#[test]
fn every_rule_is_triggered_by_the_types_that_awss_packs_give_it() {
    let data: Value = serde_json::from_str(include_str!("../data/managed-rules.json")).unwrap();
    let packs = data["packs"].as_array().unwrap();
    let scopes: BTreeMap<_, _> = packs
        .iter()
        .flat_map(|pack| pack["rules"].as_array().unwrap())
        .map(|rule| (rule["identifier"].as_str().unwrap(), &rule["scope"]))
        .collect();
    for (id, rule) in rules() {
        let identifier = rule["Properties"]["Source"]["SourceIdentifier"].as_str().unwrap();
        assert_eq!(&rule["Properties"]["Scope"]["ComplianceResourceTypes"], scopes[identifier], "{id}");
    }
}

#[test]
fn every_parameter_has_a_default_that_is_not_empty_and_is_used() {
    for (name, parameter) in parameters() {
        assert_eq!(parameter["Type"], "String", "{name}");
        assert!(parameter["Default"].as_str().is_some_and(|default| !default.is_empty()), "{name}");
        assert!(text().contains(&format!("{{Ref: {name}}}")), "{name} is not used");
    }
}

#[test]
fn every_input_parameter_is_text_or_a_parameter_of_the_pack() {
    let parameters = parameters();
    for (id, rule) in rules() {
        let given = &rule["Properties"]["InputParameters"];
        let mut resolved = BTreeMap::new();
        for (name, value) in given.as_object().into_iter().flatten() {
            let text = match value["Ref"].as_str() {
                Some(reference) => parameters[reference]["Default"].as_str(),
                None => value.as_str(),
            };
            resolved.insert(name, text.unwrap_or_else(|| panic!("{id}, {name}: {value}")).to_owned());
        }
        assert!(serde_json::to_string(&resolved).unwrap().len() <= LONGEST_INPUT_PARAMETERS, "{id}");
    }
}

#[test]
fn it_covers_as_much_of_each_pack_as_its_comment_says() {
    let identifiers: BTreeSet<_> = identifiers().into_iter().collect();
    let text = text();
    for pack in Pack::ALL {
        let covered = pack.rules.iter().filter(|rule| identifiers.contains(**rule)).count();
        let (total, percent) = (pack.rules.len(), 100 * covered / pack.rules.len());
        let words = ["#", pack.name, &format!("{covered}/{total}"), &percent.to_string(), "%"];
        let is_said = text.lines().any(|line| line.split_whitespace().eq(words));
        assert!(is_said, "the comment does not say `{}`", words.join(" "));
    }
    assert!(text.contains(&format!(": {} rules.", identifiers.len())));
}

fn text() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(folder.join("../../conformance-pack/recommended-managed-rules.yaml"))
        .expect("the pack is part of the repository")
}

fn template() -> Value {
    serde_saphyr::from_str(&text()).expect("the pack is YAML")
}

fn section(name: &str) -> BTreeMap<String, Value> {
    serde_json::from_value(template()[name].clone()).expect("the pack has this section")
}

fn rules() -> BTreeMap<String, Value> {
    section("Resources")
}

fn parameters() -> BTreeMap<String, Value> {
    section("Parameters")
}

fn identifiers() -> Vec<String> {
    let identifier =
        |rule: &Value| rule["Properties"]["Source"]["SourceIdentifier"].as_str().map(ToOwned::to_owned);
    rules().values().map(|rule| identifier(rule).expect("every rule has an identifier")).collect()
}

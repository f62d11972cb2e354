//! What people write in more than one place, held against each other. A failure says which command repairs it.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use catalog::RULES;
use config_rule::Trigger;

use crate::cloudformation::{of_type, one_or_many, references, yaml};
use crate::workspace::{root, text};

const PACK: &str = "conformance-pack/serverless-best-practices.yaml";

/// What a rule's README has, in this order.
const HEADINGS: [&str; 8] =
    ["What it checks", "Why", "Checks", "Parameters", "Scenarios", "Remediation", "Limits", "Sources"];

#[test]
fn folders_catalogue_template_and_pack_name_the_same_rules() {
    let catalogue: BTreeSet<_> = RULES.iter().map(|entry| entry.meta.name.to_owned()).collect();
    let folders: BTreeSet<_> = std::fs::read_dir(root().join("functions"))
        .unwrap()
        .map(|folder| folder.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(folders, catalogue, "`functions/` and `crates/catalog` differ: `make new-rule` adds both");

    let template = yaml("template.yaml");
    let functions: BTreeSet<_> = of_type(&template, "AWS::Serverless::Function")
        .map(|(_, function)| {
            let code = function["Properties"]["CodeUri"].as_str().unwrap().trim_end_matches('/');
            code.rsplit('/').next().unwrap().to_owned()
        })
        .collect();
    assert_eq!(
        functions, catalogue,
        "`template.yaml` and `crates/catalog` differ: each rule has a function block"
    );

    let pack = yaml(PACK);
    let rules: BTreeSet<_> = of_type(&pack, "AWS::Config::ConfigRule")
        .map(|(_, rule)| rule["Properties"]["ConfigRuleName"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(rules, catalogue, "the pack is stale: run `make generate`");
}

#[test]
fn generated_files_are_current() {
    let checked = Command::new(env!("CARGO"))
        .args(["xtask", "generate", "--check"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}

#[test]
fn exports_of_the_template_are_what_the_pack_imports() {
    let exported: BTreeSet<_> = yaml("template.yaml")["Outputs"]
        .as_object()
        .unwrap()
        .values()
        .filter_map(|output| output["Export"]["Name"].as_str().map(ToOwned::to_owned))
        .collect();
    for (id, rule) in of_type(&yaml(PACK), "AWS::Config::ConfigRule") {
        let imported = rule["Properties"]["Source"]["SourceIdentifier"]["Fn::ImportValue"].as_str().unwrap();
        assert!(exported.contains(imported), "{id} imports `{imported}`, the template exports {exported:?}");
    }
}

#[test]
fn the_pack_knows_every_parameter_and_its_default() {
    let pack = yaml(PACK);
    for (id, rule) in of_type(&pack, "AWS::Config::ConfigRule") {
        let name = rule["Properties"]["ConfigRuleName"].as_str().unwrap();
        let entry = RULES.iter().find(|entry| entry.meta.name == name).unwrap();
        let inputs = rule["Properties"]["InputParameters"].as_object().unwrap();
        let given: BTreeSet<_> = inputs.keys().map(String::as_str).collect();
        let known: BTreeSet<_> = entry.all_parameters().map(|parameter| parameter.name).collect();
        assert_eq!(given, known, "{id}: run `make generate`");
        let mut values = BTreeMap::new();
        for parameter in entry.all_parameters() {
            let reference =
                references(&inputs[parameter.name]).pop().expect("an input refers to a pack parameter");
            let default = pack["Parameters"][&reference]["Default"].as_str().unwrap();
            assert_eq!(default, parameter.default, "{reference}: run `make generate`");
            values.insert(parameter.name.to_owned(), default.to_owned());
        }
        assert!(entry.prepare(&values).is_ok(), "{id}: the pack's own defaults are refused");
        let json = serde_json::to_string(&values).unwrap();
        assert!(json.len() <= 1024, "{id}: AWS Config takes at most 1,024 characters of input parameters");
    }
}

#[test]
fn the_pack_asks_for_exactly_the_triggers_of_each_rule() {
    for (id, rule) in of_type(&yaml(PACK), "AWS::Config::ConfigRule") {
        let properties = &rule["Properties"];
        let name = properties["ConfigRuleName"].as_str().unwrap();
        let meta = RULES.iter().find(|entry| entry.meta.name == name).unwrap().meta;
        let messages: BTreeSet<_> = properties["Source"]["SourceDetails"]
            .as_array()
            .unwrap()
            .iter()
            .map(|detail| detail["MessageType"].as_str().unwrap())
            .collect();
        let mut wanted = BTreeSet::new();
        if meta.is_triggered_by(Trigger::Change) {
            wanted.extend([
                "ConfigurationItemChangeNotification",
                "OversizedConfigurationItemChangeNotification",
            ]);
            let scope: Vec<_> = one_or_many(&properties["Scope"]["ComplianceResourceTypes"]);
            assert_eq!(scope, meta.change_types().collect::<Vec<_>>(), "{id}: scope");
        } else {
            assert!(properties.get("Scope").is_none(), "{id}: AWS Config refuses a scope on a periodic rule");
        }
        if meta.is_triggered_by(Trigger::Periodic) {
            wanted.insert("ScheduledNotification");
        }
        assert_eq!(messages, wanted, "{id}: message types");
        assert_eq!(properties["Source"]["Owner"], "CUSTOM_LAMBDA");
    }
}

#[test]
fn the_pack_stays_within_the_limits_of_aws_config() {
    assert!(text(PACK).len() <= 51_200, "a pack's template body has at most 51,200 bytes");
    let pack = yaml(PACK);
    assert!(pack["Parameters"].as_object().unwrap().len() <= 60, "a custom pack has at most 60 parameters");
    for (id, resource) in pack["Resources"].as_object().unwrap() {
        assert_eq!(resource["Type"], "AWS::Config::ConfigRule", "{id}: a pack holds rules only");
        let description = resource["Properties"]["Description"].as_str().unwrap();
        assert!(description.chars().count() <= 256, "{id}: a description has at most 256 characters");
    }
}

#[test]
fn every_rule_has_a_page_with_the_eight_headings_and_all_its_checks_and_parameters() {
    for entry in RULES {
        let path = format!("functions/{}/README.md", entry.meta.name);
        let page = text(&path);
        let headings: Vec<_> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        assert_eq!(headings, HEADINGS, "{path}");
        for check in entry.meta.checks {
            assert!(
                page.contains(&format!("`{}`", check.id)),
                "{path} does not mention check `{}`",
                check.id
            );
        }
        for parameter in entry.parameters {
            assert!(
                page.contains(&format!("`{}`", parameter.name)),
                "{path} does not mention `{}`",
                parameter.name
            );
        }
    }
}

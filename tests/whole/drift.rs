//! What people write in more than one place, held against each other. A failure says which command repairs it.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use account_audited::TYPES_OF_THE_RULES;
use catalog::RULES;
use config_rule::{ACCOUNT_TYPE, Document, Trigger};
use rule_testing::{ItemsInventory, block_on};
use serde_json::Value;

use crate::cloudformation::{of_type, references, yaml};
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
fn rules_name_exactly_the_actions_of_their_evidence() {
    let find = config_lambda::FIND_ACTIONS;
    let iam = [find, iam_evidence::ROLE_ACTIONS, iam_evidence::POLICY_ACTIONS].concat();
    let audit = [
        audit_evidence::RECORDER_ACTIONS,
        audit_evidence::DELIVERY_CHANNEL_ACTIONS,
        audit_evidence::CONFIG_RULE_ACTIONS,
        audit_evidence::CONFORMANCE_PACK_ACTIONS,
    ];
    for (rule, mut needed) in [
        ("lambda-grouped-in-microservice", iam.clone()),
        ("lambda-role-least-privilege", iam),
        ("account-audited", audit.concat()),
        ("lambda-dependencies-audited", [find, inspector_evidence::INSPECTOR_ACTIONS].concat()),
    ] {
        let entry = RULES.iter().find(|entry| entry.meta.name == rule).unwrap();
        let mut named = entry.meta.actions.to_vec();
        needed.sort_unstable();
        named.sort_unstable();
        assert_eq!(
            named, needed,
            "{rule}: `META.actions` in `functions/{rule}/src/lib.rs` (left) must name exactly what its evidence calls \
             (right); then grant it in the rule's block of `template.yaml`"
        );
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
            .map(|detail| at_home(detail)["MessageType"].as_str().unwrap())
            .collect();
        let mut wanted = BTreeSet::new();
        if meta.is_triggered_by(Trigger::Change) {
            wanted.extend([
                "ConfigurationItemChangeNotification",
                "OversizedConfigurationItemChangeNotification",
            ]);
            let types = properties["Scope"]["ComplianceResourceTypes"].as_array().unwrap();
            let scope: Vec<_> = types.iter().map(|element| at_home(element).as_str().unwrap()).collect();
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

/// Types that no recorder records: what AWS Config, Amazon Inspector and IAM themselves answer.
const ANSWERED_OTHERWISE: [&str; 3] = ["AWS::Config::", "AWS::InspectorV2::", "AWS::IAM::ManagedPolicy"];

#[test]
fn the_audit_asks_the_recorder_for_every_type_that_a_rule_rests_on() {
    let mut types = BTreeSet::new();
    for entry in RULES {
        let rule = entry.prepare(&BTreeMap::new()).unwrap();
        // What is asked for depends on what there is: the cases show all of it.
        for items in accounts_of_cases(entry.meta.name) {
            let documents: Vec<_> =
                items.into_iter().filter_map(|item| Document::from_item(item).ok()).collect();
            let inventory = ItemsInventory::new(documents.clone(), []);
            let judged =
                documents.first().filter(|given| entry.meta.subjects.contains(&given.resource_type.as_str()));
            if let Some(given) = judged {
                block_on(rule.evaluate(given, &inventory, "2026-11-15".parse().unwrap())).unwrap();
            }
            types.extend(inventory.asked());
        }
        types.extend(entry.meta.subjects.iter().map(|subject| (*subject).to_owned()));
        types.extend(entry.meta.triggers.iter().filter_map(|trigger| match trigger {
            Trigger::Related(related) => Some((*related).to_owned()),
            _ => None,
        }));
    }
    types.retain(|asked| {
        asked != ACCOUNT_TYPE && !ANSWERED_OTHERWISE.iter().any(|prefix| asked.starts_with(prefix))
    });
    let listed: BTreeSet<_> = TYPES_OF_THE_RULES.iter().map(|listed| (*listed).to_owned()).collect();
    let (unlisted, unused): (Vec<_>, Vec<_>) =
        (types.difference(&listed).collect(), listed.difference(&types).collect());
    assert!(
        unlisted.is_empty() && unused.is_empty(),
        "change `TYPES_OF_THE_RULES` in functions/account-audited/src/needed_types.rs: rules use {unlisted:?}, which it \
         lacks, and no case of any rule makes it ask for {unused:?}"
    );
}

/// The items of each case of a rule, the one that is judged first.
fn accounts_of_cases(rule: &str) -> Vec<Vec<Value>> {
    let folder = root().join("functions").join(rule).join("cases");
    let mut accounts = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let cases: Value =
            serde_saphyr::from_str(&std::fs::read_to_string(file.unwrap().path()).unwrap()).unwrap();
        let cases = cases.as_array().cloned().unwrap_or_else(|| vec![cases]);
        accounts.extend(cases.into_iter().map(|case| {
            let others = case["inventory"].as_array().cloned().unwrap_or_default();
            [case["given"].clone()].into_iter().chain(others).collect()
        }));
    }
    accounts
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

/// The element as it is in the Region in which roles are judged.
fn at_home(element: &Value) -> &Value {
    element.pointer("/Fn::If/1").unwrap_or(element)
}

//! The conformance pack of all rules.

use std::iter;

use config_rule::{Accepts, CommonParameters, Entry, ParameterSpec, RuleMeta, Trigger};

use crate::naming::pascal_case;
use crate::yaml::Yaml;

const HEADER: &str = "\
# The serverless best practices as an AWS Config conformance pack.
#
# Generated from the rule catalogue by `make generate`; do not edit.
#
# A conformance pack holds rules only, so the functions come first: deploy `template.yaml` to the same account and
# Region. It exports the ARN of each function under the name that is imported here.
#
# IAM is global, and each Region that AWS Config records it in would judge the same roles again. So roles are judged in
# one Region of an account: leave `EvaluateIamRoles` at `true` there, and set it to `false` in all others, as
# `make deploy-pack` and `make deploy-org` do with `HOME_REGION`. What a role means for the functions of a Region is
# judged in that Region all the same.
#
# A parameter of a rule starts with the rule's name; those without apply to every rule. A parameter that is empty
# unless set is left out of the rule while it is: AWS Config refuses empty values. To empty one of the other lists,
# set it to a comma.
";

/// Decides in which Region resources of IAM are judged. It is a rule's parameter, but the pack's conditions rest on it, too.
const IAM_PARAMETER: &str = "EvaluateIamRoles";
const IAM_CONDITION: &str = "IamRolesAreEvaluated";

/// The words of a parameter that is on or off.
const SWITCH: [&str; 2] = ["true", "false"];

/// The template as text.
pub(crate) fn text(rules: &[Entry]) -> String {
    let sections = [
        ("Parameters", Yaml::map(parameters(rules))),
        ("Conditions", Yaml::map(conditions(rules))),
        ("Resources", Yaml::map(rules.iter().map(|entry| (pascal_case(entry.meta.name), rule(entry))))),
    ];
    iter::once(HEADER.to_owned())
        .chain(sections.map(|(name, section)| Yaml::one(name, section).to_string()))
        .collect::<Vec<_>>()
        .join("\n")
}

fn parameters(rules: &[Entry]) -> impl Iterator<Item = (String, Yaml)> {
    pack_parameters(rules).map(|(name, spec)| {
        // AWS Config refuses another word with the pack, not each rule with every evaluation.
        let words: &[_] = match spec.accepts {
            Accepts::OneOf(words) => words,
            Accepts::Switch => &SWITCH,
            Accepts::WholeNumber { .. } | Accepts::List | Accepts::Text(_) => &[],
        };
        (name, declaration(spec.default, words, format!("{} ({})", spec.description, spec.accepts)))
    })
}

fn declaration(default: &str, words: &[&str], description: String) -> Yaml {
    let mut declaration = vec![("Type", Yaml::from("String")), ("Default", default.into())];
    if !words.is_empty() {
        declaration.push(("AllowedValues", Yaml::List(words.iter().map(|word| Yaml::from(*word)).collect())));
    }
    declaration.push(("Description", description.into()));
    Yaml::map(declaration)
}

fn conditions(rules: &[Entry]) -> impl Iterator<Item = (String, Yaml)> {
    let is_home = Yaml::one("Fn::Equals", [reference(IAM_PARAMETER), "true".into()]);
    let given = pack_parameters(rules).filter(|(_, spec)| spec.default.is_empty()).map(|(name, _)| {
        let is_empty = Yaml::one("Fn::Equals", [reference(&name), "".into()]);
        (condition(&name), Yaml::one("Fn::Not", [is_empty]))
    });
    iter::once((IAM_CONDITION.to_owned(), is_home)).chain(given)
}

fn rule(entry: &Entry) -> Yaml {
    let meta = entry.meta;
    let mut properties = vec![
        ("ConfigRuleName", Yaml::from(meta.name)),
        ("Description", format!("Checks that {}", meta.checks_that).into()),
        ("InputParameters", Yaml::map(entry.all_parameters().map(|spec| input_parameter(entry, spec)))),
    ];
    // AWS Config refuses a scope on a rule that is only periodic.
    let types: Vec<_> = meta.change_types().map(|name| scoped(meta, name)).collect();
    if !types.is_empty() {
        properties.push(("Scope", Yaml::one("ComplianceResourceTypes", Yaml::List(types))));
    }
    let function = Yaml::one("Fn::ImportValue", format!("serverless-conformance:{}", meta.name));
    let source = Yaml::map([
        ("Owner", Yaml::from("CUSTOM_LAMBDA")),
        ("SourceIdentifier", function),
        ("SourceDetails", Yaml::List(source_details(meta))),
    ]);
    properties.push(("Source", source));
    Yaml::map([("Type", Yaml::from("AWS::Config::ConfigRule")), ("Properties", Yaml::map(properties))])
}

fn input_parameter(entry: &Entry, spec: &ParameterSpec) -> (&'static str, Yaml) {
    let is_common = CommonParameters::SPECS.iter().any(|common| common.name == spec.name);
    let name = if is_common { pascal_case(spec.name) } else { own(entry, spec) };
    let value = if spec.default.is_empty() {
        Yaml::one("Fn::If", [condition(&name).into(), reference(&name), reference("AWS::NoValue")])
    } else {
        reference(&name)
    };
    (spec.name, value)
}

/// The events that invoke the rule, each once, however many of its triggers they serve.
fn source_details(meta: &RuleMeta) -> Vec<Yaml> {
    let mut details = Vec::new();
    if meta.change_types().next().is_some() {
        details.push(detail("ConfigurationItemChangeNotification", None));
        // Without it, resources with large items would never be judged.
        details.push(detail("OversizedConfigurationItemChangeNotification", None));
    }
    if meta.is_triggered_by(Trigger::Periodic) {
        details.push(detail("ScheduledNotification", Some("TwentyFour_Hours")));
    }
    details
}

/// A type of the scope. Where a rule judges roles, their changes, and those of policies, concern it at home only.
fn scoped(meta: &RuleMeta, resource_type: &str) -> Yaml {
    let name = Yaml::from(resource_type);
    if judges_iam(meta) && is_global(resource_type) { at_home(name) } else { name }
}

/// Whether a rule reports on resources of IAM.
fn judges_iam(meta: &RuleMeta) -> bool {
    meta.subjects.iter().any(|subject| is_global(subject))
}

fn is_global(resource_type: &str) -> bool {
    resource_type.starts_with("AWS::IAM::")
}

/// An element of a list that is there where roles are judged.
fn at_home(element: Yaml) -> Yaml {
    Yaml::one("Fn::If", [IAM_CONDITION.into(), element, reference("AWS::NoValue")])
}

fn detail(message_type: &str, frequency: Option<&str>) -> Yaml {
    let members = [("EventSource", "aws.config"), ("MessageType", message_type)].into_iter();
    let members = members.chain(frequency.map(|frequency| ("MaximumExecutionFrequency", frequency)));
    Yaml::map(members.map(|(key, value)| (key, Yaml::from(value))))
}

/// The parameters of the pack: the common ones once, and each rule's own; among them the one that decides about the Region,
/// which has the pack's name for it.
fn pack_parameters(rules: &[Entry]) -> impl Iterator<Item = (String, &'static ParameterSpec)> {
    let common = CommonParameters::SPECS.iter().map(|spec| (pascal_case(spec.name), *spec));
    common.chain(rules.iter().flat_map(|entry| entry.parameters.iter().map(|spec| (own(entry, spec), *spec))))
}

fn own(entry: &Entry, spec: &ParameterSpec) -> String {
    let name = pascal_case(spec.name);
    if name == IAM_PARAMETER { name } else { pascal_case(entry.meta.name) + &name }
}

fn condition(parameter: &str) -> String {
    format!("{parameter}IsSet")
}

fn reference(name: &str) -> Yaml {
    Yaml::one("Ref", name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use catalog::RULES;
    use serde_json::{Value, json};

    use super::*;

    /// Source: AWS Config API Reference, `PutConformancePack`, `TemplateBody`.
    const LARGEST_TEMPLATE: usize = 51_200;
    /// Source: AWS Config API Reference, `PutConformancePack`, `ConformancePackInputParameters`.
    const MOST_PARAMETERS: usize = 60;

    #[test]
    fn the_pack_is_within_the_limits_of_aws_config() {
        assert!(text(RULES).len() <= LARGEST_TEMPLATE);
        assert!(parameters(RULES).count() <= MOST_PARAMETERS);
    }

    #[test]
    fn no_two_parameters_and_no_two_rules_share_a_name() {
        let names: BTreeSet<_> = parameters(RULES).map(|(name, _)| name).collect();
        assert_eq!(names.len(), parameters(RULES).count());
        let rules: BTreeSet<_> = RULES.iter().map(|entry| pascal_case(entry.meta.name)).collect();
        assert_eq!(rules.len(), RULES.len());
    }

    #[test]
    fn a_parameter_that_takes_words_lists_them_and_its_default_is_one() {
        let pack = read();
        assert_eq!(
            pack["Parameters"]["FailOn"]["AllowedValues"],
            json!(["low", "medium", "high", "critical"])
        );
        for (name, declaration) in pack["Parameters"].as_object().unwrap() {
            if let Some(words) = declaration["AllowedValues"].as_array() {
                assert!(words.contains(&declaration["Default"]), "{name}");
            }
        }
        assert_eq!(pack["Parameters"]["DisabledChecks"].get("AllowedValues"), None);
    }

    #[test]
    fn every_rule_imports_its_function() {
        let pack = read();
        for entry in RULES {
            let source = &pack["Resources"][pascal_case(entry.meta.name)]["Properties"]["Source"];
            assert_eq!(source["Owner"], "CUSTOM_LAMBDA");
            let export = format!("serverless-conformance:{}", entry.meta.name);
            assert_eq!(source["SourceIdentifier"], json!({ "Fn::ImportValue": export }));
        }
    }

    #[test]
    fn changes_of_subjects_and_of_related_resources_are_heard_in_both_sizes_and_once() {
        let events = ["ConfigurationItemChangeNotification", "OversizedConfigurationItemChangeNotification"];
        assert_eq!(message_types(&[Trigger::Change]), events);
        assert_eq!(message_types(&[Trigger::Change, Trigger::Related("AWS::IAM::Role")]), events);
        assert_eq!(message_types(&[Trigger::Related("AWS::IAM::Role")]), events);
    }

    #[test]
    fn a_periodic_rule_runs_daily_and_hears_of_changes_only_if_it_also_asks_for_them() {
        assert_eq!(message_types(&[Trigger::Periodic]), ["ScheduledNotification"]);
        assert_eq!(message_types(&[Trigger::Change, Trigger::Periodic]).len(), 3);
        let daily = Yaml::List(source_details(&meta(&[Trigger::Periodic]))).to_string();
        assert!(daily.ends_with("MaximumExecutionFrequency: TwentyFour_Hours\n"), "{daily}");
    }

    #[test]
    fn a_rule_takes_each_of_its_parameters_from_one_of_the_pack() {
        let pack = read();
        for entry in RULES {
            let given = &pack["Resources"][pascal_case(entry.meta.name)]["Properties"]["InputParameters"];
            for spec in entry.all_parameters() {
                let value = &given[spec.name];
                let reference = value.get("Fn::If").map_or(value, |branches| &branches[1]);
                let parameter = reference["Ref"].as_str().unwrap_or_else(|| panic!("{}: {value}", spec.name));
                assert_eq!(pack["Parameters"][parameter]["Default"], spec.default);
            }
            assert_eq!(given.as_object().unwrap().len(), entry.all_parameters().count());
        }
    }

    #[test]
    fn an_empty_value_is_left_out_because_aws_config_refuses_it() {
        let pack = read();
        let without = &pack["Resources"]["LambdaSmallSinglePurpose"]["Properties"]["InputParameters"];
        assert_eq!(
            without["disabledChecks"],
            json!({"Fn::If": ["DisabledChecksIsSet", {"Ref": "DisabledChecks"}, {"Ref": "AWS::NoValue"}]})
        );
        assert_eq!(
            pack["Conditions"]["DisabledChecksIsSet"],
            json!({"Fn::Not": [{"Fn::Equals": [{"Ref": "DisabledChecks"}, ""]}]})
        );
    }

    #[test]
    fn the_scope_is_every_type_whose_changes_invoke_the_rule() {
        let pack = read();
        for entry in RULES {
            let scope = &pack["Resources"][pascal_case(entry.meta.name)]["Properties"]["Scope"];
            let types: Vec<_> = entry.meta.change_types().collect();
            let expected =
                if types.is_empty() { Value::Null } else { json!({ "ComplianceResourceTypes": types }) };
            assert_eq!(at_home_or_not(scope, true), expected, "{}", entry.meta.name);
        }
    }

    #[test]
    fn a_rule_that_judges_roles_leaves_them_to_the_home_region() {
        let pack = read();
        let rule = |name: &str, is_home: bool| {
            let rule = at_home_or_not(&pack["Resources"][name]["Properties"], is_home);
            let details = rule["Source"]["SourceDetails"].as_array().unwrap().len();
            (rule["Scope"]["ComplianceResourceTypes"].clone(), details)
        };
        let types = ["AWS::IAM::Role", "AWS::Lambda::Function", "AWS::IAM::Policy"];
        assert_eq!(rule("LambdaRoleLeastPrivilege", true), (json!(types), 3));
        // Its daily run looks at the roles of the Region's functions, which can change without anything here.
        assert_eq!(rule("LambdaRoleLeastPrivilege", false), (json!(["AWS::Lambda::Function"]), 3));
        let given = &pack["Resources"]["LambdaRoleLeastPrivilege"]["Properties"]["InputParameters"];
        assert_eq!(given["evaluateIamRoles"], json!({"Ref": "EvaluateIamRoles"}));
        // It judges functions: a role's change concerns those of every Region.
        let types = ["AWS::Lambda::Function", "AWS::IAM::Role"];
        assert_eq!(rule("LambdaGroupedInMicroservice", false), (json!(types), 3));
        assert_eq!(pack["Parameters"]["EvaluateIamRoles"]["Default"], "true");
    }

    /// The value as it is deployed to the home Region, or to another.
    fn at_home_or_not(value: &Value, is_home: bool) -> Value {
        let chosen = |element: &Value| match element["Fn::If"].as_array().map(Vec::as_slice) {
            Some([condition, then, _]) if condition == IAM_CONDITION => is_home.then(|| then.clone()),
            _ => Some(at_home_or_not(element, is_home)),
        };
        match value {
            Value::Array(elements) => elements.iter().filter_map(chosen).collect(),
            Value::Object(members) => {
                let member =
                    |(key, member): (&String, &Value)| (key.clone(), at_home_or_not(member, is_home));
                members.iter().map(member).collect()
            }
            scalar => scalar.clone(),
        }
    }

    fn message_types(triggers: &'static [Trigger]) -> Vec<String> {
        let details = Yaml::List(source_details(&meta(triggers))).to_string();
        let details: Vec<Value> = serde_saphyr::from_str(&details).unwrap();
        details.iter().map(|detail| detail["MessageType"].as_str().unwrap().to_owned()).collect()
    }

    fn meta(triggers: &'static [Trigger]) -> RuleMeta {
        RuleMeta {
            name: "a-rule",
            practice: 1,
            title: "have rules",
            checks_that: "there is a rule",
            subjects: &["AWS::Lambda::Function"],
            triggers,
            checks: &[],
            actions: &[],
        }
    }

    fn read() -> Value {
        serde_saphyr::from_str(&text(RULES)).unwrap()
    }
}

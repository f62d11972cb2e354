//! The conformance pack for accounts whose rules name the functions of another account.

use config_rule::Entry;

use crate::naming::pascal_case;
use crate::pack;

const HEADER: &str = "\
# The serverless best practices for an organization whose functions are in one account.
#
# Generated from the rule catalogue by `make generate`; do not edit.
#
# The same rules as in `serverless-best-practices.yaml`, but each function is named by a parameter, because an account
# cannot import what another exports. A rule's function must be in the rule's Region, so the ARNs differ from Region to
# Region. Every account needs the role of `member-role.yaml`; `docs/deploying.md` shows the whole.

";

const PARAMETERS: &str = "Parameters:\n";

/// The template as text.
pub(crate) fn text(rules: &[Entry]) -> String {
    let pack = pack::text(rules);
    // What stands before is about functions of the account's own.
    let (_, rest) = pack.split_once(PARAMETERS).unwrap_or(("", &pack));
    let mut rest = rest.to_owned();
    for entry in rules {
        let import = format!("Fn::ImportValue: serverless-conformance:{}\n", entry.meta.name);
        rest = rest.replace(&import, &format!("Ref: {}\n", parameter(entry)));
    }
    let arns: String = rules.iter().map(declaration).collect();
    [HEADER, PARAMETERS, &arns, &rest].concat()
}

fn parameter(entry: &Entry) -> String {
    format!("{}FunctionArn", pascal_case(entry.meta.name))
}

fn declaration(entry: &Entry) -> String {
    let (parameter, name) = (parameter(entry), entry.meta.name);
    format!("  {parameter}:\n    Type: String\n    Description: ARN of the function {name} in this Region\n")
}

#[cfg(test)]
mod tests {
    use catalog::RULES;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn every_rule_names_its_function_by_a_parameter_that_must_be_given() {
        let pack = read(&text(RULES));
        for entry in RULES {
            let source = &pack["Resources"][pascal_case(entry.meta.name)]["Properties"]["Source"];
            assert_eq!(source["SourceIdentifier"], json!({"Ref": parameter(entry)}));
            assert_eq!(pack["Parameters"][parameter(entry)]["Default"], Value::Null);
        }
    }

    #[test]
    fn nothing_else_is_different() {
        let (mut central, mut own) = (read(&text(RULES)), read(&pack::text(RULES)));
        for entry in RULES {
            central["Parameters"].as_object_mut().unwrap().remove(&parameter(entry)).unwrap();
            for pack in [&mut central, &mut own] {
                pack["Resources"][pascal_case(entry.meta.name)]["Properties"]["Source"]["SourceIdentifier"]
                    .take();
            }
        }
        assert_eq!(central, own);
    }

    #[test]
    fn the_pack_is_within_the_limits_of_aws_config() {
        // Source: AWS Config API Reference, `PutConformancePack`.
        assert!(text(RULES).len() <= 51_200);
        assert!(read(&text(RULES))["Parameters"].as_object().unwrap().len() <= 60);
    }

    fn read(pack: &str) -> Value {
        serde_saphyr::from_str(pack).unwrap()
    }
}

//! What an organization with central functions deploys, held against what the rules call.

use std::collections::BTreeSet;
use std::process::Command;

use catalog::RULES;
use config_rule::CommonParameters;
use serde_json::{Value, json};

use crate::workspace::{python_tool, root, text};

const MEMBER_ROLE: &str = "conformance-pack/member-role.yaml";
const CENTRAL_ACCESS: &str = "conformance-pack/central-access.yaml";

#[test]
fn the_members_role_grants_exactly_what_the_nine_rules_call() {
    let granted: Vec<_> = statements().iter().flat_map(|statement| actions(&statement["Action"])).collect();
    let required: BTreeSet<_> = RULES
        .iter()
        .flat_map(|entry| config_lambda::required_actions(entry.meta))
        .map(ToOwned::to_owned)
        .collect();
    assert_eq!(granted.len(), granted.iter().collect::<BTreeSet<_>>().len(), "an action stands twice");
    assert_eq!(granted.into_iter().collect::<BTreeSet<_>>(), required, "granted (left), called (right)");
}

#[test]
fn the_members_role_allows_on_everything_only_what_the_functions_own_roles_do() {
    let on_everything = |statements: &[Value]| {
        let statements = statements.iter().filter(|statement| statement["Resource"] == "*");
        statements.flat_map(|statement| actions(&statement["Action"])).collect::<BTreeSet<_>>()
    };
    let template = yaml("template.yaml");
    let resources = template["Resources"].as_object().unwrap().values();
    let of_functions: Vec<_> =
        resources.filter(|resource| resource["Type"] == "AWS::IAM::Role").flat_map(statements_of).collect();
    let member = on_everything(&statements());
    assert!(member.is_subset(&on_everything(&of_functions)), "{member:?}");
}

#[test]
fn only_the_central_functions_of_the_same_organization_may_take_on_the_role() {
    let trust = role()["Properties"]["AssumeRolePolicyDocument"]["Statement"].clone();
    let account = "arn:${AWS::Partition}:iam::${CentralAccountId}";
    assert_eq!(
        trust,
        json!([{
            "Effect": "Allow",
            "Principal": {"AWS": {"Fn::Sub": format!("{account}:root")}},
            "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": {"aws:PrincipalOrgID": {"Ref": "OrganizationId"}},
                "ArnLike": {"aws:PrincipalArn": {"Fn::Sub": format!("{account}:role/${{CentralRoleNames}}")}},
            },
        }])
    );
}

#[test]
fn the_role_has_the_name_that_rules_assume_unless_told_otherwise() {
    let spec = CommonParameters::SPECS.iter().find(|spec| spec.name == "executionRoleName").unwrap();
    assert_eq!(yaml(MEMBER_ROLE)["Parameters"]["RoleName"]["Default"], spec.default);
    assert_eq!(yaml(CENTRAL_ACCESS)["Parameters"]["MemberRoleName"]["Default"], spec.default);
    assert_eq!(role()["Properties"]["RoleName"], json!({"Ref": "RoleName"}));
}

#[test]
fn a_central_function_may_take_on_that_role_in_the_organization_and_nothing_else() {
    let policy = &yaml(CENTRAL_ACCESS)["Resources"]["TakeOnMemberRole"]["Properties"]["PolicyDocument"];
    assert_eq!(
        policy["Statement"],
        json!([{
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Resource": {"Fn::Sub": "arn:${AWS::Partition}:iam::*:role/${MemberRoleName}"},
            "Condition": {"StringEquals": {"aws:ResourceOrgID": {"Ref": "OrganizationId"}}},
        }])
    );
}

#[test]
fn the_functions_are_told_for_whom_they_work_and_by_default_for_nobody_else() {
    let template = yaml("template.yaml");
    let variables = &template["Globals"]["Function"]["Environment"]["Variables"];
    assert_eq!(variables["MEMBER_ACCOUNTS"], json!({"Ref": "MemberAccounts"}));
    assert_eq!(template["Parameters"]["MemberAccounts"]["Default"], "");
}

#[test]
fn cfn_lint_accepts_what_is_deployed_for_central_functions() {
    let linted = Command::new(python_tool("cfn-lint"))
        .args([MEMBER_ROLE, CENTRAL_ACCESS, "conformance-pack/central-functions.yaml"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(linted.status.success(), "{}", String::from_utf8_lossy(&linted.stdout));
}

fn role() -> Value {
    yaml(MEMBER_ROLE)["Resources"]["MemberRole"].clone()
}

fn statements() -> Vec<Value> {
    statements_of(&role())
}

/// The statements of a role's inline policies.
fn statements_of(role: &Value) -> Vec<Value> {
    let policies = role["Properties"]["Policies"].as_array().unwrap();
    policies
        .iter()
        .flat_map(|policy| policy["PolicyDocument"]["Statement"].as_array().unwrap().clone())
        .collect()
}

fn actions(value: &Value) -> Vec<String> {
    match value {
        Value::String(action) => vec![action.clone()],
        other => other.as_array().unwrap().iter().map(|action| action.as_str().unwrap().to_owned()).collect(),
    }
}

fn yaml(path: &str) -> Value {
    serde_saphyr::from_str(&text(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

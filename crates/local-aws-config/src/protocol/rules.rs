//! `DescribeConfigRules` and `DescribeConfigRuleEvaluationStatus`.
//!
//! The rules are those of the packs that run here, and then those that exist and do not run here.

use serde::Deserialize;
use serde_json::{Value, json};

use super::Call;
use super::error::ApiError;
use super::input::{self, RuleSelection};
use super::paging::{self, Paging};
use super::validation::Violations;
use crate::deployment::DeployedRule;
use crate::items::AnswerKind;
use crate::set_up;

/// How many rules a page holds.
pub(super) const RULES_PER_PAGE: usize = 25;

/// The ways of evaluation, of which a rule that names none has the first.
///
/// Source: AWS Config API Reference, `EvaluationModeConfiguration`.
const EVALUATION_MODES: [&str; 2] = ["DETECTIVE", "PROACTIVE"];

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Describe {
    config_rule_names: Vec<String>,
    filters: Filters,
    next_token: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Filters {
    evaluation_mode: Option<String>,
}

pub(super) fn describe(call: &Call<'_>) -> Result<Value, ApiError> {
    let input: Describe = input::read(call)?;
    let mode = input.filters.evaluation_mode.as_deref();
    let mut violations = Violations::default();
    violations.one_of("filters.evaluationMode", mode, &EVALUATION_MODES);
    violations.finish()?;
    let described = |deployed: &DeployedRule| {
        let is_running = 0 < call.state.results().activity(&call.key(&deployed.name)).running;
        set_up::rule(deployed, is_running)
    };
    let mut rules = named(call, &input.config_rule_names, AnswerKind::ConfigRules, described)?;
    rules.retain(|rule| mode.is_none_or(|mode| has_mode(rule, mode)));
    let paging = Paging { limit: None, default_limit: RULES_PER_PAGE, token: input.next_token.as_deref() };
    let (page, next_token) = paging::page(call, rules, &paging)?;
    Ok(with_token(json!({"ConfigRules": page}), next_token))
}

pub(super) fn evaluation_status(call: &Call<'_>) -> Result<Value, ApiError> {
    let input: RuleSelection = input::read(call)?;
    let mut violations = Violations::default();
    violations.limit("limit", input.limit, 50);
    violations.finish()?;
    let status = |deployed: &DeployedRule| {
        set_up::rule_status(deployed, &call.state.results().activity(&call.key(&deployed.name)))
    };
    let statuses = named(call, &input.config_rule_names, AnswerKind::ConfigRuleStatuses, status)?;
    let paging =
        Paging { limit: input.limit, default_limit: RULES_PER_PAGE, token: input.next_token.as_deref() };
    let (page, next_token) = paging::page(call, statuses, &paging)?;
    Ok(with_token(json!({"ConfigRulesEvaluationStatus": page}), next_token))
}

fn has_mode(rule: &Value, mode: &str) -> bool {
    let modes = rule.get("EvaluationModes").and_then(Value::as_array).filter(|modes| !modes.is_empty());
    modes.map_or(mode == "DETECTIVE", |modes| {
        modes.iter().any(|one| one.get("Mode").and_then(Value::as_str) == Some(mode))
    })
}

/// What is said of the rules of these names, in their order; of all rules if there are none.
fn named(
    call: &Call<'_>,
    names: &[String],
    kind: AnswerKind,
    rendered: impl Fn(&DeployedRule) -> Value,
) -> Result<Vec<Value>, ApiError> {
    check_names(names)?;
    let further = call.further_rules(kind);
    if names.is_empty() {
        return Ok(call.rules().map(rendered).chain(further).collect());
    }
    let of_name = |name: &String| match call.rule(name) {
        Some(deployed) => Ok(rendered(deployed)),
        None => further
            .iter()
            .find(|rule| rule.get("ConfigRuleName").and_then(Value::as_str) == Some(name))
            .cloned()
            .ok_or_else(|| ApiError::no_such_rule(name)),
    };
    names.iter().map(of_name).collect()
}

/// These names of rules, each of which exists; those of all rules if there are none.
pub(super) fn selected(call: &Call<'_>, names: Vec<String>) -> Result<Vec<String>, ApiError> {
    check_names(&names)?;
    let all = call.rule_names();
    if names.is_empty() {
        return Ok(all);
    }
    match names.iter().find(|name| !all.contains(name)) {
        Some(other) => Err(ApiError::no_such_rule(other)),
        None => Ok(names),
    }
}

fn check_names(names: &[String]) -> Result<(), ApiError> {
    let mut violations = Violations::default();
    violations.count("configRuleSelection", names.len(), 0, 25);
    for (index, name) in names.iter().enumerate() {
        violations.text(format!("configRuleSelection.{}.member", index + 1), Some(name), 1, 128);
    }
    violations.finish()
}

/// The output with the token of the next page, if there is one.
pub(super) fn with_token(mut output: Value, next_token: Option<String>) -> Value {
    if let Some(token) = next_token {
        output["NextToken"] = json!(token);
    }
    output
}

//! The reads of conformance packs: those that run here, and others that the input describes.

use serde::Deserialize;
use serde_json::{Value, json};

use super::compliance::{INSUFFICIENT_DATA, compliance_type, in_sum, of_rule, rendered};
use super::error::ApiError;
use super::paging::{self, Paging};
use super::rules::with_token;
use super::validation::Violations;
use super::{Call, input};
use crate::deployment::Deployment;
use crate::items::AnswerKind;
use crate::set_up;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct PackSelection {
    conformance_pack_names: Option<Vec<String>>,
    limit: Option<i64>,
    next_token: Option<String>,
}

pub(super) fn describe(call: &Call<'_>) -> Result<Value, ApiError> {
    let packs = all(call, AnswerKind::ConformancePacks, set_up::pack);
    named(call, "ConformancePackDetails", 25, true, packs)
}

/// Unlike the other reads, this one leaves out packs that do not exist.
pub(super) fn status(call: &Call<'_>) -> Result<Value, ApiError> {
    let packs = all(call, AnswerKind::ConformancePackStatuses, set_up::pack_status);
    named(call, "ConformancePackStatusDetails", 25, false, packs)
}

pub(super) fn summary(call: &Call<'_>) -> Result<Value, ApiError> {
    let input: PackSelection = input::read(call)?;
    if input.conformance_pack_names.is_none() {
        let mut violations = Violations::default();
        violations.required("conformancePackSelection");
        violations.finish()?;
    }
    let results = call.state.results();
    let summary = |deployment: &Deployment| {
        let all = deployment.rules.iter().flat_map(|rule| of_rule(call, &results, &rule.name));
        json!({
            "ConformancePackName": deployment.pack.name,
            "ConformancePackComplianceStatus": compliance_type(&in_sum(all)),
        })
    };
    let described = call.described_packs().into_iter().map(
        |name| json!({"ConformancePackName": name, "ConformancePackComplianceStatus": INSUFFICIENT_DATA}),
    );
    let packs = call.packs().map(summary).chain(described).collect();
    named(call, "ConformancePackComplianceSummaryList", 5, true, packs)
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct OfPack {
    conformance_pack_name: Option<String>,
    filters: Filters,
    limit: Option<i64>,
    next_token: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Filters {
    config_rule_names: Vec<String>,
    compliance_type: Option<String>,
    resource_type: Option<String>,
    resource_ids: Vec<String>,
}

pub(super) fn compliance(call: &Call<'_>) -> Result<Value, ApiError> {
    let (pack, input) = of_pack(call, 1_000)?;
    let results = call.state.results();
    let all = pack.wanted_rules(&input)?.iter().filter_map(|rule| {
        let compliance = in_sum(of_rule(call, &results, rule));
        let word = compliance_type(&compliance);
        let is_wanted = input.filters.compliance_type.as_deref().is_none_or(|wanted| wanted == word);
        is_wanted.then(|| json!({"ConfigRuleName": rule, "ComplianceType": word, "Controls": []}))
    });
    let paging = Paging { limit: input.limit, default_limit: 1_000, token: input.next_token.as_deref() };
    let (page, next_token) = paging::page(call, all, &paging)?;
    let output = json!({"ConformancePackName": pack.name, "ConformancePackRuleComplianceList": page});
    Ok(with_token(output, next_token))
}

pub(super) fn details(call: &Call<'_>) -> Result<Value, ApiError> {
    let (pack, input) = of_pack(call, 100)?;
    let filters = &input.filters;
    let results = call.state.results();
    let mut all = Vec::new();
    for rule in pack.wanted_rules(&input)? {
        let shown = results.shown_of(&call.key(rule)).filter(|((resource_type, id), result)| {
            filters.compliance_type.as_deref().is_none_or(|wanted| wanted == result.compliance.as_str())
                && filters.resource_type.as_ref().is_none_or(|wanted| wanted == resource_type)
                && (filters.resource_ids.is_empty() || filters.resource_ids.contains(id))
        });
        all.extend(shown.map(|(resource, result)| {
            let mut rendered = rendered(rule, resource, result);
            if let Some(members) = rendered.as_object_mut() {
                // A pack's results carry none.
                members.remove("ResultToken");
            }
            rendered
        }));
    }
    let paging = Paging { limit: input.limit, default_limit: 100, token: input.next_token.as_deref() };
    let (page, next_token) = paging::page(call, all, &paging)?;
    let output = json!({"ConformancePackName": pack.name, "ConformancePackRuleEvaluationResults": page});
    Ok(with_token(output, next_token))
}

/// The packs that run here, and those that the input describes.
fn all(call: &Call<'_>, kind: AnswerKind, ours: impl Fn(&Deployment) -> Value) -> Vec<Value> {
    let is_ours = |name: &str| call.pack(name).is_some();
    let further = call.set_up().further(kind, "ConformancePackName", is_ours);
    call.packs().map(ours).chain(further).collect()
}

/// The list `member` with those packs that are among the names, or all if there are none.
fn named(
    call: &Call<'_>,
    member: &str,
    max_names: usize,
    must_exist: bool,
    mut packs: Vec<Value>,
) -> Result<Value, ApiError> {
    let input: PackSelection = input::read(call)?;
    let names = input.conformance_pack_names.unwrap_or_default();
    let mut violations = Violations::default();
    violations.count("conformancePackSelection", names.len(), 0, max_names);
    violations.limit("limit", input.limit, 20);
    violations.finish()?;
    let is_named =
        |pack: &Value, name: &str| pack.get("ConformancePackName").and_then(Value::as_str) == Some(name);
    let exists = |name: &str| packs.iter().any(|pack| is_named(pack, name));
    if let Some(other) = names.iter().find(|name| must_exist && !exists(name)) {
        return Err(ApiError::no_such_pack(other));
    }
    packs.retain(|pack| names.is_empty() || names.iter().any(|name| is_named(pack, name)));
    let paging = Paging { limit: input.limit, default_limit: 20, token: input.next_token.as_deref() };
    let (page, next_token) = paging::page(call, packs, &paging)?;
    Ok(with_token(json!({member: page}), next_token))
}

/// A pack that exists.
struct ExistingPack {
    name: String,
    /// The names of its rules.
    rules: Vec<String>,
}

fn of_pack(call: &Call<'_>, max_limit: i64) -> Result<(ExistingPack, OfPack), ApiError> {
    let mut input: OfPack = input::read(call)?;
    let mut violations = Violations::default();
    violations.required_text("conformancePackName", input.conformance_pack_name.as_deref(), 1, 256);
    violations.limit("limit", input.limit, max_limit);
    violations.count("filters.configRuleNames", input.filters.config_rule_names.len(), 0, 10);
    violations.count("filters.resourceIds", input.filters.resource_ids.len(), 0, 5);
    violations.one_of(
        "filters.complianceType",
        input.filters.compliance_type.as_deref(),
        &["COMPLIANT", "NON_COMPLIANT", "INSUFFICIENT_DATA"],
    );
    violations.finish()?;
    if input.filters.compliance_type.as_deref() == Some("INSUFFICIENT_DATA") {
        return Err(ApiError::invalid_parameter("INSUFFICIENT_DATA is not supported as a filter."));
    }
    let name = input.conformance_pack_name.take().unwrap_or_default();
    let rules = match call.pack(&name) {
        Some(deployment) => {
            let by_aws = deployment.rules_by_aws.iter().map(|rule| rule.name.clone());
            deployment.rules.iter().map(|rule| rule.name.clone()).chain(by_aws).collect()
        }
        None if call.described_packs().contains(&name) => call.described_rules_of(&name),
        None => return Err(ApiError::no_such_pack(&name)),
    };
    Ok((ExistingPack { name, rules }, input))
}

impl ExistingPack {
    fn wanted_rules<'a>(&'a self, input: &'a OfPack) -> Result<&'a [String], ApiError> {
        let names = &input.filters.config_rule_names;
        if names.is_empty() {
            return Ok(&self.rules);
        }
        match names.iter().find(|name| !self.rules.contains(name)) {
            Some(other) => {
                let message = format!("The ConfigRule '{other}' does not exist in the conformance pack.");
                Err(ApiError::new("NoSuchConfigRuleInConformancePackException", message))
            }
            None => Ok(names),
        }
    }
}

//! The reads of results: by rule, by resource, in detail and in sum.

use std::collections::BTreeMap;

use config_rule::{Compliance, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::ApiError;
use super::input::{self, RuleSelection};
use super::paging::{self, Paging};
use super::rules::{RULES_PER_PAGE, selected, with_token};
use super::validation::Violations;
use super::{Call, seconds};
use crate::results::{ResourceKey, Results, StoredResult};

/// The most resources that a rule's, or a resource's, contributor count counts.
const CONTRIBUTOR_CAP: usize = 25;

/// The most that a summary counts: 25 rules.
///
/// Source: AWS Config API Reference, `ComplianceSummary`.
const SUMMARY_CAP: usize = 25;

/// How many results a page holds.
///
/// Source: AWS Config API Reference, `GetComplianceDetailsByConfigRule`, `Limit`.
const RESULTS_PER_PAGE: usize = 10;

const COMPLIANCE_TYPES: [&str; 4] = ["COMPLIANT", "NON_COMPLIANT", "NOT_APPLICABLE", "INSUFFICIENT_DATA"];
pub(super) const INSUFFICIENT_DATA: &str = "INSUFFICIENT_DATA";

pub(super) fn by_rule(call: &Call<'_>) -> Result<Value, ApiError> {
    let input: RuleSelection = input::read(call)?;
    check_types(&input.compliance_types)?;
    let rules = selected(call, input.config_rule_names)?;
    let results = call.state.results();
    let all = rules.into_iter().filter_map(|name| {
        let compliance = in_sum(of_rule(call, &results, &name));
        is_wanted(&compliance, &input.compliance_types)
            .then(|| json!({"ConfigRuleName": name, "Compliance": compliance}))
    });
    let paging = Paging { limit: None, default_limit: RULES_PER_PAGE, token: input.next_token.as_deref() };
    let (page, next_token) = paging::page(call, all, &paging)?;
    Ok(with_token(json!({"ComplianceByConfigRules": page}), next_token))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ByResource {
    resource_type: Option<String>,
    resource_id: Option<String>,
    resource_evaluation_id: Option<String>,
    compliance_types: Vec<String>,
    limit: Option<i64>,
    next_token: Option<String>,
}

pub(super) fn by_resource(call: &Call<'_>) -> Result<Value, ApiError> {
    let input: ByResource = input::read(call)?;
    check_types(&input.compliance_types)?;
    check_resource(&input)?;
    if input.resource_id.is_some() && input.resource_type.is_none() {
        let message = "You must specify a ResourceType if you specify a ResourceId.";
        return Err(ApiError::invalid_parameter(message));
    }
    let results = call.state.results();
    let mut by_resource: BTreeMap<ResourceKey, Vec<Compliance>> = BTreeMap::new();
    for rule in call.rules() {
        for (resource, result) in results.shown_of(&call.key(&rule.name)) {
            by_resource.entry(resource.clone()).or_default().push(result.compliance);
        }
    }
    let all = by_resource.into_iter().filter_map(|((resource_type, resource_id), compliances)| {
        let is_asked_for = input.resource_type.as_ref().is_none_or(|wanted| *wanted == resource_type)
            && input.resource_id.as_ref().is_none_or(|wanted| *wanted == resource_id);
        let compliance = in_sum(compliances.into_iter());
        (is_asked_for && is_wanted(&compliance, &input.compliance_types)).then(
            || json!({"ResourceType": resource_type, "ResourceId": resource_id, "Compliance": compliance}),
        )
    });
    let paging =
        Paging { limit: input.limit, default_limit: RESULTS_PER_PAGE, token: input.next_token.as_deref() };
    let (page, next_token) = paging::page(call, all, &paging)?;
    Ok(with_token(json!({"ComplianceByResources": page}), next_token))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ByRule {
    config_rule_name: Option<String>,
    compliance_types: Vec<String>,
    limit: Option<i64>,
    next_token: Option<String>,
}

pub(super) fn details_by_rule(call: &Call<'_>) -> Result<Value, ApiError> {
    let input: ByRule = input::read(call)?;
    let mut violations = Violations::default();
    // Unlike everywhere else, 64 here.
    violations.required_text("configRuleName", input.config_rule_name.as_deref(), 1, 64);
    violations.limit("limit", input.limit, 100);
    violations.finish()?;
    check_filter(&input.compliance_types)?;
    let name = input.config_rule_name.unwrap_or_default();
    if call.rule(&name).is_none() && !call.described_rules().contains(&name) {
        return Err(ApiError::no_such_rule(&name));
    }
    let results = call.state.results();
    let key = call.key(&name);
    let all = results
        .shown_of(&key)
        .filter(|(_, result)| has_type(result.compliance, &input.compliance_types))
        .map(|(resource, result)| rendered(&name, resource, result));
    let paging =
        Paging { limit: input.limit, default_limit: RESULTS_PER_PAGE, token: input.next_token.as_deref() };
    let (page, next_token) = paging::page(call, all, &paging)?;
    Ok(with_token(json!({"EvaluationResults": page}), next_token))
}

pub(super) fn details_by_resource(call: &Call<'_>) -> Result<Value, ApiError> {
    let input: ByResource = input::read(call)?;
    check_resource(&input)?;
    check_filter(&input.compliance_types)?;
    if input.resource_evaluation_id.is_some() {
        let message = "Proactive evaluation does not run here: specify ResourceType and ResourceId.";
        return Err(ApiError::invalid_parameter(message));
    }
    let (Some(resource_type), Some(resource_id)) = (input.resource_type, input.resource_id) else {
        let message = "You must specify either a ResourceEvaluationId or a ResourceId and a ResourceType.";
        return Err(ApiError::invalid_parameter(message));
    };
    let wanted = (resource_type, resource_id);
    let results = call.state.results();
    let mut all = Vec::new();
    for rule in call.rules() {
        let shown = results.shown_of(&call.key(&rule.name)).filter(|(resource, result)| {
            **resource == wanted && has_type(result.compliance, &input.compliance_types)
        });
        all.extend(shown.map(|(resource, result)| rendered(&rule.name, resource, result)));
    }
    let paging = Paging { limit: None, default_limit: 100, token: input.next_token.as_deref() };
    let (page, next_token) = paging::page(call, all, &paging)?;
    Ok(with_token(json!({"EvaluationResults": page}), next_token))
}

/// Counts rules.
pub(super) fn summary(call: &Call<'_>) -> Value {
    let results = call.state.results();
    let (mut compliant, mut non_compliant) = (0, 0);
    for rule in call.rules() {
        match compliance_type(&in_sum(of_rule(call, &results, &rule.name))) {
            "COMPLIANT" => compliant += 1,
            "NON_COMPLIANT" => non_compliant += 1,
            _ => {}
        }
    }
    json!({"ComplianceSummary": {
        "CompliantResourceCount": capped(compliant, SUMMARY_CAP),
        "NonCompliantResourceCount": capped(non_compliant, SUMMARY_CAP),
        "ComplianceSummaryTimestamp": seconds(Timestamp::now()),
    }})
}

/// The compliances of a rule's results.
pub(super) fn of_rule<'a>(
    call: &Call<'_>,
    results: &'a Results,
    rule: &str,
) -> impl Iterator<Item = Compliance> + use<'a> {
    let compliances: Vec<_> =
        results.shown_of(&call.key(rule)).map(|(_, result)| result.compliance).collect();
    compliances.into_iter()
}

/// `Compliance` of a rule or a resource with these results: one that is not compliant decides, none is no data.
pub(super) fn in_sum(compliances: impl Iterator<Item = Compliance>) -> Value {
    let (mut compliant, mut non_compliant) = (0_usize, 0_usize);
    for compliance in compliances {
        match compliance {
            Compliance::Compliant => compliant += 1,
            Compliance::NonCompliant => non_compliant += 1,
            Compliance::NotApplicable => {}
        }
    }
    if 0 < non_compliant {
        let count = capped(non_compliant, CONTRIBUTOR_CAP);
        json!({"ComplianceType": "NON_COMPLIANT", "ComplianceContributorCount": count})
    } else if 0 < compliant {
        json!({"ComplianceType": "COMPLIANT"})
    } else {
        json!({"ComplianceType": INSUFFICIENT_DATA})
    }
}

/// The word in a `Compliance`.
pub(super) fn compliance_type(compliance: &Value) -> &str {
    compliance.get("ComplianceType").and_then(Value::as_str).unwrap_or(INSUFFICIENT_DATA)
}

/// An `EvaluationResult`.
pub(super) fn rendered(
    rule: &str,
    (resource_type, resource_id): &ResourceKey,
    result: &StoredResult,
) -> Value {
    let mut rendered = json!({
        "EvaluationResultIdentifier": {
            "EvaluationResultQualifier": {
                "ConfigRuleName": rule,
                "ResourceType": resource_type,
                "ResourceId": resource_id,
                "EvaluationMode": "DETECTIVE",
            },
            "OrderingTimestamp": seconds(result.ordering_timestamp),
        },
        "ComplianceType": result.compliance.as_str(),
        "ResultRecordedTime": seconds(result.recorded_at),
        "ConfigRuleInvokedTime": seconds(result.invoked_at),
        "ResultToken": result.token,
    });
    if let Some(annotation) = &result.annotation {
        rendered["Annotation"] = json!(annotation);
    }
    rendered
}

fn capped(count: usize, cap: usize) -> Value {
    json!({"CappedCount": count.min(cap), "CapExceeded": cap < count})
}

fn is_wanted(compliance: &Value, types: &[String]) -> bool {
    types.is_empty() || types.iter().any(|wanted| wanted == compliance_type(compliance))
}

fn has_type(compliance: Compliance, types: &[String]) -> bool {
    types.is_empty() || types.iter().any(|wanted| wanted == compliance.as_str())
}

fn check_types(types: &[String]) -> Result<(), ApiError> {
    let mut violations = Violations::default();
    violations.count("complianceTypes", types.len(), 0, 3);
    for (index, word) in types.iter().enumerate() {
        violations.one_of(
            format!("complianceTypes.{}.member", index + 1),
            Some(word.as_str()),
            &COMPLIANCE_TYPES,
        );
    }
    violations.finish()
}

/// "`INSUFFICIENT_DATA` cannot be used as a `ComplianceType` for filtering results."
fn check_filter(types: &[String]) -> Result<(), ApiError> {
    check_types(types)?;
    if types.iter().any(|word| word == INSUFFICIENT_DATA) {
        let message = "INSUFFICIENT_DATA cannot be used as a ComplianceType for filtering results.";
        return Err(ApiError::invalid_parameter(message));
    }
    Ok(())
}

fn check_resource(input: &ByResource) -> Result<(), ApiError> {
    let mut violations = Violations::default();
    violations.text("resourceType", input.resource_type.as_deref(), 1, 256);
    violations.text("resourceId", input.resource_id.as_deref(), 1, 768);
    violations.limit("limit", input.limit, 100);
    violations.finish()
}

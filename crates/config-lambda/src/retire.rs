//! Removes the results of resources that are no longer there.

use std::collections::BTreeSet;

use aws_sdk_config::types::ComplianceType;
use config_rule::{Compliance, Timestamp};

use crate::clients::Session;
use crate::error::{CallError, InvocationError};
use crate::evaluation::{Evaluation, Resource};

/// The longest rule name that `GetComplianceDetailsByConfigRule` takes; elsewhere it is 128.
///
/// Source: AWS Config API Reference, `StringWithCharLimit64`.
const MAX_RULE_NAME_CHARACTERS: usize = 64;

/// The most results per page.
///
/// Source: AWS Config API Reference, `GetComplianceDetailsByConfigRule`, `Limit`.
const PAGE: i32 = 100;

/// `NOT_APPLICABLE` for every earlier result that `is_current` does not vouch for. It is the only eraser: results of
/// rules in conformance packs cannot be deleted.
pub(crate) async fn vanished(
    session: Session<'_>,
    rule_name: &str,
    ordering: Timestamp,
    is_current: impl Fn(&Resource) -> bool,
) -> Result<Vec<Evaluation>, InvocationError> {
    let characters = rule_name.chars().count();
    if MAX_RULE_NAME_CHARACTERS < characters {
        tracing::warn!(
            configRuleName = rule_name,
            characters,
            accepted = MAX_RULE_NAME_CHARACTERS,
            "the rule's name is too long to ask for earlier results; those of vanished resources stay"
        );
        return Ok(Vec::new());
    }
    let earlier = earlier_results(session, rule_name).await.map_err(|error| {
        if error.ends_the_event() {
            return InvocationError::ReportRejected(error);
        }
        let evidence = format!("the earlier results of rule `{rule_name}`");
        InvocationError::EvidenceUnavailable { evidence, source: error.into() }
    })?;
    Ok(earlier
        .into_iter()
        .filter(|resource| !is_current(resource))
        .map(|resource| Evaluation {
            resource,
            compliance: Compliance::NotApplicable,
            annotation: Some("the resource no longer exists or is no longer judged".to_owned()),
            ordering,
        })
        .collect())
}

async fn earlier_results(session: Session<'_>, rule_name: &str) -> Result<BTreeSet<Resource>, CallError> {
    let mut resources = BTreeSet::new();
    let mut next_token = None;
    loop {
        let answer = session
            .config()
            .get_compliance_details_by_config_rule()
            .config_rule_name(rule_name)
            .compliance_types(ComplianceType::Compliant)
            .compliance_types(ComplianceType::NonCompliant)
            .limit(PAGE)
            .set_next_token(next_token)
            .customize()
            .config_override(session.within_the_deadline())
            .send()
            .await
            .map_err(|error| CallError::new("GetComplianceDetailsByConfigRule", &error))?;
        resources.extend(answer.evaluation_results.unwrap_or_default().into_iter().filter_map(|result| {
            let qualifier = result.evaluation_result_identifier?.evaluation_result_qualifier?;
            Some(Resource { resource_type: qualifier.resource_type?, id: qualifier.resource_id? })
        }));
        next_token = answer.next_token;
        if next_token.is_none() {
            return Ok(resources);
        }
    }
}

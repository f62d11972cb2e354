//! Conformance packs, with whether they could be deployed.

use std::collections::HashMap;

use aws_sdk_config::types::{ConformancePackDetail, ConformancePackStatusDetail};
use config_lambda::{CallError, Session, iso_8601};
use serde_json::{Value, json};

use crate::{CONFORMANCE_PACK, Part};

/// The most packs per page.
///
/// Source: AWS Config API Reference, `DescribeConformancePacks` and `DescribeConformancePackStatus`, `Limit`.
const PAGE: i32 = 20;

const OPERATION: &str = "DescribeConformancePacks";

pub(crate) async fn all(session: Session<'_>) -> Result<Vec<Part>, CallError> {
    let packs = packs(session).await?;
    let statuses = statuses(session).await?;
    let statuses: HashMap<_, _> =
        statuses.iter().map(|status| (status.conformance_pack_id(), status)).collect();
    let part = |pack: ConformancePackDetail| {
        let configuration = configuration(&pack, statuses.get(pack.conformance_pack_id()).copied());
        Part {
            resource_type: CONFORMANCE_PACK,
            operation: OPERATION,
            id: Some(pack.conformance_pack_id),
            name: Some(pack.conformance_pack_name),
            arn: Some(pack.conformance_pack_arn),
            configuration,
        }
    };
    Ok(packs.into_iter().map(part).collect())
}

async fn packs(session: Session<'_>) -> Result<Vec<ConformancePackDetail>, CallError> {
    let mut packs = Vec::new();
    let mut next_token = None;
    loop {
        let answer = session
            .config()
            .describe_conformance_packs()
            .limit(PAGE)
            .set_next_token(next_token)
            .customize()
            .config_override(session.within_the_deadline())
            .send()
            .await;
        let answer = answer.map_err(|error| CallError::new(OPERATION, &error))?;
        packs.extend(answer.conformance_pack_details.unwrap_or_default());
        next_token = answer.next_token;
        if next_token.is_none() {
            return Ok(packs);
        }
    }
}

async fn statuses(session: Session<'_>) -> Result<Vec<ConformancePackStatusDetail>, CallError> {
    let mut statuses = Vec::new();
    let mut next_token = None;
    loop {
        let answer = session
            .config()
            .describe_conformance_pack_status()
            .limit(PAGE)
            .set_next_token(next_token)
            .customize()
            .config_override(session.within_the_deadline())
            .send()
            .await;
        let answer = answer.map_err(|error| CallError::new("DescribeConformancePackStatus", &error))?;
        statuses.extend(answer.conformance_pack_status_details.unwrap_or_default());
        next_token = answer.next_token;
        if next_token.is_none() {
            return Ok(statuses);
        }
    }
}

fn configuration(pack: &ConformancePackDetail, status: Option<&ConformancePackStatusDetail>) -> Value {
    let parameters = pack.conformance_pack_input_parameters().iter().map(|parameter| {
        json!({"ParameterName": parameter.parameter_name, "ParameterValue": parameter.parameter_value})
    });
    json!({
        "ConformancePackName": pack.conformance_pack_name,
        "ConformancePackArn": pack.conformance_pack_arn,
        "ConformancePackId": pack.conformance_pack_id,
        "DeliveryS3Bucket": pack.delivery_s3_bucket,
        "DeliveryS3KeyPrefix": pack.delivery_s3_key_prefix,
        "ConformancePackInputParameters": parameters.collect::<Vec<_>>(),
        "LastUpdateRequestedTime": pack.last_update_requested_time().and_then(iso_8601),
        "CreatedBy": pack.created_by,
        "Status": status.map(|status| json!({
            "ConformancePackState": status.conformance_pack_state.as_str(),
            "ConformancePackStatusReason": status.conformance_pack_status_reason,
            "StackArn": status.stack_arn,
            "LastUpdateRequestedTime": iso_8601(&status.last_update_requested_time),
            "LastUpdateCompletedTime": status.last_update_completed_time().and_then(iso_8601),
        })),
    })
}

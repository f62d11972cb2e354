//! What Inspector scans.

use aws_sdk_inspector2::types::{
    CoverageFilterCriteria, CoverageResourceType, CoverageStringComparison, CoverageStringFilter,
    CoveredResource, LambdaFunctionMetadata,
};
use config_lambda::{CallError, LookupError, Session, as_on_the_wire, iso_8601};
use config_rule::Document;
use serde_json::{Value, json};

use crate::function::{Wanted, relationship, unqualified};
use crate::{COVERAGE, MAX_PAGES, client, within_the_deadline};

const OPERATION: &str = "ListCoverage";

/// The most resources per page.
///
/// Source: Amazon Inspector API Reference, `ListCoverage`, `maxResults`.
const PAGE: i32 = 200;

/// The coverage of functions; `None` if there are too many pages of it.
pub(crate) async fn of(
    session: Session<'_>,
    wanted: Wanted<'_>,
) -> Result<Option<Vec<Document>>, LookupError> {
    let mut documents = Vec::new();
    let mut next_token = None;
    for _ in 0..MAX_PAGES {
        let answer = client(session)
            .list_coverage()
            .filter_criteria(criteria(wanted)?)
            .max_results(PAGE)
            .set_next_token(next_token)
            .customize()
            .config_override(within_the_deadline(session))
            .send()
            .await
            .map_err(|error| CallError::new(OPERATION, &error))?;
        for resource in answer.covered_resources() {
            documents.push(document(resource)?);
        }
        next_token = answer.next_token;
        if next_token.is_none() {
            return Ok(Some(documents));
        }
    }
    Ok(None)
}

fn criteria(wanted: Wanted<'_>) -> Result<CoverageFilterCriteria, LookupError> {
    let is = |value: &str| {
        let filter =
            CoverageStringFilter::builder().comparison(CoverageStringComparison::Equals).value(value);
        filter.build().map_err(|source| LookupError::Item { operation: OPERATION, source: source.into() })
    };
    let functions = is(CoverageResourceType::AwsLambdaFunction.as_str())?;
    let mut criteria = CoverageFilterCriteria::builder().resource_type(functions);
    if let Wanted::One { name, account } = wanted {
        criteria = criteria.lambda_function_name(is(name)?);
        if let Some(account) = account {
            criteria = criteria.account_id(is(account)?);
        }
    }
    Ok(criteria.build())
}

fn document(resource: &CoveredResource) -> Result<Document, LookupError> {
    let arn = unqualified(resource.resource_id());
    let function = resource.resource_metadata().and_then(|metadata| metadata.lambda_function());
    let item = json!({
        "resourceType": COVERAGE,
        "resourceId": arn,
        "resourceName": arn.rsplit(':').next(),
        "ARN": arn,
        "awsAccountId": resource.account_id,
        "awsRegion": arn.split(':').nth(3),
        "configurationItemStatus": "OK",
        "tags": {},
        "relationships": [relationship(arn)],
        "configuration": configuration(resource, function),
    });
    Document::from_item(item)
        .map_err(|source| LookupError::Item { operation: OPERATION, source: source.into() })
}

fn configuration(resource: &CoveredResource, function: Option<&LambdaFunctionMetadata>) -> Value {
    as_on_the_wire(json!({
        "resourceType": resource.resource_type.as_str(),
        "resourceId": resource.resource_id,
        "accountId": resource.account_id,
        "scanType": resource.scan_type.as_str(),
        "scanStatus": resource.scan_status().map(|status| json!({
            "statusCode": status.status_code.as_str(),
            "reason": status.reason.as_str(),
        })),
        "resourceMetadata": function.map(|function| json!({"lambdaFunction": {
            "functionName": function.function_name,
            "functionTags": function.function_tags,
            "layers": function.layers,
            "runtime": function.runtime.as_ref().map(AsRef::<str>::as_ref),
        }})),
        "lastScannedAt": resource.last_scanned_at().and_then(iso_8601),
        "scanMode": resource.scan_mode.as_ref().map(AsRef::<str>::as_ref),
    }))
}

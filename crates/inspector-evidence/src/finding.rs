//! What Inspector has found in the packages of functions.

use aws_sdk_inspector2::types::{
    FilterCriteria, Finding, FindingStatus, FindingType, PackageVulnerabilityDetails, Resource, ResourceType,
    SortCriteria, SortField, SortOrder, StringComparison, StringFilter, VulnerablePackage,
};
use config_lambda::{CallError, LookupError, Session, as_on_the_wire, iso_8601};
use config_rule::Document;
use serde_json::{Value, json};

use crate::function::{Wanted, relationship};
use crate::{FINDING, FINDINGS_PER_FUNCTION, MAX_PAGES, client, within_the_deadline};

const OPERATION: &str = "ListFindings";

/// The most findings per page.
///
/// Source: Amazon Inspector API Reference, `ListFindings`, `maxResults`.
const PAGE: i32 = 100;

/// The active findings about functions, the most severe first; `None` if there are too many pages of them.
pub(crate) async fn of(
    session: Session<'_>,
    wanted: Wanted<'_>,
) -> Result<Option<Vec<Document>>, LookupError> {
    let unreadable = |source: aws_sdk_inspector2::error::BuildError| LookupError::Item {
        operation: OPERATION,
        source: source.into(),
    };
    let most_severe_first = SortCriteria::builder()
        .field(SortField::Severity)
        .sort_order(SortOrder::Desc)
        .build()
        .map_err(unreadable)?;
    let criteria = criteria(wanted).map_err(unreadable)?;
    let mut documents = Vec::new();
    let mut next_token = None;
    for _ in 0..MAX_PAGES {
        let answer = client(session)
            .list_findings()
            .filter_criteria(criteria.clone())
            .sort_criteria(most_severe_first.clone())
            .max_results(PAGE)
            .set_next_token(next_token)
            .customize()
            .config_override(within_the_deadline(session))
            .send()
            .await
            .map_err(|error| CallError::new(OPERATION, &error))?;
        for finding in answer.findings() {
            documents.push(document(finding)?);
        }
        next_token = answer.next_token;
        let is_enough = wanted != Wanted::All && FINDINGS_PER_FUNCTION <= documents.len();
        if next_token.is_none() || is_enough {
            return Ok(Some(documents));
        }
    }
    Ok(None)
}

fn criteria(wanted: Wanted<'_>) -> Result<FilterCriteria, aws_sdk_inspector2::error::BuildError> {
    let is = |value: &str| StringFilter::builder().comparison(StringComparison::Equals).value(value).build();
    let mut criteria = FilterCriteria::builder()
        .finding_status(is(FindingStatus::Active.as_str())?)
        .finding_type(is(FindingType::PackageVulnerability.as_str())?)
        .resource_type(is(ResourceType::AwsLambdaFunction.as_str())?);
    if let Wanted::One { name, account } = wanted {
        criteria = criteria.lambda_function_name(is(name)?);
        if let Some(account) = account {
            criteria = criteria.aws_account_id(is(account)?);
        }
    }
    Ok(criteria.build())
}

fn document(finding: &Finding) -> Result<Document, LookupError> {
    let functions =
        finding.resources().iter().filter(|resource| resource.r#type == ResourceType::AwsLambdaFunction);
    let item = json!({
        "resourceType": FINDING,
        "resourceId": finding.finding_arn,
        "ARN": finding.finding_arn,
        "awsAccountId": finding.aws_account_id,
        "awsRegion": finding.finding_arn.split(':').nth(3),
        "configurationItemStatus": "OK",
        "tags": {},
        "relationships": functions.map(|function| relationship(function.id())).collect::<Vec<_>>(),
        "configuration": configuration(finding),
    });
    Document::from_item(item)
        .map_err(|source| LookupError::Item { operation: OPERATION, source: source.into() })
}

fn configuration(finding: &Finding) -> Value {
    let recommendation = finding.remediation().and_then(|remediation| remediation.recommendation());
    as_on_the_wire(json!({
        "findingArn": finding.finding_arn,
        "awsAccountId": finding.aws_account_id,
        "type": finding.r#type.as_str(),
        "title": finding.title,
        "description": finding.description,
        "severity": finding.severity.as_str(),
        "status": finding.status.as_str(),
        "firstObservedAt": iso_8601(&finding.first_observed_at),
        "lastObservedAt": iso_8601(&finding.last_observed_at),
        "updatedAt": finding.updated_at().and_then(iso_8601),
        "resources": finding.resources().iter().map(resource).collect::<Vec<_>>(),
        "inspectorScore": finding.inspector_score,
        "packageVulnerabilityDetails": finding.package_vulnerability_details().map(vulnerability),
        "fixAvailable": finding.fix_available.as_ref().map(AsRef::<str>::as_ref),
        "exploitAvailable": finding.exploit_available.as_ref().map(AsRef::<str>::as_ref),
        "exploitabilityDetails": finding.exploitability_details().map(|details| {
            json!({"lastKnownExploitAt": details.last_known_exploit_at().and_then(iso_8601)})
        }),
        "epss": finding.epss().map(|epss| json!({"score": epss.score})),
        "remediation": recommendation.map(|recommendation| {
            json!({"recommendation": {"text": recommendation.text, "Url": recommendation.url}})
        }),
    }))
}

fn vulnerability(details: &PackageVulnerabilityDetails) -> Value {
    let scores = details.cvss().iter().map(|score| {
        json!({
            "baseScore": score.base_score,
            "scoringVector": score.scoring_vector,
            "source": score.source,
            "version": score.version,
        })
    });
    json!({
        "vulnerabilityId": details.vulnerability_id,
        "vulnerablePackages": details.vulnerable_packages().iter().map(package).collect::<Vec<_>>(),
        "source": details.source,
        "sourceUrl": details.source_url,
        "cvss": scores.collect::<Vec<_>>(),
        "relatedVulnerabilities": details.related_vulnerabilities,
        "referenceUrls": details.reference_urls,
        "vendorSeverity": details.vendor_severity,
        "vendorCreatedAt": details.vendor_created_at().and_then(iso_8601),
        "vendorUpdatedAt": details.vendor_updated_at().and_then(iso_8601),
    })
}

fn package(package: &VulnerablePackage) -> Value {
    json!({
        "name": package.name,
        "version": package.version,
        "fixedInVersion": package.fixed_in_version,
        "packageManager": package.package_manager.as_ref().map(AsRef::<str>::as_ref),
        "filePath": package.file_path,
        "remediation": package.remediation,
        "sourceLambdaLayerArn": package.source_lambda_layer_arn,
        "sourceLayerHash": package.source_layer_hash,
        "arch": package.arch,
        "epoch": package.epoch,
        "release": package.release,
    })
}

fn resource(resource: &Resource) -> Value {
    let function = resource.details().and_then(|details| details.aws_lambda_function());
    json!({
        "type": resource.r#type.as_str(),
        "id": resource.id,
        "partition": resource.partition,
        "region": resource.region,
        "tags": resource.tags,
        "details": function.map(|function| json!({"awsLambdaFunction": {
            "functionName": function.function_name,
            "runtime": function.runtime.as_str(),
            "codeSha256": function.code_sha256,
            "version": function.version,
            "executionRoleArn": function.execution_role_arn,
            "layers": function.layers,
            "packageType": function.package_type.as_ref().map(AsRef::<str>::as_ref),
            "lastModifiedAt": function.last_modified_at().and_then(iso_8601),
        }})),
    })
}

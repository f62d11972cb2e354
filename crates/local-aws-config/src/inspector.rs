//! What Amazon Inspector scans and has found, from the output of its own commands.

use std::cmp::Reverse;

use config_rule::{Document, DocumentError, Known, Missing, Selector};
use serde_json::{Value, json};

use crate::items::{AnswerKind, ConfigurationItems, Scope};
use crate::query::property::Property;
use crate::wire;

/// What Inspector scans, as the rules' functions know it.
pub(crate) const COVERAGE: &str = "AWS::InspectorV2::Coverage";

/// What Inspector has found, as the rules' functions know it.
pub(crate) const FINDING: &str = "AWS::InspectorV2::Finding";

const FUNCTION: &str = "AWS_LAMBDA_FUNCTION";

/// Filters of `ListCoverage` that are understood here, with what they look at.
pub(crate) const COVERAGE_FILTERS: [(&str, &str); 9] = [
    ("accountId", "accountId"),
    ("lambdaFunctionName", "resourceMetadata.lambdaFunction.functionName"),
    ("lambdaFunctionRuntime", "resourceMetadata.lambdaFunction.runtime"),
    ("resourceId", "resourceId"),
    ("resourceType", "resourceType"),
    ("scanMode", "scanMode"),
    ("scanStatusCode", "scanStatus.statusCode"),
    ("scanStatusReason", "scanStatus.reason"),
    ("scanType", "scanType"),
];

/// Filters of `ListFindings` that are understood here, with what they look at.
pub(crate) const FINDING_FILTERS: [(&str, &str); 13] = [
    ("awsAccountId", "awsAccountId"),
    ("exploitAvailable", "exploitAvailable"),
    ("findingArn", "findingArn"),
    ("findingStatus", "status"),
    ("findingType", "type"),
    ("fixAvailable", "fixAvailable"),
    ("lambdaFunctionName", "resources.details.awsLambdaFunction.functionName"),
    ("resourceId", "resources.id"),
    ("resourceType", "resources.type"),
    ("severity", "severity"),
    ("title", "title"),
    ("vendorSeverity", "packageVulnerabilityDetails.vendorSeverity"),
    ("vulnerabilityId", "packageVulnerabilityDetails.vulnerabilityId"),
];

/// One condition: of several on one member at least one must hold, and every one that excludes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Filter {
    /// Path of the member.
    pub(crate) path: &'static str,
    pub(crate) comparison: Comparison,
    pub(crate) value: String,
}

/// How a filter compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equals,
    Prefix,
    NotEquals,
}

/// The elements that filters let through; `None` if the input does not hold any output of the command.
pub(crate) fn found<'a>(
    items: &'a ConfigurationItems,
    scope: &Scope,
    kind: AnswerKind,
    filters: &[Filter],
) -> Option<Vec<&'a Value>> {
    let elements = items.answers().get(kind, scope)?;
    Some(elements.filter(|element| filters.iter().all(|filter| passes(element, filter, filters))).collect())
}

fn passes(element: &Value, filter: &Filter, filters: &[Filter]) -> bool {
    let holds = |filter: &Filter| {
        let values = Property::at(filter.path).values(element);
        let mut texts = values.into_iter().filter_map(Value::as_str);
        match filter.comparison {
            Comparison::Equals => texts.any(|text| text == filter.value),
            Comparison::Prefix => texts.any(|text| text.starts_with(&filter.value)),
            Comparison::NotEquals => texts.all(|text| text != filter.value),
        }
    };
    match filter.comparison {
        Comparison::NotEquals => holds(filter),
        Comparison::Equals | Comparison::Prefix => filters
            .iter()
            .filter(|other| other.path == filter.path && other.comparison != Comparison::NotEquals)
            .any(holds),
    }
}

/// Sorts findings as `ListFindings` does by severity.
pub(crate) fn sort_by_severity(findings: &mut [&Value], is_descending: bool) {
    const SEVERITIES: [&str; 6] = ["UNTRIAGED", "INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"];
    let rank = |finding: &Value| {
        let severity = finding.get("severity").and_then(Value::as_str);
        SEVERITIES.iter().position(|known| severity == Some(known))
    };
    if is_descending {
        findings.sort_by_key(|finding| Reverse(rank(finding)));
    } else {
        findings.sort_by_key(|finding| rank(finding));
    }
}

/// The documents that the rules' functions make of Inspector's answers: they ask for functions, and for active findings
/// in their packages. Without an output of the command, nobody here knows.
pub(crate) fn documents(
    items: &ConfigurationItems,
    scope: &Scope,
    resource_type: &str,
    selector: Selector<'_>,
) -> Known<Vec<Document>> {
    let not_known = || Known::Unknown(Missing::NotRecorded { what: resource_type.to_owned() });
    let is_coverage = resource_type == COVERAGE;
    let wanted = match selector {
        Selector::All => None,
        Selector::ReferringTo(text) => Some(text),
        Selector::Id(text) | Selector::Arn(text) | Selector::Named(text) if is_coverage => Some(text),
        _ => return not_known(),
    };
    let is = |path, value: &str| Filter { path, comparison: Comparison::Equals, value: value.to_owned() };
    let (kind, account, name, mut filters) = if is_coverage {
        let name = "resourceMetadata.lambdaFunction.functionName";
        (AnswerKind::Coverage, "accountId", name, vec![is("resourceType", FUNCTION)])
    } else {
        let name = "resources.details.awsLambdaFunction.functionName";
        let filters =
            vec![is("status", "ACTIVE"), is("type", "PACKAGE_VULNERABILITY"), is("resources.type", FUNCTION)];
        (AnswerKind::Findings, "awsAccountId", name, filters)
    };
    if let Some(wanted) = wanted {
        match wanted.split(':').collect::<Vec<_>>().as_slice() {
            ["arn", _, "lambda", _, account_id, "function", function, ..] => {
                filters.extend([is(name, function), is(account, account_id)]);
            }
            _ => filters.push(is(name, wanted)),
        }
    }
    let Some(mut found) = found(items, scope, kind, &filters) else { return not_known() };
    if !is_coverage {
        sort_by_severity(&mut found, true);
    }
    let document = if is_coverage { coverage_document } else { finding_document };
    // What has no id is no element, and nothing else makes a document fail.
    let documents = found.into_iter().filter_map(|element| document(element).ok());
    Known::Value(documents.filter(|document| selector.selects(document)).collect())
}

fn coverage_document(resource: &Value) -> Result<Document, DocumentError> {
    let arn = unqualified(text(resource, "resourceId"));
    let mut configuration = kept(
        resource,
        &["accountId", "lastScannedAt", "resourceId", "resourceType", "scanMode", "scanStatus", "scanType"],
    );
    if let Some(function) = resource.pointer("/resourceMetadata/lambdaFunction") {
        configuration["resourceMetadata"] = json!({"lambdaFunction": function});
    }
    Document::from_item(json!({
        "resourceType": COVERAGE,
        "resourceId": arn,
        "resourceName": arn.rsplit(':').next(),
        "ARN": arn,
        "awsAccountId": resource.get("accountId"),
        "awsRegion": arn.split(':').nth(3),
        "configurationItemStatus": "OK",
        "tags": {},
        "relationships": [relationship(arn)],
        "configuration": wire::with_texts(configuration, AnswerKind::Coverage.times()),
    }))
}

fn finding_document(finding: &Value) -> Result<Document, DocumentError> {
    let mut configuration = kept(
        finding,
        &[
            "awsAccountId",
            "description",
            "epss",
            "exploitAvailable",
            "exploitabilityDetails",
            "findingArn",
            "firstObservedAt",
            "fixAvailable",
            "inspectorScore",
            "lastObservedAt",
            "packageVulnerabilityDetails",
            "remediation",
            "severity",
            "status",
            "title",
            "type",
            "updatedAt",
        ],
    );
    // An SDK tells no empty list, and no zero, from one that was not sent.
    if let Some(details) = configuration.get_mut("packageVulnerabilityDetails").and_then(Value::as_object_mut)
    {
        for list in ["cvss", "vulnerablePackages"] {
            details.entry(list).or_insert_with(|| json!([]));
        }
        let packages = details.get_mut("vulnerablePackages").and_then(Value::as_array_mut);
        for package in packages.into_iter().flatten().filter_map(Value::as_object_mut) {
            package.entry("epoch").or_insert(json!(0));
        }
    }
    let resources = finding.get("resources").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    configuration["resources"] = resources.iter().map(resource).collect();
    let functions = resources.iter().filter(|resource| text(resource, "type") == FUNCTION);
    let relationships: Value = functions.map(|function| relationship(text(function, "id"))).collect();
    let arn = text(finding, "findingArn");
    Document::from_item(json!({
        "resourceType": FINDING,
        "resourceId": arn,
        "ARN": arn,
        "awsAccountId": finding.get("awsAccountId"),
        "awsRegion": arn.split(':').nth(3),
        "configurationItemStatus": "OK",
        "tags": {},
        "relationships": relationships,
        "configuration": wire::with_texts(configuration, AnswerKind::Findings.times()),
    }))
}

fn resource(resource: &Value) -> Value {
    let mut kept_resource = kept(resource, &["id", "partition", "region", "tags", "type"]);
    if let Some(function) = resource.pointer("/details/awsLambdaFunction") {
        let members = [
            "codeSha256",
            "executionRoleArn",
            "functionName",
            "lastModifiedAt",
            "layers",
            "packageType",
            "runtime",
            "version",
        ];
        kept_resource["details"] = json!({"awsLambdaFunction": kept(function, &members)});
    }
    kept_resource
}

/// The ARN of the function itself; Inspector's ids end with the qualifier `$LATEST`.
fn unqualified(arn: &str) -> &str {
    let qualifier = arn.match_indices(':').nth(6);
    qualifier.and_then(|(index, _)| arn.get(..index)).unwrap_or(arn)
}

fn relationship(arn: &str) -> Value {
    let arn = unqualified(arn);
    let name = arn.rsplit(':').next();
    json!({"resourceType": "AWS::Lambda::Function", "resourceId": arn, "resourceName": name, "name": "Is associated with"})
}

/// The object with only some of its members.
pub(crate) fn kept(value: &Value, members: &[&str]) -> Value {
    members.iter().filter_map(|member| Some(((*member).to_owned(), value.get(member)?.clone()))).collect()
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value.get(member).and_then(Value::as_str).unwrap_or_default()
}

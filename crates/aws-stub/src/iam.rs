//! IAM's answers, as its API Reference shows them.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::Answer;

/// The trust policy of a function's role.
pub const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
/// A policy of the account.
pub const CUSTOMER_POLICY: &str = "arn:aws:iam::111122223333:policy/team/tables";
/// A policy of AWS.
pub const AWS_POLICY: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

/// The answer of an operation, by the content of its result.
#[must_use]
pub fn answer(operation: &'static str, result: &str) -> (&'static str, Answer) {
    (operation, Answer::Xml(result.to_owned()))
}

/// A role below `/service-role/`, with a boundary, a tag and no policies.
#[must_use]
pub fn role(name: &str) -> (&'static str, Answer) {
    let (id, trust) = (format!("AROAEXAMPLE{}", name.to_uppercase()), encoded(TRUST));
    answer(
        "GetRole",
        &format!(
            "<Role><Path>/service-role/</Path><RoleName>{name}</RoleName><RoleId>{id}</RoleId>\
             <Arn>arn:aws:iam::111122223333:role/service-role/{name}</Arn>\
             <CreateDate>2026-01-02T03:04:05Z</CreateDate>\
             <AssumeRolePolicyDocument>{trust}</AssumeRolePolicyDocument>\
             <MaxSessionDuration>3600</MaxSessionDuration>\
             <PermissionsBoundary><PermissionsBoundaryType>Policy</PermissionsBoundaryType>\
             <PermissionsBoundaryArn>arn:aws:iam::111122223333:policy/boundary</PermissionsBoundaryArn>\
             </PermissionsBoundary>\
             <Tags><member><Key>service</Key><Value>{name}</Value></member></Tags>\
             <RoleLastUsed><LastUsedDate>2026-02-03T04:05:06Z</LastUsedDate><Region>eu-west-1</Region></RoleLastUsed>\
             </Role>"
        ),
    )
}

/// No inline policies.
#[must_use]
pub fn no_inline() -> (&'static str, Answer) {
    answer("ListRolePolicies", "<PolicyNames/><IsTruncated>false</IsTruncated>")
}

/// No attached policies.
#[must_use]
pub fn no_attached() -> (&'static str, Answer) {
    answer("ListAttachedRolePolicies", "<AttachedPolicies/><IsTruncated>false</IsTruncated>")
}

/// A policy with this default version.
#[must_use]
pub fn policy(arn: &str, id: &str, version: &str) -> (&'static str, Answer) {
    let name = arn.rsplit_once('/').map_or(arn, |(_, name)| name);
    answer(
        "GetPolicy",
        &format!(
            "<Policy><PolicyName>{name}</PolicyName><PolicyId>{id}</PolicyId><Arn>{arn}</Arn><Path>/team/</Path>\
             <DefaultVersionId>{version}</DefaultVersionId><AttachmentCount>1</AttachmentCount>\
             <PermissionsBoundaryUsageCount>0</PermissionsBoundaryUsageCount><IsAttachable>true</IsAttachable>\
             <CreateDate>2026-01-02T03:04:05Z</CreateDate><UpdateDate>2026-01-02T03:04:05Z</UpdateDate></Policy>"
        ),
    )
}

/// A version with this document.
#[must_use]
pub fn version(id: &str, document: &str) -> (&'static str, Answer) {
    let document = encoded(document);
    answer(
        "GetPolicyVersion",
        &format!(
            "<PolicyVersion><Document>{document}</Document><VersionId>{id}</VersionId>\
             <IsDefaultVersion>true</IsDefaultVersion><CreateDate>2026-01-02T03:04:05Z</CreateDate></PolicyVersion>"
        ),
    )
}

/// As IAM encodes documents, after RFC 3986.
#[must_use]
pub fn encoded(document: &str) -> String {
    utf8_percent_encode(document, NON_ALPHANUMERIC).to_string()
}

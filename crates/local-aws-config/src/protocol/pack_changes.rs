//! `PutConformancePack` and `DeleteConformancePack`: what they accept, and how they refuse.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::error::ApiError;
use super::validation::Violations;
use super::{Call, input};
use crate::bucket;
use crate::deployment::{Delivery, Deployment};
use crate::items::Scope;
use crate::pack::{MAX_PACK_PARAMETERS, MAX_TEMPLATE_BYTES, Pack, PackError};
use crate::service::Refusal;

/// What a request to deploy a pack says of it, to one account or to an organization.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Definition {
    template_body: Option<String>,
    template_s3_uri: Option<String>,
    #[serde(rename = "TemplateSSMDocumentDetails")]
    template_ssm_document_details: Option<Value>,
    delivery_s3_bucket: Option<String>,
    delivery_s3_key_prefix: Option<String>,
    conformance_pack_input_parameters: Vec<Parameter>,
    tags: Vec<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Parameter {
    parameter_name: Option<String>,
    parameter_value: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Put {
    conformance_pack_name: Option<String>,
    #[serde(flatten)]
    definition: Definition,
}

/// Deploys a pack, or updates it; the caller does not wait for it.
pub(super) fn put(call: &Call<'_>) -> Result<Value, ApiError> {
    let input: Put = input::read(call)?;
    let mut violations = Violations::default();
    check_name(&mut violations, "conformancePackName", input.conformance_pack_name.as_deref(), 256);
    input.definition.check(&mut violations);
    violations.finish()?;
    let name = input.conformance_pack_name.unwrap_or_default();
    let (definition, scope) = (&input.definition, call.scope);
    if definition.template_ssm_document_details.is_some() && !definition.has_template() {
        let message =
            "A template in an SSM document cannot be read here: specify TemplateBody or TemplateS3Uri.";
        return Err(ApiError::invalid_parameter(message));
    }
    if !definition.has_template() {
        let message = "Specify one of TemplateBody, TemplateS3Uri and TemplateSSMDocumentDetails.";
        return Err(ApiError::invalid_parameter(message));
    }
    let pack = definition.pack(call, &name, scope, "ConformancePackTemplateValidationException")?;
    let delivery = definition.delivery();
    let requested = call.runner.deploy(scope, &name, |earlier| Deployment {
        delivery,
        ..Deployment::requested(pack, scope, earlier)
    });
    let requested = requested.map_err(|refusal| refused(refusal, &name))?;
    Ok(json!({"ConformancePackArn": requested.pack_arn}))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Delete {
    conformance_pack_name: Option<String>,
}

/// Deletes a pack with its rules and their results; the caller does not wait for it.
pub(super) fn delete(call: &Call<'_>) -> Result<Value, ApiError> {
    let input: Delete = input::read(call)?;
    let mut violations = Violations::default();
    check_name(&mut violations, "conformancePackName", input.conformance_pack_name.as_deref(), 256);
    violations.finish()?;
    let name = input.conformance_pack_name.unwrap_or_default();
    let refused = |refusal| match refusal {
        Refusal::NotThere => call.no_pack_of_ours(&name),
        other => refused(other, &name),
    };
    call.runner.delete(call.scope, &name).map_err(refused)?;
    Ok(json!({}))
}

fn refused(refusal: Refusal, name: &str) -> ApiError {
    match refusal {
        Refusal::InUse => in_use("conformance pack", name),
        Refusal::NotThere => ApiError::no_such_pack(name),
        Refusal::TooMany => ApiError::new(
            "MaxNumberOfConformancePacksExceededException",
            "Your account has reached the limit of 50 conformance packs.",
        ),
    }
}

pub(super) fn in_use(kind: &str, name: &str) -> ApiError {
    let message = format!(
        "The {kind} '{name}' is being created, updated or deleted. Try your request again when that is done."
    );
    ApiError::new("ResourceInUseException", message)
}

/// The text of the template where the request puts it into a bucket; `Err` says why it cannot be read.
pub(super) async fn template_in_bucket(call: &Call<'_>) -> Option<Result<String, String>> {
    if !["PutConformancePack", "PutOrganizationConformancePack"].contains(&call.operation) {
        return None;
    }
    let uri = call.body.get("TemplateS3Uri")?.as_str()?;
    Some(match call.runner.s3_endpoint() {
        Some(endpoint) => bucket::text(endpoint, uri, &call.scope.region).await,
        None => Err(format!(
            "expected AWS_ENDPOINT_URL_S3 to name an Amazon S3 that has `{uri}`, found no such variable"
        )),
    })
}

/// The names of packs are words of letters, digits and hyphens.
pub(super) fn check_name(violations: &mut Violations, path: &str, name: Option<&str>, max: usize) {
    violations.required_text(path, name, 1, max);
    let is_word = |name: &str| {
        name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name.chars().all(|character| character.is_ascii_alphanumeric() || character == '-')
    };
    if let Some(name) = name.filter(|name| !name.is_empty() && !is_word(name)) {
        let constraint = "Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*";
        violations.add(path, name, constraint);
    }
}

impl Definition {
    /// The constraints of the service model.
    pub(super) fn check(&self, violations: &mut Violations) {
        if let Some(body) = &self.template_body {
            let (bytes, path) = (body.len(), "templateBody");
            if bytes == 0 {
                violations.add(path, "", "Member must have length greater than or equal to 1");
            } else if MAX_TEMPLATE_BYTES < bytes {
                let constraint =
                    format!("Member must have length less than or equal to {MAX_TEMPLATE_BYTES}");
                // AWS repeats the template here.
                violations.add(path, format!("[{bytes} bytes]"), &constraint);
            }
        }
        violations.text("templateS3Uri", self.template_s3_uri.as_deref(), 1, 1_024);
        if let Some(uri) = self.template_s3_uri.as_deref().filter(|uri| !uri.starts_with("s3://")) {
            violations.add("templateS3Uri", uri, "Member must satisfy regular expression pattern: s3://.*");
        }
        violations.text("deliveryS3Bucket", self.delivery_s3_bucket.as_deref(), 0, 63);
        violations.text("deliveryS3KeyPrefix", self.delivery_s3_key_prefix.as_deref(), 0, 1_024);
        violations.count("tags", self.tags.len(), 0, 50);
        let (parameters, path) = (&self.conformance_pack_input_parameters, "conformancePackInputParameters");
        violations.count(path, parameters.len(), 0, MAX_PACK_PARAMETERS);
        for (index, Parameter { parameter_name, parameter_value }) in parameters.iter().enumerate() {
            let at = |member: &str| format!("{path}.{}.member.{member}", index + 1);
            violations.required_text(at("parameterName"), parameter_name.as_deref(), 0, 255);
            violations.required_text(at("parameterValue"), parameter_value.as_deref(), 0, 4_096);
        }
    }

    pub(super) fn has_template(&self) -> bool {
        self.template_body.is_some() || self.template_s3_uri.is_some()
    }

    /// The pack in an account and Region; `invalid` is what the exception for a bad template is called.
    pub(super) fn pack(
        &self,
        call: &Call<'_>,
        name: &str,
        scope: &Scope,
        invalid: &'static str,
    ) -> Result<Pack, ApiError> {
        let parameters = self.parameters();
        // AWS Config reads the bucket if it is given both.
        let read = match &call.template {
            Some(Ok(text)) => Pack::read_object(name, text, &parameters, scope),
            Some(Err(reason)) => {
                return Err(ApiError::new("InsufficientPermissionsException", reason.clone()));
            }
            None => Pack::read(name, self.template_body.as_deref().unwrap_or_default(), &parameters, scope),
        };
        read.map_err(|error: PackError| ApiError::new(invalid, error.to_string()))
    }

    pub(super) fn parameters(&self) -> BTreeMap<String, String> {
        let pair = |Parameter { parameter_name, parameter_value }: &Parameter| {
            Some((parameter_name.clone()?, parameter_value.clone()?))
        };
        self.conformance_pack_input_parameters.iter().filter_map(pair).collect()
    }

    pub(super) fn delivery(&self) -> Delivery {
        Delivery { bucket: self.delivery_s3_bucket.clone(), key_prefix: self.delivery_s3_key_prefix.clone() }
    }
}

//! Monitoring services, which tell somebody without an alarm of CloudWatch.

use std::sync::Arc;

use aws_resources::{observability_vendor, read_policy};
use config_rule::{Document, Known, Missing, Subject};
use iam_policy::{Principal, Principals, Statement, account_of};

use crate::parameters::Monitoring;
use crate::subject::MonitoredFunction;

/// Layers that send what they measure to CloudWatch, to X-Ray or, those of the OpenTelemetry project, to wherever they are
/// told to. Nobody hears of it by the layer alone.
const COLLECTORS: [&str; 3] = ["CloudWatch Lambda Insights", "AWS Distro for OpenTelemetry", "OpenTelemetry"];

/// A role of the account, as far as it may let a service watch the account.
#[derive(Clone, Debug, PartialEq)]
pub struct Role {
    /// The role's name.
    pub name: String,
    /// Whether somebody outside the account may assume it.
    pub trusts_outsiders: Known<bool>,
}

impl Role {
    /// CloudFormation type name.
    pub(crate) const TYPE: &str = "AWS::IAM::Role";
}

impl Subject for Role {
    fn read(document: &Document) -> Option<Self> {
        (document.resource_type == Self::TYPE).then(|| Self {
            name: document.resource_name.as_ref().unwrap_or(&document.resource_id).clone(),
            trusts_outsiders: trusts_outsiders(document).into(),
        })
    }
}

/// Whether a monitoring service watches the function: by a layer, by a tag that says so, or by a role.
pub(crate) fn watch(
    function: &MonitoredFunction,
    monitoring: &Monitoring,
    roles: &Known<Arc<Vec<Role>>>,
) -> Result<bool, Missing> {
    let evidence = [
        has_layer_of_service(function),
        has_tag(function, monitoring),
        role_lets_service_watch(monitoring, roles),
    ];
    // One proof is enough, whatever is not known besides.
    if evidence.contains(&Ok(true)) {
        return Ok(true);
    }
    evidence.into_iter().try_fold(false, |_, watched| watched)
}

/// Whether a layer traces the function's requests itself.
pub(crate) fn has_tracing_layer(function: &MonitoredFunction) -> Result<bool, Missing> {
    let mut vendors = function.function.layers.get()?.iter().filter_map(observability_vendor);
    Ok(vendors.any(|vendor| vendor != "CloudWatch Lambda Insights"))
}

fn has_layer_of_service(function: &MonitoredFunction) -> Result<bool, Missing> {
    let mut vendors = function.function.layers.get()?.iter().filter_map(observability_vendor);
    Ok(vendors.any(|vendor| !COLLECTORS.contains(&vendor)))
}

/// A tag such as `monitoring: none` says the opposite.
fn has_tag(function: &MonitoredFunction, monitoring: &Monitoring) -> Result<bool, Missing> {
    const DENIALS: [&str; 6] = ["", "none", "no", "false", "off", "disabled"];
    if monitoring.tag_keys.is_empty() {
        return Ok(false);
    }
    let tags = function.tags.get()?;
    let mut values = monitoring.tag_keys.iter().filter_map(|key| tags.get(key));
    Ok(values.any(|value| !DENIALS.contains(&value.trim().to_ascii_lowercase().as_str())))
}

fn role_lets_service_watch(monitoring: &Monitoring, roles: &Known<Arc<Vec<Role>>>) -> Result<bool, Missing> {
    if monitoring.role_names.is_empty() {
        return Ok(false);
    }
    let is_named = |role: &&Role| monitoring.role_names.iter().any(|pattern| pattern.matches(&role.name));
    let trusts: Vec<_> =
        roles.get()?.iter().filter(is_named).map(|role| role.trusts_outsiders.get()).collect();
    if trusts.contains(&Ok(&true)) {
        return Ok(true);
    }
    trusts.into_iter().try_fold(false, |_, trusts| trusts.copied())
}

fn trusts_outsiders(document: &Document) -> Result<bool, Missing> {
    const PATH: &str = "configuration.assumeRolePolicyDocument";
    let root = document.properties();
    let trust = root.at(PATH);
    let trust = read_policy(trust.get()?.value())
        .map_err(|error| Missing::Unavailable { what: format!("`{PATH}`"), why: error.to_string() })?;
    let own_account = document.account_id.as_deref();
    let is_outsider = |principal: &Principal| match principal {
        Principal::Aws(principal) => account_of(principal).or(Some(principal.as_str())) != own_account,
        _ => false,
    };
    let names_outsider = |statement: &Statement| match &statement.principals {
        Some(Principals::Only(principals)) => principals.iter().any(is_outsider),
        Some(Principals::AllBut(_)) | None => false,
    };
    Ok(trust.allows().any(names_outsider))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_role_that_another_account_may_assume_trusts_outsiders() {
        for principal in ["arn:aws:iam::458024764010:root", "458024764010"] {
            assert_eq!(read(&trust(&json!({"AWS": principal}))).trusts_outsiders, Known::Value(true));
        }
    }

    #[test]
    fn a_role_of_the_account_itself_or_of_a_service_does_not() {
        for principal in [
            json!({"AWS": "arn:aws:iam::111122223333:root"}),
            json!({"AWS": "111122223333"}),
            json!({"Service": "lambda.amazonaws.com"}),
            json!("*"),
        ] {
            assert_eq!(read(&trust(&principal)).trusts_outsiders, Known::Value(false), "{principal}");
        }
    }

    #[test]
    fn a_trust_policy_is_url_encoded_as_recorded() {
        let encoded = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C\
                       %22Principal%22%3A%7B%22AWS%22%3A%22arn%3Aaws%3Aiam%3A%3A458024764010%3Aroot%22%7D%2C\
                       %22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D";
        assert_eq!(read(&json!(encoded)).trusts_outsiders, Known::Value(true));
    }

    #[test]
    fn what_is_no_trust_policy_is_unknown() {
        let message = read(&json!("{")).trusts_outsiders.get().unwrap_err().to_string();
        assert!(
            message.starts_with("`configuration.assumeRolePolicyDocument` is not available: "),
            "{message}"
        );
        assert!(matches!(read(&Value::Null).trusts_outsiders, Known::Unknown(Missing::Null { .. })));
    }

    fn trust(principal: &Value) -> Value {
        json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"},
        ]})
    }

    fn read(trust: &Value) -> Role {
        let item = json!({
            "resourceType": Role::TYPE, "resourceId": "AROAEXAMPLE", "resourceName": "dashbird-delegation-role",
            "accountId": "111122223333", "configuration": {"assumeRolePolicyDocument": trust},
        });
        Role::read(&Document::from_item(item).unwrap()).unwrap()
    }
}

//! The resources of a pack, read into rules, with AWS's limits enforced.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::intrinsics::Evaluator;
use super::template::{Template, as_text, check_limit, unexpected};
use super::{
    Frequency, MAX_INPUT_PARAMETERS_CHARACTERS, MAX_RULE_NAME_CHARACTERS, MAX_RULES, MAX_SCOPE_TYPES,
    MessageType, PackError, PackRule, RuleByAws,
};
use crate::items::Scope;

/// What a pack holds in one account and Region.
#[derive(Debug, Default)]
pub(super) struct Resources {
    /// Rules that run here.
    pub(super) rules: Vec<PackRule>,
    /// Rules that only AWS runs.
    pub(super) by_aws: Vec<RuleByAws>,
    /// What does not run, with the reason.
    pub(super) skipped: Vec<(String, String)>,
}

/// The most `SourceDetails` of a rule.
///
/// Source: AWS Config API Reference, `Source`, `SourceDetails`.
const MAX_SOURCE_DETAILS: usize = 25;

/// The longest `Description` and `SourceIdentifier`.
///
/// Source: AWS Config API Reference, `ConfigRule` and `Source`.
const MAX_TEXT_CHARACTERS: usize = 256;

/// What the names of our deployed functions start with.
const FUNCTION_PREFIX: &str = "serverless-conformance-";

pub(super) fn evaluate(
    template: &Template,
    given: &BTreeMap<String, String>,
    scope: &Scope,
) -> Result<Resources, PackError> {
    let evaluator = Evaluator::new(template, template.parameters(given)?, scope);
    let Resources { mut rules, mut by_aws, mut skipped } = Resources::default();
    check_limit("Resources", template.resources.len(), MAX_RULES, "rules")?;
    for (logical_id, resource) in &template.resources {
        let place = format!("Resources.{logical_id}");
        match resource.get("Type").and_then(Value::as_str) {
            Some("AWS::Config::ConfigRule") => {}
            Some("AWS::Config::RemediationConfiguration") => {
                skipped.push((logical_id.clone(), "nothing is remediated here".to_owned()));
                continue;
            }
            _ => {
                return Err(unexpected(
                    &format!("{place}.Type"),
                    "`AWS::Config::ConfigRule` or `AWS::Config::RemediationConfiguration`, which is all that a \
                     conformance pack may hold",
                    resource.get("Type").unwrap_or_default(),
                ));
            }
        }
        if let Some(condition) = resource.get("Condition").and_then(Value::as_str)
            && !evaluator.condition(&format!("{place}.Condition"), condition)?
        {
            skipped.push((logical_id.clone(), format!("its condition `{condition}` does not hold")));
            continue;
        }
        let place = format!("{place}.Properties");
        let properties = resource.get("Properties").unwrap_or_default();
        let Some(Value::Object(properties)) = evaluator.value(&place, properties)? else {
            return Err(unexpected(&place, "an object", properties));
        };
        match rule(logical_id, &Section { place: place.clone(), members: &properties })? {
            Read::Rule(rule) => {
                let mut rule = *rule;
                let source = resource.pointer("/Properties/Source/SourceIdentifier/Fn::ImportValue");
                rule.import = source.map(|export| evaluator.text(&place, export)).transpose()?;
                if let Some(other) = rules.iter().find(|other| other.name == rule.name) {
                    return Err(PackError::Unexpected {
                        place: format!("Resources.{logical_id}.Properties.ConfigRuleName"),
                        expected: format!("another name than that of `{}`", other.logical_id),
                        found: format!("`{}`", rule.name),
                    });
                }
                rules.push(rule);
            }
            Read::ByAws(kind, rule) => {
                skipped.push((logical_id.clone(), format!("`{}` is {kind}, which only AWS runs", rule.name)));
                by_aws.push(rule);
            }
        }
    }
    rules.sort_by(|one, other| one.name.cmp(&other.name));
    by_aws.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(Resources { rules, by_aws, skipped })
}

pub(super) fn check_length_of_parameters(
    logical_id: &str,
    parameters: &BTreeMap<String, String>,
) -> Result<(), PackError> {
    let json = serde_json::json!(parameters).to_string();
    let place = format!("Resources.{logical_id}.Properties.InputParameters");
    check_limit(&place, json.chars().count(), MAX_INPUT_PARAMETERS_CHARACTERS, "characters of JSON")
}

enum Read {
    Rule(Box<PackRule>),
    /// What kind of rule it is comes first.
    ByAws(&'static str, RuleByAws),
}

fn rule(logical_id: &str, properties: &Section<'_>) -> Result<Read, PackError> {
    let name = properties.text("ConfigRuleName")?.unwrap_or_else(|| logical_id.to_owned());
    let place = format!("{}.ConfigRuleName", properties.place);
    if name.trim().is_empty() {
        return Err(unexpected(&place, "a name that is not blank", &Value::String(name)));
    }
    let source = properties.section("Source")?.ok_or_else(|| {
        unexpected(&format!("{}.Source", properties.place), "an object with `Owner`", &Value::Null)
    })?;
    match source.text("Owner")?.as_deref() {
        Some("CUSTOM_LAMBDA") => {}
        Some("AWS") => return Ok(Read::ByAws("a managed rule", rule_by_aws(name, properties))),
        Some("CUSTOM_POLICY") => return Ok(Read::ByAws("a policy rule", rule_by_aws(name, properties))),
        other => {
            let found = other.map_or(Value::Null, Value::from);
            let expected = "one of `CUSTOM_LAMBDA`, `AWS`, `CUSTOM_POLICY`";
            return Err(unexpected(&format!("{}.Owner", source.place), expected, &found));
        }
    }
    check_limit(&place, name.chars().count(), MAX_RULE_NAME_CHARACTERS, "characters")?;
    let description = properties.text("Description")?.unwrap_or_default();
    let place = format!("{}.Description", properties.place);
    check_limit(&place, description.chars().count(), MAX_TEXT_CHARACTERS, "characters")?;

    let (function_arn, function) = function(&source, &name)?;
    let (message_types, frequency) = triggers(&source, properties)?;
    let parameters = input_parameters(properties)?;
    check_length_of_parameters(logical_id, &parameters)?;
    let mut rule = PackRule {
        name,
        logical_id: logical_id.to_owned(),
        description,
        function,
        function_arn,
        import: None,
        parameters,
        message_types,
        frequency,
        resource_types: Vec::new(),
        resource_id: None,
        tag: None,
    };
    if let Some(scope) = properties.section("Scope")? {
        read_scope(&mut rule, &scope)?;
    }
    Ok(Read::Rule(Box::new(rule)))
}

fn rule_by_aws(name: String, properties: &Section<'_>) -> RuleByAws {
    const PARAMETERS: &str = "InputParameters";
    let members = ["Description", "MaximumExecutionFrequency", "Scope", "Source"];
    let mut kept: Map<String, Value> = members
        .into_iter()
        .filter_map(|member| {
            let value = properties.members.get(member).filter(|value| !value.is_null())?;
            Some((member.to_owned(), value.clone()))
        })
        .collect();
    // AWS describes a policy without its text.
    if let Some(Value::Object(details)) =
        kept.get_mut("Source").and_then(|source| source.get_mut("CustomPolicyDetails"))
    {
        details.remove("PolicyText");
    }
    let given = properties.members.get(PARAMETERS).filter(|given| !given.is_null());
    let text = match (input_parameters(properties), given) {
        (Ok(parameters), _) if parameters.is_empty() => None,
        (Ok(parameters), _) => Some(serde_json::json!(parameters).to_string()),
        // What these rules take is known to AWS alone: it is told as it stands.
        (Err(_), given) => given.and_then(as_text).or_else(|| given.map(Value::to_string)),
    };
    if let Some(text) = text {
        kept.insert(PARAMETERS.to_owned(), Value::from(text));
    }
    RuleByAws { name, properties: Value::Object(kept) }
}

/// The function's ARN, and which function of ours it is.
fn function(source: &Section<'_>, rule: &str) -> Result<(String, String), PackError> {
    const EXPECTED: &str = "the ARN of a Lambda function, `arn:aws:lambda:<region>:<account>:function:<name>`, \
                            with or without a version or alias, but not `$LATEST`";
    let place = format!("{}.SourceIdentifier", source.place);
    let arn = source.text("SourceIdentifier")?.unwrap_or_default();
    check_limit(&place, arn.chars().count(), MAX_TEXT_CHARACTERS, "characters")?;
    let refused = || unexpected(&place, EXPECTED, &Value::String(arn.clone()));
    let parts: Vec<_> = arn.split(':').collect();
    let name = match parts.as_slice() {
        ["arn", _, "lambda", _, _, "function", name] => name,
        ["arn", _, "lambda", _, _, "function", name, qualifier] if *qualifier != "$LATEST" => name,
        _ => return Err(refused()),
    };
    if name.is_empty() {
        return Err(refused());
    }
    let is_the_rules = name.strip_suffix(rule).is_some_and(|front| front.is_empty() || front.ends_with('-'));
    let function = if is_the_rules { rule } else { name.strip_prefix(FUNCTION_PREFIX).unwrap_or(name) };
    // The name becomes part of a path.
    if function.is_empty() || function.contains(['/', '\\']) || function.starts_with('.') {
        return Err(refused());
    }
    Ok((arn.clone(), function.to_owned()))
}

fn triggers(
    source: &Section<'_>,
    properties: &Section<'_>,
) -> Result<(Vec<MessageType>, Frequency), PackError> {
    let place = format!("{}.SourceDetails", source.place);
    let details = source.list("SourceDetails")?;
    check_limit(&place, details.len(), MAX_SOURCE_DETAILS, "details")?;
    let mut message_types = Vec::new();
    let mut frequency =
        properties.one_of("MaximumExecutionFrequency", &Frequency::ALL, |one| one.as_str())?;
    for (index, detail) in details.iter().enumerate() {
        let place = format!("{place}[{index}]");
        let Value::Object(members) = detail else {
            return Err(unexpected(&place, "an object with `EventSource` and `MessageType`", detail));
        };
        let detail = Section { place, members };
        let _ = detail.one_of("EventSource", &["aws.config"], |source| source)?;
        let message_type = detail.one_of("MessageType", &MessageType::ALL, |one| one.as_str())?;
        let message_type = message_type.ok_or_else(|| {
            unexpected(&format!("{}.MessageType", detail.place), "a message type", &Value::Null)
        })?;
        let detailed = detail.one_of("MaximumExecutionFrequency", &Frequency::ALL, |one| one.as_str())?;
        if detailed.is_some() && message_type != MessageType::ScheduledNotification {
            return Err(unexpected(
                &format!("{}.MessageType", detail.place),
                "`ScheduledNotification` beside `MaximumExecutionFrequency`",
                &Value::from(message_type.as_str()),
            ));
        }
        frequency = detailed.or(frequency);
        message_types.push(message_type);
    }
    if message_types.is_empty() {
        return Err(unexpected(
            &place,
            "at least one message type for a custom Lambda rule",
            &Value::Array(Vec::new()),
        ));
    }
    message_types.sort_unstable();
    message_types.dedup();
    Ok((message_types, frequency.unwrap_or_default()))
}

/// `InputParameters` is an object, or the text of one; values are passed on as text.
fn input_parameters(properties: &Section<'_>) -> Result<BTreeMap<String, String>, PackError> {
    let place = format!("{}.InputParameters", properties.place);
    let refused = |found: &Value| unexpected(&place, "a JSON object of names and values", found);
    let members = match properties.members.get("InputParameters") {
        None => return Ok(BTreeMap::new()),
        Some(Value::Object(members)) => members.clone(),
        Some(Value::String(text)) if text.trim().is_empty() => return Ok(BTreeMap::new()),
        Some(found @ Value::String(text)) => serde_json::from_str(text).map_err(|_| refused(found))?,
        Some(other) => return Err(refused(other)),
    };
    members
        .into_iter()
        .map(|(name, value)| match as_text(&value) {
            Some(text) => Ok((name, text)),
            None => Err(unexpected(&format!("{place}.{name}"), "a text, a number or a switch", &value)),
        })
        .collect()
}

fn read_scope(rule: &mut PackRule, scope: &Section<'_>) -> Result<(), PackError> {
    let place = format!("{}.ComplianceResourceTypes", scope.place);
    let types = scope.list("ComplianceResourceTypes")?;
    check_limit(&place, types.len(), MAX_SCOPE_TYPES, "resource types")?;
    for resource_type in types {
        match resource_type.as_str() {
            Some(text) => rule.resource_types.push(text.to_owned()),
            None => return Err(unexpected(&place, "a list of resource types", resource_type)),
        }
    }
    rule.resource_id = scope.text("ComplianceResourceId")?;
    if rule.resource_id.is_some() && rule.resource_types.len() != 1 {
        let types = Value::Array(types.to_vec());
        return Err(unexpected(&place, "one resource type beside `ComplianceResourceId`", &types));
    }
    let (key, value) = (scope.text("TagKey")?, scope.text("TagValue")?);
    if let (None, Some(value)) = (&key, &value) {
        return Err(unexpected(
            &format!("{}.TagKey", scope.place),
            "a tag's key beside `TagValue`",
            &Value::from(value.as_str()),
        ));
    }
    rule.tag = key.map(|key| (key, value));
    let is_periodic_only = rule.message_types.iter().all(|one| *one == MessageType::ScheduledNotification);
    if is_periodic_only {
        return Err(PackError::Unexpected {
            place: scope.place.clone(),
            expected: "no scope on a rule that is only scheduled".to_owned(),
            found: "one".to_owned(),
        });
    }
    Ok(())
}

/// An evaluated object and its dotted path.
struct Section<'a> {
    place: String,
    members: &'a Map<String, Value>,
}

impl Section<'_> {
    fn section(&self, key: &str) -> Result<Option<Section<'_>>, PackError> {
        let place = format!("{}.{key}", self.place);
        match self.members.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(members)) => Ok(Some(Section { place, members })),
            Some(other) => Err(unexpected(&place, "an object", other)),
        }
    }

    fn text(&self, key: &str) -> Result<Option<String>, PackError> {
        match self.members.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => match as_text(value) {
                Some(text) => Ok(Some(text)),
                None => Err(unexpected(&format!("{}.{key}", self.place), "a text", value)),
            },
        }
    }

    fn list(&self, key: &str) -> Result<&[Value], PackError> {
        match self.members.get(key) {
            None | Some(Value::Null) => Ok(&[]),
            Some(Value::Array(elements)) => Ok(elements),
            Some(other) => Err(unexpected(&format!("{}.{key}", self.place), "a list", other)),
        }
    }

    fn one_of<T: Copy>(
        &self,
        key: &str,
        all: &[T],
        spelling: impl Fn(&T) -> &str,
    ) -> Result<Option<T>, PackError> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        if let Some(one) = all.iter().find(|one| spelling(one) == text) {
            return Ok(Some(*one));
        }
        let words: Vec<_> = all.iter().map(spelling).collect();
        let expected = format!("one of `{}`", words.join("`, `"));
        Err(unexpected(&format!("{}.{key}", self.place), &expected, &Value::String(text)))
    }
}

//! Conformance packs: which rules there are, what triggers them, and with which parameters they run.
//!
//! A pack is a CloudFormation template of nothing but `AWS::Config::ConfigRule` and
//! `AWS::Config::RemediationConfiguration`. It is evaluated per account and Region, as AWS Config deploys it, with
//! AWS's limits enforced: a pack that is refused here would be refused there.

mod intrinsics;
mod resources;
mod template;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use config_rule::Document;
use serde_json::Value;

use crate::items::Scope;
use resources::Resources;
use template::Template;

pub(crate) use intrinsics::partition;

/// The largest `TemplateBody`, in bytes.
///
/// Source: AWS Config API Reference, `PutConformancePack`, `TemplateBody`.
pub const MAX_TEMPLATE_BYTES: usize = 51_200;

/// The largest template in a bucket, in bytes: 300 KB.
///
/// Source: AWS Config API Reference, `PutConformancePack`, `TemplateS3Uri`.
pub const MAX_TEMPLATE_OBJECT_BYTES: usize = 300 * 1_024;

/// The most parameters that a custom pack may have.
///
/// Source: AWS CloudFormation reference, `AWS::Config::ConformancePack`, `ConformancePackInputParameters`.
pub const MAX_PACK_PARAMETERS: usize = 60;

/// The most rules in one pack.
///
/// Source: AWS Config Developer Guide, service limits.
pub const MAX_RULES: usize = 130;

/// The most characters of a rule's parameters, written as JSON.
///
/// Source: AWS Config API Reference, `ConfigRule`, `InputParameters`.
pub const MAX_INPUT_PARAMETERS_CHARACTERS: usize = 1_024;

/// The longest name of a rule in a pack: the pack adds 27 characters, and `GetComplianceDetailsByConfigRule` takes 64.
///
/// Source: AWS Config API Reference, `GetComplianceDetailsByConfigRule`, `ConfigRuleName`.
pub const MAX_RULE_NAME_CHARACTERS: usize = 37;

/// The most resource types in a rule's scope.
///
/// Source: AWS Config API Reference, `Scope`, `ComplianceResourceTypes`.
pub const MAX_SCOPE_TYPES: usize = 100;

/// A conformance pack, evaluated for one account and Region.
#[derive(Clone, Debug)]
pub struct Pack {
    /// The pack's name; AWS derives each rule's suffix from it.
    pub name: String,
    /// The custom Lambda rules, by name.
    pub rules: Vec<PackRule>,
    /// The rules that only AWS runs, by name.
    pub(crate) by_aws: Vec<RuleByAws>,
    /// Logical ids of the resources that do not run here, and why.
    pub skipped: Vec<(String, String)>,
    template: Template,
    given: BTreeMap<String, String>,
    overrides: Vec<(String, String, String)>,
}

/// A custom Lambda rule of a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackRule {
    /// `ConfigRuleName`, or the logical id where there is none; without the suffix that a deployed pack adds.
    pub name: String,
    /// The resource's key in the template.
    pub logical_id: String,
    /// What the rule checks; may be empty.
    pub description: String,
    /// Name of the folder or file with the function's binary; [`Pack::read`] says how it is found.
    pub function: String,
    /// ARN of the function, as the pack's `SourceIdentifier` has it.
    pub function_arn: String,
    /// Name of the export that the ARN is imported from, if it is.
    pub import: Option<String>,
    /// `InputParameters`, each value as the text that the function is given.
    pub parameters: BTreeMap<String, String>,
    /// The events that invoke the rule, each once, in [`MessageType`]'s order.
    pub message_types: Vec<MessageType>,
    /// How often a scheduled rule runs.
    pub frequency: Frequency,
    /// The types whose changes concern the rule; every recorded type if empty.
    pub resource_types: Vec<String>,
    /// The only resource that concerns the rule, if its scope names one.
    pub resource_id: Option<String>,
    /// Key, and possibly value, of the tag that a resource must carry to concern the rule.
    pub tag: Option<(String, Option<String>)>,
}

/// A managed rule of a pack, or a policy rule. It exists where the pack is deployed, and is never evaluated here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RuleByAws {
    /// As that of a [`PackRule`].
    pub(crate) name: String,
    /// What `DescribeConfigRules` repeats of its properties.
    pub(crate) properties: Value,
}

/// What makes AWS Config invoke a rule.
///
/// Source: AWS Config API Reference, `SourceDetail`, `MessageType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MessageType {
    /// A resource changed.
    ConfigurationItemChangeNotification,
    /// A resource changed, and its item is too large for a notification.
    OversizedConfigurationItemChangeNotification,
    /// Time passed.
    ScheduledNotification,
    /// A snapshot was delivered; nothing delivers one here.
    ConfigurationSnapshotDeliveryCompleted,
}

/// How often AWS Config invokes a scheduled rule.
///
/// Source: AWS Config API Reference, `SourceDetail`, `MaximumExecutionFrequency`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Frequency {
    /// Every hour.
    OneHour,
    /// Every three hours.
    ThreeHours,
    /// Every six hours.
    SixHours,
    /// Every twelve hours.
    TwelveHours,
    /// Every day, which is also the default.
    #[default]
    TwentyFourHours,
}

/// Why a pack cannot be used. Its author must act.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// The file cannot be read.
    #[error("conformance pack `{}` cannot be read", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The text is neither YAML nor JSON.
    #[error("conformance pack is not YAML or JSON: {message}")]
    Syntax {
        /// What the parser says, with line and column.
        message: String,
    },
    /// A limit of AWS is exceeded.
    #[error("{place}: expected at most {limit} {unit}, found {found}")]
    Limit {
        /// The part of the pack.
        place: String,
        /// What AWS accepts.
        limit: usize,
        /// What is counted.
        unit: &'static str,
        /// What the pack has.
        found: usize,
    },
    /// Something is not what it must be.
    #[error("{place}: expected {expected}, found {found}")]
    Unexpected {
        /// Dotted path in the template, or the parameter.
        place: String,
        /// What AWS accepts.
        expected: String,
        /// What the pack has.
        found: String,
    },
}

impl Pack {
    /// Reads the pack of a file, for `scope`, with values for some of its parameters. The pack is called what the
    /// file is called.
    ///
    /// # Errors
    ///
    /// [`PackError`]: whoever wrote the pack, or named the file, must act.
    pub fn read_file(
        path: &Path,
        parameters: &BTreeMap<String, String>,
        scope: &Scope,
    ) -> Result<Self, PackError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| PackError::File { path: path.to_owned(), source })?;
        let stem = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        let keep = |character: char| if character.is_ascii_alphanumeric() { character } else { '-' };
        let name: String = stem.chars().map(keep).collect();
        let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic());
        Self::read(if is_name { &name } else { "pack" }, &text, parameters, scope)
    }

    /// Reads the pack in `text`, for `scope`, with values for some of its parameters.
    ///
    /// A rule's function is found by its ARN: a function that is named after the rule, with or without something in
    /// front (`anything-<rule>`), is the rule's; otherwise it is the function's name, without the prefix
    /// `serverless-conformance-`. An import of an export that is named `<prefix>:<function>` stands for the ARN of
    /// `<prefix>-<function>` in `scope`.
    ///
    /// # Errors
    ///
    /// [`PackError`]: whoever wrote the pack must act.
    pub fn read(
        name: &str,
        text: &str,
        parameters: &BTreeMap<String, String>,
        scope: &Scope,
    ) -> Result<Self, PackError> {
        Self::of_template(name, text, MAX_TEMPLATE_BYTES, parameters, scope)
    }

    /// The same for a template that lies in a bucket, where it may be larger.
    ///
    /// # Errors
    ///
    /// [`PackError`]: whoever wrote the pack must act.
    pub fn read_object(
        name: &str,
        text: &str,
        parameters: &BTreeMap<String, String>,
        scope: &Scope,
    ) -> Result<Self, PackError> {
        Self::of_template(name, text, MAX_TEMPLATE_OBJECT_BYTES, parameters, scope)
    }

    fn of_template(
        name: &str,
        text: &str,
        max_bytes: usize,
        parameters: &BTreeMap<String, String>,
        scope: &Scope,
    ) -> Result<Self, PackError> {
        let is_name = name.len() <= 256
            && name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name.chars().all(|character| character.is_ascii_alphanumeric() || character == '-');
        if !is_name {
            return Err(PackError::Unexpected {
                place: "name of the conformance pack".to_owned(),
                expected: "a letter and then up to 255 letters, digits and hyphens".to_owned(),
                found: format!("`{name}`"),
            });
        }
        let template = Template::read(text, max_bytes)?;
        let Resources { rules, by_aws, skipped } = resources::evaluate(&template, parameters, scope)?;
        let given = parameters.clone();
        Ok(Self { name: name.to_owned(), rules, by_aws, skipped, template, given, overrides: Vec::new() })
    }

    /// The same pack as AWS Config deploys it to another account or Region, with the same parameters.
    ///
    /// # Errors
    ///
    /// [`PackError`], where the pack's conditions turn out differently there.
    pub fn in_scope(&self, scope: &Scope) -> Result<Self, PackError> {
        let Resources { rules, by_aws, skipped } = resources::evaluate(&self.template, &self.given, scope)?;
        let mut pack = Self { rules, by_aws, skipped, ..self.clone() };
        for (rule, name, value) in &self.overrides {
            pack.set(rule, name, value)?;
        }
        Ok(pack)
    }

    /// The same pack with one parameter of one rule changed, whatever the template says.
    ///
    /// # Errors
    ///
    /// [`PackError::Unexpected`] if there is no such rule, [`PackError::Limit`] if its parameters grow too long.
    pub fn with_parameter(mut self, rule: &str, name: &str, value: &str) -> Result<Self, PackError> {
        self.set(rule, name, value)?;
        self.overrides.push((rule.to_owned(), name.to_owned(), value.to_owned()));
        Ok(self)
    }

    /// The same pack with only the rules that `is_wanted`.
    #[must_use]
    pub fn with_rules(mut self, is_wanted: impl Fn(&PackRule) -> bool) -> Self {
        self.rules.retain(|rule| is_wanted(rule));
        let kept: Vec<_> = self.rules.iter().map(|rule| rule.logical_id.clone()).collect();
        self.template.keep_rules(&kept);
        self
    }

    /// The values of the pack's parameters: what was given, else the template's defaults.
    #[must_use]
    pub fn parameters(&self) -> BTreeMap<String, String> {
        self.template.parameters(&self.given).unwrap_or_default()
    }

    fn set(&mut self, rule: &str, name: &str, value: &str) -> Result<(), PackError> {
        let names: Vec<_> = self.rules.iter().map(|rule| rule.name.clone()).collect();
        let Some(found) = self.rules.iter_mut().find(|candidate| candidate.name == rule) else {
            return Err(PackError::Unexpected {
                place: format!("parameter `{rule}.{name}`"),
                expected: format!("a rule of the pack `{}`: `{}`", self.name, names.join("`, `")),
                found: format!("`{rule}`"),
            });
        };
        found.parameters.insert(name.to_owned(), value.to_owned());
        resources::check_length_of_parameters(&found.logical_id, &found.parameters)
    }
}

impl PackRule {
    /// Whether AWS Config invokes the rule for events of this type.
    #[must_use]
    pub fn is_invoked_for(&self, message_type: MessageType) -> bool {
        self.message_types.contains(&message_type)
    }

    /// Whether changes of resources of a type can concern the rule.
    #[must_use]
    pub fn concerns_type(&self, resource_type: &str) -> bool {
        self.resource_types.is_empty()
            || self.resource_types.iter().any(|concerned| concerned == resource_type)
    }

    /// Whether a change of this resource concerns the rule. A deleted resource has no tags any more; it concerns the
    /// rule all the same, or nobody would retire its result.
    #[must_use]
    pub fn concerns(&self, document: &Document) -> bool {
        let has_type = self.concerns_type(&document.resource_type);
        let has_id = self.resource_id.as_ref().is_none_or(|id| *id == document.resource_id);
        let is_gone = document.status.reason_not_to_judge().is_some();
        let has_tag = self.tag.as_ref().is_none_or(|(key, value)| match document.tag(key) {
            Ok(Some(found)) => value.as_deref().is_none_or(|value| value == found),
            Ok(None) | Err(_) => is_gone,
        });
        has_type && has_id && has_tag
    }
}

impl MessageType {
    /// Every type, in the order in which rules list them.
    pub const ALL: [Self; 4] = [
        Self::ConfigurationItemChangeNotification,
        Self::OversizedConfigurationItemChangeNotification,
        Self::ScheduledNotification,
        Self::ConfigurationSnapshotDeliveryCompleted,
    ];

    /// As AWS spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ConfigurationItemChangeNotification => "ConfigurationItemChangeNotification",
            Self::OversizedConfigurationItemChangeNotification => {
                "OversizedConfigurationItemChangeNotification"
            }
            Self::ScheduledNotification => "ScheduledNotification",
            Self::ConfigurationSnapshotDeliveryCompleted => "ConfigurationSnapshotDeliveryCompleted",
        }
    }
}

impl Frequency {
    /// Every frequency, most frequent first.
    pub const ALL: [Self; 5] =
        [Self::OneHour, Self::ThreeHours, Self::SixHours, Self::TwelveHours, Self::TwentyFourHours];

    /// As AWS spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OneHour => "One_Hour",
            Self::ThreeHours => "Three_Hours",
            Self::SixHours => "Six_Hours",
            Self::TwelveHours => "Twelve_Hours",
            Self::TwentyFourHours => "TwentyFour_Hours",
        }
    }
}

impl fmt::Display for MessageType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl fmt::Display for Frequency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

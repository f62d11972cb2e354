use aws_resources::{Function, PackageType};
use config_rule::{Document, Known, Missing, Subject, Tags, Timestamp};

/// A function, with what says how old it is and what it runs on.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditedFunction {
    /// The name, which is also AWS Config's id of it.
    pub name: String,
    /// The ARN by which Amazon Inspector knows it.
    pub arn: Known<String>,
    /// What all rules read of a function.
    pub function: Function,
    /// The runtime's identifier; images have none.
    pub runtime: Known<String>,
    /// When its code or configuration was last changed.
    pub last_modified: Known<Timestamp>,
    /// The function's tags.
    pub tags: Known<Tags>,
}

impl AuditedFunction {
    /// Whether it was deployed as a container image.
    pub(crate) fn is_image(&self) -> Result<bool, Missing> {
        Ok(*self.function.package_type.get()? == PackageType::Image)
    }

    /// Whether a tag names a scanner of its dependencies; one such as `dependency-scanner: none` says the opposite.
    pub(crate) fn has_scanner_in(&self, tag_keys: &[String]) -> Result<bool, Missing> {
        const DENIALS: [&str; 6] = ["", "none", "no", "false", "off", "disabled"];
        if tag_keys.is_empty() {
            return Ok(false);
        }
        let tags = self.tags.get()?;
        let mut values = tag_keys.iter().filter_map(|key| tags.get(key));
        Ok(values.any(|value| !DENIALS.contains(&value.trim().to_ascii_lowercase().as_str())))
    }
}

impl Subject for AuditedFunction {
    fn read(document: &Document) -> Option<Self> {
        let root = document.properties();
        let text = |path| root.text(path).map(ToOwned::to_owned);
        let arn = document.arn.clone().map_or_else(|| text("configuration.functionArn"), Known::Value);
        Some(Self {
            name: document.resource_id.clone(),
            arn,
            function: Function::read(document)?,
            runtime: text("configuration.runtime"),
            last_modified: root.timestamp("configuration.lastModified"),
            tags: document.tags.clone(),
        })
    }
}

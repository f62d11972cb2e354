use config_rule::{Document, Known, Subject, Tags, Timestamp};

use crate::function::Function;
use crate::platform_helpers::is_platform_helper;
use crate::stack_membership::StackMembership;

/// A Lambda function, as far as it tells how it came to be deployed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeployedFunction {
    /// Its name, which is its id in AWS Config.
    pub name: String,
    /// Its Region.
    pub region: Option<String>,
    /// When its code or configuration was last changed, by whomever.
    pub last_modified: Known<Timestamp>,
    /// Its tags.
    pub tags: Known<Tags>,
    /// The stack that manages it, if one does.
    pub stack: Known<Option<StackMembership>>,
}

impl DeployedFunction {
    /// The name that the template of its stack gives it, if it has a stack and its tags are known.
    #[must_use]
    pub fn logical_id(&self) -> Option<&str> {
        self.stack.get().ok()?.as_ref()?.logical_id.as_deref()
    }

    /// Whether a deployment tool put it into its stack for itself.
    #[must_use]
    pub fn is_platform_helper(&self) -> bool {
        self.logical_id().is_some_and(is_platform_helper)
    }
}

impl Subject for DeployedFunction {
    fn read(document: &Document) -> Option<Self> {
        if document.resource_type != Function::TYPE {
            return None;
        }
        Some(Self {
            name: document.resource_id.clone(),
            region: document.region.clone(),
            last_modified: document.properties().timestamp("configuration.lastModified"),
            tags: document.tags.clone(),
            stack: StackMembership::of(document),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_function_of_a_query_row_is_read() {
        let item = json!({
            "resourceType": "AWS::Lambda::Function", "resourceId": "orders",
            "tags": [{"tag": "terraform=shop", "key": "terraform", "value": "shop"}],
            "configuration": {"lastModified": "2018-10-17T15:12:52.533+0000"},
        });
        let function = DeployedFunction::read(&Document::from_item(item).unwrap()).unwrap();
        assert_eq!(function.last_modified, Known::Value("2018-10-17T15:12:52.533Z".parse().unwrap()));
        assert_eq!(function.stack, Known::Value(None));
        assert_eq!(function.tags.get().unwrap().get("terraform"), Some("shop"));
    }

    #[test]
    fn another_type_is_not_a_function() {
        let bucket =
            Document::from_item(json!({"resourceType": "AWS::S3::Bucket", "resourceId": "b"})).unwrap();
        assert_eq!(DeployedFunction::read(&bucket), None);
    }
}

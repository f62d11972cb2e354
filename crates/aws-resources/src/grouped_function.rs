use config_rule::{Document, Known, Subject};

use crate::function::Function;
use crate::group::GroupEvidence;
use crate::stack_membership::StackMembership;

/// A Lambda function, as far as it tells to whom it belongs and what it runs as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupedFunction {
    /// The function's name.
    pub name: String,
    /// The function's ARN, without version or alias.
    pub arn: Known<String>,
    /// ARN of the role that it runs with.
    pub role_arn: Known<String>,
    /// To which group it belongs.
    pub group_evidence: GroupEvidence,
}

impl GroupedFunction {
    /// Whether a deployment tool put it into its stack for itself.
    #[must_use]
    pub fn is_platform_helper(&self) -> bool {
        let stack = self.group_evidence.stack.get();
        stack.is_ok_and(|stack| stack.as_ref().is_some_and(StackMembership::is_of_platform_helper))
    }
}

impl Subject for GroupedFunction {
    fn read(document: &Document) -> Option<Self> {
        if document.resource_type != Function::TYPE {
            return None;
        }
        let text = |path| document.properties().text(path).map(ToOwned::to_owned);
        let name = document.resource_name.as_ref().unwrap_or(&document.resource_id);
        Some(Self {
            name: name.clone(),
            arn: match &document.arn {
                Some(arn) => Known::Value(arn.clone()),
                None => text("configuration.functionArn"),
            },
            role_arn: text("configuration.role"),
            group_evidence: GroupEvidence::of(document),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const ARN: &str = "arn:aws:lambda:eu-west-1:111122223333:function:orders";

    #[test]
    fn a_function_of_a_query_row_is_read() {
        let function = read(json!({
            "resourceName": "orders", "arn": ARN, "tags": [{"tag": "service=shop", "key": "service", "value": "shop"}],
            "configuration": {"role": "arn:aws:iam::111122223333:role/orders"},
        }));
        assert_eq!(function.name, "orders");
        assert_eq!(function.arn, Known::Value(ARN.to_owned()));
        assert_eq!(function.role_arn, Known::Value("arn:aws:iam::111122223333:role/orders".to_owned()));
        assert_eq!(function.group_evidence.stack, Known::Value(None));
        assert!(!function.is_platform_helper());
    }

    #[test]
    fn an_item_without_arn_has_it_in_its_configuration() {
        let function = read(json!({"configuration": {"functionArn": ARN}}));
        assert_eq!(function.arn, Known::Value(ARN.to_owned()));
        assert!(read(json!({"configuration": {}})).arn.get().is_err());
    }

    #[test]
    fn another_type_is_not_a_function() {
        let bucket =
            Document::from_item(json!({"resourceType": "AWS::S3::Bucket", "resourceId": "b"})).unwrap();
        assert_eq!(GroupedFunction::read(&bucket), None);
    }

    fn read(mut item: Value) -> GroupedFunction {
        item["resourceType"] = json!(Function::TYPE);
        item["resourceId"] = json!("orders");
        GroupedFunction::read(&Document::from_item(item).unwrap()).unwrap()
    }
}

use config_rule::{Document, Known};

use crate::platform_helpers::is_platform_helper;

/// Which CloudFormation stack manages a resource, by the tags that CloudFormation puts on what it creates.
///
/// Source: AWS CloudFormation User Guide, "Resource tag": `aws:cloudformation:` is reserved, nobody else can set them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackMembership {
    /// ARN of the stack; for a resource of a nested stack that of the nested one.
    pub stack_id: String,
    /// The stack's name, which the ARN holds as well.
    pub stack_name: String,
    /// The name that the template gives the resource.
    pub logical_id: Option<String>,
}

impl StackMembership {
    /// The membership of the resource of `document`; `None` if no stack created it, unknown if its tags are.
    #[must_use]
    pub fn of(document: &Document) -> Known<Option<Self>> {
        document
            .tags
            .get()
            .map(|tags| {
                let tag = |name: &str| tags.get(name).map(ToOwned::to_owned);
                let stack_id = tag("aws:cloudformation:stack-id")?;
                let stack_name = tag("aws:cloudformation:stack-name")
                    .or_else(|| name_in_id(&stack_id))
                    .unwrap_or_else(|| stack_id.clone());
                Some(Self { stack_id, stack_name, logical_id: tag("aws:cloudformation:logical-id") })
            })
            .into()
    }

    /// Whether the resource is a function that a deployment tool put into the stack for itself.
    #[must_use]
    pub fn is_of_platform_helper(&self) -> bool {
        self.logical_id.as_deref().is_some_and(is_platform_helper)
    }
}

/// `shop` of `arn:aws:cloudformation:eu-west-1:111122223333:stack/shop/d23edf20`.
fn name_in_id(stack_id: &str) -> Option<String> {
    stack_id.split('/').nth(1).map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use config_rule::Missing;
    use serde_json::{Value, json};

    use super::*;

    const STACK: &str = "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop/d23edf20";

    #[test]
    fn all_three_tags_are_read() {
        let tags = json!({
            "aws:cloudformation:stack-id": STACK, "aws:cloudformation:stack-name": "shop",
            "aws:cloudformation:logical-id": "Orders", "service": "orders",
        });
        assert_eq!(membership(&tags), Known::Value(Some(of_shop(Some("Orders")))));
    }

    #[test]
    fn the_id_alone_holds_the_name() {
        let tags = json!({ "aws:cloudformation:stack-id": STACK });
        assert_eq!(membership(&tags), Known::Value(Some(of_shop(None))));
    }

    #[test]
    fn no_tags_mean_no_stack_and_unrecorded_tags_mean_nothing() {
        assert_eq!(membership(&json!({"service": "orders"})), Known::Value(None));
        assert!(matches!(membership(&Value::Null), Known::Unknown(Missing::NotRecorded { .. })));
    }

    fn of_shop(logical_id: Option<&str>) -> StackMembership {
        StackMembership {
            stack_id: STACK.to_owned(),
            stack_name: "shop".to_owned(),
            logical_id: logical_id.map(ToOwned::to_owned),
        }
    }

    fn membership(tags: &Value) -> Known<Option<StackMembership>> {
        let item = json!({"resourceType": "AWS::Lambda::Function", "resourceId": "orders", "tags": tags, "configuration": {}});
        StackMembership::of(&Document::from_item(item).unwrap())
    }
}

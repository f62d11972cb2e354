use config_rule::{Document, Known, Missing, Node, Subject};

/// A CloudFormation stack, with the resources that it lists as its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stack {
    /// The stack's name; that of a nested stack is generated from its parent's.
    pub name: Known<String>,
    /// ARN of the stack in which this one is nested, if it is.
    pub parent_id: Known<Option<String>>,
    /// Every resource that CloudFormation lists, those that are gone included; a nested stack is one of them, its
    /// resources are not.
    pub resources: Known<Vec<StackResource>>,
}

/// One resource of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackResource {
    /// The name that the template gives it.
    pub logical_id: String,
    /// The name or id that it has; `None` until it exists.
    pub physical_id: Option<String>,
    /// CloudFormation type name.
    pub resource_type: String,
    /// CloudFormation's status, such as `CREATE_COMPLETE`.
    pub status: Option<String>,
}

impl Stack {
    /// CloudFormation type name.
    pub const TYPE: &'static str = "AWS::CloudFormation::Stack";

    /// The place of the list of resources in a configuration item.
    pub const RESOURCES_PATH: &'static str = "supplementaryConfiguration.StackResourceSummaries";

    /// The resources that the stack holds now.
    ///
    /// # Errors
    ///
    /// [`Missing`] where the item does not list the resources.
    pub fn held_resources(&self) -> Result<Vec<&StackResource>, Missing> {
        Ok(self.resources.get()?.iter().filter(|resource| !resource.has_left()).collect())
    }
}

impl Subject for Stack {
    fn read(document: &Document) -> Option<Self> {
        if document.resource_type != Self::TYPE {
            return None;
        }
        let root = document.properties();
        let resources = root.list(Self::RESOURCES_PATH);
        Some(Self {
            name: root.text("configuration.stackName").map(ToOwned::to_owned),
            parent_id: optional_text(&root, "configuration.parentId").into(),
            resources: resources
                .and_then(|list| list.iter().map(|node| read_resource(node).into()).collect()),
        })
    }
}

impl StackResource {
    /// Whether the stack no longer holds it: it was deleted, or left behind when it was removed from the template.
    ///
    /// Source: AWS CloudFormation API Reference, `StackResourceSummary`, `ResourceStatus`.
    #[must_use]
    pub fn has_left(&self) -> bool {
        matches!(self.status.as_deref(), Some("DELETE_COMPLETE" | "DELETE_SKIPPED"))
    }
}

fn read_resource(node: &Node<'_>) -> Result<StackResource, Missing> {
    Ok(StackResource {
        logical_id: (*node.text("logicalResourceId").get()?).to_owned(),
        physical_id: optional_text(node, "physicalResourceId")?,
        resource_type: (*node.text("resourceType").get()?).to_owned(),
        status: optional_text(node, "resourceStatus")?,
    })
}

fn optional_text(node: &Node<'_>, path: &str) -> Result<Option<String>, Missing> {
    node.text(path).optional().get().map(|text| text.map(ToOwned::to_owned))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_stack_of_the_api_is_read() {
        let stack = read(json!({
            "configuration": json!({"stackName": "shop", "parentId": "arn:p"}).to_string(),
            "supplementaryConfiguration": {"StackResourceSummaries": json!([
                {"logicalResourceId": "Orders", "physicalResourceId": "orders", "resourceType": "AWS::DynamoDB::Table",
                 "resourceStatus": "CREATE_COMPLETE"},
            ]).to_string()},
        }));
        assert_eq!(stack.name, Known::Value("shop".to_owned()));
        assert_eq!(stack.parent_id, Known::Value(Some("arn:p".to_owned())));
        assert_eq!(
            stack.held_resources(),
            Ok(vec![&StackResource {
                logical_id: "Orders".to_owned(),
                physical_id: Some("orders".to_owned()),
                resource_type: "AWS::DynamoDB::Table".to_owned(),
                status: Some("CREATE_COMPLETE".to_owned()),
            }])
        );
    }

    #[test]
    fn deleted_and_skipped_resources_are_not_held() {
        for (status, is_held) in [
            ("DELETE_COMPLETE", false),
            ("DELETE_SKIPPED", false),
            ("DELETE_FAILED", true),
            ("UPDATE_COMPLETE", true),
        ] {
            let stack = read(json!({"supplementaryConfiguration": {"StackResourceSummaries": [
                {"logicalResourceId": "Orders", "resourceType": "AWS::DynamoDB::Table", "resourceStatus": status},
            ]}}));
            assert_eq!(stack.held_resources().map(|held| held.len()), Ok(usize::from(is_held)), "{status}");
        }
    }

    #[test]
    fn a_root_stack_has_no_parent() {
        assert_eq!(read(json!({"configuration": {}})).parent_id, Known::Value(None));
    }

    #[test]
    fn resources_that_are_not_listed_are_unknown_and_not_none() {
        for (item, message) in [
            (json!({}), "`supplementaryConfiguration` is not recorded"),
            (
                json!({"supplementaryConfiguration": {}}),
                "`supplementaryConfiguration.StackResourceSummaries` is absent",
            ),
            (
                json!({"supplementaryConfiguration": {"StackResourceSummaries": [{"logicalResourceId": "A"}]}}),
                "`supplementaryConfiguration.StackResourceSummaries[0].resourceType` is absent",
            ),
        ] {
            assert_eq!(read(item).held_resources().unwrap_err().to_string(), message);
        }
    }

    fn read(mut item: Value) -> Stack {
        item["resourceType"] = json!(Stack::TYPE);
        item["resourceId"] = json!("arn:aws:cloudformation:eu-west-1:111122223333:stack/shop/1");
        Stack::read(&Document::from_item(item).unwrap()).unwrap()
    }
}

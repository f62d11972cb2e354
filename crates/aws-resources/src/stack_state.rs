use config_rule::{Document, Known, Missing, Node, Subject, Timestamp};

use crate::stack::Stack;

/// How a CloudFormation stack came to be as it is: who deploys it, when it last changed, whether it drifted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackState {
    /// ARN of the stack, which is its id in AWS Config.
    pub id: String,
    /// The stack's name.
    pub name: Known<String>,
    /// ARN of the stack in which this one is nested, if it is.
    pub parent_id: Known<Option<String>>,
    /// CloudFormation's status, such as `UPDATE_COMPLETE`.
    pub status: Known<String>,
    /// ARN of the role with which CloudFormation acts; `None` if it acts with that of whoever deploys.
    pub role_arn: Known<Option<String>>,
    /// When CloudFormation last began to create or to update it.
    pub last_begin: Known<Timestamp>,
    /// The last time at which CloudFormation began or finished anything: the creation, the update, or one resource.
    pub last_change: Known<Timestamp>,
    /// When AWS Config recorded this.
    pub capture_time: Option<Timestamp>,
    /// What drift detection says of the stack: `DRIFTED`, `IN_SYNC`, `UNKNOWN` or `NOT_CHECKED`.
    pub drift: Known<String>,
    /// What drift detection says of each resource that it looked at.
    pub drifted_resources: Known<Vec<ResourceDrift>>,
}

/// What drift detection says of one resource of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceDrift {
    /// The name that the template gives the resource.
    pub logical_id: String,
    /// `IN_SYNC`, `MODIFIED`, `DELETED`, `NOT_CHECKED`, `UNKNOWN` or `UNSUPPORTED`.
    pub status: String,
}

impl StackState {
    /// Whether CloudFormation is at work on the stack, so that its item says nothing final.
    ///
    /// Source: AWS CloudFormation API Reference, `Stack`, `StackStatus`.
    ///
    /// # Errors
    ///
    /// [`Missing`] where the item does not hold the status.
    pub fn is_in_progress(&self) -> Result<bool, Missing> {
        Ok(self.status.get()?.ends_with("_IN_PROGRESS"))
    }
}

impl Subject for StackState {
    fn read(document: &Document) -> Option<Self> {
        if document.resource_type != Stack::TYPE {
            return None;
        }
        let root = document.properties();
        let text = |path| root.text(path).map(ToOwned::to_owned);
        Some(Self {
            id: document.resource_id.clone(),
            name: text("configuration.stackName"),
            parent_id: text("configuration.parentId").optional(),
            status: text("configuration.stackStatus"),
            role_arn: text("configuration.roleARN").optional(),
            last_begin: last_begin(&root).into(),
            last_change: last_change(&root).into(),
            capture_time: document.capture_time,
            drift: text("configuration.driftInformation.stackDriftStatus"),
            drifted_resources: drifted_resources(&root).into(),
        })
    }
}

fn last_begin(root: &Node<'_>) -> Result<Timestamp, Missing> {
    let created = *root.timestamp("configuration.creationTime").get()?;
    let updated = *root.timestamp("configuration.lastUpdatedTime").optional().get()?;
    Ok(updated.map_or(created, |updated| created.max(updated)))
}

/// The last resource may follow hours after an update began; each resource's own time is when CloudFormation was done with
/// it. So without the list of resources nobody knows.
fn last_change(root: &Node<'_>) -> Result<Timestamp, Missing> {
    let mut last = last_begin(root)?;
    for resource in root.list(Stack::RESOURCES_PATH).get()? {
        if let Some(done) = *resource.timestamp("lastUpdatedTimestamp").optional().get()? {
            last = last.max(done);
        }
    }
    Ok(last)
}

fn drifted_resources(root: &Node<'_>) -> Result<Vec<ResourceDrift>, Missing> {
    let mut drifts = Vec::new();
    for resource in root.list(Stack::RESOURCES_PATH).get()? {
        let status = resource.text("driftInformation.stackResourceDriftStatus").optional();
        if let Some(status) = *status.get()? {
            let logical_id = (*resource.text("logicalResourceId").get()?).to_owned();
            drifts.push(ResourceDrift { logical_id, status: status.to_owned() });
        }
    }
    Ok(drifts)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_stack_of_the_api_is_read() {
        let stack = read(json!({
            "configuration": json!({
                "stackName": "shop", "stackStatus": "UPDATE_COMPLETE", "creationTime": "Aug 13, 2026 8:39:10 AM",
                "lastUpdatedTime": "Sep 1, 2026 9:00:00 AM", "roleARN": "arn:aws:iam::111122223333:role/deploy",
                "driftInformation": {"stackDriftStatus": "DRIFTED"},
            }).to_string(),
            "supplementaryConfiguration": {"StackResourceSummaries": json!([
                {"logicalResourceId": "Orders", "lastUpdatedTimestamp": "Sep 1, 2026 9:01:00 AM",
                 "driftInformation": {"stackResourceDriftStatus": "MODIFIED"}},
            ]).to_string()},
            "configurationItemCaptureTime": "2026-09-01T09:05:00.000Z",
        }));
        assert_eq!(stack.last_change, time("2026-09-01T09:01:00Z"));
        assert_eq!(stack.role_arn, Known::Value(Some("arn:aws:iam::111122223333:role/deploy".to_owned())));
        assert_eq!(stack.parent_id, Known::Value(None));
        assert_eq!(stack.drift, Known::Value("DRIFTED".to_owned()));
        let orders = ResourceDrift { logical_id: "Orders".to_owned(), status: "MODIFIED".to_owned() };
        assert_eq!(stack.drifted_resources, Known::Value(vec![orders]));
        assert_eq!(stack.capture_time, "2026-09-01T09:05:00Z".parse().ok());
    }

    #[test]
    fn the_latest_of_creation_update_and_resources_counts() {
        let with = |created: &str, updated: &str, resource: &str| {
            read(json!({
                "configuration": {"creationTime": created, "lastUpdatedTime": updated},
                "supplementaryConfiguration": {"StackResourceSummaries": [{"lastUpdatedTimestamp": resource}]},
            }))
            .last_change
        };
        let (first, second, third) = ("2026-09-01T09:00:00Z", "2026-09-02T09:00:00Z", "2026-09-03T09:00:00Z");
        assert_eq!(with(third, second, first), time(third));
        assert_eq!(with(first, third, second), time(third));
        assert_eq!(with(first, second, third), time(third));
    }

    #[test]
    fn without_its_resources_it_is_known_when_an_update_began_but_not_when_it_ended() {
        for supplementary in [json!(null), json!({}), json!({"StackResourceSummaries": null})] {
            let stack = read(json!({
                "configuration": {"creationTime": "2026-09-01T09:00:00Z", "lastUpdatedTime": "2026-09-02T09:00:00Z"},
                "supplementaryConfiguration": supplementary,
            }));
            assert_eq!(stack.last_begin, time("2026-09-02T09:00:00Z"));
            assert!(stack.last_change.get().is_err());
        }
    }

    #[test]
    fn a_time_that_cannot_be_read_leaves_the_last_change_open() {
        for configuration in [
            json!({"creationTime": "soon"}),
            json!({"creationTime": "2026-09-01T09:00:00Z", "lastUpdatedTime": "soon"}),
            json!({}),
        ] {
            let supplementary = json!({"StackResourceSummaries": []});
            let item = json!({"configuration": configuration, "supplementaryConfiguration": supplementary});
            assert!(read(item).last_change.get().is_err());
        }
    }

    #[test]
    fn only_states_in_progress_are_in_progress() {
        for (status, is_in_progress) in [
            ("UPDATE_IN_PROGRESS", true),
            ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", true),
            ("REVIEW_IN_PROGRESS", true),
            ("UPDATE_COMPLETE", false),
            ("UPDATE_ROLLBACK_FAILED", false),
        ] {
            let stack = read(json!({"configuration": {"stackStatus": status}}));
            assert_eq!(stack.is_in_progress(), Ok(is_in_progress), "{status}");
        }
        assert!(read(json!({"configuration": {}})).is_in_progress().is_err());
    }

    fn time(text: &str) -> Known<Timestamp> {
        Known::Value(text.parse().unwrap())
    }

    fn read(mut item: Value) -> StackState {
        item["resourceType"] = json!(Stack::TYPE);
        item["resourceId"] = json!("arn:aws:cloudformation:eu-west-1:111122223333:stack/shop/1");
        StackState::read(&Document::from_item(item).unwrap()).unwrap()
    }
}

//! Answers a rule's questions about other resources from the items at hand.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use config_rule::{BoxFuture, Documents, Inventory, InventoryError, Known, Missing, Selector};
use serde_json::Value;

use crate::deployment::Deployment;
use crate::iam::{self, Lookup, MANAGED_POLICY, POLICY, ROLE};
use crate::inspector::{self, COVERAGE, FINDING};
use crate::items::{ConfigurationItems, Scope};
use crate::pack::Pack;
use crate::recorder::{is_supported, recorder, records};
use crate::set_up::{self, SetUp};

/// The inventory of one account in one Region.
///
/// It answers as the rules' functions find out, from AWS Config and, where that has nothing, from IAM, Amazon Inspector
/// and AWS Config's own set-up.
#[derive(Debug)]
pub struct ItemsInventory<'a> {
    items: &'a ConfigurationItems,
    scope: Scope,
    recorder: Value,
    deployment: Option<Deployment>,
    /// The items of the types that were asked for: whatever is read from all of a type is read once.
    recorded: Mutex<HashMap<String, Documents>>,
    /// AWS-managed policies by their ARNs: reading a document takes longer than judging it.
    managed_policies: Mutex<HashMap<String, Known<Documents>>>,
}

impl<'a> ItemsInventory<'a> {
    /// The inventory that a rule deployed in `scope` sees.
    #[must_use]
    pub fn new(items: &'a ConfigurationItems, scope: Scope) -> Self {
        let recorder = recorder(items, &scope);
        Self {
            items,
            scope,
            recorder,
            deployment: None,
            recorded: Mutex::default(),
            managed_policies: Mutex::default(),
        }
    }

    /// The same where a pack is deployed, as it is where the rules' functions run: AWS Config's rules include the pack's.
    #[must_use]
    pub fn with_pack(self, pack: &Pack) -> Self {
        let deployment = Some(Deployment::new(pack.clone(), &self.scope));
        Self { deployment, ..self }
    }

    fn answer(&self, resource_type: &str, selector: Selector<'_>) -> Known<Documents> {
        match resource_type {
            COVERAGE | FINDING => inspector::documents(self.items, &self.scope, resource_type, selector)
                .map(|documents| documents.into_iter().collect()),
            MANAGED_POLICY => self.managed_policy(selector),
            _ if set_up::TYPES.contains(&resource_type) => {
                let set_up = SetUp::new(self.items, &self.scope, None);
                if !set_up.is_evidence_of(resource_type) {
                    return not_recorded(resource_type);
                }
                let documents = set_up.documents(self.deployment.as_ref(), resource_type, selector);
                Known::Value(documents.into_iter().collect())
            }
            // What AWS Config cannot record, it does not tell of either, whatever the input holds.
            _ if !is_supported(resource_type) => not_recorded(resource_type),
            _ => match self.recorded(resource_type, selector) {
                Known::Unknown(_) if [ROLE, POLICY].contains(&resource_type) => {
                    self.of_iam(resource_type, selector)
                }
                answer => answer,
            },
        }
    }

    /// A policy of AWS is one of the same few for most roles.
    fn managed_policy(&self, selector: Selector<'_>) -> Known<Documents> {
        let Selector::Arn(arn) = selector else { return self.of_iam(MANAGED_POLICY, selector) };
        let mut known = self.managed_policies.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = known.entry(arn.to_owned()).or_insert_with(|| self.of_iam(MANAGED_POLICY, selector));
        answer.clone()
    }

    /// What IAM can be asked for: a role by its name, a policy by its ARN.
    fn of_iam(&self, resource_type: &str, selector: Selector<'_>) -> Known<Documents> {
        let role = |name| match iam::role(self.items, &self.scope, name) {
            Lookup::Found(role) => Lookup::Found(Arc::clone(role)),
            Lookup::NoSuchEntity => Lookup::NoSuchEntity,
            Lookup::NotKnown => Lookup::NotKnown,
        };
        let found = match (resource_type, selector) {
            (ROLE, Selector::Named(name)) => role(name),
            (ROLE, Selector::Arn(arn)) => role(arn.rsplit_once('/').map_or(arn, |(_, name)| name)),
            // The other kind of policy is another type, of which there is none with this ARN.
            (POLICY | MANAGED_POLICY, Selector::Arn(arn))
                if iam::is_aws_managed(arn) != (resource_type == MANAGED_POLICY) =>
            {
                Lookup::NoSuchEntity
            }
            (POLICY | MANAGED_POLICY, Selector::Arn(arn)) => iam::policy(self.items, &self.scope, arn),
            _ => Lookup::NotKnown,
        };
        match found {
            Lookup::Found(document) => Known::Value(
                Some(document).filter(|document| selector.selects(document)).into_iter().collect(),
            ),
            Lookup::NoSuchEntity => Known::Value(Documents::default()),
            Lookup::NotKnown => not_recorded(resource_type),
        }
    }

    fn recorded(&self, resource_type: &str, selector: Selector<'_>) -> Known<Documents> {
        let selected = self.all_recorded(resource_type).selected(selector);
        // What has a name is found or not; a list without some of its elements says something else than the whole.
        let is_about_one = matches!(selector, Selector::Id(_) | Selector::Named(_) | Selector::Arn(_));
        if self.items.lacks_some_of(&self.scope.account_id, resource_type)
            && (selected.is_empty() || !is_about_one)
        {
            return not_recorded(resource_type);
        }
        // That nothing was found is a promise that nothing is there only if something would have been recorded.
        if selected.is_empty() && !records(&self.recorder, resource_type) {
            return not_recorded(resource_type);
        }
        Known::Value(selected)
    }

    fn all_recorded(&self, resource_type: &str) -> Documents {
        let mut recorded = self.recorded.lock().unwrap_or_else(PoisonError::into_inner);
        let of_type = recorded
            .entry(resource_type.to_owned())
            .or_insert_with(|| self.items.visible_of_type(&self.scope, resource_type).cloned().collect());
        of_type.clone()
    }
}

fn not_recorded(resource_type: &str) -> Known<Documents> {
    Known::Unknown(Missing::NotRecorded { what: resource_type.to_owned() })
}

impl Inventory for ItemsInventory<'_> {
    fn find<'a>(
        &'a self,
        resource_type: &'a str,
        selector: Selector<'a>,
    ) -> BoxFuture<'a, Result<Known<Documents>, InventoryError>> {
        let answer = if self.items.leaves_out(resource_type) {
            Err(left_out(resource_type))
        } else {
            Ok(self.answer(resource_type, selector))
        };
        Box::pin(std::future::ready(answer))
    }
}

/// Better no verdict than one that takes items for absent which are there.
fn left_out(resource_type: &str) -> InventoryError {
    InventoryError {
        question: format!("what {resource_type} there is"),
        is_permanent: true,
        source: "its items were left out when the input was read, although a rule needs them".into(),
    }
}

#[cfg(test)]
mod tests {
    use config_rule::{Document, Kept};
    use serde_json::json;

    use super::*;

    #[test]
    fn neighbours_are_found_by_id_name_and_reference() {
        let items = items();
        let inventory = ItemsInventory::new(&items, scope("eu-west-1"));
        let found = |selector| inventory.answer("AWS::CloudWatch::Alarm", selector).map(|found| found.len());
        assert_eq!(found(Selector::All), Known::Value(1));
        assert_eq!(found(Selector::Id("orders-errors")), Known::Value(1));
        assert_eq!(found(Selector::Named("Orders fail")), Known::Value(1));
        assert_eq!(found(Selector::ReferringTo("orders")), Known::Value(1));
        assert_eq!(found(Selector::ReferringTo("invoices")), Known::Value(0));
    }

    #[test]
    fn a_global_neighbour_is_seen_and_one_of_another_region_is_not() {
        let items = items();
        let inventory = ItemsInventory::new(&items, scope("eu-west-1"));
        let found = |resource_type| inventory.answer(resource_type, Selector::All).map(|found| found.len());
        assert_eq!(found("AWS::IAM::Role"), Known::Value(1));
        assert_eq!(
            found("AWS::SQS::Queue"),
            Known::Unknown(Missing::NotRecorded { what: "AWS::SQS::Queue".to_owned() })
        );
    }

    #[test]
    fn a_type_that_was_left_out_is_no_type_without_resources() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("items.json");
        let item = |resource_type: &str| {
            json!({"resourceType": resource_type, "resourceId": "a", "awsAccountId": "111122223333",
                "awsRegion": "eu-west-1", "configuration": {}})
        };
        let items = json!([item("AWS::SQS::Queue"), item("AWS::SNS::Topic")]);
        std::fs::write(&path, items.to_string()).unwrap();
        let kept_of = |resource_type: &str| (resource_type == "AWS::SQS::Queue").then_some(&Kept::Whole);
        let loaded = crate::items::load_wanted(&[path], &kept_of, &mut |_, _| {}).unwrap();
        let inventory = ItemsInventory::new(&loaded.items, scope("eu-west-1"));
        let found = |resource_type| {
            let answer = std::pin::pin!(inventory.find(resource_type, Selector::All));
            match answer.poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
                std::task::Poll::Ready(answer) => answer.map(|found| found.map(|found| found.len())),
                std::task::Poll::Pending => panic!("the inventory waits"),
            }
        };
        assert_eq!(found("AWS::SQS::Queue").unwrap(), Known::Value(1));
        assert!(matches!(found("AWS::DynamoDB::Table").unwrap(), Known::Unknown(_)));
        let error = found("AWS::SNS::Topic").unwrap_err().to_string();
        assert_eq!(error, "what AWS::SNS::Topic there is was not answered");
    }

    fn scope(region: &str) -> Scope {
        Scope { account_id: "111122223333".to_owned(), region: region.to_owned() }
    }

    fn items() -> ConfigurationItems {
        let item = |resource_type: &str, id: &str, region: &str, configuration: Value| {
            Document::from_item(
                json!({"resourceType": resource_type, "resourceId": id, "resourceName": "Orders fail",
                "awsAccountId": "111122223333", "awsRegion": region, "configuration": configuration}),
            )
            .unwrap()
        };
        let dimensions = json!({"dimensions": [{"name": "FunctionName", "value": "orders"}]});
        ConfigurationItems::from_documents(vec![
            item("AWS::CloudWatch::Alarm", "orders-errors", "eu-west-1", dimensions),
            item("AWS::IAM::Role", "AROA", "global", json!({})),
            item("AWS::SQS::Queue", "q", "us-east-1", json!({})),
        ])
    }
}

//! Answers a rule's questions about other resources from the items at hand.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use config_rule::{
    BoxFuture, Document, Inventory, InventoryError, Known, Missing, Selector, reference_paths,
};
use serde_json::Value;

use crate::deployment::Deployment;
use crate::iam::{self, Lookup, MANAGED_POLICY, POLICY, ROLE};
use crate::inspector::{self, COVERAGE, FINDING};
use crate::items::{ConfigurationItems, Scope};
use crate::pack::Pack;
use crate::query::property::Property;
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
    references: Mutex<HashMap<String, Arc<References<'a>>>>,
}

/// The items of one type by the texts with which they may name other resources.
type References<'a> = HashMap<&'a str, Vec<&'a Document>>;

impl<'a> ItemsInventory<'a> {
    /// The inventory that a rule deployed in `scope` sees.
    #[must_use]
    pub fn new(items: &'a ConfigurationItems, scope: Scope) -> Self {
        let recorder = recorder(items, &scope);
        Self { items, scope, recorder, deployment: None, references: Mutex::default() }
    }

    /// The same where a pack is deployed, as it is where the rules' functions run: AWS Config's rules include the pack's.
    #[must_use]
    pub fn with_pack(self, pack: &Pack) -> Self {
        let deployment = Some(Deployment::new(pack.clone(), &self.scope));
        Self { deployment, ..self }
    }

    fn answer(&self, resource_type: &str, selector: Selector<'_>) -> Known<Vec<Document>> {
        match resource_type {
            COVERAGE | FINDING => inspector::documents(self.items, &self.scope, resource_type, selector),
            MANAGED_POLICY => self.of_iam(resource_type, selector),
            _ if set_up::TYPES.contains(&resource_type) => {
                let set_up = SetUp::new(self.items, &self.scope, None);
                if !set_up.is_evidence_of(resource_type) {
                    return not_recorded(resource_type);
                }
                Known::Value(set_up.documents(self.deployment.as_ref(), resource_type, selector))
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

    /// What IAM can be asked for: a role by its name, a policy by its ARN.
    fn of_iam(&self, resource_type: &str, selector: Selector<'_>) -> Known<Vec<Document>> {
        let found = match (resource_type, selector) {
            (ROLE, Selector::Named(name)) => self.role(name),
            (ROLE, Selector::Arn(arn)) => self.role(arn.rsplit_once('/').map_or(arn, |(_, name)| name)),
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
            Lookup::NoSuchEntity => Known::Value(Vec::new()),
            Lookup::NotKnown => not_recorded(resource_type),
        }
    }

    fn role(&self, name: &str) -> Lookup<Document> {
        match iam::role(self.items, &self.scope, name) {
            Lookup::Found(role) => Lookup::Found(role.clone()),
            Lookup::NoSuchEntity => Lookup::NoSuchEntity,
            Lookup::NotKnown => Lookup::NotKnown,
        }
    }

    fn recorded(&self, resource_type: &str, selector: Selector<'_>) -> Known<Vec<Document>> {
        let candidates: Vec<_> = match selector {
            Selector::ReferringTo(id) => self.references(resource_type).get(id).cloned().unwrap_or_default(),
            _ => self.items.visible_of_type(&self.scope, resource_type).collect(),
        };
        let selected: Vec<_> =
            candidates.into_iter().filter(|document| selector.selects(document)).cloned().collect();
        // That nothing was found is a promise that nothing is there only if something would have been recorded.
        if selected.is_empty() && !records(&self.recorder, resource_type) {
            return not_recorded(resource_type);
        }
        Known::Value(selected)
    }

    /// Rules ask for the neighbours of each of their subjects; looking through all items each time would take a time
    /// that grows with the square of the account.
    fn references(&self, resource_type: &str) -> Arc<References<'a>> {
        let mut references = self.references.lock().unwrap_or_else(PoisonError::into_inner);
        let of_type = references.entry(resource_type.to_owned()).or_insert_with(|| {
            let mut of_type = References::new();
            for document in self.items.visible_of_type(&self.scope, resource_type) {
                for text in references_of(document) {
                    of_type.entry(text).or_default().push(document);
                }
            }
            Arc::new(of_type)
        });
        Arc::clone(of_type)
    }
}

fn not_recorded(resource_type: &str) -> Known<Vec<Document>> {
    Known::Unknown(Missing::NotRecorded { what: resource_type.to_owned() })
}

/// Every text by which [`Document::refers_to`] can find the document.
fn references_of(document: &Document) -> BTreeSet<&str> {
    let related =
        document.relationships.iter().flat_map(|other| [&other.resource_id, &other.resource_name]).flatten();
    let named = reference_paths(&document.resource_type)
        .iter()
        .flat_map(|path| Property::at(path).values(document.properties().value()));
    related.map(String::as_str).chain(named.filter_map(Value::as_str)).collect()
}

impl Inventory for ItemsInventory<'_> {
    fn find<'a>(
        &'a self,
        resource_type: &'a str,
        selector: Selector<'a>,
    ) -> BoxFuture<'a, Result<Known<Vec<Document>>, InventoryError>> {
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
    fn whatever_refers_to_something_is_found_by_it() {
        let item = json!({
            "resourceType": "AWS::Lambda::Function", "resourceId": "orders",
            "configuration": {"role": "arn:aws:iam::111122223333:role/orders-role"},
            "relationships": [
                {"resourceType": "AWS::IAM::Role", "resourceName": "orders-role", "name": "Is associated with "},
                {"resourceType": "AWS::EC2::Subnet", "resourceId": "subnet-1", "name": "Is contained in "},
            ],
        });
        let document = Document::from_item(item).unwrap();
        let references = references_of(&document);
        assert_eq!(references.len(), 3);
        assert!(references.into_iter().all(|text| document.refers_to(text)));
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
        let is_wanted = |resource_type: &str| resource_type == "AWS::SQS::Queue";
        let loaded = crate::items::load_wanted(&[path], &is_wanted, &mut |_, _| {}).unwrap();
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

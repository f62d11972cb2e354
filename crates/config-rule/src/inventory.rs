use std::error::Error;
use std::pin::Pin;

use crate::document::Document;
use crate::documents::Documents;
use crate::known::{Known, Missing};

/// A future that a trait object can return.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A resource type, and which resources of it are wanted.
pub type Question<'a> = (&'a str, Selector<'a>);

/// Everything that a rule may ask about other resources, in CloudFormation's type names.
///
/// An empty list is a promise that there is none; an inventory that cannot see far enough answers
/// [`Known::Unknown`].
pub trait Inventory: Send + Sync {
    /// The existing, recorded resources of a type that `selector` selects.
    ///
    /// # Errors
    ///
    /// [`InventoryError`] where the question could not be put: whoever runs the rule must act.
    fn find<'a>(
        &'a self,
        resource_type: &'a str,
        selector: Selector<'a>,
    ) -> BoxFuture<'a, Result<Known<Documents>, InventoryError>>;

    /// The answers to several questions, in their order. An inventory that asks others puts what it can into one
    /// question, so that questions which do not wait for each other's answers should be asked together.
    ///
    /// # Errors
    ///
    /// [`InventoryError`] about the first question that could not be put.
    fn find_all<'a>(
        &'a self,
        questions: &'a [Question<'a>],
    ) -> BoxFuture<'a, Result<Vec<Known<Documents>>, InventoryError>> {
        Box::pin(async move {
            let mut answers = Vec::with_capacity(questions.len());
            for &(resource_type, selector) in questions {
                answers.push(self.find(resource_type, selector).await?);
            }
            Ok(answers)
        })
    }
}

impl dyn Inventory + '_ {
    /// The same for as many questions as the code names.
    ///
    /// # Errors
    ///
    /// [`InventoryError`] about the first question that could not be put.
    pub async fn find_each<const N: usize>(
        &self,
        questions: [Question<'_>; N],
    ) -> Result<[Known<Documents>; N], InventoryError> {
        let mut answers = self.find_all(&questions).await?.into_iter();
        let left_out = |what: &str| {
            let why = "the inventory left the question out".to_owned();
            Known::Unknown(Missing::Unavailable { what: what.to_owned(), why })
        };
        Ok(questions.map(|(resource_type, _)| answers.next().unwrap_or_else(|| left_out(resource_type))))
    }
}

/// Which resources of a type are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Selector<'a> {
    /// All of them.
    All,
    /// The one with this AWS Config id.
    Id(&'a str),
    /// Those with this name.
    Named(&'a str),
    /// The one with this ARN, by which documents such as a role's attached policies name others.
    Arn(&'a str),
    /// Those that [refer](Document::refers_to) to the resource with this id, name or ARN.
    ReferringTo(&'a str),
}

impl Selector<'_> {
    /// Whether `document` is wanted. Every inventory decides by this, so that all of them agree.
    #[must_use]
    pub fn selects(&self, document: &Document) -> bool {
        match self {
            Self::All => true,
            Self::Id(id) => document.resource_id == *id,
            Self::Named(name) => document.resource_name.as_deref() == Some(name),
            Self::Arn(arn) => document.arn.as_deref() == Some(arn),
            Self::ReferringTo(id) => document.refers_to(id),
        }
    }
}

/// The properties, besides its relationships, by which a resource of this type names others.
///
/// AWS Config records few relationships; these paths are from the published item schemas and are all searchable.
#[must_use]
pub fn reference_paths(resource_type: &str) -> &'static [&'static str] {
    match resource_type {
        "AWS::CloudFormation::Stack" => {
            &["supplementaryConfiguration.StackResourceSummaries.physicalResourceId"]
        }
        "AWS::CloudWatch::Alarm" => &["configuration.dimensions.value"],
        "AWS::Lambda::Function" => &["configuration.role"],
        _ => &[],
    }
}

/// A question about other resources that could not be put or was not answered.
#[derive(Debug, thiserror::Error)]
#[error("{question} was not answered")]
pub struct InventoryError {
    /// What was asked for, such as "the alarms of `orders`".
    pub question: String,
    /// Whether asking again can help; a refusal for want of permission is permanent.
    pub is_permanent: bool,
    /// What the inventory said.
    pub source: Box<dyn Error + Send + Sync>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::document::Document;

    #[test]
    fn an_arn_selects_its_own_resource_and_neither_a_namesake_nor_one_without() {
        let arn = "arn:aws:iam::111122223333:policy/team/tables";
        for (item_arn, is_selected) in
            [(Some(arn), true), (Some("arn:aws:iam::111122223333:policy/tables"), false), (None, false)]
        {
            let document = Document::from_item(json!({
                "resourceType": "AWS::IAM::Policy", "resourceId": arn, "resourceName": "tables", "ARN": item_arn,
            }));
            assert_eq!(Selector::Arn(arn).selects(&document.unwrap()), is_selected, "{item_arn:?}");
        }
    }
}

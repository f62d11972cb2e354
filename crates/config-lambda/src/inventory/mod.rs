//! Other resources, as AWS Config and further evidence know them.

mod config;
mod discover;
pub(crate) mod items;
mod recorded;
mod select;

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;

use config_rule::{BoxFuture, Document, Inventory, InventoryError, Known, Missing, Selector};
use tokio::sync::{Mutex, OnceCell};

use crate::clients::Session;
use crate::error::CallError;
use crate::evidence::Evidence;
use config::RecordedItems;

/// A rule's inventory, for the length of one invocation.
pub(crate) struct AwsInventory<'a> {
    session: Session<'a>,
    breadth: Breadth,
    recorded_items: RecordedItems<'a>,
    evidence: &'static [&'static dyn Evidence],
    answers: Mutex<BTreeMap<Question, Arc<OnceCell<Answer>>>>,
    whole_types: Mutex<BTreeMap<String, Arc<OnceCell<Answer>>>>,
}

/// How much to fetch at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Breadth {
    /// What is asked for: few resources are judged.
    AsAsked,
    /// The whole type, once: so many resources are judged that asking for each would be throttled.
    WholeTypes,
}

/// Type, kind of selector and what it selects by.
type Question = (String, &'static str, String);

type Answer = Result<Known<Vec<Document>>, Arc<LookupError>>;

impl<'a> AwsInventory<'a> {
    pub(crate) fn new(
        session: Session<'a>,
        breadth: Breadth,
        evidence: &'static [&'static dyn Evidence],
    ) -> Self {
        Self {
            session,
            breadth,
            recorded_items: RecordedItems::new(session, breadth),
            evidence,
            answers: Mutex::default(),
            whole_types: Mutex::default(),
        }
    }

    /// The answer to a question, which is asked once; a question that failed would fail again.
    async fn remembered(&self, resource_type: &str, selector: Selector<'_>) -> Answer {
        // Of a whole type one copy is enough, and the parts have it.
        if self.breadth == Breadth::WholeTypes && selector == Selector::All {
            return self.answer(resource_type, selector).await;
        }
        let (kind, value) = match selector {
            Selector::All => ("all", ""),
            Selector::Id(id) => ("id", id),
            Selector::Named(name) => ("name", name),
            Selector::Arn(arn) => ("ARN", arn),
            Selector::ReferringTo(id) => ("reference", id),
        };
        let question = (resource_type.to_owned(), kind, value.to_owned());
        let answer = self.answers.lock().await.entry(question).or_default().clone();
        answer.get_or_init(|| self.answer(resource_type, selector)).await.clone()
    }

    /// AWS Config's answer, or where it records nothing, that of further evidence.
    async fn answer(&self, resource_type: &str, selector: Selector<'_>) -> Answer {
        let answers_for = |evidence: &&&dyn Evidence| evidence.types().contains(&resource_type);
        let evidence = self.evidence.iter().find(answers_for).copied();
        if let Some(evidence) = evidence
            && evidence.comes_before_config()
        {
            return self.further_answer(evidence, resource_type, selector).await;
        }
        let answer = self.recorded_items.find(resource_type, selector).await?;
        match (answer, evidence) {
            (Known::Unknown(_), Some(evidence)) => {
                self.further_answer(evidence, resource_type, selector).await
            }
            (answer, _) => Ok(answer),
        }
    }

    async fn further_answer(
        &self,
        evidence: &dyn Evidence,
        resource_type: &str,
        selector: Selector<'_>,
    ) -> Answer {
        let chosen = |documents: &[Document]| {
            documents.iter().filter(|document| selector.selects(document)).cloned().collect()
        };
        if self.breadth == Breadth::WholeTypes {
            let whole_type =
                self.whole_types.lock().await.entry(resource_type.to_owned()).or_default().clone();
            let ask = async || Ok(self.asked(evidence, resource_type, Selector::All).await?);
            match whole_type.get_or_init(ask).await {
                Ok(Known::Value(all)) => return Ok(Known::Value(chosen(all))),
                Ok(Known::Unknown(missing)) if selector == Selector::All => {
                    return Ok(Known::Unknown(missing.clone()));
                }
                Ok(Known::Unknown(_)) => {}
                Err(error) => return Err(Arc::clone(error)),
            }
        }
        let found = self.asked(evidence, resource_type, selector).await?;
        Ok(found.map(|documents| chosen(&documents)))
    }

    /// Not every endpoint offers every service: a stand-in for AWS, or a Region without it. Then nothing is known.
    async fn asked(
        &self,
        evidence: &dyn Evidence,
        resource_type: &str,
        selector: Selector<'_>,
    ) -> Result<Known<Vec<Document>>, LookupError> {
        match evidence.find(self.session, resource_type, selector).await {
            Err(LookupError::Call(refusal)) if refusal.says_that_nobody_offers_this() => {
                Ok(Known::Unknown(Missing::NotRecorded { what: resource_type.to_owned() }))
            }
            answer => answer,
        }
    }
}

impl Inventory for AwsInventory<'_> {
    fn find<'b>(
        &'b self,
        resource_type: &'b str,
        selector: Selector<'b>,
    ) -> BoxFuture<'b, Result<Known<Vec<Document>>, InventoryError>> {
        Box::pin(async move {
            self.remembered(resource_type, selector).await.map_err(|error| InventoryError {
                question: question(resource_type, selector),
                is_permanent: matches!(&*error, LookupError::Call(call) if call.is_denied()),
                source: error.into(),
            })
        })
    }
}

/// Why a look-up has no result.
#[derive(Debug, thiserror::Error)]
pub enum LookupError {
    /// A call failed.
    #[error(transparent)]
    Call(#[from] CallError),
    /// An answer cannot be read.
    #[error("`{operation}` answered with something that is no configuration item")]
    Item {
        /// The API's operation.
        operation: &'static str,
        /// What is wrong with the answer.
        source: Box<dyn Error + Send + Sync>,
    },
}

fn not_recorded(what: &str) -> Known<Vec<Document>> {
    Known::Unknown(Missing::NotRecorded { what: what.to_owned() })
}

fn question(resource_type: &str, selector: Selector<'_>) -> String {
    match selector {
        Selector::All => format!("which {resource_type} there are"),
        Selector::Id(id) => format!("which {resource_type} has the id `{id}`"),
        Selector::Named(name) => format!("which {resource_type} is named `{name}`"),
        Selector::Arn(arn) => format!("which {resource_type} has the ARN `{arn}`"),
        Selector::ReferringTo(id) => format!("which {resource_type} refers to `{id}`"),
    }
}

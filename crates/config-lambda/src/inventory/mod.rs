//! Other resources, as AWS Config and further evidence know them.

mod config;
mod discover;
pub(crate) mod items;
mod kept;
mod query;
mod recorded;
mod select;

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::sync::Arc;
use std::time::SystemTime;

use config_rule::{BoxFuture, Documents, Inventory, InventoryError, Known, Missing, Question, Selector};
use futures_util::future::join_all;
use tokio::sync::{Mutex, OnceCell};

use crate::clients::Session;
use crate::error::CallError;
use crate::evidence::Evidence;
use config::RecordedItems;
pub(crate) use kept::KeptAnswers;

/// A rule's inventory, for the length of one invocation.
pub(crate) struct AwsInventory<'a> {
    session: Session<'a>,
    breadth: Breadth,
    /// When the event was sent that all is asked for.
    sent: Option<SystemTime>,
    recorded_items: RecordedItems<'a>,
    evidence: &'static [&'static dyn Evidence],
    answers: Mutex<HashMap<Asked, Answer>>,
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

/// A question to remember: type, kind of selector and what it selects by.
type Asked = (String, &'static str, String);

type Answer = Result<Known<Documents>, Arc<LookupError>>;

impl<'a> AwsInventory<'a> {
    pub(crate) fn new(
        session: Session<'a>,
        breadth: Breadth,
        sent: Option<SystemTime>,
        evidence: &'static [&'static dyn Evidence],
    ) -> Self {
        Self {
            session,
            breadth,
            sent,
            recorded_items: RecordedItems::new(session, breadth),
            evidence,
            answers: Mutex::default(),
            whole_types: Mutex::default(),
        }
    }

    /// The answers, in the order of the questions. Each question is asked once; one that failed would fail again.
    async fn answers(&self, questions: &[Question<'_>]) -> Result<Vec<Known<Documents>>, InventoryError> {
        let mut answers = self.answers.lock().await;
        let mut open: Vec<Question<'_>> = Vec::new();
        for question in questions {
            if answers.contains_key(&asked(*question)) || open.contains(question) {
                continue;
            }
            match self.kept(*question) {
                Some(found) => _ = answers.insert(asked(*question), Ok(found)),
                None => open.push(*question),
            }
        }
        let asked_for = SystemTime::now();
        for (question, answer) in open.iter().zip(self.ask(&open).await) {
            self.keep(*question, asked_for, &answer);
            answers.insert(asked(*question), answer);
        }
        let answer = |question: &Question<'_>| match answers.get(&asked(*question)) {
            Some(Ok(answer)) => Ok(answer.clone()),
            Some(Err(error)) => Err(unanswered(*question, Arc::clone(error))),
            None => Ok(not_recorded(question.0)),
        };
        questions.iter().map(answer).collect()
    }

    /// What an earlier invocation found of a whole type, if it is newer than the event.
    fn kept(&self, (resource_type, selector): Question<'_>) -> Option<Known<Documents>> {
        let sent = self.sent.filter(|_| self.is_kept(selector))?;
        self.session.clients().kept_answers.all_of(resource_type, sent)
    }

    fn keep(&self, (resource_type, selector): Question<'_>, asked_for: SystemTime, answer: &Answer) {
        if let (true, Ok(found)) = (self.is_kept(selector), answer) {
            self.session.clients().kept_answers.keep(resource_type, asked_for, found.clone());
        }
    }

    /// Whole types cost a call for each hundred resources. Who fetches nothing else does so once, for many resources.
    fn is_kept(&self, selector: Selector<'_>) -> bool {
        self.breadth == Breadth::AsAsked && selector == Selector::All
    }

    /// AWS Config's answers, and where it records nothing, those of further evidence, which is asked for at once: a role
    /// has a handful of policies.
    async fn ask(&self, questions: &[Question<'_>]) -> Vec<Answer> {
        let is_for_config = |(resource_type, _): &Question<'_>| {
            !self.evidence_of(resource_type).is_some_and(Evidence::comes_before_config)
        };
        let for_config: Vec<_> = questions.iter().copied().filter(is_for_config).collect();
        let mut recorded = self.recorded_items.find_all(&for_config).await.into_iter();
        let answers = questions.iter().map(|question| {
            let recorded = if is_for_config(question) { recorded.next() } else { None };
            self.completed(*question, recorded)
        });
        join_all(answers.collect::<Vec<_>>()).await
    }

    async fn completed(&self, question: Question<'_>, recorded: Option<Answer>) -> Answer {
        match (recorded, self.evidence_of(question.0)) {
            (None | Some(Ok(Known::Unknown(_))), Some(evidence)) => {
                self.further_answer(evidence, question).await
            }
            (Some(answer), _) => answer,
            (None, None) => Ok(not_recorded(question.0)),
        }
    }

    fn evidence_of(&self, resource_type: &str) -> Option<&'static dyn Evidence> {
        self.evidence.iter().find(|evidence| evidence.types().contains(&resource_type)).copied()
    }

    async fn further_answer(
        &self,
        evidence: &dyn Evidence,
        (resource_type, selector): Question<'_>,
    ) -> Answer {
        if self.breadth == Breadth::WholeTypes {
            let whole_type =
                self.whole_types.lock().await.entry(resource_type.to_owned()).or_default().clone();
            let ask = async || Ok(self.asked_of(evidence, resource_type, Selector::All).await?);
            match whole_type.get_or_init(ask).await {
                Ok(Known::Value(all)) => return Ok(Known::Value(all.selected(selector))),
                Ok(Known::Unknown(missing)) if selector == Selector::All => {
                    return Ok(Known::Unknown(missing.clone()));
                }
                Ok(Known::Unknown(_)) => {}
                Err(error) => return Err(Arc::clone(error)),
            }
        }
        let found = self.asked_of(evidence, resource_type, selector).await?;
        Ok(found.map(|documents| documents.selected(selector)))
    }

    /// Not every endpoint offers every service: one that stands in for AWS may not. Then nothing is known.
    async fn asked_of(
        &self,
        evidence: &dyn Evidence,
        resource_type: &str,
        selector: Selector<'_>,
    ) -> Result<Known<Documents>, LookupError> {
        match evidence.find(self.session, resource_type, selector).await {
            Err(LookupError::Call(refusal)) if refusal.says_that_nobody_offers_this() => {
                Ok(not_recorded(resource_type))
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
    ) -> BoxFuture<'b, Result<Known<Documents>, InventoryError>> {
        Box::pin(async move {
            let mut answers = self.answers(&[(resource_type, selector)]).await?;
            Ok(answers.pop().unwrap_or_else(|| not_recorded(resource_type)))
        })
    }

    fn find_all<'b>(
        &'b self,
        questions: &'b [Question<'b>],
    ) -> BoxFuture<'b, Result<Vec<Known<Documents>>, InventoryError>> {
        Box::pin(self.answers(questions))
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

impl LookupError {
    fn says_there_is_no_recorder(&self) -> bool {
        matches!(self, Self::Call(call) if call.says_there_is_no_recorder())
    }
}

fn not_recorded(what: &str) -> Known<Documents> {
    Known::Unknown(Missing::NotRecorded { what: what.to_owned() })
}

fn asked((resource_type, selector): Question<'_>) -> Asked {
    let (kind, value) = match selector {
        Selector::All => ("all", ""),
        Selector::Id(id) => ("id", id),
        Selector::Named(name) => ("name", name),
        Selector::Arn(arn) => ("ARN", arn),
        Selector::ReferringTo(id) => ("reference", id),
    };
    (resource_type.to_owned(), kind, value.to_owned())
}

fn unanswered((resource_type, selector): Question<'_>, error: Arc<LookupError>) -> InventoryError {
    let question = match selector {
        Selector::All => format!("which {resource_type} there are"),
        Selector::Id(id) => format!("which {resource_type} has the id `{id}`"),
        Selector::Named(name) => format!("which {resource_type} is named `{name}`"),
        Selector::Arn(arn) => format!("which {resource_type} has the ARN `{arn}`"),
        Selector::ReferringTo(id) => format!("which {resource_type} refers to `{id}`"),
    };
    let is_permanent = matches!(&*error, LookupError::Call(call) if call.is_denied());
    InventoryError { question, is_permanent, source: error.into() }
}

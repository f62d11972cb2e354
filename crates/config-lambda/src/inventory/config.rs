//! Resources as AWS Config has recorded them.

use std::collections::BTreeMap;
use std::sync::Arc;

use config_rule::{Document, Documents, Known, Question, Selector, reference_paths};
use tokio::sync::{Mutex, OnceCell};

use super::query::is_queryable;
use super::recorded::{self, Recorded};
use super::{Answer, Breadth, LookupError, discover, not_recorded, select};
use crate::clients::Session;

/// AWS Config's items, for the length of one invocation.
#[derive(Debug)]
pub(super) struct RecordedItems<'a> {
    session: Session<'a>,
    breadth: Breadth,
    recorded: OnceCell<Recorded>,
    /// What came with earlier answers before anybody asked for it.
    ahead: Mutex<Vec<Arc<Document>>>,
    /// What could not be fetched is not asked for again: it would fail for each of a thousand resources.
    whole_types: Mutex<BTreeMap<String, Result<Found, Arc<LookupError>>>>,
}

/// What a look-up has found.
#[derive(Debug)]
struct Found {
    documents: Documents,
    /// Items that were listed and fetched do not say what they refer to, except in their own properties.
    has_relationships: bool,
}

impl<'a> RecordedItems<'a> {
    pub(super) fn new(session: Session<'a>, breadth: Breadth) -> Self {
        Self {
            session,
            breadth,
            recorded: OnceCell::new(),
            ahead: Mutex::default(),
            whole_types: Mutex::default(),
        }
    }

    /// The answers, in the order of the questions. A type that AWS Config does not know is not asked for.
    pub(super) async fn find_all(&self, questions: &[Question<'_>]) -> Vec<Answer> {
        let is_known = |(resource_type, _): &Question<'_>| recorded::is_known_to_config(resource_type);
        let known: Vec<_> = questions.iter().copied().filter(is_known).collect();
        let found = match self.breadth {
            Breadth::AsAsked => self.fetched(&known).await,
            Breadth::WholeTypes => self.selected_from_all(&known).await,
        };
        let mut found = found.into_iter();
        let mut answers = Vec::with_capacity(questions.len());
        for question in questions {
            let found = if is_known(question) { found.next() } else { None };
            answers.push(match found {
                Some(found) => self.answer(*question, found).await,
                None => Ok(not_recorded(question.0)),
            });
        }
        answers
    }

    async fn answer(
        &self,
        (resource_type, selector): Question<'_>,
        found: Result<Found, Arc<LookupError>>,
    ) -> Answer {
        let found = match found {
            Ok(found) => found,
            Err(error) if error.says_there_is_no_recorder() => return Ok(not_recorded(resource_type)),
            Err(error) => return Err(error),
        };
        let needs_relationships =
            matches!(selector, Selector::ReferringTo(_)) && reference_paths(resource_type).is_empty();
        if needs_relationships && !found.has_relationships {
            return Ok(not_recorded(&format!("what {resource_type} refers to")));
        }
        // Nothing found is a promise that there is nothing, which only a recorder can give.
        if found.documents.is_empty() && !self.recorded().await?.includes(resource_type) {
            return Ok(not_recorded(resource_type));
        }
        Ok(Known::Value(found.documents))
    }

    /// What the selectors select from whole types, each of which is fetched once.
    async fn selected_from_all(&self, questions: &[Question<'_>]) -> Vec<Result<Found, Arc<LookupError>>> {
        let mut whole_types = self.whole_types.lock().await;
        let mut unknown: Vec<_> =
            questions.iter().map(|(resource_type, _)| (*resource_type, Selector::All)).collect();
        unknown.retain(|(resource_type, _)| !whole_types.contains_key(*resource_type));
        unknown.sort_unstable_by_key(|(resource_type, _)| *resource_type);
        unknown.dedup();
        for ((resource_type, _), fetched) in unknown.iter().zip(self.fetched(&unknown).await) {
            whole_types.insert((*resource_type).to_owned(), fetched);
        }
        let selected = |(resource_type, selector): &Question<'_>| match whole_types.get(*resource_type) {
            Some(Ok(all)) => Ok(all.selected(*selector)),
            Some(Err(error)) => Err(Arc::clone(error)),
            None => Ok(Found::nothing()),
        };
        questions.iter().map(selected).collect()
    }

    /// What is found for each question: those that queries can answer are put into one.
    async fn fetched(&self, questions: &[Question<'_>]) -> Vec<Result<Found, Arc<LookupError>>> {
        let rows = self.rows(questions).await;
        let mut found = Vec::with_capacity(questions.len());
        for question in questions {
            found.push(match &rows {
                _ if !is_queryable(question.0) => self.discovered(*question).await,
                Ok(rows) => self.among(rows, *question).await,
                Err(error) => Err(Arc::clone(error)),
            });
        }
        found
    }

    /// The rows that answer those questions that queries can answer, among others. What is likely to be asked for next
    /// is asked for as well.
    async fn rows(&self, questions: &[Question<'_>]) -> Result<Vec<Arc<Document>>, Arc<LookupError>> {
        let mut ahead = self.ahead.lock().await;
        let came_ahead = |question: Question<'_>| {
            let found = ahead.iter().find(|document| is_answer(document, question));
            found.filter(|_| is_about_one(question.1)).cloned()
        };
        let mut rows = Vec::new();
        let mut open = Vec::new();
        for question in questions.iter().copied().filter(|(resource_type, _)| is_queryable(resource_type)) {
            match came_ahead(question) {
                Some(row) => rows.push(row),
                None => open.push(question),
            }
        }
        let next: Vec<_> = open.iter().copied().filter_map(next_question).collect();
        open.extend(&next);
        let known = rows.len();
        for row in select::documents(self.session, &open).await? {
            if next.iter().any(|question| is_answer(&row, *question)) {
                ahead.push(Arc::clone(&row));
            }
            if !rows.iter().take(known).any(|known| *known == row) {
                rows.push(row);
            }
        }
        Ok(rows)
    }

    async fn among(&self, rows: &[Arc<Document>], question: Question<'_>) -> Result<Found, Arc<LookupError>> {
        let answers = rows.iter().filter(|document| is_answer(document, question));
        let documents: Documents = answers.cloned().collect();
        // Queries have been seen to leave out recorded types altogether. Listing finds those, but only a question about
        // all of them is worth the calls.
        let is_doubtful = documents.is_empty() && question.1 == Selector::All;
        if is_doubtful && self.recorded().await?.includes(question.0) {
            let listed = self.discovered(question).await?;
            return Ok(Found { has_relationships: listed.documents.is_empty(), ..listed });
        }
        Ok(Found { documents, has_relationships: true })
    }

    async fn discovered(&self, question: Question<'_>) -> Result<Found, Arc<LookupError>> {
        let listed = discover::documents(self.session, question.0, question.1).await?;
        let answers = listed.into_iter().filter(|document| is_answer(document, question));
        Ok(Found { documents: answers.collect(), has_relationships: false })
    }

    async fn recorded(&self) -> Result<&Recorded, Arc<LookupError>> {
        let asked = self.recorded.get_or_try_init(|| Recorded::ask(self.session)).await;
        asked.map_err(|error| Arc::new(error.into()))
    }
}

impl Found {
    fn nothing() -> Self {
        Self { documents: Documents::default(), has_relationships: true }
    }

    fn selected(&self, selector: Selector<'_>) -> Self {
        Self { documents: self.documents.selected(selector), ..*self }
    }
}

/// What is asked for next whenever this is: a role leads to its policies, whose items name the roles that they are attached
/// to. Both are fetched with one query. A policy that does not come along is asked for by its ARN.
fn next_question((resource_type, selector): Question<'_>) -> Option<Question<'_>> {
    match (resource_type, selector) {
        ("AWS::IAM::Role", Selector::Arn(arn)) => {
            let (_, name) = arn.rsplit_once('/')?;
            Some(("AWS::IAM::Policy", Selector::ReferringTo(name)))
        }
        _ => None,
    }
}

/// Whether one resource at most can be the answer, so that nobody needs to look for another.
const fn is_about_one(selector: Selector<'_>) -> bool {
    matches!(selector, Selector::Id(_) | Selector::Arn(_))
}

/// Queries match the members of lists independently of each other, their rows are for other questions as well, and an
/// unsafe value is not asked for at all.
fn is_answer(document: &Document, (resource_type, selector): Question<'_>) -> bool {
    document.resource_type == resource_type
        && document.status.reason_not_to_judge().is_none()
        && selector.selects(document)
}

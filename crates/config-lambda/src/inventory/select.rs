//! The rows of advanced queries.

use std::collections::BTreeSet;
use std::sync::Arc;

use config_rule::{Document, Question};

use super::LookupError;
use super::query::{Query, queries};
use crate::clients::Session;
use crate::error::CallError;
use crate::item::Item;

/// The most rows per page.
///
/// Source: AWS Config API Reference, `SelectResourceConfig`, `Limit`.
const PAGE: i32 = 100;

/// What queries for all questions find, each resource once. There may be more than was asked for: queries match the
/// members of lists independently of each other, and what one question asks for is no answer to another.
pub(super) async fn documents(
    session: Session<'_>,
    questions: &[Question<'_>],
) -> Result<Vec<Arc<Document>>, LookupError> {
    let mut rows = Rows::default();
    for query in queries(questions) {
        let refusal = match rows.fetch(session, &query).await {
            Err(LookupError::Call(refusal)) if refusal.is_about_the_expression() => refusal,
            fetched => {
                fetched?;
                continue;
            }
        };
        // Nothing documents a query for one type or another, with conditions for each; those for one type are sure.
        let parts = query.split().ok_or(LookupError::Call(refusal))?;
        for part in parts {
            rows.fetch(session, &part).await?;
        }
    }
    Ok(rows.documents)
}

/// The rows of several queries.
#[derive(Debug, Default)]
struct Rows {
    documents: Vec<Arc<Document>>,
    known: BTreeSet<(String, String)>,
    row: Item,
}

impl Rows {
    async fn fetch(&mut self, session: Session<'_>, query: &Query<'_>) -> Result<(), LookupError> {
        let operation = "SelectResourceConfig";
        let unreadable = |source| LookupError::Item { operation, source };
        let expression = query.expression();
        let mut next_token = None;
        loop {
            let answer = session
                .config()
                .select_resource_config()
                .expression(&expression)
                .limit(PAGE)
                .set_next_token(next_token)
                .customize()
                .config_override(session.within_the_deadline())
                .send()
                .await
                .map_err(|error| CallError::new(operation, &error))?;
            for row in answer.results.unwrap_or_default() {
                self.row.read(&row).map_err(|error| unreadable(error.into()))?;
                drop(row);
                let document = self.row.document().map_err(|error| unreadable(error.into()))?;
                let key = (document.resource_type.clone(), document.resource_id.clone());
                if self.known.insert(key) {
                    self.documents.push(Arc::new(document));
                }
            }
            next_token = answer.next_token;
            if next_token.is_none() {
                return Ok(());
            }
        }
    }
}

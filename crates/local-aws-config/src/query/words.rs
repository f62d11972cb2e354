//! The words and signs that an expression may hold.
//!
//! The parser knows far more SQL than AWS Config does. Refusing the rest word by word, before it is parsed, tells the
//! reader the word and its place, and leaves little to refuse afterwards.

use sqlparser::dialect::Dialect;
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer, Whitespace};

use super::QueryError;

/// Identifiers as property names are spelt; `#`, `@` and `$` are no part of any.
#[derive(Debug)]
pub(super) struct AdvancedQuery;

impl Dialect for AdvancedQuery {
    fn is_identifier_start(&self, character: char) -> bool {
        character.is_ascii_alphabetic() || character == '_'
    }

    fn is_identifier_part(&self, character: char) -> bool {
        character.is_ascii_alphanumeric() || character == '_'
    }
}

const KEYWORDS: [&str; 20] = [
    "SELECT", "WHERE", "GROUP", "ORDER", "BY", "ASC", "DESC", "AND", "OR", "NOT", "IN", "BETWEEN", "LIKE",
    "TRUE", "FALSE", "AVG", "COUNT", "MAX", "MIN", "SUM",
];

/// What AWS's guide names as not supported, so that people know at once that it is not their spelling.
const UNSUPPORTED: [&str; 8] = ["ALL", "AS", "DISTINCT", "FROM", "HAVING", "JOIN", "NULL", "UNION"];

/// The properties of an item that a query can name; those below them are the resource type's.
///
/// Source: AWS's published resource schemas, `AWS::Config::…` base properties.
const PROPERTIES: [&str; 18] = [
    "accountId",
    "arn",
    "availabilityZone",
    "awsRegion",
    "configuration",
    "configurationItemCaptureTime",
    "configurationItemDeliveryTime",
    "configurationItemStatus",
    "configurationStateId",
    "recordingFrequency",
    "relatedEvents",
    "relationships",
    "resourceCreationTime",
    "resourceId",
    "resourceName",
    "resourceType",
    "supplementaryConfiguration",
    "tags",
];

/// The tokens of `expression`.
pub(super) fn read(expression: &str) -> Result<Vec<TokenWithSpan>, QueryError> {
    let tokens = Tokenizer::new(&AdvancedQuery, expression)
        .tokenize_with_location()
        .map_err(|error| QueryError::Expression(error.to_string()))?;
    let mut follows_dot = false;
    let mut selects = 0;
    for TokenWithSpan { token, span } in &tokens {
        if let Token::Word(word) = token
            && !follows_dot
        {
            let upper = word.value.to_ascii_uppercase();
            selects += usize::from(upper == "SELECT");
            if 1 < selects {
                return refused("subqueries are not supported", span.start);
            }
            if UNSUPPORTED.contains(&upper.as_str()) {
                return refused(&format!("`{upper}` is not supported"), span.start);
            }
            let is_property = word.value == "version" || PROPERTIES.contains(&word.value.as_str());
            let is_keyword = word.quote_style.is_none() && KEYWORDS.contains(&upper.as_str());
            if !is_property && !is_keyword {
                let reason = format!("expected a property or a keyword of advanced queries, found `{word}`");
                return refused(&reason, span.start);
            }
        } else if !is_part_of_the_language(token) {
            return refused(&format!("`{token}` is not supported"), span.start);
        }
        follows_dot = matches!(token, Token::Period);
    }
    Ok(tokens)
}

fn is_part_of_the_language(token: &Token) -> bool {
    matches!(
        token,
        Token::EOF
            | Token::Word(_)
            | Token::Number(..)
            | Token::SingleQuotedString(_)
            | Token::Comma
            | Token::Period
            | Token::LParen
            | Token::RParen
            | Token::Mul
            | Token::Minus
            | Token::Eq
            | Token::Neq
            | Token::Lt
            | Token::LtEq
            | Token::Gt
            | Token::GtEq
            | Token::Whitespace(Whitespace::Space | Whitespace::Newline | Whitespace::Tab)
    )
}

fn refused<T>(reason: &str, place: Location) -> Result<T, QueryError> {
    Err(QueryError::Expression(format!("line {}, column {}: {reason}", place.line, place.column)))
}

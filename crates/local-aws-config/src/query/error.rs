/// An expression that AWS Config refuses. The text is the message of the answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// `ValidationException`: the expression is empty or too long.
    #[error(
        "1 validation error detected: Value at 'expression' failed to satisfy constraint: expected 1 to {limit} characters, found {found}"
    )]
    Length {
        /// The most characters that AWS takes.
        limit: usize,
        /// How many there are.
        found: usize,
    },
    /// `InvalidExpressionException`: not in the language of advanced queries.
    #[error("{0}")]
    Expression(String),
}

impl QueryError {
    /// The name of the exception that AWS Config answers.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Length { .. } => "ValidationException",
            Self::Expression(_) => "InvalidExpressionException",
        }
    }
}

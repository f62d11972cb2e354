mod common;
mod cover;

use std::collections::HashSet;

pub use self::common::common_text;
use self::common::overlap;
pub use self::cover::union_covers;

/// One place in a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Token {
    /// This very character.
    Literal(char),
    /// Any one character: `?`.
    One,
    /// Any characters or none: `*`.
    Any,
    /// Any characters or none, but no colon: `*` before the end of one of an ARN's first five segments.
    AnyInSegment,
    /// A policy variable; one text that is not known here.
    Variable(Box<str>),
}

/// A text with wildcards, as `Resource` and conditions write it: case matters.
///
/// A pattern stands for a set of texts, and the questions here are about sets: does it cover another one, do two
/// overlap? They are answered over the patterns themselves, not over samples. A policy variable is one text that is
/// not known here: it matches nothing for certain; [`Pattern::widened`] lets it match anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    written: String,
    tokens: Vec<Token>,
}

/// Whether `${…}` is a policy variable: it is since version 2012-10-17, and five characters before.
///
/// Source: IAM User Guide, `reference_policies_variables`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variables {
    /// `${aws:username}` stands for a text that is known at the request only; `${*}` for a star.
    Resolved,
    /// `${` is a dollar sign and a brace.
    Literal,
}

impl Pattern {
    /// Reads a pattern whose `*` matches any characters whatever.
    #[must_use]
    pub fn new(written: &str, variables: Variables) -> Self {
        Self { tokens: tokens(written, variables), written: written.to_owned() }
    }

    /// Reads a pattern over ARNs: in the first five segments a `*` matches no colon. In a pattern of fewer segments a
    /// `*` that ends its segment stands for all that are left out.
    ///
    /// IAM lets such a star reach over colons in any pattern; where all segments are written, that matters only to
    /// resources with colons in their names, and what is not certain is left to [`Pattern::widened`].
    ///
    /// Source: IAM User Guide, `reference_policies_elements_resource`, "Using wildcards in resource ARNs".
    #[must_use]
    pub fn arn(written: &str, variables: Variables) -> Self {
        let mut tokens = tokens(written, variables);
        if !tokens.contains(&Token::Any) {
            return Self { written: written.to_owned(), tokens };
        }
        let is_colon = |token: &Token| *token == Token::Literal(':');
        let has_all_segments = tokens.iter().filter(|token| is_colon(token)).count() >= 5;
        let mut colons = 0;
        for index in 0..tokens.len() {
            let ends_segment = tokens.get(index + 1).is_none_or(is_colon);
            match tokens.get_mut(index) {
                Some(Token::Literal(':')) => colons += 1,
                Some(token @ Token::Any) if colons < 5 && (has_all_segments || !ends_segment) => {
                    *token = Token::AnyInSegment;
                }
                _ => {}
            }
        }
        Self { written: written.to_owned(), tokens }
    }

    pub(crate) fn of_tokens(tokens: Vec<Token>) -> Self {
        let mut written = String::with_capacity(tokens.len());
        for token in &tokens {
            token.write_to(&mut written);
        }
        Self { written, tokens }
    }

    /// A pattern that nobody wrote and nobody is shown.
    pub(crate) const fn unwritten(tokens: Vec<Token>) -> Self {
        Self { written: String::new(), tokens }
    }

    /// As the policy's author wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.written
    }

    pub(crate) fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// Whether every text matches: nothing but stars, at least one.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        !self.tokens.is_empty() && self.tokens.iter().all(|token| *token == Token::Any)
    }

    /// Whether any part of the pattern is a policy variable.
    #[must_use]
    pub fn has_variable(&self) -> bool {
        self.tokens.iter().any(|token| matches!(token, Token::Variable(_)))
    }

    /// The same with every variable standing for anything and every star reaching over colons: what the pattern could
    /// match at most.
    #[must_use]
    pub fn widened(&self) -> Self {
        let widen = |token: &Token| match token {
            Token::Variable(_) | Token::AnyInSegment => Token::Any,
            token => token.clone(),
        };
        Self { written: self.written.clone(), tokens: self.tokens.iter().map(widen).collect() }
    }

    /// Whether `text` matches for certain.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        takes_text(&self.tokens, text)
    }

    /// Whether some text matches both patterns. Undecided counts as no.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        overlap(&self.tokens, &other.tokens)
    }

    /// Whether every text that matches `other` matches this. Undecided counts as no.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        union_covers(&[self], other)
    }

    /// Whether only finitely many texts match, so that the pattern cannot cover all resources of a type.
    pub(crate) fn is_finite(&self) -> bool {
        !self.tokens.iter().any(Token::repeats)
    }
}

/// A character as tokens tell characters apart: one that a pattern names, or one for all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Symbol<'a> {
    Char(char),
    Variable(&'a str),
    /// Any character that no pattern names.
    Other,
}

impl Token {
    const fn repeats(&self) -> bool {
        matches!(self, Self::Any | Self::AnyInSegment)
    }

    fn takes(&self, symbol: Symbol<'_>) -> bool {
        match self {
            Self::Literal(literal) => matches!(symbol, Symbol::Char(character) if character == *literal),
            Self::Variable(name) => matches!(symbol, Symbol::Variable(other) if other == &**name),
            Self::One => !matches!(symbol, Symbol::Variable(_)),
            Self::Any => true,
            Self::AnyInSegment => symbol != Symbol::Char(':'),
        }
    }

    fn write_to(&self, written: &mut String) {
        match self {
            Self::Literal(character) => written.push(*character),
            Self::One => written.push('?'),
            Self::Any | Self::AnyInSegment => written.push('*'),
            Self::Variable(name) => written.extend(["${", name, "}"]),
        }
    }
}

/// Whether the tokens take all of `symbols` in turn.
///
/// Where the next token does not fit, only the last star takes more: an earlier one could do no better, except that a
/// star within a segment ends at a colon, and the last star over colons before it does not. So the time is at worst the
/// product of the lengths.
fn glob<S>(
    tokens: &[Token],
    symbols: impl Iterator<Item = S> + Clone,
    takes: impl Fn(&Token, &S) -> bool,
) -> bool {
    let (mut place, mut rest) = (0, symbols);
    // Place of the star, and what it has not taken yet.
    let (mut any, mut in_segment) = (None, None);
    loop {
        let token = tokens.get(place);
        if let Some(star) = token.filter(|token| token.repeats()) {
            let here = Some((place, rest.clone()));
            (any, in_segment) = if *star == Token::Any { (here, None) } else { (any, here) };
            place += 1;
            continue;
        }
        match (token, rest.next()) {
            (None, None) => return true,
            (Some(token), Some(symbol)) if takes(token, &symbol) => place += 1,
            // A star that took more would leave even less.
            (_, None) => return false,
            (_, Some(_)) => loop {
                let star = if in_segment.is_some() { &mut in_segment } else { &mut any };
                let Some((at, left)) = star else { return false };
                let takes_more =
                    tokens.get(*at).zip(left.next()).is_some_and(|(token, symbol)| takes(token, &symbol));
                if takes_more {
                    (place, rest) = (*at + 1, left.clone());
                    break;
                }
                *star = None;
            },
        }
    }
}

/// The text before the first wildcard or variable.
pub(crate) fn beginning(tokens: &[Token]) -> String {
    let literal = |token: &Token| match token {
        Token::Literal(character) => Some(*character),
        _ => None,
    };
    tokens.iter().map_while(literal).collect()
}

/// Whether tokens match a text for certain.
pub(crate) fn takes_text(tokens: &[Token], text: &str) -> bool {
    glob(tokens, text.chars(), |token, character| token.takes(Symbol::Char(*character)))
}

/// Whether tokens match a text in which a character that no pattern spells stands for each `$`.
pub(crate) fn takes_unspelt(tokens: &[Token], text: &str) -> bool {
    let symbols = text.chars().map(|character| match character {
        '$' => Symbol::Other,
        literal => Symbol::Char(literal),
    });
    glob(tokens, symbols, |token, symbol| token.takes(*symbol))
}

/// What the patterns can tell apart.
fn alphabet<'a>(patterns: &[&'a Pattern]) -> Vec<Symbol<'a>> {
    let mut symbols = HashSet::from([Symbol::Char(':')]);
    for token in patterns.iter().flat_map(|pattern| &pattern.tokens) {
        match token {
            Token::Literal(character) => symbols.insert(Symbol::Char(*character)),
            Token::Variable(name) => symbols.insert(Symbol::Variable(name)),
            Token::One | Token::Any | Token::AnyInSegment => false,
        };
    }
    let mut alphabet: Vec<_> = symbols.into_iter().collect();
    alphabet.sort_unstable();
    // The unnamed character comes last, so a search that goes on where it was last starts with it: it leads to
    // nearly all counterexamples.
    alphabet.push(Symbol::Other);
    alphabet
}

/// Splits into tokens; stars in a row are one, and come after the question marks beside them.
fn tokens(written: &str, variables: Variables) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(written.len());
    let mut rest = written.chars();
    loop {
        let here = rest.as_str();
        let Some(character) = rest.next() else { return tokens };
        if character == '$'
            && variables == Variables::Resolved
            && let Some((name, after)) = here.strip_prefix("${").and_then(|inner| inner.split_once('}'))
        {
            tokens.push(match name {
                "*" => Token::Literal('*'),
                "?" => Token::Literal('?'),
                "$" => Token::Literal('$'),
                name => Token::Variable(name.into()),
            });
            rest = after.chars();
            continue;
        }
        match character {
            '*' if tokens.last() == Some(&Token::Any) => {}
            '*' => tokens.push(Token::Any),
            '?' => {
                let place = if tokens.last() == Some(&Token::Any) { tokens.len() - 1 } else { tokens.len() };
                tokens.insert(place, Token::One);
            }
            literal => tokens.push(Token::Literal(literal)),
        }
    }
}

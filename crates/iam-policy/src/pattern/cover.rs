use std::collections::HashSet;

use super::{Pattern, Symbol, Token, alphabet, glob};

/// How many states a question may visit before it is given up as undecided. Policies met in practice need hundreds; the
/// limit keeps a hostile one from costing a function its time.
const MAX_STATES: usize = 1_000;

/// The same where several patterns may cover something together. That hardly ever happens, and each state costs more.
const MAX_STATES_TOGETHER: usize = 200;

/// Whether every text that matches `other` matches at least one of `patterns`. Undecided counts as no.
#[must_use]
pub fn union_covers(patterns: &[&Pattern], other: &Pattern) -> bool {
    // Nearly all questions are answered by reading `other` as a text, or by two texts that match it.
    if patterns
        .iter()
        .any(|pattern| glob(&pattern.tokens, other.tokens.iter(), |token, part| token.includes(part)))
    {
        return true;
    }
    let matched = |example: &[Symbol<'_>]| {
        let matches =
            |pattern: &&Pattern| glob(&pattern.tokens, example.iter(), |token, symbol| token.takes(**symbol));
        patterns.iter().any(matches)
    };
    if !matched(&shortest(other)) || !matched(&longer(other)) {
        return false;
    }
    // Where patterns cover something, nearly always one of them does, which is quick to prove.
    patterns.iter().any(|pattern| covers_together(&[pattern], other, MAX_STATES))
        || (patterns.len() > 1 && covers_together(patterns, other, MAX_STATES_TOGETHER))
}

/// The shortest text that matches, with a character that nobody names wherever any will do.
fn shortest(pattern: &Pattern) -> Vec<Symbol<'_>> {
    pattern.tokens.iter().filter(|token| !token.repeats()).map(Token::example).collect()
}

/// The same with such a character for each star.
fn longer(pattern: &Pattern) -> Vec<Symbol<'_>> {
    pattern.tokens.iter().map(Token::example).collect()
}

impl Token {
    /// Whether whatever `other` stands for, this takes.
    fn includes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, _)
            | (Self::One, Self::Literal(_) | Self::One)
            | (Self::AnyInSegment, Self::AnyInSegment | Self::Variable(_)) => true,
            (Self::AnyInSegment, Self::Literal(literal)) => *literal != ':',
            (token, other) => token == other,
        }
    }

    fn example(&self) -> Symbol<'_> {
        match self {
            Self::Literal(character) => Symbol::Char(*character),
            Self::Variable(name) => Symbol::Variable(name),
            Self::One | Self::Any | Self::AnyInSegment => Symbol::Other,
        }
    }

    /// What this token can go on with.
    fn symbols<'a>(&'a self, alphabet: &[Symbol<'a>]) -> Vec<Symbol<'a>> {
        match self {
            Self::Literal(_) | Self::Variable(_) => vec![self.example()],
            Self::One | Self::Any | Self::AnyInSegment => {
                alphabet.iter().filter(|symbol| self.takes(**symbol)).copied().collect()
            }
        }
    }
}

/// Looks for a text that matches `other` and none of `patterns`, depth first, along all ways in which the automaton
/// of `patterns` can stand where a text has gone through `other` up to a place.
fn covers_together(patterns: &[&Pattern], other: &Pattern, max_states: usize) -> bool {
    let automaton = Automaton::new(patterns);
    let alphabet = alphabet(patterns);
    let mut seen = HashSet::new();
    let mut open = vec![(0, automaton.start())];
    while let Some((place, states)) = open.pop() {
        // Whatever `other` goes on with, nothing on our side matches it any more.
        if states.is_empty() || seen.len() > max_states {
            return false;
        }
        let Some(token) = other.tokens.get(place) else {
            if automaton.accepts(&states) {
                continue;
            }
            return false;
        };
        if !seen.insert((place, states.clone())) {
            continue;
        }
        let next = if token.repeats() { place } else { place + 1 };
        if token.repeats() {
            open.push((place + 1, states.clone()));
        }
        for symbol in token.symbols(&alphabet) {
            open.push((next, automaton.step(&states, symbol)));
        }
    }
    true
}

/// The places at which a text that was read so far may stand in each of several patterns.
struct Automaton<'a> {
    patterns: &'a [&'a Pattern],
}

type States = Vec<(u32, u32)>;

impl<'a> Automaton<'a> {
    const fn new(patterns: &'a [&'a Pattern]) -> Self {
        Self { patterns }
    }

    fn start(&self) -> States {
        let count = u32::try_from(self.patterns.len()).unwrap_or(u32::MAX);
        let mut states = Vec::new();
        for pattern in 0..count {
            self.enter(&mut states, (pattern, 0));
        }
        sorted(states)
    }

    fn step(&self, states: &States, symbol: Symbol<'_>) -> States {
        let mut next = Vec::with_capacity(states.len() + 1);
        for &(pattern, place) in states {
            match self.token(pattern, place) {
                Some(token) if token.takes(symbol) => {
                    let place = if token.repeats() { place } else { place + 1 };
                    self.enter(&mut next, (pattern, place));
                }
                _ => {}
            }
        }
        sorted(next)
    }

    /// Adds a place and, behind stars, the places after them.
    fn enter(&self, states: &mut States, (pattern, mut place): (u32, u32)) {
        states.push((pattern, place));
        while self.token(pattern, place).is_some_and(Token::repeats) {
            place += 1;
            states.push((pattern, place));
        }
    }

    fn accepts(&self, states: &States) -> bool {
        states.iter().any(|&(pattern, place)| self.token(pattern, place).is_none())
    }

    fn token(&self, pattern: u32, place: u32) -> Option<&Token> {
        self.patterns.get(pattern as usize)?.tokens.get(place as usize)
    }
}

fn sorted(mut states: States) -> States {
    states.sort_unstable();
    states.dedup();
    states
}

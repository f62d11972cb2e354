use std::collections::{HashMap, HashSet, VecDeque};

/// How many states a set question may visit before it is given up as undecided. Policies met in practice need
/// hundreds; the limit keeps a hostile one from costing a function its time.
const MAX_STATES: usize = 1_000;

/// The same where several patterns may cover something together. That hardly ever happens, and each state costs more.
const MAX_STATES_TOGETHER: usize = 200;

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
        let written = tokens.iter().map(Token::to_text).collect();
        Self { written, tokens }
    }

    /// As the policy's author wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// The text before the first wildcard or variable.
    pub(crate) fn beginning(&self) -> String {
        let literal = |token: &Token| match token {
            Token::Literal(character) => Some(*character),
            _ => None,
        };
        self.tokens.iter().map_while(literal).collect()
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
        let patterns = [self];
        let automaton = Automaton::new(&patterns);
        let mut states = automaton.start();
        for character in text.chars() {
            states = automaton.step(&states, &Symbol::Char(character));
            if states.is_empty() {
                return false;
            }
        }
        automaton.accepts(&states)
    }

    /// Whether some text matches both patterns.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        common_text(&[self, other]).is_some()
    }

    /// Whether every text that matches `other` matches this.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        union_covers(&[self], other)
    }

    /// Whether only finitely many texts match, so that the pattern cannot cover all resources of a type.
    pub(crate) fn is_finite(&self) -> bool {
        !self.tokens.iter().any(|token| matches!(token, Token::Any | Token::AnyInSegment))
    }
}

/// Whether every text that matches `other` matches at least one of `patterns`. Undecided counts as no.
#[must_use]
pub fn union_covers(patterns: &[&Pattern], other: &Pattern) -> bool {
    // Where patterns cover something, nearly always one of them does, which is quick to prove.
    patterns.iter().any(|pattern| pattern.is_everything() || covers_together(&[pattern], other, MAX_STATES))
        || (patterns.len() > 1 && covers_together(patterns, other, MAX_STATES_TOGETHER))
}

/// Looks for a text that matches `other` and none of `patterns`, depth first, along all ways in which the automaton
/// of `patterns` can stand where a text has gone through `other` up to a place.
fn covers_together(patterns: &[&Pattern], other: &Pattern, max_states: usize) -> bool {
    let automaton = Automaton::new(patterns);
    let alphabet = automaton.alphabet();
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
            open.push((next, automaton.step(&states, &symbol)));
        }
    }
    true
}

/// A text that matches all `patterns`, if there is one. Undecided counts as none.
///
/// A variable meets only itself and stars: whatever it will stand for matches there. In the answer it is a
/// replacement character, like any character that no pattern names.
#[must_use]
pub fn common_text(patterns: &[&Pattern]) -> Option<String> {
    let alphabet = Automaton::new(patterns).alphabet();
    let start = vec![0; patterns.len()];
    let mut came_from: HashMap<Vec<usize>, (Vec<usize>, Option<char>)> = HashMap::new();
    let mut open = VecDeque::from([start.clone()]);
    came_from.insert(start.clone(), (start.clone(), None));
    while let Some(places) = open.pop_front() {
        if came_from.len() > 10 * MAX_STATES {
            return None;
        }
        let at_end = |(place, pattern): (&usize, &&Pattern)| *place == pattern.tokens.len();
        if places.iter().zip(patterns).all(at_end) {
            return Some(retraced(&came_from, places, &start));
        }
        let mut visit = |next: Vec<usize>, character: Option<char>| {
            if !came_from.contains_key(&next) {
                came_from.insert(next.clone(), (places.clone(), character));
                open.push_back(next);
            }
        };
        for (index, pattern) in patterns.iter().enumerate() {
            let place = places.get(index).copied().unwrap_or_default();
            if pattern.tokens.get(place).is_some_and(Token::repeats) {
                let mut next = places.clone();
                if let Some(next) = next.get_mut(index) {
                    *next += 1;
                }
                visit(next, None);
            }
        }
        // Where one pattern wants a certain character, only that one leads on.
        let wanted =
            places.iter().zip(patterns).find_map(|(place, pattern)| match pattern.tokens.get(*place) {
                Some(Token::Literal(literal)) => Some([Symbol::Char(*literal)]),
                _ => None,
            });
        let symbols = wanted.as_ref().map_or(alphabet.as_slice(), |wanted| wanted.as_slice());
        for symbol in symbols {
            let step = |(place, pattern): (&usize, &&Pattern)| {
                let token = pattern.tokens.get(*place)?;
                token.takes(symbol).then_some(if token.repeats() { *place } else { place + 1 })
            };
            if let Some(next) = places.iter().zip(patterns).map(step).collect::<Option<Vec<_>>>() {
                visit(next, Some(symbol.to_char()));
            }
        }
    }
    None
}

fn retraced(
    came_from: &HashMap<Vec<usize>, (Vec<usize>, Option<char>)>,
    end: Vec<usize>,
    start: &[usize],
) -> String {
    let mut text = Vec::new();
    let mut places = end;
    while places != start {
        let Some((before, character)) = came_from.get(&places) else { break };
        text.extend(*character);
        places.clone_from(before);
    }
    text.iter().rev().collect()
}

/// A character as the automata tell characters apart: those that a pattern names, and one for all others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Symbol {
    Char(char),
    Variable(Box<str>),
    /// Any character that no pattern names.
    Other,
}

impl Symbol {
    const fn to_char(&self) -> char {
        match self {
            Self::Char(character) => *character,
            Self::Variable(_) | Self::Other => char::REPLACEMENT_CHARACTER,
        }
    }
}

impl Token {
    const fn repeats(&self) -> bool {
        matches!(self, Self::Any | Self::AnyInSegment)
    }

    fn takes(&self, symbol: &Symbol) -> bool {
        match self {
            Self::Literal(literal) => matches!(symbol, Symbol::Char(character) if character == literal),
            Self::Variable(name) => matches!(symbol, Symbol::Variable(other) if other == name),
            Self::One => !matches!(symbol, Symbol::Variable(_)),
            Self::Any => true,
            Self::AnyInSegment => *symbol != Symbol::Char(':'),
        }
    }

    /// What this token can go on with.
    fn symbols(&self, alphabet: &[Symbol]) -> Vec<Symbol> {
        match self {
            Self::Literal(literal) => vec![Symbol::Char(*literal)],
            Self::Variable(name) => vec![Symbol::Variable(name.clone())],
            Self::One | Self::Any | Self::AnyInSegment => {
                alphabet.iter().filter(|symbol| self.takes(symbol)).cloned().collect()
            }
        }
    }

    fn to_text(&self) -> String {
        match self {
            Self::Literal(character) => character.to_string(),
            Self::One => "?".to_owned(),
            Self::Any | Self::AnyInSegment => "*".to_owned(),
            Self::Variable(name) => format!("${{{name}}}"),
        }
    }
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

    fn step(&self, states: &States, symbol: &Symbol) -> States {
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

    fn alphabet(&self) -> Vec<Symbol> {
        let mut symbols = HashSet::from([Symbol::Char(':')]);
        for token in self.patterns.iter().flat_map(|pattern| &pattern.tokens) {
            match token {
                Token::Literal(character) => symbols.insert(Symbol::Char(*character)),
                Token::Variable(name) => symbols.insert(Symbol::Variable(name.clone())),
                _ => false,
            };
        }
        let mut alphabet: Vec<_> = symbols.into_iter().collect();
        alphabet.sort_by_key(Symbol::to_char);
        // The unnamed character comes last, so a search that goes on where it was last starts with it: it leads to
        // nearly all counterexamples.
        alphabet.push(Symbol::Other);
        alphabet
    }
}

fn sorted(mut states: States) -> States {
    states.sort_unstable();
    states.dedup();
    states
}

/// Splits into tokens; stars in a row are one, and come after the question marks beside them.
fn tokens(written: &str, variables: Variables) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(written.len());
    let mut rest = written;
    while let Some(character) = rest.chars().next() {
        if variables == Variables::Resolved
            && let Some((name, after)) = rest.strip_prefix("${").and_then(|inner| inner.split_once('}'))
        {
            tokens.push(match name {
                "*" => Token::Literal('*'),
                "?" => Token::Literal('?'),
                "$" => Token::Literal('$'),
                name => Token::Variable(name.into()),
            });
            rest = after;
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
        rest = rest.get(character.len_utf8()..).unwrap_or_default();
    }
    tokens
}

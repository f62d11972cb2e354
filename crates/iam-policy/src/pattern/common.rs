use std::collections::{HashMap, VecDeque};

use super::{Pattern, Symbol, Token, alphabet, glob};

/// How many states the search for a text may visit before it is given up as undecided.
const MAX_STATES: usize = 10_000;

/// How many pairs of places the same question may look at for two patterns, where each costs little.
const MAX_PAIRS: usize = 1 << 20;

/// Whether some text matches both: whether one can walk to the end of both at once. Undecided counts as no.
pub(super) fn overlap<'a>(mut left: &'a [Token], mut right: &'a [Token]) -> bool {
    // What both begin and end with, up to the stars, is compared one by one; that leaves little or nothing.
    loop {
        match (left, right) {
            ([one, left_rest @ ..], [other, right_rest @ ..]) if !one.repeats() && !other.repeats() => {
                if !one.meets(other) {
                    return false;
                }
                (left, right) = (left_rest, right_rest);
            }
            _ => match after_segment(left, right).or_else(|| after_segment(right, left).map(swapped)) {
                Some(rest) => (left, right) = rest,
                None => break,
            },
        }
    }
    while let ([left_rest @ .., one], [right_rest @ .., other]) = (left, right)
        && !one.repeats()
        && !other.repeats()
    {
        if !one.meets(other) {
            return false;
        }
        (left, right) = (left_rest, right_rest);
    }
    // Many a pattern is one text.
    match (text(left), text(right)) {
        (Some(text), _) => {
            return glob(right, text, |token, character| token.takes(Symbol::Char(*character)));
        }
        (_, Some(text)) => return glob(left, text, |token, character| token.takes(Symbol::Char(*character))),
        (None, None) => {}
    }
    let width = right.len() + 1;
    let pairs = (left.len() + 1).saturating_mul(width);
    if MAX_PAIRS < pairs {
        return false;
    }
    let mut seen = vec![false; pairs];
    let mut open = vec![(0, 0)];
    while let Some((at, other_at)) = open.pop() {
        let is_new = seen.get_mut(at * width + other_at).is_some_and(|seen| !std::mem::replace(seen, true));
        if !is_new {
            continue;
        }
        let (one, other) = (left.get(at), right.get(other_at));
        if one.is_none() && other.is_none() {
            return true;
        }
        if one.is_some_and(Token::repeats) {
            open.push((at + 1, other_at));
        }
        if other.is_some_and(Token::repeats) {
            open.push((at, other_at + 1));
        }
        if let (Some(one), Some(other)) = (one, other)
            && one.meets(other)
        {
            open.push((at + usize::from(!one.repeats()), other_at + usize::from(!other.repeats())));
        }
    }
    false
}

/// What comes after a segment of `other` for all of which a star of `starred` stands: it can take no colon, and all that
/// `other` has before its next colon can be none.
fn after_segment<'a>(starred: &'a [Token], other: &'a [Token]) -> Option<(&'a [Token], &'a [Token])> {
    let [Token::AnyInSegment, Token::Literal(':'), starred_rest @ ..] = starred else { return None };
    let colon =
        other.iter().position(|token| matches!(token, Token::Literal(':') | Token::One | Token::Any))?;
    let (_, [Token::Literal(_), other_rest @ ..]) = other.split_at_checked(colon)? else { return None };
    Some((starred_rest, other_rest))
}

const fn swapped<T: Copy>((one, other): (T, T)) -> (T, T) {
    (other, one)
}

/// The only text that the tokens match, character by character.
fn text(tokens: &[Token]) -> Option<impl Iterator<Item = char> + Clone> {
    let is_literal = |token: &Token| matches!(token, Token::Literal(_));
    let literal = |token: &Token| match token {
        Token::Literal(character) => Some(*character),
        _ => None,
    };
    tokens.iter().all(is_literal).then(|| tokens.iter().filter_map(literal))
}

impl Token {
    /// Whether there is something that both take.
    fn meets(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Literal(_) | Self::Variable(_), Self::Literal(_) | Self::Variable(_)) => self == other,
            (Self::Literal(':'), Self::AnyInSegment)
            | (Self::AnyInSegment, Self::Literal(':'))
            | (Self::Variable(_), Self::One)
            | (Self::One, Self::Variable(_)) => false,
            _ => true,
        }
    }
}

/// A text that matches all `patterns`, if there is one. Undecided counts as none.
///
/// A variable meets only itself and stars: whatever it will stand for matches there. In the answer it is a
/// replacement character, like any character that no pattern names.
#[must_use]
pub fn common_text(patterns: &[&Pattern]) -> Option<String> {
    let alphabet = alphabet(patterns);
    let start = vec![0; patterns.len()];
    let mut came_from: HashMap<Vec<usize>, (Vec<usize>, Option<char>)> = HashMap::new();
    let mut open = VecDeque::from([start.clone()]);
    came_from.insert(start.clone(), (start.clone(), None));
    while let Some(places) = open.pop_front() {
        if came_from.len() > MAX_STATES {
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
                token.takes(*symbol).then_some(if token.repeats() { *place } else { place + 1 })
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

impl Symbol<'_> {
    const fn to_char(self) -> char {
        match self {
            Self::Char(character) => character,
            Self::Variable(_) | Self::Other => char::REPLACEMENT_CHARACTER,
        }
    }
}

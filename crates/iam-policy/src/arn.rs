use std::collections::BTreeSet;

use crate::pattern::{self, Pattern, Token, Variables, takes_text, takes_unspelt, union_covers};

/// What the ARNs of a resource type look like, as the Service Authorization Reference says.
///
/// In the table's spelling `$` stands for any name, and the leading `arn:` is left out:
/// `$:dynamodb:$:$:table/$`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    text: &'static str,
    /// Partition, service, Region, account and resource.
    segments: [&'static str; 5],
}

/// In which Regions and accounts a pattern reaches the resources that it covers, as the policy wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Breadth {
    /// A Region code or pattern; nothing for every Region.
    pub region: Option<String>,
    /// An account or pattern; nothing for every account.
    pub account: Option<String>,
}

/// What the ARNs of log groups may end in.
const SUFFIX: &str = ":*";

/// Where a resource is, as its ARN says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// `aws`, `aws-cn` and the like.
    pub partition: String,
    /// Region code; empty where the type has none in its ARNs.
    pub region: String,
    /// Twelve digits; empty where the type has none in its ARNs.
    pub account: String,
}

/// The text before the first wildcard of a pattern over ARNs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Beginning {
    /// The text.
    pub text: String,
    /// Whether there is no wildcard, so that this is the ARN, and not the beginning of others.
    pub is_whole: bool,
}

/// One way to fill in the places of a shape that say where a resource is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Location {
    partition: Vec<Token>,
    region: Vec<Token>,
    account: Vec<Token>,
}

impl Shape {
    pub(crate) fn of_table(text: &'static str) -> Self {
        let mut rest = text.splitn(5, ':');
        Self { text, segments: [(); 5].map(|()| rest.next().unwrap_or_default()) }
    }

    /// In the table's spelling.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.text
    }

    /// Whether there is more than one such resource in a Region and account.
    pub(crate) fn has_names(self) -> bool {
        let [.., resource] = self.segments;
        resource.contains('$')
    }

    /// Whether what names the resource begins with a word of the type, and not with a name.
    pub(crate) fn begins_with_a_word(self) -> bool {
        let [.., resource] = self.segments;
        !resource.starts_with('$')
    }

    /// Whether a pattern may match such ARNs at all, judged by where service and resource begin: most are of another
    /// type. Only names with colons in them could say otherwise, and they are not all names.
    pub(crate) fn may_be_named_by(self, pattern: &Pattern) -> bool {
        let mut segments = pattern.tokens().split(|token| *token == Token::Literal(':'));
        let (service, resource) = (segments.nth(2), segments.nth(2));
        // With more colons, the pattern's fifth need not be the ARN's.
        let resource = resource.filter(|_| segments.next().is_none());
        let [_, own_service, .., own_resource] = self.segments;
        service.is_none_or(|service| may_begin_alike(service, own_service))
            && resource.is_none_or(|resource| may_begin_alike(resource, own_resource))
    }

    /// Every ARN of this type at a location, and maybe more: a name may be any text. Log groups are addressed with and
    /// without a trailing `:*`.
    ///
    /// Source for log groups: CloudWatch Logs User Guide, `iam-access-control-overview-cwl`, "CloudWatch Logs resources
    /// and operations".
    pub(crate) fn at_most(self, location: &Location) -> Vec<Pattern> {
        let tokens = self.tokens(location, &[Token::One, Token::Any]);
        if !self.has_suffix() {
            return vec![Pattern::unwritten(tokens)];
        }
        let suffix = SUFFIX.chars().map(Token::Literal);
        let with_suffix = tokens.iter().cloned().chain(suffix).collect();
        vec![Pattern::unwritten(tokens), Pattern::unwritten(with_suffix)]
    }

    fn has_suffix(self) -> bool {
        matches!(self.segments, [_, "logs", _, _, "log-group:$"])
    }

    /// ARNs that are of this type for certain: with a colon in a name, one may be of another type, unless colons are the
    /// type's own separators.
    pub(crate) fn at_least(self, location: &Location) -> Pattern {
        let [.., resource] = self.segments;
        let name = if resource.contains(':') { Token::Any } else { Token::AnyInSegment };
        Pattern::unwritten(self.tokens(location, &[name]))
    }

    fn tokens(self, location: &Location, name: &[Token]) -> Vec<Token> {
        let [before @ .., resource] = self.segments;
        let places = [Some(&location.partition), None, Some(&location.region), Some(&location.account)];
        // Room for the partition's, the Region's and the account's names.
        let mut tokens = Vec::with_capacity(self.text.len() + 40);
        tokens.extend("arn:".chars().map(Token::Literal));
        for (segment, place) in before.into_iter().zip(places) {
            match (segment, place) {
                ("$", Some(place)) => tokens.extend(place.iter().cloned()),
                ("$", None) => tokens.push(Token::AnyInSegment),
                (literal, _) => tokens.extend(literal.chars().map(Token::Literal)),
            }
            tokens.push(Token::Literal(':'));
        }
        tokens.extend(named(resource, name));
        tokens
    }

    /// Whether an ARN is of this type. One with a colon in its name may be of another type as well.
    #[must_use]
    pub fn is_of(self, arn: &str) -> bool {
        let [before @ .., resource] = self.segments;
        let mut given = arn.splitn(6, ':');
        let are_alike = given.next() == Some("arn")
            && before.into_iter().all(|own| given.next().is_some_and(|given| own == "$" || own == given));
        let names = |given: &str| {
            let tokens: Vec<_> = named(resource, &[Token::One, Token::Any]).collect();
            takes_text(&tokens, given)
        };
        let is_named =
            |given: &str| names(given) || self.has_suffix() && given.strip_suffix(SUFFIX).is_some_and(names);
        are_alike && given.next().is_some_and(is_named)
    }

    /// Whether `patterns` together match every ARN of this type at a location; each spelling of an ARN is enough.
    pub(crate) fn is_covered(self, patterns: &[Pattern], location: &Location) -> bool {
        if !self.may_be_covered(patterns) {
            return false;
        }
        let useful: Vec<_> = patterns.iter().filter(|pattern| self.is_partly_covered(pattern)).collect();
        self.at_most(location).iter().any(|all| union_covers(&useful, all))
    }

    /// Whether patterns may together match every ARN of this type at some location: most name one resource, or some.
    pub(crate) fn may_be_covered(self, patterns: &[Pattern]) -> bool {
        patterns
            .iter()
            .any(|pattern| self.is_partly_covered(pattern) && self.has_names_without_spelling(pattern))
    }

    /// Whether a pattern may have a part in covering all ARNs of this type. One for finitely many ARNs adds nothing to
    /// covering infinitely many names.
    fn is_partly_covered(self, pattern: &Pattern) -> bool {
        self.may_be_named_by(pattern) && !(self.has_names() && pattern.is_finite())
    }

    /// Whether a pattern may match names that it does not spell, as one of those must that cover all names. Where its
    /// segments are those of the ARN, its last one shows it.
    fn has_names_without_spelling(self, pattern: &Pattern) -> bool {
        let mut segments = pattern.tokens().splitn(6, |token| *token == Token::Literal(':'));
        let is_open =
            |segment: &[Token]| segment.iter().any(|token| matches!(token, Token::One | Token::Any));
        if self.has_suffix() || segments.by_ref().take(5).any(is_open) {
            return true;
        }
        let [.., resource] = self.segments;
        segments.next().is_none_or(|segment| takes_unspelt(segment, resource))
    }
}

impl Beginning {
    /// The beginning of everything.
    #[must_use]
    pub const fn of_anything() -> Self {
        Self { text: String::new(), is_whole: false }
    }
}

impl Place {
    /// The place of a resource with this ARN.
    #[must_use]
    pub fn of(arn: &str) -> Option<Self> {
        let mut segments = arn.splitn(6, ':').map(ToOwned::to_owned);
        let (_, partition, _) = (segments.next()?, segments.next()?, segments.next()?);
        let (region, account, _) = (segments.next()?, segments.next()?, segments.next()?);
        Some(Self { partition, region, account })
    }
}

impl Location {
    pub(crate) fn at(place: &Place) -> Self {
        let tokens = |text: &str| text.chars().map(Token::Literal).collect();
        Self {
            partition: tokens(&place.partition),
            region: tokens(&place.region),
            account: tokens(&place.account),
        }
    }

    /// Every Region and account of the partition `aws`.
    pub(crate) fn anywhere() -> Self {
        Self {
            partition: "aws".chars().map(Token::Literal).collect(),
            region: vec![Token::AnyInSegment],
            account: vec![Token::AnyInSegment],
        }
    }

    /// The locations that patterns speak of, the widest first: what covers a type anywhere covers it in each.
    pub(crate) fn spoken_of<'a>(patterns: impl Iterator<Item = &'a Pattern>) -> Vec<Self> {
        let mut locations = vec![Self::anywhere()];
        for pattern in patterns {
            let Some(partition) = own_segments(pattern) else { continue };
            let wide = Self { partition: partition.partition.clone(), ..Self::anywhere() };
            let one_account = Self { region: vec![Token::AnyInSegment], ..partition.clone() };
            for location in [wide, one_account, partition] {
                if !locations.contains(&location) {
                    locations.push(location);
                }
            }
        }
        locations
    }

    pub(crate) fn breadth(&self) -> Breadth {
        let named = |tokens: &[Token]| {
            let is_open = matches!(tokens, [Token::Any | Token::AnyInSegment]);
            (!is_open).then(|| Pattern::of_tokens(tokens.to_vec()).as_str().to_owned())
        };
        Breadth { region: named(&self.region), account: named(&self.account) }
    }
}

/// The tokens for a shape's resource whose names are matched by `name`.
fn named<'a>(resource: &'a str, name: &'a [Token]) -> impl Iterator<Item = Token> + use<'a> {
    resource.chars().flat_map(move |character| {
        let (names, literal) = if character == '$' { (name, None) } else { (&[][..], Some(character)) };
        names.iter().cloned().chain(literal.map(Token::Literal))
    })
}

/// Whether a segment may match what a shape has there, as far as both are literal.
fn may_begin_alike(segment: &[Token], shape: &str) -> bool {
    let mut segment = segment.iter();
    for character in shape.chars() {
        match segment.next() {
            _ if character == '$' => return true,
            Some(Token::Literal(literal)) if *literal == character => {}
            Some(Token::Literal(_)) | None => return false,
            Some(_) => return true,
        }
    }
    !matches!(segment.next(), Some(Token::Literal(_)))
}

/// Partition, Region and account of a pattern with all six segments.
fn own_segments(pattern: &Pattern) -> Option<Location> {
    let mut segments = pattern.tokens().splitn(6, |token| *token == Token::Literal(':'));
    let (_, partition, _) = (segments.next()?, segments.next()?, segments.next()?);
    let (region, account, _) = (segments.next()?, segments.next()?, segments.next()?);
    // A wildcard in the partition's place is no other partition: `arn:*:s3:::*` covers `aws` among others.
    let partition = if partition.iter().all(|token| matches!(token, Token::Literal(_))) {
        partition.to_vec()
    } else {
        Location::anywhere().partition
    };
    let within = |segment: &[Token]| {
        // An empty segment is about types that have none there; where a type has one, it names nothing.
        if segment.is_empty() {
            return vec![Token::AnyInSegment];
        }
        let narrowed = |token: &Token| match token {
            Token::Any => Token::AnyInSegment,
            token => token.clone(),
        };
        segment.iter().map(narrowed).collect::<Vec<_>>()
    };
    Some(Location { partition, region: within(region), account: within(account) })
}

/// With what the ARNs at these places begin that a pattern matches. Many a pattern leaves Region and account open, which
/// says nothing about the resource.
pub(crate) fn beginnings(pattern: &Pattern, places: &BTreeSet<Place>) -> Vec<Beginning> {
    let segments: Vec<_> = pattern.tokens().splitn(6, |token| *token == Token::Literal(':')).collect();
    let whole = || {
        vec![Beginning {
            text: pattern::beginning(pattern.tokens()),
            is_whole: literal(pattern.tokens()).is_some(),
        }]
    };
    let [start, partition, service, region, account, resource] = segments.as_slice() else { return whole() };
    let (Some(start), Some(service)) = (literal(start), literal(service)) else { return whole() };
    let matched = places.iter().filter(|place| {
        let pairs = [(partition, &place.partition), (region, &place.region), (account, &place.account)];
        pairs.into_iter().all(|(tokens, text)| takes_text(tokens, text))
    });
    let is_whole = literal(resource).is_some();
    let resource = pattern::beginning(resource);
    let begin = |Place { partition, region, account }: &Place| Beginning {
        text: format!("{start}:{partition}:{service}:{region}:{account}:{resource}"),
        is_whole,
    };
    matched.map(begin).collect()
}

/// The only text that the tokens match.
fn literal(tokens: &[Token]) -> Option<String> {
    let literal = |token: &Token| match token {
        Token::Literal(character) => Some(*character),
        _ => None,
    };
    tokens.iter().map(literal).collect()
}

/// The pattern for one ARN, whatever characters it holds.
#[must_use]
pub fn exactly(arn: &str) -> Pattern {
    Pattern::of_tokens(arn.chars().map(Token::Literal).collect())
}

/// The pattern for everything below one ARN: `arn:aws:s3:::bucket` and `/` make `arn:aws:s3:::bucket/*`.
#[must_use]
pub fn below(arn: &str, separator: &str) -> Pattern {
    let literals = arn.chars().chain(separator.chars()).map(Token::Literal);
    Pattern::of_tokens(literals.chain([Token::Any]).collect())
}

/// The account in an ARN's fifth segment.
#[must_use]
pub fn account_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|account| !account.is_empty())
}

/// The resource in an ARN's sixth segment: `table/orders`.
#[must_use]
pub fn resource_of(arn: &str) -> Option<&str> {
    arn.splitn(6, ':').nth(5)
}

impl Pattern {
    /// The ARN pattern that a policy of today's version would mean by `written`.
    #[must_use]
    pub fn today(written: &str) -> Self {
        Self::arn(written, Variables::Resolved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_is_of_a_type_whose_patterns_at_its_place_match_it() {
        let shapes = [
            "$:dynamodb:$:$:table/$",
            "$:dynamodb:$:$:table/$/index/$",
            "$:s3:::$",
            "$:logs:$:$:log-group:$",
            "$:$:$:$:$",
        ];
        let arns = [
            "arn:aws:dynamodb:eu-west-1:111122223333:table/orders",
            "arn:aws-cn:dynamodb:eu-west-1:111122223333:table/",
            "arn:aws:dynamodb:eu-west-1:111122223333:table/orders/index/by-day",
            "arn:aws:s3:::orders",
            "arn:aws:s3:eu-west-1::orders",
            "arn:aws:logs:eu-west-1:111122223333:log-group:orders",
            "arn:aws:logs:eu-west-1:111122223333:log-group:orders:*",
            "urn:aws:s3:::orders",
            "arn:aws:s3::",
            "orders",
        ];
        let mut found = 0;
        for (shape, arn) in shapes.iter().flat_map(|shape| arns.map(|arn| (Shape::of_table(shape), arn))) {
            let patterns =
                Place::of(arn).map(|place| shape.at_most(&Location::at(&place))).unwrap_or_default();
            let is_of = patterns.iter().any(|pattern| pattern.matches(arn));
            assert_eq!(shape.is_of(arn), is_of, "{} {arn}", shape.as_str());
            found += usize::from(is_of);
        }
        assert!(found > 5);
    }

    #[test]
    fn what_cannot_cover_a_type_covers_it_at_no_location() {
        let shapes = [
            "$:dynamodb:$:$:table/$",
            "$:s3:::$",
            "$:s3:::$/$",
            "$:logs:$:$:log-group:$",
            "$:glue:$:$:catalog",
        ];
        let written = [
            "*",
            "arn:*",
            "arn:aws:s3*",
            "arn:aws:s3:::*",
            "arn:aws:s3:::o*",
            "arn:aws:s3:::*/*",
            "arn:aws:s3:::?*",
            "arn:aws:s3:::?",
            "arn:aws:s3:::orders/*",
            "arn:a?s:s3:::*",
            "arn?aws:s3:::*",
            "arn:aws:dynamodb:*:*:table/*",
            "arn:aws:dynamodb:eu-west-1:*:table/*",
            "arn:aws:dynamodb:*:*:table/orders*",
            "arn:aws:dynamodb:*:*:t*",
            "arn:aws:logs:*:*:log-group:*",
            "arn:aws:logs:*:*:*",
            "arn:aws:logs:*:*:log-group:*:*",
            "arn:aws:logs:*:*:log-group:/aws/lambda/*",
            "arn:aws:glue:*:*:catalog",
            "arn:${aws:username}:s3:::*",
        ];
        let patterns = written.map(Pattern::today);
        let mut covered = 0;
        for shape in shapes.map(Shape::of_table) {
            for pair in
                patterns.iter().flat_map(|one| patterns.iter().map(move |other| [one.clone(), other.clone()]))
            {
                let all: Vec<_> = pair.iter().filter(|pattern| shape.is_partly_covered(pattern)).collect();
                for location in Location::spoken_of(pair.iter()) {
                    let is_covered = shape.at_most(&location).iter().any(|most| union_covers(&all, most));
                    assert!(!is_covered || shape.may_be_covered(&pair), "{} {pair:?}", shape.as_str());
                    covered += usize::from(is_covered);
                }
            }
        }
        assert!(covered > 100);
    }
}

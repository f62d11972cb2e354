//! Every action of the Service Authorization Reference: its access level, the resource types that a policy can
//! restrict it to, and the condition keys that narrow it.
//!
//! The table is sorted text, compiled into the binary and read in place: a lookup is a binary search over lines,
//! nothing is unpacked or allocated. `data/services.txt` says where in `data/actions.txt` each service stands, and is
//! read when this crate is compiled; both are written by `cargo xtask refresh-data actions`, and a test reads every
//! line of them.

mod services;

use std::cmp::Ordering;
use std::fmt;
use std::sync::OnceLock;

use self::services::{COUNT, SERVICES, Section};
use crate::arn::Shape;
use crate::narrowing;

static ACTIONS: &str = include_str!("../data/actions.txt");
const SOURCE: &str = include_str!("../data/source.txt");

/// The resource types of each service, read at the first question about one: few services are ever asked about, and these
/// for every action of every role.
static TYPES: [OnceLock<Box<[NamedShape]>>; COUNT] = [const { OnceLock::new() }; COUNT];

/// Name and shape of a resource type.
type NamedShape = (&'static str, Shape);

/// Where the table is from and of which day.
#[must_use]
pub fn source() -> &'static str {
    SOURCE.trim_ascii_end()
}

/// The kind of thing that an action does.
///
/// Source: IAM User Guide, `access_policies_understand-policy-summary-access-level-summaries`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccessLevel {
    /// Shows which resources exist.
    List,
    /// Reads a resource's contents or attributes.
    Read,
    /// Changes only tags.
    Tagging,
    /// Creates, changes or deletes resources or their contents.
    Write,
    /// Changes who may do what.
    PermissionsManagement,
}

/// A service, by the prefix of its actions.
#[derive(Clone, Copy)]
pub struct Service(&'static Section);

/// An action that the table knows.
#[derive(Clone, Copy)]
pub struct Action {
    service: Service,
    name: &'static str,
    access_level: AccessLevel,
    /// Comma-separated places in the service's types, `!` behind those that the action requires.
    types: &'static str,
    /// Comma-separated places in the service's keys.
    keys: &'static str,
}

/// A type of resources that an action can be restricted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourceType {
    /// As the Service Authorization Reference names it: `table`, `object`.
    pub name: &'static str,
    /// What its ARNs look like.
    pub shape: Shape,
    /// Whether every request needs a resource of this type, so that restricting it restricts the action.
    pub is_required: bool,
}

/// All services, by prefix.
pub fn services() -> impl Iterator<Item = Service> {
    SERVICES.iter().map(Service)
}

/// The service with this prefix, in any case.
#[must_use]
pub fn service(prefix: &str) -> Option<Service> {
    let place = SERVICES.binary_search_by(|section| compare(section.prefix(), prefix)).ok()?;
    SERVICES.get(place).map(Service)
}

/// The action with this full name, in any case: `dynamodb:PutItem`.
#[must_use]
pub fn action(full_name: &str) -> Option<Action> {
    let (prefix, name) = full_name.split_once(':')?;
    service(prefix)?.action(name)
}

impl Service {
    /// What stands before the colon: `dynamodb`.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        self.0.prefix()
    }

    /// In the order by which actions refer to them; the table has a line `name TAB shape` for each.
    fn types(self) -> &'static [NamedShape] {
        let read = || ACTIONS.get(self.0.types()).unwrap_or_default().lines().filter_map(read_type).collect();
        TYPES.get(self.0.place()).map_or(&[], |types| types.get_or_init(read))
    }

    /// One key or family of keys per line, likewise.
    fn keys(self) -> &'static str {
        ACTIONS.get(self.0.keys()).unwrap_or_default()
    }

    /// `Name TAB level TAB types TAB keys`, sorted without regard to case.
    fn lines(self) -> &'static str {
        ACTIONS.get(self.0.actions()).unwrap_or_default()
    }

    /// Its actions by name.
    pub fn actions(self) -> impl Iterator<Item = Action> {
        self.lines().split('\n').filter_map(move |line| read_action(self, line))
    }

    /// Its actions whose names begin with `start`, in any case.
    pub(crate) fn actions_from(self, start: &str) -> impl Iterator<Item = Action> {
        let begins = move |action: &Action| {
            let head = action.name.get(..start.len());
            head.is_some_and(|head| head.eq_ignore_ascii_case(start))
        };
        lines_from(self.lines(), start)
            .split('\n')
            .filter_map(move |line| read_action(self, line))
            .take_while(begins)
    }

    /// The action with this name, in any case.
    #[must_use]
    pub fn action(self, name: &str) -> Option<Action> {
        read_action(self, find_line(self.lines(), name)?)
    }

    /// Whether the name of every resource stands behind a word for its type, as in `rule/orders`: not so for topics.
    #[must_use]
    pub fn names_types(self) -> bool {
        self.types().iter().all(|(_, shape)| shape.begins_with_a_word())
    }

    /// What ARNs of this type look like.
    #[must_use]
    pub fn shape(self, resource_type: &str) -> Option<Shape> {
        self.types().iter().find(|(name, _)| *name == resource_type).map(|(_, shape)| *shape)
    }
}

impl Action {
    /// The service's prefix: `dynamodb`.
    #[must_use]
    pub fn service(self) -> &'static str {
        self.service.prefix()
    }

    /// The name behind the colon: `PutItem`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// What kind of thing it does.
    #[must_use]
    pub const fn access_level(self) -> AccessLevel {
        self.access_level
    }

    /// Whether it changes anything: a write, tagging or permissions-management action.
    #[must_use]
    pub fn changes_something(self) -> bool {
        self.access_level >= AccessLevel::Tagging
    }

    /// Whether a policy can restrict it to certain resources. The others work on `*`, or on something of which each
    /// Region has just one, such as its Data Catalog.
    #[must_use]
    pub fn is_restrictable(self) -> bool {
        self.resource_types().any(|worked_on| worked_on.shape.has_names())
    }

    /// Its place among the actions of its service.
    pub(crate) fn order(self, other: Self) -> Ordering {
        compare(self.name, other.name)
    }

    /// Service and spelling of the resource types: actions that agree in it work on the same types, so that one answer
    /// about resources is good for all of them.
    pub(crate) fn resource_types_key(self) -> (&'static str, &'static str) {
        (self.service(), self.types)
    }

    /// The resource types that a policy can restrict it to.
    pub fn resource_types(self) -> impl Iterator<Item = ResourceType> {
        self.types.split(',').filter_map(move |place| {
            let (place, is_required) = match place.strip_suffix('!') {
                Some(place) => (place, true),
                None => (place, false),
            };
            let (name, shape) = *self.service.types().get(place.parse::<usize>().ok()?)?;
            Some(ResourceType { name, shape, is_required })
        })
    }

    /// The condition keys that narrow it to some resources, or to parts of them; `*` ends a family of keys.
    pub fn narrowing_keys(self) -> impl Iterator<Item = &'static str> {
        self.keys.split(',').filter_map(move |place| self.service.keys().split('\n').nth(place.parse().ok()?))
    }

    /// Whether requests for it carry this condition key. Only keys that [narrow](narrowing::is_recorded) are known.
    #[must_use]
    pub fn supports_key(self, key: &str) -> bool {
        self.narrowing_keys().any(|family| narrowing::is_of(family, key))
    }
}

impl fmt::Display for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.service(), self.name)
    }
}

impl fmt::Debug for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.prefix())
    }
}

impl PartialEq for Action {
    fn eq(&self, other: &Self) -> bool {
        // Each name stands in the table once.
        std::ptr::eq(self.name, other.name)
    }
}

impl Eq for Action {}

impl PartialOrd for Action {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Action {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.service(), self.name).cmp(&(other.service(), other.name))
    }
}

fn read_type(line: &'static str) -> Option<NamedShape> {
    let (name, shape) = line.split_once('\t')?;
    Some((name, Shape::of_table(shape)))
}

fn read_action(service: Service, line: &'static str) -> Option<Action> {
    let mut fields = line.split('\t');
    let name = fields.next()?;
    let access_level = match fields.next()? {
        "L" => AccessLevel::List,
        "R" => AccessLevel::Read,
        "T" => AccessLevel::Tagging,
        "W" => AccessLevel::Write,
        "P" => AccessLevel::PermissionsManagement,
        _ => return None,
    };
    Some(Action {
        service,
        name,
        access_level,
        types: fields.next().unwrap_or_default(),
        keys: fields.next().unwrap_or_default(),
    })
}

/// The line whose first field is `wanted`, in lines that are sorted by it without regard to case.
fn find_line(text: &'static str, wanted: &str) -> Option<&'static str> {
    let lines = lines_from(text, wanted);
    compare_first_field(lines.as_bytes(), wanted).is_eq().then(|| lines.lines().next())?
}

/// The lines whose first field is `wanted` or comes after it, likewise.
fn lines_from(text: &'static str, wanted: &str) -> &'static str {
    let bytes = text.as_bytes();
    let newline = |byte: &u8| *byte == b'\n';
    // Every line before `start` comes before `wanted`, and none from `end` on does.
    let (mut start, mut end) = (0, bytes.len());
    while start < end {
        let middle = usize::midpoint(start, end);
        let half = bytes.get(start..middle).unwrap_or_default();
        let line = half.iter().rposition(newline).map_or(start, |place| start + place + 1);
        let rest = bytes.get(line..end).unwrap_or_default();
        if compare_first_field(rest, wanted).is_lt() {
            start = rest.iter().position(newline).map_or(end, |place| line + place + 1);
        } else {
            end = line;
        }
    }
    text.get(start..).unwrap_or_default()
}

fn compare_first_field(lines: &[u8], wanted: &str) -> Ordering {
    let field = lines.iter().take_while(|byte| !matches!(byte, b'\t' | b'\n'));
    field.map(u8::to_ascii_lowercase).cmp(wanted.bytes().map(|byte| byte.to_ascii_lowercase()))
}

fn compare(left: &str, right: &str) -> Ordering {
    compare_first_field(left.as_bytes(), right)
}

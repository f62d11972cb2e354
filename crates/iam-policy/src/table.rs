//! Every action of the Service Authorization Reference: its access level, the resource types that a policy can
//! restrict it to, and the condition keys that narrow it.
//!
//! The table is sorted text, compiled into the binary and read in place: a lookup is a binary search over lines,
//! nothing is unpacked or allocated. `data/services.txt` says where in `data/actions.txt` each service stands; both
//! are written by `cargo xtask refresh-data actions`, and a test reads every line of them.

use std::cmp::Ordering;
use std::fmt;

use crate::arn::Shape;
use crate::narrowing;

const SERVICES: &str = include_str!("../data/services.txt");
const ACTIONS: &str = include_str!("../data/actions.txt");
const SOURCE: &str = include_str!("../data/source.txt");

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
pub struct Service {
    prefix: &'static str,
    /// `name TAB shape`, in the order by which actions refer to them.
    types: &'static str,
    /// One key or family of keys per line, likewise.
    keys: &'static str,
    /// `Name TAB level TAB types TAB keys`, sorted without regard to case.
    actions: &'static str,
}

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
    SERVICES.lines().filter_map(read_service)
}

/// The service with this prefix, in any case.
#[must_use]
pub fn service(prefix: &str) -> Option<Service> {
    read_service(find_line(SERVICES, prefix)?)
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
    pub const fn prefix(self) -> &'static str {
        self.prefix
    }

    /// Its actions by name.
    pub fn actions(self) -> impl Iterator<Item = Action> {
        self.actions.lines().filter_map(move |line| read_action(self, line))
    }

    /// The action with this name, in any case.
    #[must_use]
    pub fn action(self, name: &str) -> Option<Action> {
        read_action(self, find_line(self.actions, name)?)
    }

    /// What ARNs of this type look like.
    #[must_use]
    pub fn shape(self, resource_type: &str) -> Option<Shape> {
        self.types
            .lines()
            .filter_map(read_type)
            .find(|(name, _)| *name == resource_type)
            .map(|(_, shape)| shape)
    }
}

impl Action {
    /// The service's prefix: `dynamodb`.
    #[must_use]
    pub const fn service(self) -> &'static str {
        self.service.prefix
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

    /// Whether a policy can restrict it to certain resources. The others work on `*` or not at all.
    #[must_use]
    pub const fn is_restrictable(self) -> bool {
        !self.types.is_empty()
    }

    /// Service and spelling of the resource types: actions that agree in it work on the same types, so that one answer
    /// about resources is good for all of them.
    #[must_use]
    pub const fn resource_types_key(self) -> (&'static str, &'static str) {
        (self.service.prefix, self.types)
    }

    /// The resource types that a policy can restrict it to.
    pub fn resource_types(self) -> impl Iterator<Item = ResourceType> {
        self.types.split(',').filter_map(move |place| {
            let (place, is_required) = match place.strip_suffix('!') {
                Some(place) => (place, true),
                None => (place, false),
            };
            let (name, shape) = read_type(self.service.types.lines().nth(place.parse().ok()?)?)?;
            Some(ResourceType { name, shape, is_required })
        })
    }

    /// The condition keys that narrow it to some resources, or to parts of them; `*` ends a family of keys.
    pub fn narrowing_keys(self) -> impl Iterator<Item = &'static str> {
        self.keys.split(',').filter_map(move |place| self.service.keys.lines().nth(place.parse().ok()?))
    }

    /// Whether requests for it carry this condition key. Only keys that [narrow](narrowing::is_recorded) are known.
    #[must_use]
    pub fn supports_key(self, key: &str) -> bool {
        self.narrowing_keys().any(|family| narrowing::is_of(family, key))
    }
}

impl fmt::Display for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.service.prefix, self.name)
    }
}

impl fmt::Debug for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.prefix)
    }
}

impl PartialEq for Action {
    fn eq(&self, other: &Self) -> bool {
        (self.service.prefix, self.name) == (other.service.prefix, other.name)
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
        (self.service.prefix, self.name).cmp(&(other.service.prefix, other.name))
    }
}

/// `prefix TAB offset TAB length of types TAB of keys TAB of actions`.
fn read_service(line: &'static str) -> Option<Service> {
    let mut fields = line.split('\t');
    let prefix = fields.next()?;
    let mut end: usize = fields.next()?.parse().ok()?;
    let mut next_part = || {
        let start = end;
        end += fields.next()?.parse::<usize>().ok()?;
        ACTIONS.get(start..end)
    };
    Some(Service { prefix, types: next_part()?, keys: next_part()?, actions: next_part()? })
}

fn read_type(line: &'static str) -> Option<(&'static str, Shape)> {
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
    let mut rest = text;
    while !rest.is_empty() {
        // Back from the middle to the start of its line.
        let middle = rest.as_bytes().get(..rest.len() / 2)?;
        let start = middle.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
        let (before, from_start) = rest.split_at_checked(start)?;
        let (line, after) = from_start.split_once('\n').unwrap_or((from_start, ""));
        let field = line.split('\t').next().unwrap_or_default();
        match compare(wanted, field) {
            Ordering::Equal => return Some(line),
            Ordering::Less => rest = before,
            Ordering::Greater => rest = after,
        }
    }
    None
}

fn compare(left: &str, right: &str) -> Ordering {
    left.bytes()
        .map(|byte| byte.to_ascii_lowercase())
        .cmp(right.bytes().map(|byte| byte.to_ascii_lowercase()))
}

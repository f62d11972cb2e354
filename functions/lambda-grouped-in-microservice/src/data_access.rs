//! Which stores of other groups the function's role reaches.

use std::collections::BTreeMap;

use aws_resources::{DataStore, Group};
use config_rule::{Check, Finding, Known, Missing};
use iam_policy::stores::{Access, StoreAccess, StoreGrants, StoreKind};
use iam_policy::{Coverage, Origin, account_of};

use crate::certainty::{self, Reachable};
use crate::checks::{READS_FOREIGN_DATA_STORE, WRITES_ANY_DATA_STORE, WRITES_FOREIGN_DATA_STORE};
use crate::foreign::{Foreign, Home, and_more, capped};
use crate::targets::{Target as _, Targets};

/// What the role may do to stores that are not for certain the function's own.
#[derive(Debug)]
pub(crate) struct DataAccess<'a> {
    home: Home<'a>,
    reached: Vec<Reached<'a>>,
    /// Kinds whose stores are not known, with what the role may do to them.
    unlisted: Vec<(Vec<Access>, Missing)>,
}

/// A store, or the first of many that are reached alike.
#[derive(Debug)]
struct Reached<'a> {
    store: &'a DataStore,
    /// Another group than the function's, or why that cannot be said.
    group: Result<Group, Missing>,
    accesses: Vec<StoreAccess<'a>>,
    /// Of how many stores all this is true.
    count: usize,
}

/// Stores of another group with those accesses to them that a check is about.
#[derive(Debug)]
struct Hit<'a, 'b> {
    store: &'a DataStore,
    group: Group,
    accesses: Vec<&'b StoreAccess<'a>>,
    count: usize,
}

impl<'a> DataAccess<'a> {
    pub(crate) fn of(home: Home<'a>) -> Result<Self, Missing> {
        let permissions = match &home.surroundings.permissions {
            Known::Value(permissions) => permissions,
            Known::Unknown(missing) => return Err(missing.clone()),
        };
        let grants = StoreGrants::of(permissions);
        let mut access = Self { home, reached: Vec::new(), unlisted: Vec::new() };
        for (kind, stores) in &home.surroundings.stores {
            match stores {
                Known::Value(stores) => access.look_at_all(*kind, stores, &grants),
                Known::Unknown(missing) => {
                    access.unlisted.push((grants.accesses(*kind).collect(), missing.clone()));
                }
            }
        }
        Ok(access)
    }

    /// Looks at those stores that some grant names, and counts the others, on which everything is allowed that is allowed
    /// on all.
    fn look_at_all(&mut self, kind: StoreKind, stores: &'a Targets<DataStore>, grants: &StoreGrants<'a>) {
        let divided = grants.divided(kind, stores.places(), certainty::certainty);
        let named = stores.beginning_alike(&divided.beginnings);
        let looked_at = named.iter().filter_map(|position| {
            let reached = self.look_at(stores.get(*position)?, grants)?;
            Some((*position, reached))
        });
        let mut reached: Vec<_> = looked_at.collect();
        if !divided.on_all.is_empty() {
            let others = stores.groups(self.home).others(self.home.group, &named);
            let count = others.count;
            let first = others.first.map(|(position, group)| (position, Ok(group), count));
            let unknown = others.unknown.map(|(position, missing)| (position, Err(missing), 1));
            reached.extend([first, unknown].into_iter().flatten().filter_map(|(position, group, count)| {
                let store = stores.get(position)?;
                Some((position, Reached { store, group, accesses: divided.on_all.clone(), count }))
            }));
        }
        reached.sort_by_key(|(position, _)| *position);
        self.reached.extend(reached.into_iter().map(|(_, reached)| reached));
    }

    /// What the role may do to a store, if it is not for certain one of its own group or of nobody.
    fn look_at(&mut self, store: &'a DataStore, grants: &StoreGrants<'a>) -> Option<Reached<'a>> {
        let is_ignored = || store.is_ignored(self.home.boundaries);
        let named = match store.store.get() {
            Ok(named) => named,
            Err(_) if is_ignored() => return None,
            Err(missing) => {
                self.unlisted.push((grants.accesses(store.kind).collect(), missing));
                return None;
            }
        };
        let target = Reachable {
            tags: &store.group_evidence.tags,
            account: account_of(&named.arn).or(store.unnamed_account.as_deref()),
            own_account: self.home.account,
        };
        let accesses = grants.on(named, |grant, action| certainty::reaches(grant, action, target));
        // Whose a store is, and whether anybody cares, matters only once it is reached.
        if accesses.is_empty() || is_ignored() {
            return None;
        }
        let group = self.home.foreign_group(&store.group_evidence).transpose()?;
        Some(Reached { store, group, accesses, count: 1 })
    }

    /// A finding for each store of another group that a grant of its own lets the function modify.
    pub(crate) fn foreign_writes(&self) -> Result<Vec<Finding>, Missing> {
        let narrow = |access: &&StoreAccess<'_>| writes(access.access) && !access.coverage.is_broad();
        let hits = self.hits(writes, |accesses| accesses.iter().filter(narrow).collect())?;
        Ok(capped(self.one_for_each(WRITES_FOREIGN_DATA_STORE, &hits), "stores"))
    }

    /// A finding for each kind of stores all of which the function may modify, with some of another group among them.
    pub(crate) fn writes_to_any(&self) -> Result<Vec<Finding>, Missing> {
        let broad = |access: &&StoreAccess<'_>| writes(access.access) && access.coverage.is_broad();
        let hits = self.hits(writes, |accesses| accesses.iter().filter(broad).collect())?;
        Ok(self.one_for_each_kind(WRITES_ANY_DATA_STORE, &hits))
    }

    /// The same two for reads, of stores about which nothing is said because of writes.
    pub(crate) fn foreign_reads(&self) -> Result<Vec<Finding>, Missing> {
        let is_broad = |access: &&StoreAccess<'_>| access.coverage.is_broad();
        let hits = self.hits(reads, |accesses| {
            let is_written = accesses.iter().any(|access| writes(access.access));
            accesses.iter().filter(|_| !is_written).collect()
        })?;
        let (broad, mut narrow): (Vec<_>, Vec<_>) =
            hits.into_iter().partition(|hit| hit.accesses.iter().all(is_broad));
        for hit in &mut narrow {
            hit.accesses.retain(|access| !is_broad(access));
        }
        let mut findings = capped(self.one_for_each(READS_FOREIGN_DATA_STORE, &narrow), "stores");
        findings.extend(self.one_for_each_kind(READS_FOREIGN_DATA_STORE, &broad));
        Ok(findings)
    }

    /// The stores of other groups with those accesses that `select` leaves; kinds whose stores are not known are lacking
    /// if the role may do anything to them that may matter.
    fn hits<'b>(
        &'b self,
        may_matter: fn(Access) -> bool,
        select: impl Fn(&'b [StoreAccess<'a>]) -> Vec<&'b StoreAccess<'a>>,
    ) -> Result<Vec<Hit<'a, 'b>>, Missing> {
        let mut hits = Foreign::none();
        for Reached { store, group, accesses, count } in &self.reached {
            let accesses = select(accesses);
            if !accesses.is_empty() {
                hits.add(group.clone().map(|group| Some(Hit { store, group, accesses, count: *count })));
            }
        }
        for (allowed, missing) in &self.unlisted {
            if allowed.iter().copied().any(may_matter) {
                hits.lack(missing.clone());
            }
        }
        hits.decided()
    }

    fn one_for_each(&self, check: &'static Check, hits: &[Hit<'_, '_>]) -> Vec<Finding> {
        let finding = |hit: &Hit<'_, '_>| {
            let (kind, name, group) = (label(hit.store.kind), &hit.store.name, &hit.group);
            self.finding(check, hit, &format!("{kind} `{name}` of group `{group}`"))
        };
        hits.iter().filter_map(finding).collect()
    }

    fn one_for_each_kind(&self, check: &'static Check, hits: &[Hit<'_, '_>]) -> Vec<Finding> {
        let mut by_kind = BTreeMap::<StoreKind, Vec<&Hit<'_, '_>>>::new();
        for hit in hits {
            by_kind.entry(hit.store.kind).or_default().push(hit);
        }
        let finding = |(kind, hits): (StoreKind, Vec<&Hit<'_, '_>>)| {
            let first = hits.first()?;
            let has_exceptions = hits
                .iter()
                .flat_map(|hit| &hit.accesses)
                .all(|access| matches!(*access.coverage, Coverage::EveryBut(..)));
            let (every, kind) = (if has_exceptions { "nearly every" } else { "every" }, label(kind));
            let others = and_more(hits.iter().map(|hit| hit.count).sum());
            let which = format!("`{}` of group `{}`{others}", first.store.name, first.group);
            self.finding(check, first, &format!("{every} {kind}, such as {which},"))
        };
        by_kind.into_iter().filter_map(finding).collect()
    }

    fn finding(&self, check: &'static Check, hit: &Hit<'_, '_>, what: &str) -> Option<Finding> {
        let first = hit.accesses.iter().min_by_key(|access| rank(access.access))?;
        let origin = first.grant.origin();
        let seen =
            format!("may {} {what} with {} ({origin})", verb(first.access), actions(&hit.accesses, &origin));
        Some(Finding::new(
            check,
            seen,
            format!("only stores of group `{}`", self.home.group),
            origin.to_string(),
        ))
    }
}

fn writes(access: Access) -> bool {
    access != Access::ReadsData
}

fn reads(access: Access) -> bool {
    access == Access::ReadsData
}

/// What to name first.
fn rank(access: Access) -> u8 {
    match access {
        Access::Writes => 0,
        Access::ManagesPermissions => 1,
        Access::ReadsData => 2,
    }
}

const fn verb(access: Access) -> &'static str {
    match access {
        Access::Writes => "write",
        Access::ManagesPermissions => "let others into",
        Access::ReadsData => "read",
    }
}

const fn label(kind: StoreKind) -> &'static str {
    match kind {
        StoreKind::Table => "table",
        StoreKind::Bucket => "bucket",
        StoreKind::DatabaseCluster => "database cluster",
        StoreKind::DatabaseInstance => "database",
        StoreKind::UserPool => "user pool",
    }
}

/// What the statement says, which its author will look for: `dynamodb:Put*` and not what that matches.
fn actions(accesses: &[&StoreAccess<'_>], origin: &Origin) -> String {
    let mut names: Vec<String> = Vec::new();
    let mut of_statement: Vec<_> =
        accesses.iter().filter(|access| access.grant.origin() == *origin).collect();
    of_statement.sort_by_key(|access| rank(access.access));
    for access in of_statement {
        let written = access.grant.pattern_for(access.action).map(|pattern| pattern.as_str().to_owned());
        let name = written.unwrap_or_else(|| access.action.to_string());
        if !names.contains(&name) {
            names.push(name);
        }
    }
    match names.as_slice() {
        [] => String::new(),
        [only] => format!("`{only}`"),
        [first, others @ ..] => format!("`{first}` and {} more", others.len()),
    }
}

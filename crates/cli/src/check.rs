//! Judges in this process.

use std::sync::Arc;

use anyhow::{Context, ensure};
use aws_resources::kept_properties;
use config_rule::{ACCOUNT_TYPE, Date, Document, Entry, Kept, PreparedRule, Trigger};
use jiff::tz::Offset;
use local_aws_config::inventory::ItemsInventory;
use local_aws_config::items::Scope;
use local_aws_config::pack::{MessageType, Pack, PackRule};
use rayon::prelude::*;

use crate::input::Input;
use crate::plan;
use crate::report::Results;

/// What of the items of a type is kept to be judged; `None` where nothing is.
pub(crate) fn kept(pack: &Pack, resource_type: &str) -> Option<&'static Kept> {
    bears_on(pack, resource_type).then(|| kept_properties(resource_type))
}

/// Whether items of a type can change what the rules of `pack` say. A rule without types is told of changes of all; one
/// that runs on a schedule only is told of none.
fn bears_on(pack: &Pack, resource_type: &str) -> bool {
    let is_told = |rule: &PackRule| {
        rule.concerns_type(resource_type) && plan::entry(rule).is_some_and(|entry| hears_changes(entry, rule))
    };
    catalog::RESOURCE_TYPES.contains(&resource_type) || pack.rules.iter().any(is_told)
}

/// Everything that the rules of `pack` say about the items, as their functions would.
pub(crate) fn results(pack: &Pack, input: &Input) -> anyhow::Result<Results> {
    let is_ours = pack.rules.iter().any(|rule| plan::entry(rule).is_some());
    ensure!(is_ours, "no rule of the pack `{}` is built in: use `run`", pack.name);
    let today = Offset::UTC.to_datetime(input.at).date();
    let mut results = Results::default();
    for scope in input.items.scopes() {
        let pack = pack.in_scope(&scope)?;
        let inventory = ItemsInventory::new(&input.items, scope.clone()).with_pack(&pack);
        let documents: Vec<_> = input.items.subjects(&scope).collect();
        let mut judges = Vec::new();
        let mut tasks = Vec::new();
        for rule in &pack.rules {
            let Some(entry) = plan::entry(rule) else { continue };
            let prepared = entry.prepare(&rule.parameters)?;
            let mut documents = subjects(entry, rule, &documents, &scope);
            documents.retain(|document| !prepared.leaves_out().contains(&document.resource_type.as_str()));
            tasks.extend(documents.into_iter().map(|document| (judges.len(), document)));
            judges.push(Judge { rule: rule.name.as_str().into(), prepared });
        }
        results.extend(Bench { judges, inventory: &inventory, today }.all(&tasks)?);
    }
    Ok(results)
}

/// The documents about which AWS Config would be told something: changed resources that concern the rule, and on a
/// schedule every existing resource that it judges. A changed neighbour is not judged itself; the subjects that it bears
/// upon are among these anyway.
fn subjects(
    entry: &Entry,
    rule: &PackRule,
    documents: &[&Arc<Document>],
    scope: &Scope,
) -> Vec<Arc<Document>> {
    let hears_changes = hears_changes(entry, rule);
    let is_scheduled = is_run_on(entry, rule, MessageType::ScheduledNotification, Trigger::Periodic);
    let exists = |document: &Document| document.status.reason_not_to_judge().is_none();

    let mut subjects = Vec::new();
    // Documents of one type stand together, and most rules are about one of many types.
    for of_type in documents.chunk_by(|one, next| one.resource_type == next.resource_type) {
        let Some(resource_type) = of_type.first().map(|document| document.resource_type.as_str()) else {
            continue;
        };
        let is_judged = entry.meta.subjects.contains(&resource_type);
        let is_neighbour = !is_judged && entry.meta.related_types().any(|related| related == resource_type);
        let is_told = hears_changes && !is_neighbour && rule.concerns_type(resource_type);
        let is_listed = is_scheduled && is_judged;
        if is_told || is_listed {
            let is_subject = |document: &&Arc<Document>| {
                is_told && rule.concerns(document) || is_listed && exists(document)
            };
            subjects.extend(of_type.iter().copied().filter(is_subject).cloned());
        }
    }
    if is_scheduled && entry.meta.subjects.contains(&ACCOUNT_TYPE) {
        let Scope { account_id, region } = scope;
        let account = Document::without_configuration(ACCOUNT_TYPE, account_id, account_id, region);
        subjects.push(Arc::new(account));
    }
    subjects
}

fn hears_changes(entry: &Entry, rule: &PackRule) -> bool {
    is_run_on(entry, rule, MessageType::ConfigurationItemChangeNotification, Trigger::Change)
}

fn is_run_on(entry: &Entry, rule: &PackRule, message_type: MessageType, trigger: Trigger) -> bool {
    rule.is_invoked_for(message_type) && entry.meta.is_triggered_by(trigger)
}

/// One rule with its parameters.
struct Judge {
    rule: Arc<str>,
    prepared: Box<dyn PreparedRule>,
}

/// All rules in one account and Region.
struct Bench<'a> {
    judges: Vec<Judge>,
    inventory: &'a ItemsInventory<'a>,
    today: Date,
}

/// A resource, and the position of the judge that it is brought before.
type Task = (usize, Arc<Document>);

impl Bench<'_> {
    /// How many tasks a core takes at a time: some take a thousand times longer than others, so no core gets its share in
    /// advance.
    const STEP: usize = 16;

    /// The results of all tasks, in any order, with every core at work. A panic is a defect of a rule; it goes on to the
    /// caller, because it must not look like a verdict.
    fn all(&self, tasks: &[Task]) -> anyhow::Result<Results> {
        let together = |mut one: Results, other| {
            one.extend(other);
            Ok(one)
        };
        tasks.par_chunks(Self::STEP).map(|tasks| self.some(tasks)).try_reduce(Results::default, together)
    }

    fn some(&self, tasks: &[Task]) -> anyhow::Result<Results> {
        let runtime =
            tokio::runtime::Builder::new_current_thread().build().context("cannot start to evaluate")?;
        let mut results = Results::default();
        for (judge, document) in tasks {
            let Some(Judge { rule, prepared }) = self.judges.get(*judge) else { continue };
            match runtime.block_on(prepared.evaluate(document, self.inventory, self.today)) {
                Ok(verdict) => results.add(rule, document, &verdict),
                Err(error) => results.failures.push(format!(
                    "rule `{rule}`: {} `{}`: {:#}",
                    document.resource_type,
                    document.resource_id,
                    anyhow::Error::new(error)
                )),
            }
        }
        Ok(results)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const UNUSED_TYPE: &str = "AWS::Config::ResourceCompliance";

    #[test]
    fn a_type_that_no_rule_asks_for_or_is_told_of_is_not_read() {
        let pack = built_in_pack();
        assert!(pack.rules.iter().any(|rule| rule.concerns_type(UNUSED_TYPE)), "one is about no type at all");
        assert!(!bears_on(&pack, UNUSED_TYPE));
        assert!(catalog::RESOURCE_TYPES.iter().all(|resource_type| bears_on(&pack, resource_type)));
    }

    #[test]
    fn a_rule_without_types_that_hears_of_changes_is_told_of_all() {
        let mut pack = built_in_pack();
        for rule in &mut pack.rules {
            rule.resource_types.clear();
        }
        assert!(bears_on(&pack, UNUSED_TYPE));
    }

    fn built_in_pack() -> Pack {
        let scope = Scope { account_id: "111122223333".to_owned(), region: "eu-west-1".to_owned() };
        Pack::read("pack", plan::BUILT_IN_PACK, &BTreeMap::new(), &scope).unwrap()
    }
}

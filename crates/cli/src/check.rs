//! Judges in this process.

use std::borrow::Cow;

use anyhow::{Context, ensure};
use config_rule::{ACCOUNT_TYPE, Date, Document, Entry, PreparedRule, Report, Trigger};
use jiff::tz::Offset;
use local_aws_config::inventory::ItemsInventory;
use local_aws_config::items::{ConfigurationItems, Scope};
use local_aws_config::pack::{MessageType, Pack, PackRule};
use rayon::prelude::*;

use crate::input::Input;
use crate::plan;
use crate::report::Results;

/// Whether items of a type can change what the rules of `pack` say.
pub(crate) fn bears_on(pack: &Pack, resource_type: &str) -> bool {
    catalog::RESOURCE_TYPES.contains(&resource_type)
        || pack.rules.iter().any(|rule| rule.concerns_type(resource_type))
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
        let mut judges = Vec::new();
        let mut tasks = Vec::new();
        for rule in &pack.rules {
            let Some(entry) = plan::entry(rule) else { continue };
            let documents = subjects(entry, rule, &input.items, &scope);
            tasks.extend(documents.into_iter().map(|document| (judges.len(), document)));
            judges.push(Judge { rule: &rule.name, prepared: entry.prepare(&rule.parameters)? });
        }
        results.extend(Bench { judges, inventory: &inventory, today }.all(&tasks)?);
    }
    Ok(results)
}

/// The documents about which AWS Config would be told something: changed resources that concern the rule, and on a
/// schedule every existing resource that it judges. A changed neighbour is not judged itself; the subjects that it bears
/// upon are among these anyway.
fn subjects<'a>(
    entry: &Entry,
    rule: &PackRule,
    items: &'a ConfigurationItems,
    scope: &Scope,
) -> Vec<Cow<'a, Document>> {
    let is_run_on =
        |message_type, trigger| rule.is_invoked_for(message_type) && entry.meta.is_triggered_by(trigger);
    let hears_changes = is_run_on(MessageType::ConfigurationItemChangeNotification, Trigger::Change);
    let is_scheduled = is_run_on(MessageType::ScheduledNotification, Trigger::Periodic);
    let is_judged = |document: &Document| entry.meta.subjects.contains(&document.resource_type.as_str());
    let is_neighbour = |document: &Document| {
        !is_judged(document) && entry.meta.related_types().any(|related| related == document.resource_type)
    };
    let exists = |document: &Document| document.status.reason_not_to_judge().is_none();

    let mut documents: Vec<_> = items
        .subjects(scope)
        .filter(|document| {
            let is_told = hears_changes && rule.concerns(document) && !is_neighbour(document);
            let is_listed = is_scheduled && is_judged(document) && exists(document);
            is_told || is_listed
        })
        .map(Cow::Borrowed)
        .collect();
    if is_scheduled && entry.meta.subjects.contains(&ACCOUNT_TYPE) {
        let Scope { account_id, region } = scope;
        let account = Document::without_configuration(ACCOUNT_TYPE, account_id, account_id, region);
        documents.push(Cow::Owned(account));
    }
    documents
}

/// One rule with its parameters.
struct Judge<'a> {
    rule: &'a str,
    prepared: Box<dyn PreparedRule>,
}

/// All rules in one account and Region.
struct Bench<'a> {
    judges: Vec<Judge<'a>>,
    inventory: &'a ItemsInventory<'a>,
    today: Date,
}

/// A resource, and the position of the judge that it is brought before.
type Task<'a> = (usize, Cow<'a, Document>);

impl Bench<'_> {
    /// How many tasks a core takes at a time: some take a thousand times longer than others, so no core gets its share in
    /// advance.
    const STEP: usize = 16;

    /// The results of all tasks, in any order, with every core at work. A panic is a defect of a rule; it goes on to the
    /// caller, because it must not look like a verdict.
    fn all(&self, tasks: &[Task<'_>]) -> anyhow::Result<Results> {
        let together = |mut one: Results, other| {
            one.extend(other);
            Ok(one)
        };
        tasks.par_chunks(Self::STEP).map(|tasks| self.some(tasks)).try_reduce(Results::default, together)
    }

    fn some(&self, tasks: &[Task<'_>]) -> anyhow::Result<Results> {
        let runtime =
            tokio::runtime::Builder::new_current_thread().build().context("cannot start to evaluate")?;
        let mut results = Results::default();
        for (judge, document) in tasks {
            let Some(Judge { rule, prepared }) = self.judges.get(*judge) else { continue };
            match runtime.block_on(prepared.evaluate(document, self.inventory, self.today)) {
                Ok(verdict) => results.add(Report::new(rule, document, &verdict)),
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

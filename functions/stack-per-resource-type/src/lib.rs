#![doc = include_str!("../README.md")]
#![deny(clippy::disallowed_methods)]

mod kinds;
mod parameters;
mod platform;

use std::collections::BTreeMap;

use aws_resources::{Stack, StackResource};
use config_rule::{
    Check, Date, Finding, Inventory, InventoryError, Outcome, Rule, RuleMeta, Severity, Trigger,
};

pub use crate::kinds::ExtraKinds;
pub use crate::parameters::Tuning;

/// See the [crate documentation](crate).
#[derive(Debug)]
pub struct StackPerResourceType;

const MIXED_STACK: &Check = &Check {
    id: "mixed-stack",
    severity: Severity::Medium,
    title: "The stack holds resources of several kinds",
    remedy: "Move databases, user pools and buckets into stacks of their own and refer to them by export or \
             parameter, or raise `maxKinds`",
};

impl Rule for StackPerResourceType {
    const META: RuleMeta = RuleMeta {
        name: "stack-per-resource-type",
        practice: 3,
        title: "different stacks for different resource types",
        checks_that: "a CloudFormation stack holds functions, databases, users or objects, but not several of these, so \
                      that a mistake in one cannot touch the others",
        subjects: &[Stack::TYPE],
        triggers: &[Trigger::Change],
        checks: &[MIXED_STACK],
        actions: &[],
    };

    type Subject = Stack;
    type Parameters = Tuning;
    type Facts = ();

    async fn gather(_: &Stack, _: &Tuning, _: &dyn Inventory) -> Result<(), InventoryError> {
        Ok(())
    }

    fn evaluate(stack: &Stack, tuning: &Tuning, (): &(), _: Date) -> Outcome {
        if stack.name.get().is_ok_and(|name| platform::is_bootstrap_stack(name)) {
            return Outcome::NotApplicable("a stack of the deployment tool itself");
        }
        match stack.held_resources() {
            Ok(held) => {
                let kinds = by_kind(&held, tuning);
                if kinds.is_empty() {
                    return Outcome::NotApplicable("the stack holds none of the kinds that are kept apart");
                }
                Outcome::judged().and(MIXED_STACK, Ok(mixed(&kinds, tuning)))
            }
            Err(missing) => Outcome::judged().and::<Option<Finding>>(MIXED_STACK, Err(missing)),
        }
    }
}

/// Logical ids by kind; kinds and ids in alphabetical order, so that the same stack always reads the same.
fn by_kind<'a>(held: &[&'a StackResource], tuning: &'a Tuning) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut kinds = BTreeMap::<_, Vec<_>>::new();
    for resource in held {
        let is_ignored = || tuning.ignores(&resource.logical_id) || platform::is_platform_resource(resource);
        if let Some(kind) = tuning.extra_kinds.kind_of(&resource.resource_type)
            && !is_ignored()
        {
            kinds.entry(kind).or_default().push(resource.logical_id.as_str());
        }
    }
    for ids in kinds.values_mut() {
        ids.sort_unstable();
    }
    kinds
}

fn mixed(kinds: &BTreeMap<&str, Vec<&str>>, tuning: &Tuning) -> Option<Finding> {
    if kinds.len() <= tuning.max_kinds {
        return None;
    }
    // An annotation has room for about six names.
    let shown = (6 / kinds.len()).clamp(1, 3);
    let kinds: Vec<_> = kinds.iter().map(|(kind, ids)| format!("{kind} ({})", listed(ids, shown))).collect();
    let seen = match kinds.split_last() {
        Some((last, others)) if !others.is_empty() => format!("holds {} and {last}", others.join(", ")),
        _ => format!("holds {}", kinds.join(", ")),
    };
    let wanted = match tuning.max_kinds {
        1 => "one kind per stack".to_owned(),
        more => format!("at most {more} kinds per stack"),
    };
    Some(Finding::new(MIXED_STACK, seen, wanted, Stack::RESOURCES_PATH))
}

fn listed(ids: &[&str], shown: usize) -> String {
    let (shown, rest) = ids.split_at(ids.len().min(shown));
    let shown: Vec<_> = shown.iter().map(|id| shortened(id)).collect();
    let more = if rest.is_empty() { String::new() } else { format!(" +{}", rest.len()) };
    format!("{}{more}", shown.join(", "))
}

/// Generated ids are long and end in a hash; their beginning says what they are.
fn shortened(id: &str) -> String {
    const LONGEST: usize = 24;
    if id.chars().count() <= LONGEST {
        return id.to_owned();
    }
    id.chars().take(LONGEST - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests;

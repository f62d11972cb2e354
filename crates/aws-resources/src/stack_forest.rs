use std::collections::BTreeMap;

use config_rule::{Documents, Known, Missing, Subject, Tags, View};

use crate::group::GroupEvidence;
use crate::stack::Stack;

/// The stacks of an account, each with the one around it and with what it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StackForest {
    stacks: BTreeMap<String, TaggedStack>,
    /// By type and physical id.
    holders: BTreeMap<(String, String), String>,
}

/// A stack, as far as it tells to which group its resources belong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaggedStack {
    /// The stack's name.
    pub name: Known<String>,
    /// The stack's tags.
    pub tags: Known<Tags>,
    /// ARN of the stack in which this one is nested, if it is.
    pub parent_id: Known<Option<String>>,
}

/// The forest of these stacks.
impl View for StackForest {
    fn of(documents: &Documents) -> Self {
        let mut forest = Self::default();
        for document in documents.iter() {
            let Some(stack) = Stack::read(document) else { continue };
            for resource in stack.held_resources().unwrap_or_default() {
                let Some(physical_id) = &resource.physical_id else { continue };
                let held = (resource.resource_type.clone(), physical_id.clone());
                forest.holders.insert(held, document.resource_id.clone());
            }
            let tagged =
                TaggedStack { name: stack.name, tags: document.tags.clone(), parent_id: stack.parent_id };
            forest.stacks.insert(document.resource_id.clone(), tagged);
        }
        forest
    }
}

impl StackForest {
    /// The ARN of the stack that lists a resource.
    #[must_use]
    pub fn holder(&self, resource: &GroupEvidence) -> Option<&str> {
        let holder = |id: &String| self.holders.get(&(resource.resource_type.clone(), id.clone()));
        resource.ids.iter().find_map(holder).map(String::as_str)
    }

    /// The stack with this ARN, the one around it, and so on to the outermost. CloudFormation's items come only once a
    /// stack has settled, so one that is not there may be on its way.
    pub fn outwards<'a>(
        &'a self,
        stack_id: &'a str,
    ) -> impl Iterator<Item = Result<&'a TaggedStack, Missing>> {
        let mut next = Some(Ok(stack_id));
        // No stack is around itself, but an item may say so.
        std::iter::from_fn(move || {
            let id = match next.take()? {
                Ok(id) => id,
                Err(missing) => return Some(Err(missing)),
            };
            let Some(stack) = self.stacks.get(id) else {
                return Some(Err(Missing::NotRecorded { what: format!("stack `{id}`") }));
            };
            next = match stack.parent_id.get() {
                Ok(parent_id) => parent_id.as_deref().map(Ok),
                Err(missing) => Some(Err(missing)),
            };
            Some(Ok(stack))
        })
        .take(self.stacks.len() + 1)
    }
}

use std::collections::BTreeMap;
use std::sync::Arc;

use config_rule::{Documents, Known, Missing, Subject, Tags, View};

use crate::group::GroupEvidence;
use crate::stack::Stack;

/// The stacks of an account, each with the one around it and with what it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StackForest {
    stacks: BTreeMap<Arc<str>, TaggedStack>,
    /// The ids of stacks by the type of what they hold and by its physical id: a large account has a million of those, of
    /// few types and in a tenth as many stacks.
    holders: BTreeMap<String, BTreeMap<String, Arc<str>>>,
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
            let id: Arc<str> = document.resource_id.as_str().into();
            let resources = stack.resources.get().map(Vec::as_slice).unwrap_or_default();
            for resource in resources.iter().filter(|resource| !resource.has_left()) {
                let Some(physical_id) = &resource.physical_id else { continue };
                forest.hold(&resource.resource_type, physical_id, &id);
            }
            let tagged =
                TaggedStack { name: stack.name, tags: document.tags.clone(), parent_id: stack.parent_id };
            forest.stacks.insert(id, tagged);
        }
        forest
    }
}

impl StackForest {
    /// The ARN of the stack that lists a resource.
    #[must_use]
    pub fn holder(&self, resource: &GroupEvidence) -> Option<&str> {
        let of_type = self.holders.get(&resource.resource_type)?;
        resource.ids.iter().find_map(|id| of_type.get(id)).map(AsRef::as_ref)
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

    fn hold(&mut self, resource_type: &str, physical_id: &str, stack_id: &Arc<str>) {
        if !self.holders.contains_key(resource_type) {
            self.holders.insert(resource_type.to_owned(), BTreeMap::new());
        }
        if let Some(of_type) = self.holders.get_mut(resource_type) {
            of_type.insert(physical_id.to_owned(), Arc::clone(stack_id));
        }
    }
}

use std::fmt;
use std::sync::Arc;

use config_rule::{Document, Known, Missing, Tags};

use crate::stack_forest::StackForest;
use crate::stack_membership::StackMembership;

/// The group of resources, usually a microservice, to which a resource belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The tag's value or the stack's name.
    pub name: String,
    /// What says so.
    pub basis: GroupBasis,
}

/// What says to which group a resource belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupBasis {
    /// A tag with this key, on the resource or on its stack.
    Tag(String),
    /// The outermost of the stacks that the resource is in.
    RootStack,
}

/// What shows to which group a resource belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupEvidence {
    /// CloudFormation type name.
    pub resource_type: String,
    /// The names by which the list of a stack's resources may call it.
    pub ids: Vec<String>,
    /// Its tags.
    pub tags: Known<Tags>,
    /// The stack that manages it, if one does.
    pub stack: Known<Option<StackMembership>>,
}

/// How groups are told apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grouping {
    /// Keys of the tags that name a group, the first that exists decides; in any case.
    pub tag_keys: Vec<String>,
    /// Whether the root stack is the group of what has no such tag.
    pub by_stack: bool,
}

impl Group {
    /// Whether it is another group than `other`. Names that rest on different things cannot be compared: a resource may
    /// have service `orders` and project `shop`.
    ///
    /// # Errors
    ///
    /// [`Missing`] where they have different names for different things.
    pub fn differs_from(&self, other: &Self) -> Result<bool, Missing> {
        if self.name.eq_ignore_ascii_case(&other.name) {
            return Ok(false);
        }
        if self.basis == other.basis {
            return Ok(true);
        }
        Err(Missing::Unavailable {
            what: format!("whether {} `{self}` is {} `{other}`", self.basis, other.basis),
            why: "names of different things cannot be compared".to_owned(),
        })
    }
}

/// The name, and of an ARN, as `awsApplication` has it, its resource: `shop` of
/// `arn:aws:resource-groups:eu-west-1:111122223333:group/shop/0a1b2c`.
impl fmt::Display for Group {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let in_arn = self.name.starts_with("arn:").then(|| self.name.split('/').nth(1)).flatten();
        formatter.write_str(in_arn.unwrap_or(&self.name))
    }
}

impl fmt::Display for GroupBasis {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(key) => formatter.write_str(key),
            Self::RootStack => formatter.write_str("stack"),
        }
    }
}

impl GroupEvidence {
    /// The evidence in the item of a resource.
    #[must_use]
    pub fn of(document: &Document) -> Self {
        Self {
            resource_type: document.resource_type.clone(),
            ids: std::iter::once(&document.resource_id).chain(&document.resource_name).cloned().collect(),
            tags: document.tags.clone(),
            stack: StackMembership::of(document),
        }
    }
}

impl Grouping {
    /// The group of a resource, if it has one: by its own tags, by those of its stack and of the stacks around that, by
    /// the outermost stack. A resource whose tags are not recorded belongs where a stack lists it.
    ///
    /// # Errors
    ///
    /// [`Missing`] where a tag or a stack that would decide is not known.
    pub fn group(
        &self,
        resource: &GroupEvidence,
        stacks: &Known<Arc<StackForest>>,
    ) -> Result<Option<Group>, Missing> {
        if let Known::Value(tags) = &resource.tags
            && let Some(group) = self.tagged(tags)
        {
            return Ok(Some(group));
        }
        let stack_id = match &resource.stack {
            Known::Value(None) => return Ok(None),
            Known::Value(Some(membership)) => membership.stack_id.as_str(),
            Known::Unknown(missing) => stacks.get()?.holder(resource).ok_or_else(|| missing.clone())?,
        };
        let mut root = None;
        for stack in stacks.get()?.outwards(stack_id) {
            let stack = stack?;
            if let Some(group) = self.tagged(stack.tags.get()?) {
                return Ok(Some(group));
            }
            root = Some(stack);
        }
        match root.filter(|_| self.by_stack) {
            Some(root) => Ok(Some(Group { name: root.name.get()?.clone(), basis: GroupBasis::RootStack })),
            None => Ok(None),
        }
    }

    /// Whether a resource has a group, even where its name is not known.
    ///
    /// # Errors
    ///
    /// As [`Grouping::group`].
    pub fn has_group(
        &self,
        resource: &GroupEvidence,
        stacks: &Known<Arc<StackForest>>,
    ) -> Result<bool, Missing> {
        let is_in_stack = resource.stack.get().is_ok_and(Option::is_some);
        if self.by_stack && is_in_stack {
            return Ok(true);
        }
        Ok(self.group(resource, stacks)?.is_some())
    }

    fn tagged(&self, tags: &Tags) -> Option<Group> {
        self.tag_keys.iter().find_map(|key| {
            let of_any_case = || tags.iter().find(|(other, _)| other.eq_ignore_ascii_case(key));
            let value = tags.get(key).or_else(|| of_any_case().map(|(_, value)| value))?.trim();
            let basis = GroupBasis::Tag(key.clone());
            (!value.is_empty()).then(|| Group { name: value.to_owned(), basis })
        })
    }
}

#[cfg(test)]
mod tests;

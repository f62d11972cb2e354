//! What AWS Config knows about how a function is deployed, besides its own item.

use std::sync::Arc;

use aws_resources::{DeployedFunction, Function, OidcProvider, Pipeline, Stack, StackResource, StackState};
use config_rule::{Document, Documents, Inventory, InventoryError, Known, Missing, Selector, Subject};

use crate::deployments::Deployments;

/// The stack of a function, and what could deploy it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The stack that manages the function; `None` if no stack does.
    pub stack: Known<Option<StackState>>,
    /// The stacks in which that one is nested, up to the root.
    pub parents: Known<Vec<StackState>>,
    /// What the pipelines of the account deploy.
    pub deployments: Known<Arc<Deployments>>,
    /// The OpenID Connect providers that the account trusts.
    pub oidc_providers: Known<Arc<Vec<OidcProvider>>>,
}

/// Far more than anybody nests stacks.
const DEEPEST_NESTING: usize = 20;

impl Evidence {
    pub(crate) async fn of(
        function: &DeployedFunction,
        inventory: &dyn Inventory,
    ) -> Result<Self, InventoryError> {
        let wanted = match function.stack.get() {
            Ok(Some(membership)) => Selector::Id(&membership.stack_id),
            // An imported function has no tags of its stack until that is updated, but its stack lists it.
            Ok(None) | Err(_) => Selector::ReferringTo(&function.name),
        };
        let [pipelines, oidc_providers, stacks] = inventory
            .find_each([
                (Pipeline::TYPE, Selector::All),
                (OidcProvider::TYPE, Selector::All),
                (Stack::TYPE, wanted),
            ])
            .await?;
        let holder = || stacks.get().ok().and_then(|stacks| holder(stacks, function));
        let stack = match function.stack.get() {
            Ok(Some(membership)) => stacks.and_then(|stacks| only(&stacks, &membership.stack_id)).map(Some),
            // Where stacks are not recorded, the tags have the last word.
            Ok(None) => Known::Value(holder()),
            Err(missing) => holder().map_or(Known::Unknown(missing), |stack| Known::Value(Some(stack))),
        };
        let parents = match stack.get() {
            Ok(Some(stack)) => parents(stack, inventory).await?,
            Ok(None) => Known::Value(Vec::new()),
            Err(missing) => Known::Unknown(missing),
        };
        Ok(Self {
            stack,
            parents,
            deployments: pipelines.map(|documents| documents.view()),
            oidc_providers: oidc_providers.map(|documents| documents.view()),
        })
    }
}

/// The stack that holds the function now.
fn holder(stacks: &Documents, function: &DeployedFunction) -> Option<StackState> {
    let is_function = |resource: &&StackResource| {
        resource.resource_type == Function::TYPE && resource.physical_id.as_deref() == Some(&function.name)
    };
    let holds = |document: &&Document| {
        let stack = Stack::read(document);
        stack.is_some_and(|stack| stack.held_resources().is_ok_and(|held| held.iter().any(is_function)))
    };
    stacks.iter().find(holds).and_then(StackState::read)
}

async fn parents(
    stack: &StackState,
    inventory: &dyn Inventory,
) -> Result<Known<Vec<StackState>>, InventoryError> {
    let mut parents: Vec<StackState> = Vec::new();
    for _ in 0..DEEPEST_NESTING {
        let parent_id = match parents.last().unwrap_or(stack).parent_id.get() {
            Ok(Some(parent_id)) => parent_id.clone(),
            Ok(None) => return Ok(Known::Value(parents)),
            Err(missing) => return Ok(Known::Unknown(missing)),
        };
        match stack_with_id(&parent_id, inventory).await? {
            Known::Value(parent) => parents.push(parent),
            Known::Unknown(missing) => return Ok(Known::Unknown(missing)),
        }
    }
    let (what, why) = (format!("the root of stack `{}`", stack.id), "its parents have no end".to_owned());
    Ok(Known::Unknown(Missing::Unavailable { what, why }))
}

async fn stack_with_id(id: &str, inventory: &dyn Inventory) -> Result<Known<StackState>, InventoryError> {
    Ok(inventory.find(Stack::TYPE, Selector::Id(id)).await?.and_then(|stacks| only(&stacks, id)))
}

/// CloudFormation's items come only once a stack has settled, so one that is not there may be on its way.
fn only(stacks: &Documents, id: &str) -> Known<StackState> {
    match stacks.iter().find_map(StackState::read) {
        Some(stack) => Known::Value(stack),
        None => Known::Unknown(Missing::NotRecorded { what: format!("stack `{id}`") }),
    }
}

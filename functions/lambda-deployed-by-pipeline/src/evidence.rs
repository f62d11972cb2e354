//! What AWS Config knows about how a function is deployed, besides its own item.

use std::sync::Arc;

use aws_resources::{DeployedFunction, OidcProvider, Pipeline, Stack, StackState};
use config_rule::{Inventory, InventoryError, Known, Missing, Selector, Subject};

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
        let stack = match function.stack.get() {
            Ok(Some(membership)) => stack_with_id(&membership.stack_id, inventory).await?.map(Some),
            Ok(None) => Known::Value(None),
            Err(missing) => Known::Unknown(missing),
        };
        let parents = match stack.get() {
            Ok(Some(stack)) => parents(stack, inventory).await?,
            Ok(None) => Known::Value(Vec::new()),
            Err(missing) => Known::Unknown(missing),
        };
        let [pipelines, oidc_providers] = inventory
            .find_each([(Pipeline::TYPE, Selector::All), (OidcProvider::TYPE, Selector::All)])
            .await?;
        Ok(Self {
            stack,
            parents,
            deployments: pipelines.map(|documents| documents.view()),
            oidc_providers: oidc_providers.map(|documents| documents.view()),
        })
    }
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

/// CloudFormation's items come only once a stack has settled, so one that is not there may be on its way.
async fn stack_with_id(id: &str, inventory: &dyn Inventory) -> Result<Known<StackState>, InventoryError> {
    let found = inventory.find(Stack::TYPE, Selector::Id(id)).await?;
    Ok(found.and_then(|documents| match documents.iter().find_map(StackState::read) {
        Some(stack) => Known::Value(stack),
        None => Known::Unknown(Missing::NotRecorded { what: format!("stack `{id}`") }),
    }))
}

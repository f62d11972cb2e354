//! What AWS Config knows about a REST API besides its own item.

use aws_resources::{Effect, Function, Integration, ResourcePolicy, RestApi, RestMethod, RestStage};
use config_rule::{Documents, Inventory, InventoryError, Known, Missing, Selector, Subject};

/// The stages, methods and usage plans of a REST API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Surroundings {
    /// Its stages.
    pub stages: Known<Vec<RestStage>>,
    /// Its methods, without those that only answer the questions of browsers.
    pub methods: Known<Vec<RestMethod>>,
    /// How many usage plans name one of its stages.
    pub usage_plans: Known<usize>,
    /// The path of its only method, without the leading slash. Asked for only if that method is a `POST`.
    pub only_path: Known<String>,
}

/// A usage plan needs no view: that it names the API says all.
const USAGE_PLAN: &str = "AWS::ApiGateway::UsagePlan";

/// What holds the path of a method, were it recorded.
const RESOURCE: &str = "AWS::ApiGateway::Resource";

impl Surroundings {
    pub(crate) async fn of(api: &RestApi, inventory: &dyn Inventory) -> Result<Self, InventoryError> {
        let methods = inventory.find(RestMethod::TYPE, Selector::ReferringTo(&api.id)).await?;
        let methods = methods.and_then(|documents| real_methods(&documents).into());
        Ok(Self {
            stages: inventory
                .find(RestStage::TYPE, Selector::ReferringTo(&api.resource_id))
                .await?
                .map(|documents| documents.iter().filter_map(RestStage::read).collect()),
            usage_plans: inventory
                .find(USAGE_PLAN, Selector::ReferringTo(&api.id))
                .await?
                .map(|documents| documents.len()),
            only_path: only_path(api, &methods, inventory).await?,
            methods,
        })
    }
}

impl Surroundings {
    /// Its stages, of which there are some.
    pub(crate) fn some_stages(&self) -> Result<&[RestStage], Missing> {
        some_of(&self.stages, "stages")
    }

    /// Its methods, of which there are some.
    pub(crate) fn some_methods(&self) -> Result<&[RestMethod], Missing> {
        some_of(&self.methods, "methods")
    }
}

/// An API that nobody can call yet is being made; what it will use shows when the rest of it is recorded.
fn some_of<'a, T>(known: &'a Known<Vec<T>>, what: &str) -> Result<&'a [T], Missing> {
    match known.get()?.as_slice() {
        [] => {
            let (what, why) = (format!("evidence of the API's {what}"), "none is recorded yet".to_owned());
            Err(Missing::Unavailable { what, why })
        }
        some => Ok(some),
    }
}

fn real_methods(documents: &Documents) -> Result<Vec<RestMethod>, Missing> {
    let mut methods = Vec::new();
    for method in documents.iter().filter_map(RestMethod::read) {
        if !method.is_preflight()? {
            methods.push(method);
        }
    }
    Ok(methods)
}

/// AWS Config does not record paths. The function behind a method knows its own: its resource policy names the routes
/// by which the API may invoke it.
async fn only_path(
    api: &RestApi,
    methods: &Known<Vec<RestMethod>>,
    inventory: &dyn Inventory,
) -> Result<Known<String>, InventoryError> {
    let not_recorded = || Known::Unknown(Missing::NotRecorded { what: RESOURCE.to_owned() });
    let Ok([only]) = methods.get().map(Vec::as_slice) else { return Ok(not_recorded()) };
    let integration = only.integration.get().ok().and_then(Option::as_ref);
    let is_post = only.http_method.get().is_ok_and(|method| method == "POST");
    let (true, Some(name)) = (is_post, integration.and_then(Integration::function_name)) else {
        return Ok(not_recorded());
    };
    let functions = inventory.find(Function::TYPE, Selector::Id(name)).await?;
    Ok(functions.and_then(|documents| match documents.iter().find_map(Function::read) {
        Some(function) => function.policy.and_then(|policy| {
            policy.and_then(|policy| granted_path(&policy, &api.id)).map_or_else(not_recorded, Known::Value)
        }),
        None => not_recorded(),
    }))
}

/// The one path for which the API may invoke the function, if the policy names exactly one.
fn granted_path(policy: &ResourcePolicy, api_id: &str) -> Option<String> {
    let granting = policy.statements.iter().filter(|statement| statement.effect == Effect::Allow);
    let arns = granting.flat_map(|statement| &statement.source_arns);
    let mut paths = arns.filter_map(|arn| path_in(arn, api_id));
    let path = paths.next().filter(|path| !path.contains('*'))?;
    paths.all(|other| other == path).then(|| path.to_owned())
}

/// `graphql` of `arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/*/POST/graphql`, if that is of the API; `*` of an
/// ARN that names no path.
///
/// Source: Amazon API Gateway Developer Guide, "Control access to a REST API with IAM permissions", resource format.
fn path_in<'a>(arn: &'a str, api_id: &str) -> Option<&'a str> {
    let (service, resource) = (arn.split(':').nth(2)?, arn.splitn(6, ':').nth(5)?);
    let mut parts = resource.splitn(4, '/');
    let is_of_api = service == "execute-api" && parts.next().is_some_and(|id| id == api_id || id == "*");
    is_of_api.then(|| parts.nth(2).unwrap_or("*"))
}

#[cfg(test)]
mod tests {
    use aws_resources::Statement;

    use super::*;

    #[test]
    fn the_one_path_of_the_api_is_found_in_every_stage() {
        assert_eq!(granted(&["a1/*/POST/graphql"]), Some("graphql".to_owned()));
        assert_eq!(
            granted(&["a1/Prod/POST/graphql", "a1/test-invoke-stage/POST/graphql"]),
            Some("graphql".to_owned())
        );
        assert_eq!(granted(&["b2/*/GET/orders", "a1/*/POST/v1/graphql"]), Some("v1/graphql".to_owned()));
    }

    #[test]
    fn two_paths_wildcards_and_other_apis_leave_it_open() {
        for resources in [
            &["a1/*/POST/graphql", "a1/*/POST/orders"][..],
            &["a1/*/POST/graphql", "a1/*"],
            &["a1/*/POST/*"],
            &["a1/*"],
            &["*"],
            &["b2/*/POST/graphql"],
            &[],
        ] {
            assert_eq!(granted(resources), None, "{resources:?}");
        }
    }

    fn granted(resources: &[&str]) -> Option<String> {
        let arn = |resource: &&str| format!("arn:aws:execute-api:eu-west-1:111122223333:{resource}");
        let statement = Statement {
            path: "supplementaryConfiguration.Policy.Statement[0]".to_owned(),
            effect: Effect::Allow,
            actions: vec!["lambda:InvokeFunction".to_owned()],
            services: vec!["apigateway.amazonaws.com".to_owned()],
            source_arns: resources.iter().map(arn).collect(),
            source_accounts: Vec::new(),
        };
        granted_path(&ResourcePolicy { statements: vec![statement] }, "a1")
    }
}

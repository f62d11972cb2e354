//! What AWS Config knows about a REST API besides its own item.

use aws_resources::{
    Effect, Function, Integration, ResourcePolicy, RestApi, RestMethod, RestStage, UsagePlan,
};
use config_rule::{Inventory, InventoryError, Known, Missing, Selector, Subject};

use crate::belonging::Belonging;

/// The stages, methods and usage plans of a REST API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Surroundings {
    /// Its stages, of which there are some.
    pub stages: Belonging<RestStage>,
    /// Its methods, of which there are some, without those that only answer the questions of browsers.
    pub methods: Belonging<RestMethod>,
    /// The usage plans that name one of its stages.
    pub usage_plans: Belonging<UsagePlan>,
    /// The path of its only method, without the leading slash. Asked for only if that method is a `POST`.
    pub only_path: Known<String>,
}

/// What holds the path of a method, were it recorded.
const RESOURCE: &str = "AWS::ApiGateway::Resource";

/// Why nothing of a type belongs to an API, where all of the type were looked at.
const NONE_NAMES_IT: &str = "none that names the API was found";

impl Surroundings {
    /// Asks for whole types and chooses here. Only here it shows that an item does not say which API it belongs to, or says so
    /// in its id alone; methods and usage plans are fetched as whole types whatever is asked for, and an answer about a whole
    /// type serves the events that wait as well.
    pub(crate) async fn of(api: &RestApi, inventory: &dyn Inventory) -> Result<Self, InventoryError> {
        let types = [RestStage::TYPE, RestMethod::TYPE, UsagePlan::TYPE];
        let [stages, methods, usage_plans] =
            inventory.find_each(types.map(|resource_type| (resource_type, Selector::All))).await?;
        let methods = without_preflights(Belonging::to(&api.id, &methods));
        Ok(Self {
            stages: Belonging::to(&api.resource_id, &stages).of_which_there_are_some("stages", NONE_NAMES_IT),
            usage_plans: Belonging::to(&api.id, &usage_plans),
            only_path: only_path(api, &methods, inventory).await?,
            methods,
        })
    }
}

fn without_preflights(methods: Belonging<RestMethod>) -> Belonging<RestMethod> {
    let Belonging { known: found, mut missing } = methods;
    let observed =
        if found.is_empty() { NONE_NAMES_IT } else { "all that were found answer preflight requests (CORS)" };
    let mut known = Vec::new();
    for method in found {
        match method.is_preflight() {
            Ok(true) => {}
            Ok(false) => known.push(method),
            Err(unknown) => {
                let (what, why) = ("one of the API's methods".to_owned(), unknown.to_string());
                missing = missing.or(Some(Missing::Unavailable { what, why }));
            }
        }
    }
    Belonging { known, missing }.of_which_there_are_some("methods", observed)
}

/// AWS Config does not record paths. The function behind a method knows its own: its resource policy names the routes
/// by which the API may invoke it.
async fn only_path(
    api: &RestApi,
    methods: &Belonging<RestMethod>,
    inventory: &dyn Inventory,
) -> Result<Known<String>, InventoryError> {
    let not_recorded = || Known::Unknown(Missing::NotRecorded { what: RESOURCE.to_owned() });
    let Ok([only]) = methods.all() else { return Ok(not_recorded()) };
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
/// ARN that names no path, or of which it is not clear what its wildcards swallow, as `a1b2c3d4e5*` does.
///
/// Source: Amazon API Gateway Developer Guide, "Control access to a REST API with IAM permissions", resource format.
fn path_in<'a>(arn: &'a str, api_id: &str) -> Option<&'a str> {
    let (service, resource) = (arn.split(':').nth(2)?, arn.splitn(6, ':').nth(5)?);
    let mut parts = resource.splitn(4, '/');
    match parts.next()? {
        _ if service != "execute-api" => None,
        id if id == api_id || id == "*" => Some(parts.nth(2).unwrap_or("*")),
        id => id.contains(['*', '?']).then_some("*"),
    }
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
            &["a1/*/POST/graphql", "a1*"],
            &["a1/*/POST/graphql", "a1/**"],
            &["a1/*/POST/*"],
            &["a1/*"],
            &["*"],
            &["b2/*/POST/graphql"],
            &[],
        ] {
            assert_eq!(granted(resources), None, "{resources:?}");
        }
    }

    #[test]
    fn preflights_are_left_out_and_nothing_else_is_said_to_be_one() {
        let (get, preflight) = (method("GET", "AWS_PROXY"), method("OPTIONS", "MOCK"));
        let real = without_preflights(methods(&[&get, &preflight]));
        assert_eq!(real, Belonging { known: vec![get.clone()], missing: None });
        let unread = RestMethod {
            http_method: Known::Unknown(Missing::Absent { path: "configuration.HttpMethod".to_owned() }),
            ..preflight.clone()
        };
        let real = without_preflights(methods(&[&get, &unread]));
        let message = "one of the API's methods is not available: `configuration.HttpMethod` is absent";
        assert_eq!((real.known.as_slice(), reason(&real)), (&[get][..], message.to_owned()));
    }

    #[test]
    fn an_api_without_methods_is_told_from_one_with_nothing_but_preflights() {
        assert_eq!(
            reason(&without_preflights(methods(&[]))),
            "evidence of the API's methods is not available: none that names the API was found"
        );
        assert_eq!(
            reason(&without_preflights(methods(&[&method("OPTIONS", "MOCK")]))),
            "evidence of the API's methods is not available: all that were found answer preflight requests (CORS)"
        );
    }

    fn reason(methods: &Belonging<RestMethod>) -> String {
        methods.all().unwrap_err().to_string()
    }

    fn methods(known: &[&RestMethod]) -> Belonging<RestMethod> {
        Belonging { known: known.iter().copied().cloned().collect(), missing: None }
    }

    fn method(http_method: &str, kind: &str) -> RestMethod {
        let integration = Integration {
            kind: kind.to_owned(),
            uri: None,
            streams: false,
            timeout_in_millis: Known::Value(None),
        };
        RestMethod {
            http_method: Known::Value(http_method.to_owned()),
            requires_api_key: Known::Value(false),
            validates_requests: false,
            integration: Known::Value(Some(integration)),
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

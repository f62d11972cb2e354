//! Who may invoke the function, by its resource policy.

use std::collections::{BTreeMap, BTreeSet};

use aws_resources::{Function, ResourcePolicy, Statement};
use config_rule::{Missing, Place};

use crate::routes::{Source, is_test_stage};

pub(crate) const POLICY_PATH: &str = "supplementaryConfiguration.Policy";

/// The statements that let a service invoke the function for real, not only at the press of a console's test button.
pub(crate) struct Grants<'a>(Vec<&'a Statement>);

impl<'a> Grants<'a> {
    pub(crate) fn of(function: &'a Function) -> Result<Self, Missing> {
        let policy = function.policy.get()?;
        let statements = policy.iter().flat_map(|ResourcePolicy { statements }| statements);
        Ok(Self(statements.filter(|statement| grants_invocation(statement)).collect()))
    }

    pub(crate) fn include_api_gateway(&self) -> bool {
        self.0.iter().any(|statement| is_for_api_gateway(statement))
    }

    /// The distinct services, in alphabetical order.
    pub(crate) fn trigger_kinds(&self) -> Vec<String> {
        let kinds: BTreeSet<_> = self.0.iter().flat_map(|statement| statement.service_names()).collect();
        kinds.into_iter().map(ToOwned::to_owned).collect()
    }

    /// The distinct routes that are named, in alphabetical order. Stages and APIs do not count: the same method on the
    /// same path is the same task.
    pub(crate) fn routes(&self) -> Vec<String> {
        let named = self.api_sources().filter_map(|(_, source)| match source {
            Source::Route(route) | Source::CatchAll(route) => Some(route),
            Source::EveryRoute { .. } | Source::Other => None,
        });
        named.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// What catches every route, with what should stand there instead and where it says so; once for all stages of an
    /// API.
    pub(crate) fn catch_alls(&self) -> BTreeMap<String, (&'static str, Place)> {
        const NARROWER_GRANT: &str = "grant only the routes that it serves";
        let mut found = BTreeMap::new();
        for (statement, source) in self.api_sources() {
            let (seen, wanted) = match source {
                Source::EveryRoute { api } if api == "*" => {
                    ("every API may invoke it for every method and path".to_owned(), NARROWER_GRANT)
                }
                Source::EveryRoute { api } => {
                    (format!("API {api} may invoke it for every method and path"), NARROWER_GRANT)
                }
                Source::CatchAll(route) => {
                    (format!("serves the catch-all route {route}"), "one route per task")
                }
                Source::Route(_) | Source::Other => continue,
            };
            found.entry(seen).or_insert_with(|| (wanted, Place::from(statement.path.as_str())));
        }
        found
    }

    fn api_sources(&self) -> impl Iterator<Item = (&'a Statement, Source)> {
        let statements = self.0.iter().filter(|statement| is_for_api_gateway(statement));
        statements.flat_map(|statement| {
            let arns = statement.source_arns.iter().filter(|arn| !is_test_stage(arn));
            arns.map(|arn| (*statement, Source::read(arn)))
        })
    }
}

fn grants_invocation(statement: &Statement) -> bool {
    let is_for_tests =
        !statement.source_arns.is_empty() && statement.source_arns.iter().all(|arn| is_test_stage(arn));
    statement.grants_invocation() && !is_for_tests
}

fn is_for_api_gateway(statement: &Statement) -> bool {
    statement.service_names().any(|service| service == "apigateway")
}

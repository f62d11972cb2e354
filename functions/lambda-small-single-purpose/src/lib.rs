#![doc = include_str!("../README.md")]
#![deny(clippy::disallowed_methods)]

mod checks;
mod grants;
mod limits;
mod routes;

use std::fmt::Display;

use aws_resources::{Bytes, Function, PackageType, Seconds, observability_vendor};
use config_rule::{
    Check, Date, Finding, Inventory, InventoryError, Missing, Outcome, Place, Rule, RuleMeta, Trigger,
};

use crate::checks::{
    CATCH_ALL_ROUTE, CODE_TOO_LARGE, LAYERS_TOO_LARGE, MANY_ROUTES, MANY_TRIGGER_KINDS, TIMEOUT_BEYOND_API,
    TIMEOUT_TOO_LONG,
};
use crate::grants::{Grants, POLICY_PATH};
pub use crate::limits::Limits;

/// See the [crate documentation](crate).
#[derive(Debug)]
pub struct LambdaSmallSinglePurpose;

/// How long an API waits for its function unless the account's quota was raised: 29 s for REST and WebSocket APIs, 30 s
/// for HTTP APIs. The resource policy does not tell them apart, so the shorter one counts.
///
/// Source: Amazon API Gateway Developer Guide, "Quotas for configuring and running a REST API", "Integration timeout";
/// "Quotas for configuring and running an HTTP API", "Maximum integration timeout".
const API_TIMEOUT: Seconds = Seconds(29);

impl Rule for LambdaSmallSinglePurpose {
    const META: RuleMeta = RuleMeta {
        name: "lambda-small-single-purpose",
        practice: 1,
        title: "keep functions small",
        checks_that: "a Lambda function is small and does one logical thing: its code, layers, timeout, kinds of \
                      trigger and API routes",
        subjects: &[Function::TYPE],
        triggers: &[Trigger::Change],
        checks: &[
            CODE_TOO_LARGE,
            LAYERS_TOO_LARGE,
            TIMEOUT_TOO_LONG,
            TIMEOUT_BEYOND_API,
            MANY_TRIGGER_KINDS,
            MANY_ROUTES,
            CATCH_ALL_ROUTE,
        ],
        actions: &[],
    };

    type Subject = Function;
    type Parameters = Limits;
    type Facts = ();

    async fn gather(_: &Function, _: &Limits, _: &dyn Inventory) -> Result<(), InventoryError> {
        Ok(())
    }

    fn evaluate(function: &Function, limits: &Limits, (): &(), _: Date) -> Outcome {
        if function.is_platform_helper() {
            return Outcome::NotApplicable(
                "a helper function of the deployment tool, whose size and timeout are the tool's",
            );
        }
        Outcome::judged()
            .and(CODE_TOO_LARGE, code_too_large(function, limits))
            .and(LAYERS_TOO_LARGE, layers_too_large(function, limits))
            .and(TIMEOUT_TOO_LONG, timeout_too_long(function, limits))
            .and(TIMEOUT_BEYOND_API, timeout_beyond_api(function))
            .and(MANY_TRIGGER_KINDS, many_trigger_kinds(function, limits))
            .and(MANY_ROUTES, many_routes(function, limits))
            .and(CATCH_ALL_ROUTE, catch_all_route(function))
    }
}

fn code_too_large(function: &Function, limits: &Limits) -> Result<Option<Finding>, Missing> {
    // The recorded size of an image is 0, and an image is large by nature.
    if *function.package_type.get()? != PackageType::Zip {
        return Ok(None);
    }
    let (size, limit) = (*function.code_size.get()?, limits.code_size);
    let too_large =
        || Finding::new(CODE_TOO_LARGE, format!("code of {size}"), at_most(limit), "configuration.codeSize");
    Ok((limit < size).then(too_large))
}

fn layers_too_large(function: &Function, limits: &Limits) -> Result<Option<Finding>, Missing> {
    let layers = function.layers.get()?.iter().filter(|layer| observability_vendor(layer).is_none());
    let sizes: Vec<Bytes> =
        layers.map(|layer| layer.code_size.get().copied()).collect::<Result<_, Missing>>()?;
    let (size, limit) = (sizes.into_iter().sum::<Bytes>(), limits.layers_size);
    let too_large = || {
        Finding::new(LAYERS_TOO_LARGE, format!("layers of {size}"), at_most(limit), "configuration.layers")
    };
    Ok((limit < size).then(too_large))
}

fn timeout_too_long(function: &Function, limits: &Limits) -> Result<Option<Finding>, Missing> {
    let (timeout, limit) = (*function.timeout.get()?, limits.timeout);
    Ok((limit < timeout).then(|| times_out(TIMEOUT_TOO_LONG, timeout, at_most(limit))))
}

fn timeout_beyond_api(function: &Function) -> Result<Option<Finding>, Missing> {
    let timeout = *function.timeout.get()?;
    if timeout <= API_TIMEOUT || !Grants::of(function)?.include_api_gateway() {
        return Ok(None);
    }
    let wanted = format!("the API in front of it gives up after {API_TIMEOUT}");
    Ok(Some(times_out(TIMEOUT_BEYOND_API, timeout, wanted)))
}

fn many_trigger_kinds(function: &Function, limits: &Limits) -> Result<Option<Finding>, Missing> {
    let (kinds, limit) = (Grants::of(function)?.trigger_kinds(), limits.trigger_kinds);
    let seen = || format!("{} kinds of trigger invoke it ({})", kinds.len(), listed(&kinds));
    Ok((limit < kinds.len()).then(|| Finding::new(MANY_TRIGGER_KINDS, seen(), at_most(limit), POLICY_PATH)))
}

fn many_routes(function: &Function, limits: &Limits) -> Result<Option<Finding>, Missing> {
    let (routes, limit) = (Grants::of(function)?.routes(), limits.routes);
    let seen = || format!("serves {} API routes ({})", routes.len(), listed(&routes));
    Ok((limit < routes.len()).then(|| Finding::new(MANY_ROUTES, seen(), at_most(limit), POLICY_PATH)))
}

fn catch_all_route(function: &Function) -> Result<Vec<Finding>, Missing> {
    let finding =
        |(seen, (wanted, place)): (String, (&str, Place))| Finding::new(CATCH_ALL_ROUTE, seen, wanted, place);
    Ok(Grants::of(function)?.catch_alls().into_iter().map(finding).collect())
}

fn times_out(check: &'static Check, timeout: Seconds, wanted: String) -> Finding {
    Finding::new(check, format!("times out after {timeout}"), wanted, "configuration.timeout")
}

fn at_most(limit: impl Display) -> String {
    format!("at most {limit}")
}

/// As many as an annotation has room for.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 4;
    let (shown, rest) = names.split_at(names.len().min(SHOWN));
    let more = if rest.is_empty() { String::new() } else { format!(" +{}", rest.len()) };
    format!("{}{more}", shown.join(", "))
}

#[cfg(test)]
mod tests;

#![doc = include_str!("../README.md")]
#![deny(clippy::disallowed_methods)]

mod alarms;
mod blindness;
mod checks;
mod composites;
mod delays;
mod dimensions;
mod firing;
mod measure;
mod parameters;
mod services;
mod statistic;
mod subject;
mod watch;

use std::sync::Arc;

use aws_resources::{Alarm, Function, Stack};
use config_rule::{
    Date, Document, Finding, Inventory, InventoryError, Known, Missing, Outcome, Rule, RuleMeta, Selector,
    Trigger,
};

use crate::checks::{
    ALARM_NEVER_FIRES, ALARM_TELLS_NOBODY, NO_DELAY_ALARM, NO_DURATION_ALARM, NO_ERROR_ALARM,
    NO_FAILURE_DESTINATION, NO_TRACING,
};
use crate::composites::CompositeAlarms;
use crate::measure::Measure;
pub use crate::parameters::Monitoring;
pub use crate::services::Role;
pub use crate::subject::MonitoredFunction;
use crate::watch::AlarmIndex;

/// See the [crate documentation](crate).
#[derive(Debug)]
pub struct LambdaMonitored;

/// Who could tell somebody about a function.
#[derive(Debug)]
pub struct Watchers {
    /// The metric alarms of the account and Region that could watch the function or what it reads.
    pub alarms: Known<Vec<Arc<Alarm>>>,
    /// Composite alarms that stacks hold, by their names; they may tell somebody on behalf of a metric alarm. Asked for only
    /// where a check rests on it: where an alarm that is or could be the function's has no enabled action.
    pub composite_alarms: Known<Vec<String>>,
    /// The account's roles. Asked for only where `monitoringRoleNames` names some.
    pub roles: Known<Arc<Vec<Role>>>,
}

/// The services whose events Lambda queues before it invokes the function, by their short names.
///
/// Source: AWS Lambda Developer Guide, "Invoking Lambda with events from other AWS services", the services marked as
/// asynchronous; "Using Lambda with CloudWatch alarm actions" for the last.
const ASYNCHRONOUS_SERVICES: [&str; 11] = [
    "cloudformation",
    "codecommit",
    "codepipeline",
    "config",
    "events",
    "iot",
    "logs",
    "s3",
    "ses",
    "sns",
    "lambda.alarms.cloudwatch",
];

impl Rule for LambdaMonitored {
    const META: RuleMeta = RuleMeta {
        name: "lambda-monitored",
        practice: 7,
        title: "monitor the application",
        checks_that: "somebody is told about a Lambda function's errors, long executions and delays: by alarms that can \
                      fire and have actions, or by a monitoring service",
        subjects: &[Function::TYPE],
        triggers: &[Trigger::Change, Trigger::Related(Alarm::TYPE), Trigger::Periodic],
        checks: &[
            NO_ERROR_ALARM,
            NO_DURATION_ALARM,
            ALARM_NEVER_FIRES,
            ALARM_TELLS_NOBODY,
            NO_DELAY_ALARM,
            NO_TRACING,
            NO_FAILURE_DESTINATION,
        ],
        actions: &[
            "config:BatchGetResourceConfig",
            "config:DescribeConfigurationRecorders",
            "config:ListDiscoveredResources",
            "config:SelectResourceConfig",
        ],
    };

    type Subject = MonitoredFunction;
    type Parameters = Monitoring;
    type Facts = Watchers;

    /// An alarm without dimensions concerns every function and so none in particular: the daily run sees it.
    fn concerned(alarm: &Document) -> Vec<(&'static str, Selector<'_>)> {
        let function = dimensions::function_of(alarm);
        function.map(|name| (Function::TYPE, Selector::Id(name))).into_iter().collect()
    }

    async fn gather(
        function: &MonitoredFunction,
        monitoring: &Monitoring,
        inventory: &dyn Inventory,
    ) -> Result<Watchers, InventoryError> {
        let alarms = inventory.find(Alarm::TYPE, Selector::All).await?;
        let alarms = alarms.map(|alarms| alarms.view::<AlarmIndex>().around(&function.name));
        let roles = if monitoring.role_names.is_empty() {
            Known::Value(Arc::default())
        } else {
            inventory.find(Role::TYPE, Selector::All).await?.map(|roles| roles.view())
        };
        let composite_alarms = Known::Unknown(composites::not_asked_for());
        let watchers = Watchers { alarms, composite_alarms, roles };
        if !rests_on_composites(function, &watchers) {
            return Ok(watchers);
        }
        let stacks = inventory.find(Stack::TYPE, Selector::All).await?;
        let composite_alarms = stacks.and_then(|stacks| stacks.view::<CompositeAlarms>().0.clone());
        Ok(Watchers { composite_alarms, ..watchers })
    }

    fn evaluate(
        function: &MonitoredFunction,
        monitoring: &Monitoring,
        watchers: &Watchers,
        _: Date,
    ) -> Outcome {
        if function.function.is_platform_helper() {
            return Outcome::NotApplicable(
                "a helper function of the deployment tool; its failures fail the deployment",
            );
        }
        let measures = measures(function);
        let [errors, duration] = measures;
        let served = services::watch(function, monitoring, &watchers.roles);
        let unless_served = |decided: Decided| unless(&served, decided);
        let never_firing = measures.map(|measure| alarms::never_firing(function, watchers, measure));
        let mute = measures.map(|measure| alarms::mute(function, watchers, measure));
        Outcome::judged()
            .and(NO_ERROR_ALARM, unless_served(alarms::missing(function, watchers, errors)))
            .and(NO_DURATION_ALARM, unless_served(alarms::missing(function, watchers, duration)))
            .and(ALARM_NEVER_FIRES, unless_served(together(never_firing)))
            .and(ALARM_TELLS_NOBODY, unless_served(together(mute)))
            .and(NO_DELAY_ALARM, unless_served(delays::unwatched(function, watchers)))
            .and(
                NO_TRACING,
                unless(&services::has_tracing_layer(function), unless_served(untraced(function))),
            )
            .and(NO_FAILURE_DESTINATION, dropped_events(function))
    }
}

/// What one check decided: its findings, possibly none, or the evidence that it lacks.
type Decided = Result<Vec<Finding>, Missing>;

const fn measures(function: &MonitoredFunction) -> [Measure<'_>; 2] {
    [Measure::Errors, Measure::Duration { timeout: &function.function.timeout }]
}

/// Whether a check decides otherwise if there are composite alarms than if there are none.
fn rests_on_composites(function: &MonitoredFunction, watchers: &Watchers) -> bool {
    let decided = measures(function).into_iter().flat_map(|measure| {
        [alarms::missing, alarms::never_firing, alarms::mute].map(|check| check(function, watchers, measure))
    });
    let mut decided = decided.chain([delays::unwatched(function, watchers)]);
    decided.any(|decided| decided == Err(composites::not_asked_for()))
}

/// Nothing is found where `is_covered`, and nothing is certain where that is not known.
fn unless(is_covered: &Result<bool, Missing>, decided: Decided) -> Decided {
    match decided {
        Ok(findings) if findings.is_empty() => Ok(findings),
        decided => {
            if is_covered.clone()? {
                Ok(Vec::new())
            } else {
                decided
            }
        }
    }
}

/// The findings on both metrics; what is missing for one of them matters only if the other has none.
fn together(decided: [Decided; 2]) -> Decided {
    let missing = decided.iter().find_map(|decided| decided.clone().err());
    let findings: Vec<_> = decided.into_iter().flatten().flatten().collect();
    match missing {
        Some(missing) if findings.is_empty() => Err(missing),
        _ => Ok(findings),
    }
}

fn untraced(function: &MonitoredFunction) -> Decided {
    const PATH: &str = "configuration.tracingConfig.mode";
    let mode = function.tracing_mode.get()?;
    let untraced = || Finding::new(NO_TRACING, format!("tracing mode is {mode}"), "must be Active", PATH);
    Ok(if mode == "Active" { Vec::new() } else { vec![untraced()] })
}

fn dropped_events(function: &MonitoredFunction) -> Decided {
    const WANTED: &str = "needs a dead-letter queue or a destination for failures";
    if matches!(function.dead_letter_target, Known::Value(Some(_))) {
        return Ok(Vec::new());
    }
    let services = function.invoking_services()?;
    let asynchronous: Vec<_> =
        services.into_iter().filter(|service| ASYNCHRONOUS_SERVICES.contains(service)).collect();
    if asynchronous.is_empty() {
        return Ok(Vec::new());
    }
    function.dead_letter_target.get()?;
    let seen = format!("events of {} that fail are dropped", asynchronous.join(", "));
    Ok(vec![Finding::new(NO_FAILURE_DESTINATION, seen, WANTED, "configuration.deadLetterConfig")])
}

#[cfg(test)]
mod tests;

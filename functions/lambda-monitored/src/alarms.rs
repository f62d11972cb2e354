//! Whether alarms on errors and long executions exist, can fire, and tell somebody.

use aws_resources::Alarm;
use config_rule::{Finding, Missing};

use crate::checks::{ALARM_NEVER_FIRES, ALARM_TELLS_NOBODY, NO_DURATION_ALARM, NO_ERROR_ALARM};
use crate::dimensions::{Invocations, invocations};
use crate::firing::obstacle;
use crate::measure::Measure;
use crate::subject::MonitoredFunction;
use crate::watch::Watch;
use crate::{Decided, Watchers};

/// No alarm at all; one that is mute or never fires is for the other checks.
pub(crate) fn missing(function: &MonitoredFunction, watchers: &Watchers, measure: Measure<'_>) -> Decided {
    let watch = watch(function, watchers, measure)?;
    if !watch.alarms.is_empty() {
        return Ok(Vec::new());
    }
    watch.nobody_else_tells(&watchers.composite_alarms)?;
    let (check, wanted) = match measure {
        Measure::Errors => (NO_ERROR_ALARM, "needs one with an action"),
        Measure::Duration { .. } => (NO_DURATION_ALARM, "needs one below the timeout, with an action"),
    };
    let metric = measure.name();
    Ok(vec![match watch.blind {
        Some((alarm, instead)) => {
            let seen = format!("alarm `{}` on {metric} {instead}", alarm.name);
            Finding::new(check, seen, "needs one that goes off at high values", place(alarm))
        }
        // One on an expression may be on the metric, but has no action.
        None if watch.mute_could_be => {
            Finding::new(check, format!("no alarm on {metric} tells anybody"), wanted, Alarm::TYPE)
        }
        None => Finding::new(check, format!("no alarm on {metric}"), wanted, Alarm::TYPE),
    }])
}

/// Alarms that would tell somebody, none of which the function can set off.
pub(crate) fn never_firing(
    function: &MonitoredFunction,
    watchers: &Watchers,
    measure: Measure<'_>,
) -> Decided {
    let watch = watch(function, watchers, measure)?;
    if watch.alarms.is_empty() || !watch.tells_somebody()? {
        return Ok(Vec::new());
    }
    let mut findings = Vec::new();
    let mut unproven = None;
    for alarm in watch.alarms.iter().filter(|alarm| alarm.tells_somebody() != Ok(false)) {
        let seen = invocations(alarm)?;
        let scope = if seen == Invocations::All { " of all functions" } else { "" };
        match obstacle(&alarm.condition, measure, seen) {
            Ok(Some(obstacle)) => findings.push(Finding::new(
                ALARM_NEVER_FIRES,
                format!("alarm `{}`{scope} {}", alarm.name, obstacle.seen),
                obstacle.wanted,
                place(alarm),
            )),
            Ok(None) => return Ok(Vec::new()),
            Err(missing) => unproven = Some(missing),
        }
    }
    unproven.map_or(Ok(()), Err)?;
    watch.nobody_else_tells(&watchers.composite_alarms)?;
    Ok(findings)
}

/// Alarms, none of which has an enabled action.
pub(crate) fn mute(function: &MonitoredFunction, watchers: &Watchers, measure: Measure<'_>) -> Decided {
    let watch = watch(function, watchers, measure)?;
    if watch.alarms.is_empty() || watch.tells_somebody()? {
        return Ok(Vec::new());
    }
    watch.nobody_else_tells(&watchers.composite_alarms)?;
    let finding = |alarm: &&Alarm| -> Result<Finding, Missing> {
        let (seen, wanted) = if *alarm.actions_enabled.get()? {
            (format!("alarm `{}` has no action", alarm.name), "needs one for ALARM")
        } else {
            (format!("the actions of alarm `{}` are switched off", alarm.name), "must be on")
        };
        Ok(Finding::new(ALARM_TELLS_NOBODY, seen, wanted, place(alarm)))
    };
    watch.alarms.iter().map(finding).collect()
}

fn watch<'a>(
    function: &MonitoredFunction,
    watchers: &'a Watchers,
    measure: Measure<'_>,
) -> Result<Watch<'a>, Missing> {
    Ok(Watch::over(watchers.alarms.get()?, &function.name, measure.name()))
}

fn place(alarm: &Alarm) -> String {
    format!("{} {}", Alarm::TYPE, alarm.name)
}

//! Whether somebody is told when events wait for the function.

use aws_resources::Alarm;
use config_rule::{Finding, Missing};

use crate::checks::NO_DELAY_ALARM;
use crate::subject::MonitoredFunction;
use crate::watch::{Watch, source_is_watched};
use crate::{Decided, Watchers};

/// How long events wait before the function gets them, by the metrics of the function itself.
///
/// Source: AWS Lambda Developer Guide, "Types of metrics for Lambda functions".
const AGES: [&str; 3] = ["AsyncEventAge", "IteratorAge", "OffsetLag"];

/// Refused invocations: what delays whatever is not read from a queue or stream.
const THROTTLES: &str = "Throttles";

/// Nothing that watches the age of events, and nothing that watches for refused ones.
///
/// Event source mappings are not recorded. A function that its policy lets nobody invoke could read a queue or a stream, whose
/// age is what matters then; for any other function throttles are enough.
pub(crate) fn unwatched(function: &MonitoredFunction, watchers: &Watchers) -> Decided {
    let alarms = watchers.alarms.get()?;
    let told = |metric: &str| -> Result<bool, Missing> {
        let watch = Watch::over(alarms, &function.name, metric);
        Ok(watch.tells_somebody()? || watch.nobody_else_tells(&watchers.composite_alarms).map(|()| false)?)
    };
    let ages: Vec<_> = AGES.iter().map(|metric| told(metric)).collect();
    if ages.contains(&Ok(true)) {
        return Ok(Vec::new());
    }
    let age_is_told = ages.into_iter().try_fold(false, |_, told| told);
    let throttles_are_told = told(THROTTLES);
    let is_invoked = function.is_invoked();
    let could_be_consumer = Missing::NotRecorded { what: "AWS::Lambda::EventSourceMapping".to_owned() };
    match (throttles_are_told, is_invoked) {
        (Ok(true), Ok(true)) => Ok(Vec::new()),
        (Ok(true), Ok(false)) => Err(could_be_consumer),
        (Ok(true), Err(missing)) | (Err(missing), _) => Err(missing),
        (Ok(false), is_invoked) => {
            if is_invoked != Ok(true) && source_is_watched(alarms)? {
                return Err(is_invoked.err().unwrap_or(could_be_consumer));
            }
            age_is_told?;
            let wanted = "needs one on Throttles, or on the age of the events that it reads";
            Ok(vec![Finding::new(NO_DELAY_ALARM, "no alarm on delays", wanted, Alarm::TYPE)])
        }
    }
}

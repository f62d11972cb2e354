//! Composite alarms, which could tell somebody on behalf of alarms without an enabled action.

use aws_resources::Stack;
use config_rule::{Documents, Known, Missing, Subject, View};

/// CloudFormation type name of the alarms that AWS Config does not record.
const COMPOSITE_ALARM: &str = "AWS::CloudWatch::CompositeAlarm";

/// What is known of an account's composite alarms before anybody has asked for its stacks.
pub(crate) fn not_asked_for() -> Missing {
    Missing::NotRecorded { what: COMPOSITE_ALARM.to_owned() }
}

/// That there is no composite alarm which could tell somebody for a mute one.
pub(crate) fn speak_for_none(composites: &Known<Vec<String>>) -> Result<(), Missing> {
    let open = |name| Missing::NotRecorded { what: format!("what composite alarm `{name}` watches") };
    composites.get()?.first().map_or(Ok(()), |name| Err(open(name)))
}

/// The composite alarms that the stacks hold, or that one of them does not list what it holds.
#[derive(Debug)]
pub(crate) struct CompositeAlarms(pub(crate) Known<Vec<String>>);

impl View for CompositeAlarms {
    fn of(stacks: &Documents) -> Self {
        let mut composites = Vec::new();
        let mut unlisted = None;
        for stack in stacks.iter().filter_map(Stack::read) {
            match stack.held_resources() {
                Ok(held) => {
                    let held = held.into_iter().filter(|resource| resource.resource_type == COMPOSITE_ALARM);
                    composites.extend(
                        held.map(|alarm| alarm.physical_id.as_ref().unwrap_or(&alarm.logical_id).clone()),
                    );
                }
                Err(missing) => unlisted = Some(missing),
            }
        }
        Self(match unlisted {
            Some(missing) if composites.is_empty() => Known::Unknown(missing),
            _ => Known::Value(composites),
        })
    }
}

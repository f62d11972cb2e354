//! Whether AWS Config records, and what.

use std::collections::BTreeSet;

use config_rule::{Document, Finding, Known, Missing, Node};

use crate::checks::{RECORDER_INCOMPLETE, RECORDER_OFF};
use crate::needed_types::{global_types_of, is_global, is_global_by_choice, needed_for};
use crate::packs::Pack;
use crate::parameters::Audit;
use crate::{Decided, found_or_missing, is_word};

/// A configuration recorder, with its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorder {
    /// Its name.
    pub name: String,
    /// Whether it runs.
    pub is_recording: Known<bool>,
    /// How its last attempt went: `Pending`, `Success`, `Failure`, `NotApplicable`.
    pub last_status: Known<String>,
    /// Why, if it failed.
    pub last_error: Option<String>,
    /// The types that it records.
    pub recorded: Known<Recorded>,
}

/// What a recorder records.
///
/// Source: AWS Config API Reference, `RecordingGroup`, `RecordingStrategy`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// Everything that AWS Config supports here; users, groups, roles and policies of IAM only if `globals`.
    All {
        /// `includeGlobalResourceTypes`.
        globals: bool,
    },
    /// These types.
    Only(BTreeSet<String>),
    /// Everything that AWS Config supports here, but not these types.
    AllBut(BTreeSet<String>),
}

impl Recorder {
    /// The name under which an inventory answers.
    pub const TYPE: &str = "AWS::Config::ConfigurationRecorder";

    /// `None` for the recorder of another AWS service: its items are that service's, and rules do not see them.
    pub(crate) fn read(document: &Document) -> Option<Self> {
        let root = document.properties();
        if root.text("configuration.servicePrincipal").get().is_ok() {
            return None;
        }
        Some(Self {
            name: document.resource_id.clone(),
            is_recording: root.boolean("configuration.status.recording"),
            last_status: root.text("configuration.status.lastStatus").map(ToOwned::to_owned),
            last_error: root
                .text("configuration.status.lastErrorCode")
                .get()
                .ok()
                .map(|code| (*code).to_owned()),
            recorded: root.at("configuration.recordingGroup").and_then(|group| Recorded::read(&group).into()),
        })
    }

    fn off(&self) -> Result<Option<Finding>, Missing> {
        let found = |seen| {
            let place = format!("{} {}", Self::TYPE, self.name);
            Ok(Some(Finding::new(RECORDER_OFF, seen, "a recorder that runs", place)))
        };
        if !*self.is_recording.get()? {
            return found(format!("recorder {} is stopped", self.name));
        }
        if !is_word(self.last_status.get()?, "Failure") {
            return Ok(None);
        }
        let reason = self.last_error.as_ref().map(|code| format!(" with {code}")).unwrap_or_default();
        found(format!("recorder {} fails{reason}", self.name))
    }
}

impl Recorded {
    fn read(group: &Node<'_>) -> Result<Self, Missing> {
        let types = |path| {
            let list = group.list(path).optional();
            let texts = list.get()?.iter().flatten().map(|node| node.as_text().map(ToOwned::to_owned));
            texts.collect::<Known<Vec<_>>>().get().map(|types| types.iter().cloned().collect::<BTreeSet<_>>())
        };
        let switch = |path| group.boolean(path).optional().get().map(|switch| switch.unwrap_or(false));
        let all = || Ok(Self::All { globals: switch("includeGlobalResourceTypes")? });
        match *group.text("recordingStrategy.useOnly").optional().get()? {
            Some("ALL_SUPPORTED_RESOURCE_TYPES") => all(),
            Some("INCLUSION_BY_RESOURCE_TYPES") => Ok(Self::Only(types("resourceTypes")?)),
            Some("EXCLUSION_BY_RESOURCE_TYPES") => {
                Ok(Self::AllBut(types("exclusionByResourceTypes.resourceTypes")?))
            }
            Some(other) => Err(Missing::Unavailable {
                what: "which types are recorded".to_owned(),
                why: format!("the recording strategy {other} is not known"),
            }),
            // Recorders of before strategies were introduced.
            None if switch("allSupported")? => all(),
            None => Ok(Self::Only(types("resourceTypes")?)),
        }
    }

    fn includes(&self, resource_type: &str) -> bool {
        match self {
            Self::All { globals } => *globals || !is_global_by_choice(resource_type),
            Self::Only(types) => types.contains(resource_type),
            Self::AllBut(types) => !types.contains(resource_type),
        }
    }
}

/// No recorder, or one that is stopped or fails.
pub(crate) fn off(recorders: &Known<Vec<Recorder>>) -> Decided {
    let recorders = recorders.get()?;
    if recorders.is_empty() {
        let seen = "there is no configuration recorder";
        return Ok(vec![Finding::new(RECORDER_OFF, seen, "a recorder that runs", Recorder::TYPE)]);
    }
    found_or_missing(recorders.iter().map(Recorder::off))
}

/// A recorder that leaves out types that are needed. Where there is none at all, `recorder-off` says so.
pub(crate) fn incomplete(recorders: &Known<Vec<Recorder>>, audit: &Audit) -> Decided {
    let needed = needed_for(&audit.required_packs);
    let lacking = |recorder: &Recorder| {
        let recorded = recorder.recorded.get()?;
        let lacking: Vec<_> = needed.iter().copied().filter(|needed| !recorded.includes(needed)).collect();
        let (global, regional): (Vec<_>, Vec<_>) = lacking.iter().partition(|needed| is_global(needed));
        if regional.is_empty() {
            // They shall be recorded in one Region only, and which one cannot be seen from another.
            return match global.first() {
                Some(_) => Err(Missing::Unavailable {
                    what: format!("whether {} are recorded", global.join(", ")),
                    why: "this Region does not, another one may".to_owned(),
                }),
                None => Ok(None),
            };
        }
        let seen = format!("recorder {} leaves out {}", recorder.name, shortened(&regional));
        let place = format!("{} {}, without {}", Recorder::TYPE, recorder.name, regional.join(", "));
        let wanted = format!("all {} types that the rules need", needed.len());
        Ok(Some(Finding::new(RECORDER_INCOMPLETE, seen, wanted, place)))
    };
    found_or_missing(recorders.get()?.iter().map(lacking))
}

/// The types of a pack that this Region may leave to another one, since its recorder leaves them out. Without a recorder it
/// leaves out nothing: `recorder-off` says what is wrong.
pub(crate) fn left_to_another_region(
    recorders: &Known<Vec<Recorder>>,
    pack: &Pack,
) -> Result<Vec<&'static str>, Missing> {
    let global = global_types_of(pack);
    if global.is_empty() {
        return Ok(global);
    }
    let Some(recorder) = recorders.get()?.first() else { return Ok(Vec::new()) };
    let group = recorder.recorded.get()?;
    Ok(global.into_iter().filter(|needed| !group.includes(needed)).collect())
}

/// An annotation has room for four types.
fn shortened(types: &[&str]) -> String {
    let (shown, rest) = types.split_at(types.len().min(4));
    let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
    format!("{}{more}", shown.join(", "))
}

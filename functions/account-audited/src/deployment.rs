//! Whether the conformance packs of the account could be deployed.

use config_rule::{Document, Finding, Known, Missing};

use crate::checks::PACK_FAILED;
use crate::{Decided, found_or_missing};

/// A conformance pack in the account, with its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeployedPack {
    /// Its name.
    pub name: String,
    /// `CREATE_COMPLETE`, `DELETE_FAILED`, …
    pub state: Known<String>,
    /// What AWS Config says about a failure.
    pub reason: Option<String>,
}

impl DeployedPack {
    /// The name under which an inventory answers.
    pub const TYPE: &str = "AWS::Config::ConformancePack";

    pub(crate) fn read(document: &Document) -> Self {
        let root = document.properties();
        let reason = root.text("configuration.Status.ConformancePackStatusReason");
        Self {
            name: document.resource_name.clone().unwrap_or_else(|| document.resource_id.clone()),
            state: root.text("configuration.Status.ConformancePackState").map(ToOwned::to_owned),
            reason: reason.get().ok().map(|reason| (*reason).to_owned()),
        }
    }

    fn failed(&self) -> Result<Option<Finding>, Missing> {
        // Source: AWS Config API Reference, `ConformancePackStatusDetail`, `ConformancePackState`.
        let wanted = match self.state.get()?.as_str() {
            "CREATE_FAILED" => "a pack that is deployed",
            "DELETE_FAILED" => "a pack that is deleted, or deployed again",
            _ => return Ok(None),
        };
        let reason = self.reason.as_ref().map(|reason| format!(" ({})", cut(reason))).unwrap_or_default();
        let seen = format!("{} is {}{reason}", self.name, self.state.get()?);
        Ok(Some(Finding::new(PACK_FAILED, seen, wanted, format!("{} {}", Self::TYPE, self.name))))
    }
}

/// Packs in a failed state.
pub(crate) fn failed(packs: &Known<Vec<DeployedPack>>) -> Decided {
    found_or_missing(packs.get()?.iter().map(DeployedPack::failed))
}

/// Reasons have up to 2,000 characters; the beginning says what to look for.
fn cut(reason: &str) -> String {
    const LONGEST: usize = 80;
    if reason.chars().count() <= LONGEST {
        return reason.to_owned();
    }
    reason.chars().take(LONGEST - 1).chain(['…']).collect()
}

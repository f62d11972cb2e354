//! Where the functions of rules are, and how they are run.

use std::path::PathBuf;
use std::time::Duration;

use super::StartError;
use crate::function::{self, FunctionSettings, INIT_TIMEOUT};
use crate::items::Scope;
use crate::pack::{PackRule, partition};

/// The functions of this machine.
#[derive(Debug)]
pub(crate) struct FunctionFolder {
    /// Holds `<function>/bootstrap` or `<function>` for each rule.
    pub(super) folder: PathBuf,
    /// URL of every AWS service, as far as functions are concerned.
    pub(super) endpoint: String,
    /// How long one invocation may take.
    pub(super) timeout: Duration,
    pub(super) log_level: String,
}

impl FunctionFolder {
    /// Whether a rule's function is there.
    pub(super) fn check(&self, rule: &PackRule) -> Result<(), StartError> {
        match self.binary(&rule.function) {
            Some(_) => Ok(()),
            None => Err(StartError::Binary {
                rule: rule.name.clone(),
                looked_at: function::binary_candidates(&self.folder, &rule.function),
            }),
        }
    }

    /// How a rule's function is run in an account and Region; `None` where its program is not.
    pub(super) fn settings(&self, scope: &Scope, rule: &PackRule) -> Option<FunctionSettings> {
        let Scope { account_id, region } = scope;
        let name = format!("serverless-conformance-{}", rule.function);
        let partition = partition(region);
        Some(FunctionSettings {
            binary: self.binary(&rule.function)?,
            arn: format!("arn:{partition}:lambda:{region}:{account_id}:function:{name}"),
            name,
            scope: scope.clone(),
            endpoint: self.endpoint.clone(),
            timeout: self.timeout,
            init_timeout: INIT_TIMEOUT,
            log_level: self.log_level.clone(),
        })
    }

    /// The program of a function, as an absolute path: it is started in its own folder.
    fn binary(&self, function: &str) -> Option<PathBuf> {
        let looked_at = function::binary_candidates(&self.folder, function);
        looked_at.iter().find(|path| path.is_file()).and_then(|path| path.canonicalize().ok())
    }
}

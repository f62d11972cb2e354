//! Whether Inspector scans functions in this account.

use aws_sdk_inspector2::types::Status;
use config_lambda::{CallError, Session};

use crate::{client, within_the_deadline};

/// Whether functions are scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scanning {
    /// They are, will be, or nobody says that they are not.
    On,
    /// Inspector, or its scans of functions, are not enabled, or are about to be stopped.
    Off,
}

/// Whether the functions of the account that asks are scanned.
pub(crate) async fn scanning(session: Session<'_>) -> Result<Scanning, CallError> {
    let answer = client(session)
        .batch_get_account_status()
        .customize()
        .config_override(within_the_deadline(session))
        .send()
        .await
        .map_err(|error| CallError::new("BatchGetAccountStatus", &error))?;
    let lambda = |account: &aws_sdk_inspector2::types::AccountState| {
        let scans = account.resource_state().and_then(|resources| resources.lambda()).or(account.state());
        scans.map(|state| state.status().clone())
    };
    let is_off = match answer.accounts().first().and_then(lambda) {
        Some(Status::Disabled | Status::Disabling | Status::Suspended | Status::Suspending) => true,
        Some(_) | None => false,
    };
    Ok(if is_off { Scanning::Off } else { Scanning::On })
}

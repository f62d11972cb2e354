//! The sample account.

use std::path::Path;

use anyhow::Context;
use local_aws_config::items::{ConfigurationItems, Scope, load};

/// The items of a folder, and the account and Region that they are of.
pub(crate) fn loaded(folder: &Path) -> anyhow::Result<(ConfigurationItems, Scope)> {
    let loaded = load(&[folder.to_owned()], &mut |_, _| ())?;
    let scopes = loaded.items.scopes();
    let scope = scopes.first().with_context(|| format!("there are no items in `{}`", folder.display()))?;
    Ok((loaded.items, scope.clone()))
}

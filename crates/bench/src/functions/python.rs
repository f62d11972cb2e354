//! The same on AWS's own library for rules in Python, which is what people use today.

use std::path::{Path, absolute};

use local_aws_config::pack::PackRule;

use super::instance::Program;

/// What it is called in the tables.
pub(crate) const NAME: &str = "Python, RDKlib";

/// The function of `python/rdklib_rule.py`, run by AWS's runtime client.
pub(crate) fn program(interpreter: &Path) -> anyhow::Result<Program> {
    // Not the link's target: an environment's interpreter knows its packages by its own path.
    let executable = absolute(interpreter)?;
    Ok(Program {
        name: NAME.to_owned(),
        executable,
        arguments: ["-m", "awslambdaric", "rdklib_rule.handler"].map(ToOwned::to_owned).to_vec(),
        variables: vec![("PYTHONPATH".to_owned(), concat!(env!("CARGO_MANIFEST_DIR"), "/python").to_owned())],
    })
}

/// The rule as it is deployed: with the function's own credentials, as ours are.
pub(crate) fn rule(ours: &PackRule) -> PackRule {
    let parameters = [("AssumeRoleMode".to_owned(), "False".to_owned())];
    PackRule { parameters: parameters.into(), ..ours.clone() }
}

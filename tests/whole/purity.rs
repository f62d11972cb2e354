//! Rules cannot wait, read the clock or the network, because nothing that could is within their reach.

use std::collections::BTreeSet;
use std::process::Command;

use cargo_metadata::{DependencyKind, MetadataCommand};

use crate::workspace::{root, text};

/// Crates by which a decision could reach the world.
const IMPURE: [&str; 9] = [
    "aws-sdk-",
    "aws-smithy-",
    "aws-config",
    "lambda_runtime",
    "tokio",
    "hyper",
    "reqwest",
    "axum",
    "rustls",
];

#[test]
fn the_contract_depends_on_nothing_that_waits() {
    let metadata = MetadataCommand::new().current_dir(root()).exec().unwrap();
    let resolve = metadata.resolve.as_ref().unwrap();
    let id = |name: &str| metadata.packages.iter().find(|package| package.name == name).unwrap().id.clone();
    let (mut reached, mut open) = (BTreeSet::new(), vec![id("config-rule")]);
    while let Some(package) = open.pop() {
        let node = resolve.nodes.iter().find(|node| node.id == package).unwrap();
        if reached.insert(package) {
            let is_normal = |dependency: &&cargo_metadata::NodeDep| {
                dependency.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal)
            };
            open.extend(node.deps.iter().filter(is_normal).map(|dependency| dependency.pkg.clone()));
        }
    }
    let names: Vec<_> = reached.iter().map(|id| metadata[id].name.to_string()).collect();
    assert!(names.iter().any(|name| name == "serde_json"), "the graph was not walked: {names:?}");
    assert_eq!(impure(names), Vec::<String>::new());
}

#[test]
fn the_catalogue_of_rules_is_free_of_sdk_and_runtime() {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--package", "catalog", "--edges", "normal", "--prefix", "none", "--format", "{p}"])
        .current_dir(root())
        .output()
        .unwrap();
    let names = String::from_utf8(tree.stdout).unwrap();
    let names: Vec<_> =
        names.lines().filter_map(|line| line.split(' ').next()).map(ToOwned::to_owned).collect();
    for entry in catalog::RULES {
        assert!(names.iter().any(|name| name == entry.meta.name), "{} is not in the tree", entry.meta.name);
    }
    assert_eq!(impure(names), Vec::<String>::new());
}

#[test]
fn every_crate_that_decides_denies_the_clock_the_environment_and_files() {
    let rules = catalog::RULES.iter().map(|entry| format!("functions/{}/src/lib.rs", entry.meta.name));
    let crates = ["config-rule", "aws-resources"].map(|name| format!("crates/{name}/src/lib.rs"));
    for path in rules.chain(crates) {
        assert!(text(&path).contains("#![deny(clippy::disallowed_methods)]"), "{path} lacks the lint");
    }
}

fn impure(mut names: Vec<String>) -> Vec<String> {
    names.retain(|name| IMPURE.iter().any(|impure| name.starts_with(impure)));
    names
}

//! Rules cannot wait, read the clock or the network, because nothing that could is within their reach.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

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
    let metadata: Value = serde_json::from_str(&cargo(&["metadata", "--format-version", "1"])).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let name =
        |id: &Value| packages.iter().find(|package| package["id"] == *id).unwrap()["name"].as_str().unwrap();
    let nodes = metadata["resolve"]["nodes"].as_array().unwrap();
    let contract = nodes.iter().find(|node| name(&node["id"]) == "config-rule").unwrap();
    let (mut reached, mut open) = (BTreeSet::new(), vec![contract]);
    while let Some(node) = open.pop() {
        if reached.insert(name(&node["id"]).to_owned()) {
            let is_normal = |dependency: &&Value| {
                dependency["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"].is_null())
            };
            let dependencies = node["deps"].as_array().unwrap().iter().filter(is_normal);
            open.extend(
                dependencies
                    .map(|dependency| nodes.iter().find(|node| node["id"] == dependency["pkg"]).unwrap()),
            );
        }
    }
    assert!(reached.contains("serde_json"), "the graph was not walked: {reached:?}");
    assert_eq!(impure(reached.into_iter().collect()), Vec::<String>::new());
}

#[test]
fn the_catalogue_of_rules_is_free_of_sdk_and_runtime() {
    let names =
        cargo(&["tree", "--package", "catalog", "--edges", "normal", "--prefix", "none", "--format", "{p}"]);
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

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn impure(mut names: Vec<String>) -> Vec<String> {
    names.retain(|name| IMPURE.iter().any(|impure| name.starts_with(impure)));
    names
}

/// The workspace forbids `unsafe`; a crate has to take the workspace's lints for that to count.
#[test]
fn no_crate_of_ours_may_have_unsafe_code() {
    let unsafe_is_forbidden =
        |manifest: &str| manifest.contains("\n[workspace.lints.rust]\nunsafe_code = \"forbid\"\n");
    assert!(unsafe_is_forbidden(&text("Cargo.toml")));
    let folders = ["crates", "functions"].map(|folder| std::fs::read_dir(root().join(folder)).unwrap());
    let members = folders.into_iter().flatten().map(|member| member.unwrap().path());
    let manifests: Vec<_> =
        members.chain([root().join("tests")]).map(|member| member.join("Cargo.toml")).collect();
    assert!(20 <= manifests.len(), "only {} crates", manifests.len());
    for manifest in manifests {
        let content = std::fs::read_to_string(&manifest).unwrap();
        assert!(content.contains("\n[lints]\nworkspace = true\n"), "{} goes its own way", manifest.display());
    }
}

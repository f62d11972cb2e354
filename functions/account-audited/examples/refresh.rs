//! Writes the lists of managed rules again from a public repository:
//!
//! ```sh
//! git clone https://github.com/awslabs/aws-config-rules
//! cargo run -p account-audited --no-default-features --example refresh -- \
//!   aws-config-rules "$(git -C aws-config-rules rev-parse HEAD)" "$(git -C aws-config-rules log -1 --format=%cs)"
//! ```
//!
//! The arguments are the checkout, its commit and the commit's date. `data/managed-rules.json` then holds what was read,
//! `src/pack_table.rs` the same as code.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use anyhow::{Context, anyhow};
use serde_json::{Value, json};

/// The packs, by the names that `requiredPacks` takes, with their titles.
const PACKS: [(&str, &str); 6] = [
    ("dynamodb", "Operational Best Practices for Amazon DynamoDB"),
    ("s3", "Operational Best Practices for Amazon S3"),
    ("iam", "Operational Best Practices for AWS Identity and Access Management"),
    ("reliability", "Operational Best Practices for AWS Well-Architected Reliability Pillar"),
    ("security", "Operational Best Practices for AWS Well-Architected Security Pillar"),
    ("serverless", "Operational Best Practices for Serverless"),
];

/// A managed rule of a pack.
struct ManagedRule {
    identifier: String,
    /// The types whose changes trigger it; `None` for rules that run on a schedule.
    scope: Option<Vec<String>>,
}

fn main() -> anyhow::Result<()> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [checkout, commit, made] = arguments.as_slice() else {
        return Err(anyhow!(
            "expected a checkout, its commit and its date, got {} arguments",
            arguments.len()
        ));
    };
    let folder = Path::new(checkout).join("aws-config-conformance-packs");
    let mut packs = Vec::new();
    for (name, title) in PACKS {
        let path = folder.join(title.replace(' ', "-") + ".yaml");
        let rules = rules(&path).with_context(|| format!("`{}`", path.display()))?;
        packs.push((name, title, rules));
    }
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let data = serde_json::to_string_pretty(&data(&packs, commit, made))? + "\n";
    fs::write(crate_folder.join("data/managed-rules.json"), data).context("the data cannot be written")?;
    let table = table(&packs, commit, made)?;
    fs::write(crate_folder.join("src/pack_table.rs"), table).context("the table cannot be written")
}

/// The rules of a template, in alphabetical order; one that stands twice with other parameters is two rules.
fn rules(path: &Path) -> anyhow::Result<Vec<ManagedRule>> {
    let template: Value = serde_saphyr::from_str(&fs::read_to_string(path)?)?;
    let resources = template.get("Resources").and_then(Value::as_object).context("it has no `Resources`")?;
    let is_rule =
        |resource: &&Value| resource.get("Type").and_then(Value::as_str) == Some("AWS::Config::ConfigRule");
    let mut rules = Vec::new();
    for rule in resources.values().filter(is_rule) {
        let text = |pointer: &str| {
            rule.pointer(pointer)
                .and_then(Value::as_str)
                .with_context(|| format!("a rule has no `{pointer}`"))
        };
        if text("/Properties/Source/Owner")? != "AWS" {
            continue;
        }
        let scope = rule.pointer("/Properties/Scope/ComplianceResourceTypes").and_then(Value::as_array);
        rules.push(ManagedRule {
            identifier: text("/Properties/Source/SourceIdentifier")?.to_owned(),
            scope: scope.map(|types| types.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect()),
        });
    }
    rules.sort_by(|a, b| a.identifier.cmp(&b.identifier));
    Ok(rules)
}

type Pack = (&'static str, &'static str, Vec<ManagedRule>);

fn data(packs: &[Pack], commit: &str, made: &str) -> Value {
    let rule = |rule: &ManagedRule| match &rule.scope {
        Some(scope) => json!({"identifier": rule.identifier, "scope": scope}),
        None => json!({"identifier": rule.identifier}),
    };
    let packs: Vec<_> = packs
        .iter()
        .map(|(name, title, rules)| {
            json!({"name": name, "title": title, "rules": rules.iter().map(rule).collect::<Vec<_>>()})
        })
        .collect();
    json!({
        "source": "https://github.com/awslabs/aws-config-rules, aws-config-conformance-packs",
        "licence": "CC0-1.0",
        "commit": commit,
        "made": made,
        "packs": packs,
    })
}

fn table(packs: &[Pack], commit: &str, made: &str) -> anyhow::Result<String> {
    let mut table = format!(
        "//! Generated from `data/managed-rules.json`'s source by `examples/refresh.rs`; do not edit.\n\
         //!\n\
         //! Source: awslabs/aws-config-rules (CC0-1.0), `aws-config-conformance-packs`, commit\n\
         //! {commit} of {made}.\n\
         \n\
         use crate::packs::Pack;\n\
         \n\
         pub(crate) const PACKS: [Pack; {}] = [\n",
        packs.len()
    );
    for (name, title, rules) in packs {
        writeln!(
            table,
            "    Pack {{\n        name: \"{name}\",\n        title: \"{title}\",\n        rules: &["
        )?;
        for rule in rules {
            writeln!(table, "            \"{}\",", rule.identifier)?;
        }
        table.push_str("        ],\n    },\n");
    }
    table.push_str(
        "];\n\n/// Those that no pack gives a scope to: they run on a schedule and not when something changes.\n\
         pub(crate) const SCHEDULED: &[&str] = &[\n",
    );
    let mut is_scheduled = BTreeMap::new();
    for rule in packs.iter().flat_map(|(_, _, rules)| rules) {
        *is_scheduled.entry(rule.identifier.as_str()).or_insert(true) &= rule.scope.is_none();
    }
    let scheduled: BTreeSet<_> = is_scheduled.into_iter().filter(|(_, is)| *is).collect();
    for (identifier, _) in scheduled {
        writeln!(table, "    \"{identifier}\",")?;
    }
    table.push_str("];\n");
    Ok(table)
}

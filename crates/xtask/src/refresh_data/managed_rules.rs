//! `functions/account-audited`: the managed rules of AWS's conformance packs, as data and as code.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::Context;
use serde_json::{Value, json};

use super::changes::{Changes, Entries};
use super::packages::output;
use super::{committed_text, write};

pub(super) const DATA: &str = "functions/account-audited/data/managed-rules.json";
const TABLE: &str = "functions/account-audited/src/pack_table.rs";

/// Where the repository has the packs.
const FOLDER: &str = "aws-config-conformance-packs";

/// The packs, by the names that `requiredPacks` takes, with their titles.
const PACKS: [(&str, &str); 6] = [
    ("dynamodb", "Operational Best Practices for Amazon DynamoDB"),
    ("s3", "Operational Best Practices for Amazon S3"),
    ("iam", "Operational Best Practices for AWS Identity and Access Management"),
    ("reliability", "Operational Best Practices for AWS Well-Architected Reliability Pillar"),
    ("security", "Operational Best Practices for AWS Well-Architected Security Pillar"),
    ("serverless", "Operational Best Practices for Serverless"),
];

struct Pack {
    name: &'static str,
    title: &'static str,
    rules: Vec<ManagedRule>,
}

/// A managed rule of a pack.
struct ManagedRule {
    identifier: String,
    /// The types whose changes trigger it; `None` for rules that run on a schedule.
    scope: Option<Vec<String>>,
}

/// A commit and its day.
struct Commit {
    hash: String,
    day: String,
}

/// What is written is what the commit holds, whatever has been edited in the checkout.
pub(super) fn refresh(root: &Path, checkout: &Path) -> anyhow::Result<(String, Changes)> {
    let git = |arguments: &[&str]| {
        output(Command::new("git").arg("-C").arg(checkout).args(arguments)).with_context(|| {
            format!("expected a checkout of awslabs/aws-config-rules in {}", checkout.display())
        })
    };
    let log = git(&["log", "-1", "--format=%H %cs"])?;
    let (hash, day) =
        log.trim().split_once(' ').with_context(|| format!("expected a commit, got `{log}`"))?;
    let commit = Commit { hash: hash.to_owned(), day: day.to_owned() };
    let mut packs = Vec::new();
    for (name, title) in PACKS {
        let path = format!("{FOLDER}/{}.yaml", title.replace(' ', "-"));
        let template = git(&["show", &format!("{hash}:{path}")])?;
        packs.push(Pack { name, title, rules: rules(&template).with_context(|| format!("`{path}`"))? });
    }

    let path = root.join(DATA);
    let before = committed_text(&path)?;
    let before = if before.is_empty() { Value::Null } else { serde_json::from_str(&before).context(DATA)? };
    let data = data(&packs, &commit);
    write(&path, serde_json::to_string_pretty(&data)? + "\n")?;
    write(&root.join(TABLE), table(&packs, &commit)?)?;
    let source = format!("awslabs/aws-config-rules {hash} of {day}");
    Ok((source, Changes::between(&entries(&before), &entries(&data))))
}

/// The rules by pack and identifier, with the scopes they have there.
fn entries(data: &Value) -> Entries {
    let list =
        |value: &Value, key: &str| value.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let text =
        |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut entries = Entries::new();
    for pack in list(data, "packs") {
        for rule in list(&pack, "rules") {
            let name = format!("{}: {}", text(&pack, "name"), text(&rule, "identifier"));
            entries.entry(name).or_default().push_str(&rule.to_string());
        }
    }
    entries
}

/// The rules of a template, in alphabetical order; one that stands twice with other parameters is two rules.
fn rules(template: &str) -> anyhow::Result<Vec<ManagedRule>> {
    let template: Value = serde_saphyr::from_str(template).context("expected YAML")?;
    let resources = template.get("Resources").and_then(Value::as_object);
    let resources = resources.context("expected `Resources`, found none")?;
    let is_rule = |(_, resource): &(_, &Value)| {
        resource.get("Type").and_then(Value::as_str) == Some("AWS::Config::ConfigRule")
    };
    let mut rules = Vec::new();
    for (name, rule) in resources.iter().filter(is_rule) {
        let text = |pointer: &str| {
            let found = rule.pointer(pointer).and_then(Value::as_str);
            found.with_context(|| format!("rule `{name}`: expected a text `{pointer}`, found none"))
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

fn data(packs: &[Pack], commit: &Commit) -> Value {
    let rule = |rule: &ManagedRule| match &rule.scope {
        Some(scope) => json!({"identifier": rule.identifier, "scope": scope}),
        None => json!({"identifier": rule.identifier}),
    };
    let packs: Vec<_> = packs
        .iter()
        .map(|pack| {
            let rules: Vec<_> = pack.rules.iter().map(rule).collect();
            json!({"name": pack.name, "title": pack.title, "rules": rules})
        })
        .collect();
    json!({
        "source": format!("https://github.com/awslabs/aws-config-rules, {FOLDER}"),
        "licence": "CC0-1.0",
        "commit": commit.hash,
        "made": commit.day,
        "packs": packs,
    })
}

fn table(packs: &[Pack], commit: &Commit) -> anyhow::Result<String> {
    let mut table = format!(
        "//! Generated from `data/managed-rules.json`'s source by `cargo xtask refresh-data`; do not edit.\n\
         //!\n\
         //! Source: awslabs/aws-config-rules (CC0-1.0), `{FOLDER}`, commit\n\
         //! {} of {}.\n\
         \n\
         use crate::packs::Pack;\n\
         \n\
         pub(crate) const PACKS: [Pack; {}] = [\n",
        commit.hash,
        commit.day,
        packs.len()
    );
    for Pack { name, title, rules } in packs {
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
    for rule in packs.iter().flat_map(|pack| &pack.rules) {
        *is_scheduled.entry(rule.identifier.as_str()).or_insert(true) &= rule.scope.is_none();
    }
    let scheduled: BTreeSet<_> = is_scheduled.into_iter().filter(|(_, is)| *is).collect();
    for (identifier, _) in scheduled {
        writeln!(table, "    \"{identifier}\",")?;
    }
    table.push_str("];\n");
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = "
Resources:
  SomewhereScheduled:
    Type: AWS::Config::ConfigRule
    Properties:
      Source: {Owner: AWS, SourceIdentifier: SOMETIMES}
  Encrypted:
    Type: AWS::Config::ConfigRule
    Properties:
      Scope: {ComplianceResourceTypes: ['AWS::S3::Bucket']}
      Source: {Owner: AWS, SourceIdentifier: ENCRYPTED}
  Always:
    Type: AWS::Config::ConfigRule
    Properties:
      Source: {Owner: AWS, SourceIdentifier: ALWAYS}
  Own:
    Type: AWS::Config::ConfigRule
    Properties:
      Source: {Owner: CUSTOM_LAMBDA}
  Remediation:
    Type: AWS::Config::RemediationConfiguration
";

    #[test]
    fn the_rules_of_a_pack_are_the_managed_ones_in_order() {
        let rules = rules(TEMPLATE).unwrap();
        let identifiers: Vec<_> = rules.iter().map(|rule| rule.identifier.as_str()).collect();
        assert_eq!(identifiers, ["ALWAYS", "ENCRYPTED", "SOMETIMES"]);
        assert_eq!(rules[1].scope.as_deref(), Some(["AWS::S3::Bucket".to_owned()].as_slice()));
    }

    #[test]
    fn a_rule_is_scheduled_only_if_no_pack_gives_it_a_scope() {
        let scoped = ManagedRule { identifier: "SOMETIMES".to_owned(), scope: Some(Vec::new()) };
        let packs = [pack("a", rules(TEMPLATE).unwrap()), pack("b", vec![scoped])];
        let table = table(&packs, &commit()).unwrap();
        assert!(table.contains("PACKS: [Pack; 2]"), "{table}");
        assert!(table.ends_with("SCHEDULED: &[&str] = &[\n    \"ALWAYS\",\n];\n"), "{table}");
        assert!(table.contains(
            "        rules: &[\n            \"ALWAYS\",\n            \"ENCRYPTED\",\n            \"SOMETIMES\",\n        ],"
        ));
    }

    #[test]
    fn entries_are_per_pack_and_before_the_first_time_none() {
        let data =
            data(&[pack("a", rules(TEMPLATE).unwrap()), pack("b", rules(TEMPLATE).unwrap())], &commit());
        let entries_of_both = entries(&data);
        assert_eq!(entries_of_both.len(), 6);
        assert_eq!(
            entries_of_both["b: ENCRYPTED"],
            r#"{"identifier":"ENCRYPTED","scope":["AWS::S3::Bucket"]}"#
        );
        assert_eq!(entries(&Value::Null), Entries::new());
    }

    #[test]
    fn another_form_is_refused() {
        for (template, complaint) in [
            ("Parameters: {}", "expected `Resources`, found none"),
            (
                "Resources: {R: {Type: 'AWS::Config::ConfigRule', Properties: {Source: {Owner: AWS}}}}",
                "rule `R`: expected a text `/Properties/Source/SourceIdentifier`, found none",
            ),
        ] {
            let error = rules(template).err().unwrap().to_string();
            assert!(error.contains(complaint), "{error}");
        }
    }

    fn pack(name: &'static str, rules: Vec<ManagedRule>) -> Pack {
        Pack { name, title: "A Pack", rules }
    }

    fn commit() -> Commit {
        Commit { hash: "0123abc".to_owned(), day: "2026-01-31".to_owned() }
    }
}

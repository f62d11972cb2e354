//! A configuration snapshot of any size: the sample account, many times over, each time with names of its own.
//!
//! Whatever refers to a resource is renamed with it, so that functions still have their roles, alarms and stacks. Beside
//! each resource stands what AWS Config records of its compliance, which no rule asks for: in real accounts, most items
//! are of such types.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::{Context, ensure};
use config_rule::Document;
use local_aws_config::MAX_NOTIFICATION_BYTES;
use local_aws_config::shapes::{Shape, render};
use serde_json::{Value, json};

use crate::account;

/// Names that are shorter are too likely to be something else, too.
const SHORTEST_NAME: usize = 5;

/// Writes `count` items to a file, made from those of the sample account.
pub(crate) fn write(account: &Path, count: usize, file: &Path) -> anyhow::Result<()> {
    let templates = templates(account)?;
    ensure!(!templates.is_empty(), "there is nothing in `{}` that can be renamed", account.display());
    let created = File::create(file).with_context(|| format!("`{}` cannot be written", file.display()))?;
    let mut out = BufWriter::new(created);
    write_items(&templates, count, &mut out)
        .with_context(|| format!("`{}` cannot be written", file.display()))
}

fn write_items(templates: &[Template], count: usize, out: &mut impl Write) -> io::Result<()> {
    out.write_all(br#"{"fileVersion":"1.0","configSnapshotId":"0d1e6d37-06be-47c8-a8ee-04dca062697a","configurationItems":["#)?;
    let once = templates.iter().map(|template| (0, template));
    let again =
        (1..).flat_map(|copy| templates.iter().filter(|one| one.is_in_each_copy).map(move |one| (copy, one)));
    for (index, (copy, template)) in once.chain(again).take(count).enumerate() {
        if 0 < index {
            out.write_all(b",\n")?;
        }
        template.write(&format!("-{copy}"), out)?;
    }
    out.write_all(b"]}\n")?;
    out.flush()
}

/// The text of an item, cut wherever a name ends that each copy has of its own.
#[derive(Debug, PartialEq, Eq)]
struct Template {
    parts: Vec<String>,
    /// What is about the whole account is in it once.
    is_in_each_copy: bool,
}

impl Template {
    /// The template of `text`; of a text without any of the names there is none.
    fn new(text: &str, names: &BTreeSet<String>) -> Option<Self> {
        let mut parts = Vec::new();
        let mut part = String::new();
        let mut rest = text;
        while !rest.is_empty() {
            let word = rest.find(|character| !is_of_name(character)).unwrap_or(rest.len());
            let (name, after) = rest.split_at(word);
            part += name;
            if names.contains(name) {
                parts.push(std::mem::take(&mut part));
            }
            let (other, next) = after.split_at(between_words(after));
            part += other;
            rest = next;
        }
        if parts.is_empty() {
            return None;
        }
        parts.push(part);
        Some(Self { parts, is_in_each_copy: true })
    }

    fn write(&self, suffix: &str, out: &mut impl Write) -> io::Result<()> {
        for (index, part) in self.parts.iter().enumerate() {
            if 0 < index {
                out.write_all(suffix.as_bytes())?;
            }
            out.write_all(part.as_bytes())?;
        }
        Ok(())
    }
}

/// How long what is between two words is. In policies, which are URL-encoded, `%2F` is.
fn between_words(text: &str) -> usize {
    let mut length = 0;
    while let Some(rest) = text.get(length..) {
        length += match rest.chars().next() {
            Some('%')
                if rest.get(1..3).is_some_and(|code| code.chars().all(|digit| digit.is_ascii_hexdigit())) =>
            {
                3
            }
            Some(character) if !is_of_name(character) => character.len_utf8(),
            _ => break,
        };
    }
    length
}

fn is_of_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-_".contains(character)
}

/// A template for each resource of the account that is called by a name, and for its compliance.
fn templates(account: &Path) -> anyhow::Result<Vec<Template>> {
    let (items, scope) = account::loaded(account)?;
    let documents: Vec<_> = items.visible(&scope).collect();
    let names: BTreeSet<_> = documents.iter().flat_map(|document| names(document)).collect();
    let mut templates = Vec::new();
    for document in documents {
        let is_renamed = Template::new(&document.resource_id, &names).is_some();
        let item = render(document, Shape::Notification);
        // An account has one recorder, and few stacks that are too large for a notification.
        if !is_renamed || MAX_NOTIFICATION_BYTES / 2 < item.to_string().len() {
            continue;
        }
        let is_in_each_copy = !is_about_all_functions(document);
        for item in [compliance(&item), item] {
            let template = Template::new(&item.to_string(), &names);
            templates.extend(template.map(|template| Template { is_in_each_copy, ..template }));
        }
    }
    Ok(templates)
}

/// Whether it is an alarm on a metric of all functions together.
fn is_about_all_functions(document: &Document) -> bool {
    let properties = document.properties();
    properties.text("configuration.namespace").get().is_ok_and(|namespace| *namespace == "AWS/Lambda")
        && properties.list("configuration.dimensions").get().is_ok_and(Vec::is_empty)
}

/// By which a resource and its microservice are called, where it is one word.
fn names(document: &Document) -> impl Iterator<Item = String> {
    let own = [Some(document.resource_id.as_str()), document.resource_name.as_deref()];
    let groups = ["application", "service"].map(|key| document.tag(key).ok().flatten());
    let names = own.into_iter().chain(groups).flatten();
    names.filter(|name| SHORTEST_NAME <= name.len() && name.chars().all(is_of_name)).map(ToOwned::to_owned)
}

/// What AWS Config records of a resource that a rule has judged.
///
/// Source: github.com/awslabs/aws-config-resource-schema, `AWS::Config::ResourceCompliance`.
fn compliance(item: &Value) -> Value {
    let text = |key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default();
    let (resource_type, resource_id) = (text("resourceType"), text("resourceId"));
    let id = format!("{resource_type}/{resource_id}");
    let verdict = if resource_id.len().is_multiple_of(3) { "NON_COMPLIANT" } else { "COMPLIANT" };
    let rule = |number: u32, name: &str| {
        json!({
            "configRuleArn": format!("arn:aws:config:eu-west-1:111122223333:config-rule/config-rule-{number:06}"),
            "configRuleId": format!("config-rule-{number:06}"),
            "configRuleName": name,
            "complianceType": verdict,
        })
    };
    json!({
        "configurationItemVersion": "1.3",
        "configurationItemCaptureTime": text("configurationItemCaptureTime"),
        "configurationItemStatus": "OK",
        "configurationStateId": item.get("configurationStateId"),
        "awsAccountId": text("awsAccountId"),
        "awsRegion": text("awsRegion"),
        "resourceType": "AWS::Config::ResourceCompliance",
        "resourceId": id,
        "resourceName": id,
        "relatedEvents": [],
        "relationships": [{
            "resourceId": resource_id, "resourceName": null, "resourceType": resource_type,
            "name": "Is associated with ",
        }],
        "tags": {},
        "configuration": {
            "targetResourceId": resource_id,
            "targetResourceType": resource_type,
            "complianceType": verdict,
            "configRuleList": [rule(1, "required-tags-of-the-company"), rule(2, "resources-in-allowed-regions")],
        },
        "supplementaryConfiguration": {},
    })
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use local_aws_config::items::load;

    use super::*;

    #[test]
    fn a_name_is_renamed_wherever_it_stands_as_a_whole_word() {
        let names = BTreeSet::from(["orders".to_owned(), "orders-data".to_owned()]);
        let template = Template::new("a:orders/orders-data orders-database", &names).unwrap();
        let mut text = Vec::new();
        template.write("-7", &mut text).unwrap();
        assert_eq!(String::from_utf8(text).unwrap(), "a:orders-7/orders-data-7 orders-database");
        assert_eq!(Template::new("orders-database", &names), None);
        let encoded = Template::new("table%2Forders%22%2Corders-database", &names).unwrap();
        assert_eq!(encoded.parts, ["table%2Forders", "%22%2Corders-database"]);
    }

    #[test]
    fn a_snapshot_has_as_many_items_as_were_asked_for_and_no_two_of_one_resource() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("snapshot.json");
        write(&sample_account(), 1_001, &file).unwrap();
        let loaded = load(&[file], &mut |_, _| ()).unwrap();
        assert!(loaded.problems.is_empty(), "{:?}", loaded.problems);
        let scope = loaded.items.scopes().remove(0);
        assert_eq!(loaded.items.visible(&scope).count(), 1_001);
    }

    #[test]
    fn what_belongs_together_in_the_sample_account_does_in_each_copy() {
        let templates = templates(&sample_account()).unwrap();
        let mut text = Vec::new();
        write_items(&templates, 2 * templates.len(), &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        let function = r#""ARN":"arn:aws:lambda:eu-west-1:111122223333:function:catalogue-get-book-1""#;
        let item = text.lines().find(|line| line.contains(function)).unwrap();
        assert!(
            item.contains(r#""resourceName":"catalogue-functions-GetBookRole-GBZkTBCrcY3u-1""#),
            "{item}"
        );
        assert!(item.contains(r#""aws:cloudformation:stack-name":"catalogue-functions-1""#), "{item}");
        assert!(item.contains(r#""service":"catalogue-1""#), "{item}");
    }

    fn sample_account() -> PathBuf {
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/sample-account"))
    }
}

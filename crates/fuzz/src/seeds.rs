//! Real inputs to start from, of which the repository has many: cases of the rules, the sample account, the pack.

use std::fs;
use std::path::{Path, PathBuf};

use catalog::RULES;
use serde_json::{Map, Value, json};

/// The folder with what is kept of a target: inputs worth starting from, and inputs that once broke something.
#[must_use]
pub fn folder(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target)
}

/// The inputs in a target's folder, with their names, by name.
#[must_use]
pub fn kept(target: &str) -> Vec<(String, Vec<u8>)> {
    files(&folder(target)).into_iter().map(|path| (path.display().to_string(), read(&path))).collect()
}

/// For targets that live on what is in their folders.
#[must_use]
pub fn none() -> Vec<Vec<u8>> {
    Vec::new()
}

/// The account of each case of each rule: a list of items.
#[must_use]
pub fn accounts() -> Vec<Vec<u8>> {
    cases().into_iter().map(|(_, items)| Value::Array(items).to_string().into_bytes()).collect()
}

/// The items of all cases.
#[must_use]
pub fn items() -> Vec<Value> {
    cases().into_iter().flat_map(|(_, items)| items).collect()
}

/// Files in each of the forms in which items come.
#[must_use]
pub fn snapshots() -> Vec<Vec<u8>> {
    let items: Vec<_> = items().into_iter().take(60).collect();
    let lines: Vec<_> = items.iter().take(4).map(Value::to_string).collect();
    let mut snapshots: Vec<_> = items
        .chunks(3)
        .map(|items| json!({"fileVersion": "1.0", "configSnapshotId": "8b4f", "configurationItems": items}))
        .chain(
            items
                .iter()
                .take(2)
                .map(|item| json!({"Results": [item.to_string()], "QueryInfo": {"SelectFields": []}})),
        )
        .chain(items.iter().take(2).cloned())
        .map(|document| document.to_string().into_bytes())
        .collect();
    snapshots.push(lines.join("\n").into_bytes());
    // What AWS answers to other questions than those for items.
    let small = |path: &PathBuf| fs::metadata(path).is_ok_and(|file| file.len() < 32 * 1024);
    snapshots.extend(
        files(&repository().join("tests/data/sample-account"))
            .iter()
            .filter(|path| small(path))
            .map(|path| read(path)),
    );
    snapshots
}

/// Events around the items of cases, in the documented envelope.
#[must_use]
pub fn events() -> Vec<Vec<u8>> {
    let scheduled = json!({"awsAccountId": "111122223333", "notificationCreationTime": "2026-11-15T06:00:00.000Z",
        "messageType": "ScheduledNotification", "recordVersion": "1.0"});
    let changes = items().into_iter().filter(|item| item["resourceType"] == "AWS::Lambda::Function").take(20);
    let changes = changes.map(|item| {
        json!({"configurationItemDiff": null, "configurationItem": item, "notificationCreationTime": "2026-11-15T06:00:02.000Z",
            "messageType": "ConfigurationItemChangeNotification", "recordVersion": "1.3"})
    });
    let oversized = json!({"configurationItemSummary": {"resourceType": "AWS::Lambda::Function", "resourceId": "orders",
        "awsAccountId": "111122223333", "awsRegion": "eu-west-1", "configurationItemStatus": "OK",
        "configurationItemCaptureTime": "2026-11-15T06:00:00.000Z"},
        "messageType": "OversizedConfigurationItemChangeNotification", "notificationCreationTime": "2026-11-15T06:00:02.000Z"});
    let event = |notification: Value| {
        let event = json!({"version": "1.0", "invokingEvent": notification.to_string(), "ruleParameters": "{}",
            "resultToken": "a-token", "eventLeftScope": false, "configRuleName": "rule", "accountId": "111122223333"});
        event.to_string().into_bytes()
    };
    changes.chain([scheduled, oversized]).map(event).collect()
}

/// The defaults of each rule's parameters.
#[must_use]
pub fn parameters() -> Vec<Vec<u8>> {
    let defaults = RULES.iter().map(|entry| {
        let defaults = entry.all_parameters().map(|spec| (spec.name.to_owned(), json!(spec.default)));
        Value::Object(defaults.collect::<Map<_, _>>())
    });
    defaults.map(|defaults| defaults.to_string().into_bytes()).collect()
}

/// The project's conformance pack.
#[must_use]
pub fn packs() -> Vec<Vec<u8>> {
    files(&repository().join("conformance-pack")).iter().map(|path| read(path)).collect()
}

/// Every policy document in the items of cases.
#[must_use]
pub fn policies() -> Vec<Vec<u8>> {
    fn collect(value: &Value, found: &mut Vec<Vec<u8>>) {
        match value {
            Value::Object(members) if members.contains_key("Statement") => {
                found.push(value.to_string().into_bytes());
            }
            Value::Object(members) => members.values().for_each(|value| collect(value, found)),
            Value::Array(elements) => elements.iter().for_each(|value| collect(value, found)),
            Value::String(text) if text.contains("Statement") => match serde_json::from_str(text) {
                Ok(value) => collect(&value, found),
                // URL-encoded, as IAM records it.
                Err(_) => found.push(text.clone().into_bytes()),
            },
            _ => {}
        }
    }
    let mut found = Vec::new();
    for item in items() {
        collect(&item, &mut found);
    }
    found.sort();
    found.dedup();
    found
}

/// The name and the items of each case: the one under judgement first.
fn cases() -> Vec<(String, Vec<Value>)> {
    let folders =
        RULES.iter().map(|entry| repository().join("functions").join(entry.meta.name).join("cases"));
    let mut found = Vec::new();
    for path in folders.flat_map(|folder| files(&folder)) {
        let text = read(&path);
        let cases = match serde_saphyr::from_slice(&text) {
            Ok(Value::Array(cases)) => cases,
            Ok(case) => vec![case],
            Err(error) => panic!("{}: {error}", path.display()),
        };
        for case in cases {
            let others = case["inventory"].as_array().cloned().unwrap_or_default();
            let name = case["name"].as_str().unwrap_or_default().to_owned();
            found.push((name, [vec![case["given"].clone()], others].concat()));
        }
    }
    found
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The files in a folder, by name; none if there is no folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use crate::TARGETS;

    #[test]
    fn every_target_has_something_to_start_from() {
        for target in TARGETS {
            assert!(5 <= (target.seeds)().len() + super::kept(target.name).len(), "{}", target.name);
        }
    }
}

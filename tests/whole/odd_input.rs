//! Bad input costs that item, not the run, and every message says what was expected, what was found and where.

use std::fs;
use std::io::Write;

use serde_json::json;

use crate::command::{serverless_conformance, told};

/// One rule; these tests are not about rules.
const RULE: &str = "lambda-small-single-purpose";

#[test]
fn files_that_hold_no_items_are_named_and_the_rest_is_judged() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &[u8]| fs::write(folder.path().join(name), content).unwrap();
    let good = function("good");
    write("empty.json", b"");
    write("truncated.json", &json!({"configurationItems": [good]}).to_string().as_bytes()[..60]);
    write("truncated.json.gz", &gzipped(&json!({"configurationItems": [good]}).to_string())[..40]);
    write("no-items.json", json!({"fileVersion": "1.0", "configurationItems": []}).to_string().as_bytes());
    write("other.json", br#"{"EvaluationResults": []}"#);
    write("number.json", b"42");
    write("text.json", &[0xff, 0xfe, b'{']);
    write("deep.json", "[".repeat(100_000).as_bytes());
    write(
        "one-bad-item.json",
        json!({"configurationItems": [{"resourceType": 7}, function("kept")]}).to_string().as_bytes(),
    );
    write("good.json", good.to_string().as_bytes());
    write("twice.json", good.to_string().as_bytes());
    for verb in ["check", "run"] {
        let output = serverless_conformance([
            verb,
            "--rule",
            RULE,
            "--format",
            "json",
            folder.path().to_str().unwrap(),
        ])
        .output()
        .unwrap();
        let said = told(&output);
        assert_eq!(output.status.code(), Some(0), "{verb}: {said}");
        assert!(!said.contains("panicked"), "{verb}: {said}");
        let reports: Vec<serde_json::Value> =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{said}"));
        let judged: Vec<_> = reports.iter().map(|report| report["resourceId"].as_str().unwrap()).collect();
        assert_eq!(judged, ["good", "kept"], "{verb}: {said}");
        let problems = String::from_utf8_lossy(&output.stderr).into_owned();
        for name in [
            "empty.json",
            "truncated.json",
            "truncated.json.gz",
            "other.json",
            "number.json",
            "text.json",
            "deep.json",
            "one-bad-item.json",
        ] {
            let lines: Vec<_> = problems.lines().filter(|line| line.contains(&format!("/{name}:"))).collect();
            assert_eq!(lines.len(), 1, "{verb}: {name} is not named once: {said}");
        }
        assert!(!problems.contains("no-items.json") && !problems.contains("twice.json"), "{verb}: {said}");
    }
}

#[test]
fn mistakes_of_the_command_line_end_with_2_and_say_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let items = folder.path().join("items.json");
    fs::write(&items, function("good").to_string()).unwrap();
    let items = items.to_str().unwrap();
    let mistakes: &[(&[&str], &[&str])] = &[
        (&["check"], &["<PATH>"]),
        (&["check", "/no/such/file.json"], &["/no/such/file.json"]),
        (
            &["check", items, "--rule", "lambda-smal-single-purpose"],
            &["lambda-smal-single-purpose", "lambda-small-single-purpose"],
        ),
        (
            &["check", items, "--parameter", "lambda-small-single-purpose.maxTimeout=5"],
            &["maxTimeout", "maxTimeoutSeconds"],
        ),
        (
            &["check", items, "--parameter", "lambda-small-single-purpose.maxTimeoutSeconds=soon"],
            &["a whole number from", "soon"],
        ),
        (&["check", items, "--parameter", "maxTimeoutSeconds"], &["maxTimeoutSeconds"]),
        (&["check", items, "--at", "tomorrow"], &["tomorrow"]),
        (&["check", items, "--pack", "/no/such/pack.yaml"], &["/no/such/pack.yaml"]),
        (&["run", items, "--functions", "/no/such/folder"], &["/no/such/folder"]),
        (&["rules", "mixed-stak"], &["mixed-stack"]),
    ];
    for (arguments, expected) in mistakes {
        let output = serverless_conformance(*arguments).output().unwrap();
        let said = told(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        for text in *expected {
            assert!(said.contains(text), "{arguments:?} does not say {text:?}: {said}");
        }
    }
}

#[test]
fn a_function_that_crashes_ends_the_run_with_2_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let functions = folder.path().join("functions");
    script(&functions.join(RULE), "#!/bin/sh\necho no luck >&2\nexit 3\n");
    let items = folder.path().join("items.json");
    fs::write(&items, function("good").to_string()).unwrap();
    let output = serverless_conformance([
        "run",
        "--rule",
        RULE,
        items.to_str().unwrap(),
        "--functions",
        functions.to_str().unwrap(),
    ])
    .output()
    .unwrap();
    let said = told(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("lambda-small-single-purpose") && said.contains("exit status: 3"), "{said}");
}

#[cfg(unix)]
fn script(folder: &std::path::Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;

    fs::create_dir_all(folder).unwrap();
    let bootstrap = folder.join("bootstrap");
    fs::write(&bootstrap, text).unwrap();
    fs::set_permissions(&bootstrap, fs::Permissions::from_mode(0o755)).unwrap();
}

fn gzipped(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn function(name: &str) -> serde_json::Value {
    json!({
        "configurationItemVersion": "1.3", "awsAccountId": "111122223333", "awsRegion": "eu-west-1",
        "configurationItemCaptureTime": "2026-10-01T08:00:00.000Z", "configurationItemStatus": "OK",
        "resourceType": "AWS::Lambda::Function", "resourceId": name, "resourceName": name, "tags": {},
        "configuration": {"functionName": name, "timeout": 3, "codeSize": 1000, "packageType": "Zip"},
        "supplementaryConfiguration": {},
    })
}

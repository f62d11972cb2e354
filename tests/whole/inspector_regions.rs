//! Where Amazon Inspector is, as AWS's own library has it.

use std::collections::BTreeSet;
use std::process::Command;

use inspector_evidence::REGIONS_WITHOUT_INSPECTOR;
use serde_json::Value;

use crate::workspace::python_tool;

#[test]
fn every_region_without_inspector_is_known_and_no_other() {
    let endpoints = endpoints();
    let mut without = BTreeSet::new();
    for partition in endpoints["partitions"].as_array().unwrap() {
        let regions = |service: &str| -> BTreeSet<&str> {
            let of_service = partition["services"][service]["endpoints"].as_object();
            of_service.into_iter().flat_map(|regions| regions.keys()).map(String::as_str).collect()
        };
        let rules_run_in: BTreeSet<_> = &regions("config") & &regions("lambda");
        let is_region = |name: &&&str| partition["regions"].get(**name).is_some_and(Value::is_object);
        without.extend(rules_run_in.difference(&regions("inspector2")).filter(is_region).copied());
    }
    assert_eq!(without, BTreeSet::from(REGIONS_WITHOUT_INSPECTOR));
}

/// What botocore knows of services and Regions.
fn endpoints() -> Value {
    let script = "import json, botocore.loaders as l; print(json.dumps(l.Loader().load_data('endpoints')))";
    let output = Command::new(python_tool("python")).args(["-c", script]).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

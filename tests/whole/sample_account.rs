//! The sample account under `tests/data`.

use std::io::Read;
use std::path::PathBuf;

use serde_json::Value;

use crate::workspace::root;

/// The folder that `make run` uses.
pub(crate) fn folder() -> PathBuf {
    root().join("tests/data/sample-account")
}

/// The items of its snapshots, as AWS Config delivers them to S3.
pub(crate) fn items() -> Vec<Value> {
    let mut items = Vec::new();
    for file in std::fs::read_dir(folder()).unwrap() {
        let path = file.unwrap().path();
        let text = match path.extension().and_then(|extension| extension.to_str()) {
            Some("json") => std::fs::read_to_string(&path).unwrap(),
            Some("gz") => {
                let mut text = String::new();
                let mut file = flate2::read::GzDecoder::new(std::fs::File::open(&path).unwrap());
                file.read_to_string(&mut text).unwrap();
                text
            }
            _ => continue,
        };
        let content: Value = serde_json::from_str(&text).unwrap();
        items.extend(content["configurationItems"].as_array().cloned().unwrap_or_default());
    }
    assert!(100 <= items.len(), "{} holds {} items only", folder().display(), items.len());
    items
}

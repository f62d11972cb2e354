//! Writes the table of runtimes again from a public package:
//!
//! ```sh
//! pip download --no-deps cfn-lint && unzip -j cfn_lint-*.whl '*/LmbdRuntimeLifecycle.json'
//! cargo run -p lambda-dependencies-audited --no-default-features --example refresh -- \
//!   LmbdRuntimeLifecycle.json "cfn-lint 1.58.0" 2026-10-20
//! ```
//!
//! The arguments are the file, the package with its version, and the package's date. `data/runtimes.json` then holds what
//! was read, `src/runtime_table.rs` the same as code.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use anyhow::{Context, anyhow};
use jiff::civil::Date;
use serde_json::{Map, Value, json};

fn main() -> anyhow::Result<()> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [path, source, made] = arguments.as_slice() else {
        return Err(anyhow!(
            "expected a file, its package and the package's date, got {} arguments",
            arguments.len()
        ));
    };
    let text = fs::read_to_string(path).with_context(|| format!("`{path}` cannot be read"))?;
    let runtimes: Map<String, Value> =
        serde_json::from_str(&text).with_context(|| format!("`{path}`: expected an object of runtimes"))?;

    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = table(&runtimes, source, made)?;
    let data = json!({"source": source, "licence": "MIT-0", "made": made, "runtimes": runtimes});
    let data = serde_json::to_string_pretty(&data)? + "\n";
    fs::write(crate_folder.join("data/runtimes.json"), data).context("the data cannot be written")?;
    fs::write(crate_folder.join("src/runtime_table.rs"), table).context("the table cannot be written")
}

fn table(runtimes: &Map<String, Value>, source: &str, made: &str) -> anyhow::Result<String> {
    let mut table = format!(
        "//! Generated from `data/runtimes.json` by `examples/refresh.rs`; do not edit.\n\
         //!\n\
         //! Source: {source} (MIT-0) of {made}, `data/AdditionalSpecs/LmbdRuntimeLifecycle.json`.\n\
         \n\
         use config_rule::Date;\n\
         \n\
         use crate::runtimes::Lifecycle;\n\
         \n\
         pub(crate) const RUNTIMES: &[Lifecycle] = &[\n"
    );
    for (name, dates) in runtimes {
        let of = |key: &str| date(dates.get(key)).with_context(|| format!("`{name}`, `{key}`"));
        let optional =
            |key| of(key).map(|date| date.map_or("None".to_owned(), |date| format!("Some({date})")));
        let deprecated = of("deprecated")?.with_context(|| format!("`{name}` has no date of deprecation"))?;
        let successor = match dates.get("successor").and_then(Value::as_str) {
            Some(successor) => format!("Some(\"{successor}\")"),
            None => "None".to_owned(),
        };
        writeln!(
            table,
            "    Lifecycle {{\n        \
                 name: \"{name}\",\n        \
                 deprecated: {deprecated},\n        \
                 create_block: {},\n        \
                 update_block: {},\n        \
                 successor: {successor},\n    \
             }},",
            optional("create-block")?,
            optional("update-block")?,
        )?;
    }
    table.push_str("];\n");
    Ok(table)
}

/// A date as a constant.
fn date(value: Option<&Value>) -> anyhow::Result<Option<String>> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => {
            let date: Date = text.parse().with_context(|| format!("expected a date, got `{text}`"))?;
            Ok(Some(format!("Date::constant({}, {}, {})", date.year(), date.month(), date.day())))
        }
        Some(other) => Err(anyhow!("expected a date, got {other}")),
    }
}

//! `functions/lambda-dependencies-audited`: the end of each Lambda runtime, as data and as code.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, bail};
use config_rule::Date;
use serde_json::{Map, Value, json};

use super::changes::{Changes, Entries};
use super::packages::Release;
use super::{committed_text, write};

/// Where `cfn-lint` has the runtimes.
pub(super) const FILE: &str = "cfnlint/data/AdditionalSpecs/LmbdRuntimeLifecycle.json";
pub(super) const DATA: &str = "functions/lambda-dependencies-audited/data/runtimes.json";
pub(super) const TABLE: &str = "functions/lambda-dependencies-audited/src/runtime_table.rs";
/// Names the version that the table is from.
#[cfg(test)]
pub(super) const PAGE: &str = "functions/lambda-dependencies-audited/README.md";

pub(super) fn refresh(root: &Path, lifecycle: &str, release: &Release) -> anyhow::Result<Changes> {
    let path = root.join(DATA);
    let before = committed_text(&path)?;
    let before = if before.is_empty() { Value::Null } else { serde_json::from_str(&before).context(DATA)? };
    let runtimes: Map<String, Value> = serde_json::from_str(lifecycle)
        .with_context(|| format!("`{FILE}`: expected an object of runtimes"))?;
    let table = table(&runtimes, release).with_context(|| format!("`{FILE}`"))?;
    let data = data(&runtimes, release);
    write(&path, serde_json::to_string_pretty(&data)? + "\n")?;
    write(&root.join(TABLE), table)?;
    Ok(Changes::between(&entries(&before), &entries(&data)))
}

fn entries(data: &Value) -> Entries {
    let runtimes = data.get("runtimes").and_then(Value::as_object).into_iter().flatten();
    runtimes.map(|(name, dates)| (name.clone(), dates.to_string())).collect()
}

fn data(runtimes: &Map<String, Value>, release: &Release) -> Value {
    json!({
        "source": release.package,
        "licence": "MIT-0",
        "made": release.published.to_string(),
        "runtimes": runtimes,
    })
}

fn table(runtimes: &Map<String, Value>, release: &Release) -> anyhow::Result<String> {
    let Release { package, published } = release;
    let mut table = format!(
        "//! Generated from `data/runtimes.json` by `cargo xtask refresh-data`; do not edit.\n\
         //!\n\
         //! Source: {package} (MIT-0) of {published}, `data/AdditionalSpecs/LmbdRuntimeLifecycle.json`.\n\
         \n\
         use config_rule::Date;\n\
         \n\
         use crate::runtimes::Lifecycle;\n\
         \n\
         pub(crate) const RUNTIMES: &[Lifecycle] = &[\n"
    );
    for (name, dates) in runtimes {
        let of = |key: &str| date(dates.get(key)).with_context(|| format!("runtime `{name}`, `{key}`"));
        let optional =
            |key| of(key).map(|date| date.map_or("None".to_owned(), |date| format!("Some({date})")));
        let deprecated = of("deprecated")?
            .with_context(|| format!("runtime `{name}`: expected a date `deprecated`, found none"))?;
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
            let date: Option<Date> = text.parse().ok();
            let date = date.with_context(|| format!("expected a date `YYYY-MM-DD`, got `{text}`"))?;
            Ok(Some(format!("Date::constant({}, {}, {})", date.year(), date.month(), date.day())))
        }
        Some(other) => bail!("expected a date, got {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_runtime_is_written_with_the_days_that_are_known() {
        let table = table(
            &runtimes(json!({
                "python3.8": {
                    "create-block": "2027-02-01",
                    "deprecated": "2024-10-14",
                    "successor": "python3.13",
                    "update-block": null,
                },
                "python3.13": {"deprecated": "2029-06-30", "successor": null},
            })),
            &release(),
        )
        .unwrap();
        assert!(table.contains("//! Source: cfn-lint 1.0 (MIT-0) of 2026-01-31, "), "{table}");
        let (_, lifecycles) = table.split_once("&[\n").unwrap();
        assert_eq!(
            lifecycles,
            r#"    Lifecycle {
        name: "python3.13",
        deprecated: Date::constant(2029, 6, 30),
        create_block: None,
        update_block: None,
        successor: None,
    },
    Lifecycle {
        name: "python3.8",
        deprecated: Date::constant(2024, 10, 14),
        create_block: Some(Date::constant(2027, 2, 1)),
        update_block: None,
        successor: Some("python3.13"),
    },
];
"#
        );
    }

    #[test]
    fn a_runtime_whose_day_is_none_or_no_day_is_refused() {
        for (dates, complaint) in [
            (json!({}), "runtime `r`: expected a date `deprecated`, found none"),
            (
                json!({"deprecated": "soon"}),
                "runtime `r`, `deprecated`: expected a date `YYYY-MM-DD`, got `soon`",
            ),
            (json!({"deprecated": 2026}), "expected a date, got 2026"),
        ] {
            let error = table(&runtimes(json!({ "r": dates })), &release()).unwrap_err();
            assert!(format!("{error:#}").contains(complaint), "{error:#}");
        }
    }

    #[test]
    fn entries_are_the_runtimes_and_before_the_first_time_none() {
        let data = data(&runtimes(json!({"go1.x": {"deprecated": "2024-01-08"}})), &release());
        assert_eq!(entries(&data)["go1.x"], r#"{"deprecated":"2024-01-08"}"#);
        assert_eq!(entries(&Value::Null), Entries::new());
    }

    fn runtimes(value: Value) -> Map<String, Value> {
        serde_json::from_value(value).unwrap()
    }

    fn release() -> Release {
        Release { package: "cfn-lint 1.0".to_owned(), published: Date::constant(2026, 1, 31) }
    }
}

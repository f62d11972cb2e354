//! Mere parsing: the limit for whatever reads a snapshot.

use std::fmt;
use std::fs;
use std::marker::PhantomData;
use std::path::PathBuf;

use anyhow::Context;
use clap::ValueEnum;
use serde::de::{Deserialize, Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::Value;

#[derive(Debug, clap::Args)]
pub(crate) struct ParseArguments {
    /// A configuration snapshot
    file: PathBuf,
    /// What becomes of each item
    #[arg(long, value_enum)]
    into: Into,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Into {
    /// It is looked over and forgotten
    Nothing,
    /// It is built in memory and forgotten
    Value,
}

/// Parses a snapshot with nothing but `serde_json`, and says how many items it has.
pub(crate) fn parse(arguments: &ParseArguments) -> anyhow::Result<String> {
    let path = arguments.file.display();
    let text = fs::read(&arguments.file).with_context(|| format!("`{path}` cannot be read"))?;
    let parsed = match arguments.into {
        Into::Nothing => {
            serde_json::from_slice::<Snapshot<IgnoredAny>>(&text).map(|snapshot| snapshot.items.0)
        }
        Into::Value => serde_json::from_slice::<Snapshot<Value>>(&text).map(|snapshot| snapshot.items.0),
    };
    Ok(format!("{}\n", parsed.with_context(|| format!("`{path}` is no snapshot"))?))
}

#[derive(serde::Deserialize)]
struct Snapshot<Item> {
    #[serde(rename = "configurationItems", bound(deserialize = "Item: Deserialize<'de>"))]
    items: Counted<Item>,
}

/// The elements of a list, of which only the number is kept.
struct Counted<Item>(usize, PhantomData<Item>);

impl<'de, Item: Deserialize<'de>> Deserialize<'de> for Counted<Item> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Self(0, PhantomData))
    }
}

impl<'de, Item: Deserialize<'de>> Visitor<'de> for Counted<Item> {
    type Value = Self;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of configuration items")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<Item>()?.is_some() {
            self.0 += 1;
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_counted_whatever_becomes_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("snapshot.json");
        fs::write(&file, r#"{"fileVersion":"1.0","configurationItems":[{"a":[1]},{},{"b":null}]}"#).unwrap();
        for into in [Into::Nothing, Into::Value] {
            assert_eq!(parse(&ParseArguments { file: file.clone(), into }).unwrap(), "3\n");
        }
    }
}

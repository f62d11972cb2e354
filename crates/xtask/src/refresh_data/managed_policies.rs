//! `crates/iam-policy/data/managed-policies.txt.gz`: the AWS-managed policies.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::path::Path;

use anyhow::Context;
use flate2::read::GzDecoder;
use flate2::{Compression, GzBuilder};
use serde_json::Value;

use super::changes::{Changes, Entries};
use super::packages::Release;
use super::{committed, write};

/// Where `moto` has the policies: JSON in a Python string.
pub(super) const FILE: &str = "moto/iam/aws_managed_policies.py";
pub(super) const DATA: &str = "crates/iam-policy/data/managed-policies.txt.gz";

pub(super) fn refresh(root: &Path, module: &str, release: &Release) -> anyhow::Result<Changes> {
    let path = root.join(DATA);
    let before =
        text(&committed(&path)?).with_context(|| format!("cannot unpack {DATA}: restore it by git"))?;
    let after = lines(module, release)?;
    write(&path, packed(&after)?)?;
    Ok(Changes::between(&entries(&before), &entries(&after)))
}

/// What the file holds, unpacked.
pub(super) fn text(packed: &[u8]) -> anyhow::Result<String> {
    let mut text = String::new();
    if !packed.is_empty() {
        GzDecoder::new(packed).read_to_string(&mut text)?;
    }
    Ok(text)
}

/// Without a name and a time, so that the same policies are the same bytes.
fn packed(text: &str) -> anyhow::Result<Vec<u8>> {
    let mut encoder = GzBuilder::new().write(Vec::new(), Compression::best());
    encoder.write_all(text.as_bytes())?;
    Ok(encoder.finish()?)
}

/// The policies by path and name, with their version and document.
fn entries(text: &str) -> Entries {
    let policies = text.lines().skip(1).filter_map(|line| line.split_once('\t'));
    policies.map(|(name, rest)| (name.to_owned(), rest.to_owned())).collect()
}

fn lines(module: &str, release: &Release) -> anyhow::Result<String> {
    let json = module.split("\"\"\"").nth(1);
    let json =
        json.with_context(|| format!("`{FILE}`: expected the policies between triple quotes, found none"))?;
    let policies: BTreeMap<String, Value> =
        serde_json::from_str(json).with_context(|| format!("`{FILE}`: expected an object of policies"))?;
    let Release { package, published } = release;
    let mut lines = format!("{package}, {published}: {} policies\n", policies.len());
    for (name, policy) in &policies {
        let text = |key: &str| policy.get(key).and_then(Value::as_str).unwrap_or_default();
        let document = policy.get("Document");
        let document = document
            .with_context(|| format!("`{FILE}`, policy `{name}`: expected a `Document`, found none"))?;
        // The ARN's variable part is the path and the name.
        let path = text("Path").trim_start_matches('/');
        writeln!(lines, "{path}{name}\t{}\t{document}", text("DefaultVersionId"))?;
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use config_rule::Date;

    use super::*;

    const MODULE: &str = r#"# Imported via `make aws_managed_policies`
aws_managed_policies_data = """
{
  "Reader": {
    "Arn": "arn:aws:iam::aws:policy/service-role/Reader",
    "DefaultVersionId": "v2",
    "Document": {"Version": "2012-10-17", "Statement": []},
    "Path": "/service-role/"
  },
  "Admin": {"DefaultVersionId": "v1", "Document": {}, "Path": "/"}
}"""
"#;

    #[test]
    fn a_policy_is_a_line_of_path_and_name_version_and_document() {
        assert_eq!(
            lines(MODULE, &release()).unwrap(),
            "moto 1.0, 2026-01-31: 2 policies\n\
             Admin\tv1\t{}\n\
             service-role/Reader\tv2\t{\"Statement\":[],\"Version\":\"2012-10-17\"}\n"
        );
    }

    #[test]
    fn what_was_packed_is_unpacked_and_the_same_text_is_the_same_bytes() {
        let lines = lines(MODULE, &release()).unwrap();
        let bytes = packed(&lines).unwrap();
        assert_eq!(text(&bytes).unwrap(), lines);
        assert_eq!(packed(&lines).unwrap(), bytes);
        assert_eq!(entries(&lines).keys().collect::<Vec<_>>(), ["Admin", "service-role/Reader"]);
    }

    #[test]
    fn before_the_first_time_there_are_no_policies() {
        assert_eq!(entries(&text(&[]).unwrap()), Entries::new());
    }

    #[test]
    fn another_form_is_refused() {
        for (module, complaint) in [
            ("data = {}", "between triple quotes"),
            ("\"\"\"[]\"\"\"", "expected an object of policies"),
            ("\"\"\"{\"A\": {}}\"\"\"", "policy `A`: expected a `Document`"),
        ] {
            let error = lines(module, &release()).unwrap_err().to_string();
            assert!(error.contains(complaint), "{error}");
        }
    }

    fn release() -> Release {
        Release { package: "moto 1.0".to_owned(), published: Date::constant(2026, 1, 31) }
    }
}

//! The AWS-managed policies of a certain day, so that a role can be judged without asking IAM.

use std::collections::HashMap;
use std::io::Read as _;
use std::sync::LazyLock;

use flate2::read::GzDecoder;

use crate::document::{PolicyDocument, PolicyError};
use crate::effective::is_aws_managed;

const DIGEST: &[u8] = include_bytes!("../data/managed-policies.txt.gz");

/// Unpacked at the first question and kept.
static POLICIES: LazyLock<Digest> = LazyLock::new(Digest::read);

/// One AWS-managed policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ManagedPolicy {
    /// The name, unique among AWS's policies.
    pub name: &'static str,
    /// Path and name: `service-role/AWSLambdaBasicExecutionRole`.
    pub path: &'static str,
    /// The default version at the digest's day: `v1`.
    pub version: &'static str,
    /// The document as JSON text.
    pub document: &'static str,
}

/// Where the digest is from, of which day, and how many policies it holds.
#[must_use]
pub fn source() -> &'static str {
    POLICIES.source
}

/// All policies of the digest, by no particular order.
pub fn policies() -> impl Iterator<Item = ManagedPolicy> {
    POLICIES.by_path.values().copied()
}

/// The policy with this ARN, of any partition.
#[must_use]
pub fn policy(arn: &str) -> Option<ManagedPolicy> {
    let path = arn.split_once(":policy/").filter(|_| is_aws_managed(arn))?.1;
    POLICIES.by_path.get(path).copied()
}

/// The document of the policy with this ARN.
///
/// # Errors
///
/// The digest is broken; a test reads every document of it.
#[must_use]
pub fn document(arn: &str) -> Option<Result<PolicyDocument, PolicyError>> {
    policy(arn).map(|policy| PolicyDocument::read_text(policy.document))
}

struct Digest {
    source: &'static str,
    by_path: HashMap<&'static str, ManagedPolicy>,
}

impl Digest {
    fn read() -> Self {
        let mut text = String::new();
        // A digest that cannot be unpacked holds no policies; a test counts them.
        if GzDecoder::new(DIGEST).read_to_string(&mut text).is_err() {
            text.clear();
        }
        let text: &'static str = text.leak();
        let (source, lines) = text.split_once('\n').unwrap_or_default();
        let policy = |line: &'static str| {
            let mut fields = line.splitn(3, '\t');
            let (path, version, document) = (fields.next()?, fields.next()?, fields.next()?);
            let name = path.rsplit('/').next()?;
            Some((path, ManagedPolicy { name, path, version, document }))
        };
        Self { source, by_path: lines.lines().filter_map(policy).collect() }
    }
}

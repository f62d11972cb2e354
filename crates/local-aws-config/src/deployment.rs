//! A conformance pack as AWS Config deploys it to one account and Region: full names, ids and ARNs.

use crate::items::Scope;
use crate::pack::{Pack, PackRule, partition};

/// A pack in one account and Region.
#[derive(Clone, Debug)]
pub(crate) struct Deployment {
    pub(crate) pack: Pack,
    /// `conformance-pack-<9 characters>`.
    pub(crate) pack_id: String,
    pub(crate) pack_arn: String,
    /// By name.
    pub(crate) rules: Vec<DeployedRule>,
}

/// A rule of a deployed pack.
#[derive(Clone, Debug)]
pub(crate) struct DeployedRule {
    pub(crate) rule: PackRule,
    /// `<rule>-conformance-pack-<9 characters>`.
    pub(crate) name: String,
    /// `config-rule-<6 characters>`.
    pub(crate) id: String,
    pub(crate) arn: String,
}

impl Deployment {
    pub(crate) fn new(pack: Pack, scope: &Scope) -> Self {
        let Scope { account_id, region } = scope;
        let partition = partition(region);
        let pack_id = format!("conformance-pack-{}", characters(&[&pack.name], 9));
        let prefix = format!("arn:{partition}:config:{region}:{account_id}");
        let pack_arn = format!("{prefix}:conformance-pack/{}/{pack_id}", pack.name);
        let rules = pack
            .rules
            .iter()
            .map(|rule| {
                let id =
                    format!("config-rule-{}", characters(&[&pack.name, &rule.name, account_id, region], 6));
                DeployedRule {
                    rule: rule.clone(),
                    name: format!("{}-{pack_id}", rule.name),
                    arn: format!("{prefix}:config-rule/aws-service-rule/config-conforms.amazonaws.com/{id}"),
                    id,
                }
            })
            .collect();
        Self { pack, pack_id, pack_arn, rules }
    }

    pub(crate) fn rule(&self, name: &str) -> Option<&DeployedRule> {
        self.rules.iter().find(|rule| rule.name == name)
    }
}

/// `count` lower-case letters and digits that depend on nothing but `parts`.
fn characters(parts: &[&str], count: usize) -> String {
    const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut hash = fingerprint(parts);
    let mut result = String::new();
    for _ in 0..count {
        let index = usize::try_from(hash % 36).unwrap_or_default();
        result.push(char::from(ALPHABET.get(index).copied().unwrap_or(b'a')));
        hash /= 36;
    }
    result
}

/// FNV-1a over the parts, which unlike the standard library's hashes never changes. Names must not depend on the
/// build.
pub(crate) fn fingerprint(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_depend_on_the_packs_name_alone_and_never_change() {
        assert_eq!(characters(&["serverless-best-practices"], 9), "jx9t9rfy5");
        assert_ne!(characters(&["a", "bc"], 9), characters(&["ab", "c"], 9));
    }
}

//! What judging a policy costs: each AWS-managed policy of the digest, all its actions.
//!
//! ```sh
//! cargo run --release -p iam-policy --features managed-policies --example cost
//! ```

use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use iam_policy::stores::StoreGrants;
use iam_policy::{EffectivePermissions, Policy, PolicyDocument, escalation, managed};

fn main() -> io::Result<()> {
    let mut output = io::stdout().lock();
    let mut costs: Vec<_> = managed::policies().map(|policy| (cost(policy.document), policy.name)).collect();
    costs.sort_unstable();
    let count = costs.len();
    for percent in [50, 90, 99] {
        if let Some((cost, _)) = costs.get(count * percent / 100) {
            writeln!(output, "{percent} of 100 policies take at most {cost:?}")?;
        }
    }
    for (cost, name) in costs.iter().rev().take(10) {
        writeln!(output, "{cost:?} {name}")?;
    }
    let total: Duration = costs.iter().map(|(cost, _)| *cost).sum();
    writeln!(output, "{total:?} for {count} policies")
}

/// Reading the document, the coverage and narrowing of every action, escalations and data stores.
fn cost(document: &str) -> Duration {
    let start = Instant::now();
    let Ok(document) = PolicyDocument::read_text(document) else { return Duration::ZERO };
    let permissions = EffectivePermissions::new(vec![Policy::inline("p", document)], None);
    let mut reached = 0_usize;
    for grant in permissions.grants() {
        reached += grant.actions().filter(|action| grant.coverage(*action).is_something()).count();
    }
    let held = escalation::held(&permissions).len();
    std::hint::black_box((reached, held, StoreGrants::of(&permissions)));
    start.elapsed()
}

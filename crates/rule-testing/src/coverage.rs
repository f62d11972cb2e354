//! What the cases of a rule leave unexercised.

use std::collections::BTreeSet;

use config_rule::{Compliance, Report, RuleMeta};

use crate::expectation::checks;

/// The verdicts that every rule can give.
const VERDICTS: [Compliance; 3] =
    [Compliance::Compliant, Compliance::NonCompliant, Compliance::NotApplicable];

/// The verdicts that were given, and the checks that fired, that found nothing and that lacked evidence.
pub(crate) struct Coverage {
    meta: &'static RuleMeta,
    verdicts: BTreeSet<&'static str>,
    fired: BTreeSet<&'static str>,
    passed: BTreeSet<&'static str>,
    undecided: BTreeSet<&'static str>,
}

impl Coverage {
    pub(crate) fn of(meta: &'static RuleMeta) -> Self {
        let none = BTreeSet::new;
        Self { meta, verdicts: none(), fired: none(), passed: none(), undecided: none() }
    }

    pub(crate) fn note(&mut self, report: &Report) {
        self.verdicts.insert(report.compliance.as_str());
        if report.compliance == Compliance::NotApplicable {
            return;
        }
        for check in self.meta.checks {
            let is_among = |list| checks(list).contains(&check.id);
            if is_among(&report.undecided) {
                self.undecided.insert(check.id);
            }
            if is_among(&report.findings) || is_among(&report.waived) {
                self.fired.insert(check.id);
            } else if !is_among(&report.undecided) {
                self.passed.insert(check.id);
            }
        }
    }

    /// One text for each thing that no case shows.
    pub(crate) fn gaps(&self) -> Vec<String> {
        let verdicts = VERDICTS
            .iter()
            .map(|verdict| verdict.as_str())
            .filter(|verdict| !self.verdicts.contains(verdict))
            .map(|verdict| format!("no case is {verdict}"));
        let ids = || self.meta.checks.iter().map(|check| check.id);
        let silent = ids().filter(|id| !self.fired.contains(id));
        let silent = silent.map(|id| format!("no case in which `{id}` finds something"));
        let loud = ids().filter(|id| !self.passed.contains(id));
        let loud = loud.map(|id| format!("no case in which `{id}` is decided and finds nothing"));
        let certain = ids().filter(|id| !self.undecided.contains(id));
        let certain = certain.map(|id| format!("no case in which `{id}` lacks evidence and is not decided"));
        verdicts.chain(silent).chain(loud).chain(certain).collect()
    }
}

use config_rule::{Accepts, ParameterSpec, ParameterValues, Parameters};

use crate::inspector::Severity;

/// The rule's parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    /// `expiryNoticeDays`.
    pub expiry_notice_days: i64,
    /// `auditTagKeys`.
    pub tag_keys: Vec<String>,
    /// `maxVulnerabilitySeverity`.
    pub severity: Severity,
    /// `graceDays`.
    pub grace_days: i64,
    /// `staleAfterDays`.
    pub stale_after_days: i64,
}

impl Parameters for Audit {
    const SPECS: &'static [&'static ParameterSpec] =
        &[&EXPIRY_NOTICE, &AUDIT_TAG_KEYS, &MAX_SEVERITY, &GRACE, &STALE_AFTER];

    fn read(values: &mut ParameterValues<'_>) -> Self {
        let mut days = |spec| i64::try_from(values.whole_number(spec)).unwrap_or(i64::MAX);
        let (expiry_notice_days, grace_days, stale_after_days) =
            (days(&EXPIRY_NOTICE), days(&GRACE), days(&STALE_AFTER));
        Self {
            expiry_notice_days,
            tag_keys: values.list(&AUDIT_TAG_KEYS),
            severity: values
                .parsed(&MAX_SEVERITY, |text| Severity::from_text(text.trim()).map(Some).ok_or(()))
                .unwrap_or(Severity::High),
            grace_days,
            stale_after_days,
        }
    }
}

/// Further than AWS announces deprecations ahead.
const MOST_DAYS: u64 = 3650;

const EXPIRY_NOTICE: ParameterSpec = ParameterSpec {
    name: "expiryNoticeDays",
    default: "180",
    accepts: Accepts::WholeNumber { min: 0, max: MOST_DAYS },
    description: "How many days before its deprecation a runtime is reported",
};

const AUDIT_TAG_KEYS: ParameterSpec = ParameterSpec {
    name: "auditTagKeys",
    default: "dependency-scanner,vulnerability-scanner,snyk,dependabot",
    accepts: Accepts::List,
    description: "Comma-separated keys of tags that name the scanner of a function's dependencies",
};

const MAX_SEVERITY: ParameterSpec = ParameterSpec {
    name: "maxVulnerabilitySeverity",
    default: "HIGH",
    accepts: Accepts::OneOf(&["INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"]),
    description: "The least severity, as Amazon Inspector rates it, of vulnerabilities that are reported",
};

const GRACE: ParameterSpec = ParameterSpec {
    name: "graceDays",
    default: "7",
    accepts: Accepts::WholeNumber { min: 0, max: MOST_DAYS },
    description: "How many days a vulnerability may be known before it is reported",
};

const STALE_AFTER: ParameterSpec = ParameterSpec {
    name: "staleAfterDays",
    default: "365",
    accepts: Accepts::WholeNumber { min: 1, max: MOST_DAYS },
    description: "How many days may pass since a function was last deployed",
};

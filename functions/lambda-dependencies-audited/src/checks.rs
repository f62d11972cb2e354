//! What the rule looks at.

use config_rule::{Check, Severity};

pub(crate) const RUNTIME_DEPRECATED: &Check = &Check {
    id: "runtime-deprecated",
    severity: Severity::High,
    title: "The function's runtime no longer gets security patches",
    remedy: "Move the function to a supported runtime; test it there before updates are blocked",
};

pub(crate) const RUNTIME_EXPIRING: &Check = &Check {
    id: "runtime-expiring",
    severity: Severity::Low,
    title: "The function's runtime will soon no longer get security patches",
    remedy: "Plan the move to a newer runtime",
};

pub(crate) const NOT_SCANNED: &Check = &Check {
    id: "not-scanned",
    severity: Severity::Medium,
    title: "Nobody looks for vulnerabilities in the function's packages",
    remedy: "Activate Lambda scanning in Amazon Inspector, or name the scanner that is used in a tag of `auditTagKeys`",
};

pub(crate) const KNOWN_VULNERABILITY: &Check = &Check {
    id: "known-vulnerability",
    severity: Severity::High,
    title: "The function's packages have known vulnerabilities",
    remedy: "Update the package in the function or layer that brings it, or suppress the finding in Amazon Inspector",
};

pub(crate) const IMAGE_NOT_SCANNED: &Check = &Check {
    id: "image-not-scanned",
    severity: Severity::Medium,
    title: "The function's image is not scanned when it is pushed",
    remedy: "Switch on scanning on push for the repository, or name the scanner that is used in a tag of `auditTagKeys`",
};

pub(crate) const LAYER_BEHIND: &Check = &Check {
    id: "layer-behind",
    severity: Severity::Low,
    title: "Another function uses a newer version of the same layer",
    remedy: "Move the function to the newer version of the layer",
};

pub(crate) const STALE_CODE: &Check = &Check {
    id: "stale-code",
    severity: Severity::Low,
    title: "The function has not been deployed for a long time",
    remedy: "Build it with current dependencies and deploy it, or delete it if nobody needs it",
};

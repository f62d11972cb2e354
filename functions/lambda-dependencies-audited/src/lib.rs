#![doc = include_str!("../README.md")]
#![deny(clippy::disallowed_methods)]

mod ages;
mod checks;
mod inspector;
mod neighbours;
mod parameters;
mod runtime_table;
mod runtimes;
mod scans;
mod subject;

use std::sync::Arc;

use aws_resources::Function;
use config_rule::{
    Date, Finding, Inventory, InventoryError, Known, Missing, Outcome, Rule, RuleMeta, Selector, Trigger,
};

use crate::checks::{
    IMAGE_NOT_SCANNED, KNOWN_VULNERABILITY, LAYER_BEHIND, NOT_SCANNED, RUNTIME_DEPRECATED, RUNTIME_EXPIRING,
    STALE_CODE,
};
pub use crate::inspector::{Coverage, Package, Severity, Vulnerability};
pub use crate::neighbours::{LayerInUse, NewestLayers, Repository};
pub use crate::parameters::Audit;
pub use crate::runtimes::Lifecycle;
pub use crate::subject::AuditedFunction;

/// See the [crate documentation](crate).
#[derive(Debug)]
pub struct LambdaDependenciesAudited;

/// What others know of the function and its dependencies.
#[derive(Debug)]
pub struct Evidence {
    /// Amazon Inspector's scans of the function; not asked for if it is an image.
    pub coverage: Known<Vec<Coverage>>,
    /// Amazon Inspector's open findings about the function's packages.
    pub vulnerabilities: Known<Vec<Vulnerability>>,
    /// The layers of all functions; not asked for if the function has none.
    pub newest_layers: Known<Arc<NewestLayers>>,
    /// The account's repositories; asked for only if the function is an image.
    pub repositories: Known<Arc<Vec<Repository>>>,
}

/// What one check decided: its findings, possibly none, or the evidence that it lacks.
type Decided = Result<Vec<Finding>, Missing>;

impl Rule for LambdaDependenciesAudited {
    const META: RuleMeta = RuleMeta {
        name: "lambda-dependencies-audited",
        practice: 9,
        title: "audit software dependencies",
        checks_that: "a Lambda function runs on a supported runtime and its packages, layers and image are scanned and \
                      free of known vulnerabilities",
        subjects: &[Function::TYPE],
        triggers: &[Trigger::Change, Trigger::Periodic],
        checks: &[
            KNOWN_VULNERABILITY,
            RUNTIME_DEPRECATED,
            NOT_SCANNED,
            IMAGE_NOT_SCANNED,
            RUNTIME_EXPIRING,
            LAYER_BEHIND,
            STALE_CODE,
        ],
        actions: &[
            "config:BatchGetResourceConfig",
            "config:DescribeConfigurationRecorders",
            "config:ListDiscoveredResources",
            "config:SelectResourceConfig",
            "inspector2:BatchGetAccountStatus",
            "inspector2:ListCoverage",
            "inspector2:ListFindings",
        ],
    };

    type Subject = AuditedFunction;
    type Parameters = Audit;
    type Facts = Evidence;

    async fn gather(
        function: &AuditedFunction,
        _: &Audit,
        inventory: &dyn Inventory,
    ) -> Result<Evidence, InventoryError> {
        let is_image = function.is_image() == Ok(true);
        let coverage =
            if is_image { Known::Value(Vec::new()) } else { scans::coverage(function, inventory).await? };
        let vulnerabilities = scans::vulnerabilities(function, inventory).await?;
        let newest_layers = if function.function.layers.get().is_ok_and(Vec::is_empty) {
            Known::Value(Arc::default())
        } else {
            let functions = inventory.find(Function::TYPE, Selector::All).await?;
            functions.map(|functions| functions.view())
        };
        let repositories = if is_image {
            let repositories = inventory.find(Repository::TYPE, Selector::All).await?;
            repositories.map(|repositories| repositories.view())
        } else {
            Known::Value(Arc::default())
        };
        Ok(Evidence { coverage, vulnerabilities, newest_layers, repositories })
    }

    fn evaluate(function: &AuditedFunction, audit: &Audit, evidence: &Evidence, today: Date) -> Outcome {
        Outcome::judged()
            .and(KNOWN_VULNERABILITY, scans::known_vulnerability(function, evidence, audit, today))
            .and(RUNTIME_DEPRECATED, ages::runtime_deprecated(function, today))
            .and(NOT_SCANNED, scans::not_scanned(function, evidence, audit, today))
            .and(IMAGE_NOT_SCANNED, scans::image_not_scanned(function, evidence, audit))
            .and(RUNTIME_EXPIRING, ages::runtime_expiring(function, audit, today))
            .and(LAYER_BEHIND, ages::layer_behind(function, evidence))
            .and(STALE_CODE, ages::stale_code(function, audit, today))
    }
}

#[cfg(test)]
mod tests;

//! What Amazon Inspector knows of a function. Its answers come as documents of types that AWS Config does not have.

use config_rule::{Document, Known, Missing, Timestamp};

/// One kind of scan of a resource: a `CoveredResource` of `ListCoverage`.
///
/// Source: Amazon Inspector API Reference, `CoveredResource`, `ScanStatus`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// Whether it looks at packages; the other kind for functions looks at their code.
    pub is_of_packages: Known<bool>,
    /// Whether it takes place.
    pub is_active: Known<bool>,
    /// Why it does or does not: `SUCCESSFUL`, `EXCLUDED_BY_TAG`, `UNSUPPORTED_RUNTIME`, …
    pub reason: Known<String>,
}

/// One vulnerability of a function's packages: a `Finding` of `ListFindings`.
///
/// Source: Amazon Inspector API Reference, `Finding`, `PackageVulnerabilityDetails`, `VulnerablePackage`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vulnerability {
    /// ARN of Inspector's finding.
    pub finding: String,
    /// Such as `CVE-2025-1234`.
    pub id: String,
    /// `None` while Inspector has not rated it.
    pub severity: Option<Severity>,
    /// When Inspector first saw it in the function.
    pub first_observed: Timestamp,
    /// The first of the packages that bring it.
    pub package: Option<Package>,
}

/// A package of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// The version that the function has.
    pub version: String,
    /// The version in which the vulnerability is gone; `None` if none is known.
    pub fixed_in: Option<String>,
}

/// How bad Inspector finds a vulnerability; ordered from [`Severity::Informational`] to [`Severity::Critical`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// `INFORMATIONAL`.
    Informational,
    /// `LOW`.
    Low,
    /// `MEDIUM`.
    Medium,
    /// `HIGH`.
    High,
    /// `CRITICAL`.
    Critical,
}

impl Coverage {
    /// The name under which an inventory answers; the id is the function's ARN, without a qualifier.
    pub const TYPE: &str = "AWS::InspectorV2::Coverage";

    pub(crate) fn read(document: &Document) -> Self {
        let root = document.properties();
        Self {
            is_of_packages: root.text("configuration.scanType").map(|kind| kind == "PACKAGE"),
            is_active: root.text("configuration.scanStatus.statusCode").map(|code| code == "ACTIVE"),
            reason: root.text("configuration.scanStatus.reason").map(ToOwned::to_owned),
        }
    }
}

impl Vulnerability {
    /// The name under which an inventory answers; a finding refers to its function by the ARN, without a qualifier.
    pub const TYPE: &str = "AWS::InspectorV2::Finding";

    /// `None` for findings about anything but packages, and for those that are suppressed or closed.
    pub(crate) fn read(document: &Document) -> Option<Result<Self, Missing>> {
        let root = document.properties();
        let is = |path: &str, wanted: &str| root.text(path).get().map(|text| *text == wanted);
        let concerns = is("configuration.type", "PACKAGE_VULNERABILITY")
            .and_then(|is_of_package| Ok(is_of_package && is("configuration.status", "ACTIVE")?));
        match concerns {
            Ok(true) => Some(Self::read_active(document)),
            Ok(false) => None,
            Err(missing) => Some(Err(missing)),
        }
    }

    fn read_active(document: &Document) -> Result<Self, Missing> {
        let root = document.properties();
        let details = root.at("configuration.packageVulnerabilityDetails");
        let details = details.get()?;
        let packages = details.list("vulnerablePackages").optional();
        let package = packages.get()?.iter().flatten().next();
        let fixed_in = |fixed: &str| (fixed != "NotAvailable").then(|| fixed.to_owned());
        let package = package.map(|package| {
            Ok::<_, Missing>(Package {
                name: (*package.text("name").get()?).to_owned(),
                version: (*package.text("version").get()?).to_owned(),
                fixed_in: package.text("fixedInVersion").optional().get()?.and_then(fixed_in),
            })
        });
        Ok(Self {
            finding: document.resource_id.clone(),
            id: (*details.text("vulnerabilityId").get()?).to_owned(),
            severity: Severity::from_text(root.text("configuration.severity").get()?),
            first_observed: *root.timestamp("configuration.firstObservedAt").get()?,
            package: package.transpose()?,
        })
    }
}

impl Severity {
    /// As Inspector spells it; what is not rated, `UNTRIAGED`, has none.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let all = [Self::Informational, Self::Low, Self::Medium, Self::High, Self::Critical];
        all.into_iter().find(|severity| severity.as_str() == text)
    }

    /// As Inspector spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Informational => "INFORMATIONAL",
            Self::Low => "LOW",
            Self::Medium => "MEDIUM",
            Self::High => "HIGH",
            Self::Critical => "CRITICAL",
        }
    }
}

use config_rule::{Accepts, ParameterSpec, ParameterValues, Parameters};

use crate::packs::Pack;

/// The rule's parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    /// `requiredPacks`.
    pub required_packs: Vec<&'static Pack>,
    /// `minimumPackCoverage`, in percent.
    pub minimum_coverage: usize,
}

impl Parameters for Audit {
    const SPECS: &'static [&'static ParameterSpec] = &[&REQUIRED_PACKS, &MINIMUM_COVERAGE];

    fn read(values: &mut ParameterValues<'_>) -> Self {
        let mut required_packs = Vec::new();
        for name in values.list(&REQUIRED_PACKS) {
            match Pack::named(&name) {
                Some(pack) if required_packs.contains(&pack) => {}
                Some(pack) => required_packs.push(pack),
                None => values.refuse(&REQUIRED_PACKS, &name),
            }
        }
        let minimum_coverage = usize::try_from(values.whole_number(&MINIMUM_COVERAGE)).unwrap_or(usize::MAX);
        Self { required_packs, minimum_coverage }
    }
}

const REQUIRED_PACKS: ParameterSpec = ParameterSpec {
    name: "requiredPacks",
    default: "dynamodb,s3,iam,reliability,security,serverless",
    accepts: Accepts::Text(
        "comma-separated packs of `dynamodb`, `s3`, `iam`, `reliability`, `security`, `serverless`",
    ),
    description: "The conformance packs of AWS whose managed rules must be active in the account",
};

const MINIMUM_COVERAGE: ParameterSpec = ParameterSpec {
    name: "minimumPackCoverage",
    default: "80",
    accepts: Accepts::WholeNumber { min: 1, max: 100 },
    description: "How many percent of each required pack's managed rules must be active",
};

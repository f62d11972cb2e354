use aws_resources::{Bytes, Seconds};
use config_rule::{Accepts, ParameterSpec, ParameterValues, Parameters};

/// The rule's parameters: what a function may reach without a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// `maxCodeSizeMiB`.
    pub code_size: Bytes,
    /// `maxLayersSizeMiB`.
    pub layers_size: Bytes,
    /// `maxTimeoutSeconds`.
    pub timeout: Seconds,
    /// `maxTriggerKinds`.
    pub trigger_kinds: usize,
    /// `maxRoutes`.
    pub routes: usize,
}

impl Parameters for Limits {
    const SPECS: &'static [&'static ParameterSpec] =
        &[&MAX_CODE_SIZE, &MAX_LAYERS_SIZE, &MAX_TIMEOUT, &MAX_TRIGGER_KINDS, &MAX_ROUTES];

    fn read(values: &mut ParameterValues<'_>) -> Self {
        let mut count = |spec| usize::try_from(values.whole_number(spec)).unwrap_or(usize::MAX);
        let (trigger_kinds, routes) = (count(&MAX_TRIGGER_KINDS), count(&MAX_ROUTES));
        Self {
            code_size: Bytes::from_mib(values.whole_number(&MAX_CODE_SIZE)),
            layers_size: Bytes::from_mib(values.whole_number(&MAX_LAYERS_SIZE)),
            timeout: Seconds(values.whole_number(&MAX_TIMEOUT)),
            trigger_kinds,
            routes,
        }
    }
}

/// Code and layers together have at most this many MiB unzipped, so neither can have more zipped; the limit of 50 MiB
/// for a zipped upload does not hold for uploads by way of S3.
///
/// Source: AWS Lambda Developer Guide, "Lambda quotas", "Deployment package (.zip file archive) size".
const DEPLOYMENT_PACKAGE_MIB: u64 = 250;

/// Source: AWS Lambda Developer Guide, "Lambda quotas", "Function timeout".
const LONGEST_TIMEOUT_SECONDS: u64 = 900;

/// More services than send events to Lambda through a resource policy.
const MOST_TRIGGER_KINDS: u64 = 50;

/// Source: Amazon API Gateway Developer Guide, quotas: 300 resources per REST API and 300 routes per HTTP API.
const MOST_ROUTES: u64 = 300;

const MAX_CODE_SIZE: ParameterSpec = ParameterSpec {
    name: "maxCodeSizeMiB",
    default: "10",
    accepts: Accepts::WholeNumber { min: 1, max: DEPLOYMENT_PACKAGE_MIB },
    description: "The largest zipped code package in MiB; container images are not measured",
};

const MAX_LAYERS_SIZE: ParameterSpec = ParameterSpec {
    name: "maxLayersSizeMiB",
    default: "50",
    accepts: Accepts::WholeNumber { min: 0, max: DEPLOYMENT_PACKAGE_MIB },
    description: "The largest sum of a function's zipped layers in MiB; layers of monitoring services do not count",
};

const MAX_TIMEOUT: ParameterSpec = ParameterSpec {
    name: "maxTimeoutSeconds",
    default: "300",
    accepts: Accepts::WholeNumber { min: 1, max: LONGEST_TIMEOUT_SECONDS },
    description: "The longest timeout of a function in seconds",
};

const MAX_TRIGGER_KINDS: ParameterSpec = ParameterSpec {
    name: "maxTriggerKinds",
    default: "1",
    accepts: Accepts::WholeNumber { min: 1, max: MOST_TRIGGER_KINDS },
    description: "How many different AWS services may invoke one function",
};

const MAX_ROUTES: ParameterSpec = ParameterSpec {
    name: "maxRoutes",
    default: "5",
    accepts: Accepts::WholeNumber { min: 1, max: MOST_ROUTES },
    description: "How many different API routes, that is methods and paths, one function may serve",
};

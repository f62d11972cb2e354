use aws_resources::OidcProvider;
use config_rule::{Accepts, ParameterSpec, ParameterValues, Parameters};
use jiff::SignedDuration;

/// The rule's parameters: what counts as a sign of a pipeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectations {
    /// `deploymentTagKeys`.
    pub deployment_tag_keys: Vec<String>,
    /// `toleranceMinutes`.
    pub tolerance: SignedDuration,
    /// `oidcProviders`: hosts, in lower case.
    pub oidc_hosts: Vec<String>,
}

impl Parameters for Expectations {
    const SPECS: &'static [&'static ParameterSpec] =
        &[&DEPLOYMENT_TAG_KEYS, &TOLERANCE_MINUTES, &OIDC_PROVIDERS];

    fn read(values: &mut ParameterValues<'_>) -> Self {
        let minutes = values.whole_number(&TOLERANCE_MINUTES);
        Self {
            deployment_tag_keys: values.list(&DEPLOYMENT_TAG_KEYS),
            tolerance: SignedDuration::from_mins(i64::try_from(minutes).unwrap_or(MOST_TOLERANCE_MINUTES)),
            oidc_hosts: values.list(&OIDC_PROVIDERS).iter().map(|url| OidcProvider::host_in(url)).collect(),
        }
    }
}

/// A day: whoever tolerates more does not want the check.
const MOST_TOLERANCE_MINUTES: i64 = 1440;

const DEPLOYMENT_TAG_KEYS: ParameterSpec = ParameterSpec {
    name: "deploymentTagKeys",
    default: "pipeline,deployed-by,managed-by,terraform,pulumi:stack,sst:app",
    accepts: Accepts::List,
    description: "Comma-separated keys of tags, each of which says that a tool or a pipeline deploys the function",
};

const TOLERANCE_MINUTES: ParameterSpec = ParameterSpec {
    name: "toleranceMinutes",
    default: "60",
    accepts: Accepts::WholeNumber { min: 0, max: MOST_TOLERANCE_MINUTES.unsigned_abs() },
    description: "How many minutes a function may be newer than the last change of its stack",
};

/// Sources: GitHub Docs, "Configuring OpenID Connect in Amazon Web Services"; GitLab Docs, "Configure OpenID Connect in AWS
/// to retrieve temporary credentials"; Atlassian Support, "Deploy on AWS using Bitbucket Pipelines OpenID Connect";
/// CircleCI Docs, "Using OpenID Connect tokens in jobs"; Buildkite Docs, "OIDC with AWS"; HCP Terraform Docs, "Dynamic
/// Credentials with the AWS Provider"; Vercel Docs, "Connect to Amazon Web Services".
const OIDC_PROVIDERS: ParameterSpec = ParameterSpec {
    name: "oidcProviders",
    default: "token.actions.githubusercontent.com,gitlab.com,api.bitbucket.org,oidc.circleci.com,agent.buildkite.com,\
              app.terraform.io,oidc.vercel.com",
    accepts: Accepts::List,
    description: "Comma-separated hosts or URLs of OpenID Connect providers that stand for CI services",
};

use aws_resources::Grouping;
use config_rule::{Accepts, ParameterSpec, ParameterValues, Parameters};
use iam_policy::stores::StoreKind;
use wildmatch::WildMatch;

/// The rule's parameters: how microservices are told apart, and which of their stores matter.
#[derive(Clone, Debug, PartialEq)]
pub struct Boundaries {
    /// `groupTagKeys` and `groupByStack`.
    pub grouping: Grouping,
    /// `dataStoreTypes`.
    pub store_kinds: Vec<StoreKind>,
    /// `ignoredDataStores`.
    pub ignored_stores: Vec<WildMatch>,
}

impl Boundaries {
    /// Whether a store with this name is on the list of those that belong to nobody.
    pub(crate) fn is_ignored(&self, store_name: &str) -> bool {
        self.ignored_stores.iter().any(|pattern| pattern.matches(store_name))
    }
}

impl Parameters for Boundaries {
    const SPECS: &'static [&'static ParameterSpec] =
        &[&GROUP_TAG_KEYS, &GROUP_BY_STACK, &DATA_STORE_TYPES, &IGNORED_DATA_STORES];

    fn read(values: &mut ParameterValues<'_>) -> Self {
        let grouping =
            Grouping { tag_keys: values.list(&GROUP_TAG_KEYS), by_stack: values.switch(&GROUP_BY_STACK) };
        let mut store_kinds = Vec::new();
        for name in values.list(&DATA_STORE_TYPES) {
            match StoreKind::of_type(&name) {
                Some(kind) => store_kinds.push(kind),
                None => values.refuse(&DATA_STORE_TYPES, &name),
            }
        }
        let ignored = values.list(&IGNORED_DATA_STORES);
        let ignored_stores = ignored.iter().map(|pattern| WildMatch::new_case_insensitive(pattern)).collect();
        Self { grouping, store_kinds, ignored_stores }
    }
}

const GROUP_TAG_KEYS: ParameterSpec = ParameterSpec {
    name: "groupTagKeys",
    default: "service,microservice,application,app,project,awsApplication",
    accepts: Accepts::List,
    description: "Comma-separated keys of the tags that name a microservice; the first that exists decides",
};

const GROUP_BY_STACK: ParameterSpec = ParameterSpec {
    name: "groupByStack",
    default: "true",
    accepts: Accepts::Switch,
    description: "Whether the root stack is the microservice of what has no such tag",
};

const DATA_STORE_TYPES: ParameterSpec = ParameterSpec {
    name: "dataStoreTypes",
    default: "AWS::DynamoDB::Table,AWS::S3::Bucket,AWS::RDS::DBCluster,AWS::RDS::DBInstance,AWS::Cognito::UserPool",
    accepts: Accepts::Text(
        "comma-separated types out of `AWS::DynamoDB::Table`, `AWS::S3::Bucket`, `AWS::RDS::DBCluster`, \
         `AWS::RDS::DBInstance`, `AWS::Cognito::UserPool`",
    ),
    description: "Comma-separated types of data stores that belong to one microservice each",
};

/// Sources: AWS CDK Developer Guide, "AWS CDK bootstrapping" (`cdk-…-assets-…`); AWS SAM Developer Guide, `sam deploy`,
/// `--resolve-s3`; Serverless Framework, `provider.deploymentBucket` (`…serverlessdeploymentbucket…`,
/// `serverless-framework-deployments-…`); user guides of AWS `CloudFormation` (`cf-templates-…`), `CodePipeline`, AWS Config
/// (`config-bucket-…`), `CloudTrail` (`aws-cloudtrail-logs-…`), AWS Control Tower and AWS WAF (`aws-waf-logs-…`). The others
/// are what people call buckets for artifacts and logs.
const IGNORED_DATA_STORES: ParameterSpec = ParameterSpec {
    name: "ignoredDataStores",
    default: "aws-sam-cli-managed-default-*,cdk-*-assets-*,*serverlessdeploymentbucket*,serverless-framework-deployments-*,\
              cf-templates-*,codepipeline-*,*artifacts,*artifacts-*,*artifactbucket*,config-bucket-*,aws-cloudtrail-logs-*,\
              aws-controltower-*,aws-waf-logs-*,*accesslogs*,*access-logs*,*-logs,*-logs-*",
    accepts: Accepts::List,
    description: "Comma-separated names of stores that belong to nobody, such as deployment, artifact, log and Config buckets, with \
                  * and ?",
};

use wildmatch::WildMatch;

/// The types that make up each kind: what holds functions or data. What only supports them (subnet and parameter
/// groups, user pool clients, mount targets, permissions) belongs to whatever it supports. A table or an index counts
/// beside the bucket, keyspace or database that it is in, since its own deletion deletes its data. An `AWS::DAX::Cluster`
/// has no data but a table's, and writes through to it.
///
/// Source: AWS CloudFormation Template Reference, resource types of the services named in each line.
const KINDS: [(&str, &[&str]); 4] = [
    ("functions", &["AWS::Lambda::Function"]),
    (
        "database",
        &[
            "AWS::DynamoDB::Table",
            "AWS::DynamoDB::GlobalTable",
            "AWS::RDS::DBCluster",
            "AWS::RDS::DBInstance",
            "AWS::RDS::DBShardGroup",
            "AWS::RDS::GlobalCluster",
            "AWS::DocDB::DBCluster",
            "AWS::DocDB::DBInstance",
            "AWS::DocDB::GlobalCluster",
            "AWS::DocDBElastic::Cluster",
            "AWS::Neptune::DBCluster",
            "AWS::Neptune::DBInstance",
            "AWS::Neptune::GlobalCluster",
            "AWS::NeptuneGraph::Graph",
            "AWS::ElastiCache::CacheCluster",
            "AWS::ElastiCache::ReplicationGroup",
            "AWS::ElastiCache::GlobalReplicationGroup",
            "AWS::ElastiCache::ServerlessCache",
            "AWS::MemoryDB::Cluster",
            "AWS::MemoryDB::MultiRegionCluster",
            "AWS::OpenSearchService::Domain",
            "AWS::Elasticsearch::Domain",
            "AWS::OpenSearchServerless::Collection",
            "AWS::Redshift::Cluster",
            "AWS::RedshiftServerless::Namespace",
            "AWS::Timestream::Database",
            "AWS::Timestream::Table",
            "AWS::Timestream::InfluxDBInstance",
            "AWS::Timestream::InfluxDBCluster",
            "AWS::Cassandra::Keyspace",
            "AWS::Cassandra::Table",
            "AWS::DSQL::Cluster",
        ],
    ),
    ("identity", &["AWS::Cognito::UserPool", "AWS::Cognito::IdentityPool"]),
    (
        "object store",
        &[
            "AWS::S3::Bucket",
            "AWS::S3Express::DirectoryBucket",
            "AWS::S3Tables::TableBucket",
            "AWS::S3Tables::Table",
            "AWS::S3Vectors::VectorBucket",
            "AWS::S3Vectors::Index",
            "AWS::EFS::FileSystem",
        ],
    ),
];

/// Kinds beyond the four, as `extraKinds` names them: `messaging=AWS::SQS::*|AWS::SNS::*,search=AWS::Kendra::Index`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExtraKinds(Vec<(String, Vec<WildMatch>)>);

impl ExtraKinds {
    /// The grammar, for whoever sets the parameter.
    pub(crate) const SYNTAX: &'static str = "comma-separated kinds like `messaging=AWS::SQS::*|AWS::SNS::*`, with CloudFormation types after the name";

    /// Reads the grammar; nothing stands for no kinds.
    pub(crate) fn parse(text: &str) -> Result<Self, ()> {
        let kinds = text.split(',').map(str::trim);
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        kinds.map(kind).collect::<Result<_, ()>>().map(Self)
    }

    /// The one kind to which resources of a type belong, if any. What the user says goes before what is built in, and
    /// a resource never counts twice.
    pub(crate) fn kind_of(&self, resource_type: &str) -> Option<&str> {
        let is_named = |types: &[WildMatch]| types.iter().any(|pattern| pattern.matches(resource_type));
        let extra = self.0.iter().find(|(_, types)| is_named(types)).map(|(name, _)| name.as_str());
        let built_in =
            || KINDS.iter().find(|(_, types)| types.contains(&resource_type)).map(|(name, _)| *name);
        extra.or_else(built_in)
    }
}

fn kind(text: &str) -> Result<(String, Vec<WildMatch>), ()> {
    let (name, types) = text.split_once('=').ok_or(())?;
    let name = name.trim();
    if name.is_empty() {
        return Err(());
    }
    let pattern = |text: &str| if is_type_pattern(text) { Ok(WildMatch::new(text)) } else { Err(()) };
    let types = types.split('|').map(|text| pattern(text.trim())).collect::<Result<_, ()>>()?;
    Ok((name.to_owned(), types))
}

/// `Vendor::Service::Resource` with `*` and `?`, or a beginning of it that ends in `*`. The author of a custom resource may
/// call it `Custom::` and anything made of letters, digits, `_`, `@` and `-`.
///
/// Source: AWS CloudFormation Template Reference, `AWS::CloudFormation::CustomResource`, "Specifying custom resource type
/// names".
fn is_type_pattern(text: &str) -> bool {
    let special = if text.starts_with("Custom::") { "*?_@-" } else { "*?" };
    let is_word = |part: &str| {
        !part.is_empty()
            && part.chars().all(|character| character.is_ascii_alphanumeric() || special.contains(character))
    };
    let parts: Vec<_> = text.split("::").collect();
    2 <= parts.len() && parts.len() <= 4 && parts.iter().all(|part| is_word(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn supporting_resources_are_of_no_kind() {
        for resource_type in [
            "AWS::IAM::Role",
            "AWS::Lambda::Permission",
            "AWS::Lambda::LayerVersion",
            "AWS::ApiGateway::RestApi",
            "AWS::CloudWatch::Alarm",
            "AWS::Logs::LogGroup",
            "AWS::SQS::Queue",
            "AWS::RDS::DBSubnetGroup",
            "AWS::Neptune::DBParameterGroup",
            "AWS::Cognito::UserPoolClient",
            "AWS::EFS::MountTarget",
            "AWS::S3::BucketPolicy",
            "AWS::S3Tables::Namespace",
            "AWS::S3Tables::TableBucketPolicy",
            "AWS::DAX::Cluster",
            "AWS::CloudFormation::Stack",
        ] {
            assert_eq!(ExtraKinds::default().kind_of(resource_type), None, "{resource_type}");
        }
    }

    #[test]
    fn each_kind_has_its_types() {
        for (resource_type, kind) in [
            ("AWS::Lambda::Function", "functions"),
            ("AWS::DynamoDB::Table", "database"),
            ("AWS::DSQL::Cluster", "database"),
            ("AWS::RDS::DBShardGroup", "database"),
            ("AWS::DocDB::GlobalCluster", "database"),
            ("AWS::Neptune::GlobalCluster", "database"),
            ("AWS::Timestream::InfluxDBCluster", "database"),
            ("AWS::Cognito::UserPool", "identity"),
            ("AWS::S3::Bucket", "object store"),
            ("AWS::S3Tables::TableBucket", "object store"),
            ("AWS::S3Tables::Table", "object store"),
            ("AWS::S3Vectors::VectorBucket", "object store"),
            ("AWS::S3Vectors::Index", "object store"),
            ("AWS::EFS::FileSystem", "object store"),
        ] {
            assert_eq!(ExtraKinds::default().kind_of(resource_type), Some(kind));
        }
    }

    #[test]
    fn no_type_is_of_two_kinds() {
        let types: Vec<_> = KINDS.iter().flat_map(|(_, types)| *types).collect();
        for resource_type in &types {
            assert_eq!(types.iter().filter(|other| *other == resource_type).count(), 1, "{resource_type}");
        }
    }

    #[test]
    fn extra_kinds_are_added_and_go_first() {
        let kinds =
            ExtraKinds::parse(" messaging = AWS::SQS::* | AWS::SNS::Topic , cache=AWS::ElastiCache::*")
                .unwrap();
        assert_eq!(kinds.kind_of("AWS::SQS::Queue"), Some("messaging"));
        assert_eq!(kinds.kind_of("AWS::SNS::Topic"), Some("messaging"));
        assert_eq!(kinds.kind_of("AWS::SNS::Subscription"), None);
        assert_eq!(kinds.kind_of("AWS::ElastiCache::CacheCluster"), Some("cache"));
        assert_eq!(kinds.kind_of("AWS::DynamoDB::Table"), Some("database"));
    }

    #[test]
    fn a_custom_resource_may_have_any_name_that_cloudformation_allows() {
        let kinds = ExtraKinds::parse("search=Custom::Open_Search-v2@eu|Custom::Index*").unwrap();
        assert_eq!(kinds.kind_of("Custom::Open_Search-v2@eu"), Some("search"));
        assert_eq!(kinds.kind_of("Custom::Index_1"), Some("search"));
        assert_eq!(kinds.kind_of("Custom::OpenSearch"), None);
    }

    #[test]
    fn nothing_is_no_kinds() {
        for text in ["", "  "] {
            assert_eq!(ExtraKinds::parse(text), Ok(ExtraKinds::default()));
        }
    }

    #[test]
    fn other_grammar_is_refused() {
        for text in [
            "messaging",
            "=AWS::SQS::*",
            "messaging=",
            "messaging=SQS",
            "messaging=AWS::SQS::*|",
            "messaging=AWS::SQS::*,",
            "messaging=AWS:SQS:Queue",
            "messaging=AWS::::Queue",
            "messaging=AWS::SQS::My_Queue",
            "messaging=AWS::SQS::My-Queue",
            "messaging=Custom::My.Queue",
            "messaging=Custom::",
        ] {
            assert_eq!(ExtraKinds::parse(text), Err(()), "{text}");
        }
    }
}

//! Questions in the language of advanced queries.

use std::collections::{BTreeMap, BTreeSet};

use config_rule::{Question, Selector, reference_paths};

/// The longest expression.
///
/// Source: AWS Config API Reference, `SelectResourceConfig`, `Expression`.
const MAX_EXPRESSION_CHARACTERS: usize = 4096;

/// What a row needs to be read as a configuration item; `*` stands for top-level scalars only.
const COLUMNS: &str = "resourceId, resourceName, resourceType, arn, accountId, awsRegion, configurationItemStatus, \
                       configurationItemCaptureTime, tags, relationships, configuration, supplementaryConfiguration";

/// Types that have a schema for queries. A query for any other type finds nothing and says nothing, so that types which
/// are not in this list are listed and fetched: that works for all, but takes more calls and brings no tags.
///
/// Source: github.com/awslabs/aws-config-resource-schema, `config/properties/resource-types`, the types that a
/// serverless application is made of.
const QUERYABLE: [&str; 38] = [
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGateway::Stage",
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Stage",
    "AWS::AppSync::GraphQLApi",
    "AWS::CloudFormation::Stack",
    "AWS::CloudTrail::Trail",
    "AWS::CloudWatch::Alarm",
    "AWS::CodeBuild::Project",
    "AWS::CodeDeploy::Application",
    "AWS::CodeDeploy::DeploymentConfig",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::CodePipeline::Pipeline",
    "AWS::Cognito::IdentityPool",
    "AWS::Cognito::UserPoolClient",
    "AWS::Cognito::UserPoolGroup",
    "AWS::Config::ConfigurationRecorder",
    "AWS::Config::ConformancePackCompliance",
    "AWS::Config::ResourceCompliance",
    "AWS::DynamoDB::Table",
    "AWS::ECR::Repository",
    "AWS::Events::EventBus",
    "AWS::Events::Rule",
    "AWS::IAM::OIDCProvider",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::InspectorV2::Filter",
    "AWS::Kinesis::Stream",
    "AWS::Lambda::CodeSigningConfig",
    "AWS::Lambda::Function",
    "AWS::Logs::Destination",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::SecretsManager::Secret",
    "AWS::StepFunctions::StateMachine",
];

/// Whether advanced queries see resources of a type.
pub(super) fn is_queryable(resource_type: &str) -> bool {
    QUERYABLE.contains(&resource_type)
}

/// What one query asks for.
#[derive(Clone, Debug, Default)]
pub(super) struct Query<'a> {
    types: BTreeMap<&'a str, Wanted<'a>>,
}

/// Which resources of a type are asked for.
#[derive(Clone, Debug)]
enum Wanted<'a> {
    All,
    /// The values that each property may have.
    Those(BTreeMap<&'static str, BTreeSet<&'a str>>),
}

/// As few queries as take all questions. A question that alone is too long for a query asks for its whole type.
pub(super) fn queries<'a>(questions: &[Question<'a>]) -> Vec<Query<'a>> {
    let mut queries: Vec<Query<'_>> = Vec::new();
    for &question in questions {
        let longer = queries.last().map(|query| query.with(question)).filter(Query::is_short_enough);
        if let (Some(longer), Some(last)) = (longer, queries.last_mut()) {
            *last = longer;
            continue;
        }
        let alone = Some(Query::default().with(question)).filter(Query::is_short_enough);
        let whole_type = || Query::default().with((question.0, Selector::All));
        queries.push(alone.unwrap_or_else(whole_type));
    }
    queries
}

impl<'a> Query<'a> {
    /// The same with one more question.
    fn with(&self, (resource_type, selector): Question<'a>) -> Self {
        let mut query = self.clone();
        let wanted = query.types.entry(resource_type).or_insert_with(|| Wanted::Those(BTreeMap::new()));
        match (wanted, searched(resource_type, selector)) {
            (Wanted::All, _) => {}
            (wanted, None) => *wanted = Wanted::All,
            (Wanted::Those(properties), Some((paths, value))) => {
                for path in paths {
                    properties.entry(path).or_default().insert(value);
                }
            }
        }
        query
    }

    /// The same as queries for one type each, if it is for several.
    pub(super) fn split(self) -> Option<impl Iterator<Item = Self>> {
        let is_for_several = 1 < self.types.len();
        is_for_several.then(|| self.types.into_iter().map(|only| Self { types: BTreeMap::from([only]) }))
    }

    fn is_short_enough(&self) -> bool {
        self.expression().chars().count() <= MAX_EXPRESSION_CHARACTERS
    }

    pub(super) fn expression(&self) -> String {
        let conditions: Vec<_> =
            self.types.iter().map(|(resource_type, wanted)| condition(resource_type, wanted)).collect();
        let conditions = match conditions.as_slice() {
            [only] => only.clone(),
            several => several.iter().map(|one| format!("({one})")).collect::<Vec<_>>().join(" OR "),
        };
        format!("SELECT {COLUMNS} WHERE {conditions}")
    }
}

/// The properties to look at and the value that one of them must have; `None` for the whole type, which is also what is
/// asked for where the value cannot be put safely.
fn searched<'a>(resource_type: &str, selector: Selector<'a>) -> Option<(Vec<&'static str>, &'a str)> {
    let (paths, value) = match selector {
        Selector::All => return None,
        Selector::Id(id) => (vec!["resourceId"], id),
        Selector::Named(name) => (vec!["resourceName"], name),
        Selector::Arn(arn) => (vec!["arn"], arn),
        Selector::ReferringTo(id) => {
            let mut paths = vec!["relationships.resourceId", "relationships.resourceName"];
            paths.extend(reference_paths(resource_type));
            (paths, id)
        }
    };
    is_safe(value).then_some((paths, value))
}

fn condition(resource_type: &str, wanted: &Wanted<'_>) -> String {
    let whole_type = format!("resourceType = '{resource_type}'");
    let Wanted::Those(properties) = wanted else { return whole_type };
    let tests: Vec<_> = properties
        .iter()
        .map(|(path, values)| {
            let values: Vec<_> = values.iter().map(|value| format!("'{value}'")).collect();
            match values.as_slice() {
                [only] => format!("{path} = {only}"),
                several => format!("{path} IN ({})", several.join(", ")),
            }
        })
        .collect();
    match tests.as_slice() {
        [only] => format!("{whole_type} AND {only}"),
        several => format!("{whole_type} AND ({})", several.join(" OR ")),
    }
}

/// Whether a value can stand between quotes. How to escape a quote is not documented, so nothing that could end the
/// text or mean something in it is ever put there.
fn is_safe(value: &str) -> bool {
    let is_harmless =
        |character: char| character.is_ascii_alphanumeric() || " _.:/=+@$,-".contains(character);
    !value.is_empty() && value.chars().all(is_harmless)
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUEUE: &str = "AWS::SQS::Queue";
    const POLICY: &str = "AWS::IAM::Policy";

    #[test]
    fn a_reference_is_looked_for_in_relationships_and_in_the_type_s_own_properties() {
        assert_eq!(
            conditions(&[("AWS::CloudWatch::Alarm", Selector::ReferringTo("orders"))]),
            ["resourceType = 'AWS::CloudWatch::Alarm' AND (configuration.dimensions.value = 'orders' OR \
              relationships.resourceId = 'orders' OR relationships.resourceName = 'orders')"]
        );
    }

    #[test]
    fn ids_names_and_arns_are_asked_for_directly() {
        let url = "https://sqs.eu-west-1.amazonaws.com/1/orders";
        let arn = "arn:aws:iam::111122223333:policy/team/orders";
        for (question, wanted) in [
            ((QUEUE, Selector::Id(url)), format!("resourceType = '{QUEUE}' AND resourceId = '{url}'")),
            (
                ("AWS::IAM::Role", Selector::Named("orders")),
                "resourceType = 'AWS::IAM::Role' AND resourceName = 'orders'".to_owned(),
            ),
            ((POLICY, Selector::Arn(arn)), format!("resourceType = '{POLICY}' AND arn = '{arn}'")),
            ((QUEUE, Selector::All), format!("resourceType = '{QUEUE}'")),
        ] {
            assert_eq!(conditions(&[question]), [wanted]);
        }
    }

    #[test]
    fn an_unsafe_value_is_never_put_into_a_query() {
        for value in ["x' OR 'a' = 'a", "a\"b", "a\\b", "a%", "a*", "a\nb", "ä", "a;b", "a(b)", ""] {
            let whole_type = [format!("resourceType = '{QUEUE}'")];
            assert_eq!(conditions(&[(QUEUE, Selector::Named(value))]), whole_type, "{value}");
            let beside_another = [(QUEUE, Selector::Named("orders")), (QUEUE, Selector::Named(value))];
            assert_eq!(conditions(&beside_another), whole_type, "{value}");
        }
    }

    #[test]
    fn questions_about_one_type_name_it_once_and_those_about_several_are_alternatives() {
        let questions = [
            (POLICY, Selector::Arn("arn:b")),
            (POLICY, Selector::Arn("arn:a")),
            (POLICY, Selector::Arn("arn:b")),
            (POLICY, Selector::Id("ANPA")),
            (QUEUE, Selector::Named("orders")),
            (QUEUE, Selector::All),
        ];
        assert_eq!(
            conditions(&questions),
            [format!(
                "(resourceType = '{POLICY}' AND (arn IN ('arn:a', 'arn:b') OR resourceId = 'ANPA')) OR \
                 (resourceType = '{QUEUE}')"
            )]
        );
    }

    #[test]
    fn a_query_of_4096_characters_is_asked_and_a_longer_one_asks_for_the_whole_type() {
        let room = MAX_EXPRESSION_CHARACTERS - length(&[(QUEUE, Selector::Named("x"))]) + 1;
        assert_eq!(length(&[(QUEUE, Selector::Named(&"x".repeat(room)))]), MAX_EXPRESSION_CHARACTERS);
        let longer = "x".repeat(room + 1);
        assert_eq!(conditions(&[(QUEUE, Selector::Named(&longer))]), [format!("resourceType = '{QUEUE}'")]);
    }

    #[test]
    fn what_fits_into_4096_characters_is_one_query_and_one_value_more_makes_two() {
        let first = "a".repeat(100);
        let room = MAX_EXPRESSION_CHARACTERS
            - length(&[(QUEUE, Selector::Named(&first)), (QUEUE, Selector::Named("x"))])
            + 1;
        let second = "x".repeat(room);
        let fitting = [(QUEUE, Selector::Named(first.as_str())), (QUEUE, Selector::Named(second.as_str()))];
        assert_eq!(length(&fitting), MAX_EXPRESSION_CHARACTERS);
        let third = (QUEUE, Selector::Named("y"));
        let queries = conditions(&[fitting.as_slice(), &[third]].concat());
        assert_eq!(queries.len(), 2);
        assert_eq!(queries.last().unwrap(), &format!("resourceType = '{QUEUE}' AND resourceName = 'y'"));
    }

    #[test]
    fn a_type_is_queried_only_if_it_has_a_schema() {
        assert!(is_queryable("AWS::Lambda::Function"));
        assert!(!is_queryable("AWS::Cognito::UserPool"));
        assert!(!is_queryable("AWS::ApiGatewayV2::Integration"));
    }

    fn conditions(questions: &[Question<'_>]) -> Vec<String> {
        let condition = |query: &Query<'_>| query.expression().split_once(" WHERE ").unwrap().1.to_owned();
        queries(questions).iter().map(condition).collect()
    }

    /// Of the one query for these questions.
    fn length(questions: &[Question<'_>]) -> usize {
        let queries = queries(questions);
        assert_eq!(queries.len(), 1);
        queries.first().unwrap().expression().chars().count()
    }
}

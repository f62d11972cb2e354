//! Questions in the language of advanced queries.

use config_rule::{Document, Selector, reference_paths};

use super::LookupError;
use crate::clients::Session;
use crate::error::CallError;

/// The longest expression.
///
/// Source: AWS Config API Reference, `SelectResourceConfig`, `Expression`.
const MAX_EXPRESSION_CHARACTERS: usize = 4096;

/// The most rows per page.
///
/// Source: AWS Config API Reference, `SelectResourceConfig`, `Limit`.
const PAGE: i32 = 100;

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

/// What a query for `selector` finds. The rows may be too many: queries match the members of lists independently.
pub(super) async fn documents(
    session: Session<'_>,
    resource_type: &str,
    selector: Selector<'_>,
) -> Result<Vec<Document>, LookupError> {
    let operation = "SelectResourceConfig";
    let expression = expression(resource_type, selector);
    let mut documents = Vec::new();
    let mut next_token = None;
    loop {
        let answer = session
            .config()
            .select_resource_config()
            .expression(&expression)
            .limit(PAGE)
            .set_next_token(next_token)
            .customize()
            .config_override(session.within_the_deadline())
            .send()
            .await
            .map_err(|error| CallError::new(operation, &error))?;
        for row in answer.results() {
            let row = serde_json::from_str(row)
                .map_err(|source| LookupError::Item { operation, source: source.into() })?;
            let document = Document::from_item(row)
                .map_err(|source| LookupError::Item { operation, source: source.into() })?;
            documents.push(document);
        }
        next_token = answer.next_token;
        if next_token.is_none() {
            return Ok(documents);
        }
    }
}

/// The query for `selector`, or for the whole type where a value cannot be put safely or the query gets too long.
fn expression(resource_type: &str, selector: Selector<'_>) -> String {
    let whole_type = format!("SELECT {COLUMNS} WHERE resourceType = '{resource_type}'");
    let (paths, value): (Vec<&str>, &str) = match selector {
        Selector::All => return whole_type,
        Selector::Id(id) => (vec!["resourceId"], id),
        Selector::Named(name) => (vec!["resourceName"], name),
        Selector::Arn(arn) => (vec!["arn"], arn),
        Selector::ReferringTo(id) => {
            let mut paths = vec!["relationships.resourceId", "relationships.resourceName"];
            paths.extend(reference_paths(resource_type));
            (paths, id)
        }
    };
    if !is_safe(value) {
        return whole_type;
    }
    let conditions: Vec<_> = paths.iter().map(|path| format!("{path} = '{value}'")).collect();
    let narrowed = match conditions.as_slice() {
        [only] => format!("{whole_type} AND {only}"),
        several => format!("{whole_type} AND ({})", several.join(" OR ")),
    };
    if narrowed.chars().count() <= MAX_EXPRESSION_CHARACTERS { narrowed } else { whole_type }
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

    #[test]
    fn a_reference_is_looked_for_in_relationships_and_in_the_type_s_own_properties() {
        let expression = expression("AWS::CloudWatch::Alarm", Selector::ReferringTo("orders"));
        assert_eq!(
            condition(&expression),
            "resourceType = 'AWS::CloudWatch::Alarm' AND (relationships.resourceId = 'orders' OR \
             relationships.resourceName = 'orders' OR configuration.dimensions.value = 'orders')"
        );
    }

    #[test]
    fn ids_names_and_arns_are_asked_for_directly() {
        let id = expression("AWS::SQS::Queue", Selector::Id("https://sqs.eu-west-1.amazonaws.com/1/orders"));
        let wanted = "resourceType = 'AWS::SQS::Queue' AND resourceId = 'https://sqs.eu-west-1.amazonaws.com/1/orders'";
        assert_eq!(condition(&id), wanted);
        let named = expression("AWS::IAM::Role", Selector::Named("orders"));
        assert_eq!(condition(&named), "resourceType = 'AWS::IAM::Role' AND resourceName = 'orders'");
        let arn =
            expression("AWS::IAM::Policy", Selector::Arn("arn:aws:iam::111122223333:policy/team/orders"));
        let wanted =
            "resourceType = 'AWS::IAM::Policy' AND arn = 'arn:aws:iam::111122223333:policy/team/orders'";
        assert_eq!(condition(&arn), wanted);
    }

    #[test]
    fn an_unsafe_value_is_never_put_into_a_query() {
        for value in ["x' OR 'a' = 'a", "a\"b", "a\\b", "a%", "a*", "a\nb", "ä", "a;b", "a(b)", ""] {
            let expression = expression("AWS::SQS::Queue", Selector::Named(value));
            assert_eq!(condition(&expression), "resourceType = 'AWS::SQS::Queue'", "{value}");
        }
    }

    #[test]
    fn a_query_of_4096_characters_is_asked_and_a_longer_one_is_not() {
        let room = MAX_EXPRESSION_CHARACTERS
            - expression("AWS::SQS::Queue", Selector::Named("x")).chars().count()
            + 1;
        let longest = expression("AWS::SQS::Queue", Selector::Named(&"x".repeat(room)));
        assert_eq!(longest.chars().count(), MAX_EXPRESSION_CHARACTERS);
        let longer = expression("AWS::SQS::Queue", Selector::Named(&"x".repeat(room + 1)));
        assert_eq!(condition(&longer), "resourceType = 'AWS::SQS::Queue'");
    }

    #[test]
    fn a_type_is_queried_only_if_it_has_a_schema() {
        assert!(is_queryable("AWS::Lambda::Function"));
        assert!(!is_queryable("AWS::Cognito::UserPool"));
        assert!(!is_queryable("AWS::ApiGatewayV2::Integration"));
    }

    fn condition(expression: &str) -> &str {
        expression.split_once(" WHERE ").unwrap().1
    }
}

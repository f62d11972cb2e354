//! The resource types without which there is nothing to judge, or nothing to judge by.

use std::collections::BTreeSet;

use crate::packs::Pack;

/// What the rules of this project judge and what their changes are announced by, and what they ask AWS Config for.
///
/// It cannot be derived: a rule does not depend on its neighbours. The test of the catalogue compares the two.
pub const TYPES_OF_THE_RULES: &[&str] = &[
    "AWS::ApiGateway::Method",
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGateway::Stage",
    "AWS::ApiGateway::UsagePlan",
    "AWS::ApiGatewayV2::Api",
    "AWS::AppSync::GraphQLApi",
    "AWS::CloudFormation::Stack",
    "AWS::CloudWatch::Alarm",
    "AWS::CodePipeline::Pipeline",
    "AWS::Cognito::UserPool",
    "AWS::DynamoDB::Table",
    "AWS::ECR::Repository",
    "AWS::IAM::OIDCProvider",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::Lambda::Function",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::S3::Bucket",
];

/// The types that a pack's rules are triggered by, for the packs that are about certain services. The two pillars are
/// about whatever an account may hold: what they need depends on what there is.
const TYPES_OF_THE_PACKS: [(&str, &[&str]); 4] = [
    ("dynamodb", &["AWS::DynamoDB::Table"]),
    ("s3", &["AWS::S3::Bucket"]),
    ("iam", &["AWS::IAM::Group", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::IAM::User"]),
    (
        "serverless",
        &[
            "AWS::ApiGateway::Stage",
            "AWS::ApiGatewayV2::Stage",
            "AWS::DynamoDB::Table",
            "AWS::Lambda::Function",
        ],
    ),
];

/// Users, groups, roles and policies: recorded only if the recorder includes global types.
///
/// Source: AWS Config API Reference, `RecordingGroup`, `includeGlobalResourceTypes`.
const GLOBAL_BY_CHOICE: [&str; 4] =
    ["AWS::IAM::Group", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::IAM::User"];

/// Global types that AWS Config learnt later: recorded in the home Region of their service, whatever the choice.
///
/// Source: AWS Config Developer Guide, "Recording AWS Resources", global resources.
const GLOBAL_IN_HOME_REGION: [&str; 1] = ["AWS::IAM::OIDCProvider"];

/// The types that must be recorded, in alphabetical order.
pub(crate) fn needed_for(packs: &[&Pack]) -> BTreeSet<&'static str> {
    let is_required = |name: &str| packs.iter().any(|pack| pack.name == name);
    let of_packs = TYPES_OF_THE_PACKS.iter().filter(|(name, _)| is_required(name));
    TYPES_OF_THE_RULES.iter().chain(of_packs.flat_map(|(_, types)| *types)).copied().collect()
}

/// Of the types that a pack's rules are triggered by, those that another Region may record in place of this one.
pub(crate) fn global_types_of(pack: &Pack) -> Vec<&'static str> {
    let of_pack = TYPES_OF_THE_PACKS.iter().filter(|(name, _)| *name == pack.name);
    of_pack.flat_map(|(_, types)| *types).copied().filter(|needed| is_global(needed)).collect()
}

/// Whether a recorder of all types records the type only if it includes global ones.
pub(crate) fn is_global_by_choice(resource_type: &str) -> bool {
    GLOBAL_BY_CHOICE.contains(&resource_type)
}

/// Whether another Region may record the type in place of this one.
pub(crate) fn is_global(resource_type: &str) -> bool {
    is_global_by_choice(resource_type) || GLOBAL_IN_HOME_REGION.contains(&resource_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_type_stands_twice() {
        assert!(TYPES_OF_THE_RULES.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn a_pack_adds_its_types_only_if_it_is_required() {
        let users = |names: &[&str]| {
            let packs: Vec<_> = names.iter().filter_map(|name| Pack::named(name)).collect();
            needed_for(&packs).contains("AWS::IAM::User")
        };
        assert!(users(&["serverless", "iam"]));
        assert!(!users(&["serverless", "security"]));
    }

    #[test]
    fn only_what_the_iam_pack_looks_at_may_be_recorded_elsewhere() {
        for pack in Pack::ALL {
            let count = if pack.name == "iam" { 4 } else { 0 };
            assert_eq!(global_types_of(pack).len(), count, "{}", pack.name);
        }
    }

    #[test]
    fn the_packs_that_types_are_listed_for_exist() {
        assert!(TYPES_OF_THE_PACKS.iter().all(|(name, _)| Pack::named(name).is_some()));
    }
}

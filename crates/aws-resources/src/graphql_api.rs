use config_rule::{Document, Known, Missing, Node, Subject};

/// A GraphQL API of AWS AppSync.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphqlApi {
    /// How callers may prove who they are, the default first: `API_KEY`, `AWS_IAM`, `AMAZON_COGNITO_USER_POOLS`,
    /// `OPENID_CONNECT`, `AWS_LAMBDA`.
    pub authentication_types: Known<Vec<String>>,
}

impl GraphqlApi {
    /// CloudFormation type name.
    pub const TYPE: &'static str = "AWS::AppSync::GraphQLApi";
}

impl Subject for GraphqlApi {
    fn read(document: &Document) -> Option<Self> {
        if document.resource_type != Self::TYPE {
            return None;
        }
        Some(Self { authentication_types: authentication_types(&document.properties()).into() })
    }
}

/// An API without additional providers has the default one only.
fn authentication_types(root: &Node<'_>) -> Result<Vec<String>, Missing> {
    let mut types = vec![(*root.text("configuration.AuthenticationType").get()?).to_owned()];
    let additional = root.list("configuration.AdditionalAuthenticationProviders").optional();
    for provider in additional.get()?.iter().flatten() {
        types.push((*provider.text("AuthenticationType").get()?).to_owned());
    }
    Ok(types)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn the_default_and_the_additional_types_are_read() {
        let api = read(&json!({
            "AuthenticationType": "API_KEY", "AdditionalAuthenticationProviders": [{"AuthenticationType": "AWS_IAM"}],
        }));
        assert_eq!(api.authentication_types, Known::Value(vec!["API_KEY".to_owned(), "AWS_IAM".to_owned()]));
    }

    #[test]
    fn no_additional_providers_mean_the_default_alone() {
        for api in [
            json!({"AuthenticationType": "API_KEY"}),
            json!({"AuthenticationType": "API_KEY", "AdditionalAuthenticationProviders": []}),
        ] {
            assert_eq!(read(&api).authentication_types, Known::Value(vec!["API_KEY".to_owned()]));
        }
    }

    #[test]
    fn a_type_that_is_not_there_leaves_all_open() {
        for api in [
            json!({}),
            json!({"AuthenticationType": "API_KEY", "AdditionalAuthenticationProviders": [{}]}),
            json!({"AuthenticationType": "API_KEY", "AdditionalAuthenticationProviders": "none"}),
        ] {
            assert!(read(&api).authentication_types.get().is_err(), "{api}");
        }
    }

    fn read(configuration: &Value) -> GraphqlApi {
        let item =
            json!({"resourceType": GraphqlApi::TYPE, "resourceId": "a", "configuration": configuration});
        GraphqlApi::read(&Document::from_item(item).unwrap()).unwrap()
    }
}

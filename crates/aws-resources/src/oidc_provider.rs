use config_rule::{Document, Known, Missing, Subject};

/// An OIDC identity provider that an account trusts, such as a CI service's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OidcProvider {
    /// Its URL; IAM stores it without `https://`, templates give it with.
    pub url: Known<String>,
}

impl OidcProvider {
    /// CloudFormation type name.
    pub const TYPE: &'static str = "AWS::IAM::OIDCProvider";

    /// The host in its URL, in lower case: `token.actions.githubusercontent.com`.
    ///
    /// # Errors
    ///
    /// [`Missing`] where the item does not hold the URL.
    pub fn host(&self) -> Result<String, Missing> {
        self.url.get().map(|url| Self::host_in(url))
    }

    /// The same of a URL, with or without a scheme.
    #[must_use]
    pub fn host_in(url: &str) -> String {
        let address = url.split_once("://").map_or(url, |(_, address)| address);
        let host = address.split(['/', ':']).next().unwrap_or_default();
        host.to_ascii_lowercase()
    }
}

impl Subject for OidcProvider {
    fn read(document: &Document) -> Option<Self> {
        if document.resource_type != Self::TYPE {
            return None;
        }
        Some(Self { url: document.properties().text("configuration.Url").map(ToOwned::to_owned) })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_host_is_what_all_spellings_share() {
        for url in [
            "token.actions.githubusercontent.com",
            "https://token.actions.githubusercontent.com",
            "https://token.actions.githubusercontent.com/enterprise",
            "Token.Actions.GitHubUserContent.com:443/",
        ] {
            assert_eq!(host(url), Ok("token.actions.githubusercontent.com".to_owned()), "{url}");
        }
    }

    #[test]
    fn a_provider_without_url_has_no_known_host() {
        let item = json!({"resourceType": OidcProvider::TYPE, "resourceId": "p", "configuration": {}});
        assert!(OidcProvider::read(&Document::from_item(item).unwrap()).unwrap().host().is_err());
    }

    fn host(url: &str) -> Result<String, Missing> {
        let item =
            json!({"resourceType": OidcProvider::TYPE, "resourceId": "p", "configuration": {"Url": url}});
        OidcProvider::read(&Document::from_item(item).unwrap()).unwrap().host()
    }
}

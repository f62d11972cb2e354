use aws_resources::{GraphqlApi, HttpApi, RestApi};
use config_rule::{Document, Subject};

/// An API, of any type that the rule judges.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "one is read, judged and dropped before the next")]
pub enum Api {
    /// A REST API of Amazon API Gateway.
    Rest(RestApi),
    /// An HTTP or a WebSocket API of Amazon API Gateway.
    Http(HttpApi),
    /// A GraphQL API of AWS AppSync.
    Graphql(GraphqlApi),
}

/// The types between which there is a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiType {
    /// A REST API of Amazon API Gateway.
    Rest,
    /// An HTTP API of Amazon API Gateway.
    Http,
    /// A GraphQL API of AWS AppSync.
    Graphql,
}

impl Subject for Api {
    fn read(document: &Document) -> Option<Self> {
        let rest = || RestApi::read(document).map(Self::Rest);
        let http = || HttpApi::read(document).map(Self::Http);
        let graphql = || GraphqlApi::read(document).map(Self::Graphql);
        rest().or_else(http).or_else(graphql)
    }
}

impl ApiType {
    const ALL: [Self; 3] = [Self::Rest, Self::Http, Self::Graphql];

    /// The type's name in parameters and findings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rest => "REST",
            Self::Http => "HTTP",
            Self::Graphql => "GRAPHQL",
        }
    }

    pub(crate) fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|api_type| api_type.as_str() == text)
    }
}

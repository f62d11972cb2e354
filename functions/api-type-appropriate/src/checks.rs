//! What the rule looks at.

use config_rule::{Check, Severity};

pub(crate) const REST_FEATURES_UNUSED: &Check = &Check {
    id: "rest-features-unused",
    severity: Severity::Medium,
    title: "A REST API uses nothing that an HTTP API lacks",
    remedy: "Replace it by an HTTP API, which answers faster and costs less per request, or use what makes it worth its \
             price: usage plans, request validation, AWS WAF, a cache",
};

pub(crate) const HTTP_API_LACKS_WAF: &Check = &Check {
    id: "http-api-lacks-waf",
    severity: Severity::High,
    title: "An HTTP API cannot have the web application firewall that is required",
    remedy: "Make it a REST API with a web ACL, or put CloudFront with a web ACL in front of it and waive this finding",
};

pub(crate) const GRAPHQL_API_KEY_ONLY: &Check = &Check {
    id: "graphql-api-key-only",
    severity: Severity::Medium,
    title: "An API key is all that a caller of the GraphQL API needs",
    remedy: "Authorize callers with IAM, Amazon Cognito, OpenID Connect or a Lambda function, and keep the key for what \
             is public",
};

pub(crate) const GRAPHQL_OVER_REST: &Check = &Check {
    id: "graphql-over-rest",
    severity: Severity::Low,
    title: "The only route of the API is POST /graphql",
    remedy: "Let AWS AppSync serve GraphQL: it authorizes, caches and resolves field by field, and pushes changes",
};

pub(crate) const API_TYPE_NOT_ALLOWED: &Check = &Check {
    id: "api-type-not-allowed",
    severity: Severity::Medium,
    title: "The API is of a type that is not allowed here",
    remedy: "Replace it by an API of an allowed type, or add its type to `allowedApiTypes`",
};

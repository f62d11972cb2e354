//! What the source ARN of an API grant lets through.

/// `arn:<partition>:execute-api:<region>:<account>:<api>/<stage>/<method>/<path>`, read. In the last part `*` stands
/// for any text, slashes included, and several in a row for no more than one does.
///
/// Source: Amazon API Gateway Developer Guide, "Control access to a REST API with IAM permissions", resource format.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Every method and path; of one API, or of all.
    EveryRoute {
        /// Id of the API, or `*`.
        api: String,
    },
    /// A route that hands every request which no other route takes to the function.
    CatchAll(String),
    /// One route.
    Route(String),
    /// Whatever names no route: an authorizer, a wildcard for one method, another service's ARN.
    Other,
}

impl Source {
    pub(crate) fn read(arn: &str) -> Self {
        let arn = with_single_wildcards(arn);
        let parts: Vec<_> = arn.splitn(6, ':').collect();
        match parts.as_slice() {
            [_, _, "execute-api", _, _, resource] => Self::of_resource(resource),
            // `arn:aws:execute-api:*` and the like: the wildcard swallows the rest.
            [_, _, "execute-api", .., "*"] => Self::every_route("*"),
            _ => Self::Other,
        }
    }

    fn of_resource(resource: &str) -> Self {
        let parts: Vec<_> = resource.splitn(4, '/').collect();
        match parts.as_slice() {
            ["*"] => Self::every_route("*"),
            // The wildcard swallows the slashes as well: `a1b2c3d4e5*`.
            [start] => match start.strip_suffix('*') {
                Some(api) if !api.contains(['*', '?']) => Self::every_route(api),
                _ => Self::Other,
            },
            [_, "authorizers", ..] => Self::Other,
            [api, "*"] | [api, _, "*"] | [api, _, "*", "*"] => Self::every_route(api),
            [_, _, "$default"] => Self::CatchAll("$default".to_owned()),
            // The routes of WebSocket APIs have a key in the place of method and path.
            [_, _, key] if !key.contains('*') => Self::Route((*key).to_owned()),
            [_, _, _, "*"] => Self::Other,
            [_, _, method, path] => Self::of_route(method, path),
            _ => Self::Other,
        }
    }

    fn every_route(api: &str) -> Self {
        Self::EveryRoute { api: api.to_owned() }
    }

    fn of_route(method: &str, path: &str) -> Self {
        let method = if method == "*" { "ANY" } else { method };
        let route = format!("{method} /{path}");
        if path.rsplit('/').next() == Some("{proxy+}") { Self::CatchAll(route) } else { Self::Route(route) }
    }
}

fn with_single_wildcards(arn: &str) -> String {
    let mut single = String::with_capacity(arn.len());
    for character in arn.chars() {
        if character != '*' || !single.ends_with('*') {
            single.push(character);
        }
    }
    single
}

/// Whether the ARN stands for the console's "Test" button only.
///
/// Source: Amazon API Gateway Developer Guide, "Test REST API methods"; the stage is called `test-invoke-stage`.
pub(crate) fn is_test_stage(arn: &str) -> bool {
    let parts: Vec<_> = arn.splitn(6, ':').collect();
    let [_, _, "execute-api", _, _, resource] = parts.as_slice() else { return false };
    resource.split('/').nth(1) == Some("test-invoke-stage")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_method_on_one_path_is_a_route_whatever_its_stage() {
        assert_eq!(read("ia2ajo0b3m/*/PATCH/register"), route("PATCH /register"));
        assert_eq!(read("ia2ajo0b3m/Prod/PATCH/register"), route("PATCH /register"));
        assert_eq!(read("ia2ajo0b3m/*/GET/"), route("GET /"));
        assert_eq!(read("ia2ajo0b3m/*/*/orders/*/lines"), route("ANY /orders/*/lines"));
        assert_eq!(read("ia2ajo0b3m/*/*/"), route("ANY /"));
    }

    #[test]
    fn a_key_of_a_websocket_api_is_a_route() {
        assert_eq!(read("ws1/prod/$connect"), route("$connect"));
        assert_eq!(read("ws1/prod/sendMessage"), route("sendMessage"));
    }

    #[test]
    fn every_way_to_cover_an_api_is_recognized() {
        for resource in ["a1*", "a1/*", "a1/*/*", "a1/Prod/*", "a1/*/*/*", "a1/Prod/*/*"] {
            assert_eq!(read(resource), Source::every_route("a1"), "{resource}");
        }
        for arn in [
            "arn:aws:execute-api:*",
            "arn:aws:execute-api:eu-west-1:111122223333:*",
            "arn:aws:execute-api:*:*:*/*",
        ] {
            assert_eq!(Source::read(arn), Source::every_route("*"), "{arn}");
        }
    }

    #[test]
    fn several_wildcards_in_a_row_are_one() {
        for resource in ["a1**", "a1/**", "a1/*/**", "a1/*/*/**", "a1/**/***/*"] {
            assert_eq!(read(resource), Source::every_route("a1"), "{resource}");
        }
        assert_eq!(Source::read("arn:aws:execute-api:**"), Source::every_route("*"));
        assert_eq!(read("a1/*/GET/**"), Source::Other);
        assert_eq!(read("a1/*/**/orders/**/lines"), route("ANY /orders/*/lines"));
    }

    #[test]
    fn a_wildcard_amid_the_id_of_an_api_names_no_route() {
        for resource in ["a*1", "*a1*", "a?*", "a1?"] {
            assert_eq!(read(resource), Source::Other, "{resource}");
        }
    }

    #[test]
    fn greedy_and_default_routes_catch_all() {
        for (resource, seen) in [
            ("a1/*/*/{proxy+}", "ANY /{proxy+}"),
            ("a1/*/GET/{proxy+}", "GET /{proxy+}"),
            ("a1/*/*/shop/{proxy+}", "ANY /shop/{proxy+}"),
            ("a1/*/$default", "$default"),
        ] {
            assert_eq!(read(resource), Source::CatchAll(seen.to_owned()), "{resource}");
        }
    }

    #[test]
    fn a_named_greedy_variable_is_a_route() {
        assert_eq!(read("a1/*/GET/files/{key+}"), route("GET /files/{key+}"));
    }

    #[test]
    fn authorizers_and_wildcards_of_one_method_name_no_route() {
        for resource in ["a1/authorizers/x1y2z3", "a1/*/GET/*", "a1/Prod", "a1"] {
            assert_eq!(read(resource), Source::Other, "{resource}");
        }
        for arn in ["arn:aws:s3:::bucket", "", "*", "arn:aws:execute-api"] {
            assert_eq!(Source::read(arn), Source::Other, "{arn}");
        }
    }

    #[test]
    fn the_partition_does_not_matter() {
        for partition in ["aws", "aws-cn", "aws-us-gov"] {
            let arn = format!("arn:{partition}:execute-api:cn-north-1:111122223333:a1/*/GET/pets");
            assert_eq!(Source::read(&arn), route("GET /pets"));
        }
    }

    #[test]
    fn only_the_stage_of_the_test_button_is_the_test_stage() {
        let arn = |resource: &str| format!("arn:aws:execute-api:eu-west-1:111122223333:{resource}");
        assert!(is_test_stage(&arn("a1/test-invoke-stage/GET/pets")));
        assert!(!is_test_stage(&arn("a1/test/GET/test-invoke-stage")));
        assert!(!is_test_stage("arn:aws:s3:::bucket/test-invoke-stage"));
    }

    fn read(resource: &str) -> Source {
        Source::read(&format!("arn:aws:execute-api:eu-west-1:111122223333:{resource}"))
    }

    fn route(route: &str) -> Source {
        Source::Route(route.to_owned())
    }
}

use std::collections::BTreeSet;

use wildmatch::WildMatch;

use crate::resource_policy::{Effect, ResourcePolicy, Statement};

impl ResourcePolicy {
    /// Whether anybody may invoke the function by it: a service, another account, the callers of its URL.
    #[must_use]
    pub fn lets_somebody_invoke(&self) -> bool {
        self.statements.iter().any(Statement::grants_invocation)
    }

    /// The services that may invoke the function, by their short names: `s3`, `apigateway`, `logs`.
    #[must_use]
    pub fn invoking_services(&self) -> BTreeSet<&str> {
        let statements = self.statements.iter().filter(|statement| statement.grants_invocation());
        statements.flat_map(Statement::service_names).collect()
    }
}

impl Statement {
    /// Whether it lets somebody invoke the function.
    #[must_use]
    pub fn grants_invocation(&self) -> bool {
        const INVOCATIONS: [&str; 2] = ["lambda:InvokeFunction", "lambda:InvokeFunctionUrl"];
        let matches_invocation = |action: &String| {
            let pattern = WildMatch::new_case_insensitive(action);
            INVOCATIONS.iter().any(|invocation| pattern.matches(invocation))
        };
        self.effect == Effect::Allow && self.actions.iter().any(matches_invocation)
    }

    /// The short names of the services that it speaks of.
    pub fn service_names(&self) -> impl Iterator<Item = &str> {
        self.services.iter().map(|service| short_name(service))
    }
}

/// `logs` for `logs.eu-west-1.amazonaws.com` and `logs.amazonaws.com.cn`: neither Region nor partition make another
/// service.
fn short_name(service: &str) -> &str {
    let domains = [".amazonaws.com.cn", ".amazonaws.com"];
    let name = domains.iter().find_map(|domain| service.strip_suffix(domain)).unwrap_or(service);
    match name.rsplit_once('.') {
        Some((name, region)) if is_region(region) => name,
        _ => name,
    }
}

fn is_region(label: &str) -> bool {
    2 <= label.matches('-').count() && label.ends_with(|last: char| last.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn region_and_partition_make_no_other_service() {
        for (service, name) in [
            ("apigateway.amazonaws.com", "apigateway"),
            ("apigateway.amazonaws.com.cn", "apigateway"),
            ("logs.eu-west-1.amazonaws.com", "logs"),
            ("logs.us-gov-west-1.amazonaws.com", "logs"),
            ("lambda.alarms.cloudwatch.amazonaws.com", "lambda.alarms.cloudwatch"),
            ("s3.amazonaws.com", "s3"),
            ("alexa-appkit.amazon.com", "alexa-appkit.amazon.com"),
        ] {
            let policy = ResourcePolicy { statements: vec![grant("lambda:InvokeFunction", service)] };
            assert_eq!(policy.invoking_services(), BTreeSet::from([name]));
        }
    }

    #[test]
    fn actions_are_patterns_without_case() {
        for (action, invokes) in [
            ("lambda:invokefunction", true),
            ("lambda:Invoke*", true),
            ("lambda:*", true),
            ("*", true),
            ("lambda:InvokeFunctionUrl", true),
            ("lambda:GetFunction", false),
        ] {
            let policy = ResourcePolicy { statements: vec![grant(action, "s3.amazonaws.com")] };
            assert_eq!(policy.invoking_services().contains("s3"), invokes, "{action}");
        }
    }

    #[test]
    fn a_refused_service_does_not_invoke() {
        let refused = Statement { effect: Effect::Deny, ..grant("lambda:*", "s3.amazonaws.com") };
        let policy = ResourcePolicy { statements: vec![refused] };
        assert!(policy.invoking_services().is_empty() && !policy.lets_somebody_invoke());
    }

    #[test]
    fn the_callers_of_its_url_invoke_a_function_though_they_are_no_service() {
        let url = Statement { services: Vec::new(), ..grant("lambda:InvokeFunctionUrl", "") };
        let policy = ResourcePolicy { statements: vec![url] };
        assert!(policy.invoking_services().is_empty() && policy.lets_somebody_invoke());
    }

    fn grant(action: &str, service: &str) -> Statement {
        Statement {
            path: "supplementaryConfiguration.Policy.Statement[0]".to_owned(),
            effect: Effect::Allow,
            actions: vec![action.to_owned()],
            services: vec![service.to_owned()],
            source_arns: Vec::new(),
            source_accounts: Vec::new(),
        }
    }
}

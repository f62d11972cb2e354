//! Functions, as Inspector and others name them.

use config_rule::Selector;
use serde_json::{Value, json};

use crate::{COVERAGE, FINDING};

/// The functions that a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted<'a> {
    All,
    One {
        name: &'a str,
        /// An administrator's answers are about all accounts of an organization.
        account: Option<&'a str>,
    },
}

impl<'a> Wanted<'a> {
    /// The functions that a selector is about, if Inspector can be asked for them.
    pub(crate) fn by(resource_type: &str, selector: Selector<'a>) -> Option<Self> {
        match (resource_type, selector) {
            (COVERAGE | FINDING, Selector::All) => Some(Self::All),
            (COVERAGE | FINDING, Selector::ReferringTo(text))
            | (COVERAGE, Selector::Id(text) | Selector::Arn(text) | Selector::Named(text)) => {
                Some(Self::one(text))
            }
            _ => None,
        }
    }

    /// The function with this ARN or this name.
    fn one(text: &'a str) -> Self {
        let parts: Vec<_> = text.split(':').collect();
        match parts.as_slice() {
            ["arn", _, "lambda", _, account, "function", name, ..] => {
                Self::One { name, account: Some(account) }
            }
            _ => Self::One { name: text, account: None },
        }
    }
}

/// The ARN of the function itself; Inspector's ids end with the qualifier `$LATEST`.
pub(crate) fn unqualified(arn: &str) -> &str {
    let qualifier = arn.match_indices(':').nth(6);
    qualifier.and_then(|(index, _)| arn.get(..index)).unwrap_or(arn)
}

/// The relation of a document to its function.
pub(crate) fn relationship(arn: &str) -> Value {
    let arn = unqualified(arn);
    let name = arn.rsplit(':').next();
    json!({"resourceType": "AWS::Lambda::Function", "resourceId": arn, "resourceName": name, "name": "Is associated with"})
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:lambda:eu-west-1:111122223333:function:orders";

    #[test]
    fn a_function_is_named_by_its_arn_with_and_without_qualifier_and_by_its_name() {
        let by_arn = Some(Wanted::One { name: "orders", account: Some("111122223333") });
        assert_eq!(Wanted::by(FINDING, Selector::ReferringTo(ARN)), by_arn);
        assert_eq!(Wanted::by(FINDING, Selector::ReferringTo(&format!("{ARN}:$LATEST"))), by_arn);
        let by_name = Some(Wanted::One { name: "orders", account: None });
        assert_eq!(Wanted::by(FINDING, Selector::ReferringTo("orders")), by_name);
    }

    #[test]
    fn only_the_qualifier_is_cut_off() {
        assert_eq!(unqualified(&format!("{ARN}:$LATEST")), ARN);
        assert_eq!(unqualified(ARN), ARN);
        assert_eq!(unqualified("orders"), "orders");
    }
}

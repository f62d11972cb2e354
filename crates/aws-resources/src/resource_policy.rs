use config_rule::{Known, Missing, Node, Object};

/// The policy attached to a resource that says who may use it, as far as rules read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourcePolicy {
    /// Its statements, in their order.
    pub statements: Vec<Statement>,
}

/// One statement of a resource policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Where it stands in the configuration item, such as `supplementaryConfiguration.Policy.Statement[0]`.
    pub path: String,
    /// Whether it grants or refuses.
    pub effect: Effect,
    /// The actions that it names, as written: their case carries no meaning, and they may be patterns. Empty if it
    /// has `NotAction` instead.
    pub actions: Vec<String>,
    /// The services among its principals, such as `apigateway.amazonaws.com`.
    pub services: Vec<String>,
    /// The resources on whose behalf it applies (`aws:SourceArn`), of conditions that ask for a match.
    pub source_arns: Vec<String>,
    /// The accounts on whose behalf it applies (`aws:SourceAccount`), of conditions that ask for a match.
    pub source_accounts: Vec<String>,
}

/// Whether a statement grants or refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It grants.
    Allow,
    /// It refuses, whatever other statements grant.
    Deny,
}

impl ResourcePolicy {
    /// The policy at `path`, decoded; `None` where the property is absent or null.
    pub(crate) fn read(root: &Node<'_>, path: &str) -> Known<Option<Self>> {
        let policy = root.at(path).and_then(|policy| {
            let statements: Known<Vec<_>> = match one_or_many(&policy, "Statement").get() {
                Ok(statements) => statements.iter().map(|node| Statement::read(node).into()).collect(),
                Err(missing) => Known::Unknown(missing),
            };
            statements.map(|statements| Self { statements })
        });
        // A policy without statements is not a missing policy: the inner absence must not pass as the outer one.
        match policy {
            Known::Unknown(Missing::Absent { path: absent } | Missing::Null { path: absent })
                if absent != path =>
            {
                Known::Unknown(Missing::Absent { path: absent })
            }
            other => other.optional(),
        }
    }
}

impl Statement {
    fn read(node: &Node<'_>) -> Result<Self, Missing> {
        Ok(Self {
            path: node.path(),
            effect: match *node.text("Effect").get()? {
                "Allow" => Effect::Allow,
                // IAM refuses any third value, so whatever else stands here grants nothing.
                _ => Effect::Deny,
            },
            actions: texts(node, "Action")?,
            services: services(node)?,
            source_arns: condition_values(node, "aws:SourceArn")?,
            source_accounts: condition_values(node, "aws:SourceAccount")?,
        })
    }
}

/// `Principal` is `"*"` or maps kinds to one or many.
fn services(statement: &Node<'_>) -> Result<Vec<String>, Missing> {
    match statement.object("Principal") {
        Known::Value(_) => texts(statement, "Principal.Service"),
        Known::Unknown(_) => Ok(Vec::new()),
    }
}

/// The values that a condition wants `key` to match. Condition keys carry no case; negated operators and `Null` name
/// what is *not* the source.
fn condition_values(statement: &Node<'_>, key: &str) -> Result<Vec<String>, Missing> {
    let mut values = Vec::new();
    let Some(condition) = statement.object("Condition").optional().get()?.map(Object::keys) else {
        return Ok(values);
    };
    for operator in condition.filter(|operator| asks_for_a_match(operator)) {
        let path = format!("Condition.{operator}");
        let tests = statement.object(&path);
        for tested in tests.get()?.keys().filter(|tested| tested.eq_ignore_ascii_case(key)) {
            values.extend(texts(statement, &format!("{path}.{tested}"))?);
        }
    }
    Ok(values)
}

/// Source: IAM User Guide, "IAM JSON policy elements: Condition operators"; any of them may be preceded by a set
/// operator and followed by `IfExists`.
fn asks_for_a_match(operator: &str) -> bool {
    const MATCHING: [&str; 5] =
        ["ArnLike", "ArnEquals", "StringLike", "StringEquals", "StringEqualsIgnoreCase"];
    let operator = operator.rsplit_once(':').map_or(operator, |(_, operator)| operator);
    let operator = operator.strip_suffix("IfExists").unwrap_or(operator);
    MATCHING.iter().any(|matching| matching.eq_ignore_ascii_case(operator))
}

/// The texts at `path`, where a single one needs no list; none if the property is absent.
fn texts(node: &Node<'_>, path: &str) -> Result<Vec<String>, Missing> {
    let values = one_or_many(node, path).optional();
    let mut texts = Vec::new();
    for value in values.get()?.iter().flatten() {
        texts.push((*value.as_text().get()?).to_owned());
    }
    Ok(texts)
}

fn one_or_many<'a>(node: &Node<'a>, path: &str) -> Known<Vec<Node<'a>>> {
    node.at(path).and_then(|value| {
        if value.value().as_list().is_some() { node.list(path) } else { Known::Value(vec![value]) }
    })
}

#[cfg(test)]
mod tests {
    use config_rule::Tree;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_single_statement_needs_no_list() {
        let policy = granted(&json!({"Statement": {
            "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "lambda:InvokeFunction",
            "Condition": {"StringEquals": {"AWS:SourceAccount": "111122223333"}, "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::b"}},
        }}));
        assert_eq!(
            policy.statements,
            [Statement {
                path: "supplementaryConfiguration.Policy.Statement".to_owned(),
                effect: Effect::Allow,
                actions: vec!["lambda:InvokeFunction".to_owned()],
                services: vec!["s3.amazonaws.com".to_owned()],
                source_arns: vec!["arn:aws:s3:::b".to_owned()],
                source_accounts: vec!["111122223333".to_owned()],
            }]
        );
    }

    #[test]
    fn every_matching_operator_and_key_case_names_a_source() {
        for operator in ["ArnLike", "ArnEquals", "StringLike", "ForAnyValue:ArnLike", "ArnLikeIfExists"] {
            for key in ["AWS:SourceArn", "aws:SourceArn", "aws:sourcearn"] {
                for value in [json!("arn:a"), json!(["arn:a"])] {
                    let policy = granted(&json!({"Statement": [{
                        "Effect": "Allow", "Principal": {"Service": ["a", "b"]}, "Condition": {operator: {key: value}},
                    }]}));
                    assert_eq!(policy.statements[0].source_arns, ["arn:a"], "{operator} {key}");
                    assert_eq!(policy.statements[0].services, ["a", "b"]);
                    assert_eq!(policy.statements[0].path, "supplementaryConfiguration.Policy.Statement[0]");
                }
            }
        }
    }

    #[test]
    fn a_negated_operator_names_no_source() {
        for operator in ["ArnNotLike", "StringNotEquals", "Null"] {
            let policy = granted(&json!({"Statement": [{
                "Effect": "Allow", "Principal": "*", "Condition": {operator: {"aws:SourceArn": "arn:a"}},
            }]}));
            assert_eq!(policy.statements[0].source_arns, [""; 0], "{operator}");
        }
    }

    #[test]
    fn everybody_is_no_service() {
        let policy = granted(&json!({"Statement": [{"Effect": "Deny", "Principal": "*"}]}));
        assert_eq!((policy.statements[0].effect, policy.statements[0].services.len()), (Effect::Deny, 0));
    }

    #[test]
    fn nobody_granted_is_none_and_not_unknown() {
        assert_eq!(read(&json!({})), Known::Value(None));
        assert_eq!(read(&json!({"Policy": null})), Known::Value(None));
    }

    #[test]
    fn what_is_no_policy_is_unknown() {
        for (policy, message) in [
            (json!("{"), "`supplementaryConfiguration.Policy`: expected an object, found text"),
            (json!({"Id": "default"}), "`supplementaryConfiguration.Policy.Statement` is absent"),
            (json!({"Statement": [{}]}), "`supplementaryConfiguration.Policy.Statement[0].Effect` is absent"),
            (
                json!({"Statement": [{"Effect": "Allow", "Principal": {"Service": 7}}]}),
                "`supplementaryConfiguration.Policy.Statement[0].Principal.Service`: expected text, found the number 7",
            ),
        ] {
            assert_eq!(read(&json!({"Policy": policy})).get().unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn a_policy_in_a_part_that_was_left_out_is_unknown() {
        let root = tree(json!({"configuration": {}}));
        let policy = ResourcePolicy::read(&Node::root(&root), "supplementaryConfiguration.Policy");
        assert!(matches!(policy, Known::Unknown(Missing::NotRecorded { .. })));
    }

    fn granted(policy: &Value) -> ResourcePolicy {
        read(&json!({ "Policy": policy })).get().unwrap().clone().unwrap()
    }

    fn read(supplementary: &Value) -> Known<Option<ResourcePolicy>> {
        let root = tree(json!({"supplementaryConfiguration": supplementary}));
        ResourcePolicy::read(&Node::root(&root), "supplementaryConfiguration.Policy")
    }

    fn tree(value: Value) -> Tree {
        serde_json::from_value(value).unwrap()
    }
}

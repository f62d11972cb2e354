use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_resources::{Function, Role};
use config_rule::{
    BoxFuture, Compliance, Document, Documents, Entry, Inventory, InventoryError, Known, Question, Rule as _,
    Selector, Verdict,
};
use rule_testing::{ItemsInventory, block_on};
use serde_json::{Value, json};

use crate::LambdaRoleLeastPrivilege;

const ROLE_ARN: &str = "arn:aws:iam::111122223333:role/orders";

#[test]
fn a_function_is_judged_in_two_questions_however_many_policies_its_role_has() {
    let arns = ["a", "b", "c"].map(|name| format!("arn:aws:iam::111122223333:policy/{name}"));
    let attached: Vec<_> = arns.iter().map(|arn| json!({"policyArn": arn})).collect();
    let mut items = vec![role(&lambda(), &json!(attached))];
    items.extend(arns.iter().map(|arn| policy(arn)));
    let inventory = CountingInventory::of(&items);
    let verdict = judged(&function(&Value::Null), &inventory);
    assert_eq!((verdict.compliance, verdict.undecided.len()), (Compliance::Compliant, 0));
    assert_eq!(inventory.asked.load(Ordering::Relaxed), 2);
}

#[test]
fn nothing_is_asked_about_a_role_of_another_service() {
    let inventory = CountingInventory::of(&[]);
    let trust = json!({"Statement": allow(&json!({"Service": "ec2.amazonaws.com"}))});
    let verdict = judged(&role(&trust, &json!([])), &inventory);
    assert_eq!(verdict.compliance, Compliance::NotApplicable);
    assert_eq!(inventory.asked.load(Ordering::Relaxed), 0);
}

#[test]
fn whoever_may_assume_the_role_besides_lambda_is_named_unless_expected() {
    for (principal, expected) in [
        (json!({"Service": "lambda.amazonaws.com"}), None),
        (json!({"Service": ["edgelambda.amazonaws.com", "lambda.amazonaws.com"]}), None),
        (json!({"AWS": "arn:aws:iam::111122223333:root"}), Some("`arn:aws:iam::111122223333:root`")),
        (json!({"Federated": "cognito-identity.amazonaws.com"}), Some("`cognito-identity.amazonaws.com`")),
        (json!("*"), Some("`*`")),
    ] {
        let other = json!({"Effect": "Allow", "Principal": principal, "Action": ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"]});
        let trust = json!({"Statement": [allow(&json!({"Service": "lambda.amazonaws.com"})), other]});
        let found = of_role(&trust);
        let expected = expected.map(|who| format!("{who} may assume the role"));
        assert_eq!(found, expected.map(|seen| ("broad-trust", seen)).into_iter().collect::<Vec<_>>());
    }
}

#[test]
fn a_denied_principal_is_not_trusted() {
    let ec2 = json!({"Service": "ec2.amazonaws.com"});
    let deny = json!({"Effect": "Deny", "Principal": ec2, "Action": "sts:AssumeRole"});
    let both = json!({"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]});
    assert_eq!(of_role(&json!({"Statement": [allow(&both), deny]})), []);
}

#[test]
fn a_role_is_for_functions_if_lambda_itself_may_assume_it() {
    let grant = |element: &str, principal: Value, action: &str| json!({"Effect": "Allow", element: principal, "Action": action});
    let deny = |element: &str, principal: Value, action: &str| json!({"Effect": "Deny", element: principal, "Action": action});
    let (by_service, by_identity) = ("sts:AssumeRole", "sts:AssumeRoleWithWebIdentity");
    let lambda = || json!({"Service": "lambda.amazonaws.com"});
    let ec2 = || json!({"Service": "ec2.amazonaws.com"});
    let people = || json!({"AWS": "arn:aws:iam::111122223333:root"});
    let conditional = |mut statement: Value, condition: Value| {
        statement["Condition"] = condition;
        statement
    };
    let organization = || json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3"}});
    for (statements, is_for_lambda) in [
        (json!([grant("Principal", lambda(), by_service)]), true),
        (json!([grant("Principal", lambda(), "*")]), true),
        (json!([grant("Principal", lambda(), by_identity)]), false),
        (json!({"Effect": "Allow", "Principal": lambda(), "NotAction": "sts:AssumeRoleWithSAML"}), true),
        (json!({"Effect": "Allow", "Principal": lambda(), "NotAction": "sts:Assume*"}), false),
        (json!([grant("Principal", lambda(), by_service), deny("Principal", json!("*"), by_identity)]), true),
        (json!([grant("Principal", lambda(), by_service), deny("Principal", json!("*"), by_service)]), false),
        (json!([grant("Principal", lambda(), by_service), deny("Principal", lambda(), "sts:*")]), false),
        (json!([grant("Principal", lambda(), by_service), deny("NotPrincipal", lambda(), by_service)]), true),
        (
            json!([grant("Principal", lambda(), by_service), deny("NotPrincipal", people(), by_service)]),
            false,
        ),
        (json!([grant("Principal", json!("*"), by_service)]), true),
        (json!([grant("Principal", json!({"AWS": "*"}), by_service)]), true),
        (json!([grant("Principal", json!("*"), by_service), deny("Principal", lambda(), by_service)]), false),
        (json!([conditional(grant("Principal", json!({"AWS": "*"}), by_service), organization())]), false),
        (json!([conditional(grant("Principal", lambda(), by_service), organization())]), true),
        (json!([grant("NotPrincipal", ec2(), by_service)]), true),
        (json!([grant("NotPrincipal", lambda(), by_service)]), false),
        (json!([conditional(grant("NotPrincipal", ec2(), by_service), organization())]), false),
        (json!([grant("Principal", people(), by_service)]), false),
    ] {
        let verdict =
            judged(&role(&json!({"Statement": statements}), &json!([])), &CountingInventory::of(&[]));
        assert_eq!(verdict.compliance != Compliance::NotApplicable, is_for_lambda, "{statements}");
    }
}

#[test]
fn everybody_may_assume_a_role_unless_a_deny_spares_lambda_alone() {
    let everybody = allow(&json!({"AWS": "*"}));
    assert_eq!(
        of_role(&json!({"Statement": everybody})),
        [("broad-trust", "`*` may assume the role".to_owned())]
    );
    let all_but =
        json!({"Effect": "Allow", "NotPrincipal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"});
    let seen = "everybody but a few may assume the role".to_owned();
    assert_eq!(of_role(&json!({"Statement": all_but})), [("broad-trust", seen)]);
    let spared = json!({"Effect": "Deny", "NotPrincipal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"});
    assert_eq!(of_role(&json!({"Statement": [everybody, spared]})), []);
    assert_eq!(of_role(&json!({"Statement": [all_but, spared]})), []);
}

#[test]
fn a_denied_way_to_assume_a_role_leaves_the_others() {
    let ec2 = json!({"Service": "ec2.amazonaws.com"});
    let deny = json!({"Effect": "Deny", "Principal": ec2, "Action": "sts:AssumeRoleWithWebIdentity"});
    let both = json!({"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]});
    let seen = "`ec2.amazonaws.com` may assume the role".to_owned();
    assert_eq!(of_role(&json!({"Statement": [allow(&both), deny]})), [("broad-trust", seen)]);
}

#[test]
fn a_caller_is_known_by_source_organization_endpoint_or_signature_and_not_by_address() {
    for (condition, is_public) in [
        (json!({}), true),
        (json!({"ArnLike": {"aws:SourceArn": "arn:aws:sns:eu-west-1:111122223333:orders"}}), false),
        (json!({"StringEquals": {"AWS:SourceAccount": "111122223333"}}), false),
        (json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3"}}), false),
        (json!({"StringEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}), false),
        (json!({"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}}), false),
        (json!({"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}), false),
        (json!({"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}), true),
        (json!({"ArnLike": {"aws:SourceArn": "*"}}), true),
        (json!({"ArnLike": {"aws:SourceArn": "arn:aws:events:*:*:rule/*"}}), true),
        (json!({"StringEqualsIfExists": {"aws:SourceAccount": "111122223333"}}), true),
        (json!({"ForAllValues:StringEquals": {"aws:SourceAccount": "111122223333"}}), true),
        (json!({"ForAllValues:StringLike": {"aws:PrincipalOrgID": ["o-a1b2c3"]}}), true),
        (json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": ["o-a1b2c3/*"]}}), false),
        (json!({"Null": {"aws:PrincipalArn": "false"}}), true),
        (json!({"Null": {"aws:PrincipalAccount": "false"}}), true),
        (json!({"Null": {"aws:SourceAccount": "false"}}), true),
        (json!({"Null": {"lambda:FunctionUrlAuthType": "false"}}), true),
        (json!({"BoolIfExists": {"lambda:InvokedViaFunctionUrl": "true"}}), true),
        (json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}), true),
        (json!({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:*"}}), true),
        (json!({"StringLike": {"aws:PrincipalArn": "arn:aws:iam:*"}}), true),
        (json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/deploy"}}), true),
        (json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}), false),
        (json!({"StringLike": {"aws:PrincipalAccount": "????????????"}}), true),
        (json!({"StringNotEquals": {"aws:SourceAccount": "111122223333"}}), true),
        (json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}), true),
    ] {
        let found = of_function(&statement(&json!("*"), &condition));
        assert_eq!(found, if is_public { vec!["public-invoke"] } else { Vec::new() }, "{condition}");
    }
}

#[test]
fn a_service_is_scoped_by_a_source_that_names_something() {
    let source = |arn: &str| json!({"ArnLike": {"aws:SourceArn": arn}});
    for (condition, is_unscoped) in [
        (json!({}), true),
        (source("arn:aws:events:*:*:*"), true),
        (source("arn:aws:events:*"), true),
        (source("arn:aws:events:*:*:rule/*"), true),
        (source("arn:aws:events:eu-west-1:*:rule/*"), true),
        (source("arn:*:events:*:????????????:rule/*"), true),
        (source("arn:aws:execute-api:*:*:*/*/*/*"), true),
        (source("arn:aws:sns:*:*:*"), true),
        (source("arn:aws:s3:::*"), true),
        (
            json!({"ArnLike": {"aws:SourceArn": ["arn:aws:events:*:111122223333:rule/orders", "arn:aws:events:*:*:rule/*"]}}),
            true,
        ),
        (json!({"Null": {"aws:SourceArn": "false"}}), true),
        (json!({"StringEquals": {"aws:PrincipalTag/team": "orders"}}), true),
        (source("arn:aws:events:*:111122223333:rule/*"), false),
        (source("arn:aws:events:*:*:rule/orders"), false),
        (source("arn:aws:execute-api:*:*:a1b2c3d4e5/*"), false),
        (source("arn:aws:sns:*:*:orders*"), false),
        (source("arn:aws:s3:::orders*"), false),
        (json!({"StringEquals": {"aws:SourceArn": "arn:aws:events:*:*:rule/*"}}), false),
        (json!({"ForAllValues:StringEquals": {"aws:SourceAccount": "111122223333"}}), false),
        (json!({"ArnLike": {"aws:SourceArn": "arn:aws:events:eu-west-1:111122223333:rule/*"}}), false),
        (json!({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::orders"}}), false),
        (json!({"StringEqualsIfExists": {"aws:SourceAccount": "111122223333"}}), false),
        (json!({"StringEquals": {"lambda:EventSourceToken": "amzn1.ask.skill.1"}}), false),
    ] {
        let found = of_function(&statement(&json!({"Service": "events.amazonaws.com"}), &condition));
        assert_eq!(found, if is_unscoped { vec!["unscoped-invoke"] } else { Vec::new() }, "{condition}");
    }
}

#[test]
fn other_actions_and_denied_ones_invoke_nothing() {
    let read = json!({"Effect": "Allow", "Principal": "*", "Action": "lambda:GetFunction", "Resource": "*"});
    assert_eq!(of_function(&json!([read])), [""; 0]);
    let everything =
        |effect: &str| json!({"Effect": effect, "Principal": "*", "Action": "lambda:*", "Resource": "*"});
    assert_eq!(of_function(&json!([everything("Allow")])), ["public-invoke"]);
    assert_eq!(of_function(&json!([everything("Allow"), everything("Deny")])), [""; 0]);
}

#[test]
fn a_deny_takes_back_what_it_is_about_and_not_what_is_beside_it() {
    let on = |effect: &str, (element, resource): (&str, &str)| {
        let arn = format!("arn:aws:lambda:eu-west-1:111122223333:{resource}");
        json!({"Effect": effect, "Principal": "*", "Action": "lambda:InvokeFunction", element: arn})
    };
    let (function, version) = (("Resource", "function:orders"), ("Resource", "function:orders:7"));
    for (denied, is_public) in [
        (version, true),
        (("NotResource", "function:orders"), true),
        (("NotResource", "function:*"), true),
        (function, false),
        (("Resource", "function:ord*"), false),
        (("NotResource", "function:orders:7"), false),
    ] {
        let found = of_function(&json!([on("Allow", function), on("Deny", denied)]));
        assert_eq!(found, if is_public { vec!["public-invoke"] } else { Vec::new() }, "{denied:?}");
    }
    let all_but = |left_out| {
        of_function(&json!([
            on("Allow", ("NotResource", left_out)),
            on("Deny", ("NotResource", "function:a"))
        ]))
    };
    assert_eq!((all_but("function:a"), all_but("function:b")), (vec![], vec!["public-invoke"]));
    assert_eq!(
        of_function(&json!([on("Allow", ("NotResource", "function:a")), on("Deny", function)])),
        ["public-invoke"]
    );
}

#[test]
fn a_policy_concerns_its_roles_and_their_functions() {
    let mut item = policy("arn:aws:iam::111122223333:policy/a");
    item["relationships"] = json!([
        {"resourceType": "AWS::IAM::Role", "resourceId": "AROA5", "resourceName": "orders", "name": "Is attached to Role"},
        {"resourceType": "AWS::IAM::User", "resourceId": "AIDA5", "resourceName": "eve", "name": "Is attached to User"},
    ]);
    assert_eq!(
        LambdaRoleLeastPrivilege::concerned(&document(&item)),
        [(Role::TYPE, Selector::Id("AROA5")), (Function::TYPE, Selector::ReferringTo("orders"))]
    );
}

#[test]
fn an_allowed_action_without_a_service_is_refused() {
    let given = [("allowedActions".to_owned(), "SendEmail".to_owned())].into();
    let error = Entry::of::<LambdaRoleLeastPrivilege>().prepare(&given).err().map(|error| error.to_string());
    assert_eq!(
        error.as_deref(),
        Some(
            "rule parameter `allowedActions`: expected comma-separated actions like `ses:SendEmail`, with `*` and \
             `?` as in policies, got `SendEmail`"
        )
    );
}

struct CountingInventory {
    items: ItemsInventory,
    asked: AtomicUsize,
}

impl CountingInventory {
    fn of(items: &[Value]) -> Self {
        let items = items.iter().map(document).collect();
        let recorded = [Role::TYPE, Function::TYPE].map(ToOwned::to_owned);
        Self { items: ItemsInventory::new(items, recorded), asked: AtomicUsize::new(0) }
    }
}

impl Inventory for CountingInventory {
    fn find<'a>(
        &'a self,
        resource_type: &'a str,
        selector: Selector<'a>,
    ) -> BoxFuture<'a, Result<Known<Documents>, InventoryError>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.items.find(resource_type, selector)
    }

    fn find_all<'a>(
        &'a self,
        questions: &'a [Question<'a>],
    ) -> BoxFuture<'a, Result<Vec<Known<Documents>>, InventoryError>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.items.find_all(questions)
    }
}

/// Check and observed value of each finding on a role without permissions.
fn of_role(trust: &Value) -> Vec<(&'static str, String)> {
    let verdict = judged(&role(trust, &json!([])), &CountingInventory::of(&[]));
    verdict.findings.into_iter().map(|finding| (finding.check.id, finding.seen)).collect()
}

/// The checks that find something in a function's resource policy.
fn of_function(statements: &Value) -> Vec<&'static str> {
    let inventory = CountingInventory::of(&[role(&lambda(), &json!([]))]);
    let verdict = judged(&function(&json!({"Statement": statements})), &inventory);
    verdict.findings.iter().map(|finding| finding.check.id).collect()
}

fn judged(item: &Value, inventory: &CountingInventory) -> Verdict {
    let rule = Entry::of::<LambdaRoleLeastPrivilege>().prepare(&BTreeMap::new()).unwrap();
    block_on(rule.evaluate(&document(item), inventory, "2026-10-01".parse().unwrap())).unwrap()
}

fn lambda() -> Value {
    json!({"Statement": allow(&json!({"Service": "lambda.amazonaws.com"}))})
}

fn allow(principal: &Value) -> Value {
    json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})
}

fn statement(principal: &Value, condition: &Value) -> Value {
    json!([{"Effect": "Allow", "Principal": principal, "Action": "lambda:InvokeFunction", "Resource": "*", "Condition": condition}])
}

fn role(trust: &Value, attached: &Value) -> Value {
    json!({
        "resourceType": Role::TYPE, "resourceId": "AROA5", "resourceName": "orders", "ARN": ROLE_ARN, "tags": {},
        "configuration": {
            "arn": ROLE_ARN, "assumeRolePolicyDocument": trust.to_string(), "rolePolicyList": [],
            "attachedManagedPolicies": attached,
        },
    })
}

fn policy(arn: &str) -> Value {
    let document = json!({"Statement": {"Effect": "Allow", "Action": "sqs:SendMessage",
        "Resource": "arn:aws:sqs:eu-west-1:111122223333:orders"}});
    json!({
        "resourceType": "AWS::IAM::Policy", "resourceId": arn, "ARN": arn, "tags": {},
        "relationships": [{"resourceType": Role::TYPE, "resourceId": "AROA5", "name": "Is attached to Role"}],
        "configuration": {"policyVersionList": [{"isDefaultVersion": true, "document": document.to_string()}]},
    })
}

fn function(policy: &Value) -> Value {
    json!({
        "resourceType": Function::TYPE, "resourceId": "orders", "tags": {},
        "configuration": {"role": ROLE_ARN}, "supplementaryConfiguration": {"Policy": policy},
    })
}

fn document(item: &Value) -> Document {
    Document::from_item(item.clone()).unwrap()
}

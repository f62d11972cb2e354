//! Combinations that let a role become more than it is.

use iam_policy::escalation::{self, COMBINATIONS};
use iam_policy::{EffectivePermissions, Policy, PolicyDocument, table};
use serde_json::{Value, json};

#[test]
fn each_combination_is_held_by_a_role_that_has_just_its_steps() {
    for combination in COMBINATIONS {
        let actions: Vec<_> = combination.steps.iter().map(|step| step.action()).collect();
        let all = json!({"Effect": "Allow", "Action": actions, "Resource": "*"});
        assert!(held(&all).contains(&combination.id), "{}", combination.id);
        for missing in &actions {
            let others: Vec<_> = actions.iter().filter(|action| action != &missing).collect();
            let most = json!({"Effect": "Allow", "Action": others, "Resource": "*"});
            assert!(!held(&most).contains(&combination.id), "{} without {missing}", combination.id);
        }
    }
}

#[test]
fn each_combination_has_its_own_id_known_actions_and_a_source() {
    for (index, combination) in COMBINATIONS.iter().enumerate() {
        assert!(COMBINATIONS[..index].iter().all(|other| other.id != combination.id), "{}", combination.id);
        assert!(combination.source.starts_with("https://"), "{}", combination.id);
        for step in combination.steps {
            assert!(table::action(step.action()).is_some(), "{}", step.action());
        }
    }
}

#[test]
fn passing_one_role_is_no_escalation() {
    let create =
        json!({"Effect": "Allow", "Action": "lambda:*", "Resource": "arn:aws:lambda:*:*:function:orders-*"});
    let pass = |resource: &str| json!({"Effect": "Allow", "Action": "iam:PassRole", "Resource": resource});
    assert!(
        held(&json!([create, pass("arn:aws:iam::111122223333:role/*")]))
            .contains(&"pass-role-to-new-function")
    );
    let one = "arn:aws:iam::111122223333:role/orders";
    assert_eq!(held(&json!([create, pass(one)])), Vec::<&str>::new());
}

#[test]
fn passing_every_role_to_another_service_is_no_escalation() {
    let create = json!({"Effect": "Allow", "Action": ["lambda:CreateFunction", "lambda:InvokeFunction"], "Resource": "*"});
    let pass = |service: &str| {
        json!({"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*",
            "Condition": {"StringEquals": {"iam:PassedToService": service}}})
    };
    assert_eq!(held(&json!([create, pass("lambda.amazonaws.com")])), ["pass-role-to-new-function"]);
    assert_eq!(held(&json!([create, pass("states.amazonaws.com")])), Vec::<&str>::new());
}

#[test]
fn ec2_goes_by_another_name_in_china() {
    let of = |service: &str, action: &str| {
        let pass = json!({"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*",
            "Condition": {"StringEquals": {"iam:PassedToService": service}}});
        let start = json!({"Effect": "Allow", "Action": action, "Resource": "*"});
        held(&json!([pass, start]))
    };
    assert_eq!(of("ec2.amazonaws.com", "ec2:RunInstances"), ["pass-role-to-instance"]);
    assert_eq!(of("ec2.amazonaws.com.cn", "ec2:RunInstances"), ["pass-role-to-instance"]);
    assert_eq!(of("ec2.amazonaws.com.cn", "cloudformation:CreateStack"), Vec::<&str>::new());
    assert_eq!(of("cloudformation.amazonaws.com.cn", "cloudformation:CreateStack"), Vec::<&str>::new());
}

#[test]
fn a_denied_step_breaks_the_combination() {
    let allow = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    assert_eq!(held(&allow).len(), COMBINATIONS.len());
    let deny = json!({"Effect": "Deny", "Action": ["iam:*", "lambda:UpdateFunctionCode", "glue:Update*"], "Resource": "*"});
    assert_eq!(held(&json!([allow, deny])), Vec::<&str>::new());
}

fn held(statements: &Value) -> Vec<&'static str> {
    let document =
        PolicyDocument::read(&json!({"Version": "2012-10-17", "Statement": statements})).expect("a policy");
    let permissions = EffectivePermissions::new(vec![Policy::inline("p", document)], None);
    escalation::held(&permissions).iter().map(|escalation| escalation.combination.id).collect()
}

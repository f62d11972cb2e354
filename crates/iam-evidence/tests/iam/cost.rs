//! What one evaluation of a function costs in calls, with a rule that asks for the function's role and its policies.

use std::time::{Duration, SystemTime};

use aws_stub::{Answer, Endpoint};
use config_lambda::{Function, Settings};
use config_rule::{
    Check, Date, Document, Documents, Entry, Finding, Inventory, InventoryError, Known, Outcome, Rule,
    RuleMeta, Selector, Severity, Subject, Trigger,
};
use iam_evidence::{IamEvidence, MANAGED_POLICY};
use serde_json::{Value, json};

use crate::answers::{AWS_POLICY, answer, no_attached, no_inline, policy, role, version};

#[tokio::test]
async fn with_a_recorded_role_and_known_policies_a_function_costs_one_question_and_its_report() {
    let config = Endpoint::start([
        found(&recorded_role(&[AWS_POLICY])),
        policy(AWS_POLICY, "ANPAAWS", "v1"),
        version("v1", "{}"),
        found(&recorded_role(&[AWS_POLICY])),
    ])
    .await;
    let function = function(&config);
    judge(&function).await;
    assert_eq!(
        config.operations(),
        ["SelectResourceConfig", "GetPolicy", "GetPolicyVersion", "PutEvaluations"]
    );
    assert_eq!(compliance(&config, 0), "COMPLIANT");
    judge(&function).await;
    assert_eq!(config.operations()[4..], ["SelectResourceConfig", "PutEvaluations"]);
}

#[tokio::test]
async fn a_role_that_is_not_recorded_comes_from_iam() {
    let config = Endpoint::start([nothing_recorded(), role("orders"), no_inline(), no_attached()]).await;
    judge(&function(&config)).await;
    let mut operations = config.operations();
    operations[3..5].sort_unstable();
    assert_eq!(
        operations,
        [
            "SelectResourceConfig",
            "DescribeConfigurationRecorders",
            "GetRole",
            "ListAttachedRolePolicies",
            "ListRolePolicies",
            "PutEvaluations",
        ]
    );
    assert_eq!(compliance(&config, 0), "COMPLIANT");
}

#[tokio::test]
async fn a_role_that_iam_does_not_have_either_is_known_not_to_exist() {
    let config = Endpoint::start([nothing_recorded(), ("GetRole", Answer::Error("NoSuchEntity"))]).await;
    judge(&function(&config)).await;
    assert_eq!(compliance(&config, 0), "NON_COMPLIANT");
}

#[tokio::test]
async fn iam_s_denial_is_never_a_verdict() {
    let config = Endpoint::start([nothing_recorded(), ("GetRole", Answer::Always("AccessDenied"))]).await;
    let diagnostic = function(&config).answer(changed(), deadline()).await.unwrap_err();
    assert_eq!(diagnostic.error_type, "EvidenceUnavailable");
    assert!(
        diagnostic.error_message.contains("`GetRole` was refused with AccessDenied"),
        "{}",
        diagnostic.error_message
    );
    assert_eq!(config.requests("PutEvaluations").len(), 0);
}

#[tokio::test]
async fn a_policy_that_is_attached_twice_is_asked_for_once() {
    let twice = format!(
        "<AttachedPolicies><member><PolicyName>a</PolicyName><PolicyArn>{AWS_POLICY}</PolicyArn></member>\
         <member><PolicyName>a</PolicyName><PolicyArn>{AWS_POLICY}</PolicyArn></member></AttachedPolicies>\
         <IsTruncated>false</IsTruncated>"
    );
    let config = Endpoint::start([
        nothing_recorded(),
        role("orders"),
        no_inline(),
        answer("ListAttachedRolePolicies", &twice),
        policy(AWS_POLICY, "ANPAAWS", "v1"),
        version("v1", "{}"),
    ])
    .await;
    judge(&function(&config)).await;
    assert_eq!(config.requests("GetPolicy").len(), 1);
    assert_eq!(compliance(&config, 0), "COMPLIANT");
}

static NO_ROLE: Check = Check {
    id: "no-role",
    severity: Severity::High,
    title: "the function's role does not exist",
    remedy: "give it one",
};

struct RoleName(String);

impl Subject for RoleName {
    fn read(document: &Document) -> Option<Self> {
        let arn = document.properties().text("configuration.role");
        let name = arn.get().ok()?.rsplit('/').next()?.to_owned();
        Some(Self(name))
    }
}

struct HasRole;

impl Rule for HasRole {
    const META: RuleMeta = RuleMeta {
        name: "has-role",
        practice: 5,
        title: "have a role",
        checks_that: "the function's role and its policies can be read",
        subjects: &["AWS::Lambda::Function"],
        triggers: &[Trigger::Change],
        checks: &[&NO_ROLE],
        actions: iam_evidence::ROLE_ACTIONS,
    };

    type Subject = RoleName;
    type Parameters = ();
    type Facts = Known<Documents>;

    async fn gather(
        role: &RoleName,
        (): &(),
        inventory: &dyn Inventory,
    ) -> Result<Self::Facts, InventoryError> {
        let roles = inventory.find("AWS::IAM::Role", Selector::Named(&role.0)).await?;
        for role in roles.get().into_iter().flat_map(Documents::iter) {
            let attached = role.properties().list("configuration.attachedManagedPolicies");
            for policy in attached.get().into_iter().flatten() {
                let arn = policy.text("policyArn");
                let found = inventory.find(MANAGED_POLICY, Selector::Arn(arn.get().unwrap())).await?;
                assert_eq!(found.map(|policies| policies.len()), Known::Value(1));
            }
        }
        Ok(roles)
    }

    fn evaluate(_: &RoleName, (): &(), roles: &Self::Facts, _: Date) -> Outcome {
        let finding = || Finding::new(&NO_ROLE, "no role", "one is expected", "configuration.role");
        Outcome::judged().and(&NO_ROLE, roles.get().map(|roles| roles.is_empty().then(finding)))
    }
}

fn function(config: &Endpoint) -> Function {
    static ENTRY: Entry = Entry::of::<HasRole>();
    let evidence: &'static IamEvidence = Box::leak(Box::new(IamEvidence::new()));
    let settings = Settings::from_variables(|name| config.variable(name)).unwrap();
    Function::new(&ENTRY, settings).with_evidence(Box::leak(Box::new([evidence as _])))
}

async fn judge(function: &Function) {
    function.answer(changed(), deadline()).await.unwrap();
}

fn deadline() -> SystemTime {
    SystemTime::now() + Duration::from_mins(1)
}

fn compliance(config: &Endpoint, report: usize) -> String {
    let requests = config.requests("PutEvaluations");
    requests[report]["Evaluations"][0]["ComplianceType"].as_str().unwrap().to_owned()
}

fn changed() -> Value {
    let item = json!({
        "resourceType": "AWS::Lambda::Function",
        "resourceId": "orders",
        "awsAccountId": "111122223333",
        "awsRegion": "eu-west-1",
        "configurationItemStatus": "OK",
        "configurationItemCaptureTime": "2027-01-31T23:59:59.123Z",
        "configuration": {"role": "arn:aws:iam::111122223333:role/service-role/orders"},
    });
    let notification =
        json!({"configurationItem": item, "messageType": "ConfigurationItemChangeNotification"});
    json!({
        "invokingEvent": notification.to_string(),
        "resultToken": "a-token",
        "configRuleName": "has-role",
        "accountId": "111122223333",
    })
}

fn recorded_role(policies: &[&str]) -> Value {
    let attached: Vec<_> = policies.iter().map(|arn| json!({"policyName": "a", "policyArn": arn})).collect();
    json!({
        "resourceType": "AWS::IAM::Role",
        "resourceId": "AROAEXAMPLE",
        "resourceName": "orders",
        "awsRegion": "global",
        "configuration": {"roleName": "orders", "attachedManagedPolicies": attached},
    })
}

fn found(row: &Value) -> (&'static str, Answer) {
    ("SelectResourceConfig", Answer::Ok(json!({"Results": [row.to_string()]})))
}

fn nothing_recorded() -> (&'static str, Answer) {
    ("DescribeConfigurationRecorders", Answer::Ok(json!({"ConfigurationRecorders": []})))
}

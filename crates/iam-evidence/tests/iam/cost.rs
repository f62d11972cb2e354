//! What a rule learns of a function's role, from AWS Config and from IAM, and what that costs in calls.

use std::time::{Duration, SystemTime};

use aws_resources::{gather_permissions, gather_role};
use aws_stub::iam::{AWS_POLICY, no_attached, no_inline, policy, role, version};
use aws_stub::{Answer, Endpoint};
use config_lambda::{Function, Settings};
use config_rule::{
    Check, Date, Document, Entry, Finding, Inventory, InventoryError, Known, Outcome, Rule, RuleMeta,
    Severity, Subject, Trigger,
};
use iam_evidence::IamEvidence;
use iam_policy::{EffectivePermissions, table};
use serde_json::{Value, json};

#[tokio::test]
async fn a_recorded_role_costs_one_question_and_its_policies_of_aws_two_once_an_hour() {
    let role = recorded_role(&[AWS_POLICY]);
    let config = Endpoint::start([
        found(&role),
        policy(AWS_POLICY, "ANPAAWS", "v1"),
        version("v1", WRITES),
        found(&role),
    ])
    .await;
    let function = function(&config);
    judge(&function).await;
    assert_eq!(
        config.operations(),
        ["SelectResourceConfig", "GetPolicy", "GetPolicyVersion", "PutEvaluations"]
    );
    assert_eq!(found_by(&config, 0), Some("may-write".to_owned()));
    judge(&function).await;
    assert_eq!(config.operations()[4..], ["SelectResourceConfig", "PutEvaluations"]);
    assert_eq!(found_by(&config, 1), Some("may-write".to_owned()));
}

#[tokio::test]
async fn a_role_that_is_not_recorded_comes_from_iam() {
    let config = Endpoint::start([
        nothing_recorded(),
        role("orders"),
        no_inline(),
        no_attached(),
        policy(BOUNDARY, "ANPABOUNDARY", "v1"),
        version("v1", WRITES),
    ])
    .await;
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
            "SelectResourceConfig",
            "GetPolicy",
            "GetPolicyVersion",
            "PutEvaluations",
        ]
    );
    // A boundary allows, but grants nothing.
    assert_eq!(found_by(&config, 0), Some("may-nothing".to_owned()));
}

#[tokio::test]
async fn a_role_that_iam_does_not_have_either_is_not_one_without_permissions() {
    let config = Endpoint::start([nothing_recorded(), ("GetRole", Answer::Error("NoSuchEntity"))]).await;
    judge(&function(&config)).await;
    assert_eq!(found_by(&config, 0), None);
}

#[tokio::test]
async fn a_policy_that_iam_does_not_have_leaves_everything_open() {
    let config =
        Endpoint::start([found(&recorded_role(&[AWS_POLICY])), ("GetPolicy", Answer::Error("NoSuchEntity"))])
            .await;
    judge(&function(&config)).await;
    assert_eq!(found_by(&config, 0), None);
}

#[tokio::test]
async fn iam_s_denial_is_never_a_verdict() {
    let of_role = [nothing_recorded(), ("GetRole", Answer::Always("AccessDenied"))];
    let of_policy = [found(&recorded_role(&[AWS_POLICY])), ("GetPolicy", Answer::Always("AccessDenied"))];
    for (script, denied) in [(of_role, "GetRole"), (of_policy, "GetPolicy")] {
        let config = Endpoint::start(script).await;
        let diagnostic = function(&config)
            .answer(serde_json::from_value(changed()).unwrap(), deadline())
            .await
            .unwrap_err();
        assert_eq!(diagnostic.error_type, "EvidenceUnavailable");
        let refusal = format!("`{denied}` was refused with AccessDenied");
        assert!(diagnostic.error_message.contains(&refusal), "{}", diagnostic.error_message);
        assert_eq!(config.requests("PutEvaluations").len(), 0);
    }
}

#[tokio::test]
async fn a_policy_that_is_attached_twice_is_asked_for_once() {
    let config = Endpoint::start([
        found(&recorded_role(&[AWS_POLICY, AWS_POLICY])),
        policy(AWS_POLICY, "ANPAAWS", "v1"),
        version("v1", WRITES),
    ])
    .await;
    judge(&function(&config)).await;
    assert_eq!(config.requests("GetPolicy").len(), 1);
    assert_eq!(found_by(&config, 0), Some("may-write".to_owned()));
}

const BOUNDARY: &str = "arn:aws:iam::111122223333:policy/boundary";
const WRITES: &str = r#"{"Statement":[{"Effect":"Allow","Action":"dynamodb:PutItem","Resource":"*"}]}"#;

static MAY_WRITE: Check = check("may-write");
static MAY_NOTHING: Check = check("may-nothing");

const fn check(id: &'static str) -> Check {
    Check { id, severity: Severity::High, title: "what the role may do", remedy: "change the role" }
}

struct RoleArn(String);

impl Subject for RoleArn {
    fn read(document: &Document) -> Option<Self> {
        let arn = document.properties().text("configuration.role");
        arn.get().ok().map(|arn| Self((*arn).to_owned()))
    }
}

/// Says whether the role may write to a table, and nothing if that is not known.
struct Writes;

impl Rule for Writes {
    const META: RuleMeta = RuleMeta {
        name: "writes",
        practice: 5,
        title: "know what a role may do",
        checks_that: "the function's role and its policies can be read",
        subjects: &["AWS::Lambda::Function"],
        triggers: &[Trigger::Change],
        checks: &[&MAY_WRITE, &MAY_NOTHING],
        actions: iam_evidence::ROLE_ACTIONS,
    };

    type Subject = RoleArn;
    type Parameters = ();
    type Facts = Known<EffectivePermissions>;

    async fn gather(
        arn: &RoleArn,
        (): &(),
        inventory: &dyn Inventory,
    ) -> Result<Self::Facts, InventoryError> {
        match gather_role(&arn.0, inventory).await? {
            Known::Value(role) => gather_permissions(&role, inventory).await,
            Known::Unknown(missing) => Ok(Known::Unknown(missing)),
        }
    }

    fn evaluate(_: &RoleArn, (): &(), permissions: &Self::Facts, _: Date) -> Outcome {
        let put = table::action("dynamodb:PutItem").unwrap();
        let writes = permissions.get().map(|permissions| permissions.grants_for(put).next().is_some());
        let finding = |check| move || Finding::new(check, "as the policies say", "the opposite", "role");
        Outcome::judged()
            .and(&MAY_WRITE, writes.clone().map(|writes| writes.then(finding(&MAY_WRITE))))
            .and(&MAY_NOTHING, writes.map(|writes| (!writes).then(finding(&MAY_NOTHING))))
    }
}

fn function(config: &Endpoint) -> Function {
    static ENTRY: Entry = Entry::of::<Writes>();
    let evidence: &'static IamEvidence = Box::leak(Box::new(IamEvidence::new()));
    let settings = Settings::from_variables(|name| config.variable(name)).unwrap();
    Function::new(&ENTRY, settings).with_evidence(Box::leak(Box::new([evidence as _])))
}

async fn judge(function: &Function) {
    function.answer(serde_json::from_value(changed()).unwrap(), deadline()).await.unwrap();
}

fn deadline() -> SystemTime {
    SystemTime::now() + Duration::from_mins(1)
}

/// The check that found something; none if nothing is known.
fn found_by(config: &Endpoint, report: usize) -> Option<String> {
    let requests = config.requests("PutEvaluations");
    let annotation = requests[report]["Evaluations"][0]["Annotation"].as_str()?;
    annotation.split_once(':').map(|(check, _)| check.to_owned())
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
        "configRuleName": "writes",
        "accountId": "111122223333",
    })
}

fn recorded_role(policies: &[&str]) -> Value {
    let attached: Vec<_> = policies.iter().map(|arn| json!({"policyName": "a", "policyArn": arn})).collect();
    json!({
        "resourceType": "AWS::IAM::Role",
        "resourceId": "AROAEXAMPLE",
        "resourceName": "orders",
        "arn": "arn:aws:iam::111122223333:role/service-role/orders",
        "awsRegion": "global",
        "configuration": {"roleName": "orders", "rolePolicyList": [], "attachedManagedPolicies": attached},
    })
}

fn found(row: &Value) -> (&'static str, Answer) {
    ("SelectResourceConfig", Answer::Ok(json!({"Results": [row.to_string()]})))
}

fn nothing_recorded() -> (&'static str, Answer) {
    ("DescribeConfigurationRecorders", Answer::Ok(json!({"ConfigurationRecorders": []})))
}

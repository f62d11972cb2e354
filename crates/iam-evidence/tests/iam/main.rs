//! IAM's answers as AWS Config would have recorded them, over a scripted endpoint.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod cost;

use std::time::{Duration, SystemTime};

use aws_stub::iam::{
    AWS_POLICY, CUSTOMER_POLICY, TRUST, answer, encoded, no_attached, no_inline, policy, role, version,
};
use aws_stub::{Answer, Endpoint};
use config_lambda::{Clients, Evidence, LookupError, Settings};
use config_rule::{Document, Documents, Known, Selector};
use iam_evidence::{IamEvidence, MANAGED_POLICY};
use serde_json::{Value, json};

const ROLE: &str = "AWS::IAM::Role";
const POLICY: &str = "AWS::IAM::Policy";

#[tokio::test]
async fn a_role_reads_as_config_records_it() {
    let iam = Endpoint::start([
        role("orders"),
        answer(
            "ListRolePolicies",
            "<PolicyNames><member>write</member></PolicyNames><IsTruncated>false</IsTruncated>",
        ),
        inline("write", r#"{"Statement":[{"Effect":"Allow","Action":"sqs:*","Resource":"*"}]}"#),
        answer(
            "ListAttachedRolePolicies",
            "<AttachedPolicies>\
             <member><PolicyName>AWSLambdaBasicExecutionRole</PolicyName>\
             <PolicyArn>arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole</PolicyArn></member>\
             <member><PolicyName>tables</PolicyName>\
             <PolicyArn>arn:aws:iam::111122223333:policy/tables</PolicyArn></member>\
             </AttachedPolicies><IsTruncated>false</IsTruncated>",
        ),
    ])
    .await;
    let role = only(ask(&iam, ROLE, Selector::Named("orders")).await);
    let expected = Document::from_item(json!({
        "resourceType": ROLE,
        "resourceId": "AROAEXAMPLEORDERS",
        "resourceName": "orders",
        "ARN": "arn:aws:iam::111122223333:role/service-role/orders",
        "awsAccountId": "111122223333",
        "awsRegion": "global",
        "configurationItemStatus": "OK",
        "tags": {"service": "orders"},
        "relationships": [
            {"resourceType": POLICY, "resourceName": "tables", "name": "Is attached to CustomerManagedPolicy"},
        ],
        "configuration": {
            "path": "/service-role/",
            "roleName": "orders",
            "roleId": "AROAEXAMPLEORDERS",
            "arn": "arn:aws:iam::111122223333:role/service-role/orders",
            "createDate": "2026-01-02T03:04:05Z",
            "assumeRolePolicyDocument": encoded(TRUST),
            "rolePolicyList": [{
                "policyName": "write",
                "policyDocument": encoded(r#"{"Statement":[{"Effect":"Allow","Action":"sqs:*","Resource":"*"}]}"#),
            }],
            "attachedManagedPolicies": [
                {
                    "policyName": "AWSLambdaBasicExecutionRole",
                    "policyArn": "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
                },
                {"policyName": "tables", "policyArn": "arn:aws:iam::111122223333:policy/tables"},
            ],
            "permissionsBoundary": {
                "permissionsBoundaryArn": "arn:aws:iam::111122223333:policy/boundary",
                "permissionsBoundaryType": "Policy",
            },
            "tags": [{"key": "service", "value": "orders"}],
            "roleLastUsed": {"lastUsedDate": "2026-02-03T04:05:06Z", "region": "eu-west-1"},
        },
        "supplementaryConfiguration": {},
    }));
    assert_eq!(role, expected.unwrap());
    assert_eq!(iam.requests("GetRolePolicy")[0]["PolicyName"], "write");
}

#[tokio::test]
async fn a_role_is_also_found_by_its_arn_and_only_by_its_own() {
    let arn = "arn:aws:iam::111122223333:role/service-role/orders";
    let answers = || [role("orders"), no_inline(), no_attached()];
    let iam = Endpoint::start(answers()).await;
    assert_eq!(only(ask(&iam, ROLE, Selector::Arn(arn)).await).arn.as_deref(), Some(arn));
    assert_eq!(iam.requests("GetRole")[0]["RoleName"], "orders");
    let iam = Endpoint::start(answers()).await;
    let namesake = Selector::Arn("arn:aws:iam::111122223333:role/orders");
    assert_eq!(ask(&iam, ROLE, namesake).await.unwrap(), Known::Value(Documents::default()));
}

#[tokio::test]
async fn lists_are_read_to_their_last_page() {
    let iam = Endpoint::start([
        role("orders"),
        answer(
            "ListRolePolicies",
            "<PolicyNames><member>one</member></PolicyNames><IsTruncated>true</IsTruncated><Marker>m1</Marker>",
        ),
        answer("ListRolePolicies", "<PolicyNames><member>two</member></PolicyNames><IsTruncated>false</IsTruncated>"),
        inline("one", "{}"),
        inline("two", "{}"),
        answer(
            "ListAttachedRolePolicies",
            "<AttachedPolicies><member><PolicyName>a</PolicyName><PolicyArn>arn:aws:iam::aws:policy/a</PolicyArn>\
             </member></AttachedPolicies><IsTruncated>true</IsTruncated><Marker>m2</Marker>",
        ),
        answer(
            "ListAttachedRolePolicies",
            "<AttachedPolicies><member><PolicyName>b</PolicyName><PolicyArn>arn:aws:iam::aws:policy/b</PolicyArn>\
             </member></AttachedPolicies><IsTruncated>false</IsTruncated>",
        ),
    ])
    .await;
    let role = only(ask(&iam, ROLE, Selector::Named("orders")).await);
    assert_eq!(names(&role, "configuration.rolePolicyList"), ["one", "two"]);
    assert_eq!(names(&role, "configuration.attachedManagedPolicies"), ["a", "b"]);
    assert_eq!(iam.requests("ListRolePolicies")[1]["Marker"], "m1");
    assert_eq!(iam.requests("ListAttachedRolePolicies")[1]["Marker"], "m2");
}

#[tokio::test]
async fn a_role_that_does_not_exist_is_a_promise_that_costs_one_call() {
    let iam = Endpoint::start([("GetRole", Answer::Error("NoSuchEntity"))]).await;
    assert_eq!(ask(&iam, ROLE, Selector::Named("orders")).await.unwrap(), Known::Value(Documents::default()));
    assert_eq!(iam.operations(), ["GetRole"]);
}

#[tokio::test]
async fn an_inline_policy_that_was_deleted_meanwhile_is_not_there() {
    let iam = Endpoint::start([
        role("orders"),
        answer(
            "ListRolePolicies",
            "<PolicyNames><member>gone</member></PolicyNames><IsTruncated>false</IsTruncated>",
        ),
        ("GetRolePolicy", Answer::Error("NoSuchEntity")),
        no_attached(),
    ])
    .await;
    let role = only(ask(&iam, ROLE, Selector::Named("orders")).await);
    assert_eq!(names(&role, "configuration.rolePolicyList"), [""; 0]);
}

#[tokio::test]
async fn a_role_that_was_deleted_meanwhile_does_not_exist() {
    let iam =
        Endpoint::start([role("orders"), ("ListRolePolicies", Answer::Error("NoSuchEntity")), no_attached()])
            .await;
    assert_eq!(ask(&iam, ROLE, Selector::Named("orders")).await.unwrap(), Known::Value(Documents::default()));
}

#[tokio::test]
async fn a_denied_call_is_an_error_that_names_it() {
    let iam = Endpoint::start([
        role("orders"),
        no_inline(),
        ("ListAttachedRolePolicies", Answer::Always("AccessDenied")),
    ])
    .await;
    let error = ask(&iam, ROLE, Selector::Named("orders")).await.unwrap_err();
    assert!(matches!(&error, LookupError::Call(call) if call.is_denied()), "{error:?}");
    assert_eq!(error.to_string(), "`ListAttachedRolePolicies` was refused with AccessDenied: as scripted");
}

#[tokio::test]
async fn a_throttled_call_is_repeated() {
    let iam = Endpoint::start([
        ("GetRole", Answer::Error("Throttling")),
        role("orders"),
        no_inline(),
        no_attached(),
    ])
    .await;
    assert_eq!(only(ask(&iam, ROLE, Selector::Named("orders")).await).resource_id, "AROAEXAMPLEORDERS");
}

#[tokio::test]
async fn a_customer_managed_policy_reads_as_config_records_it() {
    let document = r#"{"Version":"2012-10-17","Statement":[]}"#;
    let iam = Endpoint::start([policy(CUSTOMER_POLICY, "ANPAEXAMPLE", "v3"), version("v3", document)]).await;
    let policy = only(ask(&iam, POLICY, Selector::Arn(CUSTOMER_POLICY)).await);
    let expected = Document::from_item(json!({
        "resourceType": POLICY,
        "resourceId": "ANPAEXAMPLE",
        "resourceName": "tables",
        "ARN": CUSTOMER_POLICY,
        "awsAccountId": "111122223333",
        "awsRegion": "global",
        "configurationItemStatus": "OK",
        "tags": {},
        "relationships": [],
        "configuration": {
            "policyName": "tables",
            "policyId": "ANPAEXAMPLE",
            "arn": CUSTOMER_POLICY,
            "path": "/team/",
            "defaultVersionId": "v3",
            "attachmentCount": 1,
            "permissionsBoundaryUsageCount": 0,
            "isAttachable": true,
            "description": null,
            "createDate": "2026-01-02T03:04:05Z",
            "updateDate": "2026-01-02T03:04:05Z",
            "policyVersionList": [{
                "document": encoded(document),
                "versionId": "v3",
                "isDefaultVersion": true,
                "createDate": "2026-01-02T03:04:05Z",
            }],
        },
        "supplementaryConfiguration": {},
    }));
    assert_eq!(policy, expected.unwrap());
    assert_eq!(iam.requests("GetPolicyVersion")[0]["VersionId"], "v3");
}

#[tokio::test]
async fn an_aws_managed_policy_has_a_type_of_its_own() {
    let iam = Endpoint::start([policy(AWS_POLICY, "ANPAAWS", "v1"), version("v1", "{}")]).await;
    let policy = only(ask(&iam, MANAGED_POLICY, Selector::Arn(AWS_POLICY)).await);
    assert_eq!(policy.resource_type, MANAGED_POLICY);
    let other_kinds = [(MANAGED_POLICY, CUSTOMER_POLICY), (POLICY, AWS_POLICY)];
    for (resource_type, arn) in other_kinds {
        let found = ask(&iam, resource_type, Selector::Arn(arn)).await.unwrap();
        assert_eq!(found, Known::Value(Documents::default()), "{arn}");
    }
    assert_eq!(iam.operations().len(), 2);
}

#[tokio::test]
async fn a_version_is_fetched_once_in_the_life_of_the_process() {
    let (old, new) = (r#"{"Statement":[]}"#, r#"{"Statement":{}}"#);
    let iam = Endpoint::start([
        policy(AWS_POLICY, "ANPAAWS", "v1"),
        version("v1", old),
        policy(AWS_POLICY, "ANPAAWS", "v1"),
        policy(AWS_POLICY, "ANPAAWS", "v2"),
        version("v2", new),
    ])
    .await;
    let evidence = IamEvidence::keeping_for(Duration::ZERO);
    let mut documents = Vec::new();
    for _ in 0..3 {
        let found = ask_of(&evidence, &iam, MANAGED_POLICY, Selector::Arn(AWS_POLICY)).await;
        documents.push(only(found));
    }
    let texts: Vec<_> = documents.iter().map(policy_document).collect();
    assert_eq!(texts, [encoded(old), encoded(old), encoded(new)]);
    assert_eq!(
        iam.operations(),
        ["GetPolicy", "GetPolicyVersion", "GetPolicy", "GetPolicy", "GetPolicyVersion"]
    );
}

#[tokio::test]
async fn a_policy_of_aws_is_asked_for_once_an_hour_and_one_of_the_account_each_time() {
    let iam = Endpoint::start([
        policy(AWS_POLICY, "ANPAAWS", "v1"),
        version("v1", "{}"),
        policy(CUSTOMER_POLICY, "ANPAOURS", "v1"),
        version("v1", "{}"),
        policy(CUSTOMER_POLICY, "ANPAOURS", "v1"),
    ])
    .await;
    let evidence = IamEvidence::new();
    for _ in 0..2 {
        only(ask_of(&evidence, &iam, MANAGED_POLICY, Selector::Arn(AWS_POLICY)).await);
        only(ask_of(&evidence, &iam, POLICY, Selector::Arn(CUSTOMER_POLICY)).await);
    }
    assert_eq!(
        iam.operations(),
        ["GetPolicy", "GetPolicyVersion", "GetPolicy", "GetPolicyVersion", "GetPolicy"]
    );
    assert_eq!(iam.requests("GetPolicy")[2]["PolicyArn"], CUSTOMER_POLICY);
}

#[tokio::test]
async fn a_policy_of_aws_that_could_not_be_had_is_asked_for_again() {
    let iam = Endpoint::start([
        ("GetPolicy", Answer::Error("AccessDenied")),
        ("GetPolicy", Answer::Error("NoSuchEntity")),
        policy(AWS_POLICY, "ANPAAWS", "v1"),
        version("v1", "{}"),
    ])
    .await;
    let evidence = IamEvidence::new();
    let ask = || ask_of(&evidence, &iam, MANAGED_POLICY, Selector::Arn(AWS_POLICY));
    assert!(ask().await.is_err());
    assert_eq!(ask().await.unwrap(), Known::Value(Documents::default()));
    assert_eq!(only(ask().await).resource_id, "ANPAAWS");
}

#[tokio::test]
async fn a_policy_that_was_made_again_is_not_taken_for_its_namesake() {
    let (old, new) = (r#"{"Statement":[]}"#, r#"{"Statement":{}}"#);
    let iam = Endpoint::start([
        policy(CUSTOMER_POLICY, "ANPAOLD", "v1"),
        version("v1", old),
        policy(CUSTOMER_POLICY, "ANPANEW", "v1"),
        version("v1", new),
    ])
    .await;
    let evidence = IamEvidence::new();
    for expected in [old, new] {
        let policy = only(ask_of(&evidence, &iam, POLICY, Selector::Arn(CUSTOMER_POLICY)).await);
        assert_eq!(policy_document(&policy), encoded(expected));
    }
}

#[tokio::test]
async fn a_policy_that_does_not_exist_is_a_promise() {
    let iam = Endpoint::start([("GetPolicy", Answer::Error("NoSuchEntity"))]).await;
    assert_eq!(
        ask(&iam, POLICY, Selector::Arn(CUSTOMER_POLICY)).await.unwrap(),
        Known::Value(Documents::default())
    );
}

#[tokio::test]
async fn what_iam_cannot_be_asked_is_not_known() {
    let iam = Endpoint::start([]).await;
    for (resource_type, selector) in [
        (ROLE, Selector::All),
        (ROLE, Selector::Id("AROAEXAMPLE")),
        (ROLE, Selector::ReferringTo("orders")),
        (POLICY, Selector::Named("tables")),
        (MANAGED_POLICY, Selector::All),
    ] {
        let answer = ask(&iam, resource_type, selector).await.unwrap();
        assert!(matches!(answer, Known::Unknown(_)), "{resource_type} {selector:?}");
    }
    assert_eq!(iam.operations(), [""; 0]);
}

async fn ask(
    iam: &Endpoint,
    resource_type: &str,
    selector: Selector<'_>,
) -> Result<Known<Documents>, LookupError> {
    ask_of(&IamEvidence::new(), iam, resource_type, selector).await
}

async fn ask_of(
    evidence: &IamEvidence,
    iam: &Endpoint,
    resource_type: &str,
    selector: Selector<'_>,
) -> Result<Known<Documents>, LookupError> {
    let clients = Clients::new(Settings::from_variables(|name| iam.variable(name)).unwrap());
    let session = clients.until(SystemTime::now() + Duration::from_mins(1));
    evidence.find(session, resource_type, selector).await
}

fn only(answer: Result<Known<Documents>, LookupError>) -> Document {
    let Ok(Known::Value(documents)) = answer else { panic!("expected documents, found {answer:?}") };
    assert_eq!(documents.len(), 1, "{documents:?}");
    documents.first().unwrap().clone()
}

fn names(document: &Document, list: &str) -> Vec<String> {
    let policies = document.properties().list(list).get().unwrap().clone();
    policies.iter().map(|policy| (*policy.text("policyName").get().unwrap()).to_owned()).collect()
}

fn policy_document(policy: &Document) -> String {
    let versions: Value =
        policy.properties().at("configuration.policyVersionList").get().unwrap().value().to_value();
    versions[0]["document"].as_str().unwrap().to_owned()
}

fn inline(name: &str, document: &str) -> (&'static str, Answer) {
    let document = encoded(document);
    let result = format!(
        "<RoleName>orders</RoleName><PolicyName>{name}</PolicyName><PolicyDocument>{document}</PolicyDocument>"
    );
    answer("GetRolePolicy", &result)
}

//! Rules of other accounts: whose role is taken on, how long for, and who is refused.

use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use aws_credential_types::provider::ProvideCredentials;
use config_lambda::{Evidence, Function, LookupError, Service, Session};
use config_rule::{BoxFuture, Documents, Known, Selector, Timestamp};
use lambda_runtime::Diagnostic;
use serde_json::{Value, json};

use crate::endpoint::{Answer, Endpoint, payload};
use crate::events::{ACCOUNT, LONG_AGO, alarm_row, change, change_sent, function, rows, scheduled, with};
use crate::rules;

/// The account of the function; [`ACCOUNT`] is that of the rule.
const CENTRAL: &str = "999988887777";
const FUNCTION_ARN: &str =
    "arn:aws:lambda:eu-west-1:999988887777:function:serverless-conformance-short-timeouts";
const ROLE_ARN: &str = "arn:aws:iam::111122223333:role/serverless-conformance-member";
const EVERYBODY: &[(&str, &str)] = &[("MEMBER_ACCOUNTS", "*")];

#[tokio::test]
async fn a_rule_of_another_account_is_answered_with_a_role_there() {
    let aws = Endpoint::start([session(ACCOUNT, "MEMBER", 900)]).await;
    let central = aws.function(&rules::ON_CHANGE, EVERYBODY);
    judge(&central, change(&function("orders", 61))).await.unwrap();
    assert_eq!(aws.signed_operations(), calls(&[("AssumeRole", "example"), ("PutEvaluations", "MEMBER")]));
    assert_eq!(aws.only_evaluation()["ComplianceType"], "NON_COMPLIANT");
    let asked = &aws.requests("AssumeRole")[0];
    assert_eq!(asked["RoleArn"], ROLE_ARN);
    assert_eq!(asked["DurationSeconds"], "900");
    assert_eq!(asked["RoleSessionName"], format!("{}@{ACCOUNT}", rules::ON_CHANGE.meta.name));
}

#[tokio::test]
async fn every_call_of_a_scheduled_run_is_made_in_the_rules_account() {
    let aws = Endpoint::start([session(ACCOUNT, "MEMBER", 900)]).await;
    let central = aws.function(&rules::DAILY, EVERYBODY);
    judge(&central, scheduled()).await.unwrap();
    let made = aws.signed_operations();
    assert!(made.iter().any(|(operation, _)| operation == "SelectResourceConfig"), "{made:?}");
    assert!(made.iter().any(|(operation, _)| operation == "GetComplianceDetailsByConfigRule"), "{made:?}");
    for (operation, signer) in &made[1..] {
        assert_eq!(signer, "MEMBER", "{operation}");
    }
}

#[tokio::test]
async fn evidence_beyond_config_is_asked_for_in_the_rules_account() {
    let witness: &'static Witness = Box::leak(Box::default());
    let list: &'static [&'static dyn Evidence] = Box::leak(Box::new([witness as &dyn Evidence]));
    let aws = Endpoint::start([session(ACCOUNT, "MEMBER", 900)]).await;
    let central = aws.function(&rules::WITH_CROWN, EVERYBODY).with_evidence(list);
    judge(&central, change(&function("orders", 3))).await.unwrap();
    let own = aws.function(&rules::WITH_CROWN, EVERYBODY).with_evidence(list);
    own.answer(payload(change(&function("orders", 3))), deadline()).await.unwrap();
    assert_eq!(*witness.asked_by.lock().unwrap(), ["MEMBER", "MEMBER", "example", "example"]);
}

#[tokio::test]
async fn a_function_takes_on_nothing_for_a_rule_of_its_own_account() {
    let own_arn = FUNCTION_ARN.replace(CENTRAL, ACCOUNT);
    let aws = Endpoint::start([]).await;
    for arn in [own_arn.as_str(), "", "not an ARN"] {
        let own = aws.function(&rules::ON_CHANGE, EVERYBODY);
        own.answer_as(arn, payload(change(&function("orders", 61))), deadline()).await.unwrap();
    }
    assert_eq!(aws.signed_operations(), calls(&[("PutEvaluations", "example"); 3]));
}

#[tokio::test]
async fn a_session_is_used_again_by_events_of_the_same_account_only() {
    let other = "444455556666";
    let aws = Endpoint::start([session(ACCOUNT, "FIRST", 900), session(other, "SECOND", 900)]).await;
    let central = aws.function(&rules::ON_CHANGE, EVERYBODY);
    for account in [ACCOUNT, other, ACCOUNT, other] {
        let event = with(change(&function("orders", 61)), "accountId", account);
        judge(&central, event).await.unwrap();
    }
    let expected = [
        ("AssumeRole", "example"),
        ("PutEvaluations", "FIRST"),
        ("AssumeRole", "example"),
        ("PutEvaluations", "SECOND"),
        ("PutEvaluations", "FIRST"),
        ("PutEvaluations", "SECOND"),
    ];
    assert_eq!(aws.signed_operations(), calls(&expected));
}

#[tokio::test]
async fn a_session_that_would_not_outlast_the_invocation_is_replaced() {
    // Invocations end in 60 s.
    let aws = Endpoint::start([session(ACCOUNT, "SHORT", 50), session(ACCOUNT, "LONG", 70)]).await;
    let central = aws.function(&rules::ON_CHANGE, EVERYBODY);
    for _ in 0..3 {
        judge(&central, change(&function("orders", 61))).await.unwrap();
    }
    let expected = [
        ("AssumeRole", "example"),
        ("PutEvaluations", "SHORT"),
        ("AssumeRole", "example"),
        ("PutEvaluations", "LONG"),
        ("PutEvaluations", "LONG"),
    ];
    assert_eq!(aws.signed_operations(), calls(&expected));
}

#[tokio::test]
async fn a_session_with_which_something_failed_is_not_used_again() {
    let aws = Endpoint::start([
        session(ACCOUNT, "REVOKED", 900),
        session(ACCOUNT, "GOOD", 900),
        ("PutEvaluations", Answer::Error("ExpiredTokenException")),
    ])
    .await;
    let central = aws.function(&rules::ON_CHANGE, EVERYBODY);
    let diagnostic = judge(&central, change(&function("orders", 61))).await.unwrap_err();
    assert_eq!(diagnostic.error_type, "ReportRejected");
    judge(&central, change(&function("orders", 61))).await.unwrap();
    assert_eq!(aws.signed_operations()[2..], calls(&[("AssumeRole", "example"), ("PutEvaluations", "GOOD")]));
}

#[tokio::test]
async fn a_role_that_may_not_be_taken_on_is_unavailable_evidence_which_lambda_asks_for_again() {
    let aws =
        Endpoint::start([("AssumeRole", Answer::Error("AccessDenied")), session(ACCOUNT, "LATE", 900)]).await;
    let central = aws.function(&rules::ON_CHANGE, EVERYBODY);
    let diagnostic = judge(&central, change(&function("orders", 61))).await.unwrap_err();
    assert_eq!(diagnostic.error_type, "EvidenceUnavailable");
    assert_eq!(
        diagnostic.error_message,
        format!(
            "the role `{ROLE_ARN}`, which the rule's account must have, could not be had: `AssumeRole` was refused with \
             AccessDenied: as scripted"
        )
    );
    assert_eq!(aws.requests("PutEvaluations").len(), 0);
    judge(&central, change(&function("orders", 61))).await.unwrap();
    assert_eq!(aws.requests("PutEvaluations").len(), 1);
}

#[tokio::test]
async fn a_throttled_request_for_a_role_is_sent_again() {
    let aws =
        Endpoint::start([("AssumeRole", Answer::Error("ThrottlingException")), session(ACCOUNT, "M", 900)])
            .await;
    judge(&aws.function(&rules::ON_CHANGE, EVERYBODY), change(&function("orders", 61))).await.unwrap();
    assert_eq!(aws.requests("AssumeRole").len(), 2);
}

#[tokio::test]
async fn a_session_in_yet_another_account_is_not_used() {
    let aws = Endpoint::start([session("444455556666", "STRANGE", 900)]).await;
    let central = aws.function(&rules::ON_CHANGE, EVERYBODY);
    let diagnostic = judge(&central, change(&function("orders", 61))).await.unwrap_err();
    assert_eq!(diagnostic.error_type, "EvidenceUnavailable");
    let expected =
        "expected a session in account `111122223333`, found `arn:aws:sts::444455556666:assumed-role/";
    assert!(diagnostic.error_message.contains(expected), "{}", diagnostic.error_message);
    assert_eq!(aws.operations(), ["AssumeRole"]);
}

#[tokio::test]
async fn an_account_for_which_the_function_does_not_work_is_refused_for_good_and_nothing_is_asked() {
    let aws = Endpoint::start([]).await;
    for variables in [&[][..], &[("MEMBER_ACCOUNTS", "444455556666")]] {
        let central = aws.function(&rules::ON_CHANGE, variables);
        judge(&central, change(&function("orders", 61))).await.unwrap();
        judge(&central, scheduled()).await.unwrap();
    }
    assert_eq!(aws.operations(), [""; 0]);
}

#[tokio::test]
async fn an_account_that_is_listed_is_worked_for() {
    let aws = Endpoint::start([session(ACCOUNT, "MEMBER", 900)]).await;
    let central = aws.function(&rules::ON_CHANGE, &[("MEMBER_ACCOUNTS", "444455556666,111122223333")]);
    judge(&central, change(&function("orders", 61))).await.unwrap();
    assert_eq!(aws.operations(), ["AssumeRole", "PutEvaluations"]);
}

#[tokio::test]
async fn what_was_found_in_one_account_says_nothing_about_another() {
    let other = "444455556666";
    let aws = Endpoint::start([
        session(ACCOUNT, "FIRST", 900),
        session(other, "SECOND", 900),
        ("SelectResourceConfig", Answer::Ok(rows(&[alarm_row("errors", "orders")]))),
        ("SelectResourceConfig", Answer::Ok(rows(&[]))),
    ])
    .await;
    let central = aws.function(&rules::RELATED, EVERYBODY);
    for account in [ACCOUNT, other] {
        let event = with(change_sent(LONG_AGO, &function("orders", 3)), "accountId", account);
        judge(&central, event).await.unwrap();
    }
    let verdicts: Vec<_> = aws.reported().into_iter().map(|(_, _, compliance)| compliance).collect();
    assert_eq!(verdicts, ["COMPLIANT", "NON_COMPLIANT"]);
}

#[tokio::test]
async fn the_envelope_says_whose_the_rule_is_not_the_notification() {
    let aws = Endpoint::start([session("444455556666", "MEMBER", 900)]).await;
    let central = aws.function(&rules::ON_CHANGE, &[("MEMBER_ACCOUNTS", "444455556666")]);
    // The item says 111122223333.
    let event = with(change(&function("orders", 61)), "accountId", "444455556666");
    judge(&central, event).await.unwrap();
    assert_eq!(aws.requests("AssumeRole")[0]["RoleArn"], ROLE_ARN.replace(ACCOUNT, "444455556666"));
}

#[tokio::test]
async fn what_is_no_account_id_gets_into_no_arn() {
    let aws = Endpoint::start([]).await;
    let central = aws.function(&rules::ON_CHANGE, EVERYBODY);
    for account in ["", "11112222333", "111122223333:role/admin", "aws"] {
        let event = with(change(&function("orders", 61)), "accountId", account);
        let diagnostic = judge(&central, event).await.unwrap_err();
        assert_eq!(diagnostic.error_type, "UnexpectedConfigurationItem");
        let expected = format!("accountId: expected an account id of 12 digits, found `{account}`");
        assert_eq!(diagnostic.error_message, expected);
    }
    assert_eq!(aws.operations(), [""; 0]);
}

#[tokio::test]
async fn the_role_is_a_parameter_in_either_spelling_and_may_have_a_path() {
    let aws = Endpoint::start([session(ACCOUNT, "A", 900), session(ACCOUNT, "B", 900)]).await;
    let central = aws.function(&rules::ON_CHANGE, EVERYBODY);
    for name in ["executionRoleName", "ExecutionRoleName"] {
        let parameters = json!({ name: format!("/audit/{}", name.to_lowercase()) }).to_string();
        judge(&central, with(change(&function("orders", 61)), "ruleParameters", parameters)).await.unwrap();
    }
    let role = "arn:aws:iam::111122223333:role/audit/executionrolename";
    let asked: Vec<_> = aws.requests("AssumeRole").iter().map(|request| request["RoleArn"].clone()).collect();
    assert_eq!(asked, [role]);
}

#[tokio::test]
async fn a_role_that_can_be_none_is_the_parameters_fault() {
    let aws = Endpoint::start([]).await;
    let central = aws.function(&rules::ON_CHANGE, EVERYBODY);
    let event = with(change(&function("orders", 61)), "ruleParameters", r#"{"executionRoleName": "a role"}"#);
    assert_eq!(judge(&central, event).await.unwrap_err().error_type, "InvalidParameters");
    assert_eq!(aws.operations(), [""; 0]);
}

#[tokio::test]
async fn wrong_parameters_are_reported_on_the_rules_account() {
    let aws = Endpoint::start([session(ACCOUNT, "MEMBER", 900)]).await;
    let central = aws.function(&rules::DAILY, EVERYBODY);
    judge(&central, with(scheduled(), "ruleParameters", r#"{"maxSeconds": "six"}"#)).await.unwrap();
    assert_eq!(aws.signed_operations(), calls(&[("AssumeRole", "example"), ("PutEvaluations", "MEMBER")]));
    assert_eq!(aws.only_evaluation()["ComplianceResourceId"], ACCOUNT);
}

#[tokio::test]
async fn the_arn_is_of_the_functions_partition() {
    let aws = Endpoint::start([session(ACCOUNT, "MEMBER", 900)]).await;
    let central = aws.function(&rules::ON_CHANGE, EVERYBODY);
    let arn = FUNCTION_ARN.replace("arn:aws:lambda:eu-west-1", "arn:aws-cn:lambda:cn-north-1");
    central.answer_as(&arn, payload(change(&function("orders", 61))), deadline()).await.unwrap();
    assert_eq!(aws.requests("AssumeRole")[0]["RoleArn"], ROLE_ARN.replace("arn:aws:", "arn:aws-cn:"));
}

/// Lets the central function answer, with plenty of time.
async fn judge(central: &Function, event: Value) -> Result<(), Diagnostic> {
    central.answer_as(FUNCTION_ARN, payload(event), deadline()).await
}

fn deadline() -> SystemTime {
    SystemTime::now() + Duration::from_mins(1)
}

fn calls(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(operation, signer)| ((*operation).to_owned(), (*signer).to_owned())).collect()
}

/// An answer of STS: a session in `account` that lasts so many seconds.
fn session(account: &str, access_key_id: &str, seconds: i64) -> (&'static str, Answer) {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let expires = i64::try_from(now.as_secs()).unwrap() + seconds;
    let expires = Timestamp::from_second(expires).unwrap();
    let xml = format!(
        "<Credentials><AccessKeyId>{access_key_id}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>\
         <SessionToken>token</SessionToken><Expiration>{expires}</Expiration></Credentials>\
         <AssumedRoleUser><AssumedRoleId>AROAEXAMPLE:session</AssumedRoleId>\
         <Arn>arn:aws:sts::{account}:assumed-role/serverless-conformance-member/session</Arn></AssumedRoleUser>"
    );
    ("AssumeRole", Answer::Xml(xml))
}

/// Evidence that looks whose credentials its clients would have.
#[derive(Debug, Default)]
struct Witness {
    asked_by: Mutex<Vec<String>>,
}

impl Evidence for Witness {
    fn types(&self) -> &'static [&'static str] {
        &["Example::Crown"]
    }

    fn find<'a>(
        &'a self,
        session: Session<'a>,
        _: &'a str,
        _: Selector<'a>,
    ) -> BoxFuture<'a, Result<Known<Documents>, LookupError>> {
        Box::pin(async move {
            for service in [Service::Iam, Service::Inspector] {
                let provider = session.sdk_config(service).credentials_provider().unwrap();
                let credentials = provider.provide_credentials().await.unwrap();
                self.asked_by.lock().unwrap().push(credentials.access_key_id().to_owned());
            }
            Ok(Known::Value(Documents::default()))
        })
    }
}

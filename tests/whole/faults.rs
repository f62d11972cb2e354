//! What a function does when something fails: the real binaries, under a Lambda and before an AWS that the tests play.
//!
//! Every row of the table is a test: who is invoked, `when` which call is answered how, what comes of it. What can be
//! tried again must not be lost: either the call is repeated, or the invocation `fails`, so that Lambda repeats the
//! event and keeps it in the failure queue after that. What cannot succeed must not be tried again: the call is `asked`
//! once, and the invocation `succeeds_logging` why if no later one could do better.

mod case;
mod each_call;
mod retries;
mod runtime;

mod stage;

use std::time::Duration;

use aws_stub::Answer;
use case::{
    CUT, DENIED, EARLIER_RESULTS, EXPIRED, GARBLED, HISTORY, QUERY, REPORT, RESET, SILENCE, SKEWED, TAKEN,
    THROTTLED, failing, forever, on_change, on_change_with_evidence, on_oversized_change, on_schedule,
    throttled_for,
};
use serde_json::json;

const THREE_SECONDS: Duration = Duration::from_secs(3);
const FIVE_SECONDS: Duration = Duration::from_secs(5);

macro_rules! faults {
    ($($name:ident: $expected:expr;)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                $expected.holds().await;
            }
        )*
    };
}

// The report of a change.
faults! {
    without_a_fault_one_evaluation_is_reported_in_one_call:
        on_change().succeeds().asked(1).reports(1);
    a_throttled_report_is_sent_again:
        on_change().when(REPORT, [THROTTLED]).succeeds().asked(2).reports(1);
    a_throttled_report_waits_as_long_as_it_is_told_to:
        on_change().when(REPORT, [throttled_for(1500)]).succeeds().asked(2).reports(1)
            .takes_at_least(Duration::from_millis(1500));
    a_report_that_is_throttled_until_the_deadline_fails_before_it:
        on_change().within(THREE_SECONDS).when(REPORT, [forever(THROTTLED)])
            .fails("ReportRejected", "`PutEvaluations` was not answered").reports(0);
    a_report_is_sent_again_after_an_internal_error:
        on_change().when(REPORT, [failing(500)]).succeeds().asked(2).reports(1);
    a_report_is_sent_again_while_the_service_is_unavailable:
        on_change().when(REPORT, [failing(503), failing(502), failing(504)]).succeeds().asked(4).reports(1);
    a_report_is_sent_again_when_the_connection_is_reset:
        on_change().when(REPORT, [RESET]).succeeds().asked(2).reports(1);
    a_report_is_sent_again_when_the_answer_breaks_off:
        on_change().when(REPORT, [CUT]).succeeds().asked(2).reports(1);
    a_report_that_hangs_is_sent_again_while_there_is_time:
        on_change().within(FIVE_SECONDS).when(REPORT, [SILENCE]).succeeds().asked(2).reports(1);
    a_report_that_is_never_answered_fails_before_the_deadline:
        on_change().within(THREE_SECONDS).when(REPORT, [forever(SILENCE)])
            .fails("ReportRejected", "`PutEvaluations` was not answered").reports(0);
    a_report_with_a_malformed_answer_fails:
        on_change().within(THREE_SECONDS).when(REPORT, [forever(GARBLED)])
            .fails("ReportRejected", "`PutEvaluations` was not answered").reports(0);
    an_evaluation_that_was_not_taken_fails:
        on_change().when(REPORT, [not_taken(&[("AWS::Lambda::Function", "catalogue-thumbnail")])])
            .fails("ReportRejected", "did not take 1 of 1 evaluations, the first about AWS::Lambda::Function").asked(1);
    a_token_that_is_no_longer_valid_is_final:
        on_change().when(REPORT, [forever(Answer::Error("InvalidResultTokenException"))])
            .succeeds_logging("refused with InvalidResultTokenException").asked(1).reports(0);
    a_rule_that_is_gone_is_final:
        on_change().when(REPORT, [forever(Answer::Error("NoSuchConfigRuleException"))])
            .succeeds_logging("refused with NoSuchConfigRuleException").asked(1).reports(0);
    an_evaluation_that_is_invalid_is_final_and_named:
        on_change().when(REPORT, [forever(Answer::Error("ValidationException"))])
            .succeeds_logging("refused 1 of 1 evaluations, the first about AWS::Lambda::Function `catalogue-thumbnail`")
            .asked(1).reports(0);
    a_report_that_the_role_does_not_allow_is_sent_once_and_fails:
        on_change().when(REPORT, [forever(DENIED)])
            .fails("ReportRejected", "refused with AccessDeniedException").asked(1).reports(0);
    expired_credentials_are_tried_once_and_fail_because_the_next_sandbox_has_others:
        on_change().when(REPORT, [forever(EXPIRED)])
            .fails("ReportRejected", "refused with ExpiredTokenException").asked(1).reports(0);
    a_report_is_signed_again_when_the_clock_is_wrong:
        on_change().when(REPORT, [SKEWED]).succeeds().asked(2).reports(1);
}

// The item that was too large for its notification.
faults! {
    the_history_is_asked_again_when_it_is_throttled:
        on_oversized_change().when(HISTORY, [THROTTLED]).succeeds().asked(2).reports(1);
    a_history_that_the_role_does_not_allow_is_asked_for_once_and_fails:
        on_oversized_change().when(HISTORY, [forever(DENIED)])
            .fails("EvidenceUnavailable", "refused with AccessDeniedException").asked(1).reports(0);
    a_history_that_does_not_come_is_no_verdict:
        on_oversized_change().within(THREE_SECONDS).when(HISTORY, [forever(SILENCE)])
            .fails("EvidenceUnavailable", "`GetResourceConfigHistory` was not answered").reports(0);
    a_history_without_the_item_is_no_verdict:
        on_oversized_change().when(HISTORY, [Answer::Ok(json!({"configurationItems": []}))])
            .fails("EvidenceUnavailable", "the history holds no item up to that time").asked(1).reports(0);
}

// The evidence about a change.
faults! {
    evidence_is_asked_for_again_when_it_is_throttled:
        on_change_with_evidence().when(QUERY, [THROTTLED, THROTTLED]).succeeds().asked(3).reports(1);
    evidence_that_is_throttled_until_the_deadline_is_no_verdict:
        on_change_with_evidence().within(THREE_SECONDS).when(QUERY, [forever(THROTTLED)])
            .fails("EvidenceUnavailable", "was not answered").reports(0);
    evidence_that_hangs_is_asked_for_again_while_there_is_time:
        on_change_with_evidence().within(FIVE_SECONDS).when(QUERY, [SILENCE]).succeeds().asked(2).reports(1);
    evidence_that_does_not_come_is_no_verdict:
        on_change_with_evidence().within(THREE_SECONDS).when(QUERY, [forever(SILENCE)])
            .fails("EvidenceUnavailable", "was not answered").reports(0);
    evidence_that_the_role_does_not_allow_is_asked_for_once_and_no_verdict:
        on_change_with_evidence().when(QUERY, [forever(DENIED)])
            .fails("EvidenceUnavailable", "refused with AccessDeniedException").asked(1).reports(0);
    evidence_is_not_asked_for_again_with_expired_credentials:
        on_change_with_evidence().when(QUERY, [forever(EXPIRED)])
            .fails("EvidenceUnavailable", "refused with ExpiredTokenException").asked(1).reports(0);
    evidence_that_cannot_be_read_is_no_verdict:
        on_change_with_evidence().when(QUERY, [Answer::Ok(json!({"Results": ["{\"resourceId\":"]}))])
            .fails("EvidenceUnavailable", "`SelectResourceConfig` answered with something that is no").reports(0);
}

// The reports of a schedule, in batches of 100, and the earlier results of what has vanished.
faults! {
    without_a_fault_a_schedule_reports_in_three_calls:
        on_schedule().succeeds().asked(3).reports(250);
    a_batch_that_is_throttled_is_sent_again_and_the_others_once:
        on_schedule().when(REPORT, [TAKEN, THROTTLED]).succeeds().asked(4).reports(250);
    batches_after_one_that_was_never_taken_wait_for_the_retry:
        on_schedule().within(FIVE_SECONDS).when(REPORT, [TAKEN, forever(SILENCE)])
            .fails("ReportRejected", "`PutEvaluations` was not answered").reports(100);
    the_batches_after_an_invalid_token_are_not_sent:
        on_schedule().when(REPORT, [TAKEN, forever(Answer::Error("InvalidResultTokenException"))])
            .succeeds_logging("refused with InvalidResultTokenException").asked(2).reports(100);
    an_invalid_batch_is_sent_in_halves:
        on_schedule().when(REPORT, [TAKEN, Answer::Error("ValidationException")]).succeeds().asked(5).reports(250);
    evaluations_that_were_not_taken_do_not_hold_up_the_next_batch:
        on_schedule().when(REPORT, [TAKEN, not_taken(&[("AWS::SQS::Queue", "a"), ("AWS::SQS::Queue", "b")])])
            .fails("ReportRejected", "did not take 2 of 250 evaluations, the first about AWS::SQS::Queue `a`").asked(3);
    a_list_that_is_throttled_until_the_deadline_leaves_time_to_say_so:
        on_schedule().within(THREE_SECONDS).when(QUERY, [forever(THROTTLED)])
            .fails("EvidenceUnavailable", "questions without an answer: 1, the first: which AWS::SQS::Queue there are")
            .reports(0);
    denied_evidence_is_asked_for_once_and_not_for_each_resource:
        on_schedule().and(EARLIER_RESULTS, earlier(&["queue-7", "gone"], None))
            .when(QUERY, [Answer::Usual, Answer::Usual, Answer::Usual, forever(DENIED)])
            .fails("EvidenceUnavailable", "questions without an answer: 250").asked(4).reports(1);
    what_has_vanished_is_retired:
        on_schedule().when(EARLIER_RESULTS, [earlier(&["queue-7", "gone"], None)])
            .succeeds().asked(1).reports(251);
    earlier_results_that_are_throttled_are_asked_for_again:
        on_schedule().when(EARLIER_RESULTS, [THROTTLED, earlier(&["gone"], None)])
            .succeeds().asked(2).reports(251);
    a_rule_that_is_gone_when_its_earlier_results_are_asked_for_is_final:
        on_schedule().when(EARLIER_RESULTS, [forever(Answer::Error("NoSuchConfigRuleException"))])
            .succeeds_logging("refused with NoSuchConfigRuleException").asked(1);
    nothing_is_retired_when_the_earlier_results_are_incomplete:
        on_schedule().when(EARLIER_RESULTS, [earlier(&["gone"], Some("page 2")), forever(DENIED)])
            .fails("EvidenceUnavailable", "the earlier results of rule").asked(2).reports(250);
}

/// Taken, except for these.
fn not_taken(resources: &[(&str, &str)]) -> Answer {
    let evaluation = |(resource_type, id): &(&str, &str)| {
        json!({
            "ComplianceResourceType": resource_type, "ComplianceResourceId": id, "ComplianceType": "COMPLIANT",
            "OrderingTimestamp": 1_794_726_005,
        })
    };
    Answer::Ok(json!({"FailedEvaluations": resources.iter().map(evaluation).collect::<Vec<_>>()}))
}

/// A page of what was said of queues before.
fn earlier(queues: &[&str], next_token: Option<&str>) -> Answer {
    let result = |name: &&str| {
        json!({
            "ComplianceType": "NON_COMPLIANT",
            "EvaluationResultIdentifier": {
                "EvaluationResultQualifier": {
                    "ConfigRuleName": "a-rule-conformance-pack-abcdefghi", "ResourceType": "AWS::SQS::Queue",
                    "ResourceId": format!("https://sqs.eu-west-1.amazonaws.com/111122223333/{name}"),
                },
                "OrderingTimestamp": 1_794_639_605,
            },
        })
    };
    Answer::Ok(json!({
        "EvaluationResults": queues.iter().map(result).collect::<Vec<_>>(), "NextToken": next_token,
    }))
}

use local_aws_config::LocalAwsConfig;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{call, call_as, http, item, items, started};

const FUNCTION: &str = "AWS::Lambda::Function";

#[tokio::test]
async fn an_unknown_operation_is_refused() {
    let (config, _folder) = evaluated().await;
    let answer = call(&config, "PutConfigRule", &json!({})).await;
    assert_eq!(answer.error(), "UnknownOperationException");
    assert_eq!(answer.header("content-type"), Some("application/x-amz-json-1.1"));
    assert_eq!(answer.header("x-amzn-requestid").map(str::len), Some(36));
    let endpoint = config.endpoint();
    let address = endpoint.trim_start_matches("http://");
    assert_eq!(http(address, "GET", "/", &[], b"").await.error(), "UnknownOperationException");
    let target = ("x-amz-target", "AmazonSSM.DescribeConfigRules");
    assert_eq!(http(address, "POST", "/", &[target], b"{}").await.error(), "UnknownOperationException");
    config.shutdown().await;
}

#[tokio::test]
async fn what_is_no_json_or_of_a_wrong_type_does_not_serialize() {
    let (config, _folder) = evaluated().await;
    let endpoint = config.endpoint();
    let target = ("x-amz-target", "StarlingDoveService.DescribeConfigRules");
    let answer = http(endpoint.trim_start_matches("http://"), "POST", "/", &[target], b"{").await;
    assert_eq!(answer.error(), "SerializationException");
    let input = json!({"ConfigRuleNames": "one"});
    assert_eq!(call(&config, "DescribeConfigRules", &input).await.error(), "SerializationException");
    config.shutdown().await;
}

#[tokio::test]
async fn an_evaluation_with_an_issued_token_is_stored() {
    let (config, _folder) = evaluated().await;
    let evaluation = json!({
        "ComplianceResourceType": FUNCTION, "ComplianceResourceId": "a", "ComplianceType": "NON_COMPLIANT",
        "Annotation": "times out after 60 s", "OrderingTimestamp": 1_800_000_000.25,
    });
    let answer = put(&config, json!([evaluation])).await;
    assert_eq!((answer.status, answer.body), (200, json!({"FailedEvaluations": []})));
    let stored = details(&config, "a").await;
    assert_eq!(stored["ComplianceType"], "NON_COMPLIANT");
    assert_eq!(stored["Annotation"], "times out after 60 s");
    assert_eq!(stored["EvaluationResultIdentifier"]["OrderingTimestamp"], 1_800_000_000.25);
    assert!(stored["ResultRecordedTime"].is_f64() && stored["ConfigRuleInvokedTime"].is_f64());
    config.shutdown().await;
}

#[tokio::test]
async fn an_older_event_never_replaces_a_newer_result() {
    let (config, _folder) = evaluated().await;
    for (time, kind) in [(2_000_000_000, "NON_COMPLIANT"), (1_999_999_999, "COMPLIANT")] {
        assert_eq!(put(&config, json!([with("OrderingTimestamp", json!(time), kind)])).await.status, 200);
    }
    assert_eq!(details(&config, "a").await["ComplianceType"], "NON_COMPLIANT");
    put(&config, json!([with("OrderingTimestamp", json!(2_000_000_000), "COMPLIANT")])).await;
    assert_eq!(details(&config, "a").await["ComplianceType"], "COMPLIANT");
    config.shutdown().await;
}

#[tokio::test]
async fn not_applicable_removes_a_result_from_the_queries() {
    let (config, _folder) = evaluated().await;
    put(&config, json!([with("OrderingTimestamp", json!(2_000_000_000), "NOT_APPLICABLE")])).await;
    let input = json!({"ConfigRuleName": rule(&config).await});
    let shown = call(&config, "GetComplianceDetailsByConfigRule", &input).await;
    assert!(shown.body["EvaluationResults"].as_array().unwrap().iter().all(|result| id(result) != "a"));
    assert!(config.results().iter().any(|result| result.resource_id == "a"));
    config.shutdown().await;
}

#[tokio::test]
async fn a_hundred_evaluations_are_accepted_and_one_more_is_not() {
    let (config, _folder) = evaluated().await;
    let many = |count: usize| json!(vec![evaluation(); count]);
    assert_eq!(put(&config, many(0)).await.status, 200);
    assert_eq!(put(&config, many(100)).await.status, 200);
    let refused = put(&config, many(101)).await;
    assert_eq!(refused.error(), "ValidationException");
    assert!(refused.message().contains("at 'evaluations'"), "{refused:?}");
    assert_eq!(put(&config, Value::Null).await.error(), "InvalidParameterValueException");
    config.shutdown().await;
}

#[tokio::test]
async fn every_member_of_an_evaluation_has_its_limits() {
    let (config, _folder) = evaluated().await;
    let accepted = [
        ("Annotation", json!("x")),
        ("Annotation", json!("ä".repeat(256))),
        ("Annotation", Value::Null),
        ("ComplianceResourceId", json!("i".repeat(768))),
        ("ComplianceResourceType", json!("AWS::::Account")),
        ("ComplianceResourceType", json!("AWS::SQS::QueuePolicy")),
        ("ComplianceType", json!("NOT_APPLICABLE")),
    ];
    for (member, value) in accepted {
        let answer = put(&config, json!([with(member, value.clone(), "COMPLIANT")])).await;
        assert_eq!(answer.status, 200, "{member}: {value}: {answer:?}");
    }
    let (validation, parameter) = ("ValidationException", "InvalidParameterValueException");
    let refused = [
        ("Annotation", json!(""), validation),
        ("Annotation", json!("ä".repeat(257)), validation),
        ("ComplianceResourceId", json!(""), validation),
        ("ComplianceResourceId", json!("i".repeat(769)), validation),
        ("ComplianceResourceId", Value::Null, validation),
        ("ComplianceResourceType", json!("A".repeat(257)), validation),
        ("ComplianceResourceType", json!("AWS::Account"), parameter),
        ("ComplianceResourceType", Value::Null, validation),
        ("ComplianceType", json!("INSUFFICIENT_DATA"), parameter),
        ("ComplianceType", json!("FINE"), validation),
        ("ComplianceType", Value::Null, validation),
        ("OrderingTimestamp", Value::Null, validation),
        ("OrderingTimestamp", json!("2026-10-01"), "SerializationException"),
    ];
    for (member, value, error) in refused {
        let answer = put(&config, json!([evaluation(), with(member, value.clone(), "COMPLIANT")])).await;
        assert_eq!(answer.error(), error, "{member}: {value}");
    }
    config.shutdown().await;
}

#[tokio::test]
async fn one_bad_evaluation_stores_nothing_of_the_call() {
    let (config, _folder) = evaluated().await;
    let good = with("OrderingTimestamp", json!(2_000_000_000), "NON_COMPLIANT");
    put(&config, json!([good, with("Annotation", json!("x".repeat(257)), "COMPLIANT")])).await;
    assert_eq!(details(&config, "a").await["ComplianceType"], "COMPLIANT");
    config.shutdown().await;
}

#[tokio::test]
async fn a_token_is_ours_and_of_the_callers_account() {
    let mut elsewhere = item("there", 1);
    elsewhere["awsAccountId"] = json!("444455556666");
    elsewhere["ARN"] = json!("arn:aws:lambda:eu-west-1:444455556666:function:there");
    let (config, _folder) = started(items([item("a", 1), item("b", 1), elsewhere]), &["one"], |_| {}).await;
    config.evaluate_all(&|_| {}).await;
    let input = json!({"ResultToken": "TESTMODE", "Evaluations": [evaluation()]});
    assert_eq!(call(&config, "PutEvaluations", &input).await.error(), "InvalidResultTokenException");
    let input = json!({"Evaluations": [evaluation()]});
    assert_eq!(call(&config, "PutEvaluations", &input).await.error(), "ValidationException");
    let input = json!({"ResultToken": token(&config).await, "Evaluations": [evaluation()]});
    let other = ("444455556666", "eu-west-1");
    assert_eq!(
        call_as(&config, other, "PutEvaluations", &input).await.error(),
        "InvalidResultTokenException"
    );
    assert_eq!(call(&config, "PutEvaluations", &input).await.status, 200);
    config.shutdown().await;
}

#[tokio::test]
async fn test_mode_checks_and_stores_nothing() {
    let (config, _folder) = evaluated().await;
    let good = with("OrderingTimestamp", json!(2_000_000_000), "NON_COMPLIANT");
    let input =
        |evaluation: &Value| json!({"ResultToken": "any", "TestMode": true, "Evaluations": [evaluation]});
    assert_eq!(call(&config, "PutEvaluations", &input(&good)).await.status, 200);
    assert_eq!(details(&config, "a").await["ComplianceType"], "COMPLIANT");
    let bad = with("Annotation", json!(""), "COMPLIANT");
    assert_eq!(call(&config, "PutEvaluations", &input(&bad)).await.error(), "ValidationException");
    config.shutdown().await;
}

#[tokio::test]
async fn compliance_is_read_by_rule_and_by_resource() {
    let (config, _folder) = evaluated().await;
    let name = rule(&config).await;
    let by_rule = call(&config, "DescribeComplianceByConfigRule", &json!({})).await;
    let compliance = json!([{"ConfigRuleName": name, "Compliance": {"ComplianceType": "COMPLIANT"}}]);
    assert_eq!(by_rule.body["ComplianceByConfigRules"], compliance);

    put(&config, json!([with("OrderingTimestamp", json!(2_000_000_000), "NON_COMPLIANT")])).await;
    let input = json!({"ConfigRuleNames": [name], "ComplianceTypes": ["NON_COMPLIANT"]});
    let by_rule = call(&config, "DescribeComplianceByConfigRule", &input).await;
    let count = json!({"CappedCount": 1, "CapExceeded": false});
    assert_eq!(by_rule.body["ComplianceByConfigRules"][0]["Compliance"]["ComplianceContributorCount"], count);
    let input = json!({"ComplianceTypes": ["COMPLIANT"]});
    let by_rule = call(&config, "DescribeComplianceByConfigRule", &input).await;
    assert_eq!(by_rule.body["ComplianceByConfigRules"], json!([]));

    let input = json!({"ResourceType": FUNCTION, "ResourceId": "a"});
    let by_resource = call(&config, "DescribeComplianceByResource", &input).await;
    assert_eq!(by_resource.body["ComplianceByResources"][0]["Compliance"]["ComplianceType"], "NON_COMPLIANT");
    let of_resource = call(&config, "GetComplianceDetailsByResource", &input).await;
    assert_eq!(of_resource.body["EvaluationResults"][0]["ComplianceType"], "NON_COMPLIANT");
    let without_type = call(&config, "DescribeComplianceByResource", &json!({"ResourceId": "a"})).await;
    assert_eq!(without_type.error(), "InvalidParameterValueException");

    let summary = call(&config, "GetComplianceSummaryByConfigRule", &json!({})).await;
    assert_eq!(summary.body["ComplianceSummary"]["NonCompliantResourceCount"], count);
    config.shutdown().await;
}

#[tokio::test]
async fn a_rule_that_nobody_ran_has_insufficient_data() {
    let (config, _folder) = started(items([item("a", 1)]), &["one"], |_| {}).await;
    let by_rule = call(&config, "DescribeComplianceByConfigRule", &json!({})).await;
    let compliance = &by_rule.body["ComplianceByConfigRules"][0]["Compliance"];
    assert_eq!(*compliance, json!({"ComplianceType": "INSUFFICIENT_DATA"}));
    let status = call(&config, "DescribeConfigRuleEvaluationStatus", &json!({})).await;
    assert_eq!(status.body["ConfigRulesEvaluationStatus"][0]["FirstEvaluationStarted"], false);
    config.shutdown().await;
}

#[tokio::test]
async fn details_take_names_of_64_characters_and_pages_of_100() {
    let (config, _folder) = evaluated().await;
    let with = async |input: Value| call(&config, "GetComplianceDetailsByConfigRule", &input).await;
    let no_such = "NoSuchConfigRuleException";
    assert_eq!(with(json!({"ConfigRuleName": "r".repeat(64)})).await.error(), no_such);
    assert_eq!(with(json!({"ConfigRuleName": "r".repeat(65)})).await.error(), "ValidationException");
    let name = rule(&config).await;
    assert_eq!(with(json!({"ConfigRuleName": name, "Limit": 100})).await.status, 200);
    assert_eq!(with(json!({"ConfigRuleName": name, "Limit": 101})).await.error(), "ValidationException");
    let input = json!({"ConfigRuleName": name, "ComplianceTypes": ["INSUFFICIENT_DATA"]});
    assert_eq!(with(input).await.error(), "InvalidParameterValueException");
    config.shutdown().await;
}

#[tokio::test]
async fn pages_follow_each_other_and_tokens_are_bound_to_their_request() {
    let (config, _folder) = evaluated().await;
    let name = rule(&config).await;
    let with = async |input: Value| call(&config, "GetComplianceDetailsByConfigRule", &input).await;
    let first = with(json!({"ConfigRuleName": name, "Limit": 2})).await.body;
    let token = first["NextToken"].as_str().unwrap();
    let second = with(json!({"ConfigRuleName": name, "Limit": 2, "NextToken": token})).await.body;
    assert!(second.get("NextToken").is_none());
    let results =
        [&first, &second].map(|page| page["EvaluationResults"].as_array().unwrap().clone()).concat();
    assert_eq!(results.iter().map(id).collect::<Vec<_>>(), ["111122223333", "a", "b"]);

    let other = json!({"ConfigRuleName": name, "ComplianceTypes": ["COMPLIANT"], "NextToken": token});
    assert_eq!(with(other).await.error(), "InvalidNextTokenException");
    let made_up = json!({"ConfigRuleName": name, "NextToken": "1"});
    assert_eq!(with(made_up).await.error(), "InvalidNextTokenException");
    config.shutdown().await;
}

#[tokio::test]
async fn rules_are_described_as_the_pack_deploys_them() {
    let (config, _folder) = evaluated().await;
    let rules = call(&config, "DescribeConfigRules", &json!({})).await.body;
    let rule = &rules["ConfigRules"][0];
    assert_eq!(rule["Scope"], json!({"ComplianceResourceTypes": [FUNCTION]}));
    assert_eq!(rule["InputParameters"], r#"{"limit":"5"}"#);
    assert_eq!(rule["Source"]["Owner"], "CUSTOM_LAMBDA");
    let detail = json!({
        "EventSource": "aws.config", "MessageType": "ScheduledNotification",
        "MaximumExecutionFrequency": "TwentyFour_Hours",
    });
    assert_eq!(rule["Source"]["SourceDetails"][2], detail);
    let input = json!({"ConfigRuleNames": ["nobody"]});
    assert_eq!(call(&config, "DescribeConfigRules", &input).await.error(), "NoSuchConfigRuleException");
    let input = json!({"ConfigRuleNames": vec!["nobody"; 26]});
    assert_eq!(call(&config, "DescribeConfigRules", &input).await.error(), "ValidationException");
    config.shutdown().await;
}

#[tokio::test]
async fn an_evaluation_on_demand_invokes_the_function_again() {
    let (config, _folder) = started(items([item("a", 1)]), &["one"], |_| {}).await;
    let name = rule(&config).await;
    let input = json!({"ConfigRuleNames": [name]});
    assert_eq!(call(&config, "StartConfigRulesEvaluation", &input).await.status, 200);
    let again = call(&config, "StartConfigRulesEvaluation", &input).await;
    assert_eq!(again.error(), "ResourceInUseException");
    let describe = json!({"ConfigRuleNames": [name]});
    loop {
        let described = call(&config, "DescribeConfigRules", &describe).await;
        if described.body["ConfigRules"][0]["ConfigRuleState"] == "ACTIVE" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(config.results().len(), 2);
    for names in [json!([]), Value::Null] {
        let answer = call(&config, "StartConfigRulesEvaluation", &json!({"ConfigRuleNames": names})).await;
        assert_eq!(answer.error(), "InvalidParameterValueException");
    }
    let many = json!({"ConfigRuleNames": vec![&name; 26]});
    assert_eq!(call(&config, "StartConfigRulesEvaluation", &many).await.error(), "ValidationException");
    let nobody = json!({"ConfigRuleNames": ["nobody"]});
    assert_eq!(
        call(&config, "StartConfigRulesEvaluation", &nobody).await.error(),
        "NoSuchConfigRuleException"
    );
    config.shutdown().await;
}

#[tokio::test]
async fn queries_answer_rows_and_their_fields() {
    let (config, _folder) = evaluated().await;
    let expression = "SELECT resourceId, configuration.timeout WHERE resourceType = 'AWS::Lambda::Function'";
    let input = json!({"Expression": expression, "Limit": 1});
    let first = call(&config, "SelectResourceConfig", &input).await.body;
    let row: Value = serde_json::from_str(first["Results"][0].as_str().unwrap()).unwrap();
    assert_eq!(row["resourceId"], "a");
    assert_eq!(
        first["QueryInfo"]["SelectFields"],
        json!([{"Name": "resourceId"}, {"Name": "configuration.timeout"}])
    );
    let input = json!({"Expression": expression, "Limit": 1, "NextToken": first["NextToken"]});
    let second = call(&config, "SelectResourceConfig", &input).await.body;
    assert_eq!(second["Results"].as_array().unwrap().len(), 1);
    let refused = call(&config, "SelectResourceConfig", &json!({"Expression": "SELECT"})).await;
    assert_eq!(refused.error(), "InvalidExpressionException");
    let padded = |length: usize| json!({"Expression": format!("{expression}{}", " ".repeat(length - expression.len()))});
    assert_eq!(call(&config, "SelectResourceConfig", &padded(4_096)).await.status, 200);
    assert_eq!(call(&config, "SelectResourceConfig", &padded(4_097)).await.error(), "ValidationException");
    config.shutdown().await;
}

#[tokio::test]
async fn history_is_bounded_by_time_and_has_an_empty_page_where_the_item_lies_far_back() {
    let (config, _folder) = started(items([1, 2, 20].map(|day| item("a", day))), &["one"], |_| {}).await;
    let with = async |extra: Value| {
        let mut input = json!({"resourceType": FUNCTION, "resourceId": "a"});
        input.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        call(&config, "GetResourceConfigHistory", &input).await
    };
    let day = |day: u32| f64::from(1_788_249_600 + (day - 1) * 86_400);
    let times = |page: &Value| -> Vec<f64> {
        let items = page["configurationItems"].as_array().unwrap();
        items.iter().map(|item| item["configurationItemCaptureTime"].as_f64().unwrap()).collect()
    };
    let newest = with(json!({})).await.body;
    assert_eq!(times(&newest), [day(20)], "a page spans at most seven days");
    assert_eq!(newest["configurationItems"][0]["configuration"], r#"{"functionName":"a","timeout":60}"#);
    let rest = with(json!({"nextToken": newest["nextToken"]})).await.body;
    assert_eq!(times(&rest), [day(2), day(1)]);
    assert!(rest.get("nextToken").is_none());

    let at_the_time = with(json!({"laterTime": day(2), "limit": 1})).await.body;
    assert_eq!(times(&at_the_time), [day(2)]);
    let oldest = with(json!({"chronologicalOrder": "Forward", "limit": 1})).await.body;
    assert_eq!(times(&oldest), [day(1)]);
    let empty = with(json!({"laterTime": day(19)})).await.body;
    assert_eq!(times(&empty), [0.0; 0]);
    let found = with(json!({"laterTime": day(19), "nextToken": empty["nextToken"]})).await.body;
    assert_eq!(times(&found), [day(2), day(1)]);
    let before = with(json!({"laterTime": day(1) - 1.0})).await.body;
    assert_eq!(before, json!({"configurationItems": []}));

    let backwards = with(json!({"laterTime": day(1), "earlierTime": day(2)})).await;
    assert_eq!(backwards.error(), "InvalidTimeRangeException");
    assert_eq!(with(json!({"resourceId": "nobody"})).await.error(), "ResourceNotDiscoveredException");
    assert_eq!(with(json!({"resourceType": "AWS::Account"})).await.error(), "ValidationException");
    assert_eq!(with(json!({"chronologicalOrder": "Sideways"})).await.error(), "ValidationException");
    assert_eq!(with(json!({"limit": 101})).await.error(), "ValidationException");
    config.shutdown().await;
}

#[tokio::test]
async fn a_batch_holds_what_exists_without_tags() {
    let mut gone = item("gone", 1);
    gone["configurationItemStatus"] = json!("ResourceDeleted");
    let (config, _folder) = started(items([item("a", 1), gone]), &["one"], |_| {}).await;
    let keys = |ids: &[&str]| {
        let keys: Vec<_> = ids.iter().map(|id| json!({"resourceType": FUNCTION, "resourceId": id})).collect();
        json!({"resourceKeys": keys})
    };
    let batch = call(&config, "BatchGetResourceConfig", &keys(&["a", "gone", "nobody"])).await.body;
    let found = batch["baseConfigurationItems"].as_array().unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["resourceId"], "a");
    assert!(found[0].get("tags").is_none());
    assert_eq!(batch["unprocessedResourceKeys"], json!([]));
    assert_eq!(call(&config, "BatchGetResourceConfig", &keys(&["a"; 100])).await.status, 200);
    let refused = call(&config, "BatchGetResourceConfig", &keys(&["a"; 101])).await;
    assert_eq!(refused.error(), "ValidationException");
    assert_eq!(call(&config, "BatchGetResourceConfig", &keys(&[])).await.error(), "ValidationException");
    assert_eq!(call(&config, "BatchGetResourceConfig", &json!({})).await.error(), "ValidationException");
    config.shutdown().await;
}

#[tokio::test]
async fn deleted_resources_are_listed_on_request() {
    let mut gone = item("gone", 2);
    gone["configurationItemStatus"] = json!("ResourceDeleted");
    let (config, _folder) =
        started(items([item("b", 1), item("a", 1), item("gone", 1), gone]), &["one"], |_| {}).await;
    let with = async |extra: Value| {
        let mut input = json!({"resourceType": FUNCTION});
        input.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        call(&config, "ListDiscoveredResources", &input).await
    };
    let ids = |page: &Value| -> Vec<String> {
        let listed = page["resourceIdentifiers"].as_array().unwrap();
        listed.iter().map(|one| one["resourceId"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&with(json!({})).await.body), ["a", "b"]);
    let all = with(json!({"includeDeletedResources": true})).await.body;
    assert_eq!(ids(&all), ["a", "b", "gone"]);
    assert!(all["resourceIdentifiers"][2]["resourceDeletionTime"].is_f64());
    assert_eq!(ids(&with(json!({"resourceIds": ["b", "x"]})).await.body), ["b"]);
    assert_eq!(ids(&with(json!({"resourceName": "a"})).await.body), ["a"]);
    let first = with(json!({"limit": 1})).await.body;
    assert_eq!(ids(&first), ["a"]);
    assert_eq!(ids(&with(json!({"limit": 1, "nextToken": first["nextToken"]})).await.body), ["b"]);
    assert_eq!(with(json!({"resourceIds": vec!["a"; 20]})).await.status, 200);
    for wrong in [
        json!({"resourceIds": vec!["a"; 21]}),
        json!({"resourceIds": []}),
        json!({"resourceIds": ["a"], "resourceName": "a"}),
        json!({"resourceType": "Lambda"}),
        json!({"resourceType": null}),
    ] {
        assert_eq!(with(wrong.clone()).await.error(), "ValidationException", "{wrong}");
    }
    config.shutdown().await;
}

#[tokio::test]
async fn the_recorder_is_the_recorded_one() {
    let recorder = json!({
        "resourceType": "AWS::Config::ConfigurationRecorder", "resourceId": "shop", "resourceName": "shop",
        "awsAccountId": "111122223333", "awsRegion": "eu-west-1", "configurationItemStatus": "OK",
        "configurationItemCaptureTime": "2026-09-01T08:00:00.000Z",
        "configuration": {"Name": "shop", "Recording": false, "RecordingGroup": {"AllSupported": true}},
    });
    let (config, _folder) = started(items([item("a", 1), recorder]), &["one"], |_| {}).await;
    let recorders = call(&config, "DescribeConfigurationRecorders", &json!({})).await.body;
    assert_eq!(recorders["ConfigurationRecorders"][0]["name"], "shop");
    let status = call(&config, "DescribeConfigurationRecorderStatus", &json!({})).await.body;
    assert_eq!(status["ConfigurationRecordersStatus"][0]["recording"], false);
    let input = json!({"ConfigurationRecorderNames": ["other"]});
    let refused = call(&config, "DescribeConfigurationRecorders", &input).await;
    assert_eq!(refused.error(), "NoSuchConfigurationRecorderException");
    config.shutdown().await;
}

#[tokio::test]
async fn a_function_is_told_of_the_set_up_only_what_the_input_is_evidence_of() {
    let (config, _folder) = evaluated().await;
    let function = ("LOCAL111122223333", "eu-west-1");
    for operation in [
        "DescribeConfigurationRecorderStatus",
        "DescribeDeliveryChannels",
        "DescribeConfigRules",
        "DescribeConformancePacks",
    ] {
        let refused = call_as(&config, function, operation, &json!({})).await;
        assert_eq!(refused.error(), "UnknownOperationException", "{operation}");
        assert_eq!(call(&config, operation, &json!({})).await.status, 200, "{operation}");
    }
    assert_eq!(call_as(&config, function, "DescribeConfigurationRecorders", &json!({})).await.status, 200);
    config.shutdown().await;
}

#[tokio::test]
async fn without_a_recorders_item_recording_is_what_brought_the_items() {
    let (config, _folder) = evaluated().await;
    let status = call(&config, "DescribeConfigurationRecorderStatus", &json!({})).await.body;
    assert_eq!(status["ConfigurationRecordersStatus"][0]["recording"], true);
    let channels = call(&config, "DescribeDeliveryChannels", &json!({})).await.body;
    assert_eq!(channels["DeliveryChannels"][0]["name"], "default");
    let delivery = call(&config, "DescribeDeliveryChannelStatus", &json!({})).await.body;
    let info = &delivery["DeliveryChannelsStatus"][0]["configHistoryDeliveryInfo"];
    assert_eq!(info["lastStatus"], "Success");
    let input = json!({"DeliveryChannelNames": ["other"]});
    let refused = call(&config, "DescribeDeliveryChannels", &input).await;
    assert_eq!(refused.error(), "NoSuchDeliveryChannelException");
    config.shutdown().await;
}

#[tokio::test]
async fn the_pack_is_read_with_its_compliance() {
    let (config, _folder) = evaluated().await;
    let packs = call(&config, "DescribeConformancePacks", &json!({})).await.body;
    assert_eq!(packs["ConformancePackDetails"][0]["ConformancePackName"], "sample");
    let status = call(&config, "DescribeConformancePackStatus", &json!({})).await.body;
    assert_eq!(status["ConformancePackStatusDetails"][0]["ConformancePackState"], "CREATE_COMPLETE");

    let of_pack = json!({"ConformancePackName": "sample"});
    let rules = call(&config, "DescribeConformancePackCompliance", &of_pack).await.body;
    assert_eq!(rules["ConformancePackRuleComplianceList"][0]["ComplianceType"], "COMPLIANT");
    put(&config, json!([with("OrderingTimestamp", json!(2_000_000_000), "NON_COMPLIANT")])).await;
    let input = json!({"ConformancePackName": "sample", "Filters": {"ComplianceType": "NON_COMPLIANT"}});
    let details = call(&config, "GetConformancePackComplianceDetails", &input).await.body;
    let results = details["ConformancePackRuleEvaluationResults"].as_array().unwrap();
    assert_eq!(results.iter().map(id).collect::<Vec<_>>(), ["a"]);
    let input = json!({"ConformancePackNames": ["sample"]});
    let summary = call(&config, "GetConformancePackComplianceSummary", &input).await.body;
    let summaries = &summary["ConformancePackComplianceSummaryList"];
    assert_eq!(summaries[0]["ConformancePackComplianceStatus"], "NON_COMPLIANT");

    let other = json!({"ConformancePackName": "other"});
    let refused = call(&config, "DescribeConformancePackCompliance", &other).await;
    assert_eq!(refused.error(), "NoSuchConformancePackException");
    let refused = call(&config, "GetConformancePackComplianceSummary", &json!({})).await;
    assert_eq!(refused.error(), "ValidationException");
    let input = json!({"ConformancePackName": "sample", "Filters": {"ConfigRuleNames": ["other"]}});
    let refused = call(&config, "GetConformancePackComplianceDetails", &input).await;
    assert_eq!(refused.error(), "NoSuchConfigRuleInConformancePackException");
    config.shutdown().await;
}

/// Two functions, `a` and `b`, that the rule `one` found compliant.
async fn evaluated() -> (LocalAwsConfig, TempDir) {
    let (config, folder) = started(items([item("a", 1), item("b", 1)]), &["one"], |_| {}).await;
    let evaluated = config.evaluate_all(&|_| {}).await;
    assert_eq!(evaluated.failures, 0, "{:?}", config.failures());
    (config, folder)
}

/// The full name of the only rule.
async fn rule(config: &LocalAwsConfig) -> String {
    let rules = call(config, "DescribeConfigRules", &json!({})).await;
    rules.body["ConfigRules"][0]["ConfigRuleName"].as_str().expect("a name").to_owned()
}

/// The result of the only rule for this function.
async fn details(config: &LocalAwsConfig, wanted: &str) -> Value {
    let input = json!({"ConfigRuleName": rule(config).await, "Limit": 100});
    let results = call(config, "GetComplianceDetailsByConfigRule", &input).await.body;
    let results = results["EvaluationResults"].as_array().expect("results").clone();
    results.into_iter().find(|result| id(result) == wanted).expect("a result")
}

/// A token that the service issued, as a client finds it.
async fn token(config: &LocalAwsConfig) -> Value {
    details(config, "a").await["ResultToken"].clone()
}

async fn put(config: &LocalAwsConfig, evaluations: Value) -> crate::support::Answer {
    let input = json!({"ResultToken": token(config).await, "Evaluations": evaluations});
    call(config, "PutEvaluations", &input).await
}

fn evaluation() -> Value {
    with("Annotation", json!("fine"), "COMPLIANT")
}

/// An evaluation of `a` that is older than what the rule said, with one member changed.
fn with(member: &str, value: Value, compliance: &str) -> Value {
    let mut evaluation = json!({
        "ComplianceResourceType": FUNCTION, "ComplianceResourceId": "a", "ComplianceType": compliance,
        "OrderingTimestamp": 1_700_000_000,
    });
    evaluation[member] = value;
    evaluation
}

fn id(result: &Value) -> &str {
    result["EvaluationResultIdentifier"]["EvaluationResultQualifier"]["ResourceId"].as_str().expect("an id")
}

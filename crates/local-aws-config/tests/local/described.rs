//! Rules and packs that exist and do not run here, and so have no results: those that the input describes, and the managed
//! rules of a pack.

use std::time::Duration;

use local_aws_config::LocalAwsConfig;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::account::loaded;
use crate::support::{ACCOUNT, REGION, call, item, items, started};

const PACK: &str = "baseline";
const RULE: &str = "table-backups-conformance-pack-abcdefghi";

#[tokio::test]
async fn a_described_rule_has_insufficient_data() {
    let (config, _folder) = running().await;
    let by_rule = async |input: Value| {
        let answer = call(&config, "DescribeComplianceByConfigRule", &input).await;
        answer.body["ComplianceByConfigRules"].as_array().cloned().unwrap_or_default()
    };
    let insufficient =
        |name: &str| json!({"ConfigRuleName": name, "Compliance": {"ComplianceType": "INSUFFICIENT_DATA"}});
    assert_eq!(by_rule(json!({"ConfigRuleNames": ["passwords"]})).await, [insufficient("passwords")]);
    let all = by_rule(json!({"ComplianceTypes": ["INSUFFICIENT_DATA"]})).await;
    assert_eq!(all.last(), Some(&insufficient(RULE)));
    let details =
        call(&config, "GetComplianceDetailsByConfigRule", &json!({"ConfigRuleName": "passwords"})).await;
    assert_eq!((details.status, &details.body), (200, &json!({"EvaluationResults": []})));
    config.shutdown().await;
}

#[tokio::test]
async fn every_rule_that_one_read_lists_the_others_know() {
    let (config, _folder) = running().await;
    for (operation, list) in [
        ("DescribeConfigRules", "ConfigRules"),
        ("DescribeConfigRuleEvaluationStatus", "ConfigRulesEvaluationStatus"),
        ("DescribeComplianceByConfigRule", "ComplianceByConfigRules"),
    ] {
        let all = call(&config, operation, &json!({})).await;
        assert_eq!(all.body[list].as_array().map(Vec::len), Some(4), "{operation}");
        for name in ["passwords", "status-alone", RULE] {
            let one = call(&config, operation, &json!({"ConfigRuleNames": [name]})).await;
            assert_eq!(one.body[list][0]["ConfigRuleName"], name, "{operation}");
        }
        let other = call(&config, operation, &json!({"ConfigRuleNames": ["passwords", "nobody"]})).await;
        assert_eq!(other.error(), "NoSuchConfigRuleException", "{operation}");
    }
    config.shutdown().await;
}

#[tokio::test]
async fn a_described_pack_has_its_rules_without_results() {
    let (config, _folder) = running().await;
    let summary =
        call(&config, "GetConformancePackComplianceSummary", &json!({"ConformancePackNames": [PACK]})).await;
    let expected =
        json!([{"ConformancePackName": PACK, "ConformancePackComplianceStatus": "INSUFFICIENT_DATA"}]);
    assert_eq!(summary.body["ConformancePackComplianceSummaryList"], expected);

    let named = json!({"ConformancePackName": PACK});
    let compliance = call(&config, "DescribeConformancePackCompliance", &named).await;
    let expected = json!({"ConformancePackName": PACK, "ConformancePackRuleComplianceList": [
        {"ConfigRuleName": RULE, "ComplianceType": "INSUFFICIENT_DATA", "Controls": []},
    ]});
    assert_eq!(compliance.body, expected);
    let details = call(&config, "GetConformancePackComplianceDetails", &named).await;
    let expected = json!({"ConformancePackName": PACK, "ConformancePackRuleEvaluationResults": []});
    assert_eq!(details.body, expected);

    let of_another = json!({"ConformancePackName": PACK, "Filters": {"ConfigRuleNames": ["passwords"]}});
    let other = call(&config, "DescribeConformancePackCompliance", &of_another).await;
    assert_eq!(other.error(), "NoSuchConfigRuleInConformancePackException");
    config.shutdown().await;
}

#[tokio::test]
async fn what_is_only_described_is_neither_evaluated_nor_deleted() {
    let (config, _folder) = running().await;
    let (_, _, ours) = config.deployed_rules().remove(0);
    for (operation, input, expected) in [
        (
            "StartConfigRulesEvaluation",
            json!({"ConfigRuleNames": [ours, "passwords"]}),
            "The ConfigRule 'passwords' does not run here: it is only described by the input.",
        ),
        (
            "DeleteConformancePack",
            json!({"ConformancePackName": PACK}),
            "The conformance pack 'baseline' does not run here: it is only described by the input.",
        ),
    ] {
        let refused = call(&config, operation, &input).await;
        assert_eq!((refused.error(), refused.message()), ("InvalidParameterValueException", expected));
    }
    let packs = call(&config, "DescribeConformancePacks", &json!({"ConformancePackNames": [PACK]})).await;
    assert_eq!(packs.status, 200);
    config.shutdown().await;
}

#[tokio::test]
async fn rules_are_filtered_by_their_mode_of_evaluation() {
    let (config, _folder) = running().await;
    for (mode, count) in [("DETECTIVE", 4), ("PROACTIVE", 1)] {
        let filter = json!({"Filters": {"EvaluationMode": mode}});
        let rules = call(&config, "DescribeConfigRules", &filter).await;
        let rules = rules.body["ConfigRules"].as_array().expect("a list");
        assert_eq!(rules.len(), count, "{mode}");
        assert!(rules.iter().any(|rule| rule["ConfigRuleName"] == RULE), "{mode}");
    }
    let other =
        call(&config, "DescribeConfigRules", &json!({"Filters": {"EvaluationMode": "detective"}})).await;
    assert_eq!(other.error(), "ValidationException");
    assert!(other.message().contains("'filters.evaluationMode'"), "{}", other.message());
    config.shutdown().await;
}

#[tokio::test]
async fn the_managed_and_policy_rules_of_a_pack_exist_without_results() {
    let (config, _folder) =
        started(items([item("orders", 1)]), &["one"], |options| options.deployment_time = Duration::ZERO)
            .await;
    let template = json!({
        "Parameters": {"Hours": {"Type": "String", "Default": "24"}},
        "Resources": {"Tracing": {"Type": "AWS::Config::ConfigRule", "Properties": {
            "ConfigRuleName": "tracing-on",
            "InputParameters": {"hours": {"Ref": "Hours"}},
            "Scope": {"ComplianceResourceTypes": ["AWS::Lambda::Function"]},
            "Source": {"Owner": "AWS", "SourceIdentifier": "LAMBDA_TRACING"},
        }}, "Written": {"Type": "AWS::Config::ConfigRule", "Properties": {
            "ConfigRuleName": "written",
            // Whether the rule takes a list is not known here.
            "InputParameters": {"hours": [1]},
            "Source": {"Owner": "CUSTOM_POLICY", "CustomPolicyDetails": {
                "PolicyRuntime": "guard-2.x.x", "PolicyText": "rule all_well when true {}",
            }},
        }}},
    });
    let pack = json!({"ConformancePackName": "managed", "TemplateBody": template.to_string()});
    assert_eq!(call(&config, "PutConformancePack", &pack).await.status, 200);
    let named = json!({"ConformancePackName": "managed"});
    let rules = async || {
        let answer = call(&config, "DescribeConformancePackCompliance", &named).await;
        answer.body["ConformancePackRuleComplianceList"].as_array().cloned().unwrap_or_default()
    };
    while rules().await.is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let found = rules().await;
    assert_eq!(found.len(), 2);
    assert_eq!(found[0]["ComplianceType"], "INSUFFICIENT_DATA");
    let name = found[0]["ConfigRuleName"].as_str().expect("a name").to_owned();
    let all = call(&config, "DescribeConfigRules", &json!({})).await.body;
    let written = &all["ConfigRules"][2];
    assert_eq!(written["Source"]["CustomPolicyDetails"], json!({"PolicyRuntime": "guard-2.x.x"}));
    assert_eq!(written["InputParameters"], r#"{"hours":[1]}"#);
    assert!(name.starts_with("tracing-on-conformance-pack-"), "{name}");

    let of_rule = json!({"ConfigRuleNames": [name]});
    let described = call(&config, "DescribeConfigRules", &of_rule).await.body["ConfigRules"][0].take();
    assert_eq!(described["ConfigRuleState"], "ACTIVE");
    assert_eq!(described["Source"], json!({"Owner": "AWS", "SourceIdentifier": "LAMBDA_TRACING"}));
    assert_eq!(described["InputParameters"], r#"{"hours":"24"}"#);
    let compliance = call(&config, "DescribeComplianceByConfigRule", &of_rule).await.body;
    let compliance_type = &compliance["ComplianceByConfigRules"][0]["Compliance"]["ComplianceType"];
    assert_eq!(compliance_type, "INSUFFICIENT_DATA");
    let status = call(&config, "DescribeConfigRuleEvaluationStatus", &of_rule).await.body;
    assert_eq!(status["ConfigRulesEvaluationStatus"][0]["ConfigRuleArn"], described["ConfigRuleArn"]);
    let started = call(&config, "StartConfigRulesEvaluation", &of_rule).await;
    assert_eq!(started.error(), "InvalidParameterValueException");
    assert!(started.message().ends_with("only AWS runs managed rules and policy rules."), "{started:?}");

    assert_eq!(call(&config, "DeleteConformancePack", &named).await.status, 200);
    while call(&config, "DescribeConformancePackCompliance", &named).await.status == 200 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(call(&config, "DescribeConfigRules", &of_rule).await.error(), "NoSuchConfigRuleException");
    config.shutdown().await;
}

async fn running() -> (LocalAwsConfig, TempDir) {
    let mut proactive = rule(RULE);
    proactive["EvaluationModes"] = json!([{"Mode": "DETECTIVE"}, {"Mode": "PROACTIVE"}]);
    let documents = [
        json!({"configurationItems": [item("orders", 1)]}),
        json!({"ConfigRules": [rule("passwords"), proactive]}),
        json!({"ConfigRulesEvaluationStatus": [
            {"ConfigRuleName": "status-alone", "ConfigRuleArn": rule_arn("status-alone"), "ConfigRuleId": "x"},
        ]}),
        json!({"ConformancePackDetails": [{
            "ConformancePackName": PACK, "ConformancePackId": "conformance-pack-abcdefghi",
            "ConformancePackArn":
                format!("arn:aws:config:{REGION}:{ACCOUNT}:conformance-pack/{PACK}/conformance-pack-abcdefghi"),
        }]}),
    ];
    started(loaded(&documents).items, &["one"], |_| {}).await
}

fn rule(name: &str) -> Value {
    json!({
        "ConfigRuleName": name, "ConfigRuleArn": rule_arn(name), "ConfigRuleState": "ACTIVE",
        "Source": {"Owner": "AWS", "SourceIdentifier": "IAM_PASSWORD_POLICY"},
    })
}

fn rule_arn(name: &str) -> String {
    format!("arn:aws:config:{REGION}:{ACCOUNT}:config-rule/{name}")
}

use std::collections::BTreeMap;

use config_rule::Document;
use local_aws_config::items::Scope;
use local_aws_config::pack::{Frequency, MessageType, PackRule};
use local_aws_config::{Pack, PackError};
use serde_json::{Value, json};

use crate::support::{item, scope};

const SHORT: &str = r#"
Parameters:
  FunctionArn: {Type: String, Default: "arn:aws:lambda:eu-west-1:111122223333:function:shop-queue-visible:live"}
  Limit: {Type: Number, Default: 5}
  Mode: {Type: String, Default: ""}
Conditions:
  ModeGiven: !Not [!Equals ["", !Ref Mode]]
  InEurope: !Or [!Equals [!Ref "AWS::Region", eu-west-1], !Equals [!Ref "AWS::Region", eu-central-1]]
  Both: !And [!Condition ModeGiven, !Condition InEurope]
Resources:
  QueueVisible:
    Type: AWS::Config::ConfigRule
    Properties:
      ConfigRuleName: queue-visible
      Description: !Sub "checks in ${AWS::Region} of ${AWS::AccountId}, ${!literally}"
      InputParameters:
        limit: !Ref Limit
        mode: !If [ModeGiven, !Ref Mode, !Ref "AWS::NoValue"]
        both: !If [Both, "yes", "no"]
      Scope:
        ComplianceResourceTypes: [AWS::SQS::Queue]
      Source:
        Owner: CUSTOM_LAMBDA
        SourceIdentifier: !Ref FunctionArn
        SourceDetails:
          - {EventSource: aws.config, MessageType: ConfigurationItemChangeNotification}
          - {EventSource: aws.config, MessageType: OversizedConfigurationItemChangeNotification}
"#;

const LONG: &str = r#"
Parameters:
  FunctionArn: {Type: String, Default: "arn:aws:lambda:eu-west-1:111122223333:function:shop-queue-visible:live"}
  Limit: {Type: Number, Default: 5}
  Mode: {Type: String, Default: ""}
Conditions:
  ModeGiven: {"Fn::Not": [{"Fn::Equals": ["", {Ref: Mode}]}]}
  InEurope: {"Fn::Or": [{"Fn::Equals": [{Ref: "AWS::Region"}, eu-west-1]}, {"Fn::Equals": [{Ref: "AWS::Region"}, eu-central-1]}]}
  Both: {"Fn::And": [{Condition: ModeGiven}, {Condition: InEurope}]}
Resources:
  QueueVisible:
    Type: AWS::Config::ConfigRule
    Properties:
      ConfigRuleName: queue-visible
      Description: {"Fn::Sub": ["checks in ${Where} of ${AWS::AccountId}, ${!literally}", {Where: {Ref: "AWS::Region"}}]}
      InputParameters:
        limit: {Ref: Limit}
        mode: {"Fn::If": [ModeGiven, {Ref: Mode}, {Ref: "AWS::NoValue"}]}
        both: {"Fn::If": [Both, "yes", "no"]}
      Scope:
        ComplianceResourceTypes: [AWS::SQS::Queue]
      Source:
        Owner: CUSTOM_LAMBDA
        SourceIdentifier: {Ref: FunctionArn}
        SourceDetails:
          - {EventSource: aws.config, MessageType: ConfigurationItemChangeNotification}
          - {EventSource: aws.config, MessageType: OversizedConfigurationItemChangeNotification}
"#;

#[test]
fn short_and_long_intrinsics_mean_the_same() {
    for (text, form) in [(SHORT, "short"), (LONG, "long")] {
        let pack = read_with(text, &[]).unwrap();
        assert_eq!(
            pack.rules,
            [PackRule {
                name: "queue-visible".to_owned(),
                logical_id: "QueueVisible".to_owned(),
                description: "checks in eu-west-1 of 111122223333, ${literally}".to_owned(),
                function: "queue-visible".to_owned(),
                function_arn: "arn:aws:lambda:eu-west-1:111122223333:function:shop-queue-visible:live"
                    .to_owned(),
                parameters: map(&[("limit", "5"), ("both", "no")]),
                message_types: vec![
                    MessageType::ConfigurationItemChangeNotification,
                    MessageType::OversizedConfigurationItemChangeNotification,
                ],
                frequency: Frequency::TwentyFourHours,
                resource_types: vec!["AWS::SQS::Queue".to_owned()],
                resource_id: None,
                tag: None,
            }],
            "{form}"
        );
        let pack = read_with(text, &[("Mode", "strict"), ("Limit", "7")]).unwrap();
        let expected = map(&[("limit", "7"), ("mode", "strict"), ("both", "yes")]);
        assert_eq!(pack.rules[0].parameters, expected, "{form}");
    }
}

#[test]
fn a_pack_is_evaluated_anew_for_each_scope() {
    let pack = read_with(SHORT, &[("Mode", "strict")]).unwrap();
    let pack = pack.with_parameter("queue-visible", "limit", "9").unwrap();
    let elsewhere = Scope { account_id: "444455556666".to_owned(), region: "us-east-1".to_owned() };
    let rule = pack.in_scope(&elsewhere).unwrap().rules.remove(0);
    assert_eq!(rule.description, "checks in us-east-1 of 444455556666, ${literally}");
    assert_eq!(rule.parameters, map(&[("limit", "9"), ("mode", "strict"), ("both", "no")]));
}

#[test]
fn an_import_names_the_function() {
    let rule = rule_with(
        "/Source/SourceIdentifier",
        json!({"Fn::ImportValue": "serverless-conformance:queue-visible"}),
    );
    let rule = rule.unwrap();
    assert_eq!(rule.function, "queue-visible");
    let arn = "arn:aws:lambda:eu-west-1:111122223333:function:serverless-conformance-queue-visible";
    assert_eq!(rule.function_arn, arn);
}

#[test]
fn the_function_is_the_rules_own_or_named_without_our_prefix() {
    let function = |name: &str| {
        let arn = format!("arn:aws:lambda:eu-west-1:111122223333:function:{name}");
        rule_with("/Source/SourceIdentifier", json!(arn)).map(|rule| rule.function)
    };
    assert_eq!(function("some-rule").unwrap(), "some-rule");
    assert_eq!(function("stack-some-rule:7").unwrap(), "some-rule");
    assert_eq!(function("awesome-rule").unwrap(), "awesome-rule");
    assert_eq!(function("serverless-conformance-other").unwrap(), "other");
    assert!(function("..").is_err());
    assert!(function("").is_err());
}

#[test]
fn the_unpublished_version_is_refused() {
    let arn = "arn:aws:lambda:eu-west-1:111122223333:function:f:$LATEST";
    assert!(message(rule_with("/Source/SourceIdentifier", json!(arn))).contains("but not `$LATEST`"));
}

#[test]
fn a_parameter_without_a_value_is_named() {
    let found = message(rule_with("/Source/SourceIdentifier", json!({"Ref": "FunctionArn"})));
    assert!(
        found.starts_with("Resources.SomeRule.Properties.Source.SourceIdentifier: expected a parameter"),
        "{found}"
    );
    assert!(found.ends_with("found `FunctionArn`"), "{found}");
}

#[test]
fn an_unknown_parameter_is_refused() {
    let found = message(read_with(SHORT, &[("Modes", "x")]));
    assert_eq!(
        found,
        "parameter `Modes`: expected one of the pack's parameters `FunctionArn`, `Limit`, `Mode`, found an unknown name"
    );
}

#[test]
fn only_rules_and_remediations_may_stand_in_a_pack() {
    let found = message(read(&json!({"Resources": {"F": {"Type": "AWS::Lambda::Function"}}})));
    assert_eq!(
        found,
        "Resources.F.Type: expected `AWS::Config::ConfigRule` or `AWS::Config::RemediationConfiguration`, which is \
         all that a conformance pack may hold, found `AWS::Lambda::Function`"
    );
}

#[test]
fn what_does_not_run_here_is_skipped_with_a_reason() {
    let managed = json!({"Type": "AWS::Config::ConfigRule", "Properties": {
        "ConfigRuleName": "tracing-on", "Source": {"Owner": "AWS", "SourceIdentifier": "LAMBDA_TRACING"},
    }});
    let policy = json!({"Type": "AWS::Config::ConfigRule", "Properties": {
        "ConfigRuleName": "by-policy", "Source": {"Owner": "CUSTOM_POLICY"},
    }});
    let never = json!({"Type": "AWS::Config::ConfigRule", "Condition": "Never", "Properties": properties()});
    let remediation = json!({"Type": "AWS::Config::RemediationConfiguration", "Properties": {}});
    let pack = read(&json!({
        "Conditions": {"Never": {"Fn::Equals": ["a", "b"]}},
        "Resources": {"Managed": managed, "Never": never, "Policy": policy, "Remediation": remediation},
    }))
    .unwrap();
    assert_eq!(pack.rules, []);
    let reason = |id: &str, reason: &str| (id.to_owned(), reason.to_owned());
    assert_eq!(
        pack.skipped,
        [
            reason("Managed", "`tracing-on` is a managed rule, which only AWS runs"),
            reason("Never", "its condition `Never` does not hold"),
            reason("Policy", "`by-policy` is a policy rule, which only AWS runs"),
            reason("Remediation", "nothing is remediated here"),
        ]
    );
}

#[test]
fn fifty_kibibytes_and_one_more_byte_is_too_large() {
    let text = |length: usize| {
        let text = one_rule(&properties()).to_string();
        format!("{text}{}", " ".repeat(length - text.len()))
    };
    assert!(read_with(&text(51_200), &[]).is_ok());
    let found = message(read_with(&text(51_201), &[]));
    assert_eq!(found, "conformance pack: expected at most 51200 bytes, found 51201");
}

#[test]
fn sixty_parameters_are_accepted_and_one_more_is_not() {
    let pack = |count: usize| {
        let parameters: BTreeMap<_, _> =
            (0..count).map(|number| (format!("P{number}"), json!({"Type": "String"}))).collect();
        let mut pack = one_rule(&properties());
        pack["Parameters"] = json!(parameters);
        read(&pack)
    };
    assert!(pack(60).is_ok());
    assert_eq!(message(pack(61)), "Parameters: expected at most 60 parameters, found 61");
}

#[test]
fn input_parameters_of_1024_characters_are_accepted_and_one_more_is_not() {
    let with = |length: usize| {
        let value = "x".repeat(length - r#"{"a":""}"#.len());
        rule_with("/InputParameters", json!({"a": value}))
    };
    assert!(with(1_024).is_ok());
    assert_eq!(
        message(with(1_025)),
        "Resources.SomeRule.Properties.InputParameters: expected at most 1024 characters of JSON, found 1025"
    );
    let pack = read(&one_rule(&properties())).unwrap();
    assert!(pack.clone().with_parameter("some-rule", "a", &"x".repeat(1_016)).is_ok());
    assert!(pack.with_parameter("some-rule", "a", &"x".repeat(1_017)).is_err());
}

#[test]
fn input_parameters_may_be_text() {
    let rule = rule_with("/InputParameters", json!(r#"{"a": 1, "b": true}"#)).unwrap();
    assert_eq!(rule.parameters, map(&[("a", "1"), ("b", "true")]));
}

#[test]
fn names_of_37_characters_are_accepted_and_one_more_is_not() {
    let with = |length: usize| rule_with("/ConfigRuleName", json!("r".repeat(length)));
    assert!(with(37).is_ok());
    assert_eq!(
        message(with(38)),
        "Resources.SomeRule.Properties.ConfigRuleName: expected at most 37 characters, found 38"
    );
}

#[test]
fn a_rule_without_a_name_is_called_by_its_logical_id() {
    let mut properties = properties();
    properties.as_object_mut().unwrap().remove("ConfigRuleName");
    assert_eq!(read(&one_rule(&properties)).unwrap().rules[0].name, "SomeRule");
}

#[test]
fn a_hundred_types_are_accepted_and_one_more_is_not() {
    let with =
        |count: usize| rule_with("/Scope/ComplianceResourceTypes", json!(vec!["AWS::S3::Bucket"; count]));
    assert!(with(100).is_ok());
    assert!(message(with(101)).ends_with("expected at most 100 resource types, found 101"));
}

#[test]
fn a_scheduled_rule_has_no_scope_unless_it_is_told_of_changes_too() {
    let scheduled = json!({"EventSource": "aws.config", "MessageType": "ScheduledNotification"});
    let change = json!({"EventSource": "aws.config", "MessageType": "ConfigurationItemChangeNotification"});
    let found = message(rule_with("/Source/SourceDetails", json!([scheduled])));
    assert_eq!(
        found,
        "Resources.SomeRule.Properties.Scope: expected no scope on a rule that is only scheduled, found one"
    );
    assert!(rule_with("/Source/SourceDetails", json!([scheduled, change])).is_ok());
}

#[test]
fn message_types_and_frequencies_are_awss() {
    let with = |detail: Value| rule_with("/Source/SourceDetails", json!([detail]));
    let found = message(with(json!({"MessageType": "ConfigurationItemChanged"})));
    assert!(
        found.starts_with(
            "Resources.SomeRule.Properties.Source.SourceDetails[0].MessageType: expected one of"
        )
    );
    let found =
        message(with(json!({"MessageType": "ScheduledNotification", "MaximumExecutionFrequency": "Daily"})));
    assert!(found.ends_with("`Twelve_Hours`, `TwentyFour_Hours`, found `Daily`"), "{found}");
    let change = "ConfigurationItemChangeNotification";
    let found = message(with(json!({"MessageType": change, "MaximumExecutionFrequency": "One_Hour"})));
    assert!(found.contains("`ScheduledNotification` beside `MaximumExecutionFrequency`"), "{found}");
    assert!(message(rule_with("/Source/SourceDetails", json!([]))).contains("at least one message type"));
}

#[test]
fn a_scope_by_tag_concerns_tagged_resources_and_deleted_ones() {
    let rule = rule_with("/Scope", json!({"TagKey": "service", "TagValue": "orders"})).unwrap();
    let document = |change: fn(&mut Value)| {
        let mut item = item("orders", 1);
        change(&mut item);
        Document::from_item(item).unwrap()
    };
    assert!(rule.concerns(&document(|_| {})));
    assert!(!rule.concerns(&document(|item| item["tags"] = json!({"service": "billing"}))));
    assert!(rule.concerns(&document(|item| {
        item["tags"] = json!({});
        item["configurationItemStatus"] = json!("ResourceDeleted");
    })));
}

#[test]
fn a_condition_that_rests_on_itself_is_refused() {
    let mut pack = one_rule(&properties());
    pack["Conditions"] = json!({"A": {"Fn::Not": [{"Condition": "A"}]}});
    pack["Resources"]["SomeRule"]["Condition"] = json!("A");
    assert!(message(read(&pack)).contains("a condition that does not rest on itself"));
}

#[test]
fn conditions_are_looked_at_once_however_many_ways_lead_to_them() {
    let mut pack = one_rule(&properties());
    for level in 0..12 {
        let next = vec![json!({"Condition": format!("C{}", level + 1)}); 10];
        pack["Conditions"][format!("C{level}")] = json!({"Fn::And": next});
    }
    pack["Conditions"]["C12"] = json!({"Fn::Equals": ["a", "a"]});
    pack["Resources"]["SomeRule"]["Condition"] = json!("C0");
    assert_eq!(read(&pack).unwrap().rules.len(), 1);
}

#[test]
fn a_template_may_be_32_levels_deep_and_no_deeper() {
    let nested =
        |levels: usize| format!("Metadata: {}{}\n{SHORT}", "[".repeat(levels - 1), "]".repeat(levels - 1));
    assert!(read_with(&nested(32), &[]).is_ok());
    let message = message(read_with(&nested(33), &[]));
    assert!(message.contains("depth"), "{message}");
}

#[test]
fn aliases_that_stand_for_more_than_fits_are_refused() {
    let level =
        |level: usize| format!("A{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 9].join(", "));
    let text = "A0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned() + &(1..5).map(level).collect::<String>();
    let message = message(read_with(&(text + SHORT), &[]));
    assert!(message.contains("alias"), "{message}");
}

#[test]
fn what_is_no_template_says_so() {
    assert!(matches!(read_with("a: [", &[]), Err(PackError::Syntax { .. })));
    assert!(matches!(read_with("{", &[]), Err(PackError::Syntax { .. })));
    assert!(
        message(read_with("- 1", &[])).starts_with("conformance pack: expected an object with `Resources`")
    );
    assert!(
        message(read_with("Resources: {}", &[])).starts_with("Resources: expected at least one resource")
    );
    assert!(matches!(read_with("a: 1\na: 2\nResources: {}", &[]), Err(PackError::Syntax { .. })));
}

#[test]
fn two_rules_of_one_name_are_refused() {
    let rule = json!({"Type": "AWS::Config::ConfigRule", "Properties": properties()});
    let found = message(read(&json!({"Resources": {"A": rule, "B": rule}})));
    assert!(found.ends_with("expected another name than that of `A`, found `some-rule`"), "{found}");
}

fn rule_with(pointer: &str, value: Value) -> Result<PackRule, PackError> {
    let mut properties = properties();
    *properties.pointer_mut(pointer).expect("the property is there") = value;
    read(&one_rule(&properties)).map(|mut pack| pack.rules.remove(0))
}

fn properties() -> Value {
    json!({
        "ConfigRuleName": "some-rule",
        "InputParameters": {},
        "Scope": {"ComplianceResourceTypes": ["AWS::Lambda::Function"]},
        "Source": {
            "Owner": "CUSTOM_LAMBDA",
            "SourceIdentifier": "arn:aws:lambda:eu-west-1:111122223333:function:some-rule",
            "SourceDetails": [{"EventSource": "aws.config", "MessageType": "ConfigurationItemChangeNotification"}],
        },
    })
}

fn one_rule(properties: &Value) -> Value {
    json!({"Resources": {"SomeRule": {"Type": "AWS::Config::ConfigRule", "Properties": properties}}})
}

fn read(pack: &Value) -> Result<Pack, PackError> {
    read_with(&pack.to_string(), &[])
}

fn read_with(text: &str, parameters: &[(&str, &str)]) -> Result<Pack, PackError> {
    Pack::read("sample", text, &map(parameters), &scope())
}

fn map(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
    entries.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn message<T: std::fmt::Debug>(result: Result<T, PackError>) -> String {
    result.expect_err("it is refused").to_string()
}

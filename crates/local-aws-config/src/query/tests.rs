use config_rule::DocumentError;
use proptest::prelude::*;

use super::*;

#[test]
fn alarms_on_a_function_are_found_with_their_dimensions() {
    let expression = "SELECT resourceId, configuration.metricName, configuration.dimensions, configuration.alarmActions \
                      WHERE resourceType = 'AWS::CloudWatch::Alarm' AND configuration.namespace = 'AWS/Lambda' \
                      AND configuration.dimensions.value = 'orders'";
    let answer = answer(expression);
    assert_eq!(
        answer.results,
        [
            r#"{"configuration":{"alarmActions":["arn:aws:sns:eu-west-1:111122223333:ops"],"dimensions":[{"name":"FunctionName","value":"orders"},{"name":"Resource","value":"orders:live"}],"metricName":"Errors"},"resourceId":"orders-errors"}"#
        ]
    );
    assert_eq!(
        answer.select_fields,
        ["resourceId", "configuration.metricName", "configuration.dimensions", "configuration.alarmActions"]
    );
}

#[test]
fn conditions_on_a_list_are_asked_independently() {
    let mixed = "configuration.dimensions.name = 'Resource' AND configuration.dimensions.value = 'orders'";
    assert_eq!(ids(mixed), ["orders-errors"]);
    assert_eq!(
        ids("configuration.alarmActions = 'arn:aws:sns:eu-west-1:111122223333:ops'"),
        ["orders-errors"]
    );
}

#[test]
fn tables_are_found_by_tag_key_and_value() {
    for condition in [
        "tags.tag = 'service=orders'",
        "tags.key = 'service'",
        "tags.value = 'orders'",
        "tags.value LIKE 'ord%'",
    ] {
        assert_eq!(ids(&format!("resourceType = 'AWS::DynamoDB::Table' AND {condition}")), ["orders-table"]);
    }
    let answer = answer("SELECT tags WHERE resourceType = 'AWS::DynamoDB::Table'");
    assert_eq!(answer.results, [r#"{"tags":[{"key":"service","tag":"service=orders","value":"orders"}]}"#]);
}

#[test]
fn the_stack_of_a_resource_is_found_in_its_summaries() {
    assert_eq!(
        ids("resourceType = 'AWS::CloudFormation::Stack' AND \
             supplementaryConfiguration.StackResourceSummaries.physicalResourceId = 'orders'"),
        ["orders-stack"]
    );
}

#[test]
fn a_neighbour_is_found_by_relationship() {
    assert_eq!(
        ids("resourceType = 'AWS::Lambda::Function' AND relationships.resourceId = 'sg-1'"),
        ["orders"]
    );
    assert_eq!(ids("relationships.resourceName = 'orders-role'"), ["orders"]);
}

#[test]
fn conformance_packs_answer_their_compliance() {
    let expression = "SELECT resourceId, resourceName, configuration.complianceType \
                      WHERE resourceType = 'AWS::Config::ConformancePackCompliance'";
    assert_eq!(
        answer(expression).results,
        [
            r#"{"configuration":{"complianceType":"COMPLIANT"},"resourceId":"conformance-pack-1","resourceName":"serverless"}"#
        ]
    );
}

#[test]
fn everything_is_the_scalars_at_the_top() {
    let answer = answer("SELECT * WHERE resourceId = 'orders'");
    assert_eq!(
        answer.results,
        [
            r#"{"accountId":"111122223333","arn":"arn:aws:lambda:eu-west-1:111122223333:function:orders","awsRegion":"eu-west-1","configurationItemCaptureTime":"2026-10-01T08:00:00.000Z","resourceId":"orders","resourceName":"orders","resourceType":"AWS::Lambda::Function","version":"1.3"}"#
        ]
    );
    let more = "SELECT *, configuration, configurationItemStatus, relationships, supplementaryConfiguration, tags \
                WHERE resourceId = 'orders'";
    assert_eq!(super::select(more, &items()).map(|answer| answer.select_fields.len()), Ok(15));
}

#[test]
fn rows_hold_floats_and_a_policy_as_text() {
    let expression = "SELECT configuration, supplementaryConfiguration WHERE resourceId = 'orders'";
    assert_eq!(
        answer(expression).results,
        [
            r#"{"configuration":{"functionName":"orders","memorySize":128.0,"timeout":60.0,"tracingConfig":{"mode":"Active"}},"supplementaryConfiguration":{"Policy":"{\"Statement\":[]}"}}"#
        ]
    );
}

#[test]
fn members_of_a_list_keep_their_place() {
    let expression = "SELECT configuration.dimensions.value WHERE resourceId = 'orders-errors'";
    assert_eq!(
        answer(expression).results,
        [r#"{"configuration":{"dimensions":[{"value":"orders"},{"value":"orders:live"}]}}"#]
    );
}

#[test]
fn operators_hold_on_their_side_of_the_boundary_only() {
    let function = |condition: &str| ids(&format!("resourceId = 'orders' AND {condition}")).len();
    for (condition, expected) in [
        ("configuration.timeout = 60", 1),
        ("configuration.timeout = '60'", 1),
        ("configuration.timeout != 60", 0),
        ("configuration.timeout <> 61", 1),
        ("configuration.timeout < 60", 0),
        ("configuration.timeout < 60.5", 1),
        ("configuration.timeout <= 60", 1),
        ("configuration.timeout > 60", 0),
        ("configuration.timeout > -1", 1),
        ("configuration.timeout >= 60", 1),
        ("configuration.timeout BETWEEN 60 AND 90", 1),
        ("configuration.timeout BETWEEN 61 AND 90", 0),
        ("configuration.timeout NOT BETWEEN 61 AND 90", 1),
        ("configuration.timeout IN (30, 60)", 1),
        ("configuration.timeout NOT IN (30, 60)", 0),
        ("configuration.tracingConfig.mode = 'Active'", 1),
        ("configuration.tracingConfig.mode = 'active'", 0),
        ("configuration.tracingconfig.mode = 'Active'", 0),
        ("NOT configuration.tracingConfig.mode = 'PassThrough'", 1),
        (
            "(configuration.timeout = 1 OR configuration.timeout = 60) AND NOT (configuration.memorySize = 1)",
            1,
        ),
        ("configuration.timeout = 1 OR configuration.timeout = 60 AND configuration.memorySize = 1", 0),
        ("configurationItemCaptureTime > '2026-09-30'", 1),
        ("configuration.kmskeyArn = 'x'", 0),
    ] {
        assert_eq!(function(condition), expected, "{condition}");
    }
}

#[test]
fn switches_compare_with_and_without_quotes() {
    for condition in ["configuration.actionsEnabled = true", "configuration.actionsEnabled = 'true'"] {
        assert_eq!(ids(condition), ["orders-errors"]);
    }
    assert_eq!(ids("configuration.actionsEnabled = false"), Vec::<String>::new());
}

#[test]
fn wildcards_stand_for_a_rest_or_a_character() {
    for (pattern, expected) in [
        ("ord%", 4),
        ("orders%", 4),
        ("orders_errors", 1),
        ("order_", 1),
        ("orders", 1),
        ("orderss%", 0),
        ("Ord%", 0),
    ] {
        assert_eq!(
            ids(&format!("resourceId LIKE '{pattern}' AND resourceType LIKE 'AWS::%'")).len(),
            expected,
            "{pattern}"
        );
    }
    assert_eq!(ids("resourceId NOT LIKE 'ord%'"), ["conformance-pack-1", "invoices"]);
}

#[test]
fn a_quote_in_a_text_is_doubled() {
    assert_eq!(
        ids("resourceId = 'orders'' OR resourceType = ''AWS::Lambda::Function'"),
        Vec::<String>::new()
    );
}

#[test]
fn rows_are_counted_by_group() {
    let answer = answer("SELECT resourceType, COUNT(*) GROUP BY resourceType ORDER BY COUNT(*) DESC");
    assert_eq!(
        answer.results.first().map(String::as_str),
        Some(r#"{"COUNT(*)":2,"resourceType":"AWS::Lambda::Function"}"#)
    );
    assert_eq!(
        (answer.results.len(), answer.select_fields),
        (5, vec!["resourceType".to_owned(), "COUNT(*)".to_owned()])
    );
}

#[test]
fn groups_may_have_a_nested_property_and_lack_it() {
    let answer = answer(
        "SELECT configuration.tracingConfig.mode, count(*) WHERE resourceType = 'AWS::Lambda::Function' \
         GROUP BY configuration.tracingConfig.mode",
    );
    let mut results = answer.results;
    results.sort();
    assert_eq!(
        results,
        [r#"{"COUNT(*)":1,"configuration":{"tracingConfig":{"mode":"Active"}}}"#, r#"{"COUNT(*)":1}"#]
    );
}

#[test]
fn functions_of_a_property_are_taken_over_all_its_values() {
    let answer = answer(
        "SELECT COUNT(configuration.timeout), SUM(configuration.timeout), AVG(configuration.timeout), \
         MIN(configuration.timeout), MAX(resourceId) WHERE resourceType = 'AWS::Lambda::Function'",
    );
    assert_eq!(
        answer.results,
        [
            r#"{"AVG(configuration.timeout)":75.0,"COUNT(configuration.timeout)":2,"MAX(resourceId)":"orders","MIN(configuration.timeout)":60.0,"SUM(configuration.timeout)":150.0}"#
        ]
    );
}

#[test]
fn nothing_counts_as_zero() {
    assert_eq!(answer("SELECT COUNT(*) WHERE resourceId = 'x'").results, [r#"{"COUNT(*)":0}"#]);
}

#[test]
fn order_is_by_each_property_in_turn_with_the_missing_last() {
    let ordered = |order: &str| {
        let condition =
            format!("resourceType LIKE 'AWS::Lambda%' OR resourceId = 'orders-table' ORDER BY {order}");
        ids(&condition)
    };
    assert_eq!(ordered("configuration.timeout"), ["orders", "invoices", "orders-table"]);
    assert_eq!(ordered("configuration.timeout DESC"), ["invoices", "orders", "orders-table"]);
    assert_eq!(ordered("awsRegion, resourceId DESC"), ["orders-table", "orders", "invoices"]);
}

#[test]
fn what_aws_does_not_take_is_refused_with_its_place() {
    for (expression, message) in [
        ("SELECT resourceId FROM items", "line 1, column 19: `FROM` is not supported"),
        ("SELECT DISTINCT resourceId", "line 1, column 8: `DISTINCT` is not supported"),
        ("SELECT ALL resourceId", "line 1, column 8: `ALL` is not supported"),
        ("SELECT resourceId AS id", "line 1, column 19: `AS` is not supported"),
        (
            "SELECT resourceId\nGROUP BY resourceId HAVING COUNT(*) > 1",
            "line 2, column 21: `HAVING` is not supported",
        ),
        ("SELECT resourceId UNION SELECT arn", "line 1, column 19: `UNION` is not supported"),
        ("SELECT resourceId WHERE arn = NULL", "line 1, column 31: `NULL` is not supported"),
        ("SELECT resourceId WHERE arn IN (SELECT arn)", "line 1, column 33: subqueries are not supported"),
        (
            "SELECT resourceId WHERE arn IS NOT NULL",
            "line 1, column 29: expected a property or a keyword of advanced queries, found `IS`",
        ),
        ("SELECT ARN", "line 1, column 8: expected a property or a keyword of advanced queries, found `ARN`"),
        ("SELECT resourceId;", "line 1, column 18: `;` is not supported"),
        ("SELECT resourceId arn", "expected a comma after `resourceId`, found `arn`"),
        (
            "SELECT resourceId WHERE arn = resourceId",
            "expected a text in single quotes, a number, TRUE or FALSE, found `resourceId`",
        ),
        ("SELECT resourceId WHERE arn", "expected a condition, found `arn`"),
        ("SELECT resourceId WHERE 'a' = arn", "expected a property, found `'a'`"),
        (
            "SELECT resourceId WHERE arn LIKE '%abc'",
            "expected at least three characters in front of the first wildcard, `%` or `_`, found `'%abc'`",
        ),
        (
            "SELECT resourceId WHERE arn LIKE 'ab%'",
            "expected at least three characters in front of the first wildcard, `%` or `_`, found `'ab%'`",
        ),
        (
            "SELECT resourceId WHERE arn LIKE 'ab_'",
            "expected at least three characters in front of the first wildcard, `%` or `_`, found `'ab_'`",
        ),
        ("SELECT resourceId WHERE arn LIKE 'abc%d'", "expected `%` only at the end, found `'abc%d'`"),
        (
            "SELECT COUNT(arn, resourceId)",
            "expected AVG, COUNT, MAX, MIN or SUM of one property, or `COUNT(*)`, found `COUNT(arn, resourceId)`",
        ),
        ("SELECT MAX(MIN(arn))", "expected a property, found `MIN(arn)`"),
        (
            "SELECT SUM(*)",
            "expected AVG, COUNT, MAX, MIN or SUM of one property, or `COUNT(*)`, found `SUM(*)`",
        ),
        ("SELECT arn, COUNT(*)", "expected `arn` in GROUP BY or in a function, since other rows are grouped"),
        (
            "SELECT COUNT(*) GROUP BY arn, resourceId, resourceType, resourceName",
            "GROUP BY: expected at most 3 properties here, found 4",
        ),
        (
            "SELECT arn, resourceId, COUNT(*) GROUP BY arn, resourceId ORDER BY COUNT(*)",
            "GROUP BY: expected at most 1 properties here, found 2",
        ),
    ] {
        let error = super::select(expression, &items()).map_err(|error| (error.code(), error.to_string()));
        assert_eq!(error, Err(("InvalidExpressionException", message.to_owned())), "{expression}");
    }
}

#[test]
fn exactly_4096_characters_are_taken() {
    let of_length = |length: usize| {
        let expression = "SELECT resourceId WHERE resourceId = ''";
        expression.replace("''", &format!("'{}'", "é".repeat(length - expression.len())))
    };
    assert_eq!(super::select(&of_length(4096), &items()).map(|answer| answer.results.len()), Ok(0));
    for expression in [of_length(4097), String::new()] {
        let code = super::select(&expression, &items()).map_err(|error| error.code());
        assert_eq!(code, Err("ValidationException"));
    }
}

#[test]
fn an_expression_nested_to_the_limit_is_refused_and_not_fatal() {
    for (open, close) in [("(", ")"), ("NOT ", ""), ("- ", "")] {
        let depth = 4000 / (open.len() + close.len());
        let expression = format!("SELECT arn WHERE {}arn = 'a'{}", open.repeat(depth), close.repeat(depth));
        assert!(super::select(&expression, &items()).is_err());
    }
    let nested = format!("SELECT arn WHERE {}version = 1{}", "(NOT ".repeat(8), ")".repeat(8));
    assert_eq!(super::select(&nested, &items()).map(|answer| answer.results.len()), Ok(0));
    let long = format!("SELECT arn WHERE {}version=1", "version=1 OR ".repeat(300));
    assert_eq!(super::select(&long, &items()).map(|answer| answer.results.len()), Ok(0));
}

proptest! {
    #[test]
    fn no_text_is_fatal(expression in ".*") {
        let _ = super::select(&expression, &items());
    }

    #[test]
    fn no_sequence_of_words_is_fatal(words in prop::collection::vec(word(), 0..24)) {
        let _ = super::select(&format!("SELECT {}", words.join(" ")), &items());
    }
}

/// Words of the language in any order get further into the parser than random letters do.
fn word() -> impl Strategy<Value = String> {
    let words = [
        "SELECT",
        "WHERE",
        "GROUP BY",
        "ORDER BY",
        "ASC",
        "DESC",
        "AND",
        "OR",
        "NOT",
        "IN",
        "BETWEEN",
        "LIKE",
        "TRUE",
        "COUNT",
        "SUM",
        "MIN",
        "(",
        ")",
        ",",
        "*",
        "-",
        "=",
        "!=",
        "<",
        ">=",
        "'abc%'",
        "'%'",
        "60",
        "1e999",
        "arn",
        "resourceType",
        "configuration.timeout",
        "configuration.dimensions",
        "tags.key",
        "configuration",
        ".",
    ];
    prop::sample::select(words.to_vec()).prop_map(str::to_owned)
}

fn answer(expression: &str) -> QueryResult {
    super::select(expression, &items()).unwrap()
}

fn ids(condition: &str) -> Vec<String> {
    let results = answer(&format!("SELECT resourceId WHERE {condition}")).results;
    let id =
        |row: &String| serde_json::from_str::<Value>(row).unwrap()["resourceId"].as_str().unwrap().to_owned();
    let mut ids: Vec<_> = results.iter().map(id).collect();
    if !condition.contains("ORDER BY") {
        ids.sort();
    }
    ids
}

fn items() -> Vec<Document> {
    let item = |resource_type: &str, id: &str, rest: Value| {
        let mut item = json!({
            "resourceType": resource_type, "resourceId": id, "resourceName": id, "accountId": "111122223333",
            "awsRegion": "eu-west-1", "configurationItemStatus": "OK", "tags": {},
            "configurationItemCaptureTime": "2026-10-01T08:00:00.000Z", "supplementaryConfiguration": {},
        });
        for (key, value) in rest.as_object().into_iter().flatten() {
            item[key] = value.clone();
        }
        Document::from_item(item)
    };
    let items: Result<Vec<_>, DocumentError> = [
        item("AWS::Lambda::Function", "orders", json!({
            "arn": "arn:aws:lambda:eu-west-1:111122223333:function:orders",
            "configuration": {"functionName": "orders", "timeout": 60, "memorySize": 128, "tracingConfig": {"mode": "Active"}},
            "supplementaryConfiguration": {"Policy": "{\"Statement\":[]}"},
            "relationships": [
                {"resourceType": "AWS::IAM::Role", "resourceName": "orders-role", "relationshipName": "Is associated with "},
                {"resourceType": "AWS::EC2::SecurityGroup", "resourceId": "sg-1", "relationshipName": "Is associated with "},
            ],
        })),
        item("AWS::Lambda::Function", "invoices", json!({"configuration": {"functionName": "invoices", "timeout": 90}})),
        item("AWS::CloudWatch::Alarm", "orders-errors", json!({"configuration": {
            "namespace": "AWS/Lambda", "metricName": "Errors", "actionsEnabled": true,
            "alarmActions": ["arn:aws:sns:eu-west-1:111122223333:ops"],
            "dimensions": [{"name": "FunctionName", "value": "orders"}, {"name": "Resource", "value": "orders:live"}],
        }})),
        item("AWS::DynamoDB::Table", "orders-table", json!({
            "configuration": {"tableName": "orders-table"}, "tags": {"service": "orders"},
        })),
        item("AWS::CloudFormation::Stack", "orders-stack", json!({
            "configuration": {"stackName": "orders-stack"},
            "supplementaryConfiguration": {"StackResourceSummaries": [
                {"logicalResourceId": "Orders", "physicalResourceId": "orders", "resourceType": "AWS::Lambda::Function"},
            ]},
        })),
        item("AWS::Config::ConformancePackCompliance", "conformance-pack-1", json!({
            "resourceName": "serverless", "configuration": {"complianceType": "COMPLIANT", "totalRuleCount": 9},
        })),
    ]
    .into_iter()
    .collect();
    items.unwrap()
}

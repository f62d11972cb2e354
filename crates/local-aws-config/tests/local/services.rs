//! What IAM, Amazon Inspector and AWS Config's own set-up answer, and that the inventory in this process agrees.

use config_rule::{Document, Inventory, Known, Missing, Selector};
use local_aws_config::LocalAwsConfig;
use local_aws_config::inventory::ItemsInventory;
use local_aws_config::items::{ConfigurationItems, Loaded};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::account::{
    AWS_POLICY, FUNCTION_ARN, TABLES, authorization_details, coverage, findings, loaded, whole_account,
};
use crate::support::{Answer, call, http, item, items, pack, scope, started};

const ROLE: &str = "AWS::IAM::Role";
const POLICY: &str = "AWS::IAM::Policy";
const MANAGED_POLICY: &str = "AWS::IAM::ManagedPolicy";
const COVERAGE: &str = "AWS::InspectorV2::Coverage";
const FINDING: &str = "AWS::InspectorV2::Finding";

#[tokio::test]
async fn a_role_is_answered_as_iam_writes_it() {
    let (config, _folder) = running(whole_account()).await;
    let (status, xml) = iam(&config, "Action=GetRole&Version=2010-05-08&RoleName=orders").await;
    assert_eq!(status, 200, "{xml}");
    assert!(xml.starts_with(
        "<GetRoleResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><GetRoleResult><Role>"
    ));
    for part in [
        "<Path>/service-role/</Path><RoleName>orders</RoleName><RoleId>AROAEXAMPLEORDERS001</RoleId>",
        "<Arn>arn:aws:iam::111122223333:role/service-role/orders</Arn><CreateDate>2026-01-02T03:04:05Z</CreateDate>",
        "<AssumeRolePolicyDocument>%7B%22Statement%22%3A%5B%7B%22Action%22%3A%22sts%3AAssumeRole%22",
        "<PermissionsBoundary><PermissionsBoundaryType>Policy</PermissionsBoundaryType>",
        "<Tags><member><Key>service</Key><Value>orders &amp; more</Value></member></Tags>",
        "<RoleLastUsed><LastUsedDate>2026-02-03T04:05:06Z</LastUsedDate><Region>eu-west-1</Region></RoleLastUsed>",
    ] {
        assert!(xml.contains(part), "{part}: {xml}");
    }
    config.shutdown().await;
}

#[tokio::test]
async fn inline_policies_are_listed_in_pages_and_read_one_by_one() {
    let (config, _folder) = running(whole_account()).await;
    let (_, first) = iam(&config, "Action=ListRolePolicies&RoleName=orders").await;
    assert_eq!(first.matches("<member>").count(), 100);
    assert_eq!(between(&first, "IsTruncated"), "true");
    let next = format!("Action=ListRolePolicies&RoleName=orders&Marker={}", between(&first, "Marker"));
    let (_, second) = iam(&config, &next).await;
    assert!(
        second.contains(
            "<PolicyNames><member>inline-101</member></PolicyNames><IsTruncated>false</IsTruncated>"
        )
    );
    assert!(!second.contains("<Marker>"));
    let (status, other) = iam(&config, &next.replace("ListRolePolicies", "ListAttachedRolePolicies")).await;
    assert_eq!((status, between(&other, "Code")), (400, "ValidationError"));

    let (_, policy) = iam(&config, "Action=GetRolePolicy&RoleName=orders&PolicyName=inline-007").await;
    assert!(between(&policy, "PolicyDocument").contains("table%2F%C3%A9%207%22"), "{policy}");
    let (status, absent) = iam(&config, "Action=GetRolePolicy&RoleName=orders&PolicyName=inline-999").await;
    assert_eq!((status, between(&absent, "Code")), (404, "NoSuchEntity"));
    config.shutdown().await;
}

#[tokio::test]
async fn attached_policies_and_the_versions_of_a_policy_are_answered() {
    let (config, _folder) = running(whole_account()).await;
    let (_, attached) =
        iam(&config, "Action=ListAttachedRolePolicies&RoleName=orders&PathPrefix=%2Fteam%2F").await;
    assert!(attached.contains(&format!("<AttachedPolicies><member><PolicyName>tables</PolicyName><PolicyArn>{TABLES}</PolicyArn></member></AttachedPolicies>")), "{attached}");
    let (_, policy) = iam(&config, &format!("Action=GetPolicy&PolicyArn={TABLES}")).await;
    assert!(
        policy.contains("<DefaultVersionId>v2</DefaultVersionId><AttachmentCount>1</AttachmentCount>"),
        "{policy}"
    );
    let version = |id: &str| format!("Action=GetPolicyVersion&PolicyArn={TABLES}&VersionId={id}");
    let (_, old) = iam(&config, &version("v1")).await;
    assert!(between(&old, "Document").contains("table%2Fold"), "{old}");
    assert_eq!(between(&old, "IsDefaultVersion"), "false");
    let (status, absent) = iam(&config, &version("v3")).await;
    assert_eq!((status, between(&absent, "Code")), (404, "NoSuchEntity"));
    config.shutdown().await;
}

#[tokio::test]
async fn aws_s_policies_come_from_the_input_and_then_from_the_digest() {
    let (config, _folder) = running(whole_account()).await;
    let (_, bundled) = iam(&config, &format!("Action=GetPolicy&PolicyArn={AWS_POLICY}")).await;
    assert_eq!(between(&bundled, "Path"), "/service-role/");
    assert_eq!(between(&bundled, "PolicyName"), "AWSLambdaBasicExecutionRole");
    let version = between(&bundled, "DefaultVersionId");
    let (_, document) =
        iam(&config, &format!("Action=GetPolicyVersion&PolicyArn={AWS_POLICY}&VersionId={version}")).await;
    assert!(between(&document, "Document").contains("logs%3APutLogEvents"), "{document}");
    let (_, given) = iam(&config, "Action=GetPolicy&PolicyArn=arn:aws:iam::aws:policy/AWSNewPolicy").await;
    assert_eq!(between(&given, "PolicyId"), "ANPAEXAMPLENEW000001");
    let (status, unknown) =
        iam(&config, "Action=GetPolicy&PolicyArn=arn:aws:iam::aws:policy/AWSEvenNewer").await;
    assert_eq!((status, between(&unknown, "Code")), (400, "InvalidAction"));
    config.shutdown().await;
}

#[tokio::test]
async fn whether_a_role_is_absent_is_said_only_where_all_roles_are_known() {
    let request = "Action=GetRole&RoleName=nobody";
    let (config, _folder) = running(whole_account()).await;
    let (status, xml) = iam(&config, request).await;
    assert_eq!((status, between(&xml, "Code")), (404, "NoSuchEntity"));
    assert_eq!(between(&xml, "Message"), "The role with name nobody cannot be found.");
    config.shutdown().await;

    let (config, _folder) = started(items([item("orders", 1)]), &["echo"], |_| ()).await;
    let (status, xml) = iam(&config, request).await;
    assert_eq!((status, between(&xml, "Code")), (400, "InvalidAction"));
    config.shutdown().await;
}

#[tokio::test]
async fn what_iam_is_not_asked_for_or_asked_wrongly_is_refused() {
    let (config, _folder) = running(whole_account()).await;
    for (request, code) in [
        ("Action=DeleteRole&RoleName=orders", "InvalidAction"),
        ("", "InvalidAction"),
        ("Action=GetRole", "ValidationError"),
        ("Action=GetPolicy&PolicyArn=short", "ValidationError"),
        ("Action=ListRolePolicies&RoleName=orders&MaxItems=0", "ValidationError"),
        ("Action=ListRolePolicies&RoleName=orders&MaxItems=1001", "ValidationError"),
    ] {
        let (status, xml) = iam(&config, request).await;
        assert_eq!((status, between(&xml, "Code")), (400, code), "{request}");
    }
    config.shutdown().await;
}

#[tokio::test]
async fn coverage_is_listed_by_filters_with_times_in_seconds() {
    let (config, _folder) = running(whole_account()).await;
    let all = inspector(&config, "/coverage/list", &json!({})).await;
    assert_eq!(all.body["coveredResources"].as_array().map(Vec::len), Some(2));
    let filter = |value: &str, comparison: &str| json!([{"comparison": comparison, "value": value}]);
    let of = |name: &str| json!({"filterCriteria": {"resourceType": filter("AWS_LAMBDA_FUNCTION", "EQUALS"), "lambdaFunctionName": filter(name, "EQUALS")}});
    let ours = inspector(&config, "/coverage/list", &of("orders")).await;
    assert_eq!(ours.body["coveredResources"][0]["lastScannedAt"], 1_790_755_200.0);
    assert_eq!(ours.body["coveredResources"].as_array().map(Vec::len), Some(1));
    let none = inspector(&config, "/coverage/list", &of("invoices")).await;
    assert_eq!(none.body, json!({"coveredResources": []}));
    let others = json!({"filterCriteria": {"resourceType": filter("AWS_LAMBDA_FUNCTION", "NOT_EQUALS")}});
    let others = inspector(&config, "/coverage/list", &others).await;
    assert_eq!(others.body["coveredResources"][0]["resourceId"], "i-0123456789abcdef0");
    config.shutdown().await;
}

#[tokio::test]
async fn findings_are_sorted_by_severity_and_paged() {
    let (config, _folder) = running(whole_account()).await;
    let mut input = json!({
        "filterCriteria": {"findingStatus": [{"comparison": "EQUALS", "value": "ACTIVE"}]},
        "sortCriteria": {"field": "SEVERITY", "sortOrder": "DESC"}, "maxResults": 2,
    });
    let mut severities = Vec::new();
    loop {
        let page = inspector(&config, "/findings/list", &input).await;
        let findings = page.body["findings"].as_array().expect("findings").clone();
        assert!(findings.len() <= 2);
        severities.extend(findings.iter().map(|finding| finding["severity"].as_str().unwrap().to_owned()));
        if page.body["nextToken"].is_null() {
            break;
        }
        input["nextToken"] = page.body["nextToken"].clone();
    }
    assert_eq!(severities, ["CRITICAL", "HIGH", "MEDIUM", "LOW", "UNTRIAGED"]);
    config.shutdown().await;
}

#[tokio::test]
async fn a_filter_that_is_not_understood_is_refused_and_never_ignored() {
    let (config, _folder) = running(whole_account()).await;
    let equals = json!([{"comparison": "EQUALS", "value": "x"}]);
    let prefix = json!([{"comparison": "PREFIX", "value": "x"}]);
    for (path, input) in [
        ("/coverage/list", json!({"filterCriteria": {"ecrImageTags": equals}})),
        ("/coverage/list", json!({"filterCriteria": {"accountId": prefix}})),
        ("/coverage/list", json!({"filterCriteria": {"accountId": []}})),
        ("/coverage/list", json!({"maxResults": 201})),
        ("/coverage/list", json!({"nextToken": "x"})),
        ("/findings/list", json!({"filterCriteria": {"epssScore": equals}})),
        ("/findings/list", json!({"sortCriteria": {"field": "EPSS_SCORE", "sortOrder": "ASC"}})),
        ("/findings/list", json!({"maxResults": 0})),
    ] {
        let refused = inspector(&config, path, &input).await;
        let code = refused.header("x-amzn-errortype");
        assert_eq!((refused.status, code), (400, Some("ValidationException")), "{path} {input}");
        assert_eq!(refused.body["reason"], "FIELD_VALIDATION_FAILED");
    }
    config.shutdown().await;
}

#[tokio::test]
async fn without_its_output_there_is_no_inspector_and_with_it_it_is_enabled() {
    let (config, _folder) = started(items([item("orders", 1)]), &["echo"], |_| ()).await;
    for path in ["/coverage/list", "/findings/list", "/status/batch/get", "/delegatedadminaccounts/list"] {
        let refused = inspector(&config, path, &json!({})).await;
        let code = refused.header("x-amzn-errortype");
        assert_eq!((refused.status, code), (404, Some("UnknownOperationException")), "{path}");
    }
    config.shutdown().await;
    let (config, _folder) = running(whole_account()).await;
    let status = inspector(&config, "/status/batch/get", &json!({})).await;
    assert_eq!(status.body["accounts"][0]["resourceState"]["lambda"]["status"], "ENABLED");
    let other = inspector(&config, "/status/batch/get", &json!({"accountIds": ["999999999999"]})).await;
    assert_eq!(other.body["accounts"], json!([]));
    assert_eq!(other.body["failedAccounts"][0]["accountId"], "999999999999");
    config.shutdown().await;
}

#[tokio::test]
async fn the_set_up_is_the_input_s_beside_the_pack_that_runs() {
    let (config, _folder) = running(whole_account()).await;
    let rules = call(&config, "DescribeConfigRules", &json!({})).await.body;
    let names: Vec<_> = rules["ConfigRules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| rule["ConfigRuleName"].as_str().unwrap())
        .collect();
    let (_, _, ours) = config.deployed_rules().remove(0);
    assert_eq!(names, [ours.as_str(), "lambda-dlq"]);
    let status =
        call(&config, "DescribeConfigRuleEvaluationStatus", &json!({"ConfigRuleNames": ["lambda-dlq"]}))
            .await;
    assert_eq!(
        status.body["ConfigRulesEvaluationStatus"][0]["LastSuccessfulEvaluationTime"],
        1_790_755_200.0
    );
    let packs =
        call(&config, "DescribeConformancePackStatus", &json!({"ConformancePackNames": ["iam"]})).await;
    assert_eq!(packs.body["ConformancePackStatusDetails"][0]["ConformancePackState"], "CREATE_FAILED");
    let packs = call(&config, "DescribeConformancePacks", &json!({})).await;
    assert_eq!(packs.body["ConformancePackDetails"].as_array().map(Vec::len), Some(2));
    let recorder = call(&config, "DescribeConfigurationRecorderStatus", &json!({})).await;
    assert_eq!(recorder.body["ConfigurationRecordersStatus"][0]["lastStatus"], "FAILURE");
    let channel =
        call(&config, "DescribeDeliveryChannelStatus", &json!({"DeliveryChannelNames": ["main"]})).await;
    assert_eq!(
        channel.body["DeliveryChannelsStatus"][0]["configHistoryDeliveryInfo"]["lastStatus"],
        "FAILURE"
    );
    let other =
        call(&config, "DescribeDeliveryChannels", &json!({"DeliveryChannelNames": ["default"]})).await;
    assert_eq!(other.error(), "NoSuchDeliveryChannelException");
    config.shutdown().await;
}

#[tokio::test]
async fn what_is_no_item_is_not_shown_as_one() {
    let (config, _folder) = running(whole_account()).await;
    let found = |resource_type: &str| json!({"Expression": format!("SELECT resourceId WHERE resourceType = '{resource_type}'")});
    for (resource_type, count) in [(ROLE, 1), (POLICY, 1), (MANAGED_POLICY, 0), (COVERAGE, 0), (FINDING, 0)] {
        let rows = call(&config, "SelectResourceConfig", &found(resource_type)).await;
        assert_eq!(rows.body["Results"].as_array().map(Vec::len), Some(count), "{resource_type}");
    }
    config.shutdown().await;
}

#[tokio::test]
async fn roles_and_policies_are_found_in_this_process_as_iam_is_asked_for_them() {
    let items = whole_account().items;
    for (resource_type, selector, expected) in [
        (ROLE, Selector::Named("orders"), 1),
        (ROLE, Selector::Arn("arn:aws:iam::111122223333:role/service-role/orders"), 1),
        (ROLE, Selector::Arn("arn:aws:iam::111122223333:role/orders"), 0),
        (ROLE, Selector::Named("nobody"), 0),
        (POLICY, Selector::Arn(TABLES), 1),
        (POLICY, Selector::Arn(AWS_POLICY), 0),
        (MANAGED_POLICY, Selector::Arn(AWS_POLICY), 1),
        (MANAGED_POLICY, Selector::Arn("arn:aws:iam::aws:policy/AWSNewPolicy"), 1),
        (MANAGED_POLICY, Selector::Arn(TABLES), 0),
    ] {
        let found = find(&items, resource_type, selector).await.map(|found| found.len());
        assert_eq!(found, Known::Value(expected), "{resource_type} {selector:?}");
    }
    // The recorder leaves IAM out, and IAM does not find by reference.
    for (resource_type, selector) in [
        (ROLE, Selector::ReferringTo("tables-2")),
        (MANAGED_POLICY, Selector::Named("AWSNewPolicy")),
        (MANAGED_POLICY, Selector::Arn("arn:aws:iam::aws:policy/AWSEvenNewer")),
    ] {
        let expected = Known::Unknown(Missing::NotRecorded { what: resource_type.to_owned() });
        assert_eq!(find(&items, resource_type, selector).await, expected, "{resource_type} {selector:?}");
    }
}

#[tokio::test]
async fn inspector_s_documents_name_their_function_and_are_unknown_without_its_output() {
    let whole = whole_account().items;
    for selector in [Selector::ReferringTo("orders"), Selector::ReferringTo(FUNCTION_ARN)] {
        let Known::Value(findings) = find(&whole, FINDING, selector).await else { panic!("{selector:?}") };
        let severities: Vec<_> =
            findings.iter().map(|finding| text(finding, "configuration.severity")).collect();
        assert_eq!(severities, ["CRITICAL", "HIGH", "MEDIUM", "LOW", "UNTRIAGED"]);
    }
    let Known::Value(covered) = find(&whole, COVERAGE, Selector::Id(FUNCTION_ARN)).await else {
        panic!("coverage")
    };
    assert_eq!(text(&covered[0], "configuration.lastScannedAt"), "2026-09-30T08:00:00Z");
    assert_eq!(find(&whole, FINDING, Selector::ReferringTo("invoices")).await, Known::Value(Vec::new()));
    assert_eq!(find(&whole, COVERAGE, Selector::ReferringTo("invoices")).await, Known::Value(Vec::new()));

    let without = items([item("orders", 1)]);
    for resource_type in [COVERAGE, FINDING] {
        let expected = Known::Unknown(Missing::NotRecorded { what: resource_type.to_owned() });
        assert_eq!(find(&without, resource_type, Selector::ReferringTo("orders")).await, expected);
    }
}

#[tokio::test]
async fn an_empty_list_of_findings_is_an_answer() {
    let quiet = loaded(&[json!({"configurationItems": [item("orders", 1)]}), json!({"findings": []})]);
    assert!(quiet.problems.is_empty(), "{:?}", quiet.problems);
    assert_eq!(find(&quiet.items, FINDING, Selector::All).await, Known::Value(Vec::new()));
    assert!(matches!(find(&quiet.items, COVERAGE, Selector::All).await, Known::Unknown(_)));
}

#[tokio::test]
async fn the_set_up_is_known_in_this_process_too() {
    let items = whole_account().items;
    let kind = |name: &str| format!("AWS::Config::{name}");
    let inventory = ItemsInventory::new(&items, scope()).with_pack(&pack(&["echo"]));
    let only = async |name: &str, index: usize| {
        let found = inventory.find(&kind(name), Selector::All).await.expect("an answer");
        let Known::Value(found) = found else { panic!("{name}") };
        found.iter().nth(index).expect("one of them").clone()
    };
    let recorder = only("ConfigurationRecorder", 0).await;
    assert_eq!(recorder.resource_id, "main");
    assert_eq!(text(&recorder, "configuration.status.lastStopTime"), "2026-09-30T08:00:00Z");
    let channel = only("DeliveryChannel", 0).await;
    assert_eq!(
        text(&channel, "configuration.status.configHistoryDeliveryInfo.lastErrorCode"),
        "NoSuchBucket"
    );
    let rule = only("ConfigRule", 1).await;
    assert_eq!(text(&rule, "configuration.Source.SourceIdentifier"), "LAMBDA_DLQ_CHECK");
    assert_eq!(text(&rule, "configuration.Status.LastSuccessfulEvaluationTime"), "2026-09-30T08:00:00Z");
    let pack = only("ConformancePack", 1).await;
    assert_eq!(text(&pack, "configuration.Status.ConformancePackStatusReason"), "no role");
}

#[test]
fn roles_and_policies_take_the_place_of_items_with_their_arns() {
    let stale = json!({
        "resourceType": ROLE, "resourceId": "AROAEXAMPLEBEFORE001", "resourceName": "orders",
        "ARN": "arn:aws:iam::111122223333:role/service-role/orders", "awsAccountId": "111122223333", "awsRegion": "global",
        "configurationItemStatus": "OK", "configurationItemCaptureTime": "2026-09-30T08:00:00.000Z",
        "configuration": {"roleName": "orders"}, "supplementaryConfiguration": {}, "tags": {}, "relationships": [],
    });
    let loaded =
        loaded(&[authorization_details(), json!({"configurationItems": [item("orders", 1), stale]})]);
    assert_eq!((loaded.problems.len(), loaded.authorization_details.len()), (0, 1));
    let roles: Vec<_> = loaded.items.visible_of_type(&scope(), ROLE).collect();
    assert_eq!(roles.len(), 1);
    let role = roles[0];
    assert_eq!((role.resource_id.as_str(), role.region.as_deref()), ("AROAEXAMPLEORDERS001", Some("global")));
    assert_eq!(role.capture_time, loaded.items.recorded_at());
    assert_eq!(role.tag("service"), Ok(Some("orders & more")));
    assert_eq!(text(role, "configuration.createDate"), "2026-01-02T03:04:05.000Z");
    assert!(text(role, "configuration.assumeRolePolicyDocument").starts_with("%7B%22Statement%22"));
    let related: Vec<_> = role.relationships.iter().map(|other| other.resource_id).collect();
    assert_eq!(related, [Some("ANPAEXAMPLETABLES001")]);
    let policy = loaded.items.visible_of_type(&scope(), POLICY).next().unwrap();
    assert_eq!(*policy.properties().whole_number("configuration.attachmentCount").get().unwrap(), 1);
}

#[test]
fn what_cannot_be_placed_or_read_is_one_line() {
    let (one, mut other) = (item("orders", 1), item("invoices", 1));
    other["awsRegion"] = json!("us-east-1");
    let two_regions = json!({"configurationItems": [one, other]});
    let nameless =
        json!({"ConfigRules": [{"ConfigRuleArn": "arn:aws:config:eu-west-1:111122223333:config-rule/x"}]});
    for (document, expected) in [
        (
            json!({"findings": []}),
            "`findings`: expected an ARN with account and Region, or other input of one account and Region in the same folder, found neither",
        ),
        (
            json!({"DeliveryChannels": [{"name": "a"}, {"name": "b"}]}),
            "`DeliveryChannels`: expected an ARN with account and Region, or other input of one account and Region in the same folder, found neither",
        ),
        (nameless, "`ConfigRules`: expected elements with `ConfigRuleName`, found one without"),
        (json!({"coveredResources": {}}), "`coveredResources`: expected a list, found an object"),
        (
            json!({"RoleDetailList": [{"RoleName": "x"}]}),
            "`RoleDetailList`, element 1: expected `RoleId`, found none",
        ),
    ] {
        let loaded = loaded(&[two_regions.clone(), document]);
        let reasons: Vec<_> = loaded.problems.iter().map(|problem| problem.reason.as_str()).collect();
        assert_eq!(reasons, [expected]);
    }
}

#[test]
fn the_set_up_alone_is_a_scope_and_findings_alone_are_not() {
    let rule = json!({"ConfigRules": [{"ConfigRuleName": "x", "ConfigRuleArn": "arn:aws:config:eu-west-1:111122223333:config-rule/x"}]});
    assert_eq!(loaded(&[rule]).items.scopes(), [scope()]);
    assert_eq!(loaded(&[coverage(), findings()]).items.scopes(), []);
}

async fn running(loaded: Loaded) -> (LocalAwsConfig, TempDir) {
    started(loaded.items, &["echo"], |_| ()).await
}

async fn iam(config: &LocalAwsConfig, form: &str) -> (u16, String) {
    let answer = request(config, "iam", "/", "application/x-www-form-urlencoded", form).await;
    (answer.status, answer.text)
}

async fn inspector(config: &LocalAwsConfig, path: &str, input: &Value) -> Answer {
    request(config, "inspector2", path, "application/json", &input.to_string()).await
}

async fn request(config: &LocalAwsConfig, service: &str, path: &str, kind: &str, body: &str) -> Answer {
    let endpoint = config.endpoint();
    let credential = format!(
        "AWS4-HMAC-SHA256 Credential=LOCAL111122223333/20261001/eu-west-1/{service}/aws4_request, Signature=0"
    );
    let headers = [("content-type", kind), ("authorization", credential.as_str())];
    http(endpoint.trim_start_matches("http://"), "POST", path, &headers, body.as_bytes()).await
}

async fn find(
    items: &ConfigurationItems,
    resource_type: &str,
    selector: Selector<'_>,
) -> Known<Vec<Document>> {
    let inventory = ItemsInventory::new(items, scope());
    let found = inventory.find(resource_type, selector).await.expect("an answer");
    found.map(|documents| documents.iter().cloned().collect())
}

fn text<'a>(document: &'a Document, path: &str) -> &'a str {
    document.properties().text(path).get().copied().unwrap_or_else(|missing| panic!("{missing}"))
}

/// The content of the first element with a name.
fn between<'a>(xml: &'a str, name: &str) -> &'a str {
    let (_, rest) = xml.split_once(&format!("<{name}>")).unwrap_or_else(|| panic!("{name} in {xml}"));
    rest.split_once(&format!("</{name}>")).map_or("", |(content, _)| content)
}

//! Conformance packs as clients put and delete them, in one account and in an organization.

use std::time::Duration;

use local_aws_config::LocalAwsConfig;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::account::loaded;
use crate::support::{ACCOUNT, Answer, REGION, call, call_as, item, items, started};

const MEMBER: &str = "444455556666";
const NEWCOMER: &str = "777788889999";

#[tokio::test]
async fn a_put_pack_is_created_and_its_rules_are_evaluated() {
    let (config, _folder) = account(&["one", "two"]).await;
    let put = put(&config, "mine", &template(&["two"])).await;
    let arn = put.body["ConformancePackArn"].as_str().expect("an ARN");
    assert!(arn.starts_with(&format!("arn:aws:config:{REGION}:{ACCOUNT}:conformance-pack/mine/")), "{arn}");
    assert_eq!(state(&config, "mine").await["ConformancePackState"], "CREATE_IN_PROGRESS");

    let status = settled(&config, "mine").await;
    assert_eq!(status["ConformancePackState"], "CREATE_COMPLETE", "{status}");
    assert_eq!(status["ConformancePackArn"], arn);
    let rules = call(&config, "DescribeConfigRules", &json!({})).await;
    assert_eq!(rules.body["ConfigRules"].as_array().unwrap().len(), 2, "{rules:?}");
    let results = results(&config, "mine", 2).await;
    let rule = &results[0]["EvaluationResultIdentifier"]["EvaluationResultQualifier"]["ConfigRuleName"];
    assert!(rule.as_str().unwrap().starts_with("two-conformance-pack-"), "{rule}");
    config.shutdown().await;
}

#[tokio::test]
async fn a_pack_that_is_being_deployed_is_in_use() {
    let (config, _folder) = account(&["one"]).await;
    put(&config, "mine", &template(&["one"])).await;
    assert_eq!(put(&config, "mine", &template(&["one"])).await.error(), "ResourceInUseException");
    assert_eq!(delete(&config, "mine").await.error(), "ResourceInUseException");
    settled(&config, "mine").await;
    assert_eq!(put(&config, "mine", &template(&["one"])).await.status, 200);
    config.shutdown().await;
}

#[tokio::test]
async fn an_update_brings_rules_and_takes_rules_with_their_results() {
    let (config, _folder) = account(&["one", "two"]).await;
    put(&config, "mine", &template(&["one"])).await;
    settled(&config, "mine").await;
    results(&config, "mine", 2).await;
    put(&config, "mine", &template(&["two"])).await;
    // Until the update is done, the earlier rules run.
    assert!(results(&config, "mine", 2).await[0].to_string().contains("\"one-conformance-pack-"));
    settled(&config, "mine").await;
    let results = results(&config, "mine", 2).await;
    assert!(
        results.iter().all(|result| result.to_string().contains("\"two-conformance-pack-")),
        "{results:?}"
    );
    config.shutdown().await;
}

#[tokio::test]
async fn a_deleted_pack_is_gone_with_its_rules() {
    let (config, _folder) = account(&["one"]).await;
    put(&config, "mine", &template(&["one"])).await;
    settled(&config, "mine").await;
    assert_eq!(delete(&config, "mine").await.status, 200);
    assert_eq!(state(&config, "mine").await["ConformancePackState"], "DELETE_IN_PROGRESS");
    settled(&config, "mine").await;
    let rules = call(&config, "DescribeConfigRules", &json!({})).await;
    assert_eq!(rules.body["ConfigRules"].as_array().unwrap().len(), 1, "the other pack's rule stays");
    assert_eq!(delete(&config, "mine").await.error(), "NoSuchConformancePackException");
    config.shutdown().await;
}

#[tokio::test]
async fn a_missing_export_fails_the_pack_and_is_named() {
    let (config, _folder) = account(&["one"]).await;
    put(&config, "mine", &template(&["one", "three"])).await;
    let status = settled(&config, "mine").await;
    assert_eq!(status["ConformancePackState"], "CREATE_FAILED");
    let reason = status["ConformancePackStatusReason"].as_str().unwrap();
    assert!(reason.starts_with("No export named serverless-conformance:three found."), "{reason}");
    let rules = call(&config, "DescribeConfigRules", &json!({})).await;
    assert_eq!(rules.body["ConfigRules"].as_array().unwrap().len(), 1, "a failed pack leaves no rule behind");
    config.shutdown().await;
}

#[tokio::test]
async fn the_exports_that_the_input_lists_are_all_that_there_are() {
    let listed = |name: &str| {
        json!({"Exports": [{
            "ExportingStackId": format!("arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/functions/1"),
            "Name": name, "Value": format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:one"),
        }]})
    };
    for (name, expected) in
        [("serverless-conformance:one", "CREATE_COMPLETE"), ("something:else", "CREATE_FAILED")]
    {
        let input = loaded(&[json!({"configurationItems": [item("a", 1)]}), listed(name)]);
        assert!(input.problems.is_empty(), "{:?}", input.problems);
        let (config, _folder) = started(input.items, &["one"], quick).await;
        put(&config, "mine", &template(&["one"])).await;
        assert_eq!(settled(&config, "mine").await["ConformancePackState"], expected, "{name}");
        config.shutdown().await;
    }
}

#[tokio::test]
async fn a_function_that_may_not_be_invoked_fails_the_pack() {
    let (config, _folder) = account(&["one"]).await;
    let mut template = template(&["three"]);
    let arn = format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:three");
    template["Resources"]["three"]["Properties"]["Source"]["SourceIdentifier"] = json!(arn);
    put(&config, "mine", &template).await;
    let status = settled(&config, "mine").await;
    let reason = status["ConformancePackStatusReason"].as_str().unwrap();
    assert!(reason.contains(&format!("The AWS Lambda function {arn} cannot be invoked.")), "{reason}");
    assert!(reason.contains("InsufficientPermissionsException"), "{reason}");
    config.shutdown().await;
}

#[tokio::test]
async fn a_failed_update_leaves_the_earlier_rules_running() {
    let (config, _folder) = account(&["one"]).await;
    put(&config, "mine", &template(&["one"])).await;
    settled(&config, "mine").await;
    put(&config, "mine", &template(&["three"])).await;
    assert_eq!(settled(&config, "mine").await["ConformancePackState"], "CREATE_FAILED");
    assert_eq!(results(&config, "mine", 2).await.len(), 2);
    config.shutdown().await;
}

#[tokio::test]
async fn without_a_recorder_no_pack_is_created() {
    let input =
        loaded(&[json!({"configurationItems": [item("a", 1)]}), json!({"ConfigurationRecorders": []})]);
    let (config, _folder) = started(input.items, &["one"], quick).await;
    put(&config, "mine", &template(&["one"])).await;
    let status = settled(&config, "mine").await;
    assert_eq!(status["ConformancePackState"], "CREATE_FAILED");
    let reason = status["ConformancePackStatusReason"].as_str().unwrap();
    assert!(reason.starts_with("You must create a configuration recorder"), "{reason}");
    config.shutdown().await;
}

#[tokio::test]
async fn a_request_that_breaks_the_model_is_refused_before_anything_happens() {
    let (config, _folder) = account(&["one"]).await;
    let body = template(&["one"]).to_string();
    let parameters = |count: usize| -> Value {
        (0..count).map(|n| json!({"ParameterName": format!("P{n}"), "ParameterValue": "x"})).collect()
    };
    let padded = |bytes: usize| format!("{body}{}", " ".repeat(bytes - body.len()));
    let refused = [
        (json!({"TemplateBody": body}), "ValidationException"),
        (json!({"ConformancePackName": "1st", "TemplateBody": body}), "ValidationException"),
        (json!({"ConformancePackName": "a_b", "TemplateBody": body}), "ValidationException"),
        (json!({"ConformancePackName": "a".repeat(257), "TemplateBody": body}), "ValidationException"),
        (json!({"ConformancePackName": "mine", "TemplateBody": padded(51_201)}), "ValidationException"),
        (json!({"ConformancePackName": "mine", "TemplateS3Uri": "https://b/k"}), "ValidationException"),
        (
            json!({"ConformancePackName": "mine", "TemplateBody": body, "ConformancePackInputParameters": parameters(61)}),
            "ValidationException",
        ),
        (json!({"ConformancePackName": "mine"}), "InvalidParameterValueException"),
        (
            json!({"ConformancePackName": "mine", "TemplateS3Uri": "s3://b/k"}),
            "InsufficientPermissionsException",
        ),
        (
            json!({"ConformancePackName": "mine", "TemplateBody": body, "ConformancePackInputParameters": parameters(1)}),
            "ConformancePackTemplateValidationException",
        ),
        (
            json!({"ConformancePackName": "mine", "TemplateBody": "Resources: {F: {Type: AWS::Lambda::Function}}"}),
            "ConformancePackTemplateValidationException",
        ),
    ];
    for (request, expected) in refused {
        let answer = call(&config, "PutConformancePack", &request).await;
        assert_eq!(answer.error(), expected, "{}", answer.message());
    }
    let packs = call(&config, "DescribeConformancePacks", &json!({})).await;
    assert_eq!(packs.body["ConformancePackDetails"].as_array().unwrap().len(), 1);
    for accepted in [
        json!({"ConformancePackName": "mine", "TemplateBody": padded(51_200)}),
        json!({"ConformancePackName": "a".repeat(256), "TemplateBody": body}),
    ] {
        let answer = call(&config, "PutConformancePack", &accepted).await;
        assert_eq!(answer.status, 200, "{}", answer.message());
    }
    config.shutdown().await;
}

#[tokio::test]
async fn fifty_packs_are_accepted_and_one_more_is_not() {
    let (config, _folder) = account(&["one"]).await;
    for number in 1..50 {
        assert_eq!(put(&config, &format!("pack-{number}"), &template(&["one"])).await.status, 200);
    }
    let refused = put(&config, "one-more", &template(&["one"])).await;
    assert_eq!(refused.error(), "MaxNumberOfConformancePacksExceededException");
    config.shutdown().await;
}

#[tokio::test]
async fn a_template_in_a_bucket_may_have_300_kb() {
    let body = template(&["one"]).to_string();
    let padded = |bytes: usize| format!("{body}{}", " ".repeat(bytes - body.len()));
    let bucket = served(vec![("/b/small", padded(307_200)), ("/b/large", padded(307_201))]).await;
    let (config, _folder) = started(items([item("a", 1)]), &["one"], |options| {
        quick(options);
        options.s3_endpoint = Some(bucket);
    })
    .await;
    let put = async |key: &str| {
        let request = json!({"ConformancePackName": "mine", "TemplateS3Uri": format!("s3://b/{key}"), "TemplateBody": "?"});
        call(&config, "PutConformancePack", &request).await
    };
    let (missing, large) = (put("missing").await, put("large").await);
    assert_eq!(missing.error(), "InsufficientPermissionsException");
    assert!(missing.message().ends_with("found status 404 Not Found"), "{}", missing.message());
    assert_eq!(large.error(), "ConformancePackTemplateValidationException");
    assert!(large.message().contains("at most 307200 bytes, found 307201"), "{}", large.message());
    assert_eq!(put("small").await.status, 200);
    assert_eq!(settled(&config, "mine").await["ConformancePackState"], "CREATE_COMPLETE");
    config.shutdown().await;
}

#[tokio::test]
async fn an_organizations_pack_is_deployed_to_every_account_and_says_why_one_failed() {
    let (config, _folder) = organization().await;
    let put = put_to_organization(&config, "best", &json!({})).await;
    let arn = put.body["OrganizationConformancePackArn"].as_str().expect("an ARN");
    assert!(arn.contains(":organization-conformance-pack/best-"), "{arn}");
    assert_eq!(status_of_organization(&config, "best").await["Status"], "CREATE_IN_PROGRESS");
    assert_eq!(put_to_organization(&config, "best", &json!({})).await.error(), "ResourceInUseException");

    let status = organization_settled(&config, "best").await;
    assert_eq!(status["Status"], "CREATE_FAILED", "{status}");
    let details = details(&config, "best", &json!({})).await;
    let by_account: Vec<_> = details
        .iter()
        .map(|detail| (detail["AccountId"].as_str().unwrap(), detail["Status"].clone()))
        .collect();
    assert_eq!(
        by_account,
        [
            (ACCOUNT, json!("CREATE_SUCCESSFUL")),
            (MEMBER, json!("CREATE_SUCCESSFUL")),
            (NEWCOMER, json!("CREATE_FAILED"))
        ]
    );
    assert_eq!(details[2]["ErrorCode"], "NoAvailableConfigurationRecorderException", "{details:?}");
    let failed = json!({"Filters": {"Status": "CREATE_FAILED"}});
    assert_eq!(self::details(&config, "best", &failed).await, details[2..]);

    let packs = call_as(&config, (MEMBER, REGION), "DescribeConformancePacks", &json!({})).await;
    let packs = packs.body["ConformancePackDetails"].as_array().unwrap().clone();
    let member = packs.iter().find(|pack| pack["CreatedBy"].is_string()).expect("the organization's pack");
    assert_eq!(member["ConformancePackName"], details[1]["ConformancePackName"]);
    assert_eq!(member["CreatedBy"], "config-multiaccountsetup.amazonaws.com");
    config.shutdown().await;
}

#[tokio::test]
async fn an_excluded_account_keeps_out_and_loses_what_it_had() {
    let (config, _folder) = organization().await;
    let excluding = json!({"ExcludedAccounts": [NEWCOMER]});
    put_to_organization(&config, "best", &excluding).await;
    assert_eq!(organization_settled(&config, "best").await["Status"], "CREATE_SUCCESSFUL");
    assert_eq!(details(&config, "best", &json!({})).await.len(), 2);

    put_to_organization(&config, "best", &json!({"ExcludedAccounts": [MEMBER, NEWCOMER]})).await;
    assert_eq!(organization_settled(&config, "best").await["Status"], "UPDATE_SUCCESSFUL");
    let details = details(&config, "best", &json!({})).await;
    assert_eq!(details.len(), 1, "{details:?}");
    assert_eq!(details[0]["Status"], "UPDATE_SUCCESSFUL");
    config.shutdown().await;
}

#[tokio::test]
async fn a_deleted_organizations_pack_is_gone_from_every_account() {
    let (config, _folder) = organization().await;
    put_to_organization(&config, "best", &json!({"ExcludedAccounts": [NEWCOMER]})).await;
    organization_settled(&config, "best").await;
    let named = json!({"OrganizationConformancePackName": "best"});
    assert_eq!(call(&config, "DeleteOrganizationConformancePack", &named).await.status, 200);
    assert_eq!(status_of_organization(&config, "best").await["Status"], "DELETE_IN_PROGRESS");
    for _ in 0..600 {
        let detailed = call(&config, "GetOrganizationConformancePackDetailedStatus", &named).await;
        if detailed.status == 400 {
            assert_eq!(detailed.error(), "NoSuchOrganizationConformancePackException");
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let left = call(&config, "DescribeOrganizationConformancePacks", &json!({})).await;
    assert_eq!(left.body["OrganizationConformancePacks"], json!([]));
    config.shutdown().await;
}

#[tokio::test]
async fn only_an_administrator_of_an_organization_deploys_to_it() {
    let (config, _folder) = organization().await;
    let member = call_as(&config, (MEMBER, REGION), "DescribeOrganizationConformancePacks", &json!({})).await;
    assert_eq!(member.error(), "OrganizationAccessDeniedException");
    config.shutdown().await;

    let (config, _folder) = account(&["one"]).await;
    let alone = put_to_organization(&config, "best", &json!({})).await;
    assert_eq!(alone.error(), "NoAvailableOrganizationException");
    config.shutdown().await;
}

#[tokio::test]
async fn an_organizations_request_that_breaks_the_model_is_refused() {
    let (config, _folder) = organization().await;
    for (change, expected) in [
        (json!({"OrganizationConformancePackName": "a".repeat(129)}), "ValidationException"),
        (json!({"ExcludedAccounts": ["12345"]}), "ValidationException"),
        (json!({"ExcludedAccounts": vec![MEMBER; 1_001]}), "ValidationException"),
        (json!({"TemplateBody": null}), "ValidationException"),
        (json!({"TemplateBody": "- 1"}), "OrganizationConformancePackTemplateValidationException"),
    ] {
        let answer = put_to_organization(&config, "best", &change).await;
        assert_eq!(answer.error(), expected, "{}", answer.message());
    }
    let long = json!({"OrganizationConformancePackName": "a".repeat(128)});
    assert_eq!(put_to_organization(&config, "best", &long).await.status, 200);
    config.shutdown().await;
}

/// An account with two functions that is recorded, and these rules' functions; the first is in a pack already.
async fn account(functions: &[&str]) -> (LocalAwsConfig, TempDir) {
    started(items([item("a", 1)]), functions, |options| {
        quick(options);
        options.packs.truncate(1);
        options.packs =
            options.packs.drain(..).map(|pack| pack.with_rules(|rule| rule.name == "one")).collect();
    })
    .await
}

/// A management account and a member, which are recorded, and a newcomer, which is not; another is suspended.
async fn organization() -> (LocalAwsConfig, TempDir) {
    let of_member = |mut item: Value| {
        item["awsAccountId"] = json!(MEMBER);
        item["ARN"] = json!(format!("arn:aws:lambda:{REGION}:{MEMBER}:function:a"));
        item
    };
    let account = |id: &str, state: &str| {
        json!({
            "Id": id, "Arn": format!("arn:aws:organizations::{ACCOUNT}:account/o-exampleorgid/{id}"), "Name": id,
            "Email": format!("{id}@example.com"), "Status": state, "JoinedMethod": "CREATED",
            "JoinedTimestamp": "2026-01-02T03:04:05+00:00",
        })
    };
    let input = loaded(&[
        json!({"configurationItems": [item("a", 1), item("b", 1), of_member(item("a", 1))]}),
        json!({"Accounts": [
            account(ACCOUNT, "ACTIVE"), account(MEMBER, "ACTIVE"), account(NEWCOMER, "ACTIVE"),
            account("999900001111", "SUSPENDED"),
        ]}),
        json!({"DelegatedAdministrators": []}),
    ]);
    assert!(input.problems.is_empty(), "{:?}", input.problems);
    started(input.items, &["one"], quick).await
}

fn quick(options: &mut local_aws_config::Options) {
    // Long enough to be seen at, on a machine that has other things to do.
    options.deployment_time = Duration::from_secs(1);
}

/// A pack with these rules, as `support::pack` makes them.
fn template(rules: &[&str]) -> Value {
    let resources: Vec<_> = rules
        .iter()
        .map(|rule| {
            (rule.to_string(), json!({"Type": "AWS::Config::ConfigRule", "Properties": {
                "ConfigRuleName": rule,
                "Scope": {"ComplianceResourceTypes": ["AWS::Lambda::Function"]},
                "Source": {
                    "Owner": "CUSTOM_LAMBDA",
                    "SourceIdentifier": {"Fn::ImportValue": format!("serverless-conformance:{rule}")},
                    "SourceDetails": [
                        {"EventSource": "aws.config", "MessageType": "ConfigurationItemChangeNotification"},
                        {"EventSource": "aws.config", "MessageType": "ScheduledNotification"},
                    ],
                },
            }}))
        })
        .collect();
    json!({"Resources": resources.into_iter().collect::<serde_json::Map<_, _>>()})
}

async fn put(config: &LocalAwsConfig, name: &str, template: &Value) -> Answer {
    let request = json!({"ConformancePackName": name, "TemplateBody": template.to_string()});
    call(config, "PutConformancePack", &request).await
}

async fn delete(config: &LocalAwsConfig, name: &str) -> Answer {
    call(config, "DeleteConformancePack", &json!({"ConformancePackName": name})).await
}

async fn state(config: &LocalAwsConfig, name: &str) -> Value {
    let status =
        call(config, "DescribeConformancePackStatus", &json!({"ConformancePackNames": [name]})).await;
    status.body["ConformancePackStatusDetails"][0].clone()
}

/// The status when AWS Config is done with the pack; `null` if it is gone.
async fn settled(config: &LocalAwsConfig, name: &str) -> Value {
    for _ in 0..600 {
        let status = state(config, name).await;
        if !status["ConformancePackState"].as_str().is_some_and(|state| state.ends_with("_IN_PROGRESS")) {
            return status;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("`{name}` is not deployed within half a minute");
}

/// The pack's results, when there are as many.
async fn results(config: &LocalAwsConfig, name: &str, count: usize) -> Vec<Value> {
    for _ in 0..600 {
        let request = json!({"ConformancePackName": name});
        let answer = call(config, "GetConformancePackComplianceDetails", &request).await;
        let results =
            answer.body["ConformancePackRuleEvaluationResults"].as_array().cloned().unwrap_or_default();
        if count <= results.len() {
            return results;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("`{name}` has not {count} results within half a minute");
}

async fn put_to_organization(config: &LocalAwsConfig, name: &str, change: &Value) -> Answer {
    let mut request = json!({
        "OrganizationConformancePackName": name, "TemplateBody": template(&["one"]).to_string(),
    });
    for (key, value) in change.as_object().expect("members to change") {
        request[key] = value.clone();
    }
    call(config, "PutOrganizationConformancePack", &request).await
}

async fn status_of_organization(config: &LocalAwsConfig, name: &str) -> Value {
    let request = json!({"OrganizationConformancePackNames": [name]});
    let answer = call(config, "DescribeOrganizationConformancePackStatuses", &request).await;
    answer.body["OrganizationConformancePackStatuses"][0].clone()
}

async fn organization_settled(config: &LocalAwsConfig, name: &str) -> Value {
    for _ in 0..600 {
        let status = status_of_organization(config, name).await;
        if !status["Status"].as_str().expect("a status").ends_with("_IN_PROGRESS") {
            return status;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("`{name}` is not deployed within half a minute");
}

async fn details(config: &LocalAwsConfig, name: &str, change: &Value) -> Vec<Value> {
    let mut request = change.clone();
    request["OrganizationConformancePackName"] = json!(name);
    let answer = call(config, "GetOrganizationConformancePackDetailedStatus", &request).await;
    answer.body["OrganizationConformancePackDetailedStatuses"].as_array().expect("a list").clone()
}

/// The URL of a server that has these objects.
async fn served(objects: Vec<(&'static str, String)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 4_096];
            let length = stream.read(&mut head).await.unwrap_or_default();
            let head = String::from_utf8_lossy(&head[..length]).into_owned();
            let path = head.split(' ').nth(1).unwrap_or_default();
            let object = objects.iter().find(|(key, _)| *key == path);
            let (status, body) = object.map_or(("404 Not Found", ""), |(_, body)| ("200 OK", body.as_str()));
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    url
}

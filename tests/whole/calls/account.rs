//! A rule's function and the account that it sees.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_stub::{Answer, Endpoint, iam};
use catalog::RULES;
use config_lambda::{Evidence, Function, Settings};
use config_rule::{Document, Timestamp};
use iam_evidence::IamEvidence;
use local_aws_config::query;
use serde_json::{Value, json};

const ACCOUNT: &str = "111122223333";
pub(super) const ROLE: &str = "arn:aws:iam::111122223333:role/orders";
const STACK: &str = "arn:aws:cloudformation:eu-west-1:111122223333:stack/orders/1";

/// The most rows, results and evaluations of one call.
pub(super) const PAGE: usize = 100;

/// A rule's function in an account.
pub(super) struct Account {
    pub(super) endpoint: Endpoint,
    function: Function,
    items: Vec<Value>,
}

impl Account {
    pub(super) async fn of(rule: &str, items: Vec<Value>) -> Self {
        Self::with_results(0, rule, items).await
    }

    /// The same with earlier results about this many functions, of which not all need exist.
    pub(super) async fn with_results(functions: usize, rule: &str, items: Vec<Value>) -> Self {
        let documents = items.iter().map(|item| Document::from_item(item.clone()).unwrap()).collect();
        let log = || iam::version("v1", &document("logs:PutLogEvents", LOGS)).1;
        let endpoint = Endpoint::start([
            ("SelectResourceConfig", Answer::each(selected_from(documents))),
            ("GetComplianceDetailsByConfigRule", Answer::each(results(functions))),
            ("GetPolicy", Answer::each(|request| policy(request["PolicyArn"].as_str().unwrap()))),
            ("GetPolicyVersion", Answer::each(move |_| log())),
        ])
        .await;
        let settings = Settings::from_variables(|name| endpoint.variable(name)).unwrap();
        let entry = RULES.iter().find(|entry| entry.meta.name == rule).unwrap();
        let iam: &'static IamEvidence = Box::leak(Box::new(IamEvidence::new()));
        let evidence: &'static [&'static dyn Evidence] = Box::leak(Box::new([iam as _]));
        Self { endpoint, function: Function::new(entry, settings).with_evidence(evidence), items }
    }

    /// The function answers a change of one of the items. AWS Config tells of it just now, so that nothing known before
    /// will do.
    pub(super) async fn change(&self, id: &str) {
        self.change_sent(SystemTime::now(), id).await;
    }

    /// The same for a change of which AWS Config told before anything was asked for.
    pub(super) async fn change_that_waited(&self, id: &str) {
        self.change_sent(SystemTime::now() - Duration::from_mins(2), id).await;
    }

    async fn change_sent(&self, sent: SystemTime, id: &str) {
        let item = self.items.iter().find(|item| item["resourceId"] == id).unwrap();
        let sent = Timestamp::try_from(sent).unwrap();
        self.answer(&json!({
            "configurationItem": item, "messageType": "ConfigurationItemChangeNotification",
            "notificationCreationTime": sent.to_string(),
        }))
        .await;
    }

    pub(super) async fn schedule(&self) {
        self.answer(&json!({
            "awsAccountId": ACCOUNT, "notificationCreationTime": "2026-10-01T06:00:00.000Z",
            "messageType": "ScheduledNotification", "recordVersion": "1.0",
        }))
        .await;
    }

    async fn answer(&self, notification: &Value) {
        let event = json!({
            "invokingEvent": notification.to_string(), "ruleParameters": "{}", "resultToken": "a-token",
            "configRuleName": "a-rule", "accountId": ACCOUNT,
        });
        let deadline = SystemTime::now() + Duration::from_mins(5);
        self.function.answer(serde_json::from_value(event).unwrap(), deadline).await.unwrap();
    }

    /// What was called after the first `skipped` calls; what runs at the same time is sorted.
    pub(super) fn operations(&self, skipped: usize) -> Vec<String> {
        let mut operations = self.endpoint.operations().split_off(skipped);
        operations
            .chunk_by_mut(|one, other| one.starts_with("GetPolicy") && other.starts_with("GetPolicy"))
            .for_each(<[_]>::sort_unstable);
        operations
    }

    pub(super) fn calls(&self) -> BTreeMap<String, usize> {
        let mut calls = BTreeMap::new();
        for operation in self.endpoint.operations() {
            *calls.entry(operation).or_default() += 1;
        }
        calls
    }
}

/// `SelectResourceConfig` over these items. Each expression is run once, and its rows are handed out by the page.
fn selected_from(documents: Vec<Document>) -> impl Fn(&Value) -> Answer + Send + Sync + 'static {
    let known = Mutex::<HashMap<String, Vec<String>>>::default();
    move |request| {
        let expression = request["Expression"].as_str().unwrap();
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = known
            .entry(expression.to_owned())
            .or_insert_with(|| query::select(expression, &documents).unwrap().results);
        let (page, next) = page(rows, request);
        Answer::Ok(json!({"Results": page, "NextToken": next}))
    }
}

/// `GetComplianceDetailsByConfigRule` with a result for each of the first functions.
fn results(functions: usize) -> impl Fn(&Value) -> Answer + Send + Sync + 'static {
    let result = |n: usize| {
        json!({"ComplianceType": "COMPLIANT", "EvaluationResultIdentifier": {"EvaluationResultQualifier": {
            "ConfigRuleName": "a-rule", "ResourceType": "AWS::Lambda::Function", "ResourceId": format!("f{n}"),
        }}})
    };
    let results: Vec<_> = (0..functions).map(result).collect();
    move |request| {
        let (page, next) = page(&results, request);
        Answer::Ok(json!({"EvaluationResults": page, "NextToken": next}))
    }
}

/// The page that a request asks for, and the token of the next one.
fn page<'a, T>(all: &'a [T], request: &Value) -> (&'a [T], Option<String>) {
    assert_eq!(request["Limit"], PAGE);
    let start: usize = request["NextToken"].as_str().map_or(0, |token| token.parse().unwrap());
    let end = all.len().min(start + PAGE);
    (&all[start..end], (end < all.len()).then(|| end.to_string()))
}

const LOGS: &str = "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/orders:*";

fn policy(arn: &str) -> Answer {
    iam::policy(arn, &format!("ANPA{}", arn.len()), "v1").1
}

fn document(action: &str, resource: &str) -> String {
    let statement = json!({"Effect": "Allow", "Action": action, "Resource": resource});
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

/// A function in a stack with its role, which has an inline policy, three policies of AWS and some of the account. The
/// last of these allows everything on the table of another service.
pub(super) fn shop(customer_managed: usize) -> Vec<Value> {
    let named = |n| (format!("arn:aws:iam::{ACCOUNT}:policy/team/tables-{n}"), format!("tables-{n}"));
    let table = |name| format!("arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/{name}");
    let policies: Vec<_> = (0..customer_managed).map(named).collect();
    let of_aws = [
        "AWSLambdaBasicExecutionRole",
        "AWSXRayDaemonWriteAccess",
        "CloudWatchLambdaInsightsExecutionRolePolicy",
    ];
    let attached: Vec<_> = of_aws
        .iter()
        .map(|name| (format!("arn:aws:iam::aws:policy/{name}"), (*name).to_owned()))
        .chain(policies.clone())
        .map(|(arn, name)| json!({"policyArn": arn, "policyName": name}))
        .collect();
    let role = json!({
        "roleName": "orders", "arn": ROLE, "assumeRolePolicyDocument": iam::encoded(iam::TRUST),
        "rolePolicyList": [{
            "policyName": "own", "policyDocument": iam::encoded(&document("dynamodb:GetItem", &table("orders"))),
        }],
        "attachedManagedPolicies": attached,
        "permissionsBoundary": null,
    });
    let mut items = vec![
        with(function("orders"), "/configuration/role", json!(ROLE)),
        item("AWS::IAM::Role", "AROAEXAMPLE", "orders", ROLE, &json!({}), &role),
        item(
            "AWS::CloudFormation::Stack",
            STACK,
            "orders",
            STACK,
            &json!({"service": "orders"}),
            &json!({"stackName": "orders", "stackId": STACK, "parentId": null}),
        ),
    ];
    for (n, (arn, name)) in policies.iter().enumerate() {
        let is_last = n + 1 == customer_managed;
        let (action, store) = if is_last { ("dynamodb:*", "stock") } else { ("dynamodb:GetItem", "orders") };
        let versions = json!([{
            "versionId": "v1", "isDefaultVersion": true, "document": iam::encoded(&document(action, &table(store))),
        }]);
        let configuration = json!({"policyName": name, "arn": arn, "policyVersionList": versions});
        let mut policy = item("AWS::IAM::Policy", &format!("ANPA{n}"), name, arn, &json!({}), &configuration);
        policy["relationships"] = json!([{
            "resourceType": "AWS::IAM::Role", "resourceId": "AROAEXAMPLE", "resourceName": "orders",
            "name": "Is attached to Role",
        }]);
        items.push(policy);
    }
    for name in ["orders", "stock"] {
        let tags = json!({ "service": name });
        items.push(item(
            "AWS::DynamoDB::Table",
            name,
            name,
            &table(name),
            &tags,
            &json!({"tableName": name}),
        ));
    }
    items
}

/// A function without a resource policy, ten seconds, traced, with a dead-letter queue.
pub(super) fn function(name: &str) -> Value {
    let arn = format!("arn:aws:lambda:eu-west-1:{ACCOUNT}:function:{name}");
    let configuration = json!({
        "functionName": name, "functionArn": arn, "role": format!("arn:aws:iam::{ACCOUNT}:role/{name}"),
        "timeout": 10, "memorySize": 128, "packageType": "Zip", "runtime": "provided.al2023", "layers": [],
        "tracingConfig": {"mode": "Active"},
    });
    let tags = json!({"service": "orders"});
    let mut function = item("AWS::Lambda::Function", name, name, &arn, &tags, &configuration);
    function["relationships"] =
        json!([{"resourceType": "AWS::IAM::Role", "resourceName": name, "name": "Is associated with "}]);
    function
}

/// Two alarms that tell somebody about the function with this number.
pub(super) fn alarms(n: usize) -> [Value; 2] {
    let alarm = |metric: &str, statistic: &str, threshold: u32| {
        let name = format!("f{n}-{metric}");
        let configuration = json!({
            "alarmName": name, "namespace": "AWS/Lambda", "metricName": metric, "statistic": statistic,
            "dimensions": [{"name": "FunctionName", "value": format!("f{n}")}], "period": 60,
            "evaluationPeriods": 1, "threshold": threshold, "comparisonOperator": "GreaterThanOrEqualToThreshold",
            "treatMissingData": "notBreaching", "actionsEnabled": true,
            "alarmActions": [format!("arn:aws:sns:eu-west-1:{ACCOUNT}:operations")],
        });
        let arn = format!("arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm:{name}");
        item("AWS::CloudWatch::Alarm", &name, &name, &arn, &json!({}), &configuration)
    };
    [alarm("Errors", "Sum", 1), alarm("Duration", "Maximum", 8_000)]
}

/// An item as a notification has it.
fn item(kind: &str, id: &str, name: &str, arn: &str, tags: &Value, configuration: &Value) -> Value {
    json!({
        "resourceType": kind, "resourceId": id, "resourceName": name, "ARN": arn, "awsAccountId": ACCOUNT,
        "awsRegion": "eu-west-1", "configurationItemStatus": "OK",
        "configurationItemCaptureTime": "2026-10-01T05:00:00.000Z", "tags": tags, "relationships": [],
        "configuration": configuration, "supplementaryConfiguration": {},
    })
}

pub(super) fn with(mut item: Value, pointer: &str, value: Value) -> Value {
    *item.pointer_mut(pointer).unwrap() = value;
    item
}

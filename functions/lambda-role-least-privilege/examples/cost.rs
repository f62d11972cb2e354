//! What judging roles costs: each AWS-managed policy as the only one of a role, and a role with twenty policies.
//!
//! ```sh
//! cargo run --release -p lambda-role-least-privilege --no-default-features --example cost
//! ```

use std::error::Error;
use std::hint::black_box;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use config_rule::{Date, Document, Known, Rule as _, Subject as _};
use iam_policy::stores::StoreGrants;
use iam_policy::{EffectivePermissions, Policy, PolicyDocument, managed};
use lambda_role_least_privilege::{Evidence, Grantee, LambdaRoleLeastPrivilege, Leeway};
use serde_json::{Value, json};

/// How often everything is timed. The quickest time counts, since a busy machine only ever adds.
const ROUNDS: usize = 5;

/// Policies of AWS that functions are given, beside those written for them.
const ATTACHED: [&str; 6] = [
    "service-role/AWSLambdaBasicExecutionRole",
    "service-role/AWSLambdaVPCAccessExecutionRole",
    "service-role/AWSLambdaSQSQueueExecutionRole",
    "service-role/AWSLambdaDynamoDBExecutionRole",
    "AWSXRayDaemonWriteAccess",
    "CloudWatchLambdaInsightsExecutionRolePolicy",
];

/// Policy templates of SAM, as functions use them.
const TEMPLATES: [&str; 14] = [
    "AWSSecretsManagerGetSecretValuePolicy",
    "DynamoDBCrudPolicy",
    "DynamoDBReadPolicy",
    "EventBridgePutEventsPolicy",
    "KMSDecryptPolicy",
    "LambdaInvokePolicy",
    "S3CrudPolicy",
    "S3ReadPolicy",
    "SESCrudPolicy",
    "SNSPublishMessagePolicy",
    "SQSPollerPolicy",
    "SQSSendMessagePolicy",
    "SSMParameterReadPolicy",
    "StepFunctionsExecutionPolicy",
];

const SAM: &str = include_str!("../tests/policies/sam-policy-templates.json");

fn main() -> Result<(), Box<dyn Error>> {
    let mut output = io::stdout().lock();
    let judge = Judge::new()?;
    let mut costs = Vec::new();
    for policy in managed::policies() {
        let arn = arn(policy.path);
        let role = [(arn.as_str(), policy.document)];
        costs.push((policy.name, judge.cost(&role)?));
    }
    writeln!(output, "{} AWS-managed policies, each as the only one of a role:", costs.len())?;
    for (step, what) in STEPS.iter().enumerate() {
        let mut times: Vec<_> =
            costs.iter().filter_map(|(name, cost)| Some((*cost.get(step)?, *name))).collect();
        times.sort_unstable();
        let at = |percent: usize| {
            times
                .get((times.len() - 1) * percent / 100)
                .map_or(("", Duration::ZERO), |(took, name)| (*name, *took))
        };
        let [min, median, p99, (name, max)] = [0, 50, 99, 100].map(at);
        writeln!(
            output,
            "  {what}: min {:.1?}, median {:.1?}, p99 {:.1?}, max {max:.1?} ({name})",
            min.1, median.1, p99.1
        )?;
    }

    let twenty = twenty_policies()?;
    let role: Vec<_> = twenty.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let costs = judge.cost(&role)?;
    writeln!(output, "a role with {} policies:", role.len())?;
    for (what, took) in STEPS.iter().zip(costs) {
        writeln!(output, "  {what}: {took:.1?}")?;
    }
    Ok(())
}

/// Name, or ARN of a managed one, and text of each.
fn twenty_policies() -> Result<Vec<(String, String)>, Box<dyn Error>> {
    let templates: Value = serde_json::from_str(SAM)?;
    let mut policies = Vec::new();
    for name in TEMPLATES {
        let statements = templates.get(name).ok_or(name)?;
        let document = json!({"Version": "2012-10-17", "Statement": statements});
        policies.push((name.to_owned(), document.to_string()));
    }
    for path in ATTACHED {
        let policy = managed::policy(&arn(path)).ok_or(path)?;
        policies.push((arn(path), policy.document.to_owned()));
    }
    Ok(policies)
}

/// What is timed.
const STEPS: [&str; 3] = ["reading", "judging by every check", "finding what reaches data stores"];

struct Judge {
    role: Grantee,
    leeway: Leeway,
}

impl Judge {
    fn new() -> Result<Self, Box<dyn Error>> {
        let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"Service": "lambda.amazonaws.com"}}]});
        let item = json!({
            "resourceType": "AWS::IAM::Role", "resourceId": "AROA5", "resourceName": "orders", "tags": {},
            "ARN": "arn:aws:iam::111122223333:role/orders",
            "configuration": {"roleName": "orders", "arn": "arn:aws:iam::111122223333:role/orders",
                "assumeRolePolicyDocument": trust.to_string()},
        });
        let role = Grantee::read(&Document::from_item(item)?).ok_or("expected a role")?;
        let none = Leeway {
            actions: Vec::new(),
            managed_policies: Vec::new(),
            trusted_services: Vec::new(),
            evaluates_roles: true,
        };
        Ok(Self { role, leeway: none })
    }

    /// What each step takes for a role with these policies, by name or ARN.
    fn cost(&self, policies: &[(&str, &str)]) -> Result<[Duration; STEPS.len()], Box<dyn Error>> {
        let read = || {
            let policy = |(name, text): &(&str, &str)| {
                let document = PolicyDocument::read_text(text)?;
                Ok(if name.starts_with("arn:") {
                    Policy::managed(name, document)
                } else {
                    Policy::inline(name, document)
                })
            };
            policies.iter().map(policy).collect::<Result<Vec<_>, Box<dyn Error>>>()
        };
        let permissions = EffectivePermissions::new(read()?, None);
        let stores = quickest(|| StoreGrants::of(&permissions));
        let evidence =
            Evidence { permissions: Known::Value(permissions.clone()), functions: Known::Value(Vec::new()) };
        let today = Date::constant(2026, 10, 1);
        let judging =
            quickest(|| LambdaRoleLeastPrivilege::evaluate(&self.role, &self.leeway, &evidence, today));
        Ok([quickest(read), judging, stores])
    }
}

fn quickest<T>(work: impl Fn() -> T) -> Duration {
    let timed = |_| {
        let start = Instant::now();
        black_box(work());
        start.elapsed()
    };
    (0..ROUNDS).map(timed).min().unwrap_or_default()
}

fn arn(path: &str) -> String {
    format!("arn:aws:iam::aws:policy/{path}")
}

//! How often a rule's function calls AWS. Its inventory of an account is answered by the query engine of the local AWS
//! Config, a page at a time; every call is counted at the endpoint.

mod account;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use account::{Account, PAGE, ROLE, alarms, function, shop, with};

/// What IAM is asked for three policies of AWS, in alphabetical order: they are asked for at once.
const IAM: [&str; 6] =
    ["GetPolicy", "GetPolicy", "GetPolicy", "GetPolicyVersion", "GetPolicyVersion", "GetPolicyVersion"];

#[tokio::test]
async fn least_privilege_of_a_function_costs_two_calls_however_many_policies_its_role_has() {
    for customer_managed in [1, 5, 20] {
        let account = Account::of("lambda-role-least-privilege", shop(customer_managed)).await;
        account.change("orders").await;
        assert_eq!(
            account.operations(0),
            [&["SelectResourceConfig"][..], &IAM, &["PutEvaluations"]].concat(),
            "cold, {customer_managed} policies"
        );
        let cold = account.operations(0).len();
        account.change("orders").await;
        assert_eq!(
            account.operations(cold),
            ["SelectResourceConfig", "PutEvaluations"],
            "warm, {customer_managed} policies"
        );
        // The last of the customer-managed policies allows too much, and was read.
        for report in account.endpoint.requests("PutEvaluations") {
            let annotation = report["Evaluations"][0]["Annotation"].as_str().unwrap();
            let policy = format!("`tables-{}`", customer_managed - 1);
            assert!(
                annotation.starts_with("service-wildcard: ") && annotation.contains(&policy),
                "{annotation}"
            );
        }
    }
}

/// A policy may be attached before AWS Config has recorded that it is.
#[tokio::test]
async fn policies_that_did_not_come_with_their_role_cost_one_call_more() {
    let mut items = shop(5);
    for policy in items.iter_mut().filter(|item| item["resourceType"] == "AWS::IAM::Policy") {
        policy["relationships"] = json!([]);
    }
    let account = Account::of("lambda-role-least-privilege", items).await;
    account.change("orders").await;
    let cold = account.operations(0).len();
    account.change("orders").await;
    assert_eq!(account.operations(cold), ["SelectResourceConfig", "SelectResourceConfig", "PutEvaluations"]);
    for report in account.endpoint.requests("PutEvaluations") {
        let annotation = report["Evaluations"][0]["Annotation"].as_str().unwrap();
        assert!(annotation.starts_with("service-wildcard: "), "{annotation}");
    }
}

#[tokio::test]
async fn grouping_of_a_function_costs_three_calls_however_many_policies_its_role_has() {
    for customer_managed in [1, 5, 20] {
        let account = Account::of("lambda-grouped-in-microservice", shop(customer_managed)).await;
        account.change("orders").await;
        assert_eq!(
            account.operations(0),
            [&["SelectResourceConfig"][..], &IAM, &["SelectResourceConfig", "PutEvaluations"]].concat(),
            "cold: role, policies, neighbours and stacks; stores"
        );
        let cold = account.operations(0).len();
        account.change("orders").await;
        assert_eq!(
            account.operations(cold),
            ["SelectResourceConfig", "SelectResourceConfig", "PutEvaluations"],
            "warm"
        );
        for report in account.endpoint.requests("PutEvaluations") {
            let annotation = report["Evaluations"][0]["Annotation"].as_str().unwrap();
            assert!(annotation.starts_with("writes-foreign-data-store: "), "{annotation}");
        }
    }
}

#[tokio::test]
async fn grouping_of_a_function_with_inline_policies_only_costs_three_calls() {
    let mut items = shop(0);
    items[1]["configuration"]["attachedManagedPolicies"] = json!([]);
    let account = Account::of("lambda-grouped-in-microservice", items).await;
    account.change("orders").await;
    assert_eq!(account.operations(0), ["SelectResourceConfig", "SelectResourceConfig", "PutEvaluations"]);
}

/// The boundary comes with the stores, and takes away what the policies allow.
#[tokio::test]
async fn a_permissions_boundary_costs_no_further_call() {
    let mut items = shop(5);
    let boundary = items.pop_if(|item| item["resourceId"] == "stock").map(|stock| {
        let mut boundary = items.iter().find(|item| item["resourceId"] == "ANPA0").unwrap().clone();
        let arn = "arn:aws:iam::111122223333:policy/boundary";
        boundary["resourceId"] = json!("ANPABOUNDARY");
        boundary["ARN"] = json!(arn);
        boundary["relationships"] = json!([]);
        items[1]["configuration"]["permissionsBoundary"] =
            json!({"permissionsBoundaryArn": arn, "permissionsBoundaryType": "Policy"});
        [boundary, stock]
    });
    items.extend(boundary.unwrap());
    let account = Account::of("lambda-grouped-in-microservice", items).await;
    account.change("orders").await;
    let cold = account.operations(0).len();
    account.change("orders").await;
    assert_eq!(account.operations(cold), ["SelectResourceConfig", "SelectResourceConfig", "PutEvaluations"]);
    for report in account.endpoint.requests("PutEvaluations") {
        assert_eq!(
            report["Evaluations"][0]["ComplianceType"], "COMPLIANT",
            "it allows reading `orders` only"
        );
    }
}

/// A rule that comes to an account is told of every function at once.
#[tokio::test]
async fn changes_that_waited_cost_a_report_each_and_pages_once() {
    let functions = 100;
    let items = (0..functions).map(|n| function(&format!("f{n}"))).chain((0..250).flat_map(alarms));
    let account = Account::of("lambda-monitored", items.collect()).await;
    for n in 0..functions {
        account.change_that_waited(&format!("f{n}")).await;
    }
    let expected = BTreeMap::from([
        ("PutEvaluations".to_owned(), functions),
        ("SelectResourceConfig".to_owned(), 500_usize.div_ceil(PAGE)),
    ]);
    assert_eq!(account.calls(), expected);
    let reports = account.endpoint.requests("PutEvaluations");
    assert!(reports.iter().all(|report| report["Evaluations"][0]["ComplianceType"] == "COMPLIANT"));
}

#[tokio::test]
async fn a_scheduled_run_costs_pages_and_not_functions() {
    for functions in [1_000, 2_000] {
        let items = (0..functions).map(|n| function(&format!("f{n}"))).chain((0..1_000).flat_map(alarms));
        let account = Account::with_results(functions + 150, "lambda-monitored", items.collect()).await;
        account.schedule().await;

        let calls = account.calls();
        let pages = |things: usize| things.div_ceil(PAGE);
        let expected = BTreeMap::from([
            ("GetComplianceDetailsByConfigRule".to_owned(), pages(functions + 150)),
            // Everything that was judged, and then what is gone.
            ("PutEvaluations".to_owned(), pages(functions) + pages(150)),
            ("SelectResourceConfig".to_owned(), pages(functions) + pages(2_000)),
        ]);
        assert_eq!(calls, expected, "{functions} functions");

        let reports = account.endpoint.requests("PutEvaluations");
        let batches: Vec<&Vec<Value>> =
            reports.iter().map(|report| report["Evaluations"].as_array().unwrap()).collect();
        assert!(batches.iter().all(|batch| batch.len() <= PAGE));
        let of = |compliance: &str| {
            let evaluations = batches.iter().flat_map(|batch| batch.iter());
            evaluations.filter(|evaluation| evaluation["ComplianceType"] == compliance).count()
        };
        assert_eq!(
            (of("COMPLIANT"), of("NON_COMPLIANT"), of("NOT_APPLICABLE")),
            (1_000, functions - 1_000, 150),
            "watched, unwatched, retired"
        );
    }
}

#[tokio::test]
async fn a_scheduled_run_of_least_privilege_costs_pages_too() {
    let mut items = shop(5);
    for n in 0..199 {
        items.push(with(function(&format!("f{n}")), "/configuration/role", json!(ROLE)));
    }
    let account = Account::of("lambda-role-least-privilege", items).await;
    account.schedule().await;
    let expected = [
        ("GetComplianceDetailsByConfigRule", 1),
        ("GetPolicy", 3),
        ("GetPolicyVersion", 3),
        // One role and 200 functions.
        ("PutEvaluations", 3),
        // Roles, functions and policies.
        ("SelectResourceConfig", 1 + 2 + 1),
    ];
    assert_eq!(account.calls(), expected.map(|(operation, calls)| (operation.to_owned(), calls)).into());
}

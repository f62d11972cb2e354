//! Every AWS-managed policy of the digest can be read and judged.

use iam_policy::{
    Coverage, EffectivePermissions, Policy, escalation, managed, stores::StoreGrants, table, usual,
};

#[test]
fn the_digest_holds_as_many_policies_as_it_says() {
    let count = managed::policies().count();
    assert!(managed::source().ends_with(&format!(": {count} policies")), "{}", managed::source());
    assert!(count > 1_500, "{count}");
}

#[test]
fn every_policy_can_be_read_and_judged() {
    for policy in managed::policies() {
        let arn = format!("arn:aws:iam::aws:policy/{}", policy.path);
        let document = managed::document(&arn).unwrap().unwrap_or_else(|error| panic!("{arn}: {error}"));
        let permissions = EffectivePermissions::new(vec![Policy::managed(&arn, document)], None);
        for grant in permissions.grants() {
            // All actions of one grant work on resources of few types: a sample keeps the test quick.
            for (action, _) in grant.actions().step_by(11).take(12) {
                let _ = (grant.coverage(action), grant.narrowing(action));
            }
        }
        let _ = escalation::held(&permissions);
        if grants_few(&permissions) {
            let _ = StoreGrants::of(&permissions);
        }
    }
}

#[test]
fn a_policy_is_found_by_its_arn_in_each_partition() {
    for partition in ["aws", "aws-cn", "aws-us-gov"] {
        let arn = format!("arn:{partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole");
        assert_eq!(managed::policy(&arn).map(|policy| policy.name), Some("AWSLambdaBasicExecutionRole"));
    }
    assert_eq!(managed::policy("arn:aws:iam::111122223333:policy/AdministratorAccess"), None);
    assert_eq!(managed::policy("arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole"), None);
}

#[test]
fn administrators_have_everything() {
    let document = managed::document("arn:aws:iam::aws:policy/AdministratorAccess").unwrap().unwrap();
    let permissions = EffectivePermissions::new(vec![Policy::inline("p", document)], None);
    assert!(permissions.grants().next().unwrap().breadth().unwrap().is_everything());
    assert_eq!(escalation::held(&permissions).len(), escalation::COMBINATIONS.len());
}

#[test]
fn the_basic_policies_of_functions_grant_only_what_every_function_needs() {
    let basic = [
        "service-role/AWSLambdaBasicExecutionRole",
        "service-role/AWSLambdaVPCAccessExecutionRole",
        "AWSXRayDaemonWriteAccess",
    ];
    for path in basic {
        let document = managed::document(&format!("arn:aws:iam::aws:policy/{path}")).unwrap().unwrap();
        let permissions = EffectivePermissions::new(vec![Policy::inline("p", document)], None);
        for (action, _) in permissions.grants().flat_map(|grant| grant.actions().collect::<Vec<_>>()) {
            assert!(usual::is_granted_to_every_function(action), "{path}: {action}");
        }
    }
    let trace = table::action("xray:PutTraceSegments").unwrap();
    let document = managed::document("arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess").unwrap().unwrap();
    let permissions = EffectivePermissions::new(vec![Policy::inline("p", document)], None);
    assert_eq!(
        permissions.grants_for(trace).next().map(|(_, coverage)| coverage),
        Some(Coverage::Unrestrictable)
    );
}

fn grants_few(permissions: &EffectivePermissions) -> bool {
    permissions.grants().count() < 5
}

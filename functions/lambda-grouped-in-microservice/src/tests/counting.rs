//! What is counted and not looked at.

use iam_policy::stores::Store;

use super::*;

/// Stores that no grant names are counted by their groups: that must come to the same as looking at each.
#[test]
fn counting_what_a_wildcard_reaches_finds_what_looking_at_each_finds() {
    let of = |service: &str| json!({ "service": service });
    let in_stack = |id: &str| json!({"aws:cloudformation:stack-id": id});
    let gone = STACK.replace("shop", "gone");
    let owners = [
        of("orders"),
        of("catalogue"),
        json!({}),
        of("Orders"),
        in_stack(STACK),
        in_stack(&gone),
        of("customers"),
    ];
    let named = |service: &str| format!("arn:aws:dynamodb:eu-west-1:111122223333:table/{service}");
    let mut oddly_named = table("t-odd", &of("catalogue"));
    oddly_named.store = Known::Value(Store::new(StoreKind::Table, "arn:aws:dynamodb:table/t-odd"));
    let mut nameless = table("t-nameless", &of("catalogue"));
    nameless.store = Known::Unknown(Missing::NotRecorded { what: "its ARN".to_owned() });

    let grants = [
        allow("dynamodb:*", &json!("*")),
        allow("dynamodb:GetItem", &json!("*")),
        allow("dynamodb:PutItem", &json!("arn:aws:dynamodb:*:*:table/*")),
        allow("dynamodb:PutItem", &json!("arn:aws:dynamodb:us-east-1:*:table/*")),
        allow("dynamodb:Query", &json!([named("t-1"), format!("{}/index/*", named("t-6"))])),
        allow("dynamodb:UpdateItem", &json!(named("t-6*"))),
        json!({"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": "*",
            "Condition": {"StringEquals": {"aws:ResourceTag/service": "catalogue"}}}),
        json!({"Effect": "Allow", "Action": "dynamodb:DeleteItem", "Resource": "*",
            "Condition": {"ForAnyValue:StringEquals": {"dynamodb:LeadingKeys": "a"}}}),
        json!({"Effect": "Allow", "Action": "dynamodb:Scan", "NotResource": named("t-6")}),
        json!({"Effect": "Deny", "Action": "dynamodb:*", "Resource": [named("t-1"), named("archive*")]}),
        allow("lambda:*", &json!("*")),
        allow("lambda:InvokeFunction", &json!("arn:aws:lambda:*:*:function:f-1*")),
    ];
    let mut differing = 0;
    for mask in 0_u32..1 << grants.len() {
        // Two or three of the grants at a time.
        if !(2..=3).contains(&mask.count_ones()) {
            continue;
        }
        let statements: Vec<_> = grants
            .iter()
            .enumerate()
            .filter(|(index, _)| mask >> index & 1 == 1)
            .map(|(_, grant)| grant)
            .collect();
        for owners in (0..owners.len()).map(|first| owners.iter().cycle().skip(first).take(4 + first)) {
            let mut tables: Vec<_> =
                owners.clone().enumerate().map(|(index, tags)| table(&format!("t-{index}"), tags)).collect();
            tables.extend([table("t-logs", &of("catalogue")), oddly_named.clone(), nameless.clone()]);
            let neighbours: Vec<_> = owners
                .enumerate()
                .map(|(index, tags)| neighbour(&format!("f-{index}"), tags))
                .chain([function()])
                .collect();
            let (tables, neighbours) = (Arc::new(tables), Arc::new(neighbours));
            let around = |stores, functions| Surroundings {
                stores: vec![(StoreKind::Table, Known::Value(Arc::new(stores)))],
                invocable: Known::Value(Arc::new(functions)),
                ..surroundings(&json!(statements))
            };
            let counted = around(Targets::new(Arc::clone(&tables)), Targets::new(Arc::clone(&neighbours)));
            let each = around(Targets::one_by_one(tables), Targets::one_by_one(neighbours));
            let outcome = judged(&function(), &json!({"ignoredDataStores": "*-logs"}), &counted);
            assert_eq!(
                outcome,
                judged(&function(), &json!({"ignoredDataStores": "*-logs"}), &each),
                "{statements:?}"
            );
            differing += usize::from(!outcome.0.is_empty());
        }
    }
    assert!(differing > 100, "{differing} of them find anything");
}

//! What holds of every policy.

use iam_policy::{
    ActionPattern, EffectivePermissions, Pattern, Policy, PolicyDocument, Variables, common_text, table,
    union_covers,
};
use proptest::prelude::*;
use serde_json::{Value, json};

proptest! {
    #[test]
    fn matching_agrees_with_a_naive_matcher(pattern in "[ab:*?]{0,8}", text in "[abc:]{0,8}") {
        prop_assert_eq!(Pattern::new(&pattern, Variables::Resolved).matches(&text), naive(pattern.as_bytes(), text.as_bytes()));
    }

    #[test]
    fn actions_match_without_regard_to_case(pattern in "[a-cA-C:*?]{0,8}", text in "[a-cA-C:]{0,8}") {
        let naively = naive(pattern.to_lowercase().as_bytes(), text.to_lowercase().as_bytes());
        prop_assert_eq!(ActionPattern::new(&pattern).matches(&text), naively);
    }

    #[test]
    fn a_covering_pattern_matches_whatever_the_other_does(
        wide in "[ab*?]{0,6}", narrow in "[ab*?]{0,6}", text in "[abc]{0,6}"
    ) {
        let [wide, narrow] = [wide, narrow].map(|written| Pattern::new(&written, Variables::Resolved));
        if wide.covers(&narrow) && narrow.matches(&text) {
            prop_assert!(wide.matches(&text));
        }
    }

    #[test]
    fn what_is_not_covered_has_a_counterexample(wide in "[ab*?]{0,3}", narrow in "[ab*?]{0,3}") {
        let [wide, narrow] = [wide, narrow].map(|written| Pattern::new(&written, Variables::Resolved));
        // Texts of up to five characters are enough to tell patterns of three tokens apart.
        let exists = texts(5).into_iter().any(|text| narrow.matches(&text) && !wide.matches(&text));
        prop_assert_eq!(wide.covers(&narrow), !exists);
    }

    #[test]
    fn a_common_text_matches_both_and_is_found_where_there_is_one(
        left in "[ab*?]{0,4}", right in "[ab*?]{0,4}"
    ) {
        let [left, right] = [left, right].map(|written| Pattern::new(&written, Variables::Resolved));
        let exists = texts(6).into_iter().any(|text| left.matches(&text) && right.matches(&text));
        match common_text(&[&left, &right]) {
            Some(text) => prop_assert!(left.matches(&text) && right.matches(&text), "{text}"),
            None => prop_assert!(!exists),
        }
    }

    #[test]
    fn stars_within_a_segment_match_no_colon(text in "[ab:]{0,6}") {
        let pattern = Pattern::arn("a*b:*", Variables::Resolved);
        let expected = text.split_once(':').is_some_and(|(first, _)| {
            first.len() >= 2 && first.starts_with('a') && first.ends_with('b')
        });
        prop_assert_eq!(pattern.matches(&text), expected);
    }

    #[test]
    fn arns_match_as_a_naive_matcher_says(
        segments in prop::collection::vec("[ab*?]{0,3}", 6), text in "[ab]{0,2}(:[ab]{0,2}){4,6}"
    ) {
        let written = segments.join(":");
        prop_assert_eq!(Pattern::arn(&written, Variables::Resolved).matches(&text), naive_arn(written.as_bytes(), text.as_bytes(), 0));
    }

    #[test]
    fn patterns_together_cover_what_no_text_contradicts(
        wide in prop::collection::vec("[ab*?]{0,3}", 1..4), narrow in "[ab*?]{0,3}"
    ) {
        let wide: Vec<_> = wide.iter().map(|written| Pattern::new(written, Variables::Resolved)).collect();
        let narrow = Pattern::new(&narrow, Variables::Resolved);
        let matched = |text: &str| wide.iter().any(|pattern| pattern.matches(text));
        let exists = texts(5).into_iter().any(|text| narrow.matches(&text) && !matched(&text));
        prop_assert_eq!(union_covers(&wide.iter().collect::<Vec<_>>(), &narrow), !exists);
    }

    #[test]
    fn patterns_overlap_where_some_text_matches_both(
        left in prop::collection::vec("[ab*?]{0,2}", 6), right in prop::collection::vec("[ab*?]{0,2}", 6)
    ) {
        let [left, right] = [left, right].map(|segments| Pattern::arn(&segments.join(":"), Variables::Resolved));
        prop_assert_eq!(left.overlaps(&right), common_text(&[&left, &right]).is_some());
        prop_assert_eq!(right.overlaps(&left), left.overlaps(&right));
    }

    #[test]
    fn a_pattern_names_the_actions_that_it_matches(service in "(sqs|s\\?s|\\*)", name in "[SsDdGg]?[a-z*?]{0,4}\\*?") {
        let pattern = ActionPattern::new(&format!("{service}:{name}"));
        let all = table::services().flat_map(table::Service::actions);
        let matched: Vec<_> = all.filter(|action| pattern.matches(&action.to_string())).collect();
        prop_assert_eq!(pattern.known().collect::<Vec<_>>(), matched);
    }

    #[test]
    fn a_statement_names_what_its_patterns_name(patterns in prop::collection::vec(action_pattern(), 1..5)) {
        let statement = json!({"Effect": "Allow", "Action": patterns, "Resource": "*"});
        let permissions = EffectivePermissions::new(vec![policy(&[statement])], None);
        let grant = permissions.grants().next().unwrap();
        let all = table::services().flat_map(table::Service::actions);
        let named = all.filter_map(|action| Some((action, Some(grant.pattern_for(action)?))));
        prop_assert_eq!(grant.actions().collect::<Vec<_>>(), named.collect::<Vec<_>>());
    }

    #[test]
    fn what_is_asked_once_for_many_actions_is_what_each_is_told(statements in statements()) {
        let permissions = EffectivePermissions::new(vec![policy(&statements)], None);
        for grant in permissions.grants() {
            let mut coverages = grant.coverages();
            for (action, _) in grant.actions().step_by(97).chain(grant.actions().take(40)) {
                prop_assert_eq!(coverages.of(action), &grant.coverage(action), "{}", action);
            }
        }
    }

    #[test]
    fn an_added_allow_removes_no_grant(statements in statements(), added in allow()) {
        let before = granted(&statements);
        let mut more = statements;
        more.push(added);
        let after = granted(&more);
        for (action, reached) in before.iter().zip(&after) {
            prop_assert!(!action || *reached);
        }
    }

    #[test]
    fn a_deny_of_everything_removes_all(mut statements in statements()) {
        statements.push(json!({"Effect": "Deny", "Action": "*", "Resource": "*"}));
        prop_assert!(granted(&statements).iter().all(|is_granted| !is_granted));
    }

    #[test]
    fn a_boundary_that_allows_everything_changes_nothing(statements in statements()) {
        let everything = policy(&[json!({"Effect": "Allow", "Action": "*", "Resource": "*"})]);
        let free = granted(&statements);
        let bounded = EffectivePermissions::new(vec![policy(&statements)], Some(everything));
        prop_assert_eq!(granted_by(&bounded), free);
    }

    #[test]
    fn a_document_survives_encoding(statements in statements()) {
        let object = json!({"Version": "2012-10-17", "Statement": statements});
        let encoded: Vec<_> = object.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect();
        let encoded = encoded.concat();
        let read = PolicyDocument::read(&object).unwrap();
        prop_assert_eq!(PolicyDocument::read_text(&encoded).unwrap(), read.clone());
        prop_assert_eq!(PolicyDocument::read_text(&object.to_string()).unwrap(), read);
    }

    #[test]
    fn no_text_panics(text in ".{0,60}") {
        let _ = PolicyDocument::read_text(&text);
        let _ = table::action(&text);
        let pattern = Pattern::arn(&text, Variables::Resolved);
        let _ = pattern.matches(&text) || pattern.covers(&pattern.widened());
        let _ = ActionPattern::new(&text).known().count();
    }

    #[test]
    fn no_value_panics(value in any_value()) {
        if let Ok(document) = PolicyDocument::read(&json!({"Version": "2012-10-17", "Statement": value})) {
            let permissions = EffectivePermissions::new(vec![Policy::inline("p", document)], None);
            let _ = granted_by(&permissions);
        }
    }
}

fn naive(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), None) => naive(rest, text),
        (Some((b'*', rest)), Some((_, later))) => naive(rest, text) || naive(pattern, later),
        (Some((b'?', rest)), Some((_, later))) => naive(rest, later),
        (Some((wanted, rest)), Some((found, later))) => wanted == found && naive(rest, later),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

/// The same for an ARN of six segments, where a star in the first five takes no colon.
fn naive_arn(pattern: &[u8], text: &[u8], colons: usize) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (Some((b'*', rest)), _) if naive_arn(rest, text, colons) => true,
        (Some((b'*', _)), Some((taken, later))) => {
            (colons == 5 || *taken != b':') && naive_arn(pattern, later, colons)
        }
        (Some((b'?', rest)), Some((_, later))) => naive_arn(rest, later, colons),
        (Some((wanted, rest)), Some((found, later))) => {
            wanted == found && naive_arn(rest, later, colons + usize::from(*wanted == b':'))
        }
        (None, None) => true,
        (None, Some(_)) | (Some(_), None) => false,
    }
}

/// All texts of `a`, `b` and a character that no pattern names, up to a length.
fn texts(length: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut last = all.clone();
    for _ in 0..length {
        last = last.iter().flat_map(|text| ["a", "b", "c"].map(|next| format!("{text}{next}"))).collect();
        all.extend(last.iter().cloned());
    }
    all
}

const ACTIONS: [&str; 5] =
    ["s3:GetObject", "s3:PutObject", "dynamodb:PutItem", "xray:PutTraceSegments", "iam:PassRole"];

fn granted(statements: &[Value]) -> Vec<bool> {
    granted_by(&EffectivePermissions::new(vec![policy(statements)], None))
}

fn granted_by(permissions: &EffectivePermissions) -> Vec<bool> {
    let is_granted = |name: &str| {
        table::action(name).is_some_and(|action| permissions.grants_for(action).next().is_some())
    };
    ACTIONS.map(is_granted).to_vec()
}

fn policy(statements: &[Value]) -> Policy {
    let object = json!({"Version": "2012-10-17", "Statement": statements});
    Policy::inline("p", PolicyDocument::read(&object).expect("a policy"))
}

fn statements() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(prop_oneof![3 => allow(), 1 => statement("Deny")], 0..4)
}

fn action_pattern() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "sqs:*",
        "sqs:SendMessage",
        "SQS:sendmessage",
        "sqs:*Message*",
        "sqs:Send*",
        "sns:Pub?ish",
        "sns:*",
        "s?s:List*",
        "*:TagResource",
        "sqs:FancyNewThing",
        "sqs",
    ])
}

fn allow() -> impl Strategy<Value = Value> {
    statement("Allow")
}

fn statement(effect: &'static str) -> impl Strategy<Value = Value> {
    let actions = prop::sample::select(vec![
        "*",
        "s3:*",
        "s3:Put*",
        "S3:?etObject",
        "dynamodb:PutItem",
        "iam:*",
        "xray:*",
    ]);
    let resources = prop::sample::select(vec![
        "*",
        "arn:aws:s3:::*",
        "arn:aws:s3:::orders/*",
        "arn:aws:s3:::${aws:username}/*",
        "arn:aws:dynamodb:*:*:table/*",
        "arn:aws:dynamodb:*:*:table/orders",
        "arn:aws:iam::*:role/*",
    ]);
    let elements = (
        prop::sample::select(vec!["Action", "NotAction"]),
        prop::collection::vec(actions, 1..3),
        prop::sample::select(vec!["Resource", "NotResource"]),
        prop::collection::vec(resources, 1..3),
    );
    elements.prop_map(move |(action, actions, resource, resources)| {
        json!({"Effect": effect, action: actions, resource: resources})
    })
}

/// JSON that resembles a policy closely enough to get past the first checks.
fn any_value() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "Allow",
        "Deny",
        "*",
        "s3:*",
        "${",
        "arn:aws:s3:::*",
        "",
        "${aws:username}",
    ]);
    let leaf = prop_oneof![
        word.prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        Just(Value::Null)
    ];
    let key = prop::sample::select(vec![
        "Effect",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Principal",
        "Condition",
        "StringLike",
        "Sid",
    ]);
    leaf.prop_recursive(4, 24, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(key.clone(), inner, 0..6).prop_map(|members| members
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect())
        ]
    })
}

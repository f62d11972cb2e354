//! Reading policies, in each form in which AWS hands them out.

use iam_policy::{Effect, PolicyDocument, Principal, Principals, Quantifier};
use serde_json::{Value, json};

#[test]
fn url_encoded_plain_and_decoded_documents_are_the_same() {
    let object = json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "Write", "Effect": "Allow", "Action": ["s3:PutObject"], "Resource": "arn:aws:s3:::a b/*"}
    ]});
    let plain = object.to_string();
    let encoded = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Sid%22%3A%22Write%22%2C%22Effect%22\
                   %3A%22Allow%22%2C%22Action%22%3A%5B%22s3%3APutObject%22%5D%2C%22Resource%22%3A%22arn%3Aaws%3As3%3A\
                   %3A%3Aa%20b%2F%2A%22%7D%5D%7D";
    let read = PolicyDocument::read(&object).unwrap();
    assert_eq!(PolicyDocument::read_text(&plain).unwrap(), read);
    assert_eq!(PolicyDocument::read(&Value::String(encoded.to_owned())).unwrap(), read);
    assert_eq!(read.statements[0].resources.patterns()[0].as_str(), "arn:aws:s3:::a b/*");
}

#[test]
fn a_single_statement_needs_no_list_and_unknown_keys_are_left_alone() {
    let document = PolicyDocument::read(&json!({"Id": "x", "Comment": 1, "Statement": {
        "Effect": "Deny", "NotAction": "iam:*", "NotResource": ["a", "b"], "Remark": null
    }}))
    .unwrap();
    let statement = &document.statements[0];
    assert_eq!(statement.effect, Effect::Deny);
    assert_eq!(statement.label(), "1");
    assert_eq!(document.denies().count(), 1);
}

#[test]
fn conditions_take_numbers_switches_and_single_values() {
    let document = PolicyDocument::read(&json!({"Statement": {
        "Effect": "Allow", "Action": "s3:*", "Resource": "*",
        "Condition": {
            "Bool": {"aws:SecureTransport": true},
            "NumericLessThanIfExists": {"s3:max-keys": 10},
            "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["a", "b"]},
        },
    }}))
    .unwrap();
    let conditions: Vec<_> = document.statements[0].conditions.iter().collect();
    assert_eq!(conditions[0].values, ["true"]);
    let all_values = conditions.iter().find(|condition| condition.key == "dynamodb:LeadingKeys").unwrap();
    assert_eq!(
        (all_values.operator.as_str(), all_values.quantifier),
        ("StringLike", Some(Quantifier::ForAllValues))
    );
    let numeric = conditions.iter().find(|condition| condition.key == "s3:max-keys").unwrap();
    assert_eq!((numeric.operator.as_str(), numeric.if_exists), ("NumericLessThan", true));
}

#[test]
fn everybody_is_everybody_in_both_spellings() {
    for principal in [json!("*"), json!({"AWS": "*"}), json!({"AWS": ["111122223333", "*"]})] {
        let document = PolicyDocument::read(&json!({"Statement": {
            "Effect": "Allow", "Principal": principal, "Action": "lambda:InvokeFunction", "Resource": "*"
        }}))
        .unwrap();
        assert!(document.statements[0].is_for_everybody());
    }
    let trust = PolicyDocument::read(&json!({"Statement": [{
        "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"
    }]}))
    .unwrap();
    let service = Principal::Service("lambda.amazonaws.com".to_owned());
    assert_eq!(trust.statements[0].principals, Some(Principals::Only(vec![service])));
    assert!(!trust.statements[0].is_for_everybody());
}

#[test]
fn an_error_names_the_statement_and_the_element() {
    let message = |statement: Value| {
        let allow = json!({"Effect": "Allow", "Action": "a:b", "Resource": "*"});
        PolicyDocument::read(&json!({"Statement": [allow, statement]})).unwrap_err().to_string()
    };
    assert_eq!(
        message(json!({"Effect": "Permit", "Action": "a:b", "Resource": "*"})),
        "policy statement 2, `Effect`: expected `Allow` or `Deny`, found another text"
    );
    assert_eq!(
        message(json!({"Sid": "Read", "Effect": "Allow", "Resource": "*"})),
        "policy statement `Read`, `Action`: expected a text or a list of texts, found nothing"
    );
    assert_eq!(
        message(json!({"Effect": "Allow", "Action": "a:b", "Resource": 7})),
        "policy statement 2, `Resource`: expected a text or a list of texts, found a number"
    );
    assert_eq!(
        message(json!({"Effect": "Allow", "Action": "a:b", "Resource": "*", "Condition": {"Bool": 1}})),
        "policy statement 2, `Condition`: expected an object of condition keys below each operator, found a number"
    );
    assert_eq!(
        message(json!({"Effect": "Allow", "Action": "a:b", "NotAction": "a:c", "Resource": "*"})),
        "policy statement 2, `NotAction`: expected nothing beside `Action`, found another text"
    );
    assert_eq!(
        PolicyDocument::read(&json!({"Version": "2012-10-17"})).unwrap_err().to_string(),
        "policy: expected `Statement`, an object or a list of objects, found nothing"
    );
}

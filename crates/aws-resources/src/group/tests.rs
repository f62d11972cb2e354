use config_rule::Documents;
use serde_json::{Value, json};

use super::*;

const FUNCTIONS: &str = "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop-Functions-1A2B/1";
const SHOP: &str = "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop/2";

#[test]
fn the_first_key_that_exists_decides() {
    let grouping = grouping(&["service", "project"], true);
    for (tags, expected) in [
        (json!({"project": "shop", "service": "orders"}), Some(tag("service", "orders"))),
        (json!({"project": "shop"}), Some(tag("project", "shop"))),
        (json!({"Service": "orders"}), Some(tag("service", "orders"))),
        (json!({"Service": "old", "service": "orders"}), Some(tag("service", "orders"))),
        (json!({"service": " ", "project": "shop"}), Some(tag("project", "shop"))),
        (json!({"team": "shop"}), None),
    ] {
        assert_eq!(grouping.group(&table(&tags), &forest(&[])), Ok(expected), "{tags}");
    }
}

#[test]
fn the_tags_of_the_stack_come_before_those_of_the_stack_around_it() {
    let in_stack = table(&json!({"aws:cloudformation:stack-id": FUNCTIONS}));
    let inner = |tags: Value| stack(FUNCTIONS, "shop-Functions-1A2B", Some(SHOP), &tags);
    let outer = stack(SHOP, "shop", None, &json!({"service": "shop"}));
    let group =
        |inner: Value| grouping(&["service"], true).group(&in_stack, &forest(&[inner, outer.clone()]));
    assert_eq!(group(inner(json!({"service": "orders"}))), Ok(Some(tag("service", "orders"))));
    assert_eq!(group(inner(json!({}))), Ok(Some(tag("service", "shop"))));
}

#[test]
fn without_tags_the_root_stack_is_the_group_unless_that_is_switched_off() {
    let in_stack = table(&json!({"aws:cloudformation:stack-id": FUNCTIONS}));
    let stacks = forest(&[
        stack(FUNCTIONS, "shop-Functions-1A2B", Some(SHOP), &json!({})),
        stack(SHOP, "shop", None, &json!({})),
    ]);
    let root = Group { name: "shop".to_owned(), basis: GroupBasis::RootStack };
    assert_eq!(grouping(&["service"], true).group(&in_stack, &stacks), Ok(Some(root)));
    assert_eq!(grouping(&["service"], true).has_group(&in_stack, &stacks), Ok(true));
    assert_eq!(grouping(&["service"], false).group(&in_stack, &stacks), Ok(None));
    assert_eq!(grouping(&["service"], false).has_group(&in_stack, &stacks), Ok(false));
}

#[test]
fn a_stack_that_is_not_recorded_leaves_the_name_of_the_group_open() {
    let in_stack = table(&json!({"aws:cloudformation:stack-id": FUNCTIONS}));
    let stacks = forest(&[stack(FUNCTIONS, "shop-Functions-1A2B", Some(SHOP), &json!({}))]);
    let missing = grouping(&["service"], true).group(&in_stack, &stacks).unwrap_err();
    assert_eq!(missing.to_string(), format!("stack `{SHOP}` is not recorded"));
    assert_eq!(grouping(&["service"], true).has_group(&in_stack, &stacks), Ok(true));
    assert!(grouping(&["service"], false).has_group(&in_stack, &stacks).is_err());
}

#[test]
fn a_stack_around_itself_comes_to_an_end() {
    let in_stack = table(&json!({"aws:cloudformation:stack-id": SHOP}));
    let stacks = forest(&[stack(SHOP, "shop", Some(SHOP), &json!({}))]);
    assert!(grouping(&["service"], true).group(&in_stack, &stacks).is_ok());
}

#[test]
fn what_has_no_recorded_tags_belongs_where_a_stack_lists_it() {
    let pool = |id: &str| {
        let item = json!({"resourceType": "AWS::Cognito::UserPool", "resourceId": id, "configuration": "{}"});
        GroupEvidence::of(&Document::from_item(item).unwrap())
    };
    let mut holder = stack(SHOP, "shop", None, &json!({"service": "customers"}));
    holder["supplementaryConfiguration"] = json!({"StackResourceSummaries": [
        {"logicalResourceId": "Pool", "physicalResourceId": "eu-west-1_A", "resourceType": "AWS::Cognito::UserPool"},
        {"logicalResourceId": "Old", "physicalResourceId": "eu-west-1_B", "resourceType": "AWS::Cognito::UserPool",
         "resourceStatus": "DELETE_SKIPPED"},
        {"logicalResourceId": "Table", "physicalResourceId": "eu-west-1_C", "resourceType": "AWS::DynamoDB::Table"},
    ]});
    let stacks = forest(&[holder]);
    let group = |id: &str| grouping(&["service"], true).group(&pool(id), &stacks);
    assert_eq!(group("eu-west-1_A"), Ok(Some(tag("service", "customers"))));
    for elsewhere in ["eu-west-1_B", "eu-west-1_C"] {
        assert_eq!(group(elsewhere).unwrap_err().to_string(), "`tags` is not recorded");
    }
}

#[test]
fn groups_differ_if_one_thing_has_two_names() {
    let stack = |name: &str| Group { name: name.to_owned(), basis: GroupBasis::RootStack };
    let orders = tag("service", "orders");
    assert_eq!(orders.differs_from(&tag("service", "Orders")), Ok(false));
    assert_eq!(orders.differs_from(&tag("service", "catalogue")), Ok(true));
    assert_eq!(stack("shop").differs_from(&stack("blog")), Ok(true));
    assert_eq!(orders.differs_from(&stack("orders")), Ok(false));
    for other in [stack("orders-data"), tag("project", "shop")] {
        assert!(orders.differs_from(&other).is_err(), "{other:?}");
    }
    assert_eq!(
        orders.differs_from(&stack("shop")).unwrap_err().to_string(),
        "whether service `orders` is stack `shop` is not available: names of different things cannot be compared"
    );
}

#[test]
fn an_application_is_shown_by_its_name() {
    let application = tag("awsApplication", "arn:aws:resource-groups:eu-west-1:111122223333:group/shop/0a1b");
    assert_eq!(application.to_string(), "shop");
    assert_eq!(tag("service", "a/b").to_string(), "a/b");
}

fn grouping(tag_keys: &[&str], by_stack: bool) -> Grouping {
    Grouping { tag_keys: tag_keys.iter().map(|key| (*key).to_owned()).collect(), by_stack }
}

fn tag(key: &str, name: &str) -> Group {
    Group { name: name.to_owned(), basis: GroupBasis::Tag(key.to_owned()) }
}

fn table(tags: &Value) -> GroupEvidence {
    let item = json!({"resourceType": "AWS::DynamoDB::Table", "resourceId": "orders", "tags": tags});
    GroupEvidence::of(&Document::from_item(item).unwrap())
}

fn stack(id: &str, name: &str, parent_id: Option<&str>, tags: &Value) -> Value {
    json!({
        "resourceType": "AWS::CloudFormation::Stack", "resourceId": id, "tags": tags,
        "configuration": {"stackName": name, "parentId": parent_id},
    })
}

fn forest(stacks: &[Value]) -> Known<Arc<StackForest>> {
    let read = |item: &Value| Document::from_item(item.clone()).unwrap();
    Known::Value(stacks.iter().map(read).collect::<Documents>().view())
}

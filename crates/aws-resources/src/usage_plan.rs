use std::collections::BTreeSet;

use config_rule::{Document, Known, Missing, Node, Subject};

/// A usage plan of Amazon API Gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsagePlan {
    /// The own ids of the APIs whose stages it is for.
    pub api_ids: Known<BTreeSet<String>>,
}

impl UsagePlan {
    /// CloudFormation type name.
    pub const TYPE: &'static str = "AWS::ApiGateway::UsagePlan";
}

impl Subject for UsagePlan {
    fn read(document: &Document) -> Option<Self> {
        if document.resource_type != Self::TYPE {
            return None;
        }
        Some(Self { api_ids: api_ids(&document.properties()).into() })
    }
}

/// How an item calls the plan's id, its stages, and the API in each of these.
struct Spelling {
    id: &'static str,
    api_stages: &'static str,
    api_id: &'static str,
}

/// AWS publishes no schema of these items: those of most types that AWS Config gained late follow CloudFormation, others the
/// API of the service.
///
/// Source: AWS CloudFormation Template Reference, `AWS::ApiGateway::UsagePlan`; Amazon API Gateway API Reference,
/// `UsagePlan`.
const SPELLINGS: [Spelling; 2] = [
    Spelling { id: "configuration.Id", api_stages: "configuration.ApiStages", api_id: "ApiId" },
    Spelling { id: "configuration.id", api_stages: "configuration.apiStages", api_id: "apiId" },
];

/// A plan that is for no stage may leave them out. That is taken from an item only if its spelling is known by the plan's id.
fn api_ids(root: &Node<'_>) -> Result<BTreeSet<String>, Missing> {
    for Spelling { id, api_stages, api_id } in &SPELLINGS {
        if let Some(stages) = root.list(api_stages).optional().get()? {
            return stages.iter().map(|stage| Ok((*stage.text(api_id).get()?).to_owned())).collect();
        }
        if root.text(id).get().is_ok() {
            return Ok(BTreeSet::new());
        }
    }
    let [expected, _] = SPELLINGS;
    Err(Missing::Absent { path: expected.api_stages.to_owned() })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn the_apis_of_a_plan_are_read_in_either_spelling() {
        let stages = |key: &str| json!([{key: "a1", "Stage": "v1"}, {key: "a1", "Stage": "v2"}, {key: "b2"}]);
        for plan in
            [json!({"Id": "up1", "ApiStages": stages("ApiId")}), json!({"apiStages": stages("apiId")})]
        {
            assert_eq!(api_ids(&plan), Ok(vec!["a1".to_owned(), "b2".to_owned()]), "{plan}");
        }
    }

    #[test]
    fn a_plan_for_no_stage_names_no_api() {
        for plan in [
            json!({"ApiStages": []}),
            json!({"apiStages": []}),
            json!({"Id": "up1"}),
            json!({"Id": "up1", "ApiStages": null}),
            json!({"id": "up1", "name": "shops"}),
        ] {
            assert_eq!(api_ids(&plan), Ok(Vec::new()), "{plan}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_unknown() {
        for (plan, message) in [
            (json!(null), "`configuration` is not recorded"),
            (json!({}), "`configuration.ApiStages` is absent"),
            (json!({"UsagePlanName": "shops"}), "`configuration.ApiStages` is absent"),
            (
                json!({"Id": "up1", "ApiStages": "[{\"ApiId\":\"a1\"}]"}),
                "`configuration.ApiStages`: expected a list, found text",
            ),
            (json!({"ApiStages": [{"apiId": "a1"}]}), "`configuration.ApiStages[0].ApiId` is absent"),
            (json!({"apiStages": [{}]}), "`configuration.apiStages[0].apiId` is absent"),
        ] {
            assert_eq!(api_ids(&plan), Err(message.to_owned()));
        }
    }

    fn api_ids(configuration: &Value) -> Result<Vec<String>, String> {
        let item =
            json!({"resourceType": UsagePlan::TYPE, "resourceId": "up1", "configuration": configuration});
        let plan = UsagePlan::read(&Document::from_item(item).unwrap()).unwrap();
        plan.api_ids.get().map(|ids| ids.iter().cloned().collect()).map_err(|missing| missing.to_string())
    }
}

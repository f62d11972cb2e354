//! Which resources belong to a REST API.

use std::collections::HashMap;
use std::sync::Arc;

use aws_resources::{RestMethod, RestStage, UsagePlan};
use config_rule::{Document, Documents, Known, Missing, Subject, View};

/// The resources of a type that belong to an API, as far as that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Belonging<T> {
    /// Those of which it is known.
    pub known: Vec<T>,
    /// What is missing to say that these are all.
    pub missing: Option<Missing>,
}

impl<T: Subject> Belonging<T> {
    /// Those of all resources of a type that name the API: by AWS Config's id of it where they are stages, by its own where
    /// they are methods or usage plans.
    pub(crate) fn to(api: &str, all: &Known<Documents>) -> Self {
        match all.get() {
            Ok(all) => {
                let by_api = all.view::<ByApi>();
                let documents = by_api.documents.get(api).into_iter().flatten();
                let known = documents.filter_map(|document| T::read(document)).collect();
                Self { known, missing: by_api.missing.clone() }
            }
            Err(missing) => Self { known: Vec::new(), missing: Some(missing) },
        }
    }
}

impl<T> Belonging<T> {
    /// All of them.
    pub(crate) fn all(&self) -> Result<&[T], Missing> {
        self.missing.clone().map_or(Ok(&self.known), Err)
    }

    /// The same of resources without which nobody can call the API: where there are none, it is being made, and what it will
    /// use shows when they are recorded.
    pub(crate) fn of_which_there_are_some(self, what: &str, observed: &str) -> Self {
        if !self.known.is_empty() {
            return self;
        }
        let (what, why) = (format!("evidence of the API's {what}"), observed.to_owned());
        Self { missing: self.missing.or(Some(Missing::Unavailable { what, why })), ..self }
    }
}

/// All resources of a type by the API that they name.
struct ByApi {
    /// As items, which are held anyway: each is read once, when it is its API's turn.
    documents: HashMap<String, Vec<Arc<Document>>>,
    /// Why one of them may belong to any API.
    missing: Option<Missing>,
}

impl View for ByApi {
    fn of(all: &Documents) -> Self {
        let mut sorted: Vec<_> = all.shared().collect();
        sorted.sort_by(|one, other| one.resource_id.cmp(&other.resource_id));
        let mut index = Self { documents: HashMap::new(), missing: None };
        for document in sorted {
            match apis_of(document) {
                Ok(apis) => {
                    for api in apis {
                        index.documents.entry(api).or_default().push(Arc::clone(document));
                    }
                }
                Err(missing) => index.missing = index.missing.or_else(|| Some(unread(document, &missing))),
            }
        }
        index
    }
}

fn apis_of(document: &Document) -> Result<Vec<String>, Missing> {
    match UsagePlan::read(document) {
        Some(plan) => Ok(plan.api_ids.get()?.iter().cloned().collect()),
        None if document.resource_type == RestStage::TYPE => {
            Ok(vec![RestStage::api_of(document)?.to_owned()])
        }
        None => Ok(vec![RestMethod::api_id_of(document)?.to_owned()]),
    }
}

fn unread(document: &Document, missing: &Missing) -> Missing {
    let what = format!("the API of {} {}", document.resource_type, document.resource_id);
    Missing::Unavailable { what, why: missing.to_string() }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const API: &str = "arn:aws:apigateway:eu-west-1::/restapis/a1";

    #[test]
    fn methods_and_plans_belong_to_the_apis_that_they_name() {
        let methods = [("a1|r1|GET", json!({"RestApiId": "a1"})), ("b2|r1|GET", json!({"RestApiId": "b2"}))];
        assert_eq!(count::<RestMethod>("a1", RestMethod::TYPE, &methods), (1, None));
        assert_eq!(count::<RestMethod>("c3", RestMethod::TYPE, &methods), (0, None));
        let plans = [
            ("up1", json!({"Id": "up1", "ApiStages": [{"ApiId": "a1"}, {"ApiId": "b2"}]})),
            ("up2", json!({"id": "up2", "apiStages": [{"apiId": "a1"}, {"apiId": "a1"}]})),
        ];
        assert_eq!(count::<UsagePlan>("a1", UsagePlan::TYPE, &plans), (2, None));
        assert_eq!(count::<UsagePlan>("b2", UsagePlan::TYPE, &plans), (1, None));
    }

    #[test]
    fn stages_belong_to_the_api_in_their_id() {
        let prod = format!("{API}/stages/prod");
        let stages = [
            (prod.as_str(), json!({})),
            ("arn:aws:apigateway:eu-west-1::/restapis/a12/stages/prod", json!({})),
        ];
        assert_eq!(count::<RestStage>(API, RestStage::TYPE, &stages), (1, None));
    }

    #[test]
    fn what_cannot_be_read_may_belong_to_any_api() {
        for (resource_type, id, configuration, message) in [
            (
                UsagePlan::TYPE,
                "up1",
                Value::Null,
                "the API of AWS::ApiGateway::UsagePlan up1 is not available: `configuration` is not recorded",
            ),
            (
                UsagePlan::TYPE,
                "up1",
                json!({"ApiStages": "[]"}),
                "the API of AWS::ApiGateway::UsagePlan up1 is not available: `configuration.ApiStages`: expected a list, \
                 found text",
            ),
            (
                RestMethod::TYPE,
                "m1",
                json!({}),
                "the API of AWS::ApiGateway::Method m1 is not available: `configuration.RestApiId` is absent",
            ),
            (
                RestStage::TYPE,
                "prod",
                json!({}),
                "the API of AWS::ApiGateway::Stage prod is not available: a relationship to its API is not recorded",
            ),
        ] {
            let items = [(id, configuration)];
            assert_eq!(count::<RestStage>(API, resource_type, &items), (0, Some(message.to_owned())));
        }
    }

    #[test]
    fn what_is_not_recorded_is_missing() {
        let missing = Missing::NotRecorded { what: RestStage::TYPE.to_owned() };
        let stages = Belonging::<RestStage>::to(API, &Known::Unknown(missing.clone()));
        assert_eq!(stages, Belonging { known: Vec::new(), missing: Some(missing.clone()) });
        assert_eq!(stages.of_which_there_are_some("stages", "none was found").all(), Err(missing));
    }

    #[test]
    fn an_api_without_what_it_cannot_do_without_is_not_known_yet() {
        let none = Belonging { known: Vec::<u8>::new(), missing: None };
        assert_eq!(none.all(), Ok(&[][..]));
        let message = none.of_which_there_are_some("stages", "none was found").all().unwrap_err().to_string();
        assert_eq!(message, "evidence of the API's stages is not available: none was found");
        let one = Belonging { known: vec![1], missing: None };
        assert_eq!(one.of_which_there_are_some("stages", "none was found").all(), Ok(&[1][..]));
    }

    /// How many belong to the API, and what is missing.
    fn count<T: Subject>(api: &str, resource_type: &str, items: &[(&str, Value)]) -> (usize, Option<String>) {
        let item = |(id, configuration): &(&str, Value)| {
            let item =
                json!({"resourceType": resource_type, "resourceId": id, "configuration": configuration});
            Document::from_item(item).unwrap()
        };
        let belonging = Belonging::<T>::to(api, &Known::Value(items.iter().map(item).collect()));
        (belonging.known.len(), belonging.missing.map(|missing| missing.to_string()))
    }
}

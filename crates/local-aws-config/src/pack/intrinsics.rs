//! The intrinsic functions that conformance packs may use.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::PackError;
use super::template::{Template, as_text, unexpected};
use crate::items::Scope;

/// Evaluates values of one template for one account and Region.
pub(super) struct Evaluator<'a> {
    template: &'a Template,
    parameters: BTreeMap<String, String>,
    scope: &'a Scope,
    /// The conditions that were looked at: a few that name each other several times are as many as there are ways through
    /// them.
    known: RefCell<BTreeMap<String, bool>>,
}

/// Conditions that rest on each other deeper than this rest on themselves.
const MAX_CONDITION_DEPTH: usize = 32;

impl<'a> Evaluator<'a> {
    pub(super) const fn new(
        template: &'a Template,
        parameters: BTreeMap<String, String>,
        scope: &'a Scope,
    ) -> Self {
        Self { template, parameters, scope, known: RefCell::new(BTreeMap::new()) }
    }

    /// The value without intrinsic functions; `None` where it is `AWS::NoValue`.
    pub(super) fn value(&self, place: &str, value: &Value) -> Result<Option<Value>, PackError> {
        match value {
            Value::Object(members) => match intrinsic(members) {
                Some((function, argument)) => self.call(place, function, argument),
                None => self.object(place, members).map(Some),
            },
            Value::Array(elements) => {
                let mut list = Vec::new();
                for (index, element) in elements.iter().enumerate() {
                    list.extend(self.value(&format!("{place}[{index}]"), element)?);
                }
                Ok(Some(Value::Array(list)))
            }
            scalar => Ok(Some(scalar.clone())),
        }
    }

    /// Whether the condition of this name holds.
    pub(super) fn condition(&self, place: &str, name: &str) -> Result<bool, PackError> {
        self.named_condition(place, name, MAX_CONDITION_DEPTH)
    }

    fn object(&self, place: &str, members: &Map<String, Value>) -> Result<Value, PackError> {
        let mut object = Map::new();
        for (key, member) in members {
            if let Some(member) = self.value(&format!("{place}.{key}"), member)? {
                object.insert(key.clone(), member);
            }
        }
        Ok(Value::Object(object))
    }

    fn call(&self, place: &str, function: &str, argument: &Value) -> Result<Option<Value>, PackError> {
        match function {
            "Ref" => match argument.as_str() {
                Some("AWS::NoValue") => Ok(None),
                Some(name) => self.reference(place, name).map(|text| Some(Value::String(text))),
                None => Err(unexpected(place, "a name after `Ref`", argument)),
            },
            "Fn::If" => {
                let Some([Value::String(name), then, otherwise]) = argument.as_array().map(Vec::as_slice)
                else {
                    return Err(unexpected(place, "a condition and two values after `Fn::If`", argument));
                };
                self.value(place, if self.condition(place, name)? { then } else { otherwise })
            }
            "Fn::Sub" => self.substituted(place, argument).map(|text| Some(Value::String(text))),
            "Fn::ImportValue" => self.imported(place, argument).map(|text| Some(Value::String(text))),
            other => Err(PackError::Unexpected {
                place: place.to_owned(),
                expected: "one of `Ref`, `Fn::If`, `Fn::Sub`, `Fn::ImportValue`".to_owned(),
                found: format!("`{other}`"),
            }),
        }
    }

    fn reference(&self, place: &str, name: &str) -> Result<String, PackError> {
        if let Some(value) = self.parameters.get(name) {
            return Ok(value.clone());
        }
        match name {
            "AWS::Region" => Ok(self.scope.region.clone()),
            "AWS::AccountId" => Ok(self.scope.account_id.clone()),
            "AWS::Partition" => Ok(partition(&self.scope.region).to_owned()),
            _ => Err(PackError::Unexpected {
                place: place.to_owned(),
                expected: "a parameter with a value, `AWS::Region`, `AWS::AccountId` or `AWS::Partition`"
                    .to_owned(),
                found: format!("`{name}`"),
            }),
        }
    }

    /// `Fn::Sub` with `${Name}` and the literal `${!Name}`, with or without a map of further names.
    fn substituted(&self, place: &str, argument: &Value) -> Result<String, PackError> {
        let nothing = Map::new();
        let (text, names) = match argument {
            Value::String(text) => (text, &nothing),
            Value::Array(elements) => match elements.as_slice() {
                [Value::String(text), Value::Object(names)] => (text, names),
                _ => return Err(unexpected(place, "a text and a map after `Fn::Sub`", argument)),
            },
            _ => return Err(unexpected(place, "a text after `Fn::Sub`", argument)),
        };
        let mut result = String::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once("${") {
            let Some((name, following)) = after.split_once('}') else {
                return Err(unexpected(place, "a `}` after each `${` of `Fn::Sub`", argument));
            };
            result.push_str(before);
            match (name.strip_prefix('!'), names.get(name)) {
                (Some(literal), _) => {
                    result.push_str("${");
                    result.push_str(literal);
                    result.push('}');
                }
                (None, Some(value)) => result.push_str(&self.text(place, value)?),
                (None, None) => result.push_str(&self.reference(place, name)?),
            }
            rest = following;
        }
        result.push_str(rest);
        Ok(result)
    }

    fn imported(&self, place: &str, argument: &Value) -> Result<String, PackError> {
        let export = self.text(place, argument)?;
        let Some((prefix, function)) = export.split_once(':') else {
            return Err(PackError::Unexpected {
                place: place.to_owned(),
                expected: "an export that is named `<prefix>:<function>`, such as \
                           `serverless-conformance:<rule>`"
                    .to_owned(),
                found: format!("`{export}`"),
            });
        };
        let Scope { account_id, region } = self.scope;
        let partition = partition(region);
        Ok(format!("arn:{partition}:lambda:{region}:{account_id}:function:{prefix}-{function}"))
    }

    pub(super) fn text(&self, place: &str, value: &Value) -> Result<String, PackError> {
        let value = self.value(place, value)?.unwrap_or_default();
        as_text(&value).ok_or_else(|| unexpected(place, "a text", &value))
    }

    fn named_condition(&self, place: &str, name: &str, depth: usize) -> Result<bool, PackError> {
        if let Some(holds) = self.known.borrow().get(name) {
            return Ok(*holds);
        }
        let Some(condition) = self.template.conditions.get(name) else {
            return Err(PackError::Unexpected {
                place: place.to_owned(),
                expected: "the name of one of the pack's conditions".to_owned(),
                found: format!("`{name}`"),
            });
        };
        let holds = self.holds(&format!("Conditions.{name}"), condition, depth)?;
        self.known.borrow_mut().insert(name.to_owned(), holds);
        Ok(holds)
    }

    fn holds(&self, place: &str, condition: &Value, depth: usize) -> Result<bool, PackError> {
        let Some(deeper) = depth.checked_sub(1) else {
            return Err(unexpected(place, "a condition that does not rest on itself", condition));
        };
        let call = condition.as_object().and_then(intrinsic);
        let all = |elements: &Value| -> Result<Vec<bool>, PackError> {
            match elements.as_array() {
                Some(list) => list.iter().map(|element| self.holds(place, element, deeper)).collect(),
                None => Err(unexpected(place, "a list of conditions", elements)),
            }
        };
        match call {
            Some(("Condition", Value::String(name))) => self.named_condition(place, name, deeper),
            Some(("Fn::And", conditions)) => Ok(all(conditions)?.into_iter().all(|holds| holds)),
            Some(("Fn::Or", conditions)) => Ok(all(conditions)?.into_iter().any(|holds| holds)),
            Some(("Fn::Not", conditions)) => match all(conditions)?.as_slice() {
                [holds] => Ok(!holds),
                _ => Err(unexpected(place, "one condition after `Fn::Not`", conditions)),
            },
            Some(("Fn::Equals", operands)) => match operands.as_array().map(Vec::as_slice) {
                Some([left, right]) => Ok(self.text(place, left)? == self.text(place, right)?),
                _ => Err(unexpected(place, "two values after `Fn::Equals`", operands)),
            },
            _ => Err(unexpected(
                place,
                "one of `Condition`, `Fn::And`, `Fn::Or`, `Fn::Not`, `Fn::Equals`",
                condition,
            )),
        }
    }
}

/// The partition that a Region belongs to.
pub(crate) fn partition(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "aws-cn"
    } else if region.starts_with("us-gov-") {
        "aws-us-gov"
    } else {
        "aws"
    }
}

/// The only member of an object, if it is an intrinsic function.
fn intrinsic(members: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (key, argument) = members.iter().next().filter(|_| members.len() == 1)?;
    let is_function = key == "Ref" || key == "Condition" || key.starts_with("Fn::");
    is_function.then_some((key.as_str(), argument))
}

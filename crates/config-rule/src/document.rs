use jiff::Timestamp;
use serde_json::Value;

use crate::item::{self, DocumentError};
use crate::json::Json;
use crate::kept::Kept;
use crate::known::{Known, Missing};
use crate::node::Node;
use crate::relationships::Relationships;
use crate::tags::Tags;
use crate::tree::{TooLarge, Tree};

/// One configuration item, in one form whichever of the recorded shapes it came in.
///
/// AWS Config delivers the same item in three shapes: in a notification, from `GetResourceConfigHistory` or
/// `BatchGetResourceConfig`, and as a row of `SelectResourceConfig`. Keys, encodings and number types differ;
/// [`Document::from_item`] takes them all.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// CloudFormation type name, such as `AWS::Lambda::Function`.
    pub resource_type: String,
    /// AWS Config's id: a name, an ARN or a generated id, as the type has it.
    pub resource_id: String,
    /// The custom name, where the type has one.
    pub resource_name: Option<String>,
    /// The resource's ARN.
    pub arn: Option<String>,
    /// The account that owns the resource, twelve digits; rows that did not select it lack it.
    pub account_id: Option<String>,
    /// Region code, or `global` for IAM.
    pub region: Option<String>,
    /// What happened to the resource.
    pub status: ItemStatus,
    /// When AWS Config recorded this state.
    pub capture_time: Option<Timestamp>,
    /// Tags from wherever the item has them; unknown where the shape leaves them out.
    pub tags: Known<Tags>,
    /// Other resources that this one names.
    pub relationships: Relationships,
    /// `configuration` and `supplementaryConfiguration`, decoded.
    pub(crate) properties: Tree,
    /// What of those was read.
    pub(crate) kept: &'static Kept,
}

/// What a configuration item says about its resource's existence.
///
/// Source: AWS Config API Reference, `ConfigurationItem`, `configurationItemStatus`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ItemStatus {
    /// Recorded after a change; also what a row without a status stands for, since queries see current items only.
    #[default]
    Ok,
    /// Found for the first time.
    ResourceDiscovered,
    /// Found, but its type is not recorded.
    ResourceNotRecorded,
    /// Deleted; the item has no configuration.
    ResourceDeleted,
    /// Deleted, and its type is not recorded.
    ResourceDeletedNotRecorded,
    /// A status that AWS added later.
    Other(String),
}

impl ItemStatus {
    /// The status that AWS spells `text`.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        match text {
            "OK" => Self::Ok,
            "ResourceDiscovered" => Self::ResourceDiscovered,
            "ResourceNotRecorded" => Self::ResourceNotRecorded,
            "ResourceDeleted" => Self::ResourceDeleted,
            "ResourceDeletedNotRecorded" => Self::ResourceDeletedNotRecorded,
            other => Self::Other(other.to_owned()),
        }
    }

    /// As AWS spells it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Ok => "OK",
            Self::ResourceDiscovered => "ResourceDiscovered",
            Self::ResourceNotRecorded => "ResourceNotRecorded",
            Self::ResourceDeleted => "ResourceDeleted",
            Self::ResourceDeletedNotRecorded => "ResourceDeletedNotRecorded",
            Self::Other(other) => other,
        }
    }

    /// Why the resource must not be judged, if it must not: only recorded, existing resources are.
    #[must_use]
    pub const fn reason_not_to_judge(&self) -> Option<&'static str> {
        match self {
            Self::Ok | Self::ResourceDiscovered => None,
            Self::ResourceDeleted | Self::ResourceDeletedNotRecorded => Some("the resource was deleted"),
            Self::ResourceNotRecorded => Some("AWS Config does not record this resource"),
            Self::Other(_) => Some("AWS Config reports an unknown status for this resource"),
        }
    }
}

impl Document {
    /// The members of an item that are read.
    pub const MEMBERS: [&'static str; 14] = [
        "ARN",
        "accountId",
        "arn",
        "awsAccountId",
        "awsRegion",
        "configuration",
        "configurationItemCaptureTime",
        "configurationItemStatus",
        "relationships",
        "resourceId",
        "resourceName",
        "resourceType",
        "supplementaryConfiguration",
        "tags",
    ];

    /// Reads a configuration item in any recorded shape.
    ///
    /// # Errors
    ///
    /// Whoever supplied the item must mend it: [`DocumentError`] says what an item needs and what this one has.
    pub fn from_item(item: Value) -> Result<Self, DocumentError> {
        Self::from_item_with(item, &Kept::Whole)
    }

    /// The same with as much of its properties as is `kept`.
    ///
    /// # Errors
    ///
    /// As [`Document::from_item`].
    pub fn from_item_with(item: Value, kept: &'static Kept) -> Result<Self, DocumentError> {
        let mut tree = Tree::default();
        // A value can be wrong in no other way.
        tree.read_members(item, &Self::MEMBERS, kept).map_err(|_| TooLarge)?;
        item::read(&tree, kept)
    }

    /// The same of an item that was read from a text, as far as its [members](Self::MEMBERS) matter here, with as much of its
    /// properties as is `kept`.
    ///
    /// # Errors
    ///
    /// As [`Document::from_item`].
    pub fn from_tree(item: &Tree, kept: &'static Kept) -> Result<Self, DocumentError> {
        item::read(item, kept)
    }

    /// A resource that AWS Config does not record as an item, such as the account itself.
    #[must_use]
    pub fn without_configuration(
        resource_type: &str,
        resource_id: &str,
        account_id: &str,
        region: &str,
    ) -> Self {
        Self {
            resource_type: resource_type.to_owned(),
            resource_id: resource_id.to_owned(),
            resource_name: None,
            arn: None,
            account_id: Some(account_id.to_owned()),
            region: Some(region.to_owned()),
            status: ItemStatus::Ok,
            capture_time: None,
            tags: Known::Value(Tags::default()),
            relationships: Relationships::default(),
            properties: Tree::empty_object(),
            kept: &Kept::Whole,
        }
    }

    /// The root under which `configuration.…` and `supplementaryConfiguration.…` are read.
    #[must_use]
    pub fn properties(&self) -> Node<'_> {
        Node::of_kept(&self.properties, self.kept)
    }

    /// The value of a tag.
    ///
    /// # Errors
    ///
    /// [`Missing`] where the item was made without tags.
    pub fn tag(&self, key: &str) -> Result<Option<&str>, Missing> {
        match &self.tags {
            Known::Value(tags) => Ok(tags.get(key)),
            Known::Unknown(missing) => Err(missing.clone()),
        }
    }

    /// Whether this item names `id` as another resource: in a relationship, or in a property that the type is
    /// [known](crate::reference_paths) to name others with.
    #[must_use]
    pub fn refers_to(&self, id: &str) -> bool {
        self.references().contains(&id)
    }

    /// Every text by which this item names another resource.
    pub(crate) fn references(&self) -> Vec<&str> {
        let related = self.relationships.iter().flat_map(|other| [other.resource_id, other.resource_name]);
        let mut references: Vec<_> = related.flatten().collect();
        for path in crate::reference_paths(&self.resource_type) {
            add_texts(self.properties.root(), path, &mut references);
        }
        references
    }
}

/// Adds the texts at `path`, where lists along the way stand for each of their elements.
fn add_texts<'a>(json: Json<'a>, path: &str, texts: &mut Vec<&'a str>) {
    match json {
        Json::List(elements) => elements.iter().for_each(|element| add_texts(element, path, texts)),
        Json::Text(text) if path.is_empty() => texts.push(text),
        json => {
            let (key, rest) = path.split_once('.').unwrap_or((path, ""));
            if let Some(below) = json.get(key) {
                add_texts(below, rest, texts);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_alarm_refers_to_the_function_in_its_dimensions() -> Result<(), DocumentError> {
        let alarm = Document::from_item(json!({
            "resourceType": "AWS::CloudWatch::Alarm", "resourceId": "errors",
            "configuration": {"dimensions": [{"name": "Resource", "value": "x"}, {"name": "FunctionName", "value": "orders"}]},
        }))?;
        assert!(alarm.refers_to("orders"));
        assert!(!alarm.refers_to("FunctionName"));
        Ok(())
    }

    #[test]
    fn a_function_refers_to_its_role_by_name_and_by_arn() -> Result<(), DocumentError> {
        let function = Document::from_item(json!({
            "resourceType": "AWS::Lambda::Function", "resourceId": "orders",
            "relationships": [{"resourceType": "AWS::IAM::Role", "resourceName": "orders-role", "name": "Is associated with "}],
            "configuration": {"role": "arn:aws:iam::111122223333:role/orders-role"},
        }))?;
        assert!(function.refers_to("orders-role"));
        assert!(function.refers_to("arn:aws:iam::111122223333:role/orders-role"));
        assert!(!function.refers_to("other-role"));
        Ok(())
    }
}

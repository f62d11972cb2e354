use std::fmt;

use crate::json::{Json, List};
use crate::tree::{Part, Tree, Values};

/// The other resources that a configuration item names.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Relationships {
    /// The four parts of each in their order, as a tree has them.
    written: Box<[u8]>,
}

/// Another resource that a configuration item names, by id, by name, or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relationship<'a> {
    /// CloudFormation type name of the other resource.
    pub resource_type: &'a str,
    /// AWS Config's id of the other resource; roles of functions have only a name.
    pub resource_id: Option<&'a str>,
    /// Name of the other resource.
    pub resource_name: Option<&'a str>,
    /// `Is contained in` and the like, without the trailing space that AWS leaves.
    pub label: &'a str,
}

impl Relationships {
    /// In the order of the item.
    pub fn iter(&self) -> impl Iterator<Item = Relationship<'_>> {
        let mut parts = Values::of(&self.written).iter();
        std::iter::from_fn(move || {
            Some(Relationship {
                resource_type: parts.next()?.text().unwrap_or_default(),
                resource_id: parts.next()?.text(),
                resource_name: parts.next()?.text(),
                label: parts.next()?.text().unwrap_or_default(),
            })
        })
    }

    /// Those of a list in an item; what has no type is none.
    pub(crate) fn read(list: List<'_>) -> Self {
        const KEYS: [&str; 5] = ["resourceType", "resourceId", "resourceName", "relationshipName", "name"];
        let mut written = Tree::default();
        for relationship in list.iter().filter_map(Json::as_object) {
            let [resource_type, id, name, label, short_label] =
                relationship.parts_of(KEYS).map(|part| part.and_then(Part::text));
            let Some(resource_type) = resource_type else { continue };
            written.push_text(resource_type);
            written.push_optional_text(id);
            written.push_optional_text(name);
            written.push_text(label.or(short_label).unwrap_or_default().trim());
        }
        Self { written: written.into_bytes().into() }
    }
}

impl fmt::Debug for Relationships {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_relationship_has_an_id_or_a_name_or_both_and_always_a_type() {
        let list = json!([
            {"resourceType": "AWS::IAM::Role", "resourceName": "orders", "name": "Is associated with "},
            {"resourceId": "a", "name": "Is associated with "},
            "subnet",
            {"resourceType": "AWS::EC2::Subnet", "resourceId": "subnet-1", "resourceName": null, "relationshipName": "Is contained in"},
        ]);
        let tree: Tree = serde_json::from_value(list).unwrap();
        let read = Relationships::read(tree.root().as_list().unwrap());
        let role = Relationship {
            resource_type: "AWS::IAM::Role",
            resource_id: None,
            resource_name: Some("orders"),
            label: "Is associated with",
        };
        let subnet = Relationship {
            resource_type: "AWS::EC2::Subnet",
            resource_id: Some("subnet-1"),
            resource_name: None,
            label: "Is contained in",
        };
        assert_eq!(read.iter().collect::<Vec<_>>(), [role, subnet]);
        assert_eq!(Relationships::default().iter().count(), 0);
    }
}

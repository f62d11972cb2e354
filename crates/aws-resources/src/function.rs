use config_rule::{Document, Known, Node, Subject};

use crate::resource_policy::ResourcePolicy;
use crate::stack_membership::StackMembership;
use crate::units::{Bytes, Seconds};

/// A Lambda function, as its `$LATEST` version is configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// The function's name, without Region and account.
    pub name: Known<String>,
    /// How its code was deployed.
    pub package_type: Known<PackageType>,
    /// Size of the deployment package as it was uploaded, that is zipped; 0 for container images.
    pub code_size: Known<Bytes>,
    /// After this long Lambda stops an invocation.
    pub timeout: Known<Seconds>,
    /// Its layers; items from before layers existed have none.
    pub layers: Known<Vec<Layer>>,
    /// Who may invoke it without being granted so by IAM. `None`, not an empty policy, when nobody was granted.
    pub policy: Known<Option<ResourcePolicy>>,
    /// The stack that manages it, if one does.
    pub stack: Known<Option<StackMembership>>,
}

/// How a function's code was deployed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PackageType {
    /// A .zip file archive.
    Zip,
    /// A container image.
    Image,
    /// A type that AWS added later.
    Other(String),
}

/// One version of a layer, attached to a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// ARN of the layer version.
    pub arn: Known<String>,
    /// Size of the layer's archive, zipped.
    pub code_size: Known<Bytes>,
}

impl Function {
    /// CloudFormation type name.
    pub const TYPE: &'static str = "AWS::Lambda::Function";

    /// What a function is when its item has no `packageType`: items recorded before container images existed
    /// (December 2020) lack it.
    ///
    /// Source: AWS Lambda API Reference, `CreateFunction`, `PackageType`; a function without one is a .zip archive.
    const DEFAULT_PACKAGE_TYPE: PackageType = PackageType::Zip;

    /// Whether a deployment tool put it into its stack for itself. A function whose tags are not known is taken for one
    /// of the application.
    #[must_use]
    pub fn is_platform_helper(&self) -> bool {
        self.stack.get().is_ok_and(|stack| stack.as_ref().is_some_and(StackMembership::is_of_platform_helper))
    }
}

impl Subject for Function {
    fn read(document: &Document) -> Option<Self> {
        if document.resource_type != Self::TYPE {
            return None;
        }
        let root = document.properties();
        let layers = root.list("configuration.layers").optional();
        Some(Self {
            name: root.text("configuration.functionName").map(ToOwned::to_owned),
            package_type: root
                .text("configuration.packageType")
                .optional()
                .map(|name| name.map_or(Self::DEFAULT_PACKAGE_TYPE, PackageType::from_text)),
            code_size: root.whole_number("configuration.codeSize").map(Bytes),
            timeout: root.whole_number("configuration.timeout").map(Seconds),
            layers: layers.map(|layers| layers.iter().flatten().map(Layer::read).collect()),
            policy: ResourcePolicy::read(&root, "supplementaryConfiguration.Policy"),
            stack: StackMembership::of(document),
        })
    }
}

impl PackageType {
    fn from_text(text: &str) -> Self {
        match text {
            "Zip" => Self::Zip,
            "Image" => Self::Image,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl Layer {
    fn read(layer: &Node<'_>) -> Self {
        Self {
            arn: layer.text("arn").map(ToOwned::to_owned),
            code_size: layer.whole_number("codeSize").map(Bytes),
        }
    }

    /// The layer's name, from its ARN: `arn:aws:lambda:eu-west-1:111122223333:layer:<name>:<version>`.
    #[must_use]
    pub fn name(&self) -> Known<Option<&str>> {
        self.arn.get().map(|arn| arn.split(':').nth(6)).into()
    }
}

#[cfg(test)]
mod tests {
    use config_rule::Missing;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_function_of_a_query_row_is_read() {
        let function = read(&json!({
            "functionName": "orders", "codeSize": 8_830_136.0, "timeout": 60.0, "packageType": "Zip",
            "layers": [{"arn": "arn:aws:lambda:us-east-2:111122223333:layer:shared:3", "codeSize": 1024.0}],
        }));
        assert_eq!(function.name, Known::Value("orders".to_owned()));
        assert_eq!(function.code_size, Known::Value(Bytes(8_830_136)));
        assert_eq!(function.timeout, Known::Value(Seconds(60)));
        let layers = function.layers.get().unwrap();
        assert_eq!(layers[0].name(), Known::Value(Some("shared")));
        assert_eq!(layers[0].code_size, Known::Value(Bytes(1024)));
    }

    #[test]
    fn an_item_from_before_images_and_layers_is_a_zip_without_layers() {
        let function = read(&json!({"functionName": "orders", "timeout": 3, "codeSize": 216}));
        assert_eq!(function.package_type, Known::Value(PackageType::Zip));
        assert_eq!(function.layers, Known::Value(Vec::new()));
    }

    #[test]
    fn package_types_are_told_apart() {
        for (text, package_type) in [
            ("Image", PackageType::Image),
            ("Zip", PackageType::Zip),
            ("Wasm", PackageType::Other("Wasm".to_owned())),
        ] {
            assert_eq!(read(&json!({"packageType": text})).package_type, Known::Value(package_type));
        }
    }

    #[test]
    fn absent_null_wrong_and_unrecorded_timeouts_are_told_apart() {
        let path = || "configuration.timeout".to_owned();
        let timeout = |configuration| read(&configuration).timeout;
        assert_eq!(timeout(json!({})), Known::Unknown(Missing::Absent { path: path() }));
        assert_eq!(timeout(json!({"timeout": null})), Known::Unknown(Missing::Null { path: path() }));
        assert!(matches!(timeout(json!({"timeout": "60"})), Known::Unknown(Missing::WrongType { .. })));
        assert!(matches!(timeout(Value::Null), Known::Unknown(Missing::NotRecorded { .. })));
    }

    #[test]
    fn layers_that_are_no_list_are_unknown() {
        let function = read(&json!({"layers": "none"}));
        assert!(matches!(function.layers, Known::Unknown(Missing::WrongType { .. })));
    }

    #[test]
    fn another_type_is_not_a_function() {
        let bucket =
            Document::from_item(json!({"resourceType": "AWS::S3::Bucket", "resourceId": "b"})).unwrap();
        assert_eq!(Function::read(&bucket), None);
    }

    fn read(configuration: &Value) -> Function {
        let item = json!({
            "resourceType": Function::TYPE, "resourceId": "orders", "configuration": configuration,
        });
        Function::read(&Document::from_item(item).unwrap()).unwrap()
    }
}

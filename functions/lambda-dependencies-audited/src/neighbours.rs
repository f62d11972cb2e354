//! Other functions' layers, and the repositories of images.

use std::collections::BTreeMap;

use aws_resources::{Function, StackMembership};
use config_rule::{Document, Documents, Known, Missing, Subject, View};

use crate::subject::AuditedFunction;

/// The newest version of each layer that some function of the account uses, by the layer's ARN without version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewestLayers(BTreeMap<String, LayerInUse>);

/// A version of a layer, and a function that uses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerInUse {
    /// The version's number.
    pub version: u64,
    /// The function.
    pub function: String,
}

/// An ECR repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    /// Its name.
    pub name: String,
    /// The stack that manages it, if one does.
    pub stack: Known<Option<StackMembership>>,
    /// Whether images are scanned when they are pushed.
    pub scans_on_push: Known<bool>,
}

impl NewestLayers {
    /// The newest version of a layer, by its ARN without version.
    pub(crate) fn of_layer(&self, arn: &str) -> Option<&LayerInUse> {
        self.0.get(arn)
    }
}

/// The newest versions among the layers of functions. A function whose layers are not known adds nothing: it could only
/// make others look older.
impl View for NewestLayers {
    fn of(functions: &Documents) -> Self {
        let mut newest = BTreeMap::<String, LayerInUse>::new();
        for document in functions.iter() {
            let Some(function) = Function::read(document) else { continue };
            let Ok(layers) = function.layers.get() else { continue };
            let arns = layers.iter().filter_map(|layer| layer.arn.get().ok());
            for (layer, version) in arns.filter_map(|arn| version_of(arn)) {
                let known = newest.get(layer).map_or(0, |known| known.version);
                if known < version {
                    let function = document.resource_id.clone();
                    newest.insert(layer.to_owned(), LayerInUse { version, function });
                }
            }
        }
        Self(newest)
    }
}

/// `arn:aws:lambda:eu-west-1:111122223333:layer:shared` and 3, of the same with `:3`.
pub(crate) fn version_of(arn: &str) -> Option<(&str, u64)> {
    let (layer, version) = arn.rsplit_once(':')?;
    Some((layer, version.parse().ok()?))
}

impl Repository {
    /// CloudFormation type name.
    pub const TYPE: &str = "AWS::ECR::Repository";
}

impl Subject for Repository {
    fn read(document: &Document) -> Option<Self> {
        const SCAN_ON_PUSH: &str = "configuration.ImageScanningConfiguration.ScanOnPush";
        (document.resource_type == Self::TYPE).then(|| Self {
            name: document.resource_id.clone(),
            stack: StackMembership::of(document),
            scans_on_push: document.properties().boolean(SCAN_ON_PUSH),
        })
    }
}

/// The repository of the function's image, where that is certain.
///
/// Items do not hold the image's URI. What the function's own stack holds is certain enough if it holds one repository, or
/// one that has the function's name.
pub(crate) fn repository_of<'a>(
    function: &AuditedFunction,
    repositories: &'a [Repository],
) -> Result<&'a Repository, Missing> {
    let not_certain = || Missing::NotRecorded { what: "the repository of the function's image".to_owned() };
    let stack = function.function.stack.get()?.as_ref().ok_or_else(not_certain)?;
    let is_in_stack = |repository: &&Repository| {
        repository
            .stack
            .get()
            .is_ok_and(|other| other.as_ref().is_some_and(|other| other.stack_id == stack.stack_id))
    };
    let candidates: Vec<_> = repositories.iter().filter(is_in_stack).collect();
    match candidates.as_slice() {
        [only] => Ok(only),
        several => several
            .iter()
            .find(|repository| repository.name == function.name)
            .copied()
            .ok_or_else(not_certain),
    }
}

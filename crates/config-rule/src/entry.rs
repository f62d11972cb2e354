use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::common::CommonParameters;
use crate::document::Document;
use crate::inventory::{BoxFuture, Inventory, InventoryError, Selector};
use crate::parameters::{self, ParameterErrors, ParameterSpec, Parameters};
use crate::rule::{Rule, RuleMeta, Subject};
use crate::verdict::Verdict;

/// A rule with its types erased, so that rules can stand in one list and the edge is compiled once.
#[derive(Debug)]
pub struct Entry {
    /// What is known about the rule without running it.
    pub meta: &'static RuleMeta,
    /// The rule's own parameters, without the common ones.
    pub parameters: &'static [&'static ParameterSpec],
    prepare: Prepare,
    concerned: fn(&Document) -> Vec<(&'static str, Selector<'_>)>,
}

type Prepare = fn(&BTreeMap<String, String>) -> Result<Box<dyn PreparedRule>, ParameterErrors>;

impl Entry {
    /// The entry of a rule.
    #[must_use]
    pub const fn of<R: Rule>() -> Self {
        Self {
            meta: &R::META,
            parameters: R::Parameters::SPECS,
            prepare: prepare::<R>,
            concerned: R::concerned,
        }
    }

    /// The common parameters and then the rule's own.
    pub fn all_parameters(&self) -> impl Iterator<Item = &'static ParameterSpec> {
        CommonParameters::SPECS.iter().chain(self.parameters).copied()
    }

    /// The subjects that a changed resource of a related type bears upon; see [`Rule::concerned`].
    #[must_use]
    pub fn concerned<'a>(&self, related: &'a Document) -> Vec<(&'static str, Selector<'a>)> {
        (self.concerned)(related)
    }

    /// The rule with its parameters, ready to judge any number of resources.
    ///
    /// # Errors
    ///
    /// Whoever set the parameters must act: everything that is wrong with them.
    pub fn prepare(
        &self,
        given: &BTreeMap<String, String>,
    ) -> Result<Box<dyn PreparedRule>, ParameterErrors> {
        (self.prepare)(given)
    }
}

/// A rule with its parameters.
pub trait PreparedRule: Send + Sync {
    /// The types among the subjects that the parameters leave out; see [`Rule::leaves_out`].
    fn leaves_out(&self) -> &'static [&'static str];

    /// Judges the resource of `document` on the day `today`. A resource that is gone, or not of the rule's types, is
    /// `NOT_APPLICABLE` before anything else is looked at.
    ///
    /// # Errors
    ///
    /// [`InventoryError`] where evidence could not be asked for; there is no verdict then.
    fn evaluate<'a>(
        &'a self,
        document: &'a Document,
        inventory: &'a dyn Inventory,
        today: Date,
    ) -> BoxFuture<'a, Result<Verdict, InventoryError>>;
}

struct Prepared<R: Rule> {
    common: CommonParameters,
    own: R::Parameters,
}

fn prepare<R: Rule>(given: &BTreeMap<String, String>) -> Result<Box<dyn PreparedRule>, ParameterErrors> {
    let (common, own) = parameters::parse(given)?;
    Ok(Box::new(Prepared::<R> { common, own }))
}

impl<R: Rule> PreparedRule for Prepared<R> {
    fn leaves_out(&self) -> &'static [&'static str] {
        R::leaves_out(&self.own)
    }

    fn evaluate<'a>(
        &'a self,
        document: &'a Document,
        inventory: &'a dyn Inventory,
        today: Date,
    ) -> BoxFuture<'a, Result<Verdict, InventoryError>> {
        Box::pin(async move {
            if let Some(reason) = document.status.reason_not_to_judge() {
                return Ok(Verdict::not_applicable(reason));
            }
            if self.leaves_out().contains(&document.resource_type.as_str()) {
                return Ok(Verdict::not_applicable("the rule's parameters leave out resources of this type"));
            }
            let Some(subject) = R::Subject::read(document) else {
                return Ok(Verdict::not_applicable("the rule does not judge resources of this type"));
            };
            let facts = R::gather(&subject, &self.own, inventory).await?;
            let outcome = R::evaluate(&subject, &self.own, &facts, today);
            Ok(Verdict::of(outcome, &R::META, &self.common, document, today))
        })
    }
}

use jiff::civil::Date;

use crate::check::Check;
use crate::document::Document;
use crate::inventory::{Inventory, InventoryError, Selector};
use crate::outcome::Outcome;
use crate::parameters::Parameters;

/// One best practice.
pub trait Rule: 'static {
    /// Name, checks, subjects, triggers and the AWS actions that [`Rule::gather`] may call.
    const META: RuleMeta;

    /// A typed view of the resource under judgement; an enum where a rule judges several types.
    type Subject: Subject;

    /// The rule's own parameters, parsed once.
    type Parameters: Parameters;

    /// What [`Rule::gather`] learns about other resources; `()` if the item alone decides.
    type Facts: Send + Sync;

    /// The subjects, by type, that a changed resource of a [related](Trigger::Related) type bears upon: the functions
    /// that an alarm names, the functions of a role.
    #[must_use]
    fn concerned(_related: &Document) -> Vec<(&'static str, Selector<'_>)> {
        Vec::new()
    }

    /// The types among the subjects that these parameters leave to somebody else: nothing is reported on them.
    #[must_use]
    fn leaves_out(_: &Self::Parameters) -> &'static [&'static str] {
        &[]
    }

    /// Asks for the facts that [`Rule::evaluate`] needs; decides nothing. The parameters say what need not be asked.
    fn gather(
        subject: &Self::Subject,
        parameters: &Self::Parameters,
        inventory: &dyn Inventory,
    ) -> impl Future<Output = Result<Self::Facts, InventoryError>> + Send;

    /// Decides. `today` is the event's day, in UTC.
    fn evaluate(
        subject: &Self::Subject,
        parameters: &Self::Parameters,
        facts: &Self::Facts,
        today: Date,
    ) -> Outcome;
}

/// A typed view that a rule judges.
pub trait Subject: Sized + Send + Sync {
    /// The view of `document`, or `None` if it is of a type that this view is not for.
    fn read(document: &Document) -> Option<Self>;
}

/// What is known about a rule without running it. Packs, documents and tests are made from it.
#[derive(Debug)]
pub struct RuleMeta {
    /// Kebab-case name of folder, crate, binary and Config rule: at most 37 characters, because a conformance pack
    /// adds 27 and `GetComplianceDetailsByConfigRule` stops at 64.
    pub name: &'static str,
    /// Number of the best practice, 1 to 9.
    pub practice: u8,
    /// The best practice in a few words: `keep functions small`.
    pub title: &'static str,
    /// Completes the sentence "checks that …"; becomes the Config rule's description.
    pub checks_that: &'static str,
    /// The resource types that it reports on.
    pub subjects: &'static [&'static str],
    /// What makes AWS Config invoke it.
    pub triggers: &'static [Trigger],
    /// Its checks, in the order in which reports list findings of one severity.
    pub checks: &'static [&'static Check],
    /// The IAM actions that gathering needs beyond what the framework calls, such as `iam:GetRole`.
    pub actions: &'static [&'static str],
}

/// What makes AWS Config invoke a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// A subject changed.
    Change,
    /// A resource of this type changed, upon which the verdict on subjects rests; [`Rule::concerned`] names them.
    Related(&'static str),
    /// Every 24 hours, for all subjects.
    Periodic,
}

impl RuleMeta {
    /// The types whose changes invoke the rule: its subjects' and the related ones.
    pub fn change_types(&self) -> impl Iterator<Item = &'static str> {
        let subjects = self.subjects.iter().copied().filter(|_| self.is_triggered_by(Trigger::Change));
        subjects.chain(self.related_types())
    }

    /// The types whose changes invoke the rule although it does not report on them.
    pub fn related_types(&self) -> impl Iterator<Item = &'static str> {
        self.triggers.iter().filter_map(|trigger| match trigger {
            Trigger::Related(resource_type) => Some(*resource_type),
            Trigger::Change | Trigger::Periodic => None,
        })
    }

    /// Whether `trigger` is one of the rule's.
    #[must_use]
    pub fn is_triggered_by(&self, trigger: Trigger) -> bool {
        self.triggers.contains(&trigger)
    }
}

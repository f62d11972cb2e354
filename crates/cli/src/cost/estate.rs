//! What there is, and what happens to it in a month.

use config_rule::{ACCOUNT_TYPE, Entry, Trigger};

/// 365 days in 12 months.
pub(super) const DAYS_PER_MONTH: f64 = 365.0 / 12.0;

/// The memory of a function in GB; `template.yaml` gives none more.
const MEMORY_GIGABYTES: f64 = 0.5;

/// What one invocation after a change is billed for, in seconds: generous, for most are far below a tenth.
const SECONDS_PER_CHANGE: f64 = 0.3;

/// What one evaluation of a scheduled run is billed for, in seconds.
const SECONDS_PER_SCHEDULED_EVALUATION: f64 = 0.05;

/// What there is in one account and Region, and of those.
#[derive(Clone, Debug)]
pub(crate) struct Estate {
    pub(crate) functions: f64,
    pub(crate) stacks: f64,
    pub(crate) apis: f64,
    pub(crate) alarms: f64,
    /// Of the account: IAM has no Regions.
    pub(crate) roles: f64,
    /// Customer-managed ones, of the account.
    pub(crate) policies: f64,
    /// Of each resource.
    pub(crate) changes_per_day: f64,
    pub(crate) accounts: f64,
    pub(crate) regions: f64,
    pub(crate) recording: Recording,
}

/// How AWS Config records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recording {
    /// Each change.
    Continuous,
    /// At most one item of a resource in a day.
    Daily,
}

/// What happens in one account and Region in a month.
#[derive(Clone, Copy, Default)]
pub(super) struct Volume {
    pub(super) on_change: f64,
    pub(super) on_schedule: f64,
    pub(super) invocations: f64,
    /// Of invocations after changes; those of scheduled runs follow from their evaluations.
    changes: f64,
}

impl Volume {
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            on_change: self.on_change + other.on_change,
            on_schedule: self.on_schedule + other.on_schedule,
            invocations: self.invocations + other.invocations,
            changes: self.changes + other.changes,
        }
    }

    pub(super) fn evaluations(self) -> f64 {
        self.on_change + self.on_schedule
    }

    pub(super) fn gigabyte_seconds(self) -> f64 {
        let seconds = self.changes * SECONDS_PER_CHANGE + self.on_schedule * SECONDS_PER_SCHEDULED_EVALUATION;
        seconds * MEMORY_GIGABYTES
    }
}

/// The resources of one account in one Region.
pub(super) struct Resources<'a> {
    estate: &'a Estate,
    /// Whether AWS Config records IAM here.
    has_iam: bool,
}

impl Estate {
    /// One account in one Region, with nothing in it.
    #[cfg(test)]
    pub(super) const NOTHING: Self = Self {
        functions: 0.0,
        stacks: 0.0,
        apis: 0.0,
        alarms: 0.0,
        roles: 0.0,
        policies: 0.0,
        changes_per_day: 1.0,
        accounts: 1.0,
        regions: 1.0,
        recording: Recording::Continuous,
    };

    pub(super) fn in_region(&self, has_iam: bool) -> Resources<'_> {
        Resources { estate: self, has_iam }
    }

    fn recorded_changes_per_day(&self) -> f64 {
        match self.recording {
            Recording::Continuous => self.changes_per_day,
            Recording::Daily => self.changes_per_day.min(1.0),
        }
    }

    pub(super) fn assumptions(&self) -> Vec<String> {
        let Self { functions, stacks, apis, alarms, roles, policies, accounts, regions, .. } = self;
        let rate = self.changes_per_day;
        vec![
            format!("{accounts} account(s) in {regions} Region(s), each with {functions} functions, {stacks} stacks, \
                     {apis} REST APIs with a stage each and {alarms} alarms"),
            format!("{roles} roles and {policies} customer-managed policies in each account, recorded in one Region"),
            format!("each resource changes {rate} times a day"),
            "a changed alarm or stage has one resource judged again, a changed stack or role its share of the functions, \
             a changed policy its share of the roles"
                .to_owned(),
            format!("functions have 512 MB, an invocation after a change takes {SECONDS_PER_CHANGE} s and a resource of \
                     a scheduled run {SECONDS_PER_SCHEDULED_EVALUATION} s"),
        ]
    }
}

impl Resources<'_> {
    /// How many there are of a type that rules name.
    fn count(&self, resource_type: &str) -> f64 {
        let estate = self.estate;
        let of_iam = |count: f64| if self.has_iam { count } else { 0.0 };
        match resource_type {
            ACCOUNT_TYPE => 1.0,
            "AWS::Lambda::Function" => estate.functions,
            "AWS::CloudFormation::Stack" => estate.stacks,
            "AWS::ApiGateway::RestApi" | "AWS::ApiGateway::Stage" => estate.apis,
            "AWS::CloudWatch::Alarm" => estate.alarms,
            "AWS::IAM::Role" => of_iam(estate.roles),
            "AWS::IAM::Policy" => of_iam(estate.policies),
            // Every API is counted as a REST API, which costs the most.
            _ => 0.0,
        }
    }

    /// Changes in a month.
    fn changes(&self, resource_type: &str) -> f64 {
        self.count(resource_type) * self.estate.recorded_changes_per_day() * DAYS_PER_MONTH
    }

    /// Items in a month of the types that trigger rules, each type once.
    pub(super) fn items(&self, rules: &[Entry]) -> f64 {
        let mut types: Vec<_> = rules.iter().flat_map(|rule| rule.meta.change_types()).collect();
        types.sort_unstable();
        types.dedup();
        types.into_iter().map(|resource_type| self.changes(resource_type)).sum()
    }

    pub(super) fn volume(&self, rule: &Entry) -> Volume {
        let meta = rule.meta;
        let mut volume = Volume::default();
        for resource_type in meta.change_types() {
            let changes = self.changes(resource_type);
            volume.changes += changes;
            volume.on_change += changes * self.judged_by_one_change(rule, resource_type);
        }
        volume.invocations = volume.changes;
        if meta.is_triggered_by(Trigger::Periodic) {
            let subjects: f64 = meta.subjects.iter().map(|subject| self.count(subject)).sum();
            volume.on_schedule = subjects * DAYS_PER_MONTH;
            volume.invocations += DAYS_PER_MONTH;
        }
        volume
    }

    /// How many subjects one change of a type has judged: itself, or those that it bears upon.
    fn judged_by_one_change(&self, rule: &Entry, resource_type: &str) -> f64 {
        if rule.meta.subjects.contains(&resource_type) {
            return 1.0;
        }
        let shared_by = match resource_type {
            "AWS::CloudFormation::Stack" | "AWS::IAM::Role" => self.count("AWS::Lambda::Function"),
            "AWS::IAM::Policy" => self.count("AWS::IAM::Role"),
            _ => return 1.0,
        };
        // Of none, nothing changes.
        (shared_by / self.count(resource_type).max(1.0)).max(1.0)
    }
}

#[cfg(test)]
mod tests {
    use catalog::RULES;

    use super::*;

    #[test]
    fn every_type_that_a_rule_names_is_counted() {
        let one = Estate {
            functions: 1.0,
            stacks: 1.0,
            apis: 1.0,
            alarms: 1.0,
            roles: 1.0,
            policies: 1.0,
            ..Estate::NOTHING
        };
        // Counted with the REST APIs.
        let other_apis = ["AWS::ApiGatewayV2::Api", "AWS::AppSync::GraphQLApi"];
        for meta in RULES.iter().map(|entry| entry.meta) {
            for resource_type in meta.change_types().chain(meta.subjects.iter().copied()) {
                let count = one.in_region(true).count(resource_type);
                assert_eq!(
                    count > 0.0,
                    !other_apis.contains(&resource_type),
                    "{}: {resource_type}",
                    meta.name
                );
            }
        }
    }
}

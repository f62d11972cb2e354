//! How many evaluations, items and invocations there are in a month, and what they cost.

use config_rule::{ACCOUNT_TYPE, Entry, Trigger};

use crate::cost::prices;

/// 365 days in 12 months.
const DAYS_PER_MONTH: f64 = 365.0 / 12.0;

/// The memory of a function in GB; `template.yaml` gives none more.
const MEMORY_GIGABYTES: f64 = 0.5;

/// What one invocation after a change is billed for, in seconds: generous, for most are far below a tenth.
const SECONDS_PER_CHANGE: f64 = 0.3;

/// What one evaluation of a scheduled run is billed for, in seconds.
const SECONDS_PER_SCHEDULED_EVALUATION: f64 = 0.05;

/// What one evaluation logs, in GB: a line of about a kilobyte.
const LOG_GIGABYTES_PER_EVALUATION: f64 = 1e-6;

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

/// A month.
#[derive(Debug)]
pub(crate) struct Estimate {
    /// What would not be paid without the rules.
    pub(crate) of_the_rules: Vec<Line>,
    /// What AWS Config asks for recording, rules or no rules.
    pub(crate) of_recording: Vec<Line>,
    pub(crate) rules: Vec<RuleEvaluations>,
    pub(crate) assumptions: Vec<String>,
}

/// One thing that is paid for.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) what: &'static str,
    pub(crate) quantity: f64,
    pub(crate) unit: &'static str,
    pub(crate) usd: f64,
}

/// The evaluations by one rule, in all accounts and Regions.
#[derive(Debug)]
pub(crate) struct RuleEvaluations {
    pub(crate) name: &'static str,
    pub(crate) on_change: f64,
    pub(crate) on_schedule: f64,
}

/// What happens in one account and Region in a month.
#[derive(Clone, Copy, Default)]
struct Volume {
    on_change: f64,
    on_schedule: f64,
    invocations: f64,
    /// Of invocations after changes; those of scheduled runs follow from their evaluations.
    changes: f64,
}

impl Estimate {
    pub(crate) fn of(rules: &[Entry], estate: &Estate) -> Self {
        let home = estate.in_region(true);
        let other = estate.in_region(false);
        let others = estate.regions - 1.0;
        let everywhere = |of: &dyn Fn(&Resources) -> f64| estate.accounts * (of(&home) + others * of(&other));

        let volume = |resources: &Resources| {
            rules.iter().map(|rule| resources.volume(rule)).fold(Volume::default(), Volume::and)
        };
        let evaluations = |resources: &Resources| volume(resources).evaluations();
        // Tiers are those of a Region over all accounts.
        let in_region =
            |resources: &Resources| prices::EVALUATION.of(estate.accounts * evaluations(resources));
        let invocations = everywhere(&|resources| volume(resources).invocations);
        let gigabyte_seconds = everywhere(&|resources| volume(resources).gigabyte_seconds());
        let log_gigabytes = everywhere(&evaluations) * LOG_GIGABYTES_PER_EVALUATION;
        let items = everywhere(&|resources| resources.items(rules));
        let item_price = match estate.recording {
            Recording::Continuous => prices::CONTINUOUS_ITEM,
            Recording::Daily => prices::DAILY_ITEM,
        };
        let line = |what, quantity, unit, usd| Line { what, quantity, unit, usd };
        Self {
            of_the_rules: vec![
                line(
                    "conformance pack evaluations",
                    everywhere(&evaluations),
                    "evaluations",
                    in_region(&home) + others * in_region(&other),
                ),
                line("Lambda requests", invocations, "invocations", prices::INVOCATION.of(invocations)),
                line(
                    "Lambda duration",
                    gigabyte_seconds,
                    "GB-seconds",
                    prices::GIGABYTE_SECOND.of(gigabyte_seconds),
                ),
                line("log lines", log_gigabytes, "GB", prices::LOG_GIGABYTE.of(log_gigabytes)),
            ],
            of_recording: vec![line("configuration items", items, "items", item_price.of(items))],
            rules: rules
                .iter()
                .map(|rule| RuleEvaluations {
                    name: rule.meta.name,
                    on_change: everywhere(&|resources| resources.volume(rule).on_change),
                    on_schedule: everywhere(&|resources| resources.volume(rule).on_schedule),
                })
                .collect(),
            assumptions: estate.assumptions(),
        }
    }

    pub(crate) fn usd_of_the_rules(&self) -> f64 {
        self.of_the_rules.iter().map(|line| line.usd).sum()
    }

    pub(crate) fn usd_of_recording(&self) -> f64 {
        self.of_recording.iter().map(|line| line.usd).sum()
    }
}

impl Volume {
    fn and(self, other: Self) -> Self {
        Self {
            on_change: self.on_change + other.on_change,
            on_schedule: self.on_schedule + other.on_schedule,
            invocations: self.invocations + other.invocations,
            changes: self.changes + other.changes,
        }
    }

    fn evaluations(self) -> f64 {
        self.on_change + self.on_schedule
    }

    fn gigabyte_seconds(self) -> f64 {
        let seconds = self.changes * SECONDS_PER_CHANGE + self.on_schedule * SECONDS_PER_SCHEDULED_EVALUATION;
        seconds * MEMORY_GIGABYTES
    }
}

/// The resources of one account in one Region.
struct Resources<'a> {
    estate: &'a Estate,
    /// Whether AWS Config records IAM here.
    has_iam: bool,
}

impl Estate {
    fn in_region(&self, has_iam: bool) -> Resources<'_> {
        Resources { estate: self, has_iam }
    }

    fn recorded_changes_per_day(&self) -> f64 {
        match self.recording {
            Recording::Continuous => self.changes_per_day,
            Recording::Daily => self.changes_per_day.min(1.0),
        }
    }

    fn assumptions(&self) -> Vec<String> {
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
    fn items(&self, rules: &[Entry]) -> f64 {
        let mut types: Vec<_> = rules.iter().flat_map(|rule| rule.meta.change_types()).collect();
        types.sort_unstable();
        types.dedup();
        types.into_iter().map(|resource_type| self.changes(resource_type)).sum()
    }

    fn volume(&self, rule: &Entry) -> Volume {
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

    const NOTHING: Estate = Estate {
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

    #[test]
    fn every_type_that_a_rule_names_is_counted() {
        let one = Estate {
            functions: 1.0,
            stacks: 1.0,
            apis: 1.0,
            alarms: 1.0,
            roles: 1.0,
            policies: 1.0,
            ..NOTHING
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

    #[test]
    fn a_function_is_judged_by_each_rule_that_hears_of_it_and_daily_by_each_that_runs_on_a_schedule() {
        let estate = Estate { functions: 10.0, changes_per_day: 2.0, ..NOTHING };
        let is_about_functions = |entry: &&Entry| entry.meta.subjects.contains(&"AWS::Lambda::Function");
        let about_functions: Vec<_> = RULES.iter().filter(is_about_functions).collect();
        let periodic =
            about_functions.iter().filter(|entry| entry.meta.is_triggered_by(Trigger::Periodic)).count();
        let on_change = 10.0 * 2.0 * DAYS_PER_MONTH * as_number(about_functions.len());
        // The tenth subject is the account.
        let on_schedule = (10.0 * as_number(periodic) + 1.0) * DAYS_PER_MONTH;
        assert_near(
            quantity(&Estimate::of(RULES, &estate), "conformance pack evaluations"),
            on_change + on_schedule,
        );
    }

    #[test]
    fn an_empty_account_costs_one_evaluation_of_the_account_a_day() {
        let estimate = Estimate::of(RULES, &NOTHING);
        assert_near(quantity(&estimate, "conformance pack evaluations"), DAYS_PER_MONTH);
        assert_near(quantity(&estimate, "configuration items"), 0.0);
    }

    #[test]
    fn an_item_is_recorded_once_however_many_rules_hear_of_it() {
        let estate = Estate { functions: 10.0, changes_per_day: 2.0, ..NOTHING };
        let estimate = Estimate::of(RULES, &estate);
        assert_near(quantity(&estimate, "configuration items"), 20.0 * DAYS_PER_MONTH);
        assert_near(estimate.usd_of_recording(), 20.0 * DAYS_PER_MONTH * 0.003);
    }

    #[test]
    fn daily_recording_has_at_most_one_item_of_a_resource_a_day() {
        let daily = |changes_per_day| {
            let estate = Estate { functions: 10.0, changes_per_day, recording: Recording::Daily, ..NOTHING };
            Estimate::of(RULES, &estate)
        };
        assert_near(quantity(&daily(0.5), "configuration items"), 5.0 * DAYS_PER_MONTH);
        assert_near(quantity(&daily(7.0), "configuration items"), 10.0 * DAYS_PER_MONTH);
        assert_near(daily(7.0).usd_of_recording(), 10.0 * DAYS_PER_MONTH * 0.012);
    }

    #[test]
    fn roles_are_judged_in_one_region_only() {
        let in_regions = |regions| {
            let estimate = Estimate::of(RULES, &Estate { roles: 10.0, regions, ..NOTHING });
            let rule =
                estimate.rules.into_iter().find(|rule| rule.name == "lambda-role-least-privilege").unwrap();
            rule.on_change + rule.on_schedule
        };
        assert!(in_regions(1.0) > 0.0);
        assert_near(in_regions(3.0), in_regions(1.0));
    }

    #[test]
    fn a_changed_stack_has_its_share_of_the_functions_judged() {
        let evaluations = |stacks| {
            let estimate = Estimate::of(RULES, &Estate { functions: 12.0, stacks, ..NOTHING });
            estimate
                .rules
                .into_iter()
                .find(|rule| rule.name == "lambda-deployed-by-pipeline")
                .unwrap()
                .on_change
        };
        // 12 changed functions, and 4 stacks with 3 functions each.
        assert_near(evaluations(4.0), 24.0 * DAYS_PER_MONTH);
        assert_near(evaluations(24.0), 36.0 * DAYS_PER_MONTH);
    }

    #[test]
    fn tiers_are_shared_by_the_accounts_of_a_region_and_not_by_regions() {
        let estate = Estate { functions: 200.0, changes_per_day: 5.0, ..NOTHING };
        let usd = |accounts, regions| {
            Estimate::of(RULES, &Estate { accounts, regions, ..estate.clone() }).of_the_rules[0].usd
        };
        assert!(usd(4.0, 1.0) < 4.0 * usd(1.0, 1.0), "a Region's accounts reach the next tier together");
        assert_near(usd(1.0, 4.0), 4.0 * usd(1.0, 1.0));
    }

    fn quantity(estimate: &Estimate, what: &str) -> f64 {
        let lines = estimate.of_the_rules.iter().chain(&estimate.of_recording);
        lines.clone().find(|line| line.what == what).unwrap().quantity
    }

    fn as_number(count: usize) -> f64 {
        f64::from(u32::try_from(count).unwrap())
    }

    fn assert_near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-6, "{found}, not {expected}");
    }
}

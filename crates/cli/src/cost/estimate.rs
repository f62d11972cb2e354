//! How many evaluations, items and invocations there are in a month, and what they cost.

use config_rule::Entry;

use crate::cost::estate::{Estate, Recording, Resources, Volume};
use crate::cost::prices;

/// What one evaluation logs, in GB: a line of about a kilobyte.
const LOG_GIGABYTES_PER_EVALUATION: f64 = 1e-6;

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

#[cfg(test)]
mod tests {
    use catalog::RULES;
    use config_rule::Trigger;

    use super::*;
    use crate::cost::estate::DAYS_PER_MONTH;

    const NOTHING: Estate = Estate::NOTHING;

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

//! What the rules cost in AWS, estimated from the catalogue.

mod arguments;
mod estate;
mod estimate;
mod prices;
mod text;

pub(crate) use arguments::{CostArguments, EXAMPLES};

use catalog::RULES;
use serde_json::{Value, json};

use crate::arguments::Format;
use crate::page::Page;
use estimate::{Estimate, Line, RuleEvaluations};

/// What nobody can know beforehand, or what is paid for other reasons.
const NOT_INCLUDED: [&str; 6] = [
    "taxes, discounts, free tiers and prices of other Regions",
    "items of types that no rule is triggered by, and of AWS::Config::ResourceCompliance where they are recorded: one \
     for each change of a result",
    "the first evaluation of everything, once, when the pack is deployed or changed: as much as a day's schedule",
    "Amazon Inspector, the managed rules of the other packs, the delivery bucket",
    "about thirty CloudWatch alarms of the stack (0.10 USD each a month, in each account and Region), its failure queue, \
     traces, and logs kept beyond their arrival",
    "whether NOT_APPLICABLE results are billed is not documented; they are counted",
];

/// The estimate, as text or as JSON.
pub(crate) fn written(arguments: &CostArguments, page: Page) -> anyhow::Result<String> {
    let estimate = Estimate::of(RULES, &arguments.estate());
    match arguments.format {
        Format::Text => Ok(text::text(&estimate, page)),
        Format::Json => Ok(serde_json::to_string_pretty(&json(&estimate))? + "\n"),
    }
}

fn json(estimate: &Estimate) -> Value {
    // Nobody pays fractions of a cent, and a sum of products has more digits than it knows.
    let rounded = |number: f64| (number * 1e4).round() / 1e4;
    let line = |line: &Line| {
        let (quantity, usd) = (rounded(line.quantity), rounded(line.usd));
        json!({"what": line.what, "quantity": quantity, "unit": line.unit, "usd": usd})
    };
    let rule = |rule: &RuleEvaluations| {
        let (on_change, on_schedule) = (rounded(rule.on_change), rounded(rule.on_schedule));
        json!({"rule": rule.name, "evaluationsOnChange": on_change, "evaluationsOnSchedule": on_schedule})
    };
    json!({
        "perMonth": {
            "ofTheRules": estimate.of_the_rules.iter().map(line).collect::<Vec<_>>(),
            "ofRecording": estimate.of_recording.iter().map(line).collect::<Vec<_>>(),
            "usdOfTheRules": rounded(estimate.usd_of_the_rules()),
            "usdOfRecording": rounded(estimate.usd_of_recording()),
        },
        "rules": estimate.rules.iter().map(rule).collect::<Vec<_>>(),
        "assumptions": estimate.assumptions,
        "notIncluded": NOT_INCLUDED,
        "prices": {"date": prices::DATE, "region": prices::REGION, "source": prices::SOURCE},
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::arguments::{Arguments, Command};

    #[test]
    fn the_total_is_the_sum_of_its_lines_and_each_rule_has_one() {
        let estimate: Value = serde_json::from_str(&estimated("cost --functions 200 --format json")).unwrap();
        let month = &estimate["perMonth"];
        let lines = month["ofTheRules"].as_array().unwrap();
        let sum: f64 = lines.iter().map(|line| line["usd"].as_f64().unwrap()).sum();
        let total = month["usdOfTheRules"].as_f64().unwrap();
        assert!(0.0 < total && (sum - total).abs() < 0.001, "{sum}, not {total}");
        assert_eq!(estimate["rules"].as_array().unwrap().len(), RULES.len());
    }

    #[test]
    fn what_was_assumed_and_left_out_and_how_old_the_prices_are_is_told() {
        let text = estimated("cost --functions 200 --roles 7");
        for told in
            ["40 stacks", "20 REST APIs", "7 roles and 1 customer-managed", "Not included", prices::DATE]
        {
            assert!(text.contains(told), "{told} is not in {text}");
        }
    }

    #[test]
    fn without_functions_or_with_no_account_there_is_nothing_to_estimate() {
        for line in ["cost", "cost --functions 1 --accounts 0", "cost --functions 1 --regions 0"] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }

    fn estimated(line: &str) -> String {
        let arguments = parsed(line).unwrap();
        let Command::Cost(arguments) = &arguments.command else { panic!("{arguments:?}") };
        written(arguments, Page::default()).unwrap()
    }

    fn parsed(line: &str) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from(["serverless-conformance"].into_iter().chain(line.split_whitespace()))
    }
}

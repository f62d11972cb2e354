//! What the estimate is made for.

use clap::{Args, ValueEnum};

use crate::arguments::Format;
use crate::cost::estate::{Estate, Recording};

pub(crate) const EXAMPLES: &str = "\
Examples:
  serverless-conformance cost --functions 200
  serverless-conformance cost --functions 200 --stacks 40 --apis 25 --changes-per-day 0.5
  serverless-conformance cost --functions 200 --accounts 50 --regions 2 --recording daily --format json";

/// Numbers are those of one account in one Region; what is not given is assumed, and the output says so.
#[derive(Clone, Debug, Args)]
pub(crate) struct CostArguments {
    /// Functions in one account and Region.
    #[arg(long, value_name = "N")]
    functions: u32,
    /// Changes that are recorded of each resource in a day, on average; a deployment is one.
    #[arg(long, value_name = "M", default_value_t = 0.2, value_parser = rate)]
    changes_per_day: f64,
    /// Accounts that have the pack.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    accounts: u32,
    /// Regions in which they have it. IAM is recorded, and roles are judged, in one of them.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    regions: u32,
    /// Stacks [default: one for five functions].
    #[arg(long, value_name = "N")]
    stacks: Option<u32>,
    /// APIs, counted as REST APIs with one stage each [default: one for ten functions].
    #[arg(long, value_name = "N")]
    apis: Option<u32>,
    /// Alarms [default: one for each function].
    #[arg(long, value_name = "N")]
    alarms: Option<u32>,
    /// Roles of the account [default: one for each function].
    #[arg(long, value_name = "N")]
    roles: Option<u32>,
    /// Customer-managed policies of the account [default: one for ten roles].
    #[arg(long, value_name = "N")]
    policies: Option<u32>,
    /// How AWS Config records: each change, or once a day what has changed.
    #[arg(long, value_enum, default_value_t)]
    recording: RecordingMode,
    /// How the estimate is written: for people, or for programs.
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum RecordingMode {
    /// Each change.
    #[default]
    Continuous,
    /// Once a day what has changed.
    Daily,
}

impl CostArguments {
    /// The numbers with what is assumed for those that were not given.
    pub(super) fn estate(&self) -> Estate {
        let one_for = |per: u32, of: u32| of.div_ceil(per);
        let roles = self.roles.unwrap_or(self.functions);
        Estate {
            functions: self.functions.into(),
            stacks: self.stacks.unwrap_or_else(|| one_for(5, self.functions)).into(),
            apis: self.apis.unwrap_or_else(|| one_for(10, self.functions)).into(),
            alarms: self.alarms.unwrap_or(self.functions).into(),
            roles: roles.into(),
            policies: self.policies.unwrap_or_else(|| one_for(10, roles)).into(),
            changes_per_day: self.changes_per_day,
            accounts: self.accounts.into(),
            regions: self.regions.into(),
            recording: match self.recording {
                RecordingMode::Continuous => Recording::Continuous,
                RecordingMode::Daily => Recording::Daily,
            },
        }
    }
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if (0.0..=10_000.0).contains(&rate) => Ok(rate),
        _ => Err("expected a number from 0 to 10000, such as 0.5".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_number_from_nothing_to_ten_thousand() {
        assert_eq!(rate("0"), Ok(0.0));
        assert_eq!(rate("10000"), Ok(10_000.0));
        for text in ["-0.1", "10000.1", "NaN", "inf", "daily", ""] {
            assert!(rate(text).is_err(), "{text}");
        }
    }
}

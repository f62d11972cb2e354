//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum};
use config_rule::Timestamp;

use crate::cost::{self, CostArguments};

const EXAMPLES: &str = "\
Examples:
  Judge a configuration snapshot, as AWS Config delivers it to S3:
    serverless-conformance check 111122223333_Config_eu-west-1_ConfigSnapshot_20261124.json.gz

  Judge what a query finds:
    aws configservice select-resource-config --output json --expression \\
      \"SELECT *, configuration, supplementaryConfiguration, tags, relationships \\
       WHERE resourceType = 'AWS::Lambda::Function'\" > functions.json
    serverless-conformance check functions.json

Exit status: 0 if nothing is NON_COMPLIANT, 1 if something is, 2 if the run could not be done.";

const PATHS_HELP: &str = "\
Input: files and folders with configuration items as AWS Config writes them, packed (.gz) or not. What a file holds \
shows in its content: a configuration snapshot or a history file as delivered to S3; the output of `aws configservice` \
get-resource-config-history, batch-get-resource-config or select-resource-config; one item, a list of items, or a \
line for each. What AWS Config does not record is read from other outputs, in files beside the items: `aws iam \
get-account-authorization-details`; `aws inspector2` list-coverage and list-findings; `aws configservice` \
describe-config-rules, describe-configuration-recorders, describe-delivery-channels, describe-conformance-packs, and \
the commands for the status of each. Those of several accounts or Regions stand in a folder each, since not all of them \
say where they were asked. To put conformance packs as AWS Config lets one (`serve`), it also reads `aws \
cloudformation list-exports`, `aws organizations list-accounts` and list-delegated-administrators. What cannot be read costs that item, not the run, and is listed on standard error.";

const CHECK_EXAMPLES: &str = "\
Examples:
  serverless-conformance check snapshot.json.gz
  serverless-conformance check items/ --rule lambda-small-single-purpose --format json
  serverless-conformance check items/ --parameter lambda-small-single-purpose.maxTimeoutSeconds=60

Exit status: 0 if nothing is NON_COMPLIANT, 1 if something is, 2 if the run could not be done.";

const RUN_EXAMPLES: &str = "\
Examples:
  serverless-conformance run snapshot.json.gz --functions target/debug
  serverless-conformance run items/ --pack my-pack.yaml --verbose

Exit status: 0 if nothing is NON_COMPLIANT, 1 if something is, 2 if the run could not be done.";

const SERVE_EXAMPLES: &str = "\
Examples:
  serverless-conformance serve items/ --functions target/debug
  aws --endpoint-url http://127.0.0.1:4580 --region eu-west-1 configservice describe-compliance-by-config-rule

  Deploy to it as to AWS:
    serverless-conformance serve items/ --no-pack
    AWS_ENDPOINT_URL_CONFIG_SERVICE=http://127.0.0.1:4580 make deploy-pack

Conformance packs can be put, for the account or for an organization. A pack that lies in a bucket is read from the
Amazon S3 at AWS_ENDPOINT_URL_S3. An account has the exports that its `list-exports` shows; without that output, one
for each function of this machine. An account of the organization that has no items has no recorder.";

const RULES_EXAMPLES: &str = "\
Examples:
  serverless-conformance rules
  serverless-conformance rules lambda-small-single-purpose
  serverless-conformance rules timeout-too-long";

/// Judges AWS resources by the serverless best practices, from what AWS Config recorded and without an AWS account.
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judges configuration items in this process: quick, and needs nothing but the items.
    #[command(after_help = CHECK_EXAMPLES, after_long_help = format!("{PATHS_HELP}\n\n{CHECK_EXAMPLES}"))]
    Check(CheckArguments),
    /// Judges configuration items with the real functions, under an AWS Config on this machine.
    #[command(after_help = RUN_EXAMPLES, after_long_help = format!("{PATHS_HELP}\n\n{RUN_EXAMPLES}"))]
    Run(RunArguments),
    /// Judges as `run` does, then answers AWS Config's API on this machine until it is interrupted.
    #[command(after_help = SERVE_EXAMPLES, after_long_help = format!("{PATHS_HELP}\n\n{SERVE_EXAMPLES}"))]
    Serve(ServeArguments),
    /// Lists the rules, or explains one of them or one of their checks.
    #[command(after_help = RULES_EXAMPLES)]
    Rules {
        /// Name of a rule, or id of a check.
        name: Option<String>,
    },
    /// Estimates what the rules cost in AWS per month, from the catalogue and a dated table of prices.
    #[command(after_help = cost::EXAMPLES)]
    Cost(CostArguments),
}

#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    #[command(flatten)]
    pub(crate) input: InputArguments,
    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    #[command(flatten)]
    pub(crate) input: InputArguments,
    #[command(flatten)]
    pub(crate) functions: FunctionArguments,
    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

#[derive(Debug, Args)]
pub(crate) struct ServeArguments {
    #[command(flatten)]
    pub(crate) input: InputArguments,
    #[command(flatten)]
    pub(crate) functions: FunctionArguments,
    /// Address to listen on. Whoever reaches it may read every item, so keep it to this machine.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:4580", value_parser = address)]
    pub(crate) listen: SocketAddr,
    /// Starts as an account before its first conformance pack: clients put theirs.
    #[arg(long, conflicts_with_all = ["pack", "rules", "parameters"])]
    pub(crate) no_pack: bool,
}

#[derive(Debug, Args)]
pub(crate) struct InputArguments {
    /// Files and folders with configuration items; `--help` says which kinds.
    #[arg(value_name = "PATH", required_unless_present = "authorization_details")]
    pub(crate) paths: Vec<PathBuf>,
    /// Output of `aws iam get-account-authorization-details`, as the source of roles and policies: they take the place
    /// of items with the same ARN, and what is not among them does not exist; may be repeated.
    #[arg(long, value_name = "FILE")]
    pub(crate) authorization_details: Vec<PathBuf>,
    /// Only this rule; may be repeated.
    #[arg(long = "rule", value_name = "RULE")]
    pub(crate) rules: Vec<String>,
    /// Conformance pack that says which rules run and how
    /// [default: conformance-pack/serverless-best-practices.yaml, or a copy of it that is built in].
    #[arg(long, value_name = "FILE")]
    pub(crate) pack: Option<PathBuf>,
    /// Value for a rule's parameter; may be repeated.
    #[arg(long = "parameter", value_name = "RULE.NAME=VALUE")]
    pub(crate) parameters: Vec<Assignment>,
    /// The time at which the run takes place, such as 2026-11-24T12:00:00Z, for waivers and for ages
    /// [default: when the newest item was recorded].
    #[arg(long, value_name = "DATE-TIME", value_parser = date_time)]
    pub(crate) at: Option<Timestamp>,
}

#[derive(Debug, Args)]
pub(crate) struct FunctionArguments {
    /// Folder of the functions: programs named after their rules, or folders so named that hold a `bootstrap`
    /// [default: the folder of this program].
    #[arg(long, value_name = "FOLDER")]
    pub(crate) functions: Option<PathBuf>,
    /// Shows what the functions log.
    #[arg(long)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Args)]
pub(crate) struct OutputArguments {
    /// How results are written: for people (a table for each rule, and what to do), or for programs (an array of results).
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    /// Exits with status 0 also if something is `NON_COMPLIANT`: shows, does not judge.
    #[arg(long)]
    pub(crate) exit_zero: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Text and tables.
    #[default]
    Text,
    /// JSON.
    Json,
}

fn date_time(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| "expected a time in ISO 8601, such as 2026-11-24T12:00:00Z".to_owned())
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "expected an IP address and a port, such as 127.0.0.1:4580".to_owned())
}

/// A value for a parameter of one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Assignment {
    pub(crate) rule: String,
    pub(crate) name: String,
    pub(crate) value: String,
}

impl FromStr for Assignment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('=').and_then(|(target, value)| {
            let (rule, name) = target.split_once('.')?;
            let is_complete = !rule.is_empty() && !name.is_empty();
            is_complete.then(|| Self {
                rule: rule.to_owned(),
                name: name.to_owned(),
                value: value.to_owned(),
            })
        });
        parts.ok_or_else(|| "expected `<rule>.<parameter>=<value>`".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_of_the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_parameter_is_split_at_the_first_dot_and_the_first_equals_sign() {
        let assignment = Assignment {
            rule: "stack-per-resource-type".to_owned(),
            name: "extraKinds".to_owned(),
            value: "messaging=AWS::SQS::*|a.b".to_owned(),
        };
        assert_eq!("stack-per-resource-type.extraKinds=messaging=AWS::SQS::*|a.b".parse(), Ok(assignment));
    }

    #[test]
    fn a_value_may_be_empty_and_a_name_may_not() {
        assert_eq!("rule.name=".parse::<Assignment>().map(|assignment| assignment.value), Ok(String::new()));
        for text in ["rule.name", "rule=1", ".name=1", "rule.=1", ""] {
            assert!(text.parse::<Assignment>().is_err(), "{text}");
        }
    }

    #[test]
    fn rules_and_parameters_may_be_repeated() {
        let arguments = parsed("check items --rule a-b --rule c-d --parameter a-b.x=1 --parameter c-d.y=2");
        let Ok(Arguments { command: Command::Check(check) }) = arguments else { panic!("{arguments:?}") };
        assert_eq!(check.input.rules, ["a-b", "c-d"]);
        assert_eq!(check.input.parameters.len(), 2);
        assert_eq!(check.output.format, Format::Text);
    }

    #[test]
    fn a_run_without_items_is_refused_with_what_is_missing() {
        for command in ["check", "run", "serve"] {
            let error = parsed(command).unwrap_err().to_string();
            assert!(error.contains("<PATH>..."), "{error}");
        }
    }

    #[test]
    fn authorization_details_are_input_of_their_own() {
        for command in ["check", "run", "serve"] {
            assert!(parsed(&format!("{command} --authorization-details iam.json")).is_ok(), "{command}");
        }
        let parsed = parsed("check items --authorization-details a.json --authorization-details b.json");
        let Ok(Arguments { command: Command::Check(check) }) = parsed else { panic!("{parsed:?}") };
        assert_eq!((check.input.paths.len(), check.input.authorization_details.len()), (1, 2));
    }

    #[test]
    fn a_time_without_a_zone_is_refused() {
        assert!(parsed("check items --at 2026-11-24T12:00:00Z").is_ok());
        assert!(parsed("check items --at 2026-11-24T12:00:00").is_err());
    }

    fn parsed(line: &str) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from(["serverless-conformance"].into_iter().chain(line.split_whitespace()))
    }
}

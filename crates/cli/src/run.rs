//! Judges with the real functions.

use std::mem;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::Context;
use config_rule::Report;
use indicatif::ProgressBar;
use local_aws_config::pack::Pack;
use local_aws_config::service::{InvocationFailure, LocalAwsConfig, Options, Progress, RuleResult};
use serde_json::Value;

use crate::arguments::FunctionArguments;
use crate::input::{self, Input};
use crate::page::note;
use crate::report::Results;

/// Everything that the functions of `pack` report about the items, which are used up.
pub(crate) fn results(
    pack: Pack,
    input: &mut Input,
    arguments: &FunctionArguments,
) -> anyhow::Result<Results> {
    let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    runtime()?.block_on(async {
        let config = started(pack, input, arguments, any_port).await?;
        let results = evaluated(&config, arguments).await;
        config.shutdown().await;
        Ok(results)
    })
}

/// What everything that waits runs on.
pub(crate) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start to listen")
}

/// An AWS Config with the items and the rules.
pub(crate) async fn started(
    pack: Pack,
    input: &mut Input,
    arguments: &FunctionArguments,
    listen: SocketAddr,
) -> anyhow::Result<LocalAwsConfig> {
    let functions = functions_folder(arguments)?;
    let options = Options::new(mem::take(&mut input.items), pack, functions, input.at);
    Ok(LocalAwsConfig::start(Options { listen, ..options }).await?)
}

/// What the functions say when every rule was invoked for everything that concerns it.
pub(crate) async fn evaluated(config: &LocalAwsConfig, arguments: &FunctionArguments) -> Results {
    let progress = input::spinner();
    let _ = config.evaluate_all(&|step| show(&progress, &step)).await;
    progress.finish_and_clear();

    let mut results: Results = config.results().into_iter().map(report).collect();
    results.failures = config.failures().iter().map(failure).collect();
    if arguments.verbose {
        for rule in results.rules() {
            for line in config.log(rule).await {
                note(&format!("{rule}: {}", line.text));
            }
        }
    }
    results
}

fn show(progress: &ProgressBar, step: &Progress) {
    progress.set_message(format!("{} of {} events, {}", step.done, step.total, step.rule));
}

/// The folder that was given, else the one that this program is in: a build puts all programs into one folder.
fn functions_folder(arguments: &FunctionArguments) -> anyhow::Result<PathBuf> {
    if let Some(folder) = &arguments.functions {
        return Ok(folder.clone());
    }
    let program = std::env::current_exe().context("cannot find the functions: give `--functions`")?;
    program.parent().map(PathBuf::from).context("cannot find the functions: give `--functions`")
}

/// A result with the findings that its function logged.
fn report(result: RuleResult) -> Report {
    let list = |name: &str| -> Vec<Value> {
        let logged = result.evaluation.as_ref().and_then(|evaluation| evaluation.get(name));
        logged.and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let (findings, undecided, waived) = (list("findings"), list("undecided"), list("waived"));
    Report {
        rule: result.rule,
        resource_type: result.resource_type,
        resource_id: result.resource_id,
        account_id: Some(result.account_id),
        region: Some(result.region),
        compliance: result.compliance,
        annotation: result.annotation,
        findings,
        undecided,
        waived,
    }
}

fn failure(failure: &InvocationFailure) -> String {
    let InvocationFailure { rule, account_id, region, resource, error_type, message } = failure;
    let event = match resource {
        Some((resource_type, id)) => format!("{resource_type} `{id}`"),
        None => "the scheduled run".to_owned(),
    };
    format!("rule `{rule}`, {account_id} {region}, {event}: {error_type}: {message}")
}

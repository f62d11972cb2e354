//! Judges with the real functions.

use std::mem;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::{Context, bail};
use config_rule::Report;
use indicatif::ProgressBar;
use local_aws_config::pack::Pack;
use local_aws_config::service::{InvocationFailure, LocalAwsConfig, Options, Progress, RuleResult};
use serde_json::Value;

use crate::arguments::FunctionArguments;
use crate::input::{self, Input};
use crate::page::note;
use crate::report::Results;
use crate::signals::Signals;

/// Everything that the functions of `pack` report about the items, which are used up.
pub(crate) fn results(
    pack: Pack,
    input: &mut Input,
    arguments: &FunctionArguments,
) -> anyhow::Result<Results> {
    let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    runtime()?.block_on(async {
        let mut signals = Signals::listen()?;
        let config = started(vec![pack], input, arguments, any_port).await?;
        let results = evaluated(&config, arguments, &mut signals).await;
        config.shutdown().await;
        results
    })
}

/// What everything that waits runs on.
pub(crate) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start to listen")
}

/// An AWS Config with the items and the packs.
pub(crate) async fn started(
    packs: Vec<Pack>,
    input: &mut Input,
    arguments: &FunctionArguments,
    listen: SocketAddr,
) -> anyhow::Result<LocalAwsConfig> {
    let functions = functions_folder(arguments)?;
    let s3_endpoint = std::env::var("AWS_ENDPOINT_URL_S3").ok();
    let options = Options::without_packs(mem::take(&mut input.items), functions, input.at);
    Ok(LocalAwsConfig::start(Options { packs, listen, s3_endpoint, ..options }).await?)
}

/// What the functions say when every rule was invoked for everything that concerns it. A signal ends it: whoever gets the
/// error stops the functions, which must not outlive this program.
pub(crate) async fn evaluated(
    config: &LocalAwsConfig,
    arguments: &FunctionArguments,
    signals: &mut Signals,
) -> anyhow::Result<Results> {
    let progress = input::spinner();
    let show = |step: Progress| show(&progress, &step);
    tokio::select! {
        _ = config.evaluate_all(&show) => progress.finish_and_clear(),
        signal = signals.next() => bail!("{} came before everything was judged", signal?),
    }

    let results = collected(config);
    if arguments.verbose {
        for rule in results.rules() {
            for line in config.log(rule).await {
                note(&format!("{rule}: {}", line.text));
            }
        }
    }
    Ok(results)
}

/// What the functions have said so far.
pub(crate) fn collected(config: &LocalAwsConfig) -> Results {
    let mut results: Results = config.results().into_iter().map(report).collect();
    results.failures = config.failures().iter().map(failure).collect();
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

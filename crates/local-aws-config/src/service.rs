//! The service: everything wired together, started, run and stopped.

mod deploy;
mod functions;
mod run;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use config_rule::{Compliance, Timestamp};
use serde_json::Value;
use tokio::net::TcpListener;

pub(crate) use deploy::Refusal;
use functions::FunctionFolder;
pub(crate) use run::Runner;

use crate::function::LogLine;
use crate::items::{ConfigurationItems, Scope};
use crate::pack::{Pack, PackError};
use crate::protocol;
use crate::server::Server;
use crate::state::ConfigState;

/// How often Lambda tries an asynchronous invocation again before it gives up.
///
/// Source: AWS Lambda Developer Guide, "Asynchronous invocation", error handling.
pub const LAMBDA_RETRIES: u32 = 2;

/// How long callers are answered that had asked before the end.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// What a local AWS Config is made of.
#[derive(Debug)]
pub struct Options {
    /// What it has recorded.
    pub items: ConfigurationItems,
    /// What is deployed from the start to every account and Region that has items. Clients may put further packs, or put
    /// these anew.
    pub packs: Vec<Pack>,
    /// Folder with `<function>/bootstrap` or `<function>` for each rule.
    pub functions: PathBuf,
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The time of every event, and so the day on which the rules judge.
    pub at: Timestamp,
    /// How long one invocation may take.
    pub function_timeout: Duration,
    /// How often a failed invocation is tried again.
    pub retries: u32,
    /// How long to wait before that; Lambda waits a minute, and then two.
    pub retry_delay: Duration,
    /// `AWS_LAMBDA_LOG_LEVEL` of the functions. Above `INFO` they do not log their complete evaluations.
    pub log_level: String,
    /// How long it takes to deploy, or to delete, a conformance pack that a client puts; AWS takes minutes.
    pub deployment_time: Duration,
    /// URL of the Amazon S3 in which the templates of such packs may lie; without one, none is found there.
    pub s3_endpoint: Option<String>,
}

impl Options {
    /// The usual settings: a free port of the loopback interface, Lambda's retries without its delay.
    #[must_use]
    pub fn new(items: ConfigurationItems, pack: Pack, functions: PathBuf, at: Timestamp) -> Self {
        Self { packs: vec![pack], ..Self::without_packs(items, functions, at) }
    }

    /// The same for an account before its first conformance pack.
    #[must_use]
    pub fn without_packs(items: ConfigurationItems, functions: PathBuf, at: Timestamp) -> Self {
        Self {
            items,
            packs: Vec::new(),
            functions,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            at,
            function_timeout: Duration::from_mins(1),
            retries: LAMBDA_RETRIES,
            retry_delay: Duration::ZERO,
            log_level: "INFO".to_owned(),
            deployment_time: Duration::from_secs(1),
            s3_endpoint: None,
        }
    }
}

/// Why it cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A function is not built.
    #[error(
        "rule `{rule}`: expected its function at `{}` or `{}`, found neither; `make build` builds all functions for \
         Lambda, `cargo build --workspace --bins` for this machine only",
        looked_at[0].display(),
        looked_at[1].display()
    )]
    Binary {
        /// The rule.
        rule: String,
        /// The paths where its function may be.
        looked_at: [PathBuf; 2],
    },
    /// The pack's conditions or parameters do not work out in one of the scopes.
    #[error("the conformance pack cannot be deployed")]
    Pack(#[from] PackError),
    /// The address is taken, or not this machine's.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
}

/// How far an evaluation of all rules has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Events that rules are done with.
    pub done: usize,
    /// All events.
    pub total: usize,
    /// The rule that took the last one, without the pack's suffix.
    pub rule: String,
}

/// What an evaluation of all rules came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evaluated {
    /// Events, each of which invoked one rule.
    pub events: usize,
    /// Events that a rule failed on, however often it was tried.
    pub failures: usize,
}

/// What one rule said of one resource.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleResult {
    /// The rule's name, without the pack's suffix.
    pub rule: String,
    /// CloudFormation type name.
    pub resource_type: String,
    /// AWS Config's id.
    pub resource_id: String,
    /// The account in which the rule ran.
    pub account_id: String,
    /// The resource's Region, `global` for IAM.
    pub region: String,
    /// What AWS Config was told last.
    pub compliance: Compliance,
    /// The line that it shows.
    pub annotation: Option<String>,
    /// The complete evaluation, if the function logged it: `findings`, `undecided`, `waived`, …
    pub evaluation: Option<Value>,
}

/// An event that a rule failed on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct InvocationFailure {
    /// The rule's name, without the pack's suffix.
    pub rule: String,
    /// The account in which the rule ran.
    pub account_id: String,
    /// The Region in which the rule ran.
    pub region: String,
    /// Type and id of the changed resource; `None` for a scheduled event.
    pub resource: Option<(String, String)>,
    /// What the function reported, or `Runtime.ExitError`, `Sandbox.Timedout` and the like.
    pub error_type: String,
    /// What the function reported, or what became of its process.
    pub message: String,
}

/// AWS Config on this machine, listening.
#[derive(Debug)]
pub struct LocalAwsConfig {
    state: Arc<ConfigState>,
    runner: Arc<Runner>,
    address: SocketAddr,
    server: Server,
}

impl LocalAwsConfig {
    /// Checks that every rule has its function, deploys the packs and listens. Functions start with their first event.
    ///
    /// # Errors
    ///
    /// [`StartError`]: whoever starts it must act.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let state = Arc::new(ConfigState::new(options.items, &options.packs, options.at)?);
        let refused = |source| StartError::Listen { address: options.listen, source };
        let listener = TcpListener::bind(options.listen).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;

        let functions = FunctionFolder {
            folder: options.functions,
            endpoint: url(address),
            timeout: options.function_timeout,
            log_level: options.log_level,
        };
        for (_, deployed) in state.deployments().rules() {
            functions.check(&deployed.rule)?;
        }
        let runner = Arc::new(Runner::new(
            Arc::clone(&state),
            functions,
            run::Patience {
                retries: options.retries,
                retry_delay: options.retry_delay,
                deployment_time: options.deployment_time,
            },
            options.s3_endpoint,
        ));
        let router = protocol::router(Arc::clone(&state), Arc::clone(&runner));
        let server = Server::start(listener, router, protocol::LIMITS);
        Ok(Self { state, runner, address, server })
    }

    /// The URL for `--endpoint-url` and `AWS_ENDPOINT_URL`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        url(self.address)
    }

    /// Invokes every rule: change-triggered ones once per resource that concerns them, scheduled ones once per account
    /// and Region. Rules run side by side, each with one event at a time. Functions are stopped when they are done.
    pub async fn evaluate_all(&self, progress: &(dyn Fn(Progress) + Sync)) -> Evaluated {
        self.runner.evaluate_all(progress).await
    }

    /// The last result of every rule and resource, sorted by rule, account, Region, type and id. `NOT_APPLICABLE`
    /// results, which AWS Config does not show, are among them.
    #[must_use]
    pub fn results(&self) -> Vec<RuleResult> {
        let stored = self.state.results();
        let mut results = Vec::new();
        for (key, deployed) in self.state.deployments().rules() {
            for (resource, result) in stored.all_of(&key) {
                let (resource_type, resource_id) = resource.clone();
                let history = self.state.items.history(&key.scope, &resource_type, &resource_id);
                let region = history.first().and_then(|document| document.region.clone());
                results.push(RuleResult {
                    rule: deployed.rule.name.clone(),
                    resource_type,
                    resource_id,
                    account_id: key.scope.account_id.clone(),
                    region: region.unwrap_or_else(|| key.scope.region.clone()),
                    compliance: result.compliance,
                    annotation: result.annotation.clone(),
                    evaluation: stored.logged(&key, resource).cloned(),
                });
            }
        }
        results.sort_by(|one, other| order(one).cmp(&order(other)));
        results
    }

    /// Every rule by account and Region: its name, and the full one under which AWS Config knows it.
    #[must_use]
    pub fn deployed_rules(&self) -> Vec<(Scope, String, String)> {
        let deployments = self.state.deployments();
        let rules = deployments.rules();
        rules.map(|(key, deployed)| (key.scope, deployed.rule.name.clone(), deployed.name.clone())).collect()
    }

    /// The events that rules failed on, sorted.
    #[must_use]
    pub fn failures(&self) -> Vec<InvocationFailure> {
        self.runner.failures()
    }

    /// The last lines that a rule's functions wrote, by account and Region; `rule` without the pack's suffix.
    pub async fn log(&self, rule: &str) -> Vec<LogLine> {
        self.runner.log(rule).await
    }

    /// Waits until every evaluation that was asked for is done, so that the results are complete.
    pub async fn settle(&self) {
        self.runner.settle().await;
    }

    /// Stops listening, answers what has been asked, ends every function and waits until they are gone.
    pub async fn shutdown(self) {
        self.server.stop(LAST_ANSWERS).await;
        self.runner.shutdown().await;
    }
}

fn order(result: &RuleResult) -> impl Ord + '_ {
    (&result.rule, &result.account_id, &result.region, &result.resource_type, &result.resource_id)
}

/// The URL at which this machine reaches `address`.
fn url(mut address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        address.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    format!("http://{address}")
}

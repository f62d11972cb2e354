//! A rule's real function, between a Lambda and an AWS that the test plays.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_stub::{Answer, Call, Endpoint};
use config_rule::Document;
use local_aws_config::function::{Function, FunctionError, FunctionSettings, INIT_TIMEOUT, LogLine};
use local_aws_config::items::{self, ConfigurationItems, Scope};
use local_aws_config::{LocalAwsConfig, Options, Pack};
use serde_json::Value;

use crate::events::{ACCOUNT, REGION};
use crate::workspace::{binaries, root};

/// What the function is invoked by, and whom it asks.
pub(crate) struct Stage {
    endpoint: Endpoint,
    function: Function,
    /// Answers what the script does not mention.
    _config: Arc<LocalAwsConfig>,
}

/// What came of one invocation.
#[derive(Debug)]
pub(crate) struct Invoked {
    /// What Lambda was told; `None` of a success.
    pub(crate) error: Option<FunctionError>,
    pub(crate) took: Duration,
}

impl Stage {
    /// A function that asks this AWS, which fails as scripted.
    pub(crate) async fn set<'a>(
        rule: &str,
        config: Arc<LocalAwsConfig>,
        timeout: Duration,
        script: impl IntoIterator<Item = (&'a str, Answer)>,
    ) -> Self {
        let endpoint = Endpoint::start_before(config.endpoint(), script).await;
        let function = Function::new(settings(rule, endpoint.url(), timeout));
        Self { endpoint, function, _config: config }
    }

    /// Invokes the function once, as Lambda does.
    pub(crate) async fn invoke(&mut self, event: &Value) -> Invoked {
        let start = Instant::now();
        let answer = self.function.invoke("8476a536-e9f4-11e8-9739-2dfe598c3fcd", event.to_string()).await;
        Invoked { error: answer.err(), took: start.elapsed() }
    }

    /// Every call of the function, in order.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.endpoint.calls()
    }

    pub(crate) fn times_called(&self, operation: &str) -> usize {
        self.endpoint.requests(operation).len()
    }

    /// The evaluations in every report that was taken, in order.
    pub(crate) fn reported(&self) -> Vec<Value> {
        let taken =
            self.calls().into_iter().filter(|call| call.operation == "PutEvaluations" && call.is_taken);
        taken.flat_map(|call| call.input["Evaluations"].as_array().cloned().unwrap_or_default()).collect()
    }

    /// Everything that the function wrote, when it has been stopped.
    pub(crate) async fn log(mut self) -> Vec<LogLine> {
        self.function.stop().await;
        self.function.log().lines()
    }
}

/// AWS with the sample account in it.
pub(crate) async fn sample_account() -> Arc<LocalAwsConfig> {
    let folder = crate::sample_account::folder();
    let loaded = items::load(&[folder], &mut |_, _| {}).expect("the sample account can be read");
    account(loaded.items).await
}

/// AWS with an account that has these items only.
pub(crate) async fn account_of(items: impl IntoIterator<Item = Value>) -> Arc<LocalAwsConfig> {
    let documents = items.into_iter().map(|item| Document::from_item(item).expect("it is an item"));
    account(ConfigurationItems::from_documents(documents.collect())).await
}

async fn account(items: ConfigurationItems) -> Arc<LocalAwsConfig> {
    let at = items.recorded_at().expect("items have capture times");
    let options = Options::new(items, pack(), binaries().to_owned(), at);
    Arc::new(LocalAwsConfig::start(options).await.expect("there is a free port"))
}

fn settings(rule: &str, endpoint: &str, timeout: Duration) -> FunctionSettings {
    let name = format!("serverless-conformance-{rule}");
    FunctionSettings {
        binary: binaries().join(rule),
        arn: format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"),
        name,
        scope: Scope { account_id: ACCOUNT.to_owned(), region: REGION.to_owned() },
        endpoint: endpoint.to_owned(),
        timeout,
        init_timeout: INIT_TIMEOUT,
        log_level: "INFO".to_owned(),
    }
}

fn pack() -> Pack {
    let path: PathBuf = root().join("conformance-pack/serverless-best-practices.yaml");
    let scope = Scope { account_id: ACCOUNT.to_owned(), region: REGION.to_owned() };
    Pack::read_file(&path, &std::collections::BTreeMap::new(), &scope).expect("our pack can be read")
}

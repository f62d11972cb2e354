//! One running function: its process, and the Lambda Runtime API that it asks for events.

use std::fs::File;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail};
use axum::body::Bytes;
use local_aws_config::runtime_api::{Answer, Init, Invocation, RuntimeApi};
use tokio::process::{Child, Command};

use crate::process;

/// Longer than anything that is measured; a function that takes it hangs.
const PATIENCE: Duration = Duration::from_mins(1);

/// A program that is a Lambda function, and how it is started.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) name: String,
    pub(crate) executable: PathBuf,
    pub(crate) arguments: Vec<String>,
    /// Beyond those that Lambda sets.
    pub(crate) variables: Vec<(String, String)>,
}

/// A function that has asked for its first event.
#[derive(Debug)]
pub(crate) struct Instance {
    child: Child,
    pid: u32,
    api: RuntimeApi,
    invocations: u32,
    /// From the start of the process until it asked.
    pub(crate) cold_start: Duration,
    /// CPU time until then.
    pub(crate) cold_cpu: Option<Duration>,
}

impl Instance {
    /// Starts the program; what it writes goes to `log`.
    pub(crate) async fn start(
        program: &Program,
        variables: &[(&str, String)],
        log: File,
    ) -> anyhow::Result<Self> {
        let api = RuntimeApi::start().await.context("the Lambda Runtime API cannot be started")?;
        let mut command = Command::new(&program.executable);
        command
            .args(&program.arguments)
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", api.address())
            .env("AWS_LAMBDA_FUNCTION_NAME", format!("serverless-conformance-{}", program.name))
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/serverless-conformance-{}", program.name))
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "bench")
            .env("AWS_LAMBDA_LOG_FORMAT", "JSON")
            .env("AWS_LAMBDA_LOG_LEVEL", "INFO")
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("TZ", ":UTC")
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .envs(program.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true);

        let start = Instant::now();
        let mut child = command
            .spawn()
            .with_context(|| format!("`{}` cannot be started", program.executable.display()))?;
        let init = tokio::select! {
            init = api.initialized() => init,
            status = child.wait() => bail!("`{}` ended before it asked for an event: {}", program.name, status?),
            () = tokio::time::sleep(PATIENCE) => bail!("`{}` does not ask for an event", program.name),
        };
        let cold_start = start.elapsed();
        if let Init::Failed(error) = init {
            bail!("`{}` does not start: {}: {}", program.name, error.error_type, error.message);
        }
        let pid = child.id().context("the process has ended")?;
        Ok(Self { child, pid, api, invocations: 0, cold_start, cold_cpu: process::cpu_time(pid) })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// Hands the function an event; the time until it has answered.
    pub(crate) async fn invoke(&mut self, payload: &str) -> anyhow::Result<Duration> {
        self.invocations += 1;
        let deadline = SystemTime::now().duration_since(UNIX_EPOCH)? + PATIENCE;
        let invocation = Invocation {
            request_id: format!("8476a536-e9f4-11e8-9739-{:012}", self.invocations),
            deadline_ms: i64::try_from(deadline.as_millis())?,
            function_arn: "arn:aws:lambda:eu-west-1:111122223333:function:bench".to_owned(),
            payload: Bytes::copy_from_slice(payload.as_bytes()),
        };
        let start = Instant::now();
        let answer = tokio::select! {
            answer = self.api.invoke(invocation) => answer.context("the function has ended")?,
            status = self.child.wait() => bail!("the function has ended: {}", status?),
            () = tokio::time::sleep(PATIENCE) => bail!("the function does not answer"),
        };
        let taken = start.elapsed();
        match answer {
            Answer::Response(_) => Ok(taken),
            Answer::Error(error) => bail!("the invocation failed: {}: {}", error.error_type, error.message),
        }
    }

    /// Ends the process.
    pub(crate) async fn stop(mut self) {
        // An error here means that the process has ended already.
        let _ = self.child.kill().await;
    }
}

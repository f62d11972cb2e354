//! A Lambda function on this machine: its process, started when an event comes, stopped when it is no longer needed.

mod environment;
mod log;

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use config_rule::Timestamp;
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

pub use log::{FunctionLog, LogLine, Stream};

use crate::items::Scope;
use crate::runtime_api::{Answer, Init, Invocation, ReportedError, RuntimeApi};

/// How long a function may take until it asks for its first event.
///
/// Source: AWS Lambda Developer Guide, "Lambda execution environment lifecycle", init phase.
pub const INIT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long output is awaited that a process left in its pipes when it ended. A process that it started itself may
/// hold them open for ever.
const OUTPUT_PATIENCE: Duration = Duration::from_secs(1);

/// How a function is run.
#[derive(Clone, Debug)]
pub struct FunctionSettings {
    /// The deployed function's name, such as `serverless-conformance-<rule>`.
    pub name: String,
    /// The program.
    pub binary: PathBuf,
    /// ARN that the function is told it was invoked by.
    pub arn: String,
    /// The account and Region whose credentials the function gets.
    pub scope: Scope,
    /// URL of every AWS service, as far as the function is concerned.
    pub endpoint: String,
    /// How long one invocation may take.
    pub timeout: Duration,
    /// How long the start may take.
    pub init_timeout: Duration,
    /// `AWS_LAMBDA_LOG_LEVEL`.
    pub log_level: String,
}

/// Why an invocation failed, in Lambda's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{error_type}: {message}")]
pub struct FunctionError {
    /// What the function reported, or `Runtime.ExitError`, `Sandbox.Timedout` and the like.
    pub error_type: String,
    /// What the function reported, or what became of its process.
    pub message: String,
}

/// One function in one account and Region, with at most one process and one event at a time.
#[derive(Debug)]
pub struct Function {
    settings: FunctionSettings,
    log: Arc<FunctionLog>,
    process: Option<Process>,
}

impl Function {
    /// A function whose process is not started yet.
    #[must_use]
    pub fn new(settings: FunctionSettings) -> Self {
        Self { settings, log: Arc::default(), process: None }
    }

    /// What its processes wrote.
    #[must_use]
    pub fn log(&self) -> Arc<FunctionLog> {
        Arc::clone(&self.log)
    }

    /// Invokes the function and waits for what it makes of the event, starting its process if it has none.
    ///
    /// # Errors
    ///
    /// [`FunctionError`] where Lambda would count the invocation as failed. A process that timed out or ended is
    /// replaced at the next invocation.
    pub async fn invoke(
        &mut self,
        request_id: &str,
        payload: impl Into<Bytes>,
    ) -> Result<Bytes, FunctionError> {
        if self.process.as_mut().is_some_and(Process::has_ended) {
            self.stop().await;
        }
        if self.process.is_none() {
            let process = Process::spawn(&self.settings, &self.log).await?;
            let started =
                self.process.insert(process).initialized(request_id, self.settings.init_timeout).await;
            if let Err(error) = started {
                self.stop().await;
                return Err(error);
            }
        }
        // The line above has just made sure of it; a function without a process would be a failed invocation.
        let Some(process) = &mut self.process else {
            return Err(exit_error(request_id, None));
        };
        match process.answer(request_id, payload.into(), &self.settings).await {
            Ok(Answer::Response(body)) => Ok(body),
            Ok(Answer::Error(reported)) => Err(reported.into()),
            Err(error) => {
                self.stop().await;
                Err(error)
            }
        }
    }

    /// Ends the process, if there is one, and waits until it is gone and its output is read.
    pub async fn stop(&mut self) {
        if let Some(process) = self.process.take() {
            process.stop().await;
        }
    }
}

/// Where the program of a function is looked for: `<folder>/<name>/bootstrap`, then `<folder>/<name>`.
pub(crate) fn binary_candidates(folder: &Path, name: &str) -> [PathBuf; 2] {
    [folder.join(name).join("bootstrap"), folder.join(name)]
}

#[derive(Debug)]
struct Process {
    child: Child,
    api: RuntimeApi,
    readers: Vec<JoinHandle<()>>,
}

impl Process {
    async fn spawn(settings: &FunctionSettings, log: &Arc<FunctionLog>) -> Result<Self, FunctionError> {
        let not_started = |error: std::io::Error| FunctionError {
            error_type: "Runtime.InvalidEntrypoint".to_owned(),
            message: format!("`{}` cannot be started: {error}", settings.binary.display()),
        };
        let api = RuntimeApi::start().await.map_err(not_started)?;
        let folder = settings.binary.parent().unwrap_or(Path::new("/"));
        let mut child = Command::new(&settings.binary)
            .env_clear()
            .envs(environment::variables(settings, folder, &api.address()))
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(not_started)?;
        let mut readers = Vec::new();
        if let Some(stdout) = child.stdout.take() {
            readers.push(tokio::spawn(log::read_lines(stdout, Stream::Stdout, Arc::clone(log))));
        }
        if let Some(stderr) = child.stderr.take() {
            readers.push(tokio::spawn(log::read_lines(stderr, Stream::Stderr, Arc::clone(log))));
        }
        Ok(Self { child, api, readers })
    }

    /// Waits until the process asks for its first event.
    async fn initialized(&mut self, request_id: &str, timeout: Duration) -> Result<(), FunctionError> {
        tokio::select! {
            // A process that reports why it cannot start, and then ends, has reported.
            biased;
            init = self.api.initialized() => match init {
                Init::Failed(reported) => Err(reported.into()),
                Init::Starting | Init::Ready => Ok(()),
            },
            status = self.child.wait() => Err(exit_error(request_id, status.ok())),
            () = tokio::time::sleep(timeout) => Err(timed_out(request_id, "Init", timeout)),
        }
    }

    async fn answer(
        &mut self,
        request_id: &str,
        payload: Bytes,
        settings: &FunctionSettings,
    ) -> Result<Answer, FunctionError> {
        let timeout_ms = i64::try_from(settings.timeout.as_millis()).unwrap_or(i64::MAX);
        let mut answer = self.api.invoke(Invocation {
            request_id: request_id.to_owned(),
            deadline_ms: Timestamp::now().as_millisecond().saturating_add(timeout_ms),
            function_arn: settings.arn.clone(),
            payload,
        });
        tokio::select! {
            // A process that answers and then ends has answered.
            biased;
            answer = &mut answer => answer.map_err(|_| exit_error(request_id, None)),
            status = self.child.wait() => match answer.try_recv() {
                Ok(answer) => Ok(answer),
                Err(_) => Err(exit_error(request_id, status.ok())),
            },
            () = tokio::time::sleep(settings.timeout) => {
                Err(timed_out(request_id, "Task", settings.timeout))
            }
        }
    }

    fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    async fn stop(mut self) {
        // An error here means that the process has ended already.
        let _ = self.child.kill().await;
        for reader in &mut self.readers {
            if tokio::time::timeout(OUTPUT_PATIENCE, &mut *reader).await.is_err() {
                reader.abort();
            }
        }
    }
}

impl From<ReportedError> for FunctionError {
    fn from(reported: ReportedError) -> Self {
        Self { error_type: reported.error_type, message: reported.message }
    }
}

fn exit_error(request_id: &str, status: Option<ExitStatus>) -> FunctionError {
    let reason = match status {
        Some(status) if !status.success() => format!("Runtime exited with error: {status}"),
        Some(_) | None => "Runtime exited without providing a reason".to_owned(),
    };
    FunctionError {
        error_type: "Runtime.ExitError".to_owned(),
        message: format!("RequestId: {request_id} Error: {reason}"),
    }
}

fn timed_out(request_id: &str, what: &str, after: Duration) -> FunctionError {
    FunctionError {
        error_type: "Sandbox.Timedout".to_owned(),
        message: format!(
            "RequestId: {request_id} Error: {what} timed out after {:.2} seconds",
            after.as_secs_f64()
        ),
    }
}

//! A local AWS Config that stays up, for clients that nobody here wrote.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::command::serverless_conformance;

/// Longer than stopping takes, on a busy machine too.
const PATIENCE: Duration = Duration::from_mins(1);

/// `serverless-conformance serve` on a free port; stopped when dropped.
pub(crate) struct Served {
    process: Child,
    output: Option<BufReader<ChildStdout>>,
    /// `http://127.0.0.1:…`
    pub(crate) endpoint: String,
}

/// What a process left behind.
#[derive(Debug)]
pub(crate) struct Stopped {
    pub(crate) status: Option<i32>,
    /// What it printed after it had told its endpoint.
    pub(crate) output: String,
    pub(crate) errors: String,
}

impl Served {
    pub(crate) fn over(items: &Path) -> Self {
        Self::with(items, &[])
    }

    /// The same with further arguments.
    pub(crate) fn with(items: &Path, more: &[&str]) -> Self {
        let mut process = Self::spawn(items, more);
        let mut output = BufReader::new(process.stdout.take().expect("it is piped"));
        let endpoint = (&mut output)
            .lines()
            .map_while(Result::ok)
            .find_map(|line| {
                line.split_whitespace().find(|word| word.starts_with("http://")).map(ToOwned::to_owned)
            })
            .expect("`serve` ended before it told its endpoint");
        Self { process, output: Some(output), endpoint }
    }

    /// A process that may not have judged anything yet.
    pub(crate) fn spawn(items: &Path, more: &[&str]) -> Child {
        let mut command = serverless_conformance(["serve", "--listen", "127.0.0.1:0"]);
        command.args(more).arg(items).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Of its own group, so that a test can do what Ctrl-C does.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command.spawn().expect("the binary was just built")
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Asks it to stop as a service manager does, and returns its exit status.
    pub(crate) fn terminated(self) -> Option<i32> {
        signal("-TERM", &self.id().to_string());
        self.stopped().status
    }

    /// Asks it to stop as a terminal does: its whole group is told.
    pub(crate) fn interrupted(self) -> Stopped {
        signal("-INT", &format!("-{}", self.id()));
        self.stopped()
    }

    /// Waits for its end, which has to come.
    pub(crate) fn stopped(mut self) -> Stopped {
        let (output, errors) = (rest(self.output.take()), rest(self.process.stderr.take()));
        let end = Instant::now() + PATIENCE;
        while self.process.try_wait().expect("it is our process").is_none() {
            assert!(Instant::now() < end, "`serve` did not stop");
            std::thread::sleep(Duration::from_millis(20));
        }
        let status = self.process.wait().ok().and_then(|status| status.code());
        let text = |rest: JoinHandle<String>| rest.join().expect("it reads to the end");
        Stopped { status, output: text(output), errors: text(errors) }
    }
}

/// Reads on, so that the process never waits for a reader.
fn rest(stream: Option<impl Read + Send + 'static>) -> JoinHandle<String> {
    let stream = stream.expect("it is piped");
    std::thread::spawn(|| std::io::read_to_string(stream).expect("it prints text"))
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Sends a signal to a process, or to a group by its negative id.
pub(crate) fn signal(name: &str, id: &str) {
    let sent = std::process::Command::new("kill").args([name, "--", id]).status().expect("kill is there");
    assert!(sent.success(), "kill {name} {id}");
}

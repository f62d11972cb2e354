//! A local AWS Config that stays up, for clients that nobody here wrote.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use crate::command::serverless_conformance;

/// `serverless-conformance serve` on a free port; stopped when dropped.
pub(crate) struct Served {
    process: Child,
    /// `http://127.0.0.1:…`
    pub(crate) endpoint: String,
}

impl Served {
    pub(crate) fn over(items: &Path) -> Self {
        let mut command = serverless_conformance(["serve", "--listen", "127.0.0.1:0"]);
        command.arg(items).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().expect("the binary was just built");
        let output = BufReader::new(process.stdout.take().expect("it is piped"));
        let endpoint = output
            .lines()
            .map_while(Result::ok)
            .find_map(|line| {
                line.split_whitespace().find(|word| word.starts_with("http://")).map(ToOwned::to_owned)
            })
            .expect("`serve` ended before it told its endpoint");
        Self { process, endpoint }
    }

    /// Asks it to stop as a service manager does, and returns its exit status.
    pub(crate) fn terminated(mut self) -> Option<i32> {
        let id = self.process.id().to_string();
        std::process::Command::new("kill").args(["-TERM", &id]).status().expect("kill is there");
        self.process.wait().ok().and_then(|status| status.code())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

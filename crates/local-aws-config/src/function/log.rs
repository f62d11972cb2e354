//! What function processes write, line by line.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};

/// How many lines are kept; older ones give way.
const MAX_LINES: usize = 1_000;

/// Where a longer line is broken. An evaluation names what it saw, and what it saw may be long.
const MAX_LINE_BYTES: u64 = 8 * 1024 * 1024;

/// The message of the line that holds a complete evaluation.
const EVALUATED: &str = "evaluated";

/// The last lines of a function, and every evaluation that it logged.
#[derive(Debug, Default)]
pub struct FunctionLog {
    written: Mutex<Written>,
}

#[derive(Debug, Default)]
struct Written {
    lines: VecDeque<LogLine>,
    evaluations: Vec<Value>,
}

/// One line that a function wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Where it was written to.
    pub stream: Stream,
    /// Without the line's end; bytes that are not UTF-8 are replaced.
    pub text: String,
}

/// An output of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

impl FunctionLog {
    /// The last lines, at most a thousand.
    #[must_use]
    pub fn lines(&self) -> Vec<LogLine> {
        self.written().lines.iter().cloned().collect()
    }

    /// The evaluations that were logged since the last call.
    pub(crate) fn take_evaluations(&self) -> Vec<Value> {
        std::mem::take(&mut self.written().evaluations)
    }

    fn push(&self, stream: Stream, text: String) {
        let evaluation = evaluation(&text);
        let mut written = self.written();
        written.evaluations.extend(evaluation);
        if written.lines.len() == MAX_LINES {
            written.lines.pop_front();
        }
        written.lines.push_back(LogLine { stream, text });
    }

    fn written(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads until the process, and whoever inherited its output, is gone.
pub(super) async fn read_lines(output: impl AsyncRead + Unpin, stream: Stream, log: Arc<FunctionLog>) {
    let mut reader = BufReader::new(output);
    let mut line = Vec::new();
    loop {
        line.clear();
        match (&mut reader).take(MAX_LINE_BYTES).read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => break,
            Ok(_) => {
                let text = String::from_utf8_lossy(&line);
                log.push(stream, text.trim_end_matches(['\r', '\n']).to_owned());
            }
        }
    }
}

/// The evaluation in a line like `{"requestId":…,"message":"evaluated","evaluation":{…}}`.
fn evaluation(line: &str) -> Option<Value> {
    if !line.contains(EVALUATED) {
        return None;
    }
    let mut line: Value = serde_json::from_str(line).ok()?;
    if line.get("message").and_then(Value::as_str) != Some(EVALUATED) {
        return None;
    }
    line.get_mut("evaluation").map(Value::take).filter(Value::is_object)
}

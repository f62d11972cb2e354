//! AWS's Lambda Runtime Interface Emulator, which ships inside AWS SAM CLI.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::workspace::{free_port, python_tool};

/// A function under AWS's Runtime Interface Emulator; stopped when dropped.
pub(crate) struct Emulated {
    emulator: Child,
    port: u16,
}

impl Emulated {
    /// `endpoint` is where the function finds AWS.
    pub(crate) fn start(program: &Path, endpoint: &str) -> Self {
        let (port, runtime_port) = (free_port(), free_port());
        let emulator = Command::new(emulator())
            .args(["--runtime-interface-emulator-address", &format!("127.0.0.1:{port}")])
            .args(["--runtime-api-address", &format!("127.0.0.1:{runtime_port}")])
            .arg(program)
            .arg("bootstrap")
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("AWS_LAMBDA_FUNCTION_NAME", "function")
            .env("AWS_REGION", "eu-west-1")
            .env("AWS_ACCESS_KEY_ID", "anybody")
            .env("AWS_SECRET_ACCESS_KEY", "anything")
            .env("AWS_ENDPOINT_URL", endpoint)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { emulator, port }
    }

    /// The function's answer; `null` where it succeeds.
    pub(crate) fn invoke(&self, event: &Value) -> Value {
        let body = event.to_string();
        let mut connection = (0..100)
            .find_map(|_| {
                let connection = TcpStream::connect(("127.0.0.1", self.port)).ok();
                if connection.is_none() {
                    std::thread::sleep(Duration::from_millis(50));
                }
                connection
            })
            .expect("the emulator listens within five seconds");
        write!(
            connection,
            "POST /2015-03-31/functions/function/invocations HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = BufReader::new(connection);
        let mut line = String::new();
        while answer.read_line(&mut line).unwrap() > 2 {
            line.clear();
        }
        let mut body = String::new();
        answer.read_to_string(&mut body).unwrap();
        let json = body
            .lines()
            .find_map(|line| serde_json::from_str::<Value>(line).ok().filter(|value| !value.is_number()));
        json.unwrap_or_else(|| panic!("the emulator answered {body:?}"))
    }
}

impl Drop for Emulated {
    fn drop(&mut self) {
        let _ = self.emulator.kill();
        let _ = self.emulator.wait();
    }
}

/// It ships inside AWS SAM CLI's package.
fn emulator() -> PathBuf {
    let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
    let found = Command::new(python_tool("python"))
        .args(["-c", "import samcli.local.rapid as it; print(it.__path__[0])"])
        .output()
        .unwrap();
    let folder = String::from_utf8(found.stdout).unwrap();
    PathBuf::from(folder.trim()).join(format!("aws-lambda-rie-{architecture}"))
}

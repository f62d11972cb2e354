//! The template, deployed into an AWS emulator that nobody here wrote, and read back by AWS's own client.
//!
//! The emulator is the Python package ministack. It transforms the template with AWS's public translator, as
//! CloudFormation does, and runs functions on `provided.al2023` natively. It has no AWS Config.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::Value;

use crate::command::told;
use crate::events::{TEST_TOKEN, documented_notifications, event};
use crate::sample_account;
use crate::served::Served;
use crate::template::deployable;
use crate::workspace::{free_port, python_tool, root};

/// The account that is deployed to; it is the sample account's, so that what is recorded there fits.
pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const REGION: &str = "eu-west-1";

/// What `tests/clients/deploy_into_emulator.py` reads back; deployed once for all tests.
pub(crate) fn deployed() -> &'static Value {
    static DEPLOYED: OnceLock<Value> = OnceLock::new();
    DEPLOYED.get_or_init(|| {
        let folder = deployable();
        let (_, change) = documented_notifications().remove(0);
        let event_file = folder.path().join("event.json");
        std::fs::write(&event_file, event(ACCOUNT, TEST_TOKEN, &change, "{}").to_string()).unwrap();
        let (emulator, aws_config) = (Ministack::start(), Served::over(&sample_account::folder()));
        let deployed = Command::new(python_tool("python"))
            .arg(root().join("tests/clients/deploy_into_emulator.py"))
            .arg(folder.path())
            .arg(if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" })
            .arg(&aws_config.endpoint)
            .arg(event_file)
            .env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{}", emulator.port))
            .env("AWS_DEFAULT_REGION", REGION)
            // An access key that is a number stands for the account.
            .env("AWS_ACCESS_KEY_ID", ACCOUNT)
            .env("AWS_SECRET_ACCESS_KEY", "anything")
            .env("SAM_CLI_TELEMETRY", "0")
            .output()
            .unwrap();
        assert!(deployed.status.success(), "{}", told(&deployed));
        serde_json::from_slice(&deployed.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", told(&deployed)))
    })
}

/// The emulator with the functions that it started; stopped when dropped.
struct Ministack {
    process: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Ministack {
    fn start() -> Self {
        let port = free_port();
        let folder = tempfile::tempdir().unwrap();
        let process = Command::new(python_tool("../ministack/bin/ministack"))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", folder.path())
            .env("TMPDIR", folder.path())
            // Otherwise it listens on every interface.
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut started = Self { process, port, _folder: folder };
        started.wait_until_it_answers();
        started
    }

    fn wait_until_it_answers(&mut self) {
        for _ in 0..600 {
            if let Some(status) = self.process.try_wait().unwrap() {
                panic!("the emulator ended before it listened: {status}");
            }
            if let Ok(mut connection) = TcpStream::connect(("127.0.0.1", self.port)) {
                let mut answer = [0; 12];
                let request =
                    b"GET /_ministack/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
                let is_answered =
                    connection.write_all(request).and_then(|()| connection.read_exact(&mut answer));
                if is_answered.is_ok() && answer.ends_with(b" 200") {
                    return;
                }
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("the emulator did not answer within a minute");
    }
}

impl Drop for Ministack {
    fn drop(&mut self) {
        // The functions that it started are in its process group.
        let group = format!("-{}", self.process.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.process.wait();
    }
}

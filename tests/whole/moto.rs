//! AWS as a deployment meets it: an emulator for most of it, and the local AWS Config.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::command::{serverless_conformance, told};
use crate::workspace::{binaries, python_tool, root};

pub(crate) const REGION: &str = "eu-west-1";
/// The account that the emulator takes every caller for.
pub(crate) const ACCOUNT: &str = "123456789012";

/// An emulator and, once there are items, a local AWS Config; both end when it is dropped.
pub(crate) struct Aws {
    emulator: Child,
    told: ChildStdin,
    pub(crate) endpoint: String,
    config: Option<(Child, String)>,
    folder: TempDir,
}

impl Aws {
    pub(crate) fn started() -> Self {
        let script = root().join("tests/clients/aws_emulator.py");
        let mut emulator = Command::new(python_tool("python"))
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let told = emulator.stdin.take().unwrap();
        let mut endpoint = String::new();
        BufReader::new(emulator.stdout.take().unwrap()).read_line(&mut endpoint).unwrap();
        let endpoint = endpoint.trim().to_owned();
        assert!(endpoint.starts_with("http://127.0.0.1:"), "the emulator did not start: `{endpoint}`");
        Self { emulator, told, endpoint, config: None, folder: tempfile::tempdir().unwrap() }
    }

    /// Does something as `tests/clients/prepare_aws.py` describes it; what it prints, if it prints.
    pub(crate) fn prepared<const N: usize>(&self, what: [&str; N]) -> Value {
        let script = root().join("tests/clients/prepare_aws.py");
        let prepared =
            Command::new(python_tool("python")).arg(script).arg(&self.endpoint).args(what).output().unwrap();
        assert!(prepared.status.success(), "{}", crate::command::told(&prepared));
        serde_json::from_slice(&prepared.stdout).unwrap_or_default()
    }

    /// Has AWS Config record these documents; the functions in `functions` are those that it may invoke.
    pub(crate) fn with_config(mut self, documents: &[Value], functions: &Path) -> Self {
        let items = self.folder.path().join("items");
        std::fs::create_dir(&items).unwrap();
        for (index, document) in documents.iter().enumerate() {
            std::fs::write(items.join(format!("{index}.json")), document.to_string()).unwrap();
        }
        let mut command = serverless_conformance(["serve", "--no-pack", "--listen", "127.0.0.1:0"]);
        command.arg("--functions").arg(functions).arg(items).env("AWS_ENDPOINT_URL_S3", &self.endpoint);
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
        let endpoint = lines.find_map(|line| {
            line.split_whitespace().find(|word| word.starts_with("http://")).map(ToOwned::to_owned)
        });
        let endpoint = endpoint.expect("`serve` ended before it told its endpoint");
        writeln!(self.told, "{endpoint}").unwrap();
        self.config = Some((process, endpoint));
        self
    }

    /// A program of `deploy/`, with credentials and endpoints and nothing else of this machine's.
    pub(crate) fn program(&self, name: &str) -> Command {
        let mut command = Command::new(python_tool("python"));
        command.arg(root().join("deploy").join(name));
        self.environment(&mut command);
        command
    }

    pub(crate) fn environment(&self, command: &mut Command) {
        let path = std::env::var_os("PATH").unwrap_or_default();
        command
            .current_dir(root())
            .env_clear()
            .envs([("PATH", path)])
            .env("HOME", self.folder.path())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .env("AWS_ACCESS_KEY_ID", ACCOUNT)
            .env("AWS_SECRET_ACCESS_KEY", "anything")
            .env("AWS_REGION", REGION);
        if let Some((_, endpoint)) = &self.config {
            command.env("AWS_ENDPOINT_URL_CONFIG_SERVICE", endpoint);
        }
    }

    /// What AWS Config answers to an operation that boto3 spells so.
    pub(crate) fn asked(&self, region: &str, operation: &str, arguments: &Value) -> Value {
        let script = "import boto3, json, sys; \
                      client = boto3.client('config', region_name=sys.argv[1]); \
                      print(json.dumps(getattr(client, sys.argv[2])(**json.loads(sys.argv[3])), default=str))";
        let mut command = Command::new(python_tool("python"));
        self.environment(&mut command);
        let asked = command.args(["-c", script, region, operation, &arguments.to_string()]).output().unwrap();
        assert!(asked.status.success(), "{}", told(&asked));
        serde_json::from_slice(&asked.stdout).unwrap()
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A folder with a program of this machine for each rule, as `make build` leaves one, but small.
    pub(crate) fn built_functions(&self) -> PathBuf {
        let folder = self.folder.path().join("lambda");
        for entry in catalog::RULES {
            let of_rule = folder.join(entry.meta.name);
            std::fs::create_dir_all(&of_rule).unwrap();
            let program = ["/bin/true", "/usr/bin/true"].iter().find(|path| Path::new(path).exists());
            std::fs::copy(program.expect("a small program"), of_rule.join("bootstrap")).unwrap();
        }
        folder
    }
}

impl Drop for Aws {
    fn drop(&mut self) {
        let config = self.config.as_mut().map(|(process, _)| process);
        for process in std::iter::once(&mut self.emulator).chain(config) {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// The exit status and everything that was said.
pub(crate) fn outcome(command: &mut Command) -> (i32, String) {
    let output: Output = command.output().unwrap();
    (output.status.code().expect("no signal ended it"), told(&output))
}

/// The folder with the real functions.
pub(crate) fn real_functions() -> &'static Path {
    binaries()
}

//! What a function costs: until it asks for its first event, for that event, and for each one after it.

mod certificates;
mod endpoint;
mod events;
mod instance;
mod measured;
mod python;
mod table;

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, ensure};
use config_rule::Timestamp;
use local_aws_config::{LocalAwsConfig, Options};
use tempfile::TempDir;

use crate::{account, note, process};
use certificates::Certificates;
use endpoint::Endpoint;
use events::Events;
use instance::{Instance, Program};
use measured::{Connection, Measured, milliseconds};

/// How many events a function takes before the next function has its turn: noise is to hit all alike.
const TURN: usize = 50;

/// The rule whose events the function without a rule takes, and the rule in Python.
const COMPARED: &str = "lambda-small-single-purpose";

/// What is measured, and how often.
#[derive(Debug, clap::Args)]
pub(crate) struct FunctionArguments {
    /// Folder with the functions' programs and `bare-function`
    #[arg(long, default_value = "target/function")]
    functions: PathBuf,
    /// Measure only these rules
    #[arg(long = "rule")]
    rules: Vec<String>,
    /// Configuration items to judge
    #[arg(long, default_value = "tests/data/sample-account")]
    account: PathBuf,
    /// Conformance pack with the rules
    #[arg(long, default_value = "conformance-pack/serverless-best-practices.yaml")]
    pack: PathBuf,
    /// Fresh processes per figure about starts
    #[arg(long, default_value_t = 21)]
    processes: usize,
    /// Events per figure about running functions
    #[arg(long, default_value_t = 1000)]
    events: usize,
    /// Python interpreter with rdklib and awslambdaric, on which a rule is measured, too, if it is there
    #[arg(long, default_value = "target/bench/rdklib/bin/python")]
    python: PathBuf,
}

/// Measures all functions in turn and prints the tables.
pub(crate) fn measure(arguments: &FunctionArguments) -> anyhow::Result<String> {
    // One thread: the other CPU is the function's.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut bench = Bench::new(arguments).await?;
        bench.try_all().await?;
        for round in 1..=arguments.processes {
            note(&format!("starting each function, {round} of {} times", arguments.processes));
            bench.start_all(round).await?;
        }
        bench.run_all(arguments.events).await?;
        let round_trip = bench.endpoint.round_trip().await?;
        Ok(table::text(&bench.subjects, round_trip, arguments))
    })
}

/// A program, its events, and what was measured of it.
#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) program: Program,
    events: Events,
    pub(crate) measured: Measured,
}

struct Bench {
    subjects: Vec<Subject>,
    endpoint: Endpoint,
    /// Certificate authority and logs.
    scratch: TempDir,
    /// Kept because it answers.
    _config: LocalAwsConfig,
}

impl Bench {
    async fn new(arguments: &FunctionArguments) -> anyhow::Result<Self> {
        let (items, scope) = account::loaded(&arguments.account)?;
        let is_wanted = |name: &String| arguments.rules.is_empty() || arguments.rules.contains(name);
        let pack = events::rules(&arguments.pack, &scope)?.with_rules(|rule| is_wanted(&rule.name));
        ensure!(!pack.rules.is_empty(), "no rule of the pack is among {:?}", arguments.rules);

        let mut subjects = Vec::new();
        for rule in &pack.rules {
            let events = Events::new(rule, &items, &scope)?;
            subjects.push(Subject::new(program(&arguments.functions, &rule.function)?, events)?);
        }
        // What ours are compared with takes the events of one of them.
        let compared = pack.rules.iter().find(|rule| rule.name == COMPARED).or(pack.rules.first());
        let compared = compared.context("a pack has rules")?;
        let bare = program(&arguments.functions, "bare-function")?;
        subjects.insert(0, Subject::new(bare, Events::new(compared, &items, &scope)?)?);
        if arguments.python.exists() {
            let rule = python::rule(compared);
            subjects.push(Subject::new(
                python::program(&arguments.python)?,
                Events::new(&rule, &items, &scope)?,
            )?);
        }

        let at: Timestamp = "2026-11-15T06:00:00Z".parse()?;
        let config =
            LocalAwsConfig::start(Options::new(items, pack, arguments.functions.clone(), at)).await?;
        let address = config.endpoint();
        let behind: SocketAddr = address.strip_prefix("http://").context("an HTTP endpoint")?.parse()?;
        let certificates = Certificates::new()?;
        let endpoint = Endpoint::start(behind, &certificates).await?;
        let scratch = tempfile::tempdir()?;
        fs::write(scratch.path().join("root.pem"), &certificates.root)?;
        Ok(Self { subjects, endpoint, scratch, _config: config })
    }

    /// Every function takes each of its events as sent just now and as sent long ago, for which it may ask for less: AWS's
    /// answers are known afterwards, and it is known to work.
    async fn try_all(&mut self) -> anyhow::Result<()> {
        for index in 0..self.subjects.len() {
            let subject = &self.subjects[index];
            note(&format!("trying `{}` on {} events", subject.program.name, subject.events.len()));
            let mut instance = self.started(index, Connection::Http).await?;
            let subject = &self.subjects[index];
            let events = 0..subject.events.len();
            let sent_now = events.clone().map(|event| subject.events.sent(event, Timestamp::now()));
            let sent_long_ago = events.map(|event| subject.events.payload(event).to_owned());
            for payload in sent_now.chain(sent_long_ago) {
                let invoked = instance.invoke(&payload).await;
                invoked.with_context(|| format!("`{}`: {}", subject.program.name, self.last_lines(index)))?;
            }
            instance.stop().await;
        }
        self.endpoint.calls();
        Ok(())
    }

    /// Each function starts anew for each kind of connection, one after the other.
    async fn start_all(&mut self, round: usize) -> anyhow::Result<()> {
        for connection in Connection::ALL {
            for index in 0..self.subjects.len() {
                let mut instance = self.started(index, connection).await?;
                let share = connection.share();
                let is_held_back = share
                    .as_ref()
                    .is_none_or(|share| share.as_ref().is_ok_and(|share| share.take(instance.pid()).is_ok()));
                let subject = &mut self.subjects[index];
                let before = process::cpu_time(instance.pid());
                let taken = instance.invoke(subject.events.payload(round)).await?;
                let cpu = process::cpu_time(instance.pid()).zip(before);
                let cpu = cpu.map(|(after, before)| after.saturating_sub(before));
                subject.measured.started(connection, &instance, taken, cpu, is_held_back);
                instance.stop().await;
            }
        }
        Ok(())
    }

    /// All functions run at the same time.
    async fn run_all(&mut self, events: usize) -> anyhow::Result<()> {
        let mut instances = Vec::new();
        for index in 0..self.subjects.len() {
            let mut instance = self.started(index, Connection::Http).await?;
            instance.invoke(self.subjects[index].events.payload(0)).await?;
            instances.push(instance);
        }
        self.take_turns(&mut instances, events).await?;
        self.work_off_backlogs(&mut instances, events).await?;
        for (subject, instance) in self.subjects.iter_mut().zip(instances) {
            subject.measured.peak_memory = process::peak_memory(instance.pid());
            instance.stop().await;
        }
        Ok(())
    }

    /// Events that are sent just before.
    async fn take_turns(&mut self, instances: &mut [Instance], events: usize) -> anyhow::Result<()> {
        let before: Vec<_> = instances.iter().map(|instance| process::cpu_time(instance.pid())).collect();
        self.endpoint.calls();
        for done in (0..events).step_by(TURN) {
            note(&format!("{done} of {events} events for each function"));
            for (subject, instance) in self.subjects.iter_mut().zip(&mut *instances) {
                for event in done..events.min(done + TURN) {
                    let payload = subject.events.sent(event, Timestamp::now());
                    subject.measured.warm.push(milliseconds(next(instance, &payload).await?));
                }
                subject.measured.called(self.endpoint.calls());
            }
        }
        for ((subject, instance), before) in self.subjects.iter_mut().zip(instances).zip(before) {
            let cpu = process::cpu_time(instance.pid()).zip(before);
            subject.measured.warm_cpu = cpu.map(|(after, before)| after.saturating_sub(before));
        }
        Ok(())
    }

    /// Events that have waited: what is asked for the first may serve the others.
    async fn work_off_backlogs(&mut self, instances: &mut [Instance], events: usize) -> anyhow::Result<()> {
        for (subject, instance) in self.subjects.iter_mut().zip(instances) {
            note(&format!("a backlog of {events} events for `{}`", subject.program.name));
            for event in 0..events {
                let taken = next(instance, subject.events.payload(event)).await?;
                subject.measured.backlog.push(milliseconds(taken));
            }
            subject.measured.backlog_calls = self.endpoint.calls().values().sum();
        }
        Ok(())
    }

    async fn started(&self, index: usize, connection: Connection) -> anyhow::Result<Instance> {
        let program = &self.subjects[index].program;
        let url = if connection == Connection::Http { self.endpoint.http() } else { self.endpoint.https() };
        let mut variables = vec![
            ("AWS_REGION", "eu-west-1".to_owned()),
            ("AWS_DEFAULT_REGION", "eu-west-1".to_owned()),
            // The local AWS Config takes this key for a function's.
            ("AWS_ACCESS_KEY_ID", "LOCAL111122223333".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
            ("AWS_SESSION_TOKEN", "t".repeat(800)),
            ("AWS_ENDPOINT_URL", url),
        ];
        if connection != Connection::Http {
            variables.push(("AWS_CA_BUNDLE", self.scratch.path().join("root.pem").display().to_string()));
        }
        let log = File::options().create(true).append(true).open(self.log(index))?;
        let started = Instance::start(program, &variables, log).await;
        started.with_context(|| self.last_lines(index))
    }

    fn log(&self, index: usize) -> PathBuf {
        self.scratch.path().join(format!("{index}.log"))
    }

    fn last_lines(&self, index: usize) -> String {
        let log = fs::read_to_string(self.log(index)).unwrap_or_default();
        let lines: Vec<_> = log.lines().rev().take(3).collect();
        format!("its last lines were: {}", lines.join("; "))
    }
}

/// Hands over an event. The function has asked for it before it gets it, as it does in Lambda.
async fn next(instance: &mut Instance, payload: &str) -> anyhow::Result<Duration> {
    tokio::time::sleep(Duration::from_millis(1)).await;
    instance.invoke(payload).await
}

impl Subject {
    fn new(program: Program, events: Events) -> anyhow::Result<Self> {
        let measured = Measured::of_file(&program.executable)?;
        Ok(Self { program, events, measured })
    }
}

fn program(folder: &Path, name: &str) -> anyhow::Result<Program> {
    let path = folder.join(name);
    let executable = path.canonicalize().with_context(|| {
        format!("expected the function's program at `{}`, found none; `make bench` builds it", path.display())
    })?;
    Ok(Program { name: name.to_owned(), executable, arguments: Vec::new(), variables: Vec::new() })
}

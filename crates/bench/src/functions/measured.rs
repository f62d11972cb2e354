//! The figures of one function.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use flate2::Compression;
use flate2::write::DeflateEncoder;

use super::endpoint::Calls;
use super::instance::Instance;
use crate::samples::Samples;
use crate::share::CpuShare;

/// How the first event finds AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Connection {
    /// Without encryption.
    Http,
    /// With a handshake.
    Https,
    /// With a handshake, and so many percent of a CPU from the event on; Lambda starts functions with more.
    HttpsWithin(u32),
}

/// A function's figures; times in milliseconds.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    pub(crate) binary_bytes: u64,
    /// As a zip file holds it.
    pub(crate) zip_bytes: u64,
    pub(crate) cold_start: Samples,
    /// CPU time of it.
    pub(crate) cold_cpu: Samples,
    /// How long the first event took.
    pub(crate) first: BTreeMap<Connection, Samples>,
    /// CPU time of the first event over HTTPS.
    pub(crate) first_cpu: Samples,
    /// Whether this machine could not hold processes back, so that the figures are calculated from CPU time.
    pub(crate) is_calculated: bool,
    /// Events that were sent just before.
    pub(crate) warm: Samples,
    /// CPU time of all of them.
    pub(crate) warm_cpu: Option<Duration>,
    pub(crate) calls: Calls,
    /// Events that were all sent before the first was answered.
    pub(crate) backlog: Samples,
    pub(crate) backlog_calls: u64,
    /// In bytes.
    pub(crate) peak_memory: Option<u64>,
}

impl Connection {
    /// 29 and 7 percent of a CPU is what Lambda gives to a function of 512 MB and of 128 MB.
    ///
    /// Source: AWS Lambda Developer Guide, "Configure Lambda function memory": 1,769 MB have one CPU.
    pub(crate) const ALL: [Self; 4] = [Self::Http, Self::Https, Self::HttpsWithin(29), Self::HttpsWithin(7)];

    /// A group of processes that holds a function back as the connection wants it.
    pub(crate) fn share(self) -> Option<io::Result<CpuShare>> {
        match self {
            Self::Http | Self::Https => None,
            Self::HttpsWithin(percent) => Some(CpuShare::new(percent)),
        }
    }
}

impl Measured {
    pub(crate) fn of_file(path: &Path) -> anyhow::Result<Self> {
        let program = fs::read(path).with_context(|| format!("`{}` cannot be read", path.display()))?;
        // What zip does to a file; its own headers are a few hundred bytes.
        let mut zip = DeflateEncoder::new(Vec::new(), Compression::default());
        zip.write_all(&program)?;
        let zip_bytes = zip.finish()?.len() as u64;
        Ok(Self { binary_bytes: program.len() as u64, zip_bytes, ..Self::default() })
    }

    /// Takes the figures of a fresh process that has answered its first event, in `taken` with `cpu`.
    pub(crate) fn started(
        &mut self,
        connection: Connection,
        instance: &Instance,
        taken: Duration,
        cpu: Option<Duration>,
        is_held_back: bool,
    ) {
        let mut taken = taken;
        if let (Connection::HttpsWithin(percent), false) = (connection, is_held_back) {
            self.is_calculated = true;
            taken = taken.max(cpu.unwrap_or_default() * 100 / percent);
        }
        if connection == Connection::Http {
            self.cold_start.push(milliseconds(instance.cold_start));
            if let Some(cpu) = instance.cold_cpu {
                self.cold_cpu.push(milliseconds(cpu));
            }
        }
        if let (Connection::Https, Some(cpu)) = (connection, cpu) {
            self.first_cpu.push(milliseconds(cpu));
        }
        self.first.entry(connection).or_default().push(milliseconds(taken));
    }

    pub(crate) fn called(&mut self, calls: Calls) {
        for (operation, count) in calls {
            *self.calls.entry(operation).or_default() += count;
        }
    }
}

pub(crate) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

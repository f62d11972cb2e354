//! A part of one CPU, as Lambda gives it to a function with little memory.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// How long the quota lasts, in microseconds. Linux's usual 100,000 would let a short invocation pass unnoticed.
const PERIOD: u32 = 20_000;

/// A control group whose processes together get a part of one CPU. Needs the right to make one: usually root's.
#[derive(Debug)]
pub(crate) struct CpuShare {
    folder: PathBuf,
}

impl CpuShare {
    /// A group without processes, one at a time of the same percentage.
    pub(crate) fn new(percent: u32) -> io::Result<Self> {
        let name = format!("serverless-conformance-bench-{}-{percent}", std::process::id());
        let quota = PERIOD * percent / 100;
        let (second, first) = (Path::new("/sys/fs/cgroup"), Path::new("/sys/fs/cgroup/cpu"));
        let controllers = fs::read_to_string(second.join("cgroup.subtree_control")).unwrap_or_default();
        if controllers.split_whitespace().any(|controller| controller == "cpu") {
            let group = Self::made(second.join(name))?;
            fs::write(group.folder.join("cpu.max"), format!("{quota} {PERIOD}"))?;
            return Ok(group);
        }
        if !first.join("cpu.cfs_quota_us").exists() {
            let message =
                "expected the controller `cpu` in /sys/fs/cgroup/cgroup.subtree_control, found none";
            return Err(io::Error::other(message));
        }
        let group = Self::made(first.join(name))?;
        fs::write(group.folder.join("cpu.cfs_period_us"), PERIOD.to_string())?;
        fs::write(group.folder.join("cpu.cfs_quota_us"), quota.to_string())?;
        Ok(group)
    }

    fn made(folder: PathBuf) -> io::Result<Self> {
        fs::create_dir(&folder)?;
        Ok(Self { folder })
    }

    /// Puts a process, with all of its threads, into the group.
    pub(crate) fn take(&self, pid: u32) -> io::Result<()> {
        fs::write(self.folder.join("cgroup.procs"), pid.to_string())
    }
}

impl Drop for CpuShare {
    fn drop(&mut self) {
        // A group that still has a process stays until the machine restarts, and costs nothing.
        let _ = fs::remove_dir(&self.folder);
    }
}

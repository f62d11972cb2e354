//! What Linux tells of a running process.

use std::fs;
use std::time::Duration;

/// CPU time that a process's present threads have used so far; `None` where Linux does not say.
pub(crate) fn cpu_time(pid: u32) -> Option<Duration> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).ok()?;
    // Nanoseconds on a CPU, nanoseconds waiting for one, number of times. A thread may have ended by now.
    let of_thread = |folder: fs::DirEntry| {
        let text = fs::read_to_string(folder.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    };
    let nanoseconds = threads.flatten().filter_map(of_thread).sum();
    Some(Duration::from_nanos(nanoseconds))
}

/// The most memory that a process has had in use, in bytes, its program's own pages included; `None` where Linux does
/// not say or the process has ended.
pub(crate) fn peak_memory(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use std::process;

    use super::*;

    #[test]
    fn this_process_has_used_memory_and_time() {
        let (before, memory) = (cpu_time(process::id()).unwrap(), peak_memory(process::id()).unwrap());
        assert!(1_000_000 < memory);
        while cpu_time(process::id()).unwrap() <= before {}
    }

    #[test]
    fn of_a_process_that_is_not_there_nothing_is_said() {
        assert_eq!((cpu_time(u32::MAX), peak_memory(u32::MAX)), (None, None));
    }
}

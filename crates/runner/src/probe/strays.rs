//! Ends processes that a module started and that left its session: daemons, and children of children. On Linux they
//! are known by a variable that they inherit; elsewhere only those of the session are ended, by whoever made it.

#[cfg(target_os = "linux")]
pub(super) use linux::end;
#[cfg(unix)]
pub(super) use unix::end_session;

/// No other system lets the environment of a process be read without special rights.
#[cfg(not(target_os = "linux"))]
pub(super) fn end(_: &str) {}

#[cfg(unix)]
mod unix {
    use rustix::process::{Pid, Signal, kill_process_group};

    /// Kills a session by the number of its first process.
    pub(in super::super) fn end_session(id: u32) {
        if let Some(pid) = i32::try_from(id).ok().and_then(Pid::from_raw) {
            // It may have ended in this moment.
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;
    use std::time::Duration;

    use rustix::process::{Pid, Signal, kill_process};

    use super::super::MARK;

    /// A bomb of processes goes on while it is being ended; each look finds fewer.
    const LOOKS: usize = 500;
    /// Between two looks: the killed need a moment to go.
    const PAUSE: Duration = Duration::from_millis(2);

    /// Kills every process that carries the mark, until none is left.
    pub(in super::super) fn end(mark: &str) {
        let entry = format!("{MARK}={mark}");
        for _ in 0..LOOKS {
            let found = marked(entry.as_bytes());
            if found.is_empty() {
                return;
            }
            for pid in found {
                // It may have ended in this moment.
                let _ = kill_process(pid, Signal::KILL);
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// Processes whose environment, as they were started with it, has the entry. One that ended has none.
    fn marked(entry: &[u8]) -> Vec<Pid> {
        let own = std::process::id();
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
        let numbers = processes.filter_map(|process| process.file_name().to_str()?.parse::<u32>().ok());
        let carries = |id: &u32| {
            let environment = fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
            environment.split(|byte| *byte == 0).any(|variable| variable == entry)
        };
        let found = numbers.filter(|id| *id != own).filter(carries);
        found.filter_map(|id| Pid::from_raw(i32::try_from(id).ok()?)).collect()
    }
}

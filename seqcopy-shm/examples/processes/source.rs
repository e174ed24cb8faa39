//! The source of the entries: this machine, through `sysinfo`.

use std::collections::BTreeMap;

use sysinfo::{ProcessRefreshKind, ProcessStatus, ProcessesToUpdate, System};

use crate::payload::{Process, State};

/// The state that `sysinfo` keeps between refreshes.
pub(crate) struct Source(System);

impl Source {
    pub(crate) fn new() -> Self {
        Source(System::new())
    }

    /// The processes that there are, by their ids. CPU usage is that since the last call, or 0 at the first.
    pub(crate) fn refresh(&mut self) -> BTreeMap<u32, Process> {
        let what = ProcessRefreshKind::nothing().with_cpu().with_memory().without_tasks();
        self.0.refresh_processes_specifics(ProcessesToUpdate::All, true, what);
        let entry = |(pid, process): (&sysinfo::Pid, &sysinfo::Process)| {
            let parent = process.parent().map(sysinfo::Pid::as_u32);
            let mut entry =
                Process::new(&printable(&process.name().to_string_lossy()), state(process.status()), parent);
            (entry.cpu, entry.memory) = (process.cpu_usage(), process.memory());
            (pid.as_u32(), entry)
        };
        self.0.processes().iter().map(entry).collect()
    }
}

/// A process may give itself any name, escape sequences of terminals among them, and each character must have one
/// column.
fn printable(name: &str) -> String {
    name.chars().map(|char| if char.is_ascii_graphic() || char == ' ' { char } else { '?' }).collect()
}

fn state(status: ProcessStatus) -> State {
    match status {
        ProcessStatus::Run => State::Running,
        ProcessStatus::Sleep | ProcessStatus::Idle => State::Sleeping,
        ProcessStatus::UninterruptibleDiskSleep => State::Waiting,
        ProcessStatus::Stop | ProcessStatus::Tracing => State::Stopped,
        ProcessStatus::Zombie | ProcessStatus::Dead => State::Zombie,
        _ => State::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_among_them() {
        if !sysinfo::IS_SUPPORTED_SYSTEM {
            return;
        }
        let mut source = Source::new();
        source.refresh();
        assert!(source.refresh()[&std::process::id()].memory > 0);
    }

    #[test]
    fn names_have_no_effect_on_a_terminal() {
        assert_eq!(printable("a\x1b[2Jb\nü c"), "a?[2Jb?? c");
    }
}

//! The processes that this program starts: itself, with a role that the environment names. (Not the command line, which
//! in a test is that of the test harness.)

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::watch::Tally;
use crate::{publish, stop, watch};

const ROLE: &str = "SEQCOPY_PROCESSES_ROLE";
const MAP: &str = "SEQCOPY_PROCESSES_MAP";

/// How long a process may take to start, and to answer. Only a process that hangs takes so long.
pub(crate) const LONGEST: Duration = Duration::from_secs(120);

/// What a process does, and the path of the map.
pub(crate) enum Role {
    Publish(PathBuf),
    Watch(PathBuf),
}

/// The role of this process, if another one of this program has started it.
pub(crate) fn role() -> Option<Role> {
    let map = PathBuf::from(std::env::var_os(MAP)?);
    match std::env::var(ROLE).ok()?.as_str() {
        "publish" => Some(Role::Publish(map)),
        "watch" => Some(Role::Watch(map)),
        _ => None,
    }
}

impl Role {
    /// Publishes or watches until the other end of standard input is closed.
    pub(crate) fn run(&self) -> io::Result<()> {
        stop::watch_input();
        match self {
            Role::Publish(map) => publish::run(map),
            Role::Watch(map) => watch::run(map, &mut io::stdout()),
        }
    }
}

/// A child process that ends when its standard input is closed. Killed on drop.
pub(crate) struct Peer(Child);

impl Peer {
    pub(crate) fn publisher(map: &Path) -> io::Result<Peer> {
        Peer::start("publish", map)
    }

    pub(crate) fn watcher(map: &Path) -> io::Result<Peer> {
        Peer::start("watch", map)
    }

    fn start(role: &str, map: &Path) -> io::Result<Peer> {
        use std::os::unix::process::CommandExt;
        let mut command = Command::new(std::env::current_exe()?);
        #[cfg(test)]
        command.args(["--exact", "children::tests::a_process_with_a_role", "--nocapture"]);
        // In its own process group, so that an interrupt from the keyboard reaches the first process only, which then
        // ends the others.
        command.env(ROLE, role).env(MAP, map).stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0);
        Ok(Peer(command.spawn()?))
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Whether it has ended by itself.
    pub(crate) fn has_ended(&mut self) -> io::Result<bool> {
        Ok(self.0.try_wait()?.is_some())
    }

    /// SIGKILL: no handler and no destructor runs.
    pub(crate) fn kill(mut self) -> io::Result<()> {
        self.0.kill()?;
        self.0.wait().map(|_| ())
    }

    /// Closes its standard input and waits; returns whether it succeeded, and what it counted if it is a watcher.
    pub(crate) fn end(mut self) -> io::Result<(bool, Option<Tally>)> {
        drop(self.0.stdin.take());
        let mut said = String::new();
        if let Some(mut stdout) = self.0.stdout.take() {
            stdout.read_to_string(&mut said)?;
        }
        Ok((self.0.wait()?.success(), said.lines().find_map(Tally::of_line)))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(test)]
mod tests {
    /// What the processes run that `run::tests` starts. Without a role it does nothing.
    #[test]
    fn a_process_with_a_role() {
        if let Some(role) = super::role() {
            let result = role.run();
            if let Err(error) = &result {
                eprintln!("processes: {error}");
            }
            // The test harness must print nothing more.
            std::process::exit(i32::from(result.is_err()));
        }
    }
}

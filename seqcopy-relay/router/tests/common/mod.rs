//! Routers, the programs beside them, and folders for regions.

#![allow(dead_code)] // each test uses some of it

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

pub const SOON: Duration = Duration::from_secs(60);

/// A program that `ci/relay.sh` has built.
pub fn built(name: &str) -> PathBuf {
    PathBuf::from(std::env::var_os(name).unwrap_or_else(|| panic!("{name} is missing: run `ci/relay.sh --all`")))
}

/// Says that something is not tested on this machine. With `SEQCOPY_NO_SKIP`, for machines that can have every tool
/// (`ci/lib.sh`), it fails. Not that of `seqcopy_tests`, whose tests have to end every thread: zenoh keeps its own.
pub fn skipped(what: &str) {
    println!("==== SKIPPED: {what} ====");
    assert!(std::env::var_os("SEQCOPY_NO_SKIP").is_none_or(|value| value.is_empty()), "skipped: {what}");
}

/// Whether a program can be run. Otherwise the test says so.
pub fn has(program: &str, arguments: &[&str]) -> bool {
    let has = Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !has {
        skipped(&format!("there is no {program}"));
    }
    has
}

/// What a program prints, if it succeeds.
pub fn printed(program: impl AsRef<std::ffi::OsStr>, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stderr(Stdio::null()).output().unwrap();
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
}

pub fn until<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(began.elapsed() < SOON, "not within {SOON:?}: {what}");
        thread::sleep(Duration::from_millis(50));
    }
}

/// A program, killed on drop.
pub struct Program(pub Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub fn port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A router, and the ports at which it listens.
pub struct Router {
    _program: Program,
    pub endpoint: String,
    pub rest: u16,
    pub mqtt: u16,
}

impl Router {
    pub fn start(place: &Place, settings: &str) -> Router {
        Router::start_at(place, settings, [(); 3].map(|()| port()))
    }

    pub fn start_at(place: &Place, settings: &str, [zenoh, rest, mqtt]: [u16; 3]) -> Router {
        let endpoint = format!("tcp/127.0.0.1:{zenoh}");
        let text = format!(
            "{{ listen: {{ endpoints: [\"{endpoint}\"] }}, scouting: {{ multicast: {{ enabled: false }} }}, {settings} \
             plugins: {{ rest: {{ http_port: \"127.0.0.1:{rest}\" }}, mqtt: {{ port: \"127.0.0.1:{mqtt}\" }} }} }}"
        );
        let config = place.0.join("router.json5");
        std::fs::write(&config, text).unwrap();
        let program =
            Program(Command::new(env!("CARGO_BIN_EXE_router")).arg(config).env("RUST_LOG", "off").spawn().unwrap());
        until("a router", || std::net::TcpStream::connect(("127.0.0.1", zenoh)).ok());
        Router { _program: program, endpoint, rest, mqtt }
    }

    pub fn publish(&self, path: &Path, key: &str, environment: &[(&str, &str)]) -> Program {
        let mut command = Command::new(built("RELAY"));
        command.arg("publish").arg(path).args(["--key", key, "--connect", &self.endpoint, "--whole", "1"]);
        Program(command.envs(environment.iter().copied()).spawn().unwrap())
    }
}

/// A folder for regions, removed on drop.
pub struct Place(pub PathBuf);

impl Place {
    pub fn new(name: &str) -> Place {
        let path = seqcopy_shm::path_for(&format!("relay-router-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).unwrap();
        Place(path)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

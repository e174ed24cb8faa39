//! The limit of time that each thread of a test has.

use std::backtrace::Backtrace;
use std::collections::BTreeMap;
use std::ffi::c_int;
use std::fs;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nix::libc;

/// The thread that looks at the others.
pub(crate) const WATCH: &str = "test-limit";

/// That of the tests of this program.
fn of_program() -> Duration {
    let said = std::env::var("SEQCOPY_TEST_LIMIT").ok().and_then(|said| said.parse().ok());
    let is_long = std::env::var_os("SEQCOPY_LONG").is_some();
    Duration::from_secs(said.unwrap_or(if is_long { 3600 } else { 200 }))
}

/// Where the system refuses a thread, there is no limit.
pub(crate) fn start() {
    let limit = of_program();
    let _ = thread::Builder::new().name(WATCH.to_owned()).spawn(move || watch(limit));
}

fn watch(limit: Duration) {
    let main = std::process::id();
    let mut since: BTreeMap<libc::pid_t, Instant> = BTreeMap::new();
    loop {
        thread::sleep((limit / 10).min(Duration::from_secs(5)));
        let threads: Vec<libc::pid_t> = fs::read_dir("/proc/self/task")
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
            .filter(|thread: &libc::pid_t| thread.unsigned_abs() != main && name_of(*thread) != WATCH)
            .collect();
        since.retain(|thread, _| threads.contains(thread));
        for thread in &threads {
            since.entry(*thread).or_insert_with(Instant::now);
        }
        let late: Vec<libc::pid_t> =
            since.iter().filter(|(_, since)| since.elapsed() >= limit).map(|(thread, _)| *thread).collect();
        if !late.is_empty() {
            tell(&late, limit);
        }
    }
}

/// Its name, which is the beginning of the test's, also of threads without a name that the test has started.
fn name_of(thread: libc::pid_t) -> String {
    fs::read_to_string(format!("/proc/self/task/{thread}/comm")).unwrap_or_default().trim_end().to_owned()
}

/// How long a thread may take to print where it is.
const PRINTING: Duration = Duration::from_secs(60);

/// Whether the thread that was told to has printed where it is.
static PRINTED: AtomicBool = AtomicBool::new(false);

/// Has each thread print where it is, and ends the program.
fn tell(late: &[libc::pid_t], limit: Duration) -> ! {
    let handler: extern "C" fn(c_int) = print_stack;
    // SAFETY: the process ends below, whatever this does.
    unsafe { libc::signal(libc::SIGUSR2, handler as libc::sighandler_t) };
    for thread in late {
        eprintln!("error: a thread of {} has run for {} s, and is here:", name_of(*thread), limit.as_secs());
        // SAFETY: to a thread of this process.
        unsafe { libc::syscall(libc::SYS_tgkill, std::process::id(), *thread, libc::SIGUSR2) };
        // To find the names of functions takes seconds on a busy machine. One that is inside of an allocation never
        // prints.
        let sent = Instant::now();
        while !PRINTED.swap(false, Ordering::AcqRel) && sent.elapsed() < PRINTING {
            thread::sleep(Duration::from_millis(10));
        }
    }
    // SAFETY: ends the program, as libtest does where a test has failed.
    unsafe { libc::_exit(101) };
}

extern "C" fn print_stack(_: c_int) {
    let all = Backtrace::force_capture().to_string();
    let mut err = std::io::stderr();
    // Past the handler itself; files and lines are those of optimised libraries mostly.
    for line in all.lines().filter(|line| !line.trim_start().starts_with("at ")).skip(3).take(30) {
        let _ = writeln!(err, "    {}", line.trim_start());
    }
    PRINTED.store(true, Ordering::Release);
}

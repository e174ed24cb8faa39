//! One of the processes: the writer, or a reader.

use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use seqcopy::{SeqLock, Version};
use seqcopy_shm::{self as shm, Reader, WriterState};

use crate::clock::{REFRESH, SAMPLE, now};
use crate::options::{Lock, Peer, Role};
use crate::payload::Telemetry;
use crate::source::Source;
use crate::tally::Tally;

/// Set when the process that started this one has closed its standard input, or has ended.
static STOP: AtomicBool = AtomicBool::new(false);

fn stopped() -> bool {
    STOP.load(Ordering::Relaxed)
}

/// Writes or reads until the other end of its standard input is closed.
pub(crate) fn run(peer: &Peer) -> io::Result<bool> {
    thread::spawn(|| {
        let _ = io::stdin().read(&mut [0]);
        STOP.store(true, Ordering::Relaxed);
    });
    match peer.role {
        Role::First => write(buffers(peer.lock).create(&peer.path).map_err(io::Error::other)?),
        Role::Next => write(shm::Writer::take_over(&peer.path).map_err(io::Error::other)?),
        Role::Reader(number) => read(&peer.path, number),
    }
}

fn buffers(lock: Lock) -> shm::Options {
    shm::Options::new().buffers(match lock {
        Lock::SingleBuffer => 1,
        Lock::Latch2 => 2,
        Lock::Latch4 => 4,
    })
}

fn write(mut writer: shm::Writer<Telemetry>) -> io::Result<bool> {
    let mut source = Source::new();
    let counters = SeqLock::new(source.refresh());
    let mut value = Telemetry::new(counters.read(), now());
    // Continues the count of the last writer, if there is a value.
    value.sequence = writer.read().map_or(0, |last| last.sequence);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stopped() {
                thread::sleep(REFRESH);
                counters.write(source.refresh());
            }
        });
        let mut known = Version::NEVER;
        while !stopped() {
            value.advance(counters.read_if_changed(&mut known), now());
            writer.write_from(&value).map_err(io::Error::other)?;
        }
        // The last value stays, for the summary.
        Ok(true)
    })
}

/// The path of the region in which a reader publishes its tally.
pub(crate) fn tally_path(region: &Path, number: u16) -> PathBuf {
    let mut path = region.as_os_str().to_os_string();
    path.push(format!(".reader{number}"));
    path.into()
}

/// How many failed attempts a reader spins before it yields the CPU.
const SPINS: u32 = 64;

fn read(path: &Path, number: u16) -> io::Result<bool> {
    let reader = Reader::<Telemetry>::open(path).map_err(io::Error::other)?;
    let mut shared_tally = shm::Writer::<Tally>::create(tally_path(path, number)).map_err(io::Error::other)?;
    let mut tally = Tally::default();
    let mut rounds = 0u64;
    while !stopped() {
        let mut retries = 0;
        let value = reader.read_with(|attempt| {
            retries = attempt.number;
            if attempt.number < SPINS {
                std::hint::spin_loop();
            } else {
                thread::yield_now();
            }
            // Gives up from time to time: if the writer died in the middle of a write to a single buffer, retrying is
            // useless.
            if stopped() || attempt.number == shm::ATTEMPTS {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        });
        tally.add_retries(retries.into());
        match value {
            Ok(Ok(value)) if value.is_consistent() => {
                tally.whole += 1;
                if tally.whole % SAMPLE == 0 {
                    tally.add_age(now().saturating_sub(value.stamp));
                }
            }
            Ok(Ok(_)) => tally.torn += 1,
            Ok(Err(_)) => tally.invalid += 1,
            Err(()) if reader.writer_state() == WriterState::Gone => tally.given_up += 1,
            Err(()) => {}
        }
        rounds += 1;
        if rounds % SAMPLE == 0 || tally.given_up > 0 {
            shared_tally.write(tally).map_err(io::Error::other)?;
        }
    }
    shared_tally.write(tally).map_err(io::Error::other)?;
    Ok(true)
}

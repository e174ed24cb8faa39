//! Sleeping until a region has a newer value, by a named event for each number of wake-ups.
//!
//! This system lets a thread sleep on a word of its own process only (`WaitOnAddress`). So the region has a count of
//! wake-ups. A thread that is going to sleep creates an event whose name is made of the file and of that count, unless
//! another thread has created it. The writer opens the event by its name and sets it. An event is there as long as a
//! thread sleeps on it: no process has to remove it, and a writer for which no thread waits finds no event. Readers write nothing.
//!
//! **No wake-up is lost**:
//!
//! ```text
//! writer                                      reader
//! f1  word = next (w4, l3 of the protocol)    g1  seen = word; return if that is a newer value
//! f2  count = n + 1                           g2  n = count
//! f3  open the event of n, and set it         g3  create or open the event of n
//!                                             g4  return to g1 if the word is not `seen`, or the count is not n
//!                                             g5  sleep on the event
//! ```
//!
//! The event of a number is set once, and never reset. The system opens and creates events under one lock. If g3 comes
//! first, f3 finds the event, which stays set, so g5 returns. If f3 comes first, what the writer did before it
//! happens-before g4, which finds the word of f1. A reader that has the count of f2 in g2 finds that word in g4, too,
//! unless it has seen it: then it sleeps until the next wake-up.
//!
//! A process that may read the region can set its events, which sends readers to g1, or create them in such a way that
//! the writer may not open them. So every sleep has a limit (`handle/wait.rs`), after which the reader is at g1.

use std::os::windows::io::{AsRawHandle, RawHandle};
use std::sync::OnceLock;
use std::sync::atomic::Ordering::{Acquire, Relaxed, SeqCst};
use std::sync::atomic::{AtomicU64, fence};
use std::time::{Duration, Instant};

use windows_sys::Win32::Foundation::WAIT_FAILED;
use windows_sys::Win32::System::Threading::{
    CREATE_EVENT_MANUAL_RESET, CreateEventExW, EVENT_MODIFY_STATE, OpenEventW, SYNCHRONIZATION_SYNCHRONIZE, SetEvent,
    WaitForMultipleObjects,
};

use super::call::{opened, wide};
use super::file::{Id, status};
use super::user::Attributes;
use super::{AsHandle, Handle};

/// The time since some fixed moment in the past. This clock never goes backwards.
pub(crate) fn now() -> Duration {
    static FIRST: OnceLock<Instant> = OnceLock::new();
    FIRST.get_or_init(Instant::now).elapsed()
}

/// What a sleep needs of a region's file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place(Id);

impl Place {
    pub(crate) fn of(file: impl AsHandle) -> std::io::Result<Place> {
        Ok(Place(status(file)?.id))
    }
}

/// The sequence word on which threads sleep, and the count of its wake-ups.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bell<'a> {
    word: &'a AtomicU64,
    wakes: &'a AtomicU64,
    place: Place,
}

/// The sequence word of a region.
pub(crate) fn bell<'a>(word: &'a AtomicU64, wakes: impl FnOnce() -> &'a AtomicU64, place: Place) -> Bell<'a> {
    Bell { word, wakes: wakes(), place }
}

/// A word on which no thread sleeps.
pub(crate) fn no_bell(word: &AtomicU64) -> Bell<'_> {
    Bell { word, wakes: word, place: Place((0, 0)) }
}

impl Bell<'_> {
    /// The name of the event of a number of wake-ups, for all sessions of the machine.
    fn name(&self, wakes: u64) -> Vec<u16> {
        let (volume, file) = self.place.0;
        wide(format!("Global\\seqcopy-{volume:x}-{file:x}-{wakes:x}").as_ref())
    }
}

/// A sequence word, and the value that was seen there.
pub(crate) type Seen<'a> = (Bell<'a>, u64);

/// The maximum number of words on which a thread can sleep at once (`MAXIMUM_WAIT_OBJECTS`).
pub(crate) const MOST: usize = 64;

/// How often the word is loaded if the system refuses such a sleep.
pub(crate) const LOOK: Duration = Duration::from_millis(1);

/// Sleeps until any process calls [`wake`] for one of these words, of which there are at most [`MOST`]. It also returns
/// when the time is over, and may return for no reason. Returns at once if a word differs from what was seen.
pub(crate) fn sleep_on(words: &[Seen<'_>], time: Duration) {
    if !sleep_on_events(words, time) {
        std::thread::sleep(time.min(LOOK));
    }
}

/// Whether the system has put the thread to sleep, or this was not needed.
fn sleep_on_events(words: &[Seen<'_>], time: Duration) -> bool {
    let mut events: [Option<Handle>; MOST] = [const { None }; MOST];
    let mut counts = [0; MOST];
    for ((bell, _), (event, count)) in words.iter().zip(events.iter_mut().zip(&mut counts)) {
        *count = bell.wakes.load(Acquire);
        *event = event_of(bell, *count);
        if event.is_none() {
            return false;
        }
    }
    // With the barriers of the system's calls: no load below is earlier than they.
    fence(SeqCst);
    let is_same = |((bell, seen), count): (&Seen<'_>, &u64)| {
        bell.word.load(Relaxed) == *seen && bell.wakes.load(Relaxed) == *count
    };
    if !words.iter().zip(&counts).all(is_same) {
        return true;
    }
    let mut handles: [RawHandle; MOST] = [core::ptr::null_mut(); MOST];
    for (handle, event) in handles.iter_mut().zip(events.iter().flatten()) {
        *handle = event.as_raw_handle();
    }
    let count = u32::try_from(words.len()).unwrap_or(0);
    // Not for less than was asked for, and not forever.
    let time = u32::try_from(time.as_micros().div_ceil(1000)).map_or(u32::MAX - 1, |time| time.min(u32::MAX - 1));
    // SAFETY: as many open handles (I4 private).
    count > 0 && unsafe { WaitForMultipleObjects(count, handles.as_ptr(), 0, time) } != WAIT_FAILED
}

/// Creates the event, or opens it. `None` if the system refuses that.
fn event_of(bell: &Bell<'_>, count: u64) -> Option<Handle> {
    /// Everybody may set it, and wait for it: readers and writer may be different users.
    static ATTRIBUTES: OnceLock<Option<Attributes>> = OnceLock::new();
    let attributes = ATTRIBUTES.get_or_init(|| Attributes::new("D:(A;;0x100002;;;WD)").ok()).as_ref()?;
    let (name, given) = (bell.name(count), attributes.get());
    let access = SYNCHRONIZATION_SYNCHRONIZE | EVENT_MODIFY_STATE;
    // SAFETY: attributes that live, and a text with a zero at its end (I4 private).
    opened(unsafe { CreateEventExW(&raw const given, name.as_ptr(), CREATE_EVENT_MANUAL_RESET, access) }).ok()
}

/// Wakes every thread of every process that sleeps on this word.
pub(crate) fn wake(bell: Bell<'_>) {
    let count = bell.wakes.fetch_add(1, SeqCst);
    let name = bell.name(count);
    // SAFETY: a text with a zero at its end (I4 private).
    let Ok(event) = opened(unsafe { OpenEventW(EVENT_MODIFY_STATE, 0, name.as_ptr()) }) else { return };
    // SAFETY: an open handle (I4 private).
    let _ = unsafe { SetEvent(event.as_raw_handle()) };
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Longer than any round.
    const LONG: Duration = Duration::from_secs(20);

    /// Two threads wake one another. If a wake-up is lost, one of them sleeps until its time is over.
    #[test]
    fn no_wake_up_is_lost() {
        let [there, back, there_wakes, back_wakes] = [const { AtomicU64::new(0) }; 4];
        let id = u64::from(std::process::id());
        let there = Bell { word: &there, wakes: &there_wakes, place: Place((id, 1)) };
        let back = Bell { word: &back, wakes: &back_wakes, place: Place((id, 2)) };
        let wait = |bell: Bell<'_>, next: u64| loop {
            let seen = bell.word.load(Acquire);
            if seen == next {
                break;
            }
            let began = Instant::now();
            sleep_on(&[(bell, seen)], LONG);
            assert!(began.elapsed() < LONG, "round {next}");
        };
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for round in 1..=5000 {
                    wait(there, round);
                    back.word.store(round, SeqCst);
                    wake(back);
                }
            });
            for round in 1..=5000 {
                there.word.store(round, SeqCst);
                wake(there);
                wait(back, round);
            }
        });
    }

    #[test]
    fn one_of_many_words_wakes_and_time_ends_a_sleep() {
        let words = [const { AtomicU64::new(0) }; MOST];
        let bell = |at: usize| Bell { word: &words[at], wakes: &words[at], place: Place((7, at as u128)) };
        let seen: Vec<Seen<'_>> = (0..MOST).map(|at| (bell(at), 0)).collect();
        let began = Instant::now();
        sleep_on(&seen, Duration::from_millis(50));
        assert!(began.elapsed() >= Duration::from_millis(49), "{:?}", began.elapsed());
        std::thread::scope(|scope| {
            scope.spawn(|| sleep_on(&seen, LONG));
            std::thread::sleep(Duration::from_millis(50));
            wake(bell(MOST - 1));
        });
        // The event of the wake-up before stays set as long as a thread has it. It wakes no thread any more.
        let last = event_of(&bell(0), words[0].load(Acquire)).unwrap();
        wake(bell(0));
        let again = Instant::now();
        sleep_on(&[(bell(0), words[0].load(Acquire))], Duration::from_millis(50));
        assert!(again.elapsed() >= Duration::from_millis(49), "{:?}", again.elapsed());
        drop(last);
        // A word that differs ends it at once.
        sleep_on(&[(bell(0), 5)], LONG);
        assert!(began.elapsed() < LONG);
    }
}

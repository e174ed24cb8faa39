//! A clock that is read without a system call, as Linux's vDSO does it: a page with a sequence word in front of the
//! parameters by which readers turn a counter into a time.
//!
//! The system (here a thread) changes the parameters a thousand times a second, and slews the clock by changing its
//! rate. A reader loads the parameters and the counter under one word: with the parameters of one update and the
//! counter of another its time would jump. So the counter is read inside `try_read_with`, which drops it together with
//! parameters that a write overlapped.
//!
//! It checks that no reader sees the time go back, and prints what the readers saw.

use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use seqcopy::raw::Page;
use seqcopy::{ReadError, SeqCopy, Validate, seq_count::Parity};

/// The page, in the order of the vDSO's: the word is its first field.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Clock {
    #[seqcopy(word = Parity<u32>)]
    sequence: MaybeUninit<u32>,
    /// The shift of `mult`.
    shift: u32,
    /// Nanoseconds per count, times 2^shift.
    mult: u64,
    /// The counter at the last update.
    counter: u64,
    /// The time at the last update, in nanoseconds times 2^shift.
    base: u64,
}

impl Clock {
    /// The time, in nanoseconds times 2^shift.
    fn shifted(&self, counter: u64) -> u64 {
        self.base + (counter - self.counter) * self.mult
    }

    fn time(&self, counter: u64) -> Duration {
        Duration::from_nanos(self.shifted(counter) >> self.shift)
    }

    /// The same clock, from this count on with another rate.
    fn updated(&self, counter: u64, mult: u64) -> Clock {
        Clock { sequence: MaybeUninit::uninit(), shift: self.shift, mult, counter, base: self.shifted(counter) }
    }
}

/// What the processor counts.
fn counter(began: Instant) -> u64 {
    u64::try_from(began.elapsed().as_nanos()).expect("centuries")
}

/// The time, and how often it had to be read again.
fn now(page: Page<'_, Clock>, began: Instant) -> (Duration, u32) {
    let mut retries = 0;
    loop {
        match page.try_read_with(|_| counter(began)) {
            Ok((bits, counter, _)) => return (bits.validate().expect("numbers").time(counter), retries),
            Err(ReadError::Busy | ReadError::Torn) => retries += 1,
            Err(error) => panic!("{error}"),
        }
        std::hint::spin_loop();
    }
}

/// Runs the clock while `readers` threads read it `reads` times each; returns the last time, and the number of updates
/// and retries.
fn run(readers: u32, reads: u32) -> (Duration, u32, u32) {
    const SHIFT: u32 = 10;
    let began = Instant::now();
    let mut memory = Clock { sequence: MaybeUninit::new(0), shift: SHIFT, mult: 1 << SHIFT, counter: 0, base: 0 };
    // SAFETY: a local that outlives the threads, initialised, from here on accessed by this page only.
    let page = unsafe { Page::from_ptr(&raw mut memory) };
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..readers)
            .map(|_| {
                scope.spawn(|| {
                    let (mut last, mut retries) = (Duration::ZERO, 0);
                    for _ in 0..reads {
                        let (time, failed) = now(page, began);
                        assert!(time >= last, "back from {last:?} to {time:?}");
                        (last, retries) = (time, retries + failed);
                    }
                    (last, retries)
                })
            })
            .collect();
        let system = scope.spawn(|| {
            let mut updates = 0;
            // At least once, even if it gets a processor only after all reads.
            loop {
                let (bits, _) = page.try_read().expect("this is the only writer");
                let clock = bits.validate().expect("numbers");
                // A little faster, a little slower.
                let mult = (1 << SHIFT) + u64::from(updates % 9) - 4;
                // SAFETY: the only writer; a reader that sleeps for 2^31 updates would have to sleep for 24 days.
                unsafe { page.write(&clock.updated(counter(began), mult)) };
                updates += 1;
                if done.load(Relaxed) {
                    break;
                }
                std::thread::sleep(Duration::from_millis(1));
            }
            updates
        });
        let seen: Vec<_> =
            readers.into_iter().map(|reader| reader.join().expect("a clock that does not go back")).collect();
        done.store(true, Relaxed);
        let last = seen.iter().map(|(last, _)| *last).max().unwrap_or_default();
        (last, system.join().expect("a writer"), seen.iter().map(|(_, retries)| retries).sum())
    })
}

fn main() {
    let (time, updates, retries) = run(2, 1_000_000);
    println!("2 readers read the clock 1,000,000 times each: {updates} updates, {retries} retries, last time {time:?}");
}

#[test]
fn the_clock_does_not_go_back() {
    let (time, updates, _) = run(2, if cfg!(miri) { 20 } else { 20_000 });
    assert!(time > Duration::ZERO && updates > 0);
}

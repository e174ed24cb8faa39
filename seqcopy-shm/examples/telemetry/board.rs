//! [`Board`]: what publisher and readers share. A [`SeqLock`], a [`SeqLatch`], or, with `--no-check`, the parts of a
//! lock without its version check.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use seqcopy::{
    AtomicPerByte, SeqLatch, SeqLock,
    seq_count::{Parity, SeqCount},
};

use crate::payload::Telemetry;

/// The outcome of one read.
pub(crate) enum Outcome {
    /// A value that is not torn; when it was published.
    Whole { stamp: u64 },
    /// Fields of several writes.
    Torn,
    /// The run is over.
    Stopped,
}

pub(crate) trait Board: Sync {
    /// A function that publishes, for one thread; `None` if another thread has it.
    fn publisher(&self) -> Option<impl FnMut(&Telemetry)>;

    /// Reads a value; sets `retries` to the number of attempts that failed before.
    fn read(&self, stop: &AtomicBool, retries: &mut u32) -> Outcome;

    /// The current value, never torn.
    fn look(&self) -> Telemetry;
}

/// How many failed attempts a reader spins before it yields the CPU.
const SPINS: u32 = 64;

/// The locks have the same methods, so the same code works for each.
macro_rules! boards {
    ($($lock:ty)*) => {$(
        impl Board for $lock {
            fn publisher(&self) -> Option<impl FnMut(&Telemetry)> {
                let mut writer = self.writer()?;
                Some(move |value: &Telemetry| writer.write_from(value))
            }

            #[inline]
            fn read(&self, stop: &AtomicBool, retries: &mut u32) -> Outcome {
                let value = self.read_with(|attempt| {
                    *retries = attempt.number;
                    if stop.load(Ordering::Relaxed) {
                        return ControlFlow::Break(());
                    }
                    // A writer that was preempted in the middle of a write needs the CPU more than this reader.
                    if attempt.number < SPINS {
                        std::hint::spin_loop();
                    } else {
                        std::thread::yield_now();
                    }
                    ControlFlow::Continue(())
                });
                match value {
                    Ok(value) if value.is_consistent() => Outcome::Whole { stamp: value.stamp },
                    Ok(_) => Outcome::Torn,
                    Err(()) => Outcome::Stopped,
                }
            }

            fn look(&self) -> Telemetry {
                <$lock>::read(self)
            }
        }
    )*};
}

boards! { SeqLock<Telemetry> SeqLatch<Telemetry, 2> SeqLatch<Telemetry, 4> }

/// The parts of a [`SeqLock`], so that a reader can omit the version check.
pub(crate) struct Unchecked {
    count: SeqCount<Parity<u64>>,
    buffer: AtomicPerByte<Telemetry>,
    taken: AtomicBool,
}

impl Unchecked {
    pub(crate) fn new(value: &Telemetry) -> Self {
        Unchecked { count: SeqCount::new(0), buffer: AtomicPerByte::new(*value), taken: AtomicBool::new(false) }
    }
}

impl Board for Unchecked {
    fn publisher(&self) -> Option<impl FnMut(&Telemetry)> {
        if self.taken.swap(true, Ordering::Acquire) {
            return None;
        }
        Some(|value: &Telemetry| {
            // SAFETY: `taken` admits one publisher only, so there is no other writer; the closure stores the whole
            // value.
            unsafe { self.count.write(|| self.buffer.store(value)) };
        })
    }

    #[inline]
    fn read(&self, _stop: &AtomicBool, _retries: &mut u32) -> Outcome {
        // The mistake on display: `count` is not checked, so the bits may come from several writes. There is no
        // undefined behaviour all the same: every access is atomic, so there is no data race, and the result is not a
        // `Telemetry` until `validate` has found that each field by itself is valid.
        match self.buffer.load().validate() {
            Ok(value) if value.is_consistent() => Outcome::Whole { stamp: value.stamp },
            _ => Outcome::Torn,
        }
    }

    fn look(&self) -> Telemetry {
        loop {
            if let Ok((bits, _)) = self.count.try_read(|| self.buffer.load()) {
                return bits.validate().expect("the bits of one write are valid");
            }
            std::thread::yield_now();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::tests::value;

    /// Reads while another thread publishes; returns how many values were whole and torn.
    fn race(board: &impl Board) -> (u32, u32) {
        let (mut whole, mut torn) = (0, 0);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut publish = board.publisher().unwrap();
                assert!(board.publisher().is_none());
                let mut value = value();
                for sequence in 0..if cfg!(miri) { 20 } else { 100_000 } {
                    (value.sequence, value.stamp, value.fresh) = (sequence, sequence, !value.fresh);
                    value.seal();
                    publish(&value);
                }
            });
            for _ in 0..if cfg!(miri) { 20 } else { 100_000 } {
                match board.read(&AtomicBool::new(false), &mut 0) {
                    Outcome::Whole { .. } => whole += 1,
                    Outcome::Torn => torn += 1,
                    Outcome::Stopped => unreachable!("`stop` is never set"),
                }
            }
        });
        assert!(board.look().is_consistent());
        (whole, torn)
    }

    fn sealed() -> Telemetry {
        let mut value = value();
        value.seal();
        value
    }

    #[test]
    fn checked_reads_are_whole() {
        for (whole, torn) in [
            race(&SeqLock::new(sealed())),
            race(&SeqLatch::new(sealed())),
            race(&SeqLatch::<_, 4>::from_value(sealed())),
        ] {
            assert!(whole > 0);
            assert_eq!(torn, 0);
        }
    }

    /// How many are torn depends on the scheduler. What is tested is that Miri reports no undefined behaviour.
    #[test]
    fn unchecked_reads_are_defined() {
        let (whole, torn) = race(&Unchecked::new(&sealed()));
        assert!(whole + torn > 0);
    }
}

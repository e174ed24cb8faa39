//! [`Attempts`]: how long a bounded read goes on, and when it asks the system whether the writer still lives.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use super::ReadValueError;
use seqcopy::ReadError;

/// How many attempts the reads of a region make at most before they give up: 64 of them spinning, the others with a yield to the
/// scheduler in between. On a machine with nothing else to do they take some milliseconds. Where other processes want the
/// processor, [`TIME_LIMIT`] comes first.
///
/// ```
/// assert_eq!(seqcopy_shm::ATTEMPTS, 10_000);
/// ```
pub const ATTEMPTS: u32 = 10_000;

/// How long the reads of a region go on at most behind their first 64 attempts. With less time than that, make attempts of your
/// own ([`Reader::read_with`](super::Reader::read_with)), or read a latch.
///
/// It is looked at between attempts: one of them, and the time slice of each process that a yield lets go first, come on top.
///
/// ```
/// assert_eq!(seqcopy_shm::TIME_LIMIT.as_millis(), 250);
/// ```
pub const TIME_LIMIT: Duration = Duration::from_millis(250);

/// So many attempts take no time worth measuring. Then the first question is asked, before the first yield, which can take a
/// whole time slice.
const QUICK: u32 = 64;

/// The failed attempts of one read. A number or two, so that what counts them can stay in registers.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Attempts {
    failed: u32,
    /// When the quick ones had failed.
    began: Duration,
}

impl Attempts {
    /// One more has failed, for a reason that can pass: waits before the next, unless there is nothing to wait for or the bound is
    /// reached. `is_left_open` says whether a write was begun that no process will finish: a system call, so it is asked at
    /// the 64th attempt, whenever their number has doubled, and at the end.
    pub(crate) fn again(
        mut self,
        miss: ReadError,
        is_left_open: impl FnOnce() -> Result<bool, ReadValueError>,
    ) -> Result<Attempts, ReadValueError> {
        self.failed += 1;
        if self.failed == QUICK {
            self.began = now();
        }
        let is_late = self.failed > QUICK && now().saturating_sub(self.began) >= TIME_LIMIT;
        let is_over = is_late || self.failed >= ATTEMPTS;
        let is_time_to_ask = self.failed >= QUICK && self.failed.is_power_of_two();
        if (is_over || is_time_to_ask) && is_left_open()? {
            return Err(ReadValueError::WriterGone);
        }
        if is_over {
            return Err(miss.into());
        }
        if self.failed <= QUICK {
            std::hint::spin_loop();
        } else {
            std::thread::yield_now();
        }
        Ok(self)
    }
}

/// Since some moment in the past.
fn now() -> Duration {
    let now = clock_gettime(ClockId::Monotonic);
    #[allow(clippy::cast_sign_loss, clippy::cast_possible_truncation)] // this clock is never before its beginning
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUSY: ReadValueError = ReadValueError::NotConsistent(ReadError::Busy);

    /// Attempts until they end: how, how many failed, and at which of them the question was asked.
    fn all(gone_from: u32, slow: bool) -> (ReadValueError, u32, std::vec::Vec<u32>) {
        let (mut attempts, mut asked) = (Attempts::default(), std::vec::Vec::new());
        loop {
            let number = attempts.failed + 1;
            if slow && number > QUICK {
                std::thread::sleep(TIME_LIMIT / 3);
            }
            let ask = || {
                asked.push(number);
                Ok(number >= gone_from)
            };
            match attempts.again(ReadError::Busy, ask) {
                Ok(next) => attempts = next,
                Err(error) => return (error, number, asked),
            }
        }
    }

    #[test]
    fn a_writer_that_is_gone_is_noticed_before_the_first_yield_and_at_doublings() {
        assert_eq!(all(0, false), (ReadValueError::WriterGone, 64, std::vec![64]));
        let (error, number, asked) = all(QUICK + 1, true);
        // The time is up before the number of attempts has doubled.
        assert_eq!(error, ReadValueError::WriterGone);
        assert!((65..128).contains(&number), "{number}");
        assert_eq!(asked, [64, number]);
    }

    #[test]
    fn time_is_a_bound_as_well_as_attempts() {
        let began = std::time::Instant::now();
        let (error, number, asked) = all(u32::MAX, false);
        assert_eq!(error, BUSY);
        // On a busy machine the time is up first.
        assert!(number == ATTEMPTS || began.elapsed() >= TIME_LIMIT, "{number}");
        assert_eq!(asked.last(), Some(&number));
        assert!(asked[..asked.len() - 1].iter().all(|n| n.is_power_of_two()), "{asked:?}");
        let (error, number, _) = all(u32::MAX, true);
        assert_eq!(error, BUSY);
        assert!((QUICK + 3..=QUICK + 4).contains(&number), "{number}");
    }

    #[test]
    fn what_can_not_be_asked_is_an_error() {
        let at_the_end = Attempts { failed: ATTEMPTS - 1, began: now() };
        assert_eq!(
            at_the_end.again(ReadError::Torn, || Err(ReadValueError::CutOff)).unwrap_err(),
            ReadValueError::CutOff
        );
    }
}

//! A [`Source`] is how the bytes of a [`Region`](crate::Region) are read. [`Attempts`] limits a read, and decides when
//! it asks the system whether the writer is still alive.

mod mapped;
mod unmapped;

use std::time::Duration;

use crate::error::{Error, ReadValueError};
use crate::life::Inspected;
use crate::sys::Handle;
use crate::sys::process::Identity;
use crate::sys::wait::now;
use seqcopy::{ReadError, Version};

pub use crate::value::source::unmapped::Unmapped;
pub use mapped::Mapped;
pub(crate) use mapped::{How, Own};

/// The most attempts that a read of a region makes before it fails. The first 64 spin, the others yield to the
/// scheduler in between.
///
/// All of them take a few milliseconds on an idle machine; on a loaded machine [`TIME_LIMIT`] is reached first.
///
/// ```
/// assert_eq!(seqcopy_shm::ATTEMPTS, 10_000);
/// ```
pub const ATTEMPTS: u32 = 10_000;

/// The longest time that a read of a region goes on retrying after its first 64 attempts. For a tighter bound use
/// [`Reader::read_with`](crate::Reader::read_with), or a latch.
///
/// The clock is checked between attempts, so one more attempt, and the time slice of each process that a yield runs
/// first, come on top.
///
/// ```
/// assert_eq!(seqcopy_shm::TIME_LIMIT.as_millis(), 250);
/// ```
pub const TIME_LIMIT: Duration = Duration::from_millis(250);

/// The first attempts take almost no time. After this many, the system is asked for the first time. That is before the
/// first yield, which can take a whole time slice.
const QUICK: u32 = 64;

/// The failed attempts of one read. These are small numbers, so that they can stay in registers.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Attempts {
    failed: u32,
    /// When the first [`QUICK`] attempts had failed.
    began: Duration,
}

impl Attempts {
    /// Records a failed attempt, and waits before the next one. Fails if the limit is reached, or if no process will
    /// finish the write. `is_left_open` finds that with a system call, so it is called at the 64th attempt, each time
    /// that the number of attempts has doubled, and at the end.
    pub(crate) fn retry(
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

/// How a region is read: [`Mapped`], which is the default everywhere, or as a [`Unmapped`], by system calls. There is
/// no other.
///
/// | | [`Mapped`] | [`Unmapped`] |
/// |---|---|---|
/// | a read | nanoseconds | three system calls |
/// | the file is truncated | kills the process with SIGBUS, or an error ([`survive_truncation`](crate::survive_truncation)) | an error |
/// | of any type | [`Region::open`] | [`Region::open_file`] |
/// | of a type | [`Reader`](crate::Reader), [`MapReader`](crate::MapReader) | [`FileReader`](crate::FileReader), [`FileMap`](crate::untyped::FileMap) |
///
/// [`Region::open`]: crate::Region::open
/// [`Region::open_file`]: crate::Region::open_file
pub trait Source: Access {
    /// The result of methods that fail only if the file was truncated: `R` for [`Mapped`], and `Result<R,
    /// ReadValueError>` for [`Unmapped`].
    type Answer<R>;

    #[doc(hidden)]
    fn answer<R>(result: Result<R, Self::Failure>) -> Self::Answer<R>;
}

/// What regions ask of their source. Public, because [`Source`] is; not named outside, so no other crate can implement
/// it.
pub trait Access: Sized + 'static {
    /// Why a query of the region's words has no answer.
    type Failure: Into<ReadValueError>;
    /// Whether the file is mapped, so that truncating it takes pages away from its readers.
    const IS_MAPPED: bool;

    /// Makes a source from an inspected file.
    fn from_file(file: Handle, inspected: Inspected) -> Result<Self, Error>;

    fn file(&self) -> &Handle;

    fn inspected(&self) -> &Inspected;

    /// Whether the file has the lock of the region's writer.
    fn is_held(&self) -> bool {
        false
    }

    /// The version of the newest value.
    fn version(&self) -> Result<Version, Self::Failure>;

    fn is_closed(&self) -> Result<bool, Self::Failure>;

    /// The last writer, and the number of writers so far. These are hints.
    fn writer(&self) -> Result<(Identity, u64), Self::Failure>;

    /// A copy of the value as bytes.
    fn read_bytes(&self) -> Result<(Vec<u8>, Version), ReadValueError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUSY: ReadValueError = ReadValueError::NoValue(ReadError::Busy);

    /// Makes attempts until they end. Returns the error, the number of failures, and the attempts at which the system
    /// was asked.
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
            match attempts.retry(ReadError::Busy, ask) {
                Ok(next) => attempts = next,
                Err(error) => return (error, number, asked),
            }
        }
    }

    #[test]
    fn a_writer_that_is_gone_is_noticed_before_the_first_yield_and_at_doublings() {
        assert_eq!(all(0, false), (ReadValueError::WriterGone, 64, std::vec![64]));
        let (error, number, asked) = all(QUICK + 1, true);
        // The time is over before the number of attempts has doubled.
        assert_eq!(error, ReadValueError::WriterGone);
        assert!((65..128).contains(&number), "{number}");
        assert_eq!(asked, [64, number]);
    }

    #[test]
    fn time_is_a_bound_as_well_as_attempts() {
        let began = std::time::Instant::now();
        let (error, number, asked) = all(u32::MAX, false);
        assert_eq!(error, BUSY);
        // On a busy machine the time is over first.
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
            at_the_end.retry(ReadError::Torn, || Err(ReadValueError::Truncated)).unwrap_err(),
            ReadValueError::Truncated
        );
    }
}

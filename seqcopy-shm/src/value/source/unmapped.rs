//! [`Unmapped`] reads a region with system calls.

use core::mem::MaybeUninit;
use std::io::Result as IoResult;

use crate::error::{Error, ReadValueError};
use crate::life::{self, Inspected, bytes_at, read_exact_at, read_exact_into};
use crate::mapping::{Control, State};
use crate::sys::Handle;
use crate::sys::process::Identity;
use crate::value::source::{Access, Attempts, Source};
use seqcopy::seq_count::{accepts, read_by};
use seqcopy::{ReadError, Version};

/// The [`Source`] of regions that are read by system calls and never mapped: for files whose owner might truncate them,
/// and for tools that open files of other users. Truncating a mapped file kills its readers with SIGBUS; a file that is
/// only *read* gives [`ReadValueError::Truncated`].
///
/// An attempt at a value makes three system calls, and takes microseconds instead of nanoseconds. Each method that
/// looks at the region can fail, so those that return an `R` of a mapped region return a `Result<R, ReadValueError>`
/// here ([`Answer`](Source::Answer)). With the type a [`FileReader`](crate::FileReader) reads values.
///
/// ```
/// use seqcopy_shm::{self as shm, Region, Writer};
/// # let path = shm::path_for(&format!("seqcopy-doc-file-{}", std::process::id()));
/// let mut writer = Writer::<u64>::create(&path)?;
/// writer.write(5).unwrap();
///
/// let region = Region::open_file(&path)?;
/// let (bytes, version) = region.read_bytes().unwrap();
/// assert_eq!((bytes, Ok(version)), (5u64.to_ne_bytes().to_vec(), region.version()));
/// # writer.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
#[derive(Debug)]
pub struct Unmapped {
    file: Handle,
    inspected: Inspected,
    /// The word when the region was opened. A region that is a copy of another one begins with the newest value of the
    /// other one, and has no earlier values.
    first: u64,
}

impl Source for Unmapped {
    type Answer<R> = Result<R, ReadValueError>;

    fn answer<R>(result: Result<R, ReadValueError>) -> Result<R, ReadValueError> {
        result
    }
}

impl Unmapped {
    /// Attempts one read. `read` reads parts of the buffer.
    pub(crate) fn attempt_at(
        &self,
        read: impl FnOnce(&Buffer<'_>) -> Result<(), ReadValueError>,
    ) -> Result<Version, ReadValueError> {
        self.attempt_of(None, read)
    }

    /// Attempts once to read the newest value or, with a version, an earlier one. That succeeds as long as a read that
    /// began when it was the newest would be accepted.
    #[inline]
    fn attempt_of(
        &self,
        version: Option<Version>,
        read: impl FnOnce(&Buffer<'_>) -> Result<(), ReadValueError>,
    ) -> Result<Version, ReadValueError> {
        let layout = &self.inspected.header.layout;
        let buffers = u64::from(layout.buffers);
        // The bytes that one system call copies must precede the bytes of the next call, in the processor, too.
        let ((), before) = read_by(
            || self.begin(version),
            |&before| {
                let buffer = before & (buffers - 1);
                let start = layout.buffer_layout.offset as u64 + buffer * layout.buffer_layout.stride as u64;
                read(&Buffer { file: self, before, start })
            },
            || self.word(),
            |&before, after| accepts(before, after, buffers),
        )?;
        Ok(self.number_of(before))
    }

    /// The word of the newest value, or of that version.
    fn begin(&self, version: Option<Version>) -> Result<u64, ReadValueError> {
        let newest = self.word()?;
        if newest == 0 {
            return Err(if self.is_closed()? { ReadValueError::Closed } else { ReadError::Empty.into() });
        }
        if newest & self.busy() != 0 {
            return Err(ReadError::Busy.into());
        }
        let Some(version) = version else { return Ok(newest) };
        let before = version.to_bits() << self.busy();
        let is_known = before == newest || newest.wrapping_sub(before) < newest.wrapping_sub(self.first);
        let buffers = u64::from(self.inspected.header.layout.buffers);
        if is_known && self.number_of(before) == version && accepts(before, newest, buffers) {
            Ok(before)
        } else {
            Err(ReadError::Torn.into())
        }
    }

    /// The bytes of the value of this version, if it is still there.
    pub(crate) fn bytes_of(&self, version: Version) -> Result<Option<Vec<u8>>, ReadValueError> {
        let mut bytes = vec![0; self.inspected.header.payload_size()];
        match self.attempt_of(Some(version), |buffer| buffer.read(&mut bytes, 0)) {
            Err(ReadValueError::NoValue(_)) => Ok(None),
            result => result.map(|_| Some(bytes)),
        }
    }

    /// Whether a write is in progress that no process will finish, because the writer lock is free.
    fn is_left_open(&self) -> Result<bool, ReadValueError> {
        let word = self.word()?;
        Ok(word & self.busy() != 0 && life::is_free(&self.file) && self.word()? == word)
    }

    /// The bit that marks a write in progress: 1 for a single buffer, none for a latch. It is also how far the word is
    /// shifted to get the number of the value.
    fn busy(&self) -> u64 {
        u64::from(self.inspected.header.layout.buffers == 1)
    }

    fn number_of(&self, word: u64) -> Version {
        Version::from_bits(word >> self.busy())
    }

    fn word(&self) -> Result<u64, ReadValueError> {
        self.number(Control::WORD)
    }

    fn number(&self, at: usize) -> Result<u64, ReadValueError> {
        self.bytes(at).map(u64::from_ne_bytes)
    }

    fn bytes<const N: usize>(&self, at: usize) -> Result<[u8; N], ReadValueError> {
        truncated(bytes_at(&self.file, at as u64))
    }
}

impl Access for Unmapped {
    type Failure = ReadValueError;
    const IS_MAPPED: bool = false;

    fn from_file(file: Handle, inspected: Inspected) -> Result<Self, Error> {
        let opened = Unmapped { file, inspected, first: 0 };
        // Nothing is read of a file that is truncated meanwhile.
        let first = opened.word().unwrap_or(u64::MAX);
        Ok(Unmapped { first, ..opened })
    }

    fn file(&self) -> &Handle {
        &self.file
    }

    fn inspected(&self) -> &Inspected {
        &self.inspected
    }

    fn version(&self) -> Result<Version, ReadValueError> {
        Ok(self.number_of(self.word()?))
    }

    fn is_closed(&self) -> Result<bool, ReadValueError> {
        Ok(State::is_closed(u32::from_ne_bytes(self.bytes(Control::STATE)?), self.word()?))
    }

    fn writer(&self) -> Result<(Identity, u64), ReadValueError> {
        let pid = u32::from_ne_bytes(self.bytes(Control::WRITER)?);
        let (began, space) = (self.number(Control::WRITER_BEGAN)?, self.number(Control::WRITER_SPACE)?);
        Ok((Identity { pid, began, space }, self.number(Control::WRITERS)?))
    }

    fn read_bytes(&self) -> Result<(Vec<u8>, Version), ReadValueError> {
        let mut bytes = vec![0; self.inspected.header.payload_size()];
        let version = self.repeat(|| self.attempt_at(|buffer| buffer.read(&mut bytes, 0)))?;
        Ok((bytes, version))
    }
}

impl Unmapped {
    /// Attempts reads until one succeeds or the limit is reached.
    pub(crate) fn repeat<R>(
        &self,
        mut attempt: impl FnMut() -> Result<R, ReadValueError>,
    ) -> Result<R, ReadValueError> {
        let mut attempts = Attempts::default();
        loop {
            match attempt() {
                Err(ReadValueError::NoValue(miss @ (ReadError::Busy | ReadError::Torn))) => {
                    attempts = attempts.retry(miss, || self.is_left_open())?;
                }
                result => return result,
            }
        }
    }
}

/// The buffer with a value, during an attempt.
pub(crate) struct Buffer<'f> {
    file: &'f Unmapped,
    /// The word that names it.
    before: u64,
    /// Its offset in the file.
    start: u64,
}

impl Buffer<'_> {
    /// Reads bytes of the buffer, from this offset on.
    pub(crate) fn read(&self, to: &mut [u8], offset: u64) -> Result<(), ReadValueError> {
        truncated(read_exact_at(&self.file.file, to, self.start + offset))
    }

    /// Does the same as [`read`](Self::read), for bytes that are not yet initialised.
    pub(crate) fn read_into(&self, to: &mut [MaybeUninit<u8>], offset: u64) -> Result<(), ReadValueError> {
        truncated(read_exact_into(&self.file.file, to, self.start + offset))
    }

    /// Whether everything that was read so far belongs to one write. For long reads.
    pub(crate) fn check_not_torn(&self) -> Result<(), ReadValueError> {
        let buffers = u64::from(self.file.inspected.header.layout.buffers);
        read_by(|| Ok(self.before), |_| Ok(()), || self.file.word(), |&before, after| accepts(before, after, buffers))?;
        Ok(())
    }
}

/// A file that was inspected can't be read for no other reason.
fn truncated<R>(read: IoResult<R>) -> Result<R, ReadValueError> {
    read.map_err(|_| ReadValueError::Truncated)
}

#[cfg(all(test, target_os = "linux", not(miri)))]
mod tests {
    use super::*;
    use crate::handle::Options;
    use crate::handle::Region;
    use crate::path_for;

    /// The protocol of `buffers.rs`, with a system call for each access.
    #[test]
    fn a_read_that_writes_overlap_is_torn() {
        for number in [1u32, 2, 4] {
            let path = path_for(&std::format!("seqcopy-test-overlap-{number}-{}", std::process::id()));
            let mut writer = Options::new().buffers(number).create::<[u64; 3]>(&path).unwrap();
            let mut last = 0;
            let mut write = || {
                last += 1;
                writer.write([last; 3]).unwrap();
            };
            write();
            let region = Region::open_file(&path).unwrap();
            for writes in 0..=number {
                let before = region.version().unwrap();
                let mut bytes = [0; 24];
                let read = region.source.attempt_at(|buffer| {
                    (0..writes / 2).for_each(|_| write());
                    buffer.read(&mut bytes, 0)?;
                    (writes / 2..writes).for_each(|_| write());
                    Ok(())
                });
                let is_whole = writes == 0 || writes + 2 <= number;
                assert_eq!(
                    read,
                    if is_whole { Ok(before) } else { Err(ReadError::Torn.into()) },
                    "{writes} of {number}"
                );
                assert!(
                    !is_whole || bytes == [before.to_bits().to_ne_bytes(); 3].concat()[..],
                    "not the value of {before:?}"
                );
            }
            writer.close().unwrap();
        }
    }

    /// For each number of buffers, after each number of values: which versions can still be read, and their values.
    #[test]
    fn earlier_values_are_there_as_long_as_no_write_may_be_over_them() {
        for buffers in [1u32, 2, 4, 8] {
            let path = path_for(&std::format!("seqcopy-test-earlier-{buffers}-{}", std::process::id()));
            let mut writer = Options::new().buffers(buffers).create::<[u64; 3]>(&path).unwrap();
            let value = |number: u64| [number; 3].map(u64::to_ne_bytes).concat();
            let region = Region::open_file(&path).unwrap();
            for newest in 0..20 {
                if newest > 0 {
                    writer.write([newest; 3]).unwrap();
                }
                let of_late = Region::open_file(&path).unwrap();
                let kept = u64::from(buffers - 1).max(1);
                for number in (0..25).chain([1 << 63 | newest, u64::MAX]) {
                    let read = |region: &Region<Unmapped>| region.read_bytes_of(Version::from_bits(number)).unwrap();
                    let is_there = number != 0 && number <= newest && number + kept > newest;
                    assert_eq!(read(&region), is_there.then(|| value(number)), "{number} of {newest}, {buffers}");
                    let is_newest = number != 0 && number == newest;
                    assert_eq!(read(&of_late), is_newest.then(|| value(number)), "{number} of {newest}, {buffers}");
                }
            }
            // A value that is overwritten during the read can't be read.
            let earliest = 19 - u64::from(buffers.saturating_sub(2));
            let mut bytes = [0; 24];
            let read = region.source.attempt_of(Some(Version::from_bits(earliest)), |buffer| {
                buffer.read(&mut bytes, 0)?;
                writer.write([20; 3]).unwrap();
                Ok(())
            });
            assert_eq!(read, Err(ReadError::Torn.into()), "{buffers}");
            writer.close().unwrap();
            assert_eq!(region.read_bytes_of(Version::from_bits(20)), Err(ReadValueError::Closed));
        }
    }
}

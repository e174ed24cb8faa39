//! [`FileRegion`]: a region of any type, read by system calls, without mapping it. For tools.

use core::mem::MaybeUninit;
use std::fmt;
use std::io::Result as IoResult;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use super::WriterState;
use super::attempts::Attempts;
use super::header::FORMAT;
use super::header::{Control, State};
use super::inspect::{Inspected, read_exact_at, read_exact_into};
use super::location;
use super::open_policy::OpenPolicy;
use super::process::Identity;
use super::writer_lock;
use super::{Bytes, Error, Header, ReadValueError, Schema, Uid};
use seqcopy::seq_count::accepts;
use seqcopy::{ParitySkipZero, ReadError, SeqCode, State as Word};
use std::sync::atomic::{Ordering::Acquire, fence};

/// A region of any type, read by system calls.
///
/// It is to [`Region`](super::Region) what [`FileReader`](super::FileReader) is to [`Reader`](super::Reader): a file that is
/// truncated while it is read gives an error, where a mapping of it would kill the process with SIGBUS. For tools that open files of
/// other users; each read makes three system calls.
///
/// ```
/// use seqcopy_shm::{self as shm, FileRegion, Writer};
/// # let path = shm::path_for(&format!("seqcopy-doc-file-region-{}", std::process::id()));
/// let mut writer = Writer::<[u16; 2]>::create(&path)?;
/// writer.write([1, 2]).unwrap();
///
/// let region = FileRegion::open(&path)?;
/// let value = region.read_bytes().unwrap();
/// assert_eq!((value.version, value.bytes), (1, [1u16.to_ne_bytes(), 2u16.to_ne_bytes()].concat()));
/// # writer.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
pub struct FileRegion {
    file: OwnedFd,
    header: Header,
    schema: Schema,
    uid: Uid,
    /// Whether it was closed when it was opened.
    pub(super) was_closed: bool,
    /// Where it was opened, if by a path that can be looked at again.
    path: Option<PathBuf>,
}

impl FileRegion {
    /// Opens a region by its path.
    ///
    /// # Errors
    /// As for [`Region::open`](super::Region::open).
    ///
    /// ```
    /// # use seqcopy_shm::FileRegion;
    /// assert!(FileRegion::open("/dev/shm/there is no such region").is_err());
    /// ```
    pub fn open(path: impl AsRef<Path>) -> Result<FileRegion, Error> {
        Self::open_by(path.as_ref(), OpenPolicy::default()).map_err(|error| error.at(path.as_ref()))
    }

    pub(super) fn open_by(path: &Path, policy: OpenPolicy) -> Result<FileRegion, Error> {
        Self::open_format(path, policy, &[FORMAT])
    }

    /// One of these formats. One that has a map is not handed to users as a `FileRegion`, whose methods copy a value.
    pub(crate) fn open_format(path: &Path, policy: OpenPolicy, formats: &'static [u32]) -> Result<FileRegion, Error> {
        Ok(FileRegion { path: location::kept(path), ..Self::of_format(policy.open(path, false)?, formats)? })
    }

    #[cfg(target_os = "linux")] // `FileReader::from_fd`
    pub(super) fn of(file: OwnedFd) -> Result<FileRegion, Error> {
        Self::of_format(file, &[FORMAT])
    }

    fn of_format(file: OwnedFd, formats: &'static [u32]) -> Result<FileRegion, Error> {
        let Inspected { header, schema, is_closed, uid } = Inspected::of(&file, formats)?;
        Ok(FileRegion { file, header, schema, uid, was_closed: is_closed, path: None })
    }

    /// The owner of its file: the user that created it and may write it. [`Options::require_owner`](super::Options::require_owner)
    /// refuses files of other users.
    #[must_use]
    pub fn owner(&self) -> Uid {
        self.uid
    }

    /// The header: a copy that was checked when the region was opened.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The type of its values.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// A copy of the value as bytes, not validated. Padding is copied as it is.
    ///
    /// Check [`Header::payload_size`] first: a region of another user may claim more than there is memory for.
    ///
    /// # Errors
    /// After [`ATTEMPTS`](super::ATTEMPTS) attempts or [`TIME_LIMIT`](super::TIME_LIMIT); at once if retrying can't help.
    pub fn read_bytes(&self) -> Result<Bytes, ReadValueError> {
        let mut bytes = std::vec![0; self.header.payload_size()];
        let version = self.repeat(|| self.attempt(|at| read_exact_at(&self.file, &mut bytes, at)))?;
        Ok(Bytes { version, bytes })
    }

    /// Attempts until one succeeds or the bound is reached.
    pub(crate) fn repeat<R>(
        &self,
        mut attempt: impl FnMut() -> Result<R, ReadValueError>,
    ) -> Result<R, ReadValueError> {
        let mut attempts = Attempts::default();
        loop {
            match attempt() {
                Err(ReadValueError::NotConsistent(miss @ (ReadError::Busy | ReadError::Torn))) => {
                    attempts = attempts.again(miss, || self.is_left_open())?;
                }
                result => return result,
            }
        }
    }

    /// One attempt to fill `bytes`, which are as many as a value has. If it succeeds, all of them are written.
    pub(super) fn attempt_into(&self, bytes: &mut [MaybeUninit<u8>]) -> Result<u64, ReadValueError> {
        self.attempt(|at| read_exact_into(&self.file, bytes, at))
    }

    /// One attempt: `read` reads from the offset that it gets.
    fn attempt(&self, read: impl FnOnce(u64) -> IoResult<()>) -> Result<u64, ReadValueError> {
        self.attempt_at(|buffer| read(buffer.start).map_err(|_| ReadValueError::CutOff))
    }

    /// One attempt: `read` reads parts of the buffer that it gets.
    pub(crate) fn attempt_at(
        &self,
        read: impl FnOnce(&Buffer<'_>) -> Result<(), ReadValueError>,
    ) -> Result<u64, ReadValueError> {
        let layout = &self.header.layout;
        let before = self.word()?;
        // Orders what the system copied in one call before what it copies in the next, on the processor as well.
        fence(Acquire);
        let buffers = u64::from(layout.buffers);
        let buffer = match buffers {
            _ if before == 0 => {
                return Err(if self.is_closed()? { ReadValueError::Closed } else { ReadError::Empty.into() });
            }
            1 if is_odd(before) => return Err(ReadError::Busy.into()),
            _ => before & (buffers - 1),
        };
        let start = layout.buffer_layout.offset as u64 + buffer * layout.buffer_layout.stride as u64;
        let buffer = Buffer { region: self, before, start };
        read(&buffer)?;
        buffer.check()?;
        Ok(self.number_of(before))
    }

    /// Whether a write is in progress that no process will finish: the writer lock is free meanwhile.
    fn is_left_open(&self) -> Result<bool, ReadValueError> {
        let word = self.word()?;
        let is_open = self.header.layout.buffers == 1 && is_odd(word);
        Ok(is_open && writer_lock::is_free(&self.file) && self.word()? == word)
    }

    /// How many values have been published.
    ///
    /// # Errors
    /// If the file was truncated.
    pub fn version(&self) -> Result<u64, ReadValueError> {
        Ok(self.number_of(self.word()?))
    }

    /// The number of a value from the word, which counts by two if there is a single buffer.
    fn number_of(&self, word: u64) -> u64 {
        word >> u32::from(self.header.layout.buffers == 1)
    }

    /// Whether the writer closed it.
    ///
    /// # Errors
    /// If the file was truncated.
    pub fn is_closed(&self) -> Result<bool, ReadValueError> {
        Ok(State::is_closed(self.number32(Control::STATE)?, self.word()?))
    }

    /// Whether the path by which it was opened leads to it no more: see [`Region::is_removed`](super::Region::is_removed).
    #[must_use]
    pub fn is_removed(&self) -> bool {
        location::is_removed(&self.file, self.path.as_deref())
    }

    /// Whether the region has a writer.
    ///
    /// # Errors
    /// If the file was truncated.
    pub fn writer_state(&self) -> Result<WriterState, ReadValueError> {
        let known = self.writer()?;
        // Called more than once: if it can't be read any more, the first answer stands.
        Ok(writer_lock::state(&self.file, || self.writer().unwrap_or(known)))
    }

    /// The last writer, and how many there were: hints.
    fn writer(&self) -> Result<(Identity, u64), ReadValueError> {
        let pid = self.number32(Control::WRITER)?;
        let (began, space) = (self.number(Control::WRITER_BEGAN)?, self.number(Control::WRITER_SPACE)?);
        Ok((Identity { pid, began, space }, self.number(Control::WRITERS)?))
    }

    fn word(&self) -> Result<u64, ReadValueError> {
        self.number(Control::WORD)
    }

    fn number(&self, at: usize) -> Result<u64, ReadValueError> {
        let mut bytes = [0; 8];
        self.fill(&mut bytes, at as u64)?;
        Ok(u64::from_ne_bytes(bytes))
    }

    fn number32(&self, at: usize) -> Result<u32, ReadValueError> {
        let mut bytes = [0; 4];
        self.fill(&mut bytes, at as u64)?;
        Ok(u32::from_ne_bytes(bytes))
    }

    fn fill(&self, bytes: &mut [u8], at: u64) -> Result<(), ReadValueError> {
        read_exact_at(&self.file, bytes, at).map_err(|_| ReadValueError::CutOff)
    }
}

/// The buffer with a value, during an attempt.
pub(crate) struct Buffer<'r> {
    region: &'r FileRegion,
    /// The word that names it.
    before: u64,
    /// Where it lies in the file.
    start: u64,
}

impl Buffer<'_> {
    /// Reads bytes from that offset in the buffer on.
    pub(crate) fn read(&self, to: &mut [u8], offset: u64) -> Result<(), ReadValueError> {
        self.region.fill(to, self.start + offset)
    }

    /// Whether what was read is consistent.
    pub(crate) fn check(&self) -> Result<(), ReadValueError> {
        fence(Acquire);
        let buffers = u64::from(self.region.header.layout.buffers);
        if accepts(self.before, self.region.word()?, buffers) { Ok(()) } else { Err(ReadError::Torn.into()) }
    }
}

/// Whether the word of a single buffer marks a write in progress.
fn is_odd(word: u64) -> bool {
    matches!(ParitySkipZero::<u64>::state(word), Word::Busy)
}

impl fmt::Debug for FileRegion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileRegion").field("header", &self.header).finish_non_exhaustive()
    }
}

#[cfg(all(test, target_os = "linux", not(miri)))]
mod tests {
    use super::*;
    use crate::{Options, path_for};

    /// As in `buffers.rs`, where each look is a system call.
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
            let region = FileRegion::open(&path).unwrap();
            for writes in 0..=number {
                let before = region.version().unwrap();
                let mut bytes = [0; 24];
                let read = region.attempt_at(|buffer| {
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
                assert!(!is_whole || bytes == [before.to_ne_bytes(); 3].concat()[..], "not the value of {before}");
            }
            writer.close().unwrap();
        }
    }
}

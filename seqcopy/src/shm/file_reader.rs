//! [`FileReader`]: a region read by system calls, without mapping it.

use core::marker::PhantomData;
use core::mem::MaybeUninit;
use std::fmt;
use std::fs::File;
use std::io::ErrorKind as IoKind;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::header::{Control, HEADER_BYTES, Plan, RawHeader, State};
use super::map::LEAST;
use super::reader::{check, validated};
use super::region::agree;
use super::{ATTEMPTS, Error, ErrorKind, Header, HeaderError, ReadError, Schema, owner};
use crate::primitive::{Acquire, fence, wait};
use crate::{ReadError as Miss, SeqCode, State as Word, Validate};

/// Reads a region of a process that is not to be trusted with this one's life: a file that is made shorter while it is mapped
/// ends its readers by SIGBUS, and nothing can be done about it; a file that is only *read* gives an error.
///
/// Each attempt takes three system calls, some microseconds instead of nanoseconds.
///
/// ```
/// use seqcopy::shm::{self, FileReader, Writer};
/// # let path = shm::named(&format!("seqcopy-doc-file-reader-{}", std::process::id()));
/// let mut writer = Writer::<u64>::create(&path)?;
/// writer.write(5).unwrap();
/// let reader = FileReader::<u64>::open(&path)?;
/// assert_eq!(reader.read(), Ok(5));
/// # writer.close();
/// # Ok::<(), shm::Error>(())
/// ```
pub struct FileReader<T> {
    file: File,
    plan: Plan,
    values: PhantomData<fn() -> T>,
}

impl<T: Validate + 'static> FileReader<T> {
    /// Opens a region by its path.
    ///
    /// # Errors
    /// As for [`Reader::open`](super::Reader::open).
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let open = || {
            let file = File::from(owner::open(path.as_ref(), false)?);
            let meta = file.metadata().map_err(super::error::io("looking at it"))?;
            if !meta.is_file() {
                return Err(ErrorKind::NoFile.into());
            }
            if meta.len() < LEAST as u64 {
                let expected = std::format!("at least {LEAST}");
                return Err(HeaderError::new("length of the file", expected, meta.len()).into());
            }
            let read = super::error::io::<std::io::Error>;
            let mut raw = [0; HEADER_BYTES];
            file.read_exact_at(&mut raw, 0).map_err(read("reading its header"))?;
            let header = Header::check(&RawHeader::from_bytes(&raw), meta.len())?;
            let mut schema = std::vec![0; header.plan.schema_len];
            file.read_exact_at(&mut schema, header.schema_offset()).map_err(read("reading its schema"))?;
            let schema = Schema::decode(&schema)?;
            let mut state = [0; 4];
            file.read_exact_at(&mut state, header.state_offset()).map_err(read("reading its state"))?;
            let state = u32::from_ne_bytes(state);
            agree(&header, &schema, state)?;
            check::<T>(&schema)?;
            if state == State::CLOSED {
                return Err(ErrorKind::Closed.into());
            }
            Ok(FileReader { file, plan: header.plan, values: PhantomData })
        };
        open().map_err(|error: Error| error.at(path.as_ref()))
    }

    /// The value. Up to [`ATTEMPTS`] attempts.
    ///
    /// # Errors
    /// If none of them found a value at rest, if there is none, if it is not valid, or if the file was made shorter.
    pub fn read(&self) -> Result<T, ReadError> {
        let mut failed = 0;
        loop {
            match self.try_read() {
                Err(ReadError::NotConsistent(Miss::Busy | Miss::Torn)) if failed + 1 < ATTEMPTS => failed += 1,
                Err(ReadError::NotConsistent(Miss::Busy)) if self.is_left_open()? => return Err(ReadError::WriterGone),
                result => return result,
            }
            wait(failed);
        }
    }

    /// Whether a write is open that nobody will finish: nobody has the lock, and still it is open.
    fn is_left_open(&self) -> Result<bool, ReadError> {
        let is_free = owner::is_free(&self.file);
        let word = self.number(Control::WORD)?;
        Ok(is_free && matches!(crate::ParitySkipZero::<u64>::state(word), Word::Busy))
    }

    /// One attempt.
    ///
    /// # Errors
    /// As for [`read`](Self::read).
    pub fn try_read(&self) -> Result<T, ReadError> {
        let before = self.number(Control::WORD)?;
        // What the system copied for us in one call is ordered before what it copies in the next, on the processor as well.
        fence(Acquire);
        let cells = u64::from(self.plan.cells);
        let (cell, last) = if cells == 1 {
            match crate::ParitySkipZero::<u64>::state(before) {
                Word::Stable => (0, before),
                Word::Empty => return Err(self.nothing()?),
                Word::Busy => return Err(Miss::Busy.into()),
            }
        } else if before == 0 {
            return Err(self.nothing()?);
        } else {
            (before & (cells - 1), before.wrapping_add(cells - 2))
        };
        let mut room = MaybeUninit::<T>::zeroed();
        let start = self.plan.place.offset as u64 + cell * self.plan.place.stride as u64;
        // SAFETY: the room's own bytes, which are zeros (P8).
        let bytes = unsafe { core::slice::from_raw_parts_mut(room.as_mut_ptr().cast::<u8>(), size_of::<T>()) };
        self.fill(bytes, start)?;
        fence(Acquire);
        let after = self.number(Control::WORD)?;
        if after.wrapping_sub(before) > last.wrapping_sub(before) {
            return Err(Miss::Torn.into());
        }
        validated(room)
    }

    /// Why there is no value.
    fn nothing(&self) -> Result<ReadError, ReadError> {
        let mut state = [0; 4];
        self.fill(&mut state, Control::STATE as u64)?;
        let is_closed = u32::from_ne_bytes(state) == State::CLOSED;
        Ok(if is_closed { ReadError::Closed } else { Miss::Empty.into() })
    }

    fn number(&self, at: usize) -> Result<u64, ReadError> {
        let mut bytes = [0; 8];
        self.fill(&mut bytes, at as u64)?;
        Ok(u64::from_ne_bytes(bytes))
    }

    fn fill(&self, bytes: &mut [u8], at: u64) -> Result<(), ReadError> {
        loop {
            match self.file.read_exact_at(bytes, at) {
                Ok(()) => return Ok(()),
                Err(error) if error.kind() == IoKind::Interrupted => {}
                Err(_) => return Err(ReadError::CutOff),
            }
        }
    }
}

impl<T> fmt::Debug for FileReader<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileReader").field("file", &self.file).finish_non_exhaustive()
    }
}
